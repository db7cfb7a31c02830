//! What an iCalendar file closes, on the clock of one calendar.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Serialize;

use crate::time::{Instant, Interval, midnight};

use super::spec::ClosedTime;

/// The closings of one iCalendar file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Feed {
    /// Its path.
    pub file: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Dates that are closed as holidays are, each with its name.
    pub dates: BTreeMap<NaiveDate, String>,
    /// Stretches of time that are closed, in order, none reaching into the next.
    times: Vec<ClosedTime>,
}

impl Feed {
    /// The closings of a file. Of stretches of time that overlap, the earlier gives the name to what they share.
    pub fn new(
        file: String,
        sha256: String,
        dates: BTreeMap<NaiveDate, String>,
        mut times: Vec<(Interval, String)>,
    ) -> Feed {
        times.sort_by_key(|(interval, _)| *interval);
        let mut end = Instant(i64::MIN);
        let mut apart = Vec::with_capacity(times.len());
        for (interval, label) in times {
            let rest = Interval::new(interval.start.max(end), interval.end);
            end = end.max(interval.end);
            if !rest.is_empty() {
                apart.push(ClosedTime { label, ..ClosedTime::from(rest) });
            }
        }
        Feed { file, sha256, dates, times: apart }
    }

    /// Stretches of time that are closed, in order, none reaching into the next.
    pub fn times(&self) -> &[ClosedTime] {
        &self.times
    }

    /// The stretches that share an instant with `window`.
    pub(super) fn times_within(&self, window: Interval) -> &[ClosedTime] {
        let first = self.times.partition_point(|time| time.to_ms <= window.start.0);
        let end = self.times.partition_point(|time| time.from_ms < window.end.0);
        self.times.get(first..end).unwrap_or_default()
    }

    /// What its stretches of time close on a local date, in words.
    pub(super) fn notes_on(&self, date: NaiveDate, zone: Tz) -> Vec<String> {
        let next = date.succ_opt().unwrap_or(date);
        let day = Interval::new(midnight(zone, date), midnight(zone, next));
        let notes = self.times_within(day).iter().map(|time| {
            let closed = time.interval().and(day);
            let face = |at: Instant| at.local(zone).format("%H:%M").to_string();
            let end = if closed.end == day.end { "24:00".to_string() } else { face(closed.end) };
            format!("closed {}-{end}: {}", face(closed.start), time.label)
        });
        notes.collect()
    }
}
