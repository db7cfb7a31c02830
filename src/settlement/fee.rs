//! What is owed for a period: fees by version, by service and by day.

use chrono::NaiveDate;
use num_traits::Zero;

use crate::money::{Fraction, ratio, whole};
use crate::plan::clause::Period;
use crate::plan::{Agreement, Fee, Version};
use crate::statement::PeriodSpan;
use crate::time::Instant;

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
}

impl Fees<'_> {
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
        monthly(self.version_on(month.first_day), lines) * whole(12)
    }

    fn last_full_month(&self) -> Option<PeriodSpan> {
        let last = self.agreement.effective.last?;
        let month = self.cutter.holding(Period::Month, last);
        let is_full = last.succ_opt() == Some(month.day_after);
        let month = if is_full { month } else { self.cutter.before(&month) };
        let begun = self.agreement.effective.first.is_none_or(|first| first <= month.first_day);
        begun.then_some(month)
    }

    /// Day by day: a month's fee over its number of days, on the days on which the agreement holds.
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
            owed += monthly(self.version_on(day), lines) * ratio(days, of);
            day = until;
        }
        owed
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

/// A version's fee for a full month: a third of a quarter's, a twelfth of a year's.
fn monthly(version: Option<&Version>, lines: Lines<'_>) -> Fraction {
    let fees = version.map_or(&[] as &[Fee], |version| version.fees.as_slice());
    let meant = fees.iter().filter(|fee| match lines {
        Lines::Of(service) => fee.service.as_deref() == service,
        Lines::All => true,
    });
    let rates = meant.map(|fee| {
        let months = match fee.per {
            Period::Quarter => 3,
            Period::Year | Period::ContractYear => 12,
            Period::Months(count) => i64::from(count.max(1)),
            Period::Month | Period::Week | Period::Day => 1,
        };
        &fee.amount / whole(months)
    });
    rates.fold(Fraction::zero(), |sum, rate| sum + rate)
}
