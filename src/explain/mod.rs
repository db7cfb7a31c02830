//! Why a ticket's clocks stand as they do: running, paused and closed time, each with the clause behind it.

mod timeline;

use crate::calendar::Calendar;
use crate::condition::{self, View};
use crate::engine::Calendars;
use crate::outcome::{Judged, Outcome, Status};
use crate::plan::{Agreement, CalendarId, NamedCalendar, Plan, PriorityBy, Version};
use crate::statement::{Consequence, Line, Statement};
use crate::ticket::{Log, Names, Ticket};
use crate::time::{Instant, Interval, Millis};

/// One ticket under one agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The ticket's id.
    pub ticket: String,
    /// The agreement's name.
    pub agreement: String,
    /// The version in force when it was created.
    pub version: String,
    /// Why it is that one; none: there is no other.
    pub in_force: Option<InForce>,
    /// Its tier as last known, and where that stands.
    pub tier: Option<Named>,
    /// Its priority as last known, and where that is declared.
    pub priority: Option<Named>,
    /// What takes it out of every measure and clause.
    pub excluded: Option<Named>,
    /// What the log says of it, in time order.
    pub facts: Vec<FactLine>,
    /// Its clocks.
    pub clocks: Vec<ClockLine>,
    /// The ledger lines that it is behind.
    pub lines: Vec<Line>,
    /// What it helped to reach besides money.
    pub consequences: Vec<Consequence>,
}

/// When a version is in force, and why a ticket goes by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// Its first instant; none: it is the agreement as signed.
    pub from: Option<Instant>,
    /// The first instant of the next version; none: it is the last.
    pub until: Option<Instant>,
    /// Where the amendments stand that begin with it.
    pub places: Vec<String>,
    /// When the ticket was created.
    pub created_at: Instant,
}

/// A name and the place in the contract it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name, or the statement's words.
    pub name: String,
    /// The mark, or the place in the file.
    pub place: String,
}

/// A fact of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactLine {
    /// When.
    pub at: Instant,
    /// Changed fields and the event, in words.
    pub words: String,
}

/// One clock with all it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockLine {
    /// The metric and its place.
    pub metric: Named,
    /// From one.
    pub cycle: u32,
    /// How it stands.
    pub status: Status,
    /// The target as written.
    pub target: String,
    /// The target in counted milliseconds.
    pub target_ms: Millis,
    /// The calendar's name.
    pub calendar: String,
    /// Counted time in milliseconds.
    pub elapsed_ms: Millis,
    /// Service time that pauses took, in milliseconds.
    pub paused_ms: Millis,
    /// When the target is used up.
    pub due_at: Option<Instant>,
    /// When it was breached.
    pub breached_at: Option<Instant>,
    /// When it stopped.
    pub stopped_at: Option<Instant>,
    /// Counted time over the target, in milliseconds.
    pub late_ms: Millis,
    /// What it did, without gaps.
    pub spans: Vec<SpanLine>,
    /// Steps that fired.
    pub steps: Vec<StepLine>,
}

/// What a clock did in a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// It counted.
    Running,
    /// A pause held.
    Paused,
    /// Its calendar was closed.
    Closed,
    /// It was stopped, and the time does not count.
    Stopped,
}

impl Doing {
    /// The word in files and messages.
    pub fn word(self) -> &'static str {
        match self {
            Doing::Running => "running",
            Doing::Paused => "paused",
            Doing::Closed => "closed",
            Doing::Stopped => "stopped",
        }
    }
}

/// A stretch of a clock's life and what is behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanLine {
    /// From when to when.
    pub span: Interval,
    /// What it did.
    pub doing: Doing,
    /// Counted time after it, in milliseconds.
    pub counted_ms: Millis,
    /// The statement or calendar behind it, in words.
    pub because: String,
    /// Where that stands; none for a calendar whose hours have no mark of their own.
    pub place: Option<String>,
    /// The fact that set a pause, in words: its event and the fields that changed with it.
    pub set_by: Option<String>,
}

/// A step that fired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepLine {
    /// When.
    pub at: Instant,
    /// As written, such as `at 50%`.
    pub step: String,
    /// What was announced.
    pub action: String,
    /// To whom or what.
    pub text: String,
    /// Its mark, else that of its escalation, else the line of the step.
    pub place: String,
}

/// What explanations are made from.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The plan of the run.
    pub plan: &'a Plan,
    /// Its calendars, ready for look-ups.
    pub calendars: &'a Calendars,
    /// The texts of plan and log.
    pub names: &'a Names,
    /// What was read.
    pub log: &'a Log,
}

impl<'a> Ground<'a> {
    /// Explains a judged ticket. `statement` is the agreement's.
    pub fn explain(&self, agreement: &'a Agreement, ticket: &Judged, statement: &Statement) -> Option<Explanation> {
        let version = agreement.versions.get(ticket.version)?;
        let lines = statement.ledger.iter().chain(&statement.provisional);
        let excluded = ticket.excluded.and_then(|at| version.exclusions.get(at));
        Some(Explanation {
            ticket: ticket.id.clone(),
            agreement: agreement.name.clone(),
            version: version.label.clone(),
            in_force: in_force(agreement, ticket),
            tier: tier(version, ticket),
            priority: self.priority(version, ticket),
            excluded: excluded.map(|exclusion| named(&exclusion.place.words, &exclusion.place)),
            facts: self.log.tickets.get(ticket.ticket).map(|ticket| self.facts(ticket)).unwrap_or_default(),
            clocks: ticket.clocks.iter().filter_map(|clock| self.clock(version, ticket, clock)).collect(),
            lines: lines.filter(|line| line.tickets.contains(&ticket.id)).cloned().collect(),
            consequences: statement
                .consequences
                .iter()
                .filter(|one| one.tickets.contains(&ticket.id))
                .cloned()
                .collect(),
        })
    }

