//! What the facts lack: months that nobody charged, maintenance that nobody announced.

use crate::calendar::ClosedTime;
use crate::engine::Calendars;
use crate::plan::Agreement;
use crate::plan::clause::Period;
use crate::statement::{Unannounced, Uncharged};
use crate::time::Interval;

use super::Scope;
use super::fee::Fees;

/// Maintenance windows that began between the first fact and the last, and do not count for every clock.
pub(super) fn unannounced(
    agreement: &Agreement,
    calendars: &Calendars,
    seen: Option<Interval>,
    scope: &Scope,
) -> Vec<Unannounced> {
    let Some(seen) = seen else { return Vec::new() };
    let begun = |time: &ClosedTime| {
        let start = time.interval().start;
        seen.start < time.interval().end && start < seen.end && scope.shows_day(start.local(agreement.zone).date())
    };
    let mut found = Vec::new();
    for (at, version) in agreement.versions.iter().enumerate() {
        for closed in &version.closed {
            let in_force = |time: &&ClosedTime| agreement.version_at(time.interval().start) == at;
            for time in closed.times.iter().filter(|time| !time.is_closed() && begun(time)).filter(in_force) {
                let span = time.interval();
                let because = time.announced.as_ref().map_or(String::new(), |announced| announced.words(span.start));
                let counts = version.services.iter().filter(|service| {
                    let calendar = calendars.get(service.counted);
                    calendar.closes(time)
                });
                let counts_for = counts.map(|service| service.name.clone()).collect();
                found.push(Unannounced { place: closed.place.clone(), span, because, counts_for });
            }
        }
    }
    found
}

/// The months of the agreement, from the first fact to the last, for which nothing is charged.
pub(super) fn uncharged(fees: Fees<'_>, seen: Option<Interval>, scope: &Scope) -> Vec<Uncharged> {
    let Some(seen) = seen.map(|seen| seen.and(fees.agreement.effective.span)).filter(|seen| !seen.is_empty()) else {
        return Vec::new();
    };
    let months = fees.cutter.range(Period::Month, seen.start, seen.end.plus(-1)).into_iter();
    let shown = months.filter(|month| scope.shows(month));
    let missing = shown.flat_map(|month| {
        let services = fees.uncharged(&month).into_iter();
        services.map(move |service| Uncharged { month: month.clone(), service }).collect::<Vec<_>>()
    });
    missing.collect()
}
