//! One clock of a metric with its target, pauses and steps.

use crate::calendar::Calendar;
use crate::clock::{self, Budget, Clock, Phase};
use crate::outcome::{Fired, Outcome, Snapshot, Status};
use crate::plan::metric::{Metric, Retarget, RetargetRule, Target};
use crate::plan::{CalendarId, MetricId, PriorityId, TierId};
use crate::time::{Instant, Millis};

use super::pause::{Hold, Use};
use super::step::{self, Seen};
use super::{Context, Now, Scene, target};

/// One clock.
#[derive(Debug, Clone)]
pub(super) struct Cycle<'p> {
    id: MetricId,
    metric: &'p Metric,
    number: u32,
    clock: Clock,
    /// The target in force; none for a priority that has none.
    target: Option<&'p Target>,
    /// The last target that was there: a clock that never had one is not told of.
    had_target: Option<(&'p Target, Budget)>,
    uses: Vec<Use>,
    /// How often each step has fired, by the context's list of this metric's steps.
    fired: Vec<u32>,
    breached_at: Option<Instant>,
    at_breach: Option<Box<Snapshot>>,
    /// The stop's own instant, which lies before the start where that was moved.
    stopped_at: Option<Instant>,
    cancelled_at: Option<Instant>,
    /// Since when its priority has had no target, and what was counted by then.
    without_target: Option<(Instant, Millis)>,
    /// Priority and tier as it saw them last.
    seen: (Option<PriorityId>, Option<TierId>),
}

/// Whether clocks are judged at an instant itself, or only before it, because facts of that instant are still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judge {
    Before,
    At,
    /// Of that instant, only the steps: a pause begins, and no clock breaches while paused.
    AtPause,
}

/// Something that a clock does by itself, in the order in which it does so at one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    /// A pause's cap is used up.
    PauseSpent(usize),
    /// Counted time goes over the budget.
    Breach,
    /// A step fires.
    Step(usize),
}

