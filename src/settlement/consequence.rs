//! What follows besides money: steps reached at a breach, or at the end of a period.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::money::Fraction;
use crate::outcome::{Snapshot, Status};
use crate::plan::Version;
use crate::plan::clause::{Measure, Period, Run};
use crate::plan::condition::Bound;
use crate::plan::consequence::{Ladder, Reached, Rung, Window};
use crate::statement::{Consequence, PeriodSpan};
use crate::time::Instant;

use super::charge::Charges;
use super::clocks::Clock;
use super::entry::bounds_words;
use super::figure::Field;
use super::gauge::{Asked, Gauge, figure, in_version, measure_words};
use super::run::{self, Point};
use super::window::{self, last_day};

/// What consequences are found in.
pub(super) struct Ladders<'a> {
    pub field: &'a Field<'a>,
    /// What the settled months charged.
    pub charges: &'a Charges,
}

/// A breach that a ladder looks at.
struct Breach<'a> {
    at: Instant,
    clock: &'a Clock<'a>,
    ladder: &'a Ladder,
}

/// A rung with the ladder and the version it is of.
#[derive(Clone, Copy)]
struct Step<'a> {
    version: &'a Version,
    ladder: &'a Ladder,
    rung: &'a Rung,
}

impl<'a> Ladders<'a> {
    /// Every step that was reached: in time order, those of one instant as the agreement writes them.
    pub fn all(&self) -> Vec<Consequence> {
        let subjects: BTreeSet<&str> = self.ladders().map(|(_, ladder)| ladder.of.as_str()).collect();
        let mut reached: Vec<(usize, Consequence)> = Vec::new();
        for of in subjects {
            self.at_breaches(of, &mut reached);
        }
        for (place, version) in self.field.agreement.versions.iter().enumerate() {
            for ladder in &version.ladders {
                for (number, rung) in ladder.rungs.iter().enumerate() {
                    let step = Step { version, ladder, rung };
                    let found = self.at_period_ends(place, step);
                    reached.extend(found.into_iter().map(|consequence| (number, consequence)));
                }
            }
        }
        reached.sort_by(|(a, x), (b, y)| (x.at, &x.place.at, a).cmp(&(y.at, &y.place.at, b)));
        reached.into_iter().map(|(_, consequence)| consequence).collect()
    }

    fn ladders(&self) -> impl Iterator<Item = (&'a Version, &'a Ladder)> {
        let versions = self.field.agreement.versions.iter();
        versions.flat_map(|version| version.ladders.iter().map(move |ladder| (version, ladder)))
    }

    // -- breaches

    /// Steps that count breaches. A step is reached when its count is; a further breach reaches it anew only after the
    /// count had fallen below, so exactly when the window holds as many breaches as it asks for.
    fn at_breaches(&self, of: &str, reached: &mut Vec<(usize, Consequence)>) {
        let breaches = self.breaches(of);
        for (place, breach) in breaches.iter().enumerate() {
            for (number, rung) in breach.ladder.rungs.iter().enumerate() {
                let Reached::Breaches { count, window } = rung.reached else { continue };
                let so_far = breaches.get(..=place).unwrap_or_default();
                let count = usize::try_from(count).unwrap_or(usize::MAX);
                // One more is enough to know that the count had been reached before.
                let inside = self.inside(so_far, window, breach.at).take(count.saturating_add(1));
                let inside: Vec<&Breach<'a>> = inside.collect();
                if inside.len() == count {
                    let step = Step { version: breach.clock.version, ladder: breach.ladder, rung };
                    reached.push((number, self.counted(step, breach.at, inside, window)));
                }
            }
        }
    }

