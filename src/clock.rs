//! One clock: it starts, stands still, runs on and stops, and counts the open time in which it ran.
//!
//! A clock knows values only: instants, a calendar, a budget. What starts or pauses it is the engine's business.

use crate::calendar::Calendar;
use crate::outcome::{Cause, Stretch};
use crate::time::{Instant, Interval, Millis};

/// What a clock does at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It counts.
    Running,
    /// It stands still because of this pause.
    Paused(u16),
    /// It was stopped.
    Stopped,
}

/// What a clock may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// In counted milliseconds, zero or more.
    pub millis: Millis,
    /// Counted time equal to it is already a breach.
    pub strict: bool,
    /// The very instant that a deadline names; `millis` is then the open time up to it.
    pub deadline: Option<Instant>,
}

/// A clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    started_at: Instant,
    phase: Phase,
    /// Since when it has been in this phase.
    since: Instant,
    /// Closed stretches, in time order, without gaps.
    stretches: Vec<Stretch>,
    /// Stretches before this instant do not count: a fresh target began here.
    counted_from: Instant,
    /// Counted time carried over from an earlier target.
    carried: Millis,
    /// Counted time of the closed stretches, `carried` included.
    counted: Millis,
    budget: Option<Budget>,
    /// When the budget is used up, as far as is known; kept from the last running stretch.
    due: Option<Instant>,
    /// The last instant at which counted time is still the budget, as far as is known; only while it runs.
    brink: Option<Instant>,
}

impl Clock {
    /// A clock that runs from `started_at` on, without a budget.
    pub fn start(started_at: Instant) -> Clock {
        Clock {
            started_at,
            phase: Phase::Running,
            since: started_at,
            stretches: Vec::new(),
            counted_from: started_at,
            carried: 0,
            counted: 0,
            budget: None,
            due: None,
            brink: None,
        }
    }

    /// When it started.
    pub fn started_at(&self) -> Instant {
        self.started_at
    }

    /// What it does.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Since when it does so.
    pub fn since(&self) -> Instant {
        self.since
    }

    /// What it may use.
    pub fn budget(&self) -> Option<Budget> {
        self.budget
    }

    /// When the budget is used up, as far as is known.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// The last instant at which counted time is still the budget, as far as is known.
    pub fn brink(&self) -> Option<Instant> {
        self.brink
    }

    /// Counted time of closed stretches, in milliseconds.
    pub fn counted(&self) -> Millis {
        self.counted
    }

    /// Counted time at `at`, in milliseconds.
    pub fn counted_at(&self, calendar: &Calendar, at: Instant) -> Millis {
        match self.phase {
            Phase::Running => self.counted.saturating_add(open(calendar, self.since, at)),
            _ => self.counted,
        }
    }

    /// Whether counted time at `at`, facts of that instant applied, is over the budget.
    pub fn is_over(&self, calendar: &Calendar, at: Instant) -> bool {
        self.budget.is_some_and(|budget| {
            let counted = self.counted_at(calendar, at);
            if budget.strict { budget.millis <= counted } else { budget.millis < counted }
        })
    }

    /// Closes the stretch at `at` and goes on in `phase`. A start that was moved into the future stays there.
    pub fn enter(&mut self, calendar: &Calendar, at: Instant, phase: Phase) {
        let at = at.max(self.since);
        self.counted = self.counted_at(calendar, at);
        self.close(at);
        self.phase = phase;
        self.since = at;
        self.foresee(calendar);
    }

    /// Runs on after a stop as though it had never stopped.
    pub fn undo_stop(&mut self, calendar: &Calendar, at: Instant) {
        let at = at.max(self.since);
        self.phase = Phase::Running;
        self.enter(calendar, at, Phase::Running);
    }

    fn close(&mut self, at: Instant) {
        let cause = match self.phase {
            Phase::Running => Cause::Ran,
            Phase::Paused(pause) => Cause::Pause(pause),
            Phase::Stopped => Cause::Stopped,
        };
        let span = Interval::new(self.since, at);
        if span.is_empty() {
            return;
        }
        match self.stretches.last_mut() {
            Some(last) if last.cause == cause && last.span.end == span.start => last.span.end = span.end,
            _ => self.stretches.push(Stretch { span, cause }),
        }
    }

