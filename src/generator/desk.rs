//! Whom the desk serves: customers, the hours they are served in, what they report, and how fast it is usually done.

use chrono::{Datelike, NaiveDate, Weekday};
use chrono_tz::{Europe, Tz};

use crate::calendar::{Calendar, CalendarSpec, DateLine, DaySpan, Hours, WeekLine, Weeks};

use super::random::Random;

/// The desk's wall clock.
pub(super) const ZONE: Tz = Europe::Berlin;

/// Days on which offices are closed, in the year of the log and just after it.
const CLOSED: [(i32, u32, u32); 13] = [
    (2025, 1, 1),
    (2025, 4, 18),
    (2025, 4, 21),
    (2025, 5, 1),
    (2025, 5, 29),
    (2025, 6, 9),
    (2025, 10, 3),
    (2025, 10, 31),
    (2025, 12, 24),
    (2025, 12, 25),
    (2025, 12, 26),
    (2025, 12, 31),
    (2026, 1, 1),
];

/// Who reports a ticket, and over which line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Party {
    /// Werkstoff Jena AG by day.
    Jena,
    /// Werkstoff Jena AG, its night shift.
    JenaNight,
    /// Hafenkontor Lübeck GmbH.
    Hafenkontor,
    /// A customer without an agreement.
    Reederei,
}

impl Party {
    /// So many of a thousand tickets come from each.
    pub(super) const SHARES: [(u32, Party); 4] =
        [(570, Party::Jena), (85, Party::JenaNight), (339, Party::Hafenkontor), (6, Party::Reederei)];

    pub(super) fn customer(self) -> &'static str {
        match self {
            Party::Jena | Party::JenaNight => "Werkstoff Jena AG",
            Party::Hafenkontor => "Hafenkontor Lübeck GmbH",
            Party::Reederei => "Fördeblick Reederei GmbH",
        }
    }

    pub(super) fn line(self) -> &'static str {
        if self == Party::JenaNight { "Nachtschicht" } else { "Service Desk" }
    }

    /// What it reports, as often as the numbers say.
    pub(super) fn services(self) -> &'static [(u32, Service)] {
        match self {
            Party::Jena => &[
                (38, Service::Workplace),
                (16, Service::Mail),
                (18, Service::Erp),
                (12, Service::Network),
                (6, Service::Backup),
                (10, Service::Production),
            ],
            Party::JenaNight => &[(25, Service::Erp), (20, Service::Network), (55, Service::Production)],
            Party::Hafenkontor | Party::Reederei => &[
                (52, Service::Workplace),
                (18, Service::Mail),
                (14, Service::Erp),
                (11, Service::Network),
                (5, Service::Backup),
            ],
        }
    }
}

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Workplace,
    Mail,
    Erp,
    Network,
    Backup,
    Production,
}

impl Service {
    pub(super) fn word(self) -> &'static str {
        match self {
            Service::Workplace => "Arbeitsplatz",
            Service::Mail => "E-Mail",
            Service::Erp => "ERP",
            Service::Network => "Netzwerk",
            Service::Backup => "Datensicherung",
            Service::Production => "Leitstand",
        }
    }
}

/// What a customer has bought for a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plan {
    Gold,
    Silver,
    Bronze,
}

impl Plan {
    pub(super) fn of(party: Party, service: Service) -> Plan {
        match (party, service) {
            (Party::Jena | Party::JenaNight, Service::Erp | Service::Network | Service::Production) => Plan::Gold,
            (Party::Jena | Party::JenaNight, _) => Plan::Silver,
            (Party::Hafenkontor, Service::Workplace) | (Party::Reederei, _) => Plan::Bronze,
            (Party::Hafenkontor, _) => Plan::Silver,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Plan::Gold => "Gold",
            Plan::Silver => "Silber",
            Plan::Bronze => "Bronze",
        }
    }
}

/// How much stands still, or how soon it hurts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Low,
    Medium,
    High,
}

impl Level {
    pub(super) fn word(self) -> &'static str {
        match self {
            Level::Low => "niedrig",
            Level::Medium => "mittel",
            Level::High => "hoch",
        }
    }
}

/// Impact and urgency.
pub(super) type Weight = (Level, Level);

/// By day, and in the night, when only what matters is reported.
const BY_DAY: [(u32, Weight); 9] = [
    (40, (Level::High, Level::High)),
    (80, (Level::High, Level::Medium)),
    (85, (Level::Medium, Level::High)),
    (60, (Level::High, Level::Low)),
    (260, (Level::Medium, Level::Medium)),
    (100, (Level::Low, Level::High)),
    (165, (Level::Medium, Level::Low)),
    (130, (Level::Low, Level::Medium)),
    (80, (Level::Low, Level::Low)),
];
const BY_NIGHT: [(u32, Weight); 4] = [
    (200, (Level::High, Level::High)),
    (350, (Level::High, Level::Medium)),
    (300, (Level::Medium, Level::Medium)),
    (150, (Level::Medium, Level::Low)),
];

/// How heavy a new ticket is.
pub(super) fn weight(party: Party, random: &mut Random) -> Weight {
    let usual = (Level::Medium, Level::Medium);
    if party == Party::JenaNight { random.pick(&BY_NIGHT, usual) } else { random.pick(&BY_DAY, usual) }
}

/// The priority that impact and urgency come to, 1 to 4.
fn priority((impact, urgency): Weight) -> u8 {
    match (impact.max(urgency), impact.min(urgency)) {
        (Level::High, Level::High) => 1,
        (Level::High, Level::Medium) => 2,
        (Level::High, Level::Low) | (Level::Medium, Level::Medium) => 3,
        _ => 4,
    }
}

