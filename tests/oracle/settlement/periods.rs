//! Periods, found by looking at one date after the other.

use std::cell::RefCell;
use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use chrono_tz::Tz;
use klausel::plan::Agreement;
use klausel::plan::clause::Period;

use crate::hours::wall;

const MINUTE_MS: i64 = 60_000;

/// A stretch of whole local dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub first: NaiveDate,
    /// The date after its last.
    pub after: NaiveDate,
    /// Its first instant.
    pub from: i64,
    /// The first instant of the date after its last.
    pub to: i64,
}

impl Span {
    pub fn contains(&self, at: i64) -> bool {
        self.from <= at && at < self.to
    }

    pub fn dates(&self) -> impl Iterator<Item = NaiveDate> {
        let after = self.after;
        self.first.iter_days().take_while(move |date| *date < after)
    }

    pub fn last(&self) -> NaiveDate {
        self.after - Days::new(1)
    }
}

/// The dates of an agreement.
pub struct Dates {
    zone: Tz,
    month_day: u32,
    first: Option<NaiveDate>,
    last: Option<NaiveDate>,
    known: RefCell<BTreeMap<NaiveDate, i64>>,
}

impl Dates {
    pub fn new(agreement: &Agreement) -> Dates {
        Dates {
            zone: agreement.zone,
            month_day: agreement.month_day,
            first: agreement.effective.first,
            last: agreement.effective.last,
            known: RefCell::default(),
        }
    }

    /// Whether the agreement holds on this date.
    pub fn is_effective(&self, date: NaiveDate) -> bool {
        self.first.is_none_or(|first| first <= date) && self.last.is_none_or(|last| date <= last)
    }

    /// The last date on which it holds.
    pub fn last(&self) -> Option<NaiveDate> {
        self.last
    }

    /// When the agreement begins, where that is said.
    pub fn begins_at(&self) -> Option<i64> {
        self.first.map(|first| self.first_instant(first))
    }

    /// The part of a stretch of time in which the agreement holds; empty where its end is not after its start.
    pub fn effective(&self, from: i64, to: i64) -> (i64, i64) {
        let first = self.first.map_or(from, |first| self.first_instant(first));
        let after = self.last.map_or(to, |last| self.first_instant(last + Days::new(1)));
        (from.max(first), to.min(after))
    }

    /// The first instant at which the wall clock shows this date or, where it skips it, a later one.
    pub fn first_instant(&self, date: NaiveDate) -> i64 {
        if let Some(known) = self.known.borrow().get(&date) {
            return *known;
        }
        let shows = |at: i64| date <= wall(self.zone, at).date();
        let mut at = date.and_time(NaiveTime::MIN).and_utc().timestamp_millis() - 16 * 60 * MINUTE_MS;
        while !shows(at) {
            at += 15 * MINUTE_MS;
        }
        while shows(at - MINUTE_MS) {
            at -= MINUTE_MS;
        }
        self.known.borrow_mut().insert(date, at);
        at
    }

    /// The zone of the wall clock.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// What the wall clock shows at an instant.
    pub fn wall(&self, at: i64) -> NaiveDateTime {
        wall(self.zone, at)
    }

    /// The date that an instant lies in.
    pub fn of(&self, at: i64) -> NaiveDate {
        let mut date = wall(self.zone, at).date();
        while self.first_instant(date + Days::new(1)) <= at {
            date = date + Days::new(1);
        }
        date
    }

    fn begins(&self, period: Period, date: NaiveDate) -> bool {
        let month_begins = date.day() == self.month_day;
        match period {
            Period::Day => true,
            Period::AnyDays(_) => unreachable!("no clause here looks at windows"),
            Period::Week => date.weekday() == Weekday::Mon,
            Period::Month => month_begins,
            Period::Months(count) => month_begins && self.months_before(date) % i64::from(count) == 0,
            Period::Quarter => month_begins && matches!(date.month(), 1 | 4 | 7 | 10),
            Period::Year => month_begins && date.month() == 1,
            Period::ContractYear => {
                let first = self.first.unwrap();
                (0..30).any(|years| first + Months::new(12 * years) == date || first - Months::new(12 * years) == date)
            }
        }
    }

    /// How many months lie between the beginning of the agreement's first one, or else of a January, and this of another.
    fn months_before(&self, date: NaiveDate) -> i64 {
        let number = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
        let first = self.first.map_or(0, |first| number(self.holding(Period::Month, first).first));
        (number(date) - first).abs()
    }

    /// The period that holds this date.
    pub fn holding(&self, period: Period, date: NaiveDate) -> Span {
        let mut first = date;
        while !self.begins(period, first) {
            first = first - Days::new(1);
        }
        let mut after = date + Days::new(1);
        while !self.begins(period, after) {
            after = after + Days::new(1);
        }
        Span { first, after, from: self.first_instant(first), to: self.first_instant(after) }
    }

    /// The period that holds this instant.
    pub fn at(&self, period: Period, at: i64) -> Span {
        self.holding(period, self.of(at))
    }

    pub fn before(&self, period: Period, span: &Span) -> Span {
        self.holding(period, span.first - Days::new(1))
    }

    pub fn following(&self, period: Period, span: &Span) -> Span {
        self.holding(period, span.after)
    }
}
