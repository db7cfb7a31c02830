//! What the program says: sentences that name what was written, where it stands, and the way out.
#![expect(clippy::unwrap_used, reason = "a test says what it misses by failing")]

use std::fs;

use klausel::cli;
use tempfile::TempDir;

/// What a command said on both streams, in a folder of these files.
fn said(files: &[(&str, &str)], call: impl Fn(&str) -> Vec<String>) -> String {
    let folder: TempDir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let (mut out, mut err) = (anstream::StripStream::new(Vec::new()), anstream::StripStream::new(Vec::new()));
    let arguments = call(folder.path().to_str().unwrap());
    cli::run(std::iter::once("klausel".to_string()).chain(arguments), &mut out, &mut err);
    String::from_utf8([out.into_inner(), err.into_inner()].concat()).unwrap()
}

fn check(text: &str) -> String {
    said(&[("a.sla", text)], |folder| vec!["check".to_string(), format!("{folder}/a.sla")])
}

fn holds(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "no `{part}` in\n{said}");
    }
}

const OUTAGES: &str = r#"
source monitor {
    format csv
    one row per outage
    service column "service"
    from column "from"
    to column "to"
}
agreement a {
    outages from monitor
    availability of mail { promise 99.9% per month }
}
"#;

const DOWN: &str = "service,from,to\n\
    mail,2025-01-05T00:00:00Z,2025-01-05T11:35:00Z\n\
    mail,2025-02-05T00:00:00Z,2025-02-05T00:30:00Z\n\
    fax,2025-02-05T00:00:00Z,2025-02-05T00:30:00Z\n";

fn replay_outages(more: &[&str]) -> String {
    said(&[("a.sla", OUTAGES), ("down.csv", DOWN)], |folder| {
        let call =
            ["replay".to_string(), format!("{folder}/a.sla"), "--outages".to_string(), format!("{folder}/down.csv")];
        let as_of = ["--as-of", "2025-02-10T00:00:00Z"];
        call.into_iter().chain(as_of.iter().chain(more).map(ToString::to_string)).collect()
    })
}

#[test]
fn a_run_of_outages_tells_of_outages() {
    let said = replay_outages(&[]);
    holds(
        &said,
        &["Read 3 outages of 2 services\n", "  1 outage of fax, which no agreement names\n", "As of 2025-02-10"],
    );
    // 11h35m of 744h.
    holds(&said, &["Availability\n", "98.443100… %", "11h35m", "744h", "2025-02, not over"]);
    assert!(!said.contains("clock") && !said.contains("ticket"), "{said}");
    let json: serde_json::Value = serde_json::from_str(&replay_outages(&["--format", "json"])).unwrap();
    assert_eq!(json["input"]["outages"], 3);
    assert_eq!(json["input"]["outages_unmatched"], serde_json::json!([{ "service": "fax", "outages": 1 }]));
    assert_eq!(json["periods"][0]["value"], "8789/8928", "exact for programs");
}

const AGREEMENT: &str = r#"
source desk {
    format csv
    ticket column "id"
    at     column "at" in "Europe/Berlin"
    event  column "event" {
        "created" is created, "resolved" is resolved, "reopened" is reopened,
        "waiting" sets status waiting, "answered" sets status open
    }
}
agreement a {
    timezone "Europe/Berlin"
    currency EUR
    tickets from desk
    metric resolution {
        starts on created
        stops on resolved
        reopens on reopened within 5 days then resumes, otherwise new cycle
        pauses while status is waiting
    }
    tier all { resolution { any 4h } }
    escalate resolution {
        at 50% notify "lead"
    }
    round half up to 0.10 EUR
}
"#;

#[test]
fn rows_out_of_order_are_told_on_the_wall_clock_of_their_column() {
    let log = "id,at,event\n1,2025-03-07 10:00,created\n1,2025-03-07 09:00,resolved\n";
    let said = said(&[("a.sla", AGREEMENT), ("log.csv", log)], |folder| {
        ["replay", "a.sla", "--tickets", "log.csv"]
            .map(|word| if word.contains('.') { format!("{folder}/{word}") } else { word.to_string() })
            .to_vec()
    });
    holds(&said, &["from 2025-03-07 10:00 Europe/Berlin to 2025-03-07 09:00 Europe/Berlin"]);
}

