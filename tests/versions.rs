//! Amendments: versions of an agreement, by which of them clocks, figures, fees and caps go, and what is wrong with some.
//!
//! The amounts in the `test` blocks are worked out by hand from the rule that stands beside them.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what it misses by failing")]

use klausel::cli::{self, Exit};
use serde_json::Value;

/// A desk, and a template with all that the agreements here share.
const SHARED: &str = r#"
source desk {
    format csv
    ticket column "id"
    at column "at"
    event column "event"
    field plan column "plan"
}

template shared {
    timezone "Europe/Berlin"
    currency EUR
    tickets from desk
    metric resolution { starts on created stops on resolved }
    tier gold § 2.1 when plan is "gold" { resolution { any 4h } }
    round half up to 0.01 EUR
}
"#;

fn run(arguments: &[&str]) -> (Exit, String) {
    let mut out = anstream::StripStream::new(Vec::new());
    let mut err = anstream::StripStream::new(Vec::new());
    let exit = cli::run(std::iter::once(&"klausel").chain(arguments), &mut out, &mut err);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (exit, text(out.into_inner()) + text(err.into_inner()).as_str())
}

/// Runs a command on an agreement and, where there is one, a log.
fn klausel(command: &str, agreement: &str, log: &str, more: &[&str]) -> (Exit, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_string()
    };
    let agreement = file("acme.sla", &format!("{SHARED}{agreement}"));
    let log = file("log.csv", log);
    let tickets = ["--tickets", &log];
    let data: &[&str] = if command == "replay" || command == "explain" { &tickets } else { &[] };
    let (exit, said) = run(&[&[command, &agreement], data, more].concat());
    (exit, said.replace(&format!("{}/", folder.path().display()), ""))
}

/// The tests of an agreement pass, all of them.
fn holds(agreement: &str) {
    let tests = agreement.matches("\ntest \"").count();
    let (exit, said) = klausel("test", agreement, "", &[]);
    assert_eq!(exit, Exit::Done, "{said}");
    assert!(tests > 0 && said.contains(&format!("{tests} passed, 0 failed")), "{said}");
}

/// The codes and lines of what `check` finds, the shared lines not counted.
fn findings(agreement: &str) -> Vec<String> {
    let (_, said) = klausel("check", agreement, "", &["--format", "json"]);
    let found: Value = serde_json::from_str(&said).unwrap();
    let before = SHARED.lines().count() as u64;
    let told = found["diagnostics"].as_array().unwrap().iter();
    told.map(|found| format!("{} {}", found["line"].as_u64().unwrap() - before, found["code"].as_str().unwrap()))
        .collect()
}

fn replayed(agreement: &str, log: &str, as_of: &str) -> Value {
    let (exit, said) = klausel("replay", agreement, log, &["--as-of", as_of, "--format", "json"]);
    assert_eq!(exit, Exit::Done, "{said}");
    serde_json::from_str(&said).unwrap()
}

/// Clause, month, amount and version of every line.
fn ledger(statement: &Value) -> Vec<String> {
    let lines = statement["ledger"].as_array().unwrap().iter();
    let word = |line: &Value, name: &str| line[name].as_str().unwrap().to_string();
    lines.map(|line| ["clause", "month", "amount", "version"].map(|name| word(line, name)).join(" ")).collect()
}

// -- tickets and fees

/// July has 31 days: ten at 3 100 EUR a month are 1 000 EUR, 21 at 6 200 EUR are 4 200 EUR.
const ADDENDUM: &str = r#"
agreement acme extends shared {
    effective 2025-01-01..2026-12-31
    fee 3_100 EUR per month
    penalty late § 7.1 {
        for each breach of resolution
        credit 1% of fee per started hour late
    }

    amend from 2025-07-11 § 1 "Addendum 1" {
        override tier gold resolution { any 3h }
        override fee 6_200 EUR per month
    }
}

test "a ticket of the minute before goes by the old target" for acme {
    ticket T1 { plan gold }
    2025-07-10 23:59 created
    2025-07-11 04:59 resolved
    expect resolution breached at 2025-07-11 03:59, late by 1h
    expect penalty late 52.00 EUR
}

test "a ticket of midnight goes by the new one" for acme {
    ticket T1 { plan gold }
    2025-07-11 00:00 created
    2025-07-11 04:00 resolved
    expect resolution breached at 2025-07-11 03:00, late by 1h
    expect penalty late 52.00 EUR
}

test "midnight is that of the agreement's zone, where it is still the day before in UTC" for acme {
    ticket T1 { plan gold }
    ticket T2 { plan gold }
    T1 2025-07-10T21:59:59Z created
    T2 2025-07-10T22:00:00Z created
    T1 2025-07-11 09:00 resolved
    T2 2025-07-11 09:00 resolved
    expect T1 resolution due at 2025-07-11T01:59:59Z
    expect T2 resolution due at 2025-07-11T01:00:00Z
}

