//! Texts spoiled at random: words dropped, doubled and swapped, lines lost, files cut off. Whatever is done, the text is
//! checked to the end.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what it misses by failing")]

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use klausel::report::diagnostic::drawn;
use klausel::source::{FileError, Files, Sources};
use klausel::{checker, compiler, formatter, resolver};
use proptest::prelude::*;

/// The spoiled file.
const AGREEMENT: &str = "a.sla";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// One text, with `std/…` beside it.
struct OneFile<'t>(&'t str);

impl Files for OneFile<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        if path == AGREEMENT {
            return Ok(self.0.as_bytes().to_vec());
        }
        let known = std::fs::read(root().join("rules").join(path));
        known.map_err(|_| FileError { path: path.to_string(), reason: "there is no such file".to_string() })
    }
}

/// What is found in a text: line, code, message and way out, drawn without a stumble.
fn found(text: &str) -> Vec<String> {
    let checked = checker::check(resolver::load(&OneFile(text), &[AGREEMENT.to_string()]));
    let (sources, found) = match &checked {
        Ok(checked) => (&checked.resolved().sources, checked.warnings()),
        Err((resolved, found)) => (&resolved.sources, found.as_slice()),
    };
    drawn(found, sources);
    let line = |found: &klausel::diagnostic::Diagnostic| {
        let help = found.help.as_deref().unwrap_or_default();
        format!("{} {}: {} ({help})", sources.start(found.span).line, found.code, found.message)
    };
    found.iter().map(line).collect()
}

#[test]
fn a_statement_may_break_off_at_any_letter() {
    let text = "agreement a { exclude tickets § 8.1 when größe is \"groß\" }";
    for (at, _) in text.char_indices().skip(1) {
        let told = found(&text[..at]);
        assert!(!told.is_empty(), "`{}` is told nothing about", &text[..at]);
    }
}

/// The `sla` blocks of a page; none where it is not here.
fn blocks(page: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(page).unwrap_or_default();
    text.split("```sla\n").skip(1).filter_map(|part| part.split("```").next()).map(str::to_string).collect()
}

/// Texts to spoil: those of the pages about findings, the bundled rules, and the language's own page.
fn texts() -> Vec<String> {
    let pages = std::fs::read_dir(root().join("tests/spec/errors")).unwrap();
    let mut pages: Vec<PathBuf> = pages.map(|page| page.unwrap().path()).collect();
    pages.sort();
    pages.push(root().join("../shared/design/LANGUAGE.md"));
    let mut texts: Vec<String> = pages.iter().flat_map(|page| blocks(page)).collect();
    for path in ["std/msp.sla", "examples/nordlicht/portfolio/hafenkontor.sla", "std/sources/servicenow.sla"] {
        texts.extend(std::fs::read_to_string(root().join("rules").join(path)));
    }
    assert!(texts.len() > 100, "the texts are not where this test looks for them");
    texts
}

thread_local! {
    static TEXTS: RefCell<Vec<String>> = RefCell::new(texts());
}

/// What is done to a text.
#[derive(Debug, Clone)]
enum Harm {
    DropToken,
    DoubleToken,
    DoubleLine,
    DropLine,
    Truncate,
    SwapTokens,
    Insert(String),
}

/// What is put between two words.
const PIECES: &[&str] =
    &["{", "}", "(", ")", "\"", "§", ",", "/*", "//", "and", "or", "9999999999999999999", "0%", "ü", "-", ".."];

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        3 => Just(Harm::DropToken),
        1 => Just(Harm::DoubleToken),
        1 => Just(Harm::DoubleLine),
        1 => Just(Harm::DropLine),
        1 => Just(Harm::Truncate),
        2 => Just(Harm::SwapTokens),
        3 => prop::sample::select(PIECES).prop_map(|piece| Harm::Insert(piece.to_string())),
    ]
}

/// A text with one harm done at a place.
fn harmed(text: &str, harm: &Harm, place: prop::sample::Index) -> String {
    let tokens = klausel::parser::tokens(text);
    if tokens.is_empty() {
        return text.to_string();
    }
    let at = place.index(tokens.len());
    let (start, end) = (tokens[at].start, tokens[at].end);
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at + 1);
    match harm {
        Harm::DropToken => format!("{}{}", &text[..start], &text[end..]),
        Harm::DoubleToken => format!("{} {}", &text[..end], &text[start..]),
        Harm::DoubleLine => format!("{}{}", &text[..line_end], &text[line_start..]),
        Harm::DropLine => format!("{}{}", &text[..line_start], &text[line_end..]),
        Harm::Truncate => text[..start].to_string(),
        Harm::SwapTokens => {
            let next = tokens[(at + 1).min(tokens.len() - 1)];
            let next_words = &text[next.start.max(end)..next.end.max(end)];
            format!("{}{next_words} {}{}", &text[..start], &text[start..end], &text[next.end.max(end)..])
        }
        Harm::Insert(piece) => format!("{} {piece} {}", &text[..start], &text[start..]),
    }
}

/// A thousand, or as many as `PROPTEST_CASES` says.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1_000)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is done to a text, it is checked to the end, each finding lies inside it, and what parses still
    /// formats to a fixed point; what has no errors compiles.
    #[test]
    fn check_never_panics(
        place in any::<prop::sample::Index>(),
        harms in prop::collection::vec((harm(), any::<prop::sample::Index>()), 1..4),
    ) {
        let start = TEXTS.with_borrow(|texts| texts[place.index(texts.len())].clone());
        let text = harms.iter().fold(start, |text, (harm, place)| harmed(&text, harm, *place));
        let checked = checker::check(resolver::load(&OneFile(&text), &[AGREEMENT.to_string()]));
        let (sources, found) = match &checked {
            Ok(checked) => (&checked.resolved().sources, checked.warnings()),
            Err((resolved, found)) => (&resolved.sources, found.as_slice()),
        };
        for found in found {
            let text = &sources.get(found.span.file).unwrap().text;
            prop_assert!(text.get(found.span.range()).is_some(), "{} lies outside of the text", found.code);
        }
        drawn(found, sources);
        if let Ok(checked) = &checked {
            compiler::compile(checked);
        }
        let mut sources = Sources::default();
        let file = sources.add(AGREEMENT, text.as_str());
        if let Ok(once) = formatter::format(&sources, file) {
            let file = sources.add(AGREEMENT, once.as_str());
            let twice = formatter::format(&sources, file);
            prop_assert_eq!(Ok(once), twice, "formatted again it changes:\n{}", text);
        }
    }
}
