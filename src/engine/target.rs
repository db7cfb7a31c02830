//! From a target in the plan to a budget of counted milliseconds.

use crate::clock::Budget;
use crate::plan::metric::{Metric, Target, TargetForm};
use crate::plan::{MetricId, PriorityId, TierId, Version};
use crate::time::{Instant, Millis};

use super::Context;

/// The target of a metric in a tier for a priority: the tier's, or the metric's own where no tier names one.
pub(super) fn find<'p>(
    version: &'p Version,
    id: MetricId,
    metric: &'p Metric,
    tier: Option<TierId>,
    priority: Option<PriorityId>,
) -> Option<&'p Target> {
    let table = version.tier(tier).and_then(|tier| tier.targets.iter().find(|table| table.metric == id));
    let Some(table) = table else { return metric.target.as_ref() };
    let named = priority.and_then(|priority| table.by_priority.iter().find(|(known, _)| *known == priority));
    match named {
        Some((_, target)) => target.as_ref(),
        None => table.any.as_ref(),
    }
}

/// The budget of a clock that starts at `start` with this target; none where its calendar never opens again.
pub(super) fn budget(context: &Context<'_>, target: &Target, start: Instant) -> Option<Budget> {
    let strict = target.strict;
    if let TargetForm::Duration(millis) = target.form {
        return Some(Budget { millis, strict, deadline: None });
    }
    let deadline = deadline(context, target, start)?;
    let millis = if deadline <= start { 0 } else { context.calendar(target.calendar).open_between(start, deadline) };
    Some(Budget { millis, strict, deadline: Some(deadline) })
}

/// The instant that a target in service days, or a deadline, names.
fn deadline(context: &Context<'_>, target: &Target, start: Instant) -> Option<Instant> {
    let zone = context.agreement.zone;
    let calendar = context.calendar(target.calendar);
    let after = |millis: Millis| calendar.earliest(calendar.count(start).saturating_add(millis));
    match target.form {
        TargetForm::Duration(millis) => after(millis),
        TargetForm::Moved(millis, to) => context.calendar(to).moved_to_next_service_day(after(millis)?, zone),
        TargetForm::ServiceDays(days) => calendar.service_days(start, days, zone),
        TargetForm::EndOfServiceDay(nth) => calendar.end_of_service_day(start, nth, zone),
        TargetForm::TimeOnServiceDay(nth, time) => calendar.time_on_service_day(start, nth, time, zone),
    }
}

/// A length as open milliseconds of its calendar, from `start` on.
pub(super) fn open_millis(context: &Context<'_>, length: &Target, start: Instant) -> Option<Millis> {
    budget(context, length, start).map(|budget| budget.millis)
}
