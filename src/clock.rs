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
    /// The budget came by a retarget, so that the very instant of a deadline does not hold.
    retargeted: bool,
    /// When the budget is used up, as far as is known; kept from the last running stretch.
    due: Option<Instant>,
    /// A stop found the budget used up, so that `due` stands even if no time passed in the stretch that reached it.
    due_by_stop: bool,
    /// What `due` was before this running stretch, should the stretch turn out to have no length.
    due_before: Option<Instant>,
    /// The last running stretch had no length, and a stop ended it.
    stopped_at_once: bool,
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
            retargeted: false,
            due: None,
            due_by_stop: false,
            due_before: None,
            stopped_at_once: false,
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

    /// When the budget is used up; for a clock that stands, when it would have been had its last running stretch gone
    /// on. None for a clock that has no budget, or that a pause has never let run.
    pub fn due_if_run(&self, calendar: &Calendar) -> Option<Instant> {
        let budget = self.budget?;
        self.due.or_else(|| self.due_from(calendar, budget, self.last_ran()?))
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

    /// Whether so much is counted that a stop cannot be in time any more. A deadline is strict by its instant alone.
    pub fn is_over(&self) -> bool {
        self.budget.is_some_and(|budget| {
            let equal_is_over = budget.strict && budget.deadline.is_none();
            budget.millis < self.counted || (equal_is_over && budget.millis == self.counted)
        })
    }

    /// Whether it ran until just before `at`.
    pub fn ran_until(&self, at: Instant) -> bool {
        let last = self.stretches.last();
        let runs = self.phase == Phase::Running && self.since < at;
        runs || last.is_some_and(|last| last.cause == Cause::Ran && last.span.end == at)
    }

    /// Closes the stretch at `at` and goes on in `phase`. A start that was moved into the future stays there.
    pub fn enter(&mut self, calendar: &Calendar, at: Instant, phase: Phase) {
        let at = at.max(self.since);
        self.counted = self.counted_at(calendar, at);
        self.close(at);
        match (self.phase, phase) {
            (Phase::Running, Phase::Running) => {}
            (Phase::Running, _) => self.stand(at, phase),
            (_, Phase::Running) => self.await_new_due(),
            _ => {}
        }
        self.phase = phase;
        self.since = at;
        self.foresee(calendar);
    }

    /// A running stretch without length leaves no due instant behind, unless a stop finds the budget used up. What a
    /// retarget takes away in the very instant of a pause is due when the clock runs on.
    fn stand(&mut self, at: Instant, phase: Phase) {
        self.stopped_at_once = phase == Phase::Stopped && !self.ran_until(at);
        if phase == Phase::Stopped {
            self.due_by_stop |= self.due.is_some_and(|due| due <= at);
        }
        if phase == Phase::Stopped || self.due_by_stop {
            return;
        }
        if !self.ran_until(at) {
            self.due = self.due_before;
        }
        let over = self.budget.is_some_and(|budget| budget.millis < self.counted);
        if over && self.due == Some(at) {
            self.due = None;
        }
    }

    /// A clock gets a new due instant when it runs on, unless it was due before it stood still.
    fn await_new_due(&mut self) {
        let last_ran = self.last_ran();
        if !self.stopped_at_once {
            self.due_before = self.due.filter(|_| last_ran.is_some());
        }
        self.due = self.due.filter(|due| self.due_by_stop || last_ran.is_some_and(|end| *due <= end));
    }

    /// The end of the last closed stretch in which it ran.
    fn last_ran(&self) -> Option<Instant> {
        self.stretches.iter().rfind(|stretch| stretch.cause == Cause::Ran).map(|stretch| stretch.span.end)
    }

    /// Runs on after a stop as though it had run all the time since.
    pub fn undo_stop(&mut self, calendar: &Calendar, at: Instant) {
        self.await_new_due();
        self.phase = Phase::Running;
        self.foresee(calendar);
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
        self.retargeted = false;
        self.take(calendar, budget);
    }

    /// Takes another budget, of which the time used since the start counts.
    pub fn rebudget_from_start(&mut self, calendar: &Calendar, budget: Budget) {
        self.counted_from = self.started_at;
        self.carried = 0;
        self.retargeted = true;
        self.take(calendar, Some(budget));
    }

    /// Takes another budget at `at`, of which `carried` milliseconds are used.
    pub fn rebudget_from(&mut self, calendar: &Calendar, at: Instant, carried: Millis, budget: Budget) {
        self.counted_from = at;
        self.carried = carried;
        self.retargeted = true;
        self.take(calendar, Some(budget));
    }

    fn take(&mut self, calendar: &Calendar, budget: Option<Budget>) {
        self.budget = budget;
        (self.due, self.due_before, self.due_by_stop) = (None, None, false);
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
        let due = self.due_from(calendar, budget, self.since);
        if left > 0 || self.due.is_none() {
            self.due = due;
        }
        self.brink = if budget.strict { due } else { used_up_from(calendar, self.since, left, Calendar::latest) };
    }

    /// When the budget is used up if the clock runs on from `from`. A deadline is due at the very instant it names; once
    /// paused or retargeted, at the next opening where it ends at a close.
    fn due_from(&self, calendar: &Calendar, budget: Budget, from: Instant) -> Option<Instant> {
        let left = (budget.millis - self.counted).max(0);
        let mut before = self.stretches.iter().filter(|stretch| stretch.span.start < from);
        let undisturbed = !self.retargeted && before.all(|stretch| stretch.cause == Cause::Ran);
        match budget.deadline {
            Some(deadline) if undisturbed => Some(deadline.max(from)),
            Some(_) if self.counted <= budget.millis => used_up_from(calendar, from, left, Calendar::latest),
            _ => used_up_from(calendar, from, left, Calendar::earliest),
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
        let life = Interval::new(self.started_at, at);
        let clipped = whole.stretches.iter().map(|stretch| Stretch { span: stretch.span.and(life), ..*stretch });
        clipped.filter(|stretch| !stretch.span.is_empty()).collect()
    }
}

/// Open time in which pauses held, in milliseconds.
pub fn paused(calendar: &Calendar, stretches: &[Stretch]) -> Millis {
    let paused = stretches.iter().filter(|stretch| matches!(stretch.cause, Cause::Pause(_)));
    paused.map(|stretch| open(calendar, stretch.span.start, stretch.span.end)).sum()
}

/// The instant, not before `from`, with so much more open time than `from`: the earliest or the latest.
fn used_up_from(
    calendar: &Calendar,
    from: Instant,
    left: Millis,
    find: fn(&Calendar, i64) -> Option<Instant>,
) -> Option<Instant> {
    find(calendar, calendar.count(from).saturating_add(left)).map(|at| at.max(from))
}

/// Open time from `from` to `to`; none where `to` is not after `from`.
fn open(calendar: &Calendar, from: Instant, to: Instant) -> Millis {
    if to <= from { 0 } else { calendar.open_between(from, to) }
}
