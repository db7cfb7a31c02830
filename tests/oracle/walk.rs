//! Clocks, tick by tick: after the facts of each instant every clock is judged, then one tick of time passes.

use std::cell::RefCell;
use std::collections::BTreeMap;

use klausel::money::whole;
use klausel::outcome::{Cause, Outcome, Snapshot, Status};
use klausel::plan::condition::{Condition, Operand, Test};
use klausel::plan::metric::{
    Cancel, Metric, Pause, PauseWhen, Reopen, ReopenRule, Retarget, RetargetRule, Step, StepAt, Target, TargetForm,
    Trigger,
};
use klausel::plan::{CalendarId, MetricId, Plan, PriorityBy, PriorityId, TierId, Version};
use klausel::ticket::{EventId, Fact, FieldId, Names, Symbol, Ticket};
use num_traits::ToPrimitive;

use crate::hours::{Beyond, Book};

/// A step that fired: metric, cycle, escalation, step, action, instant.
pub type Told = (u16, u32, u16, u16, u16, i64);

/// What became of a clock, in plain numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub metric: u16,
    pub cycle: u32,
    pub status: Status,
    pub target: i64,
    pub elapsed: i64,
    pub paused: i64,
    pub started: i64,
    /// Of a clock that was not cancelled; of one that was, no rule speaks.
    pub due: Option<i64>,
    pub stopped: Option<i64>,
    pub breached: Option<i64>,
    pub late: i64,
    pub cancelled: Option<i64>,
    pub life: Vec<(i64, i64, Doing)>,
    /// Fields, priority and tier at the breach.
    pub at_breach: Option<State>,
}

impl From<&Outcome> for Line {
    fn from(outcome: &Outcome) -> Line {
        let doing = |cause| match cause {
            Cause::Ran => Doing::Runs,
            Cause::Pause(place) => Doing::Pauses(place),
            Cause::Stopped => Doing::Stands,
        };
        let life = outcome.stretches.iter();
        Line {
            metric: outcome.metric.0,
            cycle: outcome.cycle,
            status: outcome.status,
            target: outcome.target_ms,
            elapsed: outcome.elapsed_ms,
            paused: outcome.paused_ms,
            started: outcome.started_at.0,
            due: outcome.due_at.map(|at| at.0).filter(|_| outcome.status != Status::Cancelled),
            stopped: outcome.stopped_at.map(|at| at.0),
            breached: outcome.breached_at.map(|at| at.0),
            late: outcome.late_ms,
            cancelled: outcome.cancelled_at.map(|at| at.0),
            life: life.map(|stretch| (stretch.span.start.0, stretch.span.end.0, doing(stretch.cause))).collect(),
            at_breach: outcome.at_breach.as_deref().map(State::from),
        }
    }
}

/// A ticket at one instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    pub fields: BTreeMap<u16, Symbol>,
    pub priority: Option<PriorityId>,
    pub tier: Option<TierId>,
}

impl From<&Snapshot> for State {
    fn from(snapshot: &Snapshot) -> State {
        let fields = (0..).zip(&snapshot.fields).filter_map(|(id, value)| Some((id, (*value)?)));
        State { fields: fields.collect(), priority: snapshot.priority, tier: snapshot.tier }
    }
}

/// What a clock does in one tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    Runs,
    Pauses(u16),
    Stands,
}

/// All that the walk looks at and nothing of it changes.
pub struct World<'p> {
    pub version: &'p Version,
    pub names: &'p Names,
    pub books: Vec<Book<'p>>,
    pub step: i64,
}

