//! What will be executed: data only, every reading spelled out, no name left to look up.
//!
//! A plan holds every agreement of a run, because a portfolio shares its sources, calendars and names.

pub mod availability;
pub mod claim;
pub mod clause;
pub mod condition;
pub mod consequence;
pub mod metric;
pub mod plugin;
pub mod source;
pub mod supplier;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Serialize;

use crate::calendar::{CalendarSpec, ClosedTime, Told, announce};
use crate::money::{Currency, Fraction, Rounding, serialize_exact};
use crate::ticket::{Announcement, Names, Vocabulary};
use crate::time::{Instant, Interval, Millis};

use availability::Service;
use claim::Claim;
use clause::{Cap, Clause, Combine, Period, Threshold};
use condition::Condition;
use consequence::Ladder;
use metric::{Escalation, Metric, Target};

/// All that a run executes.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Fields and events that the agreements look at.
    pub vocabulary: Vocabulary,
    /// The texts that conditions compare with.
    pub names: Names,
    /// Calendars, `always` first.
    pub calendars: Vec<NamedCalendar>,
    /// Sources.
    pub sources: Vec<source::Source>,
    /// Agreements, by file path and place in the file.
    pub agreements: Vec<Agreement>,
}

impl Plan {
    /// The plan with what was announced: maintenance that counts only if announced counts where it was. Before this is
    /// called, none of it does; it is called once.
    #[must_use]
    pub fn as_announced(mut self, announcements: &[Announcement]) -> Plan {
        for calendar in &mut self.calendars {
            calendar.spec.announce(announcements);
        }
        self.agreements.iter_mut().for_each(|agreement| agreement.announce(announcements));
        self
    }
}

/// A calendar with the name that the agreement calls it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedCalendar {
    /// Its name.
    pub name: String,
    /// What it says.
    pub spec: CalendarSpec,
    /// Where it is declared, as places are written; none: nowhere, as for `always`.
    #[serde(skip)]
    pub at: Option<String>,
}

/// A calendar, by its place in [`Plan::calendars`](crate::plan::Plan).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct CalendarId(pub u16);

impl CalendarId {
    /// `always`, which every plan has first.
    pub const ALWAYS: CalendarId = CalendarId(0);
}

/// A metric, by its place in [`Version::metrics`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct MetricId(pub u16);

/// A priority, by its place in [`Priorities::names`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct PriorityId(pub u16);

/// A tier, by its place in [`Version::tiers`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct TierId(pub u16);

/// Where a statement stands: in the paper contract, and in the file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Place {
    /// The mark of the paper contract with its sign, such as `§ 7.1`.
    #[serde(rename = "ref")]
    pub mark: Option<String>,
    /// File, line and column of the statement, `acme.sla:12:5`.
    pub at: String,
    /// The statement in its own words, on one line.
    pub words: String,
}

impl Place {
    /// This place where the contract marks it, else the statement it stands in where that is marked, else its own line.
    pub fn within<'p>(&'p self, around: &'p Place) -> &'p Place {
        if self.mark.is_none() && around.mark.is_some() { around } else { self }
    }

    /// The mark, or the place in the file where the contract gives none.
    pub fn name(&self) -> &str {
        self.mark.as_deref().unwrap_or(&self.at)
    }
}

/// A contract text's answer to a question that contracts quarrel about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// The question, as the language page puts it.
    pub question: &'static str,
    /// What it is about: a metric, a tier, or the agreement.
    pub of: String,
    /// The answer, in the language's words.
    pub answer: String,
    /// Whether the agreement says so, or it is the documented default.
    pub said: bool,
    /// The version from which on it is so, where the one before it has another; none: the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Which version a clause for each breach is read in. A ticket's clocks always go by the one at its creation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionedBy {
    /// The one in force when the ticket was created.
    #[default]
    Created,
    /// The one in force at the breach.
    Breach,
    /// The one in force at the clock's last stop; while it runs, the one at `as of`.
    Stopped,
}

/// Whose promise an agreement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// To a customer.
    Customer,
    /// From a supplier.
    Supplier,
    /// Inside the provider.
    Internal,
}

