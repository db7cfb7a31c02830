//! Metrics: a start, a stop, and lines that fit together.

use crate::ast::{MetricLine, Name, Target, TargetForm};
use crate::source::Spanned;

use super::condition::Sees;
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
                self.condition(known, &pause.when, Sees::All);
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

fn count(times: &mut usize) -> usize {
    *times += 1;
    *times
}
