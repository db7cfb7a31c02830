use chrono::{NaiveDate, NaiveDateTime};

use super::*;
use crate::source::Sources;

fn date(text: &str) -> NaiveDate {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap()
}

fn utc(text: &str) -> Instant {
    Instant::from_utc(wall(text))
}

fn wall(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
}

/// A whole file of these events, a line for each line.
fn calendar(events: &[&str]) -> String {
    let events: String = events.iter().map(|event| format!("BEGIN:VEVENT\n{}\nEND:VEVENT\n", event.trim())).collect();
    format!("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{events}END:VCALENDAR\n")
}

/// The feed and its faults as `LINE CODE: MESSAGE`.
fn read_text(text: &str) -> (Feed, Vec<String>) {
    let mut sources = Sources::default();
    let id = sources.add("feed.ics", text);
    let (feed, faults) = read("feed.ics", text.as_bytes(), text, id);
    let told = faults.iter().map(|fault| {
        assert!(fault.help.is_some(), "{}: no way out", fault.message);
        format!("{} {}: {}", sources.start(fault.span).line, fault.code, fault.message)
    });
    (feed, told.collect())
}

fn sound(events: &[&str]) -> Feed {
    let (feed, faults) = read_text(&calendar(events));
    assert_eq!(faults, [""; 0]);
    feed
}

fn faults(events: &[&str]) -> Vec<String> {
    read_text(&calendar(events)).1
}

/// The dates of a sound feed from 2020 to 2029.
fn dates(events: &[&str]) -> Vec<String> {
    let feed = sound(events);
    feed.dates.range(date("2020-01-01")..date("2030-01-01")).map(|(date, _)| date.to_string()).collect()
}

/// The times of a sound feed in UTC.
fn times(events: &[&str]) -> Vec<(String, String)> {
    let told = sound(events).times.into_iter().map(|closed| match closed.when {
        When::Instants(interval) => (interval.start.to_string(), interval.end.to_string()),
        When::Wall(from, to) => (from.to_string(), to.to_string()),
    });
    told.collect()
}

fn between(from: &str, to: &str) -> (String, String) {
    (from.to_string(), to.to_string())
}

#[test]
fn a_whole_day_event_closes_its_days_with_its_summary() {
    let feed = sound(&[
        "DTSTART;VALUE=DATE:20250418\nDTEND;VALUE=DATE:20250419\nSUMMARY:Karfreitag",
        "DTSTART;VALUE=DATE:20251224\nDTEND;VALUE=DATE:20251227\nSUMMARY:Weihnachten\\, kurz",
        "DTSTART;VALUE=DATE:20250501\nSUMMARY:Tag der Arbeit",
        "DTSTART:20251003\nDURATION:P2D",
    ]);
    let told: Vec<(String, &str)> = feed.dates.iter().map(|(date, label)| (date.to_string(), label.as_str())).collect();
    let known = [
        ("2025-04-18", "Karfreitag"),
        ("2025-05-01", "Tag der Arbeit"),
        ("2025-10-03", "an event without a summary"),
        ("2025-10-04", "an event without a summary"),
        ("2025-12-24", "Weihnachten, kurz"),
        ("2025-12-25", "Weihnachten, kurz"),
        ("2025-12-26", "Weihnachten, kurz"),
    ];
    assert_eq!(told, known.map(|(date, label)| (date.to_string(), label)));
    assert!(feed.times.is_empty());
}

#[test]
fn of_two_events_on_one_day_the_one_that_begins_first_gives_the_name() {
    let feed = sound(&[
        "DTSTART;VALUE=DATE:20251225\nSUMMARY:Weihnachtstag",
        "DTSTART;VALUE=DATE:20251224\nDTEND;VALUE=DATE:20251228\nSUMMARY:Betriebsferien",
    ]);
    assert_eq!(feed.dates.get(&date("2025-12-25")).unwrap(), "Betriebsferien");
    assert_eq!(feed.dates.len(), 4);
}

