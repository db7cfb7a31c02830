//! The hours of a row as `calendar` blocks of the language.

use std::fmt::Write;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use chrono_tz::Tz;
use klausel::time::{Instant, Interval, Local, resolve_local};
use serde_json::{Map, Value};

use crate::row::{Row, Said, date};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Declarations of a calendar named `desk`, and what of it no text can say.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// The declarations.
    pub text: String,
    /// Closed intervals that do not begin or end on whole seconds: taken out of the calendar by hand.
    pub without: Vec<Interval>,
    /// There are no hours at all: the language refuses to count on such a calendar.
    pub closed: bool,
}

impl Written {
    /// Whether the calendar is, in part, built by hand.
    pub fn by_hand(&self) -> bool {
        self.closed || !self.without.is_empty()
    }
}

/// Writes the calendar of a row.
pub fn write(row: &Row) -> Said<Written> {
    let zone = row.zone()?;
    let hours = row.get("hours").and_then(Value::as_object);
    let shut = hours.is_some_and(|hours| hours.values().all(|spans| spans.as_array().is_some_and(Vec::is_empty)));
    let closed = shut && !row.has("windows") && !row.has("week_cycle") && !row.has("overrides");
    let mut written = Written { closed, ..Written::default() };
    let mut parts = vec!["week".to_string()];
    let mut extra = String::new();
    let breaks_apart = row.flag("overnight") || row.has("overrides") || row.has("week_cycle");
    if row.has("breaks") && breaks_apart {
        parts.push("breaks".to_string());
        extra += &block("breaks", zone, &format!("    mon-sun 00:00-24:00\n{}", breaks(row)?));
    }
    leaves(row, zone, &mut written, &mut parts, &mut extra)?;
    let name = if parts.len() == 1 { "desk" } else { "week" };
    let week = week(row, zone, !breaks_apart)?;
    written.text = holidays(row) + block(name, zone, &week).as_str() + extra.as_str();
    if parts.len() > 1 {
        let _ = writeln!(written.text, "calendar desk is {}", parts.join(" and "));
    }
    Ok(written)
}

fn block(name: &str, zone: Tz, lines: &str) -> String {
    format!("calendar {name} {{\n    timezone \"{zone}\"\n{lines}}}\n")
}

fn holidays(row: &Row) -> String {
    let dates = listed(row);
    if dates.is_empty() { String::new() } else { format!("holidays listed {{\n    {}\n}}\n", dates.join("\n    ")) }
}

fn listed(row: &Row) -> Vec<&str> {
    row.texts("holidays").into_iter().chain(row.texts("holidays_yearly")).collect()
}

fn week(row: &Row, zone: Tz, with_breaks: bool) -> Said<String> {
    let mut lines = String::new();
    if row.has("windows") {
        lines += &windows(row, zone)?;
    } else if row.has("week_cycle") {
        lines += &cycle(row)?;
    } else if let Some(hours) = row.get("hours").and_then(Value::as_object) {
        lines += &week_lines(hours, row.flag("overnight"), "    ")?;
    } else {
        lines += "    mon-sun 00:00-24:00\n";
    }
    if !listed(row).is_empty() {
        lines += "    closed on holidays listed\n";
    }
    for range in row.list("holiday_ranges") {
        let day = |place: usize| range.get(place).and_then(Value::as_str).ok_or("`holiday_ranges` are pairs of dates");
        let _ = writeln!(lines, "    closed on {}..{}", day(0)?, day(1)?);
    }
    for (day, spans) in row.get("overrides").and_then(Value::as_object).into_iter().flatten() {
        let spans = pairs(spans)?;
        let _ = writeln!(lines, "    closed on {day}");
        if !spans.is_empty() {
            let _ = writeln!(lines, "    open on {day} {}", joined(&spans));
        }
    }
    if with_breaks {
        lines += &breaks(row)?;
    }
    Ok(lines)
}

