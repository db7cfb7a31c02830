//! What follows over several periods and besides money: each agreement's own tests, worked out by hand, hold.
#![expect(clippy::unwrap_used, reason = "a test says what it misses by failing")]

use std::path::Path;

use klausel::cli::{self, Exit};
use serde_json::Value;

/// The desk and the office of every agreement here.
const DESK: &str = r#"
calendar office { timezone "Europe/Berlin" mon-fri 08:00-18:00 closed on 2025-03-14 }
source desk {
    format csv
    ticket column "id"
    at column "at" in "Europe/Berlin"
    event column "event"
}
source letters {
    format csv
    one row per claim
    clause column "clause"
    at column "received" in "Europe/Berlin"
    period column "month"
    ticket column "ticket"
}
"#;

/// What every agreement here says first: four hours for each ticket, 1 000 EUR a month.
const HEAD: &str = r#"
    tickets from desk
    timezone "Europe/Berlin"
    currency EUR
    fee 1_000 EUR per month
    metric m { starts on created stops on resolved }
    tier t { m { any 4h } }
    round half up to 0.01 EUR
"#;

/// A ticket created at noon of a day, resolved after an hour (`met`) or after five, so breached at 16:00 and an hour late.
fn tickets(list: &str) -> String {
    let mut text = String::new();
    for word in list.split_whitespace() {
        let (name, rest) = word.split_once(':').unwrap();
        let (day, outcome) = rest.split_once('=').unwrap();
        let hour = if outcome == "met" { "13" } else { "17" };
        text.push_str(&format!("    ticket {name} {{}}\n"));
        text.push_str(&format!("    {name} {day} 12:00 created\n    {name} {day} {hour}:00 resolved\n"));
    }
    text
}

fn test(name: &str, list: &str, expectations: &str) -> String {
    format!("test \"{name}\" for a {{\n{}{expectations}\n}}\n", tickets(list))
}

/// Writes an agreement to a folder, and the name of its file.
fn written(folder: &Path, clauses: &str, tests: &str) -> String {
    let path = folder.join("a.sla");
    std::fs::write(&path, format!("{DESK}agreement a {{{HEAD}{clauses}}}\n{tests}")).unwrap();
    path.to_str().unwrap().to_string()
}

fn klausel(arguments: &[&str]) -> (Exit, String) {
    let (mut out, mut err) = (anstream::StripStream::new(Vec::new()), anstream::StripStream::new(Vec::new()));
    let exit = cli::run(std::iter::once(&"klausel").chain(arguments), &mut out, &mut err);
    // What is wrong with an agreement is told apart from what a run says.
    let said = if exit == Exit::Done { out.into_inner() } else { [err.into_inner(), out.into_inner()].concat() };
    (exit, String::from_utf8(said).unwrap())
}

/// Runs an agreement's tests; they must be there, and all hold.
fn holds(clauses: &str, tests: &[String]) {
    let folder = tempfile::tempdir().unwrap();
    let (exit, said) = klausel(&["test", &written(folder.path(), clauses, &tests.concat())]);
    assert_eq!(exit, Exit::Done, "{said}");
    assert!(said.contains(&format!("{} passed, 0 failed", tests.len())), "{said}");
}

/// What a replay of tickets says; `CLAIMS` among the options is a file with the rows that follow it.
fn replayed(clauses: &str, list: &str, as_of: &str, more: &[&str]) -> String {
    let (exit, said) = replay(clauses, list, as_of, more);
    assert_eq!(exit, Exit::Done, "{said}");
    said
}

fn replay(clauses: &str, list: &str, as_of: &str, more: &[&str]) -> (Exit, String) {
    let folder = tempfile::tempdir().unwrap();
    let agreement = written(folder.path(), clauses, "");
    let mut rows = "id,at,event\n".to_string();
    for line in tickets(list).lines().filter(|line| !line.contains("ticket ")) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [ticket, date, time, event] = words.as_slice() else { continue };
        rows.push_str(&format!("{ticket},{date}T{time}:00,{event}\n"));
    }
    let log = folder.path().join("log.csv");
    std::fs::write(&log, rows).unwrap();
    let letters = folder.path().join("claims.csv");
    let (more, claims) = match more {
        ["CLAIMS", rows, more @ ..] => (more, Some(*rows)),
        more => (more, None),
    };
    let mut call = vec!["replay", &agreement, "--tickets", log.to_str().unwrap(), "--as-of", as_of];
    if let Some(rows) = claims {
        std::fs::write(&letters, format!("clause,received,month,ticket\n{rows}")).unwrap();
        call.extend(["--claims", letters.to_str().unwrap()]);
    }
    klausel(&[&call, more].concat())
}

