//! Outages of services: which count, what they come to in the agreed time.

use chrono::NaiveDate;
use chrono_tz::Tz;

use crate::condition::{self, View};
use crate::engine::Calendars;
use crate::money::{Fraction, Rounding, RoundingMode, ratio, whole};
use crate::outcome::Snapshot;
use crate::plan::availability::{Down, FromTickets, Service};
use crate::plan::clause::Period;
use crate::plan::condition::Condition;
use crate::plan::plugin::PluginCall;
use crate::plan::{Agreement, Version};
use crate::plugin::context;
use crate::statement::PeriodSpan;
use crate::ticket::{Names, Outage, Symbol};
use crate::time::{Instant, Interval, MINUTE, Millis};

use super::asker;
use super::clocks::Clocks;
use super::period::Cutter;

/// A whole outage of a service, joined with those that it runs into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WholeOutage {
    /// From its first instant to its end, or to `as of` while it lasts.
    pub span: Interval,
    /// When it began, where it goes on with one of an earlier month: its length is counted from there.
    pub since: Instant,
    /// The fields of its first row, by number.
    pub fields: Vec<Option<Symbol>>,
    /// The tickets that told it, by id; none where a log did.
    pub tickets: Vec<String>,
}

/// The agreed time of a period and what was down of it, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Uptime {
    pub agreed: Millis,
    pub down: Millis,
}

/// The outages of a log, as one agreement sees them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Downtimes<'a> {
    pub agreement: &'a Agreement,
    /// None: nobody says when services were down.
    pub outages: Option<&'a [Outage]>,
    /// Tickets tell outages of services that are measured from them.
    pub clocks: &'a Clocks<'a>,
    pub calendars: &'a Calendars,
    pub names: &'a Names,
    pub as_of: Instant,
}

/// Which outages a clause looks at.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Chosen<'a> {
    pub when: Option<&'a Condition>,
    pub except: Option<&'a Condition>,
}

impl<'a> Downtimes<'a> {
    /// The whole outages of a service that count, in time order: joined first, then those that are too short left out.
    pub fn of(&self, version: &Version, service: &Service, chosen: Chosen<'_>) -> Vec<WholeOutage> {
        let rows = |name: &str| self.rows(version, service, name, chosen);
        let found = match &service.down {
            Down::Own => rows(&service.name),
            Down::Any(parts) => parts.iter().flat_map(|part| rows(part)).collect(),
            Down::All(parts) => parts.iter().map(|part| self.joined(rows(part), 0)).reduce(both).unwrap_or_default(),
        };
        let mut whole = self.joined(found, service.join);
        if let Some(ignore) = service.ignore {
            let counts = |length: Millis| ignore.length < length || (ignore.length == length && !ignore.inclusive);
            whole.retain(|outage| counts(outage.span.end.since(outage.since)));
        }
        whole
    }

    /// Outages that touch, overlap or lie less than `apart` from each other as one; the time between is part of it.
    ///
    /// What began in a later month is cut off where that month begins, or where the earlier outage ends if it ends after that:
    /// a month that is settled stays as it is, whatever is added after it.
    fn joined(&self, mut outages: Vec<WholeOutage>, apart: Millis) -> Vec<WholeOutage> {
        let cutter = Cutter::new(self.agreement);
        outages.sort_by_key(|outage| (outage.span.start, outage.span.end));
        let mut whole: Vec<WholeOutage> = Vec::new();
        for mut outage in outages {
            let Some(last) = whole.last_mut().filter(|last| runs_into(last.span, outage.span, apart)) else {
                whole.push(outage);
                continue;
            };
            let month = cutter.at(Period::Month, outage.span.start).span.start;
            if month <= last.span.start {
                last.span.end = last.span.end.max(outage.span.end);
                last.tickets.append(&mut outage.tickets);
            } else if last.span.end < outage.span.end {
                outage.span.start = last.span.end.max(month);
                outage.since = last.since;
                whole.push(outage);
            }
        }
        whole
    }

