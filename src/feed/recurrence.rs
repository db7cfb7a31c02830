//! Recurrences: every start of an event, within the years that calendars cover.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use rrule::{Frequency, RRule, RRuleSet, Unvalidated};

use crate::diagnostic::Diagnostic;
use crate::time::Instant;

use super::LAST_YEAR;
use super::event::Event;
use super::line::Line;
use super::value::{Moment, date, time_of_day};

/// Occurrences that one file may have: an event of each day takes 48 000 of them.
const MOST: usize = 200_000;

/// How many occurrences may still be walked.
pub(super) struct Budget(usize);

impl Budget {
    pub fn new() -> Budget {
        Budget(MOST)
    }

    fn spend(&mut self, rule: &Line) -> Result<(), Diagnostic> {
        match self.0.checked_sub(1) {
            Some(left) => {
                self.0 = left;
                Ok(())
            }
            None => {
                let message =
                    format!("the events of this file have more than {MOST} occurrences by the end of {LAST_YEAR}");
                Err(rule.fault(
                    "feed_recurrence",
                    message,
                    "end the rule with `UNTIL` or `COUNT`, or let it start later",
                ))
            }
        }
    }
}

/// Moments that are named, to be found again in whichever way they are written.
#[derive(Debug, Default)]
pub(super) struct Named {
    dates: BTreeSet<NaiveDate>,
    walls: BTreeSet<NaiveDateTime>,
    instants: BTreeSet<Instant>,
}

impl Named {
    pub fn add(&mut self, moment: &Moment) {
        match moment {
            Moment::Date(date) => {
                self.dates.insert(*date);
            }
            Moment::Floating(wall) => {
                self.walls.insert(*wall);
            }
            Moment::Zoned(_, wall) => {
                self.walls.insert(*wall);
                self.instants.insert(moment.instant());
            }
        }
    }

    /// Whether an occurrence is named: by its date, or by its time.
    fn holds(&self, occurrence: Moment) -> bool {
        let wall = occurrence.wall();
        let by_time = match occurrence {
            Moment::Zoned(..) => self.instants.contains(&occurrence.instant()),
            _ => self.walls.contains(&wall),
        };
        by_time || self.dates.contains(&wall.date())
    }
}

/// The starts of an event, sorted: its own, those of its rules and dates, less exceptions and what was moved.
pub(super) fn occurrences(
    event: &Event,
    moved: Option<&Named>,
    budget: &mut Budget,
    doubts: &mut Vec<Diagnostic>,
) -> Result<Vec<Moment>, Diagnostic> {
    let mut walls = BTreeSet::new();
    for rule in &event.rules {
        walls.extend(starts(event, rule, budget)?);
    }
    if walls.insert(event.start.wall()) && !event.rules.is_empty() {
        doubts.push(off_rule(event));
    }
    walls.extend(event.also.iter().map(|also| event.start.wall_of(*also)));
    let mut except = Named::default();
    event.except.iter().for_each(|moment| except.add(moment));
    for rule in &event.except_rules {
        starts(event, rule, budget)?.into_iter().for_each(|wall| except.add(&event.start.at(wall)));
    }
    let starts = walls.into_iter().map(|wall| event.start.at(wall));
    Ok(starts.filter(|start| !except.holds(*start) && !moved.is_some_and(|moved| moved.holds(*start))).collect())
}

/// The wall times that a rule names. A rule is walked on the wall clock, which is what RFC 5545 means by local time.
fn starts(event: &Event, line: &Line, budget: &mut Budget) -> Result<Vec<NaiveDateTime>, Diagnostic> {
    let start = event.start.wall();
    let (rule, until) = rule(event, line)?;
    let last = NaiveDate::from_yo_opt(LAST_YEAR + 1, 1).unwrap_or(NaiveDate::MAX).and_time(NaiveTime::MIN);
    let walked = RRuleSet::new(rrule::Tz::UTC.from_utc_datetime(&start)).rrule(rule).limit();
    let mut starts = Vec::new();
    for at in &walked {
        let at = at.naive_utc();
        if last <= at || until.is_some_and(|until| until < at) {
            break;
        }
        budget.spend(line)?;
        starts.push(at);
    }
    Ok(starts)
}

