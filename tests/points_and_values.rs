//! Points, clauses settled once per value, longer and sliding periods: each amount is worked out by hand.
#![expect(clippy::unwrap_used, reason = "a test says what it misses by failing")]

#[path = "common/program.rs"]
mod program;

use std::path::Path;

use klausel::cli::Exit;
use serde_json::Value;

use program::klausel;

/// Four hours for each ticket, 1 000 EUR a month, mail and files for 300 EUR and 200 EUR.
const HEAD: &str = r#"
source desk {
    format csv
    ticket column "id"
    at column "at" in "UTC"
    event column "event"
    field team column "team"
    field weight column "weight"
}
agreement a {
    tickets from desk
    effective 2025-01-01..2025-12-31
    timezone "UTC"
    fee 1_000 EUR per month
    fee of mail 300 EUR per month
    fee of files 200 EUR per month
    metric m { starts on created stops on resolved target 4h }
    availability of mail { hours always }
    availability of files { hours always }
"#;

fn agreement(clauses: &str) -> String {
    format!("{HEAD}{clauses}\n    round half up to 0.01 EUR\n}}\n")
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_string()
}

/// Runs one test of an agreement, which must hold.
fn holds(clauses: &str, lines: &str) {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{}test \"t\" for a {{\n{lines}\n}}\n", agreement(clauses));
    let (exit, said) = klausel(&["test", &write(folder.path(), "a.sla", &text)]);
    assert_eq!(exit, Exit::Done, "{text}\n{said}");
    assert!(said.contains("1 passed, 0 failed"), "{said}");
}

fn refuses(clauses: &str, code: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (exit, said) = klausel(&["check", &write(folder.path(), "a.sla", &agreement(clauses))]);
    assert_eq!(exit, Exit::No, "{said}");
    assert!(said.contains(&format!("error[{code}]")), "{code} is not among\n{said}");
}

/// What a replay of tickets up to the end of June says; a row is `TICKET DATE met|late TEAM`.
fn replayed(clauses: &str, rows: &str, format: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let agreement = write(folder.path(), "a.sla", &agreement(clauses));
    let mut log = "id,at,event,team,weight\n".to_string();
    for row in rows.lines().filter(|row| !row.trim().is_empty()) {
        let words: Vec<&str> = row.split_whitespace().collect();
        let [ticket, date, outcome, team] = <[&str; 4]>::try_from(words).unwrap();
        let end = if outcome == "met" { "11" } else { "15" };
        log.push_str(&format!(
            "{ticket},{date}T09:00:00,created,{team},\n{ticket},{date}T{end}:00:00,resolved,{team},\n"
        ));
    }
    let log = write(folder.path(), "log.csv", &log);
    let call = ["replay", &agreement, "--tickets", &log, "--as-of", "2025-07-01T00:00:00Z", "--format", format];
    let (exit, said) = klausel(&call);
    assert_eq!(exit, Exit::Done, "{said}");
    said
}

/// A ticket of a test that is late by two hours, or met.
fn ticket(name: &str, day: &str, outcome: &str, fields: &str) -> String {
    let end = if outcome == "met" { "11" } else { "15" };
    format!("    ticket {name} {{ {fields} }}\n    {name} {day} 09:00 created\n    {name} {day} {end}:00 resolved\n")
}

fn tickets(list: &[(&str, &str, &str, &str)]) -> String {
    list.iter().map(|(name, day, outcome, fields)| ticket(name, day, outcome, fields)).collect()
}

// -- points

/// Two points for each breach, at most five a month; three for a month below 60 %.
const POINTS: &str = r"
    penalty late § 7.1 {
        for each breach of m
        credit 2 points
        capped at 5 points per month
    }
    penalty bad_month § 7.2 {
        per month on attainment of m
        below 60% credit 3 points
    }
    penalty total § 7.3 {
        per month on points of (late, bad_month)
        at least 2 credit 10 EUR
        at least 8 credit 2% of fee
    }
";

