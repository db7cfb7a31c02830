//! Findings drawn on the source for people, and as JSON and SARIF for programs.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::source::{Sources, Span};

/// Findings drawn on the source, styled; a writer that is no terminal takes the colours out. Ends with an empty line.
pub fn drawn(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let renderer = Renderer::styled().decor_style(DecorStyle::Ascii);
    let drawn = diagnostics.iter().map(|diagnostic| renderer.render(&groups(diagnostic, sources)) + "\n\n");
    drawn.collect()
}

fn groups<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Vec<Group<'a>> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group =
        level.primary_title(&diagnostic.message).id(diagnostic.code).elements(snippets(diagnostic, sources));
    if let Some(witness) = &diagnostic.witness {
        group = group.element(Level::NOTE.with_name("for example").message(witness));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    vec![group]
}

/// The place at fault in its file, and the other places in theirs.
fn snippets<'a>(
    diagnostic: &'a Diagnostic,
    sources: &'a Sources,
) -> Vec<Snippet<'a, annotate_snippets::Annotation<'a>>> {
    let mut snippets = Vec::new();
    let same_file = |label: &&Label| label.span.file == diagnostic.span.file;
    if let Some(file) = sources.get(diagnostic.span.file) {
        let primary = AnnotationKind::Primary.span(visible(&file.text, diagnostic.span));
        let primary = if diagnostic.note.is_empty() { primary } else { primary.label(&diagnostic.note) };
        let others = diagnostic.labels.iter().filter(same_file);
        let others =
            others.map(|label| AnnotationKind::Context.span(visible(&file.text, label.span)).label(&label.text));
        snippets.push(Snippet::source(&file.text).path(&file.path).annotation(primary).annotations(others));
    }
    for label in diagnostic.labels.iter().filter(|label| !same_file(label)) {
        if let Some(file) = sources.get(label.span.file) {
            let place = AnnotationKind::Context.span(visible(&file.text, label.span)).label(&label.text);
            snippets.push(Snippet::source(&file.text).path(&file.path).annotation(place));
        }
    }
    snippets
}

/// The bytes to draw under, held inside the text and between its letters. A statement over many lines is drawn at its first.
fn visible(text: &str, span: Span) -> std::ops::Range<usize> {
    let range = span.range();
    let start = text.floor_char_boundary(range.start);
    let end = text.ceil_char_boundary(range.end).max(start);
    let first_line = text.get(start..end).and_then(|words| words.find('\n')).map_or(end, |at| start + at);
    start..first_line
}

/// Findings as one JSON object.
pub fn json(diagnostics: &[Diagnostic], sources: &Sources) -> Value {
    let list: Vec<Value> = diagnostics.iter().map(|diagnostic| as_json(diagnostic, sources)).collect();
    json!({ "diagnostics": list })
}

fn as_json(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let (start, end) = (sources.start(diagnostic.span), sources.end(diagnostic.span));
    let labels: Vec<Value> = diagnostic.labels.iter().map(|label| label_json(label, sources)).collect();
    json!({
        "code": diagnostic.code,
        "severity": diagnostic.severity.name(),
        "message": diagnostic.message,
        "file": sources.path(diagnostic.span),
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
        "labels": labels,
        "witness": diagnostic.witness,
        "help": diagnostic.help,
    })
}

fn label_json(label: &Label, sources: &Sources) -> Value {
    let (start, end) = (sources.start(label.span), sources.end(label.span));
    json!({
        "file": sources.path(label.span),
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
        "text": label.text,
    })
}

/// Findings as a SARIF 2.1.0 log, the form that code hosts and editors read.
pub fn sarif(diagnostics: &[Diagnostic], sources: &Sources) -> Value {
    let mut codes: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<Value> = codes.into_iter().map(|code| json!({ "id": code })).collect();
    let results: Vec<Value> = diagnostics.iter().map(|diagnostic| sarif_result(diagnostic, sources)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "klausel", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn sarif_result(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let help = diagnostic.help.iter().map(|help| format!(" ({help})"));
    let text = std::iter::once(diagnostic.message.clone()).chain(help).collect::<String>();
    let related: Vec<Value> = diagnostic
        .labels
        .iter()
        .map(|label| {
            let mut location = sarif_location(label.span, sources);
            if let Some(map) = location.as_object_mut() {
                map.insert("message".to_string(), json!({ "text": label.text }));
            }
            location
        })
        .collect();
    json!({
        "ruleId": diagnostic.code,
        "level": diagnostic.severity.name(),
        "message": { "text": text },
        "locations": [sarif_location(diagnostic.span, sources)],
        "relatedLocations": related,
    })
}

fn sarif_location(span: Span, sources: &Sources) -> Value {
    let (start, end) = (sources.start(span), sources.end(span));
    json!({
        "physicalLocation": {
            "artifactLocation": { "uri": sources.path(span) },
            "region": {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            },
        },
    })
}
