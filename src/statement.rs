//! A settlement as data: figures, ledger lines and totals, each with the clause behind it.

use chrono::NaiveDate;

use crate::money::{Currency, Fraction};
use crate::outcome::Status;
use crate::plan::clause::{ClauseKind, Dimension, Period};
use crate::plan::{MetricId, Place};
use crate::plugin::Asked;
use crate::time::{Instant, Interval, Millis};

/// What one agreement comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// By metric, tier and priority as the plan orders them.
    pub metrics: Vec<MetricRow>,
    /// Figures of periods, by period start, shorter periods first, then clause in file order (promises first).
    pub figures: Vec<Figure>,
    /// Lines in order of month, clause in file order, ticket.
    pub ledger: Vec<Line>,
    /// What the month that is not over would come to if it ended now: shown, not settled.
    pub provisional: Vec<Line>,
    /// What clauses yielded in points, which pay nothing by themselves: amounts are points, after the clause's own caps.
    pub points: Vec<Line>,
    /// Tickets that no measure and no clause sees, by the exclusion that takes them out.
    pub left_out: Vec<LeftOut>,
    /// By how much incentives let the agreement last longer, in the order of the ledger.
    pub extensions: Vec<Extension>,
    /// What followed besides money, in time order.
    pub consequences: Vec<Consequence>,
    /// Maintenance that does not count, as it was not announced in time, by version and in the order written.
    pub unannounced: Vec<Unannounced>,
    /// Months that owe nothing of a fee from charges, as nothing is charged for them, in time order.
    pub uncharged: Vec<Uncharged>,
    /// What suppliers pay back of the ledger's penalties, by month, ticket and supplier.
    pub recoveries: Vec<Recovery>,
    /// Sums of the settled lines.
    pub totals: Totals,
    /// What plugins were asked, in the order asked; empty unless wanted.
    pub questions: Vec<Asked>,
}

/// What a supplier pays back for a ticket that cost a penalty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// The month.
    pub month: PeriodSpan,
    /// The ticket's id.
    pub ticket: String,
    /// The supplier's name.
    pub supplier: String,
    /// Where the supplier is named.
    pub place: Place,
    /// The month's penalties on this ticket, and no other.
    pub paid: Fraction,
    /// What the supplier pays back.
    pub recovered: Fraction,
    /// What stays with the provider after this supplier and those before it; below zero where they pay more than was paid.
    pub left: Fraction,
    /// The arithmetic in words and numbers.
    pub because: String,
}

/// A maintenance window that was not announced in time, or not for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unannounced {
    /// Where it stands.
    pub place: Place,
    /// From when to when.
    pub span: Interval,
    /// When it was announced, in words.
    pub because: String,
    /// Services for which it counts all the same, as it was announced for them.
    pub counts_for: Vec<String>,
}

/// A month without a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uncharged {
    /// The month.
    pub month: PeriodSpan,
    /// The service whose fee is from charges; none: the line without one.
    pub service: Option<String>,
}

/// A step of a ladder that was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consequence {
    /// Where the ladder stands.
    pub place: Place,
    /// Where the step stands.
    pub step_place: Place,
    /// What follows.
    pub step: String,
    /// When: the breach, or the end of the period.
    pub at: Instant,
    /// The local date that counts as its day: that of the breach, or the period's last.
    pub day: NaiveDate,
    /// The last day on which it may be used, where it is a right that expires.
    pub expires: Option<NaiveDate>,
    /// The tickets that reached it, by id.
    pub tickets: Vec<String>,
    /// The version of the ladder.
    pub version: String,
    /// What was counted, in words and numbers.
    pub because: String,
}

/// A longer term. It is told, and changes nothing: what is created after the agreement's last day fits it only once the
/// agreement says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// The month it is settled in.
    pub month: PeriodSpan,
    /// The period it is for.
    pub period: PeriodSpan,
    /// The incentive's name.
    pub clause: String,
    /// The place that is named for it.
    pub place: Place,
    /// The end of the period.
    pub at: Instant,
    /// By how much, such as `1 month`.
    pub by: String,
    /// The last day with this and all extensions before; none where the agreement has no last day.
    pub ends: Option<NaiveDate>,
    /// The version of the incentive.
    pub version: String,
    /// The figure in words and numbers.
    pub because: String,
    /// Where the incentive and its row stand.
    pub reached: Vec<Place>,
}

/// Tickets taken out by one exclusion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Where the exclusion stands.
    pub place: Place,
    /// The tickets, by id.
    pub tickets: Vec<String>,
}

/// Sums; all zero where an agreement moves no money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// What the provider owes.
    pub penalties: Fraction,
    /// What the provider earns.
    pub incentives: Fraction,
    /// What suppliers pay back.
    pub recovered: Fraction,
    /// Incentives and recovered less penalties.
    pub net: Fraction,
    /// The currency, where the agreement has one.
    pub currency: Option<Currency>,
}