fn as_json(said: &str) -> Value {
    serde_json::from_str(said).unwrap()
}

#[test]
fn a_row_of_good_months_is_paid_in_each_month_that_ends_one() {
    let clauses = r"
        incentive good § 8.1 {
            per month on attainment of m
            at least 99% for 3 months in a row bonus 2% of fee
        }
    ";
    let expect = r"
        expect incentive good 0.00 EUR in 2025-01
        expect incentive good 0.00 EUR in 2025-02
        expect incentive good 20.00 EUR in 2025-03
        expect incentive good 20.00 EUR in 2025-04
        expect incentives 40.00 EUR in 2025
    ";
    let going_on = test("it goes on", "A:2025-01-10=met B:2025-02-10=met C:2025-03-10=met D:2025-04-10=met", expect);
    let broken = test(
        "a bad month breaks it",
        "A:2025-01-10=met B:2025-02-10=late C:2025-03-10=met D:2025-04-10=met E:2025-05-12=met",
        "expect incentives 0.00 EUR in 2025-04\n expect incentive good 20.00 EUR in 2025-05\n expect incentives 20.00 EUR",
    );
    let empty = test(
        "an empty month neither counts nor breaks",
        "A:2025-01-10=met B:2025-02-10=met C:2025-04-10=met",
        "expect incentive good 0.00 EUR in 2025-03\n expect incentive good 20.00 EUR in 2025-04",
    );
    holds(clauses, &[going_on, broken, empty]);
}

#[test]
fn in_two_of_three_months_an_empty_month_takes_its_place() {
    let clauses = r"
        penalty chronic § 7.5 {
            per month on attainment of m
            below 90% in 2 of 3 months credit 10% of fee
        }
    ";
    let apart = test(
        "one month between two bad ones",
        "A:2025-01-10=late B:2025-02-10=met C:2025-03-10=late D:2025-04-10=met",
        "expect penalty chronic 100.00 EUR in 2025-03\n expect penalty chronic 100.00 EUR",
    );
    let empty = test(
        "two empty months between two bad ones",
        "A:2025-01-10=late C:2025-04-10=late",
        "expect penalties 0.00 EUR in 2025",
    );
    holds(clauses, &[apart, empty]);
}

#[test]
fn quarters_are_counted_where_the_clause_is_per_quarter() {
    let clauses = r"
        penalty chronic § 7.5 {
            per quarter on attainment of m
            below 90% credit 5% of fee
            below 90% for 2 quarters in a row credit 10% of fee
        }
    ";
    // A quarter owes 3 000 EUR.
    let expect = "expect penalty chronic 150.00 EUR in 2025-Q1\n expect penalty chronic 300.00 EUR in 2025-Q2";
    holds(
        clauses,
        &[test("the row goes before the row of one quarter", "A:2025-01-10=late B:2025-06-10=late", expect)],
    );
}

#[test]
fn what_waits_for_a_penalty_follows_only_one_that_was_charged() {
    let clauses = r"
        penalty attainment § 7.2 {
            per month on attainment of m
            below 95% credit 10% of fee
        }
        incentive recovery § 8.2 {
            per month on attainment of m
            at least 97% within 2 months after penalty attainment bonus 1% of fee
        }
    ";
    let expect = r"
        expect incentive recovery 0.00 EUR in 2025-01
        expect incentive recovery 10.00 EUR in 2025-03
        expect incentive recovery 0.00 EUR in 2025-04
    ";
    let late = test("two months and no longer", "A:2025-01-10=late C:2025-03-10=met D:2025-04-10=met", expect);
    holds(clauses, &[late]);
}

#[test]
fn a_penalty_that_a_cap_took_away_was_not_charged() {
    let clauses = r"
        penalty attainment § 7.2 {
            per month on attainment of m
            below 95% credit 10% of fee
        }
        cap penalties § 7.9 at 0 EUR per year
        incentive recovery § 8.2 {
            per month on attainment of m
            at least 97% within 2 months after penalty attainment bonus 1% of fee
        }
    ";
    let nothing =
        test("nothing was charged", "A:2025-01-10=late C:2025-02-10=met", "expect incentives 0.00 EUR in 2025");
    holds(clauses, &[nothing]);
}

const ATTAINMENT: &str = r"
    penalty attainment § 7.2 {
        per month on attainment of m
        below 95% credit 10% of fee
    }
";

