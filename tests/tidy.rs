//! The house rules that no compiler checks: floors, pages for diagnostics, links, words that have no place in a tree.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what it misses by failing")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files below `folder` with one of these endings, sorted.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries {
        let path = entry.expect("a readable folder").path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && name != ".git" {
                found.extend(files(&path, endings));
            }
        } else if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The modules of the library in reading order.
fn floors() -> Vec<String> {
    let text = read(&root().join("src/lib.rs"));
    let lines = text.lines().map(str::trim);
    lines
        .filter_map(|line| line.strip_prefix("pub mod ").or_else(|| line.strip_prefix("mod ")))
        .map(|name| name.trim_end_matches(';').to_string())
        .collect()
}

/// The top module of a source file: `src/engine/run.rs` is of `engine`.
fn module_of(path: &Path) -> String {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_string()
}

/// The top modules that a text names after `crate::`, one by one or in braces.
fn named_modules(text: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let words: Vec<&str> = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap().split(',').collect(),
            None => vec![rest],
        };
        for word in words {
            let name: String = word.trim().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            named.insert(name);
        }
    }
    named
}

/// Lines of code: comments and the tests at the end of a file left out.
fn code(text: &str) -> String {
    let before_tests = text.split("#[cfg(test)]").next().unwrap();
    let lines = before_tests.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_module_imports_only_modules_above_it() {
    let floors = floors();
    assert!(floors.len() > 10, "the library's modules are not where this test looks for them");
    let mut wrong = Vec::new();
    for path in files(&root().join("src"), &[".rs"]) {
        let module = module_of(&path);
        let Some(own) = floors.iter().position(|name| *name == module) else { continue };
        for named in named_modules(&code(&read(&path))) {
            match floors.iter().position(|name| *name == named) {
                Some(place) if own < place => wrong.push(format!("{} imports `{named}`", path.display())),
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "a module imports only modules above it in src/lib.rs:\n{}", wrong.join("\n"));
}

#[test]
fn only_the_edges_touch_files_environment_or_time() {
    let words = ["std::fs", "std::env", "SystemTime", "Utc::now", "Local::now", "std::process"];
    let mut wrong = Vec::new();
    for path in files(&root().join("src"), &[".rs"]) {
        if ["cli", "main"].contains(&module_of(&path).as_str()) {
            continue;
        }
        let text = code(&read(&path));
        wrong.extend(
            words.iter().filter(|word| text.contains(**word)).map(|word| format!("{} uses `{word}`", path.display())),
        );
    }
    assert!(wrong.is_empty(), "only `cli` touches files, the environment or the time of day:\n{}", wrong.join("\n"));
}

#[test]
fn the_time_wing_and_the_language_wing_do_not_know_each_other() {
    let wings = [
        (
            ["calendar", "clock"].as_slice(),
            ["ast", "parser", "formatter", "resolver", "checker", "compiler"].as_slice(),
        ),
        (["ast", "parser", "formatter", "resolver"].as_slice(), ["ticket", "clock", "outcome", "engine"].as_slice()),
    ];
    for path in files(&root().join("src"), &[".rs"]) {
        let module = module_of(&path);
        let named = named_modules(&code(&read(&path)));
        for (wing, others) in wings {
            if wing.contains(&module.as_str()) {
                let known: Vec<&&str> = others.iter().filter(|other| named.contains(**other)).collect();
                assert!(known.is_empty(), "{} knows {known:?}", path.display());
            }
        }
    }
}

#[test]
fn no_unfinished_work_is_left_in_the_tree() {
    let words = ["todo", "fixme", "xxx", "dbg!"].map(|word| [word.to_string(), word.to_uppercase()]);
    for path in files(&root().join("src"), &[".rs"]) {
        let text = read(&path);
        for word in words.iter().flatten() {
            let found = text.split(|c: char| !(c.is_alphanumeric() || c == '!')).any(|part| part == word);
            assert!(!found, "{} says `{word}`", path.display());
        }
    }
}

/// The sources without their tests and comments, white space folded.
fn sources() -> String {
    let texts = files(&root().join("src"), &[".rs"]).into_iter().map(|path| code(&read(&path)));
    texts.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Codes of diagnostics that the sources name: what stands first in a finding or in the fault of a row.
fn codes() -> BTreeSet<String> {
    let sources = sources();
    let mut found = BTreeSet::new();
    let openings = [
        "error( ",
        "error(",
        "warning( ",
        "warning(",
        "fault(line, ",
        "fault(row.line, ",
        "fault( row.line, ",
        "Err((",
        "code: ",
    ];
    for opening in openings {
        for (at, _) in sources.match_indices(opening) {
            let rest = &sources[at + opening.len()..];
            let literal = rest.strip_prefix('"').and_then(|rest| rest.split('"').next());
            let is_code = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '_') && word.len() > 3;
            found.extend(literal.filter(is_code).map(str::to_string));
        }
    }
    found
}

#[test]
fn every_diagnostic_has_a_page_and_every_page_a_diagnostic() {
    let codes = codes();
    assert!(codes.len() > 70, "the codes are not where this test looks for them: {codes:?}");
    let folder = root().join("tests/spec/errors");
    let missing: Vec<&String> = codes.iter().filter(|code| !folder.join(format!("{code}.md")).exists()).collect();
    assert!(missing.is_empty(), "tests/spec/errors has no page for {missing:?}");
    let sources = sources();
    for page in files(&folder, &[".md"]) {
        let code = page.file_stem().unwrap().to_str().unwrap();
        let is_told = code == "README" || sources.contains(&format!("\"{code}\""));
        assert!(is_told, "no source tells `{code}`, and it has a page");
    }
}

#[test]
fn every_link_in_a_page_leads_somewhere() {
    let mut broken = Vec::new();
    for path in files(&root(), &[".md"]) {
        for target in links(&read(&path)) {
            let target = target.split('#').next().unwrap().to_string();
            let outside = target.contains("://") || target.starts_with("mailto:");
            if !target.is_empty() && !outside && !path.parent().unwrap().join(&target).exists() {
                broken.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "broken links:\n{}", broken.join("\n"));
}

/// Targets of `[text](target)`, code blocks left out.
fn links(text: &str) -> Vec<String> {
    let mut inside_code = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            inside_code = !inside_code;
        }
        if inside_code {
            continue;
        }
        for (at, _) in line.match_indices("](") {
            let target = line[at + 2..].split(')').next().unwrap();
            found.push(target.to_string());
        }
    }
    found
}
