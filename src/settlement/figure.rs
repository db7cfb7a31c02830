//! Figures of periods: what promises and clauses measure.

use crate::money::Fraction;
use crate::plan::clause::{Band, Clause, Measure, Period, Subject};
use crate::plan::{Agreement, Promise, Tier, Version};
use crate::statement::{Figure, PeriodSpan};
use crate::time::{Instant, Interval};

use super::clocks::{Clock, Clocks, Tally, metric_name};
use super::period::Cutter;
use super::run::{self, Candidate};

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
    /// The clause's rows.
    pub bands: &'a [Band],
    /// Those that hold, the narrowest first; only the last of them does not wait for a penalty.
    pub candidates: Vec<Candidate<'a>>,
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
        run::choose(self.cutter, &mut measured);
        measured
    }

    fn clause(&self, place: usize, version: &'a Version, clause: &'a Clause) -> Vec<Measured<'a>> {
        let Subject::Figure { per, measure, min_tickets, bands } = &clause.subject else { return Vec::new() };
        let spans = self.periods(*per, place);
        let name = metric_name(version, measure.metric());
        let clocks = self.clocks.measured(name, clause.when.as_ref(), clause.except.as_ref());
        let clocks: Vec<Clock<'_>> = clocks.map(|clock| clock.counted(clause.counted_by)).collect();
        let tallies = Tally::by_period(clocks.iter(), &spans);
        let measured = spans.iter().zip(tallies).map(|(span, tally)| {
            let value = tally.value(*measure, *min_tickets);
            let figure = self.figure(version, span, *measure, &clause.name, &clause.place, &tally, value);
            Measured { figure, tally, clause, version, bands, candidates: Vec::new() }
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

    /// The periods that the version at this place governs: those at whose start it is in force.
    pub fn periods(&self, period: Period, version: usize) -> Vec<PeriodSpan> {
        let Some(seen) = self.seen else { return Vec::new() };
        let spans = self.cutter.range(period, seen.start, seen.end);
        spans.into_iter().filter(|span| version_at(self.agreement, span.span.start) == version).collect()
    }
}

/// The place of the version in force at an instant, or of the first.
pub(super) fn version_at(agreement: &Agreement, at: Instant) -> usize {
    agreement.versions.iter().rposition(|version| version.from <= at).unwrap_or(0)
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
