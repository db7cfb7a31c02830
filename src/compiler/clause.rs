//! Penalties, incentives and caps.

use crate::ast::{self, AmountKind, ClauseLine, RunKind};
use crate::money::{Fraction, whole};
use crate::plan::availability::Service;
use crate::plan::clause::{
    Amount, Back, Band, Base, CapScope, Clause, ClauseCap, ClauseKind, Combine, CombinePart, Each, EarnBack, Measure,
    NamedField, Owed, Part, Period, Proportion, Run, Statistic, Subject, Term, Unit, UnitOf,
};
use crate::plan::condition::Bound;
use crate::plugin::Kind;
use crate::source::{Span, Spanned};

use super::Compiler;
use super::availability::{all_of, service_id};
use super::condition::{Sees, comparison};
use super::metric::{Ground, counted_by};
use super::tier::metric_id;

/// The names that a clause's numbers stand for, and what it may fall short of.
#[derive(Clone, Copy)]
pub(super) struct Named<'r> {
    pub metrics: &'r [String],
    pub services: &'r [Service],
    /// What is promised of the clause's figure.
    pub promise: Option<&'r Fraction>,
}

/// What an amount is of.
#[derive(Clone, Copy)]
struct Of<'r> {
    promise: Option<&'r Fraction>,
    /// The service that the clause looks at.
    service: Option<&'r str>,
    /// What is owed where a plugin fails.
    on_failure: Option<&'r ast::Amount>,
}

impl Of<'_> {
    /// Of a cap on all penalties, which carries no unit.
    const NOTHING: Of<'static> = Of { promise: None, service: None, on_failure: None };
}

