//! Penalties and incentives: what they look at, bands, amounts, caps.

use crate::ast::{
    Amount, AmountKind, Band, Base, Bound, CapScope, Claim, ClaimUntil, Clause, ClauseLine, Comparison, Owed, Part,
    Proportion, Run, RunKind, TermUnit, Unit, UnitOf, Volume,
};
use crate::money::{Fraction, whole};
use crate::source::Spanned;
use crate::time::{DAY, HOUR, MINUTE};

use super::super::grammar::Rule;
use super::super::node::Node;
use super::{Lower, P, body};

impl Lower<'_> {
    pub(super) fn clause(&mut self, node: &Node<'_>) -> Option<Clause> {
        let pair = node.pair.clone().into_inner().last()?;
        let lines = body(node).iter().filter_map(|line| {
            let value = self.clause_line(&line.pair)?;
            Some(Spanned::new(value, self.node_span(line)))
        });
        let lines = lines.collect();
        let is_penalty = pair.as_rule() == Rule::penalty_head;
        Some(Clause { name: self.name_in(&pair)?, is_penalty, when: self.when_in(&pair), each: None, lines })
    }

    fn clause_line(&mut self, pair: &P<'_>) -> Option<ClauseLine> {
        Some(match pair.as_rule() {
            Rule::each_breach => {
                ClauseLine::ForEachBreach(self.name_in(pair)?, self.when_in(pair), self.volume_in(pair))
            }
            Rule::each_other => self.each_other(pair)?,
            Rule::per_line => self.per_line(pair)?,
            Rule::band_line => self.band_line(pair)?,
            Rule::amount_line => match self.owed(&self.first(pair, Rule::outcome_words)?)? {
                Owed::Amount(amount) => ClauseLine::Amount(amount),
                owed => ClauseLine::Unbanded(owed),
            },
            Rule::capped_line => {
                let amount = self.amount(&self.first(pair, Rule::bare_amount)?)?;
                let scope = self.cap_scope(&self.first(pair, Rule::cap_scope)?);
                ClauseLine::Capped(amount, scope, self.mark_in(pair))
            }
            Rule::claim_line => ClauseLine::Claim(self.claim(pair)?),
            Rule::counted_line => ClauseLine::CountedBy(self.name_in(pair)?),
            Rule::failure_line => ClauseLine::OnFailure(self.amount(&self.first(pair, Rule::amount)?)?),
            Rule::except_line => ClauseLine::Except(self.when_in(pair)?),
            _ => ClauseLine::Later(self.later("this line", pair)),
        })
    }

    fn each_other(&mut self, pair: &P<'_>) -> Option<ClauseLine> {
        let when = self.when_in(pair);
        let what = pair.clone().into_inner().map(|word| word.as_rule());
        let word = what.clone().find(|rule| !matches!(rule, Rule::k_for | Rule::k_each));
        Some(match word {
            Some(Rule::k_outage) => ClauseLine::ForEachOutage(self.name_in(pair)?, when, self.volume_in(pair)),
            Some(Rule::k_ticket) => ClauseLine::ForEachTicket(when, self.volume_in(pair)),
            _ => {
                let word = self.first(pair, Rule::k_service).map(|word| self.name(&word));
                let field = word.or_else(|| self.name_in(pair))?;
                let values = self.first(pair, Rule::values).map(|values| self.values(&values));
                ClauseLine::ForEachValue(field, values.unwrap_or_default(), when)
            }
        })
    }

    fn per_line(&mut self, pair: &P<'_>) -> Option<ClauseLine> {
        let period = self.period(&self.first(pair, Rule::period)?);
        let measure = self.measure(&self.first(pair, Rule::measure)?)?;
        Some(ClauseLine::Per(period, measure, self.when_in(pair), self.volume_in(pair)))
    }

    fn volume_in(&mut self, pair: &P<'_>) -> Volume {
        let least = self.first(&self.first(pair, Rule::volume)?, Rule::int)?;
        Some(self.int(&least))
    }

    fn band_line(&mut self, pair: &P<'_>) -> Option<ClauseLine> {
        let run = self.run_in(pair);
        let bounds: Vec<Bound> = self.all(pair, Rule::bound).iter().filter_map(|bound| self.bound(bound)).collect();
        let owed = self.owed(&self.first(pair, Rule::outcome_words)?)?;
        Some(ClauseLine::Band(Band { mark: self.mark_in(pair), bounds, run, owed }))
    }

    /// What a band asks of more than one period.
    pub(super) fn run_in(&mut self, pair: &P<'_>) -> Option<Run> {
        let run = self.only(&self.first(pair, Rule::run)?)?;
        let numbers: Vec<Spanned<i64>> = self.all(&run, Rule::int).iter().map(|number| self.int(number)).collect();
        let first = numbers.first()?.clone();
        let unit = self.first(&run, Rule::run_unit).map(|unit| self.value(&unit));
        let kind = match run.as_rule() {
            Rule::run_in_a_row => RunKind::InARow(first, unit?),
            Rule::run_of => RunKind::Of(first, numbers.get(1)?.clone(), unit?),
            _ => RunKind::After(first, self.name_in(&run)?),
        };
        Some(Run { kind, span: self.span(&run) })
    }

    pub(super) fn bound(&mut self, pair: &P<'_>) -> Option<Bound> {
        let comparison = match self.first(pair, Rule::bound_word)?.as_str().split_whitespace().last()? {
            "below" => Comparison::Below,
            "most" => Comparison::AtMost,
            "least" => Comparison::AtLeast,
            _ => Comparison::Above,
        };
        let (value, form) = self.figure(&self.only(&self.first(pair, Rule::bound_value)?)?)?;
        Some(Bound { comparison, value, form, span: self.span(pair) })
    }

    /// What follows from a band.
    fn owed(&mut self, pair: &P<'_>) -> Option<Owed> {
        let words = self.only(pair)?;
        Some(match words.as_rule() {
            Rule::earn_words => self.earned_back(&self.first(&words, Rule::amount)?)?,
            Rule::extend_words => {
                let count = self.int(&self.first(&words, Rule::int)?);
                let in_days = self.has(&words, Rule::k_days) || self.has(&words, Rule::k_day);
                Owed::Extend(count, if in_days { TermUnit::Days } else { TermUnit::Months })
            }
            _ => Owed::Amount(self.amount(&words.into_inner().last()?)?),
        })
    }

    /// A share of what a penalty charged, or an amount.
    fn earned_back(&mut self, pair: &P<'_>) -> Option<Owed> {
        let form = self.only(pair)?;
        let base = self.first(&form, Rule::base).and_then(|base| self.first(&base, Rule::penalty_amount));
        let penalty = if form.as_rule() == Rule::penalty_amount { Some(form.clone()) } else { base };
        let is_plain = !self.has(&form, Rule::per_unit) && !self.has(&form, Rule::proportion);
        match penalty.filter(|_| is_plain) {
            Some(penalty) => {
                let share = self.shares(&form);
                Some(Owed::ShareBack(self.spanned(share, &form), self.name_in(&penalty)?))
            }
            None => Some(Owed::AmountBack(self.amount(pair)?)),
        }
    }

    fn cap_scope(&mut self, pair: &P<'_>) -> Spanned<CapScope> {
        let scope = match self.first(pair, Rule::period) {
            Some(period) => CapScope::Period(self.period(&period).value),
            None => match pair.as_str().trim() {
                "ticket" => CapScope::Ticket,
                "outage" => CapScope::Outage,
                _ => CapScope::Breach,
            },
        };
        self.spanned(scope, pair)
    }

    /// Until when an amount may be claimed.
    pub(super) fn claim(&mut self, pair: &P<'_>) -> Option<Claim> {
        let words = self.first(pair, Rule::claim_within).or_else(|| self.first(pair, Rule::claim_by))?;
        let until = match (self.first(&words, Rule::service_days), self.first(&words, Rule::nth)) {
            (Some(days), _) => {
                ClaimUntil::ServiceDays(self.small(&self.first(&days, Rule::int)?), self.in_calendar(&days))
            }
            (None, Some(nth)) => ClaimUntil::EndOfMonth(self.nth(&nth)),
            (None, None) => ClaimUntil::Length(self.duration_in(&words)?.value),
        };
        Some(Claim {
            mark: self.mark_in(pair),
            until: self.spanned(until, &words),
            after_each: self.has(&words, Rule::each_event),
            unclaimed_pays_nothing: self.has(pair, Rule::unclaimed),
        })
    }

    // -- amounts

    /// An amount in any of its forms.
    pub(super) fn amount(&mut self, pair: &P<'_>) -> Option<Amount> {
        let form = match pair.as_rule() {
            Rule::amount | Rule::bare_amount => self.only(pair)?,
            _ => pair.clone(),
        };
        let kind = match form.as_rule() {
            Rule::greatest_of | Rule::bare_greatest => AmountKind::Greatest(self.amounts(&form)?),
            Rule::least_of | Rule::bare_least => AmountKind::Least(self.amounts(&form)?),
            Rule::sum_of | Rule::bare_sum => AmountKind::Sum(self.amounts(&form)?),
            Rule::rate | Rule::bare_rate | Rule::multiple | Rule::bare_multiple => self.rate(&form)?,
            Rule::fixed_sum => {
                let money = self.money(&self.first(&form, Rule::money)?)?;
                AmountKind::Money(money, self.unit_in(&form), self.proportion_in(&form))
            }
            Rule::money => AmountKind::Money(self.money(&form)?, None, None),
            Rule::by_plugin => AmountKind::By(self.call_in(&form)?),
            Rule::points | Rule::bare_points => {
                AmountKind::Points(self.number(&self.first(&form, Rule::number)?), self.unit_in(&form))
            }
            _ => AmountKind::Later(self.later("an amount of another clause", &form)),
        };
        Some(Amount { kind, span: self.span(pair) })
    }

    fn amounts(&mut self, pair: &P<'_>) -> Option<Vec<Amount>> {
        let list = self.only_list(pair)?;
        list.iter().map(|amount| self.amount(amount)).collect()
    }

    fn only_list<'p>(&self, pair: &P<'p>) -> Option<Vec<P<'p>>> {
        let list = self.first(pair, Rule::amounts).or_else(|| self.first(pair, Rule::bare_amounts))?;
        let all = list.into_inner().filter(|inner| matches!(inner.as_rule(), Rule::amount | Rule::bare_amount));
        Some(all.collect())
    }

    fn rate(&mut self, pair: &P<'_>) -> Option<AmountKind> {
        let rate = self.shares(pair);
        let base = self.base(&self.first(pair, Rule::base)?)?;
        Some(AmountKind::Rate(rate, base, self.unit_in(pair), self.proportion_in(pair)))
    }

    fn proportion_in(&self, pair: &P<'_>) -> Option<Proportion> {
        let mut names = self.names_in(&self.first(pair, Rule::proportion)?).into_iter();
        Some(Proportion { part: names.next()?, whole: names.next()? })
    }

    /// The product of all shares, and of the number of a multiple.
    fn shares(&mut self, pair: &P<'_>) -> Fraction {
        let mut rate = whole(1);
        for share in self.all(pair, Rule::share) {
            if let Some(share) = self.only(&share) {
                rate *= self.share(&share);
            }
        }
        self.first(pair, Rule::number).map_or(rate.clone(), |times| rate * self.number(&times))
    }

    fn share(&mut self, pair: &P<'_>) -> Fraction {
        match pair.as_rule() {
            Rule::percentage => self.percentage(pair),
            _ => self.fraction(pair),
        }
    }

    fn base(&mut self, pair: &P<'_>) -> Option<Base> {
        let base = self.only(pair)?;
        Some(match base.as_rule() {
            Rule::plain_fee => Base::Fee(None),
            Rule::service_fee => Base::Fee(self.name_in(&base)),
            Rule::monthly_fee => Base::MonthlyFee(self.name_in(&base)),
            Rule::yearly_fee => Base::YearlyFee(self.name_in(&base)),
            Rule::all_fees => Base::AllFees,
            Rule::previous_fee => Base::PreviousMonth,
            Rule::next_fee => Base::NextMonth,
            Rule::charged_fee => Base::Charges,
            Rule::price_of_downtime => Base::PriceOfDowntime(self.span(&base)),
            Rule::price_of_days => Base::PriceOf(self.duration_in(&base)?.value),
            Rule::penalty_amount => Base::Later(self.later("an amount of another clause", &base)),
            Rule::field_base => Base::Field(self.name_in(&base)?),
            _ => Base::Later(self.later("this base", &base)),
        })
    }

    fn unit_in(&mut self, pair: &P<'_>) -> Option<Unit> {
        let per = self.first(pair, Rule::per_unit)?;
        let unit = self.first(&per, Rule::unit)?;
        let part = self.first(&unit, Rule::part).map(|part| unit_part(&part));
        let of = self.unit_of(&self.first(&unit, Rule::unit_of)?);
        let word = self.first(&unit, Rule::unit_word).map(|word| self.name(&word));
        let free = self.first(&per, Rule::free).and_then(|free| self.duration_in(&free));
        Some(Unit { part, of, word, free, span: self.span(&unit) })
    }

    fn unit_of(&mut self, pair: &P<'_>) -> UnitOf {
        if let Some(duration) = self.first(pair, Rule::duration) {
            return UnitOf::Time(self.duration(&duration).0);
        }
        match pair.as_str().trim() {
            "hour" => UnitOf::Time(HOUR),
            "minute" => UnitOf::Time(MINUTE),
            "day" => UnitOf::WallTime(DAY),
            "week" => UnitOf::WallTime(7 * DAY),
            "date" => UnitOf::Date,
            "ticket" => UnitOf::Ticket,
            "outage" => UnitOf::Outage,
            share if share.ends_with('%') => UnitOf::Share(
                self.first(pair, Rule::percentage).map_or_else(Self::nothing, |share| self.percentage(&share)),
            ),
            _ => UnitOf::Breach,
        }
    }
}

fn unit_part(pair: &P<'_>) -> Part {
    let words: Vec<&str> = pair.as_str().split_whitespace().collect();
    match words.first().copied() {
        Some("started") => Part::Started,
        Some("completed") => Part::Completed,
        Some("pro") => Part::ProRata,
        _ if pair.as_str().contains("ties") => Part::NearestTiesUp,
        _ => Part::Nearest,
    }
}