#[test]
fn a_charge_is_earned_back_once_by_each_incentive() {
    let clauses = format!(
        "{ATTAINMENT}
        incentive earn_back § 8.2 {{
            per month on attainment of m
            at least 97% within 2 months after penalty attainment earn back 50% of penalty attainment
        }}"
    );
    // January costs 100 EUR; half of it comes back in February, and nothing more in March.
    let once = test(
        "half of it comes back, once",
        "A:2025-01-10=late B:2025-02-10=met C:2025-03-10=met",
        "expect penalty attainment 100.00 EUR in 2025-01
         expect incentive earn_back 50.00 EUR in 2025-02
         expect incentive earn_back 0.00 EUR in 2025-03
         expect incentives 50.00 EUR",
    );
    let both = test(
        "two bad months, half of both",
        "A:2025-01-10=late B:2025-02-10=late C:2025-03-10=met",
        "expect incentive earn_back 100.00 EUR in 2025-03",
    );
    let too_late = test(
        "January lies too far back",
        "A:2025-01-10=late B:2025-02-10=late C:2025-03-10=late D:2025-04-10=met",
        "expect penalties 300.00 EUR
         expect incentive earn_back 100.00 EUR in 2025-04",
    );
    holds(&clauses, &[once, both, too_late]);
}

#[test]
fn no_more_comes_back_than_was_charged() {
    let clauses = format!(
        "{ATTAINMENT}
        cap penalties § 7.9 at 80.01 EUR per month
        incentive first § 8.2 {{
            per month on attainment of m
            at least 97% within 2 months after penalty attainment earn back 50% of penalty attainment
        }}
        incentive second § 8.3 {{
            per month on attainment of m
            at least 99% earn back 1_000 EUR
        }}"
    )
    .replace("at least 99% earn", "at least 99% within 6 months after penalty attainment earn");
    // 80.01 EUR are charged. Half of them are 40.005 EUR, the rest 40.005 EUR: 80.01 EUR come back, of which the larger
    // remainder is the first one's by file order.
    let bounded = test(
        "the second gets what the first leaves",
        "A:2025-01-10=late B:2025-02-10=met C:2025-03-10=met",
        "expect penalty attainment 80.01 EUR in 2025-01
         expect incentive first 40.01 EUR in 2025-02
         expect incentive second 40.00 EUR in 2025-02
         expect incentives 80.01 EUR",
    );
    holds(&clauses, &[bounded]);
}

#[test]
fn incentives_share_no_cap_with_penalties() {
    let clauses = format!(
        "{ATTAINMENT}
        cap penalties § 7.9 at 1% of fee per month
        incentive good § 8.1 {{ per month on breaches of m at most 5 bonus 5% of fee }}"
    );
    let apart = test(
        "a capped penalty beside a whole bonus",
        "A:2025-01-10=late",
        "expect penalties 10.00 EUR in 2025-01\n expect incentives 50.00 EUR in 2025-01",
    );
    holds(&clauses, &[apart]);
}

#[test]
fn a_longer_term_is_told_and_costs_nothing() {
    let clauses = "
        effective 2025-01-01..2026-12-31
        incentive longer § 8.3 {
            per month on attainment of m
            at least 99% for 2 months in a row extend term by 1 month
        }
    ";
    let list = "A:2025-01-10=met B:2025-02-10=met C:2025-03-10=met D:2025-04-01=met";
    let said = replayed(clauses, list, "2025-04-02T00:00:00+02:00", &["--format", "json"]);
    let value = as_json(&said);
    let told: Vec<String> = value["extensions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {} {} {}", one["period"], one["ref"], one["by"], one["ends"]).replace('"', ""))
        .collect();
    // April is not over.
    assert_eq!(told, ["2025-02 § 8.3 1 month 2027-01-31", "2025-03 § 8.3 1 month 2027-02-28"]);
    assert_eq!(value["ledger"].as_array().unwrap().len(), 0);
    let text = replayed(clauses, list, "2025-04-02T00:00:00+02:00", &["--to", "2025-02-28"]);
    let lines = "Longer term\n  2025-02 § 8.3 1 month, the last day is then 2027-01-31\n      attainment of m 100 % (1 of 1) is at \
                 least 99 % for 2 months in a row (2025-01, 2025-02): the term is 1 month longer\n";
    assert!(text.contains(lines), "{text}");
    assert!(!text.contains("2027-02-28"), "March is not shown: {text}");
}

/// Two steps over breaches: the third within three months, and the second within a calendar month.
const LADDER: &str = r#"
    consequences of m § 9 {
        1 breach in 1 month then warning
        3 breaches in 3 months then "improvement plan"
        2 breaches in 1 calendar month then review
    }
"#;

