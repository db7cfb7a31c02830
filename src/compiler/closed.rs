//! Maintenance windows and excluded time as instants, and calendars without them.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Weekday};
use chrono_tz::Tz;
use rrule::{Frequency, NWeekday, RRule, RRuleSet};

use crate::ast::{Every, MaintenanceLine, Moment, Recurrence, StatementKind};
use crate::calendar::{Announced, CalendarSpec, ClosedTime};
use crate::plan::{CalendarId, Closed, MetricId};
use crate::resolver::Agreement;
use crate::source::Spanned;
use crate::time::{Instant, Interval, Local, Millis, midnight, resolve_local, union};

use super::Compiler;
use super::metric::{Ground, says_despite};

/// What an open-ended agreement's windows reach to: the end of what calendars cover.
const LAST_YEAR: i32 = 2_100;
/// More than the days that calendars cover.
const MOST_DAYS: u16 = 48_000;

/// For each metric, the time in which its clocks do not count.
pub(super) struct ClosedByMetric(Vec<Vec<ClosedTime>>);

impl ClosedByMetric {
    pub fn new(agreement: &Agreement, closed: &[Closed]) -> ClosedByMetric {
        let metrics = agreement.statements.iter().filter_map(|statement| match &statement.kind {
            StatementKind::Metric(_, lines) => Some(lines),
            _ => None,
        });
        let of_metric = metrics.map(|lines| {
            let counts_in = |closed: &&Closed| says_despite(lines, closed.is_maintenance);
            let times = closed.iter().filter(|closed| !counts_in(closed)).flat_map(|closed| &closed.times);
            times.cloned().collect()
        });
        ClosedByMetric(of_metric.collect())
    }

    pub fn of(&self, metric: MetricId) -> &[ClosedTime] {
        self.0.get(usize::from(metric.0)).map_or(&[], Vec::as_slice)
    }
}

impl Compiler<'_> {
    /// A calendar less the time in which the clock does not count.
    pub(super) fn calendar_less(&mut self, ground: Ground<'_>, name: &str) -> CalendarId {
        if ground.closed.is_empty() {
            return self.calendar_id(ground.root, ground.zone, name);
        }
        let spec = super::calendar::spec(&ground.root.scope, ground.zone, name, 0);
        self.known_calendar(ground.root, name, CalendarSpec::Without(Box::new(spec), ground.closed.to_vec()))
    }

    /// Every maintenance window and excluded time of an agreement.
    pub(super) fn closed(&mut self, agreement: &Agreement, zone: Tz) -> Vec<Closed> {
        let days = effective_days(agreement);
        let mut found = Vec::new();
        for statement in &agreement.statements {
            let announced_ms = match &statement.kind {
                StatementKind::Maintenance(_, lines) => announced(lines),
                _ => None,
            };
            let (is_maintenance, times) = match &statement.kind {
                StatementKind::ExcludeTime(excluded) => {
                    (false, vec![stretch(zone, &excluded.from, excluded.to.as_ref())])
                }
                StatementKind::Maintenance(_, lines) => (true, windows(lines, zone, days)),
                _ => continue,
            };
            let place = self.place(statement.mark.as_ref(), statement.head);
            let closed = |interval: Interval| ClosedTime {
                label: place.words.clone(),
                announced: announced_ms.map(Announced::before),
                ..ClosedTime::from(interval)
            };
            // Of windows that are announced each is judged by itself.
            let times = match announced_ms {
                None => union(times),
                Some(_) if is_windowless(&statement.kind) => vec![Interval::new(Instant(0), Instant(0))],
                Some(_) => apart(times),
            };
            let times = times.into_iter().map(closed).collect();
            found.push(Closed { is_maintenance, place, announced_ms, times });
        }
        found
    }
}

/// How long before its start a window is to be announced, in milliseconds; none: it counts in any case.
fn announced(lines: &[Spanned<MaintenanceLine>]) -> Option<Millis> {
    lines.iter().find_map(|line| match &line.value {
        MaintenanceLine::Announced(before) => Some(before.value),
        _ => None,
    })
}

/// Maintenance without a window of its own: whatever is announced is one.
fn is_windowless(kind: &StatementKind) -> bool {
    let is_window = |line: &MaintenanceLine| matches!(line, MaintenanceLine::Every(_) | MaintenanceLine::Once(..));
    matches!(kind, StatementKind::Maintenance(_, lines) if !lines.iter().any(|line| is_window(&line.value)))
}

/// Windows by their start, each once.
fn apart(mut windows: Vec<Interval>) -> Vec<Interval> {
    windows.retain(|window| !window.is_empty());
    windows.sort();
    windows.dedup();
    windows
}

/// The first and the last day for which windows are worked out.
fn effective_days(agreement: &Agreement) -> (NaiveDate, NaiveDate) {
    let said = agreement.statements.iter().find_map(|statement| match &statement.kind {
        StatementKind::Effective(first, last) => Some((*first, *last)),
        _ => None,
    });
    let first = said.map(|(first, _)| first).or_else(|| NaiveDate::from_ymd_opt(1_970, 1, 1));
    let last = said.and_then(|(_, last)| last).or_else(|| NaiveDate::from_ymd_opt(LAST_YEAR, 12, 31));
    (first.unwrap_or_default(), last.unwrap_or_default())
}

