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
use klausel::calendar::{Calendar, CalendarSpec, HolidayList};
use klausel::plan::Plan;
use klausel::source::{FileError, FileId, Files, Sources};
use klausel::time::Instant;
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

/// Every list, with the file that holds it.
fn all_lists() -> Vec<(String, String)> {
    let files = countries().into_iter();
    files
        .flat_map(|(country, text)| lists(&country, &text).into_iter().map(move |name| (country.clone(), name)))
        .collect()
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
fn no_two_files_name_a_list_alike() {
    let mut known = BTreeMap::new();
    for (country, name) in all_lists() {
        if let Some(first) = known.insert(name.clone(), country.clone()) {
            panic!("`{name}` is in {first} and in {country}");
        }
    }
}

#[test]
fn every_list_is_checked_without_findings_and_goes_from_the_first_year_to_the_last() {
    for (country, name) in all_lists() {
        let dates = dates(&list_of(&plan(&country, &name)));
        let years: Vec<i32> = YEARS.collect();
        // Four years, because Inauguration Day comes no oftener.
        for years in years.windows(4) {
            let holds = dates.keys().any(|date| years.contains(&date.year()));
            assert!(holds, "{country}: `{name}` has no holiday in {years:?}");
        }
    }
}

#[test]
fn a_calendar_is_closed_on_the_days_of_its_list_and_on_no_other() {
    for (country, name) in all_lists() {
        let plan = plan(&country, &name);
        let dates = dates(&list_of(&plan));
        let hours = plan.calendars.iter().find(|named| named.name == "desk_hours").unwrap();
        let calendar = Calendar::new(hours.spec.clone());
        let days = day(*YEARS.start(), 1, 1).iter_days().take_while(|date| date.year() <= *YEARS.end());
        for date in days {
            let noon = Instant::from_utc(date.and_hms_opt(12, 0, 0).unwrap());
            assert_ne!(calendar.is_open(noon), dates.contains_key(&date), "{country}: `{name}` on {date}");
        }
    }
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// Whole years as almanacs print them, each date as month and day.
const ALMANAC: &[(&str, &str, i32, &str)] = &[
    ("de.sla", "germany", 2017, "01-01 04-14 04-17 05-01 05-25 06-05 10-03 10-31 12-25 12-26"),
    ("de.sla", "bavaria", 2025, "01-01 01-06 04-18 04-21 05-01 05-29 06-09 06-19 10-03 11-01 12-25 12-26"),
    ("de.sla", "hamburg", 2016, "01-01 03-25 03-28 05-01 05-05 05-16 10-03 12-25 12-26"),
    ("de.sla", "hamburg", 2018, "01-01 03-30 04-02 05-01 05-10 05-21 10-03 10-31 12-25 12-26"),
    ("de.sla", "berlin", 2025, "01-01 03-08 04-18 04-21 05-01 05-08 05-29 06-09 10-03 12-25 12-26"),
    ("de.sla", "brandenburg", 2024, "01-01 03-29 03-31 04-01 05-01 05-09 05-19 05-20 10-03 10-31 12-25 12-26"),
    ("de.sla", "saxony", 2022, "01-01 04-15 04-18 05-01 05-26 06-06 10-03 10-31 11-16 12-25 12-26"),
    ("at.sla", "austria", 2024, "01-01 01-06 04-01 05-01 05-09 05-20 05-30 08-15 10-26 11-01 12-08 12-25 12-26"),
    ("ch.sla", "geneva", 2024, "01-01 03-29 04-01 05-09 05-20 08-01 09-05 12-25 12-31"),
    ("ch.sla", "zurich", 2025, "01-01 04-18 04-21 05-01 05-29 06-09 08-01 12-25 12-26"),
    ("us.sla", "us_federal", 2020, "01-01 01-20 02-17 05-25 07-03 07-04 09-07 10-12 11-11 11-26 12-25"),
    (
        "us.sla",
        "us_federal",
        2021,
        "01-01 01-18 02-15 05-31 06-18 06-19 07-04 07-05 09-06 10-11 11-11 11-25 12-24 12-25 12-31",
    ),
    ("uk.sla", "england_and_wales", 2022, "01-01 01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-25 12-26 12-27"),
    ("uk.sla", "england_and_wales", 2020, "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-26 12-28"),
    ("uk.sla", "scotland", 2022, "01-01 01-02 01-03 01-04 04-15 05-02 06-02 06-03 08-01 09-19 11-30 12-25 12-26 12-27"),
    ("uk.sla", "northern_ireland", 2021, "01-01 03-17 04-02 04-05 05-03 05-31 07-12 08-30 12-25 12-26 12-27 12-28"),
    ("nl.sla", "netherlands", 2013, "01-01 03-31 04-01 04-30 05-05 05-09 05-19 05-20 12-25 12-26"),
    ("nl.sla", "netherlands", 2014, "01-01 04-20 04-21 04-26 05-05 05-29 06-08 06-09 12-25 12-26"),
];

#[test]
fn whole_years_are_as_almanacs_print_them() {
    for (country, name, year, wanted) in ALMANAC {
        let dates = dates(&list_of(&plan(country, name)));
        let found: Vec<String> = dates
            .keys()
            .filter(|date| date.year() == *year)
            .map(|date| format!("{:02}-{:02}", date.month(), date.day()))
            .collect();
        assert_eq!(found.join(" "), *wanted, "{name} {year}");
    }
}

/// A day before and a day after each change, and what moves in an odd way.
#[test]
fn holidays_begin_end_and_move_when_they_did() {
    let facts = [
        ("de.sla", "bavaria", day(2017, 10, 31), true),
        ("de.sla", "bavaria", day(2018, 10, 31), false),
        ("de.sla", "berlin", day(2018, 3, 8), false),
        ("de.sla", "berlin", day(2019, 3, 8), true),
        ("de.sla", "berlin", day(2020, 5, 8), true),
        ("de.sla", "berlin", day(2021, 5, 8), false),
        ("de.sla", "mecklenburg_vorpommern", day(2022, 3, 8), false),
        ("de.sla", "mecklenburg_vorpommern", day(2023, 3, 8), true),
        ("de.sla", "thuringia", day(2018, 9, 20), false),
        ("de.sla", "thuringia", day(2019, 9, 20), true),
        ("de.sla", "saxony", day(2023, 11, 22), true),
        ("de.sla", "saarland", day(2024, 8, 15), true),
        ("de.sla", "bavaria", day(2024, 8, 15), false),
        ("de.sla", "bavaria_mariae_himmelfahrt", day(2024, 8, 15), true),
        ("ch.sla", "glarus", day(2023, 4, 6), false),
        ("ch.sla", "glarus", day(2023, 4, 13), true),
        ("ch.sla", "glarus", day(2024, 4, 4), true),
        ("ch.sla", "vaud", day(2024, 9, 16), true),
        ("ch.sla", "neuchatel", day(2023, 1, 2), true),
        ("ch.sla", "neuchatel", day(2024, 1, 2), false),
        ("ch.sla", "appenzell_innerrhoden", day(2017, 12, 26), false),
        ("ch.sla", "appenzell_innerrhoden", day(2018, 12, 26), true),
        ("us.sla", "us_federal", day(2020, 6, 19), false),
        ("us.sla", "us_inauguration_day", day(2013, 1, 21), true),
        ("us.sla", "us_inauguration_day", day(2024, 1, 20), false),
        ("uk.sla", "scotland", day(2006, 11, 30), false),
        ("uk.sla", "scotland", day(2007, 11, 30), true),
        ("uk.sla", "scotland", day(2023, 1, 3), true),
        ("uk.sla", "england_and_wales", day(2011, 4, 29), true),
        ("uk.sla", "england_and_wales", day(2012, 5, 28), false),
        ("uk.sla", "england_and_wales", day(2012, 6, 5), true),
        ("nl.sla", "netherlands", day(2006, 4, 29), true),
        ("nl.sla", "netherlands", day(2006, 4, 30), false),
        ("nl.sla", "netherlands_lustrum", day(2024, 5, 5), false),
    ];
    for (country, name, date, is_one) in facts {
        assert_eq!(dates(&list_of(&plan(country, name))).contains_key(&date), is_one, "{name} on {date}");
    }
}

/// The agreements that the page shows can be run as they stand.
#[test]
fn the_page_of_the_folder_shows_what_works() {
    let page = fs::read_to_string(folder().join("README.md")).unwrap();
    let blocks: Vec<&str> = page.split("```sla\n").skip(1).map(|part| part.split("```").next().unwrap()).collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        checked_plan(block.to_string());
    }
}

#[test]
fn the_dates_are_written_where_they_are_asked_for() {
    let Some(path) = std::env::var_os("KLAUSEL_HOLIDAYS_OUT") else { return };
    let mut rows = String::from("list,date,label\n");
    for (country, name) in all_lists() {
        for (date, label) in dates(&list_of(&plan(&country, &name))) {
            rows.push_str(&format!("{name},{date},\"{label}\"\n"));
        }
    }
    fs::write(path, rows).unwrap();
}
