//! Periods as people write them: `2025-03`, `2025-Q1`, `2025`, `2025-W10`, `2025-03-07`.

use chrono::{NaiveDate, Weekday};

use crate::plan::Agreement;
use crate::plan::clause::Period;
use crate::statement::{Line, PeriodSpan};

use super::period::Cutter;

/// A period by its label, in one agreement's zone and months.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodLabel {
    label: String,
    /// None where the label names no period.
    span: Option<PeriodSpan>,
}

impl PeriodLabel {
    /// The period that `label` names.
    pub fn new(agreement: &Agreement, label: &str) -> PeriodLabel {
        let cutter = Cutter::new(agreement);
        let span = first_day(label, agreement.month_day).map(|(period, date)| cutter.holding(period, date));
        PeriodLabel { label: label.to_string(), span }
    }

    /// Its span, where it names a period.
    pub fn span(&self) -> Option<&PeriodSpan> {
        self.span.as_ref()
    }

    /// Whether a ledger line is for it, or settled inside it.
    pub fn holds(&self, line: &Line) -> bool {
        let inside =
            |span: &PeriodSpan| span.first_day <= line.month.first_day && line.month.day_after <= span.day_after;
        line.period.label == self.label || line.month.label == self.label || self.span.as_ref().is_some_and(inside)
    }
}

/// The kind of a period and a day in it.
fn first_day(label: &str, month_day: u32) -> Option<(Period, NaiveDate)> {
    let (year, rest) = label.split_once('-').map_or((label, None), |(year, rest)| (year, Some(rest)));
    let year: i32 = year.parse().ok()?;
    let in_month = |month: u32| NaiveDate::from_ymd_opt(year, month, month_day);
    Some(match rest {
        None => (Period::Year, in_month(1)?),
        Some(rest) if rest.starts_with('Q') => {
            let quarter: u32 = rest.strip_prefix('Q')?.parse().ok()?;
            (Period::Quarter, in_month(quarter.checked_sub(1)? * 3 + 1)?)
        }
        Some(rest) if rest.starts_with('W') => {
            let week = rest.strip_prefix('W')?.parse().ok()?;
            (Period::Week, NaiveDate::from_isoywd_opt(year, week, Weekday::Mon)?)
        }
        Some(rest) => match rest.split_once('-') {
            None => (Period::Month, in_month(rest.parse().ok()?)?),
            Some((month, day)) => (Period::Day, NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)?),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_name_periods() {
        let day = |label: &str| first_day(label, 1).map(|(period, date)| format!("{} {date}", period.word()));
        assert_eq!(day("2025-03").as_deref(), Some("month 2025-03-01"));
        assert_eq!(day("2025-Q3").as_deref(), Some("quarter 2025-07-01"));
        assert_eq!(day("2025").as_deref(), Some("year 2025-01-01"));
        assert_eq!(day("2025-W01").as_deref(), Some("week 2024-12-30"));
        assert_eq!(day("2025-03-07").as_deref(), Some("day 2025-03-07"));
        assert_eq!(day("2025-13"), None);
    }
}