    /// The rows of one service that count, up to `as of`.
    fn rows(&self, version: &Version, service: &Service, name: &str, chosen: Chosen<'_>) -> Vec<WholeOutage> {
        let mut rows = match from_tickets(version, name) {
            Some(from) => self.told_by_tickets(from.when.as_ref()),
            None => self.logged(name),
        };
        rows.retain(|outage| self.counts(version, service, outage, chosen));
        // Of rows that begin and end together the first is the same in every order of the log.
        rows.sort_by(|a, b| self.texts(a).cmp(self.texts(b)));
        rows
    }

    /// The rows of a log for one service.
    fn logged(&self, name: &str) -> Vec<WholeOutage> {
        let symbol = self.names.get(name);
        let all = self.outages.unwrap_or_default().iter();
        let own = all.filter(|outage| Some(outage.service) == symbol && outage.start < self.as_of);
        let whole = own.map(|outage| WholeOutage {
            span: Interval::new(outage.start, outage.end.unwrap_or(self.as_of).min(self.as_of)),
            since: outage.start,
            fields: fields(outage),
            tickets: Vec::new(),
        });
        whole.collect()
    }

    /// Whether anybody says when a service is down: its tickets, or a log of outages.
    pub fn are_told(&self, version: &Version, service: &Service) -> bool {
        let by_tickets = |name: &String| from_tickets(version, name).is_some();
        let told = match &service.down {
            Down::Own => service.from_tickets.is_some(),
            Down::All(parts) | Down::Any(parts) => parts.iter().all(by_tickets),
        };
        told || self.outages.is_some()
    }

    /// The values of its fields, in the order of the fields.
    fn texts<'o>(&'o self, outage: &'o WholeOutage) -> impl Iterator<Item = &'o str> {
        outage.fields.iter().map(|value| value.map_or("", |value| self.names.text(value)))
    }

    fn counts(&self, version: &Version, service: &Service, outage: &WholeOutage, chosen: Chosen<'_>) -> bool {
        let holds = |condition: &Condition| self.holds(version, outage, condition);
        service.when.as_ref().is_none_or(holds)
            && chosen.when.is_none_or(holds)
            && !chosen.except.is_some_and(holds)
            && !version.outage_exclusions.iter().any(|exclusion| holds(&exclusion.when))
    }

    fn holds(&self, version: &Version, outage: &WholeOutage, condition: &Condition) -> bool {
        let snapshot = Snapshot { fields: outage.fields.clone(), priority: None, tier: None };
        condition::holds(&condition.test, &View::of(self.names, version, &snapshot))
    }

    /// What of an outage lies in the agreed time, while the agreement holds and no time is excluded.
    pub fn down(&self, service: &Service, span: Interval) -> Millis {
        let span = span.and(self.agreement.effective.span);
        if span.is_empty() { 0 } else { self.calendars.get(service.counted).open_between(span.start, span.end) }
    }

    /// The outages of a service that begin in a period, as a plugin is told of them.
    pub fn told(
        &self,
        version: &Version,
        service: &Service,
        chosen: Chosen<'_>,
        span: &PeriodSpan,
        call: &PluginCall,
    ) -> Vec<context::Outage> {
        let whole = self.of(version, service, chosen).into_iter();
        let inside = whole.filter(|outage| span.span.contains(outage.span.start));
        inside.map(|outage| self.told_one(service, &outage, call)).collect()
    }

    /// One outage, as a plugin is told of it.
    pub fn told_one(&self, service: &Service, outage: &WholeOutage, call: &PluginCall) -> context::Outage {
        let lasts = self.as_of <= outage.span.end;
        asker::outage(&service.name, outage, lasts, self.names, call)
    }

