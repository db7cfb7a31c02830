//! What follows besides money: ladders over breaches and over bands of periods.

use serde::Serialize;

use crate::time::Millis;

use super::Place;
use super::clause::{Measure, Period, Run};
use super::condition::{Bound, Condition};

/// `consequences of NAME { … }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ladder {
    /// What it is of, by name: it stays the same ladder in every version.
    pub of: String,
    /// Where it stands.
    pub place: Place,
    /// Which breaches (as they were at the breach) and clocks (as last known) it looks at.
    pub when: Option<Condition>,
    /// Its steps, in the order written.
    pub rungs: Vec<Rung>,
}

/// A step of a ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rung {
    /// When it is reached.
    pub reached: Reached,
    /// What follows.
    pub step: String,
    /// For how long it may be used from then on; none: it does not expire.
    pub expires: Option<Millis>,
    /// Where it stands.
    pub place: Place,
}

/// When a step is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reached {
    /// At a breach: so many lie in the window that ends with it.
    Breaches {
        /// How many.
        count: u32,
        /// How far it looks back.
        window: Window,
    },
    /// At the end of a period: its figure lies between bounds, and so do others where a run asks for it.
    Band {
        /// The figure.
        measure: Measure,
        /// The period.
        per: Period,
        /// One bound, or two.
        bounds: Vec<Bound>,
        /// What it asks of more than one period.
        run: Option<Run>,
    },
}

/// How far back breaches are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Window {
    /// How many units.
    pub count: u32,
    /// The unit: day, week, month, quarter or year.
    pub unit: Period,
    /// Cut as the agreement cuts time: the unit that holds the breach, and those before it. Otherwise back from the
    /// breach, which is inside; what lies exactly so far back is not.
    pub cut: bool,
}

impl Window {
    /// As written: `3 calendar months`.
    pub fn words(self) -> String {
        let plural = if self.count == 1 { "" } else { "s" };
        let cut = if self.cut { "calendar " } else { "" };
        format!("{} {cut}{}{plural}", self.count, self.unit.word())
    }
}
