//! Laws that hold whatever the agreement says, on random agreements and tickets.

use klausel::engine::{Calendars, Context, TicketRun};
use klausel::outcome::{Cause, Judged, Outcome, Status};
use klausel::replay;
use klausel::ticket::Log;
use klausel::time::{Instant, Interval};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use crate::compare::{Case, Desk, cases, cases_and_seed, hold};
use crate::dice::Dice;
use crate::draft::Wording;
use crate::history::{History, Row};

/// A random case and numbers for what is done to it.
fn with_numbers(wording: Wording, tickets: usize) -> impl Strategy<Value = (Case, Vec<u16>)> {
    (cases(wording, tickets), prop::collection::vec(any::<u16>(), 0..=24))
}

/// The laws run over a part of the cases that the comparison has.
fn share() -> (u32, u64) {
    let (cases, seed) = cases_and_seed(6_000);
    (cases.div_ceil(20), seed)
}

/// An instant somewhere in or near a history.
fn instant(history: &History, dice: &mut Dice<'_>) -> i64 {
    let first = history.rows[0].at;
    let span = history.rows.last().unwrap().at.max(history.as_of) - first;
    first - 3_600_000 + (span + 7_200_000) / 65_536 * dice.from(0, 65_535)
}

#[test]
fn counted_time_adds_up_over_any_cut() {
    let (cases, seed) = share();
    hold(cases, seed, &with_numbers(Wording::Free, 1), |(case, numbers)| {
        let desk = Desk::new(&case);
        let mut dice = Dice::new(&numbers);
        let mut cuts: Vec<Instant> = (0..4).map(|_| Instant(instant(&case.histories[0], &mut dice))).collect();
        cuts.sort();
        for named in &desk.plan.calendars {
            let calendar = klausel::calendar::Calendar::new(named.spec.clone());
            let parts: i64 = cuts.windows(2).map(|pair| calendar.open_between(pair[0], pair[1])).sum();
            prop_assert_eq!(parts, calendar.open_between(cuts[0], cuts[3]), "{}", named.name);
            let listed: i64 = calendar.open_within(Interval::new(cuts[0], cuts[3])).iter().map(|span| span.len()).sum();
            prop_assert_eq!(parts, listed, "{}: the table and the list of intervals differ", named.name);
            for cut in cuts.iter().copied() {
                let count = calendar.count(cut);
                let found = calendar.earliest(count).zip(calendar.latest(count));
                prop_assert_eq!(found.is_some(), calendar.opens_after(cut), "{}: {}", named.name, cut);
                let Some((earliest, latest)) = found else { continue };
                prop_assert!(earliest <= cut && cut <= latest, "{}: {cut} lies outside its own count", named.name);
                prop_assert_eq!((calendar.count(earliest), calendar.count(latest)), (count, count));
                prop_assert_eq!(calendar.is_open(cut), latest == cut);
            }
        }
        Ok(())
    });
}

/// Every ticket's outcome, judged alone.
fn judge_all(case: &Case, desk: &Desk) -> Vec<Option<Judged>> {
    let calendars = Calendars::new(&desk.plan);
    (0..).zip(&case.histories).map(|(place, history)| desk.judge(&calendars, place, history.as_of)).collect()
}

#[test]
fn counted_time_up_to_the_due_instant_is_the_target() {
    let (cases, seed) = share();
    hold(cases, seed, &self::cases(Wording::Free, 3), |case| {
        let desk = Desk::new(&case);
        let calendars = Calendars::new(&desk.plan);
        for history in &case.histories {
            // A moment later, with no more facts, a clock that runs has run until then.
            let soon = until(history, history.as_of + 1);
            let judge = |history: History| {
                let as_of = history.as_of;
                let desk = Desk::new(&Case { histories: vec![history], ..case.clone() });
                desk.judge(&calendars, 0, as_of).map_or(Vec::new(), |judged| judged.clocks)
            };
            for clock in judge(soon.clone()) {
                let last = clock.stretches.last();
                let ran = last.is_some_and(|last| last.cause == Cause::Ran && last.span.end.0 == soon.as_of);
                let runs = ran && clock.status == Status::Running;
                let Some(due) = clock.due_at.filter(|due| runs && soon.as_of <= due.0) else { continue };
                let later = judge(until(&soon, due.0));
                let same = later.iter().find(|later| (later.metric, later.cycle) == (clock.metric, clock.cycle));
                prop_assert_eq!(same.unwrap().elapsed_ms, clock.target_ms, "due {}", due);
            }
        }
        Ok(())
    });
}

/// The history as it was known at its `as of`, judged later.
fn until(history: &History, as_of: i64) -> History {
    let rows = history.rows.iter().filter(|row| row.at <= history.as_of).cloned();
    History { rows: rows.collect(), as_of }
}

