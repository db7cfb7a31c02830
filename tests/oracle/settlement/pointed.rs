//! Cases in which the two settlements once differed, each as small as it gets.

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use klausel::money::exact;
use klausel::statement::{Line, Statement};

use crate::draft::{Grain, Scenery};
use crate::history::{self, History};

use super::compare::{Case, Office, agree};
use super::log::{Row, Story};

fn at(text: &str) -> i64 {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
    local.and_utc().timestamp_millis()
}

/// A ticket created at the first instant, with more events after it.
fn ticket(created: &str, events: &[(&str, &'static str)]) -> History {
    let row = |time: &str, event| history::Row { at: at(time), changes: vec![], event: Some(event) };
    let later = events.iter().map(|(time, event)| row(time, event));
    History { rows: [row(created, "created")].into_iter().chain(later).collect(), as_of: 0 }
}

fn outage(service: &'static str, start: &str, end: &str) -> Row {
    Row { service, start: at(start), end: Some(at(end)), fields: vec![] }
}

/// An agreement in UTC with a metric that may take four hours, and a fee of 1 000 EUR a month; judged at noon.
fn case(terms: &str, tickets: Vec<History>, outages: Vec<Row>, as_of: &str) -> Case {
    let date = NaiveDate::from_ymd_opt(2025, 3, 1).unwrap();
    let agreement = format!(
        "edition 2026\nagreement acme {{\ntimezone \"UTC\"\nfee 1_000 EUR per month\n\
         metric work {{ starts on created stops on resolved repeats }}\n\
         tier all {{ work {{ any 4h }} }}\n{terms}\nround half up to 0.01 EUR\n}}\n"
    );
    let story = Story { tickets, outages, claims: None, as_of: at(&format!("{as_of} 12:00")) };
    Case { scenery: Scenery { grain: Grain::Minute, zone: Tz::UTC, date }, agreement, story }
}

/// What is paid, line by line: month, clause, amount.
fn paid(case: &Case) -> Vec<String> {
    agree(case).unwrap();
    told(&statement(case).ledger)
}

fn statement(case: &Case) -> Statement {
    let office = Office::new(case);
    office.settle(&office.judge(office.tickets.clone()), &office.outages)
}

fn told(lines: &[Line]) -> Vec<String> {
    lines.iter().map(|line| format!("{} {} {}", line.month.label, line.clause, exact(&line.amount))).collect()
}

/// A breach late by two hours, on the given days.
fn late(days: &[&str]) -> Vec<History> {
    days.iter().map(|day| ticket(&format!("{day} 08:00"), &[(&format!("{day} 14:00"), "resolved")])).collect()
}

const MAIL: &str = "availability of mail { hours always }";

#[test]
fn a_month_after_the_end_has_no_figure_that_nothing_stands_behind() {
    let terms = format!(
        "effective 2025-01-01..2025-02-28\nempty counts as met\n{MAIL}\n\
         incentive none {{ per month on outages of mail at most 0 bonus 10 EUR }}\n\
         incentive all {{ per month on attainment of work at least 100% bonus 10 EUR }}\n\
         incentive quiet {{ per month on tickets at most 5 bonus 10 EUR }}"
    );
    let outages = vec![outage("mail", "2025-01-07 10:00", "2025-01-07 11:00")];
    let paid = paid(&case(&terms, vec![], outages, "2025-05-02"));
    assert_eq!(paid, ["2025-01 all 10", "2025-01 quiet 10", "2025-02 none 10", "2025-02 all 10", "2025-02 quiet 10"]);
}

#[test]
fn a_total_of_no_stopped_clocks_is_no_figure() {
    let terms = "incentive quick { per month on total of work below 8h bonus 10 EUR }";
    let tickets = vec![ticket("2025-01-07 08:00", &[("2025-01-07 09:00", "resolved")])];
    assert_eq!(paid(&case(terms, tickets, vec![], "2025-04-02")), ["2025-01 quick 10"]);
}

#[test]
fn a_ticket_in_two_months_is_one_ticket() {
    let terms = "penalty slow {\n\
                 per month on mean over 2 months of attainment of work with at least 2 tickets\n\
                 below 100% credit 10 EUR\n}";
    let again = ticket(
        "2025-01-07 08:00",
        &[("2025-01-07 14:00", "resolved"), ("2025-02-07 08:00", "created"), ("2025-02-07 14:00", "resolved")],
    );
    assert_eq!(paid(&case(terms, vec![again.clone()], vec![], "2025-03-02")), [""; 0]);
    let two = vec![again, late(&["2025-02-09"]).remove(0)];
    assert_eq!(paid(&case(terms, two, vec![], "2025-03-02")), ["2025-02 slow 10"]);
}

#[test]
fn a_figure_over_months_has_its_month_s_downtime_and_its_service_s_fee() {
    let terms = format!(
        "fee of mail 62 EUR per month\n{MAIL}\npenalty down {{\n\
         per month on mean over 2 months of availability of mail\n\
         below 100% credit 100% of price of the downtime\n}}"
    );
    let outages = vec![outage("mail", "2025-01-07 00:00", "2025-01-08 00:00")];
    assert_eq!(paid(&case(&terms, vec![], outages, "2025-03-02")), ["2025-01 down 2", "2025-02 down 0"]);
}

#[test]
fn an_outage_of_less_than_a_minute_is_one() {
    let terms = "availability of mail { count whole minutes }\n\
                 penalty each { for each outage of mail credit 10 EUR }\n\
                 penalty count { per month on outages of mail credit 10 EUR per outage }\n\
                 penalty time { for each outage of mail credit 10 EUR per started minute down }";
    let start = at("2025-01-07 10:00");
    let short = Row { service: "mail", start, end: Some(start + 40_000), fields: vec![] };
    let paid = paid(&case(terms, vec![], vec![short], "2025-02-02"));
    assert_eq!(paid, ["2025-01 each 10", "2025-01 count 10", "2025-01 time 0"]);
}

#[test]
fn a_figure_counts_the_dates_that_outages_touch() {
    let terms = format!("{MAIL}\npenalty days {{ per month on downtime of mail credit 10 EUR per date down }}");
    let outages = vec![
        outage("mail", "2025-01-07 10:00", "2025-01-07 11:00"),
        outage("mail", "2025-01-07 22:00", "2025-01-09 00:00"),
        outage("mail", "2025-01-31 23:00", "2025-02-01 01:00"),
    ];
    assert_eq!(paid(&case(&terms, vec![], outages, "2025-03-02")), ["2025-01 days 30", "2025-02 days 10"]);
}

#[test]
fn contract_years_do_not_overlap_before_the_first() {
    let terms = "effective 2025-03-05..\n\
                 availability of mail { hours always }\n\
                 penalty many { per contract year on breaches of work at least 2 credit 10 EUR }";
    let early = vec![outage("mail", "2025-03-03 10:00", "2025-03-03 11:00")];
    let breaches = late(&["2025-04-07", "2026-02-09"]);
    assert_eq!(paid(&case(terms, breaches, early, "2026-04-02")), ["2026-03 many 10"]);
}

#[test]
fn a_cap_per_ticket_does_not_join_figures() {
    let terms = "penalty bad {\n\
                 per month on attainment of work\n\
                 below 100% credit 80 EUR\n\
                 capped at 100 EUR per ticket\n}";
    let again = ticket(
        "2025-01-07 08:00",
        &[("2025-01-07 14:00", "resolved"), ("2025-02-07 08:00", "created"), ("2025-02-07 14:00", "resolved")],
    );
    assert_eq!(paid(&case(terms, vec![again], vec![], "2025-03-02")), ["2025-01 bad 80", "2025-02 bad 80"]);
}

#[test]
fn greatest_per_ticket_looks_at_every_line_of_one_ticket() {
    let terms = "penalty late { for each breach of work credit 10 EUR }\n\
                 penalty each { for each ticket credit 20 EUR }\n\
                 penalty month { per month on breaches of work at least 1 credit 5 EUR }\n\
                 combine penalties by greatest per ticket";
    let paid = paid(&case(terms, late(&["2025-01-07"]), vec![], "2025-02-02"));
    assert_eq!(paid, ["2025-01 late 0", "2025-01 each 20", "2025-01 month 5"]);
}

#[test]
fn a_cap_per_month_is_of_that_month_s_fee_whichever_breach_comes_first() {
    let terms = "effective 2025-01-01..2025-03-15\n\
                 penalty late { for each breach of work credit 1_000 EUR }\n\
                 cap penalties at 31% of fee per month";
    // Created before the end, and breached before and after it.
    let before = ticket("2025-03-10 08:00", &[("2025-03-10 14:00", "resolved")]);
    let after = ticket("2025-03-15 22:00", &[("2025-03-16 14:00", "resolved")]);
    for tickets in [vec![before.clone(), after.clone()], vec![after, before]] {
        assert_eq!(paid(&case(terms, tickets, vec![], "2025-04-02")), ["2025-03 late 75", "2025-03 late 75"]);
    }
}

#[test]
fn of_outages_that_begin_and_end_together_either_order_reads_the_same_fields() {
    let terms = "field price in (10, 20)\navailability of mail { hours always }\n\
                 penalty each { for each outage of mail credit 100% of price }";
    let priced =
        |price| Row { fields: vec![("price", price)], ..outage("mail", "2025-01-07 10:00", "2025-01-07 11:00") };
    for outages in [vec![priced("20"), priced("10")], vec![priced("10"), priced("20")]] {
        assert_eq!(paid(&case(terms, vec![], outages, "2025-02-02")), ["2025-01 each 10"]);
    }
}

#[test]
fn what_is_carried_over_is_shown_in_one_month_that_is_not_over() {
    let terms = "penalty late { for each breach of work credit 100 EUR }\n\
                 penalty many { per quarter on breaches of work at least 1 credit 10 EUR }\n\
                 cap penalties at 40 EUR per month, carried over";
    // April and June are not over: the second quarter would be settled in June.
    let case = case(terms, late(&["2025-03-07", "2025-04-07"]), vec![], "2025-04-20");
    assert_eq!(paid(&case), ["2025-03 late 36.36", "2025-03 many 3.64"]);
    let open = told(&statement(&case).provisional);
    assert_eq!(open, ["2025-04 late 23.53", "2025-04 late 14.97", "2025-04 many 1.5", "2025-06 many 10"]);
}

/// The last days of claims.
fn claimed_by(case: &Case) -> Vec<Option<String>> {
    agree(case).unwrap();
    statement(case).ledger.into_iter().map(|line| line.claim_by).collect()
}

#[test]
fn a_line_for_a_ticket_is_claimed_after_its_period_as_it_is_no_breach() {
    let terms = "penalty each { for each ticket credit 10 EUR }\nclaim within 10 days after each breach";
    let case = case(terms, late(&["2025-01-07"]), vec![], "2025-04-02");
    assert_eq!(claimed_by(&case), [Some("2025-02-10".to_string())]);
}

#[test]
fn the_same_time_on_the_next_service_day_is_of_that_day_at_midnight_too() {
    let terms = "penalty late { for each breach of work credit 10 EUR }\n\
                 claim within 1 service day in always after each breach";
    // Breached on the 8th at midnight, and a minute later.
    let tickets =
        ["2025-01-07 20:00", "2025-01-07 20:01"].map(|created| ticket(created, &[("2025-01-09 14:00", "resolved")]));
    let day = Some("2025-01-09".to_string());
    assert_eq!(claimed_by(&case(terms, tickets.to_vec(), vec![], "2025-04-02")), [day.clone(), day]);
}
