//! Metrics, targets and escalation steps.

use crate::ast::{self, MetricLine, Name, TargetForm as Form, Tested};
use crate::calendar::ClosedTime;
use crate::money;
use crate::plan::MetricId;
use crate::plan::metric::{
    Action, Cancel, CountedBy, Escalation, Metric, Pause, PauseCap, PauseWhen, Reopen, ReopenRule, Repeat, Retarget,
    RetargetRule, Start, Step, StepAt, Target, TargetForm, Trigger,
};
use crate::plugin::Kind;
use crate::resolver::Root;
use crate::source::{Span, Spanned};

use super::Compiler;
use super::condition::Sees;

/// What a target is read by.
#[derive(Clone, Copy)]
pub(super) struct Ground<'r> {
    pub root: &'r Root,
    pub zone: chrono_tz::Tz,
    /// The calendar of a target that names none.
    pub hours: &'r str,
    /// Time in which the clock does not count.
    pub closed: &'r [ClosedTime],
}

impl Compiler<'_> {
    pub(super) fn metric(
        &mut self,
        ground: Ground<'_>,
        name: &Name,
        mark: Option<&ast::Text>,
        head: Span,
        lines: &[Spanned<MetricLine>],
        counted_by: CountedBy,
    ) -> Metric {
        let from_start = Retarget { rule: RetargetRule::FromStart, only_if_stricter: false };
        let mut metric = Metric {
            name: name.value.clone(),
            place: self.place(mark, head),
            starts: Start { on: Vec::new(), all: false, at_next_opening_of: None },
            stops: Vec::new(),
            pauses: Vec::new(),
            reopens: None,
            cancels: Vec::new(),
            repeats: None,
            on_priority_change: from_start,
            on_tier_change: from_start,
            late_in: None,
            counted_by,
            target: None,
            despite_maintenance: says_despite(lines, true),
            despite_exclusions: says_despite(lines, false),
        };
        self.retargets(&mut metric, lines);
        for line in lines {
            self.metric_line(ground, &mut metric, line);
        }
        metric
    }

    fn metric_line(&mut self, ground: Ground<'_>, metric: &mut Metric, line: &Spanned<MetricLine>) {
        match &line.value {
            MetricLine::Starts(triggers, all, calendar) => {
                let opening = calendar.as_ref().map(|name| self.calendar_id(ground.root, ground.zone, &name.value));
                metric.starts = Start { on: self.triggers(triggers), all: *all, at_next_opening_of: opening };
            }
            MetricLine::Stops(triggers) => metric.stops = self.triggers(triggers),
            MetricLine::Pauses(pause) => {
                let pause = self.pause(ground, pause, line.span);
                metric.pauses.extend(pause);
            }
            MetricLine::Reopens(reopens) => metric.reopens = Some(self.reopens(reopens)),
            MetricLine::CancelsWhen(condition) => {
                let place = self.place(None, line.span);
                metric.cancels.push(Cancel::When(self.condition(condition, Sees::All), place));
            }
            MetricLine::CancelsOn(triggers) => {
                let triggers = self.triggers(triggers);
                metric.cancels.extend(triggers.into_iter().map(Cancel::On));
            }
            MetricLine::Repeats(from_the_stop, until) => {
                metric.repeats = Some(Repeat { from_the_stop: *from_the_stop, until: self.triggers(until) });
            }
            MetricLine::Target(target) => metric.target = Some(self.target(ground, &target.value)),
            MetricLine::LateIn(name) => {
                metric.late_in = Some(self.calendar_id(ground.root, ground.zone, &name.value));
            }
            MetricLine::CountedBy(word) => metric.counted_by = counted_by(word),
            MetricLine::Retargets(_) | MetricLine::Despite(_) | MetricLine::Later(_) => {}
        }
    }

    /// A line that names one change leaves the other at its default; a line that names none is for both.
    fn retargets(&mut self, metric: &mut Metric, lines: &[Spanned<MetricLine>]) {
        let said: Vec<&ast::Retargets> = lines
            .iter()
            .filter_map(|line| match &line.value {
                MetricLine::Retargets(retargets) => Some(retargets),
                _ => None,
            })
            .collect();
        let on = |wanted: &str| {
            let named = |retargets: &&&ast::Retargets| retargets.on.as_ref().is_some_and(|on| on.value == wanted);
            let unnamed = |retargets: &&&ast::Retargets| retargets.on.is_none();
            said.iter().find(named).or_else(|| said.iter().find(unnamed)).map(|retargets| retarget(retargets))
        };
        metric.on_priority_change = on("priority").unwrap_or(metric.on_priority_change);
        metric.on_tier_change = on("tier").unwrap_or(metric.on_tier_change);
    }

    fn triggers(&mut self, triggers: &[ast::Trigger]) -> Vec<Trigger> {
        triggers.iter().map(|trigger| self.trigger(trigger)).collect()
    }

    fn trigger(&mut self, trigger: &ast::Trigger) -> Trigger {
        Trigger {
            event: self.plan.vocabulary.event(&trigger.event.value),
            name: trigger.event.value.clone(),
            when: self.maybe(trigger.when.as_ref(), Sees::All),
            place: self.place(None, trigger.span),
        }
    }

    fn pause(&mut self, ground: Ground<'_>, pause: &ast::Pause, span: Span) -> Option<Pause> {
        // How long a pause may last is no target: maintenance does not lengthen it.
        let plain = Ground { closed: &[], ..ground };
        let cap = pause
            .at_most
            .as_ref()
            .map(|length| PauseCap { length: self.target(plain, &length.value), each_time: pause.each_time });
        let when = match &pause.when.test {
            Tested::By(call) => PauseWhen::By(self.call(call, Kind::Pause, None)?),
            _ => PauseWhen::Holds(self.condition(&pause.when, Sees::All)),
        };
        Some(Pause {
            when,
            until: pause.until.as_ref().map(|trigger| self.trigger(trigger)),
            only_after: pause.only_after.as_ref().map(|trigger| self.trigger(trigger)),
            cap,
            place: self.place(pause.mark.as_ref(), span),
        })
    }

    fn reopens(&mut self, reopens: &ast::Reopens) -> Reopen {
        Reopen {
            on: self.triggers(&reopens.on),
            within: reopens.within.as_ref().map(|within| within.value),
            then: reopen_rule(reopens.then.value),
            otherwise: reopens.otherwise.as_ref().map_or(ReopenRule::Ignored, |rule| reopen_rule(rule.value)),
        }
    }

    pub(super) fn target(&mut self, ground: Ground<'_>, target: &ast::Target) -> Target {
        let form = match &target.form {
            Form::Duration(millis, _) => TargetForm::Duration(*millis),
            Form::Moved(millis, to) => {
                TargetForm::Moved(*millis, self.calendar_id(ground.root, ground.zone, &to.value))
            }
            Form::ServiceDays(days) => TargetForm::ServiceDays(*days),
            Form::EndOfServiceDay(nth) => TargetForm::EndOfServiceDay(*nth),
            Form::TimeOnServiceDay(nth, time) => TargetForm::TimeOnServiceDay(*nth, *time),
        };
        // Days are 24 hours of `always`, whatever the clock's hours are.
        let default = if matches!(target.form, Form::Duration(_, true)) { "always" } else { ground.hours };
        let name = target.calendar.as_ref().map_or(default, |name| &name.value);
        let calendar = self.calendar_less(ground, name);
        Target { form, calendar, strict: target.strict, words: self.words(target.span) }
    }

    pub(super) fn escalation(
        &mut self,
        ground: Ground<'_>,
        metric: MetricId,
        mark: Option<&ast::Text>,
        head: Span,
        when: Option<&ast::Condition>,
        steps: &[ast::Step],
    ) -> Escalation {
        Escalation {
            metric,
            place: self.place(mark, head),
            when: self.maybe(when, Sees::All),
            steps: steps.iter().map(|step| self.step(ground, step)).collect(),
        }
    }

    fn step(&mut self, ground: Ground<'_>, step: &ast::Step) -> Step {
        let mut calendar = |name: &Name| self.calendar_id(ground.root, ground.zone, &name.value);
        let at = match &step.at {
            ast::StepAt::Share(share) => StepAt::Share(share.clone()),
            ast::StepAt::Breach => StepAt::Breach,
            ast::StepAt::Before(millis, None) => StepAt::Before(*millis),
            ast::StepAt::Before(millis, Some(name)) => StepAt::BeforeIn(*millis, calendar(name)),
            ast::StepAt::After(millis, None) => StepAt::After(*millis),
            ast::StepAt::After(millis, Some(name)) => StepAt::AfterIn(*millis, calendar(name)),
            ast::StepAt::Every(every, name, at_most) => {
                StepAt::Every { every: *every, calendar: name.as_ref().map(calendar), at_most: *at_most }
            }
        };
        let action = |(verb, to): &(Name, Name)| Action { action: verb.value.clone(), text: to.value.clone() };
        Step {
            words: self.words(step.words),
            at,
            when: self.maybe(step.when.as_ref(), Sees::All),
            actions: step.actions.iter().map(action).collect(),
            place: self.place(None, step.span),
        }
    }
}

