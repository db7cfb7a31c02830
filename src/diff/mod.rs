//! Two agreements side by side: what changed in words, and, with a log, whose outcome flips, why, and what it comes to.
//!
//! Statements are matched by what they are and are called; both sides are merged already, so that what is inherited counts
//! as though it stood in the file.

mod change;
mod flip;
mod item;
mod money;
mod reason;

use chrono::NaiveDate;

use crate::money::{Currency, Fraction};
use crate::outcome::{Outcomes, Status};
use crate::plan::clause::ClauseKind;
use crate::plan::{Agreement, Plan};
use crate::statement::Statement;
use crate::time::{Instant, Millis};

pub use change::changes;
pub use flip::flips;
pub use money::amounts;

/// One of the two agreements.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The plan that it is of.
    pub plan: &'a Plan,
    /// The agreement.
    pub agreement: &'a Agreement,
}

/// What a log came to on one side.
#[derive(Debug, Clone, Copy)]
pub struct Settled<'a> {
    /// The agreement.
    pub side: Side<'a>,
    /// Its outcomes.
    pub outcomes: &'a Outcomes,
    /// What they come to.
    pub statement: &'a Statement,
}

/// A line of an agreement, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// In its own words, without its mark.
    pub words: String,
    /// The mark of the paper contract, such as `§ 7.1`; none: it has none.
    pub mark: Option<String>,
    /// File, line and column, `acme.sla:12:5`; none: it is said nowhere, as a default is.
    pub at: Option<String>,
}

/// What one side says of a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// Where it begins; its words are what `lines` say.
    pub head: Said,
    /// Its lines; one where it is no block.
    pub lines: Vec<Said>,
}

/// How a thing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The old side has it not.
    Added,
    /// The new side has it not.
    Removed,
    /// It is said in other words.
    Reworded,
    /// The same lines stand in another order.
    Reordered,
    /// The words are the same; what they stand for (rules of holidays, a column, a window's dates) is not.
    Redefined,
}

impl How {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            How::Added => "added",
            How::Removed => "removed",
            How::Reworded => "changed",
            How::Reordered => "reordered",
            How::Redefined => "redefined",
        }
    }
}

/// A thing that the two sides do not say alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it is: `penalty late`, `tier gold: target of resolution for P1`, `reading: rounding`.
    pub what: String,
    /// How it changed.
    pub how: How,
    /// The first day on which the two sides differ in it; none: from the first day on.
    pub since: Option<NaiveDate>,
    /// The first day on which they no longer do; none: to the end.
    pub until: Option<NaiveDate>,
    /// What the old side says.
    pub old: Option<Wording>,
    /// What the new side says.
    pub new: Option<Wording>,
}

impl Change {
    /// The lines that only the old side has.
    pub fn gone(&self) -> Vec<&Said> {
        only_in(self.old.as_ref(), self.new.as_ref())
    }

    /// The lines that only the new side has.
    pub fn come(&self) -> Vec<&Said> {
        only_in(self.new.as_ref(), self.old.as_ref())
    }
}

fn only_in<'a>(one: Option<&'a Wording>, other: Option<&Wording>) -> Vec<&'a Said> {
    let mut theirs: Vec<&str> =
        other.into_iter().flat_map(|wording| &wording.lines).map(|line| line.words.as_str()).collect();
    let mut only = Vec::new();
    for line in one.into_iter().flat_map(|wording| &wording.lines) {
        match theirs.iter().position(|words| *words == line.words) {
            Some(place) => drop(theirs.remove(place)),
            None => only.push(line),
        }
    }
    only
}