    /// The agreed time of a period and its downtime.
    pub fn uptime(&self, service: &Service, whole: &[WholeOutage], period: &PeriodSpan) -> Uptime {
        let down = whole.iter().map(|outage| self.down(service, outage.span.and(period.span))).sum();
        Uptime { agreed: self.agreed(service, period), down: whole_minutes(service, down) }
    }

    /// How many local dates of a period are touched by outages that count in it.
    pub fn dates(&self, service: &Service, whole: &[WholeOutage], period: &PeriodSpan) -> u64 {
        let inside = whole.iter().map(|outage| outage.span.and(period.span));
        let touched = inside.filter(|span| 0 < self.down(service, *span));
        let dates = touched.filter_map(|span| local_dates(self.agreement.zone, span));
        // Outages are in time order, so that only the last date can be touched again.
        let mut count = 0;
        let mut last_counted: Option<NaiveDate> = None;
        for (first, last) in dates {
            let again = last_counted.is_some_and(|counted| first <= counted);
            count += u64::try_from((last - first).num_days() + i64::from(!again)).unwrap_or(0);
            last_counted = Some(last);
        }
        count
    }

    /// The agreed time of a period: its real length on the service's calendar, unless the contract fixes it.
    pub fn agreed(&self, service: &Service, period: &PeriodSpan) -> Millis {
        let calendar = if service.shortens { service.counted } else { service.hours };
        let span = period.span.and(self.agreement.effective.span);
        let real = if span.is_empty() { 0 } else { self.calendars.get(calendar).open_between(span.start, span.end) };
        service.over.unwrap_or(real)
    }
}

/// The first and the last local date that an interval touches; none where it is empty.
pub(super) fn local_dates(zone: Tz, span: Interval) -> Option<(NaiveDate, NaiveDate)> {
    let date = |at: Instant| at.local(zone).date();
    (!span.is_empty()).then(|| (date(span.start), date(span.end.plus(-1))))
}

/// The downtime of a period as the contract counts it.
pub(super) fn whole_minutes(service: &Service, down: Millis) -> Millis {
    if service.whole_minutes { down - down.rem_euclid(MINUTE) } else { down }
}

impl Uptime {
    /// The share of the agreed time in which the service was up; none where no time was agreed.
    pub fn share(self, service: &Service) -> Option<Fraction> {
        let share = (0 < self.agreed).then(|| ratio((self.agreed - self.down).max(0), self.agreed))?;
        Some(match service.decimals {
            None => share,
            Some(digits) => {
                let unit = Fraction::new(1.into(), num_bigint::BigInt::from(10).pow(digits));
                Rounding { mode: RoundingMode::HalfUp, unit }.apply(&(share * whole(100))) / whole(100)
            }
        })
    }
}

/// How the service of a name is measured from tickets, where it is.
fn from_tickets<'v>(version: &'v Version, name: &str) -> Option<&'v FromTickets> {
    version.services.iter().find(|service| service.name == name)?.from_tickets.as_ref()
}

fn fields(outage: &Outage) -> Vec<Option<Symbol>> {
    let mut fields = Vec::new();
    for change in &outage.fields {
        let place = usize::from(change.field.0);
        if fields.len() <= place {
            fields.resize(place + 1, None);
        }
        if let Some(field) = fields.get_mut(place) {
            *field = change.value;
        }
    }
    fields
}

fn runs_into(earlier: Interval, later: Interval, apart: Millis) -> bool {
    let gap = later.start.since(earlier.end);
    gap <= 0 || gap < apart
}

/// The time in which outages of both lists last.
fn both(a: Vec<WholeOutage>, b: Vec<WholeOutage>) -> Vec<WholeOutage> {
    let mut common = Vec::new();
    for outage in &a {
        for other in &b {
            let span = outage.span.and(other.span);
            if !span.is_empty() {
                let tickets = outage.tickets.iter().chain(&other.tickets).cloned().collect();
                common.push(WholeOutage { span, since: span.start, fields: outage.fields.clone(), tickets });
            }
        }
    }
    common
}
