//! Time cut into days, weeks, months, quarters and years, on the wall clock of the agreement.

use chrono::{Datelike, Days, Months, NaiveDate};
use chrono_tz::Tz;

use crate::plan::Agreement;
use crate::plan::clause::Period;
use crate::statement::PeriodSpan;
use crate::time::{Instant, Interval, midnight};

/// Cuts time for one agreement.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cutter {
    zone: Tz,
    /// The day on which months begin, 1 to 28. Quarters and years are made of such months.
    month_day: u32,
    /// The first day of the contract; none: contract years are calendar years.
    contract_start: Option<NaiveDate>,
}

impl Cutter {
    pub fn new(agreement: &Agreement) -> Cutter {
        let contract_start = agreement.effective.first;
        Cutter { zone: agreement.zone, month_day: agreement.month_day, contract_start }
    }

    /// The period that holds an instant; of windows the one whose last day does.
    pub fn at(&self, period: Period, at: Instant) -> PeriodSpan {
        self.holding(period, at.local(self.zone).date())
    }

    /// The period that holds a local date.
    pub fn holding(&self, period: Period, date: NaiveDate) -> PeriodSpan {
        let (first, next) = self.days(period, date);
        let span = Interval::new(midnight(self.zone, first), midnight(self.zone, next));
        PeriodSpan { period, label: label(period, first), first_day: first, day_after: next, span }
    }

    /// The period after another of the same kind.
    pub fn after(&self, span: &PeriodSpan) -> PeriodSpan {
        self.holding(span.period, span.day_after)
    }

    /// The period before another of the same kind.
    pub fn before(&self, span: &PeriodSpan) -> PeriodSpan {
        self.holding(span.period, span.first_day.pred_opt().unwrap_or(span.first_day))
    }

    /// Every period from the one that holds `first` to the one that holds `last`.
    pub fn range(&self, period: Period, first: Instant, last: Instant) -> Vec<PeriodSpan> {
        let mut spans = Vec::new();
        let mut span = self.at(period, first);
        while span.span.start <= last {
            let next = self.after(&span);
            // A calendar that has run out of dates gives the same period again.
            let is_last = next.first_day <= span.first_day;
            spans.push(span);
            if is_last {
                break;
            }
            span = next;
        }
        spans
    }

    /// The first day of a period and the day after its last; a window ends with its day.
    fn days(&self, period: Period, date: NaiveDate) -> (NaiveDate, NaiveDate) {
        let month = self.month_holding(date);
        match period {
            Period::Day => (date, plus_days(date, 1)),
            Period::Week => {
                let since_monday = u64::from(date.weekday().num_days_from_monday());
                let monday = date.checked_sub_days(Days::new(since_monday)).unwrap_or(date);
                (monday, plus_days(monday, 7))
            }
            Period::Month => (month, plus_months(month, 1)),
            Period::Quarter => self.months_from(month, month.month0() / 3 * 3, 3),
            Period::Year => self.months_from(month, 0, 12),
            Period::ContractYear => self.contract_year(date, month),
            Period::Months(count) => self.months_from_start(month, count.max(1)),
            Period::AnyDays(count) => (minus_days(date, count.saturating_sub(1)), plus_days(date, 1)),
        }
    }

    /// So many months, counted from the contract's first one, before it as well; without one from January.
    fn months_from_start(&self, month: NaiveDate, count: u32) -> (NaiveDate, NaiveDate) {
        let number = |month: NaiveDate| i64::from(month.year()) * 12 + i64::from(month.month0());
        let start = self.contract_start.map_or(0, |start| number(self.month_holding(start)));
        let over = (number(month) - start).rem_euclid(i64::from(count));
        let first = month.checked_sub_months(Months::new(u32::try_from(over).unwrap_or(0))).unwrap_or(month);
        (first, plus_months(first, count))
    }

    fn month_holding(&self, date: NaiveDate) -> NaiveDate {
        let begun = if date.day() < self.month_day { date.checked_sub_months(Months::new(1)) } else { Some(date) };
        begun.and_then(|date| date.with_day(self.month_day)).unwrap_or(date)
    }

    fn months_from(&self, month: NaiveDate, first_month0: u32, months: u32) -> (NaiveDate, NaiveDate) {
        let first = month.with_month0(first_month0).unwrap_or(month);
        (first, plus_months(first, months))
    }

