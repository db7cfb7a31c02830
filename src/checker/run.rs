//! What a band asks of more than one period: numbers that can be reached, periods that are those of the clause.

use chrono::{Datelike, NaiveDate};

use crate::ast::{Name, Period, Run, RunKind, StatementKind};
use crate::diagnostic::Diagnostic;
use crate::source::Spanned;

use super::{Checker, Known};

impl Checker {
    /// `period` is the one that the figure is of.
    pub(super) fn run(&mut self, known: &Known<'_>, run: &Run, period: &Period) {
        if matches!(period, Period::AnyDays(_)) {
            let help = "say `per month`, or take the run out: a window already looks at many days";
            self.error("run_of_other_periods", run.span, "windows overlap, and are not counted one by one", help);
            return;
        }
        match &run.kind {
            RunKind::InARow(count, unit) => {
                self.run_is_some(count);
                self.run_counts(unit, period);
                self.run_fits_agreement(known, run, count, period);
            }
            RunKind::Of(hits, of, unit) => {
                self.run_is_some(hits);
                if of.value < hits.value {
                    let message = format!("{} periods never lie among {}", hits.value, of.value);
                    let help = format!("write the smaller number first: `in {} of {} …`", of.value, hits.value);
                    self.error("run_never_holds", run.span, message, help);
                }
                self.run_counts(unit, period);
                self.run_fits_agreement(known, run, hits, period);
            }
            RunKind::After(months, penalty) => {
                self.run_is_some(months);
                let penalties = known.clause_names(true);
                if !penalties.contains(&penalty.value.as_str()) {
                    self.unknown("penalty", penalty, penalties);
                }
                self.charges_money(known, penalty);
                let needs = months_of(period);
                if 0 < months.value && months.value < needs {
                    let message =
                        format!("no {} ends within {} after anything", word(period), count_months(months.value));
                    let help = format!("write `within {needs} months`, or more");
                    self.error("run_never_holds", run.span, message, help);
                }
            }
        }
    }

    fn run_is_some(&mut self, count: &Spanned<i64>) {
        if count.value == 0 {
            self.error("empty_run", count.span, "no period is asked for", "write how many there must be");
        }
    }

    fn run_counts(&mut self, unit: &Name, period: &Period) {
        let counted = unit.value.trim_end_matches('s');
        let is_other = counted != "period" && counted != word(period) && !matches!(period, Period::Later(_));
        if is_other {
            let message = format!("the figure is of a {}, and the run counts {}", word(period), unit.value);
            let plural = format!("{}s", word(period));
            let help = match period {
                Period::Week | Period::Month | Period::Quarter | Period::Year => format!("write how many {plural}"),
                _ => "write how many `periods`".to_string(),
            };
            self.error("run_of_other_periods", unit.span, message, help);
        }
    }

    /// A run for which the agreement does not last long enough.
    fn run_fits_agreement(&mut self, known: &Known<'_>, run: &Run, count: &Spanned<i64>, period: &Period) {
        let effective = known.find(|kind| match kind {
            StatementKind::Effective(first, Some(last)) => Some((*first, *last)),
            _ => None,
        });
        let Some(touched) = effective.and_then(|(first, last)| periods(period, first, last)) else { return };
        if touched < count.value {
            let message = format!("the agreement does not last for {} {}s", count.value, word(period));
            let fault = Diagnostic::warning("run_outlasts_agreement", run.span, message);
            let witness = format!("`effective` touches {touched}");
            self.push(fault.witness(witness).help("write fewer, or let the agreement last longer"));
        }
    }
}

/// The word for one period.
fn word(period: &Period) -> &str {
    match period {
        Period::Day => "day",
        Period::Week => "week",
        Period::Month => "month",
        Period::Quarter => "quarter",
        Period::Year => "year",
        Period::ContractYear => "contract year",
        Period::Months(_) | Period::AnyDays(_) => "period",
        Period::Later(words) => words,
    }
}

/// How many months it takes for a period to be over.
fn months_of(period: &Period) -> i64 {
    match period {
        Period::Quarter => 3,
        Period::Year | Period::ContractYear => 12,
        Period::Months(count) => i64::from((*count).max(1)),
        Period::Day | Period::Week | Period::Month | Period::AnyDays(_) | Period::Later(_) => 1,
    }
}

fn count_months(months: i64) -> String {
    if months == 1 { "1 month".to_string() } else { format!("{months} months") }
}

/// How many periods the dates from `first` to `last` touch.
fn periods(period: &Period, first: NaiveDate, last: NaiveDate) -> Option<i64> {
    let months = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
    let number = |date: NaiveDate| match period {
        Period::Day => Some(i64::from(date.num_days_from_ce())),
        Period::Week => Some((i64::from(date.num_days_from_ce()) - 1).div_euclid(7)),
        Period::Month | Period::Quarter | Period::Year => Some(months(date) / months_of(period)),
        Period::ContractYear | Period::Months(_) => Some((months(date) - months(first)) / months_of(period)),
        Period::AnyDays(_) | Period::Later(_) => None,
    };
    Some(number(last)? - number(first)? + 1)
}