test "the month before owes the old fee" for acme {
    ticket T1 { plan gold }
    2025-06-10 00:00 created
    2025-06-10 05:00 resolved
    expect penalty late 31.00 EUR
}

test "the month after owes the new fee" for acme {
    ticket T1 { plan gold }
    2025-08-10 00:00 created
    2025-08-10 04:00 resolved
    expect penalty late 62.00 EUR
}

test "a breach of August keeps the target of its ticket and owes the fee of August" for acme {
    ticket T1 { plan gold }
    2025-07-10 20:00 created
    2025-08-01 01:00 resolved
    // Breached on 11 July at 00:00; 505 started hours × 1 % of July's 5 200 EUR.
    expect resolution breached at 2025-07-11 00:00, late by 505h
    expect penalty late 26_260.00 EUR in 2025-07
}
"#;

#[test]
fn a_ticket_goes_by_the_version_of_its_creation_and_the_fee_by_its_days() {
    holds(ADDENDUM);
}

const SEASON: &str = r#"
agreement acme extends shared {
    fee 1_000 EUR per month
    penalty late {
        for each breach of resolution
        credit 1% of fee per started hour late
    }
    amend for 2025-11-15..2025-12-23 "Christmas" {
        override tier gold resolution { any 2h }
        override penalty late {
            for each breach of resolution
            credit 5% of fee per started hour late
        }
    }
    amend from 2025-12-01 "Addendum 1" {
        penalty flat { for each breach of resolution credit 7 EUR }
    }
}

test "before the season" for acme {
    ticket T1 { plan gold }
    2025-11-14 23:59 created
    2025-11-15 04:59 resolved
    expect resolution breached at 2025-11-15 03:59, late by 1h
    expect penalties 10.00 EUR in 2025-11
}

test "in the season" for acme {
    ticket T1 { plan gold }
    2025-11-15 00:00 created
    2025-11-15 03:00 resolved
    expect resolution breached at 2025-11-15 02:00, late by 1h
    expect penalties 50.00 EUR in 2025-11
}

test "an amendment that begins in the season adds to it" for acme {
    ticket T1 { plan gold }
    2025-12-23 23:59 created
    2025-12-24 02:59 resolved
    expect resolution breached at 2025-12-24 01:59, late by 1h
    expect penalties 57.00 EUR in 2025-12
}

test "after the season what held before holds again, and what was amended meanwhile" for acme {
    ticket T1 { plan gold }
    2025-12-24 00:00 created
    2025-12-24 05:00 resolved
    expect resolution breached at 2025-12-24 04:00, late by 1h
    expect penalties 17.00 EUR in 2025-12
}
"#;

#[test]
fn a_season_ends_and_what_held_before_holds_again() {
    holds(SEASON);
    let (_, plan) = klausel("plan", SEASON, "", &["--format", "json"]);
    let plan: Value = serde_json::from_str(&plan).unwrap();
    let versions = plan["agreements"][0]["versions"].as_array().unwrap().iter();
    let told: Vec<String> =
        versions.map(|version| format!("{} {}", version["label"], version["first_day"]).replace('"', "")).collect();
    assert_eq!(
        told,
        ["base null", "Christmas 2025-11-15", "Addendum 1 + Christmas 2025-12-01", "Addendum 1 2025-12-24",]
    );
}

#[test]
fn a_label_comes_once_and_an_amendment_without_one_goes_by_its_mark_or_its_dates() {
    let agreement = r#"
agreement acme extends shared {
    amend for 2025-01-01..2025-01-31 "Snow" { override tier gold resolution { any 6h } }
    amend for 2025-12-01..2025-12-31 "Snow" { override tier gold resolution { any 6h } }
    amend from 2026-01-01 § 12 { override tier gold resolution { any 3h } }
    amend from 2026-02-01 { override tier gold resolution { any 2h } }
    amend for 2026-03-01..2026-03-02 { override tier gold resolution { any 1h } }
}
"#;
    let (_, plan) = klausel("plan", agreement, "", &[]);
    let told: Vec<&str> = plan.lines().filter(|line| line.starts_with("From ")).collect();
    assert_eq!(
        told,
        [
            "From 2025-01-01: Snow",
            "From 2025-02-01: base from 2025-02-01",
            "From 2025-12-01: Snow from 2025-12-01",
            "From 2026-01-01: § 12",
            "From 2026-02-01: from 2026-02-01",
            "From 2026-03-01: from 2026-02-01 + for 2026-03-01..2026-03-02",
            "From 2026-03-03: from 2026-02-01 from 2026-03-03",
        ]
    );
    assert!(plan.contains("\n  the same as `base`\n") && plan.contains("\n  the same as `Snow`\n"), "{plan}");
}