#[test]
fn points_are_summed_and_a_band_turns_them_into_money() {
    // January: three breaches are six points, five by the cap, and 0 % are three more: eight points, 2 % of 1 000 EUR.
    // February: one breach of three tickets is two points, and 66.7 % are no bad month: 10 EUR.
    let list = tickets(&[
        ("A", "2025-01-07", "late", ""),
        ("B", "2025-01-08", "late", ""),
        ("C", "2025-01-09", "late", ""),
        ("D", "2025-02-07", "late", ""),
        ("E", "2025-02-08", "met", ""),
        ("F", "2025-02-09", "met", ""),
        ("G", "2025-03-09", "met", ""),
    ]);
    let expect = "    expect penalty total 20.00 EUR in 2025-01\n    expect penalty total 10.00 EUR in 2025-02\n    \
                  expect penalty total 0.00 EUR in 2025-03\n    expect penalties 30.00 EUR in 2025";
    holds(POINTS, &format!("{list}{expect}"));
}

#[test]
fn points_stand_in_the_statement_and_pay_nothing() {
    let rows = "A 2025-01-07 late x\nB 2025-01-08 late x\nC 2025-01-09 late x\n";
    let said: Value = serde_json::from_str(&replayed(POINTS, rows, "json")).unwrap();
    let statement = &said;
    assert_eq!(statement["totals"]["penalties"], "20.00", "{statement}");
    let points = statement["points"].as_array().unwrap();
    let told: Vec<(&str, &str)> =
        points.iter().map(|line| (line["clause"].as_str().unwrap(), line["points"].as_str().unwrap())).collect();
    assert_eq!(told, [("late", "5/3"), ("late", "5/3"), ("late", "5/3"), ("bad_month", "3")]);
    let because = points[0]["because"].as_str().unwrap();
    assert_eq!(because, "2 points, capped at 5 points per month = 5 points, shared over 3 lines");
    let figure = |clause: &str| {
        let figures = statement["periods"].as_array().unwrap().iter();
        figures.clone().find(|one| one["clause"] == clause && one["period"] == "2025-01").unwrap()["value"].clone()
    };
    assert_eq!(figure("total"), "8");
    assert_eq!(figure("bad_month"), "0");
    let ledger = statement["ledger"].as_array().unwrap();
    assert_eq!(ledger.len(), 1, "points are no ledger lines");
    let because = ledger[0]["because"].as_str().unwrap();
    assert!(because.starts_with("points of (late, bad_month) 8 (late 5, bad_month 3) is at least 8:"), "{because}");
    let text = replayed(POINTS, rows, "text");
    assert!(text.contains("Points\n"), "{text}");
}

#[test]
fn points_of_points_are_worked_out_in_their_order_wherever_they_stand() {
    // Two breaches a month are 2 points and so 1 strike; the second quarter's month comes to 3 points over all.
    let clauses = r"
        penalty money { per month on points of (strikes, late) at least 3 credit 7 EUR }
        penalty strikes { per month on points of (late) at least 2 credit 1 point }
        penalty late { for each breach of m credit 0.5 points per started hour late }
    ";
    let list = tickets(&[("A", "2025-01-07", "late", ""), ("B", "2025-01-08", "late", "")]);
    holds(clauses, &format!("{list}    expect penalties 7.00 EUR in 2025-01"));
    let list = tickets(&[("A", "2025-01-07", "late", ""), ("B", "2025-02-08", "late", "")]);
    holds(clauses, &format!("{list}    expect penalties 0.00 EUR in 2025"));
}

#[test]
fn given_points_and_sums_over_months_count() {
    let given = |month: &str, points: &str| format!("    given points of (late, bad_month) {points} in {month}\n");
    holds(POINTS, &format!("{}    expect penalty total 10.00 EUR in 2025-01", given("2025-01", "7")));
    // 3 and 4 are 7 over two months, 4 and 5 are 9.
    let over = POINTS.replace("on points", "on total over 2 months of points");
    let lines = [given("2025-01", "3"), given("2025-02", "4"), given("2025-03", "5")].concat();
    let expect = "    expect penalty total 10.00 EUR in 2025-02\n    expect penalty total 20.00 EUR in 2025-03";
    holds(&over, &format!("{lines}{expect}"));
}

#[test]
fn an_agreement_of_points_alone_needs_no_money() {
    let text = agreement("penalty late { for each breach of m credit 2 points }");
    let text = text.replace("round half up to 0.01 EUR", "");
    let folder = tempfile::tempdir().unwrap();
    let (exit, said) = klausel(&["check", &write(folder.path(), "a.sla", &text)]);
    assert_eq!(exit, Exit::Done, "{said}");
}