    /// Years before the first one are cut the same way: an outage may begin before the agreement does.
    fn contract_year(&self, date: NaiveDate, month: NaiveDate) -> (NaiveDate, NaiveDate) {
        let Some(start) = self.contract_start else { return self.months_from(month, 0, 12) };
        let years = date.year() - start.year();
        let years = if date < plus_years(start, years) { years - 1 } else { years };
        (plus_years(start, years), plus_years(start, years + 1))
    }
}

fn minus_days(date: NaiveDate, days: u32) -> NaiveDate {
    date.checked_sub_days(Days::new(u64::from(days))).unwrap_or(date)
}

fn plus_days(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_add_days(Days::new(days)).unwrap_or(date)
}

fn plus_months(date: NaiveDate, months: u32) -> NaiveDate {
    date.checked_add_months(Months::new(months)).unwrap_or(date)
}

fn plus_years(date: NaiveDate, years: i32) -> NaiveDate {
    let months = Months::new(years.unsigned_abs() * 12);
    let moved = if years < 0 { date.checked_sub_months(months) } else { date.checked_add_months(months) };
    moved.unwrap_or(date)
}

fn label(period: Period, first: NaiveDate) -> String {
    match period {
        Period::Day => first.format("%Y-%m-%d").to_string(),
        Period::Week => first.format("%G-W%V").to_string(),
        Period::Month => first.format("%Y-%m").to_string(),
        Period::Quarter => format!("{}-Q{}", first.year(), first.month0() / 3 + 1),
        Period::Year => first.format("%Y").to_string(),
        Period::ContractYear => format!("contract year {first}"),
        Period::AnyDays(count) => format!("{first}..{}", plus_days(first, u64::from(count.saturating_sub(1)))),
        Period::Months(count) => {
            format!("{}..{}", first.format("%Y-%m"), plus_months(first, count.saturating_sub(1)).format("%Y-%m"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn cutter(month_day: u32, start: Option<&str>) -> Cutter {
        Cutter { zone: chrono_tz::Europe::Berlin, month_day, contract_start: start.map(date) }
    }

    fn cut(cutter: &Cutter, period: Period, at: &str) -> String {
        let span = cutter.holding(period, date(at));
        format!("{} {}..{}", span.label, span.first_day, span.day_after)
    }

    #[test]
    fn periods_have_their_real_length() {
        let plain = cutter(1, None);
        assert_eq!(cut(&plain, Period::Month, "2024-02-29"), "2024-02 2024-02-01..2024-03-01");
        assert_eq!(cut(&plain, Period::Quarter, "2025-06-30"), "2025-Q2 2025-04-01..2025-07-01");
        assert_eq!(cut(&plain, Period::Week, "2024-12-31"), "2025-W01 2024-12-30..2025-01-06");
        let march = plain.holding(Period::Month, date("2025-03-05"));
        assert_eq!(march.span.len(), (31 * 24 - 1) * crate::time::HOUR, "the clock goes forward in March");
    }

    #[test]
    fn several_months_are_cut_from_the_contract_s_first_one() {
        let spring = cutter(1, Some("2024-02-10"));
        assert_eq!(cut(&spring, Period::Months(3), "2024-02-01"), "2024-02..2024-04 2024-02-01..2024-05-01");
        assert_eq!(cut(&spring, Period::Months(3), "2025-01-31"), "2024-11..2025-01 2024-11-01..2025-02-01");
        assert_eq!(cut(&spring, Period::Months(3), "2024-01-31"), "2023-11..2024-01 2023-11-01..2024-02-01");
        assert_eq!(cut(&cutter(1, None), Period::Months(4), "2025-06-30"), "2025-05..2025-08 2025-05-01..2025-09-01");
    }

    #[test]
    fn months_may_begin_later_and_years_with_the_contract() {
        let shifted = cutter(15, Some("2024-04-15"));
        assert_eq!(cut(&shifted, Period::Month, "2025-01-14"), "2024-12 2024-12-15..2025-01-15");
        assert_eq!(cut(&shifted, Period::Year, "2025-01-14"), "2024 2024-01-15..2025-01-15");
        assert_eq!(
            cut(&shifted, Period::ContractYear, "2025-04-14"),
            "contract year 2024-04-15 2024-04-15..2025-04-15"
        );
        assert_eq!(
            cut(&shifted, Period::ContractYear, "2025-04-15"),
            "contract year 2025-04-15 2025-04-15..2026-04-15"
        );
        assert_eq!(
            cut(&shifted, Period::ContractYear, "2024-04-14"),
            "contract year 2023-04-15 2023-04-15..2024-04-15"
        );
    }
}
