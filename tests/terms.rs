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

// -- availability measured from tickets

/// A service that is down while an outage ticket is open: 99 % of March, which has 743 hours, are 735.57.
const FROM_TICKETS: &str = "availability of mail { hours always measured from tickets when kind is late }
    penalty up { per month on availability of mail below 99% credit 100 EUR }
    penalty each { for each outage of mail credit 1 EUR per started hour down }";

#[test]
fn a_ticket_s_outage_lasts_from_its_creation_to_its_stop() {
    // Ten tickets of five hours each are 50 of 743 hours; two that overlap are one outage.
    let ten = (1..=10).map(|day| format!("T{day}:2025-03-{day:02}=late")).collect::<Vec<_>>().join(" ");
    let figures = "expect availability of mail 93.270525% in 2025-03\nexpect penalty up 100.00 EUR in 2025-03\n\
                   expect penalty each 50.00 EUR in 2025-03";
    holds(FROM_TICKETS, &tickets(&ten), figures);
    let again = format!("{ten} U:2025-03-10=late V:2025-03-11=met");
    holds(FROM_TICKETS, &tickets(&again), figures);
}

#[test]
fn a_ticket_that_is_open_is_down_until_now_and_one_that_was_excluded_never() {
    let open = "    ticket A { kind late }\n    A 2025-03-31 12:00 created\n    as of 2025-04-02\n";
    holds(FROM_TICKETS, open, "expect penalty each 36.00 EUR in 2025-03");
    let excluded = format!("{FROM_TICKETS}\n    exclude tickets when kind is late");
    holds(&excluded, open, "expect penalties 0.00 EUR\nexpect availability of mail 100% in 2025-03");
}

#[test]
fn the_time_between_a_stop_and_a_reopening_is_no_downtime() {
    let reopened = HEAD.replace("stops on resolved", "stops on resolved reopens on reopened then resumes");
    let text = with(FROM_TICKETS, "", "").replace(HEAD, &reopened).replace(
        "test \"t\" for a {\n",
        "test \"t\" for a {\n    ticket A { kind late }\n    2025-03-01 12:00 created\n    2025-03-01 13:00 resolved\n    \
         2025-03-05 12:00 reopened\n    2025-03-05 14:00 resolved\n    expect penalty each 3.00 EUR in 2025-03\n",
    );
    let (exit, said) = said(&["test"], &text);
    assert_eq!(exit, Exit::Done, "{text}\n{said}");
}

#[test]
fn a_service_of_tickets_has_clocks_and_no_parts() {
    refuses("availability of mail { measured from tickets down when any of (web, relay) }", "said_twice");
    refuses("availability of mail { measured from tickets measured from outages }", "said_twice");
}

#[test]
fn parts_may_be_measured_from_tickets() {
    let parts = "availability of web { hours always measured from tickets when kind is late }
        availability of mail { hours always down when all of (web, relay) }
        availability of relay { hours always measured from tickets when kind is met }
        penalty each { for each outage of mail credit 1 EUR per started hour down }";
    // Both are down from noon to one o'clock.
    holds(
        parts,
        &tickets("A:2025-03-03=late B:2025-03-03=met C:2025-03-04=late"),
        "expect penalties 1.00 EUR in 2025-03",
    );
}

// -- windows

/// Three breaches in any seven days; each costs ten euros of that window.
const ANY_WEEK: &str = "penalty p { per any 7 days on breaches of m at least 3 credit 10 EUR per breach }";

#[test]
fn a_window_pays_at_the_end_of_the_day_that_makes_it_full() {
    // The third of March to the sixth; seen at the end of the sixth, whose window begins on 28 February.
    let first = "A:2025-03-03=late B:2025-03-04=late C:2025-03-06=late";
    holds(ANY_WEEK, &tickets(first), "expect penalties 30.00 EUR in 2025-03\nexpect penalties 0.00 EUR in 2025-02");
    // Eight days from the first to the last are too many.
    holds(ANY_WEEK, &tickets("A:2025-03-03=late B:2025-03-04=late C:2025-03-10=late"), "expect penalties 0.00 EUR");
    holds(ANY_WEEK, &tickets("A:2025-03-03=late B:2025-03-04=late C:2025-03-09=late"), "expect penalties 30.00 EUR");
}