impl<'p> World<'p> {
    pub fn new(plan: &'p Plan, names: &'p Names, step: i64) -> World<'p> {
        World::of(plan, names, step, &plan.agreements[0].versions[0])
    }

    pub fn of(plan: &'p Plan, names: &'p Names, step: i64, version: &'p Version) -> World<'p> {
        let agreement = &plan.agreements[0];
        let books = plan.calendars.iter().map(|named| Book::new(&named.spec, agreement.zone, step)).collect();
        World { version, names, books, step }
    }

    pub fn book(&self, id: CalendarId) -> &Book<'p> {
        &self.books[usize::from(id.0)]
    }

    pub fn holds(&self, condition: &Condition, state: &State) -> bool {
        self.test(&condition.test, state)
    }

    pub fn value(&self, operand: Operand, state: &State) -> Option<String> {
        match operand {
            Operand::Field(FieldId(id)) => state.fields.get(&id).map(|value| self.names.text(*value).to_string()),
            Operand::Priority => state.priority.map(|id| self.version.priorities.names[usize::from(id.0)].clone()),
            Operand::Tier => state.tier.map(|id| self.version.tiers[usize::from(id.0)].name.clone()),
        }
    }

    fn test(&self, test: &Test, state: &State) -> bool {
        let among = |operand: &Operand, values: &[Symbol]| {
            let value = self.value(*operand, state);
            value.is_some_and(|value| values.iter().any(|wanted| self.names.text(*wanted) == value))
        };
        match test {
            Test::In(operand, values) => among(operand, values),
            Test::NotIn(operand, values) => !among(operand, values),
            Test::Compare(operand, comparison, bound) => {
                let number = self.value(*operand, state).and_then(|text| text.parse::<i64>().ok());
                number.is_some_and(|number| comparison.holds(&whole(number), bound))
            }
            Test::Present(operand) => self.value(*operand, state).is_some(),
            Test::Absent(operand) => self.value(*operand, state).is_none(),
            Test::All(tests) => tests.iter().all(|test| self.test(test, state)),
            Test::Any(tests) => tests.iter().any(|test| self.test(test, state)),
            Test::Not(test) => !self.test(test, state),
        }
    }

    /// Priority and tier: the first that holds, read from the top.
    fn read(&self, state: &mut State) {
        let priorities = &self.version.priorities;
        state.priority = match &priorities.by {
            PriorityBy::Nothing => None,
            PriorityBy::Field(field) => {
                let value = self.value(Operand::Field(*field), state);
                let known = (0..).zip(&priorities.names).find(|(_, name)| Some(name.as_str()) == value.as_deref());
                known.map(|(place, _)| PriorityId(place))
            }
            PriorityBy::Rules(rules) => {
                let holds = |when: &Option<Condition>| when.as_ref().is_none_or(|when| self.holds(when, state));
                rules.iter().find(|(_, when, _)| holds(when)).map(|(id, ..)| *id)
            }
            PriorityBy::By(_) => panic!("no agreement here has a plugin"),
        };
        let tiers = (0..).zip(&self.version.tiers);
        let holds = |when: &Option<Condition>| when.as_ref().is_none_or(|when| self.holds(when, state));
        state.tier = tiers.clone().find(|(_, tier)| holds(&tier.when)).map(|(place, _)| TierId(place));
    }

    /// The tier's target for the priority, or the metric's own where no tier names one.
    fn target(&self, id: MetricId, metric: &'p Metric, state: &State) -> Option<&'p Target> {
        let tier = state.tier.map(|tier| &self.version.tiers[usize::from(tier.0)]);
        let table = tier.and_then(|tier| tier.targets.iter().find(|table| table.metric == id));
        let Some(table) = table else { return metric.target.as_ref() };
        let named = table.by_priority.iter().find(|(priority, _)| Some(*priority) == state.priority);
        named.map_or(&table.any, |(_, target)| target).as_ref()
    }

    /// Counted time and the instant of a deadline for a clock that starts at `start`.
    fn measure(&self, target: &Target, start: i64) -> Result<(i64, Option<i64>), Beyond> {
        let book = self.book(target.calendar);
        let deadline = match target.form {
            TargetForm::Duration(millis) => return Ok((millis, None)),
            TargetForm::Moved(millis, to) => self.book(to).moved_to_service_day(book.earliest(start, millis)?)?,
            TargetForm::ServiceDays(days) => book.service_days(start, days)?,
            TargetForm::EndOfServiceDay(nth) => book.end_of_service_day(start, nth)?,
            TargetForm::TimeOnServiceDay(nth, time) => book.time_on_service_day(start, nth, time)?,
        };
        Ok((book.open_between(start, deadline), Some(deadline)))
    }
}

/// A target that a clock goes by.
#[derive(Debug, Clone, Copy)]
struct Aim<'p> {
    target: &'p Target,
    millis: i64,
    deadline: Option<i64>,
    /// Time before this does not count.
    from: i64,
    /// Counted time brought along from an earlier target.
    carried: i64,
    /// It came by a retarget.
    changed: bool,
}

#[derive(Debug, Clone, Default)]
struct Use {
    active: bool,
    used: i64,
    cap: Option<i64>,
    spent: bool,
}

/// One clock.
#[derive(Debug, Clone)]
struct Run<'p> {
    number: u32,
    start: i64,
    alive: bool,
    stopped: Option<i64>,
    /// It ran when it was stopped, if only since that instant.
    ran_to_its_stop: bool,
    cancelled: Option<i64>,
    /// Since when its priority has had no target.
    aimless: Option<i64>,
    aim: Option<Aim<'p>>,
    last_aim: Option<Aim<'p>>,
    /// What it did in each tick from `start` on.
    life: Vec<Doing>,
    counted: i64,
    due: Option<i64>,
    breached: Option<(i64, State)>,
    fired: Vec<i64>,
    /// For each step, what was worked out last and for which number: a naive engine need not be slow as well.
    worked_out: RefCell<Vec<Option<(i64, i64)>>>,
    /// For steps counted back from a foreseen breach: when each fires.
    foreseen: Option<Vec<Option<i64>>>,
    uses: Vec<Use>,
    /// A pause held it when it was last looked at.
    held: bool,
    /// Priority and tier as the clock last saw them.
    seen: (Option<PriorityId>, Option<TierId>),
}

#[derive(Debug, Clone, Default)]
struct Hold {
    armed: bool,
    condition: bool,
    holds: bool,
}

/// One metric on one ticket.
struct Watch<'p> {
    id: MetricId,
    metric: &'p Metric,
    steps: Vec<(u16, u16, Option<&'p Condition>, &'p Step)>,
    runs: Vec<Run<'p>>,
    came: Vec<bool>,
    ended: bool,
    holds: Vec<Hold>,
}

