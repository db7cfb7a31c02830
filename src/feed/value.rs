//! Values of properties: dates, times in zones, durations.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;

use crate::diagnostic::{Diagnostic, nearest};
use crate::time::{DAY, HOUR, Instant, Local, MINUTE, Millis, SECOND, resolve_local};

use super::line::Line;

/// Zones that a file gives names of its own, by these names.
pub(super) type Zones = BTreeMap<String, Tz>;

/// A date or a time, in one of the three ways of iCalendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// A whole day.
    Date(NaiveDate),
    /// A time on the wall clock of whoever reads it.
    Floating(NaiveDateTime),
    /// A time on the wall clock of a zone.
    Zoned(Tz, NaiveDateTime),
}

impl Moment {
    /// What the wall clock shows; the start of a whole day.
    pub fn wall(self) -> NaiveDateTime {
        match self {
            Moment::Date(date) => date.and_time(NaiveTime::MIN),
            Moment::Floating(wall) | Moment::Zoned(_, wall) => wall,
        }
    }

    /// The same kind of moment at another wall time.
    pub fn at(self, wall: NaiveDateTime) -> Moment {
        match self {
            Moment::Date(_) => Moment::Date(wall.date()),
            Moment::Floating(_) => Moment::Floating(wall),
            Moment::Zoned(zone, _) => Moment::Zoned(zone, wall),
        }
    }

    /// The instant; one that has no zone is taken for UTC.
    pub fn instant(self) -> Instant {
        match self {
            Moment::Zoned(zone, wall) => instant(zone, wall),
            other => Instant::from_utc(other.wall()),
        }
    }

    /// What the wall clock of this moment's zone shows at another moment.
    pub fn wall_of(self, other: Moment) -> NaiveDateTime {
        match (self, other) {
            (Moment::Zoned(zone, _), Moment::Zoned(..)) => other.instant().local(zone),
            _ => other.wall(),
        }
    }

    /// Whether it is a whole day.
    pub fn is_date(self) -> bool {
        matches!(self, Moment::Date(_))
    }
}

/// The instant of a wall time; one that the clock skips is read with the offset of the time before it.
pub(super) fn instant(zone: Tz, wall: NaiveDateTime) -> Instant {
    // No zone has skipped more than one date, so two days before are enough.
    let mut earlier = wall;
    for days in 0..=2 {
        match resolve_local(zone, earlier) {
            Local::Single(at) => return at.plus(days * DAY),
            Local::Repeated { earlier, later } => return if days == 0 { earlier } else { later.plus(days * DAY) },
            Local::Skipped => earlier = earlier.checked_sub_signed(TimeDelta::days(1)).unwrap_or(earlier),
        }
    }
    Instant::from_utc(wall)
}

/// How long an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Length {
    /// Days of the wall clock.
    pub days: i64,
    /// Time added to them, as it passes.
    pub exact: Millis,
}

impl Length {
    /// The end of what starts at `start`.
    pub fn end(self, start: Moment) -> Moment {
        let days = TimeDelta::try_days(self.days).unwrap_or(TimeDelta::zero());
        let wall = start.wall().checked_add_signed(days).unwrap_or(NaiveDateTime::MAX);
        match start {
            Moment::Zoned(zone, _) if self.exact != 0 => {
                let end = instant(zone, wall).plus(self.exact);
                Moment::Zoned(Tz::UTC, end.local(Tz::UTC))
            }
            _ => start.at(wall.checked_add_signed(TimeDelta::milliseconds(self.exact)).unwrap_or(NaiveDateTime::MAX)),
        }
    }
}

/// The moments that a line gives, separated by commas; of a period its start.
pub(super) fn moments(line: &Line, zones: &Zones) -> Result<Vec<Moment>, Diagnostic> {
    line.value.split(',').map(|value| moment(line, value.split('/').next().unwrap_or(value), zones)).collect()
}