    /// Takes a budget as though it had been there from the start: time already used counts.
    pub fn budget_from_start(&mut self, calendar: &Calendar, budget: Option<Budget>) {
        self.counted_from = self.started_at;
        self.carried = 0;
        self.take(calendar, budget);
    }

    /// Takes a fresh budget at `at`, of which `carried` milliseconds are used.
    pub fn budget_from(&mut self, calendar: &Calendar, at: Instant, carried: Millis, budget: Budget) {
        self.counted_from = at;
        self.carried = carried;
        self.take(calendar, Some(budget));
    }

    fn take(&mut self, calendar: &Calendar, budget: Option<Budget>) {
        self.budget = budget;
        self.due = None;
        self.counted = self.carried.saturating_add(self.counted_in_stretches(calendar));
        self.foresee(calendar);
    }

    fn counted_in_stretches(&self, calendar: &Calendar) -> Millis {
        let ran = self.stretches.iter().filter(|stretch| stretch.cause == Cause::Ran);
        ran.map(|stretch| open(calendar, stretch.span.start.max(self.counted_from), stretch.span.end)).sum()
    }

    /// Works out when the budget will be used up if nothing happens any more.
    fn foresee(&mut self, calendar: &Calendar) {
        self.brink = None;
        let (Phase::Running, Some(budget)) = (self.phase, self.budget) else { return };
        let left = budget.millis - self.counted;
        if left < 0 {
            self.brink = Some(self.since);
            self.due = self.due.or(Some(self.since));
            return;
        }
        let used_up = calendar.count(self.since).saturating_add(left);
        let reached = calendar.earliest(used_up).map(|at| at.max(self.since));
        let opening = calendar.latest(used_up).map(|at| at.max(self.since));
        let due = self.deadline_due(budget, reached, opening);
        if left > 0 || self.due.is_none() {
            self.due = due;
        }
        self.brink = if budget.strict { due } else { opening };
    }

    /// A deadline is due at the very instant it names; once paused, at the next opening where it ends at a close.
    fn deadline_due(&self, budget: Budget, reached: Option<Instant>, opening: Option<Instant>) -> Option<Instant> {
        let undisturbed =
            self.stretches.iter().all(|stretch| stretch.cause == Cause::Ran) && self.counted_from == self.started_at;
        match budget.deadline {
            Some(deadline) if undisturbed => Some(deadline.max(self.since)),
            Some(_) => opening,
            None => reached,
        }
    }

    /// The first instant, not before this stretch, at which counted time reaches `millis`; none while it stands.
    pub fn reaches(&self, calendar: &Calendar, millis: Millis) -> Option<Instant> {
        let Phase::Running = self.phase else { return None };
        let left = millis.saturating_sub(self.counted);
        if left <= 0 {
            return Some(self.since);
        }
        calendar.earliest(calendar.count(self.since).saturating_add(left)).map(|at| at.max(self.since))
    }

    /// All stretches up to `at`; what a clock did after its stop is not its business.
    pub fn stretches_until(&self, at: Instant) -> Vec<Stretch> {
        let mut whole = self.clone();
        if self.phase != Phase::Stopped {
            whole.close(at);
        }
        whole.stretches
    }

    /// Open time in which a pause held, up to `at`.
    pub fn paused_at(&self, calendar: &Calendar, at: Instant) -> Millis {
        let closed = self.stretches.iter().filter(|stretch| matches!(stretch.cause, Cause::Pause(_)));
        let closed: Millis = closed.map(|stretch| open(calendar, stretch.span.start, stretch.span.end)).sum();
        match self.phase {
            Phase::Paused(_) => closed.saturating_add(open(calendar, self.since, at)),
            _ => closed,
        }
    }
}

/// Open time from `from` to `to`; none where `to` is not after `from`.
fn open(calendar: &Calendar, from: Instant, to: Instant) -> Millis {
    if to <= from { 0 } else { calendar.open_between(from, to) }
}
