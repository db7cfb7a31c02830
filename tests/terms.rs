//! Terms of clauses: least numbers of tickets, sliding windows, what shares are of. Each agreement's own tests, worked out
//! by hand, hold.
#![expect(clippy::unwrap_used, reason = "a test says what it misses by failing")]

use klausel::cli::{self, Exit};

/// Four hours for each ticket at any time of day, 1 000 EUR a month, in an agreement of one year.
const HEAD: &str = "agreement a {
    effective 2025-01-01..2025-12-31
    timezone \"Europe/Berlin\"
    fee 1_000 EUR per month
    metric m { starts on created stops on resolved target 4h }
    round half up to 0.01 EUR
";

fn said(command: &[&str], text: &str) -> (Exit, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sla");
    std::fs::write(&path, text).unwrap();
    let (mut out, mut err) = (Vec::new(), anstream::StripStream::new(Vec::new()));
    let args = ["klausel"].into_iter().chain(command.iter().copied()).chain([path.to_str().unwrap()]);
    let exit = cli::run(args, &mut out, &mut err);
    let err = String::from_utf8(err.into_inner()).unwrap();
    (exit, format!("{}{err}", String::from_utf8(out).unwrap()))
}

/// Tickets `A:2025-03-01=met`: created at noon, resolved after an hour, or (`late`) after five.
fn tickets(list: &str) -> String {
    let of = |word: &str| {
        let (name, rest) = word.split_once(':').unwrap();
        let (day, outcome) = rest.split_once('=').unwrap();
        let hour = if outcome == "met" { "13" } else { "17" };
        format!(
            "    ticket {name} {{ kind {outcome} }}\n    {name} {day} 12:00 created\n    {name} {day} {hour}:00 resolved\n"
        )
    };
    list.split_whitespace().map(of).collect()
}

/// The agreement with these clauses, and the test of a history.
fn with(clauses: &str, history: &str, expectations: &str) -> String {
    format!("{HEAD}    field kind in (met, late)\n{clauses}\n}}\ntest \"t\" for a {{\n{history}{expectations}\n}}\n")
}

fn holds(clauses: &str, history: &str, expectations: &str) {
    let text = with(clauses, history, expectations);
    let (exit, said) = said(&["test"], &text);
    assert_eq!(exit, Exit::Done, "{text}\n{said}");
}

fn refuses(clauses: &str, code: &str) {
    let text = with(clauses, &tickets("A:2025-03-01=met"), "expect A m met");
    let (exit, said) = said(&["check"], &text);
    assert_eq!(exit, Exit::No, "{text}\n{said}");
    assert!(said.contains(&format!("error[{code}]")), "{text}\n{said}");
}

// -- least numbers of tickets

#[test]
fn a_breach_is_paid_in_a_month_with_enough_tickets() {
    let clause = "penalty p { for each breach of m with at least 3 tickets credit 10 EUR }";
    let march = "A:2025-03-03=late B:2025-03-04=met";
    holds(clause, &tickets(march), "expect penalties 0.00 EUR in 2025-03");
    holds(clause, &tickets(&format!("{march} C:2025-03-05=late")), "expect penalties 20.00 EUR in 2025-03");
    let april = format!("{march} C:2025-04-05=late");
    holds(clause, &tickets(&april), "expect penalties 0.00 EUR in 2025-03\nexpect penalties 0.00 EUR in 2025-04");
}

#[test]
fn tickets_that_fail_the_clause_s_condition_are_none_of_its_number() {
    let clause = "penalty p { for each breach of m when kind is late with at least 2 tickets credit 10 EUR }";
    holds(clause, &tickets("A:2025-03-03=late B:2025-03-04=met"), "expect penalties 0.00 EUR");
    holds(clause, &tickets("A:2025-03-03=late B:2025-03-04=late"), "expect penalties 20.00 EUR");
}

#[test]
fn a_ticket_whose_clock_still_runs_is_none_of_the_number() {
    let clause = "penalty p { for each breach of m with at least 2 tickets credit 10 EUR }";
    let running = "    ticket B {}\n    B 2025-03-04 12:00 created\n";
    let undecided = format!("{}{running}    as of 2025-03-04 13:00\n", tickets("A:2025-03-03=late"));
    holds(clause, &undecided, "expect penalties 0.00 EUR in 2025-03");
    let breached = format!("{}{running}    as of 2025-04-01\n", tickets("A:2025-03-03=late"));
    holds(clause, &breached, "expect penalties 20.00 EUR in 2025-03");
}

#[test]
fn tickets_and_outages_ask_for_tickets_that_were_created() {
    let each = "penalty p { for each ticket when kind is late with at least 2 tickets credit 10 EUR }";
    holds(each, &tickets("A:2025-03-03=late B:2025-03-04=met"), "expect penalties 0.00 EUR");
    holds(each, &tickets("A:2025-03-03=late B:2025-03-04=late"), "expect penalties 20.00 EUR");
    let outages = "availability of mail { hours always }\n\
                   penalty p { for each outage of mail with at least 2 tickets credit 10 EUR per started hour down }";
    let down = "    outage of mail 2025-03-10 10:00..2025-03-10 11:30\n";
    holds(outages, &format!("{}{down}", tickets("A:2025-03-03=met")), "expect penalties 0.00 EUR");
    holds(outages, &format!("{}{down}", tickets("A:2025-03-03=met B:2025-03-30=met")), "expect penalties 20.00 EUR");
}
