//! The engine: a state machine for each ticket that takes facts in time order. A replay feeds it a file, a live desk a
//! stream: the same code, so the same answer.

mod asking;
mod cycle;
mod fit;
mod pause;
mod run;
mod step;
mod target;
mod track;

use crate::calendar::Calendar;
use crate::condition::{self, View};
use crate::outcome::Snapshot;
use crate::plan::condition::Condition;
use crate::plan::metric::{Metric, Pause, PauseWhen, Step, Trigger};
use crate::plan::{Agreement, CalendarId, MetricId, Plan, PriorityId, TierId, Version};
use crate::ticket::{EventId, Names, Symbol};
use crate::time::Instant;

use asking::{Asked, Asking};
pub use fit::{Fit, Fits, fit, fits};
pub use run::TicketRun;

/// The calendars of a plan, ready for look-ups.
#[derive(Debug)]
pub struct Calendars {
    always: Calendar,
    all: Vec<Calendar>,
}

impl Calendars {
    /// The calendars of `plan`, by their ids.
    pub fn new(plan: &Plan) -> Calendars {
        let all = plan.calendars.iter().map(|named| Calendar::new(named.spec.clone())).collect();
        Calendars { always: Calendar::always(), all }
    }

    /// The calendar with this id.
    pub fn get(&self, id: CalendarId) -> &Calendar {
        self.all.get(usize::from(id.0)).unwrap_or(&self.always)
    }
}

/// One version of one agreement and all it takes to run tickets by it.
#[derive(Debug)]
pub struct Context<'p> {
    agreement: &'p Agreement,
    version: &'p Version,
    calendars: &'p Calendars,
    /// The steps of each metric, in the order written.
    steps: Vec<Vec<MetricStep<'p>>>,
    created: Option<EventId>,
    /// The events that reopen tickets.
    reopening: Vec<EventId>,
    priorities: Vec<Option<Symbol>>,
    tiers: Vec<Option<Symbol>>,
}

/// A step of an escalation, by the metric it belongs to.
#[derive(Debug)]
struct MetricStep<'p> {
    /// The escalation, by its place in the version.
    escalation: u16,
    /// The step, by its place in the escalation.
    place: u16,
    escalation_when: Option<Condition>,
    step: &'p Step,
}

impl<'p> Context<'p> {
    /// All it takes to run tickets by the version at place `version` of an agreement.
    pub fn new(
        plan: &'p Plan,
        names: &Names,
        agreement: &'p Agreement,
        version: &'p Version,
        calendars: &'p Calendars,
    ) -> Context<'p> {
        let symbols = |list: &mut dyn Iterator<Item = &str>| list.map(|name| names.get(name)).collect();
        Context {
            agreement,
            version,
            calendars,
            steps: (0..version.metrics.len()).map(|metric| steps_of(version, metric)).collect(),
            created: plan.vocabulary.event_id("created"),
            reopening: reopening(plan, version),
            priorities: symbols(&mut version.priorities.names.iter().map(String::as_str)),
            tiers: symbols(&mut version.tiers.iter().map(|tier| tier.name.as_str())),
        }
    }

    fn calendar(&self, id: CalendarId) -> &'p Calendar {
        self.calendars.get(id)
    }

    fn steps(&self, id: MetricId) -> &[MetricStep<'p>] {
        self.steps.get(usize::from(id.0)).map_or(&[], Vec::as_slice)
    }

    fn priority_symbol(&self, id: Option<PriorityId>) -> Option<Symbol> {
        self.priorities.get(usize::from(id?.0)).copied().flatten()
    }

    fn tier_symbol(&self, id: Option<TierId>) -> Option<Symbol> {
        self.tiers.get(usize::from(id?.0)).copied().flatten()
    }
}

/// The event `reopened`, and what the metrics' `reopens on` lines name.
fn reopening(plan: &Plan, version: &Version) -> Vec<EventId> {
    let named = version.metrics.iter().filter_map(|metric| metric.reopens.as_ref()).flat_map(|reopen| &reopen.on);
    named.map(|trigger| trigger.event).chain(plan.vocabulary.event_id("reopened")).collect()
}

fn steps_of(version: &Version, metric: usize) -> Vec<MetricStep<'_>> {
    let number = |place: usize| u16::try_from(place).unwrap_or(u16::MAX);
    let escalations = version.escalations.iter().enumerate();
    let of_metric = escalations.filter(|(_, escalation)| usize::from(escalation.metric.0) == metric);
    of_metric
        .flat_map(|(at, escalation)| {
            escalation.steps.iter().enumerate().map(move |(place, step)| MetricStep {
                escalation: number(at),
                place: number(place),
                escalation_when: escalation.when.clone(),
                step,
            })
        })
        .collect()
}

/// A ticket at one instant, its fields as of the fact that is being applied.
struct Now<'a> {
    at: Instant,
    /// The event of the fact; none where only fields change, or time passes.
    event: Option<EventId>,
    names: &'a Names,
    fields: &'a [Option<Symbol>],
    priority: Option<PriorityId>,
    tier: Option<TierId>,
    priority_symbol: Option<Symbol>,
    tier_symbol: Option<Symbol>,
    created_at: Instant,
    asking: &'a Asking,
}

impl Now<'_> {
    fn holds(&self, condition: &Condition) -> bool {
        let view =
            View { names: self.names, fields: self.fields, priority: self.priority_symbol, tier: self.tier_symbol };
        condition::holds(&condition.test, &view)
    }

    /// Whether the state is one in which a metric pauses.
    fn pauses(&self, metric: &Metric, pause: &Pause) -> bool {
        match &pause.when {
            PauseWhen::Holds(condition) => self.holds(condition),
            PauseWhen::By(call) => self.asking.pause(Asked {
                call,
                statement: pause.place.within(&metric.place).name(),
                names: self.names,
                fields: self.fields,
                created_at: self.created_at,
            }),
        }
    }

    fn fires(&self, trigger: &Trigger) -> bool {
        self.event == Some(trigger.event) && trigger.when.as_ref().is_none_or(|condition| self.holds(condition))
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot { fields: self.fields.to_vec(), priority: self.priority, tier: self.tier }
    }
}

/// Where and when: what every part of the engine looks at.
#[derive(Clone, Copy)]
struct Scene<'a, 'p> {
    context: &'a Context<'p>,
    now: &'a Now<'a>,
}
