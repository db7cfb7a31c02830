//! Conditions over a ticket's fields, priority and tier.

use serde::{Serialize, Serializer};

use crate::money::{Fraction, serialize_exact};
use crate::ticket::{FieldId, Symbol};

/// A compiled condition. It prints as the words that the agreement uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// What is tested.
    pub test: Test,
    /// The condition in the agreement's words.
    pub words: String,
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.words)
    }
}

/// What a condition tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// The operand is one of these values; an absent one is none of them.
    In(Operand, Vec<Symbol>),
    /// The operand is none of these values; an absent one is none of them.
    NotIn(Operand, Vec<Symbol>),
    /// The operand, read as a number, compares so; what is absent or no number does not.
    Compare(Operand, Comparison, Fraction),
    /// The operand has a value.
    Present(Operand),
    /// The operand has none.
    Absent(Operand),
    /// All of these.
    All(Vec<Test>),
    /// At least one of these.
    Any(Vec<Test>),
    /// Not this.
    Not(Box<Test>),
}

/// What a test looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operand {
    /// A field of the ticket (or of the event's row).
    Field(FieldId),
    /// The priority that the agreement gives the ticket.
    Priority,
    /// The tier that the agreement gives the ticket.
    Tier,
}

/// How two numbers compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// `below`, `<`
    Below,
    /// `at most`, `<=`
    AtMost,
    /// `at least`, `>=`
    AtLeast,
    /// `above`, `>`
    Above,
}

impl Comparison {
    /// Whether `value` compares so with `bound`.
    pub fn holds<T: PartialOrd>(self, value: &T, bound: &T) -> bool {
        match self {
            Comparison::Below => value < bound,
            Comparison::AtMost => value <= bound,
            Comparison::AtLeast => bound <= value,
            Comparison::Above => bound < value,
        }
    }

    /// The words of a band.
    pub fn words(self) -> &'static str {
        match self {
            Comparison::Below => "below",
            Comparison::AtMost => "at most",
            Comparison::AtLeast => "at least",
            Comparison::Above => "above",
        }
    }
}

/// A bound of a band.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bound {
    /// How the figure compares with it.
    pub comparison: Comparison,
    /// The bound itself.
    #[serde(serialize_with = "serialize_exact")]
    pub value: Fraction,
}
