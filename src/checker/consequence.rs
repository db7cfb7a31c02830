//! Consequences: steps that can be reached.

use num_traits::{One, Zero};

use crate::ast::{Bound, Comparison, Consequences, Measure, Name, Period, Reached, Run, RunKind, Rung, StatementKind};
use crate::diagnostic::Diagnostic;
use crate::money::Fraction;

use super::band::is_share;
use super::condition::Sees;
use super::{Checker, Known};

impl Checker {
    pub(super) fn consequences(&mut self, known: &Known<'_>, consequences: &Consequences) {
        let Consequences { of, when, rungs } = consequences;
        when.iter().for_each(|when| self.condition(known, when, Sees::All));
        if rungs.is_empty() {
            let message = format!("nothing follows from `{}`", of.value);
            let help = "add a step: `3 breaches in 3 months then warning`";
            self.error("consequences_without_step", of.span, message, help);
        }
        let of_services = |rung: &Rung| matches!(rung.reached, Reached::Band(Measure::Availability(_), ..));
        if !rungs.iter().all(of_services) || rungs.is_empty() {
            self.metric_name(known, of);
        }
        rungs.iter().for_each(|rung| self.rung(known, of, rung));
    }

    fn rung(&mut self, known: &Known<'_>, of: &Name, rung: &Rung) {
        if let Some(expires) = rung.expires.as_ref().filter(|expires| expires.value == 0) {
            let help = "say for how long the right may be used";
            self.error("bad_duration", expires.span, "a right for no time is none", help);
        }
        match &rung.reached {
            Reached::Breaches(count, window, ..) => {
                for number in [count, window] {
                    if number.value == 0 {
                        let help = "write how many there must be, and in how much time";
                        self.error("empty_run", number.span, "no breach is asked for", help);
                    }
                }
                self.never_timed(known, of, rung);
            }
            Reached::Band(measure, bounds, run) => self.band_rung(known, measure, bounds, run.as_ref(), rung),
        }
    }

    fn band_rung(&mut self, known: &Known<'_>, measure: &Measure, bounds: &[Bound], run: Option<&Run>, rung: &Rung) {
        let share = is_share(known, measure);
        self.measure(known, measure, None);
        bounds.iter().for_each(|bound| self.bound_fits(known, bound, measure));
        if let Measure::Attainment(metric) | Measure::Breaches(metric) = measure {
            self.never_timed(known, metric, rung);
        }
        self.two_sided(bounds, rung.span);
        if let Some(bound) = bounds.iter().find(|bound| holds_nothing(bound, share)) {
            let fault = Diagnostic::warning("unreachable_step", bound.span, "no figure lies there");
            self.push(fault.help("write a bound that a figure can be on the other side of"));
        }
        run.iter().for_each(|run| self.run(known, run, &period_of(run)));
    }

    /// A step over a metric for which nobody has a target.
    fn never_timed(&mut self, known: &Known<'_>, metric: &Name, rung: &Rung) {
        let own_target = known.find(|kind| match kind {
            StatementKind::Metric(name, lines) if name.value == metric.value => {
                let target = lines.iter().find(|line| matches!(line.value, crate::ast::MetricLine::Target(_)));
                Some(target.is_some())
            }
            _ => None,
        });
        let tables = known.tiers.iter().flat_map(|tier| &tier.targets);
        let mut targets = tables.filter(|table| table.metric.value == metric.value).flat_map(|table| &table.entries);
        if own_target == Some(false) && !targets.any(|entry| entry.target.is_some()) {
            let message = format!("`{}` has no target, so it is never breached", metric.value);
            let fault = Diagnostic::warning("unreachable_step", rung.span, message);
            self.push(fault.help(format!("add a target: `{} {{ any 4h }}` in a tier", metric.value)));
        }
    }
}

/// Whether a bound leaves no figure: below nothing, above everything.
fn holds_nothing(bound: &Bound, share: bool) -> bool {
    match bound.comparison {
        Comparison::Below => bound.value <= Fraction::zero(),
        Comparison::Above => share && bound.value >= Fraction::one(),
        Comparison::AtMost | Comparison::AtLeast => false,
    }
}

/// The period that a run counts; a month where it does not say.
fn period_of(run: &Run) -> Period {
    match &run.kind {
        RunKind::InARow(_, unit) | RunKind::Of(_, _, unit) => match unit.value.as_str() {
            "weeks" => Period::Week,
            "quarters" => Period::Quarter,
            "years" => Period::Year,
            _ => Period::Month,
        },
        RunKind::After(..) => Period::Month,
    }
}
