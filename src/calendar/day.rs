//! One date of a calendar: its spans on the wall clock, and as instants.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;

use crate::time::{DAY, HOUR, Instant, Interval, Local, Millis, resolve_local, union};

use super::spec::{CalendarSpec, ClosedTime, DaySpan, Hours, WeekLine, Weeks};

/// Wall-clock spans of one date in seconds since its midnight; ends over 86 400 are on the next date.
pub(super) type WallSpans = Vec<(u32, u32)>;

/// The holidays of some years, by date.
pub(super) type HolidayDates<'s> = BTreeMap<NaiveDate, &'s str>;

/// The dates of all holiday lists and feeds in a stretch of years; the first that names a date gives its label.
pub(super) fn holiday_dates(hours: &Hours, first: i32, last: i32) -> HolidayDates<'_> {
    let mut dates = BTreeMap::new();
    for list in &hours.holidays {
        for rule in &list.rules {
            let label = rule.label.as_deref().unwrap_or(&list.name);
            for date in (first - 1..=last + 1).flat_map(|year| rule.dates(year)) {
                dates.entry(date).or_insert(label);
            }
        }
    }
    let january = |year| NaiveDate::from_yo_opt(year, 1).unwrap_or(NaiveDate::MAX);
    for (date, label) in hours.feeds.iter().flat_map(|feed| feed.dates.range(january(first - 1)..january(last + 2))) {
        dates.entry(*date).or_insert(label);
    }
    dates
}

/// The spans of a date, by what can close them.
struct DateSpans {
    /// What is left of the usual hours.
    usual: WallSpans,
    /// What is open whatever else is said.
    open: WallSpans,
}

/// The spans of `date`.
fn wall_spans(hours: &Hours, holidays: &HolidayDates<'_>, date: NaiveDate) -> DateSpans {
    let usual = if holidays.contains_key(&date) { Vec::new() } else { usual_spans(hours, date) };
    let closed = hours.closed.iter().filter(|line| line.covers(date));
    let left = closed.fold(usual, |spans, line| match line.span {
        None => Vec::new(),
        Some(span) => without(spans, (span.from, span.end())),
    });
    let open = hours.open.iter().filter(|line| line.covers(date));
    let open = open.map(|line| line.span.unwrap_or(DaySpan::DAY)).map(|span| (span.from, span.end()));
    DateSpans { usual: left, open: joined(open.collect()) }
}

fn usual_spans(hours: &Hours, date: NaiveDate) -> WallSpans {
    let mut seasons = hours.seasons.iter().rev();
    let season = seasons.find(|season| {
        let inside = season.first <= date && season.last.is_none_or(|last| date <= last);
        inside && season.week.iter().any(|line| names(line, date))
    });
    let week = season.map_or(&hours.week, |season| &season.week);
    let spans = week.iter().filter(|line| names(line, date)).flat_map(|line| &line.spans);
    joined(spans.map(|span| (span.from, span.end())).collect())
}

fn names(line: &WeekLine, date: NaiveDate) -> bool {
    let odd = date.iso_week().week() % 2 == 1;
    let in_week = match line.weeks {
        Weeks::Every => true,
        Weeks::Odd => odd,
        Weeks::Even => !odd,
    };
    in_week && line.days.contains(&date.weekday())
}

