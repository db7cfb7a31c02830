//! `--where`: a condition of the language over tickets, as last known.

use crate::ast::{Condition, Item, Name, StatementKind, Tested};
use crate::compiler;
use crate::diagnostic::Diagnostic;
use crate::plan::Plan;
use crate::plan::source::{Action, Shape, Source};
use crate::resolver::unknown;
use crate::source::Sources;
use crate::{parser, plan, report};

use super::Failure;

/// Compiles a filter; its fields are then read from the log.
///
/// # Errors
/// When it is no condition, or names a field that the source does not have.
pub fn compile(plan: &mut Plan, source: &Source, text: &str) -> Result<plan::condition::Condition, Failure> {
    let mut sources = Sources::default();
    let file = sources.add("--where", format!("agreement filter {{ applies when {text} }}"));
    let parsed = parser::parse(&sources, file);
    let condition = parsed.tree.items.iter().find_map(|item| match item {
        Item::Agreement(agreement) => agreement.statements.iter().find_map(|statement| match &statement.kind {
            StatementKind::Applies(condition) => Some(condition),
            _ => None,
        }),
        _ => None,
    });
    let mut faults = parsed.diagnostics;
    if let Some(condition) = condition {
        fields(condition, &known(plan, source), &mut faults);
    }
    match condition {
        Some(condition) if faults.is_empty() => Ok(compiler::filter(plan, &sources, condition)),
        _ => Err(Failure::call(format!("`--where` is no condition\n{}", report::diagnostic::drawn(&faults, &sources)))),
    }
}

/// Fields that a filter may look at.
fn known(plan: &Plan, source: &Source) -> Vec<String> {
    let mut known: Vec<String> = source.fields.iter().map(|field| field.field.clone()).collect();
    if let Shape::Events { told, .. } | Shape::Snapshots { told, .. } = &source.shape {
        let actions =
            told.iter().flat_map(|event| event.values.iter().map(|(_, action)| action).chain(&event.otherwise));
        actions.for_each(|action| set(action, &mut known));
    }
    known.extend(plan.vocabulary.fields.iter().cloned());
    known.extend(["priority".to_string(), "tier".to_string()]);
    known.sort();
    known.dedup();
    known
}

fn set(action: &Action, known: &mut Vec<String>) {
    match action {
        Action::Sets { field, .. } => known.push(field.clone()),
        Action::All(actions) => actions.iter().for_each(|action| set(action, known)),
        Action::Event(_) | Action::Itself | Action::Ignored => {}
    }
}

fn fields(condition: &Condition, known: &[String], faults: &mut Vec<Diagnostic>) {
    let mut field = |name: &Name| {
        if !known.contains(&name.value) {
            faults.push(unknown("field", name, known.iter().map(String::as_str)));
        }
    };
    match &condition.test {
        Tested::In(name, _) | Tested::NotIn(name, _) | Tested::Compare(name, ..) => field(name),
        Tested::Present(name) | Tested::Absent(name) => field(name),
        Tested::All(all) | Tested::Any(all) => all.iter().for_each(|part| fields(part, known, faults)),
        Tested::Not(inner) => fields(inner, known, faults),
        Tested::By(call) => {
            let help = "a filter looks at fields: `plan is \"gold\"`";
            faults.push(Diagnostic::error("plugin_does_not_fit", call.span, "a filter asks no plugin").help(help));
        }
    }
}
