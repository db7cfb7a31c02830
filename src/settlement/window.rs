//! How far back something is counted, and until which day something may be done.

use chrono::{Days, Months, NaiveDate};
use chrono_tz::Tz;

use crate::plan::clause::Period;
use crate::plan::consequence::Window;
use crate::time::{DAY, HOUR, Instant, Local, Millis, resolve_local};

use super::period::Cutter;

/// The first instant of the window in which breaches are counted at a breach; it ends with the breach, which is inside.
pub(super) fn begins(cutter: Cutter, zone: Tz, window: Window, breach: Instant) -> Instant {
    if window.cut {
        let mut first = cutter.at(window.unit, breach);
        for _ in 1..window.count.min(LONGEST) {
            first = cutter.before(&first);
        }
        first.span.start
    } else {
        // What lies exactly so far back is outside.
        back(zone, window, breach).plus(1)
    }
}

/// No window looks back further than the calendars reach, in the smallest unit.
const LONGEST: u32 = 50_000;

/// The same wall time so many months before, or the same instant so many times 24 hours before.
fn back(zone: Tz, window: Window, breach: Instant) -> Instant {
    let months = match window.unit {
        Period::Month => 1,
        Period::Quarter => 3,
        Period::Year | Period::ContractYear => 12,
        Period::Months(count) => count,
        // A window of the language counts weeks, days or months, and slides by itself.
        Period::Day | Period::Week | Period::AnyDays(_) => {
            let days = if window.unit == Period::Week { 7 } else { 1 };
            return breach.plus(-(days * DAY).saturating_mul(i64::from(window.count)));
        }
    };
    let local = breach.local(zone);
    let Some(date) = local.date().checked_sub_months(Months::new(window.count.saturating_mul(months))) else {
        return Instant(i64::MIN);
    };
    let wall = date.and_time(local.time());
    match resolve_local(zone, wall) {
        Local::Single(at) | Local::Repeated { earlier: at, .. } => at,
        // The clock was put forward over it: an hour later it shows a time again.
        Local::Skipped => match resolve_local(zone, wall + chrono::TimeDelta::milliseconds(HOUR)) {
            Local::Single(at) | Local::Repeated { earlier: at, .. } => at,
            Local::Skipped => breach,
        },
    }
}

/// The last day on which something may be done for so long after an event of the day `day`, or after the instant `at`.
///
/// Whole days are counted by dates: what ends on 31 March may be done for 30 days until 30 April. Of any other length the
/// day of its last instant counts.
pub(super) fn last_day(zone: Tz, day: NaiveDate, at: Instant, length: Millis) -> Option<NaiveDate> {
    if length % DAY == 0 {
        return day.checked_add_days(Days::new(u64::try_from(length / DAY).ok()?));
    }
    Some(at.plus(length).plus(-1).local(zone).date())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::MINUTE;

    fn berlin(text: &str) -> Instant {
        let wall = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        match resolve_local(chrono_tz::Europe::Berlin, wall) {
            Local::Single(at) => at,
            other => panic!("{text} is {other:?}"),
        }
    }

    fn window(count: u32, unit: Period) -> Window {
        Window { count, unit, cut: false }
    }

    #[test]
    fn months_back_keep_the_wall_clock_and_days_are_24_hours() {
        let zone = chrono_tz::Europe::Berlin;
        let at = berlin("2025-04-15 10:00");
        assert_eq!(back(zone, window(1, Period::Month), at), berlin("2025-03-15 10:00"));
        assert_eq!(back(zone, window(30, Period::Day), at), berlin("2025-03-16 09:00"), "over the change of clocks");
        assert_eq!(back(zone, window(1, Period::Month), berlin("2025-03-31 10:00")), berlin("2025-02-28 10:00"));
        let skipped = back(zone, window(1, Period::Month), berlin("2025-04-30 02:30"));
        assert_eq!(skipped, berlin("2025-03-30 03:30"), "02:30 is never shown on that day");
    }

    #[test]
    fn whole_days_end_with_a_day() {
        let zone = chrono_tz::Europe::Berlin;
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let end = berlin("2025-03-01 00:00");
        assert_eq!(last_day(zone, date("2025-02-28"), end, 30 * DAY), Some(date("2025-03-30")));
        assert_eq!(last_day(zone, date("2025-02-28"), end, 24 * HOUR + MINUTE), Some(date("2025-03-02")));
        assert_eq!(last_day(zone, date("2025-02-28"), end, 2 * HOUR), Some(date("2025-03-01")));
    }
}
