//! Calendars and holidays: zones, lists, and calendars made of others.

use chrono::Weekday;
use chrono_tz::Tz;

use crate::ast::{CalendarBody, CalendarLine, Name, WeekLine};
use crate::diagnostic::{Diagnostic, nearest};
use crate::resolver::Scope;
use crate::time::clock_face;

use super::{Checker, ZONE_PLACEHOLDER};

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
        // A cycle is told once, at the first of its calendars.
        let mut in_cycles: Vec<&str> = Vec::new();
        for calendar in &scope.calendars {
            match &calendar.body {
                CalendarBody::Lines(lines) => {
                    for line in lines {
                        self.calendar_line(scope, &line.value);
                    }
                    self.overlaps(lines.iter().filter_map(|line| match &line.value {
                        CalendarLine::Week(week) => Some(week),
                        _ => None,
                    }));
                    let zones = lines.iter().filter(|line| matches!(line.value, CalendarLine::Timezone(_)));
                    if let Some(second) = zones.clone().nth(1) {
                        self.error("said_twice", second.span, "this calendar names two zones", "keep one of them");
                    }
                }
                CalendarBody::Joined(_, names) => {
                    for name in names {
                        self.calendar_name(scope, name);
                    }
                    let name = &calendar.name.value;
                    let told = in_cycles.iter().any(|known| is_made_of(scope, name, known, 0));
                    if is_made_of(scope, name, name, 0) && !told {
                        in_cycles.push(name);
                        let message = format!("the calendar `{name}` is made of itself");
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
            CalendarLine::During(_, _, weeks) | CalendarLine::Alternate(_, weeks) => self.overlaps(weeks.iter()),
            _ => {}
        }
    }

    /// Hours of one weekday that lie on each other: one of the two lines is not what was meant.
    fn overlaps<'a>(&mut self, lines: impl Iterator<Item = &'a WeekLine>) {
        let mut seen: Vec<(Weekday, (u32, u32), &WeekLine)> = Vec::new();
        let mut told: Option<&WeekLine> = None;
        for line in lines {
            for (day, hours) in line.days.iter().flat_map(|day| line.spans.iter().map(move |hours| (*day, *hours))) {
                let on = seen.iter().find(|(known, other, _)| *known == day && overlap(*other, hours));
                if let Some((_, other, earlier)) = on.filter(|_| told != Some(line)) {
                    let day = day.to_string().to_lowercase();
                    let message = format!("the hours `{}` and `{}` of {day} overlap", words(*other), words(hours));
                    let fault = Diagnostic::error("overlapping_hours", line.span, message);
                    let help = "write them as one, or let the second begin where the first ends; a season has its own \
                                hours: `during DATE..DATE { … }`";
                    self.push(fault.label(earlier.span, "the other hours").help(help));
                    told = Some(line);
                }
                seen.push((day, hours, line));
            }
        }
    }

    /// The name of a calendar on which something is counted: one that never opens would never let it end.
    pub(super) fn counting_calendar(&mut self, scope: &Scope, name: &Name) {
        self.calendar_name(scope, name);
        let Some(calendar) = scope.calendar(&name.value) else { return };
        let written = calendar.name.span;
        // Lines that could not be read are told of already, and may well have been its hours.
        let unread = |found: &Diagnostic| found.span.file == written.file && written.start < found.span.start;
        if never_opens(scope, &name.value, 0) && !self.diagnostics.iter().any(|found| found.is_error() && unread(found))
        {
            let fault =
                Diagnostic::error("never_opens", name.span, format!("the calendar `{}` never opens", name.value));
            let fault = fault.label(written, "it has no hours");
            self.push(fault.help("give it hours, such as `mon-fri 08:00-18:00`"));
        }
    }

    pub(super) fn calendar_name(&mut self, scope: &Scope, name: &Name) {
        self.reads.calendar(scope, &name.value);
        if name.value != "always" && scope.calendar(&name.value).is_none() {
            let known = scope.calendars.iter().map(|calendar| calendar.name.value.as_str());
            self.unknown("calendar", name, known.chain(["always"]));
        }
    }

    pub(super) fn zone(&mut self, zone: &Name) {
        if zone.value == ZONE_PLACEHOLDER {
            let message = "whose clock these times show is still to be said";
            let help =
                "write the desk's zone, such as `in \"Europe/Berlin\"`, or `in \"UTC\"` where the export says so";
            self.error("unknown_zone", zone.span, message, help);
        } else if zone.value.parse::<Tz>().is_err() {
            let fault = Diagnostic::error("unknown_zone", zone.span, format!("there is no time zone `{}`", zone.value));
            let known = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
            self.push(match nearest(&zone.value, known) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None => fault.help("zones are named as in `Europe/Berlin`"),
            });
        }
    }
}