/// The ticket and the instant that is looked at.
struct Scene<'a, 'p> {
    world: &'a World<'p>,
    state: &'a State,
    event: Option<EventId>,
    at: i64,
}

impl Scene<'_, '_> {
    fn fires(&self, trigger: &Trigger) -> bool {
        let when = trigger.when.as_ref();
        self.event == Some(trigger.event) && when.is_none_or(|when| self.world.holds(when, self.state))
    }

    fn any(&self, triggers: &[Trigger]) -> bool {
        triggers.iter().any(|trigger| self.fires(trigger))
    }
}

/// What one ticket comes to at `as_of`.
pub fn walk(world: &World<'_>, ticket: &Ticket, as_of: i64) -> Result<(Vec<Line>, Vec<Told>), Beyond> {
    let mut watches: Vec<Watch<'_>> =
        (0..).zip(&world.version.metrics).map(|(id, metric)| Watch::new(world, MetricId(id), metric)).collect();
    let mut told = Vec::new();
    let mut state = State::default();
    let mut facts = ticket.facts.iter().filter(|fact| fact.at.0 <= as_of).peekable();
    let mut at = facts.peek().map_or(as_of, |fact| fact.at.0);
    loop {
        while let Some(fact) = facts.next_if(|fact| fact.at.0 == at) {
            apply(world, &mut watches, &mut state, fact, &mut told)?;
        }
        let scene = Scene { world, state: &state, event: None, at };
        for watch in &mut watches {
            watch.judge(&scene, &mut told)?;
        }
        if at == as_of {
            break;
        }
        if watches.iter().any(|watch| watch.runs.iter().any(|run| run.alive)) {
            for watch in &mut watches {
                watch.pass(&scene, &mut told)?;
            }
            at += world.step;
        } else {
            at = facts.peek().map_or(as_of, |fact| fact.at.0);
        }
    }
    let mut lines = Vec::new();
    for watch in watches {
        lines.extend(watch.lines(world, as_of)?);
    }
    told.sort_by_key(|(metric, cycle, escalation, step, action, at)| {
        (*metric, *cycle, *at, *escalation, *step, *action)
    });
    Ok((lines, told))
}

fn apply<'p>(
    world: &World<'p>,
    watches: &mut [Watch<'p>],
    state: &mut State,
    fact: &Fact,
    told: &mut Vec<Told>,
) -> Result<(), Beyond> {
    for change in &fact.changes {
        match change.value {
            Some(value) => state.fields.insert(change.field.0, value),
            None => state.fields.remove(&change.field.0),
        };
    }
    world.read(state);
    let scene = Scene { world, state, event: fact.event, at: fact.at.0 };
    watches.iter_mut().try_for_each(|watch| watch.apply(&scene, told))
}

