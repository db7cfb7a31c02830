//! What is wrong with an agreement before anything runs: names, units, money, tables that contradict themselves.

mod agreement;
mod amend;
mod availability;
mod band;
mod calendar;
mod cap;
mod capacity;
mod charge;
mod claim;
mod clause;
mod closed;
mod condition;
mod consequence;
mod cover;
mod each;
mod holiday_end;
mod incentive;
mod known;
mod metric;
mod pause;
mod plugin;
mod points;
mod run;
mod source;
mod states;
mod supplier;
mod test;
mod tier;
mod too_long;
mod unread;

use crate::ast;
use crate::diagnostic::{self, Diagnostic};
use crate::resolver::{Resolved, Root};
use crate::source::{Span, Spanned};

use unread::Reads;

pub use known::{FieldValues, Known};

/// Stands in a guessed source for the zone that its user is to name.
pub const ZONE_PLACEHOLDER: &str = "Say/Which_Zone";

/// Agreements without errors: the only ones that can be compiled.
#[derive(Debug, Clone)]
pub struct Checked {
    resolved: Resolved,
    warnings: Vec<Diagnostic>,
}

impl Checked {
    /// What was checked.
    pub fn resolved(&self) -> &Resolved {
        &self.resolved
    }

    /// What its authors may not mean.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }
}

/// Everything that is wrong, sorted, or what may be compiled.
///
/// # Errors
/// All findings, warnings among them, where at least one is an error. The files come back for the messages.
pub fn check(resolved: Resolved) -> Result<Checked, (Resolved, Vec<Diagnostic>)> {
    let mut checker = Checker {
        diagnostics: resolved.diagnostics.clone(),
        all_is_read: !resolved.diagnostics.iter().any(Diagnostic::is_error),
        reads: Reads::default(),
        agreements: agreements(&resolved),
    };
    for root in resolved.roots.iter().chain(resolved.suppliers.values()) {
        checker.root(root);
        root.agreements.iter().for_each(|agreement| checker.suppliers(&resolved, agreement));
    }
    checker.unread_calendars(&resolved.roots);
    let mut found = checker.diagnostics;
    diagnostic::sort(&mut found);
    if found.iter().any(Diagnostic::is_error) {
        return Err((resolved, found));
    }
    Ok(Checked { resolved, warnings: found })
}

struct Checker {
    diagnostics: Vec<Diagnostic>,
    /// Whether every statement could be read. Where not, what seems to be missing may only be misspelt.
    all_is_read: bool,
    /// What the statements looked at so far read.
    reads: Reads,
    /// Every agreement that is checked along, by name.
    agreements: Vec<String>,
}

fn agreements(resolved: &Resolved) -> Vec<String> {
    let agreements = resolved.roots.iter().flat_map(|root| &root.agreements);
    agreements.map(|agreement| agreement.name.value.clone()).collect()
}

impl Checker {
    fn root(&mut self, root: &Root) {
        root.scope.plugins.iter().for_each(|plugin| self.plugin(plugin));
        for edition in &root.scope.editions {
            if edition.value != 2026 {
                let message = format!("there is no edition {}", edition.value);
                self.push(Diagnostic::error("unknown_edition", edition.span, message).help("write `edition 2026`"));
            }
        }
        self.holidays(&root.scope);
        self.calendars(&root.scope);
        root.scope.sources.iter().for_each(|source| self.source(source));
        for agreement in &root.agreements {
            self.agreement(root, agreement);
        }
        self.amendments_of_templates(root);
        self.tests(root);
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.push(Diagnostic::error(code, span, message).help(help));
    }

    fn warning(&mut self, code: &'static str, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.push(Diagnostic::warning(code, span, message).help(help));
    }

    /// What this program parses and does not run is refused by name, never ignored.
    fn not_built(&mut self, later: &ast::Later) {
        let message = format!("{} cannot be run by this version", later.what);
        self.error("not_built", later.span, message, "take it out, or settle it by hand until it can");
    }

    /// Of each kind of line a block has one.
    fn each_kind_once<L>(&mut self, lines: &[Spanned<L>], message: &str) {
        for (place, line) in lines.iter().enumerate() {
            let is_same =
                |other: &&Spanned<L>| std::mem::discriminant(&other.value) == std::mem::discriminant(&line.value);
            if let Some(first) = lines.iter().take(place).find(is_same) {
                let fault = Diagnostic::error("said_twice", line.span, message.to_string());
                self.push(fault.label(first.span, "said here first").help("keep one of the two"));
            }
        }
    }

    fn unknown<'a>(&mut self, kind: &str, name: &ast::Name, known: impl IntoIterator<Item = &'a str>) {
        self.push(crate::resolver::unknown(kind, name, known));
    }
}

#[cfg(test)]
mod tests;
