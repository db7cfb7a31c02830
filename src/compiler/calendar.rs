//! Calendars with their holidays, as values.

use chrono_tz::Tz;

use crate::ast::{self, CalendarBody, CalendarLine, HolidayDate};
use crate::calendar::{
    CalendarSpec, DateLine, DateRule, DaySpan, Feed, HolidayList, HolidayRule, Hours, Observed, Season, WeekLine,
    Weeks, YearRange,
};
use crate::feed::{self, When};
use crate::resolver::Scope;
use crate::time::Interval;

/// What a calendar says; `zone` is the wall clock of one that names none. Depth is bounded by the number of calendars.
pub(super) fn spec(scope: &Scope, zone: Tz, name: &str, depth: usize) -> CalendarSpec {
    let declared = scope.calendar(name).filter(|_| depth <= scope.calendars.len());
    match declared.map(|calendar| &calendar.body) {
        None => CalendarSpec::Always,
        Some(CalendarBody::Joined(all, names)) => {
            let mut parts = names.iter().map(|name| spec(scope, zone, &name.value, depth + 1));
            let first = parts.next().unwrap_or(CalendarSpec::Always);
            parts.fold(first, |joined, part| {
                let (a, b) = (Box::new(joined), Box::new(part));
                if *all { CalendarSpec::Both(a, b) } else { CalendarSpec::Either(a, b) }
            })
        }
        Some(CalendarBody::Lines(lines)) => {
            let said = lines.iter().find_map(|line| match &line.value {
                CalendarLine::Timezone(zone) => zone.value.parse().ok(),
                _ => None,
            });
            let mut hours = Hours {
                zone: said.unwrap_or(zone),
                week: Vec::new(),
                seasons: Vec::new(),
                holidays: Vec::new(),
                feeds: Vec::new(),
                closed: Vec::new(),
                open: Vec::new(),
            };
            lines.iter().for_each(|line| take(scope, &mut hours, &line.value));
            CalendarSpec::Hours(Box::new(hours))
        }
    }
}

fn take(scope: &Scope, hours: &mut Hours, line: &CalendarLine) {
    match line {
        CalendarLine::Timezone(_) => {}
        CalendarLine::Week(line) => hours.week.push(week_line(line, Weeks::Every)),
        CalendarLine::ClosedOnHolidays(names) => {
            let lists = names.iter().filter_map(|name| scope.holidays(&name.value));
            hours.holidays.extend(lists.map(holiday_list));
        }
        CalendarLine::Closed(dates) => hours.closed.extend(date_lines(dates)),
        CalendarLine::Open(dates) => hours.open.extend(date_lines(dates)),
        CalendarLine::During(first, last, lines) => hours.seasons.push(Season {
            first: *first,
            last: *last,
            week: lines.iter().map(|line| week_line(line, Weeks::Every)).collect(),
        }),
        CalendarLine::Alternate(odd, lines) => {
            let weeks = if *odd { Weeks::Odd } else { Weeks::Even };
            hours.week.extend(lines.iter().map(|line| week_line(line, weeks)));
        }
        CalendarLine::Feed(path) => hours.feeds.extend(scope.feed(path).map(|found| feed(found, hours.zone))),
    }
}

fn week_line(line: &ast::WeekLine, weeks: Weeks) -> WeekLine {
    WeekLine { days: line.days.clone(), spans: line.spans.iter().map(|span| day_span(*span)).collect(), weeks }
}

fn day_span((from, to): (u32, u32)) -> DaySpan {
    DaySpan { from, to }
}

fn date_lines(dates: &ast::Dates) -> Vec<DateLine> {
    let line = |span| DateLine { first: dates.first, last: dates.last, span };
    if dates.spans.is_empty() {
        return vec![line(None)];
    }
    dates.spans.iter().map(|span| line(Some(day_span(*span)))).collect()
}

/// What a file closes on the clock of a calendar: times without a zone are those of its wall clock.
fn feed(found: &feed::Feed, zone: Tz) -> Feed {
    let times = found.times.iter().map(|closed| {
        let interval = match closed.when {
            When::Instants(interval) => interval,
            When::Wall(from, to) => Interval::new(feed::instant(zone, from), feed::instant(zone, to)),
        };
        (interval, closed.label.clone())
    });
    Feed::new(found.path.clone(), found.sha256.clone(), found.dates.clone(), times.collect())
}

fn holiday_list(list: &ast::Holidays) -> HolidayList {
    HolidayList { name: list.name.value.clone(), rules: list.rules.iter().map(holiday_rule).collect() }
}

fn holiday_rule(rule: &ast::HolidayRule) -> HolidayRule {
    let date = match rule.date {
        HolidayDate::Yearly(month, day) => DateRule::Yearly { month, day },
        HolidayDate::Easter => DateRule::Easter,
        HolidayDate::Nth(nth, weekday, month) => DateRule::Nth { nth, weekday, month },
        HolidayDate::Last(weekday, month) => DateRule::Last { weekday, month },
        HolidayDate::Before(weekday, month, day) => DateRule::Before { weekday, month, day },
        HolidayDate::After(weekday, month, day) => DateRule::After { weekday, month, day },
        HolidayDate::Once(date) => DateRule::Once(date),
    };
    let observed =
        |observed: &ast::Observed| Observed { on: observed.on, next: observed.next, when: observed.when.clone() };
    HolidayRule {
        date,
        shift: rule.shift,
        years: rule.years.iter().map(|(first, last)| YearRange { first: *first, last: *last }).collect(),
        observed: rule.observed.iter().map(observed).collect(),
        label: rule.label.as_ref().map(|label| label.value.clone()),
    }
}
