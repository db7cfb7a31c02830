//! The clock against the outside world: cases from other people's test suites, run by this library.
//!
//! Each row is put to the library as its kind asks. Its calendar is written as a `calendar` block and loaded through
//! resolver, checker and compiler. What the language can say (a deadline, time between, pauses, days, update timers) is
//! said by an agreement, too, and both ways must agree. See `tests/conformance/README.md`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a judge says what it found")]
#![expect(clippy::indexing_slicing, reason = "a test says what it misses by failing")]

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
    /// Whether an agreement of ours ran on it, beside the calendar or alone.
    by_agreement: bool,
    /// Whether its calendar is, in part, built by hand because no text says it.
    by_hand: bool,
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
    let runs = agreement::runs();
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
        (Some(Ok(got)), None, None) if unasked(got, &expected).is_some() => {
            Verdict::NotStated(format!("no answer to `{}`", unasked(got, &expected).unwrap_or_default()))
        }
        (Some(Ok(_)), None, None) if same => Verdict::Held,
        (Some(Ok(_)), None, None) => Verdict::Failed,
    };
    Judged {
        file: file.to_string(),
        by_agreement: runs < agreement::runs(),
        by_hand: kind != "config" && hours::write(row).is_ok_and(|written| written.by_hand()),
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

/// A key that is expected and that the answer to its kind does not have.
fn unasked<'v>(got: &Value, expected: &'v Value) -> Option<&'v str> {
    let (got, expected) = (got.as_object()?, expected.as_object()?);
    expected.keys().map(String::as_str).find(|key| !got.contains_key(*key) && !got.contains_key("by the calendar"))
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
    by_agreement: usize,
    quirks: usize,
    other: usize,
    not_stated: usize,
    failed: usize,
}

impl Count {
    fn add(&mut self, row: &Judged) {
        self.rows += 1;
        self.by_agreement += usize::from(row.by_agreement && row.verdict == Verdict::Held);
        match &row.verdict {
            Verdict::Held => self.held += 1,
            Verdict::Failed => self.failed += 1,
            Verdict::Quirk(_) => self.quirks += 1,
            Verdict::Other(_) => self.other += 1,
            Verdict::NotStated(_) => self.not_stated += 1,
        }
    }

    fn line(&self, file: &str, kind: &str) -> String {
        let figures = [self.rows, self.held, self.by_agreement, self.quirks, self.other, self.not_stated, self.failed];
        columns(file, kind, &figures.map(|figure| figure.to_string()))
    }
}

fn columns(file: &str, kind: &str, figures: &[String]) -> String {
    figures.iter().fold(format!("{file:<28} {kind:<20}"), |line, figure| format!("{line} {figure:>10}"))
}

