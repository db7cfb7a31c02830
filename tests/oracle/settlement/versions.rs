//! Which version of an agreement something goes by.

use klausel::outcome::{Judged, Outcome};
use klausel::plan::VersionedBy;

use super::figures::Ground;
use super::periods::Span;

impl Ground<'_> {
    /// Whether this is the version in force at an instant; before all it is the first.
    fn holds_at(&self, at: i64) -> bool {
        let later = &self.agreement.versions[self.place + 1..];
        (self.place == 0 || self.version.from.0 <= at) && later.iter().all(|version| at < version.from.0)
    }

    /// Whether this is the version of a period: the one at its start, or the first in force in it.
    pub fn is_of(&self, span: &Span) -> bool {
        self.holds_at(self.dates.begins_at().map_or(span.from, |begins| begins.max(span.from)))
    }

    /// Whether a clause for each breach is read in this version.
    pub fn is_of_breach(&self, judged: &Judged, outcome: &Outcome) -> bool {
        match self.agreement.versioned_by {
            VersionedBy::Created => self.holds_at(judged.created_at.0),
            VersionedBy::Breach => outcome.breached_at.is_some_and(|at| self.holds_at(at.0)),
            VersionedBy::Stopped => self.holds_at(outcome.stopped_at.map_or(self.as_of, |at| at.0)),
        }
    }

    /// Whether a clause for each ticket or outage is read in this version.
    pub fn is_of_start(&self, at: i64) -> bool {
        self.holds_at(at)
    }
}
