//! A figure of one period before it has a name: its value, what it is made of, and what stands behind it.

use std::collections::BTreeSet;

use num_traits::Zero;

use crate::money::{self, Fraction, exact, share_in_words, whole};
use crate::outcome::Judged;
use crate::plan::availability::{Service, ServiceId};
use crate::plan::clause::{Clause, Dimension, Each, Measure, Statistic};
use crate::plan::condition::Condition;
use crate::plan::metric::CountedBy;
use crate::plan::plugin::PluginCall;
use crate::plan::{EmptyCounts, MetricId, Version};
use crate::plugin::context;
use crate::statement::PeriodSpan;
use crate::ticket::FieldId;
use crate::time::{Instant, Interval, Millis, spell};

use super::Given;
use super::asker::{self, Asker, Told};
use super::clocks::{Clock, Clocks, Tally, metric_name};
use super::downtime::{Chosen, Downtimes, Uptime, WholeOutage};
use super::fee::Fees;
use super::period::Cutter;
use super::points::{self, Yielded};
use super::rows::percentile;

/// The figure of one period, and what units of an amount can count.
#[derive(Debug, Clone, Default)]
pub(super) struct Gauge {
    /// None where nothing was decided, or there were fewer tickets than the clause asks for.
    pub value: Option<Fraction>,
    /// What was counted.
    pub numerator: Fraction,
    /// Out of what; one where the figure is no share.
    pub denominator: Fraction,
    /// Distinct tickets looked at.
    pub tickets: u64,
    /// Clocks that were met.
    pub met: u64,
    /// Breached clocks.
    pub breaches: u64,
    /// Outages that began.
    pub outages: u64,
    /// Local dates of the period that outages touch.
    pub dates_down: u64,
    /// The agreed time and the downtime, where the figure is of a service.
    pub uptime: Option<Uptime>,
    /// The tickets behind it, by id.
    pub behind: Vec<String>,
    /// What it is made of, in words: `177 of 200`.
    pub parts: String,
}

/// Which of a version's things a figure is of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub version: &'a Version,
    pub measure: &'a Measure,
    pub when: Option<&'a Condition>,
    pub except: Option<&'a Condition>,
    pub min_tickets: Option<u64>,
    /// In which period clocks count, where the clause says so itself.
    pub counted_by: Option<CountedBy>,
    /// The clause that measures; none: a promise, or a test.
    pub clause: Option<&'a Clause>,
    /// Only tickets that ended in this tier.
    pub tier: Option<&'a str>,
    /// It is of some of the tickets only, so that a figure which a test gives of all is not meant.
    pub of_value: bool,
}

impl<'a> Asked<'a> {
    /// A measure of everything.
    pub fn of(version: &'a Version, measure: &'a Measure) -> Asked<'a> {
        Asked {
            version,
            measure,
            when: None,
            except: None,
            min_tickets: None,
            counted_by: None,
            clause: None,
            tier: None,
            of_value: false,
        }
    }

    /// What a clause measures.
    pub fn by(version: &'a Version, clause: &'a Clause, measure: &'a Measure) -> Asked<'a> {
        let (when, except) = (clause.when.as_ref(), clause.except.as_ref());
        let of_value = matches!(clause.each, Some(Each::Value { .. }));
        let (min_tickets, counted_by) = (clause.min_tickets, clause.counted_by);
        let clause = Some(clause);
        Asked { version, measure, when, except, min_tickets, counted_by, clause, tier: None, of_value }
    }

    fn chosen(&self) -> Chosen<'a> {
        Chosen { when: self.when, except: self.except }
    }
}

/// Everything that figures are taken from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sampler<'a> {
    pub clocks: &'a Clocks<'a>,
    pub downtimes: Downtimes<'a>,
    pub fees: Fees<'a>,
    pub given: &'a [Given],
    pub cutter: Cutter,
    /// What clauses yielded in points, as far as it is worked out.
    pub points: &'a [Yielded],
    pub asker: &'a Asker,
    /// From the first fact to the end of what is looked at; none: there is none.
    pub seen: Option<Interval>,
}