#[test]
fn what_points_cannot_do_is_refused() {
    let late = "penalty late { for each breach of m credit 2 points }\n";
    let after = |more: &str| format!("{late}{more}");
    refuses("penalty p { for each breach of m credit sum of (2 points, 1 EUR) }", "points_are_no_money");
    refuses("penalty p { for each breach of m credit 2 points capped at 5 EUR per month }", "points_are_no_money");
    refuses("penalty p { for each breach of m credit 2 EUR capped at 5 points per month }", "points_are_no_money");
    refuses(&after("cap penalties at 5 points per month"), "points_are_no_money");
    refuses(
        &after(
            "penalty q { per month on breaches of m above 1 credit 1 EUR }\ncombine penalties by greatest of (late, q)",
        ),
        "points_are_no_money",
    );
    refuses(
        &after("incentive i { per month on attainment of m at least 99% earn back 50% of penalty late }"),
        "points_are_no_money",
    );
    refuses(
        "penalty p { for each breach of m credit 2 EUR }\npenalty q { per month on points of (p) above 1 credit 1 EUR }",
        "points_are_no_money",
    );
    refuses(&after("penalty q { per month on points of (lat) above 1 credit 1 EUR }"), "unknown_name");
    refuses(
        &after("penalty q { per month on points of (late) when team is \"x\" above 1 credit 1 EUR }"),
        "points_counted_whole",
    );
    let circle = "penalty p { per month on points of (q) above 1 credit 1 point }\npenalty q { per month on points of (p) above 1 credit 1 point }";
    refuses(circle, "points_in_a_circle");
}

// -- a clause for each value

/// 30 EUR for each team whose month is below 60 %, and no more than 45 EUR of each in a quarter.
const TEAMS: &str = r"
    penalty teams § 7.4 {
        for each team
        per month on attainment of m
        below 60% credit 30 EUR
        capped at 45 EUR per quarter
    }
";

const TEAM_TICKETS: &[(&str, &str, &str, &str)] = &[
    ("A", "2025-01-07", "late", "team north"),
    ("B", "2025-01-08", "met", "team south"),
    ("C", "2025-01-09", "late", "team west"),
    ("D", "2025-02-07", "late", "team north"),
    ("E", "2025-02-08", "met", "team west"),
    ("F", "2025-02-09", "late", ""),
];

#[test]
fn a_clause_is_settled_for_each_value_of_a_field() {
    // January: north and west are at 0 %, south at 100 %. February: north at 0 %, 15 EUR of its cap are left.
    let expect = "    expect penalty teams 60.00 EUR in 2025-01\n    expect penalty teams 15.00 EUR in 2025-02";
    holds(TEAMS, &format!("{}{expect}", tickets(TEAM_TICKETS)));
    // Of all together: two of three are late in January, two of three in February.
    let all = TEAMS.replace("for each team", "");
    let expect = "    expect penalty teams 30.00 EUR in 2025-01\n    expect penalty teams 15.00 EUR in 2025-02";
    holds(&all, &format!("{}{expect}", tickets(TEAM_TICKETS)));
}

#[test]
fn a_list_leaves_the_other_values_out() {
    let listed = TEAMS.replace("for each team", "for each team in (south, west, nobody)");
    holds(&listed, &format!("{}    expect penalties 30.00 EUR in 2025", tickets(TEAM_TICKETS)));
}

#[test]
fn a_row_of_months_is_one_value_s_own() {
    // North is late in January, west in February: no team for two months in a row, all together are.
    let clause = |each: &str| {
        format!("penalty rows {{ {each} per month on attainment of m below 60% for 2 months in a row credit 8 EUR }}")
    };
    let list = tickets(&[("A", "2025-01-07", "late", "team north"), ("B", "2025-02-07", "late", "team west")]);
    holds(&clause("for each team"), &format!("{list}    expect penalties 0.00 EUR in 2025"));
    holds(&clause(""), &format!("{list}    expect penalties 8.00 EUR in 2025"));
}

#[test]
fn each_line_says_its_value() {
    let rows = "A 2025-01-07 late north\nB 2025-01-08 met south\nC 2025-01-09 late west\n";
    let said: Value = serde_json::from_str(&replayed(TEAMS, rows, "json")).unwrap();
    let ledger = said["ledger"].as_array().unwrap();
    let told: Vec<&str> = ledger.iter().map(|line| line["for"].as_str().unwrap()).collect();
    assert_eq!(told, ["team north", "team west"]);
    let because = ledger[0]["because"].as_str().unwrap();
    assert!(because.starts_with("team north: attainment of m 0 %"), "{because}");
    let figures = said["periods"].as_array().unwrap().iter().filter(|figure| figure["period"] == "2025-01");
    let told: Vec<&str> = figures.map(|figure| figure["for"].as_str().unwrap()).collect();
    assert_eq!(told, ["team north", "team south", "team west"]);
}