/// `mon 09:00-12:00, 13:00-17:00` for each day that has spans.
fn week_lines(hours: &Map<String, Value>, overnight: bool, indent: &str) -> Said<String> {
    let mut days: Vec<Vec<(String, String)>> = vec![Vec::new(); 7];
    for (day, spans) in hours {
        let place = DAYS.iter().position(|known| known == day).ok_or_else(|| format!("`{day}` is no weekday"))?;
        for (from, to) in pairs(spans)? {
            if minutes(&from)? < minutes(&to)? {
                days[place].push((from, to));
            } else if !overnight {
                return Err(format!("{from}-{to} ends before it begins, and does not run overnight"));
            } else if from == to {
                // The whole day round; a span of ours is shorter than a day.
                days[place].push((from, "24:00".to_string()));
                days[(place + 1) % 7].push(("00:00".to_string(), to));
            } else {
                days[place].push((from, to));
            }
        }
    }
    let mut lines = String::new();
    for (day, spans) in DAYS.iter().zip(&days) {
        let spans: Vec<_> = spans.iter().filter(|(from, to)| from != to).cloned().collect();
        if !spans.is_empty() {
            let _ = writeln!(lines, "{indent}{day} {}", joined(&spans));
        }
    }
    Ok(lines)
}

fn pairs(spans: &Value) -> Said<Vec<(String, String)>> {
    let pair = |span: &Value| {
        let time = |place: usize| span.get(place).and_then(Value::as_str).map(str::to_string);
        time(0).zip(time(1)).ok_or_else(|| "hours are lists of pairs".to_string())
    };
    spans.as_array().ok_or("hours are lists")?.iter().map(pair).collect()
}

fn joined(spans: &[(String, String)]) -> String {
    let spans: Vec<String> = spans.iter().map(|(from, to)| format!("{from}-{to}")).collect();
    spans.join(", ")
}

/// A wall time as hour, minute and second, to compare by.
fn minutes(time: &str) -> Said<Vec<u32>> {
    let parts = time.split(':').map(|part| part.parse::<u32>().map_err(|_| format!("`{time}` is no time of day")));
    let mut parts: Vec<u32> = parts.collect::<Said<_>>()?;
    parts.resize(3, 0);
    Ok(parts)
}

fn breaks(row: &Row) -> Said<String> {
    let mut lines = String::new();
    for (day, spans) in row.get("breaks").and_then(Value::as_object).into_iter().flatten() {
        let _ = writeln!(lines, "    closed on {day} {}", joined(&pairs(spans)?));
    }
    Ok(lines)
}

/// Leaves are a calendar of their own, so that they cut spans over midnight wherever they lie.
fn leaves(row: &Row, zone: Tz, written: &mut Written, parts: &mut Vec<String>, extra: &mut String) -> Said<()> {
    let mut local = String::new();
    let mut utc = String::new();
    for leave in row.intervals("leaves")? {
        match (on_dates(leave, zone), on_dates(leave, chrono_tz::UTC)) {
            (Some(lines), _) => local += &dated("closed", &lines),
            (None, Some(lines)) => utc += &dated("closed", &lines),
            (None, None) => written.without.push(leave),
        }
    }
    for (name, zone, lines) in [("leaves", zone, local), ("other_leaves", chrono_tz::UTC, utc)] {
        if !lines.is_empty() {
            parts.push(name.to_string());
            *extra += &block(name, zone, &format!("    mon-sun 00:00-24:00\n{lines}"));
        }
    }
    Ok(())
}

fn windows(row: &Row, zone: Tz) -> Said<String> {
    let mut lines = String::new();
    for window in row.intervals("windows")? {
        let parts = on_dates(window, zone).ok_or("a window that no wall clock can say")?;
        lines += &dated("open", &parts);
    }
    Ok(lines)
}

/// A part of one date, in seconds since its midnight.
type Part = (NaiveDate, u32, u32);

fn dated(word: &str, parts: &[Part]) -> String {
    parts.iter().map(|(date, from, to)| format!("    {word} on {date} {}-{}\n", clock(*from), clock(*to))).collect()
}

fn clock(seconds: u32) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// An interval as parts of dates of a zone; none where its ends are not said by one wall time on a whole second.
fn on_dates(interval: Interval, zone: Tz) -> Option<Vec<Part>> {
    let (from, to) = (wall(interval.start, zone)?, wall(interval.end, zone)?);
    let mut parts = Vec::new();
    let mut date = from.date();
    while date <= to.date() {
        let start = if date == from.date() { from.num_seconds_from_midnight() } else { 0 };
        let end = if date == to.date() { to.num_seconds_from_midnight() } else { 86_400 };
        if start < end {
            parts.push((date, start, end));
        }
        date = date.checked_add_days(Days::new(1))?;
    }
    Some(parts)
}

