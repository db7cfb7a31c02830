//! `klausel replay` and its neighbours from the command line: the same bytes for any threads and any order of tickets, a
//! ledger that adds up, and a clear word for every bad input.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what it misses by failing")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use klausel::cli::{self, Exit};
use serde_json::Value;
use tempfile::TempDir;

/// What a command said.
struct Said {
    exit: Exit,
    out: String,
    err: String,
}

fn klausel(arguments: &[&str]) -> Said {
    let (mut out, mut err) = (anstream::StripStream::new(Vec::new()), anstream::StripStream::new(Vec::new()));
    let exit = cli::run(std::iter::once(&"klausel").chain(arguments), &mut out, &mut err);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { exit, out: text(out.into_inner()), err: text(err.into_inner()) }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn portfolio() -> String {
    root().join("rules/examples/nordlicht/portfolio").to_str().unwrap().to_string()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn file(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_string()
}

/// Everything that a replay of the example writes, as one text.
fn everything(log: &str, threads: &str) -> String {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let (outcomes, ledger, escalations) = (path("o.csv"), path("l.jsonl"), path("e.csv"));
    let files = ["--outcomes", &outcomes, "--ledger", &ledger, "--escalations", &escalations];
    let portfolio = portfolio();
    let call = ["replay", &portfolio, "--tickets", log, "--threads", threads, "--format", "json"];
    let said = klausel(&[&call[..], &files[..]].concat());
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
    let files = [outcomes, ledger, escalations].map(|file| std::fs::read_to_string(file).unwrap());
    said.out + files.concat().as_str()
}

/// A stream of numbers that is the same everywhere (splitmix64).
fn numbers(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut number = state;
        number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        number ^ (number >> 31)
    }
}

/// The log with its tickets in another order; each ticket's rows keep theirs.
fn shuffled(log: &str, seed: u64) -> String {
    let (header, rows) = log.split_once('\n').unwrap();
    let mut tickets: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in rows.lines() {
        tickets.entry(row.split(';').next().unwrap()).or_default().push(row);
    }
    let mut next = numbers(seed);
    let mut tickets: Vec<(u64, Vec<&str>)> = tickets.into_values().map(|rows| (next(), rows)).collect();
    tickets.sort();
    let rows: Vec<&str> = tickets.into_iter().flat_map(|(_, rows)| rows).collect();
    format!("{header}\n{}\n", rows.join("\n"))
}

#[test]
fn the_same_bytes_for_any_threads_and_any_order_of_tickets() {
    let log: String = klausel::generator::generate(7, 1_500).collect();
    let folder = folder();
    let plain = file(folder.path(), "log.csv", &log);
    let wanted = everything(&plain, "1");
    for threads in ["2", "7"] {
        assert!(everything(&plain, threads) == wanted, "{threads} threads give other bytes");
    }
    for seed in 1..=10 {
        let path = file(folder.path(), "shuffled.csv", shuffled(&log, seed));
        assert!(everything(&path, "2") == wanted, "shuffle {seed} gives other bytes");
    }
}

fn number(value: &Value) -> i64 {
    value.as_str().unwrap().replace('.', "").parse().unwrap()
}

#[test]
fn the_ledger_adds_up_and_every_line_says_why() {
    let said = klausel(&["replay", &portfolio(), "--tickets", "example", "--format", "json"]);
    let value: Value = serde_json::from_str(&said.out).unwrap();
    let agreements = value["agreements"].as_array().unwrap();
    assert_eq!(agreements.len(), 3);
    for agreement in agreements {
        let lines = agreement["ledger"].as_array().unwrap();
        assert!(lines.len() > 5);
        for line in lines {
            assert!(
                line["because"].as_str().unwrap().contains('×') || line["because"].as_str().unwrap().contains("of")
            );
            assert!(line["ref"].as_str().unwrap().starts_with("§ "));
        }
        let sum: i64 = lines.iter().map(|line| number(&line["amount"])).sum();
        assert_eq!(sum, number(&agreement["totals"]["penalties"]), "{}", agreement["agreement"]);
        assert_eq!(-sum, number(&agreement["totals"]["net"]));
    }
    assert_eq!(value["input"]["unmatched_tickets"], 18);
}

#[test]
fn months_are_the_same_alone_and_in_the_year() {
    let whole = klausel(&["replay", &portfolio(), "--tickets", "example", "--format", "csv"]).out;
    let march = ["--from", "2025-03-01", "--to", "2025-03-31"];
    let alone =
        klausel(&[&["replay", &portfolio(), "--tickets", "example", "--format", "csv"][..], &march].concat()).out;
    let of_march: Vec<&str> = whole.lines().filter(|line| line.contains(",2025-03,2025-03,")).collect();
    assert!(of_march.len() > 3);
    assert_eq!(alone.lines().skip(1).collect::<Vec<_>>(), of_march);
}

#[test]
fn a_filter_is_a_condition_of_the_language() {
    let call = |filter: &str| {
        klausel(&["replay", &portfolio(), "--tickets", "example", "--format", "json", "--where", filter])
    };
    let value: Value = serde_json::from_str(&call("priority is P1 and plan is gold").out).unwrap();
    let metrics: Vec<&Value> =
        value["agreements"].as_array().unwrap().iter().flat_map(|a| a["metrics"].as_array().unwrap()).collect();
    assert!(!metrics.is_empty());
    assert!(metrics.iter().all(|row| row["priority"] == "P1" && row["tier"] == "gold"));
    let wrong = call("plann is gold");
    assert_eq!(wrong.exit, Exit::Call);
    assert!(wrong.err.contains("did you mean `plan`?"), "{}", wrong.err);
    assert_eq!(call("plan is").exit, Exit::Call);
}

#[test]
fn fail_on_breach_answers_no() {
    let call = ["replay", &portfolio(), "--tickets", "example", "--fail-on", "breach"];
    assert_eq!(klausel(&call).exit, Exit::No);
    let none = [&call[..], &["--where", "customer is nobody"]].concat();
    assert_eq!(klausel(&none).exit, Exit::Done);
}

#[test]
fn a_breached_ticket_shows_running_paused_and_closed_time_with_its_clauses() {
    let said = klausel(&["explain", &portfolio(), "--tickets", "example", "--ticket", "NL-2025-02707"]);
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
    let line = |word: &str| said.out.lines().any(|line| line.contains(&format!(" {word} ")));
    for word in ["running", "paused", "closed"] {
        assert!(line(word), "no {word} span in\n{}", said.out);
    }
    assert!(said.out.contains("at most 10 service days in office (§ 4.2)"), "{}", said.out);
    assert!(said.out.contains("§ 7.1 late_resolution in 2025-09: 480.00 EUR"), "{}", said.out);
    let unknown = klausel(&["explain", &portfolio(), "--tickets", "example", "--ticket", "NL-2025-0270"]);
    assert_eq!(unknown.exit, Exit::Input);
    assert!(unknown.err.contains("the log has no ticket `NL-2025-0270`; did you mean `NL-2025-"), "{}", unknown.err);
}

// -- bad input

const AGREEMENT: &str = r#"source desk {
    format csv
    ticket column "ticket"
    at column "at"
    event column "event" { "new" is created, "done" is resolved, "seen" ignored }
    field plan column "plan" { "Gold" is gold, "Silver" is silver }
}

