//! Whether a condition holds for a ticket.

use crate::money;
use crate::outcome::Snapshot;
use crate::plan::Version;
use crate::plan::condition::{Operand, Test};
use crate::ticket::{Names, Symbol};

/// A ticket as conditions see it.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The texts of its values.
    pub names: &'a Names,
    /// Its fields, by number.
    pub fields: &'a [Option<Symbol>],
    /// The name of the priority that the agreement gives it.
    pub priority: Option<Symbol>,
    /// The name of the tier that the agreement gives it.
    pub tier: Option<Symbol>,
}

impl<'a> View<'a> {
    /// A ticket as it was when `snapshot` was taken, under a version of its agreement.
    pub fn of(names: &'a Names, version: &Version, snapshot: &'a Snapshot) -> View<'a> {
        let priority = version.priority(snapshot.priority).and_then(|name| names.get(name));
        let tier = version.tier(snapshot.tier).and_then(|tier| names.get(&tier.name));
        View { names, fields: &snapshot.fields, priority, tier }
    }

    /// What an operand is; none where it is absent.
    pub fn value(&self, operand: Operand) -> Option<Symbol> {
        match operand {
            Operand::Field(field) => self.fields.get(usize::from(field.0)).copied().flatten(),
            Operand::Priority => self.priority,
            Operand::Tier => self.tier,
        }
    }
}

/// Whether `test` holds. An absent value is no value: it is not in any list, and compares with nothing.
pub fn holds(test: &Test, view: &View<'_>) -> bool {
    match test {
        Test::In(operand, values) => view.value(*operand).is_some_and(|value| values.contains(&value)),
        Test::NotIn(operand, values) => view.value(*operand).is_none_or(|value| !values.contains(&value)),
        Test::Compare(operand, comparison, bound) => {
            let number = view.value(*operand).and_then(|value| money::decimal(view.names.text(value)));
            number.is_some_and(|number| comparison.holds(&number, bound))
        }
        Test::Present(operand) => view.value(*operand).is_some(),
        Test::Absent(operand) => view.value(*operand).is_none(),
        Test::All(tests) => tests.iter().all(|test| holds(test, view)),
        Test::Any(tests) => tests.iter().any(|test| holds(test, view)),
        Test::Not(test) => !holds(test, view),
    }
}