#[test]
fn a_step_is_reached_at_the_breach_that_makes_up_its_count() {
    // Breaches lie at 16:00. On 5 May the window begins after 5 February 16:00, so three lie in it anew: the count had
    // fallen to two when 20 January left it, and 10 February to 5 May makes three again.
    let plan = test(
        "three in three months",
        "A:2025-01-20=late B:2025-02-10=late C:2025-03-03=late D:2025-05-05=late",
        r#"
        expect consequence "improvement plan" at 2025-03-03 16:00
        expect consequence "improvement plan" at 2025-05-05 16:00
        expect A consequence "improvement plan" at 2025-03-03 16:00
        expect D consequence "improvement plan" at 2025-05-05 16:00
        expect no consequence review
        "#,
    );
    let goes_on = test(
        "a fourth within the window reaches nothing anew",
        "A:2025-01-20=late B:2025-02-10=late C:2025-03-03=late D:2025-03-10=late",
        r#"
        expect consequence "improvement plan" at 2025-03-03 16:00
        expect D no consequence "improvement plan"
        expect consequence review at 2025-03-10 16:00
        expect A no consequence review
        "#,
    );
    let warnings = test(
        "one each month, exactly a month apart and a day less",
        "A:2025-01-20=late B:2025-02-20=late C:2025-03-19=late",
        "expect A consequence warning at 2025-01-20 16:00
         expect B consequence warning at 2025-02-20 16:00
         expect C no consequence warning",
    );
    holds(LADDER, &[plan, goes_on, warnings]);
}

#[test]
fn calendar_months_are_cut() {
    let clauses = r#"
        consequences of m {
            2 breaches in 2 calendar months then cut
            2 breaches in 2 months then slid
        }
    "#;
    // 31 January and 1 March lie in three calendar months, and less than two months apart.
    let apart = test(
        "the first of three calendar months is out",
        "A:2025-01-31=late B:2025-03-01=late",
        "expect no consequence cut\n expect consequence slid",
    );
    let within = test(
        "both in two calendar months",
        "A:2025-01-03=late B:2025-02-28=late",
        "expect consequence cut at 2025-02-28 16:00",
    );
    let months = test(
        "a month apart to the minute",
        "A:2025-01-10=late B:2025-03-10=late",
        "expect no consequence slid\n expect no consequence cut",
    );
    holds(clauses, &[apart, within, months]);
}

#[test]
fn a_row_of_bad_months_gives_a_right_once_and_anew_after_a_good_one() {
    let clauses = "
        consequences of m § 9 {
            attainment below 85% for 2 months in a row then termination right for 30 days
            attainment below 85% in 2 of 3 months then plan
            attainment below 85% then talk
        }
    ";
    let list =
        "A:2025-01-10=late B:2025-02-10=late C:2025-03-10=late D:2025-04-10=met E:2025-05-12=late F:2025-07-10=late";
    let expect = r#"
        expect consequence termination right at 2025-03-01
        expect B consequence "termination right" at 2025-03-01
        expect C no consequence termination right
        expect F consequence termination right at 2025-08-01
        expect consequence plan at 2025-03-01
        expect C no consequence plan
        expect consequence talk at 2025-04-01
        expect consequence talk at 2025-06-01
    "#;
    // Two of three: February fills it. March to May hold March and May, so the count never falls below two; April, May,
    // June hold one, and July fills it anew with May.
    let expect =
        format!("{expect}\n expect F consequence plan at 2025-08-01\n expect E consequence plan at 2025-08-01");
    holds(clauses, &[test("rows and counts", list, &expect)]);

    let said = replayed(clauses, list, "2025-07-15T00:00:00+02:00", &["--format", "json"]);
    let value = as_json(&said);
    let rights: Vec<String> = value["consequences"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["step"] == "termination right")
        .map(|one| format!("{} {} {} {}", one["ref"], one["at"], one["tickets"], one["expires"]).replace('"', ""))
        .collect();
    // July is not over; 30 days after 28 February are 30 March.
    assert_eq!(rights, ["§ 9 2025-02-28T23:00:00Z [A,B] 2025-03-30"]);
    let text = replayed(clauses, list, "2025-07-15T00:00:00+02:00", &["--to", "2025-03-31"]);
    let told = "  2025-03-01 00:00 § 9 termination right, until 2025-03-30 [A, B]\n      attainment of m 0 % is below 85 % for 2 \
                months in a row (2025-01, 2025-02)\n";
    assert!(text.contains(told), "{text}");
    assert!(!text.contains("2025-06-01 00:00"), "May is not shown: {text}");
}

#[test]
fn a_ladder_looks_at_the_breaches_that_it_names() {
    let clauses = "
        penalty attainment { per month on attainment of m below 50% credit 10% of fee }
        consequences of m § 9 {
            breaches above 1 within 1 month after penalty attainment then escalation
        }
    ";
    let list =
        "A:2025-01-10=late B:2025-02-10=late C:2025-02-11=late D:2025-03-03=met E:2025-03-04=late F:2025-03-05=late";
    let expect = "expect consequence escalation at 2025-03-01\n expect B consequence escalation\n expect A no consequence escalation
         expect E consequence escalation at 2025-04-01";
    holds(clauses, &[test("after a penalty", list, expect)]);
}

