//! Two agreements side by side for people at a table: changes in words, then what a log says of them.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use crate::diff::{Change, Clock, Flip, Flips, How, Money, Said};
use crate::money::{Currency, Fraction};
use crate::time::{Instant, spell};

use super::count;
use super::json::kind;
use super::table::table;
use super::text::{LISTED, plain};

/// What two agreements are called, and how they differ.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// The old side's name, and its file or version.
    pub old: (&'a str, &'a str),
    /// The new side's.
    pub new: (&'a str, &'a str),
    /// The zone in which instants are told.
    pub zone: Tz,
    /// What changed in words.
    pub changes: &'a [Change],
    /// What a log says; none: none was read.
    pub replayed: Option<Replayed<'a>>,
}

/// What a log says of two agreements.
#[derive(Debug, Clone, Copy)]
pub struct Replayed<'a> {
    /// Clocks were judged up to this instant.
    pub as_of: Instant,
    /// Tickets in the log.
    pub tickets: usize,
    /// Whose outcome flips.
    pub flips: &'a Flips,
    /// What it comes to.
    pub money: &'a Money,
}

/// All of it in words.
pub fn text(compared: &Compared<'_>) -> String {
    let mut text = head(compared);
    compared.changes.iter().for_each(|change| text.push_str(&self::change(change)));
    if let Some(replayed) = &compared.replayed {
        let as_of = replayed.as_of.wall(compared.zone);
        text.push_str(&format!("\n{}, as of {as_of} {}\n", count(replayed.tickets, "ticket"), compared.zone));
        text.push_str(&flips(replayed.flips, compared.zone));
        text.push_str(&money(replayed.money));
    }
    text
}

fn head(compared: &Compared<'_>) -> String {
    let side = |(name, of): (&str, &str)| format!("{name} ({of})");
    let sides = format!("{} → {}\n", side(compared.old), side(compared.new));
    match compared.changes.len() {
        0 => format!("{sides}Nothing changed in words\n"),
        changes => format!("{sides}{}\n", count(changes, "change")),
    }
}

// -- changes

fn change(change: &Change) -> String {
    let mark = change.new.as_ref().or(change.old.as_ref()).and_then(|wording| wording.head.mark.as_ref());
    let mark = mark.filter(|mark| !change.what.contains(*mark)).map_or(String::new(), |mark| format!(" {mark}"));
    let since = change.since.map_or(String::new(), |day| format!(", from {day}"));
    let until = change.until.map_or(String::new(), |day| format!(", until {day}"));
    let mut text = format!("\n{}{mark}: {}{since}{until}\n", change.what, change.how.word());
    let (gone, come) = match change.how {
        How::Reordered | How::Redefined => (all(change.old.as_ref()), all(change.new.as_ref())),
        _ => (change.gone(), change.come()),
    };
    if change.how == How::Redefined {
        text.push_str("  the words are the same; what they stand for is not\n");
    }
    if change.how == How::Reworded && (gone.is_empty() || come.is_empty()) {
        let heads = [&change.old, &change.new].into_iter().flatten().filter_map(|wording| wording.head.at.as_deref());
        text.push_str(&format!("  in {}\n", heads.collect::<Vec<_>>().join(" and ")));
    }
    gone.iter().for_each(|said| text.push_str(&line('-', said, mark.trim())));
    come.iter().for_each(|said| text.push_str(&line('+', said, mark.trim())));
    text
}

fn all(wording: Option<&crate::diff::Wording>) -> Vec<&Said> {
    wording.into_iter().flat_map(|wording| &wording.lines).collect()
}

/// A line with its place, and its mark where that is not the one told above.
fn line(sign: char, said: &Said, told: &str) -> String {
    let mark = said.mark.as_deref().filter(|mark| *mark != told);
    let place: Vec<&str> = mark.into_iter().chain(said.at.as_deref()).collect();
    let place = if place.is_empty() { String::new() } else { format!("  ({})", place.join(", ")) };
    format!("  {sign} {}{place}\n", said.words)
}

// -- outcomes

fn flips(flips: &Flips, zone: Tz) -> String {
    let clocks = flips.flipped.len() + flips.later_or_sooner.len() + flips.alike;
    let mut text = if flips.flipped.is_empty() {
        format!("\nNo outcome flips, of {}\n", count(clocks, "clock"))
    } else {
        format!("\nOutcomes that flip: {} of {}\n", flips.flipped.len(), count(clocks, "clock"))
    };
    let mut kinds: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for flip in &flips.flipped {
        *kinds.entry((&flip.metric, word(flip.old.as_ref()), word(flip.new.as_ref()))).or_default() += 1;
    }
    let rows = kinds.into_iter().map(|((metric, old, new), number)| {
        vec![metric.to_string(), old.to_string(), new.to_string(), number.to_string()]
    });
    if !flips.flipped.is_empty() {
        text.push_str(&table(&["metric", "before", "after", ">clocks"], rows));
    }
    text.push_str(&listed("", &flips.flipped, zone));
    if !flips.later_or_sooner.is_empty() {
        let heading = format!("Breached on both sides, late by another time: {}\n", flips.later_or_sooner.len());
        text.push_str(&listed(&heading, &flips.later_or_sooner, zone));
    }
    text
}