/// How the clocks of one metric, tier and priority went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricRow {
    /// The metric's name.
    pub metric: String,
    /// The tier's name.
    pub tier: Option<String>,
    /// The priority's name.
    pub priority: Option<String>,
    /// The target as written in the version last used.
    pub target: String,
    /// How many were met.
    pub met: u64,
    /// How many were breached.
    pub breached: u64,
    /// How many are undecided.
    pub running: u64,
    /// How many ended without an outcome.
    pub cancelled: u64,
    /// Counted time of the stopped clocks; none where no clock stopped.
    pub elapsed: Option<Elapsed>,
    /// All service time that pauses took.
    pub paused_ms: Millis,
}

impl MetricRow {
    /// Adds one clock.
    pub fn count(&mut self, status: Status) {
        let counter = match status {
            Status::Met => &mut self.met,
            Status::Breached => &mut self.breached,
            Status::Running => &mut self.running,
            Status::Cancelled => &mut self.cancelled,
        };
        *counter = counter.saturating_add(1);
    }
}

/// Counted time of stopped clocks, in milliseconds; percentiles by nearest rank, the mean rounded half up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Elapsed {
    /// Mean.
    pub mean: Millis,
    /// Median.
    pub p50: Millis,
    /// 90 %.
    pub p90: Millis,
    /// 99 %.
    pub p99: Millis,
    /// The longest.
    pub max: Millis,
}

/// A stretch of time with its name, such as `2025-03`, `2025-Q1`, `2025`, `2025-03-07`, `2025-W10`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodSpan {
    /// What kind it is.
    pub period: Period,
    /// Its name.
    pub label: String,
    /// Its first local date.
    pub first_day: NaiveDate,
    /// The local date after its last.
    pub day_after: NaiveDate,
    /// From its first instant until before the next one's.
    pub span: Interval,
}

/// A measured figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Of which period.
    pub period: PeriodSpan,
    /// Such as `attainment of resolution`.
    pub measure: String,
    /// The clause that measures it, or the promise (`promise gold`).
    pub clause: String,
    /// The value it is for, such as `team l1`, where the clause is settled once for each.
    pub each: Option<String>,
    /// Where that stands.
    pub place: Place,
    /// What it is counted in.
    pub dimension: Dimension,
    /// The figure; none where nothing was decided or there were too few tickets.
    pub value: Option<Fraction>,
    /// What was counted.
    pub numerator: Fraction,
    /// Out of what; one where the figure is no share.
    pub denominator: Fraction,
    /// Distinct tickets among the decided clocks.
    pub tickets: u64,
    /// Whether a promise was kept; none where it is no promise or has no value.
    pub kept: Option<bool>,
    /// The version it is measured by.
    pub version: String,
    /// The period was not over at `as of`: shown, not settled.
    pub provisional: bool,
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The month it is settled in.
    pub month: PeriodSpan,
    /// The period it is for (the month, unless the clause has a longer one).
    pub period: PeriodSpan,
    /// The clause's name.
    pub clause: String,
    /// The value it is for, such as `team l1`, where the clause is settled once for each.
    pub each: Option<String>,
    /// Where the clause stands.
    pub place: Place,
    /// The band that holds, where the clause has bands.
    pub band: Option<Place>,
    /// Which way the money goes.
    pub kind: ClauseKind,
    /// The metric behind it.
    pub metric: Option<MetricId>,
    /// The cycle of the clock behind it, where it is one breach.
    pub cycle: Option<u32>,
    /// The tickets behind it, by id: the one breached, or those whose breaches are in the figure.
    pub tickets: Vec<String>,
    /// When it arose: the breach, or the end of the period.
    pub at: Instant,
    /// The amount of the clause.
    pub computed: Fraction,
    /// After the clause's own caps.
    pub after_clause_cap: Fraction,
    /// After the clauses came together.
    pub after_combine: Fraction,
    /// After the caps over all penalties.
    pub after_caps: Fraction,
    /// After minimum payouts.
    pub after_threshold: Fraction,
    /// As settled, in whole rounding units.
    pub amount: Fraction,
    /// The version of the clause.
    pub version: String,
    /// The last day of a claim, where the agreement sets one.
    pub claim_by: Option<String>,
    /// The arithmetic in words and numbers.
    pub because: String,
}

impl Line {
    /// The place that is named for it: its band's where that has a mark of its own, else the clause's.
    pub fn reference(&self) -> &Place {
        self.band.as_ref().filter(|band| band.mark.is_some()).unwrap_or(&self.place)
    }
}
