//! From outcomes to money: figures of periods, ledger lines, months settled in time order.
//!
//! Amounts are exact fractions until a month is settled. Months are never reopened: what a longer cap leaves is what
//! earlier months, as rounded, have not used.

mod amount;
mod asker;
mod bill;
mod charge;
mod claim;
mod clocks;
mod combine;
mod consequence;
mod desk;
mod downtime;
mod each;
mod entry;
mod extension;
mod facts;
mod fee;
mod figure;
mod gap;
mod gauge;
mod label;
mod month;
mod order;
mod period;
mod points;
mod rounding;
mod rows;
mod run;
mod sliding;
mod supplier;
mod threshold;
mod trouble;
mod volume;
mod window;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use num_traits::Zero;

use crate::money::Fraction;
use crate::outcome::Outcomes;
use crate::plan::clause::{ClauseKind, Measure, Period};
use crate::plan::{Agreement, Version};
use crate::plugin::Failed;
use crate::statement::{Extension, Figure, LeftOut, Line, MetricRow, PeriodSpan, Recovery, Statement, Totals};
use crate::time::{Instant, Interval};

use asker::Asker;
use bill::Bills;
use charge::Charges;
use claim::{ClaimDays, Claimed};
use clocks::{Clock, Clocks};
use consequence::Ladders;
use downtime::Downtimes;
use entry::{Entry, Maker};
use fee::Fees;
use figure::Field;
use gauge::{Asked, Sampler};
use month::Months;
use order::Order;
use period::Cutter;
use points::Points;
use supplier::Recoveries;
use volume::Volumes;

pub use bill::{Fit, fit};
pub use facts::{Facts, Given};
pub use label::PeriodLabel;

/// What is settled.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// The instant up to which clocks were judged.
    pub as_of: Instant,
    /// Periods that end after it are provisional: shown, not settled. A replay says `as of`, a test the end of time.
    pub over_by: Instant,
    /// The first and the last day of the periods that are shown; none: all.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Whether the questions that plugins were asked are told.
    pub keeps_questions: bool,
}

impl Scope {
    /// Everything up to `as_of`.
    pub fn until(as_of: Instant) -> Scope {
        Scope { as_of, over_by: as_of, days: None, keeps_questions: false }
    }

    fn shows(&self, period: &PeriodSpan) -> bool {
        self.days.is_none_or(|(first, last)| first <= period.first_day && period.day_after.pred_opt() <= Some(last))
    }

    fn shows_day(&self, day: NaiveDate) -> bool {
        self.days.is_none_or(|(first, last)| first <= day && day <= last)
    }
}

/// What one agreement's tickets and outages come to.
///
/// # Errors
/// The first plugin that had no answer, unless its clause says what is owed then.
pub fn settle(agreement: &Agreement, facts: &Facts<'_>, scope: &Scope) -> Result<Statement, Failed> {
    let asker = Asker::new(scope.keeps_questions);
    let statement = settle_asking(agreement, facts, scope, &asker);
    asker.done().map(|questions| Statement { questions, ..statement })
}