impl Sampler<'_> {
    /// A figure for each of some periods, which are in time order and do not overlap.
    pub fn gauges(&self, asked: Asked<'_>, spans: &[PeriodSpan]) -> Vec<Gauge> {
        let mut gauges = match asked.measure {
            Measure::Attainment(metric) | Measure::Breaches(metric) => self.of_clocks(asked, *metric, spans),
            Measure::Elapsed(statistic, metric) => self.elapsed(asked, *statistic, *metric, spans),
            Measure::Availability(service) | Measure::Downtime(service) | Measure::Outages(service) => {
                self.of_service(asked, *service, spans)
            }
            Measure::Field(statistic, field, _) => self.of_field(asked, *statistic, *field, spans),
            Measure::Tickets | Measure::ReopenedTickets | Measure::ShareOfTickets(_) => self.of_tickets(asked, spans),
            Measure::Points(clauses) => {
                spans.iter().map(|span| points::in_period(self.points, clauses, span)).collect()
            }
            Measure::MeanOver { months, of } => self.over(asked, *months, of, false, spans),
            Measure::TotalOver { months, of } => self.over(asked, *months, of, true, spans),
            Measure::By(call) => self.by_plugin(asked, call, spans),
        };
        for (gauge, span) in gauges.iter_mut().zip(spans) {
            let is_given = self.take_given(asked, gauge, span);
            gauge.demand(asked);
            if !is_given && self.is_idle(Some(gauge), span) {
                gauge.value = None;
            }
        }
        gauges
    }

    /// Whether the agreement holds at no time of a period, and no ticket counts in it either, as one breached after the
    /// end does: what nobody agreed has no figure, rather than a perfect one.
    fn is_idle(&self, gauge: Option<&Gauge>, span: &PeriodSpan) -> bool {
        let holds = !self.downtimes.agreement.effective.span.and(span.span).is_empty();
        !holds && gauge.is_none_or(|gauge| gauge.tickets == 0)
    }

    // -- clocks

    fn clocks_of<'c>(&'c self, asked: Asked<'c>, metric: MetricId) -> impl Iterator<Item = Clock<'c>> {
        let of_tier =
            move |clock: &&Clock<'_>| asked.tier.is_none_or(|tier| super::figure::tier_of(clock) == Some(tier));
        let measured = self.clocks.measured(metric_name(asked.version, metric), asked.when, asked.except);
        measured.filter(of_tier).map(move |clock| clock.counted(asked.counted_by))
    }

    fn of_clocks(&self, asked: Asked<'_>, metric: MetricId, spans: &[PeriodSpan]) -> Vec<Gauge> {
        let tallies = Tally::by_period(self.clocks_of(asked, metric), spans);
        tallies.iter().map(|tally| of_tally(asked.measure, tally)).collect()
    }

    fn elapsed(&self, asked: Asked<'_>, statistic: Statistic, metric: MetricId, spans: &[PeriodSpan]) -> Vec<Gauge> {
        let mut lengths: Vec<Vec<Fraction>> = vec![Vec::new(); spans.len()];
        let mut tallies = vec![Tally::default(); spans.len()];
        for clock in self.clocks_of(asked, metric) {
            let Some(place) = clock.counts_at.and_then(|at| place(spans, at)) else { continue };
            if !clock.outcome.status.is_decided() {
                continue;
            }
            if let Some(tally) = tallies.get_mut(place) {
                tally.count(&clock);
            }
            if let (Some(lengths), true) = (lengths.get_mut(place), clock.outcome.stopped_at.is_some()) {
                lengths.push(whole(clock.outcome.elapsed_ms));
            }
        }
        let gauges = lengths.into_iter().zip(&tallies).map(|(lengths, tally)| {
            let nothing_stopped = lengths.is_empty();
            let gauge = of_values(statistic, lengths);
            Gauge {
                value: gauge.value.filter(|_| !nothing_stopped),
                tickets: tally.tickets.len() as u64,
                met: tally.met,
                breaches: tally.breached,
                behind: tally.breaching.iter().map(|id| (*id).to_string()).collect(),
                ..gauge
            }
        });
        gauges.collect()
    }

    // -- plugins

    /// A plugin looks at every clock and outage of the period.
    fn by_plugin(&self, asked: Asked<'_>, call: &PluginCall, spans: &[PeriodSpan]) -> Vec<Gauge> {
        let Some(clause) = asked.clause else { return vec![Gauge::default(); spans.len()] };
        let passes = |condition: &Condition, clock: &Clock<'_>| self.clocks.holds(clock, &clock.ticket.last, condition);
        let chosen = self.clocks.all.iter().filter(|clock| {
            asked.when.is_none_or(|when| passes(when, clock))
                && !asked.except.is_some_and(|except| passes(except, clock))
        });
        let clocks: Vec<Clock<'_>> = chosen.map(|clock| clock.counted(asked.counted_by)).collect();
        let mut gauges: Vec<Gauge> = Tally::by_period(clocks.iter().copied(), spans)
            .iter()
            .map(|tally| of_tally(asked.measure, tally))
            .collect();
        let told = spans.iter().zip(&gauges).map(|(span, gauge)| gauge.told(span));
        let periods: Vec<context::Period> = told.collect();
        for (place, (gauge, span)) in gauges.iter_mut().zip(spans).enumerate() {
            if self.is_idle(Some(gauge), span) {
                continue;
            }
            let told = Told {
                of: span.label.clone(),
                period: periods.get(place).cloned(),
                earlier: periods.iter().take(place).cloned().collect(),
                breaches: asker::breaches(clocks.iter().copied(), span, self.downtimes.names, call),
                outages: self.outages(asked, span, call),
            };
            let fees = self.fees.known_by(span);
            let context = asker::context(clause, fees, told, call, |lines| fees.owed(lines, span));
            gauge.value = self.asker.figure(call, &asker::named(clause), &span.label, &context);
            gauge.numerator = gauge.value.clone().unwrap_or_else(Fraction::zero);
        }
        gauges
    }

    /// The outages of all services that begin in a period.
    fn outages(&self, asked: Asked<'_>, span: &PeriodSpan, call: &PluginCall) -> Vec<context::Outage> {
        let services = asked.version.services.iter();
        let told = services.flat_map(|service| self.downtimes.told(asked.version, service, asked.chosen(), span, call));
        told.collect()
    }

    // -- services

    fn of_service(&self, asked: Asked<'_>, service: ServiceId, spans: &[PeriodSpan]) -> Vec<Gauge> {
        let Some(service) = asked.version.services.get(usize::from(service.0)) else {
            return vec![Gauge::default(); spans.len()];
        };
        let whole = self.downtimes.of(asked.version, service, asked.chosen());
        spans.iter().map(|span| self.of_period(asked, service, &whole, span)).collect()
    }

    fn of_period(&self, asked: Asked<'_>, service: &Service, outages: &[WholeOutage], span: &PeriodSpan) -> Gauge {
        let mut uptime = self.downtimes.uptime(service, outages, span);
        let given = self.given(span, |measure| is_downtime_of(measure, asked.measure));
        if let Some(given) = given {
            uptime.down = money::as_i64(&given.value.floor()).unwrap_or(Millis::MAX);
        } else if !self.downtimes.are_told(asked.version, service) {
            return Gauge::default();
        }
        let began = outages.iter().filter(|outage| span.span.contains(outage.span.start));
        let began = began.filter(|outage| 0 < self.downtimes.down(service, outage.span)).count() as u64;
        let dates_down = self.downtimes.dates(service, outages, span);
        let inside = outages.iter().filter(|outage| 0 < self.downtimes.down(service, outage.span.and(span.span)));
        let behind: BTreeSet<String> = inside.flat_map(|outage| outage.tickets.iter().cloned()).collect();
        let gauge = Gauge {
            outages: began,
            dates_down,
            uptime: Some(uptime),
            denominator: whole(1),
            tickets: behind.len() as u64,
            behind: behind.into_iter().collect(),
            ..Gauge::default()
        };
        let (down, agreed) = (uptime.down, uptime.agreed);
        match asked.measure {
            Measure::Downtime(_) => Gauge { value: Some(whole(down)), numerator: whole(down), ..gauge },
            Measure::Outages(_) => {
                let count = Fraction::from_integer(began.into());
                Gauge { value: Some(count.clone()), numerator: count, ..gauge }
            }
            _ => Gauge {
                value: uptime.share(service),
                numerator: whole((agreed - down).max(0)),
                denominator: whole(agreed),
                parts: format!("{} down of {}", spell(down), spell(agreed)),
                ..gauge
            },
        }
    }

    // -- tickets

    /// The tickets created in each period that pass the conditions, fields as last known.
    fn tickets_of(&self, asked: Asked<'_>, spans: &[PeriodSpan]) -> Vec<Vec<&Judged>> {
        let mut tickets: Vec<Vec<&Judged>> = vec![Vec::new(); spans.len()];
        for (version, ticket) in self.clocks.tickets() {
            let holds = |condition: &Condition| self.clocks.holds_for(version, ticket, condition);
            if asked.when.is_none_or(holds) && !asked.except.is_some_and(holds) {
                let period = place(spans, ticket.created_at).and_then(|place| tickets.get_mut(place));
                period.into_iter().for_each(|period| period.push(ticket));
            }
        }
        tickets
    }

    fn of_tickets(&self, asked: Asked<'_>, spans: &[PeriodSpan]) -> Vec<Gauge> {
        let of_period = |tickets: Vec<&Judged>| {
            let all = tickets.len() as u64;
            let count = |number: u64| Fraction::from_integer(number.into());
            let (value, numerator, denominator) = match asked.measure {
                Measure::ShareOfTickets(condition) => {
                    let some = tickets.iter().filter(|ticket| self.holds_as_judged(ticket, condition)).count() as u64;
                    let share = (0 < all).then(|| count(some) / count(all));
                    (share, count(some), count(all))
                }
                Measure::ReopenedTickets => {
                    let reopened = tickets.iter().filter(|ticket| ticket.reopened).count() as u64;
                    (Some(count(reopened)), count(reopened), whole(1))
                }
                _ => (Some(count(all)), count(all), whole(1)),
            };
            let parts = match asked.measure {
                Measure::ShareOfTickets(_) => format!("{} of {all}", exact(&numerator)),
                _ => String::new(),
            };
            Gauge { value, numerator, denominator, tickets: all, parts, ..Gauge::default() }
        };
        self.tickets_of(asked, spans).into_iter().map(of_period).collect()
    }

    fn holds_as_judged(&self, ticket: &Judged, condition: &Condition) -> bool {
        let version = self.downtimes.agreement.versions.get(ticket.version);
        version.is_some_and(|version| self.clocks.holds_for(version, ticket, condition))
    }

    /// Numbers of a field; a ticket whose field is missing or no number is not among them.
    fn of_field(&self, asked: Asked<'_>, of: Statistic, field: FieldId, spans: &[PeriodSpan]) -> Vec<Gauge> {
        let number = |ticket: &&Judged| {
            let value = ticket.last.fields.get(usize::from(field.0)).copied().flatten()?;
            money::decimal(self.downtimes.names.text(value).split_whitespace().next()?)
        };
        let of_period = |tickets: Vec<&Judged>| {
            let values: Vec<Fraction> = tickets.iter().filter_map(number).collect();
            Gauge { tickets: values.len() as u64, ..of_values(of, values) }
        };
        self.tickets_of(asked, spans).into_iter().map(of_period).collect()
    }

    // -- several months

    fn over(&self, asked: Asked<'_>, months: u32, of: &Measure, total: bool, spans: &[PeriodSpan]) -> Vec<Gauge> {
        let one = Asked { measure: of, min_tickets: None, ..asked };
        spans.iter().map(|span| self.over_months(one, months, total, span)).collect()
    }

    /// The figures of a month and of those before it, as far as they have one.
    fn over_months(&self, one: Asked<'_>, months: u32, total: bool, last: &PeriodSpan) -> Gauge {
        let mut spans = vec![last.clone()];
        for _ in 1..months {
            let Some(earlier) = spans.last().map(|span| self.cutter.before(span)) else { break };
            spans.push(earlier);
        }
        spans.retain(|span| self.may_have_figure(span));
        spans.reverse();
        let gauges = self.gauges(one, &spans);
        let values: Vec<&Fraction> = gauges.iter().filter_map(|gauge| gauge.value.as_ref()).collect();
        let sum = values.iter().fold(Fraction::zero(), |sum, value| sum + *value);
        let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
        let value = match (count, total) {
            (0, _) => None,
            _ if self.is_idle(gauges.last(), last) => None,
            (_, true) => Some(sum.clone()),
            (_, false) => Some(&sum / whole(count)),
        };
        let behind: BTreeSet<String> = gauges.iter().flat_map(|gauge| gauge.behind.iter().cloned()).collect();
        Gauge {
            value,
            numerator: sum,
            denominator: if total { whole(1) } else { whole(count.max(1)) },
            tickets: self.tickets_over(one, &spans, &gauges),
            met: gauges.iter().map(|gauge| gauge.met).sum(),
            breaches: gauges.iter().map(|gauge| gauge.breaches).sum(),
            outages: gauges.iter().map(|gauge| gauge.outages).sum(),
            dates_down: gauges.last().map_or(0, |month| month.dates_down),
            uptime: gauges.last().and_then(|month| month.uptime),
            behind: behind.into_iter().collect(),
            parts: format!("over {count} {}", if count == 1 { "month" } else { "months" }),
        }
    }

    /// A ticket that counts in several months is one ticket, unless a test gives no more than numbers.
    fn tickets_over(&self, one: Asked<'_>, months: &[PeriodSpan], gauges: &[Gauge]) -> u64 {
        let sum = gauges.iter().map(|gauge| gauge.tickets).sum();
        let is_given = months.iter().any(|month| self.given(month, |measure| measure == one.measure).is_some());
        let (Some(first), Some(last), false) = (months.first(), months.last(), is_given) else { return sum };
        let together = PeriodSpan { span: Interval::new(first.span.start, last.span.end), ..first.clone() };
        self.gauges(one, &[together]).first().map_or(sum, |gauge| gauge.tickets)
    }

    /// A month before anything was known has no figure, rather than a perfect one.
    fn may_have_figure(&self, span: &PeriodSpan) -> bool {
        let given = self.given.iter().any(|given| given.period == span.span);
        given || self.seen.is_some_and(|seen| seen.start < span.span.end)
    }

    // -- given figures

    fn given(&self, span: &PeriodSpan, is_meant: impl Fn(&Measure) -> bool) -> Option<&Given> {
        self.given.iter().find(|given| given.period == span.span && is_meant(&given.measure))
    }

    /// A figure that a test gives takes the place of the one that its history comes to; whether there is one.
    fn take_given(&self, asked: Asked<'_>, gauge: &mut Gauge, span: &PeriodSpan) -> bool {
        let is_meant = |measure: &Measure| measure == asked.measure && !asked.of_value;
        let Some(given) = self.given(span, is_meant) else { return false };
        let value = given.value.clone();
        gauge.value = Some(value.clone());
        (gauge.numerator, gauge.denominator) = (value.clone(), whole(1));
        if let Some(of) = given.of {
            let all = Fraction::from_integer(of.into());
            gauge.tickets = of;
            gauge.breaches =
                money::as_i64(&((whole(1) - &value) * &all).ceil()).map_or(0, |count| count.unsigned_abs());
            (gauge.numerator, gauge.denominator) = (value * &all, all);
        } else if matches!(asked.measure, Measure::Breaches(_)) {
            gauge.breaches = money::as_i64(&value).map_or(0, i64::unsigned_abs);
        } else if let (Measure::Availability(_), Some(uptime)) = (asked.measure, &mut gauge.uptime) {
            // What is not up is down, so that prices and hours of the downtime agree with the figure.
            let down = (whole(1) - &given.value) * whole(uptime.agreed);
            uptime.down = money::as_i64(&down.floor()).unwrap_or(Millis::MAX);
        }
        gauge.tickets = gauge.tickets.max(asked.min_tickets.filter(|_| given.of.is_none()).unwrap_or(0));
        gauge.parts = "given".to_string();
        true
    }
}

