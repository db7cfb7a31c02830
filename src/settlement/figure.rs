//! Figures of periods: what promises and clauses measure.

use crate::money::Fraction;
use crate::plan::availability::ServiceId;
use crate::plan::clause::{Band, Clause, Each, Measure, Period, Subject};
use crate::plan::{Agreement, Place, Version};
use crate::statement::{Figure, PeriodSpan};
use crate::time::{Instant, Interval};

use super::clocks::Clock;
use super::gauge::{Asked, Gauge, Sampler, measure_words};
use super::period::Cutter;
use super::run::{self, Candidate};
use super::sliding;

/// What figures are measured in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    pub agreement: &'a Agreement,
    pub sampler: Sampler<'a>,
    pub cutter: Cutter,
    /// From the first fact to the end of what is looked at; none: there is none.
    pub seen: Option<Interval>,
    /// A period that ends after it is provisional.
    pub over_by: Instant,
}

/// A clause's figure with what its amount is worked out from.
pub(super) struct Measured<'a> {
    pub figure: Figure,
    pub gauge: Gauge,
    pub measure: &'a Measure,
    pub clause: &'a Clause,
    pub version: &'a Version,
    /// The clause's rows.
    pub bands: &'a [Band],
    /// Those that hold, the narrowest first; only the last of them does not wait for a penalty.
    pub candidates: Vec<Candidate<'a>>,
}

/// Something that is promised of a period.
struct Promised<'v> {
    whose: &'v str,
    share: &'v Fraction,
    per: Period,
    place: &'v Place,
}

impl<'a> Field<'a> {
    /// Every promise, period by period.
    pub fn promises(&self) -> Vec<Figure> {
        let mut figures = Vec::new();
        for (place, version) in self.agreement.versions.iter().enumerate() {
            for tier in &version.tiers {
                for promise in &tier.promises {
                    let measure = Measure::Attainment(promise.metric);
                    let asked = Asked { tier: Some(&tier.name), ..Asked::of(version, &measure) };
                    let (share, per) = (&promise.share, promise.per);
                    let promised = Promised { whose: &tier.name, share, per, place: &promise.place };
                    figures.extend(self.promise(place, asked, &promised));
                }
            }
            for (number, service) in (0..).zip(&version.services) {
                for promise in &service.promises {
                    let measure = Measure::Availability(ServiceId(number));
                    let (share, per) = (&promise.share, promise.per);
                    let promised = Promised { whose: &service.name, share, per, place: &promise.place };
                    figures.extend(self.promise(place, Asked::of(version, &measure), &promised));
                }
            }
        }
        figures
    }

    fn promise(&self, place: usize, asked: Asked<'_>, promised: &Promised<'_>) -> Vec<Figure> {
        let clause = format!("promise {}", promised.whose);
        let spans = self.periods(promised.per, place);
        let gauges = self.sampler.gauges(asked, &spans);
        let figures = spans.iter().zip(&gauges).map(|(span, gauge)| {
            let kept = gauge.value.as_ref().map(|value| promised.share <= value);
            Figure { kept, ..self.figure(asked, span, &clause, promised.place, gauge) }
        });
        figures.collect()
    }

    /// Every wanted clause that measures a period, period by period.
    pub fn clauses(&self, wanted: impl Fn(&Clause) -> bool) -> Vec<Measured<'a>> {
        let mut measured = Vec::new();
        for (place, version) in self.agreement.versions.iter().enumerate() {
            for clause in version.clauses.iter().filter(|clause| wanted(clause)) {
                measured.extend(self.clause(place, version, clause));
            }
        }
        run::choose(self.cutter, &mut measured);
        sliding::without_overlaps(measured)
    }

    fn clause(&self, place: usize, version: &'a Version, clause: &'a Clause) -> Vec<Measured<'a>> {
        let Subject::Figure { per, measure, bands } = &clause.subject else { return Vec::new() };
        let spans = self.periods(*per, place);
        let asked = Asked::by(version, clause, measure);
        let gauges = match per {
            Period::AnyDays(days) => self.gauges_of_windows(asked, &spans, *days),
            _ => self.sampler.gauges(asked, &spans),
        };
        let measured = spans.iter().zip(gauges).map(|(span, gauge)| {
            let figure = self.figure(asked, span, &clause.name, &clause.place, &gauge);
            let figure = Figure { each: clause.each.as_ref().and_then(Each::words), ..figure };
            Measured { figure, gauge, measure, clause, version, bands, candidates: Vec::new() }
        });
        measured.collect()
    }

    fn figure(&self, asked: Asked<'_>, span: &PeriodSpan, clause: &str, place: &Place, gauge: &Gauge) -> Figure {
        Figure {
            period: span.clone(),
            measure: measure_words(asked.version, asked.measure),
            clause: clause.to_string(),
            each: None,
            place: place.clone(),
            dimension: asked.measure.dimension(),
            value: gauge.value.clone(),
            numerator: gauge.numerator.clone(),
            denominator: gauge.denominator.clone(),
            tickets: gauge.tickets,
            kept: None,
            version: asked.version.label.clone(),
            provisional: self.over_by < span.span.end,
        }
    }

    /// The periods that the version at this place governs.
    pub fn periods(&self, period: Period, version: usize) -> Vec<PeriodSpan> {
        let Some(seen) = self.seen else { return Vec::new() };
        let spans = match period {
            Period::AnyDays(days) => self.windows(days),
            _ => self.cutter.range(period, seen.start, seen.end),
        };
        spans.into_iter().filter(|span| self.agreement.version_of(span.span) == version).collect()
    }
}

/// The tier of a clock's ticket, as last known.
pub(super) fn tier_of<'a>(clock: &Clock<'a>) -> Option<&'a str> {
    clock.version.tier(clock.ticket.last.tier).map(|tier| tier.name.as_str())
}

/// The priority of a clock's ticket, as last known.
pub(super) fn priority_of<'a>(clock: &Clock<'a>) -> Option<&'a str> {
    clock.version.priority(clock.ticket.last.priority)
}