/// One agreement, ready to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Agreement {
    /// Its name.
    pub name: String,
    /// Whose promise it is.
    pub kind: Kind,
    /// The file that declares it.
    pub file: String,
    /// `title`.
    pub title: Option<String>,
    /// `contract`.
    pub contract: Option<String>,
    /// `provider`.
    pub provider: Option<String>,
    /// `customer`.
    pub customer: Option<String>,
    /// Created outside of it, a ticket fits no agreement.
    pub effective: Effective,
    /// The zone of its dates and periods.
    pub zone: Tz,
    /// The currency of its money; none: it moves none.
    pub currency: Option<Currency>,
    /// The source that `tickets from` names.
    pub source: Option<String>,
    /// The source that `outages from` names.
    pub outages_from: Option<String>,
    /// The source that `claims from` names.
    pub claims: Option<String>,
    /// The source that `announcements from` names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub announcements_from: Option<String>,
    /// The source that `charges from` names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charges_from: Option<String>,
    /// Read once, at creation; none: every ticket.
    pub applies: Option<Condition>,
    /// The services of its catalogue; empty: all.
    pub services: Vec<String>,
    /// Agreements of its kind that may judge the same ticket.
    pub beside: Vec<String>,
    /// `review every N months`.
    pub review_months: Option<u32>,
    /// The day on which its months begin, 1 to 28.
    pub month_day: u32,
    /// Which version a clause for each breach is read in.
    #[serde(skip_serializing_if = "is_default")]
    pub versioned_by: VersionedBy,
    /// In time order; those that are in force at no time of the agreement are left out.
    pub versions: Vec<Version>,
    /// The plugins that it calls, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub plugins: BTreeMap<String, plugin::Called>,
    /// What it says, or leaves to the default, where contracts quarrel.
    pub readings: Vec<Reading>,
    /// SHA-256 of the executable plan, in hexadecimal digits.
    pub policy_sha256: String,
}

fn is_default(by: &VersionedBy) -> bool {
    *by == VersionedBy::default()
}

impl Agreement {
    fn announce(&mut self, announcements: &[Announcement]) {
        for version in &mut self.versions {
            version.closed.iter_mut().for_each(|closed| announce(&mut closed.times, announcements, Told::OfAny));
            version.suppliers.iter_mut().for_each(|supplier| supplier.agreement.announce(announcements));
        }
    }

    /// The place of the version in force at an instant; of the first, where none is yet.
    pub fn version_at(&self, at: Instant) -> usize {
        self.versions.iter().rposition(|version| version.from <= at).unwrap_or(0)
    }

    /// The place of the version that a measure of a period goes by: the one in force at its start, or the first in it where
    /// the agreement begins later.
    pub fn version_of(&self, period: Interval) -> usize {
        self.version_at(period.start.max(self.effective.span.start))
    }
}

/// The time in which an agreement holds; both ends may be open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Effective {
    /// The first day.
    pub first: Option<NaiveDate>,
    /// The last day.
    pub last: Option<NaiveDate>,
    /// From the first midnight to the one after the last day, in the agreement's zone; open ends at the ends of time.
    #[serde(skip)]
    pub span: Interval,
}

/// An agreement as it stands from one day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Version {
    /// `base`, or the words of the amendments; no two of an agreement are the same.
    pub label: String,
    /// Its first day in the agreement's zone; none: it is the agreement as signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_day: Option<NaiveDate>,
    /// The midnight of that day; the start of time where there is none.
    #[serde(skip)]
    pub from: Instant,
    /// The amendments that begin with it; none: it is as signed, or a season has ended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amendments: Vec<Place>,
    /// What is owed, a line for each service and one without.
    pub fees: Vec<Fee>,
    /// How a ticket gets its priority.
    pub priorities: Priorities,
    /// Tiers, in the order in which they are read.
    pub tiers: Vec<Tier>,
    /// What is timed.
    pub metrics: Vec<Metric>,
    /// Who is told when.
    pub escalations: Vec<Escalation>,
    /// Tickets that no measure and no clause sees.
    pub exclusions: Vec<Exclusion>,
    /// Time in which no clock counts that does not say `despite`, in the order written.
    pub closed: Vec<Closed>,
    /// Services, in the order in which they are first named.
    pub services: Vec<Service>,
    /// Outages that no measure and no clause sees.
    pub outage_exclusions: Vec<Exclusion>,
    /// What a period in which nothing was decided counts as.
    pub empty_counts: EmptyCounts,
    /// Penalties and incentives, in file order.
    pub clauses: Vec<Clause>,
    /// What follows besides money, in file order.
    pub ladders: Vec<Ladder>,
    /// Who stands behind a part of the tickets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suppliers: Vec<supplier::Supplier>,
    /// Until when penalties are claimed whose clause does not say so itself.
    pub claim: Option<Claim>,
    /// How penalties of several clauses come together.
    pub combine: Combine,
    /// Caps over all penalties, narrowest period first, ties in file order.
    pub caps: Vec<Cap>,
    /// A month's penalties are paid only where they come to more than this.
    pub pay_only_above: Option<Threshold>,
    /// A month's penalties that come to anything come to this at least.
    pub raise_to: Option<Threshold>,
    /// How a month's total is rounded; none: the agreement pays nothing.
    pub rounding: Option<Rounding>,
}