fn listed(heading: &str, flips: &[Flip], zone: Tz) -> String {
    let mut text = if flips.is_empty() { String::new() } else { format!("\n{heading}") };
    flips.iter().take(LISTED).for_each(|flip| text.push_str(&self::flip(flip, zone)));
    if flips.len() > LISTED {
        text.push_str(&format!("  … and {} more\n", flips.len() - LISTED));
    }
    text
}

fn word(clock: Option<&Clock>) -> &'static str {
    clock.map_or("no clock", Clock::word)
}

fn flip(flip: &Flip, zone: Tz) -> String {
    let cycle = if flip.cycle == 1 { String::new() } else { format!(", cycle {}", flip.cycle) };
    let mut text = format!("  {} {}{cycle}\n", flip.ticket, flip.metric);
    for (side, clock) in [("before", &flip.old), ("after ", &flip.new)] {
        text.push_str(&format!("      {side}  {}\n", clock.as_ref().map_or("no clock".to_string(), |c| told(c, zone))));
    }
    let reasons = flip.reasons.iter().map(|reason| reason.words.as_str()).collect::<Vec<_>>();
    text.push_str(&format!("      because {}\n", reasons.join("; ")));
    text
}

fn told(clock: &Clock, zone: Tz) -> String {
    let of = [&clock.tier, &clock.priority].into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ");
    let of = if of.is_empty() { of } else { format!(" ({of})") };
    let breached = clock.breached_at.filter(|_| clock.status.is_some());
    let breached =
        breached.map_or(String::new(), |at| format!(" at {}, late by {}", at.wall(zone), spell(clock.late_ms)));
    let (counted, paused) = (spell(clock.elapsed_ms), spell(clock.paused_ms));
    format!("{}{breached}: counted {counted} of {}{of}, paused {paused}", clock.word(), clock.target)
}

// -- money

fn money(money: &Money) -> String {
    if money.old_currency.is_none() && money.new_currency.is_none() {
        return String::new();
    }
    let sections = [
        ("clause", &money.by_clause),
        ("tier", &money.by_tier),
        ("priority", &money.by_priority),
        ("month", &money.by_month),
    ];
    let mut text = match money.common() {
        Ok(_) => String::new(),
        Err(_) => "\nThe two sides count in different currencies: amounts are shown and not subtracted\n".to_string(),
    };
    for (by, rows) in sections.into_iter().filter(|(_, rows)| !rows.is_empty()) {
        text.push_str(&format!("\nBy {by}\n"));
        let rows = rows.iter().map(|row| {
            let name = row.mark.as_ref().map_or(row.name.clone(), |mark| format!("{mark} {}", row.name));
            [name, kind(row.kind).to_string()].into_iter().chain(cells(money, &row.old, &row.new)).collect()
        });
        text.push_str(&amount_table(money, &[by, ""], rows));
    }
    let is_told = |word: &str, old: &Fraction, new: &Fraction| word != "recovered" || old != new || *old != zero();
    let totals = money.totals.iter().filter(|(word, old, new)| is_told(word, old, new));
    let rows =
        totals.map(|(word, old, new)| std::iter::once((*word).to_string()).chain(cells(money, old, new)).collect());
    text.push_str(&format!("\nTotals\n{}", amount_table(money, &[""], rows)));
    text
}

fn zero() -> Fraction {
    crate::money::whole(0)
}

fn amount_table(money: &Money, heads: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let code = |currency: Option<Currency>| currency.map_or("", Currency::code);
    let (old, new) = (code(money.old_currency), code(money.new_currency));
    let (before, after) = (format!(">before {old}"), format!(">after {new}"));
    let mut all: Vec<&str> = heads.to_vec();
    all.extend([before.trim_end(), after.trim_end()]);
    if money.common().is_ok() {
        all.push(">difference");
    }
    table(&all, rows)
}

/// Before, after and, in one currency, the difference with its sign.
fn cells(money: &Money, old: &Fraction, new: &Fraction) -> Vec<String> {
    let mut cells = vec![plain(old, money.old_currency), plain(new, money.new_currency)];
    if let Ok(currency) = money.common() {
        cells.push(difference(old, new, currency));
    }
    cells
}

fn difference(old: &Fraction, new: &Fraction, currency: Option<Currency>) -> String {
    let by = new - old;
    let sign = if by > zero() { "+" } else { "" };
    format!("{sign}{}", plain(&by, currency))
}
