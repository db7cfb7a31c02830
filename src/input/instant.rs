//! Instants as exports write them.

use chrono::format::{Item, Parsed, StrftimeItems};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;

use crate::plan::source::{InstantColumn, Repeated};
use crate::time::{Instant, Local, resolve_local};

use super::RowFault;
use super::row::Moment;

/// What is wrong with an instant: the kind of fault, the message, the way out.
type Wrong = (&'static str, String, String);

/// Forms with an offset that RFC 3339 does not have, and that desks write all the same.
const WITH_OFFSET: [&str; 4] =
    ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%d %H:%M%z", "%Y-%m-%dT%H:%M%z"];
const WITHOUT_OFFSET: [&str; 2] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"];

/// Reads the cells of one column of instants.
#[derive(Debug)]
pub(super) struct InstantReader<'a> {
    /// The column.
    pub column: &'a str,
    /// The form as written, and its parts; none: RFC 3339.
    form: Option<(&'a str, Vec<Item<'a>>)>,
    zone: Option<Tz>,
    repeated: Option<Repeated>,
}

impl<'a> InstantReader<'a> {
    pub fn new(column: &'a InstantColumn) -> InstantReader<'a> {
        let form = column.form.as_deref().map(|form| (form, StrftimeItems::new(form).collect()));
        InstantReader { column: &column.column, form, zone: column.zone, repeated: column.repeated }
    }

    /// The instant that a cell says; the fault lacks its place.
    pub fn parse(&self, text: &str, moment: Option<Moment>) -> Result<Instant, RowFault> {
        let read = match moment {
            Some(Moment::At(at)) => Ok(at),
            Some(Moment::Wall(local)) => self.in_zone(local, text),
            Some(Moment::Number(local)) if self.form.is_none() => self.in_zone(local, text),
            _ => self.read(text),
        };
        read.map_err(|(code, message, help)| RowFault {
            column: Some(self.column.to_string()),
            ..RowFault::new(code, message, help)
        })
    }

    /// An instant as the column shows it: on the wall clock of its zone, in UTC where it has none.
    pub fn words(&self, at: Instant) -> String {
        self.zone.map_or_else(|| at.to_string(), |zone| format!("{} {zone}", at.wall(zone)))
    }

    fn read(&self, text: &str) -> Result<Instant, Wrong> {
        let Some((form, items)) = &self.form else { return self.without_form(text) };
        let mut parsed = Parsed::new();
        let wrong = || {
            let message = format!("`{}` is no instant of the form `{form}`", super::shown(text));
            ("bad_instant", message, "mend the row, or the form in the source".to_string())
        };
        chrono::format::parse(&mut parsed, text, items.iter()).map_err(|_| wrong())?;
        if let Ok(at) = parsed.to_datetime() {
            return Ok(Instant(at.timestamp_millis()));
        }
        let of_day = || parsed.to_naive_date().map(|date| date.and_time(NaiveTime::MIN));
        let local = parsed.to_naive_datetime_with_offset(0).or_else(|_| of_day()).map_err(|_| wrong())?;
        self.in_zone(local, text)
    }

    fn without_form(&self, text: &str) -> Result<Instant, Wrong> {
        match fixed_shape(text) {
            Some((local, Some(offset))) => return Ok(Instant::from_utc(local).plus(-offset)),
            Some((local, None)) => return self.in_zone(local, text),
            None => {}
        }
        if let Ok(at) = DateTime::parse_from_rfc3339(text) {
            return Ok(Instant(at.timestamp_millis()));
        }
        if let Some(at) = WITH_OFFSET.iter().find_map(|form| DateTime::parse_from_str(text, form).ok()) {
            return Ok(Instant(at.timestamp_millis()));
        }
        match WITHOUT_OFFSET.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()) {
            Some(local) => self.in_zone(local, text),
            None => {
                let help = "say how it is written: `as \"%d.%m.%Y %H:%M\" in \"Europe/Berlin\"`".to_string();
                let message = format!("`{}` is no instant such as 2025-03-07T17:50:00+01:00", super::shown(text));
                Err(("bad_instant", message, help))
            }
        }
    }