fn joined(mut spans: WallSpans) -> WallSpans {
    spans.retain(|(from, to)| from < to);
    spans.sort_unstable();
    let mut joined: WallSpans = Vec::with_capacity(spans.len());
    for (from, to) in spans {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

fn without(spans: WallSpans, (from, to): (u32, u32)) -> WallSpans {
    let parts = spans.into_iter().flat_map(|(start, end)| [(start, end.min(from)), (start.max(to), end)]);
    parts.filter(|(start, end)| start < end).collect()
}

/// A stretch of time in which a zone keeps one offset.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offset {
    span: Interval,
    millis: Millis,
}

/// The offsets of a zone over a window. Two changes within one day are not told apart; no zone has had them.
pub(super) fn offsets(zone: Tz, window: Interval) -> Vec<Offset> {
    let mut found = Vec::new();
    let mut start = window.start;
    let mut at = window.start;
    let mut millis = offset_at(zone, at);
    while at < window.end {
        let next = at.plus(DAY).min(window.end);
        let after = offset_at(zone, next);
        if after != millis {
            let change = first_with_offset(zone, at, next, after);
            found.push(Offset { span: Interval::new(start, change), millis });
            (start, millis) = (change, after);
        }
        at = next;
    }
    found.push(Offset { span: Interval::new(start, window.end), millis });
    found
}

fn offset_at(zone: Tz, at: Instant) -> Millis {
    let utc = chrono::DateTime::from_timestamp_millis(at.0).map(|utc| utc.naive_utc());
    utc.map_or(0, |utc| at.local(zone).signed_duration_since(utc).num_milliseconds())
}

/// The first instant in `(from, to]` from which on the zone has offset `millis`, found by halving.
fn first_with_offset(zone: Tz, from: Instant, to: Instant, millis: Millis) -> Instant {
    let (mut before, mut after) = (from.0, to.0);
    while 1 < after - before {
        let middle = before + (after - before) / 2;
        if offset_at(zone, Instant(middle)) == millis { after = middle } else { before = middle }
    }
    Instant(after)
}

/// The instants at which the wall clock shows a time of `[from, to)` seconds since midnight of `date`.
pub(super) fn instants(offsets: &[Offset], date: NaiveDate, (from, to): (u32, u32)) -> Vec<Interval> {
    let wall = |seconds: u32| Instant::from_utc(date.and_time(chrono::NaiveTime::MIN)).plus(i64::from(seconds) * 1_000);
    let (from, to) = (wall(from), wall(to));
    let parts =
        offsets.iter().map(|offset| Interval::new(from.plus(-offset.millis), to.plus(-offset.millis)).and(offset.span));
    parts.filter(|part| !part.is_empty()).collect()
}

/// The open intervals of a calendar within a window, sorted and joined.
pub(super) fn open_intervals(spec: &CalendarSpec, window: Interval) -> Vec<Interval> {
    match spec {
        CalendarSpec::Always => vec![window],
        CalendarSpec::Hours(hours) => open_hours(hours, window),
        CalendarSpec::Both(a, b) => both(&open_intervals(a, window), &open_intervals(b, window)),
        CalendarSpec::Either(a, b) => {
            union(open_intervals(a, window).into_iter().chain(open_intervals(b, window)).collect())
        }
        CalendarSpec::Without(inner, closed) => less(open_intervals(inner, window), closed),
    }
}

fn open_hours(hours: &Hours, window: Interval) -> Vec<Interval> {
    // A day's spans reach into the next date, and a date begins up to 15 hours before or after it does in UTC.
    let margin = Interval::new(window.start.plus(-3 * DAY), window.end.plus(3 * DAY));
    let offsets = offsets(hours.zone, margin);
    let (first, last) = (margin.start.local(hours.zone).date(), margin.end.local(hours.zone).date());
    let holidays = holiday_dates(hours, first.year(), last.year());
    let (mut usual, mut open) = (Vec::new(), Vec::new());
    let mut near = offsets.as_slice();
    for date in first.iter_days().take_while(|date| *date <= last) {
        let midnight = Instant::from_utc(date.and_time(chrono::NaiveTime::MIN));
        while near.len() > 1 && near.first().is_some_and(|offset| offset.span.end < midnight.plus(-26 * HOUR)) {
            near = near.get(1..).unwrap_or_default();
        }
        let spans = wall_spans(hours, &holidays, date);
        let near = near.get(..3).unwrap_or(near);
        usual.extend(spans.usual.into_iter().flat_map(|span| instants(near, date, span)));
        open.extend(spans.open.into_iter().flat_map(|span| instants(near, date, span)));
    }
    let clipped = joined_with(hours, usual, open).into_iter().map(|interval| interval.and(window));
    clipped.filter(|interval| !interval.is_empty()).collect()
}

/// What both lists hold; each is sorted and joined.
fn both(a: &[Interval], b: &[Interval]) -> Vec<Interval> {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    let mut held = Vec::new();
    while let (Some(left), Some(right)) = (a.peek(), b.peek()) {
        let common = left.and(**right);
        if !common.is_empty() {
            held.push(common);
        }
        if left.end < right.end {
            a.next()
        } else {
            b.next()
        };
    }
    held
}

/// Usual hours less the times of feeds, joined with what is open whatever else is said.
fn joined_with(hours: &Hours, usual: Vec<Interval>, open: Vec<Interval>) -> Vec<Interval> {
    let left = hours.feeds.iter().fold(usual, |usual, feed| less(usual, feed.times()));
    union(left.into_iter().chain(open).collect())
}

/// What is left of a sorted list without some closed time.
fn less(open: Vec<Interval>, closed: &[ClosedTime]) -> Vec<Interval> {
    let Some((first, last)) = open.first().zip(open.last()) else { return open };
    let window = Interval::new(first.start, last.end);
    let closed = closed.iter().filter(|closed| closed.is_closed());
    let closed = union(closed.map(|closed| closed.interval().and(window)).collect());
    let mut left = Vec::with_capacity(open.len());
    let mut near = closed.as_slice();
    for interval in open {
        while near.first().is_some_and(|closed| closed.end <= interval.start) {
            near = near.get(1..).unwrap_or_default();
        }
        let mut start = interval.start;
        for closed in near.iter().take_while(|closed| closed.start < interval.end) {
            left.push(Interval::new(start, closed.start.max(start)));
            start = closed.end.max(start);
        }
        left.push(Interval::new(start, interval.end.max(start)));
    }
    left.retain(|interval| !interval.is_empty());
    left
}

/// How many dates later than its service day an instant can be by another wall clock: zones are up to a day apart, and a
/// span over midnight reaches into the next.
pub(super) const LATER_DATES: u64 = 2;

/// The open intervals that belong to one local date: a span over midnight belongs to the day it opens on.
pub(super) fn day_intervals(spec: &CalendarSpec, date: NaiveDate, zone: Tz) -> Vec<Interval> {
    match spec {
        CalendarSpec::Always => shown(zone, date, vec![(DaySpan::DAY.from, DaySpan::DAY.end())]),
        CalendarSpec::Hours(hours) => {
            let holidays = holiday_dates(hours, date.year(), date.year());
            let spans = wall_spans(hours, &holidays, date);
            joined_with(hours, shown(hours.zone, date, spans.usual), shown(hours.zone, date, spans.open))
        }
        CalendarSpec::Both(a, b) => {
            let of = |spec: &CalendarSpec, later| {
                let day = date.checked_add_days(Days::new(later)).unwrap_or(date);
                day_intervals(spec, day, zone)
            };
            let (of_a, of_b) = (of(a, 0), of(b, 0));
            // What both share belongs to the earlier of the days that they call it; far zones and a night lie two apart.
            let later = (1..=LATER_DATES).flat_map(|days| [both(&of_a, &of(b, days)), both(&of(a, days), &of_b)]);
            union(later.flatten().chain(both(&of_a, &of_b)).collect())
        }
        CalendarSpec::Either(a, b) => {
            union(day_intervals(a, date, zone).into_iter().chain(day_intervals(b, date, zone)).collect())
        }
        CalendarSpec::Without(inner, closed) => less(day_intervals(inner, date, zone), closed),
    }
}

/// The instants at which the wall clock of `zone` shows spans of `date`, sorted and joined. A date whose midnight is
/// passed twice, because the clock is put back over it, is two stretches.
fn shown(zone: Tz, date: NaiveDate, spans: WallSpans) -> Vec<Interval> {
    let start = Instant::from_utc(date.and_time(chrono::NaiveTime::MIN));
    let offsets = offsets(zone, Interval::new(start.plus(-2 * DAY), start.plus(4 * DAY)));
    union(spans.into_iter().flat_map(|span| instants(&offsets, date, span)).collect())
}

/// The instant at which the wall clock shows `local`: the earlier of two, and where the clock skips it, the instant of
/// the skip.
pub(super) fn wall_instant(zone: Tz, local: NaiveDateTime) -> Instant {
    match resolve_local(zone, local) {
        Local::Single(at) | Local::Repeated { earlier: at, .. } => at,
        Local::Skipped => {
            let before = Instant::from_utc(local).plus(-26 * HOUR);
            let offsets = offsets(zone, Interval::new(before, before.plus(52 * HOUR)));
            let shown = |offset: &&Offset| {
                let end = offset.span.end.plus(offset.millis);
                end <= Instant::from_utc(local)
            };
            offsets.iter().rfind(shown).map_or(before, |offset| offset.span.end)
        }
    }
}

/// Wall time since the midnight of `date` at `at`; over a day where `at` is on a later date.
pub(super) fn time_since(zone: Tz, date: NaiveDate, at: Instant) -> TimeDelta {
    at.local(zone).signed_duration_since(date.and_time(chrono::NaiveTime::MIN))
}