fn stretch(zone: Tz, from: &Spanned<Moment>, to: Option<&Spanned<Moment>>) -> Interval {
    let start = instant(zone, from.value);
    let end = to.map_or(Instant::LAST, |to| match to.value {
        // A range of dates includes its last day.
        Moment::Date(date) => midnight(zone, date.succ_opt().unwrap_or(date)),
        moment => instant(zone, moment),
    });
    Interval::new(start, end)
}

fn instant(zone: Tz, moment: Moment) -> Instant {
    match moment {
        Moment::Utc(millis) => Instant(millis),
        Moment::Date(date) => midnight(zone, date),
        Moment::Local(local) => wall(zone, local),
    }
}

/// The instant of a wall time: the earlier of two, and where the clock skips it, the instant at which it goes on.
fn wall(zone: Tz, local: NaiveDateTime) -> Instant {
    let mut local = local;
    for _ in 0..96 {
        match resolve_local(zone, local) {
            Local::Single(at) | Local::Repeated { earlier: at, .. } => return at,
            Local::Skipped => local += TimeDelta::minutes(15),
        }
    }
    Instant::from_utc(local)
}

// -- windows

fn windows(lines: &[Spanned<MaintenanceLine>], zone: Tz, days: (NaiveDate, NaiveDate)) -> Vec<Interval> {
    let own = lines.iter().find_map(|line| match &line.value {
        MaintenanceLine::Timezone(zone) => zone.value.parse().ok(),
        _ => None,
    });
    let zone = own.unwrap_or(zone);
    let mut windows = Vec::new();
    for line in lines {
        match &line.value {
            MaintenanceLine::Every(recurrence) => {
                let dates = dates(recurrence, days);
                windows.extend(dates.iter().flat_map(|date| spans(recurrence, zone, *date)));
            }
            MaintenanceLine::Once(from, to) => windows.push(stretch(zone, from, to.as_ref())),
            MaintenanceLine::Timezone(_) | MaintenanceLine::Announced(_) => {}
        }
    }
    windows
}

/// The spans of one date; one whose end is not after its start runs into the next day.
fn spans(recurrence: &Recurrence, zone: Tz, date: NaiveDate) -> Vec<Interval> {
    let at = |seconds: u32| wall(zone, date.and_time(NaiveTime::MIN) + TimeDelta::seconds(i64::from(seconds)));
    let span = |(from, to): &(u32, u32)| Interval::new(at(*from), at(if to <= from { to + 86_400 } else { *to }));
    recurrence.spans.iter().map(span).collect()
}

/// The dates on which a window recurs.
fn dates(recurrence: &Recurrence, (first, last): (NaiveDate, NaiveDate)) -> Vec<NaiveDate> {
    let start = utc(anchor(recurrence, first));
    let Ok(rule) = rule(recurrence).until(utc(last)).validate(start) else { return Vec::new() };
    let found = RRuleSet::new(start).rrule(rule).all(MOST_DAYS).dates.into_iter().map(|date| date.date_naive());
    found.filter(|date| first <= *date && *date <= last).collect()
}

fn utc(date: NaiveDate) -> DateTime<rrule::Tz> {
    rrule::Tz::UTC.from_utc_datetime(&date.and_time(NaiveTime::MIN))
}

/// The day from which weeks and months are counted: the first of the agreement's first week or month.
fn anchor(recurrence: &Recurrence, first: NaiveDate) -> NaiveDate {
    match recurrence.every {
        Every::Day => first,
        Every::Weeks(_) => {
            let since_monday = u64::from(first.weekday().num_days_from_monday());
            first.checked_sub_days(chrono::Days::new(since_monday)).unwrap_or(first)
        }
        Every::Months(_) => first.with_day(1).unwrap_or(first),
    }
}

fn rule(recurrence: &Recurrence) -> RRule<rrule::Unvalidated> {
    let (frequency, interval) = match recurrence.every {
        Every::Day => (Frequency::Daily, 1),
        Every::Weeks(interval) => (Frequency::Weekly, interval),
        Every::Months(interval) => (Frequency::Monthly, interval),
    };
    let rule = RRule::new(frequency).interval(u16::try_from(interval).unwrap_or(u16::MAX));
    let weekday = |day: &Weekday| match recurrence.nth {
        Some(nth) => NWeekday::Nth(i16::from(nth), *day),
        None => NWeekday::Every(*day),
    };
    let weekdays: Vec<NWeekday> = recurrence.weekdays.iter().map(weekday).collect();
    let rule = if weekdays.is_empty() { rule } else { rule.by_weekday(weekdays) };
    match recurrence.day.and_then(|day| i8::try_from(day).ok()) {
        Some(day) => rule.by_month_day(vec![day]),
        None => rule,
    }
}
