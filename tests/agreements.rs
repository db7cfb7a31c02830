//! Published agreements: every file is sound, formatted, and gives the answers that their vectors give; tables as printed are
//! told with the figures that fall wrongly.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test says what it misses by failing"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use klausel::source::{FileError, Files, Sources};
use klausel::test_run::{self, Report};
use klausel::{checker, compiler, diagnostic, formatter, report, resolver};
use serde_json::Value;

/// Files by their paths from the project.
struct Project;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

impl Files for Project {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        let failed = |error: std::io::Error| FileError { path: path.to_string(), reason: error.to_string() };
        std::fs::read(root().join(path)).map_err(failed)
    }
}

/// The agreements in a folder, by their paths from the project, sorted.
fn agreements(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.extension().is_some_and(|ending| ending == "sla"));
    let names = files.map(|path| format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap()));
    let mut names: Vec<String> = names.collect();
    names.sort();
    assert!(!names.is_empty(), "{folder} holds no agreement");
    names
}

fn text(path: &str) -> String {
    String::from_utf8(Project.read(path).unwrap()).unwrap()
}

/// Runs every test of a file that checks without a word.
fn tests(path: &str) -> Vec<Report> {
    let checked = match checker::check(resolver::load(&Project, &[path.to_string()])) {
        Ok(checked) => checked,
        Err((resolved, found)) => {
            panic!("{}", report::diagnostic::drawn(&found, &resolved.sources))
        }
    };
    let sources = &checked.resolved().sources;
    let warnings = checked.warnings();
    assert!(warnings.is_empty(), "{}", report::diagnostic::drawn(warnings, sources));
    let plan = compiler::compile(&checked);
    let mut reports = Vec::new();
    for root in &checked.resolved().roots {
        for test in &root.scope.tests {
            let at = plan.agreements.iter().position(|agreement| agreement.name == test.agreement.value);
            reports.push(test_run::run(&plan, at.unwrap(), test, sources));
        }
    }
    reports
}

/// The vectors that an agreement's tests begin with, as in `"aws-s3-2023/v1: …"`, each having passed.
fn stated(folder: &str) -> BTreeSet<String> {
    let mut stated = BTreeSet::new();
    for path in agreements(folder) {
        let id = Path::new(&path).file_stem().unwrap().to_str().unwrap().to_string();
        for report in tests(&path) {
            let told: Vec<String> = report.failures.iter().map(|f| format!("{}: {} got {}", f.line, f.expected, f.got)).collect();
            assert!(told.is_empty(), "{path}, {}:\n{}", report.name, told.join("\n"));
            let vector = report.name.split(": ").next().unwrap();
            if vector.contains("/v") {
                assert_eq!(vector.split('/').next(), Some(id.as_str()), "{path} tests another agreement's vector");
                stated.insert(vector.to_string());
            }
        }
    }
    stated
}

/// How many vectors there are of each agreement, and all of them; none where they are not here, which is said loudly.
fn vectors(name: &str) -> Option<BTreeMap<String, Vec<String>>> {
    let path = root().join("../shared/contracts").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("!!! NOT TESTED: {} is not here", path.display());
        return None;
    };
    let mut vectors: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in text.lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| vector[key].as_str().unwrap().to_string();
        vectors.entry(text("contract")).or_default().push(text("id"));
    }
    Some(vectors)
}

/// Every vector is stated by a test, or named in the head of its agreement's file with what it needs.
fn compare(folder: &str, vectors: &BTreeMap<String, Vec<String>>, wanted: usize) {
    let stated = stated(folder);
    let known: BTreeSet<&String> = vectors.values().flatten().collect();
    let invented: Vec<&String> = stated.iter().filter(|vector| !known.contains(vector)).collect();
    assert!(invented.is_empty(), "there are no such vectors: {invented:?}");
    for path in agreements(folder) {
        let id = Path::new(&path).file_stem().unwrap().to_str().unwrap().to_string();
        let of_agreement = &vectors[&id];
        let open: Vec<&String> = of_agreement.iter().filter(|vector| !stated.contains(*vector)).collect();
        eprintln!("{id}: {} of {}, open {open:?}", of_agreement.len() - open.len(), of_agreement.len());
        let head = text(&path);
        let told = named(&head, &id);
        assert_eq!(open, told.iter().collect::<Vec<_>>(), "{path} names what it does not state");
    }
    assert_eq!(stated.len(), wanted, "vectors stated in {folder}");
}
