//! Events: their lines put together and made sense of.

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};
use crate::time::DAY;

use super::line::{self, Line};
use super::value::{Length, Moment, Zones, duration, known_zone, moments, only_moment};

/// A VEVENT.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub uid: Option<String>,
    /// Its summary, on one line.
    pub label: Option<String>,
    pub start: Moment,
    /// Where its start stands.
    pub start_span: Span,
    pub length: Length,
    /// Rules by which it recurs.
    pub rules: Vec<Line>,
    /// Rules by which it does not (of the older RFC 2445).
    pub except_rules: Vec<Line>,
    /// Further starts.
    pub also: Vec<Moment>,
    /// Starts that are left out.
    pub except: Vec<Moment>,
    /// The occurrence that it stands in the place of.
    pub instead_of: Option<Moment>,
    pub is_cancelled: bool,
    /// It does not take up time.
    pub is_free: bool,
    /// Warnings, told where the event closes something.
    pub doubts: Vec<Diagnostic>,
}

const FIRST_LINE: &str = "BEGIN:VCALENDAR";

/// The events of a file, or all that is wrong with them.
pub(super) fn events(text: &str, file: FileId) -> Result<Vec<Event>, Vec<Diagnostic>> {
    let start = Span::new(file, 0, 0);
    let first = text.trim_start().get(..FIRST_LINE.len());
    if !first.is_some_and(|first| first.eq_ignore_ascii_case(FIRST_LINE)) {
        return Err(vec![no_calendar(start)]);
    }
    let (lines, mut faults) = line::lines(text, file);
    if !faults.is_empty() {
        // A line that could not be read may be what an event or its end lacks.
        return Err(faults);
    }
    let components = components(&lines, start).map_err(|fault| vec![fault])?;
    let zones = own_zones(&components);
    let mut events = Vec::new();
    for component in components.iter().filter(|component| component.name == "VEVENT") {
        match event(component, &zones) {
            Ok(event) => events.push(event),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(events) } else { Err(faults) }
}

/// What stands between BEGIN and END, without what lies deeper.
struct Component<'l> {
    name: &'l str,
    begin: Span,
    lines: Vec<&'l Line>,
}

impl<'l> Component<'l> {
    fn line(&self, name: &str) -> Option<&'l Line> {
        self.lines.iter().find(|line| line.name == name).copied()
    }

    fn lines(&self, name: &'l str) -> impl Iterator<Item = &'l Line> {
        self.lines.iter().filter(move |line| line.name == name).copied()
    }
}

fn components<'l>(lines: &'l [Line], start: Span) -> Result<Vec<Component<'l>>, Diagnostic> {
    let mut open: Vec<Component<'l>> = Vec::new();
    let mut closed = Vec::new();
    for line in lines {
        match (line.name.as_str(), open.last_mut()) {
            ("BEGIN", within) if within.is_some() || line.value == "VCALENDAR" => {
                open.push(Component { name: &line.value, begin: line.span, lines: Vec::new() });
            }
            ("END", Some(last)) if last.name == line.value => closed.extend(open.pop()),
            ("END", Some(last)) => {
                let message = format!("`END:{}` ends a `{}`", line.value, last.name);
                let fault =
                    line.fault("feed_format", message, "put the missing `END` line in, or fetch the file again");
                return Err(fault.label(last.begin, "which begins here"));
            }
            (_, Some(last)) => last.lines.push(line),
            (_, None) => {
                let help = "take it out, or put it before `END:VCALENDAR`";
                return Err(line.fault("feed_format", "this line lies outside of the calendar", help));
            }
        }
    }
    if let Some(last) = open.last() {
        let message = format!("the file ends inside of a `{}`", last.name);
        return Err(Diagnostic::error("feed_format", last.begin, message).help("it is cut off: fetch it again"));
    }
    if closed.is_empty() { Err(no_calendar(start)) } else { Ok(closed) }
}

fn no_calendar(span: Span) -> Diagnostic {
    let message = "this is no iCalendar file: it does not begin with `BEGIN:VCALENDAR`";
    Diagnostic::error("feed_format", span, message)
        .help("export the calendar as `.ics`; a web page that shows it is not the file")
}

