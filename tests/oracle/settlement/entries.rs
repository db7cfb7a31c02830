//! Lines before they are settled: clause by clause, period by period, one thing after the other.

use klausel::money::{Fraction, whole};
use klausel::outcome::Status;
use klausel::plan::clause::{Back, Clause, ClauseKind, Measure, Owed, Period, Run, Subject};
use klausel::plan::condition::Condition;

use crate::walk::State;

use super::amounts::Thing;
use super::downtime::{self, Sees, whole_minutes};
use super::figures::{Asked, Figure, Ground};
use super::periods::Span;
use super::runs::{Charge, Earning, Row};

/// A line of the ledger, before and after it is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The clause, by its place in the version.
    pub clause: usize,
    /// The version of the clause, by its place.
    pub version: usize,
    pub kind: ClauseKind,
    pub month: Span,
    pub period: Span,
    /// The period that it arose in; what is carried over is claimed as it was there.
    pub arose_in: Span,
    /// The band, by its place in the clause.
    pub band: Option<usize>,
    pub metric: Option<u16>,
    pub cycle: Option<u32>,
    /// The tickets behind it.
    pub tickets: Vec<String>,
    /// The one ticket or outage that it is for.
    pub ticket: Option<String>,
    pub outage: Option<downtime::Run>,
    pub at: i64,
    /// The instant whose periods it counts in.
    pub counts_at: i64,
    pub computed: Fraction,
    pub after_clause_cap: Fraction,
    pub after_combine: Fraction,
    pub after_caps: Fraction,
    pub after_threshold: Fraction,
    pub amount: Fraction,
    /// The most it may be, where it earns something back.
    pub limit: Option<Fraction>,
    pub earns: Option<Earning>,
    /// Nobody claimed it in time.
    pub is_lost: bool,
    /// What caps cut and a later month pays.
    pub carried: Fraction,
    /// It was cut in an earlier month.
    pub is_carried: bool,
}

impl Entry {
    /// The same line with another amount, and no step taken yet.
    pub fn with_computed(self, computed: &Fraction) -> Entry {
        Entry {
            computed: computed.clone(),
            after_clause_cap: computed.clone(),
            after_combine: computed.clone(),
            after_caps: computed.clone(),
            after_threshold: computed.clone(),
            amount: computed.clone(),
            carried: whole(0),
            ..self
        }
    }
}

impl<'a> Ground<'a> {
    /// Every line of one breach, outage or ticket, by month and clause.
    pub fn singles(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (place, clause) in self.version.clauses.iter().enumerate() {
            entries.extend(match &clause.subject {
                Subject::EachBreach { .. } => self.breaches_of(place, clause),
                Subject::EachOutage { .. } => self.outages_of(place, clause),
                Subject::EachTicket { .. } => self.tickets_of(place, clause),
                Subject::Figure { .. } => Vec::new(),
            });
        }
        entries.sort_by_key(|entry| (entry.month.first, entry.clause));
        entries
    }

    fn entry(&self, place: usize, clause: &Clause, thing: &Thing<'_>, at: i64, computed: Fraction) -> Entry {
        Entry {
            clause: place,
            version: self.place,
            kind: clause.kind,
            month: thing.month,
            period: thing.period,
            arose_in: thing.period,
            band: None,
            metric: None,
            cycle: None,
            tickets: Vec::new(),
            ticket: None,
            outage: None,
            at,
            counts_at: at,
            after_clause_cap: computed.clone(),
            after_combine: computed.clone(),
            after_caps: computed.clone(),
            after_threshold: computed.clone(),
            amount: computed.clone(),
            computed,
            limit: None,
            earns: None,
            is_lost: false,
            carried: whole(0),
            is_carried: false,
        }
    }

