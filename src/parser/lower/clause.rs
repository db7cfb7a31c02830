//! Penalties and incentives: what they look at, bands, amounts, caps.

use crate::ast::{
    Amount, AmountKind, Base, Bound, CapScope, Clause, ClauseLine, Comparison, Part, Proportion, Unit, UnitOf,
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
        Some(Clause { name: self.name_in(&pair)?, is_penalty, when: self.when_in(&pair), lines })
    }

    fn clause_line(&mut self, pair: &P<'_>) -> Option<ClauseLine> {
        Some(match pair.as_rule() {
            Rule::each_breach if !self.has(pair, Rule::volume) => {
                ClauseLine::ForEachBreach(self.name_in(pair)?, self.when_in(pair))
            }
            Rule::each_other if !self.has(pair, Rule::volume) => self.each_other(pair)?,
            Rule::per_line => self.per_line(pair)?,
            Rule::band_line => self.band_line(pair)?,
            Rule::amount_line => match self.outcome_words(&self.first(pair, Rule::outcome_words)?)? {
                Ok(amount) => ClauseLine::Amount(amount),
                Err(what) => ClauseLine::Later(self.later(what, pair)),
            },
            Rule::capped_line => {
                let amount = self.amount(&self.first(pair, Rule::bare_amount)?)?;
                ClauseLine::Capped(amount, self.cap_scope(&self.first(pair, Rule::cap_scope)?))
            }
            Rule::except_line => ClauseLine::Except(self.when_in(pair)?),
            rule => ClauseLine::Later(self.later(later_line(rule), pair)),
        })
    }

    fn each_other(&mut self, pair: &P<'_>) -> Option<ClauseLine> {
        let when = self.when_in(pair);
        let what = pair.clone().into_inner().map(|word| word.as_rule());
        let word = what.clone().find(|rule| !matches!(rule, Rule::k_for | Rule::k_each));
        Some(match word {
            Some(Rule::k_outage) => ClauseLine::ForEachOutage(self.name_in(pair)?, when),
            Some(Rule::k_ticket) => ClauseLine::ForEachTicket(when),
            _ => ClauseLine::Later(self.later("`for each` value of a field", pair)),
        })
    }

    fn per_line(&mut self, pair: &P<'_>) -> Option<ClauseLine> {
        let period = self.period(&self.first(pair, Rule::period)?);
        let measure = self.measure(&self.first(pair, Rule::measure)?)?;
        let volume = self.first(pair, Rule::volume).and_then(|volume| self.first(&volume, Rule::int));
        let volume = volume.map(|volume| self.int(&volume));
        Some(ClauseLine::Per(period, measure, self.when_in(pair), volume))
    }

    fn band_line(&mut self, pair: &P<'_>) -> Option<ClauseLine> {
        if let Some(run) = self.first(pair, Rule::run) {
            return Some(ClauseLine::Later(self.later("a band over several periods", &run)));
        }
        let bounds: Vec<Bound> = self.all(pair, Rule::bound).iter().filter_map(|bound| self.bound(bound)).collect();
        let words = self.first(pair, Rule::outcome_words)?;
        Some(match self.outcome_words(&words)? {
            Ok(amount) => ClauseLine::Band(bounds, amount),
            Err(what) => ClauseLine::Later(self.later(what, &words)),
        })
    }

    fn bound(&mut self, pair: &P<'_>) -> Option<Bound> {
        let comparison = match self.first(pair, Rule::bound_word)?.as_str().split_whitespace().last()? {
            "below" => Comparison::Below,
            "most" => Comparison::AtMost,
            "least" => Comparison::AtLeast,
            _ => Comparison::Above,
        };
        let (value, form) = self.figure(&self.only(&self.first(pair, Rule::bound_value)?)?)?;
        Some(Bound { comparison, value, form, span: self.span(pair) })
    }

    /// The amount of `credit` or `bonus`, or what else is said that is not built yet.
    fn outcome_words(&mut self, pair: &P<'_>) -> Option<Result<Amount, &'static str>> {
        let words = self.only(pair)?;
        match words.as_rule() {
            Rule::credit_words | Rule::bonus_words => {
                let amount = words.into_inner().last()?;
                Some(Ok(self.amount(&amount)?))
            }
            Rule::earn_words => Some(Err("earn-back")),
            _ => Some(Err("a longer term")),
        }
    }

    fn cap_scope(&mut self, pair: &P<'_>) -> Spanned<CapScope> {
        let scope = match self.first(pair, Rule::period) {
            Some(period) => CapScope::Period(self.period(&period).value),
            None => match pair.as_str().trim() {
                "ticket" => CapScope::Ticket,
                "outage" => CapScope::Outage,
                _ => CapScope::Later(self.later("a cap per breach", pair)),
            },
        };
        self.spanned(scope, pair)
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
            Rule::by_plugin => AmountKind::Later(self.later("plugins", &form)),
            Rule::points | Rule::bare_points => AmountKind::Later(self.later("points", &form)),
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
        let mut rate = whole(1);
        for share in self.all(pair, Rule::share) {
            rate *= self.share(&self.only(&share)?);
        }
        if let Some(times) = self.first(pair, Rule::number) {
            rate *= self.number(&times);
        }
        let base = self.base(&self.first(pair, Rule::base)?)?;
        Some(AmountKind::Rate(rate, base, self.unit_in(pair), self.proportion_in(pair)))
    }

    fn proportion_in(&self, pair: &P<'_>) -> Option<Proportion> {
        let mut names = self.names_in(&self.first(pair, Rule::proportion)?).into_iter();
        Some(Proportion { part: names.next()?, whole: names.next()? })
    }

    fn share(&mut self, pair: &P<'_>) -> Fraction {
        match pair.as_rule() {
            Rule::percentage => self.percentage(pair),
            _ => self.fraction(pair),
        }
    }

    fn base(&mut self, pair: &P<'_>) -> Option<Base> {
        let base = self.only(pair)?;
        let of_service = self.name_in(&base).is_some();
        Some(match base.as_rule() {
            Rule::plain_fee => Base::Fee(None),
            Rule::service_fee => Base::Fee(self.name_in(&base)),
            Rule::monthly_fee if !of_service => Base::MonthlyFee,
            Rule::yearly_fee if !of_service => Base::YearlyFee,
            Rule::all_fees => Base::AllFees,
            Rule::previous_fee => Base::PreviousMonth,
            Rule::next_fee => Base::NextMonth,
            Rule::charged_fee => Base::Later(self.later("fees from charges", &base)),
            Rule::price_of_downtime => Base::PriceOfDowntime(self.span(&base)),
            Rule::price_of_days => Base::PriceOf(self.duration_in(&base)?.value),
            Rule::penalty_amount => Base::Later(self.later("an amount of another clause", &base)),
            Rule::field_base => Base::Field(self.name_in(&base)?),
            _ => Base::Later(self.later("the monthly or yearly fee of a service", &base)),
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

fn later_line(rule: Rule) -> &'static str {
    match rule {
        Rule::each_breach => "a minimum volume on single breaches",
        Rule::each_other => "a minimum volume on single outages or tickets",
        Rule::claim_line => "claims",
        Rule::failure_line => "plugins",
        Rule::counted_line => "`counted by` on a clause",
        _ => "this line",
    }
}
