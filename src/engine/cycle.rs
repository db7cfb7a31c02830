//! One clock of a metric with its target, pauses and steps.

use crate::calendar::Calendar;
use crate::clock::{Budget, Clock, Phase};
use crate::outcome::{Fired, Outcome, Snapshot, Status};
use crate::plan::metric::{Metric, RetargetRule, Target};
use crate::plan::{CalendarId, MetricId};
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
    cancelled_at: Option<Instant>,
}

/// Which of a ticket's readings changed with a fact.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Changed {
    pub priority: bool,
    pub tier: bool,
}

/// Whether clocks are judged at an instant itself, or only before it, because facts of that instant are still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Judge {
    Before,
    At,
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
            cancelled_at: None,
        };
        cycle.aim(scene.context, cycle.find_target(scene));
        cycle
    }

    /// The calendar on which it counts.
    fn calendar_id(&self) -> CalendarId {
        self.target.or(self.had_target.map(|(target, _)| target)).map_or(CalendarId::ALWAYS, |target| target.calendar)
    }

    fn calendar(&self, context: &Context<'p>) -> &'p Calendar {
        context.calendar(self.calendar_id())
    }

    /// Since when it has done what it does.
    pub fn since(&self) -> Instant {
        self.clock.since()
    }

    pub fn is_stopped(&self) -> bool {
        self.clock.phase() == Phase::Stopped && self.cancelled_at.is_none()
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

    pub fn cancel_at_start(&mut self, scene: Scene<'_, 'p>) {
        self.clock.enter(self.calendar(scene.context), scene.now.at, Phase::Stopped);
        self.cancel(scene.now.at);
    }

    // -- targets

    fn find_target(&self, scene: Scene<'_, 'p>) -> Option<&'p Target> {
        target::find(scene.context.version, self.id, self.metric, scene.now.tier, scene.now.priority)
    }

    /// Takes a target as though it had been there from the start.
    fn aim(&mut self, context: &Context<'p>, found: Option<&'p Target>) {
        let budget = found.and_then(|target| target::budget(context, target, self.clock.started_at()));
        self.target = found;
        self.clock.budget_from_start(self.calendar(context), budget);
        self.remember();
    }

    fn remember(&mut self) {
        if let (Some(target), Some(budget)) = (self.target, self.clock.budget()) {
            self.had_target = Some((target, budget));
        }
    }

    /// What a change of priority or tier does. A breach stands, whatever is retargeted later.
    pub fn retarget(&mut self, scene: Scene<'_, 'p>, changed: Changed) {
        let undecided = self.is_alive() && !self.is_breached();
        if undecided && (changed.priority || changed.tier) {
            self.aim_anew(scene, changed);
        }
    }

    fn aim_anew(&mut self, scene: Scene<'_, 'p>, changed: Changed) {
        let by_priority = changed.priority && self.metric.on_priority_change.rule != RetargetRule::Never;
        let by = if by_priority { self.metric.on_priority_change } else { self.metric.on_tier_change };
        let applies = by_priority || (changed.tier && by.rule != RetargetRule::Never);
        let found = self.find_target(scene);
        match (self.target, found) {
            (None, _) => self.aim(scene.context, found),
            (Some(_), None) if applies => self.aim(scene.context, None),
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

    fn turn(&mut self, scene: Scene<'_, 'p>, rule: RetargetRule, old: &'p Target, new: &'p Target) {
        let (context, at) = (scene.context, scene.now.at);
        self.clock.enter(self.calendar(context), at, self.clock.phase());
        match rule {
            RetargetRule::Never => {}
            RetargetRule::FromStart if old == new => {}
            RetargetRule::FromStart => self.aim(context, Some(new)),
            RetargetRule::FromNow => {
                let budget = target::budget(context, new, at);
                self.aim_afresh(context, new, at, 0, budget);
            }
            RetargetRule::InProportion => {
                let (used, whole) = (self.clock.counted(), self.clock.budget().map_or(0, |old| old.millis));
                let budget = target::budget(context, new, self.clock.started_at());
                let carried = budget.map_or(0, |new| in_proportion(used, whole, new.millis));
                self.aim_afresh(context, new, at, carried, budget);
            }
        }
    }

    fn aim_afresh(
        &mut self,
        context: &Context<'p>,
        new: &'p Target,
        at: Instant,
        carried: Millis,
        budget: Option<Budget>,
    ) {
        self.target = Some(new);
        if let Some(budget) = budget {
            self.clock.budget_from(self.calendar(context), at, carried, budget);
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
        for (used, pause) in self.uses.iter_mut().zip(&self.metric.pauses) {
            used.end(scene.context, pause, scene.now.at);
        }
    }

    /// Runs on after a stop; the time between does not count.
    pub fn resume(&mut self, scene: Scene<'_, 'p>) {
        self.clock.enter(self.calendar(scene.context), scene.now.at, Phase::Running);
        self.catch_up(scene);
    }

    /// Runs on after a stop as though there had been none.
    pub fn resume_counting_the_gap(&mut self, scene: Scene<'_, 'p>) {
        self.clock.undo_stop(self.calendar(scene.context), scene.now.at);
        self.catch_up(scene);
    }

    /// Takes up a change of priority or tier that came while the clock was stopped.
    fn catch_up(&mut self, scene: Scene<'_, 'p>) {
        if self.find_target(scene) != self.target {
            self.retarget(scene, Changed { priority: true, tier: true });
        }
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
        if pauses_now && self.clock.since() < at {
            self.advance(scene, at, Judge::At, steps);
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
        while let Some((at, moment)) = self.next_moment(scene.context) {
            if !self.has_come(at, moment, until, judge) {
                break;
            }
            match moment {
                Moment::PauseSpent(pause) => self.spend(scene.context, pause, at),
                Moment::Breach => self.breach(scene.now, at),
                Moment::Step(place) => self.fire(scene, at, place, steps),
            }
        }
    }

    /// When it does something by itself, as far as is known.
    pub fn next_due(&self, context: &Context<'p>) -> Option<Instant> {
        self.next_moment(context).map(|(at, _)| at)
    }

    /// Whether a moment lies in the time that is judged. A breach is seen only after its instant, because counted time
    /// equal to the target is met; a strict one, and a budget used up before, at once.
    fn has_come(&self, at: Instant, moment: Moment, until: Instant, judge: Judge) -> bool {
        let budget = self.clock.budget();
        let used_up = budget.is_some_and(|budget| budget.strict || budget.millis < self.clock.counted());
        let at_once = moment != Moment::Breach || used_up;
        at < until || (judge == Judge::At && at_once && at == until)
    }

    fn next_moment(&self, context: &Context<'p>) -> Option<(Instant, Moment)> {
        if !self.is_alive() {
            return None;
        }
        let pauses = self.uses.iter().zip(&self.metric.pauses).enumerate();
        let spent = pauses
            .filter_map(|(place, (used, pause))| used.expiry(context, pause).map(|at| (at, Moment::PauseSpent(place))));
        let breach = self.clock.brink().filter(|_| !self.is_breached()).map(|at| (at, Moment::Breach));
        spent.chain(breach).chain(self.next_steps(context)).min()
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
        let stopped_at = self.is_stopped().then(|| self.clock.since());
        let end = stopped_at.or(self.cancelled_at).unwrap_or(as_of);
        let elapsed_ms = self.clock.counted_at(calendar, end);
        Some(Outcome {
            metric: self.id,
            cycle: self.number,
            status: self.status(),
            target_ms: budget.millis,
            target_words: target.words.clone(),
            calendar: target.calendar,
            elapsed_ms,
            paused_ms: self.clock.paused_at(calendar, end),
            started_at: self.clock.started_at(),
            due_at: self.clock.due(),
            stopped_at,
            breached_at: self.breached_at,
            late_ms: self.lateness(context, elapsed_ms - budget.millis, end),
            cancelled_at: self.cancelled_at,
            stretches: self.clock.stretches_until(end),
            at_breach: self.at_breach,
        })
    }

    fn status(&self) -> Status {
        let without_target = self.target.is_none() && !self.is_breached();
        match self.clock.phase() {
            _ if self.cancelled_at.is_some() || without_target => Status::Cancelled,
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
