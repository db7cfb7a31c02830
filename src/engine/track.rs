//! One metric on one ticket: what its facts mean for its cycles.

use crate::outcome::{Fired, Outcome};
use crate::plan::MetricId;
use crate::plan::metric::{Cancel, Metric, Reopen, ReopenRule, Trigger};
use crate::time::Instant;

use super::cycle::{Cycle, Judge};
use super::pause::Hold;
use super::{Context, Now, Scene};

/// One metric on one ticket.
#[derive(Debug, Clone)]
pub(super) struct Track<'p> {
    id: MetricId,
    metric: &'p Metric,
    /// Finished cycles and, last, the current one.
    cycles: Vec<Cycle<'p>>,
    /// Which start events of `later of` have come since the last start.
    seen: Vec<bool>,
    /// `repeats until` has come.
    ended: bool,
    holds: Vec<Hold>,
}

impl<'p> Track<'p> {
    pub fn new(id: MetricId, metric: &'p Metric) -> Track<'p> {
        Track {
            id,
            metric,
            cycles: Vec::new(),
            seen: vec![false; metric.starts.on.len()],
            ended: false,
            holds: vec![Hold::default(); metric.pauses.len()],
        }
    }

    /// Lets time pass up to `at`, whose own facts are still to come.
    pub fn advance(&mut self, scene: Scene<'_, 'p>, at: Instant, steps: &mut Vec<Fired>) {
        if let Some(cycle) = self.cycles.last_mut() {
            cycle.advance(scene, at, Judge::Before, steps);
        }
    }

    /// The next instant at which this track does something by itself, as far as is known.
    pub fn next_due(&self, context: &Context<'p>) -> Option<Instant> {
        self.cycles.last().and_then(|cycle| cycle.next_due(context))
    }

    /// Applies one fact: the ticket's fields have changed already, its event follows.
    pub fn apply(&mut self, scene: Scene<'_, 'p>, steps: &mut Vec<Fired>) {
        if let Some(cycle) = self.cycles.last_mut() {
            cycle.retarget(scene);
        }
        self.look_at_pauses(scene.now);
        self.cancel(scene, steps);
        let stopped = self.stop(scene, steps);
        let reopened = !stopped && self.reopen(scene);
        self.end_repeats(scene, steps);
        if !reopened {
            self.start(scene, stopped);
        }
        if let Some(cycle) = self.cycles.last_mut() {
            cycle.sync(scene, &self.holds, steps);
        }
    }

    /// Judges every clock at `as_of` and tells what became of it.
    pub fn finish(mut self, scene: Scene<'_, 'p>, as_of: Instant, steps: &mut Vec<Fired>) -> Vec<Outcome> {
        if let Some(cycle) = self.cycles.last_mut() {
            cycle.advance(scene, as_of, Judge::At, steps);
        }
        self.cycles.into_iter().filter_map(|cycle| cycle.outcome(scene.context, as_of)).collect()
    }

    fn look_at_pauses(&mut self, now: &Now<'_>) {
        for (hold, pause) in self.holds.iter_mut().zip(&self.metric.pauses) {
            let arms = pause.only_after.as_ref().is_some_and(|trigger| now.fires(trigger));
            let ends = pause.until.as_ref().is_some_and(|trigger| now.fires(trigger));
            hold.look(pause, now.pauses(self.metric, pause), arms, ends);
        }
    }

    fn alive(&mut self) -> Option<&mut Cycle<'p>> {
        self.cycles.last_mut().filter(|cycle| cycle.is_alive())
    }

    fn cancel(&mut self, scene: Scene<'_, 'p>, steps: &mut Vec<Fired>) {
        let cancels = self.metric.cancels.iter().any(|cancel| match cancel {
            Cancel::On(trigger) => scene.now.fires(trigger),
            Cancel::When(condition, _) => scene.now.holds(condition),
        });
        if let Some(cycle) = self.alive().filter(|_| cancels) {
            cycle.halt(scene, steps);
            cycle.cancel(scene.now.at);
        }
    }

    /// Whether this fact stopped the clock.
    fn stop(&mut self, scene: Scene<'_, 'p>, steps: &mut Vec<Fired>) -> bool {
        if !any(&self.metric.stops, scene.now) {
            return false;
        }
        let Some(cycle) = self.alive() else { return false };
        cycle.stop(scene, steps);
        true
    }

