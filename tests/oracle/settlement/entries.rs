//! Lines before they are settled: clause by clause, period by period, one thing after the other.

use klausel::money::Fraction;
use klausel::outcome::Status;
use klausel::plan::clause::{Band, Clause, ClauseKind, Measure, Owed, Period, Subject};
use klausel::plan::condition::{Comparison, Condition};

use crate::walk::State;

use super::amounts::Thing;
use super::downtime::{Run, Sees, whole_minutes};
use super::figures::{Asked, Figure, Ground};
use super::periods::Span;

/// A line of the ledger, before and after it is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The clause, by its place in the version.
    pub clause: usize,
    pub kind: ClauseKind,
    pub month: Span,
    pub period: Span,
    /// The band, by its place in the clause.
    pub band: Option<usize>,
    pub metric: Option<u16>,
    pub cycle: Option<u32>,
    /// The tickets behind it.
    pub tickets: Vec<String>,
    /// The one ticket or outage that it is for.
    pub ticket: Option<String>,
    pub outage: Option<Run>,
    pub at: i64,
    /// The instant whose periods it counts in.
    pub counts_at: i64,
    pub computed: Fraction,
    pub after_clause_cap: Fraction,
    pub after_combine: Fraction,
    pub after_caps: Fraction,
    pub after_threshold: Fraction,
    pub amount: Fraction,
}

impl<'a> Ground<'a> {
    /// Every line from the period that holds the first fact to the one that holds `as of`, by month and clause.
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (place, clause) in self.version.clauses.iter().enumerate() {
            entries.extend(match &clause.subject {
                Subject::EachBreach { .. } => self.breaches_of(place, clause),
                Subject::EachOutage { .. } => self.outages_of(place, clause),
                Subject::EachTicket { .. } => self.tickets_of(place, clause),
                Subject::Figure { .. } => self.figures_of(place, clause),
            });
        }
        entries.sort_by_key(|entry| (entry.month.first, entry.clause));
        entries
    }

    fn entry(&self, place: usize, clause: &Clause, thing: &Thing<'_>, at: i64, computed: Fraction) -> Entry {
        Entry {
            clause: place,
            kind: clause.kind,
            month: thing.month,
            period: thing.period,
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
                let state = State::from(&**outcome.at_breach.as_ref().unwrap());
                let holds = |condition: &Condition| self.world.holds(condition, &state);
                if !clause.when.as_ref().is_none_or(holds) || clause.except.as_ref().is_some_and(holds) {
                    continue;
                }
                let month = self.dates.at(Period::Month, counts_at);
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
            if down == 0 {
                continue;
            }
            let month = self.dates.at(Period::Month, run.from);
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
        for judged in self.seen(asked(clause, None)) {
            let month = self.dates.at(Period::Month, judged.created_at.0);
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

    fn figures_of(&self, place: usize, clause: &'a Clause) -> Vec<Entry> {
        let Subject::Figure { per, measure, min_tickets, bands } = &clause.subject else { return Vec::new() };
        let mut entries = Vec::new();
        for span in self.periods(*per) {
            let figure = self.figure(measure, &span, asked(clause, *min_tickets));
            let Some(band) = figure.value.as_ref().and_then(|value| held(bands, value)) else { continue };
            let month = self.dates.holding(Period::Month, span.last());
            let thing = self.thing_of(measure, &figure, span, month);
            let Owed::Amount(amount) = &bands[band].owed else { panic!("nothing else is drawn") };
            let computed = self.amount(amount, &thing);
            let mut tickets = figure.breached;
            tickets.sort();
            tickets.dedup();
            entries.push(Entry {
                band: Some(band),
                metric: measure.metric().map(|metric| metric.0),
                tickets,
                counts_at: span.to - 1,
                ..self.entry(place, clause, &thing, span.to, computed)
            });
        }
        entries
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

/// The band that holds: of nested ones the narrowest, that is the one within which all others that hold lie around it.
fn held(bands: &[Band], value: &Fraction) -> Option<usize> {
    let holds = |band: &Band| band.bounds.iter().all(|bound| bound.comparison.holds(value, &bound.value));
    let inside = |inner: &Band, outer: &Band| {
        let (Some(a), Some(b)) = (inner.bounds.first(), outer.bounds.first()) else { return true };
        let strict = matches!(a.comparison, Comparison::Below | Comparison::Above);
        match a.comparison {
            Comparison::Below | Comparison::AtMost => a.value < b.value || (a.value == b.value && strict),
            Comparison::AtLeast | Comparison::Above => b.value < a.value || (a.value == b.value && strict),
        }
    };
    let holding: Vec<usize> = (0..bands.len()).filter(|place| holds(&bands[*place])).collect();
    holding
        .iter()
        .copied()
        .find(|place| holding.iter().all(|other| other == place || inside(&bands[*place], &bands[*other])))
}
