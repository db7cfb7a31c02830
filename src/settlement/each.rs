//! `for each FIELD`: a clause for each value that the tickets have.

use std::collections::BTreeMap;

use crate::condition::View;
use crate::outcome::Outcomes;
use crate::plan::Agreement;
use crate::plan::clause::{Clause, Each};
use crate::plan::condition::{Condition, Operand, Test};
use crate::ticket::{Names, Symbol};

/// The agreement with a clause for each value, in the order of the values' letters; none where no clause asks for that.
pub(super) fn spread(agreement: &Agreement, outcomes: &Outcomes, names: &Names) -> Option<Agreement> {
    let is_open = |clause: &Clause| matches!(clause.each, Some(Each::Every { .. }));
    if !agreement.versions.iter().flat_map(|version| &version.clauses).any(is_open) {
        return None;
    }
    let mut spread = agreement.clone();
    for version in &mut spread.versions {
        let clauses = std::mem::take(&mut version.clauses);
        version.clauses =
            clauses.into_iter().flat_map(|clause| for_values(clause, agreement, outcomes, names)).collect();
    }
    Some(spread)
}

fn for_values(clause: Clause, agreement: &Agreement, outcomes: &Outcomes, names: &Names) -> Vec<Clause> {
    let Some(Each::Every { of, name }) = &clause.each else { return vec![clause] };
    let values = values(*of, agreement, outcomes, names);
    let for_value = |(value, symbol): (&str, Symbol)| Clause {
        each: Some(Each::Value { name: name.clone(), value: value.to_string() }),
        when: Some(narrowed(clause.when.as_ref(), Test::In(*of, vec![symbol]), &format!("{name} is {value}"))),
        ..clause.clone()
    };
    values.into_iter().map(for_value).collect()
}

/// The values that tickets have which are not taken out, as last known, with their texts.
fn values<'n>(of: Operand, agreement: &Agreement, outcomes: &Outcomes, names: &'n Names) -> BTreeMap<&'n str, Symbol> {
    let tickets = outcomes.tickets.iter().filter(|ticket| ticket.excluded.is_none());
    let found = tickets.filter_map(|ticket| {
        let version = agreement.versions.get(ticket.version)?;
        let value = View::of(names, version, &ticket.last).value(of)?;
        Some((names.text(value), value))
    });
    found.collect()
}

fn narrowed(when: Option<&Condition>, own: Test, words: &str) -> Condition {
    match when {
        Some(when) => {
            Condition { test: Test::All(vec![when.test.clone(), own]), words: format!("{} and {words}", when.words) }
        }
        None => Condition { test: own, words: words.to_string() },
    }
}
