//! The example's log: a year of tickets of the desk in `rules/examples/nordlicht`, made up from a seed.
//!
//! The same seed and number give the same bytes everywhere: there are only integers here, and no clock. Tickets are
//! created in 2025; the export is drawn on 5 January 2026 at 06:00, so that the year's last months can be settled, and a
//! few tickets are still open.

mod desk;
mod random;
mod story;

use chrono::{NaiveDate, NaiveTime, SecondsFormat, TimeZone};

use crate::time::{HOUR, Instant, Local, SECOND, resolve_local};

use desk::{Desk, Party, Plan, ZONE};
use random::Random;
use story::Event;

/// The seed of the log that the pages show.
pub const SEED: u64 = 2025;
/// How many tickets that log has.
pub const TICKETS: u32 = 4_000;

const HEADER: &str =
    "Vorgang;Zeitpunkt;Ereignis;Kunde;Paket;Leitung;Leistung;Auswirkung;Dringlichkeit;Bearbeiter;Ursache\n";

/// When the export is drawn: 2026-01-05 06:00 in Berlin.
const DRAWN: Instant = Instant(1_767_589_200_000);

/// So many tickets come in each hour of the desk's day, relative to the others.
const BY_HOUR: [u32; 24] = [1, 1, 1, 1, 1, 2, 8, 42, 92, 110, 104, 90, 62, 88, 96, 84, 60, 26, 10, 6, 5, 4, 3, 2];

/// A row: when, which ticket (from one), what.
type Row = (Instant, u32, Event);

/// The lines of the log, each with its line end: a header, then rows in time order.
///
/// Memory grows with the number of rows, some seven to a ticket, at less than 50 bytes each.
pub fn generate(seed: u64, tickets: u32) -> impl Iterator<Item = String> {
    let rows = rows(seed, tickets);
    std::iter::once(HEADER.to_string()).chain(rows.into_iter().map(|(at, ticket, event)| line(at, ticket, event)))
}

fn rows(seed: u64, tickets: u32) -> Vec<Row> {
    let desk = Desk::new();
    let mut rows = Vec::new();
    for (number, (created, stream, party)) in (1_u32..).zip(arrivals(seed, tickets)) {
        let story = story::tell(&desk, party, created, Random::new(seed, u64::from(stream)));
        rows.extend(story.into_iter().filter(|(at, _)| *at < DRAWN).map(|(at, event)| (at, number, event)));
    }
    // Sorting keeps the order of a ticket's rows, which are in time order already.
    rows.sort_by_key(|(at, number, _)| (*at, *number));
    rows
}

/// When tickets are created, in time order, each with the number of its own stream and who reports it.
fn arrivals(seed: u64, tickets: u32) -> Vec<(Instant, u32, Party)> {
    let days = desk::days(Party::Jena);
    let nights = desk::days(Party::JenaNight);
    let mut random = Random::new(seed, 0);
    let mut arrivals: Vec<(Instant, u32, Party)> = (1..=tickets)
        .map(|stream| {
            let party = random.pick(&Party::SHARES, Party::Jena);
            let days = if party == Party::JenaNight { &nights } else { &days };
            let date = random.pick(days, NaiveDate::default());
            (created_on(date, party, &mut random), stream, party)
        })
        .collect();
    arrivals.sort_unstable_by_key(|(at, stream, _)| (*at, *stream));
    arrivals
}

/// An instant of a day, or of the night that begins on it.
fn created_on(date: NaiveDate, party: Party, random: &mut Random) -> Instant {
    if party == Party::JenaNight {
        return on_the_clock(date, 22).plus(random.between(0, 28_799) * SECOND);
    }
    let hours: Vec<(u32, u32)> = BY_HOUR.iter().copied().zip(0..).collect();
    on_the_clock(date, random.pick(&hours, 9)).plus(random.between(0, 3_599) * SECOND)
}

/// A full hour of the desk's wall clock; one that the clock change skips is the next.
fn on_the_clock(date: NaiveDate, hour: u32) -> Instant {
    let wall = date.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default());
    match resolve_local(ZONE, wall) {
        Local::Single(at) | Local::Repeated { earlier: at, .. } => at,
        Local::Skipped => Instant::from_utc(wall).plus(-HOUR),
    }
}

fn line(at: Instant, ticket: u32, event: Event) -> String {
    let wall = ZONE.from_utc_datetime(&at.local(chrono_tz::UTC)).to_rfc3339_opts(SecondsFormat::Secs, false);
    format!("NL-2025-{ticket:05};{wall};{}\n", cells(event))
}

/// The event and what it changes: customer, plan, line, service, impact, urgency, author, cause.
fn cells(event: Event) -> String {
    match event {
        Event::Created { party, service, weight: (impact, urgency) } => format!(
            "Erstellt;{};{};{};{};{};{};Kunde;",
            party.customer(),
            Plan::of(party, service).word(),
            party.line(),
            service.word(),
            impact.word(),
            urgency.word()
        ),
        Event::Reassess { weight: (impact, urgency) } => {
            format!("Neu bewertet;;;;;{};{};Technik;", impact.word(), urgency.word())
        }
        Event::Receipt => plain("Eingangsbestätigung", "System", ""),
        Event::Answer => plain("Erste Antwort", "Technik", ""),
        Event::UpdateByAgent => plain("Rückmeldung", "Technik", ""),
        Event::UpdateByCustomer => plain("Rückmeldung", "Kunde", ""),
        Event::WaitForCustomer => plain("Wartet auf Kunde", "Technik", ""),
        Event::WaitForSupplier => plain("Wartet auf Lieferant", "Technik", ""),
        Event::Work => plain("In Bearbeitung", "Technik", ""),
        Event::Resolve { cause } => plain("Gelöst", "Technik", cause),
        Event::Reopen => plain("Wieder geöffnet", "Kunde", ""),
        Event::Close => plain("Geschlossen", "System", ""),
        Event::Cancel => plain("Storniert", "Kunde", ""),
        Event::Merge => plain("Zusammengeführt", "Technik", ""),
    }
}

fn plain(event: &str, author: &str, cause: &str) -> String {
    format!("{event};;;;;;;{author};{cause}")
}

#[cfg(test)]
mod tests;
