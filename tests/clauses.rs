//! Amounts of a service: which units and prices fit, and which are refused rather than counted as something else.
#![expect(clippy::unwrap_used, reason = "a test says what it misses by failing")]

use klausel::cli::{self, Exit};

/// A clause on a service that is promised 99 %, and on attainment of a metric that is promised 95 %.
fn agreement(fee: &str, subject: &str, lines: &str) -> String {
    format!(
        "agreement a {{\n    effective 2024-01-01..2024-12-31\n    timezone \"UTC\"\n    {fee}\n    \
         availability of mail {{ promise 99% per month }}\n    \
         metric m {{ starts on created stops on resolved target 4h }}\n    \
         tier t {{ promise 95% of m per month }}\n    \
         penalty p {{\n        per month on {subject}\n        {lines}\n    }}\n    round half up to 0.01 EUR\n}}\n"
    )
}

fn said(command: &str, text: &str) -> (Exit, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sla");
    std::fs::write(&path, text).unwrap();
    let (mut out, mut err) = (Vec::new(), anstream::StripStream::new(Vec::new()));
    let exit = cli::run(["klausel", command, path.to_str().unwrap()], &mut out, &mut err);
    let err = String::from_utf8(err.into_inner()).unwrap();
    (exit, format!("{}{err}", String::from_utf8(out).unwrap()))
}

fn refuses(text: &str, code: &str) {
    let (exit, said) = said("check", text);
    assert_eq!(exit, Exit::No, "{text}\n{said}");
    assert!(said.contains(&format!("error[{code}]")), "{text}\n{said}");
}

/// Ten hours down in June are 98.61 %, 2.8 hours more than one per cent leaves.
fn owes(clause: &str, amount: &str) {
    let test = format!(
        "test \"t\" for a {{\n    given downtime of mail 10h in 2024-06\n    expect penalty p {amount} EUR in 2024-06\n}}\n"
    );
    let (exit, said) = said("test", &format!("{clause}{test}"));
    assert_eq!(exit, Exit::Done, "{clause}\n{said}");
}

const FEE: &str = "fee 720 EUR per month";
const MAIL: &str = "fee of mail 720 EUR per month";

#[test]
fn a_service_falls_short_by_a_share_and_by_a_time() {
    let clause = |unit: &str| agreement(FEE, "availability of mail", &format!("below 99% credit 1 EUR per {unit}"));
    owes(&clause("started hour short"), "3.00");
    owes(&clause("completed hour short"), "2.00");
    owes(&clause("pro rata hour short"), "2.80");
    owes(&clause("started hour short after 2h"), "1.00");
    owes(&clause("started 0.1% short"), "4.00");
    owes(&clause("started hour down"), "10.00");
}

#[test]
fn a_given_availability_has_its_downtime() {
    let lines = "below 99% credit sum of (1 EUR per started hour down, 100% of price of the downtime)";
    let clause = agreement(FEE, "availability of mail", lines);
    let test = "test \"t\" for a {\n    given availability of mail 98.75% in 2024-06\n    expect penalties 18.00 EUR in 2024-06\n}\n";
    let (exit, said) = said("test", &format!("{clause}{test}"));
    assert_eq!(exit, Exit::Done, "{said}");
}

#[test]
fn a_unit_that_a_figure_does_not_fall_short_by_is_refused() {
    let service = |unit: &str| agreement(FEE, "availability of mail", &format!("below 99% credit 1 EUR per {unit}"));
    refuses(&service("date short"), "unit_does_not_fit");
    refuses(&service("started 0.1% down"), "unit_does_not_fit");
    let share = agreement(FEE, "attainment of m", "below 95% credit 1 EUR per started 30m short");
    refuses(&share, "unit_does_not_fit");
}

#[test]
fn a_cap_s_price_is_that_of_the_service() {
    let lines = |cap: &str| format!("below 99% credit 50 times price of the downtime capped at {cap} per month");
    owes(&agreement(MAIL, "availability of mail", &lines("100% of price of 8h")), "8.00");
    owes(&agreement(FEE, "availability of mail", &lines("100% of price of 8h")), "8.00");
    let other = agreement("fee of web 720 EUR per month", "availability of mail", &lines("100 EUR"));
    refuses(&other, "percentage_of_nothing");
    let of_all = "round half up to 0.01 EUR\n    cap penalties at 100% of price of 8h per month";
    let all = agreement(MAIL, "availability of mail", "below 99% credit 1 EUR");
    refuses(&all.replace("round half up to 0.01 EUR", of_all), "percentage_of_nothing");
}

#[test]
fn the_plan_says_what_excluded_time_and_an_empty_period_count_as() {
    let read = |text: &str, question: &str| {
        let (exit, said) = said("plan", text);
        assert_eq!(exit, Exit::Done, "{said}");
        let row = said.lines().find(|line| line.trim_start().starts_with(question)).unwrap();
        row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).skip(2).map(str::to_string).collect::<Vec<_>>()
    };
    let silent = agreement("fee 1_000 EUR per month", "availability of mail", "below 99% credit 5% of fee");
    assert_eq!(read(&silent, "excluded time"), ["counts as up", "default"]);
    assert_eq!(read(&silent, "empty period"), ["no value", "default"]);
    let lines = "fee 1_000 EUR per month\n    empty counts as missed\n    excluded time shortens the agreed time";
    let said = agreement(lines, "availability of mail", "below 99% credit 5% of fee");
    assert_eq!(read(&said, "excluded time"), ["shortens the agreed time", "said"]);
    assert_eq!(read(&said, "empty period"), ["counts as missed", "said"]);
}
