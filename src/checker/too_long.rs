//! Targets that a calendar has no time for, and steps that never come.

use crate::ast::{Condition, MetricLine, Name, StatementKind, Step, StepAt, Target, TargetForm};
use crate::diagnostic::Diagnostic;
use crate::resolver::Scope;

use super::capacity::Capacity;
use super::condition::Sees;
use super::states::{State, States};
use super::{Checker, Known};

/// A target of a metric, and the hours that it counts on where it names no calendar.
struct Timed<'a> {
    metric: &'a str,
    target: &'a Target,
    hours: Option<&'a Name>,
}

impl<'a> Timed<'a> {
    fn calendar(&self) -> Option<&'a Name> {
        self.target.calendar.as_ref().or(self.hours)
    }
}

impl Checker {
    pub(super) fn too_long_for_calendars(&mut self, known: &Known<'_>) {
        let targets = targets(known);
        for timed in &targets {
            self.target_too_long(known.scope, timed);
        }
        for statement in &known.agreement.statements {
            let StatementKind::Escalate(metric, when, steps) = &statement.kind else { continue };
            for step in steps {
                let cancelled = cancelled_by_then(known, metric, when.as_ref(), step);
                if let Some(fault) = cancelled.or_else(|| no_time_left(known.scope, metric, step, &targets)) {
                    self.push(fault);
                }
            }
        }
    }

    fn target_too_long(&mut self, scope: &Scope, timed: &Timed<'_>) {
        let Some(name) = timed.calendar() else { return };
        // One that never opens is told elsewhere.
        let Some(capacity) = Capacity::of(scope, &name.value).filter(|capacity| capacity.days > 0) else { return };
        let fits = match timed.target.form {
            TargetForm::Duration(millis, _) | TargetForm::Moved(millis, _) => capacity.has(millis),
            TargetForm::ServiceDays(days)
            | TargetForm::EndOfServiceDay(days)
            | TargetForm::TimeOnServiceDay(days, _) => i64::from(days) <= capacity.days,
        };
        if !fits {
            let message = format!("the calendar `{}` never has so much time", name.value);
            let fault = Diagnostic::error("target_too_long", timed.target.span, message);
            let help =
                "a clock with this target is never breached: write a shorter one, or give the calendar weekly hours";
            self.push(fault.label(name.span, "counted on this calendar").witness(capacity.words()).help(help));
        }
    }
}

/// The targets of the tiers and of the metrics; on which hours the latter count where they name none depends on the tier.
fn targets<'k>(known: &Known<'k>) -> Vec<Timed<'k>> {
    let mut found = Vec::new();
    for tier in known.tiers {
        for table in &tier.targets {
            let targets = table.entries.iter().filter_map(|entry| entry.target.as_ref());
            let (metric, hours) = (table.metric.value.as_str(), tier.hours.as_ref());
            found.extend(targets.map(|target| Timed { metric, target, hours }));
        }
    }
    for statement in &known.agreement.statements {
        let StatementKind::Metric(name, lines) = &statement.kind else { continue };
        for line in lines {
            if let MetricLine::Target(target) = &line.value {
                found.push(Timed { metric: &name.value, target: &target.value, hours: None });
            }
        }
    }
    found
}

/// A step that waits for a state in which its clock is cancelled.
fn cancelled_by_then(known: &Known<'_>, metric: &Name, header: Option<&Condition>, step: &Step) -> Option<Diagnostic> {
    let waits_for: Vec<&Condition> = header.into_iter().chain(&step.when).collect();
    let last = *waits_for.last()?;
    let lines = known.find(|kind| match kind {
        StatementKind::Metric(name, lines) if name.value == metric.value => Some(lines),
        _ => None,
    })?;
    let (cancels, state) = lines.iter().find_map(|line| match &line.value {
        MetricLine::CancelsWhen(cancels) => Some((cancels, implied(known, &waits_for, cancels)?)),
        _ => None,
    })?;
    let message = "this step never comes: where its condition holds, its clock is cancelled";
    let fault = Diagnostic::warning("step_never_comes", last.span, message).label(cancels.span, "it is cancelled here");
    let fault = fault.witness(format!("a clock with {state} is cancelled"));
    Some(fault.help("change one of the two conditions, or take the step out"))
}

/// The first state in which all of some conditions hold, where another holds in every such state.
fn implied(known: &Known<'_>, all: &[&Condition], other: &Condition) -> Option<String> {
    let conditions: Vec<&Condition> = all.iter().copied().chain([other]).collect();
    let states = States::new(known, Sees::All, &conditions)?;
    let holds = |state: &State| all.iter().all(|condition| states.holds(condition, state));
    let first = states.all().find(holds)?;
    states.all().filter(holds).all(|state| states.holds(other, &state)).then(|| states.words(&first))
}

/// A step after the breach for which no calendar has any time left.
fn no_time_left(scope: &Scope, metric: &Name, step: &Step, targets: &[Timed<'_>]) -> Option<Diagnostic> {
    let (late, calendar) = match &step.at {
        StepAt::After(late, calendar) | StepAt::Every(late, calendar, _) => (*late, calendar.as_ref()),
        _ => return None,
    };
    if let Some(name) = calendar {
        let capacity = Capacity::of(scope, &name.value).filter(|capacity| !capacity.has(late))?;
        return Some(never_comes(step, name, capacity));
    }
    let mut last = None;
    for timed in targets.iter().filter(|timed| timed.metric == metric.value) {
        let name = timed.calendar()?;
        let TargetForm::Duration(millis, _) = timed.target.form else { return None };
        let capacity = Capacity::of(scope, &name.value)?;
        // A target that is too long by itself is told as such.
        if capacity.has(millis.saturating_add(late)) || !capacity.has(millis) {
            return None;
        }
        last = Some((name, capacity));
    }
    last.map(|(name, capacity)| never_comes(step, name, capacity))
}

fn never_comes(step: &Step, calendar: &Name, capacity: Capacity) -> Diagnostic {
    let message = format!("this step never comes: the calendar `{}` has no time left for it", calendar.value);
    let fault = Diagnostic::warning("step_never_comes", step.words, message);
    let fault = fault.label(calendar.span, "counted on this calendar").witness(capacity.words());
    fault.help("write a shorter time, or `in always`")
}
