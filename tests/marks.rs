//! Places in the paper contract: a mark of a row, a cap, a pause, a rule, hours or a promise is kept and named.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what it misses by failing")]

use klausel::cli;
use serde_json::Value;

const AGREEMENT: &str = r#"
source desk {
    format csv
    ticket column "id"
    at column "at"
    event column "event"
    field kind column "kind"
    field status column "status"
    missing ""
}
calendar office { timezone "Europe/Berlin" mon-fri 08:00-16:00 }
agreement a {
    timezone "Europe/Berlin"
    currency EUR
    fee 1_000 EUR per month
    tickets from desk
    priority § 3 {
        P1 § 3.1 when kind is server
        P2 otherwise
    }
    metric m § 4 {
        starts on created
        stops on resolved
        pauses § 4.2 while status is waiting
    }
    tier t § 2 {
        hours § 2.5 office
        m § 2.6 { any 2h }
        promise § 2.7 95% of m per month
    }
    penalty attainment § 7.2 {
        per month on attainment of m
        § 7.2(a) below 95% credit 5% of fee
        below 20% credit 10% of fee
    }
    penalty late § 7.1 {
        for each breach of m
        credit 60 EUR
        capped § 7.1(b) at 50 EUR per ticket
    }
    round half up to 0.01 EUR
}
"#;

const LOG: &str = "\
id,at,event,kind,status
A,2025-03-03T09:00:00+01:00,created,server,
A,2025-03-03T10:00:00+01:00,asked,,waiting
A,2025-03-03T11:00:00+01:00,answered,,working
A,2025-03-03T15:30:00+01:00,resolved,,
B,2025-03-04T15:30:00+01:00,created,,
B,2025-03-05T08:30:00+01:00,resolved,,
";

fn klausel(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let (agreement, log) = (folder.path().join("a.sla"), folder.path().join("log.csv"));
    std::fs::write(&agreement, AGREEMENT).unwrap();
    std::fs::write(&log, LOG).unwrap();
    let mut call = vec!["klausel", arguments[0], agreement.to_str().unwrap()];
    if arguments[0] != "plan" {
        call.extend(["--tickets", log.to_str().unwrap(), "--as-of", "2025-04-02T00:00:00+02:00"]);
    }
    call.extend(&arguments[1..]);
    let (mut out, mut err) = (anstream::StripStream::new(Vec::new()), anstream::StripStream::new(Vec::new()));
    cli::run(call, &mut out, &mut err);
    let (out, err) = (String::from_utf8(out.into_inner()).unwrap(), String::from_utf8(err.into_inner()).unwrap());
    assert!(!err.contains("error"), "{err}");
    out
}

#[test]
fn a_ledger_line_names_its_row_where_the_row_has_a_mark() {
    let value: Value = serde_json::from_str(&klausel(&["replay", "--format", "json"])).unwrap();
    let lines = value["ledger"].as_array().unwrap();
    let told: Vec<(&str, &str)> =
        lines.iter().map(|line| (line["clause"].as_str().unwrap(), line["ref"].as_str().unwrap())).collect();
    assert_eq!(told, [("attainment", "§ 7.2(a)"), ("late", "§ 7.1")]);
    let because = lines[1]["because"].as_str().unwrap();
    assert_eq!(because, "60.00 EUR, capped § 7.1(b) at 50 EUR per ticket = 50.00 EUR");
    let promise = value["periods"].as_array().unwrap().iter().find(|figure| figure["clause"] == "promise t").unwrap();
    assert_eq!(promise["ref"], "§ 2.7");
}

#[test]
fn an_explanation_names_the_pause_the_rule_and_the_hours() {
    let a = klausel(&["explain", "--ticket", "A"]);
    assert!(a.contains("priority P1 (§ 3.1)"), "{a}");
    assert!(a.contains("pauses § 4.2 while status is waiting (§ 4.2)"), "{a}");
    let b = klausel(&["explain", "--ticket", "B"]);
    assert!(b.contains("priority P2 (§ 3)"), "{b}");
    assert!(b.contains("closed in `office` (§ 2.5)"), "{b}");
}

#[test]
fn a_plan_names_each_mark() {
    let plan = klausel(&["plan"]);
    for line in [
        "  P1 § 3.1 when kind is server\n",
        "  hours § 2.5 office\n",
        "  m: any 2h § 2.6\n",
        "  promise 95% of m per month § 2.7\n",
        "  § 7.2(a) below 95% credit 5% of fee\n",
        "  capped § 7.1(b) at 50 EUR per ticket\n",
    ] {
        assert!(plan.contains(line), "{line}{plan}");
    }
}
