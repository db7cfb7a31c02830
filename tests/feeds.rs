//! iCalendar files in agreements: read beside the file that names them, held to the same holidays as a list of the
//! language, told of where they are wrong, and part of the policy's hash.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what it misses by failing")]

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use klausel::calendar::{Calendar, CalendarSpec};
use klausel::diagnostic::{self, Diagnostic};
use klausel::plan::Plan;
use klausel::source::{FileError, Files};
use klausel::time::{HOUR, Instant, Interval, MINUTE};
use klausel::{checker, compiler, formatter, parser, report, resolver, source};

const BERLIN: chrono_tz::Tz = chrono_tz::Europe::Berlin;

struct Map(BTreeMap<String, Vec<u8>>);

impl Files for Map {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        let missing = || FileError { path: path.to_string(), reason: "there is no such file".to_string() };
        self.0.get(path).cloned().ok_or_else(missing)
    }
}

/// The files of a run, `desk.sla` the one that is named.
fn files(files: &[(&str, &str)]) -> Map {
    Map(files.iter().map(|(path, text)| (path.to_string(), text.as_bytes().to_vec())).collect())
}

fn plan(files: &Map) -> Plan {
    let checked = checker::check(resolver::load(files, &["desk.sla".to_string()]));
    let checked = checked.unwrap_or_else(|(resolved, found)| panic!("{:?}", headlines(&found, &resolved.sources)));
    assert_eq!(headlines(checked.warnings(), &checked.resolved().sources), [""; 0]);
    compiler::compile(&checked)
}

fn headlines(found: &[Diagnostic], sources: &source::Sources) -> Vec<String> {
    found.iter().map(|found| format!("{} ({})", diagnostic::headline(found, sources), found.code)).collect()
}

/// What `check` finds, errors and warnings.
fn found(files: &Map) -> Vec<String> {
    match checker::check(resolver::load(files, &["desk.sla".to_string()])) {
        Ok(checked) => headlines(checked.warnings(), &checked.resolved().sources),
        Err((resolved, found)) => headlines(&found, &resolved.sources),
    }
}

/// An agreement that counts on a calendar of these lines.
fn desk(lines: &str) -> String {
    let metric = "metric m { starts on created stops on ended target 4h in office }";
    format!("calendar office {{\n{lines}\n}}\nagreement a {{\ntimezone \"Europe/Berlin\"\n{metric}\n}}\n")
}

/// The calendar of `lines`, with a feed of these events beside the agreement.
fn office(lines: &str, events: &[&str]) -> Calendar {
    let plan = plan(&files(&[("desk.sla", &desk(lines)), ("feed.ics", &feed(events))]));
    Calendar::new(plan.calendars.iter().find(|calendar| calendar.name == "office").unwrap().spec.clone())
}

fn feed(events: &[&str]) -> String {
    let events: String = events.iter().map(|event| format!("BEGIN:VEVENT\n{event}\nEND:VEVENT\n")).collect();
    format!("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{events}END:VCALENDAR\n").replace('\n', "\r\n")
}

const HOURS: &str = "timezone \"Europe/Berlin\"\nmon-fri 08:00-18:00\n";
const CLOSED: &str = "closed on holidays \"feed.ics\"\n";
const XMAS: &str = "DTSTART;VALUE=DATE:20251224\nDTEND;VALUE=DATE:20251227\nSUMMARY:Weihnachten";

fn at(text: &str) -> Instant {
    let wall = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
    klausel::feed::instant(BERLIN, wall)
}

fn date(text: &str) -> NaiveDate {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap()
}

/// Easter Mondays as a calendar program writes them out, for the years of the comparison.
const EASTER_MONDAYS: &str =
    "20200413,20210405,20220418,20230410,20240401,20250421,20260406,20270329,20280417,20290402,20300422";

