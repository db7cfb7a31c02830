//! Block hours with roll-over and overage, by a script and a file of charges, from files to cents.

#[path = "common/program.rs"]
mod program;

use std::path::Path;

use klausel::cli::Exit;

use program::klausel;

const AGREEMENT: &str = r#"
source desk {
    format csv
    ticket column "id"
    at column "at"
    event column "event"
    field hours column "hours"
}
source billing {
    format csv
    one row per charge
    customer column "account" { "10017" is "Hafenkontor" }
    period column "month"
    amount column "net"
}
plugin block_hours from "block_hours.rhai"
agreement blocks {
    provider "Nordlicht IT GmbH"
    customer "Hafenkontor"
    effective 2025-01-01..2025-12-31
    timezone "Europe/Berlin"
    fee § 5 from charges
    tickets from desk
    charges from billing
    incentive overage § 6.2 {
        per month on total of hours
        bonus by block_hours(block: 20, keep: 10, price: 95 EUR)
        capped at 15% of fee per month
    }
    round half up to 0.01 EUR
}
"#;

const LOG: &str = "id,at,event,hours\n\
    1001,2025-01-13T09:00:00+01:00,created,\n\
    1001,2025-01-13T17:00:00+01:00,resolved,7.5\n\
    1002,2025-01-20T09:00:00+01:00,created,\n\
    1002,2025-01-20T14:00:00+01:00,resolved,4.5\n\
    1003,2025-02-10T09:00:00+01:00,created,\n\
    1003,2025-02-11T10:00:00+01:00,resolved,18\n\
    1004,2025-02-17T09:00:00+01:00,created,\n\
    1004,2025-02-18T10:00:00+01:00,resolved,12.1\n\
    1005,2025-03-10T09:00:00+01:00,created,\n\
    1005,2025-03-11T12:00:00+01:00,resolved,24\n\
    1006,2025-04-10T09:00:00+02:00,created,\n\
    1006,2025-04-11T12:00:00+02:00,resolved,24\n";

const CHARGES: &str = "account,month,net\n\
    10017,2025-01,1900 EUR\n\
    10017,2025-02,1900 EUR\n\
    10017,2025-03,1900 EUR\n\
    10017,2025-04,4000 EUR\n";

#[test]
fn hours_roll_over_and_overage_is_owed_within_what_was_charged() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let write = |name: &str, text: &str| std::fs::write(path(name), text).unwrap();
    write("blocks.sla", AGREEMENT);
    write("work.csv", LOG);
    write("charges.csv", CHARGES);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("plugins/rhai/block_hours.rhai");
    std::fs::copy(script, path("block_hours.rhai")).unwrap();
    let (agreement, log, charges, ledger) =
        (path("blocks.sla"), path("work.csv"), path("charges.csv"), path("ledger.csv"));
    let call = ["replay", &agreement, "--tickets", &log, "--charges", &charges, "--ledger", &ledger];
    let (exit, said) = klausel(&[&call[..], &["--as-of", "2025-05-01T00:00:00+02:00"]].concat());
    assert_eq!(exit, Exit::Done, "{said}");
    // January uses 12 of 20, so that 28 may be used in February: 2.1 hours beyond are nine quarters, 2.25 × 95 EUR.
    // Nothing is left for March: 4 × 95 = 380 EUR, and 15 % of the 1 900 EUR charged are 285 EUR. In April 600 EUR allow 380.
    let wanted = [("2025-01", "0", "0.00"), ("2025-02", "213.75", "213.75"), ("2025-03", "380", "285.00")];
    let text = std::fs::read_to_string(path("ledger.csv")).unwrap();
    let column = |name: &str| text.lines().next().unwrap().split(',').position(|column| column == name).unwrap();
    let (month, computed, amount) = (column("month"), column("computed"), column("amount"));
    let rows = text.lines().skip(1).map(|row| row.split(',').collect::<Vec<_>>());
    let rows: Vec<_> = rows
        .map(|row| {
            let cell = |at: usize| row.get(at).copied().unwrap_or_default().to_string();
            (cell(month), cell(computed), cell(amount))
        })
        .collect();
    let wanted = wanted.into_iter().chain([("2025-04", "380", "380.00")]);
    assert!(rows.iter().map(|(month, computed, amount)| (&**month, &**computed, &**amount)).eq(wanted), "{rows:?}");
}
