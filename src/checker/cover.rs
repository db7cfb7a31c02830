//! Lines that are read from the top, and that no ticket gets to because earlier ones take it.

use crate::ast::{Condition, PriorityRule};
use crate::diagnostic::Diagnostic;
use crate::resolver::MergedTier;
use crate::source::Span;

use super::condition::Sees;
use super::states::{State, States};
use super::{Checker, Known};

/// A line that takes tickets: its condition, where there is one, and its place.
struct Line<'a> {
    when: Option<&'a Condition>,
    span: Span,
    name: &'a str,
}

/// How earlier lines take every ticket of a later one.
struct Cover<'a> {
    /// Those that do, in their order.
    by: Vec<Span>,
    /// A ticket, and the line that takes it; none where the later line looks at no field.
    witness: Option<(String, &'a str)>,
}

impl Checker {
    /// A tier whose tickets earlier ones take.
    pub(super) fn unreachable_tiers(&mut self, known: &Known<'_>, tiers: &[MergedTier]) {
        let lines: Vec<Line<'_>> = tiers
            .iter()
            .map(|tier| Line { when: tier.when.as_ref(), span: tier.head, name: &tier.name.value })
            .collect();
        for (place, line) in lines.iter().enumerate() {
            let earlier = lines.get(..place).unwrap_or_default();
            if let Some(cover) = cover(known, Sees::Priority, earlier, line) {
                let message = format!("no ticket gets to the tier `{}`", line.name);
                let help = if earlier.iter().all(|line| line.when.is_some()) {
                    "tiers are read from the top: put the narrower one first, or change a condition"
                } else {
                    "tiers are read from the top: give the earlier one a condition, or put it last"
                };
                self.push(cover.told(Diagnostic::warning("unreachable_tier", line.span, message).help(help), "tier "));
            }
        }
    }

    /// A line of the priorities whose tickets earlier ones take.
    pub(super) fn unreachable_priorities(&mut self, known: &Known<'_>, rules: &[PriorityRule]) {
        let lines: Vec<Line<'_>> = rules
            .iter()
            .map(|rule| Line { when: rule.when.as_ref(), span: rule.span, name: &rule.name.value })
            .collect();
        for (place, line) in lines.iter().enumerate() {
            let earlier = lines.get(..place).unwrap_or_default();
            if let Some(cover) = cover(known, Sees::Fields, earlier, line) {
                let message = format!("no ticket gets to this line of `{}`", line.name);
                let help = if earlier.iter().all(|line| line.when.is_some()) {
                    "lines are read from the top: put the narrower one first, or change a condition"
                } else {
                    "put `otherwise` last"
                };
                self.push(cover.told(Diagnostic::warning("unreachable_priority", line.span, message).help(help), ""));
            }
        }
    }
}

impl Cover<'_> {
    fn told(&self, fault: Diagnostic, kind: &str) -> Diagnostic {
        let words = match self.by.as_slice() {
            [_] => "this one takes every such ticket before it",
            _ => "this one takes some of its tickets",
        };
        let fault = self.by.iter().fold(fault, |fault, span| fault.label(*span, words));
        match &self.witness {
            Some((ticket, line)) => fault.witness(format!("a ticket with {ticket} is taken by {kind}`{line}`")),
            None => fault,
        }
    }
}

/// How `earlier` lines take every ticket of `line`: one of them alone, or else all together.
fn cover<'a>(known: &'a Known<'_>, sees: Sees, earlier: &'a [Line<'a>], line: &'a Line<'a>) -> Option<Cover<'a>> {
    let alone = earlier.iter().map(std::slice::from_ref).find_map(|one| covered_by(known, sees, one, line));
    alone.or_else(|| covered_by(known, sees, earlier, line))
}

fn covered_by<'a>(known: &'a Known<'_>, sees: Sees, earlier: &'a [Line<'a>], line: &'a Line<'a>) -> Option<Cover<'a>> {
    if earlier.is_empty() {
        return None;
    }
    let conditions: Vec<&Condition> = earlier.iter().chain([line]).filter_map(|line| line.when).collect();
    let states = States::new(known, sees, &conditions)?;
    let takes = |line: &Line<'_>, state: &State| line.when.is_none_or(|when| states.holds(when, state));
    let mut by: Vec<Span> = Vec::new();
    let mut witness = None;
    for state in states.all().filter(|state| takes(line, state)) {
        let first = earlier.iter().find(|line| takes(line, &state))?;
        if !by.contains(&first.span) {
            by.push(first.span);
        }
        witness = witness.or_else(|| Some((states.words(&state), first.name)));
    }
    by.sort();
    let witness = witness.filter(|(ticket, _)| !ticket.is_empty());
    (!by.is_empty()).then_some(Cover { by, witness })
}