// -- clauses, caps, periods

const MONEY: &str = r#"
agreement acme extends shared {
    fee 1_000 EUR per month
    penalty late {
        for each breach of resolution
        credit 10% of fee per started hour late
    }
    penalty flat {
        for each breach of resolution
        credit 30 EUR
    }
    cap penalties at 50% of fee per month
    amend from 2025-08-01 "Addendum 1" {
        override cap penalties at 20% of fee per month
        remove penalty flat
        combine penalties by greatest
    }
}

test "a ticket of July that is breached in August: its clauses are July's, combination and cap are August's" for acme {
    ticket T1 { plan gold }
    2025-07-31 22:00 created
    2025-08-01 05:00 resolved
    // Breached at 02:00, three hours late: 300 and 30 EUR; the greater alone is paid, capped at 200 EUR.
    expect penalty late 200.00 EUR in 2025-08
    expect penalty flat 0.00 EUR
}

test "a ticket of July that is breached in July" for acme {
    ticket T1 { plan gold }
    2025-07-31 10:00 created
    2025-07-31 18:00 resolved
    // 400 and 30 EUR, both paid, within 500 EUR.
    expect penalties 430.00 EUR in 2025-07
}

test "a clause that was removed pays for no ticket of August" for acme {
    ticket T1 { plan gold }
    2025-08-01 00:00 created
    2025-08-01 05:00 resolved
    expect penalty late 100.00 EUR
    expect penalty flat 0.00 EUR
}
"#;

#[test]
fn clauses_go_by_their_ticket_and_combination_and_caps_by_the_month() {
    holds(MONEY);
}

/// The month's cap on the clause itself is shared by tickets of both versions, as the month's version says it; the cap
/// per ticket is the ticket's.
const CLAUSE_CAPS: &str = r#"
agreement acme extends shared {
    fee 1_000 EUR per month
    penalty late {
        for each breach of resolution
        credit 10% of fee per started hour late
        capped at 25% of fee per ticket
        capped at 90% of fee per month
    }
    amend from 2025-08-01 "Addendum 1" {
        penalty first {
            for each breach of resolution
            credit 1 EUR
        }
        override penalty late {
            for each breach of resolution
            credit 20% of fee per started hour late
            capped at 30% of fee per ticket
            capped at 40% of fee per month
        }
    }
}

test "caps of a clause in two versions" for acme {
    ticket T1 { plan gold }
    ticket T2 { plan gold }
    T1 2025-07-31 23:00 created
    T2 2025-08-02 00:00 created
    T1 2025-08-01 08:00 resolved
    T2 2025-08-02 08:00 resolved
    // T1 is breached at 03:00: 5 hours × 10 % are 500, capped at 250; T2: 4 hours × 20 % are 800, capped at 300.
    // Together 550, of which August's cap leaves 400: shares of 250/550 and 300/550 of it.
    expect penalty late 400.00 EUR in 2025-08
    expect penalty first 1.00 EUR in 2025-08
}
"#;

#[test]
fn a_clause_s_own_caps_go_by_the_ticket_and_by_the_month() {
    holds(CLAUSE_CAPS);
    let log = "id,at,event,plan\n\
        T1,2025-07-31T23:00:00+02:00,created,gold\n\
        T1,2025-08-01T08:00:00+02:00,resolved,\n\
        T2,2025-08-02T00:00:00+02:00,created,gold\n\
        T2,2025-08-02T08:00:00+02:00,resolved,\n";
    let statement = replayed(CLAUSE_CAPS, log, "2025-09-01T00:00:00+02:00");
    assert_eq!(
        ledger(&statement),
        ["late 2025-08 181.82 base", "late 2025-08 218.18 Addendum 1", "first 2025-08 1.00 Addendum 1",]
    );
}

/// Three of four clocks are met in the third quarter, and in the fourth: 75 %.
const QUARTERS: &str = r#"
agreement acme extends shared {
    fee 1_000 EUR per month
    penalty attainment {
        per quarter on attainment of resolution
        below 80% credit 3% of fee
    }
    penalty monthly {
        per month on breaches of resolution
        at least 1 credit 11 EUR
    }
    amend from 2025-08-15 "Addendum 1" {
        override penalty attainment {
            per quarter on attainment of resolution
            below 80% credit 6% of fee
        }
        remove penalty monthly
    }
}
"#;