    /// The breaches of a metric that the ladder of their ticket's version looks at, in time order.
    fn breaches(&self, of: &str) -> Vec<Breach<'a>> {
        let clocks = self.field.sampler.clocks.all.iter();
        let breached = clocks.filter(|clock| clock.metric.name == of && clock.outcome.status == Status::Breached);
        let mut breaches: Vec<Breach<'a>> = breached.filter_map(|clock| self.breach(of, clock)).collect();
        breaches.sort_by_key(|breach| (breach.at, &breach.clock.ticket.id, breach.clock.outcome.cycle));
        breaches
    }

    fn breach(&self, of: &str, clock: &'a Clock<'a>) -> Option<Breach<'a>> {
        let ladder = ladder_of(clock.version, of)?;
        let at_breach: &Snapshot = clock.outcome.at_breach.as_deref().unwrap_or(&clock.ticket.last);
        let looks_at = ladder.when.as_ref().is_none_or(|when| self.field.sampler.clocks.holds(clock, at_breach, when));
        Some(Breach { at: clock.outcome.breached_at?, clock, ladder }).filter(|_| looks_at)
    }

    /// The breaches in the window that ends with `at`, the last first.
    fn inside<'b>(
        &self,
        so_far: &'b [Breach<'a>],
        window: Window,
        at: Instant,
    ) -> impl Iterator<Item = &'b Breach<'a>> + use<'a, 'b> {
        let first = window::begins(self.field.cutter, self.field.agreement.zone, window, at);
        so_far.iter().rev().take_while(move |breach| first <= breach.at)
    }

    fn counted(&self, step: Step<'_>, at: Instant, last_first: Vec<&Breach<'_>>, window: Window) -> Consequence {
        let zone = self.field.agreement.zone;
        let told = last_first.iter().rev().map(|breach| format!("{} {}", breach.clock.ticket.id, breach.at.wall(zone)));
        let breaches = if last_first.len() == 1 { "breach" } else { "breaches" };
        let (count, of, words) = (last_first.len(), &step.ladder.of, window.words());
        let told = told.collect::<Vec<_>>().join(", ");
        let because = format!("{count} {breaches} of {of} in {words}: {told}");
        let tickets = last_first.iter().map(|breach| breach.clock.ticket.id.clone()).collect();
        self.consequence(step, at, at.local(zone).date(), tickets, because)
    }

    fn consequence(
        &self,
        step: Step<'_>,
        at: Instant,
        day: NaiveDate,
        tickets: BTreeSet<String>,
        because: String,
    ) -> Consequence {
        let zone = self.field.agreement.zone;
        Consequence {
            place: step.ladder.place.clone(),
            step_place: step.rung.place.clone(),
            step: step.rung.step.clone(),
            at,
            day,
            expires: step.rung.expires.and_then(|length| last_day(zone, day, at, length)),
            tickets: tickets.into_iter().collect(),
            version: step.version.label.clone(),
            because,
        }
    }

    // -- bands of periods

    /// The periods of the version at this place at whose end the step is reached.
    fn at_period_ends(&self, version: usize, step: Step<'a>) -> Vec<Consequence> {
        let Reached::Band { measure, per, bounds, run } = &step.rung.reached else { return Vec::new() };
        let series = self.series(step, measure, *per);
        let points: Vec<Point<'_>> = series
            .iter()
            .map(|(_, span, gauge)| Point {
                span,
                value: gauge.value.as_ref(),
                provisional: self.field.over_by < span.span.end,
            })
            .collect();
        let reached = series.iter().enumerate().filter_map(|(at, (of_version, span, gauge))| {
            let (cutter, run) = (self.field.cutter, run.as_ref());
            let is_over = *of_version == version && points.get(at).is_some_and(|point| !point.provisional);
            let held =
                run::holds(cutter, bounds, run, &points, at).filter(|_| is_over && self.was_charged(run, span))?;
            if run::goes_on(cutter, bounds, run, &points, at) {
                return None;
            }
            let behind = held.places.iter().filter_map(|place| series.get(*place));
            let tickets = behind.flat_map(|(_, _, gauge)| gauge.behind.iter().cloned()).collect();
            let value = gauge.value.as_ref()?;
            let because = because(step.version, measure, value, bounds, &held.told);
            Some(self.consequence(step, span.span.end, span.day_after.pred_opt()?, tickets, because))
        });
        reached.collect()
    }

    /// All periods of a figure in time order, each with the place of its version and measured as that version's ladder
    /// says.
    fn series(&self, step: Step<'a>, measure: &Measure, per: Period) -> Vec<(usize, PeriodSpan, Gauge)> {
        let mut series = Vec::new();
        for (place, version) in self.field.agreement.versions.iter().enumerate() {
            let ladder = ladder_of(version, &step.ladder.of).unwrap_or(step.ladder);
            let Some(measure) = in_version(measure, step.version, version) else { continue };
            let spans = self.field.periods(per, place);
            let asked = Asked { when: ladder.when.as_ref(), ..Asked::of(version, &measure) };
            let gauges = self.field.sampler.gauges(asked, &spans);
            series.extend(spans.into_iter().zip(gauges).map(|(span, gauge)| (place, span, gauge)));
        }
        series.sort_by_key(|(_, span, _)| span.first_day);
        series
    }

    /// Whether the penalty that a run waits for was charged; one that waits for none does not ask.
    fn was_charged(&self, run: Option<&Run>, span: &PeriodSpan) -> bool {
        match run {
            Some(Run::After { months, penalty }) => !self.charges.before(penalty, Some(*months), span).is_empty(),
            _ => true,
        }
    }
}

fn ladder_of<'a>(version: &'a Version, of: &str) -> Option<&'a Ladder> {
    version.ladders.iter().find(|ladder| ladder.of == of)
}

fn because(version: &Version, measure: &Measure, value: &Fraction, bounds: &[Bound], told: &str) -> String {
    let (name, value) = (measure_words(version, measure), figure(measure, value));
    format!("{name} {value} is {}{told}", bounds_words(bounds, measure))
}