#[test]
fn holidays_are_the_same_as_a_list_and_as_a_feed() {
    let list = "holidays fixed {\n01-01 \"Neujahr\"\n05-01 \"Tag der Arbeit\"\n10-03 \"Einheit\"\n12-25 \"Weihnachten\"\n12-26\n\
                easter + 1 day \"Ostermontag\"\nlast mon of may\nthird thu of nov\n}\n";
    let by_list = list.to_string() + desk(&format!("{HOURS}sat 22:00-06:00\nclosed on holidays fixed")).as_str();
    let by_list = plan(&files(&[("desk.sla", &by_list)])).calendars[1].spec.clone();
    let easter = format!("DTSTART;VALUE=DATE:20200413\nRDATE;VALUE=DATE:{EASTER_MONDAYS}\nSUMMARY:Ostermontag");
    let events = [
        "DTSTART;VALUE=DATE:19700101\nDTEND;VALUE=DATE:19700102\nRRULE:FREQ=YEARLY\nSUMMARY:Neujahr",
        "DTSTART;VALUE=DATE:20000501\nRRULE:FREQ=YEARLY\nSUMMARY:Tag der Arbeit",
        "DTSTART;VALUE=DATE:20001003\nRRULE:FREQ=YEARLY;UNTIL=20401231\nSUMMARY:Einheit",
        "DTSTART;VALUE=DATE:20001225\nDURATION:P2D\nRRULE:FREQ=YEARLY;COUNT=60\nSUMMARY:Weihnachten",
        "DTSTART;VALUE=DATE:20000529\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO",
        "DTSTART;VALUE=DATE:20001116\nRRULE:FREQ=MONTHLY;INTERVAL=12;BYDAY=3TH",
        &easter,
    ];
    let (by_list, by_feed) = (Calendar::new(by_list), office(&format!("{HOURS}sat 22:00-06:00\n{CLOSED}"), &events));
    let window = Interval::new(at("2020-01-01 00:00"), at("2031-01-01 00:00"));
    assert_eq!(by_list.open_within(window), by_feed.open_within(window));
    assert!(by_list.open_within(window).len() > 2_500);
    let open = by_list.open_between(window.start, window.end);
    assert_eq!(open, by_feed.open_between(window.start, window.end));
    for day in date("2020-01-01").iter_days().take_while(|day| *day < date("2031-01-01")) {
        assert_eq!(by_list.is_service_day(day, BERLIN), by_feed.is_service_day(day, BERLIN), "{day}");
        assert_eq!(by_list.open_on(day, BERLIN), by_feed.open_on(day, BERLIN), "{day}");
    }
}

#[test]
fn a_whole_day_is_no_service_day_and_says_its_name() {
    let office = office(&format!("{HOURS}{CLOSED}open on 2025-12-26 10:00-12:00"), &[XMAS]);
    assert_eq!(
        office.service_dates(date("2025-12-22"), date("2025-12-28"), BERLIN),
        ["2025-12-22", "2025-12-23", "2025-12-26"].map(date)
    );
    assert_eq!(office.notes_on(date("2025-12-24")), ["holiday: Weihnachten"]);
    assert_eq!(office.notes_on(date("2025-12-23")), [""; 0]);
    assert_eq!(office.open_between(at("2025-12-24 00:00"), at("2025-12-27 00:00")), 2 * HOUR, "`open` wins");
}

#[test]
fn a_closing_over_noon_in_another_zone_closes_that_time() {
    let noon =
        "DTSTART;TZID=America/New_York:20250310T080000\nDTEND;TZID=America/New_York:20250310T100000\nSUMMARY:All hands";
    let office = office(&format!("{HOURS}{CLOSED}"), &[noon]);
    // New York is on summer time already: 08:00 there is 13:00 in Berlin.
    let open = office.open_on(date("2025-03-10"), BERLIN);
    let known = [("08:00", "13:00"), ("15:00", "18:00")];
    assert_eq!(
        open,
        known.map(|(from, to)| Interval::new(at(&format!("2025-03-10 {from}")), at(&format!("2025-03-10 {to}"))))
    );
    assert!(office.is_service_day(date("2025-03-10"), BERLIN));
    assert_eq!(office.notes_on(date("2025-03-10")), ["closed 13:00-15:00: All hands"]);
    assert_eq!(office.after(at("2025-03-10 12:00"), 2 * HOUR), Some(at("2025-03-10 16:00")));
}

