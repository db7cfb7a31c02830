//! The whole agreement at the top of the language's page: it checks, and means what its own test says.
//!
//! What this version refuses by name (plugins, suppliers) and what takes tickets or time out is left out of the text first;
//! everything else stays as the page has it.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test says what it misses by failing"
)]

use std::path::{Path, PathBuf};

use klausel::engine::Calendars;
use klausel::input::{self, Input, OnBadRow};
use klausel::money::exact;
use klausel::outcome::{Judged, Outcome, Status};
use klausel::plan::{Plan, Version};
use klausel::replay::{Replay, replay};
use klausel::settlement::{self, Facts, Scope};
use klausel::source::{FileError, Files};
use klausel::ticket::{Log, Names};
use klausel::time::{HOUR, Instant, MINUTE};
use klausel::{checker, compiler, diagnostic, resolver};

/// Statements that this version does not run, by their first words.
const LEFT_OUT: &[&str] = &[
    "plugin ",
    "maintenance ",
    "exclude time ",
    "availability of ",
    "penalty mail_uptime ",
    "penalty fairness ",
    "supplier ",
];

/// The ticket of the page's test, as its desk exports it.
const LOG: &str = "\
id,at,event,customer,plan,impact,urgency,cause,service,author
T1,2025-03-07T17:50:00+01:00,created,ACME,gold,high,high,,,
T1,2025-03-07T18:00:00+01:00,answered,,,,,,,
T1,2025-03-08T22:00:00+01:00,resolved,,,,,,,
";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The page's first block, without what is left out.
fn agreement() -> Option<String> {
    let page = root().join("../shared/design/LANGUAGE.md");
    let Ok(text) = std::fs::read_to_string(&page) else {
        eprintln!("!!! NOT TESTED: {} is not here", page.display());
        return None;
    };
    let block = text.split("```sla\n").nth(1).unwrap().split("```").next().unwrap();
    Some(without(block, LEFT_OUT))
}

/// The lines of `text` without the statements that begin with one of `heads`, braces included.
fn without(text: &str, heads: &[&str]) -> String {
    let mut kept = String::new();
    let mut depth = 0_usize;
    for line in text.lines() {
        let begins = heads.iter().any(|head| line.trim_start().starts_with(head));
        if depth == 0 && !begins {
            kept.push_str(line);
            kept.push('\n');
            continue;
        }
        depth = depth + line.matches('{').count() - line.matches('}').count();
    }
    kept
}

/// The agreement, its desk, and the bundled rules.
struct Desk(String);

impl Files for Desk {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        let place: PathBuf = match path {
            "acme.sla" => return Ok(self.0.clone().into_bytes()),
            "desk.sla" => Path::new("tests/fixtures/desk.sla").to_path_buf(),
            path => Path::new("rules").join(path),
        };
        let failed = |error: std::io::Error| FileError { path: path.to_string(), reason: error.to_string() };
        std::fs::read(root().join(place)).map_err(failed)
    }
}

/// What the checker makes of the agreement; every finding is a failure.
fn checked(text: String) -> checker::Checked {
    let resolved = resolver::load(&Desk(text), &["acme.sla".to_string()]);
    let (sources, found, checked) = match checker::check(resolved) {
        Ok(checked) => (checked.resolved().sources.clone(), checked.warnings().to_vec(), Some(checked)),
        Err((resolved, found)) => (resolved.sources, found, None),
    };
    let told: Vec<String> = found.iter().map(|found| diagnostic::headline(found, &sources)).collect();
    assert_eq!(told, [""; 0]);
    checked.unwrap()
}

/// The page's ticket under the page's agreement.
struct Run {
    plan: Plan,
    log: Log,
    names: Names,
    replay: Replay,
}

fn run(text: String) -> Run {
    let plan = compiler::compile(&checked(text));
    let mut names = plan.names.clone();
    let input = Input { name: "log.csv", bytes: LOG.as_bytes() };
    let log = input::read(&plan.sources[0], &[input], &plan.vocabulary, &mut names, OnBadRow::Fail).unwrap();
    let as_of = log.latest.unwrap();
    let replay = replay(&plan, &Calendars::new(&plan), &names, &log, as_of);
    Run { plan, log, names, replay }
}

fn clock<'a>(plan: &Plan, judged: &'a Judged, metric: &str) -> &'a Outcome {
    let metrics = &plan.agreements[0].versions[judged.version].metrics;
    let is_it = |clock: &&Outcome| metrics[usize::from(clock.metric.0)].name == metric;
    judged.clocks.iter().find(is_it).unwrap()
}

fn local(text: &str) -> Instant {
    let wall = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
    Instant::from_utc(wall).plus(-HOUR) // Berlin in winter
}