impl<'p> Watch<'p> {
    fn new(world: &World<'p>, id: MetricId, metric: &'p Metric) -> Watch<'p> {
        let escalations = (0..).zip(&world.version.escalations).filter(|(_, escalation)| escalation.metric == id);
        let steps = escalations.flat_map(|(place, escalation)| {
            let when = escalation.when.as_ref();
            (0..).zip(&escalation.steps).map(move |(step, what)| (place, step, when, what))
        });
        Watch {
            id,
            metric,
            steps: steps.collect(),
            runs: Vec::new(),
            came: vec![false; metric.starts.on.len()],
            ended: false,
            holds: vec![Hold::default(); metric.pauses.len()],
        }
    }

    /// One fact: first what its fields mean, then what its event means.
    fn apply(&mut self, scene: &Scene<'_, 'p>, told: &mut Vec<Told>) -> Result<(), Beyond> {
        self.retarget(scene)?;
        self.look_at_pauses(scene);
        self.cancel(scene, told)?;
        let stops = scene.any(&self.metric.stops) && self.alive().is_some();
        if stops {
            self.stop(scene, told)?;
        }
        let reopens = !stops && self.reopen(scene)?;
        if self.metric.repeats.as_ref().is_some_and(|repeat| scene.any(&repeat.until)) {
            self.end_repeats(scene, told)?;
        }
        let from_the_stop = self.metric.repeats.as_ref().is_some_and(|repeat| repeat.from_the_stop);
        let starts = !reopens && (self.sees_start(scene) || (stops && from_the_stop));
        let may = match self.runs.last() {
            _ if self.ended => false,
            None => true,
            Some(run) => self.metric.repeats.is_some() && run.stopped.is_some() && run.cancelled.is_none(),
        };
        if starts && may {
            let opening = self.metric.starts.at_next_opening_of;
            let at = opening.map_or(Ok(scene.at), |calendar| scene.world.book(calendar).next_open(scene.at))?;
            self.begin(scene, at)?;
        }
        self.hold(scene, told)
    }

    fn alive(&mut self) -> Option<&mut Run<'p>> {
        self.runs.last_mut().filter(|run| run.alive)
    }

    fn look_at_pauses(&mut self, scene: &Scene<'_, 'p>) {
        for (hold, pause) in self.holds.iter_mut().zip(&self.metric.pauses) {
            let armed = pause.only_after.as_ref().is_none_or(|trigger| scene.fires(trigger));
            hold.armed |= armed;
            let PauseWhen::Holds(when) = &pause.when else { panic!("no agreement here has a plugin") };
            let condition = hold.armed && scene.world.holds(when, scene.state);
            let begins = condition && !hold.condition;
            hold.condition = condition;
            hold.holds = match &pause.until {
                None => condition,
                Some(until) => (hold.holds || begins) && !scene.fires(until),
            };
        }
    }

    fn cancels(&self, scene: &Scene<'_, 'p>, events: bool) -> bool {
        self.metric.cancels.iter().any(|cancel| match cancel {
            Cancel::On(trigger) => events && scene.fires(trigger),
            Cancel::When(condition, _) => scene.world.holds(condition, scene.state),
        })
    }

    fn cancel(&mut self, scene: &Scene<'_, 'p>, told: &mut Vec<Told>) -> Result<(), Beyond> {
        if self.cancels(scene, true) && self.alive().is_some() {
            self.judge(scene, told)?;
            let run = self.runs.last_mut().unwrap();
            (run.alive, run.cancelled) = (false, Some(scene.at));
        }
        Ok(())
    }

    fn stop(&mut self, scene: &Scene<'_, 'p>, told: &mut Vec<Told>) -> Result<(), Beyond> {
        self.judge(scene, told)?;
        let run = self.runs.last_mut().unwrap();
        let over = run.aim.is_some_and(|aim| {
            let equal_is_over = aim.target.strict && aim.deadline.is_none();
            aim.millis < run.counted || (equal_is_over && aim.millis == run.counted)
        });
        if over && run.breached.is_none() {
            // It was given less than it had used while it stood still: it cannot be met any more.
            run.breached = Some((scene.at, scene.state.clone()));
            self.fire(scene, scene.at, false, told)?;
        }
        let run = self.runs.last_mut().unwrap();
        run.halt(scene.at);
        Ok(())
    }

    fn end_repeats(&mut self, scene: &Scene<'_, 'p>, told: &mut Vec<Told>) -> Result<(), Beyond> {
        self.ended = true;
        if self.alive().is_some() {
            self.judge(scene, told)?;
            let run = self.runs.last_mut().unwrap();
            run.halt(scene.at);
            if run.breached.is_none() {
                run.cancelled = Some(scene.at);
            }
        }
        Ok(())
    }

    fn reopen(&mut self, scene: &Scene<'_, 'p>) -> Result<bool, Beyond> {
        let Some(Reopen { on, within, then, otherwise }) = &self.metric.reopens else { return Ok(false) };
        let Some(run) = self.runs.last_mut().filter(|run| run.cancelled.is_none()) else { return Ok(false) };
        let Some(stopped) = run.stopped.filter(|_| scene.any(on)) else { return Ok(false) };
        let inside = within.is_none_or(|within| scene.at - stopped <= within);
        let gap = (scene.at - run.end_of_life(scene.world.step)).max(0) / scene.world.step;
        let gap = usize::try_from(gap).unwrap();
        match if inside { then } else { otherwise } {
            ReopenRule::Ignored => return Ok(false),
            rule @ (ReopenRule::Resumes | ReopenRule::ResumesCountingTheGap) => {
                let counts = *rule == ReopenRule::ResumesCountingTheGap;
                run.alive = true;
                if let Some(aim) = run.aim.filter(|_| counts && 0 < gap && run.due.is_none()) {
                    // As though there had been no stop: what came due in the gap came due then. Where the reopen comes in
                    // the instant of the stop there is no gap, and a clock that a pause held then has not run in it.
                    let due = run.project(scene.world, aim, stopped.max(run.start))?;
                    run.due = Some(due).filter(|due| *due <= scene.at);
                }
                run.life.extend(std::iter::repeat_n(if counts { Doing::Runs } else { Doing::Stands }, gap));
                (run.stopped, run.foreseen) = (None, None);
                run.recount(scene.world);
                self.retarget(scene)?;
                if self.cancels(scene, false) {
                    let run = self.runs.last_mut().unwrap();
                    (run.alive, run.cancelled) = (false, Some(scene.at));
                }
            }
            ReopenRule::Restarts => {
                run.cancelled = Some(scene.at);
                self.begin(scene, scene.at)?;
            }
            ReopenRule::NewCycle => self.begin(scene, scene.at)?,
        }
        Ok(true)
    }

    fn sees_start(&mut self, scene: &Scene<'_, 'p>) -> bool {
        if !self.metric.starts.all {
            return scene.any(&self.metric.starts.on);
        }
        let fires: Vec<bool> = self.metric.starts.on.iter().map(|trigger| scene.fires(trigger)).collect();
        self.came.iter_mut().zip(&fires).for_each(|(came, fires)| *came |= fires);
        fires.contains(&true) && !self.came.contains(&false)
    }

    fn begin(&mut self, scene: &Scene<'_, 'p>, at: i64) -> Result<(), Beyond> {
        self.came.fill(false);
        let mut run = Run {
            number: u32::try_from(self.runs.len()).unwrap() + 1,
            start: at,
            alive: true,
            stopped: None,
            ran_to_its_stop: false,
            cancelled: None,
            aimless: None,
            aim: None,
            last_aim: None,
            life: Vec::new(),
            counted: 0,
            due: None,
            breached: None,
            fired: vec![0; self.steps.len()],
            worked_out: RefCell::new(vec![None; self.steps.len()]),
            foreseen: None,
            uses: vec![Use::default(); self.metric.pauses.len()],
            held: false,
            seen: (scene.state.priority, scene.state.tier),
        };
        if let Some(target) = scene.world.target(self.id, self.metric, scene.state) {
            run.aim_from_start(scene.world, target, false)?;
        }
        if self.cancels(scene, false) {
            (run.alive, run.cancelled) = (false, Some(scene.at));
        }
        self.runs.push(run);
        Ok(())
    }

    /// What a change of priority or tier does to a clock that is alive.
    fn retarget(&mut self, scene: &Scene<'_, 'p>) -> Result<(), Beyond> {
        let (id, metric) = (self.id, self.metric);
        let Some(run) = self.alive() else { return Ok(()) };
        let (priority, tier) = (run.seen.0 != scene.state.priority, run.seen.1 != scene.state.tier);
        run.seen = (scene.state.priority, scene.state.tier);
        if run.breached.is_some() || !(priority || tier) {
            return Ok(());
        }
        let by = if priority && metric.on_priority_change.rule != RetargetRule::Never {
            metric.on_priority_change
        } else if tier {
            metric.on_tier_change
        } else {
            Retarget { rule: RetargetRule::Never, only_if_stricter: false }
        };
        let found = scene.world.target(id, metric, scene.state);
        match (run.aim, found) {
            (None, Some(target)) => run.aim_from_start(scene.world, target, false),
            (Some(_), None) if by.rule != RetargetRule::Never => {
                (run.aim, run.aimless, run.due, run.foreseen) = (None, Some(scene.at), None, None);
                Ok(())
            }
            (Some(old), Some(new)) if by.rule != RetargetRule::Never => run.turn(scene, by, old, new),
            _ => Ok(()),
        }
    }

    /// Brings a clock in line with the pauses that hold.
    fn hold(&mut self, scene: &Scene<'_, 'p>, told: &mut Vec<Told>) -> Result<(), Beyond> {
        let (metric, holds) = (self.metric, self.holds.clone());
        let Some(run) = self.alive() else { return Ok(()) };
        let (ran, ran_until_now) = (run.runs(), run.ran_until(scene.at, scene.world.step));
        let at = scene.at.max(run.start);
        for ((used, hold), pause) in run.uses.iter_mut().zip(&holds).zip(&metric.pauses) {
            match (used.active, hold.holds) {
                (false, true) => used.begin(scene.world, pause, at)?,
                (true, false) => used.active = false,
                _ => {}
            }
        }
        let runs = run.runs();
        run.held = !runs;
        if ran && !runs && ran_until_now {
            if run.aim.is_some_and(|aim| aim.millis == run.counted && run.is_due(scene, aim)) {
                run.due = run.due.or(Some(scene.at));
            }
            self.fire(scene, scene.at, true, told)?;
        }
        let run = self.runs.last_mut().unwrap();
        if runs && !ran {
            run.foreseen = None;
        }
        Ok(())
    }

    /// Judges the clock at an instant: the time before it has passed.
    fn judge(&mut self, scene: &Scene<'_, 'p>, told: &mut Vec<Told>) -> Result<(), Beyond> {
        let Some(run) = self.alive().filter(|run| run.start <= scene.at) else { return Ok(()) };
        let ran = run.runs();
        for used in &mut run.uses {
            used.spent |= used.active && used.cap.is_some_and(|cap| cap <= used.used);
        }
        if run.runs() && !ran {
            run.foreseen = None;
        }
        if run.runs() {
            run.reach(scene)?;
        }
        let running = run.runs();
        self.fire(scene, scene.at, running, told)
    }

    /// Lets one tick pass.
    fn pass(&mut self, scene: &Scene<'_, 'p>, told: &mut Vec<Told>) -> Result<(), Beyond> {
        let (world, metric) = (scene.world, self.metric);
        let Some(run) = self.alive().filter(|run| run.start <= scene.at) else { return Ok(()) };
        let doing = run.doing();
        run.life.push(doing);
        for (used, pause) in run.uses.iter_mut().zip(&metric.pauses) {
            let cap = pause.cap.as_ref().filter(|_| used.active && !used.spent);
            if cap.is_some_and(|cap| world.book(cap.length.calendar).is_open(scene.at)) {
                used.used += world.step;
            }
        }
        if doing == Doing::Runs {
            run.count(scene);
        }
        // What happens inside the tick, its last instant left for the next judging.
        let last = scene.at + world.step - 1;
        self.fire(scene, last, doing == Doing::Runs, told)
    }

    /// Fires every step that has come by `until`.
    fn fire(&mut self, scene: &Scene<'_, 'p>, until: i64, running: bool, told: &mut Vec<Told>) -> Result<(), Beyond> {
        let Some(run) = self.runs.last_mut().filter(|run| run.alive) else { return Ok(()) };
        if running && run.foreseen.is_none() {
            run.foresee(scene, &self.steps)?;
        }
        for (place, (escalation, step, when, what)) in self.steps.iter().enumerate() {
            while let Some(at) = run.next(scene, place, what, until, running)? {
                run.fired[place] += 1;
                let conditions = when.iter().copied().chain(&what.when);
                if conditions.into_iter().all(|condition| scene.world.holds(condition, scene.state)) {
                    let actions = (0..).take(what.actions.len());
                    told.extend(actions.map(|action| (self.id.0, run.number, *escalation, *step, action, at)));
                }
            }
        }
        Ok(())
    }

    fn lines(self, world: &World<'p>, as_of: i64) -> Result<Vec<Line>, Beyond> {
        let mut lines = Vec::new();
        for run in &self.runs {
            if let Some(aim) = run.last_aim {
                lines.push(run.line(world, self.id, self.metric, aim, as_of)?);
            }
        }
        Ok(lines)
    }
}