impl Gauge {
    /// Takes the value away where there were fewer tickets than the clause asks for; an empty period counts as agreed.
    fn demand(&mut self, asked: Asked<'_>) {
        if asked.min_tickets.is_some_and(|least| self.tickets < least) {
            self.value = None;
            return;
        }
        let Measure::Attainment(_) = asked.measure else { return };
        if self.value.is_none() {
            self.value = match asked.version.empty_counts {
                EmptyCounts::NoValue => None,
                EmptyCounts::Met => Some(whole(1)),
                EmptyCounts::Missed => Some(whole(0)),
            };
        }
    }

    /// `attainment of resolution 88.5 % (177 of 200)`.
    pub fn words(&self, version: &Version, measure: &Measure) -> String {
        let name = measure_words(version, measure);
        let value = self.value.as_ref().map_or(String::new(), |value| format!(" {}", figure(measure, value)));
        let parts = if self.parts.is_empty() { String::new() } else { format!(" ({})", self.parts) };
        format!("{name}{value}{parts}")
    }
}

/// A figure as people read it.
pub(super) fn figure(measure: &Measure, value: &Fraction) -> String {
    match measure.dimension() {
        Dimension::Share => share_in_words(value),
        Dimension::Time => match money::as_i64(&value.floor()) {
            Some(millis) => spell(millis),
            None => exact(value),
        },
        Dimension::Number => exact(value),
    }
}

