//! Bands that ask for more than one period, and what was charged before.

use klausel::money::{Fraction, whole};
use klausel::plan::clause::{Back, Band, Clause, ClauseKind, Period, Run};
use klausel::plan::condition::{Bound, Comparison};

use super::entries::Entry;
use super::figures::{Figure, Ground};
use super::periods::Span;

/// What a penalty came to in a month, after all caps and rounding.
#[derive(Debug, Clone)]
pub struct Charge {
    pub penalty: String,
    pub month: Span,
    pub amount: Fraction,
    /// The incentives that have earned some of it back.
    pub earned_by: Vec<String>,
    /// How much has come back.
    pub back: Fraction,
    /// How much may come back in the month that is being settled.
    pub held: Fraction,
}

impl Charge {
    fn left(&self) -> Fraction {
        &self.amount - &self.back - &self.held
    }
}

/// Which charges an incentive earns something back of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earning {
    pub penalty: String,
    /// Those of so many months before; none: all.
    pub months: Option<u32>,
    /// The incentive's period.
    pub span: Span,
}

/// What is asked for of earlier charges.
pub struct Asked {
    pub amount: Fraction,
    /// What was charged and has not come back yet.
    pub limit: Fraction,
}

/// Figures of one measure, period by period, up to the one that is looked at.
pub type Row<'f> = &'f [(Span, Figure)];

impl Ground<'_> {
    /// The band that holds at the end of a row: of several the one that asks for more periods, then the narrower one.
    pub fn held(&self, bands: &[Band], row: Row<'_>, charges: &[Charge]) -> Option<usize> {
        let holding: Vec<usize> = (0..bands.len()).filter(|place| self.holds(&bands[*place], row, charges)).collect();
        let before = |one: usize, other: usize| {
            let (a, b) = (asks(&bands[one]), asks(&bands[other]));
            b < a || (a == b && inside(&bands[one], &bands[other]))
        };
        let first = |place: &usize| holding.iter().all(|other| other == place || before(*place, *other));
        holding.iter().copied().find(first)
    }

    fn holds(&self, band: &Band, row: Row<'_>, charges: &[Charge]) -> bool {
        let (span, figure) = row.last().unwrap();
        lies(&band.bounds, figure) && self.runs(&band.bounds, band.run.as_ref(), row, *span, charges)
    }

    /// Whether a run holds at the end of a row whose last figure lies between the bounds.
    pub fn runs(&self, bounds: &[Bound], run: Option<&Run>, row: Row<'_>, span: Span, charges: &[Charge]) -> bool {
        // A period that is not over counts in no run.
        let is_over = span.to <= self.as_of;
        match run {
            None => true,
            Some(Run::InARow(count)) => {
                let known: Vec<_> = row.iter().rev().filter(|(_, figure)| figure.value.is_some()).collect();
                let last: Vec<_> = known.into_iter().take(number(*count)).collect();
                is_over && last.len() == number(*count) && last.iter().all(|(_, figure)| lies(bounds, figure))
            }
            Some(Run::Of { hits, of }) => {
                let last = row.iter().rev().take(number(*of));
                is_over && number(*hits) <= last.filter(|(_, figure)| lies(bounds, figure)).count()
            }
            Some(Run::After { months, penalty }) => {
                charges.iter().any(|charge| self.was_before(charge, Some(*months), penalty, span))
            }
        }
    }

    /// Whether a penalty was charged in a month that was over when a period began, and so many months before its end.
    fn was_before(&self, charge: &Charge, months: Option<u32>, penalty: &str, span: Span) -> bool {
        let mut end = charge.month;
        for _ in 0..months.unwrap_or(0) {
            end = self.dates.following(Period::Month, &end);
        }
        charge.penalty == penalty
            && whole(0) < charge.amount
            && charge.month.to <= span.from
            && (months.is_none() || span.to <= end.to)
    }

    /// What an incentive earns back at the end of a period; none where nothing was charged that it has not asked for.
    pub fn earns_back(
        &self,
        clause: &Clause,
        of: &Earning,
        back: &Back,
        fixed: Fraction,
        charges: &mut [Charge],
    ) -> Option<Asked> {
        let mut asked = Asked { amount: whole(0), limit: whole(0) };
        let mut is_charged = false;
        for charge in charges.iter_mut().filter(|charge| self.was_before(charge, of.months, &of.penalty, of.span)) {
            is_charged = true;
            asked.limit += charge.left();
            if let Back::Share(share) = back
                && !charge.earned_by.contains(&clause.name)
            {
                charge.earned_by.push(clause.name.clone());
                asked.amount += share * &charge.amount;
            }
        }
        if matches!(back, Back::Amount(_)) && is_charged {
            asked.amount = fixed;
        }
        // Another incentive of the same month does not ask for the same.
        self.take(of, asked.amount.clone().min(asked.limit.clone()), charges, |charge| &mut charge.held);
        (whole(0) < asked.amount).then_some(asked)
    }

    /// Takes an amount off what is left of charges, the earliest first.
    fn take(&self, of: &Earning, amount: Fraction, charges: &mut [Charge], part: fn(&mut Charge) -> &mut Fraction) {
        let mut rest = amount;
        for charge in charges.iter_mut().filter(|charge| self.was_before(charge, of.months, &of.penalty, of.span)) {
            let taken = charge.left().min(rest.clone());
            rest -= &taken;
            *part(charge) += taken;
        }
    }

    /// Takes note of what came back in a month, and of what penalties came to in it.
    pub fn charge(&self, month: &Span, lines: &[Entry], charges: &mut Vec<Charge>) {
        charges.iter_mut().for_each(|charge| charge.held = whole(0));
        for line in lines {
            if let Some(of) = &line.earns {
                self.take(of, line.amount.clone(), charges, |charge| &mut charge.back);
            }
        }
        for (place, clause) in self.version.clauses.iter().enumerate() {
            let amount: Fraction = lines.iter().filter(|line| line.clause == place).map(|line| &line.amount).sum();
            if clause.kind == ClauseKind::Penalty && whole(0) < amount {
                charges.push(Charge {
                    penalty: clause.name.clone(),
                    month: *month,
                    amount,
                    earned_by: Vec::new(),
                    back: whole(0),
                    held: whole(0),
                });
            }
        }
    }
}

fn number(count: u32) -> usize {
    usize::try_from(count).unwrap()
}

/// Whether a figure has a value between bounds.
pub fn lies(bounds: &[Bound], figure: &Figure) -> bool {
    let holds = |value: &Fraction| bounds.iter().all(|bound| bound.comparison.holds(value, &bound.value));
    figure.value.as_ref().is_some_and(holds)
}

/// How many periods a band asks for.
fn asks(band: &Band) -> u32 {
    match &band.run {
        None => 0,
        Some(Run::InARow(count)) => *count,
        Some(Run::Of { hits, .. }) => *hits,
        Some(Run::After { .. }) => 1,
    }
}

/// Whether all that lies in one band lies in another.
fn inside(inner: &Band, outer: &Band) -> bool {
    let (Some(a), Some(b)) = (inner.bounds.first(), outer.bounds.first()) else { return true };
    let strict = matches!(a.comparison, Comparison::Below | Comparison::Above);
    match a.comparison {
        Comparison::Below | Comparison::AtMost => a.value < b.value || (a.value == b.value && strict),
        Comparison::AtLeast | Comparison::Above => b.value < a.value || (a.value == b.value && strict),
    }
}