#[test]
fn the_page_s_agreement_checks_without_a_word() {
    let Some(text) = agreement() else { return };
    assert!(text.contains("penalty late_resolution § 7.1") && text.contains("cap penalties § 7.9"));
    assert!(!text.contains("§ 7.3") && !text.contains("§ 11"), "{text}");
    checked(text);
}

#[test]
fn its_own_extends_takes_over_what_it_does_not_say() {
    let Some(text) = agreement() else { return };
    let Run { plan, .. } = run(text);
    let version = &plan.agreements[0].versions[0];
    let metrics: Vec<&str> = version.metrics.iter().map(|metric| metric.name.as_str()).collect();
    assert_eq!(metrics, ["response", "resolution", "update"]);
    let tiers: Vec<&str> = version.tiers.iter().map(|tier| tier.name.as_str()).collect();
    assert_eq!(tiers, ["gold", "silver", "bronze"], "its own tiers are read first");
    assert_eq!(version.escalations.len(), 2);
}

#[test]
fn its_amendment_changes_a_target_and_the_fee() {
    let Some(text) = agreement() else { return };
    let Run { plan, .. } = run(text);
    let [base, addendum] = plan.agreements[0].versions.as_slice() else { panic!("two versions") };
    assert_eq!((base.label.as_str(), addendum.label.as_str()), ("base", "Addendum 1"));
    assert_eq!(addendum.first_day, chrono::NaiveDate::from_ymd_opt(2025, 7, 1));
    let fee = |version: &Version| {
        version.fees.iter().flat_map(|fee| &fee.rate).map(|rate| exact(&rate.amount)).collect::<Vec<_>>()
    };
    assert_eq!((fee(base), fee(addendum)), (vec!["12500".into(), "3000".into()], vec!["13000".into(), "3000".into()]));
    let p1 = |version: &Version, tier: usize| {
        let of_resolution = version.tiers[tier].targets.iter().find(|table| usize::from(table.metric.0) == 1).unwrap();
        of_resolution.by_priority[0].1.as_ref().unwrap().words.clone()
    };
    assert_eq!((p1(base, 0), p1(addendum, 0)), ("4h".into(), "3h".into()), "gold is amended");
    assert_eq!((p1(base, 1), p1(addendum, 1)), ("8h".into(), "8h".into()), "silver has its own");
}

#[test]
fn its_ticket_runs_through_the_weekend() {
    let Some(text) = agreement() else { return };
    let Run { plan, log, replay, .. } = run(text);
    assert_eq!(log.tickets.len(), 1);
    let judged = &replay.outcomes[0].tickets[0];

    let response = clock(&plan, judged, "response");
    assert_eq!((response.status, response.elapsed_ms), (Status::Met, 10 * MINUTE));

    let resolution = clock(&plan, judged, "resolution");
    assert_eq!(resolution.status, Status::Breached);
    assert_eq!(resolution.breached_at, Some(local("2025-03-07 21:50")));
    assert_eq!(resolution.late_ms, 24 * HOUR + 10 * MINUTE, "25 started hours");

    let version = &plan.agreements[0].versions[0];
    let told_management = judged.steps.iter().find(|fired| {
        let step = &version.escalations[usize::from(fired.escalation)].steps[usize::from(fired.step)];
        step.actions[usize::from(fired.action)].text == "management"
    });
    assert_eq!(told_management.unwrap().at, local("2025-03-07 21:50"));
}

#[test]
fn its_breach_costs_ten_percent_of_the_fee() {
    let Some(text) = agreement() else { return };
    let Run { plan, log, names, replay } = run(text);
    // As in a test of the language, the month is settled as though it ended with the last line.
    let scope = Scope { as_of: log.latest.unwrap(), over_by: Instant::LAST, ..Scope::until(log.latest.unwrap()) };
    let calendars = &Calendars::new(&plan);
    let facts = Facts {
        outcomes: &replay.outcomes[0],
        outages: None,
        given: &[],
        claims: None,
        charges: None,
        calendars,
        names: &names,
    };
    let statement = settlement::settle(&plan.agreements[0], &facts, &scope).unwrap();
    let [line] = statement.ledger.as_slice() else { panic!("one line, not {:?}", statement.ledger) };
    assert_eq!((line.clause.as_str(), line.place.mark.as_deref()), ("late_resolution", Some("§ 7.1")));
    assert!(line.because.starts_with("25 started hours late × 2 % of 12 500.00 EUR"), "{}", line.because);
    assert_eq!(exact(&line.computed), "6250");
    assert_eq!(exact(&line.after_clause_cap), "1250");
    assert_eq!(exact(&line.amount), "1250");
    assert_eq!(exact(&statement.totals.penalties), "1250");
}
