//! Instants as exports write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;

use crate::plan::source::{InstantColumn, Repeated};
use crate::time::{Instant, Local, resolve_local};

/// What is wrong with an instant: the kind of fault, the message, the way out.
pub(super) type Wrong = (&'static str, String, String);

/// Forms with an offset that RFC 3339 does not have, and that desks write all the same.
const WITH_OFFSET: [&str; 4] =
    ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%d %H:%M%z", "%Y-%m-%dT%H:%M%z"];
const WITHOUT_OFFSET: [&str; 4] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];

/// The instant that a cell says.
pub(super) fn parse(column: &InstantColumn, text: &str) -> Result<Instant, Wrong> {
    if let Some(form) = &column.form {
        if let Ok(at) = DateTime::parse_from_str(text, form) {
            return Ok(Instant(at.timestamp_millis()));
        }
        let local = NaiveDateTime::parse_from_str(text, form)
            .ok()
            .or_else(|| NaiveDate::parse_from_str(text, form).ok().map(|date| date.and_time(NaiveTime::MIN)));
        let local = local.ok_or_else(|| {
            let help = "mend the row, or the form in the source".to_string();
            ("bad_instant", format!("`{text}` is no instant of the form `{form}`"), help)
        })?;
        return in_zone(column, local, text);
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(Instant(at.timestamp_millis()));
    }
    if let Some(at) = WITH_OFFSET.iter().find_map(|form| DateTime::parse_from_str(text, form).ok()) {
        return Ok(Instant(at.timestamp_millis()));
    }
    match WITHOUT_OFFSET.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()) {
        Some(local) => in_zone(column, local, text),
        None => {
            let help = "say how it is written: `as \"%d.%m.%Y %H:%M\" in \"Europe/Berlin\"`".to_string();
            Err(("bad_instant", format!("`{text}` is no instant such as 2025-03-07T17:50:00+01:00"), help))
        }
    }
}

fn in_zone(column: &InstantColumn, local: NaiveDateTime, text: &str) -> Result<Instant, Wrong> {
    let Some(zone) = column.zone else {
        let help = "say in which zone it is in the source: `in \"Europe/Berlin\"`".to_string();
        return Err(("bad_instant", format!("`{text}` has no offset, and the source names no zone"), help));
    };
    match (resolve_local(zone, local), column.repeated) {
        (Local::Single(at), _) => Ok(at),
        (Local::Repeated { earlier, .. }, Some(Repeated::Earlier)) => Ok(earlier),
        (Local::Repeated { later, .. }, Some(Repeated::Later)) => Ok(later),
        (Local::Repeated { .. }, None) => {
            let help = format!("say which is meant in the source: `in \"{zone}\" later` or `earlier`");
            Err(("repeated_local_time", format!("the wall clock of {zone} showed `{text}` twice"), help))
        }
        (Local::Skipped, Some(which)) => Ok(skipped(zone, local, which)),
        (Local::Skipped, None) => {
            let help = format!("say how it is meant in the source: `in \"{zone}\" later` or `earlier`");
            Err(("skipped_local_time", format!("the wall clock of {zone} never showed `{text}`"), help))
        }
    }
}

/// A time that the clock skipped, read with the offset before or after the change.
fn skipped(zone: Tz, local: NaiveDateTime, which: Repeated) -> Instant {
    let day = TimeDelta::days(1);
    let near = match which {
        Repeated::Earlier => local - day,
        Repeated::Later => local + day,
    };
    let at = match resolve_local(zone, near) {
        Local::Single(at) | Local::Repeated { earlier: at, .. } => at,
        Local::Skipped => Instant::from_utc(near),
    };
    match which {
        Repeated::Earlier => at.plus(crate::time::DAY),
        Repeated::Later => at.plus(-crate::time::DAY),
    }
}
