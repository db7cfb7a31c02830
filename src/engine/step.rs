//! Escalation steps of one clock: when the next one fires.

use num_traits::ToPrimitive;

use crate::clock::{Clock, Phase};
use crate::money::{Fraction, whole};
use crate::plan::CalendarId;
use crate::plan::metric::{Step, StepAt};
use crate::time::{Instant, Millis};

use super::Context;

/// A clock as its steps see it.
pub(super) struct Seen<'a, 'p> {
    pub context: &'a Context<'p>,
    pub clock: &'a Clock,
    /// The calendar on which it counts.
    pub calendar: CalendarId,
    pub breached_at: Option<Instant>,
}

/// When `step`, which has fired `fired` times, fires next, as far as is known.
pub(super) fn next(seen: &Seen<'_, '_>, step: &Step, fired: u32) -> Option<Instant> {
    match &step.at {
        StepAt::Every { every, calendar, at_most } => {
            let over = at_most.is_some_and(|most| most <= fired);
            if over { None } else { again(seen, *every, *calendar, i64::from(fired) + 1) }
        }
        _ if fired > 0 => None,
        StepAt::Share(share) => reached(seen, share_of(share, budget(seen)?)),
        StepAt::Before(left) => reached(seen, budget(seen)?.saturating_sub(*left)),
        StepAt::BeforeIn(left, calendar) => foreseen(seen, *left, *calendar),
        StepAt::Breach => seen.breached_at,
        StepAt::After(late) => after(seen, *late),
        StepAt::AfterIn(late, calendar) => later(seen, *late, *calendar),
    }
}

fn budget(seen: &Seen<'_, '_>) -> Option<Millis> {
    seen.clock.budget().map(|budget| budget.millis)
}

/// The least whole millisecond that is not below the share.
fn share_of(share: &Fraction, millis: Millis) -> Millis {
    (share * whole(millis)).ceil().to_integer().to_i64().unwrap_or(i64::MAX)
}

/// The instant at which counted time reaches `millis`. All of the target is reached when the clock is due.
fn reached(seen: &Seen<'_, '_>, millis: Millis) -> Option<Instant> {
    if budget(seen) == Some(millis) && seen.clock.phase() == Phase::Running {
        return seen.clock.due().map(|due| due.max(seen.clock.since()));
    }
    seen.clock.reaches(seen.context.calendar(seen.calendar), millis)
}

fn after(seen: &Seen<'_, '_>, late: Millis) -> Option<Instant> {
    let breached_at = seen.breached_at?;
    reached(seen, budget(seen)?.saturating_add(late)).map(|at| at.max(breached_at))
}

/// So long before the foreseen breach; at once where that is past.
fn foreseen(seen: &Seen<'_, '_>, left: Millis, calendar: CalendarId) -> Option<Instant> {
    let brink = seen.clock.brink()?;
    let calendar = seen.context.calendar(calendar);
    calendar.earliest(calendar.count(brink).saturating_sub(left)).map(|at| at.max(seen.clock.since()))
}

/// So long after the breach on another calendar, as long as the clock is not stopped.
fn later(seen: &Seen<'_, '_>, late: Millis, calendar: CalendarId) -> Option<Instant> {
    let breached_at = seen.breached_at?;
    let alive = seen.clock.phase() != Phase::Stopped;
    let calendar = seen.context.calendar(calendar);
    let at = calendar.earliest(calendar.count(breached_at).saturating_add(late))?;
    alive.then_some(at)
}

fn again(seen: &Seen<'_, '_>, every: Millis, calendar: Option<CalendarId>, times: i64) -> Option<Instant> {
    let late = every.saturating_mul(times);
    match calendar {
        None => after(seen, late),
        Some(calendar) => later(seen, late, calendar),
    }
}