impl<'p> Cycle<'p> {
    pub fn start(scene: Scene<'_, 'p>, id: MetricId, metric: &'p Metric, number: u32, at: Instant) -> Cycle<'p> {
        let mut cycle = Cycle {
            id,
            metric,
            number,
            clock: Clock::start(at),
            target: None,
            had_target: None,
            uses: vec![Use::default(); metric.pauses.len()],
            fired: vec![0; scene.context.steps(id).len()],
            breached_at: None,
            at_breach: None,
            stopped_at: None,
            cancelled_at: None,
            without_target: None,
            seen: (scene.now.priority, scene.now.tier),
        };
        if let Some(target) = cycle.find_target(scene) {
            cycle.aim(scene.context, target);
        }
        cycle
    }

    /// The calendar on which it counts.
    fn calendar_id(&self) -> CalendarId {
        self.target.or(self.had_target.map(|(target, _)| target)).map_or(CalendarId::ALWAYS, |target| target.calendar)
    }

    fn calendar(&self, context: &Context<'p>) -> &'p Calendar {
        context.calendar(self.calendar_id())
    }

    /// When it was stopped, where it stands stopped.
    pub fn stopped_at(&self) -> Option<Instant> {
        self.stopped_at.filter(|_| self.cancelled_at.is_none())
    }

    pub fn is_alive(&self) -> bool {
        self.clock.phase() != Phase::Stopped
    }

    pub fn is_breached(&self) -> bool {
        self.breached_at.is_some()
    }

    /// Takes the outcome back.
    pub fn cancel(&mut self, at: Instant) {
        self.cancelled_at = Some(at);
    }

    /// Cancels a clock that has only just come alive, before it is judged.
    pub fn cancel_at_once(&mut self, scene: Scene<'_, 'p>) {
        self.clock.enter(self.calendar(scene.context), scene.now.at, Phase::Stopped);
        self.cancel(scene.now.at);
    }

    // -- targets

    fn find_target(&self, scene: Scene<'_, 'p>) -> Option<&'p Target> {
        target::find(scene.context.version, self.id, self.metric, scene.now.tier, scene.now.priority)
    }

    /// Takes a target as though it had been there from the start.
    fn aim(&mut self, context: &Context<'p>, target: &'p Target) {
        self.target = Some(target);
        self.without_target = None;
        let budget = target::budget(context, target, self.clock.started_at());
        self.clock.budget_from_start(self.calendar(context), budget);
        self.remember();
    }

    fn remember(&mut self) {
        if let (Some(target), Some(budget)) = (self.target, self.clock.budget()) {
            self.had_target = Some((target, budget));
        }
    }

    /// What a change of priority or tier does. A breach stands, whatever is retargeted later.
    pub fn retarget(&mut self, scene: Scene<'_, 'p>) {
        if !self.is_alive() {
            return;
        }
        let seen = std::mem::replace(&mut self.seen, (scene.now.priority, scene.now.tier));
        let (priority, tier) = (seen.0 != self.seen.0, seen.1 != self.seen.1);
        if (priority || tier) && !self.is_breached() {
            self.aim_anew(scene, self.reading(priority, tier));
        }
    }

    /// How a change is read; of both at once, the priority's, unless that never retargets.
    fn reading(&self, priority: bool, tier: bool) -> Retarget {
        let never = Retarget { rule: RetargetRule::Never, only_if_stricter: false };
        match (self.metric.on_priority_change, self.metric.on_tier_change) {
            (by, _) if priority && by.rule != RetargetRule::Never => by,
            (_, by) if tier => by,
            _ => never,
        }
    }

    fn aim_anew(&mut self, scene: Scene<'_, 'p>, by: Retarget) {
        let applies = by.rule != RetargetRule::Never;
        match (self.target, self.find_target(scene)) {
            (None, Some(new)) => {
                self.cut(scene);
                self.aim(scene.context, new);
            }
            (Some(_), None) if applies => self.lose_target(scene),
            (Some(old), Some(new)) if applies => {
                let before = self.clone();
                self.turn(scene, by.rule, old, new);
                if by.only_if_stricter && !self.ends_before(&before, scene) {
                    *self = before;
                }
                self.remember();
            }
            _ => {}
        }
    }

    /// Begins a stretch anew, so that nothing that follows from a change lies before it.
    fn cut(&mut self, scene: Scene<'_, 'p>) {
        self.clock.enter(self.calendar(scene.context), scene.now.at, self.clock.phase());
    }

    fn lose_target(&mut self, scene: Scene<'_, 'p>) {
        self.cut(scene);
        self.without_target = Some((scene.now.at, self.clock.counted()));
        self.target = None;
        self.clock.budget_from_start(self.calendar(scene.context), None);
    }

    fn turn(&mut self, scene: Scene<'_, 'p>, rule: RetargetRule, old: &'p Target, new: &'p Target) {
        let (context, start) = (scene.context, self.clock.started_at());
        if rule == RetargetRule::Never || (rule == RetargetRule::FromStart && old == new) {
            return;
        }
        self.cut(scene);
        let (used, whole) = (self.clock.counted(), self.clock.budget().map_or(0, |old| old.millis));
        self.target = Some(new);
        let calendar = self.calendar(context);
        let now = scene.now.at.max(start);
        let from = if rule == RetargetRule::FromNow { now } else { start };
        let Some(budget) = target::budget(context, new, from) else { return };
        match rule {
            RetargetRule::FromNow => self.clock.rebudget_from(calendar, now, 0, budget),
            RetargetRule::InProportion => {
                let carried = in_proportion(used, whole, budget.millis);
                self.clock.rebudget_from(calendar, now, carried, budget);
            }
            RetargetRule::FromStart | RetargetRule::Never => self.clock.rebudget_from_start(calendar, budget),
        }
    }

    /// Whether this clock would end before the other if both ran on from now.
    fn ends_before(&self, other: &Cycle<'p>, scene: Scene<'_, 'p>) -> bool {
        match (self.end_if_run(scene), other.end_if_run(scene)) {
            (Some(this), Some(other)) => this < other,
            (this, _) => this.is_some(),
        }
    }

    fn end_if_run(&self, scene: Scene<'_, 'p>) -> Option<Instant> {
        let mut clock = self.clock.clone();
        clock.enter(self.calendar(scene.context), scene.now.at, Phase::Running);
        clock.brink()
    }

    // -- stops and pauses

    /// Stops the clock; what it reached by then still counts.
    pub fn halt(&mut self, scene: Scene<'_, 'p>, steps: &mut Vec<Fired>) {
        self.advance(scene, scene.now.at, Judge::At, steps);
        self.clock.enter(self.calendar(scene.context), scene.now.at, Phase::Stopped);
        self.stopped_at = Some(scene.now.at);
        for (used, pause) in self.uses.iter_mut().zip(&self.metric.pauses) {
            used.end(scene.context, pause, scene.now.at);
        }
    }

    /// Stops the clock on time or not. One that was given less than it had used while it was paused is breached now.
    pub fn stop(&mut self, scene: Scene<'_, 'p>, steps: &mut Vec<Fired>) {
        self.advance(scene, scene.now.at, Judge::At, steps);
        let paused = matches!(self.clock.phase(), Phase::Paused(_));
        if paused && self.clock.is_over() && !self.is_breached() {
            self.breach(scene.now, scene.now.at);
        }
        self.halt(scene, steps);
    }

    /// Runs on after a stop; the time between does not count.
    pub fn resume(&mut self, scene: Scene<'_, 'p>) {
        self.stopped_at = None;
        self.clock.enter(self.calendar(scene.context), scene.now.at, Phase::Running);
        self.retarget(scene);
    }

    /// Runs on after a stop as though there had been none.
    pub fn resume_counting_the_gap(&mut self, scene: Scene<'_, 'p>) {
        self.stopped_at = None;
        self.clock.undo_stop(self.calendar(scene.context), scene.now.at);
        self.retarget(scene);
    }

    /// Brings the clock in line with the pauses that hold.
    pub fn sync(&mut self, scene: Scene<'_, 'p>, holds: &[Hold], steps: &mut Vec<Fired>) {
        if !self.is_alive() {
            return;
        }
        let at = scene.now.at.max(self.clock.started_at());
        for ((used, pause), hold) in self.uses.iter_mut().zip(&self.metric.pauses).zip(holds) {
            if hold.holds {
                used.begin(scene.context, pause, at);
            } else {
                used.end(scene.context, pause, at);
            }
        }
        let pauses_now = self.clock.phase() == Phase::Running && self.phase_by_pauses() != Phase::Running;
        if pauses_now && self.clock.ran_until(at) {
            self.advance(scene, at, Judge::AtPause, steps);
        }
        self.follow_pauses(scene.context, at);
    }

    fn follow_pauses(&mut self, context: &Context<'p>, at: Instant) {
        let phase = self.phase_by_pauses();
        if phase != self.clock.phase() {
            self.clock.enter(self.calendar(context), at, phase);
        }
    }

    fn phase_by_pauses(&self) -> Phase {
        let first = self.uses.iter().position(Use::stops_clock);
        first.map_or(Phase::Running, |pause| Phase::Paused(u16::try_from(pause).unwrap_or(u16::MAX)))
    }

    // -- what a clock does by itself

    /// Lets time pass until `until`.
    pub fn advance(&mut self, scene: Scene<'_, 'p>, until: Instant, judge: Judge, steps: &mut Vec<Fired>) {
        while let Some((at, moment)) = self.next_come(scene.context, until, judge) {
            match moment {
                Moment::PauseSpent(pause) => self.spend(scene.context, pause, at),
                Moment::Breach => self.breach(scene.now, at),
                Moment::Step(place) => self.fire(scene, at, place, steps),
            }
        }
    }

    /// When it does something by itself, as far as is known.
    pub fn next_due(&self, context: &Context<'p>) -> Option<Instant> {
        self.moments(context).map(|(at, _)| at).min()
    }

    fn next_come(&self, context: &Context<'p>, until: Instant, judge: Judge) -> Option<(Instant, Moment)> {
        self.moments(context).filter(|(at, moment)| self.has_come(*at, *moment, until, judge)).min()
    }

    /// Whether a moment lies in the time that is judged. A breach is seen only after its instant, because counted time
    /// equal to the target is met; a strict one, and a budget used up before, at once. What passed while the clock did
    /// something else is judged no earlier than the facts by which it runs on.
    fn has_come(&self, at: Instant, moment: Moment, until: Instant, judge: Judge) -> bool {
        let at = at.max(self.clock.since());
        let budget = self.clock.budget();
        let used_up = budget.is_some_and(|budget| budget.strict || budget.millis < self.clock.counted());
        let at_once = match judge {
            Judge::Before => false,
            Judge::At => moment != Moment::Breach || used_up,
            Judge::AtPause => moment != Moment::Breach,
        };
        at < until || (at_once && at == until)
    }

    /// What it will do by itself if nothing happens before.
    fn moments<'a>(&'a self, context: &'a Context<'p>) -> impl Iterator<Item = (Instant, Moment)> + use<'a, 'p> {
        let alive = if self.is_alive() { Some(self) } else { None };
        alive.into_iter().flat_map(|cycle| {
            let pauses = cycle.uses.iter().zip(&cycle.metric.pauses).enumerate();
            let spent = pauses.filter_map(|(place, (used, pause))| {
                used.expiry(context, pause).map(|at| (at, Moment::PauseSpent(place)))
            });
            let breach = cycle.clock.brink().filter(|_| !cycle.is_breached()).map(|at| (at, Moment::Breach));
            spent.chain(breach).chain(cycle.next_steps(context))
        })
    }

