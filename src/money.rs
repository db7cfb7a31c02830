//! Exact amounts: fractions until a contract says how they are rounded, and currencies.

use num_bigint::BigInt;
pub use num_rational::BigRational as Fraction;
use num_traits::{One, Signed, ToPrimitive, Zero};
use serde::{Serialize, Serializer};

/// A whole number as a fraction.
pub fn whole(number: i64) -> Fraction {
    Fraction::from_integer(BigInt::from(number))
}

/// `numerator / denominator`; zero where the denominator is.
pub fn ratio(numerator: i64, denominator: i64) -> Fraction {
    if denominator == 0 { Fraction::zero() } else { Fraction::new(numerator.into(), denominator.into()) }
}

/// Reads a plain decimal such as `12_500.00` or `-0.5`; none where it is something else.
pub fn decimal(text: &str) -> Option<Fraction> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let dot_without_digits = digits.contains('.') && part.is_empty();
    if whole.is_empty() || dot_without_digits || !plain(whole) || !plain(part) {
        return None;
    }
    let part: String = part.chars().filter(|c| *c != '_').collect();
    let all: String = whole.chars().filter(|c| *c != '_').chain(part.chars()).collect();
    let number: BigInt = all.parse().ok()?;
    let value = Fraction::new(number, power_of_ten(u32::try_from(part.len()).ok()?));
    Some(if negative { -value } else { value })
}

fn plain(digits: &str) -> bool {
    digits.chars().all(|c| c.is_ascii_digit() || c == '_')
}

fn power_of_ten(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}

/// A terminating decimal, or else a reduced fraction such as `2500/3`.
pub fn exact(value: &Fraction) -> String {
    match decimal_places(value.denom()) {
        Some(places) => fixed(value, places),
        None => format!("{}/{}", value.numer(), value.denom()),
    }
}

/// How many digits after the point a fraction with this denominator needs; none: it never ends.
fn decimal_places(denominator: &BigInt) -> Option<u32> {
    let (twos, rest) = strip(denominator, 2);
    let (fives, rest) = strip(&rest, 5);
    rest.is_one().then_some(twos.max(fives))
}

/// How often `factor` divides `number`, and what is left.
fn strip(number: &BigInt, factor: u32) -> (u32, BigInt) {
    let mut left = number.clone();
    let mut times = 0;
    while !left.is_zero() && (&left % factor).is_zero() {
        left /= factor;
        times += 1;
    }
    (times, left)
}

/// `value` with this many digits after the point; what lies beyond them is cut off.
pub fn fixed(value: &Fraction, places: u32) -> String {
    let scaled = (value * Fraction::from_integer(power_of_ten(places))).trunc().to_integer();
    let sign = if scaled.is_negative() { "-" } else { "" };
    let digits = scaled.abs().to_string();
    let width = places as usize + 1;
    let digits = format!("{digits:0>width$}");
    let (whole, part) = digits.split_at(digits.len() - places as usize);
    if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

/// A percentage as the language writes it: `99.5%`, or `1/3` where it never ends.
pub fn percent(value: &Fraction) -> String {
    let hundredfold = value * whole(100);
    match decimal_places(hundredfold.denom()) {
        Some(places) => format!("{}%", fixed(&hundredfold, places)),
        None => exact(value),
    }
}

/// A currency of ISO 4217.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The currency with this code, such as `EUR`.
    pub fn from_code(code: &str) -> Option<Currency> {
        iso_currency::Currency::from_code(code).map(Currency)
    }

    /// Its code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many digits its amounts have after the point; none for a fund or a metal means two.
    pub fn digits(self) -> u32 {
        self.0.exponent().map_or(2, u32::from)
    }

    /// An amount in this currency's digits.
    pub fn amount(self, value: &Fraction) -> String {
        fixed(value, self.digits())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// `12 500.00`: groups of three with a thin gap, for people.
pub fn grouped(amount: &str) -> String {
    let (sign, rest) = amount.strip_prefix('-').map_or(("", amount), |rest| ("-", rest));
    let (whole, part) = rest.split_once('.').map_or((rest, None), |(whole, part)| (whole, Some(part)));
    let count = whole.chars().count();
    let mut text = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (count - at) % 3 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    if let Some(part) = part {
        text.push('.');
        text.push_str(part);
    }
    text
}

/// An amount for people: `12 500.00 EUR`, and `2500/3 EUR` where it never ends.
pub fn in_words(value: &Fraction, currency: Option<Currency>) -> String {
    let code = currency.map_or("", Currency::code);
    let digits = currency.map_or(2, Currency::digits);
    let ends_there = (value * whole(10_i64.pow(digits.min(9)))).is_integer();
    let number = if ends_there { grouped(&fixed(value, digits)) } else { exact(value) };
    format!("{number} {code}").trim_end().to_string()
}

/// How many digits after the point a percentage shows at most.
const SHARE_DIGITS: u32 = 6;

/// A share for people: `99.5 %`, and `99.469627… %` where more digits follow. It is cut off, not rounded: no share looks
/// better than it is.
pub fn share_in_words(share: &Fraction) -> String {
    let hundredfold = share * whole(100);
    let ends_there = decimal_places(hundredfold.denom()).is_some_and(|places| places <= SHARE_DIGITS);
    if ends_there { percent_words(share) } else { format!("{}… %", fixed(&hundredfold, SHARE_DIGITS)) }
}

/// `2 %`, or a fraction where it never ends.
pub fn percent_words(rate: &Fraction) -> String {
    percent(rate).replace('%', " %")
}

/// Which way a value goes that lies between two units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundingMode {
    /// To the nearest, ties away from zero.
    HalfUp,
    /// To the nearest, ties to the even neighbour.
    HalfEven,
    /// Away from zero.
    Up,
    /// Towards zero.
    Down,
}

/// `round half up to 0.01 EUR`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Rounding {
    /// Which way.
    pub mode: RoundingMode,
    /// The step between two rounded values; above zero.
    #[serde(serialize_with = "serialize_exact")]
    pub unit: Fraction,
}

