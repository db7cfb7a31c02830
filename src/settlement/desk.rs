//! The entries of one month and kind, on their way through the settlement.

use std::collections::BTreeMap;

use num_traits::{Signed, Zero};

use crate::money::{Currency, Fraction, Rounding, in_words};
use crate::plan::Version;
use crate::statement::{Line, PeriodSpan};

use super::entry::Entry;
use super::rounding::Ceiling;

/// The entries of one month and kind, and what they come to at each stage.
pub(super) struct Desk<'e, 'a> {
    pub month: &'e PeriodSpan,
    pub version: &'a Version,
    /// None: the agreement has never said how amounts are rounded, as it never paid.
    pub rounding: Option<&'a Rounding>,
    pub entries: Vec<Entry<'a>>,
    /// What each entry comes to at this stage.
    pub now: Vec<Fraction>,
    /// What of each entry is cut and carried over.
    pub carried: Vec<Cut>,
    pub ceilings: Vec<Ceiling>,
}

/// What caps that carry over cut off an entry.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    pub amount: Fraction,
    /// The cap that cut last, in its own words.
    words: String,
}

/// Something that was cut, and is owed in a later month.
#[derive(Debug, Clone)]
pub(super) struct Carried<'a> {
    entry: Entry<'a>,
    cut: Cut,
}

impl<'a> Carried<'a> {
    /// The entry that it is in a later month.
    pub fn entry(self, month: &PeriodSpan, currency: Option<Currency>) -> Entry<'a> {
        let Carried { mut entry, cut } = self;
        let from = &entry.line.month.label;
        let amount = in_words(&cut.amount, currency);
        entry.line.because = format!("{amount} carried over from {from}, cut there by {}", cut.words);
        for stage in [&mut entry.line.computed, &mut entry.line.after_clause_cap, &mut entry.line.after_combine] {
            stage.clone_from(&cut.amount);
        }
        entry.line.month = month.clone();
        entry.line.period = month.clone();
        entry.settles_at = month.span.start;
        entry.is_carried = true;
        entry
    }
}

impl<'e, 'a> Desk<'e, 'a> {
    pub fn new(
        month: &'e PeriodSpan,
        version: &'a Version,
        rounding: Option<&'a Rounding>,
        entries: Vec<Entry<'a>>,
    ) -> Desk<'e, 'a> {
        let now = entries.iter().map(|entry| entry.line.computed.clone()).collect();
        let carried = entries.iter().map(|_| Cut::nothing()).collect();
        Desk { month, version, rounding, entries, now, carried, ceilings: Vec::new() }
    }

    /// Adds an entry of an earlier month.
    pub fn add(&mut self, entry: Entry<'a>) {
        self.now.push(entry.line.computed.clone());
        self.carried.push(Cut::nothing());
        self.entries.push(entry);
    }

    /// Writes the amounts of this stage into the lines.
    pub fn keep(&mut self, stage: fn(&mut Line) -> &mut Fraction) {
        for (entry, now) in self.entries.iter_mut().zip(&self.now) {
            stage(&mut entry.line).clone_from(now);
        }
    }

    pub fn scale(&mut self, at: usize, factor: &Fraction, note: &str) {
        let (Some(now), Some(entry)) = (self.now.get_mut(at), self.entries.get_mut(at)) else { return };
        if !now.is_zero() {
            *now *= factor;
            entry.line.because.push_str(note);
        }
    }

    pub fn drop_line(&mut self, at: usize, note: &str) {
        self.scale(at, &Fraction::zero(), note);
    }

    /// Takes note that what the entries came to less than before is carried over.
    pub fn carry(&mut self, before: &[Fraction], words: &str) {
        for ((cut, before), now) in self.carried.iter_mut().zip(before).zip(&self.now) {
            let less = before - now;
            if less.is_positive() {
                cut.amount += less;
                cut.words = words.to_string();
            }
        }
    }

    /// What is owed in a later month.
    pub fn carried_over(&self) -> Vec<Carried<'a>> {
        let cut = self.entries.iter().zip(&self.carried).filter(|(_, cut)| cut.amount.is_positive());
        cut.map(|(entry, cut)| Carried { entry: entry.clone(), cut: cut.clone() }).collect()
    }

    /// What the lines of each clause come to together, in file order.
    pub fn by_clause(&self, members: impl Iterator<Item = usize>) -> Vec<(usize, Fraction)> {
        let mut sums: BTreeMap<usize, Fraction> = BTreeMap::new();
        for at in members {
            if let (Some(entry), Some(now)) = (self.entries.get(at), self.now.get(at)) {
                *sums.entry(entry.place).or_insert_with(Fraction::zero) += now;
            }
        }
        sums.into_iter().collect()
    }
}

impl Cut {
    fn nothing() -> Cut {
        Cut { amount: Fraction::zero(), words: String::new() }
    }
}