agreement a {
    timezone "Europe/Berlin"
    fee 1_000 EUR per month
    tickets from desk
    metric resolution {
        starts on created
        stops on resolved
    }
    tier gold {
        resolution { any 4h }
    }
    penalty late {
        for each breach of resolution
        credit 10% of fee
    }
    round half up to 0.01 EUR
}
"#;

const HEAD: &str = "ticket,at,event,plan\n";

/// Replays a log that cannot be read; the message, after it is clear that nothing was written.
fn refused(log: &[u8], options: &[&str]) -> String {
    let folder = folder();
    let agreement = file(folder.path(), "a.sla", AGREEMENT);
    let log = file(folder.path(), "log.csv", log);
    let out = folder.path().join("out.csv");
    let call = ["replay", &agreement, "--tickets", &log, "--outcomes", out.to_str().unwrap()];
    let said = klausel(&[&call[..], options].concat());
    assert_eq!(said.exit, Exit::Input, "{}{}", said.out, said.err);
    assert_eq!(said.out, "", "nothing is half-written");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    said.err.replace(folder.path().to_str().unwrap(), "")
}

fn rows(rows: &[&str]) -> Vec<u8> {
    format!("{HEAD}{}\n", rows.join("\n")).into_bytes()
}

#[test]
fn bad_rows_are_named_with_file_line_column_and_the_way_out() {
    let created = "T1,2025-03-07T10:00:00Z,new,Gold";
    let told = |bad: &[&str]| refused(&rows(&[&[created][..], bad].concat()), &[]);
    let filler: Vec<String> = (2..6).map(|at| format!("T{at},2025-03-07T10:00:00Z,new,Gold")).collect();
    let mut with_date: Vec<&str> = filler.iter().map(String::as_str).collect();
    with_date.push("T6,07.03.2025,new,Gold");
    let date = told(&with_date);
    assert!(date.contains("/log.csv, line 7, column `at`: `07.03.2025` is no instant"), "{date}");
    assert!(date.contains("as \"%d.%m.%Y %H:%M\" in"), "{date}");
    let value = told(&["T2,2025-03-07T10:00:00Z,new,Bronze"]);
    assert!(value.contains("line 3, column `plan`: the source does not say what `Bronze` means"), "{value}");
    assert!(value.contains("add `\"Bronze\" is …`"), "{value}");
    let event = told(&["T2,2025-03-07T10:00:00Z,merged,Gold"]);
    assert!(event.contains("line 3, column `event`: the source does not say what `merged` means"), "{event}");
    let early = told(&["T2,2025-03-07T10:00:00Z,done,Gold", "T2,2025-03-07T11:00:00Z,new,Gold"]);
    assert!(early.contains("before its creation"), "{early}");
    let twice = told(&[created]);
    assert!(twice.contains("line 3: this row of ticket `T1` repeats the one before"), "{twice}");
    let column = refused(b"ticket,time,event,plan\nT1,2025-03-07T10:00:00Z,new,Gold\n", &[]);
    assert!(column.contains("column `at`: the source reads this column, and the file has none"), "{column}");
    assert!(column.contains("the columns are: ticket, time, event, plan"), "{column}");
}

