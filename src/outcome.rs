//! What became of each clock: data only, kept whole, because unions, sliding windows and "highest per ticket" do not
//! merge as counters.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::plan::supplier::SupplierKey;
use crate::plan::{CalendarId, MetricId, PriorityId, TierId};
use crate::plugin::Failed;
use crate::ticket::Symbol;
use crate::time::{Instant, Interval, Millis};

/// How a clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Stopped in time.
    Met,
    /// Counted time went over the target.
    Breached,
    /// Neither yet.
    Running,
    /// Ended without an outcome.
    Cancelled,
}

impl Status {
    /// The word in files and messages.
    pub fn word(self) -> &'static str {
        match self {
            Status::Met => "met",
            Status::Breached => "breached",
            Status::Running => "running",
            Status::Cancelled => "cancelled",
        }
    }

    /// Whether it counts in an attainment.
    pub fn is_decided(self) -> bool {
        matches!(self, Status::Met | Status::Breached)
    }
}

/// A ticket's fields, priority and tier at one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// By field number; a field never set may be missing at the end.
    pub fields: Vec<Option<Symbol>>,
    /// The priority that the agreement gives it.
    pub priority: Option<PriorityId>,
    /// The tier that the agreement gives it.
    pub tier: Option<TierId>,
}

/// Why a clock stood still, or ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// It ran.
    Ran,
    /// The pause at this place in the metric's list held (the first of several).
    Pause(u16),
    /// It had been stopped, and a reopen did not count the time.
    Stopped,
}

/// A stretch of a clock's life and what it did in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// From when to when.
    pub span: Interval,
    /// What it did.
    pub cause: Cause,
}

/// One metric on one ticket in one cycle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The metric.
    pub metric: MetricId,
    /// From one.
    pub cycle: u32,
    /// How it stands at `as of`.
    pub status: Status,
    /// The target, in counted milliseconds.
    pub target_ms: Millis,
    /// The target as the agreement writes it.
    pub target_words: String,
    /// The calendar on which it counts.
    pub calendar: CalendarId,
    /// Counted time.
    pub elapsed_ms: Millis,
    /// Service time that pauses took.
    pub paused_ms: Millis,
    /// When it started.
    pub started_at: Instant,
    /// When the target is or was used up; none: it is paused and never ran.
    pub due_at: Option<Instant>,
    /// Its last stop, where it stands stopped.
    pub stopped_at: Option<Instant>,
    /// When it was breached.
    pub breached_at: Option<Instant>,
    /// Counted time over the target; zero where there is none.
    pub late_ms: Millis,
    /// When it was cancelled.
    pub cancelled_at: Option<Instant>,
    /// What it did, in time order, without gaps.
    pub stretches: Vec<Stretch>,
    /// The ticket as it was at the breach.
    pub at_breach: Option<Box<Snapshot>>,
}

/// A step that fired, one for each action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fired {
    /// Whose clock.
    pub metric: MetricId,
    /// Of which cycle.
    pub cycle: u32,
    /// The escalation, by its place in the version.
    pub escalation: u16,
    /// The step, by its place in the escalation.
    pub step: u16,
    /// The action, by its place in the step.
    pub action: u16,
    /// When.
    pub at: Instant,
}

/// Everything that one agreement says of one ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The ticket, by its place in the log.
    pub ticket: usize,
    /// Its id.
    pub id: String,
    /// When it was created.
    pub created_at: Instant,
    /// The version of the agreement, by its place.
    pub version: usize,
    /// The ticket as last known.
    pub last: Snapshot,
    /// Its clocks, by metric and cycle.
    pub clocks: Vec<Outcome>,
    /// Steps, by metric, cycle, instant and place in the agreement.
    pub steps: Vec<Fired>,
    /// It was reopened at least once.
    pub reopened: bool,
    /// The exclusion that takes it out of every measure and clause, by its place in the version.
    pub excluded: Option<usize>,
    /// The plugin that had no answer, for which all else here is not to be relied on.
    pub failed: Option<Failed>,
}

/// What a run found for one agreement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// By ticket id, in byte order.
    pub tickets: Vec<Judged>,
    /// By supplier, what its own agreement makes of the tickets that it covers.
    pub suppliers: BTreeMap<SupplierKey, Outcomes>,
}

impl Outcomes {
    /// Both together; neither may hold a ticket of the other.
    pub fn merge(mut self, other: Outcomes) -> Outcomes {
        self.tickets.extend(other.tickets);
        self.tickets.sort_by(|a, b| a.id.as_bytes().cmp(b.id.as_bytes()));
        for (key, theirs) in other.suppliers {
            let ours = self.suppliers.remove(&key).unwrap_or_default();
            self.suppliers.insert(key, ours.merge(theirs));
        }
        self
    }
}
