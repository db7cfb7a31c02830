//! The order of clauses over all versions of an agreement.

use crate::plan::clause::{CapScope, Clause, ClauseKind, Each};
use crate::plan::{Agreement, Version};

/// Clauses by kind and name, each with all that it is in the versions that have it: in the order of the first version, and
/// after that what later ones add.
#[derive(Debug, Clone)]
pub(super) struct Order<'a>(Vec<Vec<&'a Clause>>);

impl<'a> Order<'a> {
    pub fn new(agreement: &'a Agreement) -> Order<'a> {
        let mut clauses: Vec<Vec<&'a Clause>> = Vec::new();
        for clause in agreement.versions.iter().flat_map(|version| &version.clauses) {
            match clauses.iter_mut().find(|known| known.iter().any(|known| is_same(known, clause))) {
                Some(known) => known.push(clause),
                None => clauses.push(vec![clause]),
            }
        }
        Order(clauses)
    }

    /// Where a clause of any version stands among all.
    pub fn place(&self, clause: &Clause) -> usize {
        let place = self.0.iter().position(|known| known.iter().any(|known| is_same(known, clause)));
        place.unwrap_or(self.0.len())
    }

    /// Over what the caps of the clause at a place are shared, in any of its versions.
    pub fn scopes(&self, place: usize) -> Vec<CapScope> {
        let mut scopes = Vec::new();
        for cap in self.0.get(place).into_iter().flatten().flat_map(|clause| &clause.caps) {
            if !scopes.contains(&cap.scope) {
                scopes.push(cap.scope);
            }
        }
        scopes
    }
}

/// What a clause is in another version.
pub(super) fn in_version<'a>(version: &'a Version, clause: &Clause) -> Option<&'a Clause> {
    version.clauses.iter().find(|known| is_same(known, clause) && known.each == clause.each)
}

fn is_same(a: &Clause, b: &Clause) -> bool {
    (a.kind, &a.name) == (b.kind, &b.name)
}

/// A clause's kind and name, and its value where it is settled for each, as caps are told apart by.
pub(super) fn whose(clause: &Clause) -> String {
    let kind = match clause.kind {
        ClauseKind::Penalty => "penalty",
        ClauseKind::Incentive => "incentive",
    };
    let each = clause.each.as_ref().and_then(Each::words).map_or(String::new(), |each| format!(" for {each}"));
    format!("{kind} {}{each}", clause.name)
}
