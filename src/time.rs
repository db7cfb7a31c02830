//! Instants and durations in whole milliseconds, half-open intervals, and how people write them.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone};
use chrono_tz::Tz;

/// A length of time in milliseconds.
pub type Millis = i64;

/// A second.
pub const SECOND: Millis = 1_000;
/// A minute.
pub const MINUTE: Millis = 60 * SECOND;
/// An hour.
pub const HOUR: Millis = 60 * MINUTE;
/// 24 hours, whatever the wall clock does.
pub const DAY: Millis = 24 * HOUR;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

impl Instant {
    /// The first instant that calendars cover: 1970-01-01T00:00:00Z.
    pub const FIRST: Instant = Instant(0);
    /// The end of what calendars cover: 2101-01-01T00:00:00Z.
    pub const LAST: Instant = Instant(4_133_980_800_000);

    /// Later by `millis` (earlier when negative), held at the ends of the number's range.
    pub fn plus(self, millis: Millis) -> Instant {
        Instant(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this instant; negative when this one is the earlier.
    pub fn since(self, earlier: Instant) -> Millis {
        self.0.saturating_sub(earlier.0)
    }

    /// The wall clock of `zone` at this instant.
    pub fn local(self, zone: Tz) -> NaiveDateTime {
        let utc = DateTime::from_timestamp_millis(self.0).map_or(NaiveDateTime::MAX, |at| at.naive_utc());
        let offset = zone.offset_from_utc_datetime(&utc).fix();
        utc.checked_add_offset(offset).unwrap_or(utc)
    }

    /// The instant of a wall time in UTC.
    pub fn from_utc(utc: NaiveDateTime) -> Instant {
        Instant(utc.and_utc().timestamp_millis())
    }

    /// `2025-03-07 21:50`, with seconds (and milliseconds) only where they are not zero, and with the offset where the wall
    /// clock shows that time twice: `2025-10-26 02:30+02:00`.
    pub fn wall(self, zone: Tz) -> String {
        let local = self.local(zone);
        let millis = self.0.rem_euclid(SECOND);
        let form = match (millis, self.0.rem_euclid(MINUTE)) {
            (0, 0) => "%Y-%m-%d %H:%M",
            (0, _) => "%Y-%m-%d %H:%M:%S",
            _ => "%Y-%m-%d %H:%M:%S%.3f",
        };
        let offset = match resolve_local(zone, local) {
            Local::Repeated { .. } => offset_words(zone, self),
            Local::Single(_) | Local::Skipped => String::new(),
        };
        format!("{}{offset}", local.format(form))
    }
}

/// How far the wall clock of a zone is from UTC at an instant: `+02:00`.
fn offset_words(zone: Tz, at: Instant) -> String {
    let utc = DateTime::from_timestamp_millis(at.0).map_or(NaiveDateTime::MAX, |at| at.naive_utc());
    zone.offset_from_utc_datetime(&utc).fix().to_string()
}

/// RFC 3339 in UTC, such as `2025-03-07T20:50:00Z`; milliseconds only where they are not zero.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::from_timestamp_millis(self.0) {
            Some(at) if self.0.rem_euclid(SECOND) == 0 => write!(f, "{}", at.format("%Y-%m-%dT%H:%M:%SZ")),
            Some(at) => write!(f, "{}", at.format("%Y-%m-%dT%H:%M:%S%.3fZ")),
            None => write!(f, "{} ms since 1970", self.0),
        }
    }
}

/// What a wall time means in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Local {
    /// One instant.
    Single(Instant),
    /// The clock was put back: the wall time came twice.
    Repeated {
        /// The first time.
        earlier: Instant,
        /// The second time.
        later: Instant,
    },
    /// The clock was put forward over it.
    Skipped,
}

/// The instant or instants at which the wall clock of `zone` shows `local`.
pub fn resolve_local(zone: Tz, local: NaiveDateTime) -> Local {
    match zone.from_local_datetime(&local) {
        chrono::LocalResult::Single(at) => Local::Single(Instant(at.timestamp_millis())),
        chrono::LocalResult::Ambiguous(a, b) => {
            let (a, b) = (Instant(a.timestamp_millis()), Instant(b.timestamp_millis()));
            Local::Repeated { earlier: a.min(b), later: a.max(b) }
        }
        chrono::LocalResult::None => Local::Skipped,
    }
}

/// The first instant of a local date. Where the clock is put forward over midnight, or over the whole day, it begins when
/// the clock goes on.
pub fn midnight(zone: Tz, date: NaiveDate) -> Instant {
    let mut local = date.and_time(NaiveTime::MIN);
    for _ in 0..=48 {
        match resolve_local(zone, local) {
            Local::Single(at) | Local::Repeated { earlier: at, .. } => return at,
            Local::Skipped => local += chrono::TimeDelta::minutes(30),
        }
    }
    Instant::from_utc(date.and_time(NaiveTime::MIN))
}

