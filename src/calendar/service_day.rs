//! Service days: dates with open time, and what lies so many of them ahead.

use chrono::{Datelike, Days, NaiveDate, NaiveTime};
use chrono_tz::Tz;

use crate::time::{Instant, Interval};

use super::Calendar;
use super::day::{LATER_DATES, day_intervals, time_since, wall_instant};

/// How many dates are looked through for the next service day before a calendar counts as closed for good.
const HORIZON_DAYS: usize = 800;

impl Calendar {
    /// The same time of day on the Nth service day after that of `start`.
    ///
    /// A start outside service time counts as the next opening. The time of day is moved to the day's close where it
    /// is after it, to the end of the earlier span where it is in a gap, and to the opening where it is before it.
    /// `zone` is the wall clock of a calendar that has none of its own. A wall time that the clock change skips becomes
    /// the instant of the change, one that it repeats the earlier of the two.
    pub fn service_days(&self, start: Instant, days: u32, zone: Tz) -> Option<Instant> {
        let zone = self.zone().unwrap_or(zone);
        let start = self.next_open(start)?;
        let date = self.service_date(start, zone)?;
        let (date_after, open) = self.nth_service_day(date, days, zone)?;
        if days == 0 {
            return Some(start);
        }
        let wall = date_after.and_time(NaiveTime::MIN).checked_add_signed(time_since(zone, date, start))?;
        moved_into(&open, wall_instant(zone, wall))
    }

    /// The same time of day on the Nth service day before that of `start`.
    ///
    /// A start outside service time counts as the close before it. The time of day is moved into that day as
    /// [`service_days`](Calendar::service_days) moves it.
    pub fn service_days_back(&self, start: Instant, days: u32, zone: Tz) -> Option<Instant> {
        let zone = self.zone().unwrap_or(zone);
        let start = self.prev_open(start)?;
        if days == 0 {
            return Some(start);
        }
        // A close belongs to the day that ends with it.
        let date = self.service_date(start.plus(-1), zone)?;
        let before = self.nth_service_date(date, -i64::from(days), zone)?;
        let wall = before.and_time(NaiveTime::MIN).checked_add_signed(time_since(zone, date, start))?;
        moved_into(&self.open_on(before, zone), wall_instant(zone, wall))
    }

    /// The Nth service day after `date`, before it where `nth` is negative; `date` itself where it is zero.
    pub fn nth_service_date(&self, date: NaiveDate, nth: i64, zone: Tz) -> Option<NaiveDate> {
        let step = if nth < 0 { NaiveDate::pred_opt } else { NaiveDate::succ_opt };
        let mut found = date;
        for _ in 0..nth.unsigned_abs() {
            let near = std::iter::successors(step(&found), step).take(HORIZON_DAYS);
            let mut near = near.filter(|date| (1_970..=2_101).contains(&date.year()));
            found = near.find(|date| self.is_service_day(*date, zone))?;
        }
        Some(found)
    }

    /// The service days from `first` to `last`, both in; none where `last` is the earlier.
    pub fn service_dates(&self, first: NaiveDate, last: NaiveDate, zone: Tz) -> Vec<NaiveDate> {
        let dates = first.iter_days().take_while(|date| *date <= last);
        dates.filter(|date| self.is_service_day(*date, zone)).collect()
    }

    /// The close of the Nth service day after that of `start`; the start's own day where `nth` is zero.
    pub fn end_of_service_day(&self, start: Instant, nth: u32, zone: Tz) -> Option<Instant> {
        let zone = self.zone().unwrap_or(zone);
        let date = self.counting_date(start, zone)?;
        let (_, open) = self.nth_service_day(date, nth, zone)?;
        open.last().map(|interval| interval.end)
    }

    /// A time of day on the Nth service day after that of `start`, wherever it lies in that day.
    pub fn time_on_service_day(&self, start: Instant, nth: u32, time: NaiveTime, zone: Tz) -> Option<Instant> {
        let zone = self.zone().unwrap_or(zone);
        let date = self.counting_date(start, zone)?;
        let (date, _) = self.nth_service_day(date, nth, zone)?;
        Some(wall_instant(zone, date.and_time(time)))
    }

    /// `at` itself where it falls on a service day, otherwise the first opening after it.
    pub fn moved_to_next_service_day(&self, at: Instant, zone: Tz) -> Option<Instant> {
        let zone = self.zone().unwrap_or(zone);
        let on_service_day = !self.open_on(at.local(zone).date(), zone).is_empty();
        if on_service_day { Some(at) } else { self.next_open(at) }
    }

    /// The open intervals of a local date; a span over midnight belongs to the day it opens on.
    pub fn open_on(&self, date: NaiveDate, zone: Tz) -> Vec<Interval> {
        day_intervals(self.spec(), date, self.zone().unwrap_or(zone))
    }

    /// Whether a local date has any open time.
    pub fn is_service_day(&self, date: NaiveDate, zone: Tz) -> bool {
        !self.open_on(date, zone).is_empty()
    }

    /// The date that an open instant belongs to: an earlier one where a span over midnight still runs.
    fn service_date(&self, at: Instant, zone: Tz) -> Option<NaiveDate> {
        let date = at.local(zone).date();
        let holds = |date: &NaiveDate| self.open_on(*date, zone).iter().any(|open| open.contains(at));
        let dates = (0..=LATER_DATES).filter_map(|days| date.checked_sub_days(Days::new(days)));
        dates.into_iter().find(holds).or(Some(date))
    }

    /// The date from which following service days are counted: that of the start, or of the next opening.
    fn counting_date(&self, start: Instant, zone: Tz) -> Option<NaiveDate> {
        self.service_date(self.next_open(start)?, zone)
    }

    fn nth_service_day(&self, date: NaiveDate, nth: u32, zone: Tz) -> Option<(NaiveDate, Vec<Interval>)> {
        let mut date = date;
        let mut open = self.open_on(date, zone);
        for _ in 0..nth {
            (date, open) = self.following_service_day(date, zone)?;
        }
        Some((date, open))
    }

    fn following_service_day(&self, date: NaiveDate, zone: Tz) -> Option<(NaiveDate, Vec<Interval>)> {
        let later = date.iter_days().skip(1).take(HORIZON_DAYS).filter(|date| date.year() <= 2_101);
        let mut days = later.map(|date| (date, self.open_on(date, zone)));
        days.find(|(_, open)| !open.is_empty())
    }

    /// The date after `date`.
    pub fn next_date(date: NaiveDate) -> NaiveDate {
        date.checked_add_days(Days::new(1)).unwrap_or(date)
    }
}

/// `at` where it lies in one of the intervals or at the end of one, else the end of the one before, else the opening.
fn moved_into(open: &[Interval], at: Instant) -> Option<Instant> {
    let before = open.iter().rev().find(|interval| interval.start <= at);
    match before {
        Some(interval) => Some(at.min(interval.end)),
        None => open.first().map(|interval| interval.start),
    }
}
