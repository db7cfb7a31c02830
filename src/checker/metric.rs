//! Metrics: a start, a stop, and lines that fit together.

use crate::ast::{Condition, MetricLine, Name, Target, TargetForm, Tested, Trigger};
use crate::diagnostic::Diagnostic;
use crate::plugin::Kind;
use crate::source::Spanned;

use super::condition::Sees;
use super::states::States;
use super::{Checker, Known};

impl Checker {
    pub(super) fn metric(&mut self, known: &Known<'_>, name: &Name, lines: &[Spanned<MetricLine>]) {
        let mut starts = 0;
        let mut stops = 0;
        for line in lines {
            let times = match &line.value {
                MetricLine::Starts(..) => count(&mut starts),
                MetricLine::Stops(_) => count(&mut stops),
                _ => 1,
            };
            if times > 1 {
                let message = format!("the metric `{}` says this twice", name.value);
                self.error(
                    "said_twice",
                    line.span,
                    message,
                    "name several events on one line: `stops on resolved, closed`",
                );
            }
            self.metric_line(known, &line.value);
        }
        self.said_once(name, lines);
        self.endless_pauses(known, lines);
        self.stops_at_start(known, lines);
        if starts == 0 {
            let message = format!("the metric `{}` never starts", name.value);
            self.error("metric_without_start", name.span, message, "add `starts on created`");
        }
        if stops == 0 {
            let message = format!("the metric `{}` never stops", name.value);
            self.error("metric_without_stop", name.span, message, "add `stops on resolved`");
        }
    }

    fn said_once(&mut self, name: &Name, lines: &[Spanned<MetricLine>]) {
        let is = |kind: fn(&MetricLine) -> bool| lines.iter().filter(move |line| kind(&line.value)).nth(1);
        let twice = [
            is(|line| matches!(line, MetricLine::Reopens(_))),
            is(|line| matches!(line, MetricLine::Repeats(..))),
            is(|line| matches!(line, MetricLine::Target(_))),
            is(|line| matches!(line, MetricLine::LateIn(_))),
            is(|line| matches!(line, MetricLine::CountedBy(_))),
        ];
        for line in twice.into_iter().flatten() {
            let message = format!("the metric `{}` says this twice", name.value);
            self.error("said_twice", line.span, message, "keep one of the two");
        }
    }

    /// A stop that the start implies: a start takes its event, so there it stops nothing. In a metric that repeats, it ends one
    /// cycle and begins the next.
    fn stops_at_start(&mut self, known: &Known<'_>, lines: &[Spanned<MetricLine>]) {
        if lines.iter().any(|line| matches!(line.value, MetricLine::Repeats(..))) {
            return;
        }
        let starts = lines.iter().flat_map(|line| match &line.value {
            MetricLine::Starts(triggers, false, _) => triggers.as_slice(),
            _ => &[],
        });
        let starts: Vec<&Trigger> = starts.collect();
        let stops = lines.iter().flat_map(|line| match &line.value {
            MetricLine::Stops(triggers) => triggers.as_slice(),
            _ => &[],
        });
        for stop in stops {
            if let Some(start) = starts.iter().find(|start| is_implied(known, start, stop)) {
                let message = format!("`{}` starts this clock, and is to stop it as well", stop.event.value);
                let fault =
                    Diagnostic::warning("stop_at_start", stop.span, message).label(start.span, "it starts here");
                let help =
                    "name the event that ends it, such as `stops on resolved`, or a condition that tells the two apart";
                self.push(fault.help(help));
            }
        }
    }

    fn metric_line(&mut self, known: &Known<'_>, line: &MetricLine) {
        match line {
            MetricLine::Starts(triggers, _, calendar) => {
                self.triggers(known, triggers);
                if let Some(calendar) = calendar {
                    self.counting_calendar(known.scope, calendar);
                }
            }
            MetricLine::Stops(triggers) | MetricLine::CancelsOn(triggers) | MetricLine::Repeats(_, triggers) => {
                self.triggers(known, triggers);
            }
            MetricLine::Pauses(pause) => {
                match &pause.when.test {
                    Tested::By(call) => self.call(known, call, Kind::Pause),
                    _ => self.condition(known, &pause.when, Sees::All),
                }
                let triggers: Vec<_> = pause.until.iter().chain(&pause.only_after).cloned().collect();
                self.triggers(known, &triggers);
                if let Some(length) = &pause.at_most {
                    self.target(known, &length.value);
                }
            }
            MetricLine::Reopens(reopens) => self.triggers(known, &reopens.on),
            MetricLine::CancelsWhen(condition) => self.condition(known, condition, Sees::All),
            MetricLine::Target(target) => self.target(known, &target.value),
            MetricLine::LateIn(calendar) => self.calendar_name(known.scope, calendar),
            MetricLine::CountedBy(word) => self.counted_by(word),
            MetricLine::Later(later) => self.not_built(later),
            MetricLine::Retargets(_) | MetricLine::Despite(_) => {}
        }
    }

    pub(super) fn counted_by(&mut self, word: &Name) {
        if !["created", "stopped", "breach"].contains(&word.value.as_str()) {
            self.unknown("way to count", word, ["created", "stopped"]);
        }
    }

    pub(super) fn target(&mut self, known: &Known<'_>, target: &Target) {
        if let Some(calendar) = &target.calendar {
            self.counting_calendar(known.scope, calendar);
        }
        match &target.form {
            TargetForm::Duration(millis, in_days) => {
                if *millis == 0 {
                    self.error(
                        "bad_duration",
                        target.span,
                        "a target of no time cannot be met",
                        "write how long it may take",
                    );
                }
                let counted_in_hours = target.calendar.as_ref().is_some_and(|calendar| calendar.value != "always");
                if *in_days && counted_in_hours {
                    let help = "say `2 service days in office`, or hours";
                    self.error("days_of_a_calendar", target.span, "days are 24 hours of `always`", help);
                }
            }
            TargetForm::Moved(_, to) => self.counting_calendar(known.scope, to),
            TargetForm::ServiceDays(0) | TargetForm::EndOfServiceDay(0) | TargetForm::TimeOnServiceDay(0, _) => {
                self.error(
                    "bad_duration",
                    target.span,
                    "the first service day is number 1",
                    "write `1 service day`, or `next`",
                );
            }
            _ => {}
        }
    }
}

/// Whether every event that fires `start` is one that fires `stop`.
fn is_implied(known: &Known<'_>, start: &Trigger, stop: &Trigger) -> bool {
    if start.event.value != stop.event.value {
        return false;
    }
    let Some(needed) = &stop.when else { return true };
    let conditions: Vec<&Condition> = start.when.iter().chain([needed]).collect();
    let Some(states) = States::new(known, Sees::All, &conditions) else { return false };
    let mut fires = states.all().filter(|state| start.when.as_ref().is_none_or(|when| states.holds(when, state)));
    fires.all(|state| states.holds(needed, &state))
}

fn count(times: &mut usize) -> usize {
    *times += 1;
    *times
}
