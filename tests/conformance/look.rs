//! Kinds that ask a calendar: open or not, what lies next to an instant, so much time before or after it, time between.

use klausel::calendar::{Calendar, CalendarSpec, ClosedTime, Transition};
use klausel::time::{Instant, Interval, MINUTE, Millis, spell};
use serde_json::{Value, json};

use crate::agreement::{Happening, Loaded, load};
use crate::hours::{self, Written};
use crate::row::{Row, Said, seconds, told};

/// An agreement that times one ticket on the calendar of a row.
pub fn agreement(row: &Row, written: &Written, target: &str) -> Said<Loaded> {
    let zone = row.zone()?;
    load(&format!(
        "{}agreement peer {{\n    timezone \"{zone}\"\n    metric clock {{\n        starts on created\n        \
         stops on ended\n        target {target}\n    }}\n}}\n",
        written.text
    ))
}

/// The calendar of a row, read from its text.
pub fn calendar(row: &Row) -> Said<Calendar> {
    let written = hours::write(row)?;
    if written.closed {
        return Ok(Calendar::new(CalendarSpec::Without(Box::new(CalendarSpec::Always), vec![all_time()])));
    }
    let calendar = agreement(row, &written, "1h in desk")?.calendar("desk")?;
    Ok(if written.without.is_empty() { calendar } else { calendar.without(&written.without) })
}

fn all_time() -> ClosedTime {
    ClosedTime::from(Interval::new(Instant::FIRST, Instant::LAST))
}

/// What two ways came to; where they differ, both, which is nobody's expectation.
pub fn both(calendar: Value, agreement: Value) -> Value {
    if calendar == agreement { calendar } else { json!({ "by the calendar": calendar, "by an agreement": agreement }) }
}

pub fn open(row: &Row) -> Said<Value> {
    Ok(json!(calendar(row)?.is_open(row.instant("at")?)))
}

pub fn on_holiday(row: &Row) -> Said<Value> {
    let (zone, at) = (row.zone()?, row.instant("at")?);
    // Were it no holiday, the day would be open all round.
    let days = calendar(&hours::working_days(&row.with("hours", Value::Null))?)?;
    Ok(json!(!days.is_service_day(hours::local(at, zone).0, zone)))
}

pub fn next_open(row: &Row) -> Said<Value> {
    Ok(told(calendar(row)?.next_open(row.instant("at")?)))
}

pub fn prev_open(row: &Row) -> Said<Value> {
    Ok(told(calendar(row)?.prev_open(row.instant("at")?)))
}

pub fn next_close(row: &Row) -> Said<Value> {
    Ok(told(calendar(row)?.next_close(row.instant("at")?)))
}

pub fn next_opening_after(row: &Row) -> Said<Value> {
    Ok(told(calendar(row)?.next_opening(row.instant("at")?)))
}

pub fn prev_opening(row: &Row) -> Said<Value> {
    Ok(told(calendar(row)?.previous_opening(row.instant("at")?)))
}

pub fn prev_close(row: &Row) -> Said<Value> {
    Ok(told(calendar(row)?.previous_close(row.instant("at")?)))
}

pub fn next_transition(row: &Row) -> Said<Value> {
    transition(row, calendar(row)?.next_transition(row.instant("at")?))
}

pub fn prev_transition(row: &Row) -> Said<Value> {
    transition(row, calendar(row)?.previous_transition(row.instant("at")?))
}

/// The instant, where it is what the row says it is; otherwise both.
fn transition(row: &Row, found: Option<(Instant, Transition)>) -> Said<Value> {
    let Some((at, transition)) = found else { return Ok(Value::Null) };
    let word = if transition == Transition::Opens { "open" } else { "close" };
    let as_said = row.get("transition").is_none_or(|said| said == word);
    Ok(if as_said { told(Some(at)) } else { json!({ "at": at.to_string(), "transition": word }) })
}

pub fn deadline(row: &Row) -> Said<Value> {
    let (start, budget) = (row.instant("start")?, row.millis("business_seconds")?);
    if budget < 0 {
        return Err("a budget of less than nothing".to_string());
    }
    let by_calendar = calendar(row)?.after(start, budget);
    let written = hours::write(row)?;
    if budget == 0 || written.by_hand() {
        // A target of no time is refused, so there is no agreement that says this.
        return due(row, by_calendar);
    }
    let loaded = agreement(row, &written, &format!("{} in desk", spell(budget)))?;
    let clocks = loaded.run(&[Happening::event(start, "created")], start)?;
    let by_agreement = clocks.get("clock").and_then(|cycles| cycles.first()).and_then(|clock| clock.due_at);
    Ok(both(due(row, by_calendar)?, due(row, by_agreement)?))
}

pub fn deadline_back(row: &Row) -> Said<Value> {
    let (start, budget) = (row.instant("start")?, row.millis("business_seconds")?);
    due(row, calendar(row)?.before(start, budget))
}

/// An instant, or its local date where the row asks for no more.
fn due(row: &Row, at: Option<Instant>) -> Said<Value> {
    let zone = row.zone()?;
    let date = |at: Instant| json!(hours::local(at, zone).0.to_string());
    Ok(if row.has("expect_date") { at.map_or(Value::Null, date) } else { told(at) })
}

pub fn elapsed(row: &Row) -> Said<Value> {
    let (start, end) = (row.instant("start")?, row.instant("end")?);
    let by_calendar = calendar(row)?.elapsed(start, end).ok_or("a range that ends before it begins is an error")?;
    let written = hours::write(row)?;
    let told = |millis: Millis| if row.has("expect_minutes") { json!(millis / MINUTE) } else { seconds(millis) };
    if written.by_hand() {
        return Ok(told(by_calendar));
    }
    let loaded = agreement(row, &written, "1h in desk")?;
    let facts = [Happening::event(start, "created"), Happening::event(end, "ended")];
    let clocks = loaded.run(&facts, end)?;
    let clock = clocks.get("clock").and_then(|cycles| cycles.first()).ok_or("the clock did not start")?;
    Ok(both(told(by_calendar), told(clock.elapsed_ms)))
}