impl Use {
    fn begin(&mut self, world: &World<'_>, pause: &Pause, at: i64) -> Result<(), Beyond> {
        self.active = true;
        let Some(cap) = &pause.cap else { return Ok(()) };
        if cap.each_time {
            *self = Use { active: true, ..Use::default() };
        }
        if self.cap.is_none() {
            self.cap = Some(world.measure(&cap.length, at)?.0);
        }
        self.spent |= self.cap.is_some_and(|cap| cap <= self.used);
        Ok(())
    }
}

impl<'p> Run<'p> {
    fn halt(&mut self, at: i64) {
        self.ran_to_its_stop = self.runs();
        self.alive = false;
        self.stopped = Some(at);
        self.uses.iter_mut().for_each(|used| used.active = false);
    }

    fn doing(&self) -> Doing {
        let pausing = (0..).zip(&self.uses).find(|(_, used)| used.active && !used.spent);
        pausing.map_or(Doing::Runs, |(place, _)| Doing::Pauses(place))
    }

    fn runs(&self) -> bool {
        self.doing() == Doing::Runs
    }

    fn end_of_life(&self, step: i64) -> i64 {
        self.start + step * i64::try_from(self.life.len()).unwrap()
    }

    fn ran_until(&self, at: i64, step: i64) -> bool {
        self.life.last() == Some(&Doing::Runs) && self.end_of_life(step) == at
    }