/// A measure by the numbers of another version; none where that has nothing of the name.
pub(super) fn in_version(measure: &Measure, from: &Version, to: &Version) -> Option<Measure> {
    let metric = |id: &MetricId| {
        let place = to.metrics.iter().position(|metric| metric.name == metric_name(from, *id))?;
        u16::try_from(place).ok().map(MetricId)
    };
    let service = |id: &ServiceId| {
        let name = &from.services.get(usize::from(id.0))?.name;
        let place = to.services.iter().position(|service| service.name == *name)?;
        u16::try_from(place).ok().map(ServiceId)
    };
    Some(match measure {
        Measure::Attainment(id) => Measure::Attainment(metric(id)?),
        Measure::Breaches(id) => Measure::Breaches(metric(id)?),
        Measure::Elapsed(statistic, id) => Measure::Elapsed(*statistic, metric(id)?),
        Measure::Availability(id) => Measure::Availability(service(id)?),
        Measure::Downtime(id) => Measure::Downtime(service(id)?),
        Measure::Outages(id) => Measure::Outages(service(id)?),
        Measure::MeanOver { months, of } => {
            Measure::MeanOver { months: *months, of: Box::new(in_version(of, from, to)?) }
        }
        Measure::TotalOver { months, of } => {
            Measure::TotalOver { months: *months, of: Box::new(in_version(of, from, to)?) }
        }
        Measure::Field(..)
        | Measure::Tickets
        | Measure::ReopenedTickets
        | Measure::ShareOfTickets(_)
        | Measure::Points(_)
        | Measure::By(_) => measure.clone(),
    })
}

