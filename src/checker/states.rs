//! The states that a ticket can be in, as far as some conditions tell them apart.
//!
//! Whether one condition follows from others is found by looking at every such state, and not by logic: of a field with
//! listed values each value that a condition names, one that none names, and no value; of any other field also a value
//! that nothing names, and numbers on both sides of each that it is compared with.

use num_traits::One;

use crate::ast::{Comparison, Condition, Name, Tested};
use crate::money::{self, Fraction, whole};

use super::Known;
use super::condition::{Sees, builtin};

/// With more states than this a question is left open.
const MOST: usize = 20_000;

/// What a field can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// This text.
    Text(&'a str),
    /// A number that no text of a condition is.
    Number(Fraction),
    /// A value that no condition names.
    Other,
    /// It is absent.
    Absent,
}

/// What a condition can look at (a field, the priority, the tier), and what that can be.
#[derive(Debug, Clone)]
pub(super) struct Axis<'a> {
    pub name: &'a str,
    pub values: Vec<Value<'a>>,
}

/// All states of the fields that some conditions name.
#[derive(Debug, Clone)]
pub(super) struct States<'a> {
    pub axes: Vec<Axis<'a>>,
}

/// One state: for each axis the place of its value.
pub(super) type State = Vec<usize>;

impl<'a> States<'a> {
    /// The states that the conditions tell apart; none where there are too many, or where a condition names what is not
    /// known, which is told elsewhere.
    pub fn new(known: &'a Known<'_>, sees: Sees, conditions: &[&'a Condition]) -> Option<States<'a>> {
        let mut tests = Vec::new();
        for condition in conditions {
            simple_tests(condition, &mut tests)?;
        }
        let mut axes: Vec<Axis<'a>> = Vec::new();
        for test in &tests {
            let name = test.name.value.as_str();
            if !axes.iter().any(|axis| axis.name == name) {
                let of_it: Vec<&Simple<'a>> = tests.iter().filter(|test| test.name.value == name).collect();
                axes.push(axis(known, sees, name, &of_it)?);
            }
        }
        let count = axes.iter().try_fold(1_usize, |count, axis| count.checked_mul(axis.values.len()));
        count.filter(|count| *count <= MOST).map(|_| States { axes })
    }

    /// Every state, values that conditions name first.
    pub fn all(&self) -> impl Iterator<Item = State> + '_ {
        let first = vec![0; self.axes.len()];
        std::iter::successors(Some(first), |state| {
            let mut next = state.clone();
            for (place, axis) in next.iter_mut().zip(&self.axes).rev() {
                *place += 1;
                if *place < axis.values.len() {
                    return Some(next);
                }
                *place = 0;
            }
            None
        })
    }

    /// Whether a condition holds in a state. An absent value is in no list, and compares with nothing.
    pub fn holds(&self, condition: &Condition, state: &[usize]) -> bool {
        match &condition.test {
            Tested::In(name, values) => self.is_in(name, values, state),
            Tested::NotIn(name, values) => !self.is_in(name, values, state),
            Tested::Compare(name, comparison, bound) => {
                self.number(name, state).is_some_and(|number| compares(*comparison, &number, &bound.value))
            }
            Tested::Present(name) => self.value(name, state) != Some(&Value::Absent),
            Tested::Absent(name) => self.value(name, state) == Some(&Value::Absent),
            Tested::All(all) => all.iter().all(|condition| self.holds(condition, state)),
            Tested::Any(any) => any.iter().any(|condition| self.holds(condition, state)),
            Tested::Not(condition) => !self.holds(condition, state),
            Tested::By(_) => false,
        }
    }

    /// A state in words: `plan gold, no impact`. Empty where it has no field.
    pub fn words(&self, state: &[usize]) -> String {
        let values = self.axes.iter().zip(state);
        let words = values.filter_map(|(axis, place)| {
            Some(match axis.values.get(*place)? {
                Value::Text(text) => format!("{} {text}", axis.name),
                Value::Number(number) => format!("{} {}", axis.name, money::exact(number)),
                Value::Other => format!("another {}", axis.name),
                Value::Absent => format!("no {}", axis.name),
            })
        });
        words.collect::<Vec<_>>().join(", ")
    }

    fn value(&self, name: &Name, state: &[usize]) -> Option<&Value<'a>> {
        let place = self.axes.iter().position(|axis| axis.name == name.value)?;
        self.axes.get(place)?.values.get(*state.get(place)?)
    }

