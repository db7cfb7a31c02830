//! One row of a file of cases: its values as the library knows them.

use chrono::{DateTime, Datelike, NaiveDate};
use chrono_tz::Tz;
use klausel::time::{Instant, Interval, Millis};
use serde_json::Value;

/// A value, or why the row cannot be put to the library.
pub type Said<T> = Result<T, String>;

/// One row.
#[derive(Debug, Clone)]
pub struct Row(pub Value);

impl Row {
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    pub fn flag(&self, key: &str) -> bool {
        self.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    pub fn text(&self, key: &str) -> Said<&str> {
        self.get(key).and_then(Value::as_str).ok_or_else(|| format!("the row has no text `{key}`"))
    }

    pub fn whole(&self, key: &str) -> Said<i64> {
        self.get(key).and_then(Value::as_i64).ok_or_else(|| format!("the row has no whole number `{key}`"))
    }

    pub fn instant(&self, key: &str) -> Said<Instant> {
        instant(self.text(key)?)
    }

    pub fn maybe_instant(&self, key: &str) -> Said<Option<Instant>> {
        self.get(key).map(|_| self.instant(key)).transpose()
    }

    pub fn date(&self, key: &str) -> Said<NaiveDate> {
        date(self.text(key)?)
    }

    /// A number of seconds, in milliseconds.
    pub fn millis(&self, key: &str) -> Said<Millis> {
        self.get(key).and_then(thousandths).ok_or_else(|| format!("the row has no seconds `{key}`"))
    }

    pub fn list(&self, key: &str) -> &[Value] {
        self.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    pub fn texts(&self, key: &str) -> Vec<&str> {
        self.list(key).iter().filter_map(Value::as_str).collect()
    }

    /// Pairs of instants, `[from, to)`; one without an end is open.
    pub fn stretches(&self, key: &str) -> Said<Vec<(Instant, Option<Instant>)>> {
        let pair = |value: &Value| {
            let from = value.get(0).and_then(Value::as_str).ok_or_else(|| format!("`{key}` is no list of pairs"))?;
            let to = value.get(1).and_then(Value::as_str);
            Ok((instant(from)?, to.map(instant).transpose()?))
        };
        self.list(key).iter().map(pair).collect()
    }

    pub fn intervals(&self, key: &str) -> Said<Vec<Interval>> {
        let closed = |(from, to): (Instant, Option<Instant>)| {
            to.map(|to| Interval::new(from, to)).ok_or_else(|| format!("`{key}` has no end"))
        };
        self.stretches(key)?.into_iter().map(closed).collect()
    }

    /// The zone of the wall clock; a peer without zones writes wall time as UTC.
    pub fn zone(&self) -> Said<Tz> {
        match self.get("tz").and_then(Value::as_str) {
            None => Ok(chrono_tz::UTC),
            Some(name) => name.parse().map_err(|_| format!("there is no zone `{name}`")),
        }
    }

    /// The same row with another value at `key`.
    pub fn with(&self, key: &str, value: Value) -> Row {
        let mut row = self.clone();
        if let Some(fields) = row.0.as_object_mut() {
            fields.insert(key.to_string(), value);
        }
        row
    }

    /// The earliest and the latest date that the row speaks of.
    pub fn dates(&self) -> Said<(NaiveDate, NaiveDate)> {
        let mut found = Vec::new();
        collect_dates(&self.0, &mut found);
        found.sort();
        found.first().copied().zip(found.last().copied()).ok_or_else(|| "the row names no date".to_string())
    }
}

fn collect_dates(value: &Value, found: &mut Vec<NaiveDate>) {
    match value {
        Value::String(text) => {
            let date = text.get(..10).and_then(|text| date(text).ok());
            found.extend(date.filter(|date| (1_900..2_200).contains(&date.year())));
        }
        Value::Array(values) => values.iter().for_each(|value| collect_dates(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| collect_dates(value, found)),
        _ => {}
    }
}

pub fn instant(text: &str) -> Said<Instant> {
    let at = DateTime::parse_from_rfc3339(text).map_err(|_| format!("`{text}` is no instant"))?;
    if at.timestamp_subsec_nanos() % 1_000_000 != 0 {
        return Err(format!("`{text}` is finer than a millisecond"));
    }
    let at = Instant(at.timestamp_millis());
    let covered = Instant::FIRST <= at && at < Instant::LAST;
    covered.then_some(at).ok_or_else(|| format!("`{text}` lies outside of what calendars cover, 1970 to 2100"))
}

pub fn date(text: &str) -> Said<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| format!("`{text}` is no date"))
}

/// A number in thousandths, exactly; none where it is finer.
pub fn thousandths(number: &Value) -> Option<i64> {
    let text = number.as_number()?.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or((1, text.as_str()), |digits| (-1, digits));
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let rest = rest.trim_end_matches('0');
    if rest.len() > 3 {
        return None;
    }
    let rest: i64 = format!("{rest:0<3}").parse().ok()?;
    Some(sign * (whole.parse::<i64>().ok()?.checked_mul(1_000)? + rest))
}

/// Milliseconds as a number of seconds.
pub fn seconds(millis: Millis) -> Value {
    let (sign, left) = if millis < 0 { ("-", -millis) } else { ("", millis) };
    let text = if left % 1_000 == 0 {
        format!("{sign}{}", left / 1_000)
    } else {
        format!("{sign}{}.{:03}", left / 1_000, left % 1_000)
    };
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// An instant, or null.
pub fn told(at: Option<Instant>) -> Value {
    at.map_or(Value::Null, |at| Value::String(at.to_string()))
}

/// Whether two values say the same: instants and numbers however they are spelled, of an object the keys that are
/// expected.
pub fn same(got: &Value, expected: &Value) -> bool {
    match (got, expected) {
        (Value::String(got), Value::String(wanted)) if got != wanted => {
            let read = |text: &str| DateTime::parse_from_rfc3339(text).ok();
            read(got).zip(read(wanted)).is_some_and(|(got, wanted)| got == wanted)
        }
        (Value::Number(_), Value::Number(_)) => {
            let read = thousandths(got);
            read.is_some() && read == thousandths(expected)
        }
        (Value::Object(got), Value::Object(wanted)) => {
            wanted.iter().all(|(key, wanted)| got.get(key).is_some_and(|got| same(got, wanted)))
        }
        _ => got == expected,
    }
}
