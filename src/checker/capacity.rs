//! How much a calendar can be open in all, where that is not without end.

use chrono::{Datelike, NaiveDate};

use crate::ast::{CalendarBody, CalendarLine, Dates, WeekLine};
use crate::resolver::Scope;
use crate::time::{HOUR, Millis, spell};

/// It may be less: holidays and closings are not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Capacity {
    millis: Millis,
    /// An hour for each night in which a clock may be put back.
    spare: Millis,
    /// Dates on which it opens.
    pub days: i64,
}

const NOTHING: Capacity = Capacity { millis: 0, spare: 0, days: 0 };

impl Capacity {
    /// Of a calendar; none where it opens time and again.
    pub fn of(scope: &Scope, calendar: &str) -> Option<Capacity> {
        capacity(scope, calendar, 0)
    }

    /// Whether there may be so much time.
    pub fn has(self, millis: Millis) -> bool {
        millis <= self.millis.saturating_add(self.spare)
    }

    pub fn words(self) -> String {
        let days = if self.days == 1 { "1 day".to_string() } else { format!("{} days", self.days) };
        format!("it opens on {days}, for {} in all", spell(self.millis))
    }

    fn and(self, other: Capacity) -> Capacity {
        Capacity {
            millis: self.millis.min(other.millis),
            spare: self.spare.max(other.spare),
            days: self.days.min(other.days),
        }
    }

    fn plus(self, other: Capacity) -> Capacity {
        Capacity {
            millis: self.millis.saturating_add(other.millis),
            spare: self.spare.saturating_add(other.spare),
            days: self.days.saturating_add(other.days),
        }
    }

    fn times(self, number: i64) -> Capacity {
        Capacity {
            millis: self.millis.saturating_mul(number),
            spare: self.spare.saturating_mul(number),
            days: self.days.saturating_mul(number),
        }
    }
}

/// Depth is bounded by the number of calendars.
fn capacity(scope: &Scope, name: &str, depth: usize) -> Option<Capacity> {
    let calendar = scope.calendar(name).filter(|_| depth <= scope.calendars.len())?;
    match &calendar.body {
        CalendarBody::Lines(lines) => lines.iter().try_fold(NOTHING, |sum, line| Some(sum.plus(of_line(&line.value)?))),
        CalendarBody::Joined(is_and, names) => {
            let mut parts = names.iter().map(|part| capacity(scope, &part.value, depth + 1));
            if *is_and {
                parts.flatten().reduce(Capacity::and)
            } else {
                parts.try_fold(NOTHING, |sum, part| Some(sum.plus(part?)))
            }
        }
    }
}

/// What one line opens.
fn of_line(line: &CalendarLine) -> Option<Capacity> {
    match line {
        CalendarLine::Week(_) => None,
        CalendarLine::Alternate(_, weeks) | CalendarLine::During(_, None, weeks) if !weeks.is_empty() => None,
        CalendarLine::During(first, Some(last), weeks) => Some(of_season(*first, *last, weeks)),
        CalendarLine::Open(dates) => Some(of_dates(dates)),
        _ => Some(NOTHING),
    }
}

fn of_season(first: NaiveDate, last: NaiveDate, weeks: &[WeekLine]) -> Capacity {
    let opened = first.iter_days().take_while(|date| *date <= last).filter_map(|date| {
        let lines = weeks.iter().filter(|line| line.days.contains(&date.weekday()));
        let spans: Vec<(u32, u32)> = lines.flat_map(|line| line.spans.iter().copied()).collect();
        (!spans.is_empty()).then(|| of_day(&spans))
    });
    opened.fold(NOTHING, Capacity::plus)
}

fn of_dates(dates: &Dates) -> Capacity {
    let day = of_day(if dates.spans.is_empty() { &[(0, 86_400)] } else { &dates.spans });
    day.times((dates.last - dates.first).num_days() + 1)
}

/// Spans of one day; one over midnight ends on the next.
fn of_day(spans: &[(u32, u32)]) -> Capacity {
    let mut sum = Capacity { days: 1, ..NOTHING };
    for (from, to) in spans {
        let to = if to <= from { to + 86_400 } else { *to };
        sum.millis += i64::from(to - from) * 1_000;
        // Clocks are put back between 23 and 4 o'clock.
        if *from < 4 * 3_600 || to > 23 * 3_600 {
            sum.spare += HOUR;
        }
    }
    sum
}
