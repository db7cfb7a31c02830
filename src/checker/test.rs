//! Tests: tickets that are declared, names that the agreement has.

use crate::ast::{AvailabilityLine, Expectation, FigureForm, Given, Name, StatementKind, Test, TestLine};
use crate::diagnostic::Diagnostic;
use crate::money::whole;
use crate::resolver::{Agreement, Root};

use super::band::written;
use super::{Checker, Known};

impl Checker {
    pub(super) fn tests(&mut self, root: &Root) {
        for test in root.scope.tests.iter().filter(|test| test.span.file == root.file) {
            let agreement = root.agreements.iter().find(|agreement| agreement.name.value == test.agreement.value);
            match agreement {
                Some(agreement) => self.test_of(root, agreement, test),
                None => self.untestable(root, &test.agreement),
            }
        }
    }

    /// Why a test is of no agreement that stands beside it.
    fn untestable(&mut self, root: &Root, name: &Name) {
        let seen = root.scope.agreement(&name.value);
        let Some((message, help)) = seen.map(|agreement| {
            if agreement.is_template {
                let message = format!("`{}` is a template, which is never run", name.value);
                return (message, "test an agreement that extends it".to_string());
            }
            let message = format!("`{}` is declared in another file", name.value);
            (message, format!("tests stand in the file of their agreement: move this one beside `{}`", name.value))
        }) else {
            let known = root.agreements.iter().map(|agreement| agreement.name.value.as_str());
            return self.unknown("agreement", name, known);
        };
        self.error("unknown_name", name.span, message, help);
    }

    /// What is wrong with a test in every version: a name that one of them has is a name.
    fn test_of(&mut self, root: &Root, agreement: &Agreement, test: &Test) {
        let before = self.diagnostics.len();
        let mut in_all: Option<Vec<Diagnostic>> = None;
        for version in agreement.versions() {
            self.test(&Known::new(root, version), test);
            let found = self.diagnostics.split_off(before);
            let same = |a: &Diagnostic, b: &Diagnostic| a.code == b.code && a.span == b.span;
            in_all = Some(match in_all {
                None => found,
                Some(known) => known.into_iter().filter(|known| found.iter().any(|found| same(known, found))).collect(),
            });
        }
        self.diagnostics.extend(in_all.unwrap_or_default());
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
                TestLine::Outage(service, _, _, fields) => {
                    self.outage_of(known, service);
                    self.fields(known, fields);
                }
                TestLine::Given(given) => self.given(known, given, line.span),
                TestLine::Announcement(service, ..) => {
                    service.iter().for_each(|service| self.announced_service(known, service));
                }
                TestLine::Charge(service, money, period) => {
                    self.charge(known, service.as_ref(), money, period, line.span)
                }
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

    /// An outage is of a service that is declared, or of a part of one.
    fn outage_of(&mut self, known: &Known<'_>, service: &Name) {
        let parts = known.agreement.statements.iter().filter_map(|statement| match &statement.kind {
            StatementKind::Availability(said) => Some(&said.lines),
            _ => None,
        });
        let parts = parts.flatten().filter_map(|line| match &line.value {
            AvailabilityLine::DownAll(parts) | AvailabilityLine::DownAny(parts) => Some(parts),
            _ => None,
        });
        let services: Vec<&str> = known.services().chain(parts.flatten().map(|name| name.value.as_str())).collect();
        if !services.contains(&service.value.as_str()) {
            self.unknown("service", service, services);
        }
    }

    /// An announcement for a service is for one that the agreement declares.
    fn announced_service(&mut self, known: &Known<'_>, service: &Name) {
        if !known.services().any(|declared| declared == service.value) {
            self.unknown("service", service, known.services());
        }
    }

    /// A given figure is written as it is counted.
    fn given(&mut self, known: &Known<'_>, given: &Given, span: crate::source::Span) {
        self.measure(known, &given.measure, None);
        let wanted = match written(known, &given.measure) {
            Some(FigureForm::Percentage) => Some(("a percentage, such as `96.5%`", FigureForm::Percentage)),
            Some(FigureForm::Duration) => Some(("a time, such as `132m`", FigureForm::Duration)),
            _ => None,
        };
        match wanted {
            Some((words, form)) if form != given.form => {
                self.error("bad_given", span, "this figure is written another way", format!("write it as {words}"));
            }
            None if !matches!(given.form, FigureForm::Number | FigureForm::Money) => {
                self.error("bad_given", span, "this figure is a number", "write it as a number, such as `17`");
            }
            _ if given.form == FigureForm::Percentage && given.value > whole(1) => {
                self.error("bad_percentage", span, "no share is over 100 %", "write a share up to 100%");
            }
            _ if given.of == Some(0) => {
                self.error("bad_given", span, "a share of nothing is none", "write out of how many");
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
                match names.contains(&name.value.as_str()) {
                    true => {}
                    false if *is_priority => self.unknown_priority(known, name),
                    false => self.unknown("tier", name, names),
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
                let clauses = known.clause_names(*is_penalty);
                if !clauses.contains(&name.value.as_str()) {
                    self.unknown(if *is_penalty { "penalty" } else { "incentive" }, name, clauses);
                }
            }
            Expectation::Share(measure, ..) => self.measure(known, measure, None),
            Expectation::Total(..) | Expectation::Fault(_) => {}
        }
    }
}
