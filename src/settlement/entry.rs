//! What clauses come to, one entry for each breach or period, before anything is capped or combined.

use num_traits::Zero;

use crate::money::Fraction;
use crate::outcome::{Judged, Snapshot, Status};
use crate::plan::availability::Service;
use crate::plan::clause::{Amount, Clause, Measure, Period, Subject};
use crate::plan::condition::{Bound, Condition};
use crate::plan::{Agreement, Version};
use crate::statement::{Line, PeriodSpan};
use crate::ticket::Names;
use crate::time::{Instant, Interval, spell};

use super::amount::{Counts, Fields, Terms};
use super::clocks::{Clock, Clocks};
use super::downtime::{Chosen, Downtimes, Uptime, WholeOutage, whole_minutes};
use super::fee::Fees;
use super::figure::{Measured, version_at};
use super::gauge::figure;
use super::period::Cutter;

/// A ledger line in the making.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    pub line: Line,
    pub clause: &'a Clause,
    /// The clause's place in its version.
    pub place: usize,
    /// The instant whose month, and whose cap periods, it belongs to.
    pub settles_at: Instant,
}

/// A clause for one thing at a time, with its place in its version and what each thing costs.
#[derive(Debug, Clone, Copy)]
struct Paid<'a> {
    clause: &'a Clause,
    place: usize,
    amount: &'a Amount,
}

/// What entries are made from.
pub(super) struct Maker<'a> {
    pub agreement: &'a Agreement,
    pub fees: Fees<'a>,
    pub cutter: Cutter,
    /// Clocks that still run are late up to here.
    pub as_of: Instant,
    pub names: &'a Names,
}

