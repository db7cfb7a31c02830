//! Which clauses, bands, pauses and steps the tests of an agreement reached.

use std::collections::BTreeSet;

use num_traits::Zero;

use crate::outcome::{Cause, Judged, Outcomes};
use crate::plan::clause::Subject;
use crate::plan::{Agreement, Place, Version};
use crate::statement::Statement;

use super::Report;

/// What the tests of one agreement reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The agreement's name.
    pub agreement: String,
    /// Everything that a test can reach, in the order of the plan.
    pub items: Vec<Item>,
}

/// Something that a test can reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// `clause`, `band`, `consequence`, `pause` or `step`.
    pub kind: &'static str,
    /// Where it stands.
    pub place: Place,
    /// Whether a test did.
    pub reached: bool,
}

/// What the reports of an agreement's tests reached together.
pub fn coverage(agreement: &Agreement, reports: &[Report]) -> Coverage {
    let own = reports.iter().filter(|report| report.agreement == agreement.name);
    let reached: BTreeSet<&String> = own.flat_map(|report| &report.reached).collect();
    let mut items: Vec<Item> = Vec::new();
    for (kind, place) in agreement.versions.iter().flat_map(reachable) {
        // What several versions have is written once.
        if !items.iter().any(|known| known.kind == kind && known.place == *place) {
            items.push(Item { kind, place: place.clone(), reached: reached.contains(&place.at) });
        }
    }
    Coverage { agreement: agreement.name.clone(), items }
}

fn reachable(version: &Version) -> Vec<(&'static str, &Place)> {
    let mut items = Vec::new();
    for clause in &version.clauses {
        items.push(("clause", &clause.place));
        if let Subject::Figure { bands, .. } = &clause.subject {
            items.extend(bands.iter().map(|band| ("band", &band.place)));
        }
    }
    let rungs = version.ladders.iter().flat_map(|ladder| &ladder.rungs);
    items.extend(rungs.map(|rung| ("consequence", &rung.place)));
    items.extend(version.metrics.iter().flat_map(|metric| &metric.pauses).map(|pause| ("pause", &pause.place)));
    items.extend(version.escalations.iter().flat_map(|escalation| &escalation.steps).map(|step| ("step", &step.place)));
    items
}

/// The places that one history reached: clauses and bands that paid something, pauses that held, steps that fired.
pub(super) fn reached(agreement: &Agreement, outcomes: &Outcomes, statement: &Statement) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    for line in statement.ledger.iter().chain(&statement.points).filter(|line| !line.computed.is_zero()) {
        reached.insert(line.place.at.clone());
        reached.extend(line.band.iter().map(|band| band.at.clone()));
    }
    let longer = statement.extensions.iter().flat_map(|extension| &extension.reached);
    reached.extend(longer.map(|place| place.at.clone()));
    reached.extend(statement.consequences.iter().map(|consequence| consequence.step_place.at.clone()));
    for ticket in &outcomes.tickets {
        if let Some(version) = agreement.versions.get(ticket.version) {
            of_ticket(version, ticket, &mut reached);
        }
    }
    reached
}

fn of_ticket(version: &Version, ticket: &Judged, reached: &mut BTreeSet<String>) {
    for clock in &ticket.clocks {
        let metric = version.metrics.get(usize::from(clock.metric.0));
        let pauses = clock.stretches.iter().filter_map(|stretch| match stretch.cause {
            Cause::Pause(pause) => metric?.pauses.get(usize::from(pause)),
            Cause::Ran | Cause::Stopped => None,
        });
        reached.extend(pauses.map(|pause| pause.place.at.clone()));
    }
    let steps = ticket
        .steps
        .iter()
        .filter_map(|fired| version.escalations.get(usize::from(fired.escalation))?.steps.get(usize::from(fired.step)));
    reached.extend(steps.map(|step| step.place.at.clone()));
}