    /// Ticks with what it did in them.
    fn ticks(&self, step: i64) -> impl Iterator<Item = (i64, Doing)> {
        let start = self.start;
        (0..).zip(&self.life).map(move |(place, doing): (i64, _)| (start + place * step, *doing))
    }

    // -- targets

    fn recount(&mut self, world: &World<'p>) {
        let Some(aim) = self.aim else { return };
        let book = world.book(aim.target.calendar);
        let counts = |(at, doing): &(i64, Doing)| *doing == Doing::Runs && aim.from <= *at && book.is_open(*at);
        let ticks = i64::try_from(self.ticks(world.step).filter(counts).count()).unwrap();
        self.counted = aim.carried + ticks * world.step;
    }

    fn take(&mut self, world: &World<'p>, aim: Aim<'p>) {
        (self.aim, self.last_aim) = (Some(aim), Some(aim));
        (self.aimless, self.due, self.foreseen) = (None, None, None);
        self.recount(world);
    }

    fn aim_from_start(&mut self, world: &World<'p>, target: &'p Target, changed: bool) -> Result<(), Beyond> {
        let (millis, deadline) = world.measure(target, self.start)?;
        self.take(world, Aim { target, millis, deadline, from: self.start, carried: 0, changed });
        Ok(())
    }

    fn turn(&mut self, scene: &Scene<'_, 'p>, by: Retarget, old: Aim<'p>, new: &'p Target) -> Result<(), Beyond> {
        let (world, before) = (scene.world, self.clone());
        let from = scene.at.max(self.start);
        match by.rule {
            RetargetRule::Never => return Ok(()),
            RetargetRule::FromStart if old.target == new => return Ok(()),
            RetargetRule::FromStart => self.aim_from_start(world, new, true)?,
            RetargetRule::FromNow => {
                let (millis, deadline) = world.measure(new, from)?;
                self.take(world, Aim { target: new, millis, deadline, from, carried: 0, changed: true });
            }
            RetargetRule::InProportion => {
                let (millis, deadline) = world.measure(new, self.start)?;
                let product = i128::from(self.counted) * i128::from(millis);
                // Of a target that leaves no time all is used from the start.
                let carried = product.checked_div(i128::from(old.millis)).unwrap_or(i128::from(millis));
                let carried = i64::try_from(carried).unwrap();
                self.take(world, Aim { target: new, millis, deadline, from, carried, changed: true });
            }
        }
        if by.only_if_stricter && before.brink(world, from)? <= self.brink(world, from)? {
            *self = before;
        }
        Ok(())
    }

