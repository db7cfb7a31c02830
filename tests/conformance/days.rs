//! Kinds that count days: working days ahead and back, in a range, and whole days of open time.

use chrono::NaiveDate;
use chrono_tz::Tz;
use klausel::calendar::Calendar;
use klausel::time::{Instant, Local, resolve_local};
use serde_json::{Value, json};

use crate::agreement::Happening;
use crate::hours;
use crate::look::{agreement, both, calendar};
use crate::row::{Row, Said, told};

pub fn workday(row: &Row) -> Said<Value> {
    Ok(json!(calendar(row)?.is_service_day(row.date("date")?, row.zone()?)))
}

/// The working days from `from` on, `until` left out unless the row says `inclusive`.
pub fn workdays(row: &Row) -> Said<Value> {
    let (from, until) = (row.date("from")?, row.date("until")?);
    let last = if row.flag("inclusive") { Some(until) } else { until.pred_opt() };
    let dates = calendar(row)?.service_dates(from, last.ok_or("dates end")?, row.zone()?);
    Ok(dates.iter().map(|date| json!(date.to_string())).collect())
}

/// `(start, end]` and the like, as the rule writes it.
pub fn days_between(row: &Row) -> Said<Value> {
    let (zone, rule) = (row.zone()?, row.text("day_rule")?);
    let (start, end) = (row.date("start")?, row.date("end")?);
    let with_start = rule.contains("[start");
    let with_end = rule.contains("end]") || (row.flag("inclusive") && rule.contains("inclusive also end"));
    if !with_start && !rule.contains("(start") {
        return Err(format!("a rule that this test does not know: {rule}"));
    }
    let calendar = calendar(row)?;
    let count = |start: NaiveDate, end: NaiveDate| {
        let dates = calendar.service_dates(start, end, zone);
        let counts = |date: &&NaiveDate| (with_start || **date != start) && (with_end || **date != end);
        i64::try_from(dates.iter().filter(counts).count()).unwrap_or(i64::MAX)
    };
    if start <= end {
        return Ok(json!(count(start, end)));
    }
    if rule.contains("negative when reversed") { Ok(json!(-count(end, start))) } else { Err("a reversed range".into()) }
}

pub fn whole_days(row: &Row) -> Said<Value> {
    let (start, end, day) = (row.instant("start")?, row.instant("end")?, row.millis("day_seconds")?);
    let elapsed = calendar(row)?.elapsed(start, end).ok_or("a range that ends before it begins is an error")?;
    elapsed.checked_div(day).map(|days| json!(days)).ok_or_else(|| "a day of no length".to_string())
}

/// By the peer's rule, which the row states in words.
pub fn add_days(row: &Row) -> Said<Value> {
    let rule = row.text("day_rule")?;
    if rule.starts_with("date only") {
        by_date(row)
    } else if rule.starts_with("same wall time") && rule.contains("hours inside the day are ignored") {
        by_working_day(row)
    } else if rule.starts_with("same wall time") {
        by_service_day(row)
    } else {
        Err(format!("a rule that this test does not know: {rule}"))
    }
}

/// Our own reading: service days, or the end of one.
fn by_service_day(row: &Row) -> Said<Value> {
    let (zone, start, days) = (row.zone()?, row.instant("start")?, row.whole("days")?);
    let to_the_end = row.flag("end_of_working_day");
    let calendar = calendar(row)?;
    if days <= 0 {
        let back = u32::try_from(-days).map_err(|_| "too many days")?;
        let at = calendar.service_days_back(start, back, zone);
        return Ok(told(if to_the_end { at.and_then(|at| close_of(&calendar, at, zone)) } else { at }));
    }
    let ahead = u32::try_from(days).map_err(|_| "too many days")?;
    let by_calendar = if to_the_end {
        calendar.end_of_service_day(start, ahead, zone)
    } else {
        calendar.service_days(start, ahead, zone)
    };
    let target = if to_the_end {
        format!("by end of {} service day in desk", ordinal(days))
    } else {
        format!("{days} service days in desk")
    };
    Ok(both(told(by_calendar), told(due(row, row, &target)?)))
}

/// The last close of the day that an instant of it belongs to.
fn close_of(calendar: &Calendar, at: Instant, zone: Tz) -> Option<Instant> {
    let date = at.plus(-1).local(zone).date();
    calendar.open_on(date, zone).last().map(|open| open.end)
}

/// Dates only. A start on a day off begins with the next working day as the first, so it makes no difference: the Nth
/// working day after the start's date.
fn by_date(row: &Row) -> Said<Value> {
    let (zone, start, days) = (row.zone()?, row.instant("start")?, row.whole("days")?);
    let calendar = calendar(row)?;
    let date = hours::local(start, zone).0;
    let found = calendar.nth_service_date(date, days, zone).ok_or("no such working day")?;
    let by_calendar = json!(found.to_string());
    // In the language a start outside service time counts as the next opening: one day fewer is left to go.
    let left = if calendar.is_service_day(date, zone) { days } else { days - 1 };
    if left < 1 {
        return Ok(by_calendar);
    }
    let due = due(row, &hours::working_days(row)?, &format!("{left} service days in desk"))?;
    Ok(both(by_calendar, due.map_or(Value::Null, |due| json!(hours::local(due, zone).0.to_string()))))
}

/// The same wall time on the Nth working day; a start on a day off rolls to the nearest working day first.
fn by_working_day(row: &Row) -> Said<Value> {
    let (zone, start, days) = (row.zone()?, row.instant("start")?, row.whole("days")?);
    let calendar = calendar(row)?;
    let (date, time) = hours::local(start, zone);
    let on_working_day = calendar.is_service_day(date, zone);
    let roll = if on_working_day || days == 0 { 0 } else { days.signum() };
    let from = calendar.nth_service_date(date, roll, zone).ok_or("no such working day")?;
    let to = calendar.nth_service_date(from, days, zone).ok_or("no such working day")?;
    let at = match resolve_local(zone, to.and_time(time)) {
        Local::Single(at) | Local::Repeated { earlier: at, .. } => at,
        Local::Skipped => return Err("a wall time that the clock change skips".to_string()),
    };
    if days < 1 || !on_working_day {
        return Ok(told(Some(at)));
    }
    let due = due(row, &hours::working_days(row)?, &format!("{days} service days in desk"))?;
    Ok(both(told(Some(at)), told(due)))
}

/// When an agreement with this target on the calendar of `days` says that a ticket is due.
fn due(row: &Row, days: &Row, target: &str) -> Said<Option<Instant>> {
    let start = row.instant("start")?;
    let written = hours::write(days)?;
    if written.by_hand() {
        return Err("no agreement counts on a calendar without hours, or less a part of a second".to_string());
    }
    let loaded = agreement(row, &written, target)?;
    let clocks = loaded.run(&[Happening::event(start, "created")], start)?;
    Ok(clocks.get("clock").and_then(|cycles| cycles.first()).and_then(|clock| clock.due_at))
}

pub fn ordinal(number: i64) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}