/// A rule, and the last wall time that it may name.
fn rule(event: &Event, line: &Line) -> Result<(RRule, Option<NaiveDateTime>), Diagnostic> {
    let start = event.start;
    let broken = |why: String| {
        let help = "a rule is as in `FREQ=YEARLY`, `FREQ=WEEKLY;BYDAY=FR;UNTIL=20261231` or `FREQ=DAILY;COUNT=5`";
        line.fault("feed_recurrence", format!("`{}` is no rule of recurrence: {why}", line.value), help)
    };
    let is_until = |part: &&str| part.get(..6).is_some_and(|name| name.eq_ignore_ascii_case("UNTIL="));
    let (until, parts): (Vec<&str>, Vec<&str>) = line.value.trim().split(';').partition(is_until);
    if let Some(part) = parts.iter().find(|part| !is_readable(part)) {
        return Err(broken(format!("`{part}` cannot be read")));
    }
    // The library would read a limit without a zone in that of the computer.
    let until = match until.as_slice() {
        [] => None,
        [one] => Some(last_start(start, one).ok_or_else(|| broken(format!("`{one}` is no date or time")))?),
        _ => return Err(broken("it has two limits".to_string())),
    };
    let rule: RRule<Unvalidated> = parts.join(";").parse().map_err(|error| broken(format!("{error}")))?;
    if until.is_some() && rule.get_count().is_some() {
        return Err(broken("it has both `UNTIL` and `COUNT`".to_string()));
    }
    if until.is_some_and(|until| until < start.wall()) {
        return Err(broken("it ends before the event starts".to_string()));
    }
    if matches!(rule.get_freq(), Frequency::Minutely | Frequency::Secondly) || rule.get_interval() == 0 {
        return Err(broken("it must recur by the hour, day, week, month or year".to_string()));
    }
    let rule = rule.validate(rrule::Tz::UTC.from_utc_datetime(&start.wall()));
    Ok((rule.map_err(|error| broken(format!("{error}")))?, until))
}

/// Whether the library reads a part of a rule as it is meant. Of a weekday it cuts the last two bytes off, and passes
/// over a number before it that is none.
fn is_readable(part: &str) -> bool {
    let weekdays = part.split_once('=').filter(|(name, _)| name.eq_ignore_ascii_case("BYDAY")).map(|(_, days)| days);
    let number = |day: &str| day.get(..day.len().saturating_sub(2)).map(str::to_string);
    let is_number = |number: String| number.is_empty() || number.parse::<i16>().is_ok_and(|number| number != 0);
    part.is_ascii() && weekdays.is_none_or(|days| days.split(',').all(|day| number(day).is_some_and(is_number)))
}

/// The last wall time that `UNTIL=…` allows. A bare date allows all of its day.
fn last_start(start: Moment, part: &str) -> Option<NaiveDateTime> {
    let value = part.split_once('=')?.1.trim();
    let Some((day, time)) = value.split_once(['T', 't']) else {
        return date(value)?.and_hms_opt(23, 59, 59);
    };
    let wall = date(day)?.and_time(time_of_day(time.trim_end_matches(['Z', 'z']))?);
    if start.is_date() {
        return wall.date().and_hms_opt(23, 59, 59);
    }
    let is_utc = time.ends_with(['Z', 'z']);
    Some(if is_utc { start.wall_of(Moment::Zoned(chrono_tz::Tz::UTC, wall)) } else { wall })
}

/// The warning that an event starts at a time which none of its rules names.
fn off_rule(event: &Event) -> Diagnostic {
    let message = format!("this event starts on {}, which its rule does not name", event.start.wall().date());
    let fault = Diagnostic::warning("feed_start", event.start_span, message);
    fault.help("its start counts all the same; let it start on the first day that the rule names")
}
