//! Real logs that nobody here wrote: what the program says of them, against an independent route through the same rows.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a test says what it misses by failing"
)]

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, TimeZone, Weekday};
use klausel::cli::{self, Exit};

type Row = HashMap<String, String>;

/// Rows of a file beside the project; none where it is not here, which is said loudly.
fn beside(name: &str) -> Option<(String, Vec<Row>)> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!("!!! NOT TESTED: {} is not here", path.display());
        return None;
    };
    Some((path.to_str().unwrap().to_string(), rows(csv::Reader::from_reader(file))))
}

fn rows<R: std::io::Read>(mut reader: csv::Reader<R>) -> Vec<Row> {
    reader.deserialize().map(Result::unwrap).collect()
}

/// The outcomes of a replay, by ticket.
fn outcomes(agreement: &str, log: &str) -> HashMap<String, Row> {
    replayed(&format!("rules/examples/{agreement}"), log, &[])
}

/// The same of an agreement by its path.
fn replayed(agreement: &str, log: &str, more: &[&str]) -> HashMap<String, Row> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("outcomes.csv");
    let agreement = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(agreement);
    let call =
        ["klausel", "replay", agreement.to_str().unwrap(), "--tickets", log, "--outcomes", out.to_str().unwrap()];
    let call = call.iter().chain(more);
    let mut err = Vec::new();
    let exit = cli::run(call, &mut std::io::sink(), &mut err);
    assert_eq!(exit, Exit::Done, "{}", String::from_utf8_lossy(&err));
    let found = rows(csv::Reader::from_path(&out).unwrap());
    found.into_iter().map(|row| (row["ticket"].clone(), row)).collect()
}

const README: &str = include_str!("../README.md");

fn hours(minutes: i64) -> String {
    let rest = if minutes % 60 == 0 { String::new() } else { format!("{:02}m", minutes % 60) };
    format!("{}h{rest}", minutes / 60)
}

// -- ServiceNow

fn minute(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%d/%m/%Y %H:%M").unwrap()
}

fn by_incident(rows: &[Row]) -> BTreeMap<&str, Vec<&Row>> {
    let mut incidents: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        incidents.entry(row["number"].as_str()).or_default().push(row);
    }
    incidents
}

/// What an incident's rows come to, walked from row to row, in minutes.
#[derive(Default)]
struct Walk {
    counted: i64,
    paused: i64,
    breached: bool,
    stopped: bool,
}

fn limit(priority: &str) -> i64 {
    match priority {
        "1 - Critical" => 4 * 60,
        "2 - High" => 24 * 60,
        "3 - Moderate" => 3 * 24 * 60,
        _ => 5 * 24 * 60,
    }
}

impl Walk {
    /// Time passes in a row's state; a breach stands, whatever the priority becomes later.
    fn pass(&mut self, row: &Row, minutes: i64) {
        if self.stopped {
            return;
        }
        if row["incident_state"].starts_with("Awaiting") {
            self.paused += minutes;
        } else {
            self.counted += minutes;
        }
        self.breached |= self.counted > limit(&row["priority"]);
    }
}

/// An incident from its opening to its closing. What the first row shows has held since the opening; a row's own event
/// comes with the row.
fn walk(rows: &[&Row]) -> Walk {
    let mut walk = Walk::default();
    let closed = minute(&rows[0]["closed_at"]);
    let at = |row: &Row| minute(&row["sys_updated_at"]).min(closed);
    walk.pass(rows[0], (at(rows[0]) - minute(&rows[0]["opened_at"])).num_minutes());
    let mut before = "";
    for (place, row) in rows.iter().enumerate() {
        let state = row["incident_state"].as_str();
        walk.stopped = match state {
            "Resolved" | "Closed" => true,
            "Active" if before != "Active" => false,
            _ => walk.stopped,
        };
        before = state;
        let next = rows.get(place + 1).map_or(closed, |next| at(next));
        walk.pass(row, (next - at(row)).num_minutes());
    }
    walk
}

