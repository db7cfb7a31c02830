//! What is timed: metrics, targets, pauses, escalation steps.

use chrono::NaiveTime;
use serde::Serialize;

use crate::money::{Fraction, serialize_exact};
use crate::ticket::EventId;
use crate::time::Millis;

use super::condition::Condition;
use super::plugin::PluginCall;
use super::{CalendarId, MetricId, Place};

/// A metric: when its clock starts, pauses and stops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Metric {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// When it starts.
    pub starts: Start,
    /// What stops it.
    pub stops: Vec<Trigger>,
    /// While which conditions it stands still.
    pub pauses: Vec<Pause>,
    /// What undoes a stop; none: nothing does.
    pub reopens: Option<Reopen>,
    /// What ends it without an outcome.
    pub cancels: Vec<Cancel>,
    /// Whether it starts again after a stop.
    pub repeats: Option<Repeat>,
    /// What a change of priority does.
    pub on_priority_change: Retarget,
    /// What a change of tier does.
    pub on_tier_change: Retarget,
    /// The calendar of lateness; none: the clock's own, pauses left out. `always` is wall time.
    pub late_in: Option<CalendarId>,
    /// The period a clock counts in.
    pub counted_by: CountedBy,
    /// The target where no tier has one.
    pub target: Option<Target>,
    /// It counts in maintenance windows as well.
    pub despite_maintenance: bool,
    /// It counts in excluded time as well.
    pub despite_exclusions: bool,
}

/// An event, with a condition on the ticket at that instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trigger {
    /// The event.
    #[serde(skip)]
    pub event: EventId,
    /// Its name.
    pub name: String,
    /// A condition that must hold, after the fields of the event's row.
    pub when: Option<Condition>,
    /// Where it stands.
    pub place: Place,
}

/// When a clock starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Start {
    /// The events.
    pub on: Vec<Trigger>,
    /// Whether all of them must have come (`later of`), or the first is enough.
    pub all: bool,
    /// The start is moved to the next opening of this calendar.
    pub at_next_opening_of: Option<CalendarId>,
}

/// `pauses while status is waiting_customer at most 10 service days in office`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pause {
    /// While this holds.
    pub when: PauseWhen,
    /// The pause begins with the condition and lasts until this event, whatever the condition does meanwhile.
    pub until: Option<Trigger>,
    /// Not before this event.
    pub only_after: Option<Trigger>,
    /// How long it may last.
    pub cap: Option<PauseCap>,
    /// Where it stands.
    pub place: Place,
}

/// What makes a state a pause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum PauseWhen {
    /// A condition.
    Holds(Condition),
    /// A plugin that says so.
    By(PluginCall),
}

/// How long a pause may last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PauseCap {
    /// A duration or service days; the latter becomes open time at the first pause.
    pub length: Target,
    /// Each stretch by itself, instead of all together.
    pub each_time: bool,
}

/// What undoes a stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reopen {
    /// The events.
    pub on: Vec<Trigger>,
    /// In wall time after the stop, end included; none: for ever.
    pub within: Option<Millis>,
    /// What happens within it.
    pub then: ReopenRule,
    /// What happens after it.
    pub otherwise: ReopenRule,
}

/// What a reopen does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReopenRule {
    /// The clock runs on; the time between does not count.
    Resumes,
    /// The clock runs on; the time between counts.
    ResumesCountingTheGap,
    /// The earlier outcome is cancelled, a new clock starts.
    Restarts,
    /// A new clock starts, both count.
    NewCycle,
    /// Nothing.
    Ignored,
}

/// What ends a clock without an outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cancel {
    /// An event.
    On(Trigger),
    /// A condition, once it begins to hold.
    When(Condition, Place),
}

/// Whether a metric starts again after a stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Repeat {
    /// At the stop itself, instead of the next start event.
    pub from_the_stop: bool,
    /// Not after one of these.
    pub until: Vec<Trigger>,
}

/// What a change of priority or tier does to a running clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Retarget {
    /// How the new target is read.
    pub rule: RetargetRule,
    /// Only where the new target ends earlier.
    pub only_if_stricter: bool,
}

/// How a new target is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RetargetRule {
    /// As though it had been there from the clock's start: used time counts.
    FromStart,
    /// Afresh from the change.
    FromNow,
    /// The used share is carried over.
    InProportion,
    /// The first target is kept.
    Never,
}

/// The period in which a clock counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CountedBy {
    /// That of its breach, else of its last stop.
    Outcome,
    /// That of its ticket's creation.
    Created,
    /// That of its last stop.
    Stopped,
}

/// What a clock may use.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Target {
    /// How it is found.
    pub form: TargetForm,
    /// The calendar on which the clock then counts.
    pub calendar: CalendarId,
    /// Counted time equal to it is a breach already (`strictly within`).
    pub strict: bool,
    /// As written, such as `4h in office`.
    pub words: String,
}

/// How a target is found.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetForm {
    /// So much open time, in milliseconds.
    Duration(Millis),
    /// So much open time, its end moved to the next service day of another calendar.
    Moved(Millis, CalendarId),
    /// The same time of day on the Nth following service day.
    ServiceDays(u32),
    /// The close of the Nth following service day.
    EndOfServiceDay(u32),
    /// A time of day on the Nth following service day.
    TimeOnServiceDay(u32, NaiveTime),
}

/// Who is told when a clock gets so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Escalation {
    /// Whose clock.
    pub metric: MetricId,
    /// Where it stands.
    pub place: Place,
    /// For which tickets.
    pub when: Option<Condition>,
    /// Its steps, in the order written.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// As written, such as `at 50%`.
    pub words: String,
    /// When it fires.
    pub at: StepAt,
    /// A condition at that instant.
    pub when: Option<Condition>,
    /// What is announced.
    pub actions: Vec<Action>,
    /// Where it stands.
    pub place: Place,
}

/// When a step fires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepAt {
    /// When this share of the target has been counted.
    Share(#[serde(serialize_with = "serialize_exact")] Fraction),
    /// With this much of the target left, on the clock's calendar.
    Before(Millis),
    /// This much time of another calendar before the breach, as far as it is foreseen.
    BeforeIn(Millis, CalendarId),
    /// At the breach.
    Breach,
    /// So much counted time after the target is used up.
    After(Millis),
    /// So much time of another calendar after the breach.
    AfterIn(Millis, CalendarId),
    /// Again and again after the breach, in counted time; no number: until the clock ends.
    Every {
        /// The distance.
        every: Millis,
        /// Counted on this calendar; none: the clock's own.
        calendar: Option<CalendarId>,
        /// How often at most.
        at_most: Option<u32>,
    },
}

/// What a step announces; nothing is applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Action {
    /// `notify`, `raise`, …
    pub action: String,
    /// To whom or what.
    pub text: String,
}