    /// The deadline's own instant, where it still holds: the clock was neither paused nor retargeted. What a clock that
    /// stands now did since it last ran does not matter.
    fn undisturbed(&self, aim: Aim<'p>) -> Option<i64> {
        let stands = if self.alive { !self.runs() } else { !self.ran_to_its_stop };
        let until = self.life.iter().rposition(|doing| *doing == Doing::Runs).filter(|_| stands);
        let lived = until.map_or(self.life.as_slice(), |last| &self.life[..=last]);
        let undisturbed = !aim.changed && lived.iter().all(|doing| *doing == Doing::Runs);
        aim.deadline.filter(|_| undisturbed)
    }

    /// When the target would be used up if the clock ran on from `at` and nothing happened.
    fn project(&self, world: &World<'p>, aim: Aim<'p>, at: i64) -> Result<i64, Beyond> {
        let book = world.book(aim.target.calendar);
        let left = (aim.millis - self.counted).max(0);
        match self.undisturbed(aim) {
            Some(deadline) => Ok(deadline.max(at)),
            None if aim.deadline.is_some() && aim.millis >= self.counted => book.latest(at, left),
            None => book.earliest(at, left),
        }
    }

    /// Whether it neither stood still before nor stands now.
    fn has_only_run(&self) -> bool {
        self.life.iter().all(|doing| *doing == Doing::Runs)
    }

    /// When the clock would be breached if it ran on from `at` and nothing happened.
    fn brink(&self, world: &World<'p>, at: i64) -> Result<i64, Beyond> {
        let Some(aim) = self.aim else { return Err(Beyond) };
        let left = aim.millis - self.counted;
        match () {
            () if left < 0 => Ok(at),
            () if aim.target.strict => match aim.deadline.filter(|_| !aim.changed && self.has_only_run()) {
                Some(deadline) => Ok(deadline.max(at)),
                None if aim.deadline.is_some() => world.book(aim.target.calendar).latest(at, left),
                None => world.book(aim.target.calendar).earliest(at, left),
            },
            () => world.book(aim.target.calendar).latest(at, left),
        }
    }

    // -- time

    /// What has been reached when a running clock is judged at an instant.
    fn reach(&mut self, scene: &Scene<'_, 'p>) -> Result<(), Beyond> {
        let Some(aim) = self.aim else { return Ok(()) };
        let due = aim.millis < self.counted || self.is_due(scene, aim);
        if due {
            self.due = self.due.or(Some(scene.at));
        }
        if (aim.millis < self.counted || (due && aim.target.strict)) && self.breached.is_none() {
            self.breached = Some((scene.at, scene.state.clone()));
        }
        Ok(())
    }

    /// Whether all of the target is used up by now, and no more.
    fn is_due(&self, scene: &Scene<'_, 'p>, aim: Aim<'p>) -> bool {
        let open = scene.world.book(aim.target.calendar).is_open(scene.at);
        match self.undisturbed(aim) {
            Some(deadline) => deadline <= scene.at,
            None => aim.millis == self.counted && (aim.deadline.is_none() || open),
        }
    }

    /// Counts one tick in which the clock ran.
    fn count(&mut self, scene: &Scene<'_, 'p>) {
        let Some(aim) = self.aim else { return };
        let book = scene.world.book(aim.target.calendar);
        let next = scene.at + scene.world.step;
        let before = self.counted;
        if book.is_open(scene.at) {
            self.counted += scene.world.step;
            if aim.millis < self.counted && self.breached.is_none() {
                self.breached = Some((scene.at + (aim.millis - before).max(0), scene.state.clone()));
            }
        }
        let due = match self.undisturbed(aim) {
            _ if aim.millis < self.counted => Some(scene.at + (aim.millis - before).max(0)),
            Some(deadline) => Some(deadline).filter(|deadline| *deadline <= next),
            None if aim.deadline.is_some() && !book.is_open(next) => None,
            None => (aim.millis == self.counted).then_some(next),
        };
        self.due = self.due.or(due);
    }

    // -- steps

    /// For each step counted back on another calendar, when it fires if the clock runs on from here.
    fn foresee(
        &mut self,
        scene: &Scene<'_, 'p>,
        steps: &[(u16, u16, Option<&'p Condition>, &'p Step)],
    ) -> Result<(), Beyond> {
        let at = scene.at.max(self.start);
        let mut foreseen = Vec::new();
        for (_, _, _, step) in steps {
            foreseen.push(match &step.at {
                StepAt::BeforeIn(left, calendar) if self.aim.is_some() => {
                    Some(scene.world.book(*calendar).back(self.brink(scene.world, at)?, *left)?.max(at))
                }
                _ => None,
            });
        }
        self.foreseen = Some(foreseen);
        Ok(())
    }

