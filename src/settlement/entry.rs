//! What clauses come to, one entry for each breach or period, before anything is capped or combined.

use chrono::NaiveDate;
use num_traits::Zero;

use crate::money::{Fraction, exact, percent_words};
use crate::outcome::{Snapshot, Status};
use crate::plan::clause::{Amount, Clause, EarnBack, Measure, Owed, Period, Subject, Term};
use crate::plan::condition::Bound;
use crate::plan::{Agreement, Version};
use crate::statement::{Line, PeriodSpan};
use crate::time::{Instant, Interval};

use super::amount::{Counts, Terms};
use super::charge;
use super::claim::ClaimDays;
use super::clocks::{Clock, Clocks, metric_name};
use super::extension;
use super::fee::Fees;
use super::figure::{Measured, measure_words};
use super::period::Cutter;
use super::run::Candidate;

/// A ledger line in the making.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    pub line: Line,
    pub clause: &'a Clause,
    /// The clause's place in its version.
    pub place: usize,
    /// The instant whose month, and whose cap periods, it belongs to.
    pub settles_at: Instant,
    /// The figure it is for, by its place; of a figure's entries the first that holds is settled.
    pub figure: Option<usize>,
    /// It holds only where this penalty was charged within so many months before.
    pub after: Option<(u32, &'a str)>,
    /// What it comes to, where that is no amount of its own.
    pub other: Option<Other<'a>>,
    /// It may come to no more than this, where it is earned back.
    pub limit: Option<Fraction>,
    /// It was cut in an earlier month and is owed in this one: clause caps and combination are behind it.
    pub is_carried: bool,
    /// With a file of claims it pays nothing unless it is claimed until this day.
    pub lost_after: Option<NaiveDate>,
}

/// What an entry comes to besides an amount of its own.
#[derive(Debug, Clone, Copy)]
pub(super) enum Other<'a> {
    /// What a penalty charged before.
    Back(&'a EarnBack),
    /// A longer term.
    Term(Term),
}

/// What entries are made from.
pub(super) struct Maker<'a> {
    pub agreement: &'a Agreement,
    pub fees: Fees<'a>,
    pub cutter: Cutter,
    /// Clocks that still run are late up to here.
    pub as_of: Instant,
    pub claims: ClaimDays<'a>,
}

impl<'a> Maker<'a> {
    /// An entry for each breach that a clause looks at.
    pub fn breaches(&self, clocks: &Clocks<'a>) -> Vec<Entry<'a>> {
        let breached = clocks.all.iter().filter(|clock| clock.outcome.status == Status::Breached);
        breached.flat_map(|clock| self.of_breach(clocks, clock)).collect()
    }

    fn of_breach(&self, clocks: &Clocks<'a>, clock: &Clock<'a>) -> Vec<Entry<'a>> {
        let mut entries = Vec::new();
        for (place, clause) in clock.version.clauses.iter().enumerate() {
            let Subject::EachBreach { metric, amount } = &clause.subject else { continue };
            let at_breach: &Snapshot = clock.outcome.at_breach.as_deref().unwrap_or(&clock.ticket.last);
            let looks_at = *metric == clock.outcome.metric
                && clause.when.as_ref().is_none_or(|when| clocks.holds(clock, at_breach, when))
                && !clause.except.as_ref().is_some_and(|except| clocks.holds(clock, at_breach, except));
            if looks_at && let Some(at) = clock.counted(clause.counted_by).counts_at {
                entries.push(self.breach(clock, clause, place, amount, at));
            }
        }
        entries
    }