/// Time from `start` until just before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// The first instant inside.
    pub start: Instant,
    /// The first instant after.
    pub end: Instant,
}

impl Interval {
    /// The interval from `start` to `end`; empty when `end` is not after `start`.
    pub fn new(start: Instant, end: Instant) -> Interval {
        Interval { start, end: end.max(start) }
    }

    /// Its length in milliseconds.
    pub fn len(self) -> Millis {
        self.end.since(self.start)
    }

    /// Whether it holds no instant.
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Whether `at` is inside.
    pub fn contains(self, at: Instant) -> bool {
        self.start <= at && at < self.end
    }

    /// What both hold; may be empty.
    pub fn and(self, other: Interval) -> Interval {
        Interval::new(self.start.max(other.start), self.end.min(other.end))
    }
}

/// The union of intervals: sorted, without overlap, none touching the next.
pub fn union(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.retain(|interval| !interval.is_empty());
    intervals.sort();
    let mut joined: Vec<Interval> = Vec::with_capacity(intervals.len());
    for next in intervals {
        match joined.last_mut() {
            Some(last) if next.start <= last.end => last.end = last.end.max(next.end),
            _ => joined.push(next),
        }
    }
    joined
}

/// A duration as the language writes it: `24h10m`, `15m`, `7m5s`, `1.5s` as `1s500ms`, zero as `0m`.
pub fn spell(millis: Millis) -> String {
    let sign = if millis < 0 { "-" } else { "" };
    let left = millis.unsigned_abs();
    let parts = [
        (left / HOUR.unsigned_abs(), "h"),
        (left / MINUTE.unsigned_abs() % 60, "m"),
        (left / SECOND.unsigned_abs() % 60, "s"),
        (left % SECOND.unsigned_abs(), "ms"),
    ];
    let words: String =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if words.is_empty() { "0m".to_string() } else { format!("{sign}{words}") }
}

/// A time of day as the language writes it, from seconds since midnight: `08:30`, `24:00`, `09:00:30`.
pub fn clock_face(seconds: u32) -> String {
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if rest == 0 { format!("{hours:02}:{minutes:02}") } else { format!("{hours:02}:{minutes:02}:{rest:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_the_language_writes_them() {
        assert_eq!(spell(24 * HOUR + 10 * MINUTE), "24h10m");
        assert_eq!(spell(7 * MINUTE + 5 * SECOND), "7m5s");
        assert_eq!(spell(-1_500), "-1s500ms");
        assert_eq!(spell(0), "0m");
    }

    #[test]
    fn an_instant_shows_no_more_digits_than_it_has() {
        assert_eq!(Instant(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Instant(1).to_string(), "1970-01-01T00:00:00.001Z");
        assert_eq!(Instant(0).wall(chrono_tz::Europe::Berlin), "1970-01-01 01:00");
    }

    #[test]
    fn a_wall_time_that_came_twice_says_which_is_meant() {
        let zone = chrono_tz::Europe::Berlin;
        let at = |text: &str| Instant(DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()).wall(zone);
        assert_eq!(at("2025-10-26T00:30:00Z"), "2025-10-26 02:30+02:00");
        assert_eq!(at("2025-10-26T01:30:05Z"), "2025-10-26 02:30:05+01:00");
        assert_eq!(at("2025-10-26T02:00:00Z"), "2025-10-26 03:00");
        assert_eq!(at("2025-10-25T23:59:00Z"), "2025-10-26 01:59");
    }

    #[test]
    fn a_union_joins_what_touches() {
        let span = |a, b| Interval::new(Instant(a), Instant(b));
        assert_eq!(union(vec![span(5, 9), span(0, 2), span(2, 3), span(4, 4)]), vec![span(0, 3), span(5, 9)]);
    }

    #[test]
    fn a_day_that_the_clock_skips_begins_and_ends_when_it_goes_on() {
        let zone = chrono_tz::Pacific::Apia;
        let of = |day| midnight(zone, NaiveDate::from_ymd_opt(2011, 12, day).unwrap());
        assert_eq!(of(30), of(31), "Samoa went from the 29th to the 31st");
        assert_eq!(of(30).since(of(29)), DAY);
    }

    #[test]
    fn the_clock_change_is_seen() {
        let at = |text: &str| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        let zone = chrono_tz::Europe::Berlin;
        assert_eq!(resolve_local(zone, at("2025-03-30 02:30")), Local::Skipped);
        assert!(matches!(resolve_local(zone, at("2025-10-26 02:30")), Local::Repeated { .. }));
    }
}
