//! Figures of periods, by looking at every clock, ticket and outage again for each.

use std::collections::BTreeSet;

use klausel::money::{Fraction, decimal, ratio, whole};
use klausel::outcome::{Judged, Outcome, Status};
use klausel::plan::availability::{Service, ServiceId};
use klausel::plan::clause::{Measure, Period, Statistic};
use klausel::plan::condition::{Condition, Operand};
use klausel::plan::metric::CountedBy;
use klausel::plan::{Agreement, EmptyCounts, Exclusion, MetricId, Place, TierId, Version};
use klausel::ticket::{Claim, FieldId};
use num_traits::ToPrimitive;

use crate::walk::{State, World};

use super::downtime::{Monitor, Run, Sees};
use super::fees::Fees;
use super::periods::{Dates, Span};

/// All that a settlement looks at and nothing of it changes.
pub struct Ground<'a> {
    /// One version, and its place among all.
    pub version: &'a Version,
    pub place: usize,
    pub agreement: &'a Agreement,
    pub world: &'a World<'a>,
    pub dates: &'a Dates,
    pub fees: Fees<'a>,
    pub monitor: Monitor<'a>,
    pub tickets: &'a [Judged],
    /// What was claimed; none: everything.
    pub claims: Option<&'a [Claim]>,
    /// The first fact: a ticket's creation, an outage's start. Earlier periods are not known.
    pub first: i64,
    pub as_of: i64,
}

/// What is asked of a measure.
#[derive(Clone, Copy, Default)]
pub struct Asked<'c> {
    pub when: Option<&'c Condition>,
    pub except: Option<&'c Condition>,
    pub min_tickets: Option<u64>,
    pub tier: Option<TierId>,
}

/// A figure of a period, and what units count in it.
#[derive(Debug, Clone)]
pub struct Figure {
    pub value: Option<Fraction>,
    pub numerator: Fraction,
    pub denominator: Fraction,
    /// The distinct tickets among what was looked at.
    pub tickets: BTreeSet<String>,
    /// The ticket of each breach.
    pub breached: Vec<String>,
    pub down: i64,
    pub agreed: i64,
    /// Outages that touch the period in the agreed time.
    pub runs: Vec<Run>,
    /// How many outages began in the period.
    pub began: usize,
}

impl Figure {
    fn of(value: Option<Fraction>, numerator: Fraction, denominator: Fraction) -> Figure {
        Figure {
            value,
            numerator,
            denominator,
            tickets: BTreeSet::new(),
            breached: Vec::new(),
            down: 0,
            agreed: 0,
            runs: Vec::new(),
            began: 0,
        }
    }

    fn number(value: Option<Fraction>) -> Figure {
        let numerator = value.clone().unwrap_or_else(|| whole(0));
        Figure::of(value, numerator, whole(1))
    }
}

impl<'a> Ground<'a> {
    // -- what is looked at