fn settle_asking(agreement: &Agreement, facts: &Facts<'_>, scope: &Scope, asker: &Asker) -> Statement {
    let spread = each::spread(agreement, facts.outcomes, facts.names);
    let agreement = spread.as_ref().unwrap_or(agreement);
    let clocks = Clocks::new(agreement, facts.outcomes, facts.names);
    let cutter = Cutter::new(agreement);
    let bills = Bills::new(agreement, facts.charges.unwrap_or_default(), cutter);
    let fees = Fees { agreement, cutter, bills: &bills, known_until: None };
    let seen = seen(facts, scope);
    let downtimes = downtimes(agreement, facts, &clocks, scope);
    let sampler = Sampler { clocks: &clocks, downtimes, fees, given: facts.given, cutter, points: &[], seen, asker };
    let field = Field { agreement, sampler, cutter, seen, over_by: scope.over_by };
    let order = Order::new(agreement);
    let claims = ClaimDays::new(agreement, cutter);
    let volumes = &Volumes::new(&field);
    let maker = Maker {
        agreement,
        fees,
        cutter,
        order: &order,
        as_of: scope.as_of,
        names: facts.names,
        claims,
        clocks: &clocks,
        downtimes: &sampler.downtimes,
        asker,
        volumes,
    };
    let claimed = Claimed { agreement, claims: facts.claims, as_of: scope.as_of };
    let ledger_months = Months::new(agreement, fees, cutter, &order, claimed);
    let (of_points, mut entries): (Vec<Entry<'_>>, Vec<Entry<'_>>) =
        maker.singles().into_iter().partition(|entry| entry.clause.yields_points());
    let points = Points::work_out(&field, &maker, &of_points, &ledger_months.clone().of_points());
    let field = Field { sampler: Sampler { points: &points.yielded, ..sampler }, ..field };
    let measured = field.clauses(|clause| !clause.yields_points());
    entries.extend(maker.figures(&measured));
    let Settled { ledger, provisional, extensions, charges } = months(ledger_months, entries, scope);
    let consequences = Ladders { field: &field, charges: &charges }.all();
    let consequences = consequences.into_iter().filter(|consequence| scope.shows_day(consequence.day)).collect();
    let mut figures = points.figures;
    figures.extend(measured.into_iter().map(|measured| (order.place(measured.clause), measured.figure)));
    figures.sort_by_key(|(place, _)| *place);
    let figures = field.promises().into_iter().chain(figures.into_iter().map(|(_, figure)| figure));
    let points = points.yielded.into_iter().map(|yielded| yielded.line);
    let recoveries = Recoveries { agreement, facts, scope, clocks: &clocks, fees, cutter, asker }.of(&ledger);
    Statement {
        metrics: metric_rows(agreement, &clocks, scope),
        figures: sorted(figures.filter(|figure| scope.shows(&figure.period)).collect()),
        unannounced: gap::unannounced(agreement, facts.calendars, seen, scope),
        uncharged: gap::uncharged(fees, seen, scope),
        totals: totals(agreement, &ledger, &recoveries),
        ledger,
        recoveries,
        provisional,
        extensions,
        consequences,
        points: points.filter(|line| scope.shows(&line.month)).collect(),
        left_out: left_out(agreement, facts.outcomes),
        questions: Vec::new(),
    }
}

/// A figure of a period, whatever clauses there are; none where it has no value. The measure is of the version at the
/// period's start.
pub fn figure(
    agreement: &Agreement,
    facts: &Facts<'_>,
    scope: &Scope,
    measure: &Measure,
    period: &PeriodLabel,
) -> Option<Fraction> {
    let clocks = Clocks::new(agreement, facts.outcomes, facts.names);
    let (cutter, seen) = (Cutter::new(agreement), seen(facts, scope));
    let downtimes = downtimes(agreement, facts, &clocks, scope);
    let bills = Bills::new(agreement, facts.charges.unwrap_or_default(), cutter);
    let fees = Fees { agreement, cutter, bills: &bills, known_until: None };
    let asker = &Asker::default();
    let sampler = Sampler { clocks: &clocks, downtimes, fees, given: facts.given, cutter, points: &[], seen, asker };
    let span = period.span()?.clone();
    let asked = Asked::of(version_for(agreement, &span)?, measure);
    sampler.gauges(asked, &[span]).pop()?.value
}

/// The version that a measure of a period goes by: the one in force at its start, or the first in force in it.
pub fn version_for<'a>(agreement: &'a Agreement, period: &PeriodSpan) -> Option<&'a Version> {
    agreement.versions.get(agreement.version_of(period.span))
}

fn downtimes<'a>(agreement: &'a Agreement, facts: &Facts<'a>, clocks: &'a Clocks<'a>, scope: &Scope) -> Downtimes<'a> {
    let Facts { outages, calendars, names, .. } = *facts;
    Downtimes { agreement, outages, clocks, calendars, names, as_of: scope.as_of }
}

/// From the first fact to the last: a ticket's creation, an outage's start, a given figure's period.
fn seen(facts: &Facts<'_>, scope: &Scope) -> Option<Interval> {
    let tickets = facts.outcomes.tickets.iter().map(|ticket| ticket.created_at);
    let outages =
        facts.outages.unwrap_or_default().iter().map(|outage| outage.start).filter(|start| *start < scope.as_of);
    let given = facts.given.iter().map(|given| given.period);
    let first = tickets.chain(outages).chain(given.clone().map(|period| period.start)).min()?;
    let last = given.map(|period| period.end.plus(-1)).chain([scope.as_of]).max()?;
    Some(Interval::new(first, last))
}