#[test]
fn files_that_are_no_logs_are_named() {
    assert!(refused(b"", &[]).contains("/log.csv: this file is empty"));
    assert!(refused(HEAD.as_bytes(), &[]).contains("/log.csv: there is no row in it"));
    assert!(refused(b"\x00\x01\x02\xFF\xFE", &[]).contains("this is not a text file"));
    let mut long = rows(&["T1,2025-03-07T10:00:00Z,new,Gold"]);
    long.extend(std::iter::repeat_n(b'x', 100 * 1024 * 1024));
    let told = refused(&long, &[]);
    assert!(told.contains("line 3: this line is 104 MB long"), "{told}");
    let folder = folder();
    let agreement = file(folder.path(), "a.sla", AGREEMENT);
    let missing = klausel(&["replay", &agreement, "--tickets", "nowhere.csv"]);
    assert_eq!(missing.exit, Exit::Input);
    assert!(missing.err.contains("cannot read `nowhere.csv`: there is no such file"), "{}", missing.err);
    let is_folder = klausel(&["replay", &agreement, "--tickets", folder.path().to_str().unwrap()]);
    assert!(is_folder.err.contains("it is a folder"), "{}", is_folder.err);
}

#[test]
fn another_encoding_is_read_all_the_same() {
    let agreement = AGREEMENT.replace("\"Gold\" is gold", "\"Größe\" is gold");
    let folder = folder();
    let agreement = file(folder.path(), "a.sla", agreement);
    let log = format!("{HEAD}T1,2025-03-07T10:00:00Z,new,Größe\n");
    for bytes in [log.clone().into_bytes(), encoding_rs::WINDOWS_1252.encode(&log).0.into_owned()] {
        let log = file(folder.path(), "log.csv", bytes);
        let said = klausel(&["replay", &agreement, "--tickets", &log]);
        assert_eq!(said.exit, Exit::Done, "{}", said.err);
    }
}

