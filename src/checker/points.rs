//! Points: they are no money, and no clause looks at its own.

use crate::ast::{Amount, AmountKind, Clause, ClauseLine, Measure, Name};
use crate::diagnostic::Diagnostic;
use crate::source::Span;

use super::{Checker, Known};

impl Checker {
    /// A clause yields points, or it pays money; its caps are counted in the same.
    pub(super) fn points_of_clause(&mut self, known: &Known<'_>, clause: &Clause) {
        let yields_points = clause.yields_points();
        for line in &clause.lines {
            let amount = match &line.value {
                ClauseLine::Capped(amount, ..) => Some(amount),
                line => line.amount(),
            };
            if let Some(amount) = amount.filter(|amount| pays_otherwise(amount, yields_points)) {
                let help = "write one clause for the points, and one on `points of (…)` for the money";
                self.error("points_are_no_money", amount.span, "points and money do not mix in a clause", help);
            }
            if let ClauseLine::Band(band) = &line.value
                && yields_points
                && (band.owed.amount().is_none() || waits_for_penalty(band))
            {
                let message = "points are worked out before money: no row of them looks at what was charged";
                let help = "take `after penalty …` out, or let a clause on `points of (…)` wait for the penalty";
                self.error("points_are_no_money", line.span, message, help);
            }
        }
        let measured = clause.measure().map_or(&[] as &[Name], Measure::points_of);
        if yields_points {
            self.points_in_a_circle(known, clause);
        }
        self.points_of_all(clause, measured);
    }

    /// What clauses yield is counted whole.
    fn points_of_all(&mut self, clause: &Clause, measured: &[Name]) {
        let conditions = clause.lines.iter().filter_map(|line| match &line.value {
            ClauseLine::Per(_, _, Some(condition), _) | ClauseLine::Except(condition) => Some(condition.span),
            _ => None,
        });
        let conditions = conditions.chain(clause.when.as_ref().map(|condition| condition.span));
        if let Some(condition) = conditions.into_iter().next().filter(|_| !measured.is_empty()) {
            let help = "write the condition into the clauses that yield the points";
            self.error("points_counted_whole", condition, "points are not told apart by a condition", help);
        }
    }

    /// Clauses whose points are counted yield some.
    pub(super) fn yields_points(&mut self, known: &Known<'_>, name: &Name) {
        let mut named = known.clauses().filter(|clause| clause.name.value == name.value).peekable();
        if named.peek().is_none() {
            self.unknown("clause", name, known.clauses().map(|clause| clause.name.value.as_str()));
        } else if let (Some(clause), true) = (named.peek().copied(), named.all(|clause| !clause.yields_points())) {
            let message = format!("`{}` yields no points", name.value);
            let fault = Diagnostic::error("points_are_no_money", name.span, message);
            let fault = fault.label(clause.name.span, "declared here");
            self.push(fault.help("let it yield some: `credit 3 points`; or take it out of the list"));
        }
    }

    /// Points of a clause that looks, by way of others, at its own; a circle is told at its first clause.
    fn points_in_a_circle(&mut self, known: &Known<'_>, clause: &Clause) {
        let own = clause.name.value.as_str();
        let looked_at = looks_at(known, own);
        let earlier = known.clauses().map(|clause| clause.name.value.as_str()).take_while(|name| *name != own);
        let is_told = |name: &str| looked_at.contains(&name) && looks_at(known, name).contains(&own);
        if looked_at.contains(&own) && !earlier.into_iter().any(is_told) {
            let message = format!("the points of `{own}` depend on themselves");
            let help = "let it count the points of other clauses only";
            self.error("points_in_a_circle", clause.name.span, message, help);
        }
    }

    /// What stands for money: a cap over all penalties, a minimum payout.
    pub(super) fn pays_money(&mut self, amount: &Amount) {
        if amount.is_points() {
            let help = "write an amount of money, or a share of the fee";
            self.error("points_are_no_money", amount.span, "points are no money", help);
        }
    }

    /// A penalty that is charged, earned back or combined pays money.
    pub(super) fn charges_money(&mut self, known: &Known<'_>, penalty: &Name) {
        let mut named = known.clauses().filter(|clause| clause.is_penalty && clause.name.value == penalty.value);
        if named.any(Clause::yields_points) {
            self.yields_no_money(penalty, penalty.span);
        }
    }

    fn yields_no_money(&mut self, penalty: &Name, span: Span) {
        let message = format!("`{}` yields points, which are never charged", penalty.value);
        let help = "name the clause that turns the points into money";
        self.error("points_are_no_money", span, message, help);
    }
}

/// The names of clauses whose points a clause looks at, by itself or by way of others.
fn looks_at<'r>(known: &Known<'r>, name: &str) -> Vec<&'r str> {
    let directly = |name: &str| -> Vec<&'r str> {
        let named = known.clauses().filter(|clause| clause.name.value == name && clause.yields_points());
        named.filter_map(Clause::measure).flat_map(Measure::points_of).map(|name| name.value.as_str()).collect()
    };
    let (mut open, mut seen) = (directly(name), Vec::new());
    while let Some(next) = open.pop() {
        if !seen.contains(&next) {
            seen.push(next);
            open.extend(directly(next));
        }
    }
    seen
}

/// Whether an amount holds something else than the clause pays.
fn pays_otherwise(amount: &Amount, points: bool) -> bool {
    match &amount.kind {
        AmountKind::Points(..) => !points,
        AmountKind::Greatest(all) | AmountKind::Least(all) | AmountKind::Sum(all) => {
            all.iter().any(|amount| pays_otherwise(amount, points))
        }
        AmountKind::Later(_) => false,
        AmountKind::Rate(..) | AmountKind::Money(..) | AmountKind::By(_) => points,
    }
}

fn waits_for_penalty(band: &crate::ast::Band) -> bool {
    band.run.as_ref().is_some_and(|run| matches!(run.kind, crate::ast::RunKind::After(..)))
}