#[test]
fn each_line_has_the_last_day_on_which_it_may_be_claimed() {
    let clauses = "
        claim § 7.10 within 30 days after the period
        penalty attainment § 7.2 { per month on attainment of m below 95% credit 10% of fee }
        penalty quarterly § 7.3 {
            per quarter on attainment of m
            below 95% credit 1% of fee
            claim by end of 2nd month after the period
        }
        penalty late § 7.1 {
            for each breach of m
            credit 10 EUR
            claim within 5 service days in office after each breach
        }
        penalty wall § 7.4 {
            for each breach of m
            credit 5 EUR
            claim within 36h after each breach
        }
        incentive good § 8 { per month on breaches of m at most 5 bonus 1 EUR }
    ";
    // Monday 10 March 16:00; five service days are 11, 12, 13, 17 and 18 March, for Friday is closed. 36 hours end on
    // 12 March at 04:00.
    let march = test(
        "a breach in March",
        "A:2025-03-10=late",
        "expect claim of attainment by 2025-04-30
         expect claim of quarterly by 2025-05-31
         expect claim of late by 2025-03-18
         expect claim of wall by 2025-03-12",
    );
    let february = test("February is shorter", "A:2025-02-10=late", "expect claim of attainment by 2025-03-30");
    holds(clauses, &[march, february]);

    let value = as_json(&replayed(clauses, "A:2025-03-10=late", "2025-04-02T00:00:00+02:00", &["--format", "json"]));
    let told: Vec<String> = value["ledger"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| format!("{} {}", line["clause"], line["claim_by"]).replace('"', ""))
        .collect();
    let wanted = ["attainment 2025-04-30", "quarterly 2025-05-31", "late 2025-03-18", "wall 2025-03-12", "good null"];
    assert_eq!(told, wanted, "the agreement's line is for penalties");
}

#[test]
fn service_days_after_a_period_count_from_its_last_day() {
    let clauses = "
        penalty three § 7.1 {
            per month on attainment of m
            below 95% credit 10 EUR
            claim within 3 service days in office after the period
        }
        penalty dates § 7.2 {
            per month on attainment of m
            below 95% credit 10 EUR
            claim within 3 service days in always after the period
        }
        penalty weekly § 7.3 {
            per week on attainment of m
            below 95% credit 10 EUR
            claim within 5 service days in office after the period
        }
        penalty each § 7.4 {
            for each breach of m
            credit 10 EUR
            claim within 1 service day in office after each breach
        }
    ";
    // January ends with a Friday: its three service days are Monday the 3rd, the 4th and the 5th of February. Three dates
    // after it are the 1st, the 2nd and the 3rd.
    let friday = test(
        "a month that ends on a service day",
        "A:2025-01-10=late",
        "expect claim of three by 2025-02-05
         expect claim of dates by 2025-02-03",
    );
    // August ends with a Sunday, which changes nothing: Monday the 1st of September is the first day.
    let sunday = test("a month that ends on a Sunday", "A:2025-08-11=late", "expect claim of three by 2025-09-03");
    // The week ends with Sunday the 9th; Friday the 14th is closed.
    let closed = test(
        "a closed day between",
        "A:2025-03-05=late",
        "expect claim of weekly by 2025-03-17
         expect claim of each by 2025-03-06",
    );
    // 16:00 on Saturday is outside of service time, so a clock's service days begin with Monday's opening.
    let saturday = test("a breach on a Saturday", "A:2025-03-08=late", "expect claim of each by 2025-03-11");
    holds(clauses, &[friday, sunday, closed, saturday]);
}

#[test]
fn an_outage_may_be_claimed_from_its_end_on() {
    let clauses = "
        availability of mail { promise 99.9% per month }
        penalty dates § 7.1 { for each outage of mail credit 10 EUR claim within 15 days after each outage }
        penalty service § 7.2 { for each outage of mail credit 10 EUR claim within 2 service days in office after each outage }
    ";
    // It ends on Friday the 7th at noon; two service days after that is Tuesday the 11th.
    let over_midnight = "test \"over midnight\" for a {
        outage of mail 2025-03-05 20:00..2025-03-07 12:00
        expect claim of dates by 2025-03-22
        expect claim of service by 2025-03-11
    }";
    holds(clauses, &[over_midnight.to_string()]);
}

/// Two penalties for each month: 10 % and, for each breach, 30 EUR.
const TWO: &str = "
    penalty attainment § 7.2 { per month on attainment of m below 95% credit 10% of fee }
    penalty late § 7.1 { for each breach of m credit 30 EUR }
