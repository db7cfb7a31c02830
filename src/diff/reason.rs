//! Why a clock ends otherwise: what of it differs between the two sides.

use std::collections::BTreeMap;

use crate::outcome::{Cause, Judged, Outcome};
use crate::plan::metric::Metric;
use crate::plan::{CalendarId, NamedCalendar, Version};
use crate::time::{Millis, spell};

use super::{Reason, Settled};

/// A clock, and where it was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'a> {
    pub ticket: &'a Judged,
    pub version: &'a Version,
    pub metric: &'a Metric,
    pub clock: &'a Outcome,
}

impl<'a> Found<'a> {
    fn tier(self) -> &'a str {
        self.version.tier(self.ticket.last.tier).map_or("none", |tier| &tier.name)
    }

    fn priority(self) -> &'a str {
        self.version.priority(self.ticket.last.priority).unwrap_or("none")
    }

    fn calendar(self, of: Settled<'a>) -> Option<&'a NamedCalendar> {
        let CalendarId(place) = self.clock.calendar;
        of.side.plan.calendars.get(usize::from(place))
    }

    /// How long each of its pauses held, in milliseconds of wall time, by the pause's words.
    fn pauses(self) -> BTreeMap<&'a str, Millis> {
        let mut held = BTreeMap::new();
        for stretch in &self.clock.stretches {
            if let Cause::Pause(place) = stretch.cause
                && let Some(pause) = self.metric.pauses.get(usize::from(place))
            {
                *held.entry(pause.place.words.as_str()).or_default() += stretch.span.len();
            }
        }
        held
    }

    fn exclusion(self) -> Option<String> {
        let exclusion = self.version.exclusions.get(self.ticket.excluded?)?;
        let mark = exclusion.place.mark.as_deref().filter(|mark| !exclusion.place.words.contains(*mark));
        Some(format!("`{}`{}", exclusion.place.words, mark.map_or(String::new(), |mark| format!(" {mark}"))))
    }
}

/// One side with its clock; none: it has no such clock.
type Seen<'a> = (Settled<'a>, Option<Found<'a>>);

/// What differs, the nearest to the verdict first; empty only where nothing does.
pub(super) fn reasons(old: Seen<'_>, new: Seen<'_>, ticket: &[u8], metric: &str) -> Vec<Reason> {
    match (old.1, new.1) {
        (Some(a), Some(b)) => both(old.0, a, new.0, b),
        (Some(_), None) => vec![missing(new.0, "new", ticket, metric)],
        (None, _) => vec![missing(old.0, "old", ticket, metric)],
    }
}

/// Why a side has no such clock.
fn missing(side: Settled<'_>, which: &str, ticket: &[u8], metric: &str) -> Reason {
    let judged = side.outcomes.tickets.iter().find(|judged| judged.id.as_bytes() == ticket);
    let Some(judged) = judged else {
        return Reason { kind: "ticket", words: format!("the ticket does not fit the {which} agreement") };
    };
    let version = side.side.agreement.versions.get(judged.version);
    let metrics = version.map_or(&[][..], |version| version.metrics.as_slice());
    let Some(place) = metrics.iter().position(|known| known.name == metric) else {
        return Reason { kind: "metric", words: format!("the {which} agreement has no metric {metric}") };
    };
    if judged.clocks.iter().any(|clock| usize::from(clock.metric.0) == place) {
        return Reason { kind: "cycle", words: format!("the {which} agreement has no clock of this cycle") };
    }
    let words = format!("the {which} agreement starts no clock here: no start event, or no target for the ticket");
    Reason { kind: "start", words }
}

fn both(old: Settled<'_>, a: Found<'_>, new: Settled<'_>, b: Found<'_>) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut differ = |kind: &'static str, was: String, is: String| {
        if was != is {
            reasons.push(Reason { kind, words: format!("{kind} {was} → {is}") });
        }
    };
    let none = || "none".to_string();
    differ("exclusion", a.exclusion().unwrap_or_else(none), b.exclusion().unwrap_or_else(none));
    differ("priority", a.priority().to_string(), b.priority().to_string());
    differ("tier", a.tier().to_string(), b.tier().to_string());
    let (was, is) = targets(a.clock, b.clock);
    differ("target", was, is);
    let zone = new.side.agreement.zone;
    let wall = |at: Option<crate::time::Instant>| at.map_or_else(none, |at| at.wall(zone));
    differ("start", wall(Some(a.clock.started_at)), wall(Some(b.clock.started_at)));
    differ("stop", wall(a.clock.stopped_at), wall(b.clock.stopped_at));
    differ("cancellation", wall(a.clock.cancelled_at), wall(b.clock.cancelled_at));
    reasons.extend(pauses(a, b));
    reasons.extend(hours(a.calendar(old), b.calendar(new)));
    if reasons.is_empty() {
        reasons.push(counted(a.clock, b.clock));
    }
    reasons
}

/// Both targets as written; with their counted time where the same words come to different times.
fn targets(a: &Outcome, b: &Outcome) -> (String, String) {
    if a.target_ms == b.target_ms {
        return (String::new(), String::new());
    }
    let words = |clock: &Outcome| {
        if a.target_words == b.target_words {
            format!("{} ({} counted)", clock.target_words, spell(clock.target_ms))
        } else {
            clock.target_words.clone()
        }
    };
    (words(a), words(b))
}

/// The pauses that held for another time.
fn pauses(a: Found<'_>, b: Found<'_>) -> Option<Reason> {
    let (was, is) = (a.pauses(), b.pauses());
    if was == is && a.clock.paused_ms == b.clock.paused_ms {
        return None;
    }
    let mut named: Vec<&str> = was.keys().chain(is.keys()).copied().collect();
    named.sort_unstable();
    named.dedup();
    let changed = named.into_iter().filter(|words| was.get(words) != is.get(words)).map(|words| format!("`{words}`"));
    let changed: Vec<String> = changed.collect();
    let by = if changed.is_empty() { String::new() } else { format!(" by {}", changed.join(", ")) };
    let words = format!("pauses {} → {}{by}", spell(a.clock.paused_ms), spell(b.clock.paused_ms));
    Some(Reason { kind: "pauses", words })
}

/// Another calendar, or other hours in one of the same name.
fn hours(a: Option<&NamedCalendar>, b: Option<&NamedCalendar>) -> Option<Reason> {
    let (a, b) = (a?, b?);
    if a.name != b.name {
        return Some(Reason { kind: "hours", words: format!("hours {} → {}", a.name, b.name) });
    }
    let words = format!("hours {}, which says something else", a.name);
    (a.spec != b.spec).then_some(Reason { kind: "hours", words })
}

/// Nothing else differs: how time counts up to the verdict.
fn counted(a: &Outcome, b: &Outcome) -> Reason {
    if a.elapsed_ms == b.elapsed_ms {
        let words = "a target that is reached exactly counts otherwise (`strictly within`)".to_string();
        return Reason { kind: "limit", words };
    }
    let words = format!("counted time {} → {}", spell(a.elapsed_ms), spell(b.elapsed_ms));
    Reason { kind: "counted time", words }
}