#[test]
fn a_yearly_rule_goes_on_to_the_end_of_calendars() {
    let feed = sound(&["DTSTART;VALUE=DATE:19491003\nRRULE:FREQ=YEARLY\nSUMMARY:Einheit"]);
    assert_eq!(feed.dates.len(), 132, "1970 to 2101");
    assert!(feed.dates.contains_key(&date("2101-10-03")) && feed.dates.contains_key(&date("1970-10-03")));
    let last_monday = "DTSTART;VALUE=DATE:20200525\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;COUNT=3";
    assert_eq!(dates(&[last_monday]), ["2020-05-25", "2021-05-31", "2022-05-30"]);
    let leap = dates(&["DTSTART;VALUE=DATE:20200229\nRRULE:FREQ=YEARLY"]);
    assert_eq!(leap, ["2020-02-29", "2024-02-29", "2028-02-29"], "a date that a year has not is left out");
}

#[test]
fn a_weekly_rule_ends_and_leaves_dates_out() {
    let fridays = "DTSTART;VALUE=DATE:20250103\nRRULE:FREQ=WEEKLY;BYDAY=FR;UNTIL=20250131\nEXDATE;VALUE=DATE:20250117";
    assert_eq!(dates(&[fridays]), ["2025-01-03", "2025-01-10", "2025-01-24", "2025-01-31"]);
    let with_time = fridays
        .replace("UNTIL=20250131", "UNTIL=20250131T000000Z")
        .replace("EXDATE;VALUE=DATE:20250117", "EXDATE:20250117T000000");
    assert_eq!(dates(&[&with_time]), ["2025-01-03", "2025-01-10", "2025-01-24", "2025-01-31"]);
    let except = "DTSTART;VALUE=DATE:20250103\nRRULE:FREQ=WEEKLY;COUNT=4\nEXRULE:FREQ=WEEKLY;INTERVAL=2";
    assert_eq!(dates(&[except]), ["2025-01-10", "2025-01-24"]);
    let also =
        "DTSTART;VALUE=DATE:20250103\nRDATE;VALUE=DATE:20250207,20250214\nRDATE;VALUE=PERIOD:20250301T000000Z/P1D";
    assert_eq!(dates(&[also]), ["2025-01-03", "2025-02-07", "2025-02-14", "2025-03-01"]);
}

#[test]
fn an_occurrence_can_be_moved_and_called_off() {
    let series = "UID:a\nDTSTART;VALUE=DATE:20250106\nRRULE:FREQ=WEEKLY;COUNT=4\nSUMMARY:Inventur";
    let moved = "UID:a\nRECURRENCE-ID;VALUE=DATE:20250113\nDTSTART;VALUE=DATE:20250115\nSUMMARY:Inventur verschoben";
    let off = "UID:a\nRECURRENCE-ID;VALUE=DATE:20250120\nDTSTART;VALUE=DATE:20250120\nSTATUS:CANCELLED";
    let free = "UID:a\nRECURRENCE-ID;VALUE=DATE:20250127\nDTSTART;VALUE=DATE:20250127\nTRANSP:TRANSPARENT";
    let other = "UID:b\nRECURRENCE-ID;VALUE=DATE:20250106\nDTSTART;VALUE=DATE:20250108";
    assert_eq!(dates(&[moved, series, off, free, other]), ["2025-01-06", "2025-01-08", "2025-01-15"]);

    let nightly = "UID:n\nDTSTART;TZID=Europe/Berlin:20250106T220000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2";
    let later = "UID:n\nRECURRENCE-ID:20250107T210000Z\nDTSTART;TZID=Europe/Berlin:20250107T230000\nDURATION:PT1H";
    let known = [
        between("2025-01-06T21:00:00Z", "2025-01-06T22:00:00Z"),
        between("2025-01-07T22:00:00Z", "2025-01-07T23:00:00Z"),
    ];
    assert_eq!(times(&[nightly, later]), known, "named in another zone");
}

#[test]
fn cancelled_and_free_events_close_nothing() {
    let day = "DTSTART;VALUE=DATE:20250106";
    let (off, free) = (format!("{day}\nSTATUS:cancelled"), format!("{day}\nTRANSP:TRANSPARENT\nRRULE:FREQ=DAILY"));
    assert_eq!(dates(&[&off, &free, "DTSTART;VALUE=DATE:20250107\nTRANSP:OPAQUE\nSTATUS:TENTATIVE"]), ["2025-01-07"]);
    let nothing = "1 feed_closes_nothing: `feed.ics` has no event that closes anything";
    assert_eq!(faults(&[]), [nothing]);
    assert_eq!(faults(&[&off]), [nothing]);
    let transparent = "1 feed_closes_nothing: `feed.ics` closes nothing: its 2 events are `TRANSP:TRANSPARENT`";
    assert_eq!(faults(&[&free, &off, &free]), [transparent]);
}

