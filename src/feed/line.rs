//! Content lines: unfolded, split into name, parameters and value, each with its place.

use icalendar::parser::Property;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// One line, as RFC 5545 counts lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// In capitals.
    pub name: String,
    /// Names in capitals, values without quotes.
    params: Vec<(String, String)>,
    /// With the backslashes of texts taken away.
    pub value: String,
    /// All of it, folds included.
    pub span: Span,
}

impl Line {
    /// The value of a parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the value is this word, in whatever case.
    pub fn is(&self, word: &str) -> bool {
        self.value.trim().eq_ignore_ascii_case(word)
    }

    /// A fault in this line.
    pub fn fault(&self, code: &'static str, message: impl Into<String>, help: &str) -> Diagnostic {
        Diagnostic { code, ..Diagnostic::error("feed_event", self.span, message).help(help) }
    }
}

/// All lines of a file, empty ones left out, and the faults of those that are none.
pub(super) fn lines(text: &str, file: FileId) -> (Vec<Line>, Vec<Diagnostic>) {
    let mut lines = Vec::new();
    let mut faults = Vec::new();
    for (unfolded, span) in unfolded(text, file) {
        match line(&unfolded, span) {
            Some(line) => lines.push(line),
            None => {
                let short: String = unfolded.chars().take(40).collect();
                let fault =
                    Diagnostic::error("feed_format", span, format!("`{short}` is no line of an iCalendar file"));
                faults.push(
                    fault.help("a line is `NAME:VALUE`; one that goes on from the line before begins with a space"),
                );
            }
        }
    }
    (lines, faults)
}

/// Lines with their continuations: a line that begins with a space or a tab goes on from the one before.
fn unfolded(text: &str, file: FileId) -> Vec<(String, Span)> {
    let mut lines: Vec<(String, Span)> = Vec::new();
    let mut start = 0;
    for raw in text.split_inclusive('\n') {
        let words = raw.trim_end_matches(['\n', '\r']);
        let span = Span::new(file, start, start + words.len());
        start += raw.len();
        match (words.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(more), Some((line, place))) => {
                line.push_str(more);
                *place = place.to(span);
            }
            _ if words.trim().is_empty() => {}
            _ => lines.push((words.to_string(), span)),
        }
    }
    lines
}

fn line(text: &str, span: Span) -> Option<Line> {
    let (name, _) = text.split_once([':', ';'])?;
    // The library takes BEGIN and END for no properties; neither has parameters.
    if ["BEGIN", "END"].iter().any(|word| name.eq_ignore_ascii_case(word)) {
        let value = text.split_once(':')?.1.trim().to_ascii_uppercase();
        return Some(Line { name: name.to_ascii_uppercase(), params: Vec::new(), value, span });
    }
    let property = Property::try_from(text).ok()?;
    let (read, value) = (property.name.as_str(), property.val.as_str());
    // What it cannot read it takes for a name without a value.
    if read.is_empty() || read != name || (value.is_empty() && !text.ends_with(':')) {
        return None;
    }
    let params = property.params.iter().map(|param| {
        let value = param.val.as_ref().map_or("", |value| value.as_str());
        (param.key.as_str().to_ascii_uppercase(), value.trim_matches('"').to_string())
    });
    let params = params.collect();
    Some(Line { name: read.to_ascii_uppercase(), params, value: value.to_string(), span })
}