#[test]
fn a_closing_over_midnight_cuts_the_night_and_the_morning() {
    let night = "DTSTART:20250310T200000\nDTEND:20250311T083000\nSUMMARY:Umzug";
    let office =
        office(&format!("timezone \"Europe/Berlin\"\nmon-fri 06:00-22:00\nsun-mon 22:00-06:00\n{CLOSED}"), &[night]);
    let day = Interval::new(at("2025-03-10 12:00"), at("2025-03-11 12:00"));
    let known = [("2025-03-10 12:00", "2025-03-10 20:00"), ("2025-03-11 08:30", "2025-03-11 12:00")];
    assert_eq!(office.open_within(day), known.map(|(from, to)| Interval::new(at(from), at(to))));
    assert_eq!(office.notes_on(date("2025-03-10")), ["closed 20:00-24:00: Umzug"]);
    assert_eq!(office.notes_on(date("2025-03-11")), ["closed 00:00-08:30: Umzug"]);
}

#[test]
fn a_time_without_a_zone_is_that_of_each_calendar() {
    let events = ["DTSTART:20250310T120000\nDTEND:20250310T130000"];
    let lines = format!("mon 08:00-18:00\n{CLOSED}");
    let closed = |zone: &str| {
        let office = office(&format!("{lines}timezone \"{zone}\""), &events);
        office.next_close(at("2025-03-10 10:00")).unwrap()
    };
    assert_eq!(closed("Europe/Berlin"), at("2025-03-10 12:00"));
    assert_eq!(closed("Europe/London"), at("2025-03-10 13:00"));
}

#[test]
fn closings_that_recur_and_overlap_are_taken_out_once() {
    let daily = "DTSTART:20200101T110000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nSUMMARY:Mittag";
    let friday = "DTSTART:20200103T113000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY\nSUMMARY:Putzen";
    let office = office(&format!("timezone \"UTC\"\nmon-sun 00:00-24:00\n{CLOSED}"), &[friday, daily]);
    let week = Interval::new(at("2025-03-03 01:00"), at("2025-03-10 01:00"));
    assert_eq!(office.open_between(week.start, week.end), 7 * 23 * HOUR - 30 * MINUTE);
    assert_eq!(office.notes_on(date("2025-03-07")), ["closed 11:00-12:00: Mittag", "closed 12:00-12:30: Putzen"]);
}

#[test]
fn a_feed_is_looked_for_beside_the_file_that_names_it() {
    let hours = desk(&format!("{HOURS}{CLOSED}")).split("agreement").next().unwrap().to_string();
    let agreement = format!("use \"lib/hours.sla\"\n{}", desk("").split_once("}\n").unwrap().1);
    let beside = files(&[("desk.sla", &agreement), ("lib/hours.sla", &hours), ("lib/feed.ics", &feed(&[XMAS]))]);
    assert!(report::plan::text(&plan(&beside)).contains("closed on holidays \"lib/feed.ics\" (3 dates, sha256 "));
    let elsewhere = files(&[("desk.sla", &agreement), ("lib/hours.sla", &hours), ("feed.ics", &feed(&[XMAS]))]);
    assert_eq!(
        found(&elsewhere),
        ["lib/hours.sla:4:20: cannot read `lib/feed.ics`: there is no such file (missing_file)"]
    );
}