/// How long things usually take at most, in seconds of open time, and in which hours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace<'d> {
    pub(super) response: i64,
    pub(super) resolution: i64,
    pub(super) answers_in: &'d Calendar,
    pub(super) works_in: &'d Calendar,
}

/// The desk's calendars.
#[derive(Debug)]
pub(super) struct Desk {
    jena: Calendar,
    luebeck: Calendar,
    night: Calendar,
    always: Calendar,
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

impl Desk {
    pub(super) fn new() -> Desk {
        let work = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
        let first_four = work.get(..4).unwrap_or_default();
        let nights = [Weekday::Sun, Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu];
        Desk {
            jena: hours(&[(&work, 7, 18)]),
            luebeck: hours(&[(first_four, 8, 17), (&[Weekday::Fri], 8, 15)]),
            night: hours(&[(&nights, 22, 6)]),
            always: Calendar::always(),
        }
    }

    /// The office hours of a customer.
    pub(super) fn office(&self, party: Party) -> &Calendar {
        match party {
            Party::Jena | Party::JenaNight => &self.jena,
            Party::Hafenkontor | Party::Reederei => &self.luebeck,
        }
    }

    pub(super) fn pace(&self, party: Party, plan: Plan, weight: Weight) -> Pace<'_> {
        let priority = priority(weight);
        let office = self.office(party);
        let day = if party == Party::Hafenkontor { 9 * HOUR } else { 11 * HOUR };
        let by_night = party == Party::JenaNight;
        let (response, resolution) = match (by_night, plan, priority) {
            (true, _, 1) => (15 * MINUTE, 4 * HOUR),
            (true, _, 2) => (30 * MINUTE, 8 * HOUR),
            (true, _, 3) => (HOUR, day),
            (true, _, _) => (2 * HOUR, 3 * day),
            (false, Plan::Gold, 1) => (15 * MINUTE, 4 * HOUR),
            (false, Plan::Gold, 2) => (30 * MINUTE, 8 * HOUR),
            (false, Plan::Gold, 3) => (2 * HOUR, 2 * day),
            (false, Plan::Gold, _) => (4 * HOUR, 5 * day),
            (false, Plan::Silver, 1) => (30 * MINUTE, 6 * HOUR),
            (false, Plan::Silver, 2) => (HOUR, 12 * HOUR),
            (false, Plan::Silver, 3) => (4 * HOUR, 3 * day),
            (false, Plan::Silver, _) => (8 * HOUR, 8 * day),
            (false, Plan::Bronze, 1) => (2 * HOUR, 8 * HOUR),
            (false, Plan::Bronze, 2) => (4 * HOUR, 16 * HOUR),
            (false, Plan::Bronze, 3) => (8 * HOUR, 4 * day),
            (false, Plan::Bronze, _) => (16 * HOUR, 10 * day),
        };
        let answers_in = if by_night { &self.night } else { office };
        let works_in = if by_night && priority <= 2 { &self.always } else { office };
        Pace { response, resolution, answers_in, works_in }
    }
}

/// A calendar of the desk's zone: weekdays, opening hour, closing hour.
fn hours(week: &[(&[Weekday], u32, u32)]) -> Calendar {
    let line = |(days, from, to): &(&[Weekday], u32, u32)| WeekLine {
        days: days.to_vec(),
        spans: vec![DaySpan { from: from * 3_600, to: to * 3_600 }],
        weeks: Weeks::Every,
    };
    let closed = |date| DateLine { first: date, last: date, span: None };
    Calendar::new(CalendarSpec::Hours(Box::new(Hours {
        zone: ZONE,
        week: week.iter().map(line).collect(),
        seasons: Vec::new(),
        holidays: Vec::new(),
        feeds: Vec::new(),
        closed: closed_dates().map(closed).collect(),
        open: Vec::new(),
    })))
}

fn closed_dates() -> impl Iterator<Item = NaiveDate> {
    CLOSED.iter().filter_map(|(year, month, day)| NaiveDate::from_ymd_opt(*year, *month, *day))
}

/// The days of the year with how many tickets each brings, relative to the others.
pub(super) fn days(party: Party) -> Vec<(u32, NaiveDate)> {
    let closed: Vec<NaiveDate> = closed_dates().collect();
    let first = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap_or_default();
    let year = first.iter_days().take_while(|date| date.year() == 2025);
    let by_night = party == Party::JenaNight;
    year.map(|date| {
        let is_closed = closed.contains(&date);
        (if by_night { nights(date, is_closed) } else { reports(date, is_closed) }, date)
    })
    .collect()
}

/// How many tickets a day brings to the desk.
fn reports(date: NaiveDate, is_closed: bool) -> u32 {
    let usual = match date.weekday() {
        Weekday::Mon => 120,
        Weekday::Tue => 110,
        Weekday::Wed => 104,
        Weekday::Thu => 102,
        Weekday::Fri => 84,
        Weekday::Sat => 10,
        Weekday::Sun => 6,
    };
    let season = match (date.month(), date.day()) {
        (12, 22..) | (1, ..=3) => 40,
        (7, 21..) | (8, ..=29) => 84,
        (11, _) => 118,
        _ => 100,
    };
    usual * season / if is_closed { 800 } else { 100 }
}

/// How many tickets the night that begins on a day brings.
fn nights(date: NaiveDate, is_closed: bool) -> u32 {
    let is_worked = !matches!(date.weekday(), Weekday::Fri | Weekday::Sat) && !is_closed;
    u32::from(is_worked)
}

/// How many of a thousand tickets take too long, by month: summer is thin, and in November a new release went wrong.
pub(super) fn slow_share(month: u32) -> u32 {
    match month {
        7 | 8 => 50,
        11 => 80,
        12 => 46,
        2 | 4 | 5 | 9 => 22,
        _ => 32,
    }
}
