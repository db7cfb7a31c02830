//! The language's own page: every agreement on it parses and is formatted to a fixed point.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test says what it misses by failing")]

use std::path::PathBuf;

use klausel::source::{FileId, Sources};
use klausel::{diagnostic, formatter, parser};

fn language_page() -> Option<String> {
    let page = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/design/LANGUAGE.md");
    let text = std::fs::read_to_string(&page).ok();
    if text.is_none() {
        eprintln!("!!! NOT TESTED: {} is not here", page.display());
    }
    text
}

fn blocks(page: &str) -> Vec<String> {
    let parts = page.split("```sla\n").skip(1);
    parts.map(|part| part.split("```").next().unwrap().to_string()).collect()
}

fn load(text: &str) -> (Sources, FileId) {
    let mut sources = Sources::default();
    let file = sources.add("page.sla", text);
    (sources, file)
}

fn faults(sources: &Sources, file: FileId) -> Vec<String> {
    parser::parse(sources, file).diagnostics.iter().map(|found| diagnostic::headline(found, sources)).collect()
}

fn comments(text: &str) -> Vec<String> {
    let tokens = parser::tokens(text);
    tokens.iter().filter(|token| token.is_comment()).map(|token| text[token.start..token.end].to_string()).collect()
}

/// The tree without its places, as text.
fn shape(sources: &Sources, file: FileId) -> String {
    let tree = parser::parse(sources, file).tree;
    let text = format!("{:?}", tree.items);
    let mut shape = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("Span {") {
        shape.push_str(&rest[..at]);
        let after = &rest[at..];
        rest = &after[after.find('}').unwrap() + 1..];
    }
    shape + rest
}

#[test]
fn the_page_parses_and_is_formatted_to_a_fixed_point() {
    let Some(page) = language_page() else { return };
    let blocks = blocks(&page);
    assert!(blocks.len() >= 3);
    for block in blocks {
        let (sources, file) = load(&block);
        assert_eq!(faults(&sources, file), [""; 0]);
        let once = formatter::format(&sources, file).unwrap_or_else(|_| panic!("it parses"));
        let (again, formatted) = load(&once);
        assert_eq!(faults(&again, formatted), [""; 0], "{once}");
        assert_eq!(shape(&sources, file), shape(&again, formatted), "formatting keeps the tree");
        assert_eq!(comments(&block), comments(&once));
        let twice = formatter::format(&again, formatted).unwrap_or_else(|_| panic!("it parses"));
        assert_eq!(once, twice);
    }
}
