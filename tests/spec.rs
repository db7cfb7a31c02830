//! The pages of findings: each mistake gives exactly the message shown, each mended text does not give it any more.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what it misses by failing")]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use klausel::cli;
use klausel::diagnostic::Diagnostic;
use klausel::source::{FileError, Files, Sources};
use klausel::{checker, report, resolver};

/// A fenced block of a page.
struct Block {
    kind: String,
    /// The byte of the page at which its text begins.
    start: usize,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut at = 0;
    while let Some(open) = page[at..].find("```") {
        let kind_from = at + open + 3;
        let start = kind_from + page[kind_from..].find('\n').unwrap() + 1;
        let end = start + page[start..].find("```").unwrap_or_else(|| panic!("a block that is never closed"));
        let kind = page[kind_from..start].trim().to_string();
        blocks.push(Block { kind, start, text: page[start..end].to_string() });
        at = end + 3;
    }
    blocks
}

/// The files of a block: `a.sla`, and those that begin at a line `// file: NAME`. `std/…` is there too.
struct Pages(BTreeMap<String, String>);

impl Pages {
    fn new(text: &str) -> Pages {
        let mut files = BTreeMap::new();
        let mut name = "a.sla".to_string();
        for line in text.lines() {
            match line.strip_prefix("// file: ") {
                Some(next) => name = next.to_string(),
                None => {
                    let file: &mut String = files.entry(name.clone()).or_default();
                    file.push_str(line);
                    file.push('\n');
                }
            }
        }
        Pages(files)
    }
}

impl Files for Pages {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        let text = self.0.get(path).map(|text| text.clone().into_bytes());
        text.ok_or_else(|| FileError { path: path.to_string(), reason: "there is no such file".to_string() })
    }
}

fn findings(text: &str) -> (Sources, Vec<Diagnostic>) {
    let resolved = resolver::load(&Pages::new(text), &["a.sla".to_string()]);
    match checker::check(resolved) {
        Ok(checked) => (checked.resolved().sources.clone(), checked.warnings().to_vec()),
        Err((resolved, found)) => (resolved.sources, found),
    }
}

fn plain(text: &str) -> String {
    let mut stripped = anstream::StripStream::new(Vec::new());
    stripped.write_all(text.as_bytes()).unwrap();
    String::from_utf8(stripped.into_inner()).unwrap()
}

/// The message of a page about an agreement.
fn drawn(text: &str) -> String {
    let (sources, found) = findings(text);
    format!("{}\n", plain(&report::diagnostic::drawn(&found, &sources)).trim_end())
}

/// The message of a page about rows.
fn row_message(text: &str, rows: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_string()
    };
    let (agreement, rows) = (file("a.sla", text), file("export.csv", rows));
    let mut err = anstream::StripStream::new(Vec::new());
    let log = file("log.csv", "id,at,event\nT1,2025-03-07T09:00:00Z,created\n");
    let facts = ["charges", "announcements"].map(|facts| (facts, format!("{facts} from")));
    let facts = facts.iter().find(|(_, words)| text.contains(words));
    let option = facts.map(|(facts, _)| format!("--{facts}"));
    let call = match &option {
        Some(option) => vec!["klausel", "replay", &agreement, "--tickets", &log, option, &rows],
        None => vec!["klausel", "replay", &agreement, "--tickets", &rows],
    };
    cli::run(call, &mut std::io::sink(), &mut err);
    let said = String::from_utf8(err.into_inner()).unwrap();
    said.replace(&format!("{}/", folder.path().display()), "").replace("klausel: ", "")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec/errors")
}

fn pages() -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<(String, PathBuf)> =
        entries.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_string(), path)).collect();
    pages.retain(|(code, _)| code != "README");
    pages.sort();
    pages
}

#[test]
fn every_page_shows_its_message_and_mends_its_mistake() {
    let bless = std::env::var_os("KLAUSEL_BLESS").is_some_and(|value| !value.is_empty());
    let mut wrong = Vec::new();
    let mut checked = 0;
    for (code, path) in pages() {
        let page = std::fs::read_to_string(&path).unwrap();
        let blocks = blocks(&page);
        let kinds: Vec<&str> = blocks.iter().map(|block| block.kind.as_str()).collect();
        let (got, shown, mended) = match (kinds.as_slice(), blocks.as_slice()) {
            (["sla", "text", "sla"], [bad, shown, good]) => {
                let (_, left) = findings(&good.text);
                (drawn(&bad.text), shown, left.iter().all(|found| found.code != code))
            }
            (["sla", "csv", "text", "csv"], [agreement, bad, shown, good]) => {
                let left = row_message(&agreement.text, &good.text);
                (row_message(&agreement.text, &bad.text), shown, left.is_empty())
            }
            (["text"] | [], _) => continue,
            (kinds, _) => panic!("{code}: a page has `sla text sla`, or `sla csv text csv`, not {kinds:?}"),
        };
        checked += 1;
        if !mended {
            wrong.push(format!("{code}: the mended text still gives it"));
        }
        if kinds.len() == 3 && !got.contains(&format!("[{code}]")) {
            wrong.push(format!("{code}: the mistake gives something else:\n{got}"));
        }
        if bless {
            let end = shown.start + shown.text.len();
            std::fs::write(&path, format!("{}{got}{}", &page[..shown.start], &page[end..])).unwrap();
        } else if shown.text != got {
            wrong.push(format!("{code}: the page shows\n{}\nthe program says\n{got}", shown.text));
        }
    }
    assert!(checked > 60, "the pages are not where this test looks for them");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn one_mistake_gives_one_finding() {
    let several: Vec<String> = pages()
        .into_iter()
        .filter_map(|(code, path)| {
            let page = std::fs::read_to_string(path).unwrap();
            let blocks = blocks(&page);
            let bad = blocks.first().filter(|_| blocks.len() == 3)?;
            let count = findings(&bad.text).1.len();
            (count != 1).then(|| format!("{code}: {count}"))
        })
        .collect();
    assert!(several.is_empty(), "pages whose mistake gives more than one finding, or none: {several:?}");
}