";

#[test]
fn what_a_cap_cuts_is_carried_over_until_it_is_paid() {
    let clauses = format!("{TWO} cap penalties § 7.9 at 6% of fee per month, carried over");
    // January comes to 130 EUR: 60 are paid, 70 carried; February is empty and pays 60 of them, March 10 and its own 40
    // of 130, which leaves 80 for April and May.
    let list = "A:2025-01-10=late B:2025-03-10=late C:2025-05-30=met";
    let paid = test(
        "until nothing is left",
        list,
        "as of 2025-06-30
         expect penalties 60.00 EUR in 2025-01
         expect penalties 60.00 EUR in 2025-02
         expect penalties 60.00 EUR in 2025-03
         expect penalties 60.00 EUR in 2025-04
         expect penalties 20.00 EUR in 2025-05
         expect penalties 0.00 EUR in 2025-06
         expect penalties 260.00 EUR",
    );
    let short = test("as far as the history goes", "A:2025-01-10=late", "expect penalties 60.00 EUR");
    holds(&clauses, &[paid, short]);

    let value = as_json(&replayed(&clauses, "A:2025-01-10=late", "2025-03-31T22:00:00Z", &["--format", "json"]));
    let lines = value["ledger"].as_array().unwrap();
    let february: Vec<&Value> = lines.iter().filter(|line| line["month"] == "2025-02").collect();
    // 70 EUR were cut in proportion, 700/13 EUR and 210/13 EUR; of 60 EUR they get as much.
    let told: Vec<String> =
        february.iter().map(|line| format!("{} {} {}", line["period"], line["computed"], line["amount"])).collect();
    assert_eq!(told, ["\"2025-02\" \"700/13\" \"46.15\"", "\"2025-02\" \"210/13\" \"13.85\""]);
    let because = february[0]["because"].as_str().unwrap();
    let wanted =
        "700/13 EUR carried over from 2025-01, cut there by cap penalties § 7.9 at 6% of fee per month, carried over";
    assert!(because.starts_with(wanted), "{because}");
}

#[test]
fn a_small_month_is_not_paid_and_a_month_is_raised_but_not_past_a_cap() {
    let small = "
        penalty late § 7.1 { for each breach of m credit 30 EUR }
        pay only above 60 EUR
    ";
    let two = test("sixty are not above sixty", "A:2025-01-10=late B:2025-01-11=late", "expect penalties 0.00 EUR");
    let three =
        test("ninety are", "A:2025-01-10=late B:2025-01-11=late C:2025-01-12=late", "expect penalties 90.00 EUR");
    holds(small, &[two, three]);

    let raised = format!("{TWO} cap penalties § 7.9 at 18% of fee per month raise to at least 20% of fee");
    // 130 EUR; 200 EUR would be past the cap of 180 EUR, shared as 100 to 30.
    let capped = test(
        "up to the cap",
        "A:2025-01-10=late",
        "expect penalty attainment 138.46 EUR\n expect penalty late 41.54 EUR\n expect penalties 180.00 EUR",
    );
    let nothing = test("never from zero", "A:2025-01-10=met", "expect penalties 0.00 EUR");
    holds(&raised, &[capped, nothing]);

    let own = "
        penalty attainment § 7.2 { per month on attainment of m below 95% credit 10% of fee capped at 90 EUR per month }
        penalty late § 7.1 { for each breach of m credit 30 EUR }
        raise to at least 200 EUR
    ";
    // One stays at its own cap of 90 EUR, the other carries the rest.
    let rest = test(
        "the rest carries more",
        "A:2025-01-10=late",
        "expect penalty attainment 90.00 EUR\n expect penalty late 110.00 EUR",
    );
    holds(own, &[rest]);
}

#[test]
fn penalties_are_combined_as_a_tree() {
    let clauses = |rule: &str| {
        format!(
            "{TWO}
            penalty flat § 7.3 {{ per month on breaches of m above 0 credit 120 EUR }}
            penalty apart § 7.4 {{ per month on breaches of m above 0 credit 1 EUR }}
            combine penalties by {rule}"
        )
    };
    // 100 + 30 against 120; the fourth is named nowhere and is paid.
    let sum = test(
        "the sum is greater",
        "A:2025-01-10=late",
        "expect penalty flat 0.00 EUR\n expect penalty apart 1.00 EUR\n expect penalties 131.00 EUR",
    );
    holds(&clauses("greatest of (sum of (attainment, late), flat)"), &[sum]);
    let one = test(
        "the greater of two, and one more",
        "A:2025-01-10=late",
        "expect penalty late 0.00 EUR\n expect penalty attainment 100.00 EUR\n expect penalties 221.00 EUR",
    );
    holds(&clauses("sum of (greatest of (attainment, late), flat)"), &[one]);
    let first =
        test("the first that pays", "A:2025-01-10=late", "expect penalties 31.00 EUR\n expect penalty late 30.00 EUR");
    holds(&clauses("first of (late, greatest of (attainment, flat))"), &[first]);
}