/// Zones that the file describes under a name of its own, where it says which they are.
fn own_zones(components: &[Component<'_>]) -> Zones {
    let described = components.iter().filter(|component| component.name == "VTIMEZONE");
    let named = described.filter_map(|component| {
        let zone = known_zone(&component.line("X-LIC-LOCATION")?.value)?;
        Some((component.line("TZID")?.value.clone(), zone))
    });
    named.collect()
}

fn event(component: &Component<'_>, zones: &Zones) -> Result<Event, Diagnostic> {
    let Some(start_line) = component.line("DTSTART") else {
        let fault = Diagnostic::error("feed_event", component.begin, "this event has no `DTSTART`");
        return Err(fault.help("say when it is, as in `DTSTART;VALUE=DATE:20251224`, or take the event out"));
    };
    let start = only_moment(start_line, zones)?;
    let mut doubts = Vec::new();
    let length = length(component, start, zones, &mut doubts)?;
    let all_moments = |name| {
        let lists = component.lines(name).map(|line| moments(line, zones));
        lists.collect::<Result<Vec<_>, _>>().map(|lists| lists.concat())
    };
    let instead_of = component.line("RECURRENCE-ID");
    if let Some(line) = instead_of.filter(|line| line.param("RANGE").is_some()) {
        let help = "let the event end before it, and write a second one from there on";
        return Err(line.fault("feed_recurrence", "a change of all later occurrences cannot be read", help));
    }
    let summary = component.line("SUMMARY").map(|line| line.value.split_whitespace().collect::<Vec<_>>().join(" "));
    let says = |name, word| component.line(name).is_some_and(|line| line.is(word));
    Ok(Event {
        uid: component.line("UID").map(|line| line.value.clone()),
        label: summary.filter(|summary| !summary.is_empty()),
        start,
        start_span: start_line.span,
        length,
        rules: component.lines("RRULE").cloned().collect(),
        except_rules: component.lines("EXRULE").cloned().collect(),
        also: all_moments("RDATE")?,
        except: all_moments("EXDATE")?,
        instead_of: instead_of.map(|line| only_moment(line, zones)).transpose()?,
        is_cancelled: says("STATUS", "CANCELLED"),
        is_free: says("TRANSP", "TRANSPARENT"),
        doubts,
    })
}

fn length(
    component: &Component<'_>,
    start: Moment,
    zones: &Zones,
    doubts: &mut Vec<Diagnostic>,
) -> Result<Length, Diagnostic> {
    let one_day = Length { days: 1, exact: 0 };
    let (line, length) = match (component.line("DTEND"), component.line("DURATION")) {
        (Some(line), _) => (line, until_end(line, start, only_moment(line, zones)?)?),
        (None, Some(line)) => (line, of_duration(line, start)?),
        (None, None) if start.is_date() => return Ok(one_day),
        (None, None) => {
            let message = "this event has a time and no end, so it closes nothing";
            let doubt = Diagnostic::warning("feed_closes_nothing", component.begin, message);
            doubts.push(doubt.help("give it a `DTEND`, or make it a whole day: `DTSTART;VALUE=DATE:20251224`"));
            return Ok(Length { days: 0, exact: 0 });
        }
    };
    if length.days != 0 || length.exact != 0 {
        return Ok(length);
    }
    let (read_as, message) = if start.is_date() {
        (one_day, "this event ends on the day it starts, and is read as one whole day")
    } else {
        (length, "this event ends when it starts, so it closes nothing")
    };
    let help = "the end is the first moment after the event: of a whole day the next one";
    doubts.push(Diagnostic::warning("feed_closes_nothing", line.span, message).help(help));
    Ok(read_as)
}

fn until_end(line: &Line, start: Moment, end: Moment) -> Result<Length, Diagnostic> {
    if start.is_date() != end.is_date() {
        let help = "write both as days or both as times";
        return Err(line.fault("feed_event", "of the start and the end of this event one is a whole day", help));
    }
    let length = if start.is_date() {
        Length { days: end.wall().signed_duration_since(start.wall()).num_days(), exact: 0 }
    } else {
        // Where only one of the two has a zone, both are on its wall clock.
        let is_floating = |moment| matches!(moment, Moment::Floating(_));
        let end = if is_floating(start) || is_floating(end) { start.at(end.wall()) } else { end };
        Length { days: 0, exact: end.instant().since(start.instant()) }
    };
    if length.days < 0 || length.exact < 0 {
        return Err(line.fault("feed_event", "this event ends before it starts", "write the later moment as its end"));
    }
    Ok(length)
}

fn of_duration(line: &Line, start: Moment) -> Result<Length, Diagnostic> {
    let length = duration(&line.value).ok_or_else(|| {
        let message = format!("`{}` is no duration of an event", line.value);
        line.fault("feed_event", message, "write it as `P1D` for a day or `PT1H30M` for an hour and a half")
    })?;
    if !start.is_date() {
        return Ok(length);
    }
    // Whole days with hours in their duration close every day they reach into.
    let days = length.days.saturating_add(length.exact.div_euclid(DAY) + i64::from(length.exact % DAY != 0));
    Ok(Length { days, exact: 0 })
}