    /// Fields at the breach.
    fn breaches_of(&self, place: usize, clause: &'a Clause) -> Vec<Entry> {
        let Subject::EachBreach { metric, amount } = &clause.subject else { return Vec::new() };
        let mut entries = Vec::new();
        for judged in self.seen(Asked::default()) {
            for outcome in judged.clocks.iter().filter(|outcome| outcome.metric == *metric) {
                let (Status::Breached, Some(breached)) = (outcome.status, outcome.breached_at) else { continue };
                let Some(counts_at) = self.counts_at(judged, outcome) else { continue };
                if !self.is_of_breach(judged, outcome) {
                    continue;
                }
                let state = State::from(&**outcome.at_breach.as_ref().unwrap());
                let holds = |condition: &Condition| self.world.holds(condition, &state);
                if !clause.when.as_ref().is_none_or(holds) || clause.except.as_ref().is_some_and(holds) {
                    continue;
                }
                let month = self.dates.at(Period::Month, counts_at);
                if self.has_too_few(clause, &month) {
                    continue;
                }
                let stopped = outcome.stopped_at.map_or(self.as_of, |at| at.0);
                let thing = Thing {
                    breached: Some(breached.0),
                    state,
                    late: outcome.late_ms,
                    overdue: (breached.0, stopped.max(breached.0)),
                    breaches: 1,
                    tickets: 1,
                    ..Thing::of(month, month)
                };
                let computed = self.amount(amount, &thing);
                entries.push(Entry {
                    metric: Some(metric.0),
                    cycle: Some(outcome.cycle),
                    tickets: vec![judged.id.clone()],
                    ticket: Some(judged.id.clone()),
                    counts_at,
                    ..self.entry(place, clause, &thing, breached.0, computed)
                });
            }
        }
        entries.sort_by(|a, b| a.tickets.cmp(&b.tickets));
        entries
    }

    /// An outage is of the month in which it begins.
    fn outages_of(&self, place: usize, clause: &'a Clause) -> Vec<Entry> {
        let Subject::EachOutage { service, amount } = &clause.subject else { return Vec::new() };
        let service = self.service(*service);
        let sees = Sees { when: clause.when.as_ref(), except: clause.except.as_ref() };
        let mut entries = Vec::new();
        for run in self.monitor.runs(service, sees) {
            let down = self.monitor.down(service, run, run.from, run.to);
            if down == 0 || !self.is_of_start(run.from) {
                continue;
            }
            let month = self.dates.at(Period::Month, run.from);
            if self.has_too_few(clause, &month) {
                continue;
            }
            let thing = Thing {
                state: self.monitor.first_state(service, sees, run),
                service: Some(service),
                down: whole_minutes(service, down),
                agreed: self.monitor.agreed(service, &month),
                downs: vec![(run.from, run.to)],
                outages: 1,
                ..Thing::of(month, month)
            };
            let computed = self.amount(amount, &thing);
            entries.push(Entry { outage: Some(run), ..self.entry(place, clause, &thing, run.from, computed) });
        }
        entries
    }

    fn tickets_of(&self, place: usize, clause: &'a Clause) -> Vec<Entry> {
        let Subject::EachTicket { amount } = &clause.subject else { return Vec::new() };
        let mut entries = Vec::new();
        for judged in self.seen(asked(clause, None)).into_iter().filter(|judged| self.is_of_start(judged.created_at.0))
        {
            let month = self.dates.at(Period::Month, judged.created_at.0);
            if self.has_too_few(clause, &month) {
                continue;
            }
            let thing = Thing { state: State::from(&judged.last), tickets: 1, ..Thing::of(month, month) };
            let computed = self.amount(amount, &thing);
            entries.push(Entry {
                tickets: vec![judged.id.clone()],
                ticket: Some(judged.id.clone()),
                ..self.entry(place, clause, &thing, judged.created_at.0, computed)
            });
        }
        entries.sort_by(|a, b| a.tickets.cmp(&b.tickets));
        entries
    }

    /// Whether a month has fewer tickets than a clause for single things asks for: those decided, or those created.
    fn has_too_few(&self, clause: &Clause, month: &Span) -> bool {
        let Some(least) = clause.min_tickets else { return false };
        let tickets = match &clause.subject {
            Subject::EachBreach { metric, .. } => {
                self.figure(&Measure::Breaches(*metric), month, asked(clause, None)).tickets
            }
            // Its conditions choose outages.
            Subject::EachOutage { .. } => self.figure(&Measure::Tickets, month, Asked::default()).tickets,
            _ => self.figure(&Measure::Tickets, month, asked(clause, None)).tickets,
        };
        u64::try_from(tickets.len()).unwrap() < least
    }