#[test]
fn a_clause_may_count_clocks_by_their_creation() {
    let clauses = "
        penalty by_breach § 7.1 { for each breach of m credit 10 EUR }
        penalty by_creation § 7.2 { for each breach of m credit 10 EUR counted by created }
        penalty figure § 7.3 { per month on breaches of m above 0 credit 5 EUR counted by created }
    ";
    let mut over = test(
        "created in January, breached in February",
        "",
        "ticket T1 {}
         2025-01-31 22:00 created
         2025-02-01 09:00 resolved
         expect penalty by_breach 10.00 EUR in 2025-02
         expect penalty by_creation 10.00 EUR in 2025-01
         expect penalty figure 5.00 EUR in 2025-01
         expect penalties 15.00 EUR in 2025-01",
    );
    over.push('\n');
    holds(clauses, &[over]);
}

#[test]
fn what_had_to_be_claimed_and_was_not_pays_nothing() {
    let clauses = "
        claims from letters
        claim § 7.10 within 30 days after the period, unclaimed pays nothing
        penalty late § 7.1 { for each breach of m credit 30 EUR }
        penalty attainment § 7.2 { per month on attainment of m below 95% credit 10% of fee }
        penalty free § 7.3 { per month on breaches of m above 0 credit 1 EUR claim within 30 days after the period }
        cap penalties at 35 EUR per month
    ";
    let list = "A:2025-01-10=late B:2025-01-11=late C:2025-03-10=late";
    let rows = "late,2025-03-02 23:30,2025-01,A\nattainment,2025-03-03 00:10,2025-01,\n";
    let said = replayed(clauses, list, "2025-04-15T00:00:00+02:00", &["CLAIMS", rows, "--format", "json"]);
    let value = as_json(&said);
    let told: Vec<String> = value["ledger"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| format!("{} {} {}", line["month"], line["clause"], line["amount"]).replace('"', ""))
        .collect();
    // January may be claimed until 2 March. The claim for A came on that day, the one for the month ten minutes after it,
    // none for B. The third clause need not be claimed. March may be claimed until 30 April, so it is still owed, cut to
    // the cap: 30, 100 and 1 of 131 EUR share 35 EUR.
    let wanted = [
        "2025-01 late 30.00",
        "2025-01 late 0.00",
        "2025-01 attainment 0.00",
        "2025-01 free 1.00",
        "2025-03 late 8.01",
        "2025-03 attainment 26.72",
        "2025-03 free 0.27",
    ];
    assert_eq!(told, wanted);
    for note in [
        "30.00 EUR, not claimed by 2025-03-02: it pays nothing",
        "claimed on 2025-03-03, after its last day 2025-03-02: it pays nothing",
        "30.00 EUR, not claimed yet: it may be until 2025-04-30",
    ] {
        assert!(said.contains(note), "{note}: {said}");
    }

    let all = as_json(&replayed(clauses, list, "2025-04-15T00:00:00+02:00", &["--format", "json"]));
    assert_eq!(all["totals"]["penalties"], "70.00", "without a file everything counts as claimed");

    let (exit, said) =
        replay(clauses, list, "2025-04-15T00:00:00+02:00", &["CLAIMS", "latte,2025-02-01 09:00,2025-01,A\n"]);
    assert_eq!(exit, Exit::Input);
    assert!(said.contains("names `latte`, and no clause has this name"), "{said}");
}

#[test]
fn a_bounded_line_says_what_bounds_it() {
    let clauses = format!(
        "{ATTAINMENT}
        incentive back § 8.2 {{
            per month on attainment of m
            at least 97% within 2 months after penalty attainment earn back 300 EUR
        }}"
    );
    let list = "A:2025-01-10=late B:2025-02-10=met C:2025-03-10=met";
    let value = as_json(&replayed(&clauses, list, "2025-04-02T00:00:00+02:00", &["--format", "json"]));
    let line = value["ledger"].as_array().unwrap().iter().find(|line| line["kind"] == "incentive").unwrap();
    let because = line["because"].as_str().unwrap();
    let wanted = "300.00 EUR of penalty attainment (100.00 EUR in 2025-01), no more than was charged and has not come back \
                  yet = 100.00 EUR";
    assert!(because.ends_with(wanted), "{because}");
    assert_eq!((&line["computed"], &line["after_clause_cap"]), (&Value::from("300"), &Value::from("100")));
    assert_eq!(value["totals"]["incentives"], "100.00", "in March nothing is left");
}