impl Compiler<'_> {
    pub(super) fn clause(
        &mut self,
        ground: Ground<'_>,
        clause: &ast::Clause,
        mark: Option<&ast::Text>,
        head: Span,
        named: Named<'_>,
    ) -> Option<Clause> {
        let (mut subject, mut min_tickets) = (None, None);
        let mut conditions: Vec<&ast::Condition> = clause.when.iter().collect();
        let (mut except, mut claim, mut counted) = (None, None, None);
        let mut each = clause.each.as_ref().map(each_of);
        let mut caps = Vec::new();
        for line in &clause.lines {
            match &line.value {
                ClauseLine::ForEachBreach(_, when, volume)
                | ClauseLine::ForEachOutage(_, when, volume)
                | ClauseLine::ForEachTicket(when, volume)
                | ClauseLine::Per(_, _, when, volume) => {
                    conditions.extend(when);
                    min_tickets = volume.as_ref().and_then(|volume| u64::try_from(volume.value).ok());
                    subject = Some(self.subject(clause, &line.value, named)?);
                }
                ClauseLine::ForEachValue(field, values, when) => {
                    conditions.extend(when);
                    if values.is_empty() {
                        let of = self.operand(field, Sees::All);
                        each = Some(Each::Every { of, name: field.value.clone() });
                    }
                }
                ClauseLine::Claim(line_claim) => claim = Some(self.claim(ground, line_claim, mark, line.span)),
                ClauseLine::CountedBy(word) => counted = Some(counted_by(word)),
                ClauseLine::Except(condition) => except = Some(self.condition(condition, Sees::All)),
                ClauseLine::Capped(amount, scope, own) => caps.push(ClauseCap {
                    amount: self.amount_of(amount, Of { service: clause.service(), ..Of::NOTHING }),
                    scope: match &scope.value {
                        ast::CapScope::Period(per) => CapScope::Per(period(per)),
                        ast::CapScope::Outage => CapScope::Outage,
                        ast::CapScope::Breach => CapScope::Breach,
                        ast::CapScope::Ticket => CapScope::Ticket,
                    },
                    place: self.place(own.as_ref().or(mark), line.span),
                }),
                _ => {}
            }
        }
        let when = all_of(conditions.into_iter().map(|condition| self.condition(condition, Sees::All)).collect());
        let kind = if clause.is_penalty { ClauseKind::Penalty } else { ClauseKind::Incentive };
        let (name, place) = (clause.name.value.clone(), self.place(mark, head));
        let lines = clause.lines.iter().map(|line| self.words(line.span)).collect();
        let (subject, counted_by) = (subject?, counted);
        Some(Clause { name, kind, place, lines, subject, each, when, except, min_tickets, caps, counted_by, claim })
    }

    fn subject(&mut self, clause: &ast::Clause, line: &ClauseLine, named: Named<'_>) -> Option<Subject> {
        let amount = |compiler: &mut Self, service| {
            let amount = clause.lines.iter().find_map(|line| match &line.value {
                ClauseLine::Amount(amount) => Some(amount),
                _ => None,
            });
            amount
                .map(|amount| compiler.amount_of(amount, Of { promise: None, service, on_failure: on_failure(clause) }))
        };
        Some(match line {
            ClauseLine::ForEachBreach(metric, ..) => {
                let metric = metric_id(named.metrics, &metric.value)?;
                Subject::EachBreach { metric, amount: amount(self, None)? }
            }
            ClauseLine::ForEachOutage(service, ..) => Subject::EachOutage {
                service: service_id(named.services, &service.value)?,
                amount: amount(self, Some(&service.value))?,
            },
            ClauseLine::ForEachTicket(..) => Subject::EachTicket { amount: amount(self, None)? },
            ClauseLine::Per(per, measure, ..) => Subject::Figure {
                per: period(&per.value),
                measure: self.measure(measure, named)?,
                bands: self.bands(
                    clause,
                    Of { promise: named.promise, service: measure.service(), on_failure: on_failure(clause) },
                ),
            },
            _ => return None,
        })
    }

    /// A figure of a period; none where it is of something that does not exist.
    pub(super) fn measure(&mut self, measure: &ast::Measure, named: Named<'_>) -> Option<Measure> {
        let metric = |name: &ast::Name| metric_id(named.metrics, &name.value);
        let service = |name: &ast::Name| service_id(named.services, &name.value);
        Some(match measure {
            ast::Measure::Attainment(name) => Measure::Attainment(metric(name)?),
            ast::Measure::Breaches(name) => Measure::Breaches(metric(name)?),
            ast::Measure::Availability(name) => Measure::Availability(service(name)?),
            ast::Measure::Downtime(name) => Measure::Downtime(service(name)?),
            ast::Measure::Outages(name) => Measure::Outages(service(name)?),
            ast::Measure::Statistic(of, name) => match metric(name) {
                Some(metric) => Measure::Elapsed(statistic(*of), metric),
                None => Measure::Field(statistic(*of), self.plan.vocabulary.field(&name.value), name.value.clone()),
            },
            ast::Measure::Tickets(_) => Measure::Tickets,
            ast::Measure::ReopenedTickets(_) => Measure::ReopenedTickets,
            ast::Measure::ShareOfTickets(condition) => Measure::ShareOfTickets(self.condition(condition, Sees::All)),
            ast::Measure::Points(clauses) => {
                Measure::Points(clauses.iter().map(|clause| clause.value.clone()).collect())
            }
            ast::Measure::Over(is_total, months, of) => {
                let months = u32::try_from(months.value).ok()?;
                let of = Box::new(self.measure(of, named)?);
                if *is_total { Measure::TotalOver { months, of } } else { Measure::MeanOver { months, of } }
            }
            ast::Measure::By(call) => Measure::By(self.call(call, Kind::Measure, None)?),
        })
    }

    fn bands(&mut self, clause: &ast::Clause, of: Of<'_>) -> Vec<Band> {
        let mut bands = Vec::new();
        for line in &clause.lines {
            if let ClauseLine::Amount(amount) = &line.value {
                // Owed whatever the figure is.
                let (owed, place) = (Owed::Amount(self.amount_of(amount, of)), self.place(None, line.span));
                bands.push(Band { bounds: Vec::new(), run: None, owed, place });
            }
            if let ClauseLine::Band(band) = &line.value {
                bands.push(Band {
                    bounds: bounds(&band.bounds),
                    run: band.run.as_ref().map(run),
                    owed: self.owed(band, of),
                    place: self.place(band.mark.as_ref(), line.span),
                });
            }
        }
        bands
    }

    fn owed(&mut self, band: &ast::Band, of: Of<'_>) -> Owed {
        match &band.owed {
            ast::Owed::Amount(amount) => Owed::Amount(self.amount_of(amount, of)),
            ast::Owed::ShareBack(share, penalty) => {
                Owed::EarnBack(EarnBack { penalty: penalty.value.clone(), back: Back::Share(share.value.clone()) })
            }
            ast::Owed::AmountBack(amount) => {
                let penalty = band.run.as_ref().and_then(|run| match &run.kind {
                    RunKind::After(_, penalty) => Some(penalty.value.clone()),
                    _ => None,
                });
                let back = Back::Amount(self.amount_of(amount, of));
                Owed::EarnBack(EarnBack { penalty: penalty.unwrap_or_default(), back })
            }
            ast::Owed::Extend(count, ast::TermUnit::Months) => Owed::Extend(Term::Months(small(count))),
            ast::Owed::Extend(count, ast::TermUnit::Days) => Owed::Extend(Term::Days(small(count))),
        }
    }

    /// The amount of a cap, which carries no unit.
    pub(super) fn amount(&mut self, amount: &ast::Amount) -> Amount {
        self.amount_of(amount, Of::NOTHING)
    }

    fn amount_of(&mut self, amount: &ast::Amount, of: Of<'_>) -> Amount {
        let all = |compiler: &mut Self, amounts: &[ast::Amount]| {
            amounts.iter().map(|amount| compiler.amount_of(amount, of)).collect()
        };
        match &amount.kind {
            AmountKind::Rate(rate, from, unit, proportion) => Amount::Rate {
                rate: rate.clone(),
                base: self.base(from, of),
                per: unit.as_ref().map(|unit| self.unit(unit, of)),
                proportion: proportion.as_ref().map(|proportion| self.proportion(proportion)),
            },
            AmountKind::Money(money, unit, proportion) => Amount::Money {
                amount: money.amount.clone(),
                per: unit.as_ref().map(|unit| self.unit(unit, of)),
                proportion: proportion.as_ref().map(|proportion| self.proportion(proportion)),
            },
            AmountKind::Points(points, unit) => {
                Amount::Points { points: points.clone(), per: unit.as_ref().map(|unit| self.unit(unit, of)) }
            }
            AmountKind::Greatest(amounts) => Amount::Greatest(all(self, amounts)),
            AmountKind::Least(amounts) => Amount::Least(all(self, amounts)),
            AmountKind::Sum(amounts) => Amount::Sum(all(self, amounts)),
            AmountKind::By(call) => {
                let on_failure = of.on_failure.map(|amount| self.amount_of(amount, of));
                let call = self.call(call, Kind::Credit, on_failure);
                call.map_or(Amount::Sum(Vec::new()), Amount::By)
            }
            AmountKind::Later(_) => Amount::Sum(Vec::new()),
        }
    }

    fn proportion(&mut self, proportion: &ast::Proportion) -> Proportion {
        Proportion { part: self.named_field(&proportion.part), whole: self.named_field(&proportion.whole) }
    }

    fn named_field(&mut self, name: &ast::Name) -> NamedField {
        NamedField { id: self.plan.vocabulary.field(&name.value), name: name.value.clone() }
    }

    fn base(&mut self, base: &ast::Base, of: Of<'_>) -> Base {
        let service = || of.service.map(str::to_string);
        let named = |service: &Option<ast::Name>| service.as_ref().map(|name| name.value.clone());
        match base {
            ast::Base::Fee(service) => Base::Fee(named(service)),
            ast::Base::MonthlyFee(service) => Base::MonthlyFee(named(service)),
            ast::Base::YearlyFee(service) => Base::YearlyFee(named(service)),
            ast::Base::AllFees => Base::AllFees,
            ast::Base::PreviousMonth => Base::FeeOfPreviousMonth,
            ast::Base::NextMonth => Base::FeeOfNextMonth,
            ast::Base::PriceOfDowntime(_) => Base::PriceOfDowntime(service()),
            ast::Base::PriceOf(time) => Base::PriceOf(*time, service()),
            ast::Base::Field(name) => Base::Field(self.named_field(name)),
            // The checker asks that the agreement's own line is from charges.
            ast::Base::Charges | ast::Base::Later(_) => Base::Fee(None),
        }
    }

    fn unit(&self, unit: &ast::Unit, of: Of<'_>) -> Unit {
        let part = match unit.part {
            Some(ast::Part::Completed) => Part::Completed,
            Some(ast::Part::ProRata) => Part::ProRata,
            Some(ast::Part::Nearest) => Part::Nearest,
            Some(ast::Part::NearestTiesUp) => Part::NearestTiesUp,
            Some(ast::Part::Started) | None => Part::Started,
        };
        let is_down = of.service.is_some();
        let is_short = unit.word.as_ref().is_some_and(|word| word.value == "short");
        let promise = || of.promise.cloned().unwrap_or_else(|| whole(1));
        let of = match &unit.of {
            ast::UnitOf::Time(step) | ast::UnitOf::WallTime(step) if is_short => {
                UnitOf::ShortInTime { step: *step, promise: promise() }
            }
            ast::UnitOf::Time(millis) | ast::UnitOf::WallTime(millis) if is_down => UnitOf::Down(*millis),
            ast::UnitOf::Time(millis) => UnitOf::Late(*millis),
            ast::UnitOf::WallTime(millis) => UnitOf::LateInWallTime(*millis),
            ast::UnitOf::Date if is_down => UnitOf::DateDown,
            ast::UnitOf::Date => UnitOf::DateLate,
            ast::UnitOf::Share(share) => UnitOf::Short { step: share.clone(), promise: promise() },
            ast::UnitOf::Breach => UnitOf::Breach,
            ast::UnitOf::Ticket => UnitOf::Ticket,
            ast::UnitOf::Outage => UnitOf::Outage,
        };
        Unit { part, of, free: unit.free.as_ref().map(|free| free.value), words: self.words(unit.span) }
    }
}

