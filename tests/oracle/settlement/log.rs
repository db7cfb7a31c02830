//! Random logs over several months: tickets and outages.

use std::fmt::Write;

use chrono::{Days, NaiveTime};
use klausel::plan::Plan;
use klausel::ticket::{Change, Claim, Names, Outage};
use klausel::time::Instant;

use crate::dice::Dice;
use crate::draft::{Grain, Scenery};
use crate::history::History;

use super::downtime::TICK_MS;

const HOUR_MS: i64 = 3_600_000;

/// An outage as it reads in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub service: &'static str,
    pub start: i64,
    pub end: Option<i64>,
    pub fields: Vec<(&'static str, &'static str)>,
}

impl Row {
    /// An outage that begins in so many days from the scenery's date.
    fn new(scenery: &Scenery, days: i64, dice: &mut Dice<'_>) -> Row {
        let service = dice.pick(&["mail", "mail", "web", "dns", "portal"]);
        let midnight = scenery.date.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
        let start = if dice.chance(25) {
            // Some begin at one instant.
            midnight + dice.from(0, days / 10) * 10 * 24 * HOUR_MS
        } else {
            midnight + dice.from(0, days * 48 - 1) * HOUR_MS / 2 + ticks(dice)
        };
        let length = match dice.from(0, 9) {
            0..=2 => dice.from(1, 30) * TICK_MS,
            3..=5 => dice.from(1, 40) * 15 * 60_000,
            6 | 7 => dice.from(1, 60) * HOUR_MS + ticks(dice),
            8 => dice.from(1, 40) * 24 * HOUR_MS,
            _ => 0,
        };
        let end = if dice.chance(7) { None } else { Some(start + length.max(TICK_MS)) };
        let mut fields = Vec::new();
        if dice.chance(70) {
            fields.push(("planned", dice.pick(&["no", "yes"])));
        }
        fields.extend(priced(dice));
        Row { service, start, end, fields }
    }

    pub fn outage(&self, plan: &mut Plan, names: &mut Names) -> Outage {
        let service = names.intern(self.service);
        let fields = self
            .fields
            .iter()
            .map(|(field, value)| Change { field: plan.vocabulary.field(field), value: Some(names.intern(value)) });
        Outage { service, start: Instant(self.start), end: self.end.map(Instant), fields: fields.collect() }
    }

    pub fn show(&self, scenery: &Scenery) -> String {
        let wall = |at: i64| Instant(at).wall(scenery.zone);
        let mut text = format!("  {} down {}", self.service, wall(self.start));
        let end = self.end.map_or("-".to_string(), wall);
        write!(text, " to {end} ({}ms) {:?}", self.end.map_or(0, |end| end - self.start), self.fields).unwrap();
        text
    }
}

/// A claim for a month, for a ticket, or for all of a clause.
fn claim(scenery: &Scenery, days: i64, numbers: &[u16]) -> Claim {
    let mut dice = Dice::new(numbers);
    let clause = format!("c{}", dice.from(0, 3));
    let midnight = scenery.date.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
    let at = Instant(midnight + dice.from(0, days + 60) * 24 * HOUR_MS + ticks(&mut dice));
    let of = dice.from(0, 3);
    let month = scenery.date + Days::new(u64::try_from(dice.from(0, days)).unwrap());
    let period = (1..=2).contains(&of).then(|| month.format("%Y-%m").to_string());
    let ticket = (of == 3).then(|| id(usize::try_from(dice.from(0, 11)).unwrap()));
    Claim { at, clause, period, ticket }
}

/// Nothing, or a few ticks.
fn ticks(dice: &mut Dice<'_>) -> i64 {
    if dice.chance(50) { dice.from(1, 89) * TICK_MS } else { 0 }
}

/// Fields with numbers, of tickets and of outages.
fn priced(dice: &mut Dice<'_>) -> Vec<(&'static str, &'static str)> {
    let mut fields = Vec::new();
    if dice.chance(70) {
        fields.push(("users", dice.pick(&["5", "10", "40", "0"])));
    }
    if dice.chance(70) {
        fields.push(("price", dice.pick(&["100", "99.99", "0.5", "0", "by agreement"])));
    }
    fields
}

/// A log of so many months, and the instant at which it is judged.
#[derive(Debug, Clone)]
pub struct Story {
    pub tickets: Vec<History>,
    pub outages: Vec<Row>,
    /// What was claimed, where there is a file of claims.
    pub claims: Option<Vec<Claim>>,
    pub as_of: i64,
}

/// The numbers that a story is made of.
#[derive(Debug, Clone)]
pub struct Numbers {
    pub place: Vec<u16>,
    pub tickets: Vec<Vec<u16>>,
    pub outages: Vec<Vec<u16>>,
    pub claims: Vec<Vec<u16>>,
}

impl Story {
    pub fn new(scenery: &Scenery, months: u32, numbers: &Numbers) -> Story {
        let Numbers { place, tickets, outages, claims } = numbers;
        let days = i64::from(months) * 30;
        let ticket = |numbers: &Vec<u16>| {
            let (head, rest) = numbers.split_at(numbers.len().min(6));
            let mut dice = Dice::new(head);
            let date = scenery.date + Days::new(u64::try_from(dice.from(0, days - 1)).unwrap());
            let mut history = History::new(&Scenery { grain: Grain::Minute, date, zone: scenery.zone }, rest);
            let fields = priced(&mut dice).into_iter().map(|(field, value)| (field, Some(value)));
            let created = history.rows.iter_mut().find(|row| row.event == Some("created")).unwrap();
            created.changes.extend(fields);
            history
        };
        let tickets: Vec<History> = tickets.iter().map(ticket).collect();
        let outages = outages.iter().map(|numbers| Row::new(scenery, days, &mut Dice::new(numbers))).collect();
        let mut dice = Dice::new(place);
        let midnight = scenery.date.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
        let over = midnight + (days + 31) * 24 * HOUR_MS;
        let as_of =
            if dice.chance(40) { over - dice.from(0, days + 20) * 24 * HOUR_MS + ticks(&mut dice) } else { over };
        let claims = dice.chance(50).then(|| claims.iter().map(|numbers| claim(scenery, days, numbers)));
        let known = |claims: Vec<Claim>| claims.into_iter().filter(|claim| claim.at.0 <= as_of).collect();
        Story { tickets, outages, claims: claims.map(|claims| known(claims.collect())), as_of }
    }

    pub fn show(&self, scenery: &Scenery) -> String {
        let mut text = String::new();
        for (number, ticket) in self.tickets.iter().enumerate() {
            writeln!(text, "ticket {}\n{}", id(number), ticket.show(scenery)).unwrap();
        }
        self.outages.iter().for_each(|row| writeln!(text, "{}", row.show(scenery)).unwrap());
        self.claims.iter().for_each(|claims| writeln!(text, "claims {claims:?}").unwrap());
        writeln!(text, "as of {} ({})", Instant(self.as_of).wall(scenery.zone), Instant(self.as_of)).unwrap();
        text
    }
}

/// The id of a ticket by its place.
pub fn id(place: usize) -> String {
    format!("T{place:02}")
}
