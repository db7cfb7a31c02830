//! Tests: tickets that are declared, names that the agreement has.

use crate::ast::{Expectation, Name, StatementKind, Test, TestLine};
use crate::resolver::Root;

use super::{Checker, Known};

impl Checker {
    pub(super) fn tests(&mut self, root: &Root) {
        for test in root.scope.tests.iter().filter(|test| test.span.file == root.file) {
            let agreement = root.agreements.iter().find(|agreement| agreement.name.value == test.agreement.value);
            match agreement {
                Some(agreement) => self.test(&Known::new(root, agreement), test),
                None => {
                    let known = root.agreements.iter().map(|agreement| agreement.name.value.as_str());
                    self.unknown("agreement", &test.agreement, known);
                }
            }
        }
    }

    fn test(&mut self, known: &Known<'_>, test: &Test) {
        let tickets: Vec<&Name> = test
            .lines
            .iter()
            .filter_map(|line| match &line.value {
                TestLine::Ticket(name, _) => Some(name),
                _ => None,
            })
            .collect();
        for line in &test.lines {
            match &line.value {
                TestLine::Ticket(_, fields) => self.fields(known, fields),
                TestLine::Event(ticket, _, _, fields) | TestLine::Sets(ticket, _, fields) => {
                    self.ticket(&tickets, ticket.as_ref(), line.span);
                    self.fields(known, fields);
                }
                TestLine::Expect(expectation) => self.expectation(known, &tickets, expectation, line.span),
                TestLine::Later(later) => self.not_built(later),
                TestLine::AsOf(_) | TestLine::Fee(..) => {}
            }
        }
    }

    fn fields(&mut self, known: &Known<'_>, fields: &[(Name, Name)]) {
        for (name, value) in fields {
            match known.fields.get(&name.value) {
                None => self.unknown("field", name, known.fields.keys().map(String::as_str)),
                Some(Some(values)) if !values.contains(&value.value) => {
                    let message = format!("`{}` is never `{}`", name.value, value.value);
                    let help = Self::did_you_mean(&value.value, values.iter().map(String::as_str));
                    self.warning("impossible_value", value.span, message, help);
                }
                Some(_) => {}
            }
        }
    }

    /// Where a test has more than one ticket, its lines begin with one of them.
    fn ticket(&mut self, tickets: &[&Name], ticket: Option<&Name>, span: crate::source::Span) {
        match ticket {
            Some(name) if !tickets.iter().any(|known| known.value == name.value) => {
                self.unknown("ticket", name, tickets.iter().map(|name| name.value.as_str()));
            }
            None if tickets.len() > 1 => {
                self.error(
                    "which_ticket",
                    span,
                    "this test has several tickets: which is meant?",
                    "begin the line with its ticket",
                );
            }
            None if tickets.is_empty() => {
                self.error("which_ticket", span, "this test declares no ticket", "add `ticket T1 { plan \"gold\" }`");
            }
            _ => {}
        }
    }

    fn expectation(
        &mut self,
        known: &Known<'_>,
        tickets: &[&Name],
        expectation: &Expectation,
        span: crate::source::Span,
    ) {
        match expectation {
            Expectation::Clock(ticket, metric, _) => {
                self.ticket(tickets, ticket.as_ref(), span);
                self.metric_name(known, metric);
            }
            Expectation::Reading(ticket, is_priority, name) => {
                self.ticket(tickets, ticket.as_ref(), span);
                let tiers = known.tiers.iter().map(|tier| tier.name.value.as_str());
                let names: Vec<&str> = if *is_priority { known.priorities.clone() } else { tiers.collect() };
                if !names.contains(&name.value.as_str()) {
                    self.unknown(if *is_priority { "priority" } else { "tier" }, name, names);
                }
            }
            Expectation::Escalation(ticket, ..) | Expectation::NoEscalation(ticket, _) => {
                self.ticket(tickets, ticket.as_ref(), span);
            }
            Expectation::Consequence(ticket, name, _) | Expectation::NoConsequence(ticket, name) => {
                if ticket.is_some() {
                    self.ticket(tickets, ticket.as_ref(), span);
                }
                let statements = known.agreement.statements.iter();
                let ladders = statements.filter_map(|statement| match &statement.kind {
                    StatementKind::Consequences(ladder) => Some(&ladder.rungs),
                    _ => None,
                });
                let names: Vec<&str> = ladders.flatten().map(|rung| rung.then.value.as_str()).collect();
                if !names.contains(&name.value.as_str()) {
                    self.unknown("consequence", name, names);
                }
            }
            Expectation::Claim(name, _) => self.claimed_clause(known, name),
            Expectation::Amount(is_penalty, name, ..) => {
                let clauses = known.clauses(*is_penalty);
                if !clauses.contains(&name.value.as_str()) {
                    self.unknown(if *is_penalty { "penalty" } else { "incentive" }, name, clauses);
                }
            }
            Expectation::Attainment(metric, ..) => self.metric_name(known, metric),
            Expectation::Total(..) => {}
        }
    }
}
