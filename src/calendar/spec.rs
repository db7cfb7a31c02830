//! What a calendar says: weeks, seasons, holidays, single dates.

use chrono::{NaiveDate, Weekday};
use chrono_tz::Tz;
use serde::Serialize;

use crate::ticket::Announcement;
use crate::time::{Instant, Interval};

use super::announced::{self, Announced, Told};
use super::feed::Feed;
use super::holiday::HolidayList;

/// When service is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CalendarSpec {
    /// At every instant.
    Always,
    /// By the hours of a week.
    Hours(Box<Hours>),
    /// Where both are open.
    Both(Box<CalendarSpec>, Box<CalendarSpec>),
    /// Where at least one is open.
    Either(Box<CalendarSpec>, Box<CalendarSpec>),
    /// Less these intervals.
    Without(Box<CalendarSpec>, Vec<ClosedTime>),
}

/// An interval taken out of a calendar; an empty one that is announced stands for whatever will be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClosedTime {
    /// First millisecond since 1970.
    pub from_ms: i64,
    /// The millisecond after the last.
    pub to_ms: i64,
    /// What closes it, in words; empty where nothing is said.
    pub label: String,
    /// It is closed only if announced; none: in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub announced: Option<Announced>,
}

impl From<Interval> for ClosedTime {
    fn from(interval: Interval) -> ClosedTime {
        ClosedTime { from_ms: interval.start.0, to_ms: interval.end.0, label: String::new(), announced: None }
    }
}

impl ClosedTime {
    /// Whether it is closed: in any case, or because it was announced in time.
    pub fn is_closed(&self) -> bool {
        self.announced.as_ref().is_none_or(|announced| announced.is_in_time(self.interval().start))
    }

    /// What closes it, and when that was announced.
    pub fn words(&self) -> String {
        let start = self.interval().start;
        let announced =
            self.announced.as_ref().map_or(String::new(), |announced| format!(", {}", announced.words(start)));
        format!("{}{announced}", self.label)
    }

    /// The time that is closed.
    pub fn interval(&self) -> Interval {
        Interval::new(Instant(self.from_ms), Instant(self.to_ms))
    }
}

/// Hours by the week in one zone.
///
/// For each date the spans are the week's; replaced, on the weekdays it names, by a season's; nothing on a holiday; then
/// less every `closed` line and the times of feeds, then plus every `open` line of that date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hours {
    /// The zone of the wall clock.
    pub zone: Tz,
    /// The week.
    pub week: Vec<WeekLine>,
    /// Seasons; of two that name a weekday on a date, the later in this list holds.
    pub seasons: Vec<Season>,
    /// Lists whose dates are closed.
    pub holidays: Vec<HolidayList>,
    /// iCalendar files whose dates are holidays and whose times are closed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub feeds: Vec<Feed>,
    /// Dates, or parts of them, that are closed.
    pub closed: Vec<DateLine>,
    /// Dates, or parts of them, that are open whatever else is said.
    pub open: Vec<DateLine>,
}

/// Spans on some weekdays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WeekLine {
    /// The weekdays.
    pub days: Vec<Weekday>,
    /// The spans.
    pub spans: Vec<DaySpan>,
    /// Only in these ISO weeks.
    pub weeks: Weeks,
}

/// Which ISO weeks a line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weeks {
    /// All.
    Every,
    /// Those with an odd number.
    Odd,
    /// Those with an even number.
    Even,
}

/// A span of a day, in seconds of the wall clock since its midnight. An end that is not after the start is on the next
/// day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DaySpan {
    /// 0 to 86 399.
    pub from: u32,
    /// 0 to 86 400.
    pub to: u32,
}

impl DaySpan {
    /// A whole day.
    pub const DAY: DaySpan = DaySpan { from: 0, to: 86_400 };

    /// The end counted from the same midnight: over 86 400 where the span passes midnight.
    pub fn end(self) -> u32 {
        if self.to <= self.from { self.to + 86_400 } else { self.to }
    }
}

/// A stretch of dates in which other hours hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Season {
    /// The first date.
    pub first: NaiveDate,
    /// The last date; none: no end.
    pub last: Option<NaiveDate>,
    /// The hours of the weekdays it names.
    pub week: Vec<WeekLine>,
}

/// Dates with hours of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DateLine {
    /// The first date.
    pub first: NaiveDate,
    /// The last date.
    pub last: NaiveDate,
    /// The part of each date; none: all of it.
    pub span: Option<DaySpan>,
}

impl DateLine {
    /// Whether it speaks of `date`.
    pub fn covers(&self, date: NaiveDate) -> bool {
        self.first <= date && date <= self.last
    }
}

impl CalendarSpec {
    /// Takes note of what was announced.
    pub fn announce(&mut self, announcements: &[Announcement]) {
        match self {
            CalendarSpec::Always | CalendarSpec::Hours(_) => {}
            CalendarSpec::Both(a, b) | CalendarSpec::Either(a, b) => {
                a.announce(announcements);
                b.announce(announcements);
            }
            CalendarSpec::Without(inner, closed) => {
                inner.announce(announcements);
                announced::announce(closed, announcements, Told::OfService);
            }
        }
    }

    /// The zone of its wall clock; of two calendars, the first that has one.
    pub fn zone(&self) -> Option<Tz> {
        match self {
            CalendarSpec::Always => None,
            CalendarSpec::Hours(hours) => Some(hours.zone),
            CalendarSpec::Both(a, b) | CalendarSpec::Either(a, b) => a.zone().or_else(|| b.zone()),
            CalendarSpec::Without(inner, _) => inner.zone(),
        }
    }
}
