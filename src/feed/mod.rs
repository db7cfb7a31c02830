//! iCalendar files (RFC 5545) as closings: which dates and which stretches of time their events take out of service.
//!
//! `icalendar` reads a line's name, parameters and value, `rrule` walks a recurrence rule. Lines are unfolded and events
//! put together here, so that a fault names its line in the file. Of the larger libraries, `calcard` takes a line that
//! it cannot read for text and goes on, and `ical` is no longer kept up.

mod event;
mod line;
mod recurrence;
mod value;

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span, sha256};
use crate::time::{Instant, Interval};

use event::Event;
use recurrence::{Budget, Named};
use value::Moment;

/// What one iCalendar file closes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// The file's path, as messages name it.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Dates of 1970 to 2101 that are closed as a whole, each with the event's summary.
    pub dates: BTreeMap<NaiveDate, String>,
    /// Stretches of time that are closed, in order of the file; they may overlap.
    pub times: Vec<ClosedStretch>,
}

/// A stretch of time that an event covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedStretch {
    /// When.
    pub when: When,
    /// The event's summary.
    pub label: String,
}

/// A stretch of time in one of the two ways in which iCalendar gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Between two instants.
    Instants(Interval),
    /// Between two times on the wall clock of whoever reads it.
    Wall(NaiveDateTime, NaiveDateTime),
}

/// The first year whose closings are kept.
const FIRST_YEAR: i32 = 1970;
/// The last year whose closings are kept: calendars end with the first instant of 2101, which is still 2101 in zones
/// east of Greenwich.
const LAST_YEAR: i32 = 2101;

/// Reads a file that stands as `file` among the sources. Faults point to its lines; with one that is an error the feed
/// is not to be used.
///
/// Recurrences are walked from the event's start to the end of 2101. More than 200 000 occurrences in one file are an
/// error.
pub fn read(path: &str, bytes: &[u8], text: &str, file: FileId) -> (Feed, Vec<Diagnostic>) {
    let sha256 = sha256(bytes);
    let feed = Feed { path: path.to_string(), sha256, dates: BTreeMap::new(), times: Vec::new() };
    let mut reader = Reader { feed, ranges: Vec::new(), budget: Budget::new(), faults: Vec::new(), kept: 0 };
    match event::events(text, file) {
        Ok(events) => reader.take_all(&events, Span::new(file, 0, 0)),
        Err(faults) => reader.faults = faults,
    }
    reader.feed.dates = labelled_dates(reader.ranges);
    (reader.feed, reader.faults)
}

/// The instant of a wall time as iCalendar has it: the earlier of two, and a time that the clock skips is read with the
/// offset of the time before.
pub fn instant(zone: chrono_tz::Tz, wall: NaiveDateTime) -> Instant {
    value::instant(zone, wall)
}

struct Reader {
    feed: Feed,
    ranges: Vec<(NaiveDate, NaiveDate, String)>,
    budget: Budget,
    faults: Vec<Diagnostic>,
    /// Events that close something.
    kept: usize,
}

impl Reader {
    fn take_all(&mut self, events: &[Event], start: Span) {
        // An event with a RECURRENCE-ID stands in the place of one occurrence of the event with its UID.
        let mut moved: BTreeMap<&str, Named> = BTreeMap::new();
        for event in events {
            if let (Some(uid), Some(instead_of)) = (&event.uid, &event.instead_of) {
                moved.entry(uid).or_default().add(instead_of);
            }
        }
        for event in events {
            let moved = event.uid.as_deref().filter(|_| event.instead_of.is_none()).and_then(|uid| moved.get(uid));
            self.take(event, moved);
        }
        if self.kept == 0 && self.faults.is_empty() {
            self.closes_nothing(events, start);
        }
    }

    fn take(&mut self, event: &Event, moved: Option<&Named>) {
        if event.is_cancelled || event.is_free {
            return;
        }
        self.kept += 1;
        match recurrence::occurrences(event, moved, &mut self.budget, &mut self.faults) {
            Ok(occurrences) => occurrences.iter().for_each(|start| self.close(event, *start)),
            Err(fault) => self.faults.push(fault),
        }
        self.faults.extend(event.doubts.iter().cloned());
    }

    fn close(&mut self, event: &Event, start: Moment) {
        let label = event.label.clone().unwrap_or_else(|| "an event without a summary".to_string());
        let end = event.length.end(start);
        let kept = |date: NaiveDate| (FIRST_YEAR..=LAST_YEAR).contains(&date.year());
        match (start, end) {
            (Moment::Date(first), Moment::Date(end)) => {
                if let Some(last) = end.pred_opt() {
                    self.ranges.push((first, last, label));
                }
            }
            (Moment::Floating(from), Moment::Floating(to)) => {
                if from < to && kept(to.date()) {
                    self.feed.times.push(ClosedStretch { when: When::Wall(from, to), label });
                }
            }
            (start, end) => {
                let covered = Interval::new(Instant::FIRST, Instant::LAST);
                let closed = Interval::new(start.instant(), end.instant()).and(covered);
                if !closed.is_empty() {
                    self.feed.times.push(ClosedStretch { when: When::Instants(closed), label });
                }
            }
        }
    }

    fn closes_nothing(&mut self, events: &[Event], start: Span) {
        let free = events.iter().filter(|event| event.is_free && !event.is_cancelled).count();
        let (message, help) = if free == 0 {
            (format!("`{}` has no event that closes anything", self.feed.path), "check that it is the right file")
        } else {
            let message = format!("`{}` closes nothing: its {free} events are `TRANSP:TRANSPARENT`", self.feed.path);
            (message, "an event closes when it is `TRANSP:OPAQUE` (\"busy\") or has no TRANSP")
        };
        self.faults.push(Diagnostic::warning("feed_closes_nothing", start, message).help(help));
    }
}

/// Each date of some ranges once, with the label of the range that begins first.
fn labelled_dates(mut ranges: Vec<(NaiveDate, NaiveDate, String)>) -> BTreeMap<NaiveDate, String> {
    // A stable sort: of two that begin on one day, the first in the file gives the label.
    ranges.sort_by_key(|(first, _, _)| *first);
    let (mut next, end) = (year_start(FIRST_YEAR), year_start(LAST_YEAR + 1));
    let mut dates = BTreeMap::new();
    for (first, last, label) in ranges {
        let open = first.max(next).iter_days().take_while(|date| *date <= last && *date < end);
        dates.extend(open.map(|date| (date, label.clone())));
        next = next.max(last.succ_opt().unwrap_or(last));
    }
    dates
}

fn year_start(year: i32) -> NaiveDate {
    NaiveDate::from_yo_opt(year, 1).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests;
