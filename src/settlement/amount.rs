//! Amounts: what a clause comes to before any cap, with its arithmetic in words.

use num_traits::{Signed, Zero};

use crate::money::{self, Currency, Fraction, whole};
use crate::plan::clause::{Amount, Base, NamedField, Part, Proportion, Unit, UnitOf};
use crate::statement::PeriodSpan;
use crate::ticket::{Names, Symbol};
use crate::time::{Instant, Interval, Millis};

use super::asker::Calls;
use super::downtime::{Uptime, local_dates};
use super::fee::{Fees, Lines};
use super::gauge::Gauge;
use super::points;

/// What an amount is worked out from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms<'a> {
    pub fees: Fees<'a>,
    pub currency: Option<Currency>,
    /// The period of the clause or cap; a breach's is its month.
    pub period: &'a PeriodSpan,
    /// The month it is settled in.
    pub month: &'a PeriodSpan,
    /// When it arose.
    pub at: Instant,
    /// A breach after the agreement's end is a share of its last full month's fee.
    pub is_breach: bool,
    pub counts: Counts<'a>,
    /// The downtime and the agreed time that prices go by, where the clause looks at a service.
    pub uptime: Option<Uptime>,
    /// The fields of the one ticket or outage that is looked at.
    pub fields: Option<Fields<'a>>,
    /// Where a plugin can be asked; a cap asks none.
    pub calls: Option<Calls<'a>>,
}

/// The fields of a ticket or outage, by number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a> {
    pub names: &'a Names,
    pub values: &'a [Option<Symbol>],
}

impl<'a> Fields<'a> {
    fn text(&self, field: &NamedField) -> Option<&'a str> {
        let value = self.values.get(usize::from(field.id.0)).copied().flatten()?;
        Some(self.names.text(value))
    }

    /// A number, or the number of an amount with its currency; none where the field is missing or says something else.
    fn number(&self, field: &NamedField) -> Option<Fraction> {
        money::decimal(self.text(field)?.split_whitespace().next()?)
    }
}

/// What a unit counts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Counts<'a> {
    /// One breach: its lateness on the clock's calendar, and from the breach to the stop.
    Breach { late: Millis, from_breach_to_stop: Interval },
    /// A figure, with what it was made of.
    Figure(&'a Gauge),
    /// One outage: what of it lies in the agreed time, and all of it.
    Outage { down: Millis, span: Interval },
    /// One ticket.
    Ticket,
    /// A cap carries no unit.
    Nothing,
}

/// An amount and the arithmetic behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Worked {
    pub value: Fraction,
    pub words: String,
}

