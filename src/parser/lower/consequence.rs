//! Consequences: a ladder over breaches and over bands of periods.

use crate::ast::{Bound, Consequences, Measure, Name, Reached, Rung};

use super::super::grammar::Rule;
use super::super::node::Node;
use super::{Lower, P, body};

impl Lower<'_> {
    pub(super) fn consequences(&mut self, node: &Node<'_>) -> Option<Consequences> {
        let pair = node.pair.clone().into_inner().last()?;
        let of = self.name_in(&pair)?;
        let rungs = body(node).iter().filter_map(|line| self.rung(&line.pair, &of)).collect();
        Some(Consequences { when: self.when_in(&pair), of, rungs })
    }

    fn rung(&mut self, pair: &P<'_>, of: &Name) -> Option<Rung> {
        let consequence = self.first(pair, Rule::consequence)?;
        let expires = self.duration_in(&consequence);
        let then = self.consequence_name(&consequence)?;
        let reached = match self.first(pair, Rule::count_words) {
            Some(count) => self.count_words(&count)?,
            None => self.band_words(&self.first(pair, Rule::band_words)?, of)?,
        };
        Some(Rung { reached, then, expires, span: self.span(pair) })
    }

    /// A text, a name, or `termination right` with single blanks.
    pub(super) fn consequence_name(&self, pair: &P<'_>) -> Option<Name> {
        let words = self.only(pair)?;
        let right = "termination right".to_string();
        Some(if words.as_rule() == Rule::termination_right { self.spanned(right, &words) } else { self.value(&words) })
    }

    fn count_words(&mut self, pair: &P<'_>) -> Option<Reached> {
        let mut numbers = self.all(pair, Rule::int).into_iter();
        let (count, window) = (self.int(&numbers.next()?), self.int(&numbers.next()?));
        let unit = self.value(&self.first(pair, Rule::window_unit)?);
        Some(Reached::Breaches(count, window, unit, self.has(pair, Rule::k_calendar)))
    }

    fn band_words(&mut self, pair: &P<'_>, of: &Name) -> Option<Reached> {
        let word = self.first(pair, Rule::measure_word)?;
        let subject = self.name_in(&word).unwrap_or_else(|| of.clone());
        let measure = match self.only(&word)?.as_rule() {
            Rule::k_attainment => Measure::Attainment(subject),
            Rule::k_breaches => Measure::Breaches(subject),
            _ => Measure::Availability(subject),
        };
        let bounds: Vec<Bound> = self.all(pair, Rule::bound).iter().filter_map(|bound| self.bound(bound)).collect();
        Some(Reached::Band(measure, bounds, self.run_in(pair)))
    }
}
