//! One ticket under one agreement, from its creation to `as of`.

use crate::condition::{self, View};
use crate::outcome::{Fired, Judged, Snapshot};
use crate::plan::{MetricId, Place, PriorityBy, PriorityId, TierId};
use crate::ticket::{Fact, Names, Symbol};
use crate::time::Instant;

use super::asking::{Asked, Asking};
use super::track::Track;
use super::{Context, Now, Scene};

/// One ticket under one agreement.
///
/// Facts come in time order; [`advance`](TicketRun::advance) lets time pass without any.
#[derive(Debug)]
pub struct TicketRun<'p> {
    context: &'p Context<'p>,
    names: &'p Names,
    fields: Vec<Option<Symbol>>,
    priority: Option<PriorityId>,
    tier: Option<TierId>,
    created_at: Option<Instant>,
    reopened: bool,
    tracks: Vec<Track<'p>>,
    steps: Vec<Fired>,
    asking: Asking,
}

impl<'p> TicketRun<'p> {
    /// A ticket of which nothing but its id is known yet.
    pub fn new(context: &'p Context<'p>, names: &'p Names, id: String) -> TicketRun<'p> {
        let metrics = context.version.metrics.iter().zip(0..);
        TicketRun {
            context,
            names,
            fields: Vec::new(),
            priority: None,
            tier: None,
            created_at: None,
            reopened: false,
            tracks: metrics.map(|(metric, id)| Track::new(MetricId(id), metric)).collect(),
            steps: Vec::new(),
            asking: Asking::new(id),
        }
    }

    /// Applies the next fact. What became due before it is judged first; what is due at its instant, after it.
    pub fn apply(&mut self, fact: &Fact) {
        self.advance(fact.at);
        self.change_fields(fact);
        if fact.event.is_some() && fact.event == self.context.created {
            self.created_at = self.created_at.or(Some(fact.at));
        }
        self.reopened |= fact.event.is_some_and(|event| self.context.reopening.contains(&event));
        self.priority = self.read_priority(fact.at);
        self.tier = self.read_tier();
        self.with_now(fact.at, fact, |scene, tracks, steps| {
            tracks.iter_mut().for_each(|track| track.apply(scene, steps));
        });
    }

    /// Lets time pass up to `at`, whose own facts are still to come.
    pub fn advance(&mut self, at: Instant) {
        let nothing = Fact { at, changes: Vec::new(), event: None };
        self.with_now(at, &nothing, |scene, tracks, steps| {
            tracks.iter_mut().for_each(|track| track.advance(scene, at, steps));
        });
    }

    /// When a step fires or a breach lies, if no fact comes before it.
    pub fn next_due(&self) -> Option<Instant> {
        self.tracks.iter().filter_map(|track| track.next_due(self.context)).min()
    }

    /// Judges the ticket at `as_of`, its facts applied.
    pub fn finish(mut self, place: usize, version: usize, as_of: Instant) -> Judged {
        let tracks = std::mem::take(&mut self.tracks);
        let nothing = Fact { at: as_of, changes: Vec::new(), event: None };
        let mut clocks = Vec::new();
        self.with_now(as_of, &nothing, |scene, _, steps| {
            clocks = tracks.into_iter().flat_map(|track| track.finish(scene, as_of, steps)).collect();
        });
        self.steps
            .sort_by_key(|fired| (fired.metric, fired.cycle, fired.at, fired.escalation, fired.step, fired.action));
        let excluded = self.exclusion();
        let (id, failed) = self.asking.done();
        Judged {
            ticket: place,
            id,
            created_at: self.created_at.unwrap_or(as_of),
            version,
            last: Snapshot { fields: self.fields, priority: self.priority, tier: self.tier },
            clocks,
            steps: self.steps,
            reopened: self.reopened,
            excluded,
            failed,
        }
    }

    fn change_fields(&mut self, fact: &Fact) {
        for change in &fact.changes {
            let place = usize::from(change.field.0);
            if self.fields.len() <= place {
                self.fields.resize(place + 1, None);
            }
            if let Some(field) = self.fields.get_mut(place) {
                *field = change.value;
            }
        }
    }

    fn read_priority(&self, now: Instant) -> Option<PriorityId> {
        let priorities = &self.context.version.priorities;
        match &priorities.by {
            PriorityBy::Nothing => None,
            PriorityBy::Field(field) => {
                let value = self.fields.get(usize::from(field.0)).copied().flatten()?;
                let place = self.context.priorities.iter().position(|name| *name == Some(value))?;
                Some(PriorityId(u16::try_from(place).ok()?))
            }
            PriorityBy::Rules(rules) => {
                let view = self.view(None);
                let mut rules = rules.iter();
                let first = rules.find(|(_, when, _)| {
                    when.as_ref().is_none_or(|condition| condition::holds(&condition.test, &view))
                });
                first.map(|(priority, ..)| *priority)
            }
            PriorityBy::By(call) => {
                let statement = priorities.place.as_ref().map_or("priority", Place::name);
                let created_at = self.created_at.unwrap_or(now);
                let asked = Asked { call, statement, names: self.names, fields: &self.fields, created_at };
                let place = self.asking.priority(asked, &priorities.names)?;
                Some(PriorityId(u16::try_from(place).ok()?))
            }
        }
    }

    fn read_tier(&self) -> Option<TierId> {
        let view = self.view(self.context.priority_symbol(self.priority));
        let mut tiers = self.context.version.tiers.iter();
        let place = tiers
            .position(|tier| tier.when.as_ref().is_none_or(|condition| condition::holds(&condition.test, &view)))?;
        Some(TierId(u16::try_from(place).ok()?))
    }

    fn view(&self, priority: Option<Symbol>) -> View<'_> {
        View { names: self.names, fields: &self.fields, priority, tier: None }
    }

    fn exclusion(&self) -> Option<usize> {
        let priority = self.context.priority_symbol(self.priority);
        let view = View { tier: self.context.tier_symbol(self.tier), ..self.view(priority) };
        let mut exclusions = self.context.version.exclusions.iter();
        exclusions.position(|exclusion| condition::holds(&exclusion.when.test, &view))
    }

    fn with_now(
        &mut self,
        at: Instant,
        fact: &Fact,
        work: impl FnOnce(Scene<'_, 'p>, &mut Vec<Track<'p>>, &mut Vec<Fired>),
    ) {
        let now = Now {
            at,
            event: fact.event,
            names: self.names,
            fields: &self.fields,
            priority: self.priority,
            tier: self.tier,
            priority_symbol: self.context.priority_symbol(self.priority),
            tier_symbol: self.context.tier_symbol(self.tier),
            created_at: self.created_at.unwrap_or(at),
            asking: &self.asking,
        };
        work(Scene { context: self.context, now: &now }, &mut self.tracks, &mut self.steps);
    }
}