/// A measure in the language's words.
pub(super) fn measure_words(version: &Version, measure: &Measure) -> String {
    let metric = |id: &MetricId| metric_name(version, *id);
    let service = |id: &ServiceId| version.services.get(usize::from(id.0)).map_or("", |service| &service.name);
    match measure {
        Measure::Attainment(id) => format!("attainment of {}", metric(id)),
        Measure::Breaches(id) => format!("breaches of {}", metric(id)),
        Measure::Elapsed(statistic, id) => format!("{} of {}", statistic.word(), metric(id)),
        Measure::Availability(id) => format!("availability of {}", service(id)),
        Measure::Downtime(id) => format!("downtime of {}", service(id)),
        Measure::Outages(id) => format!("outages of {}", service(id)),
        Measure::Field(statistic, _, field) => format!("{} of {field}", statistic.word()),
        Measure::Tickets => "tickets".to_string(),
        Measure::ReopenedTickets => "reopened tickets".to_string(),
        Measure::ShareOfTickets(condition) => format!("share of tickets when {}", condition.words),
        Measure::Points(clauses) => format!("points of ({})", clauses.join(", ")),
        Measure::MeanOver { months, of } => format!("mean over {months} months of {}", measure_words(version, of)),
        Measure::By(call) => call.words.clone(),
        Measure::TotalOver { months, of } => format!("total over {months} months of {}", measure_words(version, of)),
    }
}