/// What is owed where a plugin of a clause fails.
fn on_failure(clause: &ast::Clause) -> Option<&ast::Amount> {
    clause.lines.iter().find_map(|line| match &line.value {
        ClauseLine::OnFailure(amount) => Some(amount),
        _ => None,
    })
}

fn each_of(each: &ast::Each) -> Each {
    let value = each.value.value.clone();
    if each.is_service { Each::Service(value) } else { Each::Value { name: each.of.value.clone(), value } }
}

pub(super) fn bounds(bounds: &[ast::Bound]) -> Vec<Bound> {
    let bound = |bound: &ast::Bound| Bound { comparison: comparison(bound.comparison), value: bound.value.clone() };
    bounds.iter().map(bound).collect()
}

/// A count that was written; one that fits nowhere counts as the largest.
pub(super) fn small(number: &Spanned<i64>) -> u32 {
    u32::try_from(number.value).unwrap_or(u32::MAX)
}

pub(super) fn run(run: &ast::Run) -> Run {
    match &run.kind {
        RunKind::InARow(periods, _) => Run::InARow(small(periods)),
        RunKind::Of(hits, of, _) => Run::Of { hits: small(hits), of: small(of) },
        RunKind::After(months, penalty) => Run::After { months: small(months), penalty: penalty.value.clone() },
    }
}

