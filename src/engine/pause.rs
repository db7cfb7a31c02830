//! Pauses of one clock: which hold, and how much of each cap is used.

use crate::calendar::Calendar;
use crate::plan::metric::{Pause, PauseCap};
use crate::time::{Instant, Millis};

use super::Context;
use super::target;

/// How one pause stands on a ticket, whatever its clocks do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Hold {
    /// The event of `only after` has come (or there is none).
    armed: bool,
    /// What the condition said last, once armed.
    condition: bool,
    /// Whether the pause holds now.
    pub holds: bool,
}

impl Hold {
    /// Looks at one fact. `condition` is after the fact's fields; `arms` and `ends` tell whether its event is the one
    /// of `only after` or of `until`.
    pub fn look(&mut self, pause: &Pause, condition: bool, arms: bool, ends: bool) {
        self.armed = self.armed || arms || pause.only_after.is_none();
        let before = self.condition;
        self.condition = self.armed && condition;
        self.holds = match pause.until {
            None => self.condition,
            // From the moment the condition begins to hold until the event, whatever the condition does meanwhile.
            Some(_) if ends => false,
            Some(_) => self.holds || (self.condition && !before),
        };
    }
}

/// How much of a pause's cap one clock has used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Use {
    /// Since when the pause has held while the clock was alive.
    since: Option<Instant>,
    /// Used before that.
    used: Millis,
    /// The cap in open milliseconds of its calendar, once the first pause has begun.
    cap: Option<Millis>,
    /// The cap is used up: the clock runs on.
    spent: bool,
}

impl Use {
    /// Whether the clock stands still because of this pause.
    pub fn stops_clock(&self) -> bool {
        self.since.is_some() && !self.spent
    }

    /// The pause begins to hold, or the clock comes alive under it.
    pub fn begin(&mut self, context: &Context<'_>, pause: &Pause, at: Instant) {
        if self.since.is_some() {
            return;
        }
        self.since = Some(at);
        let Some(cap) = &pause.cap else { return };
        if cap.each_time {
            *self = Use { since: Some(at), ..Use::default() };
        }
        self.cap = self.cap.or_else(|| target::open_millis(context, &cap.length, at));
        self.spent = self.cap.is_some_and(|cap| cap <= self.used);
    }

    /// The pause ends, or the clock is stopped.
    pub fn end(&mut self, context: &Context<'_>, pause: &Pause, at: Instant) {
        let Some(since) = self.since.take() else { return };
        if let Some(cap) = &pause.cap {
            self.used = self.used.saturating_add(calendar(context, cap).open_between(since, at.max(since)));
        }
    }

    /// When the cap will be used up if the pause goes on; none without a cap, or when it is spent.
    pub fn expiry(&self, context: &Context<'_>, pause: &Pause) -> Option<Instant> {
        let (since, cap, length) = (self.since?, self.cap?, pause.cap.as_ref()?);
        if self.spent {
            return None;
        }
        let calendar = calendar(context, length);
        let left = cap.saturating_sub(self.used);
        calendar.earliest(calendar.count(since).saturating_add(left)).map(|at| at.max(since))
    }

    /// The cap is used up.
    pub fn spend(&mut self) {
        self.spent = true;
    }
}

fn calendar<'p>(context: &Context<'p>, cap: &PauseCap) -> &'p Calendar {
    context.calendar(cap.length.calendar)
}
