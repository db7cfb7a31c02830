//! Calendars and holidays: zones, lists, and calendars made of others.

use chrono_tz::Tz;

use crate::ast::{CalendarBody, CalendarLine, Name};
use crate::diagnostic::{Diagnostic, nearest};
use crate::resolver::Scope;

use super::Checker;

impl Checker {
    pub(super) fn holidays(&mut self, scope: &Scope) {
        for list in &scope.holidays {
            for rule in &list.rules {
                let backwards = |(first, last): &(Option<i32>, Option<i32>)| {
                    first.zip(*last).is_some_and(|(first, last)| last < first)
                };
                if rule.years.iter().any(backwards) {
                    self.error(
                        "empty_range",
                        rule.span,
                        "these years end before they begin",
                        "write the earlier year first",
                    );
                }
            }
        }
    }

    pub(super) fn calendars(&mut self, scope: &Scope) {
        for calendar in &scope.calendars {
            match &calendar.body {
                CalendarBody::Lines(lines) => {
                    for line in lines {
                        self.calendar_line(scope, &line.value);
                    }
                    let zones = lines.iter().filter(|line| matches!(line.value, CalendarLine::Timezone(_)));
                    if let Some(second) = zones.clone().nth(1) {
                        self.error("said_twice", second.span, "this calendar names two zones", "keep one of them");
                    }
                }
                CalendarBody::Joined(_, names) => {
                    for name in names {
                        self.calendar_name(scope, name);
                    }
                    if is_made_of_itself(scope, &calendar.name.value, &calendar.name.value, 0) {
                        let message = format!("the calendar `{}` is made of itself", calendar.name.value);
                        self.error("calendar_cycle", calendar.name.span, message, "name other calendars");
                    }
                }
            }
        }
    }

    fn calendar_line(&mut self, scope: &Scope, line: &CalendarLine) {
        match line {
            CalendarLine::Timezone(zone) => self.zone(zone),
            CalendarLine::ClosedOnHolidays(names) => {
                for name in names.iter().filter(|name| scope.holidays(&name.value).is_none()) {
                    let known = scope.holidays.iter().map(|list| list.name.value.as_str());
                    self.unknown("list of holidays", name, known);
                }
            }
            CalendarLine::Later(later) => self.not_built(later),
            _ => {}
        }
    }

    pub(super) fn calendar_name(&mut self, scope: &Scope, name: &Name) {
        if name.value != "always" && scope.calendar(&name.value).is_none() {
            let known = scope.calendars.iter().map(|calendar| calendar.name.value.as_str());
            self.unknown("calendar", name, known.chain(["always"]));
        }
    }

    pub(super) fn zone(&mut self, zone: &Name) {
        if zone.value.parse::<Tz>().is_err() {
            let fault = Diagnostic::error("unknown_zone", zone.span, format!("there is no time zone `{}`", zone.value));
            let known = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
            self.push(match nearest(&zone.value, known) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None => fault.help("zones are named as in `Europe/Berlin`"),
            });
        }
    }
}

/// Whether `wanted` is among the calendars that `name` is made of. Depth is bounded by the number of calendars.
fn is_made_of_itself(scope: &Scope, name: &str, wanted: &str, depth: usize) -> bool {
    let Some(CalendarBody::Joined(_, names)) = scope.calendar(name).map(|calendar| &calendar.body) else {
        return false;
    };
    depth > scope.calendars.len()
        || names.iter().any(|part| part.value == wanted || is_made_of_itself(scope, &part.value, wanted, depth + 1))
}