/// A clock as one side has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// How it stands; none: an exclusion takes its ticket out.
    pub status: Option<Status>,
    /// The version of the agreement.
    pub version: String,
    /// The tier, as last known.
    pub tier: Option<String>,
    /// The priority, as last known.
    pub priority: Option<String>,
    /// The target as the agreement writes it.
    pub target: String,
    /// The target, in counted milliseconds.
    pub target_ms: Millis,
    /// Counted time.
    pub elapsed_ms: Millis,
    /// Service time that pauses took.
    pub paused_ms: Millis,
    /// Counted time over the target.
    pub late_ms: Millis,
    /// When it started.
    pub started_at: Instant,
    /// Its last stop, where it stands stopped.
    pub stopped_at: Option<Instant>,
    /// When it was breached.
    pub breached_at: Option<Instant>,
}

impl Clock {
    /// `met`, `breached`, `running`, `cancelled` or `excluded`.
    pub fn word(&self) -> &'static str {
        self.status.map_or("excluded", Status::word)
    }
}

/// Why a clock ends otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What differs: `target`, `pauses`, `hours`, `start`, `stop`, `priority`, `tier`, `exclusion`, `ticket`, `metric`,
    /// `limit`, `cycle`, `cancellation` or `counted time`.
    pub kind: &'static str,
    /// In words, from the old side to the new one.
    pub words: String,
}

/// A clock that ends otherwise on the new side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flip {
    /// The ticket's id.
    pub ticket: String,
    /// The metric's name.
    pub metric: String,
    /// From one.
    pub cycle: u32,
    /// On the old side; none: it has no such clock.
    pub old: Option<Clock>,
    /// On the new side.
    pub new: Option<Clock>,
    /// What differs, the nearest to the verdict first.
    pub reasons: Vec<Reason>,
}

/// What a log does to clocks on both sides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flips {
    /// Clocks that end otherwise, by ticket id (bytes), metric and cycle.
    pub flipped: Vec<Flip>,
    /// Clocks that are breached on both sides and late by another time.
    pub later_or_sooner: Vec<Flip>,
    /// Clocks that are the same in all of this.
    pub alike: usize,
}

/// What something costs on both sides; a side that has it not costs nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amounts {
    /// What it is: a clause, a tier, a priority, a month.
    pub name: String,
    /// The mark of the clause, on the new side where that has it.
    pub mark: Option<String>,
    /// Which way the money goes.
    pub kind: ClauseKind,
    /// In the old side's currency.
    pub old: Fraction,
    /// In the new side's currency.
    pub new: Fraction,
}

/// Settled amounts on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Money {
    /// The old side's currency; none: it moves no money.
    pub old_currency: Option<Currency>,
    /// The new side's.
    pub new_currency: Option<Currency>,
    /// By clause, in the old file's order, then what is new.
    pub by_clause: Vec<Amounts>,
    /// By tier of the tickets behind a line.
    pub by_tier: Vec<Amounts>,
    /// By their priority.
    pub by_priority: Vec<Amounts>,
    /// By the month in which a line is settled.
    pub by_month: Vec<Amounts>,
    /// `penalties`, `incentives`, `recovered`, `net`: before and after.
    pub totals: Vec<(&'static str, Fraction, Fraction)>,
}

impl Money {
    /// The currency in which a difference can be told; none: there is no money, or there are two currencies.
    pub fn common(&self) -> Result<Option<Currency>, TwoCurrencies> {
        match (self.old_currency, self.new_currency) {
            (Some(old), Some(new)) if old != new => Err(TwoCurrencies),
            (old, new) => Ok(old.or(new)),
        }
    }
}

/// Amounts of two currencies stand side by side and are not subtracted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TwoCurrencies;

/// A plan that knows only one version of its agreements, in force all the time; none where it has no such version.
pub fn only_version(mut plan: Plan, label: &str) -> Option<Plan> {
    for agreement in &mut plan.agreements {
        let place = agreement.versions.iter().position(|version| version.label == label)?;
        agreement.readings = item::readings_at(agreement, place);
        agreement.versions.retain(|version| version.label == label);
        for version in &mut agreement.versions {
            version.from = Instant(i64::MIN);
            version.first_day = None;
        }
    }
    Some(plan)
}
