//! Where results go: files take names, pipes and devices are written straight, `-` is standard output.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test says what it misses by failing")]

use std::fs;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::Path;
use std::process::Command;
use std::thread::JoinHandle;

use klausel::cli::{self, Exit};
use tempfile::TempDir;

const AGREEMENT: &str = r#"
source desk {
    format csv
    ticket column "id"
    at     column "at"
    event  column "event" { "new" is created, "done" is resolved }
}

agreement a {
    tickets from desk
    metric resolution { starts on created  stops on resolved }
    tier all { resolution { any 4h } }
}

test "in time" for a {
    ticket T1 {}
    2025-03-07 10:00 created
    2025-03-07 11:00 resolved
    expect resolution met after 1h
}
"#;

const LOG: &str = "id,at,event\nT1,2025-03-07T10:00:00Z,new\nT1,2025-03-07T18:00:00Z,done\n";

/// What a command said on standard output and on the error stream.
fn klausel(arguments: &[&str]) -> (Exit, String, String) {
    let (mut out, mut err) = (anstream::StripStream::new(Vec::new()), anstream::StripStream::new(Vec::new()));
    let exit = cli::run(std::iter::once(&"klausel").chain(arguments), &mut out, &mut err);
    (exit, String::from_utf8(out.into_inner()).unwrap(), String::from_utf8(err.into_inner()).unwrap())
}

fn desk() -> (TempDir, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let (agreement, log) = (path("a.sla"), path("log.csv"));
    fs::write(&agreement, AGREEMENT).unwrap();
    fs::write(&log, LOG).unwrap();
    (folder, agreement, log)
}

/// A pipe with a name, and whoever reads from it.
fn pipe(path: &Path) -> JoinHandle<String> {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    let path = path.to_path_buf();
    std::thread::spawn(move || fs::read_to_string(path).unwrap())
}

#[test]
fn a_pipe_is_written_and_stays_a_pipe() {
    let (folder, agreement, log) = desk();
    let path = folder.path().join("outcomes");
    let reader = pipe(&path);
    let (exit, _, err) = klausel(&["replay", &agreement, "--tickets", &log, "--outcomes", path.to_str().unwrap()]);
    assert_eq!(exit, Exit::Done, "{err}");
    assert!(reader.join().unwrap().contains("\nT1,a,"));
    assert!(fs::metadata(&path).unwrap().file_type().is_fifo());
}

#[test]
fn a_link_to_a_pipe_leads_to_it_and_stays_a_link() {
    let (folder, agreement, _) = desk();
    let (path, link) = (folder.path().join("junit"), folder.path().join("link.xml"));
    let reader = pipe(&path);
    symlink(&path, &link).unwrap();
    let (exit, out, err) = klausel(&["test", &agreement, "--junit", link.to_str().unwrap()]);
    assert_eq!(exit, Exit::Done, "{err}");
    assert!(out.contains("1 passed"), "{out}");
    assert!(reader.join().unwrap().starts_with("<?xml"));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::metadata(&path).unwrap().file_type().is_fifo());
}

#[test]
fn a_link_to_a_file_stays_and_the_file_is_replaced() {
    let (folder, agreement, log) = desk();
    let (path, link) = (folder.path().join("kept.csv"), folder.path().join("link.csv"));
    fs::write(&path, "old").unwrap();
    symlink(&path, &link).unwrap();
    let (exit, _, err) = klausel(&["replay", &agreement, "--tickets", &log, "--outcomes", link.to_str().unwrap()]);
    assert_eq!(exit, Exit::Done, "{err}");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&path).unwrap().starts_with("ticket,agreement,"));
}

#[test]
fn a_hyphen_is_standard_output_and_what_else_is_said_goes_to_the_error_stream() {
    let (_folder, agreement, log) = desk();
    for (option, head) in [("--outcomes", "ticket,"), ("--ledger", "agreement,"), ("--escalations", "ticket,")] {
        let (exit, out, err) = klausel(&["replay", &agreement, "--tickets", &log, option, "-"]);
        assert_eq!(exit, Exit::Done, "{err}");
        assert!(out.starts_with(head) && !out.contains("Read 1 ticket"), "{option}: {out}");
        assert!(err.contains("Read 1 ticket, 2 rows"), "{err}");
    }
    let (_, out, err) = klausel(&["test", &agreement, "--junit", "-"]);
    assert!(out.starts_with("<?xml") && out.trim_end().ends_with("</testsuites>"), "{out}");
    assert!(err.contains("1 passed"), "{err}");
}

#[test]
fn two_results_cannot_both_have_standard_output() {
    let (_folder, agreement, log) = desk();
    let (exit, out, err) = klausel(&["replay", &agreement, "--tickets", &log, "--outcomes", "-", "--ledger", "-"]);
    assert_eq!((exit, out.as_str()), (Exit::Call, ""));
    assert!(err.contains("only one result can go to standard output"), "{err}");
}