#[test]
fn a_paused_clock_never_breaches() {
    let (cases, seed) = share();
    hold(cases, seed, &self::cases(Wording::Free, 3), |case| {
        let desk = Desk::new(&case);
        for clock in judge_all(&case, &desk).iter().flatten().flat_map(|judged| &judged.clocks) {
            let Some(breached_at) = clock.breached_at else { continue };
            // What a stop has judged stands, also when a reopen and a pause follow in the same instant.
            let rows = case.histories.iter().flat_map(|history| &history.rows);
            let mut at_once = rows.filter(|row| row.at == breached_at.0).filter_map(|row| row.event);
            if at_once.any(|event| event == "reopened") {
                continue;
            }
            let paused = clock.stretches.iter().filter(|stretch| matches!(stretch.cause, Cause::Pause(_)));
            for stretch in paused {
                prop_assert!(!stretch.span.contains(breached_at), "breached {breached_at} while paused");
            }
        }
        Ok(())
    });
}

/// The history with one more pause in it.
fn with_hold(history: &History, dice: &mut Dice<'_>) -> History {
    let (one, other) = (instant(history, dice), instant(history, dice));
    let row = |at: i64, value| Row { at, changes: vec![("hold", Some(value))], event: None };
    let mut rows = history.rows.clone();
    for row in [row(one.min(other), "yes"), row(one.max(other), "no")] {
        let place = rows.iter().position(|known| row.at < known.at).unwrap_or(rows.len());
        rows.insert(place, row);
    }
    History { rows, as_of: history.as_of }
}

#[test]
fn one_more_pause_never_breaches_earlier() {
    let (cases, seed) = share();
    hold(cases, seed, &with_numbers(Wording::Plain, 3), |(case, numbers)| {
        let mut dice = Dice::new(&numbers);
        let histories = case.histories.iter().map(|history| with_hold(history, &mut dice)).collect();
        let held = Case { histories, ..case.clone() };
        let (before, after) = (judge_all(&case, &Desk::new(&case)), judge_all(&held, &Desk::new(&held)));
        for (before, after) in before.iter().flatten().zip(after.iter().flatten()) {
            prop_assert_eq!(before.clocks.len(), after.clocks.len());
            for (before, after) in before.clocks.iter().zip(&after.clocks) {
                no_earlier(before, after, &held)?;
            }
        }
        Ok(())
    });
}

fn no_earlier(before: &Outcome, after: &Outcome, held: &Case) -> Result<(), TestCaseError> {
    let instant = |outcome: &Outcome| outcome.breached_at.unwrap_or(Instant(i64::MAX));
    let fine = instant(before) <= instant(after);
    prop_assert!(fine, "breached {} instead of {}: {held:?}", instant(after), instant(before));
    Ok(())
}

#[test]
fn feeding_fact_by_fact_gives_what_a_replay_gives() {
    let (cases, seed) = share();
    hold(cases, seed, &with_numbers(Wording::Free, 3), |(case, numbers)| {
        let desk = Desk::new(&case);
        let calendars = Calendars::new(&desk.plan);
        let (agreement, mut dice) = (&desk.plan.agreements[0], Dice::new(&numbers));
        let context = Context::new(&desk.plan, &desk.names, agreement, &agreement.versions[0], &calendars);
        for (place, history) in case.histories.iter().enumerate() {
            let Some(replayed) = desk.judge(&calendars, place, history.as_of) else { continue };
            let mut run = TicketRun::new(&context, &desk.names, desk.tickets[place].id.clone());
            let known = desk.tickets[place].facts.iter().filter(|fact| fact.at.0 <= history.as_of);
            let mut at = i64::MIN;
            for fact in known {
                // A live desk wakes at what is due, and at other times.
                while let Some(due) = run.next_due().filter(|due| at < due.0 && due.0 < fact.at.0) {
                    run.advance(due);
                    at = due.0;
                }
                let between = instant(history, &mut dice);
                if at < between && between <= fact.at.0 {
                    run.advance(Instant(between));
                }
                run.apply(fact);
                at = fact.at.0;
            }
            let fed = run.finish(0, 0, Instant(history.as_of));
            prop_assert_eq!(fed, replayed);
        }
        Ok(())
    });
}

#[test]
fn the_order_of_tickets_changes_nothing() {
    let (cases, seed) = share();
    hold(cases, seed, &with_numbers(Wording::Free, 6), |(case, numbers)| {
        let desk = Desk::new(&case);
        let calendars = Calendars::new(&desk.plan);
        let as_of = Instant(case.histories.iter().map(|history| history.as_of).max().unwrap());
        let run = |tickets: Vec<_>| {
            let log = Log { tickets, ..Log::default() };
            let replayed = replay::replay(&desk.plan, &calendars, &desk.names, &log, as_of);
            let mut judged = replayed.outcomes.into_iter().next().unwrap().tickets;
            judged.iter_mut().for_each(|judged| judged.ticket = 0);
            judged.sort_by(|a, b| a.id.cmp(&b.id));
            judged
        };
        let mut shuffled = desk.tickets.clone();
        let mut dice = Dice::new(&numbers);
        for place in (1..shuffled.len()).rev() {
            shuffled.swap(place, usize::try_from(dice.from(0, i64::try_from(place).unwrap())).unwrap());
        }
        prop_assert_eq!(run(shuffled), run(desk.tickets.clone()));
        Ok(())
    });
}
