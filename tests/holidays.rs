//! The standard holiday lists: they parse, they are checked without a finding, they hold the dates that almanacs and
//! statutes give, and a calendar that names one is closed on just these days.
//!
//! With `KLAUSEL_HOLIDAYS_OUT=FILE` the dates of every list are written there as `list,date,label`, for
//! `tests/holidays/compare.py`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what it misses by failing")]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use chrono::{Datelike, NaiveDate};
use klausel::calendar::{CalendarSpec, HolidayList};
use klausel::plan::Plan;
use klausel::source::{FileError, Files, FileId, Sources};
use klausel::{ast, checker, compiler, diagnostic, formatter, parser, resolver};

/// The years that the lists are made for.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2040;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("rules/std/holidays")
}

/// The countries' files by their names: `de.sla` and its text.
fn countries() -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let lists = entries.filter(|path| path.extension().is_some_and(|ending| ending == "sla"));
    lists
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap()))
        .collect()
}

fn parsed(name: &str, text: &str) -> (Sources, FileId) {
    let mut sources = Sources::default();
    let file = sources.add(name, text);
    (sources, file)
}

/// The names of the lists in a file.
fn lists(name: &str, text: &str) -> Vec<String> {
    let (sources, file) = parsed(name, text);
    let items = parser::parse(&sources, file).tree.items;
    let names = items.into_iter().filter_map(|item| match item {
        ast::Item::Holidays(list) => Some(list.name.value),
        _ => None,
    });
    names.collect()
}

/// One agreement in memory; `std/holidays/…` from the folder of the rules.
struct Desk(String);

impl Files for Desk {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        let missing = |reason: String| FileError { path: path.to_string(), reason };
        match path.strip_prefix("std/holidays/") {
            Some(name) => fs::read(folder().join(name)).map_err(|error| missing(error.to_string())),
            None if path == "desk.sla" => Ok(self.0.clone().into_bytes()),
            None => Err(missing("no such file".to_string())),
        }
    }
}

/// The plan of an agreement that never closes but on the holidays of one list.
fn plan(country: &str, list: &str) -> Plan {
    let text = format!(
        "edition 2026
use \"std/holidays/{country}\"
source desk {{ format csv ticket column \"id\" at column \"at\" event column \"event\" first row is created }}
calendar desk_hours {{ timezone \"UTC\" mon-sun 00:00-24:00 closed on holidays {list} }}
agreement desk {{
    effective 2000-01-01..2040-12-31
    timezone \"UTC\"
    tickets from desk
    priority {{ P1 otherwise }}
    metric response {{ starts on created stops on answered }}
    tier every {{ hours desk_hours response {{ P1 1h }} }}
}}"
    );
    checked_plan(text)
}

fn checked_plan(text: String) -> Plan {
    let resolved = resolver::load(&Desk(text), &["desk.sla".to_string()]);
    let told = |sources: &Sources, found: &[diagnostic::Diagnostic]| {
        found.iter().map(|found| diagnostic::headline(found, sources)).collect::<Vec<_>>()
    };
    let checked = checker::check(resolved)
        .unwrap_or_else(|(resolved, found)| panic!("findings: {:?}", told(&resolved.sources, &found)));
    assert_eq!(told(&checked.resolved().sources, checked.warnings()), [""; 0]);
    compiler::compile(&checked)
}

/// The one list of a plan made by [`plan`].
fn list_of(plan: &Plan) -> HolidayList {
    let hours = plan.calendars.iter().find_map(|named| match &named.spec {
        CalendarSpec::Hours(hours) => hours.holidays.first(),
        _ => None,
    });
    hours.unwrap().clone()
}

/// The holidays of a list in [`YEARS`], each date with its first label.
fn dates(list: &HolidayList) -> BTreeMap<NaiveDate, String> {
    let mut dates = BTreeMap::new();
    for rule in &list.rules {
        let label = rule.label.clone().unwrap_or_else(|| panic!("a rule of `{}` has no label", list.name));
        let years = YEARS.start() - 1..=YEARS.end() + 1;
        for date in years.flat_map(|year| rule.dates(year)).filter(|date| YEARS.contains(&date.year())) {
            dates.entry(date).or_insert_with(|| label.clone());
        }
    }
    dates
}

#[test]
fn every_file_is_written_as_fmt_writes_it_and_holds_lists_only() {
    for (name, text) in countries() {
        let (sources, file) = parsed(&name, &text);
        let read = parser::parse(&sources, file);
        let faults: Vec<_> = read.diagnostics.iter().map(|found| diagnostic::headline(found, &sources)).collect();
        assert_eq!(faults, [""; 0]);
        assert!(lists(&name, &text).len() + 1 == read.tree.items.len(), "{name}: `edition` and lists, nothing else");
        assert_eq!(formatter::format(&sources, file).unwrap(), text, "{name} is not as `fmt` writes it");
    }
}

#[test]
fn every_list_is_checked_without_findings_and_has_holidays_in_each_year() {
    for (country, text) in countries() {
        for name in lists(&country, &text) {
            let dates = dates(&list_of(&plan(&country, &name)));
            for year in YEARS {
                assert!(dates.keys().any(|date| date.year() == year), "{country}: `{name}` has no holiday in {year}");
            }
        }
    }
}
