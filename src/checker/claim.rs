//! Claims: a last day that there is.

use crate::ast::{Claim, ClaimUntil, ClauseLine, Name, StatementKind};
use crate::source::Span;

use super::{Checker, Known};

impl Checker {
    pub(super) fn claim(&mut self, known: &Known<'_>, claim: &Claim) {
        let is_nothing = match &claim.until.value {
            ClaimUntil::Length(length) => *length == 0,
            ClaimUntil::ServiceDays(days, calendar) => {
                calendar.iter().for_each(|calendar| self.calendar_name(known.scope, calendar));
                *days == 0
            }
            ClaimUntil::EndOfMonth(nth) => *nth == 0,
        };
        if is_nothing {
            let help = "write how long it may be made: `within 30 days after the period`";
            self.error("bad_duration", claim.until.span, "a claim in no time can never be made", help);
        }
    }

    /// Of two claim lines of one clause nobody knows which holds.
    pub(super) fn one_claim<'l>(&mut self, lines: impl Iterator<Item = (&'l ClauseLine, Span)>) {
        let mut claims = lines.filter(|(line, _)| matches!(line, ClauseLine::Claim(_))).map(|(_, span)| span);
        if let (Some(first), Some(second)) = (claims.next(), claims.next()) {
            let fault = crate::diagnostic::Diagnostic::error("said_twice", second, "this clause has two last days");
            self.push(fault.label(first, "said here first").help("keep one of the two"));
        }
    }

    /// A test asks for the claim of a clause that can have one.
    pub(super) fn claimed_clause(&mut self, known: &Known<'_>, name: &Name) {
        let clauses: Vec<&str> = known.clause_names(true).into_iter().chain(known.clause_names(false)).collect();
        if !clauses.contains(&name.value.as_str()) {
            self.unknown("penalty or incentive", name, clauses);
            return;
        }
        let has_claim = known.find(|kind| match kind {
            StatementKind::Claim(_) if known.clause_names(true).contains(&name.value.as_str()) => Some(()),
            StatementKind::Clause(clause) if clause.name.value == name.value => {
                let mut lines = clause.lines.iter();
                lines.find(|line| matches!(line.value, ClauseLine::Claim(_))).map(|_| ())
            }
            _ => None,
        });
        if has_claim.is_none() {
            let message = format!("nothing says until when `{}` is claimed", name.value);
            let help = "add `claim within 30 days after the period` to the clause or to the agreement";
            self.error("claim_without_day", name.span, message, help);
        }
    }
}