    /// The priority as last known; its place is that of the rule that gives it, where the rule has a mark of its own.
    fn priority(&self, version: &Version, ticket: &Judged) -> Option<Named> {
        let name = version.priority(ticket.last.priority)?;
        let view = View::of(self.names, version, &ticket.last);
        let rule = match &version.priorities.by {
            PriorityBy::Rules(rules) => rules.iter().find_map(|(_, when, place)| {
                let holds = when.as_ref().is_none_or(|when| condition::holds(&when.test, &view));
                holds.then_some(place)
            }),
            PriorityBy::Nothing | PriorityBy::Field(_) | PriorityBy::By(_) => None,
        };
        let place = rule.filter(|place| place.mark.is_some()).or(version.priorities.place.as_ref())?;
        Some(named(name, place))
    }

    /// What says the hours on which a clock counts, where that has a mark of its own.
    fn hours_mark(&self, version: &Version, ticket: &Judged, calendar: CalendarId) -> Option<String> {
        let tier = version.tier(ticket.last.tier)?;
        let is_its_own = self.calendar_name(tier.hours) == self.calendar_name(calendar);
        tier.hours_place.as_ref().filter(|_| is_its_own)?.mark.clone()
    }

    fn facts(&self, ticket: &Ticket) -> Vec<FactLine> {
        let vocabulary = &self.plan.vocabulary;
        let facts = ticket.facts.iter().map(|fact| {
            let changes = fact.changes.iter().map(|change| {
                let value = change.value.map_or("missing", |value| self.names.text(value));
                format!("{} {value}", vocabulary.field_name(change.field))
            });
            let event = fact.event.map(|event| vocabulary.event_name(event).to_string());
            FactLine { at: fact.at, words: event.into_iter().chain(changes).collect::<Vec<_>>().join(", ") }
        });
        facts.collect()
    }

    fn clock(&self, version: &Version, ticket: &Judged, clock: &Outcome) -> Option<ClockLine> {
        let metric = version.metrics.get(usize::from(clock.metric.0))?;
        let calendar: &Calendar = self.calendars.get(clock.calendar);
        let mut spans = timeline::spans(clock, metric, calendar, self.calendar_name(clock.calendar));
        for line in spans.iter_mut().filter(|line| line.doing == Doing::Paused) {
            line.set_by = self.set_by(ticket, line.span.start);
        }
        let hours = self.hours_mark(version, ticket, clock.calendar);
        for line in spans.iter_mut().filter(|line| line.doing == Doing::Closed) {
            line.place.clone_from(&hours);
        }
        Some(ClockLine {
            metric: named(&metric.name, &metric.place),
            cycle: clock.cycle,
            status: clock.status,
            target: clock.target_words.clone(),
            target_ms: clock.target_ms,
            calendar: self.calendar_name(clock.calendar).to_string(),
            elapsed_ms: clock.elapsed_ms,
            paused_ms: clock.paused_ms,
            due_at: clock.due_at,
            breached_at: clock.breached_at,
            stopped_at: clock.stopped_at,
            late_ms: clock.late_ms,
            spans,
            steps: steps(version, ticket, clock),
        })
    }

    /// What the log says at the instant at which a pause began; none where it held from the clock's start on.
    fn set_by(&self, ticket: &Judged, at: Instant) -> Option<String> {
        let facts = self.facts(self.log.tickets.get(ticket.ticket)?);
        facts.into_iter().rfind(|fact| fact.at == at).map(|fact| fact.words)
    }

    fn calendar_name(&self, id: CalendarId) -> &'a str {
        let named: Option<&NamedCalendar> = self.plan.calendars.get(usize::from(id.0));
        named.map_or("always", |named| &named.name)
    }
}

fn in_force(agreement: &Agreement, ticket: &Judged) -> Option<InForce> {
    let version = agreement.versions.get(ticket.version)?;
    let next = agreement.versions.get(ticket.version + 1);
    let several = agreement.versions.len() > 1;
    several.then(|| InForce {
        from: version.first_day.map(|_| version.from),
        until: next.map(|next| next.from),
        places: version.amendments.iter().map(|place| place.name().to_string()).collect(),
        created_at: ticket.created_at,
    })
}

fn steps(version: &Version, ticket: &Judged, clock: &Outcome) -> Vec<StepLine> {
    let fired = ticket.steps.iter().filter(|step| step.metric == clock.metric && step.cycle == clock.cycle);
    let lines = fired.filter_map(|fired| {
        let escalation = version.escalations.get(usize::from(fired.escalation))?;
        let step = escalation.steps.get(usize::from(fired.step))?;
        let action = step.actions.get(usize::from(fired.action))?;
        Some(StepLine {
            at: fired.at,
            step: step.words.clone(),
            action: action.action.clone(),
            text: action.text.clone(),
            place: step.place.within(&escalation.place).name().to_string(),
        })
    });
    lines.collect()
}

fn tier(version: &Version, ticket: &Judged) -> Option<Named> {
    let tier = version.tier(ticket.last.tier)?;
    Some(named(&tier.name, &tier.place))
}

fn named(name: &str, place: &crate::plan::Place) -> Named {
    Named { name: name.to_string(), place: place.name().to_string() }
}
