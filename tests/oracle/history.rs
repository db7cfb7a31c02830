//! Random tickets, as they read in a log.

use std::fmt::Write;

use chrono::NaiveTime;
use klausel::plan::Plan;
use klausel::ticket::{Change, Fact, Names, Ticket};
use klausel::time::Instant;

use crate::dice::Dice;
use crate::draft::{Grain, Scenery};

/// A row: its instant, the fields it changes (none: missing from here on), its event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub at: i64,
    pub changes: Vec<(&'static str, Option<&'static str>)>,
    pub event: Option<&'static str>,
}

/// A ticket and the instant at which it is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    pub rows: Vec<Row>,
    pub as_of: i64,
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

impl History {
    pub fn new(scenery: &Scenery, numbers: &[u16]) -> History {
        let mut dice = Dice::new(numbers);
        let midnight = scenery.date.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
        let hour = if scenery.grain == Grain::Minute { dice.from(6, 40) } else { dice.from(8, 20) };
        let minute = if dice.chance(50) { dice.from(0, 59) } else { 30 * dice.from(0, 1) };
        let mut at = midnight + hour * HOUR + minute * MINUTE;
        let end = at + if scenery.grain == Grain::Minute { 14 * 24 * HOUR } else { 2 * HOUR - 1_000 };
        let mut rows = Vec::new();
        if dice.chance(8) {
            rows.push(Row { at, changes: vec![("status", Some("waiting")), ("plan", Some("gold"))], event: None });
            at += gap(scenery.grain, &mut dice);
        }
        let mut changes = vec![("status", Some("open"))];
        changes.push(("priority", Some(dice.pick(&["P1", "P2", "P3"]))));
        changes.push(("plan", dice.pick(&[Some("gold"), Some("silver"), None])));
        changes.push(("size", dice.pick(&[Some("1"), Some("2"), Some("3"), None])));
        if dice.chance(10) {
            changes.push(("status", Some("waiting")));
        }
        let created = at;
        rows.push(Row { at, changes, event: Some("created") });
        for _ in 0..dice.from(1, 11) {
            at += gap(scenery.grain, &mut dice);
            if end < at {
                break;
            }
            let after_a_stop = rows.last().is_some_and(|row| matches!(row.event, Some("resolved" | "reply")));
            rows.push(row(at, after_a_stop, &mut dice));
        }
        let last = rows.last().unwrap().at;
        let as_of = match dice.from(0, 5) {
            0 => last,
            1 => last - (last - created).div_euclid(3 * MINUTE) * MINUTE,
            _ => (last + gap(scenery.grain, &mut dice) + gap(scenery.grain, &mut dice)).min(end),
        };
        History { rows, as_of }
    }

    /// The ticket under a plan, its values known to `names`.
    pub fn ticket(&self, plan: &mut Plan, names: &mut Names, id: &str) -> Ticket {
        let facts = self.rows.iter().map(|row| Fact {
            at: Instant(row.at),
            changes: row
                .changes
                .iter()
                .map(|(field, value)| Change {
                    field: plan.vocabulary.field(field),
                    value: value.map(|value| names.intern(value)),
                })
                .collect(),
            event: row.event.map(|event| plan.vocabulary.event(event)),
        });
        Ticket { id: id.to_string(), facts: facts.collect() }
    }

    /// The log as text, in the wall clock of the scenery.
    pub fn show(&self, scenery: &Scenery) -> String {
        let mut text = String::new();
        for row in &self.rows {
            let changes = row.changes.iter().map(|(field, value)| format!(" {field}={}", value.unwrap_or("?")));
            let event = row.event.unwrap_or("-");
            writeln!(
                text,
                "  {} ({}) {event}{}",
                Instant(row.at).wall(scenery.zone),
                Instant(row.at),
                changes.collect::<String>()
            )
            .unwrap();
        }
        writeln!(text, "  as of {} ({})", Instant(self.as_of).wall(scenery.zone), Instant(self.as_of)).unwrap();
        text
    }
}

fn gap(grain: Grain, dice: &mut Dice<'_>) -> i64 {
    match (grain, dice.from(0, 19)) {
        (_, 0 | 1) => 0,
        (Grain::Minute, 2..=6) => dice.from(1, 120) * MINUTE,
        (Grain::Minute, 7..=14) => dice.from(1, 16) * 30 * MINUTE,
        (Grain::Minute, 15..=18) => dice.from(1, 36) * HOUR,
        (Grain::Minute, _) => dice.from(1, 5) * 24 * HOUR,
        (Grain::Second, 2..=10) => dice.from(1, 300) * 1_000,
        (Grain::Second, _) => dice.from(1, 20) * MINUTE,
    }
}

fn row(at: i64, after_a_stop: bool, dice: &mut Dice<'_>) -> Row {
    let event = dice.pick(&[
        None,
        None,
        Some("resolved"),
        Some("resolved"),
        Some("reopened"),
        Some("reopened"),
        Some("reply"),
        Some("reply"),
        Some("assigned"),
        Some("closed"),
        Some("resumed"),
        Some("withdrawn"),
        Some("comment"),
    ]);
    let event = if after_a_stop && dice.chance(40) { Some("reopened") } else { event };
    let mut changes = Vec::new();
    if dice.chance(55) {
        let statuses = ["open", "waiting", "open", "waiting", "supplier", "supplier", "cancelled", "done"];
        changes.push(("status", Some(dice.pick(&statuses))));
    }
    if dice.chance(25) {
        changes.push(("priority", dice.pick(&[Some("P1"), Some("P2"), Some("P3"), None])));
    }
    if dice.chance(15) {
        changes.push(("size", dice.pick(&[Some("1"), Some("2"), Some("3"), None])));
    }
    if dice.chance(15) {
        changes.push(("plan", dice.pick(&[Some("gold"), Some("silver"), None])));
    }
    if event == Some("reply") || dice.chance(5) {
        changes.push(("author", Some(dice.pick(&["agent", "customer"]))));
    }
    Row { at, changes, event }
}