fn four_in(month: &str, breached_hours: u32) -> String {
    (1..=4)
        .map(|day| {
            let hours = if day == 4 { breached_hours } else { 1 };
            let id = format!("{month}-{day}");
            format!(
                "{id},2025-{month}-2{day}T00:00:00+02:00,created,gold\n{id},2025-{month}-2{day}T0{hours}:00:00+02:00,resolved,\n"
            )
        })
        .collect()
}

#[test]
fn a_figure_goes_by_the_version_at_the_start_of_its_period() {
    let log = format!("id,at,event,plan\n{}{}{}", four_in("08", 5), four_in("09", 5), four_in("10", 5));
    let statement = replayed(QUARTERS, &log, "2026-01-01T00:00:00+01:00");
    // 3 000 EUR a quarter; August begins before the amendment, September and October do not.
    assert_eq!(
        ledger(&statement),
        ["monthly 2025-08 11.00 base", "attainment 2025-09 90.00 base", "attainment 2025-12 180.00 Addendum 1",]
    );
    let quarters: Vec<String> = statement["periods"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|figure| figure["clause"] == "attainment" && !figure["value"].is_null())
        .map(|figure| format!("{} {} {}", figure["period"], figure["value"], figure["version"]).replace('"', ""))
        .collect();
    assert_eq!(quarters, ["2025-Q3 0.75 base", "2025-Q4 0.75 Addendum 1"]);
}

#[test]
fn a_period_in_which_the_agreement_begins_goes_by_the_first_version_in_force() {
    // The template was amended before this agreement began, in the middle of a month.
    let agreement = r#"
template edition extends shared {
    penalty monthly { per month on breaches of resolution at least 1 credit 11 EUR }
    amend from 2025-03-10 "Edition 2" {
        override penalty monthly { per month on breaches of resolution at least 1 credit 22 EUR }
    }
    amend from 2025-03-25 "Edition 3" {
        override penalty monthly { per month on breaches of resolution at least 1 credit 33 EUR }
    }
}
agreement acme extends edition {
    effective 2025-03-20..2025-12-31
}
"#;
    let log = "id,at,event,plan\nT1,2025-03-28T00:00:00+01:00,created,gold\nT1,2025-03-28T05:00:00+01:00,resolved,\n";
    let statement = replayed(agreement, log, "2025-05-01T00:00:00+02:00");
    assert_eq!(ledger(&statement), ["monthly 2025-03 22.00 Edition 2"]);
    let (_, plan) = klausel("plan", agreement, "", &[]);
    let told: Vec<&str> = plan.lines().filter(|line| line.starts_with("From ")).collect();
    assert_eq!(
        told,
        ["From 2025-03-10: Edition 2", "From 2025-03-25: Edition 3"],
        "what was never in force is left out"
    );
}

/// June has 720 hours, of which 14 are down: 98.06 %, by the agreement as signed; the outage of the tenth goes by it as
/// well, that of the twentieth by the amendment. In July the outages of four hours are too short to count.
const OUTAGES: &str = r#"
agreement acme extends shared {
    fee of mail 3_000 EUR per month
    availability of mail { hours always }
    penalty uptime { per month on availability of mail below 99% credit 10% of fee of mail }
    penalty outage { for each outage of mail credit 100 EUR }
    amend from 2025-06-15 "Addendum 1" {
        override availability of mail { hours always ignore outages shorter than 5h }
        override penalty outage { for each outage of mail credit 200 EUR }
    }
}

test "outages of two versions" for acme {
    outage of mail 2025-06-10 00:00..2025-06-10 04:00
    outage of mail 2025-06-20 00:00..2025-06-20 10:00
    outage of mail 2025-07-01 00:00..2025-07-01 04:00
    outage of mail 2025-07-05 00:00..2025-07-05 04:00
    expect penalty uptime 300.00 EUR in 2025-06
    expect penalty outage 300.00 EUR in 2025-06
    expect penalties 0.00 EUR in 2025-07
    expect availability of mail 98.06% in 2025-06
    expect availability of mail 100.00% in 2025-07
}
"#;

#[test]
fn outages_go_by_the_version_of_their_start_and_a_month_by_its_own() {
    holds(OUTAGES);
    let (_, plan) = klausel("plan", OUTAGES, "", &[]);
    let later = plan.split("From 2025-06-15: Addendum 1\n").nth(1).unwrap();
    assert!(
        later.starts_with(
            "\navailability of mail\n  hours always\n  ignore outages shorter than 5h\n\npenalty outage\n"
        ),
        "{later}"
    );
    assert_eq!(
        findings(&OUTAGES.replace("override penalty outage", "outages from desk override penalty outage")),
        ["9 not_amendable"]
    );
}

