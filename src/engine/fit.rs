//! Which agreements judge a ticket.

use crate::condition::{self, View};
use crate::plan::{Agreement, Plan};
use crate::ticket::{EventId, Names, Symbol, Ticket};
use crate::time::Instant;

/// An agreement that judges a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fit {
    /// The agreement, by its place in the plan.
    pub agreement: usize,
    /// The version in force when the ticket was created.
    pub version: usize,
}

/// Who judges a ticket, and who would as well.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fits {
    /// Those that judge it, in plan order.
    pub judges: Vec<Fit>,
    /// Those that fit too, but may not stand beside one that judges: agreement, and the one that took its place.
    pub passed_over: Vec<(usize, usize)>,
}

/// Who judges `ticket`: every agreement in force at its creation whose `applies when` holds then, of each kind the
/// first in the plan and those that stand `beside` it.
pub fn fits(plan: &Plan, names: &Names, created: Option<EventId>, ticket: &Ticket) -> Fits {
    let Some(creation) = at_creation(created, ticket) else { return Fits::default() };
    let mut fits = Fits::default();
    for (place, agreement) in plan.agreements.iter().enumerate() {
        let Some(version) = version(agreement, names, &creation) else { continue };
        match fits.judges.iter().find(|fit| clashes(plan, agreement, fit.agreement)) {
            Some(fit) => fits.passed_over.push((place, fit.agreement)),
            None => fits.judges.push(Fit { agreement: place, version }),
        }
    }
    fits
}

/// The version by which one agreement judges `ticket`; none where it does not fit.
pub fn fit(agreement: &Agreement, names: &Names, created: Option<EventId>, ticket: &Ticket) -> Option<usize> {
    version(agreement, names, &at_creation(created, ticket)?)
}

fn version(
    agreement: &Agreement,
    names: &Names,
    (created_at, fields): &(Instant, Vec<Option<Symbol>>),
) -> Option<usize> {
    let view = View { names, fields, priority: None, tier: None };
    let in_force = agreement.effective.span.contains(*created_at);
    let applies = agreement.applies.as_ref().is_none_or(|when| condition::holds(&when.test, &view));
    (in_force && applies).then(|| agreement.version_at(*created_at))
}

/// Whether an agreement may not judge a ticket that the one at place `other` judges already.
fn clashes(plan: &Plan, agreement: &Agreement, other: usize) -> bool {
    plan.agreements.get(other).is_some_and(|other| {
        let beside = agreement.beside.contains(&other.name) || other.beside.contains(&agreement.name);
        let share_services = agreement.services.is_empty()
            || other.services.is_empty()
            || agreement.services.iter().any(|service| other.services.contains(service));
        agreement.kind == other.kind && share_services && !beside
    })
}

/// When a ticket was created, and its fields then.
fn at_creation(created: Option<EventId>, ticket: &Ticket) -> Option<(Instant, Vec<Option<Symbol>>)> {
    let mut fields = Vec::new();
    for fact in &ticket.facts {
        for change in &fact.changes {
            let place = usize::from(change.field.0);
            if fields.len() <= place {
                fields.resize(place + 1, None);
            }
            if let Some(field) = fields.get_mut(place) {
                *field = change.value;
            }
        }
        if fact.event.is_some() && fact.event == created {
            return Some((fact.at, fields));
        }
    }
    None
}
