//! Outages as tickets tell them: a service is down while the clocks of a ticket run.

use crate::outcome::{Cause, Judged};
use crate::plan::condition::Condition;
use crate::time::Interval;

use super::downtime::{Downtimes, WholeOutage};

impl Downtimes<'_> {
    /// The outages that tickets tell which are not excluded and for which `when` holds, fields as last known.
    pub(super) fn told_by_tickets(&self, when: Option<&Condition>) -> Vec<WholeOutage> {
        let counted = self.clocks.tickets().filter(|(version, ticket)| {
            ticket.created_at < self.as_of && when.is_none_or(|when| self.clocks.holds_for(version, ticket, when))
        });
        counted.flat_map(|(_, ticket)| of_ticket(ticket)).collect()
    }
}

/// While one of a ticket's clocks has started and is not stopped. So the time between a stop and a reopening is none, and a
/// pause is some: the service is not up because somebody waits.
fn of_ticket(ticket: &Judged) -> Vec<WholeOutage> {
    let stretches = ticket.clocks.iter().flat_map(|clock| &clock.stretches);
    let mut down: Vec<Interval> =
        stretches.filter(|stretch| stretch.cause != Cause::Stopped).map(|stretch| stretch.span).collect();
    down.sort_by_key(|span| (span.start, span.end));
    let outages = down.into_iter().filter(|span| !span.is_empty()).map(|span| WholeOutage {
        span,
        since: span.start,
        fields: ticket.last.fields.clone(),
        tickets: vec![ticket.id.clone()],
    });
    outages.collect()
}
