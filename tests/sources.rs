//! The sources of `rules/std/sources` with a small export each, as the vendor documents it: what comes of it, worked out by hand.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what it misses by failing")]

#[path = "common/program.rs"]
mod program;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use klausel::cli::Exit;

use program::klausel;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sources")
}

/// What a clock came to: ticket, metric, priority, status, minutes counted, minutes paused, when it breached (UTC).
type Outcome = [String; 7];

/// Replays an export by a source of the pack under `contract`, with some more statements in the agreement.
fn replayed(pack: &str, source: &str, file: &str, statements: &str) -> Vec<Outcome> {
    under("contract", pack, source, file, statements)
}

/// The same under a template of `contract.sla`.
fn under(template: &str, pack: &str, source: &str, file: &str, statements: &str) -> Vec<Outcome> {
    let folder = tempfile::tempdir().unwrap();
    let (agreement, out) = (folder.path().join("a.sla"), folder.path().join("outcomes.csv"));
    std::fs::copy(self::folder().join("contract.sla"), folder.path().join("contract.sla")).unwrap();
    let text = format!(
        "edition 2026\nuse \"contract.sla\"\nuse \"std/sources/{pack}.sla\"\n\
         agreement desk extends {template} {{\n    tickets from {source}\n{statements}\n}}\n"
    );
    std::fs::write(&agreement, text).unwrap();
    let log = self::folder().join(file);
    let call = ["replay", agreement.to_str().unwrap(), "--tickets", log.to_str().unwrap()];
    let (exit, said) =
        klausel(&[&call[..], &["--as-of", "2025-03-05T00:00:00Z", "--outcomes", out.to_str().unwrap()]].concat());
    assert_eq!(exit, Exit::Done, "{said}");
    let rows = csv::Reader::from_path(&out)
        .unwrap()
        .deserialize()
        .map(Result::unwrap)
        .collect::<Vec<HashMap<String, String>>>();
    let minutes =
        |row: &HashMap<String, String>, column: &str| (row[column].parse::<i64>().unwrap() / 60_000).to_string();
    let outcome = |row: &HashMap<String, String>| {
        let text = |column: &str| row[column].clone();
        [
            text("ticket"),
            text("metric"),
            text("priority"),
            text("status"),
            minutes(row, "elapsed_ms"),
            minutes(row, "paused_ms"),
            text("breached_at"),
        ]
    };
    rows.iter().map(outcome).collect()
}

#[test]
fn zendesk_metric_events() {
    let statements = "
        metric response { starts on created stops on first_response target 30m }
        override metric resolution {
            starts on created
            stops on resolved
            reopens on activated then resumes
            pauses while requester_wait is paused
            target 4h
        }";
    let came = under("flat", "zendesk", "zendesk_metric_events", "zendesk_metric_events.json", statements);
    // The first reply is 40 minutes after the creation, ten too late. The requester waits from 09:00 to 09:40 and from 12:00
    // to 15:30: 40 + 210 minutes, ten more than four hours, which are over at 15:20. Between, 140 minutes are paused.
    let expected = [
        ["155", "resolution", "", "breached", "250", "140", "2025-03-03T15:20:00Z"],
        ["155", "response", "", "breached", "40", "0", "2025-03-03T09:30:00Z"],
    ];
    assert_eq!(came, expected);
}

#[test]
fn zendesk_audits() {
    let statements = "
        metric response {
            starts on created
            stops on public_comment when author in (35436)
            target 30m
        }
        override metric resolution {
            starts on created
            stops on resolved
            pauses while status in (pending, hold)
        }";
    let came = replayed("zendesk", "zendesk_audits", "zendesk_audits.json", statements);
    // The description is a public comment of the requester, 7001; the agent 35436 answers after 20 minutes. From 09:00 to
    // 09:20 and from 11:20 to 19:50 are 20 + 510 minutes, 50 more than the eight hours of a P2, which are over at 19:00.
    let expected = [
        ["47", "resolution", "P2", "breached", "530", "120", "2025-03-03T19:00:00Z"],
        ["47", "response", "P2", "met", "20", "0", ""],
    ];
    assert_eq!(came, expected);
}

#[test]
fn jira_issues() {
    let statements = "
        override metric resolution {
            starts on created
            stops on resolved
            reopens on reopened then resumes
            retargets from start on priority change
        }";
    let came = replayed("jira", "jira_issues", "jira_issues.json", statements);
    // SP-5 is created at 08:00 UTC as a P4, and a P2 from 09:00 on: 08:00 to 11:00, then 17:00 to 20:30, are 6.5 of eight hours.
    // SP-6 has no history: it is a P1 from its creation on, and its four hours are over at 12:00. It runs until 5 March, 40 h.
    let expected = [
        ["SP-5", "resolution", "P2", "met", "390", "0", ""],
        ["SP-6", "resolution", "P1", "breached", "2400", "0", "2025-03-03T12:00:00Z"],
    ];
    assert_eq!(came, expected);
}

#[test]
fn jira_csv() {
    let came = replayed("jira", "jira_csv", "jira.csv", "");
    // A P3 has a day: 09:00 to 10:30 on the day after are 25.5 hours. The P4 has two days, and runs for 39 hours.
    let expected = [
        ["SP-7", "resolution", "P3", "breached", "1530", "0", "2025-03-04T09:00:00Z"],
        ["SP-8", "resolution", "P4", "running", "2340", "0", ""],
    ];
    assert_eq!(came, expected);
}

#[test]
fn servicenow_sys_audit() {
    let statements = "
        metric response { starts on created stops on work_started target 1h }
        override metric resolution {
            starts on created
            stops on resolved
            pauses while status is on_hold
        }";
    let came = replayed("servicenow", "servicenow_sys_audit", "servicenow_sys_audit.csv", statements);
    // Work starts after 30 minutes. From 09:00 to 11:00 and from 13:00 to 15:30 are 4.5 hours; the incident is a P1 from 10:00
    // on, whose four hours count from the start and are over at 15:00.
    let id = "9d385017c611228701d22104cc95c371";
    let expected = [
        [id, "resolution", "P1", "breached", "270", "120", "2025-03-03T15:00:00Z"],
        [id, "response", "P1", "met", "30", "0", ""],
    ];
    assert_eq!(came, expected);
}

#[test]
fn servicenow_task_sla() {
    let came = under("flat", "servicenow", "servicenow_task_sla", "servicenow_task_sla.csv", "");
    // 3.5 hours and 5.5 hours of four: what `has_breached` says, too.
    let expected = [
        ["4e7a1", "resolution", "", "met", "210", "0", ""],
        ["4e7a2", "resolution", "", "breached", "330", "0", "2025-03-03T13:00:00Z"],
    ];
    assert_eq!(came, expected);
}

#[test]
fn servicenow_incident() {
    let came = replayed("servicenow", "servicenow_incident", "servicenow_incident.csv", "");
    // A P1 has four hours and takes 3.5, a P2 has eight and takes nine.
    let expected = [
        ["INC0010001", "resolution", "P1", "met", "210", "0", ""],
        ["INC0010002", "resolution", "P2", "breached", "540", "0", "2025-03-03T17:00:00Z"],
    ];
    assert_eq!(came, expected);
}
