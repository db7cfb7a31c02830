//! What follows in money: penalties and incentives, bands, amounts, caps, combination.

use serde::Serialize;

use crate::money::{Fraction, serialize_exact};
use crate::ticket::FieldId;
use crate::time::Millis;

use super::availability::ServiceId;
use super::claim::Claim;
use super::condition::{Bound, Condition, Operand};
use super::metric::CountedBy;
use super::plugin::PluginCall;
use super::{MetricId, Place};

/// Which way the money goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClauseKind {
    /// To the customer.
    Penalty,
    /// To the provider.
    Incentive,
}

/// A penalty or an incentive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clause {
    /// Its name.
    pub name: String,
    /// Which way the money goes.
    pub kind: ClauseKind,
    /// Where it stands.
    pub place: Place,
    /// Its lines in their own words.
    pub lines: Vec<String>,
    /// What it looks at.
    pub subject: Subject,
    /// For which values it is settled, where it is more than once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub each: Option<Each>,
    /// Which breaches or clocks it looks at.
    pub when: Option<Condition>,
    /// Which it does not look at: breaches by the fields at the breach, all else as last known.
    pub except: Option<Condition>,
    /// A figure has no value, and a single thing pays nothing, in a period with fewer distinct tickets than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_tickets: Option<u64>,
    /// Caps of its own, in file order.
    pub caps: Vec<ClauseCap>,
    /// The period of a clock for this clause, where it says so itself.
    pub counted_by: Option<CountedBy>,
    /// Until when it may be claimed, where it says so itself.
    pub claim: Option<Claim>,
}

impl Clause {
    /// Whether it yields points, and no money.
    pub fn yields_points(&self) -> bool {
        match &self.subject {
            Subject::EachBreach { amount, .. }
            | Subject::EachOutage { amount, .. }
            | Subject::EachTicket { amount } => amount.is_points(),
            Subject::Figure { bands, .. } => {
                bands.iter().any(|band| matches!(&band.owed, Owed::Amount(amount) if amount.is_points()))
            }
        }
    }

    /// The clauses whose points it measures.
    pub fn points_of(&self) -> &[String] {
        match &self.subject {
            Subject::Figure { measure, .. } => measure.points_of(),
            _ => &[],
        }
    }
}

/// For which values a clause is settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Each {
    /// Once for each value that tickets have, as last known.
    Every {
        /// What is read.
        #[serde(skip)]
        of: Operand,
        /// Its name.
        name: String,
    },
    /// For this value of a field.
    Value {
        /// The field's name.
        name: String,
        /// The value.
        value: String,
    },
    /// For this service.
    Service(String),
}

impl Each {
    /// `team l1`; none where it is for every value.
    pub fn words(&self) -> Option<String> {
        match self {
            Each::Every { .. } => None,
            Each::Value { name, value } => Some(format!("{name} {value}")),
            Each::Service(service) => Some(format!("service {service}")),
        }
    }
}

/// What a clause looks at, and what follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// One breach at a time.
    EachBreach {
        /// Of which metric.
        metric: MetricId,
        /// What each costs.
        amount: Amount,
    },
    /// One outage at a time.
    EachOutage {
        /// Of which service.
        service: ServiceId,
        /// What each costs.
        amount: Amount,
    },
    /// One ticket at a time.
    EachTicket {
        /// What each costs.
        amount: Amount,
    },
    /// A figure of a period.
    Figure {
        /// The period.
        per: Period,
        /// The figure.
        measure: Measure,
        /// What follows from it.
        bands: Vec<Band>,
    },
}