impl Terms<'_> {
    pub fn work(&self, amount: &Amount) -> Worked {
        match amount {
            Amount::Rate { rate, base, per, proportion } => {
                let of = self.base(base);
                let words = rate_of(rate, &of.words);
                let one = self.times(per.as_ref(), Worked { value: rate * of.value, words });
                self.share(proportion.as_ref(), one)
            }
            Amount::Money { amount, per, proportion } => {
                let one = Worked { value: amount.clone(), words: self.money(amount) };
                self.share(proportion.as_ref(), self.times(per.as_ref(), one))
            }
            Amount::Points { points, per } => {
                self.times(per.as_ref(), Worked { value: points.clone(), words: points::words(points) })
            }
            Amount::Greatest(amounts) => self.chosen("the greatest of", amounts, |new, best| best < new),
            Amount::Least(amounts) => self.chosen("the least of", amounts, |new, best| new < best),
            Amount::Sum(amounts) => {
                let parts: Vec<Worked> = amounts.iter().map(|amount| self.work(amount)).collect();
                let value = parts.iter().fold(Fraction::zero(), |sum, part| sum + &part.value);
                let words = parts.iter().map(|part| part.words.as_str()).collect::<Vec<_>>().join(" + ");
                Worked { value, words: format!("({words})") }
            }
            Amount::By(call) => self.by_plugin(call),
        }
    }

    fn chosen(&self, what: &str, amounts: &[Amount], better: fn(&Fraction, &Fraction) -> bool) -> Worked {
        let parts: Vec<Worked> = amounts.iter().map(|amount| self.work(amount)).collect();
        let best = parts.iter().map(|part| &part.value).reduce(|best, new| if better(new, best) { new } else { best });
        let value = best.cloned().unwrap_or_else(Fraction::zero);
        let told = |amount: &Amount, value| if amount.is_points() { points::words(value) } else { self.money(value) };
        let listed = amounts.iter().zip(&parts);
        let listed: Vec<String> =
            listed.map(|(amount, part)| format!("{} = {}", part.words, told(amount, &part.value))).collect();
        Worked { value, words: format!("{what} ({})", listed.join("; ")) }
    }

    /// What is owed for a period; for a breach after the agreement's end, its last full month's.
    pub fn owed(&self, lines: Lines<'_>, period: &PeriodSpan) -> Fraction {
        if self.is_breach { self.fees.owed_at(lines, period, self.at) } else { self.fees.owed(lines, period) }
    }

    fn base(&self, base: &Base) -> Worked {
        let of = |lines| self.owed(lines, self.period);
        let (value, what) = match base {
            Base::Fee(service) => (of(Lines::Of(service.as_deref())), for_service(service)),
            Base::AllFees => (of(Lines::All), " in all".to_string()),
            Base::MonthlyFee(service) => {
                let owed = self.owed(Lines::Of(service.as_deref()), self.month);
                (owed, format!("{} in {}", for_service(service), self.month.label))
            }
            Base::YearlyFee(service) => {
                let owed = self.fees.yearly(Lines::Of(service.as_deref()), self.month);
                (owed, format!("{} a year", for_service(service)))
            }
            Base::FeeOfPreviousMonth => self.fee_of(&self.fees.cutter.before(self.month)),
            Base::FeeOfNextMonth => self.fee_of(&self.fees.cutter.after(self.month)),
            Base::PriceOfDowntime(service) => self.price(self.down(), service.as_deref(), of),
            Base::PriceOf(time, service) => self.price(*time, service.as_deref(), of),
            Base::Field(field) => {
                let value = self.fields.and_then(|fields| fields.number(field)).unwrap_or_else(Fraction::zero);
                (value, format!(" in `{}`", field.name))
            }
        };
        Worked { words: format!("{}{what}", self.money(&value)), value }
    }

    /// The downtime of the outage, or of the period.
    fn down(&self) -> Millis {
        match self.counts {
            Counts::Outage { down, .. } => down,
            _ => self.uptime.map_or(0, |uptime| uptime.down),
        }
    }

    /// What some time costs: the fee times it over the agreed time. A service without a fee of its own costs the line
    /// without a service.
    fn price<'s>(
        &self,
        time: Millis,
        service: Option<&'s str>,
        owed: impl Fn(Lines<'s>) -> Fraction,
    ) -> (Fraction, String) {
        let has_own = service.is_some_and(|service| self.fees.names(service, self.period));
        let fee = owed(Lines::Of(service.filter(|_| has_own)));
        let agreed = self.uptime.map_or(self.period.span.len(), |uptime| uptime.agreed);
        let price = if agreed == 0 { Fraction::zero() } else { &fee * money::ratio(time, agreed) };
        let (time, agreed) = (crate::time::spell(time), crate::time::spell(agreed));
        (price, format!(" for {time} of {agreed} at {}", self.money(&fee)))
    }

    /// Times what one field is of another; nothing where one of them is no number.
    fn share(&self, proportion: Option<&Proportion>, one: Worked) -> Worked {
        let Some(Proportion { part, whole }) = proportion else { return one };
        let number = |field| self.fields.and_then(|fields| fields.number(field));
        match (number(part), number(whole)) {
            (Some(part), Some(all)) if !all.is_zero() => {
                let words = format!("{} × {} of {}", one.words, money::exact(&part), money::exact(&all));
                Worked { value: one.value * part / all, words }
            }
            _ => {
                let words = format!("{} × nothing, for `{}` of `{}` is no number", one.words, part.name, whole.name);
                Worked { value: Fraction::zero(), words }
            }
        }
    }

    fn fee_of(&self, month: &PeriodSpan) -> (Fraction, String) {
        (self.fees.owed(Lines::Of(None), month), format!(" in {}", month.label))
    }

    /// An amount for each unit.
    fn times(&self, per: Option<&Unit>, one: Worked) -> Worked {
        let Some(unit) = per else { return one };
        let count = self.count(unit);
        let free = unit.free.map_or(String::new(), |free| format!(" after {}", crate::time::spell(free)));
        let words = format!("{}{free} × {}", counted(&count, &unit.words), one.words);
        Worked { value: one.value * count, words }
    }

    fn count(&self, unit: &Unit) -> Fraction {
        let free = unit.free.unwrap_or(0);
        match (&unit.of, self.counts) {
            (UnitOf::Late(length), Counts::Breach { late, .. }) => in_time(unit.part, late - free, *length),
            (UnitOf::LateInWallTime(length), Counts::Breach { from_breach_to_stop, .. }) => {
                in_time(unit.part, from_breach_to_stop.len() - free, *length)
            }
            (UnitOf::DateLate, Counts::Breach { from_breach_to_stop, .. }) => {
                let late = Interval::new(from_breach_to_stop.start.plus(free), from_breach_to_stop.end);
                whole(self.dates(late))
            }
            (UnitOf::Down(length), _) => in_time(unit.part, self.down() - free, *length),
            (UnitOf::DateDown, Counts::Outage { span, .. }) => {
                whole(self.dates(Interval::new(span.start.plus(free), span.end)))
            }
            (UnitOf::DateDown, Counts::Figure(gauge)) => Fraction::from_integer(gauge.dates_down.into()),
            (UnitOf::Breach | UnitOf::Ticket, Counts::Breach { .. }) => whole(1),
            (UnitOf::Ticket, Counts::Ticket) | (UnitOf::Outage, Counts::Outage { .. }) => whole(1),
            (UnitOf::Breach, Counts::Figure(gauge)) => Fraction::from_integer(gauge.breaches.into()),
            (UnitOf::Ticket, Counts::Figure(gauge)) => Fraction::from_integer(gauge.tickets.into()),
            (UnitOf::Outage, Counts::Figure(gauge)) => Fraction::from_integer(gauge.outages.into()),
            (UnitOf::Short { step, promise }, Counts::Figure(gauge)) => {
                let short = gauge.value.as_ref().map_or_else(Fraction::zero, |value| promise - value);
                if short.is_positive() { units(unit.part, &(short / step)) } else { Fraction::zero() }
            }
            (UnitOf::ShortInTime { step, promise }, Counts::Figure(gauge)) => {
                let agreed = gauge.uptime.map_or(0, |uptime| uptime.agreed);
                let short = gauge.value.as_ref().map_or_else(Fraction::zero, |value| promise - value);
                let short = short * whole(agreed) - whole(free);
                if short.is_positive() { units(unit.part, &(short / whole(*step))) } else { Fraction::zero() }
            }
            _ => Fraction::zero(),
        }
    }

    /// Local dates that an interval touches.
    fn dates(&self, interval: Interval) -> i64 {
        let dates = local_dates(self.fees.agreement.zone, interval);
        dates.map_or(0, |(first, last)| (last - first).num_days() + 1)
    }

    pub fn money(&self, value: &Fraction) -> String {
        money::in_words(value, self.currency)
    }
}