/// Two hours late: by the version of creation 1 EUR an hour, by that of the breach 10, by that of the stop 100.
fn versioned(by: &str, amount: &str) -> String {
    let clause = |rate: &str| {
        format!("penalty late {{ for each breach of resolution credit {rate} EUR per started hour late }}")
    };
    let (base, second, third) = (clause("1"), clause("10"), clause("100"));
    format!(
        r#"
agreement acme extends shared {{
    {by}
    {base}
    amend from 2025-07-02 "Second" {{ override {second} }}
    amend from 2025-07-03 "Third" {{ override {third} override tier gold resolution {{ any 1h }} }}
}}

test "which version" for acme {{
    ticket T1 {{ plan gold }}
    2025-07-01 22:00 created
    2025-07-02 04:00 resolved
    2025-07-03 04:00 resolved
    expect resolution breached at 2025-07-02 02:00, late by 2h
    expect penalty late 2.00 EUR
}}
"#
    )
    .replace("2.00 EUR", amount)
}

#[test]
fn a_breach_can_go_by_the_version_of_its_own_instant() {
    holds(&versioned("", "2.00 EUR"));
    holds(&versioned("versioned by created", "2.00 EUR"));
    holds(&versioned("versioned by breach", "20.00 EUR"));
    holds(&versioned("versioned by stopped", "20.00 EUR"));
    // Stopped a day later it goes by the third; its target stays that of its creation.
    let later = versioned("versioned by stopped", "2_600.00 EUR").replace("    2025-07-02 04:00 resolved\n", "");
    holds(&later.replace("late by 2h", "late by 26h"));
    let (_, plan) = klausel("plan", &versioned("versioned by breach", "20.00 EUR"), "", &[]);
    assert!(
        plan.contains("clause for each breach: at the breach; clocks: at creation; period: at its start"),
        "{plan}"
    );
    assert_eq!(findings(&versioned("versioned by chance", "2.00 EUR")), ["3 unknown_name"]);
}

// -- inheritance

/// A template's amendment changes the template, so that what a customer has overridden stays.
const INHERITED: &str = r#"
template edition extends shared {
    fee 1_000 EUR per month
    tier silver when plan is "silver" { resolution { any 8h } }
    penalty late { for each breach of resolution credit 1% of fee }
    amend from 2025-07-01 "Edition 2" {
        override tier gold resolution { any 3h }
        override tier silver resolution { any 6h }
        override penalty late { for each breach of resolution credit 2% of fee }
    }
}

agreement plain extends edition {
}

agreement special extends edition {
    override tier silver when plan is "silver" { resolution { any 7h } }
    amend from 2025-07-01 "Addendum 1" {
        tier platinum when plan is "platinum" { resolution { any 1h } }
        penalty rush { for each breach of resolution when tier is platinum credit 50 EUR }
    }
}

test "what is inherited is amended" for plain {
    ticket T1 { plan silver }
    2025-07-01 00:00 created
    2025-07-01 07:00 resolved
    expect resolution breached at 2025-07-01 06:00, late by 1h
    expect penalty late 20.00 EUR
}

test "what is overridden is not" for special {
    ticket T1 { plan silver }
    2025-07-01 00:00 created
    2025-07-01 08:00 resolved
    expect resolution breached at 2025-07-01 07:00, late by 1h
    expect penalty late 20.00 EUR
}

test "names of one version are names" for special {
    ticket T1 { plan platinum }
    2025-07-01 00:00 created
    2025-07-01 02:00 resolved
    expect tier platinum
    expect penalty rush 50.00 EUR
    expect penalties 70.00 EUR in 2025-07
}
"#;

#[test]
fn inherited_amendments_add_to_own_ones() {
    holds(INHERITED);
    assert_eq!(findings(INHERITED), [""; 0]);
    let (_, plan) = klausel("plan", INHERITED, "", &["--agreement", "special"]);
    assert!(plan.contains("\nFrom 2025-07-01: Edition 2 + Addendum 1\n"), "{plan}");
}

// -- what people and programs read

