//! The clock against the outside world: cases from other people's test suites, run by this library.
//!
//! Each row is put to the library as its kind asks. Its calendar is written as a `calendar` block and loaded through
//! resolver, checker and compiler. What the language can say (a deadline, time between, pauses, days, update timers) is
//! said by an agreement, too, and both ways must agree. See `tests/conformance/README.md`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a judge says what it found")]

#[path = "conformance/agreement.rs"]
mod agreement;
#[path = "conformance/clock.rs"]
mod clock;
#[path = "conformance/days.rs"]
mod days;
#[path = "conformance/hours.rs"]
mod hours;
#[path = "conformance/look.rs"]
mod look;
#[path = "conformance/row.rs"]
mod row;
#[path = "conformance/rules.rs"]
mod rules;
#[path = "conformance/ticket.rs"]
mod ticket;

use std::collections::BTreeMap;
use std::path::PathBuf;

use row::{Row, Said};
use serde_json::{Value, json};

/// Readings on which peers differ, as the language page chooses them.
const OURS: [&str; 3] = ["exact_fill:close", "exact_fill:opening", "zero:start"];

/// What became of one row.
#[derive(Debug, Clone, PartialEq)]
enum Verdict {
    /// Our answer is the expected one.
    Held,
    /// It is not, and no reading excuses it.
    Failed,
    /// The row tells of a peer's own choice or defect; whether we answer the same.
    Quirk(bool),
    /// The row rests on a reading that is not ours; whether we answer the same.
    Other(bool),
    /// The library or the language cannot be asked this.
    NotStated(String),
}

/// A row with our answer.
struct Judged {
    file: String,
    kind: String,
    id: String,
    verdict: Verdict,
    /// Why it is a quirk or rests on another reading.
    reason: String,
    got: String,
    expected: Value,
    /// Whether a naive walk that disagrees with the peer agrees with us.
    with_the_walk: Option<bool>,
}

/// The answer to a row of each kind; none: a kind that nobody here knows.
fn answer(row: &Row, kind: &str) -> Option<Said<Value>> {
    Some(match kind {
        "deadline" => look::deadline(row),
        "deadline_back" => look::deadline_back(row),
        "elapsed" => look::elapsed(row),
        "open" => look::open(row),
        "on_holiday" => look::on_holiday(row),
        "next_open" => look::next_open(row),
        "prev_open" => look::prev_open(row),
        "next_close" => look::next_close(row),
        "next_opening_after" => look::next_opening_after(row),
        "prev_opening" => look::prev_opening(row),
        "prev_close" => look::prev_close(row),
        "next_transition" => look::next_transition(row),
        "prev_transition" => look::prev_transition(row),
        "workday" => days::workday(row),
        "workdays" => days::workdays(row),
        "days_between" => days::days_between(row),
        "whole_days" => days::whole_days(row),
        "add_days" => days::add_days(row),
        "local_to_instant" => rules::local_to_instant(row),
        "holiday_rule" => rules::holiday_rule(row),
        "config" => rules::config(row),
        "sla" => clock::sla(row),
        "sla_elapsed" => clock::sla_elapsed(row),
        "status" => clock::status(row),
        "ticket" => ticket::ticket(row),
        _ => return None,
    })
}

fn expected(row: &Row) -> Value {
    let keys = ["expect", "expect_date", "expect_seconds", "expect_minutes"];
    keys.iter().find_map(|key| row.0.get(key)).cloned().unwrap_or_default()
}

/// Why a row rests on a reading that is not ours.
fn other_reading(row: &Row, kind: &str) -> Option<String> {
    let named = match row.get("convention") {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        one => one.and_then(Value::as_str).into_iter().collect::<Vec<_>>(),
    };
    let foreign: Vec<&str> = named.into_iter().filter(|reading| !OURS.contains(reading)).collect();
    if !foreign.is_empty() {
        return Some(foreign.join(", "));
    }
    let refused_there = kind == "config" && row.get("expect").is_some_and(|expect| expect == "reject");
    let over_midnight = refused_there && rules::runs_over_midnight(row);
    over_midnight.then(|| "a span whose end is not after its start runs over midnight here".to_string())
}

fn judge(file: &str, row: &Row) -> Judged {
    let kind = row.text("kind").unwrap_or("(none)").to_string();
    let expected = expected(row);
    let answer = answer(row, &kind);
    let got = answer.clone().and_then(Result::ok);
    let same = got.as_ref().is_some_and(|got| row::same(got, &expected));
    let quirk = row.text("quirk").ok().map(str::to_string);
    let other = other_reading(row, &kind);
    let verdict = match (&answer, &quirk, &other) {
        (None, _, _) => Verdict::NotStated(format!("the kind `{kind}` is unknown")),
        (_, Some(_), _) => Verdict::Quirk(same),
        (_, None, Some(_)) => Verdict::Other(same),
        (Some(Err(why)), None, None) => Verdict::NotStated(why.clone()),
        (Some(Ok(_)), None, None) if same => Verdict::Held,
        (Some(Ok(_)), None, None) => Verdict::Failed,
    };
    Judged {
        file: file.to_string(),
        id: row.text("id").unwrap_or("(no id)").to_string(),
        verdict,
        reason: quirk.or(other).unwrap_or_default(),
        with_the_walk: row.get("oracle_expect").zip(got.as_ref()).map(|(walk, got)| agrees(got, walk)),
        got: match answer {
            Some(Ok(got)) => got.to_string(),
            Some(Err(why)) => format!("nothing: {why}"),
            None => "nothing".to_string(),
        },
        kind,
        expected,
    }
}

