//! A log run through every agreement of a plan, cut over threads by ticket.

use rayon::prelude::*;

use crate::condition::{self, View};
use crate::engine::{self, Calendars, Context, Fits, TicketRun};
use crate::outcome::{Judged, Outcomes};
use crate::plan::condition::Condition;
use crate::plan::supplier::{Supplier, SupplierKey};
use crate::plan::{Agreement, Plan};
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
    judged: Vec<(usize, OfAgreement)>,
    later: bool,
}

/// What a ticket comes to under an agreement, and under those of the suppliers that cover it.
struct OfAgreement {
    judged: Judged,
    suppliers: Vec<(SupplierKey, OfAgreement)>,
}

/// An agreement ready to judge tickets, by its versions.
struct Bench<'p> {
    agreement: &'p Agreement,
    versions: Vec<BenchVersion<'p>>,
}

struct BenchVersion<'p> {
    context: Context<'p>,
    suppliers: Vec<(&'p Supplier, Bench<'p>)>,
}

impl<'p> Bench<'p> {
    fn new(plan: &'p Plan, calendars: &'p Calendars, names: &Names, agreement: &'p Agreement) -> Bench<'p> {
        let versions = agreement.versions.iter().map(|version| {
            let suppliers = version.suppliers.iter();
            BenchVersion {
                context: Context::new(plan, names, agreement, version, calendars),
                suppliers: suppliers
                    .map(|supplier| (supplier, Bench::new(plan, calendars, names, &supplier.agreement)))
                    .collect(),
            }
        });
        Bench { agreement, versions: versions.collect() }
    }

    /// Judges a ticket by one version, and by the agreements of the suppliers that cover it as it was last.
    fn judge(&self, version: usize, case: Case<'_>) -> Option<OfAgreement> {
        let BenchVersion { context, suppliers } = self.versions.get(version)?;
        let mut run = TicketRun::new(context, case.names, case.ticket.id.clone());
        case.facts.iter().for_each(|fact| run.apply(fact));
        let judged = run.finish(case.place, version, case.as_of);
        let terms = self.agreement.versions.get(version)?;
        let covering = suppliers.iter().filter(|(supplier, _)| {
            let holds = |covers: &Condition| condition::holds(&covers.test, &View::of(case.names, terms, &judged.last));
            supplier.covers.as_ref().is_none_or(holds)
        });
        let suppliers = covering.filter_map(|(supplier, bench)| {
            let version = engine::fit(bench.agreement, case.names, case.created, case.ticket)?;
            Some((supplier.key(), bench.judge(version, case)?))
        });
        let suppliers = suppliers.collect();
        Some(OfAgreement { judged, suppliers })
    }
}

/// One ticket as far as it is known.
#[derive(Clone, Copy)]
struct Case<'a> {
    names: &'a Names,
    created: Option<EventId>,
    ticket: &'a Ticket,
    /// Its facts up to `as_of`.
    facts: &'a [Fact],
    place: usize,
    as_of: Instant,
}

/// Runs every ticket of `log` through the agreements that judge it, up to `as_of`.
///
/// `names` holds the texts of the plan and of the log. The result is the same for any number of threads.
pub fn replay(plan: &Plan, calendars: &Calendars, names: &Names, log: &Log, as_of: Instant) -> Replay {
    let benches: Vec<Bench<'_>> =
        plan.agreements.iter().map(|agreement| Bench::new(plan, calendars, names, agreement)).collect();
    let created = plan.vocabulary.event_id("created");
    let tickets = log.tickets.par_iter().enumerate();
    let results: Vec<OfTicket> =
        tickets.map(|(place, ticket)| run(plan, &benches, names, created, place, ticket, as_of)).collect();
    gather(plan, results)
}

fn run(
    plan: &Plan,
    benches: &[Bench<'_>],
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
        let case = Case { names, created, ticket, facts, place, as_of };
        Some((fit.agreement, benches.get(fit.agreement)?.judge(fit.version, case)?))
    });
    let judged = judged.collect();
    OfTicket { fits, judged, later: false }
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
        for (agreement, judged) in result.judged {
            if let Some(outcomes) = replay.outcomes.get_mut(agreement) {
                add(outcomes, judged, &mut replay.failed);
            }
        }
    }
    replay
}

/// Adds what a ticket came to, and notes the first plugin that had no answer.
fn add(outcomes: &mut Outcomes, of: OfAgreement, failed: &mut Option<Failed>) {
    let OfAgreement { mut judged, suppliers } = of;
    *failed = failed.take().or(judged.failed.take());
    outcomes.tickets.push(judged);
    for (key, of) in suppliers {
        add(outcomes.suppliers.entry(key).or_default(), of, failed);
    }
}