#[test]
fn a_ladder_with_a_condition_looks_at_the_breaches_as_they_were() {
    let clauses = "
        field kind in (server, desk)
        consequences of m when kind is server {
            2 breaches in 1 month then warning
            attainment below 50% then talk
        }
    ";
    let both = "test \"only servers count\" for a {
        ticket A { kind server }
        ticket B { kind desk }
        ticket C { kind server }
        A 2025-01-10 12:00 created
        A 2025-01-10 17:00 resolved
        B 2025-01-11 12:00 created
        B 2025-01-11 17:00 resolved
        C 2025-01-12 12:00 created
        C 2025-01-12 17:00 resolved
        expect consequence warning at 2025-01-12 16:00
        expect B no consequence warning
        expect consequence talk at 2025-02-01
        expect B no consequence talk
    }\n";
    holds(clauses, &[both.to_string()]);
}

#[test]
fn coverage_counts_steps_rows_and_longer_terms() {
    let clauses = "
        effective 2025-01-01..2026-12-31
        incentive longer { per month on attainment of m at least 99% extend term by 1 month }
        consequences of m { 1 breach in 1 month then warning 5 breaches in 1 month then plan }
    ";
    let tests = test("one of each", "A:2025-01-10=late B:2025-02-10=met", "expect consequence warning");
    let folder = tempfile::tempdir().unwrap();
    let (_, said) = klausel(&["test", &written(folder.path(), clauses, &tests), "--coverage"]);
    assert!(said.contains("1 of 1 clauses, 1 of 1 bands, 1 of 2 consequences"), "{said}");
    assert!(said.contains("no test reaches the consequence `5 breaches in 1 month then plan`"), "{said}");
}

/// What `check` says of clauses.
fn checked(clauses: &str, tests: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    klausel(&["check", &written(folder.path(), clauses, tests)]).1
}

#[test]
fn names_must_exist_wherever_they_stand() {
    let good = |row: &str| format!("incentive good {{ per month on attainment of m {row} }}");
    let tests = test("t", "A:2025-01-10=late", "expect consequence warnign");
    let ladder = "consequences of m { 1 breach in 1 month then warning }";
    for (clauses, tests, what) in [
        (good("at least 97% within 2 months after penalty lat bonus 1 EUR"), "", "no penalty `lat`"),
        (good("at least 97% earn back 50% of penalty lat"), "", "no penalty `lat`"),
        (
            good("at least 97% bonus 1 EUR claim within 5 service days in offce after the period"),
            "",
            "no calendar `offce`",
        ),
        ("consequences of n { 1 breach in 1 month then warning }".to_string(), "", "no metric `n`"),
        ("consequences of m { attainment of n below 9% then warning }".to_string(), "", "no metric `n`"),
        (format!("{TWO} combine penalties by greatest of (late, attainmnt)"), "", "no penalty `attainmnt`"),
        ("claims from lettrs".to_string(), "", "no source `lettrs`"),
        (ladder.to_string(), &tests, "no consequence `warnign`"),
    ] {
        let said = checked(&clauses, tests);
        assert!(said.contains("error[unknown_name]") && said.contains(what), "{what}: {said}");
        assert_eq!(said.matches("error[").count(), 1, "{said}");
    }
}

#[test]
fn inherited_ladders_claims_and_minimum_payouts_are_changed_like_anything_else() {
    let template = format!(
        "template base {{{HEAD}
            penalty late {{ for each breach of m credit 30 EUR }}
            consequences of m {{ 1 breach in 1 month then warning }}
            claim within 30 days after the period
            pay only above 50 EUR
            raise to at least 100 EUR
        }}
        agreement a extends base {{
            override consequences of m {{ 1 breach in 1 month then talk }}
            override claim within 10 days after the period
            remove pay only
            override raise to at least 40 EUR
        }}
        agreement b extends base {{
            remove consequences of m
            remove claim
            remove raise
        }}\n"
    );
    let tests = test(
        "overridden",
        "A:2025-03-10=late",
        "expect consequence talk\n expect claim of late by 2025-04-10\n expect penalties 40.00 EUR",
    );
    let removed =
        test("removed", "A:2025-03-10=late B:2025-03-11=late", "expect penalties 60.00 EUR").replace("for a", "for b");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sla");
    std::fs::write(&path, format!("{DESK}{template}{tests}{removed}")).unwrap();
    let (exit, said) = klausel(&["test", path.to_str().unwrap()]);
    assert_eq!(exit, Exit::Done, "{said}");
    assert!(said.contains("2 passed, 0 failed"), "{said}");
}