    fn in_zone(&self, local: NaiveDateTime, text: &str) -> Result<Instant, Wrong> {
        let Some(zone) = self.zone else {
            let help = "say in which zone it is in the source: `in \"Europe/Berlin\"`".to_string();
            return Err(("bad_instant", format!("`{text}` has no offset, and the source names no zone"), help));
        };
        match (resolve_local(zone, local), self.repeated) {
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
}

/// `2025-03-07T17:50:00Z` and its like, read without the general parser: most logs have nothing else. A blank may stand for
/// the `T`, seconds and the offset may be missing. The offset is in milliseconds.
fn fixed_shape(text: &str) -> Option<(NaiveDateTime, Option<i64>)> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T' | b' ', h1, h2, b':', n1, n2, rest @ ..] = text.as_bytes()
    else {
        return None;
    };
    let (seconds, rest) = match rest {
        [b':', s1, s2, rest @ ..] => (two(*s1, *s2)?, rest),
        rest => (0, rest),
    };
    let offset = match rest {
        [] => None,
        [b'Z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', n1, n2] => Some(offset_millis(*sign, two(*h1, *h2)?, two(*n1, *n2)?)?),
        _ => return None,
    };
    let year = i32::try_from(two(*y1, *y2)? * 100 + two(*y3, *y4)?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, two(*m1, *m2)?, two(*d1, *d2)?)?;
    let time = NaiveTime::from_hms_opt(two(*h1, *h2)?, two(*n1, *n2)?, seconds)?;
    Some((date.and_time(time), offset))
}

/// The number that two digits write.
fn two(tens: u8, ones: u8) -> Option<u32> {
    let are_digits = tens.is_ascii_digit() && ones.is_ascii_digit();
    are_digits.then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
}

fn offset_millis(sign: u8, hours: u32, minutes: u32) -> Option<i64> {
    let in_range = hours < 24 && minutes < 60;
    let millis = i64::from(hours * 60 + minutes) * crate::time::MINUTE;
    in_range.then_some(if sign == b'-' { -millis } else { millis })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(column: &InstantColumn) -> InstantReader<'_> {
        InstantReader::new(column)
    }

    fn column(form: Option<&str>) -> InstantColumn {
        let zone = Some(chrono_tz::Europe::Berlin);
        InstantColumn { column: "at".into(), form: form.map(str::to_string), zone, repeated: None }
    }

    #[test]
    fn the_short_way_reads_what_the_general_parser_reads() {
        let offsets = ["Z", "+00:00", "-00:00", "+05:30", "-11:00", "+23:59"];
        for date in ["1970-01-01", "2000-02-29", "2024-02-29", "2025-03-30", "2025-12-31", "2100-02-28", "1969-12-31"] {
            for time in ["00:00:00", "02:30:59", "12:00:01", "23:59:59"] {
                for offset in offsets {
                    let text = format!("{date}T{time}{offset}");
                    let general = DateTime::parse_from_rfc3339(&text).unwrap().timestamp_millis();
                    let (local, offset) = fixed_shape(&text).unwrap();
                    assert_eq!(Instant::from_utc(local).plus(-offset.unwrap()), Instant(general), "{text}");
                }
            }
        }
    }

    #[test]
    fn the_short_way_reads_nothing_else() {
        let others = [
            "2025-02-29T10:00:00Z",
            "2025-13-01T10:00:00Z",
            "2025-03-07T24:00:00Z",
            "2025-03-07T10:60:00Z",
            "2025-03-07T10:00:60Z",
            "2025-03-07T10:00:00+24:00",
            "2025-03-07T10:00:00.5Z",
            "2025-03-07T10:00:00+0100",
            "+025-03-07T10:00:00Z",
            "2025-03-07",
            "",
        ];
        for text in others {
            assert_eq!(fixed_shape(text), None, "{text}");
        }
    }

    #[test]
    fn forms_that_desks_write_are_the_same_instant() {
        let at = Instant(1_741_366_200_000);
        let plain = column(None);
        for text in [
            "2025-03-07T17:50:00+01:00",
            "2025-03-07T16:50:00.000Z",
            "2025-03-07T17:50:00.000+0100",
            "2025-03-07 17:50:00",
            "2025-03-07T17:50",
            "2025-03-07 17:50+0100",
        ] {
            assert_eq!(reader(&plain).parse(text, None), Ok(at), "{text}");
        }
        for (form, text) in [
            ("%d/%m/%Y %H:%M", "7/3/2025 17:50"),
            ("%d.%m.%y %H.%M", "07.03.25 17.50"),
            ("%m/%d/%Y %I:%M:%S %p", "03/07/2025 05:50:00 PM"),
            ("%Y-%m-%d %H:%M:%S%z", "2025-03-07 16:50:00+0000"),
            ("%s", "1741366200"),
        ] {
            assert_eq!(reader(&column(Some(form))).parse(text, None), Ok(at), "{text}");
        }
        let midnight = reader(&column(Some("%d.%m.%Y"))).parse("07.03.2025", None);
        assert_eq!(midnight, Ok(Instant(1_741_302_000_000)), "a date alone is its midnight");
    }
}