#[test]
fn bad_rows_can_be_left_out_and_are_counted() {
    let folder = folder();
    let agreement = file(folder.path(), "a.sla", AGREEMENT);
    let bad = ["T1,2025-03-07T10:00:00Z,new,Gold", "T2,x,new,Gold", "T3,y,new,Gold", "T4,2025-03-07T10:00:00Z,new,Tin"];
    let log = file(folder.path(), "log.csv", rows(&bad));
    let said = klausel(&["replay", &agreement, "--tickets", &log, "--on-bad-row", "skip", "--format", "json"]);
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
    let value: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(value["input"]["skipped_rows"], 3);
    let kinds: Vec<&str> =
        value["input"]["skipped"].as_array().unwrap().iter().map(|s| s["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["bad_instant", "unknown_value"]);
}

/// What the statement as text says first: what was read, and what was left out.
fn read(log: &str) -> String {
    let folder = folder();
    let agreement = file(folder.path(), "a.sla", AGREEMENT);
    let log = file(folder.path(), "log.csv", log);
    let said = klausel(&["replay", &agreement, "--tickets", &log, "--on-bad-row", "skip"]);
    assert_eq!(said.exit, Exit::Done, "{}", said.err);
    said.out
}

#[test]
fn what_was_read_is_counted_and_one_is_singular() {
    let one = format!("{HEAD}T1,2025-03-07T10:00:00Z,new,Gold\n");
    let said = read(&one);
    assert!(said.contains("Read 1 ticket, 1 row that says something of them\n"), "{said}");
    let said = read(&format!("{one}T2,2025-03-07T10:00:00Z,new,Gold\n"));
    assert!(said.contains("Read 2 tickets, 2 rows that say something of them\n"), "{said}");
    let said = read(&format!("{one}T2,x,new,Gold\n"));
    assert!(said.contains("  1 row left out (bad_instant), the first: "), "{said}");
    let said = read(&format!("{one}T2,x,new,\"Gold\nT3,2025-03-07T10:00:00Z,new,Gold\n"));
    assert!(said.contains("  1 row of 2 lines left out (broken_row), the first: "), "{said}");
}

#[test]
fn an_agreement_with_faults_runs_nothing() {
    let folder = folder();
    let text = AGREEMENT
        .replace("any 4h", "P9 4h")
        .replace("tickets from desk", "tickets from dsk")
        .replace("10% of fee", "10% of fee per hour late");
    let agreement = file(folder.path(), "a.sla", text);
    let log = file(folder.path(), "log.csv", rows(&["T1,2025-03-07T10:00:00Z,new,Gold"]));
    let out = folder.path().join("out.csv");
    let said = klausel(&["replay", &agreement, "--tickets", &log, "--ledger", out.to_str().unwrap()]);
    assert_eq!(said.exit, Exit::No);
    assert_eq!(said.out, "");
    assert!(!out.exists());
    for part in ["there is no priority `P9`", "there is no source `dsk`", "did you mean `desk`?", "per started hour"] {
        assert!(said.err.contains(part), "no `{part}` in\n{}", said.err);
    }
}

#[test]
fn eight_faults_are_told_in_one_run() {
    let folder = folder();
    let text = r#"agreement a {
    titel "x"
    timezone "Europe/Berln"
    effective 2025-02-30..2025-12-31
    fee 1_000 EUR month
    metric m {
        starts on created
        stops on
    }
    tier t {
        hours ofice
        m { any 4h }
    }
    penalty late {
        for each breach of n
        credit 2% of fee per hour late
    }
}
"#;
    let agreement = file(folder.path(), "a.sla", text);
    let said = klausel(&["check", "--format", "json", &agreement]);
    assert_eq!(said.exit, Exit::No);
    let value: Value = serde_json::from_str(&said.out).unwrap();
    let found: Vec<String> = value["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| format!("{} {}", found["line"], found["code"].as_str().unwrap()))
        .collect();
    let wanted = [
        "2 unknown_statement",
        "3 unknown_zone",
        "4 bad_date",
        "5 syntax",
        "8 syntax",
        "11 unknown_name",
        "15 unknown_name",
        "16 unit_without_rounding",
    ];
    for fault in wanted {
        assert!(found.iter().any(|found| found == fault), "{fault} is not in {found:?}");
    }
}

#[test]
fn files_that_use_each_other_are_told_with_both_places() {
    let folder = folder();
    let a = file(folder.path(), "a.sla", format!("use \"b.sla\"\n{AGREEMENT}"));
    file(folder.path(), "b.sla", "use \"a.sla\"\n");
    let said = klausel(&["check", &a]);
    assert_eq!(said.exit, Exit::No);
    assert!(said.err.contains("uses itself in the end") && said.err.contains("b.sla:1:5"), "{}", said.err);
    let missing = file(folder.path(), "c.sla", "use \"nowhere.sla\"\n");
    let said = klausel(&["check", &missing]);
    assert!(said.err.contains("cannot read") && said.err.contains("c.sla:1:5"), "{}", said.err);
}

#[test]
fn calls_that_are_wrong_say_what_is_meant() {
    let several = file_with_two_agreements();
    let path = several.path().join("two.sla");
    let path = path.to_str().unwrap();
    let log = several.path().join("log.csv");
    let call =
        |options: &[&str]| klausel(&[&["replay", path, "--tickets", log.to_str().unwrap()][..], options].concat());
    let said = call(&[]);
    assert_eq!(said.exit, Exit::Call);
    assert!(said.err.contains("say which with `--agreement NAME` (a, b)"), "{}", said.err);
    assert_eq!(call(&["--agreement", "b"]).exit, Exit::Done);
    assert!(call(&["--agreement", "c"]).err.contains("has no agreement `c`; it has: a, b"));
    assert!(call(&["--agreement", "a", "--as-of", "yesterday"]).err.contains("2026-01-01T00:00:00+01:00"));
    assert!(call(&["--agreement", "a", "--outcomes", "x.xlsx"]).err.contains("`.csv`, `.jsonl` or `.parquet`"));
    assert_eq!(call(&["--agreement", "a", "--from", "2025-02-01", "--to", "2025-01-01"]).exit, Exit::Call);
    assert!(call(&["--agreement", "a", "--source", "dsk"]).err.contains("there is no source `dsk`; known are: desk"));
}

fn file_with_two_agreements() -> TempDir {
    let folder = folder();
    let second = AGREEMENT.split("agreement a {").nth(1).unwrap_or_else(|| panic!("an agreement"));
    file(folder.path(), "two.sla", format!("{AGREEMENT}\nagreement b {{{second}"));
    file(folder.path(), "log.csv", rows(&["T1,2025-03-07T10:00:00Z,new,Gold", "T1,2025-03-07T18:00:00Z,done,Gold"]));
    folder
}
