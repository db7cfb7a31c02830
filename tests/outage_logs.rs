//! Outage logs on the command line: what is known without one, and what an empty one says.
#![expect(clippy::unwrap_used, reason = "a test says what it misses by failing")]

use klausel::cli::{self, Exit};
use serde_json::Value;

const AGREEMENT: &str = r#"
source desk { format csv ticket column "id" at column "at" in "UTC" event column "event" }
source monitor { format csv one row per outage service column "service" from column "down" in "UTC" to column "up" in "UTC" }
agreement a {
    effective 2025-01-01..2025-12-31
    timezone "UTC"
    fee 1_000 EUR per month
    tickets from desk
    outages from monitor
    metric m { starts on created stops on done }
    tier t { m { any 4h } }
    availability of mail { promise 99.9% per month }
    penalty down { per month on availability of mail below 99.9% credit 10% of fee }
    incentive up { per month on availability of mail at least 99.9% bonus 1% of fee }
    round half up to 0.01 EUR
}
"#;

/// What a replay of a ticket of January says, with an outage log of these rows.
fn replayed(outages: Option<&str>) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name).to_str().unwrap().to_string()
    };
    let agreement = write("a.sla", AGREEMENT);
    let tickets = write("log.csv", "id,at,event\n1,2025-01-10T09:00:00,created\n1,2025-01-10T10:00:00,done\n");
    let mut call = vec!["klausel", "replay", &agreement, "--tickets", &tickets, "--as-of", "2025-02-01T00:00:00Z"];
    call.extend(["--format", "json"]);
    let log = outages.map(|rows| write("outages.csv", &format!("service,down,up\n{rows}")));
    call.extend(log.iter().flat_map(|log| ["--outages", log.as_str()]));
    let (mut out, mut err) = (Vec::new(), anstream::StripStream::new(Vec::new()));
    let exit = cli::run(call, &mut out, &mut err);
    assert_eq!(exit, Exit::Done, "{}", String::from_utf8(err.into_inner()).unwrap());
    serde_json::from_slice(&out).unwrap()
}

/// The availability of January, penalties and incentives.
fn january(outages: Option<&str>) -> (Value, String, String) {
    let said = replayed(outages);
    let figures = said.get("periods").unwrap().as_array().unwrap();
    let figure = figures.iter().find(|figure| figure.get("clause").unwrap() == "down").unwrap();
    let total = |word: &str| said.pointer(&format!("/totals/{word}")).unwrap().as_str().unwrap().to_string();
    (figure.get("value").unwrap().clone(), total("penalties"), total("incentives"))
}

#[test]
fn without_an_outage_log_a_service_was_neither_up_nor_down() {
    assert_eq!(january(None), (Value::Null, "0.00".to_string(), "0.00".to_string()));
}

#[test]
fn an_outage_log_without_a_row_says_that_every_service_was_up() {
    assert_eq!(january(Some("")), (Value::from("1"), "0.00".to_string(), "10.00".to_string()));
}

#[test]
fn an_outage_counts_while_it_lasts() {
    // 7h26m24s of 744 hours are a hundredth.
    let row = "mail,2025-01-31T16:33:36,\n";
    assert_eq!(january(Some(row)), (Value::from("0.99"), "100.00".to_string(), "0.00".to_string()));
}
