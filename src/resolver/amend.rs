//! Amendments: an agreement from one day to the next, each time as though it had been written so.
//!
//! An amendment changes the statements of the agreement that it stands in, as written; what that one extends, and what
//! extends it, is then worked out anew. Seasons lie over what holds on.

use chrono::NaiveDate;

use crate::ast::{self, Amendment, Statement, StatementKind, Text};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

use super::inherit::{self, ancestors, known_by, removed_key};
use super::{Agreement, Scope};

/// What tells agreements apart and cuts their time: it holds throughout.
const FIXED: &[&str] = &[
    "title",
    "contract",
    "provider",
    "customer",
    "effective",
    "timezone",
    "currency",
    "kind",
    "review",
    "months begin",
    "beside",
    "versioned by",
    "tickets",
    "outages",
    "applies",
    "amend",
];

/// An agreement from one day on.
#[derive(Debug, Clone)]
pub struct Version {
    /// What people call it; no other version of the agreement has the same label.
    pub label: String,
    /// Its first day, from midnight on.
    pub first: NaiveDate,
    /// The amendments in force, in the order in which they apply.
    pub amendments: Vec<InForce>,
    /// The agreement as it then stands.
    pub agreement: Agreement,
}

/// Where an amendment stands that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// Its mark.
    pub mark: Option<Text>,
    /// Its first words.
    pub head: Span,
    /// All of it.
    pub span: Span,
    /// Whether it begins with the version.
    pub begins: bool,
}

impl Version {
    /// Of the findings in this version, those that earlier versions do not have. One that lies outside of the amendments
    /// says which of them it comes with.
    pub fn only_new(&self, found: Vec<Diagnostic>, told: &[Diagnostic]) -> Vec<Diagnostic> {
        let same = |a: &Diagnostic, b: &Diagnostic| a.code == b.code && a.span == b.span && a.message == b.message;
        let new = found.into_iter().filter(|found| !told.iter().any(|known| same(known, found)));
        new.map(|found| self.comes_with(found)).collect()
    }

    fn comes_with(&self, found: Diagnostic) -> Diagnostic {
        let own = |amendment: &&InForce| amendment.span.holds(found.span);
        let began = self.amendments.iter().rfind(|amendment| amendment.begins);
        match began.filter(|_| !self.amendments.iter().any(|amendment| own(&amendment))) {
            Some(amendment) => found.label(amendment.head, "so it stands from this amendment on"),
            None => found,
        }
    }
}

/// The amendments of an agreement, in file order, without those that its parents bring along.
pub fn amendments(declared: &ast::Agreement) -> impl Iterator<Item = (&Statement, &Amendment)> {
    declared.statements.iter().filter_map(|statement| match &statement.kind {
        StatementKind::Amend(amendment) => Some((statement, amendment)),
        _ => None,
    })
}

/// What a statement changes, by what that is known by; none for those that add up.
pub fn changed(statement: &Statement) -> Option<String> {
    match &statement.kind {
        StatementKind::Removed(words) => Some(removed_key(words)),
        _ => known_by(statement),
    }
}

/// What a statement is about that no amendment can change; none where one can.
pub fn fixed(statement: &Statement) -> Option<String> {
    let subject = match &statement.kind {
        StatementKind::Beside(_) => "beside".to_string(),
        StatementKind::Amend(_) => "amend".to_string(),
        _ => changed(statement)?,
    };
    FIXED.contains(&subject.as_str()).then_some(subject)
}

/// The agreement from each day on which amendments, its own or inherited ones, change what holds; with what is wrong in
/// those versions and not in earlier ones.
pub(super) fn versions(
    scope: &Scope,
    declared: &ast::Agreement,
    told: &[Diagnostic],
) -> (Vec<Version>, Vec<Diagnostic>) {
    let line = line(scope, declared);
    let mut versions: Vec<Version> = Vec::new();
    let mut faults = told.to_vec();
    for day in changes(&line) {
        let label = label(&line, day, &versions);
        let amendments = line.iter().flat_map(|declared| in_force(declared, Some(day)));
        let amendments = amendments.map(|(statement, amendment)| placed(statement, amendment, day)).collect();
        let (agreement, found) = inherit::on(scope, declared, Some(day));
        let version = Version { label, first: day, amendments, agreement };
        faults.extend(version.only_new(found, &faults));
        versions.push(version);
    }
    (versions, faults.split_off(told.len()))
}

