//! Kinds that ask the language itself: movable holidays, local times of a source, hours that are sound or not.

use std::fmt::Write;

use chrono::{NaiveDate, TimeDelta};
use klausel::input::{self, Input, OnBadRow};
use serde_json::{Value, json};

use crate::agreement::{load, quoted};
use crate::row::{Row, Said, told};

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A rule in a row's words, as a line of a `holidays` block.
pub fn holiday_line(rule: &str) -> String {
    let rule = rule.to_lowercase().replace(',', " ");
    if let Some(shift) = rule.strip_prefix("easter").map(str::trim).filter(|shift| !shift.is_empty()) {
        let (sign, days) = shift.split_at(1);
        return format!("easter {sign} {} days", days.trim());
    }
    let words: Vec<String> = rule.split_whitespace().filter(|word| *word != "the").map(short).collect();
    let words = dates_as_numbers(&words);
    let around = words.iter().position(|word| word == "before" || word == "after");
    let Some(around) = around else { return words.join(" ") };
    let (Some(weekday), Some(day)) = (around.checked_sub(1).and_then(|at| words.get(at)), words.get(around + 1)) else {
        return words.join(" ");
    };
    // `on or after` a date is after the day before it.
    match words.get(around.saturating_sub(3)..around) {
        Some([weekday, on, or]) if on == "on" && or == "or" => {
            let shift = if words[around] == "after" { -1 } else { 1 };
            format!("{weekday} {} {}", words[around], shifted(day, shift))
        }
        _ => format!("{weekday} {} {day}", words[around]),
    }
}

fn short(word: &str) -> String {
    let long = WEEKDAYS.iter().chain(&MONTHS).find(|long| **long == word);
    long.and_then(|long| long.get(..3)).unwrap_or(word).to_string()
}

/// `jul 4` and `4 jul` as `07-04`.
fn dates_as_numbers(words: &[String]) -> Vec<String> {
    let month = |word: &String| MONTHS.iter().position(|month| month.get(..3) == Some(word)).map(|place| place + 1);
    let day = |word: &String| word.trim_end_matches(char::is_alphabetic).parse::<u32>().ok().filter(|day| *day <= 31);
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let next = words.get(at + 1);
        let found = next.and_then(|next| month(word).zip(day(next)).or_else(|| month(next).zip(day(word))));
        match found {
            Some((month, day)) => out.push(format!("{month:02}-{day:02}")),
            None => out.push(word.clone()),
        }
        at += if found.is_some() { 2 } else { 1 };
    }
    out
}

fn shifted(month_day: &str, days: i64) -> String {
    let date = NaiveDate::parse_from_str(&format!("2023-{month_day}"), "%Y-%m-%d");
    let date = date.ok().and_then(|date| date.checked_add_signed(TimeDelta::days(days)));
    date.map_or(month_day.to_string(), |date| date.format("%m-%d").to_string())
}

pub fn holiday_rule(row: &Row) -> Said<Value> {
    let line = holiday_line(row.text("rule")?);
    let loaded = load(&format!(
        "holidays listed {{\n    {line}\n}}\ncalendar desk {{\n    timezone \"UTC\"\n    mon-sun 00:00-24:00\n    \
         closed on holidays listed\n}}\nagreement peer {{\n    timezone \"UTC\"\n    metric clock {{\n        \
         starts on created\n        stops on ended\n        target 1h in desk\n    }}\n}}\n"
    ))?;
    Ok(json!(!loaded.calendar("desk")?.is_service_day(row.date("date")?, chrono_tz::UTC)))
}

/// A source whose column is in the row's zone reads the wall time; a gap and a repeated hour are settled by the
/// source's own word.
pub fn local_to_instant(row: &Row) -> Said<Value> {
    let (zone, rule) = (row.zone()?, row.text("rule")?.to_lowercase());
    let word = if rule.contains("plain") {
        ""
    } else if rule.contains("gap") {
        // Moved later is read with the offset before the change: the source's `earlier`.
        if rule.contains("moved later") { " earlier" } else { " later" }
    } else if ["first", "earlier"].iter().any(|word| rule.contains(word)) {
        " earlier"
    } else if ["second", "later"].iter().any(|word| rule.contains(word)) {
        " later"
    } else {
        return Err(format!("a rule that this test does not know: {rule}"));
    };
    let loaded = load(&format!(
        "source desk {{\n    format csv\n    ticket column \"id\"\n    at column \"at\" in {}{word}\n    \
         event column \"event\" {{ \"new\" is created, \"done\" is ended }}\n}}\nagreement peer {{\n    \
         timezone \"UTC\"\n    tickets from desk\n    metric clock {{\n        starts on created\n        \
         stops on ended\n        target 1h\n    }}\n}}\n",
        quoted(zone.name())
    ))?;
    let source = loaded.plan.sources.first().ok_or("the plan has no source")?;
    let rows = format!("id,at,event\nT1,{},new\n", row.text("local")?);
    let data = Input { name: "rows.csv", bytes: rows.as_bytes() };
    let mut names = loaded.plan.names.clone();
    let log = input::read(source, &[data], &loaded.plan.vocabulary, &mut names, OnBadRow::Fail);
    let log = log.map_err(|fault| fault.to_string())?;
    Ok(told(log.tickets.first().and_then(|ticket| ticket.facts.first()).map(|fact| fact.at)))
}

/// The hours just as the row has them, in a calendar that a target counts on.
pub fn config(row: &Row) -> Said<Value> {
    let mut lines = String::new();
    for (day, spans) in row.get("hours").and_then(Value::as_object).into_iter().flatten() {
        let time = |span: &Value, place: usize| span.get(place).and_then(Value::as_str).unwrap_or("").to_string();
        let spans: Vec<String> =
            spans.as_array().into_iter().flatten().map(|span| format!("{}-{}", time(span, 0), time(span, 1))).collect();
        let _ = writeln!(lines, "    {day} {}", spans.join(", "));
    }
    let sound = load(&format!(
        "calendar desk {{\n    timezone \"UTC\"\n{lines}}}\nagreement peer {{\n    timezone \"UTC\"\n    \
         metric clock {{\n        starts on created\n        stops on ended\n        target 1h in desk\n    }}\n}}\n"
    ));
    Ok(json!(if sound.is_ok() { "accept" } else { "reject" }))
}

/// Whether a row of hours has a span whose end is not after its start: over midnight here, a mistake there.
pub fn runs_over_midnight(row: &Row) -> bool {
    let days = row.get("hours").and_then(Value::as_object).into_iter().flatten();
    let mut spans = days.filter_map(|(_, spans)| spans.as_array()).flatten();
    spans.any(|span| {
        let time = |place: usize| span.get(place).and_then(Value::as_str).filter(|time| time.len() == 5);
        time(0).zip(time(1)).is_some_and(|(from, to)| to < from && from < "24:00")
    })
}