    /// The first exclusion that takes a ticket out, as last known.
    fn excluded_by(&self, judged: &Judged) -> Option<&'a Exclusion> {
        let state = State::from(&judged.last);
        self.version.exclusions.iter().find(|exclusion| self.world.holds(&exclusion.when, &state))
    }

    /// The tickets that each exclusion takes out.
    pub fn left_out(&self) -> Vec<(Place, Vec<String>)> {
        let mut left_out = Vec::new();
        for exclusion in &self.version.exclusions {
            let own = self.tickets.iter().filter(|judged| self.excluded_by(judged) == Some(exclusion));
            let ids: Vec<String> = own.map(|judged| judged.id.clone()).collect();
            if !ids.is_empty() {
                left_out.push((exclusion.place.clone(), ids));
            }
        }
        left_out
    }

    /// Tickets as last known.
    pub fn seen(&self, asked: Asked<'_>) -> Vec<&'a Judged> {
        let sees = |judged: &&Judged| {
            let state = State::from(&judged.last);
            let holds = |condition: &Condition| self.world.holds(condition, &state);
            self.excluded_by(judged).is_none()
                && asked.when.is_none_or(holds)
                && !asked.except.is_some_and(holds)
                && (asked.tier.is_none() || asked.tier == judged.last.tier)
        };
        self.tickets.iter().filter(sees).collect()
    }

    /// The instant whose period a clock counts in; none: it is undecided.
    pub fn counts_at(&self, judged: &Judged, outcome: &Outcome) -> Option<i64> {
        if !matches!(outcome.status, Status::Met | Status::Breached) {
            return None;
        }
        match self.version.metrics[usize::from(outcome.metric.0)].counted_by {
            CountedBy::Outcome => outcome.breached_at.or(outcome.stopped_at).map(|at| at.0),
            CountedBy::Created => Some(judged.created_at.0),
            CountedBy::Stopped => outcome.stopped_at.map(|at| at.0),
        }
    }

    /// The decided clocks of a metric that count in a period.
    fn clocks(&self, metric: MetricId, span: &Span, asked: Asked<'_>) -> Vec<(&'a Judged, &'a Outcome)> {
        let mut clocks = Vec::new();
        for judged in self.seen(asked) {
            for outcome in judged.clocks.iter().filter(|outcome| outcome.metric == metric) {
                if self.counts_at(judged, outcome).is_some_and(|at| span.contains(at)) {
                    clocks.push((judged, outcome));
                }
            }
        }
        clocks
    }

    fn created(&self, span: &Span, asked: Asked<'_>) -> Vec<&'a Judged> {
        self.seen(asked).into_iter().filter(|judged| span.contains(judged.created_at.0)).collect()
    }

    pub fn number(&self, field: FieldId, state: &State) -> Option<Fraction> {
        self.world.value(Operand::Field(field), state).and_then(|text| decimal(&text))
    }

    pub fn service(&self, id: ServiceId) -> &'a Service {
        &self.version.services[usize::from(id.0)]
    }

    // -- figures

    pub fn figure(&self, measure: &Measure, span: &Span, asked: Asked<'_>) -> Figure {
        let mut figure = match measure {
            Measure::Attainment(metric) => self.attainment(*metric, span, asked),
            Measure::Breaches(metric) => self.breaches(*metric, span, asked),
            Measure::Elapsed(statistic, metric) => self.elapsed(*statistic, *metric, span, asked),
            Measure::Availability(id) => self.availability(self.service(*id), span, asked),
            Measure::Downtime(id) => {
                let figure = self.availability(self.service(*id), span, asked);
                Figure {
                    value: Some(whole(figure.down)),
                    numerator: whole(figure.down),
                    denominator: whole(1),
                    ..figure
                }
            }
            Measure::Outages(id) => self.outages(self.service(*id), span, asked),
            Measure::Field(statistic, field, _) => self.of_field(*statistic, *field, span, asked),
            Measure::Tickets => {
                let created = self.created(span, asked);
                Figure { tickets: ids(&created), ..Figure::number(Some(length(&created))) }
            }
            Measure::ReopenedTickets => {
                let created = self.created(span, asked);
                let reopened: Vec<_> = created.iter().filter(|judged| judged.reopened).collect();
                Figure { tickets: ids(&created), ..Figure::number(Some(length(&reopened))) }
            }
            Measure::ShareOfTickets(condition) => {
                let created = self.created(span, asked);
                let holds = |judged: &&&Judged| self.world.holds(condition, &State::from(&judged.last));
                let such: Vec<_> = created.iter().filter(holds).collect();
                Figure { tickets: ids(&created), ..share(such.len(), created.len()) }
            }
            Measure::Points(_) | Measure::By(_) => unreachable!("no clause here counts points or asks a plugin"),
            Measure::MeanOver { months, of } => self.over(*months, of, span, asked, true),
            Measure::TotalOver { months, of } => self.over(*months, of, span, asked, false),
        };
        let tickets = u64::try_from(figure.tickets.len()).unwrap();
        if asked.min_tickets.is_some_and(|least| tickets < least) {
            figure.value = None;
        }
        if !self.holds_in(span) && self.is_idle(measure, span, asked) {
            figure.value = None;
        }
        figure
    }

    /// Whether the agreement holds at some time of a period.
    fn holds_in(&self, span: &Span) -> bool {
        let (from, to) = self.dates.effective(span.from, span.to);
        from < to
    }

    /// Whether nothing that a measure looks at counts in a period.
    fn is_idle(&self, measure: &Measure, span: &Span, asked: Asked<'_>) -> bool {
        match measure {
            Measure::MeanOver { of, .. } | Measure::TotalOver { of, .. } => self.is_idle(of, span, asked),
            Measure::Attainment(metric) | Measure::Breaches(metric) | Measure::Elapsed(_, metric) => {
                self.clocks(*metric, span, asked).is_empty()
            }
            Measure::Availability(_) | Measure::Downtime(_) | Measure::Outages(_) => true,
            _ => self.created(span, asked).is_empty(),
        }
    }

    /// A number in a field; what is missing, or no number, is not among them.
    fn of_field(&self, statistic: Statistic, field: FieldId, span: &Span, asked: Asked<'_>) -> Figure {
        let mut values = Vec::new();
        let mut tickets = BTreeSet::new();
        for judged in self.created(span, asked) {
            if let Some(number) = self.number(field, &State::from(&judged.last)) {
                values.push(number);
                tickets.insert(judged.id.clone());
            }
        }
        let figure = match statistic {
            Statistic::Total => Figure::number(Some(values.iter().sum())),
            _ => statistics(statistic, values),
        };
        Figure { tickets, ..figure }
    }

    fn attainment(&self, metric: MetricId, span: &Span, asked: Asked<'_>) -> Figure {
        let clocks = self.clocks(metric, span, asked);
        let met = clocks.iter().filter(|(_, outcome)| outcome.status == Status::Met).count();
        let mut figure = share(met, clocks.len());
        if clocks.is_empty() {
            figure.value = match self.version.empty_counts {
                EmptyCounts::NoValue => None,
                EmptyCounts::Met => Some(whole(1)),
                EmptyCounts::Missed => Some(whole(0)),
            };
        }
        Figure { tickets: distinct(&clocks), breached: breached(&clocks), ..figure }
    }

    fn breaches(&self, metric: MetricId, span: &Span, asked: Asked<'_>) -> Figure {
        let clocks = self.clocks(metric, span, asked);
        let breached = breached(&clocks);
        let value = if clocks.is_empty() { None } else { Some(length(&breached)) };
        Figure { tickets: distinct(&clocks), breached, ..Figure::number(value) }
    }

    fn elapsed(&self, statistic: Statistic, metric: MetricId, span: &Span, asked: Asked<'_>) -> Figure {
        let clocks = self.clocks(metric, span, asked);
        let stopped = clocks.iter().filter(|(_, outcome)| outcome.stopped_at.is_some());
        let values: Vec<Fraction> = stopped.map(|(_, outcome)| whole(outcome.elapsed_ms)).collect();
        let figure = statistics(statistic, values);
        Figure { tickets: distinct(&clocks), breached: breached(&clocks), ..figure }
    }

    fn availability(&self, service: &Service, span: &Span, asked: Asked<'_>) -> Figure {
        let sees = Sees { when: asked.when, except: asked.except };
        let agreed = self.monitor.agreed(service, span);
        let down = self.monitor.downtime(service, sees, span);
        let runs = self.monitor.runs(service, sees);
        let touching = runs.into_iter().filter(|run| 0 < self.monitor.down(service, *run, span.from, span.to));
        let value = if agreed == 0 { None } else { Some(ratio((agreed - down).max(0), agreed)) };
        let value = value.map(|value| service.decimals.map_or(value.clone(), |digits| rounded(&value, digits)));
        // An outage outside of the agreed time is none.
        let counts = |run: &&Run| span.contains(run.from) && 0 < self.monitor.down(service, **run, run.from, run.to);
        let began = self.monitor.runs(service, sees).iter().filter(counts).count();
        let runs = touching.collect();
        Figure { down, agreed, runs, began, ..Figure::of(value, whole((agreed - down).max(0)), whole(agreed)) }
    }

    /// Outages that began in a period.
    fn outages(&self, service: &Service, span: &Span, asked: Asked<'_>) -> Figure {
        let figure = self.availability(service, span, asked);
        let number = whole(i64::try_from(figure.began).unwrap());
        Figure { value: Some(number.clone()), numerator: number, denominator: whole(1), ..figure }
    }

    /// Of this month and those before it, over those that are known and have a value.
    fn over(&self, months: u32, of: &Measure, span: &Span, asked: Asked<'_>, mean: bool) -> Figure {
        let mut month = *span;
        let mut all = Vec::new();
        for _ in 0..months {
            if month.to <= self.first {
                break;
            }
            all.push(self.figure(of, &month, Asked { min_tickets: None, ..asked }));
            month = self.dates.before(Period::Month, &month);
        }
        let values: Vec<Fraction> = all.iter().filter_map(|figure| figure.value.clone()).collect();
        let (sum, count) = (values.iter().sum(), length(&values));
        let denominator = if mean { count } else { whole(1) };
        let value = (!values.is_empty()).then(|| &sum / &denominator);
        Figure {
            tickets: all.iter().flat_map(|figure| figure.tickets.clone()).collect(),
            breached: all.iter().flat_map(|figure| figure.breached.clone()).collect(),
            began: all.iter().map(|figure| figure.began).sum(),
            // Of the month itself.
            down: all[0].down,
            agreed: all[0].agreed,
            ..Figure::of(value, sum, denominator)
        }
    }
}

