//! Laws that hold whatever the agreement says, on random agreements and logs.

use std::collections::BTreeMap;

use klausel::money::{Fraction, Rounding, exact, whole};
use klausel::outcome::{Outcomes, Status};
use klausel::plan::clause::{CapScope, ClauseKind, Period};
use klausel::statement::{Line, Statement};
use klausel::ticket::Outage;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use crate::compare::{cases_and_seed, hold};
use crate::dice::Dice;

use super::amounts::Thing;
use super::compare::{Case, Office, cases, with_ground};
use super::draft::Wish;
use super::figures::Ground;
use super::periods::Span;

/// The laws run over a part of the cases that the comparison has.
fn share() -> (u32, u64) {
    let (cases, seed) = cases_and_seed(800);
    (cases.div_ceil(8), seed)
}

fn with_numbers(wish: Wish) -> impl Strategy<Value = (Case, Vec<u16>)> {
    (cases(wish, 12, 6), prop::collection::vec(any::<u16>(), 0..=24))
}

fn shuffle<T>(list: &mut [T], dice: &mut Dice<'_>) {
    for place in (1..list.len()).rev() {
        list.swap(place, usize::try_from(dice.from(0, i64::try_from(place).unwrap())).unwrap());
    }
}

// -- money

fn sum<'l>(lines: impl IntoIterator<Item = &'l Line>, amount: fn(&Line) -> &Fraction) -> Fraction {
    lines.into_iter().map(amount).sum()
}

#[test]
fn lines_add_up_to_the_rounded_totals() {
    let (cases, seed) = share();
    hold(cases, seed, &self::cases(Wish::Free, 12, 6), |case| {
        let office = Office::new(&case);
        let statement = office.settle(&office.judge(office.tickets.clone()), &office.outages);
        let rounding = office.plan.agreements[0].versions[0].rounding.clone().unwrap();
        let of_kind = |kind| statement.ledger.iter().filter(move |line| line.kind == kind);
        let (penalties, incentives) = (ClauseKind::Penalty, ClauseKind::Incentive);
        prop_assert_eq!(&statement.totals.penalties, &sum(of_kind(penalties), |line| &line.amount));
        prop_assert_eq!(&statement.totals.incentives, &sum(of_kind(incentives), |line| &line.amount));
        prop_assert_eq!(&statement.totals.net, &(&statement.totals.incentives - &statement.totals.penalties));
        for kind in [penalties, incentives] {
            let mut months: BTreeMap<_, Vec<&Line>> = BTreeMap::new();
            of_kind(kind).for_each(|line| months.entry(line.month.first_day).or_default().push(line));
            for (month, lines) in months {
                add_up(&rounding, &lines).map_err(|error| TestCaseError::fail(format!("{month}: {error}")))?;
            }
        }
        Ok(())
    });
}

fn add_up(rounding: &Rounding, lines: &[&Line]) -> Result<(), TestCaseError> {
    let before = sum(lines.iter().copied(), |line| &line.after_threshold);
    let after = sum(lines.iter().copied(), |line| &line.amount);
    prop_assert_eq!(exact(&rounding.apply(&before)), exact(&after));
    for line in lines {
        let apart = &line.amount - &line.after_threshold;
        prop_assert!(-&rounding.unit < apart && apart < rounding.unit, "a line moves by less than a unit");
        let steps = [&line.computed, &line.after_clause_cap, &line.after_combine, &line.after_caps];
        prop_assert!(steps.windows(2).all(|pair| pair[1] <= pair[0]), "a cap never raises");
        prop_assert!(whole(0) <= line.amount, "a line is never negative");
    }
    Ok(())
}

#[test]
fn no_cap_is_exceeded() {
    let (cases, seed) = share();
    hold(cases, seed, &self::cases(Wish::Free, 12, 6), |case| {
        let office = Office::new(&case);
        let outcomes = office.judge(office.tickets.clone());
        let statement = office.settle(&outcomes, &office.outages);
        with_ground(&case, &office, &outcomes, |versions| {
            let ground = &versions[0];
            over_all(ground, &statement)?;
            of_clauses(ground, &statement)
        })
    });
}

