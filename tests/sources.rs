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

#[test]
fn zammad_history() {
    let statements = "
        metric response { starts on created stops on opened target 1h }
        override metric resolution {
            starts on created
            stops on resolved
            pauses while status is \"pending reminder\"
        }";
    let came = replayed("zammad", "zammad_history", "zammad_history.json", statements);
    // A P2 until 10:00, a P1 from there. 09:00 to 11:00 and 13:00 to 15:30 are 4.5 hours: the four are over at 15:00.
    let expected = [
        ["123", "resolution", "P1", "breached", "270", "120", "2025-03-03T15:00:00Z"],
        ["123", "response", "P1", "met", "30", "0", ""],
    ];
    assert_eq!(came, expected);
}

#[test]
fn glpi_logs() {
    let statements = "
        override metric resolution {
            starts on created
            stops on resolved
            pauses while status is waiting
        }";
    let came = replayed("glpi", "glpi_logs", "glpi_logs.csv", statements);
    // 09:00 to 11:00 and 12:00 to 13:30 are 3.5 hours of the four of a P1.
    assert_eq!(came, [["31", "resolution", "P1", "met", "210", "60", ""]]);
}

#[test]
fn znuny_history() {
    let statements = "
        override metric resolution {
            starts on created
            stops on resolved
            pauses while status is pending
        }";
    let came = replayed("otrs", "znuny_history", "znuny_history.json", statements);
    // 09:00 to 10:00 and 12:00 to 14:30 are 3.5 hours of the four of a P1.
    assert_eq!(came, [["32", "resolution", "P1", "met", "210", "120", ""]]);
}

#[test]
fn freshdesk() {
    let statements = "        metric response { starts on created stops on first_response target 30m }";
    let came = replayed("freshdesk", "freshdesk_api", "freshdesk_api.json", statements);
    // 4.5 hours of four; the answer takes 45 minutes of 30. Ticket 21 waits for both, 39 hours of the two days of a P4.
    let expected = [
        ["20", "resolution", "P1", "breached", "270", "0", "2025-03-03T13:00:00Z"],
        ["20", "response", "P1", "breached", "45", "0", "2025-03-03T09:30:00Z"],
        ["21", "resolution", "P4", "running", "2340", "0", ""],
        ["21", "response", "P4", "breached", "2340", "0", "2025-03-03T09:30:00Z"],
    ];
    assert_eq!(came, expected);
    let came = replayed("freshdesk", "freshdesk_csv", "freshdesk.csv", statements);
    // Nine hours of the eight of a P2.
    let expected = [
        ["22", "resolution", "P2", "breached", "540", "0", "2025-03-03T17:00:00Z"],
        ["22", "response", "P2", "breached", "45", "0", "2025-03-03T09:30:00Z"],
    ];
    assert_eq!(came, expected);
}

#[test]
fn hubspot_tickets() {
    let came = replayed("hubspot", "hubspot_tickets", "hubspot.csv", "");
    // Nine hours of the eight of a P2. A ticket without a priority has no target, and no clock.
    assert_eq!(came, [["176602", "resolution", "P2", "breached", "540", "0", "2025-03-03T17:00:00Z"]]);
}

#[test]
fn event_log() {
    let statements = "
        override metric resolution {
            starts on created
            stops on resolved
            pauses while status is waiting
        }";
    let came = replayed("event_log", "event_log", "event_log.csv", statements);
    // 09:00 to 10:00 and 12:00 to 15:30 are 4.5 hours: the four are over at 15:00.
    assert_eq!(came, [["T1", "resolution", "P1", "breached", "270", "120", "2025-03-03T15:00:00Z"]]);
}

/// The availability of `mail` over March 2025, as up and agreed milliseconds.
fn up(source: &str, file: &str) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let agreement = folder.path().join("a.sla");
    let text = format!(
        "edition 2026\nuse \"std/sources/outages.sla\"\nagreement desk {{\n    timezone \"UTC\"\n    outages from {source}\n    \
         availability of mail {{ promise 99.9% per month }}\n}}\n"
    );
    std::fs::write(&agreement, text).unwrap();
    let log = self::folder().join(file);
    let call = ["replay", agreement.to_str().unwrap(), "--outages", log.to_str().unwrap()];
    let (exit, said) = klausel(&[&call[..], &["--as-of", "2025-04-01T00:00:00Z", "--format", "json"]].concat());
    assert_eq!(exit, Exit::Done, "{said}");
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let figure = said["periods"].as_array().unwrap().iter().find(|figure| figure["period"] == "2025-03").unwrap();
    let text = |key: &str| figure[key].as_str().unwrap().to_string();
    (text("numerator"), text("denominator"))
}

#[test]
fn pagerduty_and_statuspage_incidents() {
    // March has 744 hours. PagerDuty: 8 min 24 s and an hour down. Statuspage: 72 minutes; a notice without components is none.
    let march = 744 * 3_600_000_i64;
    let left = |down: i64| ((march - down).to_string(), march.to_string());
    assert_eq!(up("pagerduty_incidents", "pagerduty_incidents.json"), left(8 * 60_000 + 24_000 + 3_600_000));
    assert_eq!(up("statuspage_incidents", "statuspage_incidents.json"), left(72 * 60_000));
}

#[test]
fn a_source_that_is_not_there_is_told_with_those_that_are_each_once() {
    let agreement = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/examples/servicenow/incidents.sla");
    let agreement = agreement.to_str().unwrap();
    let (exit, said) = klausel(&["import", "check", "--source", "servicenow", "--tickets", "none.csv", agreement]);
    assert_eq!(exit, Exit::Call, "{said}");
    assert_eq!(said.matches("servicenow_audit").count(), 1, "{said}");
    assert_eq!(said.matches("zendesk_audits").count(), 1, "{said}");
}
