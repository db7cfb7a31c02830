//! Fees from charges: what a month was charged, by customer and service, and nothing of a later month.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what it misses by failing")]

use klausel::cli::{self, Exit};
use serde_json::Value;

const AGREEMENT: &str = r#"
source desk {
    format csv
    ticket column "id"
    at column "at"
    event column "event"
}
source billing {
    format jsonl
    one row per charge
    customer column "to.name"
    service column "item"
    period column "month"
    amount column "net"
}
agreement harbour {
    customer "Hafenkontor"
    effective 2025-01-15..2025-12-31
    timezone "Europe/Berlin"
    currency EUR
    fee from charges
    fee of mail from charges
    tickets from desk
    charges from billing
    metric fix { starts on created stops on fixed target 4h }
    penalty late {
        for each breach of fix
        credit 10% of fee
    }
    penalty all {
        per quarter on breaches of fix
        at least 1 credit 1% of all fees
    }
    cap penalties at 5% of fee per year
    round half up to 0.01 EUR
}
"#;

const ADDENDUM: &str = r#"
    amend from 2025-04-16 "Addendum 1" {
        override fee 3_000 EUR per month
    }
}
"#;

/// A breach in each of these months.
fn log(months: &[u32]) -> String {
    let rows = months.iter().map(|month| {
        format!("T{month},2025-{month:02}-20T10:00:00Z,created\nT{month},2025-{month:02}-20T16:00:00Z,fixed\n")
    });
    format!("id,at,event\n{}", rows.collect::<String>())
}

/// A row of charges, to `Hafenkontor` where no customer is named.
fn charge(item: &str, month: &str, net: &str) -> String {
    format!("{{\"to\": {{\"name\": \"Hafenkontor\"}}, \"item\": {item}, \"month\": \"{month}\", \"net\": {net}}}\n")
}

struct Ran {
    exit: Exit,
    out: Value,
    err: String,
}

fn replay(months: &[u32], charges: &str, more: &[&str]) -> Ran {
    replay_by(AGREEMENT, months, charges, more)
}

fn replay_by(agreement: &str, months: &[u32], charges: &str, more: &[&str]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_string()
    };
    let (agreement, log, charges) = (file("a.sla", agreement), file("log.csv", &log(months)), file("c.jsonl", charges));
    let (mut out, mut err) = (Vec::new(), anstream::StripStream::new(Vec::new()));
    let call = ["klausel", "replay", &agreement, "--tickets", &log, "--charges", &charges, "--format", "json"];
    let as_of = ["--as-of", "2026-01-10T00:00:00Z"];
    let exit = cli::run(call.iter().chain(&as_of).chain(more).copied(), &mut out, &mut err);
    let out = serde_json::from_slice(&out).unwrap_or(Value::Null);
    Ran { exit, out, err: String::from_utf8(err.into_inner()).unwrap() }
}

/// Period, clause, computed and settled amount of each line.
fn lines(ran: &Ran) -> Vec<String> {
    let ledger = ran.out["ledger"].as_array().unwrap();
    let text = |line: &Value, key: &str| line[key].as_str().unwrap().to_string();
    let told = ["period", "clause", "computed", "amount"];
    ledger.iter().map(|line| told.map(|key| text(line, key)).join(" ")).collect()
}

#[test]
fn a_month_owes_what_it_was_charged() {
    // January is charged for the days on which the agreement holds: nothing of it is cut off.
    let charges = [
        charge("null", "2025-01", "1700"),
        charge("null", "2025-Q2", "\"6000.00 EUR\""),
        charge("\"mail\"", "2025", "1200"),
    ];
    let amended = AGREEMENT.trim_end().trim_end_matches('}').to_string() + ADDENDUM;
    let ran = replay_by(&amended, &[1, 4, 5], &charges.concat(), &[]);
    assert_eq!(ran.exit, Exit::Done, "{}", ran.err);
    let expected = [
        "2025-01 late 170 170.00",
        // 1 % of 1 700, and of three twelfths of what mail is charged for the year.
        "2025-Q1 all 20 20.00",
        // Half of April goes by its charge of 2 000, half by the fee of the addendum.
        "2025-04 late 250 250.00",
        "2025-05 late 300 300.00",
        "2025-Q2 all 88 88.00",
    ];
    assert_eq!(lines(&ran), expected);
}

#[test]
fn charges_of_later_months_change_no_earlier_line() {
    let first = [charge("null", "2025-01", "1700"), charge("null", "2025-02", "1000")].concat();
    let later = [charge("null", "2025-03", "90000"), charge("\"mail\"", "2025-03", "500")].concat();
    let more = format!("{first}{later}");
    let (before, after) = (lines(&replay(&[1, 2, 3], &first, &[])), lines(&replay(&[1, 2, 3], &more, &[])));
    let early = |lines: &[String]| {
        lines
            .iter()
            .filter(|line| line.starts_with("2025-01") || line.starts_with("2025-02"))
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(early(&before), early(&after));
    // 5 % of what the year was charged so far: of 1 700, then of 2 700.
    assert_eq!(early(&before), ["2025-01 late 170 85.00", "2025-02 late 100 50.00"]);
    assert_ne!(before, after);
}

#[test]
fn what_no_agreement_takes_is_counted() {
    let other = charge("null", "2025-01", "900").replace("Hafenkontor", "Speditionskontor");
    let charges =
        [charge("null", "2025-01", "1700"), charge("null", "2025-01", "300"), charge("\"fax\"", "2025-01", "5"), other];
    let ran = replay(&[1], &charges.concat(), &[]);
    let expected = serde_json::json!({
        "read": 4,
        "other_customers": [{ "customer": "Speditionskontor", "charges": 1 }],
        "other_services": [{ "service": "fax", "charges": 1 }],
        "added_up": [{ "period": "2025-01", "service": null, "charges": 2 }],
    });
    assert_eq!(ran.out["input"]["charges"], expected);
    assert_eq!(ran.out["uncharged"][0], serde_json::json!({ "period": "2025-01", "service": "mail" }));
    assert!(lines(&ran).iter().any(|line| line.starts_with("2025-01 late 200 ")), "{:?}", lines(&ran));
}

#[test]
fn a_charge_in_another_currency_ends_the_run_or_is_left_out() {
    let charges = [charge("null", "2025-01", "\"1700 CHF\""), charge("null", "2025-01", "1700")].concat();
    let ran = replay(&[1], &charges, &[]);
    assert_eq!(ran.exit, Exit::Input);
    assert!(ran.err.contains("c.jsonl, line 1, column `net`: this charge is in CHF"), "{}", ran.err);
    let ran = replay(&[1], &charges, &["--on-bad-row", "skip"]);
    assert_eq!(ran.out["input"]["skipped"][0]["kind"], "charge_in_other_currency");
    assert_eq!(ran.out["input"]["charges"]["read"], 1);
}