/// A figure of a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The share of decided clocks that were met.
    Attainment(MetricId),
    /// How many clocks were breached.
    Breaches(MetricId),
    /// Counted time of stopped clocks, in milliseconds.
    Elapsed(Statistic, MetricId),
    /// The share of the agreed time in which a service was not down.
    Availability(ServiceId),
    /// How long a service was down in its agreed time, in milliseconds.
    Downtime(ServiceId),
    /// How many outages of a service began.
    Outages(ServiceId),
    /// A number in a field of tickets.
    Field(Statistic, #[serde(skip)] FieldId, String),
    /// How many tickets were created.
    Tickets,
    /// How many of them were reopened.
    ReopenedTickets,
    /// The share of tickets for which this holds, as last known.
    ShareOfTickets(Condition),
    /// What these clauses yielded in points.
    Points(Vec<String>),
    /// The mean of a month's figure and those of the months before it, over those there are.
    MeanOver {
        /// How many months.
        months: u32,
        /// Of what.
        of: Box<Measure>,
    },
    /// The sum of a month's figure and those of the months before it.
    TotalOver {
        /// How many months.
        months: u32,
        /// Of what.
        of: Box<Measure>,
    },
    /// A number that a plugin works out.
    By(PluginCall),
}

/// What a figure is counted in, which decides how it and its bounds read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// A share of one.
    Share,
    /// Milliseconds.
    Time,
    /// A number.
    Number,
}

impl Measure {
    /// The metric it is of.
    pub fn metric(&self) -> Option<MetricId> {
        match self {
            Measure::Attainment(metric) | Measure::Breaches(metric) | Measure::Elapsed(_, metric) => Some(*metric),
            Measure::MeanOver { of, .. } | Measure::TotalOver { of, .. } => of.metric(),
            _ => None,
        }
    }

    /// The service it is of.
    pub fn service(&self) -> Option<ServiceId> {
        match self {
            Measure::Availability(service) | Measure::Downtime(service) | Measure::Outages(service) => Some(*service),
            Measure::MeanOver { of, .. } | Measure::TotalOver { of, .. } => of.service(),
            _ => None,
        }
    }

    /// The clauses whose points it is of.
    pub fn points_of(&self) -> &[String] {
        match self {
            Measure::Points(clauses) => clauses,
            Measure::MeanOver { of, .. } | Measure::TotalOver { of, .. } => of.points_of(),
            _ => &[],
        }
    }

    /// What it is counted in.
    pub fn dimension(&self) -> Dimension {
        match self {
            Measure::Attainment(_) | Measure::Availability(_) | Measure::ShareOfTickets(_) => Dimension::Share,
            Measure::Elapsed(..) | Measure::Downtime(_) => Dimension::Time,
            Measure::MeanOver { of, .. } | Measure::TotalOver { of, .. } => of.dimension(),
            _ => Dimension::Number,
        }
    }
}

/// What is made of many values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// Their sum over their number.
    Mean,
    /// Their sum.
    Total,
    /// By nearest rank: the least value that so many per cent of them do not exceed.
    Percentile(u8),
    /// The largest.
    Longest,
}

impl Statistic {
    /// The language's word.
    pub fn word(self) -> String {
        match self {
            Statistic::Mean => "mean".to_string(),
            Statistic::Total => "total".to_string(),
            Statistic::Percentile(50) => "median".to_string(),
            Statistic::Percentile(rank) => format!("p{rank}"),
            Statistic::Longest => "longest".to_string(),
        }
    }
}

/// Stretches into which time is cut, in the agreement's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// A local day.
    Day,
    /// Monday to Sunday.
    Week,
    /// A month, from the agreement's day on.
    Month,
    /// Three months from January, April, July and October.
    Quarter,
    /// Twelve months from January.
    Year,
    /// Twelve months from the agreement's first day.
    ContractYear,
    /// So many months, cut from the agreement's first month on, or from January where it has no first day.
    Months(u32),
    /// So many local days, ending with any day: windows of one kind overlap.
    AnyDays(u32),
}

impl Period {
    /// The language's word for one of them among others.
    pub fn word(self) -> &'static str {
        match self {
            Period::Day => "day",
            Period::Week => "week",
            Period::Month => "month",
            Period::Quarter => "quarter",
            Period::Year => "year",
            Period::ContractYear => "contract year",
            Period::Months(_) => "period",
            Period::AnyDays(_) => "window",
        }
    }

    /// The words that stand after `per`.
    pub fn words(self) -> String {
        match self {
            Period::Months(count) => format!("{count} months"),
            Period::AnyDays(count) => format!("any {count} days"),
            period => period.word().to_string(),
        }
    }
}

