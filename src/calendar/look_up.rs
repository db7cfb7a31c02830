//! Look-ups from an instant in both directions: what so much open time before or after it is, and which opening or
//! close lies next to it.

use crate::time::{Instant, Millis};

use super::Calendar;

/// Whether a calendar begins to be open at an instant, or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transition {
    /// It is open from this instant on.
    Opens,
    /// It is closed from this instant on.
    Closes,
}

impl Calendar {
    /// The earliest instant, not before `at`, that has `open` milliseconds (zero or more) of open time between it and
    /// `at`: what ends at closing time ends at the close. None where the calendar never has so much any more.
    pub fn after(&self, at: Instant, open: Millis) -> Option<Instant> {
        self.earliest(self.count(at).saturating_add(open)).map(|found| found.max(at))
    }

    /// The latest instant, not after `at`, that has `open` milliseconds (zero or more) of open time between it and
    /// `at`: what begins at an opening begins at the opening. None where the calendar never had so much before.
    pub fn before(&self, at: Instant, open: Millis) -> Option<Instant> {
        self.latest(self.count(at).saturating_sub(open)).map(|found| found.min(at))
    }

    /// Open milliseconds from `from` to `to`; none where `to` is the earlier: such a range is a mistake of whoever asks.
    pub fn elapsed(&self, from: Instant, to: Instant) -> Option<Millis> {
        (from <= to).then(|| self.open_between(from, to))
    }

    /// `at` where it is open just before `at`, so also at a close; otherwise the close before it.
    pub fn prev_open(&self, at: Instant) -> Option<Instant> {
        if self.table.is_none() || self.is_open(at.plus(-1)) {
            return Some(at);
        }
        self.previous_close(at)
    }

    /// The first opening after `at`; none where it never opens again.
    pub fn next_opening(&self, at: Instant) -> Option<Instant> {
        self.table.as_ref()?.opening_after(at)
    }

    /// The last opening before `at`; none where there was none.
    pub fn previous_opening(&self, at: Instant) -> Option<Instant> {
        self.table.as_ref()?.opening_before(at)
    }

    /// The last close before `at`; none where there was none.
    pub fn previous_close(&self, at: Instant) -> Option<Instant> {
        self.table.as_ref()?.close_before(at)
    }

    /// The first opening or close after `at`, and which of the two it is.
    pub fn next_transition(&self, at: Instant) -> Option<(Instant, Transition)> {
        let table = self.table.as_ref()?;
        let opens = table.opening_after(at).map(|at| (at, Transition::Opens));
        let closes = table.close_after(at).map(|at| (at, Transition::Closes));
        opens.into_iter().chain(closes).min()
    }

    /// The last opening or close before `at`, and which of the two it is.
    pub fn previous_transition(&self, at: Instant) -> Option<(Instant, Transition)> {
        let table = self.table.as_ref()?;
        let opened = table.opening_before(at).map(|at| (at, Transition::Opens));
        let closed = table.close_before(at).map(|at| (at, Transition::Closes));
        opened.into_iter().chain(closed).max()
    }
}
