//! A clock's stretches cut by its calendar: what counted, and what took the rest.

use chrono::NaiveDate;

use crate::calendar::Calendar;
use crate::outcome::{Cause, Outcome, Stretch};
use crate::plan::metric::Metric;
use crate::time::{Instant, Interval, Millis};

use super::{Doing, SpanLine};

/// All that a clock did, without gaps.
pub(super) fn spans(clock: &Outcome, metric: &Metric, calendar: &Calendar, name: &str) -> Vec<SpanLine> {
    let mut spans = Vec::new();
    let mut counted: Millis = 0;
    for stretch in &clock.stretches {
        match stretch.cause {
            Cause::Ran => ran(stretch, calendar, name, &mut counted, &mut spans),
            Cause::Pause(pause) => spans.push(paused(stretch, metric, pause, counted)),
            Cause::Stopped => spans.push(stopped(stretch, metric, counted)),
        }
    }
    spans
}

/// Open and closed time of a running stretch, in turn.
fn ran(stretch: &Stretch, calendar: &Calendar, name: &str, counted: &mut Millis, spans: &mut Vec<SpanLine>) {
    let mut at = stretch.span.start;
    for open in calendar.open_within(stretch.span) {
        if at < open.start {
            spans.push(closed(Interval::new(at, open.start), calendar, name, *counted));
        }
        for (span, note) in cut(open, calendar) {
            *counted = counted.saturating_add(span.len());
            let because = if name == "always" { "every hour counts".to_string() } else { format!("open in `{name}`") };
            let because = format!("{because}{note}");
            spans.push(SpanLine {
                span,
                doing: Doing::Running,
                counted_ms: *counted,
                because,
                place: None,
                set_by: None,
            });
        }
        at = open.end;
    }
    if at < stretch.span.end {
        spans.push(closed(Interval::new(at, stretch.span.end), calendar, name, *counted));
    }
}

/// An open stretch cut where maintenance begins and ends that closes nothing, each part with a note on it.
fn cut(open: Interval, calendar: &Calendar) -> Vec<(Interval, String)> {
    let windows = calendar.unannounced_in(open);
    let clipped = windows.iter().map(|window| window.interval().and(open));
    let mut edges: Vec<Instant> = clipped.flat_map(|window| [window.start, window.end]).collect();
    edges.extend([open.start, open.end]);
    edges.sort();
    edges.dedup();
    let parts = edges.iter().zip(edges.iter().skip(1)).map(|(start, end)| Interval::new(*start, *end));
    let noted = parts.map(|part| {
        let inside = windows.iter().filter(|window| !window.interval().and(part).is_empty());
        (part, inside.map(|window| format!("; {}: it counts as no maintenance", window.words())).collect())
    });
    noted.collect()
}

fn closed(span: Interval, calendar: &Calendar, name: &str, counted: Millis) -> SpanLine {
    let days = special_days(span, calendar);
    let notes: Vec<String> =
        calendar.closings_in(span).into_iter().chain(Some(days).filter(|days| !days.is_empty())).collect();
    let notes = notes.join(", ");
    let because = if notes.is_empty() { format!("closed in `{name}`") } else { format!("closed in `{name}`: {notes}") };
    SpanLine { span, doing: Doing::Closed, counted_ms: counted, because, place: None, set_by: None }
}

/// The holidays and other special days that a closed stretch touches.
fn special_days(span: Interval, calendar: &Calendar) -> String {
    let Some(zone) = calendar.zone() else { return String::new() };
    let date = |at: Instant| at.local(zone).date();
    let (first, last): (NaiveDate, NaiveDate) = (date(span.start), date(span.end.plus(-1)));
    let days = first.iter_days().take_while(|day| *day <= last);
    let notes = days.flat_map(|day| calendar.notes_on(day).into_iter().map(move |note| format!("{day} {note}")));
    notes.collect::<Vec<_>>().join(", ")
}

fn paused(stretch: &Stretch, metric: &Metric, pause: u16, counted: Millis) -> SpanLine {
    let pause = metric.pauses.get(usize::from(pause));
    let place = pause.map_or(&metric.place, |pause| pause.place.within(&metric.place));
    SpanLine {
        span: stretch.span,
        doing: Doing::Paused,
        counted_ms: counted,
        because: pause.map_or(String::new(), |pause| pause.place.words.clone()),
        place: Some(place.name().to_string()),
        set_by: None,
    }
}

fn stopped(stretch: &Stretch, metric: &Metric, counted: Millis) -> SpanLine {
    SpanLine {
        span: stretch.span,
        doing: Doing::Stopped,
        counted_ms: counted,
        because: "stopped, and reopened later: the time between does not count".to_string(),
        place: Some(metric.place.name().to_string()),
        set_by: None,
    }
}