/// `empty counts as met`: what a period in which nothing was decided counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EmptyCounts {
    /// It has no value: no band holds.
    NoValue,
    /// As though everything had been met.
    Met,
    /// As though everything had been missed.
    Missed,
}

/// A line of what is owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fee {
    /// The service; none: the line without one.
    pub service: Option<String>,
    /// How much; none: what the charges of each month say.
    #[serde(flatten)]
    pub rate: Option<FeeRate>,
    /// Where it is written.
    pub place: Place,
}

/// So much for each period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeeRate {
    /// The amount for each period.
    #[serde(serialize_with = "serialize_exact")]
    pub amount: Fraction,
    /// The period it is owed for: a month, a quarter or a year.
    pub per: Period,
}

impl Version {
    /// The tier of this id; none where a ticket has none.
    pub fn tier(&self, id: Option<TierId>) -> Option<&Tier> {
        self.tiers.get(usize::from(id?.0))
    }

    /// The name of the priority of this id; none where a ticket has none.
    pub fn priority(&self, id: Option<PriorityId>) -> Option<&str> {
        self.priorities.names.get(usize::from(id?.0)).map(String::as_str)
    }
}

/// How a ticket gets its priority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Priorities {
    /// Names, strictest first.
    pub names: Vec<String>,
    /// Where they come from.
    pub by: PriorityBy,
    /// Where they are declared.
    pub place: Option<Place>,
}

/// Where a priority comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PriorityBy {
    /// The agreement knows none.
    Nothing,
    /// The ticket's own field `priority`.
    Field(#[serde(skip)] crate::ticket::FieldId),
    /// The first rule that holds, with its place; no condition means `otherwise`.
    Rules(Vec<(PriorityId, Option<Condition>, Place)>),
    /// A plugin that names one; it may name none.
    By(plugin::PluginCall),
}

/// A tier: for whom, in which hours, with which targets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tier {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// Whom it is for; none: everyone left.
    pub when: Option<Condition>,
    /// The calendar of its clocks.
    pub hours: CalendarId,
    /// Where its hours are said; none: nowhere, so they are `always`.
    pub hours_place: Option<Place>,
    /// One table for each metric it has targets for.
    pub targets: Vec<TargetTable>,
    /// What it promises over a period.
    pub promises: Vec<Promise>,
}

/// The targets of one metric in one tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TargetTable {
    /// The metric.
    pub metric: MetricId,
    /// Where the table stands.
    pub place: Place,
    /// By priority; a priority not in here has the target of `any`.
    pub by_priority: Vec<(PriorityId, Option<Target>)>,
    /// The target of `any`.
    pub any: Option<Target>,
}

/// `promise 95% of resolution per month`: an objective for a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Promise {
    /// The share of clocks that are to be met.
    #[serde(serialize_with = "serialize_exact")]
    pub share: Fraction,
    /// Of which metric.
    pub metric: MetricId,
    /// Over which period.
    pub per: Period,
    /// Where it stands.
    pub place: Place,
}

/// A maintenance window or excluded time, with all its instants in the time that the agreement holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Closed {
    /// Maintenance, or an exclusion.
    pub is_maintenance: bool,
    /// Where it stands.
    pub place: Place,
    /// Each counts only if it was announced so long before, in milliseconds; none: in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub announced_ms: Option<Millis>,
    /// When, sorted by start.
    pub times: Vec<ClosedTime>,
}

/// `exclude tickets when …`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exclusion {
    /// Which tickets, as last known at `as of`.
    pub when: Condition,
    /// Where it stands.
    pub place: Place,
}
