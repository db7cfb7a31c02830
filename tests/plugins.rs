//! Plugins from the agreement's text to its cents, through the program.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what it misses by failing")]

use std::path::Path;

use klausel::cli::{self, Exit};
use serde_json::Value;

/// Four hours for each ticket, 1 200 EUR a month, credits worked out by a script.
const HEAD: &str = r#"
source desk {
    format csv
    ticket column "id"
    at column "at" in "UTC"
    event column "event"
    field team column "team"
}
agreement a {
    tickets from desk
    effective 2025-01-01..2025-12-31
    timezone "UTC"
    fee 1_200 EUR per month
    metric resolution { starts on created stops on resolved target 4h }
    round half up to 0.01 EUR
"#;

const LOG: &str = "id,at,event,team\n\
    T-1,2025-03-03T08:00:00,created,red\n\
    T-1,2025-03-03T15:00:00,resolved,red\n\
    T-2,2025-03-04T08:00:00,created,blue\n\
    T-2,2025-03-04T13:00:00,resolved,blue\n\
    T-3,2025-04-04T08:00:00,created,blue\n\
    T-3,2025-04-04T09:00:00,resolved,blue\n";

/// A tenth of the fee for each hour late, for the red team twice.
const LATE: &str = r#"
fn credit(context) {
    let breach = context.breaches[0];
    let hours = breach.late_ms / 3_600_000;
    let times = if breach.fields.team == "red" { 2 } else { 1 };
    #{ amount: context.fees[0].amount.amount * context.arguments.rate * hours * times, note: `${hours} hours, times ${times}` }
}
"#;

struct Ground {
    folder: tempfile::TempDir,
}

impl Ground {
    fn new(plugin: &str, clauses: &str, files: &[(&str, &str)]) -> Ground {
        let ground = Ground { folder: tempfile::tempdir().unwrap() };
        ground.write("a.sla", &format!("{plugin}\n{HEAD}{clauses}\n}}\n"));
        ground.write("log.csv", LOG);
        files.iter().for_each(|(name, text)| ground.write(name, text));
        ground
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_string()
    }

    fn replay(&self, more: &[&str]) -> (Exit, String) {
        let (agreement, log) = (self.path("a.sla"), self.path("log.csv"));
        let mut call = vec!["replay", &agreement, "--tickets", &log, "--as-of", "2025-05-01T00:00:00Z"];
        call.extend(more);
        klausel(&call)
    }
}

fn klausel(arguments: &[&str]) -> (Exit, String) {
    let (mut out, mut err) = (anstream::StripStream::new(Vec::new()), anstream::StripStream::new(Vec::new()));
    let all: Vec<String> = std::iter::once("klausel").chain(arguments.iter().copied()).map(str::to_string).collect();
    let exit = cli::run(all, &mut out, &mut err);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (exit, text(out.into_inner()) + text(err.into_inner()).as_str())
}

fn lines(said: &str) -> Vec<(String, String, String)> {
    let value: Value = serde_json::from_str(said).unwrap();
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_string();
    let ledger = value["ledger"].as_array().unwrap();
    ledger.iter().map(|line| (text(line, "period"), text(line, "amount"), text(line, "because"))).collect()
}

fn line(period: &str, amount: &str, because: &str) -> (String, String, String) {
    (period.to_string(), amount.to_string(), because.to_string())
}

const PLUGIN: &str = r#"plugin late from "late.rhai""#;
const EACH: &str = "penalty late § 7.1 { for each breach of resolution credit by late(rate: 10%) }";

#[test]
fn a_script_works_out_what_each_breach_costs() {
    let ground = Ground::new(PLUGIN, EACH, &[("late.rhai", LATE)]);
    let (exit, said) = ground.replay(&["--format", "json"]);
    assert_eq!(exit, Exit::Done, "{said}");
    let expected = [
        line("2025-03", "720.00", "720.00 EUR by late: 3 hours, times 2"),
        line("2025-03", "120.00", "120.00 EUR by late: 1 hours, times 1"),
    ];
    assert_eq!(lines(&said), expected);
    let value: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(value["plugins"]["late"].as_str().unwrap().len(), 64);
}

#[test]
fn what_a_plugin_proposes_is_capped_combined_and_rounded_as_any_amount() {
    let clauses = format!("{EACH} cap penalties § 7.9 at 25% of fee per month");
    let ground = Ground::new(PLUGIN, &clauses, &[("late.rhai", LATE)]);
    let (_, said) = ground.replay(&["--format", "json"]);
    let amounts: Vec<String> = lines(&said).into_iter().map(|(_, amount, _)| amount).collect();
    // 300 EUR shared 720 : 120.
    assert_eq!(amounts, ["257.14", "42.86"]);
}

#[test]
fn a_figure_by_a_plugin_is_tested_by_bands_and_sees_the_periods_before() {
    let script = "fn measure(context) { context.period.breached + context.earlier.len() * 10 }";
    let clauses =
        "penalty trend § 8 { per month on by trend() at least 10 credit 5% of fee at least 2 credit 1% of fee }";
    let clauses = clauses.replace("at least 2 credit 1% of fee", "");
    let ground = Ground::new(r#"plugin trend from "t.rhai""#, &clauses, &[("t.rhai", script)]);
    let (exit, said) = ground.replay(&["--format", "json"]);
    assert_eq!(exit, Exit::Done, "{said}");
    let [(period, amount, _)] = lines(&said).try_into().unwrap();
    assert_eq!((period.as_str(), amount.as_str()), ("2025-04", "60.00"));
}

#[test]
fn a_plugin_without_an_answer_stops_the_settlement_and_nothing_is_written() {
    let scripts = [
        ("throw \"no rate agreed\"", "no rate agreed"),
        ("while true {} 1", "operations"),
        ("#{ amount: -5, note: \"\" }", "below zero"),
        ("#{ amount: 5, currency: \"USD\", note: \"\" }", "USD"),
        ("\"five\"", ""),
        ("1 / 0", "zero"),
    ];
    for (body, expected) in scripts {
        let script = format!("fn credit(context) {{ let rate = context.arguments.rate; {body} }}");
        let ground = Ground::new(PLUGIN, EACH, &[("late.rhai", &script)]);
        let ledger = ground.path("ledger.csv");
        let (exit, said) = ground.replay(&["--ledger", &ledger]);
        assert_eq!(exit, Exit::Plugin, "{said}");
        assert_eq!(exit.code(), 4);
        assert!(said.contains("the plugin `late` failed for late § 7.1, ticket T-1"), "{said}");
        assert!(said.contains(expected), "{said}");
        assert!(!Path::new(&ledger).exists(), "a ledger was written");
    }
}

#[test]
fn on_failure_the_agreed_amount_is_owed_and_the_line_says_why() {
    let script =
        "fn credit(context) { if context.breaches[0].ticket == \"T-1\" { throw \"unknown\" } context.arguments.rate }";
    let clauses = EACH.replace("(rate: 10%)", "(rate: 10%) on failure credit 50 EUR");
    let ground = Ground::new(PLUGIN, &clauses, &[("late.rhai", script)]);
    let (exit, said) = ground.replay(&["--format", "json"]);
    assert_eq!(exit, Exit::Done, "{said}");
    let [(_, first, because), (_, second, _)] = lines(&said).try_into().unwrap();
    assert_eq!((first.as_str(), second.as_str()), ("50.00", "0.10"));
    assert!(because.starts_with("50.00 EUR, for late failed: ") && because.contains("unknown"), "{because}");
}

#[test]
fn the_contexts_that_plugins_were_given_are_written_and_answer_the_same_by_hand() {
    let ground = Ground::new(PLUGIN, EACH, &[("late.rhai", LATE)]);
    let contexts = ground.path("contexts.jsonl");
    let (exit, said) = ground.replay(&["--dump-context", &contexts]);
    assert_eq!(exit, Exit::Done, "{said}");
    let written = std::fs::read_to_string(&contexts).unwrap();
    assert_eq!(written.lines().count(), 2);
    ground.write("one.json", written.lines().next().unwrap());
    let (exit, said) = klausel(&["plugin", "run", &ground.path("late.rhai"), "--context", &ground.path("one.json")]);
    assert_eq!(exit, Exit::Done, "{said}");
    assert!(said.contains("720") && said.contains("3 hours, times 2"), "{said}");
}

#[test]
fn a_file_is_looked_at_by_itself() {
    let ground = Ground::new(PLUGIN, EACH, &[("late.rhai", LATE), ("bad.rhai", "fn credit(context) { 1 +* 2 }")]);
    let (exit, said) = klausel(&["plugin", "check", &ground.path("late.rhai")]);
    assert_eq!(exit, Exit::Done, "{said}");
    assert!(said.contains("kind     credit") && said.contains("reads    rate"), "{said}");
    let (exit, said) = klausel(&["plugin", "check", &ground.path("bad.rhai")]);
    assert_eq!(exit, Exit::Plugin, "{said}");
    assert!(said.contains("line 1"), "{said}");
}

#[test]
fn a_changed_file_under_a_pinned_hash_stops_everything() {
    let hash = klausel::plugin::sha256(LATE.as_bytes());
    let plugin = format!("{PLUGIN} {{ sha256 \"{hash}\" }}");
    let ground = Ground::new(&plugin, EACH, &[("late.rhai", LATE)]);
    assert_eq!(ground.replay(&[]).0, Exit::Done);
    ground.write("late.rhai", &LATE.replace("{ 2 }", "{ 3 }"));
    let (exit, said) = ground.replay(&[]);
    assert_eq!(exit, Exit::No, "{said}");
    assert!(said.contains("changed_plugin"), "{said}");
}