#[test]
fn a_timed_event_closes_the_time_it_covers() {
    let noon = "DTSTART;TZID=America/New_York:20250310T110000\nDTEND;TZID=America/New_York:20250310T130000";
    assert_eq!(times(&[noon]), [between("2025-03-10T15:00:00Z", "2025-03-10T17:00:00Z")], "summer time there already");
    let night = "DTSTART:20250310T220000Z\nDTEND:20250311T040000Z";
    assert_eq!(times(&[night]), [between("2025-03-10T22:00:00Z", "2025-03-11T04:00:00Z")]);
    let floating = "DTSTART:20250310T120000\nDTEND:20250310T140000";
    assert_eq!(times(&[floating]), [between("2025-03-10 12:00:00", "2025-03-10 14:00:00")]);
    let abroad = "DTSTART;TZID=Europe/Berlin:20250310T120000\nDTEND;TZID=Europe/London:20250310T120000";
    assert_eq!(times(&[abroad]), [between("2025-03-10T11:00:00Z", "2025-03-10T12:00:00Z")]);
}

#[test]
fn a_recurrence_keeps_its_wall_time_when_the_clock_changes() {
    let weekly = "DTSTART;TZID=Europe/Berlin:20250323T120000\nDTEND;TZID=Europe/Berlin:20250323T130000\nRRULE:FREQ=WEEKLY;UNTIL=20250330T100000Z";
    let known = [
        between("2025-03-23T11:00:00Z", "2025-03-23T12:00:00Z"),
        between("2025-03-30T10:00:00Z", "2025-03-30T11:00:00Z"),
    ];
    assert_eq!(times(&[weekly]), known, "the limit in UTC is the very start of the last one");
    let before = weekly.replace("UNTIL=20250330T100000Z", "UNTIL=20250330T095959Z");
    assert_eq!(times(&[&before]), known[..1]);
}

#[test]
fn a_day_in_a_duration_is_one_of_the_wall_clock_and_24_hours_are_hours() {
    let over_the_change = |length| format!("DTSTART;TZID=Europe/Berlin:20250329T120000\nDURATION:{length}");
    let end = |length| times(&[&over_the_change(length)]).remove(0).1;
    assert_eq!(end("P1D"), "2025-03-30T10:00:00Z");
    assert_eq!(end("PT24H"), "2025-03-30T11:00:00Z");
    assert_eq!(end("P1W"), "2025-04-05T10:00:00Z");
    assert_eq!(end("P1DT1H30M5S"), "2025-03-30T11:30:05Z");
}

#[test]
fn a_wall_time_that_the_clock_skips_is_read_with_the_offset_before() {
    let berlin = chrono_tz::Europe::Berlin;
    assert_eq!(instant(berlin, wall("2025-03-30 02:30")), utc("2025-03-30 01:30"));
    assert_eq!(instant(berlin, wall("2025-10-26 02:30")), utc("2025-10-26 00:30"));
    // Samoa had no 30 December 2011.
    assert_eq!(instant(chrono_tz::Pacific::Apia, wall("2011-12-30 12:00")), utc("2011-12-30 22:00"));
}