#[test]
fn faults_of_a_feed_are_told_in_the_feed_and_where_it_is_named() {
    let text = desk(&format!("{HOURS}{CLOSED}"));
    let told = |ics: &[u8]| {
        let mut files = files(&[("desk.sla", &text)]);
        files.0.insert("feed.ics".to_string(), ics.to_vec());
        found(&files)
    };
    let latin = "desk.sla:4:20: `feed.ics` is not written in UTF-8 (line 2) (unreadable_text)";
    assert_eq!(told(b"BEGIN:VCALENDAR\nSUMMARY:Gr\xfcn\n"), [latin]);
    assert_eq!(told(feed(&["SUMMARY:x"]).as_bytes()), ["feed.ics:4:1: this event has no `DTSTART` (feed_event)"]);
    let marked = format!("\u{feff}{}", feed(&[XMAS]));
    assert_eq!(told(marked.as_bytes()), [""; 0]);
    let resolved =
        resolver::load(&files(&[("desk.sla", &text), ("feed.ics", &feed(&["SUMMARY:x"]))]), &["desk.sla".to_string()]);
    let fault = &resolved.diagnostics[0];
    assert_eq!(resolved.sources.text(fault.labels[0].span), "\"feed.ics\"");
    let drawn = report::diagnostic::drawn(&resolved.diagnostics, &resolved.sources);
    assert!(drawn.contains("feed.ics:4:1") && drawn.contains("desk.sla:4:20"), "{drawn}");
}

#[test]
fn the_plan_names_the_feed_and_its_hash() {
    let ics = feed(&[XMAS, "DTSTART:20250310T120000\nDURATION:PT1H"]);
    let plan = plan(&files(&[("desk.sla", &desk(&format!("{HOURS}{CLOSED}"))), ("feed.ics", &ics)]));
    let CalendarSpec::Hours(hours) = &plan.calendars[1].spec else { panic!("no hours") };
    let sha = &hours.feeds[0].sha256;
    assert_eq!(sha.len(), 64);
    let line = format!("  closed on holidays \"feed.ics\" (3 dates, 1 time, sha256 {sha})\n");
    assert!(report::plan::text(&plan).contains(&line));
    let json = report::plan::json(&plan);
    let written = &json["calendars"][1]["spec"]["hours"]["feeds"][0];
    assert_eq!(written["file"], "feed.ics");
    assert_eq!(written["sha256"], sha.as_str());
    assert_eq!(written["dates"]["2025-12-24"], "Weihnachten");
    assert_eq!(written["times"][0]["from_ms"], at("2025-03-10 12:00").0);
}

#[test]
fn the_policy_hash_is_that_of_the_feed_wherever_it_lies() {
    let hash = |name: &str, ics: &str| {
        let text = desk(&format!("{HOURS}closed on holidays \"{name}\""));
        plan(&files(&[("desk.sla", &text), (name, ics)])).agreements[0].policy_sha256.clone()
    };
    let (one, other) = (feed(&[XMAS]), feed(&[&XMAS.replace("20251227", "20251228")]));
    let nameless = feed(&["DTSTART;VALUE=DATE:20251224"]);
    assert_eq!(hash("feed.ics", &one), hash("other/days.ics", &one));
    assert_eq!(hash("feed.ics", &nameless), hash("other/days.ics", &nameless));
    assert_ne!(hash("feed.ics", &one), hash("feed.ics", &other));
    let without = plan(&files(&[("desk.sla", &desk(HOURS))])).agreements[0].policy_sha256.clone();
    assert_ne!(hash("feed.ics", &one), without);
}

#[test]
fn the_line_is_formatted_and_kept_in_the_tree() {
    let text = desk("  mon-fri 08:00-18:00\n  closed   on holidays   \"feed.ics\"");
    let mut sources = source::Sources::default();
    let file = sources.add("desk.sla", text);
    assert!(formatter::format(&sources, file).unwrap().contains("    closed on holidays \"feed.ics\"\n"));
    let tree = parser::parse(&sources, file).tree;
    let klausel::ast::Item::Calendar(calendar) = &tree.items[0] else { panic!("no calendar") };
    let klausel::ast::CalendarBody::Lines(lines) = &calendar.body else { panic!("no lines") };
    let klausel::ast::CalendarLine::Feed(named) = &lines[1].value else { panic!("{:?}", lines[1]) };
    assert_eq!(named.value, "feed.ics");
}
