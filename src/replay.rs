//! A log run through every agreement of a plan, cut over threads by ticket.

use rayon::prelude::*;

use crate::engine::{self, Calendars, Context, Fits, TicketRun};
use crate::outcome::{Judged, Outcomes};
use crate::plan::Plan;
use crate::plugin::Failed;
use crate::ticket::{EventId, Fact, Log, Names, Ticket};
use crate::time::Instant;

/// What a log comes to, before any money.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replay {
    /// By agreement, as the plan orders them.
    pub outcomes: Vec<Outcomes>,
    /// Tickets that fit no agreement, by their place in the log.
    pub unmatched: Vec<usize>,
    /// Tickets that would fit one more agreement: ticket, the agreement passed over, the one that judged.
    pub matched_twice: Vec<(usize, usize, usize)>,
    /// Tickets created after `as of`, which are not looked at.
    pub later: u64,
    /// The first ticket's plugin that had no answer: what came of the log is not to be settled.
    pub failed: Option<Failed>,
}

/// What one ticket comes to.
struct OfTicket {
    fits: Fits,
    judged: Vec<(usize, Judged)>,
    later: bool,
}

/// Runs every ticket of `log` through the agreements that judge it, up to `as_of`.
///
/// `names` holds the texts of the plan and of the log. The result is the same for any number of threads.
pub fn replay(plan: &Plan, calendars: &Calendars, names: &Names, log: &Log, as_of: Instant) -> Replay {
    let contexts: Vec<Vec<Context<'_>>> = plan
        .agreements
        .iter()
        .map(|agreement| {
            let versions = agreement.versions.iter();
            versions.map(|version| Context::new(plan, names, agreement, version, calendars)).collect()
        })
        .collect();
    let created = plan.vocabulary.event_id("created");
    let tickets = log.tickets.par_iter().enumerate();
    let results: Vec<OfTicket> =
        tickets.map(|(place, ticket)| run(plan, &contexts, names, created, place, ticket, as_of)).collect();
    gather(plan, results)
}

fn run(
    plan: &Plan,
    contexts: &[Vec<Context<'_>>],
    names: &Names,
    created: Option<EventId>,
    place: usize,
    ticket: &Ticket,
    as_of: Instant,
) -> OfTicket {
    let known = ticket.facts.partition_point(|fact| fact.at <= as_of);
    let facts = ticket.facts.get(..known).unwrap_or_default();
    if !facts.iter().any(|fact| fact.event.is_some() && fact.event == created) {
        return OfTicket { fits: Fits::default(), judged: Vec::new(), later: true };
    }
    let fits = engine::fits(plan, names, created, ticket);
    let judged = fits.judges.iter().filter_map(|fit| {
        let context = contexts.get(fit.agreement)?.get(fit.version)?;
        Some((fit.agreement, judge(context, names, facts, place, ticket, fit.version, as_of)))
    });
    let judged = judged.collect();
    OfTicket { fits, judged, later: false }
}

fn judge(
    context: &Context<'_>,
    names: &Names,
    facts: &[Fact],
    place: usize,
    ticket: &Ticket,
    version: usize,
    as_of: Instant,
) -> Judged {
    let mut run = TicketRun::new(context, names, ticket.id.clone());
    facts.iter().for_each(|fact| run.apply(fact));
    run.finish(place, version, as_of)
}

fn gather(plan: &Plan, results: Vec<OfTicket>) -> Replay {
    let mut replay = Replay { outcomes: vec![Outcomes::default(); plan.agreements.len()], ..Replay::default() };
    for (place, result) in results.into_iter().enumerate() {
        if result.later {
            replay.later += 1;
            continue;
        }
        if result.judged.is_empty() {
            replay.unmatched.push(place);
        }
        let passed = result.fits.passed_over.into_iter();
        replay.matched_twice.extend(passed.map(|(over, by)| (place, over, by)));
        for (agreement, mut judged) in result.judged {
            replay.failed = replay.failed.or(judged.failed.take());
            if let Some(outcomes) = replay.outcomes.get_mut(agreement) {
                outcomes.tickets.push(judged);
            }
        }
    }
    replay
}
