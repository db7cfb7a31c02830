//! What several test files need: a text parsed, its faults, and its tree without places.

use klausel::source::{FileId, Sources};
use klausel::{diagnostic, formatter, parser};

pub fn load(text: &str) -> (Sources, FileId) {
    let mut sources = Sources::default();
    let file = sources.add("page.sla", text);
    (sources, file)
}

fn faults(sources: &Sources, file: FileId) -> Vec<String> {
    parser::parse(sources, file).diagnostics.iter().map(|found| diagnostic::headline(found, sources)).collect()
}

fn comments(text: &str) -> Vec<&str> {
    parser::tokens(text).iter().filter(|token| token.is_comment()).map(|token| &text[token.start..token.end]).collect()
}

/// The letters of a text in their order, without blanks, comments and the commas that end a map.
fn letters(text: &str) -> String {
    let tokens = parser::tokens(text);
    let words = tokens.iter().filter(|token| !token.is_comment()).map(|token| &text[token.start..token.end]);
    let joined: String = words.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect();
    joined.replace(",}", "}").replace(",)", ")")
}

/// The tree without its places, as text.
fn shape(sources: &Sources, file: FileId) -> String {
    let text = format!("{:?}", parser::parse(sources, file).tree.items);
    let mut parts = text.split("Span { file: FileId(");
    let mut shape = parts.next().unwrap_or("").to_string();
    for part in parts {
        shape.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
    }
    shape
}

/// Formats a text that must parse; what comes out has the same tree, comments and words, and is formatted to itself.
pub fn formatted(text: &str) -> String {
    let (sources, file) = load(text);
    assert_eq!(faults(&sources, file), [""; 0], "{text}");
    let once = formatter::format(&sources, file).unwrap_or_default();
    let (again, same) = load(&once);
    assert_eq!(faults(&again, same), [""; 0], "formatting breaks\n{text}\nwhich becomes\n{once}");
    assert_eq!(shape(&sources, file), shape(&again, same), "formatting changes the tree of\n{text}\ninto\n{once}");
    assert_eq!(comments(text), comments(&once), "{once}");
    assert_eq!(letters(text), letters(&once), "{once}");
    assert_eq!(formatter::format(&again, same).unwrap_or_default(), once, "formatting is no fixed point");
    once
}
