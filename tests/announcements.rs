//! Maintenance that counts only if announced: by clocks, by availability, and in what is told of it.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test says what it misses by failing"
)]

use klausel::cli::{self, Exit};
use serde_json::{Value, json};

const AGREEMENT: &str = r#"
source desk {
    format csv
    ticket column "id"
    at column "at"
    event column "event"
}
source monitor {
    format csv
    one row per outage
    service column "service"
    from column "from"
    to column "to"
}
source notices {
    format csv
    one row per announcement
    service column "for" { "EXCHANGE" is mail, "LAB" ignored, otherwise kept }
    from column "from"
    to column "to"
    at column "sent"
}
agreement harbour {
    effective 2025-01-01..2025-12-31
    timezone "Europe/Berlin"
    tickets from desk
    outages from monitor
    announcements from notices
    metric fix { starts on created stops on fixed target 4h }
    metric watch { starts on created stops on fixed despite maintenance target 4h }
    availability of mail { promise 99% per month }
    availability of files { promise 99% per month }
    maintenance "patch window" § 4.5 {
        every week on sun 02:00-06:00
        count only if announced 2 days before
    }
    maintenance "move" { 2025-03-16 05:00..2025-03-16 09:00 }
}
"#;

const LOG: &str = "id,at,event\n\
    T1,2025-03-02T00:00:00Z,created\nT1,2025-03-02T09:00:00Z,fixed\n\
    T2,2025-03-09T00:00:00Z,created\nT2,2025-03-09T09:00:00Z,fixed\n\
    T3,2025-03-16T00:00:00Z,created\nT3,2025-03-16T09:00:00Z,fixed\n";

const DOWN: &str = "service,from,to\n\
    mail,2025-03-09T02:00:00Z,2025-03-09T06:00:00Z\n\
    files,2025-03-09T02:00:00Z,2025-03-09T06:00:00Z\n";

struct Ran {
    exit: Exit,
    out: Value,
    err: String,
}

/// A replay of `LOG` and `DOWN`; these announcements, where there is a file of them.
fn replay(agreement: &str, notices: Option<&str>, more: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_string()
    };
    let (agreement, log, down) = (file("a.sla", agreement), file("log.csv", LOG), file("down.csv", DOWN));
    let notices = notices.map(|text| file("notices.csv", &format!("for,from,to,sent\n{text}")));
    let call = ["klausel", "replay", &agreement, "--tickets", &log, "--outages", &down, "--format", "json"];
    let notices = notices.iter().flat_map(|path| ["--announcements", path]);
    let (mut out, mut err) = (Vec::new(), anstream::StripStream::new(Vec::new()));
    let exit = cli::run(call.into_iter().chain(notices).chain(more.iter().copied()), &mut out, &mut err);
    let out = serde_json::from_slice(&out).unwrap_or(Value::Null);
    Ran { exit, out, err: String::from_utf8(err.into_inner()).unwrap() }
}

/// Of each metric, how many clocks were met and breached.
fn met(ran: &Ran) -> Vec<String> {
    let metrics = ran.out["metrics"].as_array().unwrap_or_else(|| panic!("{}", ran.err));
    metrics
        .iter()
        .map(|row| format!("{} {} {}", row["metric"].as_str().unwrap(), row["met"], row["breached"]))
        .collect()
}

/// The availability of each service in March.
fn availability(ran: &Ran) -> Vec<String> {
    let periods = ran.out["periods"].as_array().unwrap().iter();
    let values = periods.filter(|figure| figure["period"] == "2025-03");
    values.map(|figure| format!("{} {}", figure["measure"].as_str().unwrap(), figure["value"])).collect()
}