/// Of a target the walk tells the due instant alone.
fn agrees(got: &Value, walk: &Value) -> bool {
    let due = got.get("due").filter(|_| walk.is_string());
    row::same(due.unwrap_or(got), walk)
}

/// How often each verdict fell.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    rows: usize,
    held: usize,
    quirks: usize,
    other: usize,
    not_stated: usize,
    failed: usize,
}

impl Count {
    fn add(&mut self, verdict: &Verdict) {
        self.rows += 1;
        match verdict {
            Verdict::Held => self.held += 1,
            Verdict::Failed => self.failed += 1,
            Verdict::Quirk(_) => self.quirks += 1,
            Verdict::Other(_) => self.other += 1,
            Verdict::NotStated(_) => self.not_stated += 1,
        }
    }

    fn line(&self, file: &str, kind: &str) -> String {
        let Count { rows, held, quirks, other, not_stated, failed } = self;
        format!("{file:<28} {kind:<20} {rows:>5} {held:>5} {quirks:>6} {other:>6} {not_stated:>11} {failed:>7}")
    }
}

fn table(judged: &[Judged]) -> String {
    let mut by_kind: BTreeMap<(&str, &str), Count> = BTreeMap::new();
    let mut by_file: BTreeMap<&str, Count> = BTreeMap::new();
    let mut all = Count::default();
    for row in judged {
        by_kind.entry((&row.file, &row.kind)).or_default().add(&row.verdict);
        by_file.entry(&row.file).or_default().add(&row.verdict);
        all.add(&row.verdict);
    }
    let heads = ("file", "kind", "rows", "held", "quirk", "other", "not stated", "FAILED");
    let (file, kind, rows, held, quirk, other, not_stated, failed) = heads;
    let head = format!("{file:<28} {kind:<20} {rows:>5} {held:>5} {quirk:>6} {other:>6} {not_stated:>11} {failed:>7}");
    let mut lines = vec![head];
    for (file, count) in &by_file {
        let of_file = by_kind.iter().filter(|((of, _), _)| of == file);
        lines.extend(of_file.map(|((file, kind), count)| count.line(file, kind)));
        lines.push(count.line(file, "all"));
    }
    lines.push(all.line("all", "all"));
    lines.join("\n")
}

/// Every row that is not simply held, with the reason.
fn listing(judged: &[Judged]) -> String {
    let mut lines = Vec::new();
    for row in judged {
        let Judged { id, reason, got, expected, .. } = row;
        let same = |same: bool| if same { ", and so do we" } else { "" };
        lines.push(match &row.verdict {
            Verdict::Held => continue,
            Verdict::Failed => format!("FAILED {id}: got {got}, expected {expected}"),
            Verdict::Quirk(as_they) => {
                let walk = match row.with_the_walk {
                    Some(true) => ", as a naive walk does",
                    Some(false) => ", a naive walk does neither",
                    None => "",
                };
                format!("quirk {id}: {reason}; it says {expected}{}; we say {got}{walk}", same(*as_they))
            }
            Verdict::Other(as_they) => {
                format!("other reading {id}: {reason}; it says {expected}{}; we say {got}", same(*as_they))
            }
            Verdict::NotStated(why) => format!("not stated {id}: {why}; expected {expected}"),
        });
    }
    lines.join("\n")
}

/// The files of cases with their rows; none where the folder is not here.
fn files() -> Option<Vec<(String, Vec<Row>)>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/conformance");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("!!! NOT TESTED: {} is not here", folder.display());
        return None;
    };
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|end| end == "jsonl")).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let rows = lines.map(|line| Row(serde_json::from_str(line).unwrap_or_else(|_| json!({ "id": line }))));
        (name, rows.collect())
    };
    Some(paths.into_iter().map(read).collect())
}

#[test]
fn every_row_of_our_reading_holds() {
    let Some(files) = files() else { return };
    let rows = files.iter().flat_map(|(file, rows)| rows.iter().map(move |row| (file, row)));
    let judged: Vec<Judged> = rows.map(|(file, row)| judge(file, row)).collect();
    assert!(!judged.is_empty(), "the folder holds no cases");
    println!("{}\n\n{}", table(&judged), listing(&judged));
    let failed = judged.iter().filter(|row| row.verdict == Verdict::Failed).count();
    assert_eq!(failed, 0, "rows that do not hold: see `FAILED` above");
}
