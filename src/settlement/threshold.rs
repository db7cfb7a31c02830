//! Minimum payouts: a month's penalties that are too small are not paid, or are raised.

use num_traits::{One, Signed, Zero};

use crate::money::{Currency, Fraction, in_words};

use super::desk::Desk;

fn total(desk: &Desk<'_, '_>) -> Fraction {
    desk.now.iter().fold(Fraction::zero(), |sum, now| sum + now)
}

/// Nothing is paid where all lines together come to `above` or less.
pub(super) fn pay_only_above(desk: &mut Desk<'_, '_>, above: &Fraction, words: &str, currency: Option<Currency>) {
    let total = total(desk);
    if total.is_positive() && total <= *above {
        let note = format!(", not paid: {words}, and the month comes to {}", in_words(&total, currency));
        (0..desk.now.len()).for_each(|at| desk.drop_line(at, &note));
    }
}

/// All lines together are raised to `least`, in proportion, never from zero. A line that a cap holds stays there, and the
/// others are raised the more.
pub(super) fn raise_to(desk: &mut Desk<'_, '_>, least: &Fraction, words: &str, currency: Option<Currency>) {
    let mut free: Vec<usize> = (0..desk.now.len()).filter(|at| is_positive(desk, *at)).collect();
    let note = format!(", {words}: the month comes to {}", in_words(&total(desk), currency));
    let mut raised = Vec::new();
    while !free.is_empty() {
        let of_free = sum_of(desk, &free);
        let wanted = least - total(desk) + &of_free;
        if wanted <= of_free {
            break;
        }
        let (factor, holds) = most(desk, &free, &(wanted / of_free));
        for at in &free {
            if let Some(now) = desk.now.get_mut(*at) {
                *now *= &factor;
            }
        }
        if Fraction::one() < factor {
            raised.extend(free.iter().copied());
        }
        if holds.is_empty() {
            break;
        }
        free.retain(|at| !holds.contains(at));
    }
    raised.sort_unstable();
    raised.dedup();
    for at in raised {
        if let Some(entry) = desk.entries.get_mut(at) {
            entry.line.because.push_str(&note);
        }
    }
}

fn is_positive(desk: &Desk<'_, '_>, at: usize) -> bool {
    desk.now.get(at).is_some_and(Signed::is_positive)
}

fn sum_of(desk: &Desk<'_, '_>, lines: &[usize]) -> Fraction {
    lines.iter().filter_map(|at| desk.now.get(*at)).fold(Fraction::zero(), |sum, now| sum + now)
}

/// The largest factor up to `wanted` at which no cap is exceeded, and the lines that a cap then holds.
fn most(desk: &Desk<'_, '_>, free: &[usize], wanted: &Fraction) -> (Fraction, Vec<usize>) {
    let mut factor = wanted.clone();
    let mut holds = Vec::new();
    for ceiling in &desk.ceilings {
        let inside: Vec<usize> = ceiling.members.iter().copied().filter(|at| free.contains(at)).collect();
        let moves = sum_of(desk, &inside);
        if !moves.is_positive() {
            continue;
        }
        let stays = sum_of(desk, &ceiling.members) - &moves;
        let limit = ((&ceiling.left - stays) / moves).max(Fraction::one());
        if limit < factor {
            factor = limit;
            holds = inside;
        } else if limit == factor && factor < *wanted {
            holds.extend(inside);
        }
    }
    (factor, holds)
}
