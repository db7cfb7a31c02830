//! Clocks that end otherwise on the other side.

use std::collections::BTreeMap;

use crate::outcome::{Outcome, Status};

use super::reason::{self, Found};
use super::{Clock, Flip, Flips, Settled};

/// A clock's ticket, metric and cycle.
type Key<'a> = (&'a [u8], &'a str, u32);

/// Every clock of both sides, by what came of it.
pub fn flips(old: Settled<'_>, new: Settled<'_>) -> Flips {
    let (before, after) = (clocks(old), clocks(new));
    let mut keys: Vec<&Key<'_>> = before.keys().chain(after.keys()).collect();
    keys.sort();
    keys.dedup();
    let mut flips = Flips::default();
    for key in keys {
        let (a, b) = (before.get(key), after.get(key));
        let (was, is) = (a.map(|found| clock(*found)), b.map(|found| clock(*found)));
        let verdict = |clock: &Option<Clock>| clock.as_ref().map(|clock| clock.status);
        let late = |clock: &Option<Clock>| clock.as_ref().map(|clock| clock.late_ms);
        let is_breached = verdict(&was) == Some(Some(Status::Breached));
        let list = match verdict(&was) == verdict(&is) {
            false => &mut flips.flipped,
            true if is_breached && late(&was) != late(&is) => &mut flips.later_or_sooner,
            true => {
                flips.alike += 1;
                continue;
            }
        };
        let (ticket, metric, cycle) = *key;
        list.push(Flip {
            ticket: String::from_utf8_lossy(ticket).into_owned(),
            metric: metric.to_string(),
            cycle,
            reasons: reason::reasons((old, a.copied()), (new, b.copied()), ticket, metric),
            old: was,
            new: is,
        });
    }
    flips
}

fn clocks<'a>(settled: Settled<'a>) -> BTreeMap<Key<'a>, Found<'a>> {
    let mut clocks = BTreeMap::new();
    for ticket in &settled.outcomes.tickets {
        let Some(version) = settled.side.agreement.versions.get(ticket.version) else { continue };
        for clock in &ticket.clocks {
            let Some(metric) = version.metrics.get(usize::from(clock.metric.0)) else { continue };
            let key = (ticket.id.as_bytes(), metric.name.as_str(), clock.cycle);
            clocks.insert(key, Found { ticket, version, metric, clock });
        }
    }
    clocks
}

fn clock(found: Found<'_>) -> Clock {
    let Found { ticket, version, clock, .. } = found;
    let Outcome { status, target_ms, elapsed_ms, paused_ms, late_ms, .. } = *clock;
    Clock {
        status: ticket.excluded.is_none().then_some(status),
        version: version.label.clone(),
        tier: version.tier(ticket.last.tier).map(|tier| tier.name.clone()),
        priority: version.priority(ticket.last.priority).map(str::to_string),
        target: clock.target_words.clone(),
        target_ms,
        elapsed_ms,
        paused_ms,
        late_ms,
        started_at: clock.started_at,
        stopped_at: clock.stopped_at,
        breached_at: clock.breached_at,
    }
}
