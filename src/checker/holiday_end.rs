//! Calendars whose holidays do not cover the time that the agreement is for.

use chrono::{Datelike, NaiveDate};

use crate::ast::{CalendarBody, CalendarLine, HolidayDate, HolidayRule, StatementKind};
use crate::diagnostic::Diagnostic;
use crate::feed::{Feed, When};
use crate::resolver::Scope;
use crate::source::Span;

use super::{Checker, Known};

/// The first and the last year with a holiday; none: there is no first or last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Years {
    first: Option<i32>,
    last: Option<i32>,
}

impl Years {
    fn to(self, other: Years) -> Years {
        Years {
            first: self.first.zip(other.first).map(|(a, b)| a.min(b)),
            last: self.last.zip(other.last).map(|(a, b)| a.max(b)),
        }
    }
}

/// Recurrences of a feed are walked up to the end of 2101: one that gets there has no end.
const LAST_OF_FEEDS: i32 = 2100;

impl Checker {
    /// Looks at every calendar that the agreement counts on, and at those that they are made of.
    pub(super) fn holidays_end(&mut self, known: &Known<'_>) {
        let effective = known.agreement.statements.iter().find_map(|statement| match &statement.kind {
            StatementKind::Effective(first, last) => Some((*first, *last, statement.span)),
            _ => None,
        });
        let Some(effective) = effective else { return };
        let mut names = Vec::new();
        for name in self.reads.named_calendars() {
            take_parts(known.scope, name, &mut names);
        }
        for name in names {
            if let Some(fault) = not_covered(known.scope, name, effective) {
                self.push(fault);
            }
        }
    }
}

/// A calendar and those that it is made of, each once.
fn take_parts<'s>(scope: &'s Scope, name: &str, names: &mut Vec<&'s str>) {
    let Some(calendar) = scope.calendar(name).filter(|found| !names.contains(&found.name.value.as_str())) else {
        return;
    };
    names.push(&calendar.name.value);
    if let CalendarBody::Joined(_, parts) = &calendar.body {
        parts.iter().for_each(|part| take_parts(scope, &part.value, names));
    }
}

fn not_covered(scope: &Scope, name: &str, effective: (NaiveDate, Option<NaiveDate>, Span)) -> Option<Diagnostic> {
    let (years, place) = years(scope, name)?;
    let (first, last, span) = effective;
    let warning = |message: String, year: i32, label: &str| {
        let fault = Diagnostic::warning("holidays_end", place, message).label(span, label);
        let help = "add the holidays of the other years, or a list without end such as those of `std/holidays`";
        fault.witness(format!("no day of {year} is a holiday")).help(help)
    };
    if let Some(end) = years.last.filter(|end| last.is_none_or(|last| *end < last.year())) {
        let message = format!("the holidays of `{name}` end with {end}");
        return Some(warning(message, (end + 1).max(first.year()), "the agreement runs longer"));
    }
    let begin = years.first.filter(|begin| first.year() < *begin)?;
    let message = format!("the holidays of `{name}` begin with {begin}");
    Some(warning(message, first.year(), "the agreement begins earlier"))
}

/// The years that the lists and feeds of a calendar cover together, and where the first of them is named; none where it has
/// none, or one that is not known.
fn years(scope: &Scope, name: &str) -> Option<(Years, Span)> {
    let CalendarBody::Lines(lines) = &scope.calendar(name)?.body else { return None };
    let mut found: Option<(Years, Span)> = None;
    let mut take = |years: Years, span: Span| {
        found = Some(found.map_or((years, span), |(known, first)| (known.to(years), first)));
    };
    for line in lines {
        match &line.value {
            CalendarLine::ClosedOnHolidays(names) => {
                for name in names {
                    let rules = scope.holidays(&name.value)?.rules.iter();
                    take(rules.map(of_rule).reduce(Years::to)?, name.span);
                }
            }
            CalendarLine::Feed(named) => take(of_feed(scope.feed(named)?)?, named.span),
            _ => {}
        }
    }
    found
}

fn of_rule(rule: &HolidayRule) -> Years {
    match rule.date {
        HolidayDate::Once(date) => Years { first: Some(date.year()), last: Some(date.year()) },
        _ => {
            let ranges = rule.years.iter().map(|(first, last)| Years { first: *first, last: *last });
            let all = ranges.reduce(Years::to).unwrap_or(Years { first: None, last: None });
            let rest = longest_rest(rule);
            Years { first: all.first.map(|year| year - rest), last: all.last.map(|year| year + rest) }
        }
    }
}

/// Most years in a row between two of a rule that have no such holiday: what comes every four years has not ended two years
/// after the last.
fn longest_rest(rule: &HolidayRule) -> i32 {
    let mut ranges = rule.years.clone();
    ranges.sort();
    let rests =
        ranges.iter().zip(ranges.iter().skip(1)).filter_map(|((_, last), (next, _))| Some((*next)? - (*last)? - 1));
    rests.max().unwrap_or(0).max(0)
}

/// None where it closes nothing, which is told elsewhere.
fn of_feed(feed: &Feed) -> Option<Years> {
    let times = feed.times.iter().map(|closed| match closed.when {
        When::Instants(interval) => interval.start.local(chrono_tz::UTC).date().year(),
        When::Wall(from, _) => from.date().year(),
    });
    let all: Vec<i32> = feed.dates.keys().map(Datelike::year).chain(times).collect();
    let last = *all.iter().max()?;
    Some(Years { first: all.iter().min().copied(), last: Some(last).filter(|last| *last < LAST_OF_FEEDS) })
}