    fn is_in(&self, name: &Name, values: &[Name], state: &[usize]) -> bool {
        match self.value(name, state) {
            Some(Value::Text(text)) => values.iter().any(|value| value.value == *text),
            _ => false,
        }
    }

    fn number(&self, name: &Name, state: &[usize]) -> Option<Fraction> {
        match self.value(name, state)? {
            Value::Text(text) => money::decimal(text),
            Value::Number(number) => Some(number.clone()),
            Value::Other | Value::Absent => None,
        }
    }
}

/// What a condition says of one field.
struct Simple<'a> {
    name: &'a Name,
    values: &'a [Name],
    bound: Option<&'a Fraction>,
}

/// The tests in a condition; none where one of them cannot be run by this version.
fn simple_tests<'a>(condition: &'a Condition, tests: &mut Vec<Simple<'a>>) -> Option<()> {
    match &condition.test {
        Tested::In(name, values) | Tested::NotIn(name, values) => tests.push(Simple { name, values, bound: None }),
        Tested::Compare(name, _, bound) => tests.push(Simple { name, values: &[], bound: Some(&bound.value) }),
        Tested::Present(name) | Tested::Absent(name) => tests.push(Simple { name, values: &[], bound: None }),
        Tested::All(all) | Tested::Any(all) => all.iter().try_for_each(|condition| simple_tests(condition, tests))?,
        Tested::Not(condition) => simple_tests(condition, tests)?,
        Tested::By(_) => return None,
    }
    Some(())
}

/// What a name can be; none where it, or a value that is named with it, cannot be.
fn axis<'a>(known: &'a Known<'_>, sees: Sees, name: &'a str, tests: &[&Simple<'a>]) -> Option<Axis<'a>> {
    let is_given = builtin(name, sees);
    let listed: Option<Vec<&'a str>> = match name {
        "priority" if is_given => Some(known.priorities.clone()),
        "tier" if is_given => Some(known.tiers.iter().map(|tier| tier.name.value.as_str()).collect()),
        _ => known.fields.get(name)?.as_ref().map(|values| values.iter().map(String::as_str).collect()),
    };
    let mut named: Vec<&'a str> = Vec::new();
    for value in tests.iter().flat_map(|test| test.values) {
        if !named.contains(&value.value.as_str()) {
            named.push(&value.value);
        }
    }
    let mut bounds: Vec<Fraction> = tests.iter().filter_map(|test| test.bound.cloned()).collect();
    bounds.sort();
    bounds.dedup();
    let mut values: Vec<Value<'a>> = named.iter().map(|text| Value::Text(text)).collect();
    match listed {
        Some(listed) => {
            if named.iter().any(|text| !listed.contains(text)) {
                return None;
            }
            let unnamed: Vec<&'a str> = listed.into_iter().filter(|text| !named.contains(text)).collect();
            // Those that no condition names are alike, unless they are compared as numbers.
            if bounds.is_empty() {
                values.extend(unnamed.first().map(|_| Value::Other));
            } else {
                values.extend(unnamed.into_iter().map(Value::Text));
            }
        }
        None => {
            values.extend(on_both_sides(&bounds).into_iter().map(Value::Number));
            values.push(Value::Other);
        }
    }
    values.push(Value::Absent);
    Some(Axis { name, values })
}

/// The bounds themselves, numbers between them, and one beyond at either end.
fn on_both_sides(bounds: &[Fraction]) -> Vec<Fraction> {
    let (Some(first), Some(last)) = (bounds.first(), bounds.last()) else { return Vec::new() };
    let between = bounds.iter().zip(bounds.iter().skip(1)).map(|(low, high)| (low + high) / whole(2));
    let ends = [first - Fraction::one(), last + Fraction::one()];
    bounds.iter().cloned().chain(between).chain(ends).collect()
}

fn compares(comparison: Comparison, number: &Fraction, bound: &Fraction) -> bool {
    match comparison {
        Comparison::Below => number < bound,
        Comparison::AtMost => number <= bound,
        Comparison::AtLeast => number >= bound,
        Comparison::Above => number > bound,
    }
}
