//! A month's total rounded, and lines that add up to it.

use num_traits::{ToPrimitive, Zero};

use crate::money::{Fraction, Rounding};

/// Lines that together may not come to more than what is left of a cap.
#[derive(Debug, Clone)]
pub(super) struct Ceiling {
    /// The lines, by place.
    pub members: Vec<usize>,
    /// In whole units.
    pub left: Fraction,
}

/// Rounds the total and gives each line its part: rounded down, then a unit more for the largest remainders (ties in file
/// order), but only for lines below their caps.
pub(super) fn spread(amounts: &[Fraction], rounding: &Rounding, ceilings: &[Ceiling]) -> Vec<Fraction> {
    let total = rounding.apply(&sum(amounts));
    let mut parts: Vec<Fraction> = amounts.iter().map(|amount| rounding.down(amount)).collect();
    let mut units = ((total - sum(&parts)) / &rounding.unit).to_integer().to_usize().unwrap_or(0);
    let mut left: Vec<Fraction> = ceilings.iter().map(|ceiling| room(ceiling, &parts)).collect();
    let of_line = ceilings_by_line(amounts.len(), ceilings);
    for at in by_remainder(amounts, &parts) {
        if units == 0 {
            break;
        }
        let own = of_line.get(at).map_or(&[] as &[usize], Vec::as_slice);
        let fits = own.iter().all(|ceiling| left.get(*ceiling).is_some_and(|left| rounding.unit <= *left));
        if let Some(part) = parts.get_mut(at).filter(|_| fits) {
            *part += &rounding.unit;
            units -= 1;
            for ceiling in own {
                if let Some(left) = left.get_mut(*ceiling) {
                    *left -= &rounding.unit;
                }
            }
        }
    }
    parts
}

fn sum<'a>(amounts: impl IntoIterator<Item = &'a Fraction>) -> Fraction {
    amounts.into_iter().fold(Fraction::zero(), |sum, amount| sum + amount)
}

fn room(ceiling: &Ceiling, parts: &[Fraction]) -> Fraction {
    &ceiling.left - sum(ceiling.members.iter().filter_map(|at| parts.get(*at)))
}

fn ceilings_by_line(lines: usize, ceilings: &[Ceiling]) -> Vec<Vec<usize>> {
    let mut of_line = vec![Vec::new(); lines];
    for (number, ceiling) in ceilings.iter().enumerate() {
        for at in &ceiling.members {
            if let Some(list) = of_line.get_mut(*at) {
                list.push(number);
            }
        }
    }
    of_line
}

/// Lines with a remainder, the largest first.
fn by_remainder(amounts: &[Fraction], parts: &[Fraction]) -> Vec<usize> {
    let remainders = amounts.iter().zip(parts).map(|(amount, part)| amount - part).enumerate();
    let mut remainders: Vec<(usize, Fraction)> = remainders.filter(|(_, remainder)| !remainder.is_zero()).collect();
    remainders.sort_by(|(_, a), (_, b)| b.cmp(a));
    remainders.into_iter().map(|(at, _)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{RoundingMode, exact, ratio, whole};

    fn cents(mode: RoundingMode) -> Rounding {
        Rounding { mode, unit: ratio(1, 100) }
    }

    fn texts(parts: &[Fraction]) -> Vec<String> {
        parts.iter().map(exact).collect()
    }

    #[test]
    fn lines_add_up_to_the_rounded_total() {
        let thirds = vec![ratio(100, 3), ratio(100, 3), ratio(100, 3)];
        let parts = spread(&thirds, &cents(RoundingMode::HalfUp), &[]);
        assert_eq!(texts(&parts), ["33.34", "33.33", "33.33"]);
        assert_eq!(texts(&spread(&thirds, &cents(RoundingMode::Down), &[])), ["33.34", "33.33", "33.33"]);
        let halves = vec![ratio(5, 1000), ratio(4, 1000)];
        assert_eq!(texts(&spread(&halves, &cents(RoundingMode::Up), &[])), ["0.01", "0"]);
    }

    #[test]
    fn the_remainder_goes_only_to_lines_below_their_caps() {
        let amounts = vec![ratio(1_009, 100) - ratio(1, 1000), ratio(25, 10_000)];
        let capped = Ceiling { members: vec![0], left: ratio(1_008, 100) };
        let parts = spread(&amounts, &cents(RoundingMode::HalfUp), &[capped]);
        assert_eq!(texts(&parts), ["10.08", "0.01"]);
        assert_eq!(texts(&spread(&[whole(1)], &cents(RoundingMode::HalfUp), &[])), ["1"]);
    }
}