fn metric_rows(agreement: &Agreement, clocks: &Clocks<'_>, scope: &Scope) -> Vec<MetricRow> {
    let day = |clock: &Clock<'_>| {
        let at = clock.counts_at.or(clock.outcome.cancelled_at).unwrap_or(scope.as_of);
        at.local(agreement.zone).date()
    };
    rows::rows(agreement, clocks.all.iter().filter(|clock| scope.shows_day(day(clock))))
}

/// Figures by the start of their period; promises first, clauses in file order.
fn sorted(mut figures: Vec<Figure>) -> Vec<Figure> {
    figures.sort_by_key(|figure| (figure.period.first_day, figure.period.day_after));
    figures
}

/// What came of all months.
struct Settled {
    /// The lines of all months that are over.
    ledger: Vec<Line>,
    /// Those of the month that is not.
    provisional: Vec<Line>,
    extensions: Vec<Extension>,
    charges: Charges,
}

/// Settles month after month.
fn months<'a>(mut months: Months<'a>, entries: Vec<Entry<'a>>, scope: &Scope) -> Settled {
    let mut by_month: BTreeMap<NaiveDate, Vec<Entry<'a>>> = BTreeMap::new();
    for entry in entries {
        by_month.entry(entry.line.month.first_day).or_default().push(entry);
    }
    let (mut ledger, mut provisional) = (Vec::new(), Vec::new());
    while let Some((first_day, mut entries)) = by_month.pop_first() {
        entries.sort_by(|a, b| order(a).cmp(&order(b)));
        let month = months.cutter.holding(Period::Month, first_day);
        let ends_later = |entry: &Entry<'_>| scope.over_by < entry.line.period.span.end;
        let is_over = month.span.end <= scope.over_by;
        if is_over {
            entries.retain(|entry| !ends_later(entry));
            let lines = months.settle(&month, entries);
            ledger.extend(lines.into_iter().filter(|line| scope.shows(&line.month)));
        } else {
            provisional.extend(months.clone().settle(&month, entries));
            // What was carried over is owed in the first month that is not over, and in no other as well.
            months.carry_nothing();
        }
        let next = months.cutter.after(&month);
        if is_over && months.carries() && first_day < next.first_day && next.span.start <= scope.as_of {
            by_month.entry(next.first_day).or_default();
        }
    }
    let Months { extensions, charges, .. } = months;
    let extensions = extensions.into_iter().filter(|extension| scope.shows(&extension.month)).collect();
    Settled { ledger, provisional, extensions, charges }
}

/// File order, then the value it is for, then ticket, then time.
fn order<'e>(entry: &'e Entry<'_>) -> (usize, NaiveDate, Option<&'e String>, &'e [String], Instant, Option<u32>) {
    let Line { period, each, tickets, at, cycle, .. } = &entry.line;
    (entry.place, period.first_day, each.as_ref(), tickets, *at, *cycle)
}

fn totals(agreement: &Agreement, ledger: &[Line], recoveries: &[Recovery]) -> Totals {
    let sum = |kind: ClauseKind| {
        let lines = ledger.iter().filter(|line| line.kind == kind);
        lines.fold(Fraction::zero(), |sum, line| sum + &line.amount)
    };
    let (penalties, incentives) = (sum(ClauseKind::Penalty), sum(ClauseKind::Incentive));
    let recovered = recoveries.iter().fold(Fraction::zero(), |sum, row| sum + &row.recovered);
    let net = &incentives + &recovered - &penalties;
    Totals { penalties, incentives, recovered, net, currency: agreement.currency }
}

fn left_out(agreement: &Agreement, outcomes: &Outcomes) -> Vec<LeftOut> {
    // By the first version and place; an exclusion that several versions have is one.
    let mut left_out: BTreeMap<(usize, usize), LeftOut> = BTreeMap::new();
    for ticket in &outcomes.tickets {
        let Some(exclusion) = ticket.excluded else { continue };
        let version = agreement.versions.get(ticket.version);
        let Some(found) = version.and_then(|version| version.exclusions.get(exclusion)) else { continue };
        let known = agreement.versions.iter().enumerate().find_map(|(place, version)| {
            Some((place, version.exclusions.iter().position(|known| known.place == found.place)?))
        });
        let entry = left_out
            .entry(known.unwrap_or((ticket.version, exclusion)))
            .or_insert_with(|| LeftOut { place: found.place.clone(), tickets: Vec::new() });
        entry.tickets.push(ticket.id.clone());
    }
    left_out.into_values().collect()
}