fn table(judged: &[Judged]) -> String {
    let mut by_kind: BTreeMap<(&str, &str), Count> = BTreeMap::new();
    let mut by_file: BTreeMap<&str, Count> = BTreeMap::new();
    let mut all = Count::default();
    for row in judged {
        by_kind.entry((&row.file, &row.kind)).or_default().add(row);
        by_file.entry(&row.file).or_default().add(row);
        all.add(row);
    }
    let heads = ["rows", "held", "agreement", "quirk", "other", "not stated", "FAILED"].map(str::to_string);
    let mut lines = vec![columns("file", "kind", &heads)];
    for (file, count) in &by_file {
        let of_file = by_kind.iter().filter(|((of, _), _)| of == file);
        lines.extend(of_file.map(|((file, kind), count)| count.line(file, kind)));
        lines.push(count.line(file, "all"));
    }
    lines.push(all.line("all", "all"));
    let by_hand = judged.iter().filter(|row| row.by_hand).count();
    lines.push(format!("calendars built by hand, at least in part: {by_hand}"));
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

/// What becomes of a row that is written here, with its own expectation.
fn made(mut row: Value) -> Judged {
    row["id"] = json!("made");
    judge("made.jsonl", &Row(row))
}

fn holds(row: Value) {
    let judged = made(row.clone());
    assert_eq!(judged.verdict, Verdict::Held, "{row}: got {}", judged.got);
}

#[test]
fn hours_with_breaks_and_leaves_are_read() {
    let week = json!({ "mon": [["09:00", "17:00"]], "tue": [["09:00", "17:00"]] });
    holds(json!({ "kind": "elapsed", "hours": week, "breaks": { "2025-03-10": [["12:00", "13:00"]] },
        "start": "2025-03-10T11:00:00Z", "end": "2025-03-10T14:00:00Z", "expect_seconds": 7_200 }));
    holds(json!({ "kind": "elapsed", "overnight": true, "hours": { "mon": [["22:00", "06:00"]] },
        "breaks": { "2025-03-11": [["01:00", "02:00"]] },
        "start": "2025-03-10T22:00:00Z", "end": "2025-03-11T06:00:00Z", "expect_seconds": 25_200 }));
    let leave = json!([["2025-03-10T10:30:15Z", "2025-03-11T10:00:00Z"]]);
    holds(json!({ "kind": "elapsed", "tz": "Europe/Berlin", "hours": week, "leaves": leave,
        "start": "2025-03-10T08:00:00Z", "end": "2025-03-11T16:00:00Z", "expect_seconds": 9_015 + 21_600 }));
    let fine = json!([["2025-03-10T09:00:00.500Z", "2025-03-10T10:00:00Z"]]);
    let judged = made(json!({ "kind": "deadline", "hours": week, "leaves": fine,
        "start": "2025-03-10T09:00:00Z", "business_seconds": 1, "expect": "2025-03-10T10:00:00.500Z" }));
    assert_eq!(judged.verdict, Verdict::Held, "{}", judged.got);
    assert!(judged.by_hand && !judged.by_agreement);
}

#[test]
fn overrides_windows_and_no_hours_at_all_are_read() {
    let week = json!({ "mon": [["09:00", "17:00"]] });
    holds(json!({ "kind": "elapsed", "hours": week, "holidays": ["2025-03-10"],
        "overrides": { "2025-03-10": [["10:00", "11:00"]], "2025-03-17": [] },
        "start": "2025-03-10T00:00:00Z", "end": "2025-03-18T00:00:00Z", "expect_seconds": 3_600 }));
    let windows =
        json!([["2025-03-10T22:00:00Z", "2025-03-11T02:00:00Z"], ["2025-03-12T08:00:00Z", "2025-03-12T09:00:00Z"]]);
    holds(json!({ "kind": "deadline", "windows": windows, "start": "2025-03-10T00:00:00Z", "business_seconds": 18_000,
        "expect": "2025-03-12T09:00:00Z", "convention": "exact_fill:close" }));
    holds(
        json!({ "kind": "next_close", "windows": windows, "at": "2025-03-10T23:00:00Z", "expect": "2025-03-11T02:00:00Z" }),
    );
    holds(json!({ "kind": "next_open", "windows": windows, "at": "2025-03-12T09:00:00Z", "expect": null }));
    holds(json!({ "kind": "open", "hours": {}, "at": "2025-03-10T10:00:00Z", "expect": false }));
    let round = json!({ "mon": [["09:00", "09:00"]] });
    for (at, open) in [("2025-03-11T08:59:00Z", true), ("2025-03-11T09:00:00Z", false)] {
        holds(json!({ "kind": "open", "overnight": true, "hours": round, "at": at, "expect": open }));
    }
}

#[test]
fn cycles_of_weeks_are_read_also_where_odd_and_even_lose_step() {
    let two = json!([{ "mon": [["09:00", "17:00"]] }, { "tue": [["09:00", "17:00"]] }]);
    let open = |weeks: &Value, start: &str, days: &[(&str, bool)]| {
        for (day, open) in days {
            holds(json!({ "kind": "open", "week_cycle": weeks, "cycle_start": start, "at": format!("{day}T10:00:00Z"),
                "expect": open }));
        }
    };
    open(&two, "2025-03-03", &[("2025-03-10", false), ("2025-03-11", true), ("2025-03-17", true)]);
    // The year 2020 has a week 53, after which the next odd week follows.
    open(&two, "2020-12-14", &[("2020-12-28", true), ("2021-01-04", false), ("2021-01-05", true)]);
    let three = json!([{ "mon": [["09:00", "17:00"]] }, {}, { "tue": [["09:00", "17:00"]] }]);
    open(
        &three,
        "2025-03-03",
        &[("2025-03-03", true), ("2025-03-10", false), ("2025-03-18", true), ("2025-03-24", true)],
    );
}

#[test]
fn rules_in_words_are_read() {
    let holiday = |rule: &str, date: &str| {
        holds(json!({ "kind": "holiday_rule", "rule": rule, "date": date, "expect": true }));
    };
    holiday("easter-2", "2025-04-18");
    holiday("easter", "2025-04-20");
    holiday("Second Monday of October", "2025-10-13");
    holiday("Wednesday before 11-23", "2025-11-19");
    holiday("last Monday before May 25", "2026-05-18");
    holiday("Saturday on or after 06-20", "2026-06-20");
    holiday("July 4", "2026-07-04");
    holds(json!({ "kind": "local_to_instant", "tz": "America/New_York", "local": "2021-11-07T01:30:00",
        "rule": "overlap: the first", "expect": "2021-11-07T05:30:00Z" }));
    let unknown =
        made(json!({ "kind": "holiday_rule", "rule": "full moon of May", "date": "2025-05-12", "expect": true }));
    assert!(matches!(unknown.verdict, Verdict::NotStated(_)));
}

#[test]
fn a_wrong_answer_is_seen_and_each_reason_is_told_apart() {
    let row = json!({ "kind": "open", "hours": { "mon": [["09:00", "17:00"]] }, "at": "2025-03-10T17:00:00Z" });
    let with = |more: Value| {
        let mut row = row.clone();
        more.as_object().into_iter().flatten().for_each(|(key, value)| row[key] = value.clone());
        made(row).verdict
    };
    assert_eq!(with(json!({ "expect": false })), Verdict::Held);
    assert_eq!(with(json!({ "expect": true })), Verdict::Failed);
    assert_eq!(with(json!({ "expect": true, "quirk": "closed intervals" })), Verdict::Quirk(false));
    assert_eq!(with(json!({ "expect": true, "convention": "zero:next_open" })), Verdict::Other(false));
    assert_eq!(with(json!({ "expect": true, "convention": "zero:start" })), Verdict::Failed);
    assert!(matches!(with(json!({ "expect": true, "kind": "moon" })), Verdict::NotStated(_)));
    assert!(matches!(with(json!({ "expect": true, "at": "soon" })), Verdict::NotStated(_)));
    let judged = [made(json!({ "kind": "moon" }))];
    assert!(table(&judged).contains("moon") && listing(&judged).contains("the kind `moon` is unknown"));
}