#[test]
fn servicenow_incidents_are_timed_as_their_rows_say() {
    let Some((path, rows)) = beside("servicenow_incidents.csv") else { return };
    let outcomes = outcomes("servicenow/incidents.sla", &path);
    let incidents = by_incident(&rows);
    assert_eq!((incidents.len(), outcomes.len()), (997, 997));
    // By priority: decided, breached, minutes paused.
    let mut ours: BTreeMap<&str, (u32, u32, i64)> = BTreeMap::new();
    let mut theirs = ours.clone();
    for (id, rows) in &incidents {
        let walk = walk(rows);
        let outcome = &outcomes[*id];
        let number = |column: &str| outcome[column].parse::<i64>().unwrap() / 60_000;
        assert_eq!(number("elapsed_ms"), walk.counted, "counted minutes of {id}");
        assert_eq!(number("paused_ms"), walk.paused, "paused minutes of {id}");
        assert_eq!(outcome["status"] == "breached", walk.breached, "verdict on {id}");
        let priority = &rows.last().unwrap()["priority"][..1];
        let row = theirs.entry(priority).or_default();
        *row = (row.0 + 1, row.1 + u32::from(walk.breached), row.2 + walk.paused);
        let row = ours.entry(&outcome["priority"][1..]).or_default();
        *row = (row.0 + 1, row.1 + u32::from(outcome["status"] == "breached"), row.2 + number("paused_ms"));
    }
    eprintln!("priority: decided, breached, minutes paused\n{ours:#?}");
    assert_eq!(ours, theirs);
    assert_eq!(ours.values().map(|row| row.0).collect::<Vec<_>>(), [6, 16, 948, 27]);
    for (priority, (incidents, breached, paused)) in &ours {
        // Every incident of this log is closed, and so decided.
        let row = format!("| {incidents} | {incidents} | {breached} | {} |", hours(*paused));
        assert!(README.contains(&row), "the README does not show P{priority}: {row}");
    }
}

#[test]
fn the_desk_s_own_verdict_has_a_rule() {
    let Some((path, rows)) = beside("servicenow_incidents.csv") else { return };
    let outcomes = outcomes("servicenow/made_sla.sla", &path);
    let mut agree: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for (id, rows) in by_incident(&rows) {
        let outcome = &outcomes[id];
        let same = (outcome["status"] == "met") == (rows.last().unwrap()["made_sla"] == "true");
        let count = agree.entry(outcome["priority"].clone()).or_default();
        *count = (count.0 + u32::from(same), count.1 + 1);
    }
    eprintln!("verdicts that agree with made_sla: {agree:?}");
    assert_eq!(agree["P4"], (27, 27));
    assert_eq!(agree["P3"], (948, 948));
    assert_eq!((agree["P1"], agree["P2"]), ((6, 6), (16, 16)));
}

// -- Boston

const NEW_YORK: chrono_tz::Tz = chrono_tz::America::New_York;

/// How the due instants and verdicts of one group of requests agree.
#[derive(Default)]
struct Group {
    exact: bool,
    rate: f64,
    due: u32,
    due_agree: u32,
    closed: u32,
    closed_agree: u32,
}

fn near(ours: &str, target: &str) -> bool {
    let ours = DateTime::parse_from_rfc3339(ours).unwrap().naive_utc();
    let local = NaiveDateTime::parse_from_str(target, "%m/%d/%Y %I:%M:%S %p").unwrap();
    let target = NEW_YORK.from_local_datetime(&local).latest().unwrap().naive_utc();
    (ours - target).abs() <= TimeDelta::seconds(180)
}

