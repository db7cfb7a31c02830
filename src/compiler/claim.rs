//! Claims.

use crate::ast::{self, ClaimUntil};
use crate::plan::claim::{Claim, Until};
use crate::source::Span;

use super::Compiler;
use super::metric::Ground;

impl Compiler<'_> {
    /// `mark` is that of the clause or statement that the claim stands in.
    pub(super) fn claim(
        &mut self,
        ground: Ground<'_>,
        claim: &ast::Claim,
        mark: Option<&ast::Text>,
        span: Span,
    ) -> Claim {
        let until = match &claim.until.value {
            ClaimUntil::Length(length) => Until::Length(*length),
            ClaimUntil::EndOfMonth(nth) => Until::EndOfMonth(*nth),
            ClaimUntil::ServiceDays(days, calendar) => {
                let calendar = calendar.as_ref().map_or("always", |name| &name.value).to_string();
                let spec = super::calendar::spec(&ground.root.scope, ground.zone, &calendar, 0);
                Until::ServiceDays { days: *days, calendar, spec }
            }
        };
        Claim {
            until,
            after_each: claim.after_each,
            unclaimed_pays_nothing: claim.unclaimed_pays_nothing,
            place: self.place(claim.mark.as_ref().or(mark), span),
        }
    }
}