impl<'a> Maker<'a> {
    /// An entry for each breach, outage and ticket that a clause looks at by itself.
    pub fn singles(&self, clocks: &Clocks<'a>, downtimes: &Downtimes<'a>) -> Vec<Entry<'a>> {
        let breached = clocks.all.iter().filter(|clock| clock.outcome.status == Status::Breached);
        let mut entries: Vec<Entry<'a>> = breached.flat_map(|clock| self.of_breach(clocks, clock)).collect();
        entries.extend(self.outages(downtimes));
        entries.extend(clocks.tickets().flat_map(|(version, ticket)| self.of_ticket(clocks, version, ticket)));
        entries
    }

    /// What an amount for one thing is worked out from; the month is that of the thing.
    fn terms<'t>(&self, month: &'t PeriodSpan, at: Instant, counts: Counts<'t>) -> Terms<'t>
    where
        'a: 't,
    {
        Terms {
            fees: self.fees,
            currency: self.agreement.currency,
            period: month,
            month,
            at,
            is_breach: true,
            counts,
            uptime: None,
            fields: None,
        }
    }

    // -- breaches

    fn of_breach(&self, clocks: &Clocks<'a>, clock: &Clock<'a>) -> Vec<Entry<'a>> {
        let mut entries = Vec::new();
        for (place, clause) in clock.version.clauses.iter().enumerate() {
            let Subject::EachBreach { metric, amount } = &clause.subject else { continue };
            let at_breach: &Snapshot = clock.outcome.at_breach.as_deref().unwrap_or(&clock.ticket.last);
            let looks_at = *metric == clock.outcome.metric
                && clause.when.as_ref().is_none_or(|when| clocks.holds(clock, at_breach, when))
                && !clause.except.as_ref().is_some_and(|except| clocks.holds(clock, at_breach, except));
            if looks_at && let Some(at) = clock.counts_at {
                entries.push(self.breach(clock, at_breach, Paid { clause, place, amount }, at));
            }
        }
        entries
    }

    fn breach(&self, clock: &Clock<'a>, at_breach: &Snapshot, paid: Paid<'a>, settles_at: Instant) -> Entry<'a> {
        let month = self.cutter.at(Period::Month, settles_at);
        let breached_at = clock.outcome.breached_at.unwrap_or(settles_at);
        let end = clock.outcome.stopped_at.unwrap_or(self.as_of);
        let counts =
            Counts::Breach { late: clock.outcome.late_ms, from_breach_to_stop: Interval::new(breached_at, end) };
        let fields = Some(Fields { names: self.names, values: &at_breach.fields });
        let worked = Terms { fields, ..self.terms(&month, breached_at, counts) }.work(paid.amount);
        let mut line = self.line(clock.version, paid.clause, &month, &month, breached_at);
        line.metric = Some(clock.outcome.metric);
        line.cycle = Some(clock.outcome.cycle);
        line.tickets = vec![clock.ticket.id.clone()];
        line.because = worked.words;
        line.computed = worked.value;
        Entry { line, clause: paid.clause, place: paid.place, settles_at }
    }

    // -- outages

    /// An outage is settled in the month in which it began, by the version in force then.
    fn outages(&self, downtimes: &Downtimes<'a>) -> Vec<Entry<'a>> {
        let mut entries = Vec::new();
        for (number, version) in self.agreement.versions.iter().enumerate() {
            for (place, clause) in version.clauses.iter().enumerate() {
                let Subject::EachOutage { service, amount } = &clause.subject else { continue };
                let Some(service) = version.services.get(usize::from(service.0)) else { continue };
                let chosen = Chosen { when: clause.when.as_ref(), except: clause.except.as_ref() };
                let whole = downtimes.of(version, service, chosen).into_iter();
                let own = whole.filter(|outage| version_at(self.agreement, outage.span.start) == number);
                let paid = Paid { clause, place, amount };
                entries.extend(own.filter_map(|outage| self.outage(version, downtimes, service, &outage, paid)));
            }
        }
        entries
    }

    /// None for an outage outside of the agreed time.
    fn outage(
        &self,
        version: &Version,
        downtimes: &Downtimes<'a>,
        service: &Service,
        outage: &WholeOutage,
        paid: Paid<'a>,
    ) -> Option<Entry<'a>> {
        let (start, in_agreed_time) = (outage.span.start, downtimes.down(service, outage.span));
        let down = whole_minutes(service, in_agreed_time);
        let month = self.cutter.at(Period::Month, start);
        let uptime = Some(Uptime { agreed: downtimes.agreed(service, &month), down });
        let fields = Some(Fields { names: self.names, values: &outage.fields });
        let counts = Counts::Outage { down, span: outage.span };
        let terms = Terms { uptime, fields, is_breach: false, ..self.terms(&month, start, counts) };
        let worked = (0 < in_agreed_time).then(|| terms.work(paid.amount))?;
        let zone = self.agreement.zone;
        let (from, to) = (start.wall(zone), outage.span.end.wall(zone));
        let mut line = self.line(version, paid.clause, &month, &month, start);
        line.because = format!("{} down from {from} to {to}, {} agreed: {}", service.name, spell(down), worked.words);
        line.computed = worked.value;
        Some(Entry { line, clause: paid.clause, place: paid.place, settles_at: start })
    }

    // -- tickets

    /// A ticket is settled in the month of its creation, its fields as last known.
    fn of_ticket(&self, clocks: &Clocks<'a>, version: &'a Version, ticket: &'a Judged) -> Vec<Entry<'a>> {
        let mut entries = Vec::new();
        for (place, clause) in version.clauses.iter().enumerate() {
            let Subject::EachTicket { amount } = &clause.subject else { continue };
            let holds = |condition: &Condition| clocks.holds_for(version, ticket, condition);
            if clause.when.as_ref().is_none_or(holds) && !clause.except.as_ref().is_some_and(holds) {
                entries.push(self.ticket(version, ticket, Paid { clause, place, amount }));
            }
        }
        entries
    }

    fn ticket(&self, version: &Version, ticket: &Judged, paid: Paid<'a>) -> Entry<'a> {
        let month = self.cutter.at(Period::Month, ticket.created_at);
        let fields = Some(Fields { names: self.names, values: &ticket.last.fields });
        let terms = Terms { fields, is_breach: false, ..self.terms(&month, ticket.created_at, Counts::Ticket) };
        let worked = terms.work(paid.amount);
        let mut line = self.line(version, paid.clause, &month, &month, ticket.created_at);
        line.tickets = vec![ticket.id.clone()];
        line.because = worked.words;
        line.computed = worked.value;
        Entry { line, clause: paid.clause, place: paid.place, settles_at: ticket.created_at }
    }

    // -- figures

    /// An entry for a figure in one of its bands.
    pub fn figure(&self, measured: &Measured<'a>) -> Option<Entry<'a>> {
        let band = measured.band?;
        let (period, gauge) = (&measured.figure.period, &measured.gauge);
        let last = period.span.end.plus(-1);
        let month = self.cutter.at(Period::Month, last);
        let terms =
            Terms { period, is_breach: false, uptime: gauge.uptime, ..self.terms(&month, last, Counts::Figure(gauge)) };
        let worked = terms.work(&band.amount);
        let place = measured.version.clauses.iter().position(|clause| clause.name == measured.clause.name);
        let mut line = self.line(measured.version, measured.clause, &month, period, period.span.end);
        line.metric = measured.measure.metric();
        line.band = Some(band.place.clone());
        line.tickets.clone_from(&gauge.behind);
        let figure = gauge.words(measured.version, measured.measure);
        line.because = match bounds_words(&band.bounds, measured.measure) {
            bounds if bounds.is_empty() => format!("{figure}: {}", worked.words),
            bounds => format!("{figure} is {bounds}: {}", worked.words),
        };
        line.computed = worked.value;
        Some(Entry { line, clause: measured.clause, place: place?, settles_at: last })
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
            claim_by: None,
            because: String::new(),
        }
    }
}

fn bounds_words(bounds: &[Bound], measure: &Measure) -> String {
    let bound = |bound: &Bound| format!("{} {}", bound.comparison.words(), figure(measure, &bound.value));
    bounds.iter().map(bound).collect::<Vec<_>>().join(" and ")
}