impl Rounding {
    /// The multiple of the unit that `value` becomes.
    pub fn apply(&self, value: &Fraction) -> Fraction {
        if !self.unit.is_positive() {
            return value.clone();
        }
        let units = value / &self.unit;
        let size = round_size(&units.abs(), self.mode);
        let signed = if units.is_negative() { -size } else { size };
        signed * &self.unit
    }

    /// The largest multiple of the unit that is not above `value`.
    pub fn down(&self, value: &Fraction) -> Fraction {
        if self.unit.is_positive() { (value / &self.unit).floor() * &self.unit } else { value.clone() }
    }
}

/// Rounds a value that is not negative to a whole number.
fn round_size(value: &Fraction, mode: RoundingMode) -> Fraction {
    let floor = value.floor();
    let rest = value - &floor;
    let half = ratio(1, 2);
    let up = match mode {
        RoundingMode::Up => rest.is_positive(),
        RoundingMode::Down => false,
        RoundingMode::HalfUp => half <= rest,
        RoundingMode::HalfEven => half < rest || (half == rest && !is_even(&floor)),
    };
    if up { floor + whole(1) } else { floor }
}

fn is_even(value: &Fraction) -> bool {
    (value.to_integer() % 2u32).is_zero()
}

/// A fraction in JSON is a text, so that no reader makes a binary float of it.
///
/// # Errors
/// Only when the serializer fails.
pub fn serialize_exact<S: Serializer>(value: &Fraction, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&exact(value))
}

/// The same of a fraction that may be missing.
pub fn serialize_exact_option<S: Serializer>(value: &Option<Fraction>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serialize_exact(value, serializer),
        None => serializer.serialize_none(),
    }
}

/// A whole fraction as a number, where it is one and fits.
pub fn as_i64(value: &Fraction) -> Option<i64> {
    if value.is_integer() { value.to_integer().to_i64() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly() {
        assert_eq!(decimal("12_500.00"), Some(whole(12_500)));
        assert_eq!(decimal("-0.5"), Some(ratio(-1, 2)));
        for wrong in ["", ".", "1.", ".5", "1e3", "1,5", "--1"] {
            assert_eq!(decimal(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_never_ends_stays_a_fraction() {
        assert_eq!(exact(&ratio(2500, 3)), "2500/3");
        assert_eq!(exact(&ratio(6250, 1)), "6250");
        assert_eq!(exact(&ratio(-1, 8)), "-0.125");
        assert_eq!(percent(&ratio(1, 3)), "1/3");
        assert_eq!(percent(&ratio(995, 1000)), "99.5%");
    }

    #[test]
    fn rounding_goes_the_way_it_says() {
        let cents = |mode| Rounding { mode, unit: ratio(1, 100) };
        let half = ratio(125, 1000);
        assert_eq!(cents(RoundingMode::HalfUp).apply(&half), ratio(13, 100));
        assert_eq!(cents(RoundingMode::HalfEven).apply(&half), ratio(12, 100));
        assert_eq!(cents(RoundingMode::Up).apply(&ratio(121, 1000)), ratio(13, 100));
        assert_eq!(cents(RoundingMode::Down).apply(&ratio(-129, 1000)), ratio(-12, 100));
    }

    #[test]
    fn amounts_have_their_currency_s_digits() {
        assert_eq!(Currency::from_code("EUR").unwrap().amount(&whole(1250)), "1250.00");
        assert_eq!(Currency::from_code("JPY").unwrap().amount(&whole(1250)), "1250");
        assert_eq!(grouped("-1234567.50"), "-1 234 567.50");
    }

    #[test]
    fn shares_are_cut_after_six_digits_and_say_so() {
        assert_eq!(share_in_words(&ratio(26_069, 26_208)), "99.469627… %");
        assert_eq!(share_in_words(&ratio(2, 3)), "66.666666… %");
        assert_eq!(share_in_words(&ratio(999_999_999, 1_000_000_000)), "99.999999… %");
        assert_eq!(share_in_words(&ratio(99_999_999, 100_000_000)), "99.999999 %");
        assert_eq!(share_in_words(&ratio(885, 1_000)), "88.5 %");
    }

    #[test]
    fn amounts_that_never_end_stay_exact() {
        let euro = Currency::from_code("EUR");
        assert_eq!(in_words(&whole(12_500), euro), "12 500.00 EUR");
        assert_eq!(in_words(&ratio(2_500, 3), euro), "2500/3 EUR");
        assert_eq!(in_words(&ratio(1, 8), euro), "0.125 EUR");
    }
}