#[test]
fn an_explanation_names_the_line_of_the_pause_and_of_the_step() {
    let log = "id,at,event\n1,2025-03-07 10:00,created\n1,2025-03-07 11:00,waiting\n\
               1,2025-03-07 12:00,answered\n1,2025-03-07 15:00,resolved\n";
    let said = said(&[("a.sla", AGREEMENT), ("log.csv", log)], |folder| {
        ["explain", "a.sla", "--tickets", "log.csv", "--ticket", "1"]
            .map(|word| if word.contains('.') { format!("{folder}/{word}") } else { word.to_string() })
            .to_vec()
    });
    let line = |words: &str| AGREEMENT.lines().position(|line| line.contains(words)).unwrap() + 1;
    holds(&said, &[&format!("a.sla:{}:9)", line("pauses while")), &format!("a.sla:{}:9)", line("at 50%"))]);
}

#[test]
fn a_plan_prints_readings_as_they_are_written() {
    let said = said(&[("a.sla", AGREEMENT)], |folder| vec!["plan".to_string(), format!("{folder}/a.sla")]);
    holds(&said, &["resumes within 5 days, otherwise new cycle", "half up to 0.10 EUR"]);
}

#[test]
fn a_witness_lies_in_the_row_it_speaks_of() {
    let table = |first: &str, second: &str| {
        check(&format!(
            "agreement a {{ currency EUR fee 1 EUR per month round down to 0.01 EUR\n\
             metric m {{ starts on created stops on resolved target 4h }}\n\
             penalty p {{ per month on attainment of m {first} credit 10% of fee {second} credit 5% of fee }} }}"
        ))
    };
    holds(&table("below 95%", "below 90%"), &["worse_pays_less", "at 87.5% less is owed"]);
    holds(&table("at most 95%", "at most 90%"), &["worse_pays_less", "at 90% less is owed"]);
    let said = check(
        "agreement a { currency EUR fee 1 EUR per month round down to 0.01 EUR\n\
         metric m { starts on created stops on resolved target 4h }\n\
         penalty p { per month on breaches of m above 3 credit 10% of fee above 6 credit 5% of fee } }",
    );
    holds(&said, &["at 7 less is owed"]);
}

#[test]
fn a_test_of_an_agreement_in_another_file_is_told_where_it_belongs() {
    let agreement = "agreement a { metric m { starts on created stops on resolved target 4h } }\ntemplate t { }\n";
    let test = "use \"a.sla\"\ntest \"x\" for a { ticket T1 { } }\ntest \"y\" for t { ticket T1 { } }\n";
    let said =
        said(&[("a.sla", agreement), ("b.sla", test)], |folder| vec!["check".to_string(), format!("{folder}/b.sla")]);
    holds(&said, &["`a` is declared in another file", "tests stand in the file of their agreement"]);
    holds(&said, &["`t` is a template, which is never run"]);
}

#[test]
fn priorities_that_nothing_ranks_are_told_how_to_be_ranked() {
    let said = check(
        "agreement a { field priority in (P1, P2)\n\
         metric m { starts on created stops on resolved }\ntier t { m { P1 4h } } }",
    );
    holds(&said, &["there is no priority `P1`: this agreement declares none", "`priority { P1, P2 }`"]);
}

#[test]
fn a_field_without_values_is_told_how_they_are_listed() {
    let said = check("agreement a {\n    field users\n    currency EUR\n}\n");
    holds(&said, &["`field users` does not say what values", "a.sla:2:5", "`field users in (low, high)`"]);
    holds(&said, &["belongs into a source", "`field users column"]);
}

#[test]
fn coverage_of_nothing_says_so() {
    let agreement = "agreement a { metric m { starts on created stops on resolved target 4h } }\n";
    let said = said(&[("a.sla", agreement)], |folder| {
        vec!["test".to_string(), "--coverage".to_string(), format!("{folder}/a.sla")]
    });
    holds(&said, &["coverage of a: there is nothing that a test could reach\n"]);
}
