//! Rows of a charges file.

use num_traits::Signed;

use crate::money::{self, Currency, Fraction};
use crate::ticket::Charge;

use super::build::Builder;
use super::meaning::{ChargeRow, FieldMeanings};
use super::{Row, RowFault, shown};

impl Builder<'_> {
    pub(super) fn charge_row(&mut self, row: &Row<'_>, columns: &ChargeRow<'_>) -> Result<(), RowFault> {
        let customer = self.customer(row, columns.customer.as_ref())?;
        let service = self.named(row, columns.service.as_ref())?;
        let period = self.period(row, columns.period)?;
        let (amount, written) = self.amount(row, columns.amount)?;
        let own = columns.currency.and_then(|place| Some((place, self.cell(row, place)?)));
        let currency = match own {
            Some((place, code)) => Some(self.currency(code, place)?),
            None => written,
        };
        // What the source ignores is charged for nothing.
        let (Some(customer), Some(service)) = (customer, service) else { return Ok(()) };
        let file = self.files.last().map_or("", String::as_str);
        let column = self.column(own.map_or(columns.amount, |(place, _)| place)).unwrap_or_default();
        let stands = format!("{file}, {}, column `{column}`", row.place);
        self.log.charges.push(Charge { customer, service, period, amount, currency, stands });
        Ok(())
    }

    /// Whom a row charges, where there is a column for it; none where the source ignores the row.
    fn customer(
        &mut self,
        row: &Row<'_>,
        column: Option<&(usize, FieldMeanings<'_>)>,
    ) -> Result<Option<Option<String>>, RowFault> {
        if let Some((place, _)) = column.filter(|(place, _)| self.cell(row, *place).is_none()) {
            let help = "fill it in, or take the customer's column out of the source if all charges are of one customer";
            let fault = RowFault::new("missing_customer", "this row names no customer".to_string(), help);
            return Err(RowFault { column: self.column(*place), ..fault });
        }
        self.named(row, column)
    }

    /// What a column that may be left empty names; none where the source ignores its value.
    fn named(
        &mut self,
        row: &Row<'_>,
        column: Option<&(usize, FieldMeanings<'_>)>,
    ) -> Result<Option<Option<String>>, RowFault> {
        let Some((place, meanings)) = column else { return Ok(Some(None)) };
        let Some(cell) = self.reading.known(row.cell(*place)) else { return Ok(Some(None)) };
        let named = meanings.of(cell, self.names)?;
        Ok(named.map(|name| Some(self.names.text(name).to_string())))
    }

    fn period(&self, row: &Row<'_>, place: usize) -> Result<String, RowFault> {
        let help = "write a month, a quarter or a year, such as `2025-03`, `2025-Q1` or `2025`";
        match self.cell(row, place) {
            Some(label) if Charge::is_period(label) => Ok(label.to_string()),
            Some(other) => {
                let message = format!("`{}` is no period that can be charged", shown(other));
                Err(self.fault("bad_charge", message, help, place))
            }
            None => {
                Err(self.fault("bad_charge", "this row does not say what it is charged for".to_string(), help, place))
            }
        }
    }

    /// An amount, and its currency where it is written with one.
    fn amount(&self, row: &Row<'_>, place: usize) -> Result<(Fraction, Option<Currency>), RowFault> {
        let help = "write the amount with a point, such as `3100.00` or `3100.00 EUR`";
        let Some(cell) = self.cell(row, place) else {
            return Err(self.fault("bad_charge", "this row does not say how much is charged".to_string(), help, place));
        };
        let (number, code) = parts(cell);
        let Some(amount) = money::decimal(number) else {
            return Err(self.fault("bad_charge", format!("`{}` is no amount of money", shown(cell)), help, place));
        };
        if amount.is_negative() {
            let help = "a charge is what is owed: enter what is left of it after the refund, or leave such rows out \
                        with `--on-bad-row skip`";
            let message = format!("{} is less than nothing", shown(cell));
            return Err(self.fault("negative_charge", message, help, place));
        }
        Ok((amount, code.map(|code| self.currency(code, place)).transpose()?))
    }

    fn currency(&self, code: &str, place: usize) -> Result<Currency, RowFault> {
        Currency::from_code(code).ok_or_else(|| {
            let message = format!("there is no currency `{}`", shown(code));
            self.fault("bad_charge", message, "write its code of ISO 4217, such as `EUR`", place)
        })
    }

    fn fault(&self, code: &'static str, message: String, help: &str, place: usize) -> RowFault {
        RowFault { column: self.column(place), ..RowFault::new(code, message, help) }
    }
}

/// The number of `3100.00`, `3100.00 EUR` or `EUR 3100.00`, and its currency.
fn parts(cell: &str) -> (&str, Option<&str>) {
    match cell.split_once(' ') {
        Some((code, number)) if code.starts_with(char::is_alphabetic) => (number.trim(), Some(code)),
        Some((number, code)) => (number, Some(code.trim())),
        None => (cell, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_stands_before_or_after() {
        assert_eq!(parts("3_100.50"), ("3_100.50", None));
        assert_eq!(parts("3100 EUR"), ("3100", Some("EUR")));
        assert_eq!(parts("EUR  3100"), ("3100", Some("EUR")));
        assert_eq!(parts("3 100"), ("3", Some("100")), "and `100` is no currency");
    }
}
