//! Penalties, incentives and caps.

use crate::ast::{self, AmountKind, ClauseLine, RunKind};
use crate::money::{Fraction, whole};
use crate::plan::clause::{
    Amount, Back, Band, Base, CapScope, Clause, ClauseCap, ClauseKind, Combine, CombinePart, EarnBack, Measure, Owed,
    Part, Period, Run, Subject, Term, Unit, UnitOf,
};
use crate::plan::condition::{Bound, Condition, Test};
use crate::source::{Span, Spanned};

use super::Compiler;
use super::condition::{Sees, comparison};
use super::metric::{Ground, counted_by};
use super::tier::metric_id;

impl Compiler<'_> {
    pub(super) fn clause(
        &mut self,
        clause: &ast::Clause,
        mark: Option<&ast::Text>,
        head: Span,
        metrics: &[String],
        promise: Option<&Fraction>,
        ground: Ground<'_>,
    ) -> Option<Clause> {
        let mut subject = None;
        let mut conditions = vec![clause.when.clone()];
        let (mut except, mut claim, mut counted) = (None, None, None);
        let mut caps = Vec::new();
        for line in &clause.lines {
            match &line.value {
                ClauseLine::ForEachBreach(metric, when) => {
                    conditions.push(when.clone());
                    let amount = clause.lines.iter().find_map(|line| match &line.value {
                        ClauseLine::Amount(amount) => Some(amount),
                        _ => None,
                    })?;
                    let metric = metric_id(metrics, &metric.value)?;
                    subject = Some(Subject::EachBreach { metric, amount: self.amount(amount, None) });
                }
                ClauseLine::Per(per, measure, when, volume) => {
                    conditions.push(when.clone());
                    subject = Some(Subject::Figure {
                        per: period(&per.value),
                        measure: measure_of(measure, metrics)?,
                        min_tickets: volume.as_ref().and_then(|volume| u64::try_from(volume.value).ok()),
                        bands: self.bands(clause, promise),
                    });
                }
                ClauseLine::Claim(line_claim) => claim = Some(self.claim(ground, line_claim, mark, line.span)),
                ClauseLine::CountedBy(word) => counted = Some(counted_by(word)),
                ClauseLine::Except(condition) => except = Some(self.condition(condition, Sees::All)),
                ClauseLine::Capped(amount, scope, own) => caps.push(ClauseCap {
                    amount: self.amount(amount, None),
                    scope: match &scope.value {
                        ast::CapScope::Period(per) => CapScope::Per(period(per)),
                        _ => CapScope::Ticket,
                    },
                    place: self.place(own.as_ref().or(mark), line.span),
                }),
                _ => {}
            }
        }
        let when = self.all_of(conditions.into_iter().flatten().collect());
        let kind = if clause.is_penalty { ClauseKind::Penalty } else { ClauseKind::Incentive };
        let (name, place) = (clause.name.value.clone(), self.place(mark, head));
        let lines = clause.lines.iter().map(|line| self.words(line.span)).collect();
        Some(Clause { name, kind, place, lines, subject: subject?, when, except, caps, counted_by: counted, claim })
    }

    fn all_of(&mut self, conditions: Vec<ast::Condition>) -> Option<Condition> {
        let mut compiled: Vec<Condition> =
            conditions.iter().map(|condition| self.condition(condition, Sees::All)).collect();
        match compiled.len() {
            0 | 1 => compiled.pop(),
            _ => {
                let words = compiled.iter().map(|condition| condition.words.clone()).collect::<Vec<_>>().join(" and ");
                Some(Condition {
                    test: Test::All(compiled.into_iter().map(|condition| condition.test).collect()),
                    words,
                })
            }
        }
    }

    fn bands(&mut self, clause: &ast::Clause, promise: Option<&Fraction>) -> Vec<Band> {
        let mut bands = Vec::new();
        for line in &clause.lines {
            if let ClauseLine::Band(band) = &line.value {
                bands.push(Band {
                    bounds: bounds(&band.bounds),
                    run: band.run.as_ref().map(run),
                    owed: self.owed(band, promise),
                    place: self.place(band.mark.as_ref(), line.span),
                });
            }
        }
        bands
    }

    fn owed(&mut self, band: &ast::Band, promise: Option<&Fraction>) -> Owed {
        match &band.owed {
            ast::Owed::Amount(amount) => Owed::Amount(self.amount(amount, promise)),
            ast::Owed::ShareBack(share, penalty) => {
                Owed::EarnBack(EarnBack { penalty: penalty.value.clone(), back: Back::Share(share.value.clone()) })
            }
            ast::Owed::AmountBack(amount) => {
                let penalty = band.run.as_ref().and_then(|run| match &run.kind {
                    RunKind::After(_, penalty) => Some(penalty.value.clone()),
                    _ => None,
                });
                let back = Back::Amount(self.amount(amount, promise));
                Owed::EarnBack(EarnBack { penalty: penalty.unwrap_or_default(), back })
            }
            ast::Owed::Extend(count, ast::TermUnit::Months) => Owed::Extend(Term::Months(small(count))),
            ast::Owed::Extend(count, ast::TermUnit::Days) => Owed::Extend(Term::Days(small(count))),
        }
    }

    /// `promise` is what a figure may fall short of.
    pub(super) fn amount(&mut self, amount: &ast::Amount, promise: Option<&Fraction>) -> Amount {
        let all = |compiler: &mut Self, amounts: &[ast::Amount]| {
            amounts.iter().map(|amount| compiler.amount(amount, promise)).collect()
        };
        match &amount.kind {
            AmountKind::Rate(rate, from, unit) => Amount::Rate {
                rate: rate.clone(),
                base: base(from),
                per: unit.as_ref().map(|unit| self.unit(unit, promise)),
            },
            AmountKind::Money(money, unit) => {
                Amount::Money { amount: money.amount.clone(), per: unit.as_ref().map(|unit| self.unit(unit, promise)) }
            }
            AmountKind::Greatest(amounts) => Amount::Greatest(all(self, amounts)),
            AmountKind::Least(amounts) => Amount::Least(all(self, amounts)),
            AmountKind::Sum(amounts) => Amount::Sum(all(self, amounts)),
            AmountKind::Later(_) => Amount::Sum(Vec::new()),
        }
    }

    fn unit(&self, unit: &ast::Unit, promise: Option<&Fraction>) -> Unit {
        let part = match unit.part {
            Some(ast::Part::Completed) => Part::Completed,
            Some(ast::Part::ProRata) => Part::ProRata,
            Some(ast::Part::Nearest) => Part::Nearest,
            Some(ast::Part::NearestTiesUp) => Part::NearestTiesUp,
            Some(ast::Part::Started) | None => Part::Started,
        };
        let of = match &unit.of {
            ast::UnitOf::Time(millis) => UnitOf::Late(*millis),
            ast::UnitOf::WallTime(millis) => UnitOf::LateInWallTime(*millis),
            ast::UnitOf::Date => UnitOf::DateLate,
            ast::UnitOf::Share(share) => {
                UnitOf::Short { step: share.clone(), promise: promise.cloned().unwrap_or_else(|| whole(1)) }
            }
            ast::UnitOf::Breach => UnitOf::Breach,
            ast::UnitOf::Ticket => UnitOf::Ticket,
        };
        Unit { part, of, free: unit.free.as_ref().map(|free| free.value), words: self.words(unit.span) }
    }
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

fn base(base: &ast::Base) -> Base {
    match base {
        ast::Base::Fee(service) => Base::Fee(service.as_ref().map(|name| name.value.clone())),
        ast::Base::MonthlyFee => Base::MonthlyFee,
        ast::Base::YearlyFee => Base::YearlyFee,
        ast::Base::AllFees => Base::AllFees,
        ast::Base::PreviousMonth => Base::FeeOfPreviousMonth,
        ast::Base::NextMonth => Base::FeeOfNextMonth,
        ast::Base::Later(_) => Base::Fee(None),
    }
}

pub(super) fn measure_of(measure: &ast::Measure, metrics: &[String]) -> Option<Measure> {
    match measure {
        ast::Measure::Attainment(metric) => metric_id(metrics, &metric.value).map(Measure::Attainment),
        ast::Measure::Breaches(metric) => metric_id(metrics, &metric.value).map(Measure::Breaches),
        ast::Measure::Later(_) => None,
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
