//! Published agreements: every file is sound, formatted, and gives the answers that its vectors give; what it does not state it
//! names. Tables as printed are told with the figures that fall wrongly.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test says what it misses by failing")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use klausel::cli::{self, Exit};
use serde_json::Value;

/// Agreements whose vectors are shown as examples, and those that measure how far the language goes.
const PUBLIC: &str = "rules/examples/public";
const MEASURED: &str = "tests/agreements";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The agreements in a folder, sorted.
fn agreements(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "sla")).collect();
    files.sort();
    assert!(!files.is_empty(), "{folder} holds no agreement");
    files
}

/// The id of the agreement that a file states.
fn id(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_string()
}

/// What a command says of a file on its two ways out.
fn said(command: &[&str], path: &Path) -> (Exit, String, String) {
    let (mut out, mut err) = (Vec::new(), anstream::StripStream::new(Vec::new()));
    let call = ["klausel"].iter().chain(command).copied().chain([path.to_str().unwrap()]);
    let exit = cli::run(call, &mut out, &mut err);
    (exit, String::from_utf8(out).unwrap(), String::from_utf8(err.into_inner()).unwrap())
}

/// The vectors that the tests of a sound, formatted file begin with, each having passed: `"aws-s3-2023/v1: …"`.
fn stated_by(path: &Path) -> BTreeSet<String> {
    for command in [&["fmt", "--check"][..], &["check"], &["test"]] {
        let (exit, out, err) = said(command, path);
        assert_eq!((exit, err.as_str()), (Exit::Done, ""), "{command:?} {}:\n{out}", path.display());
    }
    let (_, out, _) = said(&["test"], path);
    let sentences = out.lines().filter_map(|line| line.strip_prefix("ok ")?.split_once(": "));
    let vectors = sentences.filter_map(|(_, sentence)| sentence.split_once(": ")).map(|(vector, _)| vector.to_string());
    vectors.filter(|vector| vector.contains("/v")).collect()
}

/// The vectors that the head of a file names as not stated, each on a line of its own: `//   aws-compute-2022/v6: …`.
fn named_by(path: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let head =
        text.lines().skip(2).take_while(|line| line.starts_with("//") || line.starts_with("use") || line.is_empty());
    let entries = head.filter_map(|line| line.strip_prefix("//   ")?.split_once(": "));
    entries.map(|(vector, _)| vector.to_string()).filter(|vector| vector.contains("/v")).collect()
}

/// The vectors of each agreement; none where they are not here, which is said loudly.
fn vectors(name: &str) -> Option<BTreeMap<String, BTreeSet<String>>> {
    let path = root().join("../shared/contracts").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("!!! NOT TESTED: {} is not here", path.display());
        return None;
    };
    let mut vectors: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in text.lines() {
        let vector: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| vector.get(key).unwrap().as_str().unwrap().to_string();
        vectors.entry(text("contract")).or_default().insert(text("id"));
    }
    Some(vectors)
}

/// Holds each file of a folder against the vectors of its agreement; tells how many are stated.
fn states(folder: &str, vectors: Option<&BTreeMap<String, BTreeSet<String>>>) -> usize {
    let mut count = 0;
    for path in agreements(folder) {
        let (id, stated, named) = (id(&path), stated_by(&path), named_by(&path));
        eprintln!("{id}: {} stated, not stated {named:?}", stated.len());
        count += stated.len();
        let Some(vectors) = vectors else { continue };
        let told: BTreeSet<String> = stated.union(&named).cloned().collect();
        assert_eq!(Some(&told), vectors.get(&id), "{id}: vectors stated, and those named as not stated");
        assert!(stated.is_disjoint(&named), "{id}: {named:?} are stated after all");
    }
    count
}

#[test]
fn the_public_agreements_give_their_answers() {
    assert_eq!(states(PUBLIC, vectors("vectors_public.jsonl").as_ref()), 30);
}

#[test]
fn the_measured_agreements_give_their_answers() {
    assert_eq!(states(MEASURED, vectors("vectors_dev.jsonl").as_ref()), 204);
}

/// `| [upcloud](upcloud.sla) | hosting availability | 3 of 4 | … |`, and a row without a link where there is no file yet.
#[test]
fn the_table_says_what_the_files_state() {
    let page = std::fs::read_to_string(root().join(MEASURED).join("README.md")).unwrap();
    let rows: BTreeMap<String, String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| "))
        .filter_map(|line| line.split_once(" | "))
        .map(|(first, rest)| (first.to_string(), rest.to_string()))
        .collect();
    for path in agreements(MEASURED) {
        let (id, stated, named) = (id(&path), stated_by(&path).len(), named_by(&path).len());
        let row = rows.get(&format!("[{id}]({id}.sla)"));
        let counts = format!("| {stated} of {} |", stated + named);
        assert!(row.is_some_and(|row| row.contains(&counts)), "the table does not say of {id}: {counts}");
    }
    let Some(vectors) = vectors("vectors_dev.jsonl") else { return };
    let ids = rows.keys().map(|first| first.trim_start_matches('[').split(']').next().unwrap().to_string());
    let told: BTreeSet<String> = ids.filter(|id| vectors.contains_key(id)).collect();
    assert_eq!(told, vectors.into_keys().collect::<BTreeSet<_>>(), "the table has a row for each agreement");
}

/// credits-rewards/v3: one default of 3 % of 1 000 USD, and no request.
#[test]
fn what_nobody_requests_is_not_granted() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_string()
    };
    let log = file("log.csv", "ticket,at,event\nT1,2024-05-06T10:00:00Z,created\nT1,2024-05-06T15:00:00Z,resolved\n");
    let none = file("none.csv", "clause,at,ticket\n");
    let one = file("one.csv", "clause,at,ticket\nservice,2024-05-09T09:00:00Z,T1\n");
    let agreement = root().join(MEASURED).join("credits-rewards.sla");
    let credit = |claims: &str| {
        let call =
            ["replay", "--tickets", &log, "--claims", claims, "--as-of", "2024-06-01T00:00:00Z", "--format", "json"];
        let (exit, out, err) = said(&call, &agreement);
        assert_eq!(exit, Exit::Done, "{err}");
        let statement: Value = serde_json::from_str(&out).unwrap();
        statement["totals"]["penalties"].as_str().unwrap().to_string()
    };
    assert_eq!((credit(&none), credit(&one)), ("0.00".to_string(), "30.00".to_string()));
}

/// A file in `printed` says in its head what `check` finds: `// finds hole_between_bands: 99% lies in none`.
#[test]
fn tables_as_printed_are_told_with_the_figures_that_fall_wrongly() {
    for path in agreements("tests/agreements/printed") {
        let text = std::fs::read_to_string(&path).unwrap();
        let wanted: BTreeSet<&str> = text.lines().filter_map(|line| line.strip_prefix("// finds ")).collect();
        let (exit, _, err) = said(&["check"], &path);
        let (mut found, mut code) = (BTreeSet::new(), String::new());
        for line in err.lines() {
            if let Some((found_code, _)) = line.strip_prefix("warning[").and_then(|line| line.split_once(']')) {
                code = found_code.to_string();
            } else if let Some(witness) = line.trim_start().strip_prefix("= for example: ") {
                found.insert(format!("{code}: {witness}"));
            }
        }
        assert_eq!(exit, Exit::Done);
        assert_eq!(found.iter().map(String::as_str).collect::<BTreeSet<_>>(), wanted, "{}", path.display());
    }
}