#[test]
fn windows_announced_in_time_count_like_any_other() {
    let every_week = "\n    maintenance \"patch window\" § 4.5 {\n        every week on sun 02:00-06:00\n    }\n";
    let start = AGREEMENT.find("\n    maintenance \"patch").unwrap();
    let end = AGREEMENT.find("    maintenance \"move\"").unwrap();
    let plain = format!("{}{every_week}{}", &AGREEMENT[..start], &AGREEMENT[end..]);
    let all = ",2025-01-01T00:00:00Z,,2024-12-01T00:00:00Z\n";
    let (announced, plain) = (replay(AGREEMENT, Some(all), &[]), replay(&plain, None, &[]));
    for told in ["metrics", "periods", "as_of"] {
        assert_eq!(announced.out[told], plain.out[told], "{told}");
    }
    assert_eq!(met(&announced), ["fix 1 2", "watch 0 3"]);
    assert_eq!(announced.out["unannounced"], Value::Null);
}

#[test]
fn without_a_file_no_window_counts_that_must_be_announced() {
    let ran = replay(AGREEMENT, None, &[]);
    // The move counts all the same.
    assert_eq!(met(&ran), ["fix 0 3", "watch 0 3"]);
    let windows: Vec<&Value> = ran.out["unannounced"].as_array().unwrap().iter().collect();
    assert_eq!(windows.len(), 3);
    let first = json!({
        "maintenance": "maintenance \"patch window\" § 4.5", "ref": "§ 4.5",
        "from": "2025-03-02T01:00:00Z", "to": "2025-03-02T05:00:00Z",
        "because": "not announced", "counts_for": [],
    });
    assert_eq!(windows[0], &first);
}

#[test]
fn what_is_announced_for_one_service_excuses_that_service_alone() {
    let notices = "EXCHANGE,2025-03-09T01:00:00Z,2025-03-09T05:00:00Z,2025-03-01T00:00:00Z\n\
        LAB,2025-03-16T01:00:00Z,2025-03-16T05:00:00Z,2025-03-01T00:00:00Z\n\
        fax,2025-03-16T01:00:00Z,2025-03-16T05:00:00Z,2025-03-01T00:00:00Z\n";
    let as_of = ["--as-of", "2025-04-01T00:00:00Z"];
    let ran = replay(AGREEMENT, Some(notices), &as_of);
    // Of 743 hours four were down, of which three lie behind the window of mail.
    let expected = ["availability of mail \"742/743\"", "availability of files \"739/743\""];
    assert_eq!(availability(&ran), expected);
    assert_eq!(ran.out["unannounced"][1]["counts_for"], json!(["mail"]));
    assert_eq!(ran.out["input"]["announcements"], 2);
    assert_eq!(ran.out["input"]["announcements_unmatched"], json!([{ "service": "fax", "announcements": 1 }]));
    assert_eq!(met(&ran), met(&replay(AGREEMENT, None, &as_of)));
}

#[test]
fn what_is_announced_after_as_of_is_not_known() {
    let notice = ",2025-03-30T00:00:00Z,2025-03-30T12:00:00Z,2025-03-20T00:00:00Z\n";
    let words = |as_of: &str| {
        let ran = replay(AGREEMENT, Some(notice), &["--as-of", as_of]);
        ran.out["unannounced"].as_array().unwrap().len()
    };
    // The windows of the 2nd, 9th, 16th and 23rd; that of the 30th was announced.
    assert_eq!(words("2025-03-31T00:00:00Z"), 4);
    assert_eq!(words("2025-03-17T00:00:00Z"), 3);
}

#[test]
fn a_late_announcement_ends_the_run_or_is_left_out() {
    let late = ",2025-03-09T01:00:00Z,2025-03-09T05:00:00Z,2025-03-09T01:00:01Z\n";
    let ran = replay(AGREEMENT, Some(late), &[]);
    assert_eq!(ran.exit, Exit::Input);
    assert!(ran.err.contains("notices.csv, line 2, column `sent`: this was announced at"), "{}", ran.err);
    let ran = replay(AGREEMENT, Some(late), &["--on-bad-row", "skip"]);
    assert_eq!(ran.out["input"]["skipped"][0]["kind"], "announced_after_start");
    assert_eq!(ran.out["unannounced"].as_array().unwrap().len(), 3);
}