fn for_service(service: &Option<String>) -> String {
    service.as_ref().map_or(String::new(), |service| format!(" for {service}"))
}

/// A share of something, or a multiple of it.
fn rate_of(rate: &Fraction, of: &str) -> String {
    if rate <= &whole(1) {
        format!("{} of {of}", money::percent_words(rate))
    } else {
        format!("{} times {of}", money::exact(rate))
    }
}

fn in_time(part: Part, millis: Millis, length: Millis) -> Fraction {
    if millis <= 0 { Fraction::zero() } else { units(part, &money::ratio(millis, length)) }
}

/// How many units a length that is not negative is, by what a part of one counts as.
fn units(part: Part, length: &Fraction) -> Fraction {
    let half = money::ratio(1, 2);
    match part {
        Part::Started => length.ceil(),
        Part::Completed => length.floor(),
        Part::ProRata => length.clone(),
        Part::Nearest => (length - half).ceil(),
        Part::NearestTiesUp => (length + half).floor(),
    }
}

/// `25 started hours late`: a number and what it counts.
fn counted(count: &Fraction, words: &str) -> String {
    let number = money::exact(count);
    let is_one = *count == whole(1);
    let mut found = false;
    let counted: Vec<String> = words
        .split(' ')
        .map(|word| match word {
            "hour" | "minute" | "day" | "date" | "week" | "ticket" | "outage" | "breach" => {
                found = true;
                let ending = if word == "breach" { "es" } else { "s" };
                if is_one { word.to_string() } else { format!("{word}{ending}") }
            }
            word => word.to_string(),
        })
        .collect();
    let times = if found { "" } else { "× " };
    format!("{number} {times}{}", counted.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_unit_counts_as_the_contract_says() {
        let length = |part| money::exact(&in_time(part, 150, 100));
        assert_eq!(length(Part::Started), "2");
        assert_eq!(length(Part::Completed), "1");
        assert_eq!(length(Part::ProRata), "1.5");
        assert_eq!(length(Part::Nearest), "1");
        assert_eq!(length(Part::NearestTiesUp), "2");
        assert_eq!(in_time(Part::Started, 200, 100), whole(2), "a unit used up exactly is not begun anew");
        assert_eq!(in_time(Part::Started, -5, 100), whole(0));
    }

    #[test]
    fn counts_read_like_the_contract() {
        assert_eq!(counted(&whole(25), "started hour late"), "25 started hours late");
        assert_eq!(counted(&whole(1), "started hour late"), "1 started hour late");
        assert_eq!(counted(&whole(3), "breach"), "3 breaches");
        assert_eq!(counted(&whole(3), "started 30m late"), "3 × started 30m late");
    }
}