    /// Whether this fact undid a stop or began a new cycle after one.
    fn reopen(&mut self, scene: Scene<'_, 'p>) -> bool {
        let Some(reopen) = &self.metric.reopens else { return false };
        if !any(&reopen.on, scene.now) {
            return false;
        }
        let Some(cycle) = self.cycles.last_mut() else { return false };
        let Some(stopped_at) = cycle.stopped_at() else { return false };
        match rule_at(reopen, stopped_at, scene.now.at) {
            ReopenRule::Ignored => return false,
            ReopenRule::Resumes => {
                cycle.resume(scene);
                self.cancel_at_once(scene);
            }
            ReopenRule::ResumesCountingTheGap => {
                cycle.resume_counting_the_gap(scene);
                self.cancel_at_once(scene);
            }
            ReopenRule::Restarts => {
                cycle.cancel(scene.now.at);
                self.begin(scene, scene.now.at);
            }
            ReopenRule::NewCycle => self.begin(scene, scene.now.at),
        }
        true
    }

    /// After `repeats until` nothing starts again, and what has not been decided is cancelled.
    fn end_repeats(&mut self, scene: Scene<'_, 'p>, steps: &mut Vec<Fired>) {
        let Some(repeat) = &self.metric.repeats else { return };
        if !any(&repeat.until, scene.now) {
            return;
        }
        self.ended = true;
        if let Some(cycle) = self.alive() {
            cycle.halt(scene, steps);
            if !cycle.is_breached() {
                cycle.cancel(scene.now.at);
            }
        }
    }

    fn start(&mut self, scene: Scene<'_, 'p>, stopped: bool) {
        let from_the_stop = self.metric.repeats.as_ref().is_some_and(|repeat| repeat.from_the_stop);
        let starts = self.sees_start(scene.now) || (stopped && from_the_stop);
        if !starts || !self.may_start() {
            return;
        }
        let now = scene.now.at;
        let at = match self.metric.starts.at_next_opening_of {
            Some(calendar) => scene.context.calendar(calendar).next_open(now).unwrap_or(now),
            None => now,
        };
        self.begin(scene, at);
    }

    fn may_start(&self) -> bool {
        match self.cycles.last() {
            _ if self.ended => false,
            None => true,
            Some(cycle) => self.metric.repeats.is_some() && cycle.stopped_at().is_some(),
        }
    }

    /// Whether this fact is a start, or the last of those that `later of` waits for.
    fn sees_start(&mut self, now: &Now<'_>) -> bool {
        let starts = &self.metric.starts;
        if !starts.all {
            return any(&starts.on, now);
        }
        let mut came = false;
        for (seen, trigger) in self.seen.iter_mut().zip(&starts.on) {
            let fires = now.fires(trigger);
            came = came || fires;
            *seen = *seen || fires;
        }
        came && self.seen.iter().all(|seen| *seen)
    }

    /// A new clock. One that a condition cancels at once is still told of.
    fn begin(&mut self, scene: Scene<'_, 'p>, at: Instant) {
        self.seen.fill(false);
        let number = u32::try_from(self.cycles.len()).unwrap_or(u32::MAX).saturating_add(1);
        self.cycles.push(Cycle::start(scene, self.id, self.metric, number, at));
        self.cancel_at_once(scene);
    }

    /// A clock that comes alive under a condition that cancels it is cancelled at once.
    fn cancel_at_once(&mut self, scene: Scene<'_, 'p>) {
        let holds = self.metric.cancels.iter().any(|cancel| match cancel {
            Cancel::On(_) => false,
            Cancel::When(condition, _) => scene.now.holds(condition),
        });
        if let Some(cycle) = self.cycles.last_mut().filter(|_| holds) {
            cycle.cancel_at_once(scene);
        }
    }
}

fn any(triggers: &[Trigger], now: &Now<'_>) -> bool {
    triggers.iter().any(|trigger| now.fires(trigger))
}

fn rule_at(reopen: &Reopen, stopped_at: Instant, at: Instant) -> ReopenRule {
    let in_window = reopen.within.is_none_or(|within| at.since(stopped_at) <= within);
    if in_window { reopen.then } else { reopen.otherwise }
}
