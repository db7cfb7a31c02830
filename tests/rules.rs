//! The bundled rules: every file parses, is formatted to a fixed point, and checks without a word.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what it misses by failing"
)]

use std::path::{Path, PathBuf};

use klausel::engine::Calendars;
use klausel::input::{self, Input, OnBadRow};
use klausel::money::{exact, whole};
use klausel::plan::Plan;
use klausel::replay::{Replay, replay};
use klausel::settlement::{self, Facts, Scope};
use klausel::source::{FileError, Files, Sources};
use klausel::statement::{Line, MetricRow, Statement};
use klausel::ticket::Log;
use klausel::{checker, compiler, diagnostic, formatter, generator, resolver};

/// The files below `rules/`, by their paths from there.
struct Rules;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("rules")
}

impl Files for Rules {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        let failed = |error: std::io::Error| FileError { path: path.to_string(), reason: error.to_string() };
        std::fs::read(folder().join(path)).map_err(failed)
    }
}

/// Every `.sla` file below a folder, by its path from `rules/`, sorted.
fn agreements(below: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(agreements(&path));
        } else if path.extension().is_some_and(|ending| ending == "sla") {
            found.push(path.strip_prefix(folder()).unwrap().to_str().unwrap().replace('\\', "/"));
        }
    }
    found.sort();
    found
}

fn text(path: &str) -> String {
    String::from_utf8(Rules.read(path).unwrap()).unwrap()
}

#[test]
fn every_file_is_written_as_the_formatter_writes_it() {
    let all = agreements(&folder());
    assert!(all.len() >= 6, "{all:?}");
    for path in all {
        let mut sources = Sources::default();
        let file = sources.add(path.as_str(), text(&path));
        let formatted = formatter::format(&sources, file).unwrap_or_else(|_| panic!("{path} does not parse"));
        assert_eq!(text(&path), formatted, "{path} is not formatted");
    }
}

#[test]
fn every_file_checks_without_error_or_warning() {
    for path in agreements(&folder()) {
        let resolved = resolver::load(&Rules, std::slice::from_ref(&path));
        match checker::check(resolved) {
            Ok(checked) => {
                let sources = &checked.resolved().sources;
                let told: Vec<String> =
                    checked.warnings().iter().map(|found| diagnostic::headline(found, sources)).collect();
                assert_eq!(told, [""; 0], "{path}");
            }
            Err((resolved, found)) => {
                let told: Vec<String> =
                    found.iter().map(|found| diagnostic::headline(found, &resolved.sources)).collect();
                panic!("{path}:\n{}", told.join("\n"));
            }
        }
    }
}

/// The portfolio of the example, and what its log comes to.
struct Example {
    plan: Plan,
    log: Log,
    replay: Replay,
    statements: Vec<Statement>,
}

fn example() -> Example {
    let paths = agreements(&folder().join("examples/nordlicht/portfolio"));
    let Ok(checked) = checker::check(resolver::load(&Rules, &paths)) else { panic!("the example does not check") };
    let plan = compiler::compile(&checked);
    let csv: String = generator::generate(generator::SEED, generator::TICKETS).collect();
    let mut names = plan.names.clone();
    let input = Input { name: "nordlicht.csv", bytes: csv.as_bytes() };
    let log = input::read(&plan.sources[0], &[input], &plan.vocabulary, &mut names, OnBadRow::Fail).unwrap();
    let as_of = log.latest.unwrap();
    let calendars = &Calendars::new(&plan);
    let replay = replay(&plan, calendars, &names, &log, as_of);
    let both = plan.agreements.iter().zip(&replay.outcomes);
    let scope = Scope::until(as_of);
    let settled = both.map(|(agreement, outcomes)| {
        let facts = Facts {
            outcomes,
            outages: Some(&log.outages),
            given: &[],
            claims: None,
            charges: None,
            calendars,
            names: &names,
        };
        settlement::settle(agreement, &facts, &scope).unwrap()
    });
    let statements = settled.collect();
    Example { plan, log, replay, statements }
}

