//! What penalties were charged, month by month: what waits for a penalty, and what is earned back, look at it.

use chrono::Months;
use num_traits::Signed;

use crate::money::{Currency, Fraction, in_words};
use crate::plan::clause::ClauseKind;
use crate::statement::{Line, PeriodSpan};

/// What one penalty came to in one month, as settled.
#[derive(Debug, Clone)]
pub(super) struct Charge {
    pub penalty: String,
    pub month: PeriodSpan,
    /// Above zero.
    pub amount: Fraction,
}

/// All charges so far, in time order.
#[derive(Debug, Clone, Default)]
pub(super) struct Charges {
    all: Vec<Charge>,
}

impl Charges {
    /// Takes a settled month in.
    pub fn note<'l>(&mut self, month: &PeriodSpan, lines: impl Iterator<Item = &'l Line>) {
        for line in lines.filter(|line| line.kind == ClauseKind::Penalty && line.amount.is_positive()) {
            let known = self.all.iter_mut().rev().take_while(|charge| charge.month == *month);
            match known.into_iter().find(|charge| charge.penalty == line.clause) {
                Some(charge) => charge.amount += &line.amount,
                None => self.all.push(Charge {
                    penalty: line.clause.clone(),
                    month: month.clone(),
                    amount: line.amount.clone(),
                }),
            }
        }
    }

    /// The charges of a penalty that a period lies within so many months after: it begins when their month is over, or
    /// later, and ends within that time.
    pub fn before(&self, penalty: &str, months: u32, period: &PeriodSpan) -> Vec<&Charge> {
        let is_in_time = |charge: &&Charge| {
            let last = charge.month.day_after.checked_add_months(Months::new(months));
            charge.month.day_after <= period.first_day && last.is_none_or(|last| period.day_after <= last)
        };
        self.all.iter().filter(|charge| charge.penalty == penalty).filter(is_in_time).collect()
    }
}

/// `1 000.00 EUR in 2025-01`, one after the other.
pub(super) fn in_order(charges: &[&Charge], currency: Option<Currency>) -> String {
    let told = charges.iter().map(|charge| format!("{} in {}", in_words(&charge.amount, currency), charge.month.label));
    told.collect::<Vec<_>>().join(", ")
}