fn wall(at: Instant, zone: Tz) -> Option<NaiveDateTime> {
    let local = at.local(zone);
    let whole = local.nanosecond() == 0 && resolve_local(zone, local) == Local::Single(at);
    whole.then_some(local)
}

/// An n-week cycle: odd and even weeks where they stay in step with it, otherwise the hours of each week by its dates.
fn cycle(row: &Row) -> Said<String> {
    let weeks: Vec<&Map<String, Value>> = row.list("week_cycle").iter().filter_map(Value::as_object).collect();
    let (first, last) = row.dates()?;
    let start = row.date("cycle_start")?;
    let overnight = row.flag("overnight");
    let from = first.checked_sub_days(Days::new(60)).ok_or("dates end")?.min(start);
    let to = last.checked_add_days(Days::new(200)).ok_or("dates end")?;
    let first_monday = monday_of(from);
    let mondays: Vec<NaiveDate> = first_monday.iter_weeks().take_while(|monday| *monday <= to).collect();
    let of = |monday: NaiveDate| {
        let weeks_on = monday.signed_duration_since(monday_of(start)).num_weeks();
        let length = i64::try_from(weeks.len()).unwrap_or(1).max(1);
        usize::try_from(weeks_on.rem_euclid(length)).unwrap_or(0)
    };
    let alternate = mondays.windows(2).all(|pair| odd(pair[0]) != odd(pair[1]));
    let mut text = String::new();
    match weeks.as_slice() {
        [] => return Err("a cycle of no weeks".to_string()),
        [only] => text += &week_lines(only, overnight, "    ")?,
        [_, _] if alternate => {
            for monday in mondays.iter().take(2) {
                let lines = week_lines(weeks[of(*monday)], overnight, "        ")?;
                let _ = write!(text, "    week {} {{\n{lines}    }}\n", if odd(*monday) { "odd" } else { "even" });
            }
        }
        _ => {
            for monday in mondays {
                let lines = week_lines(weeks[of(monday)], overnight, "        ")?;
                let sunday = monday.checked_add_days(Days::new(6)).ok_or("dates end")?;
                if !lines.is_empty() {
                    let _ = write!(text, "    during {monday}..{sunday} {{\n{lines}    }}\n");
                }
            }
        }
    }
    Ok(text)
}

fn odd(date: NaiveDate) -> bool {
    date.iso_week().week() % 2 == 1
}

fn monday_of(date: NaiveDate) -> NaiveDate {
    date.checked_sub_days(Days::new(u64::from(date.weekday().num_days_from_monday()))).unwrap_or(date)
}

/// The row with every day that has hours open all day: a calendar of working days.
pub fn working_days(row: &Row) -> Said<Row> {
    let whole = |hours: &Value| {
        let days = hours.as_object().into_iter().flatten();
        let open = days.filter(|(_, spans)| spans.as_array().is_some_and(|spans| !spans.is_empty()));
        Value::Object(open.map(|(day, _)| (day.clone(), serde_json::json!([["00:00", "24:00"]]))).collect())
    };
    let mut days = row.with("breaks", Value::Null).with("leaves", Value::Null).with("overnight", Value::Null);
    if let Some(hours) = row.get("hours") {
        days = days.with("hours", whole(hours));
    }
    if row.has("week_cycle") {
        days = days.with("week_cycle", row.list("week_cycle").iter().map(whole).collect());
    }
    for (day, spans) in row.get("overrides").and_then(Value::as_object).into_iter().flatten() {
        date(day)?;
        if spans.as_array().is_some_and(|spans| !spans.is_empty()) {
            let mut overrides = days.get("overrides").cloned().unwrap_or_default();
            overrides[day] = serde_json::json!([["00:00", "24:00"]]);
            days = days.with("overrides", overrides);
        }
    }
    Ok(days)
}

/// The wall time of an instant.
pub fn local(at: Instant, zone: Tz) -> (NaiveDate, NaiveTime) {
    let local = at.local(zone);
    (local.date(), local.time())
}