fn overlap(one: (u32, u32), other: (u32, u32)) -> bool {
    one.0 < end(other) && other.0 < end(one)
}

/// The end of a span, counted from the midnight before it.
fn end((from, to): (u32, u32)) -> u32 {
    if to <= from { to + 86_400 } else { to }
}

fn words((from, to): (u32, u32)) -> String {
    format!("{}-{}", clock_face(from), clock_face(to))
}

/// Whether a calendar has no hours at all. Depth is bounded by the number of calendars.
fn never_opens(scope: &Scope, name: &str, depth: usize) -> bool {
    let Some(calendar) = scope.calendar(name).filter(|_| depth <= scope.calendars.len()) else { return false };
    let opens = |line: &CalendarLine| match line {
        CalendarLine::Week(_) | CalendarLine::Open(_) => true,
        CalendarLine::During(_, _, weeks) | CalendarLine::Alternate(_, weeks) => !weeks.is_empty(),
        _ => false,
    };
    match &calendar.body {
        CalendarBody::Lines(lines) => !lines.iter().any(|line| opens(&line.value)),
        CalendarBody::Joined(true, names) => names.iter().any(|part| never_opens(scope, &part.value, depth + 1)),
        CalendarBody::Joined(false, names) => names.iter().all(|part| never_opens(scope, &part.value, depth + 1)),
    }
}

/// Whether `wanted` is among the calendars that `name` is made of. Depth is bounded by the number of calendars.
fn is_made_of(scope: &Scope, name: &str, wanted: &str, depth: usize) -> bool {
    let Some(CalendarBody::Joined(_, names)) = scope.calendar(name).map(|calendar| &calendar.body) else {
        return false;
    };
    let part_is = |part: &Name| part.value == wanted || is_made_of(scope, &part.value, wanted, depth + 1);
    depth <= scope.calendars.len() && names.iter().any(part_is)
}

#[cfg(test)]
mod tests {
    use crate::source::{FileError, Files};

    struct OneFile(String);

    impl Files for OneFile {
        fn read(&self, _path: &str) -> Result<Vec<u8>, FileError> {
            Ok(self.0.clone().into_bytes())
        }
    }

    /// The faults of an agreement with a target on a calendar of these lines.
    fn faults(calendar: &str) -> Vec<String> {
        let metric = "metric m { starts on created stops on ended target 1h in desk }";
        let text = format!("{calendar}\nagreement a {{ timezone \"UTC\" {metric} }}");
        let resolved = crate::resolver::load(&OneFile(text), &["a.sla".to_string()]);
        let found = crate::checker::check(resolved).err().map(|(_, found)| found).unwrap_or_default();
        found.into_iter().filter(|found| found.is_error()).map(|found| found.message).collect()
    }

    #[test]
    fn hours_of_one_weekday_must_not_overlap() {
        let overlap = "the hours `08:00-13:00` and `12:00-18:00` of mon overlap";
        assert_eq!(faults("calendar desk { mon 08:00-13:00, 12:00-18:00 }"), [overlap]);
        assert_eq!(faults("calendar desk { mon-fri 08:00-13:00 mon 12:00-18:00 }"), [overlap]);
        assert_eq!(faults("calendar desk { week odd { mon 08:00-13:00 mon 12:00-18:00 } }"), [overlap]);
        let night = "the hours `22:00-06:00` and `23:30-24:00` of tue overlap";
        assert_eq!(faults("calendar desk { tue 22:00-06:00, 23:30-24:00 }"), [night]);
        assert_eq!(faults("calendar desk { mon 10:00-11:00, 08:00-09:00, 09:00-10:00 tue 08:00-18:00 }"), [""; 0]);
        assert_eq!(faults("calendar desk { mon 08:00-12:00 during 2025-01-01.. { mon 09:00-17:00 } }"), [""; 0]);
    }

    #[test]
    fn a_target_is_not_counted_on_a_calendar_that_never_opens() {
        let never = "the calendar `desk` never opens";
        assert_eq!(faults("calendar desk { timezone \"UTC\" }"), [never]);
        assert_eq!(faults("calendar none { closed on 2025-01-01 } calendar desk is none and always"), [never]);
        assert_eq!(faults("calendar none { closed on 2025-01-01 } calendar desk is none or always"), [""; 0]);
        assert_eq!(faults("calendar desk { open on 2025-01-01 }"), [""; 0]);
        let unread = faults("calendar desk { mon 8 to 12 }");
        assert!(!unread.is_empty() && !unread.contains(&never.to_string()), "{unread:?}");
    }
}
