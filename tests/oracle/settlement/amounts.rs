//! Amounts of one thing: a breach, an outage, a ticket, a figure, or a cap.

use std::collections::BTreeSet;

use klausel::money::{Fraction, ratio, whole};
use klausel::plan::availability::Service;
use klausel::plan::clause::{Amount, Base, NamedField, Part, Period, Proportion, Unit, UnitOf};
use num_traits::Signed;

use crate::walk::State;

use super::fees::Lines;
use super::figures::Ground;
use super::periods::Span;

/// What an amount is of.
#[derive(Clone)]
pub struct Thing<'a> {
    /// The period of the clause or of the cap.
    pub period: Span,
    /// The month it is settled in.
    pub month: Span,
    /// When it was breached, where it is a breach.
    pub breached: Option<i64>,
    /// Of one breach, outage or ticket: its fields.
    pub state: State,
    pub late: i64,
    /// From the breach to the stop.
    pub overdue: (i64, i64),
    pub service: Option<&'a Service>,
    pub down: i64,
    pub agreed: i64,
    /// Times in which the service was down.
    pub downs: Vec<(i64, i64)>,
    pub value: Option<Fraction>,
    pub breaches: usize,
    pub tickets: usize,
    pub outages: usize,
}

impl<'a> Thing<'a> {
    /// Nothing but a period and a month: a cap looks at no more.
    pub fn of(period: Span, month: Span) -> Thing<'a> {
        Thing {
            period,
            month,
            breached: None,
            state: State::default(),
            late: 0,
            overdue: (0, 0),
            service: None,
            down: 0,
            agreed: period.to - period.from,
            downs: Vec::new(),
            value: None,
            breaches: 0,
            tickets: 0,
            outages: 0,
        }
    }
}

impl Ground<'_> {
    pub fn amount(&self, amount: &Amount, thing: &Thing<'_>) -> Fraction {
        let all = |amounts: &[Amount]| amounts.iter().map(|amount| self.amount(amount, thing)).collect::<Vec<_>>();
        match amount {
            Amount::Rate { rate, base, per, proportion } => {
                let once = rate * self.base(base, thing);
                once * self.units(per.as_ref(), thing) * self.proportion(proportion.as_ref(), thing)
            }
            Amount::Money { amount, per, proportion } => {
                amount * self.units(per.as_ref(), thing) * self.proportion(proportion.as_ref(), thing)
            }
            Amount::Points { .. } | Amount::By(_) => unreachable!("no clause here yields points or asks a plugin"),
            Amount::Greatest(amounts) => all(amounts).into_iter().max().unwrap(),
            Amount::Least(amounts) => all(amounts).into_iter().min().unwrap(),
            Amount::Sum(amounts) => all(amounts).into_iter().sum(),
        }
    }

    fn fee(&self, lines: &Lines, thing: &Thing<'_>) -> Fraction {
        match thing.breached {
            Some(at) => self.fees.of_breach(lines, &thing.period, at),
            None => self.fees.of(lines, &thing.period),
        }
    }

    fn base(&self, base: &Base, thing: &Thing<'_>) -> Fraction {
        let plain = Lines::Of(None);
        match base {
            Base::Fee(service) => self.fee(&Lines::Of(service.clone()), thing),
            Base::AllFees => self.fee(&Lines::All, thing),
            Base::MonthlyFee(service) => {
                self.fee(&Lines::Of(service.clone()), &Thing { period: thing.month, ..thing.clone() })
            }
            Base::YearlyFee(service) => self.fees.of_a_year(&Lines::Of(service.clone()), &thing.month),
            Base::FeeOfPreviousMonth => self.fees.of(&plain, &self.dates.before(Period::Month, &thing.month)),
            Base::FeeOfNextMonth => self.fees.of(&plain, &self.dates.following(Period::Month, &thing.month)),
            Base::PriceOfDowntime(_) => self.price(thing.down, thing),
            Base::PriceOf(millis, _) => self.price(*millis, thing),
            Base::Field(field) => self.field(field, thing),
        }
    }

    /// The fee of the service, or else the fee, times a time over the agreed time of the period.
    fn price(&self, millis: i64, thing: &Thing<'_>) -> Fraction {
        let of_service = thing.service.map(|service| service.name.clone()).filter(|name| self.fees.has(name));
        // Where no time is agreed, none has a price; `ratio` says zero.
        self.fee(&Lines::Of(of_service), thing) * ratio(millis, thing.agreed)
    }

    fn field(&self, field: &NamedField, thing: &Thing<'_>) -> Fraction {
        self.number(field.id, &thing.state).unwrap_or_else(|| whole(0))
    }

    fn proportion(&self, proportion: Option<&Proportion>, thing: &Thing<'_>) -> Fraction {
        let Some(proportion) = proportion else { return whole(1) };
        let (part, of) = (self.field(&proportion.part, thing), self.field(&proportion.whole, thing));
        if of == whole(0) { whole(0) } else { part / of }
    }

    fn units(&self, unit: Option<&Unit>, thing: &Thing<'_>) -> Fraction {
        let Some(unit) = unit else { return whole(1) };
        let number = |number: usize| whole(i64::try_from(number).unwrap());
        let free = unit.free.unwrap_or(0);
        let time = |millis: i64, step: i64| parts(unit.part, &ratio((millis - free).max(0), step));
        match &unit.of {
            UnitOf::Late(step) => time(thing.late, *step),
            UnitOf::LateInWallTime(step) => time(thing.overdue.1 - thing.overdue.0, *step),
            UnitOf::Down(step) => time(thing.down, *step),
            UnitOf::DateLate => number(self.dates_touched(&[thing.overdue])),
            UnitOf::DateDown => number(self.dates_touched(&thing.downs)),
            UnitOf::Short { step, promise } => {
                let short = thing.value.as_ref().map_or(whole(0), |value| promise - value);
                if short.is_positive() { parts(unit.part, &(short / step)) } else { whole(0) }
            }
            UnitOf::ShortInTime { step, promise } => {
                let short = thing.value.as_ref().map_or(whole(0), |value| promise - value);
                let time = short * whole(thing.agreed) - whole(free);
                if time.is_positive() { parts(unit.part, &(time / whole(*step))) } else { whole(0) }
            }
            UnitOf::Breach => number(thing.breaches),
            UnitOf::Ticket => number(thing.tickets),
            UnitOf::Outage => number(thing.outages),
        }
    }

    /// How many local dates these times touch; a time without length touches none.
    fn dates_touched(&self, times: &[(i64, i64)]) -> usize {
        let mut dates = BTreeSet::new();
        for (from, to) in times.iter().filter(|(from, to)| from < to) {
            let mut date = self.dates.of(*from);
            while self.dates.first_instant(date) < *to {
                dates.insert(date);
                date = date.succ_opt().unwrap();
            }
        }
        dates.len()
    }
}

/// Whole units of what is not negative.
fn parts(part: Part, exact: &Fraction) -> Fraction {
    let floor = exact.floor();
    let rest = exact - &floor;
    let (nothing, half) = (whole(0), ratio(1, 2));
    let one_more = match part {
        Part::ProRata => return exact.clone(),
        Part::Completed => false,
        Part::Started => nothing < rest,
        Part::Nearest => half < rest,
        Part::NearestTiesUp => half <= rest,
    };
    if one_more { floor + whole(1) } else { floor }
}
