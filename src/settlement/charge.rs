//! What penalties were charged, month by month: what waits for a penalty, and what is earned back, look at it.

use std::collections::BTreeMap;

use chrono::Months;
use num_traits::{Signed, Zero};

use crate::money::{Currency, Fraction, in_words, percent_words};
use crate::plan::clause::{Back, ClauseKind, EarnBack};
use crate::statement::{Line, PeriodSpan};

use super::amount::{Terms, Worked};

/// What one penalty came to in one month, as settled.
#[derive(Debug, Clone)]
pub(super) struct Charge {
    pub penalty: String,
    pub month: PeriodSpan,
    /// Above zero.
    pub amount: Fraction,
    /// What of it came back.
    returned: Fraction,
    /// What of it may come back in the month that is being settled.
    held: Fraction,
    /// What of it each incentive asked for, before any bound.
    asked: BTreeMap<String, Fraction>,
}

impl Charge {
    fn left(&self) -> Fraction {
        (&self.amount - &self.returned - &self.held).max(Fraction::zero())
    }

    fn asked_by(&self, incentive: &str) -> Fraction {
        self.asked.get(incentive).cloned().unwrap_or_else(Fraction::zero)
    }
}

/// All charges so far, in time order.
#[derive(Debug, Clone, Default)]
pub(super) struct Charges {
    all: Vec<Charge>,
}

/// Which charges an incentive looks back on.
#[derive(Debug, Clone)]
pub(super) struct LookBack {
    /// Only charges that the period lies within so many months after; none: all.
    pub months: Option<u32>,
    /// The incentive's period.
    pub period: PeriodSpan,
}

/// What an incentive earns back, before its own caps.
#[derive(Debug, Clone)]
pub(super) struct Earned {
    /// What it asks for.
    pub asked: Fraction,
    /// No more than this: what was charged and has not come back yet.
    pub limit: Fraction,
    /// The arithmetic of what is asked for.
    pub words: String,
}

impl Charges {
    /// Takes a settled month's penalties in.
    pub fn note<'l>(&mut self, month: &PeriodSpan, lines: impl Iterator<Item = &'l Line>) {
        for line in lines.filter(|line| line.kind == ClauseKind::Penalty && line.amount.is_positive()) {
            let known = self.all.iter_mut().rev().take_while(|charge| charge.month == *month);
            match known.into_iter().find(|charge| charge.penalty == line.clause) {
                Some(charge) => charge.amount += &line.amount,
                None => self.all.push(Charge {
                    penalty: line.clause.clone(),
                    month: month.clone(),
                    amount: line.amount.clone(),
                    returned: Fraction::zero(),
                    held: Fraction::zero(),
                    asked: BTreeMap::new(),
                }),
            }
        }
    }

    /// The charges of a penalty in months that were over when a period began; with `months`, those that it lies within
    /// so many months after: it ends within that time.
    pub fn before(&self, penalty: &str, months: Option<u32>, period: &PeriodSpan) -> Vec<&Charge> {
        self.all.iter().filter(|charge| looks_back(charge, penalty, months, period)).collect()
    }

    /// What an incentive earns back in a period; none where nothing is left for it. `fixed` is its amount, where it is no
    /// share. What it may come to is held until the month is settled.
    pub fn earn_back(
        &mut self,
        incentive: &str,
        back: &EarnBack,
        fixed: &Fraction,
        look_back: &LookBack,
        currency: Option<Currency>,
    ) -> Option<Earned> {
        let LookBack { months, period } = look_back;
        let charges = self.before(&back.penalty, *months, period);
        let limit = charges.iter().fold(Fraction::zero(), |sum, charge| sum + charge.left());
        let told = in_order(&charges, currency);
        let earned = match &back.back {
            Back::Amount(_) => {
                let asked = if charges.is_empty() { Fraction::zero() } else { fixed.clone() };
                Earned { asked, limit, words: format!(" of penalty {} ({told})", back.penalty) }
            }
            Back::Share(share) => {
                let before = charges.iter().fold(Fraction::zero(), |sum, charge| sum + charge.asked_by(incentive));
                let mut words = format!("{} of penalty {} ({told})", percent_words(share), back.penalty);
                if !before.is_zero() {
                    words.push_str(&format!(" less {} earned back before", in_words(&before, currency)));
                }
                Earned { asked: self.ask(incentive, share, &back.penalty, look_back), limit, words }
            }
        };
        let held = earned.asked.clone().min(earned.limit.clone());
        self.spread(&back.penalty, look_back, &held, |charge| &mut charge.held);
        Some(earned).filter(|earned| earned.asked.is_positive())
    }

    /// A share of each charge, less what the incentive asked for before; of which each charge takes note.
    fn ask(&mut self, incentive: &str, share: &Fraction, penalty: &str, look_back: &LookBack) -> Fraction {
        let mut asked = Fraction::zero();
        for charge in
            self.all.iter_mut().filter(|charge| looks_back(charge, penalty, look_back.months, &look_back.period))
        {
            let more = (share * &charge.amount - charge.asked_by(incentive)).max(Fraction::zero());
            *charge.asked.entry(incentive.to_string()).or_insert_with(Fraction::zero) += &more;
            asked += more;
        }
        asked
    }

    /// Lets go of what was held for a month: what came of it is given back.
    pub fn free(&mut self) {
        self.all.iter_mut().for_each(|charge| charge.held = Fraction::zero());
    }

    /// Takes note that so much came back.
    pub fn give_back(&mut self, penalty: &str, look_back: &LookBack, amount: &Fraction) {
        self.spread(penalty, look_back, amount, |charge| &mut charge.returned);
    }

    /// Adds an amount to a part of the charges that are looked back on, the earliest first.
    fn spread(
        &mut self,
        penalty: &str,
        look_back: &LookBack,
        amount: &Fraction,
        part: fn(&mut Charge) -> &mut Fraction,
    ) {
        let mut rest = amount.clone();
        for charge in
            self.all.iter_mut().filter(|charge| looks_back(charge, penalty, look_back.months, &look_back.period))
        {
            let taken = charge.left().min(rest.clone());
            rest -= &taken;
            *part(charge) += taken;
        }
    }
}

fn looks_back(charge: &Charge, penalty: &str, months: Option<u32>, period: &PeriodSpan) -> bool {
    let last = months.and_then(|months| charge.month.day_after.checked_add_months(Months::new(months)));
    let is_in_time = last.is_none_or(|last| period.day_after <= last);
    charge.penalty == penalty && charge.month.day_after <= period.first_day && is_in_time
}

/// What is asked for as far as no charge is known: an amount as it is, a share of nothing.
pub(super) fn asked(back: &EarnBack, terms: &Terms<'_>) -> Worked {
    match &back.back {
        Back::Share(_) => Worked { value: Fraction::zero(), words: String::new() },
        Back::Amount(amount) => terms.work(amount),
    }
}

/// `1 000.00 EUR in 2025-01`, one after the other.
pub(super) fn in_order(charges: &[&Charge], currency: Option<Currency>) -> String {
    let told = charges.iter().map(|charge| format!("{} in {}", in_words(&charge.amount, currency), charge.month.label));
    told.collect::<Vec<_>>().join(", ")
}
