//! What a customer is charged, by service and month.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use num_traits::Zero;

use crate::money::{Fraction, whole};
use crate::plan::Agreement;
use crate::plan::clause::Period;
use crate::statement::PeriodSpan;
use crate::ticket::Charge;

use super::label::PeriodLabel;
use super::period::Cutter;

/// What is charged for each month of an agreement.
#[derive(Debug, Clone, Default)]
pub(super) struct Bills {
    /// By service, then by the first day of the month.
    charged: BTreeMap<Option<String>, BTreeMap<NaiveDate, Fraction>>,
}

impl Bills {
    /// The charges that an agreement takes. Those of one service and month add up; a quarter's is a third for each of its
    /// months, a year's a twelfth.
    pub fn new(agreement: &Agreement, charges: &[Charge], cutter: Cutter) -> Bills {
        let mut bills = Bills::default();
        for charge in charges.iter().filter(|charge| fit(agreement, charge) == Fit::Taken) {
            let label = PeriodLabel::new(agreement, &charge.period);
            let Some(span) = label.span() else { continue };
            let months = cutter.range(Period::Month, span.span.start, span.span.end.plus(-1));
            let share = &charge.amount / whole(i64::try_from(months.len()).unwrap_or(1).max(1));
            let by_month = bills.charged.entry(charge.service.clone()).or_default();
            for month in months {
                *by_month.entry(month.first_day).or_insert_with(Fraction::zero) += &share;
            }
        }
        bills
    }

    /// What a service, or the line without one, is charged for a month; none where there is no charge.
    pub fn charged(&self, service: Option<&str>, month: &PeriodSpan) -> Option<&Fraction> {
        self.charged.get(&service.map(str::to_string))?.get(&month.first_day)
    }
}

/// Whether an agreement takes a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It is part of one of its fees.
    Taken,
    /// It is another customer's.
    OtherCustomer,
    /// It is for a service whose fee the agreement does not take from charges.
    OtherService,
}

/// Whether an agreement takes a charge: one of its own customer, for a line of its fees that is from charges.
pub fn fit(agreement: &Agreement, charge: &Charge) -> Fit {
    if charge.customer.is_some() && charge.customer != agreement.customer {
        return Fit::OtherCustomer;
    }
    let mut fees = agreement.versions.iter().flat_map(|version| &version.fees);
    match fees.any(|fee| fee.rate.is_none() && fee.service == charge.service) {
        true => Fit::Taken,
        false => Fit::OtherService,
    }
}
