//! What follows over several periods and besides money: each agreement's own tests, worked out by hand, hold.
#![expect(clippy::unwrap_used, reason = "a test says what it misses by failing")]

use klausel::cli::{self, Exit};

/// What every agreement here says first: four hours for each ticket, 1 000 EUR a month.
const HEAD: &str = r#"
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

/// Runs an agreement's tests; they must be there, and all hold.
fn holds(clauses: &str, tests: &[String]) {
    let text = format!("agreement a {{{HEAD}{clauses}}}\n{}", tests.concat());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sla");
    std::fs::write(&path, text).unwrap();
    let (mut out, mut err) = (anstream::StripStream::new(Vec::new()), anstream::StripStream::new(Vec::new()));
    let exit = cli::run(["klausel", "test", path.to_str().unwrap()], &mut out, &mut err);
    let said = String::from_utf8([out.into_inner(), err.into_inner()].concat()).unwrap();
    assert_eq!(exit, Exit::Done, "{said}");
    assert!(said.contains(&format!("{} passed, 0 failed", tests.len())), "{said}");
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
