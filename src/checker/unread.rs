//! What is declared and never read: fields, calendars, metrics without a target.

use std::collections::BTreeSet;

use crate::ast::{MetricLine, Name, StatementKind};
use crate::diagnostic::Diagnostic;
use crate::resolver::{Agreement, Root, Scope};
use crate::source::{Span, Spanned};

use super::agreement::allows;
use super::{Checker, Known};

/// What the statements looked at so far read.
#[derive(Debug, Clone, Default)]
pub(super) struct Reads {
    /// Fields that the agreement at hand reads, in any of its versions.
    fields: BTreeSet<String>,
    /// Calendars that the version at hand names.
    named: BTreeSet<String>,
    /// Where the calendars are declared that anything reads.
    calendars: BTreeSet<Span>,
}

impl Reads {
    pub fn begin_agreement(&mut self) {
        self.fields.clear();
    }

    /// A plugin is given all fields.
    pub fn all_fields(&mut self, known: &Known<'_>) {
        self.fields.extend(known.fields.keys().cloned());
    }

    pub fn begin_version(&mut self) {
        self.named.clear();
    }

    pub fn field(&mut self, name: &str) {
        self.fields.insert(name.to_string());
    }

    pub fn calendar(&mut self, scope: &Scope, name: &str) {
        self.named.insert(name.to_string());
        self.calendars.extend(scope.calendar(name).map(|calendar| calendar.name.span));
    }

    /// The calendars that the version at hand names.
    pub fn named_calendars(&self) -> impl Iterator<Item = &str> {
        self.named.iter().map(String::as_str)
    }
}

impl Checker {
    /// Whether nothing that is misspelt, or could not be read, may be what reads a name.
    fn is_sound(&self) -> bool {
        self.all_is_read && !self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Fields that the agreement itself declares. Those of a source or template are there for others too, and outcomes tell
    /// every ticket's customer.
    pub(super) fn unread_fields(&mut self, version: &Agreement) {
        if !self.is_sound() {
            return;
        }
        let own = version.span;
        let statements = version.statements.iter().filter(|statement| own.holds(statement.span));
        let declared = statements.filter_map(|statement| match &statement.kind {
            StatementKind::Field(name, _) => Some(name),
            _ => None,
        });
        let unread: Vec<&Name> =
            declared.filter(|name| name.value != "customer" && !self.reads.fields.contains(&name.value)).collect();
        for name in unread {
            let message = format!("nothing reads the field `{}`", name.value);
            let help = "name it where it counts, such as `when FIELD is VALUE`, or take the line out";
            self.warning("unread_field", name.span, message, help);
        }
    }

    /// Calendars of a file that none of its agreements counts on. A file of templates declares them for others, and so does
    /// one that another of this run uses.
    pub(super) fn unread_calendars(&mut self, roots: &[Root]) {
        if !self.is_sound() {
            return;
        }
        for root in roots {
            let is_own = |span: Span| span.file == root.file;
            let is_library = root.scope.agreements.iter().any(|known| known.is_template && is_own(known.span));
            let allowed = root.agreements.iter().any(|agreement| allows(agreement, "unread_calendar"));
            let is_used = roots.iter().any(|other| other.file != root.file && other.scope.has_file(root.file));
            if root.agreements.is_empty() || is_library || allowed || is_used {
                continue;
            }
            let declared = root.scope.calendars.iter().map(|calendar| &calendar.name);
            for name in declared.filter(|name| is_own(name.span)) {
                if !self.reads.calendars.contains(&name.span) {
                    let message = format!("nothing is counted on the calendar `{}`", name.value);
                    let help = "name it where it counts, such as `hours NAME` in a tier, or take it out";
                    self.warning("unread_calendar", name.span, message, help);
                }
            }
        }
    }

    /// Metrics that have no target of their own and that no tier names: their clocks never run.
    pub(super) fn metrics_without_target(&mut self, known: &Known<'_>) {
        if !self.is_sound() {
            return;
        }
        let has_target = |lines: &[Spanned<MetricLine>]| {
            lines.iter().any(|line| matches!(line.value, MetricLine::Target(_) | MetricLine::Later(_)))
        };
        let tables = || known.tiers.iter().flat_map(|tier| &tier.targets);
        for statement in &known.agreement.statements {
            if let StatementKind::Metric(name, lines) = &statement.kind
                && !has_target(lines)
                && !tables().any(|table| table.metric.value == name.value)
            {
                self.without_target(known, name);
            }
        }
    }

    fn without_target(&mut self, known: &Known<'_>, name: &Name) {
        let metric = &name.value;
        let message = format!("the metric `{metric}` has no target: its clocks never run");
        let help =
            format!("add `{metric} {{ any 4h }}` to a tier or `target 4h` to the metric, or take the metric out");
        let own = known.agreement.span.holds(name.span);
        let place = if own { name.span } else { known.agreement.name.span };
        let fault = Diagnostic::warning("metric_without_target", place, message).help(help);
        self.push(if own { fault } else { fault.label(name.span, "it is inherited from here") });
    }
}
