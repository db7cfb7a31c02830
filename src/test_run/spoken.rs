//! Which cycles of a clock the lines of a test speak of: where there are several, two lines of one kind mean two of them.

use std::mem::{Discriminant, discriminant};

use crate::ast::Verdict;

/// What two lines must have in common to mean a cycle each: the ticket's id, the metric's place, the kind of line.
type Key = (String, usize, Discriminant<Verdict>);

/// The lines of a test that hold, each with the places of the cycles it may speak of.
#[derive(Debug, Default)]
pub(super) struct SpokenOf {
    lines: Vec<(Key, Vec<usize>)>,
}

impl SpokenOf {
    /// Takes a line that the cycles at `fitting` bear out; whether one of them is left for it. A line about an instant at
    /// which a clock is due may speak of a cycle of which another such line speaks.
    pub(super) fn take(&mut self, ticket: &str, metric: usize, verdict: &Verdict, fitting: Vec<usize>) -> bool {
        if matches!(verdict, Verdict::Due(_)) {
            return true;
        }
        let key = (ticket.to_string(), metric, discriminant(verdict));
        self.lines.push((key, fitting));
        let Some((key, _)) = self.lines.last() else { return true };
        let alike: Vec<&[usize]> =
            self.lines.iter().filter(|(known, _)| known == key).map(|(_, fitting)| fitting.as_slice()).collect();
        let all_have_one = each_has_its_own(&alike);
        if !all_have_one {
            // It fails; later lines are not to fail for its sake.
            self.lines.pop();
        }
        all_have_one
    }
}

/// Whether every line can have a cycle of those that fit it, no two the same.
fn each_has_its_own(lines: &[&[usize]]) -> bool {
    let mut holders: Vec<(usize, usize)> = Vec::new();
    (0..lines.len()).all(|line| settle(lines, line, &mut holders, &mut Vec::new()))
}

/// Finds a cycle for a line, where need be by moving the line that holds it to another.
fn settle(lines: &[&[usize]], line: usize, holders: &mut Vec<(usize, usize)>, tried: &mut Vec<usize>) -> bool {
    for cycle in lines.get(line).copied().unwrap_or_default() {
        if tried.contains(cycle) {
            continue;
        }
        tried.push(*cycle);
        match holders.iter().position(|(held, _)| held == cycle) {
            None => {
                holders.push((*cycle, line));
                return true;
            }
            Some(place) => {
                let holder = holders.get(place).map_or(line, |(_, holder)| *holder);
                if settle(lines, holder, holders, tried) {
                    if let Some(slot) = holders.get_mut(place) {
                        slot.1 = line;
                    }
                    return true;
                }
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_one_kind_have_a_cycle_each() {
        let mut spoken_of = SpokenOf::default();
        let met = Verdict::Met(None);
        assert!(spoken_of.take("T1", 0, &met, vec![0, 1]));
        assert!(spoken_of.take("T1", 0, &met, vec![0]), "the line before may as well mean the other cycle");
        assert!(!spoken_of.take("T1", 0, &met, vec![0, 1]), "both are spoken of");
        assert!(spoken_of.take("T1", 0, &met, vec![2]), "a line that fails takes no cycle away");
        assert!(spoken_of.take("T1", 0, &Verdict::Cancelled, vec![0]));
        assert!(spoken_of.take("T1", 1, &met, vec![0]));
        assert!(spoken_of.take("T2", 0, &met, vec![0]));
    }
}
