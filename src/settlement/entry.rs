//! What clauses come to, one entry for each breach or period, before anything is capped or combined.

use chrono::NaiveDate;
use num_traits::Zero;

use crate::money::Fraction;
use crate::outcome::{Judged, Snapshot, Status};
use crate::plan::availability::Service;
use crate::plan::clause::{Amount, Clause, Each, EarnBack, Measure, Owed, Period, Subject, Term};
use crate::plan::condition::{Bound, Condition};
use crate::plan::plugin::PluginCall;
use crate::plan::{Agreement, Version, VersionedBy};
use crate::statement::{Line, PeriodSpan};
use crate::ticket::Names;
use crate::time::{Instant, Interval, spell};

use super::amount::{Counts, Fields, Terms};
use super::asker::{self, Asker, Calls, Told};
use super::charge;
use super::claim::ClaimDays;
use super::clocks::{self, Clock, Clocks, metric_name};
use super::downtime::{Chosen, Downtimes, Uptime, WholeOutage, whole_minutes};
use super::extension;
use super::fee::Fees;
use super::figure::Measured;
use super::gauge::figure;
use super::order::{self, Order};
use super::period::Cutter;
use super::run::Candidate;
use super::volume::Volumes;

/// A ledger line in the making.
#[derive(Debug, Clone)]
pub(super) struct Entry<'a> {
    pub line: Line,
    pub clause: &'a Clause,
    /// The clause's place in the order of all versions.
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

/// A clause for one thing at a time, and what each thing costs.
#[derive(Debug, Clone, Copy)]
struct Paid<'a> {
    clause: &'a Clause,
    amount: &'a Amount,
}

/// What entries are made from.
pub(super) struct Maker<'a> {
    pub agreement: &'a Agreement,
    pub fees: Fees<'a>,
    pub cutter: Cutter,
    pub order: &'a Order<'a>,
    /// Clocks that still run are late up to here.
    pub as_of: Instant,
    pub names: &'a Names,
    pub claims: ClaimDays<'a>,
    pub clocks: &'a Clocks<'a>,
    pub downtimes: &'a Downtimes<'a>,
    pub asker: &'a Asker,
    pub volumes: &'a Volumes<'a>,
}

