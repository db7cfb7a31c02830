//! The README's commands do what it says, and print what it shows.
#![expect(clippy::unwrap_used, reason = "a test says what it misses by failing")]

use std::process::{Command, Output};

const README: &str = include_str!("../README.md");

/// Runs the program in a folder, with the project's `rules/` linked into it.
fn klausel(folder: &std::path::Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_klausel")).args(arguments).current_dir(folder).output().unwrap()
}

/// A folder with a copy of the rules, as a user has them in a checkout.
fn checkout() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    copy(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules"), &folder.path().join("rules"));
    folder
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// Lines of fenced blocks without a language that begin with `prefix`, without it.
fn commands(prefix: &str) -> Vec<String> {
    let lines = README.lines().filter_map(|line| line.strip_prefix(prefix));
    lines.map(str::to_string).collect()
}

#[test]
fn the_first_command_prints_the_statement_that_is_shown() {
    let first = commands("cargo run --release -- ").remove(0);
    let arguments: Vec<&str> = first.split(' ').collect();
    let said = klausel(checkout().path(), &arguments);
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let out = String::from_utf8(said.stdout).unwrap();
    let shown = README.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    let mut rest = out.as_str();
    for line in shown.lines().filter(|line| *line != "…") {
        let at = rest.find(&format!("{line}\n"));
        assert!(at.is_some(), "the README shows a line that is not printed, or in another order: {line}");
        rest = &rest[at.unwrap() + line.len()..];
    }
    assert!(shown.lines().count() > 15);
}

#[test]
fn the_commands_of_the_tour_run() {
    let folder = checkout();
    // Logs that only who has them can read are tested elsewhere.
    let elsewhere = |command: &String| ["servicenow", "github_outages"].iter().any(|log| command.contains(log));
    let tour = commands("klausel ").into_iter().filter(|command| !elsewhere(command));
    let mut ran = 0;
    for command in tour {
        let arguments: Vec<&str> = command.split(' ').collect();
        let said = klausel(folder.path(), &arguments);
        assert!(said.status.success(), "klausel {command}: {}", String::from_utf8_lossy(&said.stderr));
        // What is written to a file is not printed.
        assert!(command.starts_with("fmt") || command.contains("--out ") || !said.stdout.is_empty(), "{command}");
        ran += 1;
    }
    assert!(ran >= 7);
    assert!(folder.path().join("ledger.csv").exists());
}
