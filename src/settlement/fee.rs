//! What is owed for a period: fees by version, by service and by day.

use chrono::NaiveDate;
use num_traits::Zero;

use crate::money::{Fraction, ratio, whole};
use crate::plan::clause::Period;
use crate::plan::{Agreement, Fee, Version};
use crate::statement::PeriodSpan;
use crate::time::Instant;

use super::bill::Bills;
use super::period::Cutter;

/// Which lines of the fees are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines<'a> {
    /// The line of this service, or the one without.
    Of(Option<&'a str>),
    /// All together.
    All,
}

/// The fees of one agreement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fees<'p> {
    pub agreement: &'p Agreement,
    pub cutter: Cutter,
    /// What its customer is charged.
    pub bills: &'p Bills,
    /// Charges of a period that holds this day are known up to it only; none: of every month.
    pub known_until: Option<NaiveDate>,
}

impl Fees<'_> {
    /// What is owed as far as it is known when a month is settled: charges of later months come later.
    pub fn known_by(self, month: &PeriodSpan) -> Self {
        Fees { known_until: Some(month.day_after), ..self }
    }

    /// What is owed for a period: months by the days on which the agreement holds, each version's fee for its days.
    ///
    /// A month after the agreement's end owes what its last full month owed, so that a late breach is a share of something.
    pub fn owed(&self, lines: Lines<'_>, period: &PeriodSpan) -> Fraction {
        let is_month = period.period == Period::Month;
        let after_the_end = self.agreement.effective.last.is_some_and(|last| last < period.first_day);
        match self.last_full_month().filter(|_| is_month && after_the_end) {
            Some(month) => self.of_days(lines, month.first_day, month.day_after),
            None => self.of_days(lines, period.first_day, period.day_after),
        }
    }

    /// What a breach at an instant of `month` is a share of: one after the agreement's end takes its last full month's.
    pub fn owed_at(&self, lines: Lines<'_>, month: &PeriodSpan, at: Instant) -> Fraction {
        let after_the_end = self.agreement.effective.span.end <= at;
        match self.last_full_month().filter(|_| after_the_end) {
            Some(last) => self.of_days(lines, last.first_day, last.day_after),
            None => self.owed(lines, month),
        }
    }

    /// Whether the version of a period's first day has a line for this service.
    pub fn names(&self, service: &str, period: &PeriodSpan) -> bool {
        let version = self.version_on(period.first_day);
        version.is_some_and(|version| version.fees.iter().any(|fee| fee.service.as_deref() == Some(service)))
    }

    /// Twelve months at the rate of the month's version.
    pub fn yearly(&self, lines: Lines<'_>, month: &PeriodSpan) -> Fraction {
        let version = self.version_on(month.first_day);
        (monthly(version, lines) + self.charged(version, lines, month)) * whole(12)
    }

    fn last_full_month(&self) -> Option<PeriodSpan> {
        let last = self.agreement.effective.last?;
        let month = self.cutter.holding(Period::Month, last);
        let is_full = last.succ_opt() == Some(month.day_after);
        let month = if is_full { month } else { self.cutter.before(&month) };
        let begun = self.agreement.effective.first.is_none_or(|first| first <= month.first_day);
        begun.then_some(month)
    }

    /// Day by day: a month's fee over its number of days, on the days on which the agreement holds. What is charged for a
    /// month is for those of its days on which the agreement holds.
    fn of_days(&self, lines: Lines<'_>, first: NaiveDate, day_after: NaiveDate) -> Fraction {
        let effective = &self.agreement.effective;
        let start = effective.first.map_or(first, |from| first.max(from));
        let end = effective.last.and_then(|last| last.succ_opt()).map_or(day_after, |until| day_after.min(until));
        let mut owed = Fraction::zero();
        let mut day = start;
        while day < end {
            let month = self.cutter.holding(Period::Month, day);
            let until = self.next_change(day).map_or(month.day_after, |change| change.min(month.day_after)).min(end);
            let (days, of) = ((until - day).num_days(), (month.day_after - month.first_day).num_days());
            let version = self.version_on(day);
            owed += monthly(version, lines) * ratio(days, of);
            if self.known_until.is_none_or(|known| known <= first || month.first_day < known) {
                owed += self.charged(version, lines, &month) * ratio(days, self.days_of(&month));
            }
            day = until;
        }
        owed
    }

    /// What a version's lines from charges come to in a month.
    fn charged(&self, version: Option<&Version>, lines: Lines<'_>, month: &PeriodSpan) -> Fraction {
        let from_charges = meant(version, lines).filter(|fee| fee.rate.is_none());
        let charged = from_charges.filter_map(|fee| self.bills.charged(fee.service.as_deref(), month));
        charged.fold(Fraction::zero(), |sum, amount| sum + amount)
    }

    /// How many days of a month the agreement holds.
    fn days_of(&self, month: &PeriodSpan) -> i64 {
        let effective = &self.agreement.effective;
        let start = effective.first.map_or(month.first_day, |first| first.max(month.first_day));
        let end =
            effective.last.and_then(|last| last.succ_opt()).map_or(month.day_after, |day| day.min(month.day_after));
        (end - start).num_days()
    }

    /// The lines from charges of which a month has no charge, by service.
    pub fn uncharged(&self, month: &PeriodSpan) -> Vec<Option<String>> {
        let day = self.agreement.effective.first.map_or(month.first_day, |first| first.max(month.first_day));
        let from_charges = meant(self.version_on(day), Lines::All).filter(|fee| fee.rate.is_none());
        let missing = from_charges.filter(|fee| self.bills.charged(fee.service.as_deref(), month).is_none());
        missing.map(|fee| fee.service.clone()).collect()
    }

    fn version_on(&self, day: NaiveDate) -> Option<&Version> {
        let versions = &self.agreement.versions;
        versions.iter().rfind(|version| self.first_day(version) <= day).or_else(|| versions.first())
    }

    /// The first day of a version later than `day`.
    fn next_change(&self, day: NaiveDate) -> Option<NaiveDate> {
        self.agreement.versions.iter().map(|version| self.first_day(version)).filter(|first| day < *first).min()
    }

    fn first_day(&self, version: &Version) -> NaiveDate {
        let is_base = version.from == Instant(i64::MIN);
        if is_base { NaiveDate::MIN } else { version.from.local(self.agreement.zone).date() }
    }
}

/// The lines of a version that are meant.
fn meant<'v>(version: Option<&'v Version>, lines: Lines<'v>) -> impl Iterator<Item = &'v Fee> {
    let fees = version.map_or(&[] as &[Fee], |version| version.fees.as_slice());
    fees.iter().filter(move |fee| match lines {
        Lines::Of(service) => fee.service.as_deref() == service,
        Lines::All => true,
    })
}

/// A version's rates for a full month: a third of a quarter's, a twelfth of a year's.
fn monthly(version: Option<&Version>, lines: Lines<'_>) -> Fraction {
    let rates = meant(version, lines).filter_map(|fee| fee.rate.as_ref()).map(|rate| {
        let months = match rate.per {
            Period::Quarter => 3,
            Period::Year | Period::ContractYear => 12,
            Period::Months(count) => i64::from(count.max(1)),
            Period::Month | Period::Week | Period::Day | Period::AnyDays(_) => 1,
        };
        &rate.amount / whole(months)
    });
    rates.fold(Fraction::zero(), |sum, rate| sum + rate)
}