#[test]
fn boston_s_due_instants_and_verdicts_are_the_city_s() {
    let Some((path, requests)) = beside("boston311.csv") else { return };
    let Some((_, rules)) = beside("boston311_rules.csv") else { return };
    let outcomes = outcomes("boston/311.sla", &path);
    let mut groups: BTreeMap<(&str, &str), Group> = BTreeMap::new();
    for rule in &rules {
        let rate: f64 = rule["match_rate"].parse().unwrap();
        let group = Group { exact: rule["match_rate"] == "1.0", rate, ..Group::default() };
        groups.insert((&rule["QUEUE"], &rule["TYPE"]), group);
    }
    // Requests of queues too small for a row of their own: due instants that agree, and all.
    let mut others = (0, 0);
    let mut without_target = 0;
    for request in &requests {
        if request["TARGET_DT"].is_empty() {
            assert_eq!(request["OnTime_Status"], "ONTIME");
            without_target += 1;
            continue;
        }
        let outcome = &outcomes[&request["CASE_ENQUIRY_ID"]];
        let Some(group) = groups.get_mut(&(request["QUEUE"].as_str(), request["TYPE"].as_str())) else {
            others.0 += u32::from(near(&outcome["due_at"], &request["TARGET_DT"]));
            others.1 += 1;
            continue;
        };
        group.due += 1;
        group.due_agree += u32::from(near(&outcome["due_at"], &request["TARGET_DT"]));
        if !request["CLOSED_DT"].is_empty() {
            group.closed += 1;
            let on_time = request["OnTime_Status"] == "ONTIME";
            group.closed_agree += u32::from((outcome["status"] == "met") == on_time);
        }
    }
    for ((queue, kind), group) in &groups {
        eprintln!(
            "{:>5} of {:>5} due, {:>5} of {:>5} verdicts  {queue}, {kind}",
            group.due_agree, group.due, group.closed_agree, group.closed
        );
        let reached = f64::from(group.due_agree) / f64::from(group.due);
        assert!(group.rate - 0.000_05 <= reached, "{queue}, {kind}: {reached} is below {}", group.rate);
    }
    let exact: Vec<&Group> = groups.values().filter(|group| group.exact).collect();
    let sum = |pick: fn(&Group) -> u32| exact.iter().map(|group| pick(group)).sum::<u32>();
    eprintln!("{} of {} due  in queues of no group; {without_target} requests without a target", others.0, others.1);
    assert_eq!((exact.len(), groups.len(), without_target), (17, 25, 26));
    assert_eq!(others, (527, 540));
    assert_eq!((sum(|group| group.due_agree), sum(|group| group.due)), (9_504, 9_504));
    assert_eq!((sum(|group| group.closed_agree), sum(|group| group.closed)), (7_706, 7_706));
}

// -- Apache

#[test]
fn due_dates_of_apache_s_issues_are_deadlines() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data/jira_apache.jsonl");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("!!! NOT TESTED: {} is not here", path.display());
        return;
    };
    let outcomes = replayed("tests/sources/apache.sla", path.to_str().unwrap(), &["--on-bad-row", "skip"]);
    let (mut with_due, mut late) = (0, 0);
    for line in text.lines() {
        let issue: serde_json::Value = serde_json::from_str(line).unwrap();
        let Some(due) = issue["due"].as_str() else { continue };
        let resolved = issue["resolved"].as_str().unwrap();
        // Texts of one zone sort as their instants do: late is whoever is resolved on a later day.
        assert!(resolved.ends_with("+0000"));
        let is_late = due < &resolved[..10];
        let outcome = &outcomes[issue["key"].as_str().unwrap()];
        assert_eq!(outcome["status"] == "breached", is_late, "{issue}");
        (with_due, late) = (with_due + 1, late + u32::from(is_late));
    }
    assert_eq!((with_due, late, outcomes.len()), (148, 102, 148));
}

// -- Volvo

#[test]
fn volvo_s_problems_are_read_by_the_source_that_is_guessed() {
    let Some((path, rows)) = beside("volvo_problems.csv") else { return };
    let folder = tempfile::tempdir().unwrap();
    let guessed = folder.path().join("guessed.sla");
    let guessed = guessed.to_str().unwrap();
    let call = ["klausel", "import", "guess", "--tickets", &path, "--out", guessed];
    assert_eq!(cli::run(call, &mut std::io::sink(), &mut std::io::sink()), Exit::Done);
    let outcomes = replayed(guessed, &path, &[]);
    // From a case's first row to its first closing, in whole seconds, walked through the rows: they are in time order.
    let instant = |text: &str| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%z").unwrap();
    let mut cases: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in &rows {
        cases.entry(row["case:concept:name"].as_str()).or_default().push(row);
    }
    assert_eq!((cases.len(), outcomes.len()), (1_487, 1_487));
    let latest = rows.iter().map(|row| instant(&row["time:timestamp"])).max().unwrap();
    for (id, rows) in cases {
        let closed = rows.iter().find(|row| row["lifecycle:transition"] == "Closed");
        let end = closed.map_or(latest, |row| instant(&row["time:timestamp"]));
        let counted = (end - instant(&rows[0]["time:timestamp"])).num_milliseconds();
        assert_eq!(outcomes[id]["elapsed_ms"], counted.to_string(), "{id}");
        assert_eq!(outcomes[id]["status"] == "breached", 8 * 3_600_000 < counted, "{id}");
    }
}

#[test]
fn the_walk_of_this_test_knows_a_weekend() {
    // The routes above rest on minutes; a slip in the date form would go unseen in equal sums.
    assert_eq!(minute("5/3/2016 12:00").date().weekday(), Weekday::Sat);
}
