//! Caps that cut every credit, and caps that none can reach.
//!
//! Amounts are compared where that needs no fee: money with money, shares of one base with shares of the same. What cannot
//! be compared so is left alone.

use crate::ast::{
    Amount, AmountKind, Base, CapScope, Clause, ClauseLine, MetricLine, Name, Owed, Part, Period, ReopenRule,
    StatementKind,
};
use crate::diagnostic::Diagnostic;
use crate::money::{Currency, Fraction, exact, in_words, percent, whole};
use crate::source::{Span, Spanned};

use super::each::has_open_values;
use super::{Checker, Known};

/// What an amount is measured in.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Scale {
    /// A currency, by its code.
    Money(String),
    Points,
    /// The fee of a service, or the fee, of one month.
    Fee(Option<String>),
    MonthlyFee(Option<String>),
    YearlyFee(Option<String>),
    AllFees,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Size {
    scale: Scale,
    value: Fraction,
}

impl Size {
    fn is_below(&self, other: &Size) -> bool {
        self.scale == other.scale && self.value < other.value
    }

    fn times(&self, number: i64) -> Size {
        Size { scale: self.scale.clone(), value: &self.value * whole(number) }
    }
}

/// A cap on the lines of a clause, or of all penalties.
struct Cap<'a> {
    amount: &'a Amount,
    /// Months of the period that it is shared over; none: it is for one ticket or outage.
    months: Option<i64>,
    span: Span,
}

impl Checker {
    pub(super) fn caps(&mut self, known: &Known<'_>) {
        let clauses: Vec<&Clause> = known.clauses().collect();
        for clause in &clauses {
            self.clause_caps(known, clause);
        }
        let penalties: Vec<&Clause> =
            clauses.into_iter().filter(|clause| clause.is_penalty && !clause.yields_points()).collect();
        for statement in &known.agreement.statements {
            if let StatementKind::Cap(amount, period, _) = &statement.kind
                && let Some(months) = months(&period.value)
            {
                self.penalty_cap(&penalties, &Cap { amount, months: Some(months), span: statement.head });
            }
        }
    }

    fn clause_caps(&mut self, known: &Known<'_>, clause: &Clause) {
        let Some(own_months) = clause_months(clause).filter(|_| !earns_back(clause)) else { return };
        let smallest = smallest_credit(clause, own_months);
        for cap in clause_caps(clause) {
            let Some(size) = sized(cap.amount, cap.months.unwrap_or(own_months), End::Most) else { continue };
            if let Some((least, at)) = smallest.as_ref().filter(|(least, _)| size.is_below(least)) {
                let message = format!("this cap cuts every credit of `{}`", clause.name.value);
                let fault = Diagnostic::warning("cap_below_credit", cap.span, message);
                self.push(below(fault, least, *at, &size));
                continue;
            }
            let most = match cap.months {
                None if is_once_a_ticket(known, clause) => greatest_credit(clause, own_months),
                None => None,
                Some(months) => most_in(clause, months, false),
            };
            if let Some(most) = most.filter(|most| most.is_below(&size)) {
                let message = format!("`{}` never gets as far as this cap", clause.name.value);
                let fault = Diagnostic::warning("cap_never_reached", cap.span, message);
                self.push(never(fault, &most, &size));
            }
        }
    }

    /// A cap per breach, ticket or outage cuts the lines of one; the line of a figure is nobody's.
    pub(super) fn cap_fits(&mut self, clause: &Clause, scope: &Spanned<CapScope>) {
        let (one, single) = match scope.value {
            CapScope::Breach => ("breach", "for each breach of …"),
            CapScope::Ticket => ("ticket", "for each breach of …` or `for each ticket"),
            CapScope::Outage => ("outage", "for each outage of …"),
            CapScope::Period(_) => return,
        };
        let is_of_one = |line: &ClauseLine| match line {
            ClauseLine::ForEachBreach(..) => one != "outage",
            ClauseLine::ForEachOutage(..) => one == "outage",
            ClauseLine::ForEachTicket(..) => one == "ticket",
            _ => false,
        };
        let fits = clause.lines.iter().any(|line| is_of_one(&line.value));
        if !fits {
            let message = format!("`{}` has no line for a single {one} that this could cap", clause.name.value);
            let help = format!("cap it `per month`, or begin the clause with `{single}`");
            self.warning("cap_does_not_fit", scope.span, message, help);
        }
    }

