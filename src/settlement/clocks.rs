//! The clocks of one agreement as clauses see them: which count, in which instant's period, and for whom.

use std::collections::BTreeSet;

use crate::condition::{self, View};
use crate::outcome::{Judged, Outcome, Outcomes, Snapshot, Status};
use crate::plan::condition::Condition;
use crate::plan::metric::{CountedBy, Metric};
use crate::plan::{Agreement, MetricId, Version};
use crate::statement::PeriodSpan;
use crate::ticket::Names;
use crate::time::Instant;

/// One clock that is not excluded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock<'a> {
    pub ticket: &'a Judged,
    pub outcome: &'a Outcome,
    pub metric: &'a Metric,
    pub version: &'a Version,
    /// It counts in the period that holds this instant; none: in none yet.
    pub counts_at: Option<Instant>,
}

impl<'a> Clock<'a> {
    /// The clock as a clause counts it that says so itself.
    pub fn counted(self, by: Option<CountedBy>) -> Clock<'a> {
        match by {
            Some(by) => Clock { counts_at: counts_at(by, self.ticket, self.outcome), ..self },
            None => self,
        }
    }
}

/// All clocks of an agreement, in the order of their tickets.
#[derive(Debug)]
pub(super) struct Clocks<'a> {
    pub all: Vec<Clock<'a>>,
    /// Tickets that are not excluded, with their versions.
    tickets: Vec<(&'a Version, &'a Judged)>,
    names: &'a Names,
}

impl<'a> Clocks<'a> {
    pub fn new(agreement: &'a Agreement, outcomes: &'a Outcomes, names: &'a Names) -> Clocks<'a> {
        let counted = outcomes.tickets.iter().filter(|ticket| ticket.excluded.is_none());
        let tickets: Vec<(&Version, &Judged)> =
            counted.filter_map(|ticket| Some((agreement.versions.get(ticket.version)?, ticket))).collect();
        let all = tickets.iter().flat_map(|(version, ticket)| of_ticket(version, ticket));
        Clocks { all: all.collect(), tickets, names }
    }

    /// Tickets that are not excluded, with the versions they go by.
    pub fn tickets(&self) -> impl Iterator<Item = (&'a Version, &'a Judged)> {
        self.tickets.iter().copied()
    }

    /// Whether a condition holds for a ticket, its fields as last known.
    pub fn holds_for(&self, version: &Version, ticket: &Judged, condition: &Condition) -> bool {
        condition::holds(&condition.test, &View::of(self.names, version, &ticket.last))
    }

    /// Whether a condition holds for a clock's ticket, its fields as in `snapshot`.
    pub fn holds(&self, clock: &Clock<'_>, snapshot: &Snapshot, condition: &Condition) -> bool {
        let view = View::of(self.names, clock.version, snapshot);
        condition::holds(&condition.test, &view)
    }

    /// Clocks of a metric that pass a clause's conditions, fields as last known.
    pub fn measured<'c>(
        &'c self,
        metric: &'c str,
        when: Option<&'c Condition>,
        except: Option<&'c Condition>,
    ) -> impl Iterator<Item = &'c Clock<'a>> + use<'a, 'c> {
        self.all.iter().filter(move |clock| clock.metric.name == metric).filter(move |clock| {
            let last = &clock.ticket.last;
            when.is_none_or(|when| self.holds(clock, last, when))
                && !except.is_some_and(|except| self.holds(clock, last, except))
        })
    }
}

/// The clocks of a ticket under the version it goes by.
pub(super) fn of_ticket<'a>(version: &'a Version, ticket: &'a Judged) -> impl Iterator<Item = Clock<'a>> {
    ticket.clocks.iter().filter_map(move |outcome| {
        let metric = version.metrics.get(usize::from(outcome.metric.0))?;
        let counts_at = counts_at(metric.counted_by, ticket, outcome);
        Some(Clock { ticket, outcome, metric, version, counts_at })
    })
}

fn counts_at(by: CountedBy, ticket: &Judged, outcome: &Outcome) -> Option<Instant> {
    match by {
        CountedBy::Outcome => outcome.breached_at.or(outcome.stopped_at),
        CountedBy::Created => Some(ticket.created_at),
        CountedBy::Stopped => outcome.stopped_at,
    }
}

/// A figure of one period before it has a name.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally<'a> {
    pub met: u64,
    pub breached: u64,
    /// Distinct tickets among the decided clocks, by id.
    pub tickets: BTreeSet<&'a str>,
    /// Those of them that have a breach.
    pub breaching: BTreeSet<&'a str>,
}

impl<'a> Tally<'a> {
    /// A tally for each of some periods, which are in time order and do not overlap.
    pub fn by_period<'c>(clocks: impl Iterator<Item = Clock<'a>>, spans: &[PeriodSpan]) -> Vec<Tally<'a>>
    where
        'a: 'c,
    {
        let mut tallies = vec![Tally::default(); spans.len()];
        for clock in clocks {
            let Some(at) = clock.counts_at else { continue };
            let place = spans.partition_point(|span| span.span.end <= at);
            let inside = spans.get(place).is_some_and(|span| span.span.contains(at));
            if let Some(tally) = tallies.get_mut(place).filter(|_| inside) {
                tally.count(&clock);
            }
        }
        tallies
    }

    pub fn count(&mut self, clock: &Clock<'a>) {
        match clock.outcome.status {
            Status::Met => self.met += 1,
            Status::Breached => {
                self.breached += 1;
                self.breaching.insert(&clock.ticket.id);
            }
            Status::Running | Status::Cancelled => return,
        }
        self.tickets.insert(&clock.ticket.id);
    }

    pub fn decided(&self) -> u64 {
        self.met + self.breached
    }
}

/// The name of a version's metric.
pub(super) fn metric_name(version: &Version, id: MetricId) -> &str {
    version.metrics.get(usize::from(id.0)).map_or("", |metric| &metric.name)
}