    /// The lines on figures that are settled in a month, now that earlier ones are.
    pub fn figures_in(&self, month: &Span, charges: &mut [Charge]) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (place, clause) in self.version.clauses.iter().enumerate() {
            let Subject::Figure { per, measure, bands } = &clause.subject else { continue };
            let mut row = Vec::new();
            for span in self.periods(*per) {
                row.push((span, self.figure(measure, &span, asked(clause, clause.min_tickets))));
                if self.is_of(&span) && self.dates.holding(Period::Month, span.last()) == *month {
                    let held = self.held(bands, &row, charges);
                    entries.extend(held.and_then(|band| self.line_of(place, band, &row, *month, charges)));
                }
            }
        }
        entries
    }

    /// The line of a band that holds at the end of a row.
    fn line_of(&self, place: usize, band: usize, row: Row<'_>, month: Span, charges: &mut [Charge]) -> Option<Entry> {
        let clause = &self.version.clauses[place];
        let Subject::Figure { measure, bands, .. } = &clause.subject else { return None };
        let (span, figure) = row.last()?.clone();
        let thing = self.thing_of(measure, &figure, span, month);
        let mut earns = None;
        let (computed, limit) = match &bands[band].owed {
            Owed::Amount(amount) => (self.amount(amount, &thing), None),
            Owed::EarnBack(back) => {
                let fixed = match &back.back {
                    Back::Amount(amount) => self.amount(amount, &thing),
                    Back::Share(_) => whole(0),
                };
                let months = match &bands[band].run {
                    Some(Run::After { months, .. }) => Some(*months),
                    _ => None,
                };
                let of = Earning { penalty: back.penalty.clone(), months, span };
                let asked = self.earns_back(clause, &of, &back.back, fixed, charges)?;
                earns = Some(of);
                (asked.amount, Some(asked.limit))
            }
            Owed::Extend(_) => return None,
        };
        let mut tickets = figure.breached;
        tickets.sort();
        tickets.dedup();
        Some(Entry {
            band: Some(band),
            metric: measure.metric().map(|metric| metric.0),
            tickets,
            limit,
            earns,
            counts_at: span.to - 1,
            ..self.entry(place, clause, &thing, span.to, computed)
        })
    }

    /// A figure as the amount sees it.
    fn thing_of(&self, measure: &Measure, figure: &Figure, span: Span, month: Span) -> Thing<'a> {
        let service = service_of(measure).map(|id| self.service(id));
        Thing {
            service,
            down: figure.down,
            agreed: if service.is_some() { figure.agreed } else { span.to - span.from },
            downs: figure.runs.iter().map(|run| (run.from.max(span.from), run.to.min(span.to))).collect(),
            value: figure.value.clone(),
            breaches: figure.breached.len(),
            tickets: figure.tickets.len(),
            outages: figure.began,
            ..Thing::of(span, month)
        }
    }

    /// The periods from the one that holds the first fact to the one that holds `as of`.
    pub fn periods(&self, per: Period) -> Vec<Span> {
        let mut periods = Vec::new();
        let mut span = self.dates.at(per, self.first);
        while span.from <= self.as_of {
            periods.push(span);
            span = self.dates.following(per, &span);
        }
        periods
    }
}

pub fn asked(clause: &Clause, min_tickets: Option<u64>) -> Asked<'_> {
    Asked { when: clause.when.as_ref(), except: clause.except.as_ref(), min_tickets, tier: None }
}

fn service_of(measure: &Measure) -> Option<klausel::plan::availability::ServiceId> {
    match measure {
        Measure::Availability(id) | Measure::Downtime(id) | Measure::Outages(id) => Some(*id),
        Measure::MeanOver { of, .. } | Measure::TotalOver { of, .. } => service_of(of),
        _ => None,
    }
}