    fn penalty_cap(&mut self, penalties: &[&Clause], cap: &Cap<'_>) {
        let Some((months, size)) = cap.months.and_then(|months| Some((months, sized(cap.amount, months, End::Most)?)))
        else {
            return;
        };
        let smallest: Option<Vec<(Size, Span)>> = penalties.iter().map(|clause| smallest_paid(clause)).collect();
        let smallest = smallest.unwrap_or_default();
        let least = smallest.iter().reduce(|best, next| if next.0.is_below(&best.0) { next } else { best });
        let cuts_all = smallest.iter().all(|(least, _)| size.is_below(least));
        if let Some((least, at)) = least.filter(|_| cuts_all) {
            let fault = Diagnostic::warning("cap_below_credit", cap.span, "this cap cuts every penalty");
            self.push(below(fault, least, *at, &size));
            return;
        }
        let most: Option<Vec<Size>> = penalties.iter().map(|clause| most_in(clause, months, true)).collect();
        if let Some(most) = most.and_then(sum).filter(|most| most.is_below(&size)) {
            let message = "all penalties together never get as far as this cap";
            self.push(never(Diagnostic::warning("cap_never_reached", cap.span, message), &most, &size));
        }
    }
}

fn below(fault: Diagnostic, least: &Size, at: Span, cap: &Size) -> Diagnostic {
    let witness = format!("the smallest credit, {}, is cut to {}", words(least), words(cap));
    fault.label(at, "the smallest credit").witness(witness).help("check which of the two is meant to be higher")
}

fn never(fault: Diagnostic, most: &Size, cap: &Size) -> Diagnostic {
    let witness = format!("at most {} is owed, and the cap is {}", words(most), words(cap));
    fault.witness(witness).help("check the figure and its period, or take the cap out")
}

/// A size in words; shares of a fee are those of one month's.
fn words(size: &Size) -> String {
    let share = |of: &str| format!("{} of {of}", percent(&size.value));
    match &size.scale {
        Scale::Money(code) => in_words(&size.value, Currency::from_code(code)),
        Scale::Points => format!("{} points", exact(&size.value)),
        Scale::Fee(service) => share(&format!("a month's fee{}", of_service(service))),
        Scale::MonthlyFee(service) => share(&format!("the monthly fee{}", of_service(service))),
        Scale::YearlyFee(service) => share(&format!("the yearly fee{}", of_service(service))),
        Scale::AllFees => share("a month's fees"),
    }
}

fn of_service(service: &Option<String>) -> String {
    service.as_ref().map_or(String::new(), |service| format!(" of {service}"))
}

fn months(period: &Period) -> Option<i64> {
    match period {
        Period::Month => Some(1),
        Period::Quarter => Some(3),
        Period::Year | Period::ContractYear => Some(12),
        Period::Months(count) => Some(i64::from(*count)),
        Period::Day | Period::Week | Period::AnyDays(_) | Period::Later(_) => None,
    }
}

/// Months of the period whose fee a clause's amounts are of; those of one breach, outage or ticket are of its month.
fn clause_months(clause: &Clause) -> Option<i64> {
    clause.lines.iter().find_map(|line| match &line.value {
        ClauseLine::ForEachBreach(..) | ClauseLine::ForEachOutage(..) | ClauseLine::ForEachTicket(..) => Some(1),
        ClauseLine::Per(period, ..) => months(&period.value),
        _ => None,
    })
}