/// Periods that are made of whole months, so that every line lies in one of them.
const OF_MONTHS: [Period; 3] = [Period::Month, Period::Quarter, Period::Year];

fn over_all(ground: &Ground<'_>, statement: &Statement) -> Result<(), TestCaseError> {
    for cap in ground.version.caps.iter().filter(|cap| OF_MONTHS.contains(&cap.per)) {
        let mut by_period: BTreeMap<Span, Vec<&Line>> = BTreeMap::new();
        for line in statement.ledger.iter().filter(|line| line.kind == ClauseKind::Penalty) {
            by_period.entry(ground.dates.holding(cap.per, line.month.first_day)).or_default().push(line);
        }
        for (period, lines) in by_period {
            stays_below(ground, &cap.amount, |month| Thing::of(period, month), &lines)?;
        }
    }
    Ok(())
}

fn of_clauses(ground: &Ground<'_>, statement: &Statement) -> Result<(), TestCaseError> {
    for clause in &ground.version.clauses {
        let own = || statement.ledger.iter().filter(|line| line.clause == clause.name);
        for cap in &clause.caps {
            match cap.scope {
                CapScope::Per(per) if OF_MONTHS.contains(&per) => {
                    let mut by_period: BTreeMap<Span, Vec<&Line>> = BTreeMap::new();
                    let period = |line: &Line| ground.dates.holding(per, line.month.first_day);
                    own().for_each(|line| by_period.entry(period(line)).or_default().push(line));
                    for (period, lines) in by_period {
                        stays_below(ground, &cap.amount, |month| Thing::of(period, month), &lines)?;
                    }
                }
                CapScope::Ticket => {
                    let mut by_ticket: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
                    let breaches = own().filter(|line| line.cycle.is_some());
                    breaches.for_each(|line| by_ticket.entry(&line.tickets[0]).or_default().push(line));
                    for lines in by_ticket.into_values() {
                        let at = lines[0].at.0;
                        let thing = |month| Thing { breached: Some(at), ..Thing::of(month, month) };
                        stays_below(ground, &cap.amount, thing, &lines)?;
                    }
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Lines together come to no more than the most that a cap is in one of their months.
fn stays_below<'t>(
    ground: &Ground<'_>,
    cap: &klausel::plan::clause::Amount,
    thing: impl Fn(Span) -> Thing<'t>,
    lines: &[&Line],
) -> Result<(), TestCaseError> {
    let months = lines.iter().map(|line| ground.dates.holding(Period::Month, line.month.first_day));
    let most = months.map(|month| ground.amount(cap, &thing(month))).max().unwrap();
    let paid = sum(lines.iter().copied(), |line| &line.amount);
    prop_assert!(paid <= most, "{} is paid over a cap of {}", exact(&paid), exact(&most));
    Ok(())
}

// -- logs

#[test]
fn the_order_of_a_log_and_cuts_by_ticket_change_nothing() {
    let (cases, seed) = share();
    hold(cases, seed, &with_numbers(Wish::Free), |(case, numbers)| {
        let office = Office::new(&case);
        let mut dice = Dice::new(&numbers);
        let whole = office.judge(office.tickets.clone());
        let statement = office.settle(&whole, &office.outages);
        let (mut tickets, mut outages) = (office.tickets.clone(), office.outages.clone());
        shuffle(&mut tickets, &mut dice);
        shuffle(&mut outages, &mut dice);
        let (mut one, mut other) = (Vec::new(), Vec::new());
        for ticket in tickets {
            if dice.chance(50) { one.push(ticket) } else { other.push(ticket) }
        }
        let merged = office.judge(one).merge(office.judge(other));
        prop_assert_eq!(office.settle(&merged, &outages), statement);
        Ok(())
    });
}

/// What is known if nothing begins at or after an instant.
fn begun_before(outcomes: &Outcomes, outages: &[Outage], at: i64) -> (Outcomes, Vec<Outage>) {
    let tickets = outcomes.tickets.iter().filter(|judged| judged.created_at.0 < at).cloned().collect();
    (
        Outcomes { tickets, ..Outcomes::default() },
        outages.iter().filter(|outage| outage.start.0 < at).cloned().collect(),
    )
}

#[test]
fn what_begins_later_never_changes_an_earlier_month() {
    let (cases, seed) = share();
    hold(cases, seed, &with_numbers(Wish::Free), |(case, numbers)| {
        let office = Office::new(&case);
        let outcomes = office.judge(office.tickets.clone());
        with_ground(&case, &office, &outcomes, |versions| {
            let ground = &versions[0];
            let months = ground.periods(Period::Month);
            let place = Dice::new(&numbers).from(0, i64::try_from(months.len()).unwrap() - 1);
            let boundary = months[usize::try_from(place).unwrap()].from;
            let (early, begun) = begun_before(&outcomes, &office.outages, boundary);
            let of_earlier = |statement: Statement| {
                let lines = statement.ledger.into_iter().filter(|line| line.month.span.end.0 <= boundary);
                lines.collect::<Vec<Line>>()
            };
            let before = of_earlier(office.settle(&early, &begun));
            prop_assert_eq!(of_earlier(office.settle(&outcomes, &office.outages)), before);
            Ok(())
        })
    });
}

/// What each clause computes for each period, before any cap.
fn computed(statement: &Statement) -> BTreeMap<(String, i64), Fraction> {
    let mut computed: BTreeMap<(String, i64), Fraction> = BTreeMap::new();
    for line in statement.ledger.iter().chain(&statement.provisional) {
        *computed.entry((line.clause.clone(), line.period.span.start.0)).or_default() += &line.computed;
    }
    computed
}

/// No clause computes more for any period than it did before.
fn raises_nothing(before: &Statement, after: &Statement) -> Result<(), TestCaseError> {
    let (before, after) = (computed(before), computed(after));
    for (key, amount) in after {
        let known = before.get(&key).cloned().unwrap_or_default();
        prop_assert!(amount <= known, "{key:?}: {} instead of {}", exact(&amount), exact(&known));
    }
    Ok(())
}

/// One of some things, by the numbers.
fn one_of<T>(mut things: Vec<T>, numbers: &[u16]) -> Option<T> {
    let last = i64::try_from(things.len()).unwrap() - 1;
    (0 <= last).then(|| things.swap_remove(usize::try_from(Dice::new(numbers).from(0, last)).unwrap()))
}

#[test]
fn one_breach_less_raises_no_credit() {
    let (cases, seed) = share();
    hold(cases, seed, &with_numbers(Wish::Compliant), |(case, numbers)| {
        let office = Office::new(&case);
        let before = office.judge(office.tickets.clone());
        let mut after = before.clone();
        let clocks = after.tickets.iter_mut().flat_map(|judged| &mut judged.clocks);
        let breached = clocks.filter(|clock| clock.status == Status::Breached).collect();
        let Some(clock) = one_of(breached, &numbers) else { return Ok(()) };
        clock.status = if clock.stopped_at.is_some() { Status::Met } else { Status::Running };
        (clock.breached_at, clock.at_breach, clock.late_ms) = (None, None, 0);
        raises_nothing(&office.settle(&before, &[]), &office.settle(&after, &[]))
    });
}

#[test]
fn one_compliant_ticket_more_raises_no_credit() {
    let (cases, seed) = share();
    hold(cases, seed, &with_numbers(Wish::Compliant), |(case, numbers)| {
        let office = Office::new(&case);
        let before = office.judge(office.tickets.clone());
        let Some(mut more) = one_of(before.tickets.clone(), &numbers) else { return Ok(()) };
        more.id = "one more".to_string();
        more.clocks.retain(|clock| clock.status == Status::Met);
        let after = before.clone().merge(Outcomes { tickets: vec![more], ..Outcomes::default() });
        raises_nothing(&office.settle(&before, &[]), &office.settle(&after, &[]))
    });
}