#[test]
fn rows_explanations_and_the_statement_name_the_version() {
    let log = "id,at,event,plan\n\
        T1,2025-07-10T23:59:00+02:00,created,gold\n\
        T1,2025-07-11T04:59:00+02:00,resolved,\n\
        T2,2025-07-11T00:00:00+02:00,created,gold\n\
        T2,2025-07-11T04:00:00+02:00,resolved,\n";
    let as_of = ["--as-of", "2025-08-01T00:00:00+02:00"];
    let folder = tempfile::tempdir().unwrap();
    let rows = folder.path().join("o.csv").to_str().unwrap().to_string();
    let (exit, text) = klausel("replay", ADDENDUM, log, &[&as_of[..], &["--outcomes", &rows]].concat());
    assert_eq!(exit, Exit::Done, "{text}");
    assert!(text.contains("2025-07 § 7.1 (Addendum 1) 52.00 EUR [T2]"), "{text}");
    let rows = std::fs::read_to_string(rows).unwrap();
    let told: Vec<String> =
        rows.lines().skip(1).map(|row| row.split(',').take(3).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(told, ["T1 acme base", "T2 acme Addendum 1"]);
    let explain = |ticket: &str| klausel("explain", ADDENDUM, log, &[&as_of[..], &["--ticket", ticket]].concat()).1;
    let (first, second) = (explain("T1"), explain("T2"));
    assert!(first.contains("version base: in force until 2025-07-11 00:00, created 2025-07-10 23:59\n"), "{first}");
    assert!(
        second.contains("version Addendum 1 (§ 1): in force from 2025-07-11 00:00, created 2025-07-11 00:00\n"),
        "{second}"
    );
    assert!(second.contains("§ 7.1 late in 2025-07 (Addendum 1): 52.00 EUR"), "{second}");
}

#[test]
fn the_plan_tells_a_later_version_by_what_it_changes() {
    let (_, plan) = klausel("plan", MONEY, "", &[]);
    let later = plan.split("From 2025-08-01: Addendum 1\n").nth(1).unwrap().split("\nReadings").next().unwrap();
    assert_eq!(later, "\ncap penalties at 20% of fee per month\n\nno longer: penalty flat\n");
    assert!(plan.contains("several clauses    agreement, Addendum 1"), "{plan}");
}

#[test]
fn the_day_of_an_amendment_is_part_of_what_is_hashed() {
    let hash = |text: &str| {
        let (_, plan) = klausel("plan", text, "", &["--format", "json"]);
        let plan: Value = serde_json::from_str(&plan).unwrap();
        plan["agreements"][0]["policy_sha256"].as_str().unwrap().to_string()
    };
    assert_ne!(hash(ADDENDUM), hash(&ADDENDUM.replace("from 2025-07-11 § 1", "from 2025-07-12 § 1")));
    assert_eq!(hash(ADDENDUM), hash(&ADDENDUM.replace("    amend from", "\n    amend from")));
}

#[test]
fn what_several_versions_have_is_covered_once() {
    let (_, said) = klausel("test", MONEY, "", &["--coverage"]);
    assert!(said.contains("coverage of acme: 2 of 2 clauses\n"), "{said}");
}

// -- what is wrong

/// An agreement with these amendments; the first stands on line 9.
fn amended(amendments: &str) -> String {
    format!(
        r#"
agreement acme extends shared {{
    effective 2025-01-01..2025-12-31
    fee 1_000 EUR per month
    tier silver when plan is "silver" {{ resolution {{ any 8h, any 8h }} }}
    penalty late when tier in (gold, silver) {{ for each breach of resolution credit 1% of fee }}
    metric response {{ starts on created stops on answered target 1h }}

{amendments}
}}
"#
    )
    .replace("any 8h, any 8h", "any 8h")
}

#[test]
fn a_mistake_is_told_once_at_the_place_where_it_is_written() {
    let wrong = r#"    amend from 2025-03-01 "First" { override tier gold resolution { P7 3h } }
    amend from 2025-04-01 "Second" { override tier silver resolution { any 3h } }"#;
    assert_eq!(findings(&amended(wrong)), ["9 unknown_name"]);
    let base = amended(wrong).replace("P7 3h", "any 3h").replace("credit 1% of fee", "credit 1% of fee of mail");
    assert_eq!(findings(&base), ["6 unknown_name"], "in the base it is told without the amendments");
}

#[test]
fn what_one_version_reads_is_read() {
    let text = r#"
agreement acme extends shared {
    field cause in (us, them)
    amend from 2025-03-01 { exclude tickets when cause is them }
}
"#;
    assert_eq!(findings(text), [""; 0]);
    assert_eq!(findings(&text.replace("when cause is them", "when plan is none")), ["3 unread_field"]);
}

#[test]
fn what_an_amendment_breaks_elsewhere_names_the_amendment() {
    let text = amended("    amend from 2025-03-01 \"First\" { remove tier silver }");
    assert_eq!(findings(&text), ["6 unknown_name"]);
    let (_, said) = klausel("check", &text, "", &[]);
    assert!(said.contains("so it stands from this amendment on"), "{said}");
    assert_eq!(findings(&amended("    amend from 2025-03-01 { remove fee }")), ["6 percentage_of_nothing"]);
    assert_eq!(findings(&amended("    amend from 2025-03-01 { remove round }")), ["2 no_rounding"]);
}

#[test]
fn an_amendment_changes_what_is_there() {
    let found = |amendment: &str| findings(&amended(&format!("    amend from 2025-03-01 {{ {amendment} }}")));
    assert_eq!(found("fee 2_000 EUR per month"), ["9 said_twice"]);
    assert_eq!(
        found("override penalty early { for each breach of resolution credit 1% of fee }"),
        ["9 overrides_nothing"]
    );
    assert_eq!(found("remove penalty early"), ["9 overrides_nothing"]);
    assert_eq!(found("override fee 2_000 USD per month"), ["9 mixed_currencies"]);
    assert_eq!(found("override exclude tickets when plan is gold"), ["9 overrides_nothing"]);
    assert_eq!(found("budget of resolution by team { l1 1h }"), ["9 not_built"]);
    assert_eq!(found("exclude tickets when plan is \"none\""), [""; 0]);
}

#[test]
fn currencies_stay_the_same_over_the_versions() {
    let text = r#"
template bare { metric m { starts on created stops on resolved } tier t { m { any 4h } } }
agreement a extends bare {
    fee 1_000 EUR per month
    amend from 2025-03-01 { override fee 1_000 CHF per month }
}
"#;
    assert_eq!(findings(text), ["5 mixed_currencies"]);
}

#[test]
fn header_facts_are_for_the_whole_time() {
    let fixed = [
        "override timezone \"UTC\"",
        "override currency USD",
        "override tickets from desk",
        "override effective 2025-01-01..2026-12-31",
        "title \"x\"",
        "contract \"x\"",
        "provider \"x\"",
        "customer \"x\"",
        "kind internal",
        "applies when plan is gold",
        "beside other",
        "review every 6 months",
        "months begin on day 15",
        "versioned by breach",
        "remove effective",
        "remove months begin",
        "amend from 2025-05-01 { remove fee }",
    ];
    for statement in fixed {
        let found = findings(&amended(&format!("    amend from 2025-03-01 {{ {statement} }}")));
        assert_eq!(found, ["9 not_amendable"], "{statement}");
    }
}

#[test]
fn amendments_that_lie_on_each_other_are_told_where_they_say_the_same() {
    let two = |first: &str, second: &str| {
        let fee = |dates: &str, fee: u32| format!("    amend {dates} {{ override fee {fee} EUR per month }}\n");
        findings(&amended(&(fee(first, 10) + fee(second, 20).as_str())))
    };
    assert_eq!(two("from 2025-03-01", "from 2025-04-01"), [""; 0], "the later one goes on from the earlier");
    assert_eq!(two("from 2025-04-01", "from 2025-03-01"), [""; 0], "in whatever order they are written");
    assert_eq!(two("from 2025-03-01", "from 2025-03-01"), ["10 amendments_overlap"]);
    assert_eq!(two("from 2025-03-01", "for 2025-04-01..2025-04-30"), [""; 0], "a season lies over what holds on");
    assert_eq!(two("from 2025-04-01", "for 2025-04-01..2025-04-30"), [""; 0]);
    assert_eq!(two("from 2025-04-02", "for 2025-04-01..2025-04-30"), ["9 amendments_overlap"]);
    assert_eq!(two("from 2025-04-30", "for 2025-04-01..2025-04-30"), ["9 amendments_overlap"]);
    assert_eq!(two("from 2025-05-01", "for 2025-04-01..2025-04-30"), [""; 0]);
    assert_eq!(two("for 2025-04-01..2025-04-30", "for 2025-04-30..2025-05-31"), ["10 amendments_overlap"]);
    assert_eq!(two("for 2025-04-01..2025-04-30", "for 2025-05-01..2025-05-31"), [""; 0]);
    assert_eq!(two("for 2025-04-01..2025-04-30", "for 2025-05-02..2025-05-31"), ["10 gap_between_amendments"]);
    assert_eq!(two("for 2025-04-01..2025-04-30", "for 2025-05-08..2025-05-31"), ["10 gap_between_amendments"]);
    assert_eq!(two("for 2025-04-01..2025-04-30", "for 2025-05-09..2025-05-31"), [""; 0]);
    let targets = |first: &str, second: &str| {
        let season = |change: &str| format!("    amend for 2025-04-01..2025-04-30 {{ {change} }}\n");
        findings(&amended(&(season(first) + season(second).as_str())))
    };
    assert_eq!(
        targets("override tier gold resolution { any 1h }", "override tier silver resolution { any 1h }"),
        [""; 0]
    );
    assert_eq!(
        targets("override tier gold resolution { any 1h }", "override tier gold resolution { any 2h }"),
        ["10 amendments_overlap"]
    );
    assert_eq!(
        targets("override tier gold { resolution { any 1h } }", "override tier gold resolution { any 2h }"),
        ["10 amendments_overlap"],
        "a whole tier and a part of it"
    );
}

#[test]
fn amendments_of_templates_are_looked_at_too() {
    let text = r#"
template edition extends shared {
    amend from 2025-03-01 { override tier gold resolution { any 1h } }
    amend from 2025-03-01 { override tier gold resolution { any 2h } override timezone "UTC" }
    amend from 2025-04-01 { remove penalty late }
}
"#;
    assert_eq!(findings(text), ["4 amendments_overlap", "4 not_amendable", "5 overrides_nothing"]);
}

#[test]
fn what_is_wrong_in_a_template_that_is_only_used_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let template = format!(
        "{SHARED}template edition extends shared {{\nfee 1 EUR per month\n\
         amend from 2025-03-01 {{ override title \"x\" fee 2 EUR per month }}\n}}\n"
    );
    std::fs::write(folder.path().join("edition.sla"), template).unwrap();
    let acme = folder.path().join("acme.sla");
    std::fs::write(&acme, "use \"edition.sla\"\nagreement acme extends edition {}\n").unwrap();
    let (exit, said) = run(&["check", acme.to_str().unwrap()]);
    assert_eq!(exit, Exit::No, "{said}");
    assert!(said.contains("error[not_amendable]") && said.contains("error[said_twice]"), "{said}");
    assert!(said.contains("2 errors, 0 warnings"), "{said}");
}

