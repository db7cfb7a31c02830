//! Until when an amount may be claimed.

use serde::Serialize;

use crate::calendar::CalendarSpec;
use crate::time::Millis;

use super::Place;

/// `claim within 30 days after the period`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// How long.
    pub until: Until,
    /// It counts from the breach or outage, where a line is one, and not from the end of the period.
    pub after_each: bool,
    /// With a file of claims, what nobody claims pays nothing.
    pub unclaimed_pays_nothing: bool,
    /// Where it stands.
    pub place: Place,
}

/// How long a claim may be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// So long; whole days are counted by dates.
    Length(Millis),
    /// So many service days after.
    ServiceDays {
        /// How many.
        days: u32,
        /// The calendar's name.
        calendar: String,
        /// What it says.
        #[serde(skip)]
        spec: CalendarSpec,
    },
    /// Until the end of the Nth month that begins after.
    EndOfMonth(u32),
}
