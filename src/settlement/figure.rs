//! Figures of periods: what promises and clauses measure.

use crate::money::Fraction;
use crate::plan::clause::{Band, Clause, Measure, Period, Subject};
use crate::plan::condition::Comparison;
use crate::plan::{Agreement, Promise, Tier, Version};
use crate::statement::{Figure, PeriodSpan};
use crate::time::{Instant, Interval};

use super::clocks::{Clock, Clocks, Tally, metric_name};
use super::period::Cutter;

/// What figures are measured in.
pub(super) struct Field<'a> {
    pub agreement: &'a Agreement,
    pub clocks: &'a Clocks<'a>,
    pub cutter: Cutter,
    /// From the first ticket to the end of what is looked at; none: there is no ticket.
    pub seen: Option<Interval>,
    /// A period that ends after it is provisional.
    pub over_by: Instant,
}

/// A clause's figure with what its amount is worked out from.
pub(super) struct Measured<'a> {
    pub figure: Figure,
    pub tally: Tally<'a>,
    pub clause: &'a Clause,
    pub version: &'a Version,
    /// The band that holds.
    pub band: Option<&'a Band>,
}

impl<'a> Field<'a> {
    /// Every promise of every tier, period by period.
    pub fn promises(&self) -> Vec<Figure> {
        let mut figures = Vec::new();
        for (place, version) in self.agreement.versions.iter().enumerate() {
            for tier in &version.tiers {
                for promise in &tier.promises {
                    figures.extend(self.promise(place, version, tier, promise));
                }
            }
        }
        figures
    }

    fn promise(&self, place: usize, version: &Version, tier: &Tier, promise: &Promise) -> Vec<Figure> {
        let clause = format!("promise {}", tier.name);
        let name = metric_name(version, promise.metric);
        let spans = self.periods(promise.per, place);
        let of_tier = |clock: &&Clock<'_>| tier_of(clock) == Some(&tier.name);
        let tallies = Tally::by_period(self.clocks.measured(name, None, None).filter(of_tier), &spans);
        let measure = Measure::Attainment(promise.metric);
        let figures = spans.iter().zip(&tallies).map(|(span, tally)| {
            let value = tally.value(measure, None);
            let kept = value.as_ref().map(|value| promise.share <= *value);
            Figure { kept, ..self.figure(version, span, measure, &clause, &promise.place, tally, value) }
        });
        figures.collect()
    }

    /// Every clause that measures a period, period by period.
    pub fn clauses(&self) -> Vec<Measured<'a>> {
        let mut measured = Vec::new();
        for (place, version) in self.agreement.versions.iter().enumerate() {
            for clause in &version.clauses {
                measured.extend(self.clause(place, version, clause));
            }
        }
        measured
    }

    fn clause(&self, place: usize, version: &'a Version, clause: &'a Clause) -> Vec<Measured<'a>> {
        let Subject::Figure { per, measure, min_tickets, bands } = &clause.subject else { return Vec::new() };
        let spans = self.periods(*per, place);
        let name = metric_name(version, measure.metric());
        let clocks = self.clocks.measured(name, clause.when.as_ref(), clause.except.as_ref());
        let tallies = Tally::by_period(clocks, &spans);
        let measured = spans.iter().zip(tallies).map(|(span, tally)| {
            let value = tally.value(*measure, *min_tickets);
            let band = value.as_ref().and_then(|value| narrowest(bands, value));
            let figure = self.figure(version, span, *measure, &clause.name, &clause.place, &tally, value);
            Measured { figure, tally, clause, version, band }
        });
        measured.collect()
    }

    #[expect(clippy::too_many_arguments, reason = "each is a column of the figure")]
    fn figure(
        &self,
        version: &Version,
        span: &PeriodSpan,
        measure: Measure,
        clause: &str,
        place: &crate::plan::Place,
        tally: &Tally<'_>,
        value: Option<Fraction>,
    ) -> Figure {
        let (numerator, denominator) = tally.parts(measure);
        Figure {
            period: span.clone(),
            measure: measure_words(version, measure),
            clause: clause.to_string(),
            place: place.clone(),
            value,
            numerator,
            denominator,
            tickets: tally.tickets.len() as u64,
            kept: None,
            version: version.label.clone(),
            provisional: self.over_by < span.span.end,
        }
    }

    /// The periods that the version at this place governs.
    fn periods(&self, period: Period, version: usize) -> Vec<PeriodSpan> {
        let Some(seen) = self.seen else { return Vec::new() };
        let spans = self.cutter.range(period, seen.start, seen.end);
        spans.into_iter().filter(|span| version_of(self.agreement, span) == version).collect()
    }
}

/// The place of the version that a period goes by: the one in force at its start, or the first in it where the agreement
/// begins later.
pub(super) fn version_of(agreement: &Agreement, period: &PeriodSpan) -> usize {
    agreement.version_at(period.span.start.max(agreement.effective.span.start))
}

/// The tier of a clock's ticket, as last known.
pub(super) fn tier_of<'a>(clock: &Clock<'a>) -> Option<&'a str> {
    let id = clock.ticket.last.tier?;
    clock.version.tiers.get(usize::from(id.0)).map(|tier| tier.name.as_str())
}

/// The priority of a clock's ticket, as last known.
pub(super) fn priority_of<'a>(clock: &Clock<'a>) -> Option<&'a str> {
    let id = clock.ticket.last.priority?;
    clock.version.priorities.names.get(usize::from(id.0)).map(String::as_str)
}

pub(super) fn measure_words(version: &Version, measure: Measure) -> String {
    let what = match measure {
        Measure::Attainment(_) => "attainment",
        Measure::Breaches(_) => "breaches",
    };
    format!("{what} of {}", metric_name(version, measure.metric()))
}

/// The band that applies. One-sided rows nest: the narrowest that holds; two-sided rows are disjoint.
fn narrowest<'a>(bands: &'a [Band], value: &Fraction) -> Option<&'a Band> {
    let holding =
        bands.iter().filter(|band| band.bounds.iter().all(|bound| bound.comparison.holds(value, &bound.value)));
    holding.reduce(|best, band| if is_narrower(band, best) { band } else { best })
}

fn is_narrower(band: &Band, than: &Band) -> bool {
    let (Some(a), Some(b)) = (band.bounds.first(), than.bounds.first()) else { return false };
    let strict = |comparison| matches!(comparison, Comparison::Below | Comparison::Above);
    if a.value == b.value {
        return strict(a.comparison) && !strict(b.comparison);
    }
    match a.comparison {
        Comparison::Below | Comparison::AtMost => a.value < b.value,
        Comparison::AtLeast | Comparison::Above => b.value < a.value,
    }
}