#[test]
fn an_amendment_that_is_never_in_force_is_told() {
    let one = |dates: &str| findings(&amended(&format!("    amend {dates} {{ override fee 1 EUR per month }}")));
    assert_eq!(one("from 2026-01-01"), ["9 amendment_outside_effective"]);
    assert_eq!(one("for 2024-12-01..2024-12-31"), ["9 amendment_outside_effective"]);
    assert_eq!(one("from 2025-12-31"), [""; 0]);
    assert_eq!(one("for 2024-12-01..2025-01-01"), [""; 0]);
    assert_eq!(one("from 2024-12-01"), [""; 0]);
    assert_eq!(one("for 2025-04-01.."), ["9 season_without_end"]);
    assert_eq!(one("for 2025-04-02..2025-04-01"), ["9 empty_range"]);
    let allowed = "    amend from 2026-01-01 { override fee 1 EUR per month }\n    allow amendment_outside_effective \"kept for later\"";
    assert_eq!(findings(&amended(allowed)), [""; 0]);
}

// -- the example

/// A replay of the bundled example, its template changed, without the labels of versions and the hashes.
fn example(change: impl Fn(String) -> String) -> Value {
    let from = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/examples/nordlicht");
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("portfolio")).unwrap();
    let names = ["desk.sla", "template.sla", "portfolio/hafenkontor.sla", "portfolio/werkstoff_jena.sla"];
    for name in names {
        let text = std::fs::read_to_string(from.join(name)).unwrap();
        let text = if name == "template.sla" { change(text) } else { text };
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let portfolio = folder.path().join("portfolio").to_str().unwrap().to_string();
    let (exit, said) = run(&["replay", &portfolio, "--tickets", "example", "--format", "json"]);
    assert_eq!(exit, Exit::Done, "{said}");
    let mut statement = serde_json::from_str(&said).unwrap();
    forget(&mut statement, &["version", "policy_sha256"]);
    statement
}