fn statistic(statistic: ast::Statistic) -> Statistic {
    match statistic {
        ast::Statistic::Mean => Statistic::Mean,
        ast::Statistic::Total => Statistic::Total,
        ast::Statistic::Percentile(rank) => Statistic::Percentile(rank),
        ast::Statistic::Longest => Statistic::Longest,
    }
}

pub(super) fn period(period: &ast::Period) -> Period {
    match period {
        ast::Period::Day => Period::Day,
        ast::Period::Week => Period::Week,
        ast::Period::Month | ast::Period::Later(_) => Period::Month,
        ast::Period::Quarter => Period::Quarter,
        ast::Period::Year => Period::Year,
        ast::Period::ContractYear => Period::ContractYear,
        ast::Period::Months(count) => Period::Months(*count),
        ast::Period::AnyDays(count) => Period::AnyDays(*count),
    }
}

pub(super) fn combine(combine: &ast::Combine) -> Combine {
    match combine {
        ast::Combine::Nested(part) => Combine::Nested(combine_part(part)),
        ast::Combine::Greatest => Combine::Greatest,
        ast::Combine::GreatestPerTicket => Combine::GreatestPerTicket,
        ast::Combine::First => Combine::First,
        ast::Combine::Sum => Combine::Sum,
    }
}

fn combine_part(part: &ast::CombinePart) -> CombinePart {
    let all = |parts: &[ast::CombinePart]| parts.iter().map(combine_part).collect();
    match part {
        ast::CombinePart::Clause(name) => CombinePart::Clause(name.value.clone()),
        ast::CombinePart::Sum(parts) => CombinePart::Sum(all(parts)),
        ast::CombinePart::Greatest(parts) => CombinePart::Greatest(all(parts)),
        ast::CombinePart::First(parts) => CombinePart::First(all(parts)),
    }
}