#[test]
fn zones_are_found_under_the_names_that_programs_give_them() {
    let at = |zone: &str| format!("DTSTART;TZID={zone}:20250310T120000\nDURATION:PT1H");
    let noon = [between("2025-03-10T11:00:00Z", "2025-03-10T12:00:00Z")];
    assert_eq!(times(&[&at("\"Europe/Berlin\"")]), noon);
    assert_eq!(times(&[&at("/citadel.org/20210210_1/Europe/Berlin")]), noon);
    let own = "BEGIN:VTIMEZONE\nTZID:Office\nX-LIC-LOCATION:Europe/Berlin\nBEGIN:STANDARD\nDTSTART:19701025T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT";
    let (feed, told) = read_text(&calendar(&[&at("Office")]).replacen("BEGIN:VEVENT", own, 1));
    assert_eq!(told, [""; 0]);
    assert_eq!(feed.times[0].when, When::Instants(Interval::new(utc("2025-03-10 11:00"), utc("2025-03-10 12:00"))));
    let (unknown, near) = (faults(&[&at("Office")]), faults(&[&at("Europe/Berln")]));
    assert_eq!(unknown, ["5 unknown_zone: there is no time zone `Office`"]);
    assert_eq!(near, ["5 unknown_zone: there is no time zone `Europe/Berln`"]);
}

#[test]
fn folded_lines_line_ends_and_capitals_do_not_matter() {
    let plain = calendar(&[
        "DTSTART;VALUE=DATE:20250418\nSUMMARY:Karfreitag und noch mehr\nDESCRIPTION:a\nBEGIN:VALARM\nTRIGGER:-PT15M\nDTSTART:broken\nEND:VALARM",
    ]);
    let folded = plain
        .replace("Karfreitag und", "Karfrei\n tag\n\t und")
        .replace("BEGIN:VEVENT", "begin:vevent")
        .replace("DTSTART;VALUE=DATE", "dtstart;value=date");
    let (feed, told) = read_text(&folded.replace('\n', "\r\n"));
    assert_eq!(told, [""; 0]);
    assert_eq!(feed.dates, read_text(&plain).0.dates);
    assert_eq!(feed.dates.get(&date("2025-04-18")).unwrap(), "Karfreitag und noch mehr");
}

#[test]
fn a_file_that_is_none_or_cut_off_is_told_at_its_line() {
    let told = |text: &str| read_text(text).1;
    let none = "1 feed_format: this is no iCalendar file: it does not begin with `BEGIN:VCALENDAR`";
    assert_eq!(told(""), [none]);
    assert_eq!(told("BEGIN:VEVENT\nDTSTART:20250101\nEND:VEVENT\n"), [none]);
    assert_eq!(told("<html>\n<body>\n"), [none]);
    let more = calendar(&["DTSTART;VALUE=DATE:20250101"]) + "SUMMARY:a\n";
    assert_eq!(told(&more), ["8 feed_format: this line lies outside of the calendar"]);
    let whole = calendar(&["DTSTART;VALUE=DATE:20250101\nSUMMARY:a"]);
    assert_eq!(told(&whole.replace("END:VCALENDAR\n", "")), ["1 feed_format: the file ends inside of a `VCALENDAR`"]);
    assert_eq!(told(&whole.replace("END:VEVENT\n", "")), ["7 feed_format: `END:VCALENDAR` ends a `VEVENT`"]);
    assert_eq!(
        told(&whole.replace("SUMMARY:a", "SUMMARY:a\nund b")),
        ["7 feed_format: `und b` is no line of an iCalendar file"]
    );
    assert_eq!(told(&whole.replace(";VALUE=DATE:", ";VALUE=DATE;X-NOTE=\"a: b; c\":")), [""; 0]);
    let odd = "5 feed_format: `DTSTART;VALUE@DATE:20250101` is no line of an iCalendar file";
    assert_eq!(told(&whole.replace(";VALUE=DATE:", ";VALUE@DATE:")), [odd]);
}

