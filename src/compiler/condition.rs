//! Conditions as tests on numbers.

use crate::ast::{self, Name, Tested};
use crate::plan::condition::{Comparison, Condition, Operand, Test};
use crate::ticket::Symbol;

use super::Compiler;

/// Whether `priority` and `tier` are the agreement's, or fields like any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sees {
    Fields,
    Priority,
    All,
}

impl Compiler<'_> {
    pub(super) fn condition(&mut self, condition: &ast::Condition, sees: Sees) -> Condition {
        Condition { test: self.test(condition, sees), words: self.words(condition.span) }
    }

    pub(super) fn maybe(&mut self, condition: Option<&ast::Condition>, sees: Sees) -> Option<Condition> {
        condition.map(|condition| self.condition(condition, sees))
    }

    fn test(&mut self, condition: &ast::Condition, sees: Sees) -> Test {
        match &condition.test {
            Tested::In(name, values) => Test::In(self.operand(name, sees), self.symbols(values)),
            Tested::NotIn(name, values) => Test::NotIn(self.operand(name, sees), self.symbols(values)),
            Tested::Compare(name, how, number) => {
                Test::Compare(self.operand(name, sees), comparison(*how), number.value.clone())
            }
            Tested::Present(name) => Test::Present(self.operand(name, sees)),
            Tested::Absent(name) => Test::Absent(self.operand(name, sees)),
            Tested::All(all) => Test::All(all.iter().map(|condition| self.test(condition, sees)).collect()),
            Tested::Any(any) => Test::Any(any.iter().map(|condition| self.test(condition, sees)).collect()),
            Tested::Not(condition) => Test::Not(Box::new(self.test(condition, sees))),
            Tested::By(_) => Test::Any(Vec::new()),
        }
    }

    pub(super) fn operand(&mut self, name: &Name, sees: Sees) -> Operand {
        match name.value.as_str() {
            "priority" if sees != Sees::Fields => Operand::Priority,
            "tier" if sees == Sees::All => Operand::Tier,
            field => Operand::Field(self.plan.vocabulary.field(field)),
        }
    }

    fn symbols(&mut self, values: &[Name]) -> Vec<Symbol> {
        values.iter().map(|value| self.plan.names.intern(&value.value)).collect()
    }
}

pub(super) fn comparison(comparison: ast::Comparison) -> Comparison {
    match comparison {
        ast::Comparison::Below => Comparison::Below,
        ast::Comparison::AtMost => Comparison::AtMost,
        ast::Comparison::AtLeast => Comparison::AtLeast,
        ast::Comparison::Above => Comparison::Above,
    }
}
