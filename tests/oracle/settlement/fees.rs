//! What is owed, day by day.

use std::cell::RefCell;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use klausel::money::{Fraction, ratio, whole};
use klausel::plan::Version;
use klausel::plan::clause::Period;

use super::periods::{Dates, Span};

/// Which lines of what is owed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lines {
    /// The line without a service, or that of a service.
    Of(Option<String>),
    All,
}

type Known = BTreeMap<(Lines, NaiveDate, NaiveDate), Fraction>;

pub struct Fees<'a> {
    /// All versions: each day owes what the one in force says.
    versions: &'a [Version],
    dates: &'a Dates,
    known: RefCell<Known>,
}

impl<'a> Fees<'a> {
    pub fn new(versions: &'a [Version], dates: &'a Dates) -> Fees<'a> {
        Fees { versions, dates, known: RefCell::default() }
    }

    /// Whether a service has a line of its own; no amendment here takes one away.
    pub fn has(&self, service: &str) -> bool {
        self.versions[0].fees.iter().any(|fee| fee.service.as_deref() == Some(service))
    }

    /// Twelve months at the rate at a month's start.
    pub fn of_a_year(&self, lines: &Lines, month: &Span) -> Fraction {
        monthly(self.in_force(month.first), lines) * whole(12)
    }

    /// The version at the midnight with which a date begins, or the first where none is in force yet.
    fn in_force(&self, date: NaiveDate) -> &Version {
        let midnight = self.dates.first_instant(date);
        self.versions.iter().rfind(|version| version.from.0 <= midnight).unwrap_or(&self.versions[0])
    }

    /// Of a period: each date inside the agreement owes its part of its month; a month after the agreement's end owes
    /// what its last full month did.
    pub fn of(&self, lines: &Lines, span: &Span) -> Fraction {
        let is_month = self.dates.holding(Period::Month, span.first) == *span;
        let ended = self.dates.last().is_some_and(|last| last < span.first);
        let full = if is_month && ended { self.last_full_month() } else { None };
        self.by_days(lines, &full.unwrap_or(*span))
    }

    /// Of the month of a breach: after the agreement's end, of the last full month.
    pub fn of_breach(&self, lines: &Lines, month: &Span, at: i64) -> Fraction {
        let ended = self.dates.last().is_some_and(|last| last < self.dates.of(at));
        match if ended { self.last_full_month() } else { None } {
            Some(full) => self.by_days(lines, &full),
            None => self.of(lines, month),
        }
    }

    fn by_days(&self, lines: &Lines, span: &Span) -> Fraction {
        let key = (lines.clone(), span.first, span.after);
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let mut sum = whole(0);
        for date in span.dates().filter(|date| self.dates.is_effective(*date)) {
            let month = self.dates.holding(Period::Month, date);
            sum += monthly(self.in_force(date), lines) * ratio(1, (month.after - month.first).num_days());
        }
        self.known.borrow_mut().insert(key, sum.clone());
        sum
    }

    /// The last month on all of whose days the agreement holds.
    fn last_full_month(&self) -> Option<Span> {
        let mut month = self.dates.holding(Period::Month, self.dates.last()?);
        while !month.dates().all(|date| self.dates.is_effective(date)) {
            if !self.dates.is_effective(month.first) && !self.dates.is_effective(month.last()) {
                return None;
            }
            month = self.dates.before(Period::Month, &month);
        }
        Some(month)
    }
}

/// Of one month: a third of a quarter's, a twelfth of a year's.
fn monthly(version: &Version, lines: &Lines) -> Fraction {
    let mut sum = whole(0);
    for fee in &version.fees {
        if *lines == Lines::All || *lines == Lines::Of(fee.service.clone()) {
            let rate = fee.rate.as_ref().unwrap();
            let months = match rate.per {
                Period::Month => 1,
                Period::Quarter => 3,
                Period::Year => 12,
                other => panic!("a fee per {}", other.word()),
            };
            sum += &rate.amount * ratio(1, months);
        }
    }
    sum
}