impl Gauge {
    /// What a plugin is told of a period.
    pub fn told(&self, span: &PeriodSpan) -> context::Period {
        context::Period {
            start: span.span.start.0,
            end: span.span.end.0,
            met: self.met,
            breached: self.breaches,
            numerator: context::decimal(&self.numerator),
            denominator: context::decimal(&self.denominator),
            tickets: self.tickets,
        }
    }
}

fn of_tally(measure: &Measure, tally: &Tally<'_>) -> Gauge {
    let number = |count: u64| Fraction::from_integer(count.into());
    let gauge = Gauge {
        tickets: tally.tickets.len() as u64,
        met: tally.met,
        breaches: tally.breached,
        behind: tally.breaching.iter().map(|id| (*id).to_string()).collect(),
        denominator: whole(1),
        ..Gauge::default()
    };
    let decided = tally.decided();
    match measure {
        Measure::Attainment(_) => Gauge {
            value: (0 < decided).then(|| number(tally.met) / number(decided)),
            numerator: number(tally.met),
            denominator: number(decided),
            parts: format!("{} of {decided}", tally.met),
            ..gauge
        },
        _ => Gauge { value: (0 < decided).then(|| number(tally.breached)), numerator: number(tally.breached), ..gauge },
    }
}

/// A statistic of some values; none has no value.
fn of_values(statistic: Statistic, mut values: Vec<Fraction>) -> Gauge {
    values.sort_unstable();
    let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
    let sum = || values.iter().fold(Fraction::zero(), |sum, value| sum + value);
    let value = match statistic {
        Statistic::Total => Some(sum()),
        _ if values.is_empty() => None,
        Statistic::Mean => Some(sum() / whole(count)),
        Statistic::Percentile(rank) => percentile(&values, usize::from(rank)).cloned(),
        Statistic::Longest => values.last().cloned(),
    };
    let (numerator, denominator) = match statistic {
        Statistic::Mean => (sum(), whole(count.max(1))),
        _ => (value.clone().unwrap_or_else(Fraction::zero), whole(1)),
    };
    Gauge { value, numerator, denominator, parts: format!("of {count}"), ..Gauge::default() }
}

fn is_downtime_of(given: &Measure, asked: &Measure) -> bool {
    match (given, asked) {
        (Measure::Downtime(given), Measure::Availability(asked) | Measure::Downtime(asked)) => given == asked,
        _ => false,
    }
}

/// The place of the period that holds an instant.
fn place(spans: &[PeriodSpan], at: Instant) -> Option<usize> {
    let place = spans.partition_point(|span| span.span.end <= at);
    spans.get(place).filter(|span| span.span.contains(at)).map(|_| place)
}
