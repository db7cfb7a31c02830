//! What a plugin is given: the records of `plugins/wit/`, with the same names. A component gets them as they are here.
//!
//! Decimals are texts in plain notation, because money never crosses as a binary number. A figure that no decimal can hold,
//! such as a third of a fee, is given rounded half even to [`DECIMALS`] decimals.

use num_bigint::BigInt;
use num_rational::BigRational;
use serde::{Deserialize, Serialize};
use wasmtime::component::{ComponentType, Lift, Lower};

use crate::money::{self, Fraction, Rounding, RoundingMode};

/// How many decimals a figure has at most that crosses to a plugin.
pub const DECIMALS: u32 = 12;

/// A decimal number in plain notation, such as `12500.00` or `-0.5`.
pub type Decimal = String;

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Instant = i64;

/// A figure as it crosses to a plugin.
pub fn decimal(value: &Fraction) -> Decimal {
    let exact = money::exact(value);
    let decimals = exact.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    if !exact.contains('/') && decimals <= DECIMALS as usize {
        return exact;
    }
    let unit = BigRational::new(BigInt::from(1), BigInt::from(10).pow(DECIMALS));
    money::exact(&Rounding { mode: RoundingMode::HalfEven, unit }.apply(value))
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lift, Lower)]
#[serde(deny_unknown_fields)]
#[component(record)]
pub struct Money {
    /// How much.
    pub amount: Decimal,
    /// ISO 4217.
    pub currency: String,
}

/// What an argument is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArgumentType {
    /// A number, a percentage or a fraction, as a decimal.
    Number,
    /// `50.00 EUR`
    Money,
    /// Milliseconds.
    Duration,
    /// A word or a text.
    #[default]
    Text,
}

impl ArgumentType {
    /// The language's word.
    pub fn word(self) -> &'static str {
        match self {
            ArgumentType::Number => "number",
            ArgumentType::Money => "money",
            ArgumentType::Duration => "duration",
            ArgumentType::Text => "text",
        }
    }
}

/// A named argument of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// What it is; components get its value as a text.
    #[serde(rename = "type", default)]
    pub kind: ArgumentType,
    /// Its value: a decimal, an amount with its currency, milliseconds, or a text.
    pub value: String,
}

/// A field of a ticket or outage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lower)]
#[serde(deny_unknown_fields)]
#[component(record)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A clock that was breached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lower)]
#[serde(deny_unknown_fields)]
#[component(record)]
pub struct Breach {
    /// The ticket's id.
    pub ticket: String,
    /// The metric.
    pub metric: String,
    /// The tier at the breach; empty: none.
    pub tier: String,
    /// The priority at the breach; empty: none.
    pub priority: String,
    /// When the clock started.
    #[component(name = "started-at")]
    pub started_at: Instant,
    /// When it was due.
    #[component(name = "due-at")]
    pub due_at: Instant,
    /// When it was breached.
    #[component(name = "breached-at")]
    pub breached_at: Instant,
    /// When it stopped; none: it still runs.
    #[component(name = "stopped-at")]
    pub stopped_at: Option<Instant>,
    /// Its target, in milliseconds.
    #[component(name = "target-ms")]
    pub target_ms: i64,
    /// The time it counted, in milliseconds.
    #[component(name = "elapsed-ms")]
    pub elapsed_ms: i64,
    /// The service time that pauses took, in milliseconds.
    #[component(name = "paused-ms")]
    pub paused_ms: i64,
    /// How late it was, in milliseconds of its calendar.
    #[component(name = "late-ms")]
    pub late_ms: i64,
    /// The ticket's fields at the breach.
    pub fields: Vec<Field>,
}

/// A time in which a service was down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lower)]
#[serde(deny_unknown_fields)]
#[component(record)]
pub struct Outage {
    /// The service.
    pub service: String,
    /// When it began.
    pub start: Instant,
    /// When it ended; none: it lasts.
    pub end: Option<Instant>,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// A period and what was counted in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lower)]
#[serde(deny_unknown_fields)]
#[component(record)]
pub struct Period {
    /// Its first instant.
    pub start: Instant,
    /// The instant after its last.
    pub end: Instant,
    /// Clocks that were met.
    pub met: u64,
    /// Clocks that were breached.
    pub breached: u64,
    /// What was counted.
    pub numerator: Decimal,
    /// Out of what.
    pub denominator: Decimal,
    /// Distinct tickets.
    pub tickets: u64,
}

/// What is owed for the period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lower)]
#[serde(deny_unknown_fields)]
#[component(record)]
pub struct Fee {
    /// The service; none: the line without one.
    pub service: Option<String>,
    /// How much.
    pub amount: Money,
}

/// All that a plugin knows of a breach or a period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Context {
    /// The agreement's name.
    pub agreement: String,
    /// The clause's name.
    pub clause: String,
    /// Its place in the paper contract, such as `§ 7.4`.
    pub reference: Option<String>,
    /// What is owed for the period, or for the month of the breach.
    pub fees: Vec<Fee>,
    /// The period; none where the clause looks at one thing at a time.
    pub period: Option<Period>,
    /// The clause's periods before it, in time order.
    pub earlier: Vec<Period>,
    /// The breach, or those of the period.
    pub breaches: Vec<Breach>,
    /// The outage, or those of the period.
    pub outages: Vec<Outage>,
    /// What the clause hands over.
    pub arguments: Vec<Argument>,
}

/// A ticket as `classify` and `pause` see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ComponentType, Lower)]
#[serde(deny_unknown_fields)]
#[component(record)]
pub struct Ticket {
    /// Its id.
    pub id: String,
    /// When it was created.
    #[component(name = "created-at")]
    pub created_at: Instant,
    /// Its fields as they are now.
    pub fields: Vec<Field>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_decimal_holds_is_rounded() {
        assert_eq!(decimal(&money::ratio(1, 3)), "0.333333333333");
        assert_eq!(decimal(&money::ratio(2, 3)), "0.666666666667");
        assert_eq!(decimal(&money::ratio(-25, 2)), "-12.5");
    }
}