fn share(part: usize, of: usize) -> Figure {
    let number = |number: usize| whole(i64::try_from(number).unwrap());
    let value = (0 < of).then(|| number(part) / number(of));
    Figure::of(value, number(part), number(of))
}

fn length<T>(list: &[T]) -> Fraction {
    whole(i64::try_from(list.len()).unwrap())
}

fn ids(tickets: &[&Judged]) -> BTreeSet<String> {
    tickets.iter().map(|judged| judged.id.clone()).collect()
}

fn distinct(clocks: &[(&Judged, &Outcome)]) -> BTreeSet<String> {
    clocks.iter().map(|(judged, _)| judged.id.clone()).collect()
}

fn breached(clocks: &[(&Judged, &Outcome)]) -> Vec<String> {
    let breached = clocks.iter().filter(|(_, outcome)| outcome.status == Status::Breached);
    breached.map(|(judged, _)| judged.id.clone()).collect()
}

/// What is made of many values; none of no values.
fn statistics(statistic: Statistic, mut values: Vec<Fraction>) -> Figure {
    values.sort();
    let sum: Fraction = values.iter().sum();
    match statistic {
        _ if values.is_empty() => Figure::number(None),
        Statistic::Total => Figure::number(Some(sum)),
        Statistic::Mean => Figure::of(Some(&sum / length(&values)), sum, length(&values)),
        Statistic::Longest => Figure::number(values.last().cloned()),
        // The least value that so many per cent of them do not exceed.
        Statistic::Percentile(rank) => {
            let reaches = |value: &&Fraction| {
                let not_exceeding = values.iter().filter(|other| other <= value).count();
                usize::from(rank) * values.len() <= 100 * not_exceeding
            };
            Figure::number(values.iter().find(reaches).cloned())
        }
    }
}

/// A share as a percentage with so many decimals, ties up.
fn rounded(value: &Fraction, digits: u32) -> Fraction {
    let steps = whole(100 * 10_i64.pow(digits));
    let mut scaled = (value * &steps).floor().to_integer().to_i64().unwrap();
    if value * &steps - whole(scaled) >= ratio(1, 2) {
        scaled += 1;
    }
    whole(scaled) / steps
}
