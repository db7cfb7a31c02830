//! GitHub's public incident archive against its agreement of 2020: downtime and credit of six features by quarter.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test says what it misses by failing")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use klausel::cli::{self, Exit};
use serde_json::Value;

/// Rows that rest on a fuller archive than the log: their credit agrees all the same.
const FULLER: [(&str, &str); 3] = [("2023-Q4", "pull_requests"), ("2024-Q1", "pull_requests"), ("2024-Q4", "pages")];

/// Quarter and feature.
type Row = (String, String);

fn beside(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared").join(name);
    if !path.exists() {
        eprintln!("!!! NOT TESTED: {} is not here", path.display());
        return None;
    }
    Some(path)
}

fn statement(outages: &str) -> Value {
    let agreement = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("rules/examples/public/github-ghec-2020.sla");
    let agreement = agreement.to_str().unwrap();
    let of_year_end = ["--as-of", "2025-01-01T00:00:00Z", "--format", "json"];
    let call = ["klausel", "replay", agreement, "--outages", outages].into_iter().chain(of_year_end);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = cli::run(call, &mut out, &mut err);
    assert_eq!(exit, Exit::Done, "{}", String::from_utf8_lossy(&err));
    serde_json::from_slice(&out).unwrap()
}

fn whole(value: &Value) -> i64 {
    value.as_str().unwrap().parse().unwrap()
}

/// Minutes down by row, and those of the quarter.
fn minutes(statement: &Value) -> BTreeMap<Row, (i64, i64)> {
    let mut found = BTreeMap::new();
    for figure in statement["periods"].as_array().unwrap() {
        if let Some(feature) = figure["clause"].as_str().unwrap().strip_prefix("promise ") {
            let agreed = whole(&figure["denominator"]);
            let down = agreed - whole(&figure["numerator"]);
            assert_eq!((down % 60_000, agreed % 60_000), (0, 0), "the log is told in minutes");
            let row = (figure["period"].as_str().unwrap().to_string(), feature.to_string());
            found.insert(row, (down / 60_000, agreed / 60_000));
        }
    }
    found
}

/// Credits by row, in cents.
fn credits(statement: &Value) -> BTreeMap<Row, i64> {
    let lines = statement["ledger"].as_array().unwrap().iter();
    let of_line = lines.map(|line| {
        let text = |key: &str| line[key].as_str().unwrap().to_string();
        ((text("period"), text("clause")), text("amount").replace('.', "").parse().unwrap())
    });
    of_line.collect()
}

/// What is paid for a feature in a quarter, in cents; the agreement says it.
fn fee(feature: &str) -> i64 {
    if feature == "pages" { 40_000 } else { 630_000 }
}

#[test]
fn uptime_and_credit_of_six_features_are_those_of_the_archive() {
    let Some(log) = beside("data/github_outages.jsonl") else { return };
    let Some(quarters) = beside("contracts/github_quarters.csv") else { return };
    let statement = statement(log.to_str().unwrap());
    let (minutes, credits) = (minutes(&statement), credits(&statement));
    let mut down_agrees = 0;
    let mut compared = 0;
    let mut with_credit = 0;
    for row in csv::Reader::from_path(quarters).unwrap().deserialize() {
        let theirs: BTreeMap<String, String> = row.unwrap();
        let quarter = theirs["quarter"].as_str();
        // The log begins on 24 March 2022, and ends with 2024.
        if !("2022-Q2"..="2024-Q4").contains(&quarter) {
            continue;
        }
        let feature = theirs["feature"].to_lowercase().replace(' ', "_");
        let key = (quarter.to_string(), feature.clone());
        let number = |column: &str| theirs[column].parse::<i64>().unwrap();
        let (down, agreed) = minutes[&key];
        let credit = credits.get(&key).copied().unwrap_or(0);
        assert_eq!(credit * 100, number("credit_pct") * fee(&feature), "credit of {feature} in {quarter}");
        assert_eq!(agreed, number("total_min"), "minutes of {quarter}");
        let agrees = down == number("downtime_min");
        assert_eq!(agrees, !FULLER.contains(&(quarter, &feature)), "{down} minutes of {feature} in {quarter}");
        compared += 1;
        down_agrees += u32::from(agrees);
        with_credit += u32::from(0 < credit);
    }
    eprintln!("{compared} feature-quarters, {down_agrees} with the same minutes down, {with_credit} with a credit");
    assert_eq!((compared, down_agrees), (66, 63));
    assert_eq!(credits.len(), with_credit as usize, "nothing is owed besides");
}