/// How many clocks of a metric stand so, over all agreements; tickets that are left out do not count.
fn clocks(example: &Example, metric: &str, count: fn(&MetricRow) -> u64) -> u64 {
    let rows = example.statements.iter().flat_map(|statement| &statement.metrics);
    rows.filter(|row| row.metric == metric).map(count).sum()
}

#[test]
fn every_ticket_of_the_example_has_one_agreement_or_none() {
    let example = example();
    let names: Vec<&str> = example.plan.agreements.iter().map(|agreement| agreement.name.as_str()).collect();
    assert_eq!(names, ["hafenkontor", "werkstoff_jena", "werkstoff_jena_night"]);
    let judged: Vec<usize> = example.replay.outcomes.iter().map(|outcomes| outcomes.tickets.len()).collect();
    assert_eq!(judged, [1_356, 2_307, 319]);
    assert_eq!(example.replay.unmatched.len(), 18, "a customer without an agreement");
    assert_eq!(example.log.tickets.len(), 4_000);
    assert!(example.replay.matched_twice.is_empty());
    assert!(example.log.skipped.is_empty());
}

#[test]
fn the_example_is_kept_mostly_and_broken_now_and_then() {
    let example = example();
    let met = clocks(&example, "resolution", |row| row.met);
    let breached = clocks(&example, "resolution", |row| row.breached);
    let share = breached * 1_000 / (met + breached);
    assert!((40..=80).contains(&share), "{share} of a thousand are breached");
    assert!((40..=400).contains(&clocks(&example, "response", |row| row.breached)));
    assert!((4..=60).contains(&clocks(&example, "resolution", |row| row.running)));
    assert!((120..=260).contains(&clocks(&example, "resolution", |row| row.cancelled)));
    let left_out = example.statements.iter().flat_map(|statement| &statement.left_out);
    let left_out: usize = left_out.map(|left_out| left_out.tickets.len()).sum();
    assert!((100..=240).contains(&left_out), "{left_out} are the customer's own fault");
    let cycles =
        example.replay.outcomes.iter().flat_map(|outcomes| &outcomes.tickets).flat_map(|judged| &judged.clocks);
    assert!(cycles.filter(|clock| clock.cycle > 1).count() > 50, "tickets that come back too late begin anew");
}

#[test]
fn the_example_owes_money_of_every_kind() {
    let example = example();
    let owed = example.statements.iter().map(|statement| exact(&statement.totals.penalties)).collect::<Vec<_>>();
    assert_eq!(owed, ["5280", "17400", "6598"]);
    assert_eq!(
        owed[1],
        exact(&(whole(14_500) * whole(12) / whole(10))),
        "§ 7.9 stops Werkstoff Jena at 10 % of a year"
    );
    for (agreement, statement) in example.plan.agreements.iter().zip(&example.statements) {
        let version = &agreement.versions[0];
        for clause in &version.clauses {
            let lines: Vec<&Line> = statement.ledger.iter().filter(|line| line.clause == clause.name).collect();
            assert!(!lines.is_empty(), "{}: nothing is ever owed by {}", agreement.name, clause.name);
            assert!(lines.iter().all(|line| line.place.mark.is_some()), "{}", clause.name);
        }
    }
}

#[test]
fn the_tickets_that_the_page_names_are_late() {
    let page = std::fs::read_to_string(folder().join("examples/README.md")).unwrap();
    let ids: Vec<&str> = page.split('`').filter(|word| word.starts_with("NL-")).collect();
    assert_eq!(ids.len(), 3);
    let example = example();
    for id in ids {
        let lines = example.statements.iter().flat_map(|statement| &statement.ledger);
        let late = lines.filter(|line| line.clause == "late_resolution" && line.tickets == [id]);
        assert_eq!(late.count(), 1, "{id}");
    }
}
