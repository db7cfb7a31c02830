//! What an agreement is settled from.

use crate::engine::Calendars;
use crate::money::Fraction;
use crate::outcome::Outcomes;
use crate::plan::clause::Measure;
use crate::ticket::{Charge, Claim, Names, Outage};
use crate::time::Interval;

/// What an agreement is settled from.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// What became of its tickets.
    pub outcomes: &'a Outcomes,
    /// Outages of services, its own and others; none: nobody says when services were down, so they have no figures.
    pub outages: Option<&'a [Outage]>,
    /// Figures that no history gives; none in a replay.
    pub given: &'a [Given],
    /// What was claimed; none: everything.
    pub claims: Option<&'a [Claim]>,
    /// What customers are charged; none: nobody says, and a fee from charges is nothing.
    pub charges: Option<&'a [Charge]>,
    /// The calendars of the plan.
    pub calendars: &'a Calendars,
    /// The texts of the plan and of the log.
    pub names: &'a Names,
}

/// A figure that takes the place of the one that a history comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// What it is of.
    pub measure: Measure,
    /// In which period.
    pub period: Interval,
    /// A share, milliseconds or a number, as the measure is counted.
    pub value: Fraction,
    /// Out of how many.
    pub of: Option<u64>,
}
