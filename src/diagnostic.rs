//! What is wrong with a text, where, and what to do about it.

use crate::source::{Sources, Span};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The agreement cannot be run.
    Error,
    /// It can be run, but says something that its author may not mean.
    Warning,
}

impl Severity {
    /// The word for it in messages and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// A second place that a finding points to, with a few words on why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// Why this place matters.
    pub text: String,
}

/// One finding.
///
/// Messages start in lower case, have no full stop, and put what the user wrote in backticks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// A slug such as `unknown_name`; each has a page in `tests/spec/errors`.
    pub code: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// The place at fault.
    pub span: Span,
    /// A few words drawn under the place at fault; may be empty.
    pub note: String,
    /// Other places that belong to it.
    pub labels: Vec<Label>,
    /// A value, ticket or instant that shows the fault.
    pub witness: Option<String>,
    /// The way out.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at `span`.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            span,
            note: String::new(),
            labels: Vec::new(),
            witness: None,
            help: None,
        }
    }

    /// A warning at `span`; `allow CODE "why"` in the agreement silences it.
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, span, message) }
    }

    /// With words under the place at fault.
    pub fn note(mut self, note: impl Into<String>) -> Diagnostic {
        self.note = note.into();
        self
    }

    /// With another place that belongs to it.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// With a value, ticket or instant that shows the fault.
    pub fn witness(mut self, witness: impl Into<String>) -> Diagnostic {
        self.witness = Some(witness.into());
        self
    }

    /// With the way out.
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Whether this forbids running the agreement.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// By file, place and code, each finding once, so that a report does not depend on the order of the checks.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| (a.span, a.code, &a.message).cmp(&(b.span, b.code, &b.message)));
    diagnostics.dedup();
}

/// The nearest of `known` to `written`, where one is near enough to be meant.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = written.chars().count() / 3 + 1;
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(written, name), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}

/// `file:line:column: message`, the form for one line of a log.
pub fn headline(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let path = sources.path(diagnostic.span);
    format!("{path}:{}: {}", sources.start(diagnostic.span), diagnostic.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_needs_to_be_near() {
        assert_eq!(nearest("resoluton", ["response", "resolution"]), Some("resolution"));
        assert_eq!(nearest("zzz", ["response", "resolution"]), None);
    }
}