#[test]
fn an_event_that_makes_no_sense_is_told_at_its_line() {
    let event = |lines: &str| faults(&[lines]).join("\n");
    assert_eq!(event("SUMMARY:a"), "4 feed_event: this event has no `DTSTART`");
    assert_eq!(event("DTSTART;VALUE=DATE:20250230"), "5 feed_event: `20250230` is no date or time");
    assert_eq!(event("DTSTART;VALUE=DATE:20250203T100000"), "5 feed_event: `20250203T100000` is no date or time");
    assert_eq!(event("DTSTART:20250203T250000"), "5 feed_event: `20250203T250000` is no date or time");
    let back = "6 feed_event: this event ends before it starts";
    assert_eq!(event("DTSTART;VALUE=DATE:20250203\nDTEND;VALUE=DATE:20250202"), back);
    assert_eq!(event("DTSTART:20250203T100000Z\nDTEND:20250203T095959Z"), back);
    let mixed = "6 feed_event: of the start and the end of this event one is a whole day";
    assert_eq!(event("DTSTART;VALUE=DATE:20250203\nDTEND:20250203T095959Z"), mixed);
    for duration in ["-P1D", "P", "PT", "1D", "P1H", "PT1D", "P1.5D"] {
        let told = format!("6 feed_event: `{duration}` is no duration of an event");
        assert_eq!(event(&format!("DTSTART;VALUE=DATE:20250203\nDURATION:{duration}")), told);
    }
    let one = "6 feed_closes_nothing: this event ends on the day it starts, and is read as one whole day";
    assert_eq!(event("DTSTART;VALUE=DATE:20250203\nDTEND;VALUE=DATE:20250203"), one);
    let none = "4 feed_closes_nothing: this event has a time and no end, so it closes nothing";
    assert_eq!(event("DTSTART:20250203T100000Z"), none);
    let first_two = faults(&["SUMMARY:a", "DTSTART:x"]);
    assert_eq!(first_two, ["4 feed_event: this event has no `DTSTART`", "8 feed_event: `x` is no date or time"]);
}

#[test]
fn a_rule_that_makes_no_sense_is_told_at_its_line() {
    let rule = |rule: &str| faults(&[&format!("DTSTART;VALUE=DATE:20250203\nRRULE:{rule}")]).join("\n");
    let broken = [
        "",
        "FREQ=SOMETIMES",
        "INTERVAL=2",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;BYDAY=xMO",
        "FREQ=WEEKLY;BYDAY=é€",
        "FREQ=WEEKLY;BYDAY=0MO",
        "FREQ=DAILY;UNTIL=soon",
        "FREQ=DAILY;UNTIL=20250301;COUNT=2",
        "FREQ=DAILY;UNTIL=20250301;UNTIL=20250401",
        "FREQ=DAILY;UNTIL=20250101",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=MINUTELY;COUNT=2",
        "FREQ=DAILY;X-PART=1",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;COUNT=-1",
    ];
    for text in broken {
        let told = rule(text);
        assert!(told.starts_with(&format!("6 feed_recurrence: `{text}` is no rule of recurrence: ")), "{text}: {told}");
        assert!(!told.contains('\n'), "{told}");
    }
    let off = "5 feed_start: this event starts on 2025-02-03, which its rule does not name";
    assert_eq!(rule("FREQ=WEEKLY;BYDAY=TU;COUNT=2"), off);
    let all_later = "DTSTART;VALUE=DATE:20250203\nUID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE:20250203";
    assert_eq!(faults(&[all_later]), ["7 feed_recurrence: a change of all later occurrences cannot be read"]);
}

#[test]
fn a_rule_without_end_is_bounded() {
    let daily = "DTSTART;VALUE=DATE:19000101\nRRULE:FREQ=DAILY";
    assert_eq!(sound(&[daily]).dates.len(), 48_212, "every day from 1970 to 2101");
    let too_many = "the events of this file have more than 200000 occurrences by the end of 2101";
    let hourly = "DTSTART:20200101T000000Z\nDURATION:PT1M\nRRULE:FREQ=HOURLY";
    assert_eq!(faults(&[hourly]), [format!("7 feed_recurrence: {too_many}")]);
    let three = [daily, daily, daily];
    assert_eq!(faults(&three), [format!("14 feed_recurrence: {too_many}")], "of all events together");
    let never = "DTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30";
    assert_eq!(faults(&[never]).len(), 1, "only its own start");
    let long = "DTSTART;VALUE=DATE:20000101\nDURATION:P90000W\nRRULE:FREQ=DAILY";
    assert_eq!(sound(&[long]).dates.len(), 37_255, "every day from 2000 to 2101, once");
}

#[test]
fn the_hash_is_that_of_the_bytes() {
    let (feed, _) = read_text(&calendar(&["DTSTART;VALUE=DATE:20250203"]));
    assert_eq!(feed.sha256.len(), 64);
    let empty = Sources::default().add("e", "");
    let known = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(read("e", b"", "", empty).0.sha256, known);
}