impl<'a> Maker<'a> {
    /// An entry for each breach, outage and ticket that a clause looks at by itself.
    pub fn singles(&self) -> Vec<Entry<'a>> {
        let (clocks, downtimes) = (self.clocks, self.downtimes);
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
            calls: None,
        }
    }

    // -- breaches

    fn of_breach(&self, clocks: &Clocks<'a>, clock: &Clock<'a>) -> Vec<Entry<'a>> {
        let mut entries = Vec::new();
        let version = self.version_of(clock);
        for clause in &version.clauses {
            let Subject::EachBreach { metric, amount } = &clause.subject else { continue };
            let at_breach: &Snapshot = clock.outcome.at_breach.as_deref().unwrap_or(&clock.ticket.last);
            let looks_at = metric_name(version, *metric) == clock.metric.name
                && clause.when.as_ref().is_none_or(|when| clocks.holds(clock, at_breach, when))
                && !clause.except.as_ref().is_some_and(|except| clocks.holds(clock, at_breach, except));
            if looks_at && let Some(at) = clock.counted(clause.counted_by).counts_at {
                let paid = Paid { clause, amount };
                entries.extend(self.breach(clock, version, at_breach, paid, at));
            }
        }
        entries
    }

    /// The version in which clauses look at a breach.
    fn version_of(&self, clock: &Clock<'a>) -> &'a Version {
        let at = match self.agreement.versioned_by {
            VersionedBy::Created => None,
            VersionedBy::Breach => clock.outcome.breached_at,
            VersionedBy::Stopped => Some(clock.outcome.stopped_at.unwrap_or(self.as_of)),
        };
        at.and_then(|at| self.agreement.versions.get(self.agreement.version_at(at))).unwrap_or(clock.version)
    }

    fn breach(
        &self,
        clock: &Clock<'a>,
        version: &'a Version,
        at_breach: &Snapshot,
        paid: Paid<'a>,
        settles_at: Instant,
    ) -> Option<Entry<'a>> {
        let month = self.cutter.at(Period::Month, settles_at);
        let volume = self.volumes.enough(paid.clause, &month)?;
        let breached_at = clock.outcome.breached_at.unwrap_or(settles_at);
        let end = clock.outcome.stopped_at.unwrap_or(self.as_of);
        let counts =
            Counts::Breach { late: clock.outcome.late_ms, from_breach_to_stop: Interval::new(breached_at, end) };
        let fields = Some(Fields { names: self.names, values: &at_breach.fields });
        let tell = |call: &PluginCall| Told {
            of: format!("ticket {}", clock.ticket.id),
            breaches: asker::breach(clock, self.names, call).into_iter().collect(),
            ..Told::default()
        };
        let calls = Some(Calls { asker: self.asker, clause: paid.clause, tell: &tell });
        let worked = Terms { fields, calls, ..self.terms(&month, breached_at, counts) }.work(paid.amount);
        let mut line = self.line(version, paid.clause, &month, &month, breached_at);
        line.metric = Some(clock.outcome.metric);
        line.cycle = Some(clock.outcome.cycle);
        line.tickets = vec![clock.ticket.id.clone()];
        line.because = format!("{}{volume}", worked.words);
        line.computed = worked.value;
        Some(self.entry(line, version, paid.clause, settles_at))
    }

    // -- outages

    /// An outage is settled in the month in which it began, by the version in force then.
    fn outages(&self, downtimes: &Downtimes<'a>) -> Vec<Entry<'a>> {
        let mut entries = Vec::new();
        for (number, version) in self.agreement.versions.iter().enumerate() {
            for clause in &version.clauses {
                let Subject::EachOutage { service, amount } = &clause.subject else { continue };
                let Some(service) = version.services.get(usize::from(service.0)) else { continue };
                let chosen = Chosen { when: clause.when.as_ref(), except: clause.except.as_ref() };
                let whole = downtimes.of(version, service, chosen).into_iter();
                let own = whole.filter(|outage| self.agreement.version_at(outage.span.start) == number);
                let paid = Paid { clause, amount };
                entries.extend(own.filter_map(|outage| self.outage(version, downtimes, service, &outage, paid)));
            }
        }
        entries
    }

    /// None for an outage outside of the agreed time, or in a month with too few tickets.
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
        let volume = self.volumes.enough(paid.clause, &month)?;
        let uptime = Some(Uptime { agreed: downtimes.agreed(service, &month), down });
        let fields = Some(Fields { names: self.names, values: &outage.fields });
        let counts = Counts::Outage { down, span: outage.span };
        let tell = |call: &PluginCall| Told {
            of: format!("the outage of {} from {}", service.name, start.wall(self.agreement.zone)),
            outages: vec![downtimes.told_one(service, outage, call)],
            ..Told::default()
        };
        let calls = Some(Calls { asker: self.asker, clause: paid.clause, tell: &tell });
        let terms = Terms { uptime, fields, calls, is_breach: false, ..self.terms(&month, start, counts) };
        let worked = (0 < in_agreed_time).then(|| terms.work(paid.amount))?;
        let zone = self.agreement.zone;
        let (from, to) = (start.wall(zone), outage.span.end.wall(zone));
        let mut line = self.line(version, paid.clause, &month, &month, start);
        line.tickets.clone_from(&outage.tickets);
        line.because =
            format!("{} down from {from} to {to}, {} agreed: {}{volume}", service.name, spell(down), worked.words);
        line.computed = worked.value;
        Some(self.claimed_after(outage.span.end, version, self.entry(line, version, paid.clause, start)))
    }

    /// An outage may be claimed for so long after its end; one that lasts, after the instant up to which it is looked at.
    fn claimed_after(&self, end: Instant, version: &Version, mut entry: Entry<'a>) -> Entry<'a> {
        let (clause, period) = (entry.clause, &entry.line.period);
        entry.lost_after = self.claims.lost_after(version, clause, period, end);
        entry.line.claim_by = self.claims.of(version, clause, period, end).map(|day| day.to_string());
        entry
    }

    // -- tickets

    /// A ticket is settled in the month of its creation, its fields as last known.
    fn of_ticket(&self, clocks: &Clocks<'a>, version: &'a Version, ticket: &'a Judged) -> Vec<Entry<'a>> {
        let mut entries = Vec::new();
        for clause in &version.clauses {
            let Subject::EachTicket { amount } = &clause.subject else { continue };
            let holds = |condition: &Condition| clocks.holds_for(version, ticket, condition);
            if clause.when.as_ref().is_none_or(holds) && !clause.except.as_ref().is_some_and(holds) {
                entries.extend(self.ticket(version, ticket, Paid { clause, amount }));
            }
        }
        entries
    }

    fn ticket(&self, version: &Version, ticket: &Judged, paid: Paid<'a>) -> Option<Entry<'a>> {
        let month = self.cutter.at(Period::Month, ticket.created_at);
        let volume = self.volumes.enough(paid.clause, &month)?;
        let fields = Some(Fields { names: self.names, values: &ticket.last.fields });
        let tell = |call: &PluginCall| {
            let clocks = clocks::of_ticket(version, ticket);
            let breaches = clocks.filter_map(|clock| asker::breach(&clock, self.names, call)).collect();
            Told { of: format!("ticket {}", ticket.id), breaches, ..Told::default() }
        };
        let calls = Some(Calls { asker: self.asker, clause: paid.clause, tell: &tell });
        let terms = Terms { fields, calls, is_breach: false, ..self.terms(&month, ticket.created_at, Counts::Ticket) };
        let worked = terms.work(paid.amount);
        let mut line = self.line(version, paid.clause, &month, &month, ticket.created_at);
        line.tickets = vec![ticket.id.clone()];
        line.because = format!("{}{volume}", worked.words);
        line.computed = worked.value;
        Some(self.entry(line, version, paid.clause, ticket.created_at))
    }

    // -- figures

    /// An entry for each band of a figure that holds, the narrowest first.
    pub fn figures(&self, all: &[Measured<'a>]) -> Vec<Entry<'a>> {
        let mut entries = Vec::new();
        for (number, measured) in all.iter().enumerate() {
            entries.extend(measured.candidates.iter().map(|candidate| self.band(number, all, measured, candidate)));
        }
        entries
    }

    /// What a plugin is told of a figure: the breaches and outages behind it, and the clause's periods before it.
    fn told(&self, all: &[Measured<'a>], measured: &Measured<'a>, call: &PluginCall) -> Told {
        let (figure, version, clause) = (&measured.figure, measured.version, measured.clause);
        let is_earlier = |other: &&Measured<'a>| {
            order::whose(other.clause) == order::whose(clause)
                && other.figure.period.day_after <= figure.period.first_day
        };
        let mut earlier: Vec<&Measured<'a>> = all.iter().filter(is_earlier).collect();
        earlier.sort_by_key(|other| other.figure.period.first_day);
        let of_metric = measured.measure.metric().map(|metric| {
            let name = metric_name(version, metric);
            self.clocks.measured(name, clause.when.as_ref(), clause.except.as_ref())
        });
        let clocks = of_metric.into_iter().flatten().map(|clock| clock.counted(clause.counted_by));
        let chosen = Chosen { when: clause.when.as_ref(), except: clause.except.as_ref() };
        let service = measured.measure.service().and_then(|id| version.services.get(usize::from(id.0)));
        Told {
            of: figure.period.label.clone(),
            period: Some(measured.gauge.told(&figure.period)),
            earlier: earlier.iter().map(|other| other.gauge.told(&other.figure.period)).collect(),
            breaches: asker::breaches(clocks, &figure.period, self.names, call),
            outages: service
                .map_or(Vec::new(), |service| self.downtimes.told(version, service, chosen, &figure.period, call)),
        }
    }

    fn band(
        &self,
        number: usize,
        all: &[Measured<'a>],
        measured: &Measured<'a>,
        candidate: &Candidate<'a>,
    ) -> Entry<'a> {
        let band = candidate.band;
        let (period, gauge) = (&measured.figure.period, &measured.gauge);
        let last = period.span.end.plus(-1);
        let month = self.cutter.at(Period::Month, last);
        let tell = |call: &PluginCall| self.told(all, measured, call);
        let calls = Some(Calls { asker: self.asker, clause: measured.clause, tell: &tell });
        let terms = self.terms(&month, last, Counts::Figure(gauge));
        let terms = Terms { period, is_breach: false, uptime: gauge.uptime, calls, ..terms };
        let (other, worked) = match &band.owed {
            Owed::Amount(amount) => (None, terms.work(amount)),
            Owed::EarnBack(back) => (Some(Other::Back(back)), charge::asked(back, &terms)),
            Owed::Extend(term) => (Some(Other::Term(*term)), extension::worked(*term)),
        };
        let mut line = self.line(measured.version, measured.clause, &month, period, period.span.end);
        line.metric = measured.measure.metric();
        line.band = Some(band.place.clone());
        line.tickets.clone_from(&gauge.behind);
        let (figure, told) = (gauge.words(measured.version, measured.measure), &candidate.told);
        line.because = match bounds_words(&band.bounds, measured.measure) {
            bounds if bounds.is_empty() => format!("{figure}: {}", worked.words),
            bounds => format!("{figure} is {bounds}{told}: {}", worked.words),
        };
        line.computed = worked.value;
        if let Some(each) = &line.each {
            line.because = format!("{each}: {}", line.because);
        }
        let (figure, after) = (Some(number), candidate.after());
        Entry { figure, after, other, ..self.entry(line, measured.version, measured.clause, last) }
    }

    fn entry(&self, line: Line, version: &Version, clause: &'a Clause, settles_at: Instant) -> Entry<'a> {
        Entry {
            place: self.order.place(clause),
            lost_after: self.claims.lost_after(version, clause, &line.period, line.at),
            line,
            clause,
            settles_at,
            figure: None,
            after: None,
            other: None,
            limit: None,
            is_carried: false,
        }
    }

    fn line(&self, version: &Version, clause: &Clause, month: &PeriodSpan, period: &PeriodSpan, at: Instant) -> Line {
        let zero = Fraction::zero;
        Line {
            month: month.clone(),
            period: period.clone(),
            clause: clause.name.clone(),
            each: clause.each.as_ref().and_then(Each::words),
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

pub(super) fn bounds_words(bounds: &[Bound], measure: &Measure) -> String {
    let bound = |bound: &Bound| format!("{} {}", bound.comparison.words(), figure(measure, &bound.value));
    bounds.iter().map(bound).collect::<Vec<_>>().join(" and ")
}

/// The ticket that an entry is for; none where it is for a figure or an outage.
pub(super) fn one_ticket<'e>(entry: &'e Entry<'_>) -> Option<&'e str> {
    let single = matches!(entry.clause.subject, Subject::EachBreach { .. } | Subject::EachTicket { .. });
    entry.line.tickets.first().filter(|_| single).map(String::as_str)
}