#[test]
fn a_day_that_was_paid_for_is_not_paid_for_again() {
    let first = "A:2025-03-03=late B:2025-03-04=late C:2025-03-06=late";
    // A fourth breach the day after lies in windows that share days with the one that paid.
    holds(ANY_WEEK, &tickets(&format!("{first} D:2025-03-07=late")), "expect penalties 30.00 EUR");
    // From the seventh on three make a window of their own, at its third.
    let second = format!("{first} D:2025-03-07=late E:2025-03-12=late F:2025-03-13=late");
    holds(ANY_WEEK, &tickets(&second), "expect penalties 60.00 EUR");
}

#[test]
fn a_window_over_the_end_of_a_month_is_settled_in_the_month_of_its_last_day() {
    let over = "A:2025-03-30=late B:2025-03-31=late C:2025-04-02=late";
    holds(ANY_WEEK, &tickets(over), "expect penalties 0.00 EUR in 2025-03\nexpect penalties 30.00 EUR in 2025-04");
    // What comes later changes no month before: March pays, and April not once more.
    let early = "A:2025-03-28=late B:2025-03-30=late C:2025-03-31=late D:2025-04-02=late";
    holds(ANY_WEEK, &tickets(early), "expect penalties 30.00 EUR in 2025-03\nexpect penalties 0.00 EUR in 2025-04");
}

#[test]
fn a_window_lies_inside_the_agreement() {
    // The first window of seven days ends on 7 January, and sees all three.
    let start = "A:2025-01-01=late B:2025-01-02=late C:2025-01-03=late";
    holds(ANY_WEEK, &format!("{}    as of 2025-01-06 23:00\n", tickets(start)), "expect penalties 0.00 EUR");
    holds(ANY_WEEK, &format!("{}    as of 2025-01-07 23:00\n", tickets(start)), "expect penalties 30.00 EUR");
}

#[test]
fn a_fee_of_a_window_goes_by_the_days_of_their_months() {
    // Ten days of March and ten of April: 10/31 + 10/30 of 1 000 EUR are 655.913...
    let clause = "availability of mail { hours always }
        penalty p { per any 20 days on availability of mail below 99% credit 100% of fee }";
    let down = "    outage of mail 2025-04-10 00:00..2025-04-10 12:00\n    as of 2025-04-11\n";
    holds(clause, down, "expect penalties 655.91 EUR in 2025-04");
}

#[test]
fn windows_are_refused_where_a_day_may_belong_to_one_only() {
    refuses("cap penalties at 100 EUR per any 30 days", "period_that_slides");
    refuses("penalty p { for each breach of m credit 1 EUR capped at 5 EUR per any 30 days }", "period_that_slides");
    refuses(
        "penalty p { per any 30 days on breaches of m at least 3 for 2 periods in a row credit 1 EUR }",
        "run_of_other_periods",
    );
    refuses("penalty p { per any 1 days on breaches of m at least 3 credit 1 EUR }", "bad_number");
    refuses("penalty p { per any 30 days on breaches of m credit 1 EUR per breach }", "figure_without_band");
}

// -- what shares are of

#[test]
fn a_share_may_be_of_a_service_s_fee_of_a_month_or_year_whatever_the_period() {
    let of = |base: &str| {
        format!(
            "fee of mail 300 EUR per quarter
             penalty p {{ per quarter on breaches of m at least 1 credit 10% of {base} }}"
        )
    };
    let late = tickets("A:2025-02-03=late");
    holds(&of("fee of mail"), &late, "expect penalties 30.00 EUR in 2025-Q1");
    holds(&of("monthly fee of mail"), &late, "expect penalties 10.00 EUR in 2025-Q1");
    holds(&of("yearly fee of mail"), &late, "expect penalties 120.00 EUR in 2025-Q1");
    holds(&of("monthly fee"), &late, "expect penalties 100.00 EUR in 2025-Q1");
    refuses(&of("monthly fee of web"), "unknown_name");
}

#[test]
fn a_share_of_each_service_s_fee_follows_the_list() {
    let clause = "fee of mail 100 EUR per month
        fee of web 200 EUR per month
        penalty p {
            for each service in (mail, web)
            per month on availability of service
            below 99% credit 10% of yearly fee of service
        }";
    let down = "    outage of web 2025-03-10 00:00..2025-03-10 12:00\n";
    holds(clause, down, "expect penalties 240.00 EUR in 2025-03");
}