/// Whether a clause has as many lines as there are breaches, outages or tickets.
fn is_for_each(clause: &Clause) -> bool {
    has_open_values(clause) || !clause.lines.iter().any(|line| matches!(line.value, ClauseLine::Per(..)))
}

fn clause_caps(clause: &Clause) -> Vec<Cap<'_>> {
    let caps = clause.lines.iter().filter_map(|line| {
        let ClauseLine::Capped(amount, scope, _) = &line.value else { return None };
        let months = match &scope.value {
            CapScope::Breach | CapScope::Ticket | CapScope::Outage => None,
            CapScope::Period(period) => Some(months(period)?),
        };
        Some(Cap { amount, months, span: line.span })
    });
    caps.collect()
}

fn credits(clause: &Clause) -> Vec<(&Amount, Span)> {
    let amounts = clause.lines.iter().filter_map(|line| line.value.amount());
    amounts.map(|amount| (amount, amount.span)).collect()
}

/// Whether something is owed whose size depends on what was charged before.
fn earns_back(clause: &Clause) -> bool {
    clause.lines.iter().any(|line| match &line.value {
        ClauseLine::Band(band) => !matches!(band.owed, Owed::Amount(_)),
        _ => false,
    })
}

// -- the least and the most of a clause

/// The smallest amount that a clause owes where it owes anything; none where that is not known.
fn smallest_credit(clause: &Clause, months: i64) -> Option<(Size, Span)> {
    let all = credits(clause).into_iter().map(|(amount, span)| Some((sized(amount, months, End::Least)?, span)));
    let all: Vec<(Size, Span)> = all.collect::<Option<_>>()?;
    let scale = all.first().map(|(size, _)| size.scale.clone())?;
    let owed = all.iter().filter(|(size, _)| size.value > whole(0));
    let smallest = owed.reduce(|best, next| if next.0.is_below(&best.0) { next } else { best })?;
    all.iter().all(|(size, _)| size.scale == scale).then(|| smallest.clone())
}

/// The smallest amount that is left of a clause after its own caps.
fn smallest_paid(clause: &Clause) -> Option<(Size, Span)> {
    let months = clause_months(clause)?;
    let mut smallest = smallest_credit(clause, months)?;
    for cap in clause_caps(clause) {
        let size = sized(cap.amount, cap.months.unwrap_or(months), End::Most)?;
        if size.scale != smallest.0.scale {
            return None;
        }
        if size.is_below(&smallest.0) {
            smallest = (size, cap.span);
        }
    }
    Some(smallest)
}

/// The greatest amount of one line of a clause; none where it has no bound.
fn greatest_credit(clause: &Clause, months: i64) -> Option<Size> {
    let all: Option<Vec<Size>> =
        credits(clause).into_iter().map(|(amount, _)| sized(amount, months, End::Most)).collect();
    extreme(all?, |next, best| best.is_below(next))
}

/// The most that a clause comes to in a period of so many months, its own caps looked at where `capped`; none where that has
/// no bound.
fn most_in(clause: &Clause, in_months: i64, capped: bool) -> Option<Size> {
    let own_months = clause_months(clause)?;
    let lines = Some(own_months).filter(|_| !is_for_each(clause)).and_then(|own| times(in_months, own));
    let by_lines = lines.and_then(|lines| Some(greatest_credit(clause, own_months)?.times(lines)));
    // Each value has a cap of its own.
    let caps = clause_caps(clause).into_iter().filter(|_| capped && !has_open_values(clause));
    let by_caps =
        caps.filter_map(|cap| Some(sized(cap.amount, cap.months?, End::Most)?.times(times(in_months, cap.months?)?)));
    let bounds: Vec<Size> = by_lines.into_iter().chain(by_caps).collect();
    extreme(bounds, |next, best| next.is_below(best))
}

/// How many periods of so many months a longer one holds; none where they do not fit into it evenly.
fn times(longer: i64, shorter: i64) -> Option<i64> {
    (0 < shorter && longer % shorter == 0).then(|| longer / shorter)
}

