//! Exact decimals for guests: whole numbers with a count of decimals, and rounding that is said. No binary fractions.
//!
//! A number that 128 bits do not hold is an error, never a wrong number.

use std::cmp::Ordering;
use std::fmt;

/// The decimals to which a guest's figures are rounded.
pub const PLACES: u32 = 6;
/// Digits that always fit into 128 bits.
const DIGITS: usize = 38;

/// A decimal number: `units` of 10^-`places`.
#[derive(Debug, Clone, Copy)]
pub struct Decimal {
    units: i128,
    places: u32,
}

/// Why there is no number, as a sentence.
pub type Fault = String;

impl Decimal {
    /// Zero.
    pub const ZERO: Decimal = Decimal { units: 0, places: 0 };

    /// A whole number.
    pub fn whole(number: i128) -> Decimal {
        Decimal { units: number, places: 0 }
    }

    /// Reads plain notation, such as `12500.00` or `-0.5`.
    ///
    /// # Errors
    /// When it is no number, or one of more than 38 digits.
    pub fn read(text: &str) -> Result<Decimal, Fault> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let part = part.trim_end_matches('0');
        let all = format!("{whole}{part}");
        let plain = !whole.is_empty() && all.len() <= DIGITS && all.bytes().all(|byte| byte.is_ascii_digit());
        let units: i128 = all.parse().ok().filter(|_| plain).ok_or_else(|| format!("`{text}` is no number"))?;
        Ok(Decimal { units: sign * units, places: u32::try_from(part.len()).map_err(|_| large())? })
    }

    /// Reads an amount such as `50.00 EUR`: how much, and its currency.
    ///
    /// # Errors
    /// When it is no amount.
    pub fn read_money(text: &str) -> Result<(Decimal, &str), Fault> {
        let (amount, currency) = text.split_once(' ').ok_or_else(|| format!("`{text}` is no amount of money"))?;
        Ok((Decimal::read(amount)?, currency))
    }

    /// The sum.
    ///
    /// # Errors
    /// When it is too large.
    pub fn plus(self, other: Decimal) -> Result<Decimal, Fault> {
        let places = self.places.max(other.places);
        let units = self.at(places).zip(other.at(places)).and_then(|(one, two)| one.checked_add(two));
        Ok(Decimal { units: units.ok_or_else(large)?, places })
    }

    /// The product.
    ///
    /// # Errors
    /// When it is too large.
    pub fn times(self, other: Decimal) -> Result<Decimal, Fault> {
        let units = self.units.checked_mul(other.units).ok_or_else(large)?;
        Ok(Decimal { units, places: self.places + other.places })
    }

    /// This divided by a whole number above zero, rounded half even to [`PLACES`] decimals. A divisor of one rounds only.
    ///
    /// # Errors
    /// When it is too large, or the divisor is not above zero.
    pub fn over(self, divisor: i128) -> Result<Decimal, Fault> {
        if divisor <= 0 {
            return Err("the divisor is not above zero".to_string());
        }
        let more = self.places.saturating_sub(PLACES);
        let units = self.units.checked_mul(power(PLACES.saturating_sub(self.places))?).ok_or_else(large)?;
        let divisor = divisor.checked_mul(power(more)?).ok_or_else(large)?;
        Ok(Decimal { units: half_even(units, divisor), places: PLACES })
    }

    /// The units of 10^-`places`, where there are at least as many places as now.
    fn at(self, places: u32) -> Option<i128> {
        self.units.checked_mul(10_i128.checked_pow(places.checked_sub(self.places)?)?)
    }
}

/// The nearest whole number to a quotient, the even one of two. The divisor is above zero.
fn half_even(units: i128, divisor: i128) -> i128 {
    let (below, rest) = (units.div_euclid(divisor), units.rem_euclid(divisor));
    let up = match rest.cmp(&(divisor - rest)) {
        Ordering::Less => false,
        Ordering::Equal => below % 2 != 0,
        Ordering::Greater => true,
    };
    below + i128::from(up)
}

fn power(exponent: u32) -> Result<i128, Fault> {
    10_i128.checked_pow(exponent).ok_or_else(large)
}

fn large() -> Fault {
    "a figure is too large".to_string()
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Decimal) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    /// By value: `1.5` is `1.50`. Whole parts first, so that nothing needs to be scaled beyond what fits.
    fn cmp(&self, other: &Decimal) -> Ordering {
        let parts = |number: &Decimal| {
            let unit = 10_i128.checked_pow(number.places).unwrap_or(i128::MAX);
            (number.units.div_euclid(unit), number.units.rem_euclid(unit), number.places)
        };
        let ((whole, part, places), (other_whole, other_part, other_places)) = (parts(self), parts(other));
        let scaled = |part: i128, more: u32| part.saturating_mul(10_i128.saturating_pow(more));
        let part = scaled(part, other_places.saturating_sub(places));
        let other_part = scaled(other_part, places.saturating_sub(other_places));
        whole.cmp(&other_whole).then(part.cmp(&other_part))
    }
}

impl fmt::Display for Decimal {
    /// Plain notation without zeros at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.places as usize + 1;
        let digits = format!("{:0>width$}", self.units.unsigned_abs());
        let (whole, part) = digits.split_at(digits.len() - self.places as usize);
        let part = part.trim_end_matches('0');
        let sign = if self.units < 0 { "-" } else { "" };
        let point = if part.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{part}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::read(text).unwrap()
    }

    fn over(text: &str, divisor: i128) -> String {
        decimal(text).over(divisor).unwrap().to_string()
    }

    #[test]
    fn plain_notation_is_read_and_written() {
        for (text, told) in [("12500.00", "12500"), ("-0.50", "-0.5"), ("0", "0"), ("007", "7"), ("-0", "0")] {
            assert_eq!(decimal(text).to_string(), told);
        }
        for text in ["", "-", ".5", "1e3", "NaN", "+1", "1_000", " 1", "1 ", "1.2.3", &"9".repeat(39)] {
            assert!(Decimal::read(text).is_err(), "{text}");
        }
        assert_eq!(Decimal::read_money("50.00 EUR"), Ok((decimal("50"), "EUR")));
        assert!(Decimal::read_money("50.00").is_err());
    }

    #[test]
    fn quotients_are_rounded_half_even() {
        assert_eq!(over("1", 3), "0.333333");
        assert_eq!(over("2", 3), "0.666667");
        assert_eq!(over("0.0000005", 1), "0");
        assert_eq!(over("0.0000015", 1), "0.000002");
        assert_eq!(over("-0.0000005", 1), "0");
        assert_eq!(over("-0.0000015", 1), "-0.000002");
        assert_eq!(over("0.00000051", 1), "0.000001");
        assert!(decimal("1").over(0).is_err());
    }

    #[test]
    fn numbers_are_compared_by_value() {
        assert_eq!(decimal("1.5"), decimal("1.50"));
        assert!(decimal("-1.5") < decimal("-1.25"));
        assert!(decimal("99999999999999999999999999.5") > decimal("0.999999999999"));
        assert!(decimal("0.3").plus(decimal("0.6")).unwrap() == decimal("0.9"));
        assert!(decimal("1.2").times(decimal("0.5")).unwrap() == decimal("0.6"));
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let large = decimal(&"9".repeat(38));
        assert!(large.times(large).is_err());
        assert!(large.plus(decimal("0.1")).is_err());
        assert!(large.over(1).is_err());
    }
}