    fn next_steps<'a>(&'a self, context: &'a Context<'p>) -> impl Iterator<Item = (Instant, Moment)> + use<'a, 'p> {
        let seen = Seen { context, clock: &self.clock, calendar: self.calendar_id(), breached_at: self.breached_at };
        let steps = context.steps(self.id).iter().zip(&self.fired).enumerate();
        steps.filter_map(move |(place, (step, fired))| {
            step::next(&seen, step.step, *fired).map(|at| (at, Moment::Step(place)))
        })
    }

    fn spend(&mut self, context: &Context<'p>, pause: usize, at: Instant) {
        if let Some(used) = self.uses.get_mut(pause) {
            used.spend();
        }
        self.follow_pauses(context, at);
    }

    fn breach(&mut self, now: &Now<'_>, at: Instant) {
        self.breached_at = Some(at);
        self.at_breach = Some(Box::new(now.snapshot()));
    }

    fn fire(&mut self, scene: Scene<'_, 'p>, at: Instant, place: usize, fired: &mut Vec<Fired>) {
        if let Some(count) = self.fired.get_mut(place) {
            *count = count.saturating_add(1);
        }
        let Some(step) = scene.context.steps(self.id).get(place) else { return };
        let conditions = [&step.escalation_when, &step.step.when];
        if conditions.into_iter().flatten().all(|condition| scene.now.holds(condition)) {
            let actions = 0..step.step.actions.len();
            fired.extend(actions.map(|action| Fired {
                metric: self.id,
                cycle: self.number,
                escalation: step.escalation,
                step: step.place,
                action: u16::try_from(action).unwrap_or(u16::MAX),
                at,
            }));
        }
    }

    // -- the outcome

    /// What became of it; none for a clock that never had a target.
    pub fn outcome(self, context: &Context<'p>, as_of: Instant) -> Option<Outcome> {
        let (target, budget) = self.had_target?;
        let calendar = context.calendar(target.calendar);
        let cancelled_at = self.cancelled_at.or(self.without_target.map(|(at, _)| at));
        let end = [self.stopped_at, cancelled_at].into_iter().flatten().min().unwrap_or(as_of);
        let stretches = self.clock.stretches_until(end);
        let elapsed_ms =
            self.without_target.map_or_else(|| self.clock.counted_at(calendar, end), |(_, counted)| counted);
        Some(Outcome {
            metric: self.id,
            cycle: self.number,
            status: self.status(cancelled_at),
            target_ms: budget.millis,
            target_words: target.words.clone(),
            calendar: target.calendar,
            elapsed_ms,
            paused_ms: clock::paused(calendar, &stretches),
            started_at: self.clock.started_at(),
            due_at: self.clock.due_if_run(calendar),
            stopped_at: self.stopped_at.filter(|_| cancelled_at.is_none()),
            breached_at: self.breached_at,
            late_ms: self.lateness(context, elapsed_ms - budget.millis, end),
            cancelled_at,
            stretches,
            at_breach: self.at_breach,
        })
    }

    fn status(&self, cancelled_at: Option<Instant>) -> Status {
        match self.clock.phase() {
            _ if cancelled_at.is_some() => Status::Cancelled,
            _ if self.is_breached() => Status::Breached,
            Phase::Stopped => Status::Met,
            Phase::Running | Phase::Paused(_) => Status::Running,
        }
    }

    fn lateness(&self, context: &Context<'p>, over: Millis, end: Instant) -> Millis {
        let Some(breached_at) = self.breached_at else { return 0 };
        match self.metric.late_in {
            None => over.max(0),
            Some(calendar) => context.calendar(calendar).open_between(breached_at, end.max(breached_at)),
        }
    }
}

/// The used share of the old budget, of the new one, in whole milliseconds; what is left over is dropped.
fn in_proportion(used: Millis, whole: Millis, new: Millis) -> Millis {
    if whole == 0 {
        return new;
    }
    let carried = i128::from(used) * i128::from(new) / i128::from(whole);
    Millis::try_from(carried).unwrap_or(Millis::MAX)
}
