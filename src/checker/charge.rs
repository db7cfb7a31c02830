//! Fees from charges: whose charges they are, and what a test charges.

use crate::ast::{Amount, AmountKind, Base, Money, Name, SourceLine, StatementKind, Text};
use crate::source::Span;
use crate::ticket::Charge;

use super::agreement::currency_codes;
use super::{Checker, Known};

impl Checker {
    /// A log of several customers' charges is of use to an agreement that says whose it is.
    pub(super) fn charged_customer(&mut self, known: &Known<'_>, name: &Name) {
        let names_customers = known
            .scope
            .source(&name.value)
            .is_some_and(|source| source.lines.iter().any(|line| matches!(line.value, SourceLine::Customer(..))));
        let is_customer = |kind: &StatementKind| matches!(kind, StatementKind::Fact(word, _) if word == "customer");
        if names_customers && known.find(|kind| is_customer(kind).then_some(())).is_none() {
            let message = "this agreement does not say which customer's charges are its own";
            let help = "add `customer \"ACME GmbH\"`, as the charges name it";
            self.error("no_customer", name.span, message, help);
        }
    }

    /// Charges that no fee is taken from change nothing.
    pub(super) fn charges_are_read(&mut self, known: &Known<'_>, name: &Name) {
        if charged(known).is_empty() && self.all_is_read {
            let help = "say `fee from charges`, or `fee of mail from charges`; or take the line out";
            self.warning("charges_unread", name.span, "no fee of this agreement is from charges", help);
        }
    }

    /// A share of what is charged is of a fee that the agreement takes from charges.
    pub(super) fn fee_is_charged(&mut self, known: &Known<'_>, amount: &Amount) {
        match &amount.kind {
            AmountKind::Rate(_, Base::Charges, ..) if !charged(known).contains(&None) => {
                let message = "this is a share of charges, and the fee of this agreement is not from charges";
                self.error("percentage_of_nothing", amount.span, message, "add `fee from charges`");
            }
            AmountKind::Greatest(all) | AmountKind::Least(all) | AmountKind::Sum(all) => {
                all.iter().for_each(|amount| self.fee_is_charged(known, amount));
            }
            _ => {}
        }
    }

    /// A charge in a test is for a period, of a fee that is from charges, in the agreement's currency.
    pub(super) fn charge(
        &mut self,
        known: &Known<'_>,
        service: Option<&Name>,
        money: &Money,
        period: &Text,
        span: Span,
    ) {
        let fees = charged(known);
        match service {
            Some(service) if !fees.contains(&Some(service.value.as_str())) => {
                self.unknown("fee from charges of a service", service, fees.into_iter().flatten());
            }
            None if !fees.contains(&None) => {
                let help = "say `fee from charges` in the agreement, or which service it is for: `charge of mail …`";
                self.error("charge_of_nothing", span, "no fee of this agreement takes this charge", help);
            }
            _ => {}
        }
        if !Charge::is_period(&period.value) {
            let help = "write a month, a quarter or a year, such as `in 2025-03`, `in 2025-Q1` or `in 2025`";
            self.error("bad_period", period.span, "a charge is for a month, a quarter or a year", help);
        }
        let currency = currency_codes(known.agreement).into_iter().next();
        if let Some(first) = currency.filter(|first| first.value != money.currency.value) {
            self.do_not_mix(first, &money.currency);
        }
    }
}

/// The services whose fee is from charges; none stands for the line without a service.
fn charged<'r>(known: &Known<'r>) -> Vec<Option<&'r str>> {
    let statements = known.agreement.statements.iter();
    let services = statements.filter_map(|statement| match &statement.kind {
        StatementKind::FeeFromCharges(service) => Some(service.as_ref().map(|name| name.value.as_str())),
        _ => None,
    });
    services.collect()
}