/// A row of a table: where the figure lies, and what follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Band {
    /// One bound, or two.
    pub bounds: Vec<Bound>,
    /// What it asks of more than one period.
    pub run: Option<Run>,
    /// What follows.
    pub owed: Owed,
    /// Where it stands.
    pub place: Place,
}

/// What follows from a band.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Owed {
    /// An amount, whatever was charged before.
    Amount(Amount),
    /// Something of what a penalty charged before, and no more than that.
    EarnBack(EarnBack),
    /// The agreement lasts longer; no money.
    Extend(Term),
}

/// Something of what a penalty charged before. Each charge is earned back once by each clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EarnBack {
    /// The penalty's name.
    pub penalty: String,
    /// How much.
    pub back: Back,
}

/// How much is earned back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Back {
    /// A share of each charge.
    Share(#[serde(serialize_with = "serialize_exact")] Fraction),
    /// An amount, of the earliest charge first.
    Amount(Amount),
}

/// How much longer an agreement lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// Months.
    Months(u32),
    /// Days.
    Days(u32),
}

/// What a band asks of more than one period. Periods are those of its clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Run {
    /// The last so many periods that have a value all lie in it, this one among them.
    InARow(u32),
    /// So many of the last periods lie in it, this one among them; one without a value takes a place and lies in none.
    Of {
        /// How many lie in it.
        hits: u32,
        /// Of how many.
        of: u32,
    },
    /// A penalty was charged in one of the months before.
    After {
        /// How many months before.
        months: u32,
        /// The penalty's name.
        penalty: String,
    },
}

/// An amount, before any cap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Amount {
    /// `2% of fee per started hour late`.
    Rate {
        /// The share; the product of all in `40% of 10% of fee`.
        #[serde(serialize_with = "serialize_exact")]
        rate: Fraction,
        /// Of what.
        base: Base,
        /// For each of these; none: once.
        per: Option<Unit>,
        /// Times this share.
        proportion: Option<Proportion>,
    },
    /// A fixed sum, for each unit where one is named.
    Money {
        /// In the agreement's currency.
        #[serde(serialize_with = "serialize_exact")]
        amount: Fraction,
        /// For each of these; none: once.
        per: Option<Unit>,
        /// Times this share.
        proportion: Option<Proportion>,
    },
    /// Points, which a clause on `points of` counts; for each unit where one is named.
    Points {
        /// How many.
        #[serde(serialize_with = "serialize_exact")]
        points: Fraction,
        /// For each of these; none: once.
        per: Option<Unit>,
    },
    /// The largest of these.
    Greatest(Vec<Amount>),
    /// The smallest of these.
    Least(Vec<Amount>),
    /// All of these together.
    Sum(Vec<Amount>),
    /// What a plugin proposes.
    By(PluginCall),
}

impl Amount {
    /// Whether it is of points, and no money.
    pub fn is_points(&self) -> bool {
        match self {
            Amount::Points { .. } => true,
            Amount::Greatest(all) | Amount::Least(all) | Amount::Sum(all) => all.iter().any(Amount::is_points),
            Amount::Rate { .. } | Amount::Money { .. } | Amount::By(_) => false,
        }
    }
}

/// `in proportion to FIELD of FIELD`, read where the thing looked at is one ticket or outage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proportion {
    /// The part.
    pub part: NamedField,
    /// The whole.
    pub whole: NamedField,
}

/// A field with a number in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct NamedField {
    /// Its number.
    #[serde(skip)]
    pub id: FieldId,
    /// Its name.
    pub name: String,
}

/// What a rate is of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// What is owed for the clause's period: the line of this service, or the one without.
    Fee(Option<String>),
    /// Of the month settled, whatever the clause's period; of this service, or the line without one.
    MonthlyFee(Option<String>),
    /// Twelve months at the version's rate, likewise.
    YearlyFee(Option<String>),
    /// All lines together.
    AllFees,
    /// The month before.
    FeeOfPreviousMonth,
    /// The month after.
    FeeOfNextMonth,
    /// The fee times the downtime over the agreed time of the period; of this service's fee where it has one.
    PriceOfDowntime(Option<String>),
    /// The fee times this time over the agreed time of the period, in milliseconds.
    PriceOf(Millis, Option<String>),
    /// A field with an amount of money.
    Field(NamedField),
}