#[test]
fn a_clause_is_settled_for_each_service_with_its_own_fee() {
    // 10 % of 300 EUR and of 200 EUR; mail is down for a day of January, files for one of February.
    let clause = r"
        penalty uptime § 7.5 {
            for each service in (mail, files)
            per month on availability of service
            below 99% credit 10% of fee of service
            below 90% credit 50% of fee of service
        }
    ";
    let lines = "    outage of mail 2025-01-10 00:00..2025-01-11 00:00\n    \
                 outage of files 2025-02-10 00:00..2025-02-11 00:00\n    \
                 expect penalty uptime 30.00 EUR in 2025-01\n    expect penalty uptime 20.00 EUR in 2025-02";
    holds(clause, lines);
    refuses(&clause.replace("files)", "file)"), "unknown_name");
}

#[test]
fn values_need_a_figure_of_tickets() {
    refuses("penalty p { for each team for each breach of m credit 1 EUR }", "each_without_figure");
    refuses(
        "penalty p { for each team per month on availability of mail below 99% credit 1 EUR }",
        "each_without_figure",
    );
    refuses("penalty p { for each tem per month on tickets above 1 credit 1 EUR }", "unknown_name");
    let points = "penalty l { for each breach of m credit 1 point }\n";
    let each = "penalty p { for each team per month on points of (l) above 1 credit 1 EUR }";
    refuses(&format!("{points}{each}"), "points_counted_whole");
}

// -- periods of several months

#[test]
fn several_months_are_one_period_from_the_agreement_s_first_month_on() {
    // January to April: one of three is late, 66.7 %. May to August: one of two, 50 %, 5 % of 4 000 EUR.
    let clause = "penalty long { per 4 months on attainment of m below 60% credit 5% of fee }";
    let list = tickets(&[
        ("A", "2025-01-07", "late", ""),
        ("B", "2025-03-07", "met", ""),
        ("C", "2025-04-30", "met", ""),
        ("D", "2025-05-02", "late", ""),
        ("E", "2025-08-29", "met", ""),
    ]);
    let expect = "    expect penalty long 0.00 EUR in 2025-04\n    expect penalty long 200.00 EUR in 2025-08\n    \
                  expect penalties 200.00 EUR in 2025";
    holds(clause, &format!("{list}{expect}"));
    let said = replayed(clause, "A 2025-01-07 late x\nB 2025-03-07 met x\n", "json");
    let said: Value = serde_json::from_str(&said).unwrap();
    let labels: Vec<&str> =
        said["periods"].as_array().unwrap().iter().map(|figure| figure["period"].as_str().unwrap()).collect();
    assert_eq!(labels, ["2025-01..2025-04", "2025-05..2025-08"]);
}

#[test]
fn a_cap_over_several_months_leaves_what_earlier_months_have_not_used() {
    // 40 EUR a breach, 100 EUR in four months: 40, 40, 20 and nothing; May begins anew.
    let clause = "penalty p { for each breach of m credit 40 EUR capped at 100 EUR per 4 months }";
    let list = tickets(&[
        ("A", "2025-01-07", "late", ""),
        ("B", "2025-02-07", "late", ""),
        ("C", "2025-03-07", "late", ""),
        ("D", "2025-04-07", "late", ""),
        ("E", "2025-05-07", "late", ""),
    ]);
    let expect = "    expect penalty p 20.00 EUR in 2025-03\n    expect penalty p 0.00 EUR in 2025-04\n    \
                  expect penalty p 40.00 EUR in 2025-05\n    expect penalties 140.00 EUR in 2025";
    holds(clause, &format!("{list}{expect}"));
    let folder = tempfile::tempdir().unwrap();
    let text = agreement("penalty p { per 0 months on attainment of m below 60% credit 1 EUR }");
    let (exit, said) = klausel(&["check", &write(folder.path(), "a.sla", &text)]);
    assert_eq!(exit, Exit::No, "{said}");
    assert!(said.contains("error[bad_number]"), "{said}");
}
