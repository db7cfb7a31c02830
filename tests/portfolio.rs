//! Portfolios: every ticket is judged by each agreement that fits, at most one of each kind unless it stands beside another.
#![expect(clippy::unwrap_used, reason = "a test says what it misses by failing")]

use klausel::cli::{self, Exit};
use klausel::report;
use klausel::report::told::InputFigures;
use serde_json::Value;

const DESK: &str = r#"source desk {
    format csv
    ticket column "id"
    at column "at"
    event column "event"
    field customer column "customer"
    field line column "line"
}
"#;

fn agreement(name: &str, applies: &str, more: &str) -> String {
    format!(
        "use \"desk.sla\"\nagreement {name} {{\n{more}\ntickets from desk\n{applies}\n\
         metric resolution {{ starts on created stops on resolved }}\ntier all {{ resolution {{ any 4h }} }}\n}}\n"
    )
}

const LOG: &str = "id,at,event,customer,line\n\
    T1,2025-03-07T10:00:00Z,created,Acme,day\n\
    T2,2025-03-07T10:00:00Z,created,Acme,night\n\
    T3,2025-03-07T10:00:00Z,created,Other,day\n\
    T4,2024-03-07T10:00:00Z,created,Acme,day\n";

/// A replay of the log against these agreements, by file name, as JSON.
fn replay(agreements: &[(&str, String)]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir(folder.path().join("customers")).unwrap();
    write("customers/desk.sla", DESK);
    write("log.csv", LOG);
    for (name, text) in agreements {
        write(&format!("customers/{name}"), text);
    }
    let (portfolio, log) = (folder.path().join("customers"), folder.path().join("log.csv"));
    let call =
        ["klausel", "replay", portfolio.to_str().unwrap(), "--tickets", log.to_str().unwrap(), "--format", "json"];
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = cli::run(call, &mut out, &mut err);
    assert_eq!(exit, Exit::Done, "{}", String::from_utf8_lossy(&err));
    serde_json::from_slice(&out).unwrap()
}

/// Agreement names with how many tickets each judged.
fn judged(value: &Value) -> Vec<(String, u64)> {
    let agreements = value["agreements"].as_array().unwrap().iter();
    agreements.map(|one| (one["agreement"].as_str().unwrap().to_string(), one["tickets"].as_u64().unwrap())).collect()
}

fn counts(wanted: &[(&str, u64)]) -> Vec<(String, u64)> {
    wanted.iter().map(|(name, count)| ((*name).to_string(), *count)).collect()
}

const ACME: &str = "applies when customer is Acme";

#[test]
fn a_ticket_that_fits_no_agreement_is_reported() {
    let value = replay(&[("acme.sla", agreement("acme", ACME, "effective 2025-01-01..2025-12-31"))]);
    assert_eq!(judged(&value), counts(&[("acme", 2)]));
    assert_eq!(
        value["input"]["unmatched"],
        serde_json::json!(["T3", "T4"]),
        "another customer, and before `effective`"
    );
}

#[test]
fn of_two_that_fit_the_first_by_file_path_judges_and_the_other_is_named() {
    let first = ("a.sla", agreement("second_name", ACME, ""));
    let value = replay(&[("b.sla", agreement("first_name", "", "")), first]);
    assert_eq!(judged(&value), counts(&[("second_name", 3), ("first_name", 1)]));
    assert_eq!(value["input"]["matched_twice"], 3);
    let twice = &value["input"]["twice"][0];
    assert_eq!((twice["ticket"].as_str(), twice["also_fits"].as_str()), (Some("T1"), Some("first_name")));
}

#[test]
fn agreements_beside_each_other_both_judge() {
    let night = agreement("night", "applies when customer is Acme and line is night", "beside acme");
    let value = replay(&[("acme.sla", agreement("acme", ACME, "")), ("night.sla", night)]);
    assert_eq!(judged(&value), counts(&[("acme", 3), ("night", 1)]));
    assert_eq!(value["input"]["matched_twice"], 0);
}

#[test]
fn agreements_of_different_kinds_both_judge() {
    let inside = agreement("inside", "", "kind internal");
    let value = replay(&[("acme.sla", agreement("acme", ACME, "")), ("inside.sla", inside)]);
    assert_eq!(judged(&value), counts(&[("acme", 3), ("inside", 4)]));
    assert_eq!(value["input"]["unmatched_tickets"], 0);
}

#[test]
fn one_ticket_fits_and_two_fit() {
    let told = |unmatched: &[&str]| {
        let unmatched = unmatched.iter().map(ToString::to_string).collect();
        report::text::input(&InputFigures { unmatched, ..InputFigures::default() })
    };
    assert!(told(&["T1"]).contains("  1 ticket fits no agreement: T1\n"));
    assert!(told(&["T1", "T2"]).contains("  2 tickets fit no agreement: T1, T2\n"));
}