pub(super) fn says_despite(lines: &[Spanned<MetricLine>], maintenance: bool) -> bool {
    lines.iter().any(|line| line.value == MetricLine::Despite(maintenance))
}

fn retarget(retargets: &ast::Retargets) -> Retarget {
    let rule = match retargets.rule {
        ast::RetargetRule::FromStart => RetargetRule::FromStart,
        ast::RetargetRule::FromNow => RetargetRule::FromNow,
        ast::RetargetRule::InProportion => RetargetRule::InProportion,
        ast::RetargetRule::Never => RetargetRule::Never,
    };
    Retarget { rule, only_if_stricter: retargets.only_if_stricter }
}

fn reopen_rule(rule: ast::ReopenRule) -> ReopenRule {
    match rule {
        ast::ReopenRule::Resumes => ReopenRule::Resumes,
        ast::ReopenRule::ResumesCountingTheGap => ReopenRule::ResumesCountingTheGap,
        ast::ReopenRule::Restarts => ReopenRule::Restarts,
        ast::ReopenRule::NewCycle => ReopenRule::NewCycle,
        ast::ReopenRule::Ignored => ReopenRule::Ignored,
    }
}

pub(super) fn counted_by(word: &Name) -> CountedBy {
    match word.value.as_str() {
        "created" => CountedBy::Created,
        "stopped" => CountedBy::Stopped,
        _ => CountedBy::Outcome,
    }
}

impl From<ast::RoundingWord> for money::RoundingMode {
    fn from(word: ast::RoundingWord) -> money::RoundingMode {
        match word {
            ast::RoundingWord::HalfUp => money::RoundingMode::HalfUp,
            ast::RoundingWord::HalfEven => money::RoundingMode::HalfEven,
            ast::RoundingWord::Up => money::RoundingMode::Up,
            ast::RoundingWord::Down => money::RoundingMode::Down,
        }
    }
}