    /// When a step fires next, if it has by `until`.
    fn next(
        &self,
        scene: &Scene<'_, 'p>,
        place: usize,
        step: &Step,
        until: i64,
        running: bool,
    ) -> Result<Option<i64>, Beyond> {
        let breached = self.breached.as_ref().map(|(at, _)| *at);
        let Some(aim) = self.aim else { return Ok(None) };
        let fired = self.fired[place];
        let once = fired == 0;
        let after = |late: i64| breached.and_then(|at| self.counts_to(scene, aim.millis + late, running, at));
        let later = |late: i64, calendar: CalendarId| match breached {
            Some(at) => self.once(place, fired, || scene.world.book(calendar).earliest(at, late)).map(Some),
            None => Ok(None),
        };
        let at = match &step.at {
            StepAt::Every { every, calendar, at_most } => {
                if at_most.is_some_and(|most| i64::from(most) <= fired) {
                    return Ok(None);
                }
                match calendar {
                    None => after(every * (fired + 1)),
                    Some(calendar) => later(every * (fired + 1), *calendar)?,
                }
            }
            _ if !once => None,
            StepAt::Share(share) => {
                let share = || Ok((share * whole(aim.millis)).ceil().to_integer().to_i64().unwrap());
                let millis = self.once(place, aim.millis, share)?;
                if millis == aim.millis && self.counted <= millis {
                    self.due.filter(|_| running).map(|due| due.max(scene.at))
                } else {
                    self.counts_to(scene, millis, running, self.start)
                }
            }
            StepAt::Before(left) => self.counts_to(scene, aim.millis - left, running, self.start),
            StepAt::BeforeIn(..) => self.foreseen.as_ref().filter(|_| running).and_then(|foreseen| foreseen[place]),
            StepAt::Breach => breached,
            StepAt::After(late) => after(*late),
            StepAt::AfterIn(late, calendar) => later(*late, *calendar)?,
        };
        Ok(at.filter(|at| *at <= until))
    }

    /// The figure of a step for a number, worked out once.
    fn once(&self, place: usize, number: i64, work: impl FnOnce() -> Result<i64, Beyond>) -> Result<i64, Beyond> {
        match self.worked_out.borrow()[place] {
            Some((known, figure)) if known == number => return Ok(figure),
            _ => {}
        }
        let figure = work()?;
        self.worked_out.borrow_mut()[place] = Some((number, figure));
        Ok(figure)
    }

    /// The instant at which counted time came to `millis`, not before this tick and not before `first`.
    fn counts_to(&self, scene: &Scene<'_, 'p>, millis: i64, running: bool, first: i64) -> Option<i64> {
        let over = self.counted - millis;
        if !running || over < 0 {
            return None;
        }
        let end_of_count =
            if scene.at < self.end_of_life(scene.world.step) { scene.at + scene.world.step } else { scene.at };
        Some((end_of_count - over).max(scene.at).max(first))
    }

    // -- the outcome

    fn line(&self, world: &World<'p>, id: MetricId, metric: &Metric, aim: Aim<'p>, as_of: i64) -> Result<Line, Beyond> {
        let aimless = self.aimless.filter(|_| self.breached.is_none());
        let cancelled = self.cancelled.or(aimless);
        let end = [self.stopped, cancelled].into_iter().flatten().min().unwrap_or(as_of);
        let breached = self.breached.as_ref().map(|(at, _)| *at);
        let status = match () {
            () if cancelled.is_some() => Status::Cancelled,
            () if breached.is_some() => Status::Breached,
            () if self.stopped.is_some() => Status::Met,
            () => Status::Running,
        };
        let lived = self.ticks(world.step).take_while(|(at, _)| *at < end);
        let mut life: Vec<(i64, i64, Doing)> = Vec::new();
        let mut paused = 0;
        for (at, doing) in lived {
            match life.last_mut() {
                Some(last) if last.2 == doing => last.1 = at + world.step,
                _ => life.push((at, at + world.step, doing)),
            }
            let takes = matches!(doing, Doing::Pauses(_)) && world.book(aim.target.calendar).is_open(at);
            paused += if takes { world.step } else { 0 };
        }
        let late = match (breached, metric.late_in) {
            (None, _) => 0,
            (Some(_), None) => (self.counted - aim.millis).max(0),
            (Some(at), Some(calendar)) => world.book(calendar).open_between(at, end),
        };
        Ok(Line {
            metric: id.0,
            cycle: self.number,
            status,
            target: aim.millis,
            elapsed: self.counted,
            paused,
            started: self.start,
            due: if cancelled.is_some() { None } else { self.due_at(world, end)? },
            stopped: self.stopped.filter(|_| cancelled.is_none()),
            breached,
            late,
            cancelled,
            life,
            at_breach: self.breached.as_ref().map(|(_, state)| state.clone()),
        })
    }

    /// The due instant of the last running stretch, as though it had gone on.
    fn due_at(&self, world: &World<'p>, end: i64) -> Result<Option<i64>, Beyond> {
        let Some(aim) = self.aim.filter(|_| self.due.is_none()) else { return Ok(self.due) };
        let ran = self.ticks(world.step).filter(|(_, doing)| *doing == Doing::Runs).last();
        let from = match ran {
            _ if self.alive && self.runs() => end.max(self.start),
            _ if !self.alive && self.ran_to_its_stop => end.max(self.start),
            Some((at, _)) => at + world.step,
            None if self.held || !self.life.is_empty() => return Ok(None),
            None => self.start,
        };
        self.project(world, aim, from).map(Some)
    }
}