fn forget(value: &mut Value, keys: &[&str]) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| !keys.contains(&key.as_str()));
            map.values_mut().for_each(|value| forget(value, keys));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| forget(value, keys)),
        _ => {}
    }
}

#[test]
fn an_amendment_that_says_the_same_again_changes_no_figure() {
    let signed = example(|text| text);
    let again = r#"
    amend from 2025-05-13 "Same" {
        override penalty late_resolution § 7.1 {
            for each breach of resolution when priority in (P1, P2)
            credit 2% of fee per started hour late
            capped at 10% of fee per ticket
        }
        override cap penalties § 7.9 at 10% of fee per year
    }
    amend for 2025-08-05..2025-09-09 "Season" {
        override round half up to 0.01 EUR
        override combine penalties § 7.7 by sum
    }
}
"#;
    let amended = example(|text| format!("{}{again}", text.trim_end().trim_end_matches('}')));
    let lines = |at: usize| signed["agreements"][at]["ledger"].as_array().unwrap().len();
    assert!(lines(0) + lines(1) > 50, "the example pays: {} and {} lines", lines(0), lines(1));
    assert_eq!(signed, amended);
    let halved = again.replace("10% of fee per year", "5% of fee per year");
    assert_ne!(signed, example(|text| format!("{}{halved}", text.trim_end().trim_end_matches('}'))));
}