    fn breach(
        &self,
        clock: &Clock<'a>,
        clause: &'a Clause,
        place: usize,
        amount: &Amount,
        settles_at: Instant,
    ) -> Entry<'a> {
        let month = self.cutter.at(Period::Month, settles_at);
        let breached_at = clock.outcome.breached_at.unwrap_or(settles_at);
        let end = clock.outcome.stopped_at.unwrap_or(self.as_of);
        let counts =
            Counts::Breach { late: clock.outcome.late_ms, from_breach_to_stop: Interval::new(breached_at, end) };
        let terms = Terms {
            fees: self.fees,
            currency: self.agreement.currency,
            period: &month,
            month: &month,
            at: breached_at,
            is_breach: true,
            counts,
        };
        let worked = terms.work(amount);
        let mut line = self.line(clock.version, clause, &month, &month, breached_at);
        line.metric = Some(clock.outcome.metric);
        line.cycle = Some(clock.outcome.cycle);
        line.tickets = vec![clock.ticket.id.clone()];
        line.because = worked.words;
        line.computed = worked.value;
        let lost_after = self.claims.lost_after(clock.version, clause, &month, breached_at);
        Entry {
            line,
            clause,
            place,
            settles_at,
            figure: None,
            after: None,
            other: None,
            limit: None,
            is_carried: false,
            lost_after,
        }
    }

    /// An entry for each band of a figure that holds, the narrowest first. `number` is the figure's place.
    pub fn figure(&self, number: usize, measured: &Measured<'a>) -> Vec<Entry<'a>> {
        measured.candidates.iter().filter_map(|candidate| self.band(number, measured, candidate)).collect()
    }

    fn band(&self, number: usize, measured: &Measured<'a>, candidate: &Candidate<'a>) -> Option<Entry<'a>> {
        let (band, value) = (candidate.band, measured.figure.value.as_ref()?);
        let period = &measured.figure.period;
        let last = period.span.end.plus(-1);
        let month = self.cutter.at(Period::Month, last);
        let tally = &measured.tally;
        let tickets = tally.tickets.len() as u64;
        let terms = Terms {
            fees: self.fees,
            currency: self.agreement.currency,
            period,
            month: &month,
            at: last,
            is_breach: false,
            counts: Counts::Figure { value, breaches: tally.breached, tickets },
        };
        let (other, worked) = match &band.owed {
            Owed::Amount(amount) => (None, terms.work(amount)),
            Owed::EarnBack(back) => (Some(Other::Back(back)), charge::asked(back, &terms)),
            Owed::Extend(term) => (Some(Other::Term(*term)), extension::worked(*term)),
        };
        let Subject::Figure { measure, .. } = &measured.clause.subject else { return None };
        let place = measured.version.clauses.iter().position(|clause| clause.name == measured.clause.name);
        let mut line = self.line(measured.version, measured.clause, &month, period, period.span.end);
        line.metric = Some(measure.metric());
        line.band = Some(band.place.clone());
        line.tickets = tally.breaching.iter().map(|id| (*id).to_string()).collect();
        let figure = figure_words(measured.version, *measure, measured);
        let told = &candidate.told;
        line.because = format!("{figure} is {}{told}: {}", bounds_words(&band.bounds, *measure), worked.words);
        line.computed = worked.value;
        let (figure, after) = (Some(number), candidate.after());
        let lost_after = self.claims.lost_after(measured.version, measured.clause, period, line.at);
        Some(Entry {
            line,
            clause: measured.clause,
            place: place?,
            settles_at: last,
            figure,
            after,
            other,
            limit: None,
            is_carried: false,
            lost_after,
        })
    }

    fn line(&self, version: &Version, clause: &Clause, month: &PeriodSpan, period: &PeriodSpan, at: Instant) -> Line {
        let zero = Fraction::zero;
        Line {
            month: month.clone(),
            period: period.clone(),
            clause: clause.name.clone(),
            place: clause.place.clone(),
            band: None,
            kind: clause.kind,
            metric: None,
            cycle: None,
            tickets: Vec::new(),
            at,
            computed: zero(),
            after_clause_cap: zero(),
            after_combine: zero(),
            after_caps: zero(),
            after_threshold: zero(),
            amount: zero(),
            version: version.label.clone(),
            claim_by: self.claims.of(version, clause, period, at).map(|day| day.to_string()),
            because: String::new(),
        }
    }
}

/// `attainment of resolution 88.5 % (177 of 200)`, or `breaches of resolution 7`.
fn figure_words(version: &Version, measure: Measure, measured: &Measured<'_>) -> String {
    let words = measure_words(version, measure);
    let tally = &measured.tally;
    match (measure, &measured.figure.value) {
        (Measure::Attainment(metric), Some(value)) => {
            let name = metric_name(version, metric);
            format!("attainment of {name} {} ({} of {})", percent_words(value), tally.met, tally.decided())
        }
        (_, Some(value)) => format!("{words} {}", exact(value)),
        (_, None) => words,
    }
}

pub(super) fn bounds_words(bounds: &[Bound], measure: Measure) -> String {
    let bound = |bound: &Bound| {
        let value = match measure {
            Measure::Attainment(_) => percent_words(&bound.value),
            Measure::Breaches(_) => exact(&bound.value),
        };
        format!("{} {value}", bound.comparison.words())
    };
    bounds.iter().map(bound).collect::<Vec<_>>().join(" and ")
}