/// Whether a ticket has one breach of the clause's metric at most.
fn is_once_a_ticket(known: &Known<'_>, clause: &Clause) -> bool {
    let metric = clause.lines.iter().find_map(|line| match &line.value {
        ClauseLine::ForEachBreach(metric, ..) => Some(&metric.value),
        _ => None,
    });
    let lines = known.find(|kind| match kind {
        StatementKind::Metric(name, lines) if Some(&name.value) == metric => Some(lines),
        _ => None,
    });
    let begins_anew = |line: &Spanned<MetricLine>| match &line.value {
        MetricLine::Repeats(..) => true,
        MetricLine::Reopens(reopens) => {
            let rules = reopens.otherwise.iter().chain([&reopens.then]);
            rules.into_iter().any(|rule| matches!(rule.value, ReopenRule::NewCycle | ReopenRule::Restarts))
        }
        _ => false,
    };
    lines.is_some_and(|lines| !lines.iter().any(begins_anew))
}

// -- amounts

/// Which end of what an amount can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The least, where it is anything.
    Least,
    Most,
}

/// The least or the most that an amount can be; none where it has no such bound.
fn sized(amount: &Amount, months: i64, end: End) -> Option<Size> {
    match &amount.kind {
        AmountKind::Rate(_, _, _, Some(_)) | AmountKind::Money(_, _, Some(_)) => None,
        AmountKind::Rate(_, _, unit, None) | AmountKind::Money(_, unit, None) | AmountKind::Points(_, unit) => {
            let is_bounded = unit.as_ref().is_none_or(|unit| end == End::Least && unit.part != Some(Part::ProRata));
            one(amount, months).filter(|_| is_bounded)
        }
        AmountKind::Greatest(all) => extreme(sizes(all, months, end)?, |next, best| best.is_below(next)),
        AmountKind::Least(all) => extreme(sizes(all, months, end)?, |next, best| next.is_below(best)),
        // Of parts with units one may be nothing where another is something: they must have none.
        AmountKind::Sum(all) => sum(sizes(all, months, End::Most)?),
        AmountKind::By(_) | AmountKind::Later(_) => None,
    }
}

/// An amount, or one unit of it.
fn one(amount: &Amount, months: i64) -> Option<Size> {
    let named = |service: &Option<Name>| service.as_ref().map(|name| name.value.clone());
    let (scale, value) = match &amount.kind {
        AmountKind::Money(money, ..) => (Scale::Money(money.currency.value.clone()), money.amount.clone()),
        AmountKind::Points(points, _) => (Scale::Points, points.clone()),
        AmountKind::Rate(rate, base, ..) => match base {
            Base::Fee(service) => (Scale::Fee(named(service)), rate * whole(months)),
            Base::AllFees => (Scale::AllFees, rate * whole(months)),
            Base::MonthlyFee(service) => (Scale::MonthlyFee(named(service)), rate.clone()),
            Base::YearlyFee(service) => (Scale::YearlyFee(named(service)), rate.clone()),
            _ => return None,
        },
        _ => return None,
    };
    Some(Size { scale, value })
}

fn sizes(all: &[Amount], months: i64, end: End) -> Option<Vec<Size>> {
    all.iter().map(|amount| sized(amount, months, end)).collect()
}

/// The size that is better than all others; none where their scales differ.
fn extreme(all: Vec<Size>, is_better: fn(&Size, &Size) -> bool) -> Option<Size> {
    let same = all.iter().zip(all.iter().skip(1)).all(|(one, next)| one.scale == next.scale);
    all.into_iter().filter(|_| same).reduce(|best, next| if is_better(&next, &best) { next } else { best })
}

fn sum(all: Vec<Size>) -> Option<Size> {
    let same = all.iter().zip(all.iter().skip(1)).all(|(one, next)| one.scale == next.scale);
    all.into_iter().filter(|_| same).reduce(|sum, next| Size { value: sum.value + next.value, ..sum })
}