/// For each of what an amount is owed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unit {
    /// What a part of a unit counts as.
    pub part: Part,
    /// The unit.
    pub of: UnitOf,
    /// So much goes off first.
    pub free: Option<Millis>,
    /// As written, such as `started hour late`.
    pub words: String,
}

/// What a part of a unit counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A whole one.
    Started,
    /// Nothing.
    Completed,
    /// Its share.
    ProRata,
    /// The nearest whole, ties down.
    Nearest,
    /// The nearest whole, ties up.
    NearestTiesUp,
}

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitOf {
    /// So much lateness, on the calendar of the clock (or of `late in`).
    Late(Millis),
    /// So much wall time from the breach to the stop: `day` is 24 hours of it.
    LateInWallTime(Millis),
    /// Each local date that the time from the breach to the stop touches.
    DateLate,
    /// So much downtime.
    Down(Millis),
    /// Each local date that an outage touches.
    DateDown,
    /// So much of a figure's distance from what was promised.
    Short {
        /// The step.
        #[serde(serialize_with = "serialize_exact")]
        step: Fraction,
        /// The promised share.
        #[serde(serialize_with = "serialize_exact")]
        promise: Fraction,
    },
    /// So much of the agreed time by which a service falls short of what was promised.
    ShortInTime {
        /// The step.
        step: Millis,
        /// The promised share.
        #[serde(serialize_with = "serialize_exact")]
        promise: Fraction,
    },
    /// A breach.
    Breach,
    /// A ticket.
    Ticket,
    /// An outage.
    Outage,
}

/// `capped at 10% of fee per ticket`, on a clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClauseCap {
    /// The amount; it carries no unit.
    pub amount: Amount,
    /// Over what it is shared.
    pub scope: CapScope,
    /// Where it stands.
    pub place: Place,
}

/// Over what a clause's cap is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CapScope {
    /// Each of its lines, one for a breach.
    Breach,
    /// All its lines for one ticket.
    Ticket,
    /// All its lines for one outage.
    Outage,
    /// All its lines of one period.
    Per(Period),
}

/// `cap penalties at 25% of fee per month`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cap {
    /// The amount; it carries no unit.
    pub amount: Amount,
    /// The period it is for.
    pub per: Period,
    /// What it cuts is owed later, and not lost.
    pub carried: bool,
    /// Where it stands.
    pub place: Place,
}

/// `pay only above 50 EUR`, `raise to at least 10 EUR`: for the penalties of a month together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Threshold {
    /// The amount; it carries no unit.
    pub amount: Amount,
    /// Where it stands.
    pub place: Place,
}

/// How penalties of several clauses in one month come together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// All are paid.
    Sum,
    /// Only the clause that pays most; ties to the first in the file.
    Greatest,
    /// For each ticket, only the clause that pays most on it; amounts without a ticket are paid.
    GreatestPerTicket,
    /// Only the first in the file that pays.
    First,
    /// Some of them, as a tree; those that it does not name are paid.
    Nested(CombinePart),
}

/// A part of a nested combination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CombinePart {
    /// A penalty, by name.
    Clause(String),
    /// All parts are paid.
    Sum(Vec<CombinePart>),
    /// Only the part that comes to most; ties to the first.
    Greatest(Vec<CombinePart>),
    /// Only the first part that comes to anything.
    First(Vec<CombinePart>),
}

impl CombinePart {
    /// As written: `greatest of (sum of (a, b), c)`.
    pub fn words(&self) -> String {
        let (rule, parts) = match self {
            CombinePart::Clause(name) => return name.clone(),
            CombinePart::Sum(parts) => ("sum", parts),
            CombinePart::Greatest(parts) => ("greatest", parts),
            CombinePart::First(parts) => ("first", parts),
        };
        let parts = parts.iter().map(CombinePart::words).collect::<Vec<_>>().join(", ");
        format!("{rule} of ({parts})")
    }
}