/// The one moment that a line gives.
pub(super) fn only_moment(line: &Line, zones: &Zones) -> Result<Moment, Diagnostic> {
    moment(line, &line.value, zones)
}

fn moment(line: &Line, value: &str, zones: &Zones) -> Result<Moment, Diagnostic> {
    let value = value.trim();
    let unreadable = || {
        let message = format!("`{value}` is no date or time");
        line.fault("feed_event", message, "write a day as `20251224`, a time as `20251224T120000`, in UTC with a `Z`")
    };
    let (date, time) = match value.split_once(['T', 't']) {
        None => return date(value).map(Moment::Date).ok_or_else(unreadable),
        Some((day, time)) => (date(day).ok_or_else(unreadable)?, time),
    };
    if line.param("VALUE").is_some_and(|kind| kind.eq_ignore_ascii_case("DATE")) {
        return Err(unreadable());
    }
    let (face, is_utc) = match time.strip_suffix(['Z', 'z']) {
        Some(face) => (face, true),
        None => (time, false),
    };
    let wall = date.and_time(time_of_day(face).ok_or_else(unreadable)?);
    match line.param("TZID") {
        _ if is_utc => Ok(Moment::Zoned(Tz::UTC, wall)),
        None => Ok(Moment::Floating(wall)),
        Some(name) => Ok(Moment::Zoned(zone(line, name, zones)?, wall)),
    }
}

/// `20251224`
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
    let year = i32::try_from(part(0..4).filter(|_| digits)?).ok()?;
    NaiveDate::from_ymd_opt(year, part(4..6)?, part(6..8)?)
}

/// `120000`; the second that a leap second adds is the one before it.
pub(super) fn time_of_day(text: &str) -> Option<NaiveTime> {
    let digits = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
    let second = part(4..6).filter(|second| digits && *second <= 60)?;
    NaiveTime::from_hms_opt(part(0..2)?, part(2..4)?, second.min(59))
}

fn zone(line: &Line, name: &str, zones: &Zones) -> Result<Tz, Diagnostic> {
    if let Some(zone) = known_zone(name).or_else(|| zones.get(name).copied()) {
        return Ok(zone);
    }
    let known = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    let help = match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "zones are named as in `Europe/Berlin`; replace the name in the file, or have it exported in UTC"
            .to_string(),
    };
    Err(Diagnostic::error("unknown_zone", line.span, format!("there is no time zone `{name}`")).help(help))
}

/// A zone by its name; some programs put a path of their own before it.
pub(super) fn known_zone(name: &str) -> Option<Tz> {
    let ends = name.match_indices('/').filter_map(|(at, _)| name.get(at + 1..));
    std::iter::once(name).chain(ends.filter(|_| name.starts_with('/'))).find_map(|name| name.parse().ok())
}

/// `P1D`, `PT1H30M`, `P2W`.
pub(super) fn duration(text: &str) -> Option<Length> {
    let rest = text.trim().trim_start_matches('+').strip_prefix('P')?;
    let (days, time) = rest.split_once('T').map_or((rest, None), |(days, time)| (days, Some(time)));
    let days = counted(days, &[('W', 7), ('D', 1)])?;
    let exact = time.map_or(Some(0), |time| {
        counted(time, &[('H', HOUR), ('M', MINUTE), ('S', SECOND)]).filter(|_| !time.is_empty())
    });
    Some(Length { days, exact: exact? }).filter(|_| !rest.is_empty())
}

/// A sum such as `1H30M`, its units in this order, each at most once.
fn counted(text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut rest = text;
    let mut sum: i64 = 0;
    for (unit, worth) in units {
        if let Some((count, after)) = rest.split_once(*unit) {
            let count = count.parse::<u32>().ok()?;
            sum = sum.checked_add(i64::from(count).checked_mul(*worth)?)?;
            rest = after;
        }
    }
    Some(sum).filter(|_| rest.is_empty())
}