/// The amendments of an agreement that hold on a day, in the order in which they apply: those that hold on by their first
/// day, then seasons. Before the first day of all none holds.
pub(super) fn in_force(declared: &ast::Agreement, day: Option<NaiveDate>) -> Vec<(&Statement, &Amendment)> {
    let holds = |amendment: &Amendment| {
        day.is_some_and(|day| amendment.first <= day && amendment.last.is_none_or(|last| day <= last))
    };
    let mut found: Vec<_> = amendments(declared).filter(|(_, amendment)| holds(amendment)).collect();
    found.sort_by_key(|(_, amendment)| (amendment.last.is_some(), amendment.first));
    found
}

fn placed(statement: &Statement, amendment: &Amendment, day: NaiveDate) -> InForce {
    let (mark, begins) = (statement.mark.clone(), amendment.first == day);
    InForce { mark, head: statement.head, span: statement.span, begins }
}

/// An agreement and what it extends, the furthest first.
pub fn line<'s>(scope: &'s Scope, declared: &'s ast::Agreement) -> Vec<&'s ast::Agreement> {
    let above = declared.extends.as_ref().map_or(Vec::new(), |name| ancestors(scope, &name.value));
    let mut above: Vec<_> = above.iter().filter_map(|name| scope.agreement(name)).collect();
    above.retain(|above| above.name.value != declared.name.value);
    above.reverse();
    above.push(declared);
    above
}

/// The days on which an amendment begins, or the one after its last, in time order.
fn changes(line: &[&ast::Agreement]) -> Vec<NaiveDate> {
    let all = line.iter().flat_map(|declared| amendments(declared)).map(|(_, amendment)| amendment);
    let lasting = all.filter(|amendment| amendment.last.is_none_or(|last| amendment.first <= last));
    let mut days: Vec<NaiveDate> = lasting
        .flat_map(|amendment| [Some(amendment.first), amendment.last.and_then(|last| last.succ_opt())])
        .flatten()
        .collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// What the version of a day is called: by the newest amendment that holds on, and the seasons over it. A name that was
/// there before, as after a season, is told apart by the day.
fn label(line: &[&ast::Agreement], day: NaiveDate, earlier: &[Version]) -> String {
    let all: Vec<_> = line.iter().flat_map(|declared| in_force(declared, Some(day))).collect();
    let newest =
        all.iter().filter(|(_, amendment)| amendment.last.is_none()).map(|(_, amendment)| amendment.first).max();
    let named = all.iter().filter(|(_, amendment)| amendment.last.is_some() || Some(amendment.first) == newest);
    let names: Vec<String> = named.map(|(statement, amendment)| name(statement, amendment)).collect();
    let mut label = if names.is_empty() { "base".to_string() } else { names.join(" + ") };
    while label == "base" || earlier.iter().any(|version| version.label == label) {
        label.push_str(&format!(" from {day}"));
    }
    label
}

/// Its title, else its mark, else its dates.
fn name(statement: &Statement, amendment: &Amendment) -> String {
    let title = amendment.title.as_ref().map(|title| title.value.clone()).filter(|title| !title.is_empty());
    let mark = || statement.mark.as_ref().map(|mark| format!("§ {}", mark.value));
    title.or_else(mark).unwrap_or_else(|| match amendment.last {
        None => format!("from {}", amendment.first),
        Some(last) => format!("for {}..{last}", amendment.first),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parser;
    use crate::source::Sources;

    /// The names of the amendments of `text` that hold on each day on which what holds changes.
    fn told(text: &str) -> Vec<String> {
        let mut sources = Sources::default();
        let file = sources.add("a.sla", format!("agreement a {{ {text} }}"));
        let tree = parser::parse(&sources, file).tree;
        let declared = tree.items.iter().find_map(|item| match item {
            ast::Item::Agreement(agreement) => Some(agreement),
            _ => None,
        });
        let line = [declared.unwrap()];
        let names = |day| {
            let all = in_force(line[0], Some(day)).into_iter();
            all.map(|(statement, amendment)| name(statement, amendment)).collect::<Vec<_>>().join(", ")
        };
        changes(&line).into_iter().map(|day| format!("{day}: {}", names(day))).collect()
    }

    #[test]
    fn lasting_amendments_apply_by_their_day_and_seasons_after_them() {
        let found = told(
            r#"amend for 2025-03-01..2025-03-31 "season" {}
               amend from 2025-03-15 "second" {}
               amend from 2025-02-01 "first" {}"#,
        );
        assert_eq!(
            found,
            [
                "2025-02-01: first",
                "2025-03-01: first, season",
                "2025-03-15: first, second, season",
                "2025-04-01: first, second"
            ]
        );
    }

    #[test]
    fn nothing_holds_after_the_last_season() {
        assert_eq!(
            told("amend for 2025-03-01..2025-03-01 {}"),
            ["2025-03-01: for 2025-03-01..2025-03-01", "2025-03-02: "]
        );
    }
}
