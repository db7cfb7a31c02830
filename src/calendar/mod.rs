//! Service hours, holidays and a zone as open time, with look-ups that cost the same for an hour and for ten years.

mod announced;
mod day;
mod feed;
mod holiday;
mod look_up;
mod service_day;
mod spec;
mod table;
mod words;

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;

use crate::time::{Instant, Interval, Millis};

pub use announced::{Announced, Told, announce};
pub use feed::Feed;
pub use holiday::{DateRule, HolidayList, HolidayRule, Observed, YearRange, easter};
pub use look_up::Transition;
pub use spec::{CalendarSpec, ClosedTime, DateLine, DaySpan, Hours, Season, WeekLine, Weeks};

use table::Table;

/// A calendar ready for look-ups, cheap to share. It covers [`Instant::FIRST`] to [`Instant::LAST`]; outside of that
/// only `always` is open.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// None is `always`.
    table: Option<Arc<Table>>,
}

impl Calendar {
    /// The calendar that never closes.
    pub fn always() -> Calendar {
        Calendar { table: None }
    }

    /// The calendar that `spec` says. Its table is built when it is first asked for.
    pub fn new(spec: CalendarSpec) -> Calendar {
        let table = if spec == CalendarSpec::Always { None } else { Some(Arc::new(Table::new(spec))) };
        Calendar { table }
    }

    /// What it says.
    pub fn spec(&self) -> &CalendarSpec {
        self.table.as_ref().map_or(&CalendarSpec::Always, |table| table.spec())
    }

    /// The zone of its wall clock, where it has one.
    pub fn zone(&self) -> Option<Tz> {
        self.spec().zone()
    }

    /// Whether `at` is open.
    pub fn is_open(&self, at: Instant) -> bool {
        self.table.as_ref().is_none_or(|table| table.is_open(at))
    }

    /// Open milliseconds from a fixed origin to `at`; it never falls, and differences of it are open time.
    pub fn count(&self, at: Instant) -> i64 {
        self.table.as_ref().map_or(at.0, |table| table.count(at))
    }

    /// Open milliseconds from `from` to `to`; negative where `to` is the earlier.
    pub fn open_between(&self, from: Instant, to: Instant) -> Millis {
        self.count(to).saturating_sub(self.count(from))
    }

    /// The earliest instant with this [`count`](Calendar::count): a budget that ends at closing time ends at the close.
    pub fn earliest(&self, count: i64) -> Option<Instant> {
        match &self.table {
            None => Some(Instant(count)),
            Some(table) => table.earliest(count),
        }
    }

    /// The last instant with this [`count`](Calendar::count): a budget that ends at closing time ends at the next
    /// opening.
    pub fn latest(&self, count: i64) -> Option<Instant> {
        match &self.table {
            None => Some(Instant(count)),
            Some(table) => table.latest(count),
        }
    }

    /// `at` where it is open, otherwise the next opening.
    pub fn next_open(&self, at: Instant) -> Option<Instant> {
        if self.is_open(at) { Some(at) } else { self.latest(self.count(at)).map(|opening| opening.max(at)) }
    }

    /// The end of the open stretch that `at` is in, or of the next one.
    pub fn next_close(&self, at: Instant) -> Option<Instant> {
        self.table.as_ref()?.close_after(at)
    }

    /// Whether it is open at any instant it covers from `at` on.
    pub fn opens_after(&self, at: Instant) -> bool {
        self.next_open(at).is_some()
    }

    /// The open intervals within `window`, clipped to it.
    pub fn open_within(&self, window: Interval) -> Vec<Interval> {
        day::open_intervals(self.spec(), window)
    }

    /// This calendar less some intervals.
    pub fn without(&self, closed: &[Interval]) -> Calendar {
        let closed = closed.iter().map(|interval| ClosedTime::from(*interval)).collect();
        Calendar::new(CalendarSpec::Without(Box::new(self.spec().clone()), closed))
    }

    /// What closes this calendar in a stretch of time besides its hours: maintenance and excluded time, in words.
    pub fn closings_in(&self, span: Interval) -> Vec<String> {
        let closed = self.touching(span).filter(|closed| closed.is_closed() && !closed.label.is_empty());
        closed.map(ClosedTime::words).collect()
    }

    /// Whether it is closed by this time, as its own announcements go.
    pub fn closes(&self, time: &ClosedTime) -> bool {
        let mut same = self.touching(time.interval()).filter(|closed| closed.interval() == time.interval());
        same.any(|closed| closed.label == time.label && closed.is_closed())
    }

    /// Maintenance in a stretch of time that closes nothing, as it was not announced in time.
    pub fn unannounced_in(&self, span: Interval) -> Vec<&ClosedTime> {
        self.touching(span).filter(|closed| !closed.is_closed()).collect()
    }

    fn touching(&self, span: Interval) -> impl Iterator<Item = &ClosedTime> {
        let closed = match self.spec() {
            CalendarSpec::Without(_, closed) => closed.as_slice(),
            _ => &[],
        };
        closed.iter().filter(move |closed| !closed.interval().and(span).is_empty())
    }

    /// What is special about a local date, in words: a holiday, a season, a line of its own. Empty for a usual day.
    pub fn notes_on(&self, date: NaiveDate) -> Vec<String> {
        let mut notes = Vec::new();
        notes_on(self.spec(), date, &mut notes);
        notes
    }
}

fn notes_on(spec: &CalendarSpec, date: NaiveDate, notes: &mut Vec<String>) {
    match spec {
        CalendarSpec::Always => {}
        CalendarSpec::Hours(hours) => {
            if let Some(label) = day::holiday_dates(hours, date.year(), date.year()).get(&date) {
                notes.push(format!("holiday: {label}"));
            }
            let in_season = |season: &&Season| season.first <= date && season.last.is_none_or(|last| date <= last);
            if let Some(season) = hours.seasons.iter().rev().find(in_season) {
                notes.push(format!("season from {}", season.first));
            }
            notes.extend(hours.feeds.iter().flat_map(|feed| feed.notes_on(date, hours.zone)));
            if hours.closed.iter().any(|line| line.covers(date)) {
                notes.push("closed on this date".to_string());
            }
            if hours.open.iter().any(|line| line.covers(date)) {
                notes.push("open on this date".to_string());
            }
        }
        CalendarSpec::Both(a, b) | CalendarSpec::Either(a, b) => {
            notes_on(a, date, notes);
            notes_on(b, date, notes);
        }
        CalendarSpec::Without(inner, _) => notes_on(inner, date, notes),
    }
}

#[cfg(test)]
mod tests;
