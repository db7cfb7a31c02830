//! What only an incentive brings: earning back, a longer term.

use num_traits::One;

use crate::ast::{Band, Clause, Owed, RunKind, StatementKind};
use crate::money::{Fraction, percent};
use crate::source::Span;

use super::{Checker, Known};

impl Checker {
    pub(super) fn incentive(&mut self, known: &Known<'_>, clause: &Clause, band: &Band, span: Span) {
        let what = match &band.owed {
            Owed::Amount(_) => return,
            Owed::ShareBack(..) | Owed::AmountBack(_) => "earns nothing back",
            Owed::Extend(..) => "makes no term longer",
        };
        if clause.is_penalty {
            let message = format!("a penalty {what}");
            let help = "write it in an `incentive`";
            self.error("not_in_a_penalty", span, message, help);
            return;
        }
        match &band.owed {
            Owed::ShareBack(share, penalty) => {
                let penalties = known.clause_names(true);
                if !penalties.contains(&penalty.value.as_str()) {
                    self.unknown("penalty", penalty, penalties);
                }
                self.charges_money(known, penalty);
                if Fraction::one() < share.value {
                    let message = format!("{} of a penalty is more than was charged", percent(&share.value));
                    let help = "no more comes back than was charged: write `100%` or less";
                    self.warning("earns_back_more", share.span, message, help);
                }
            }
            Owed::AmountBack(_) => {
                let after = band.run.as_ref().is_some_and(|run| matches!(run.kind, RunKind::After(..)));
                if !after {
                    let message = "this does not say which penalty is earned back";
                    let help = "write `earn back 50% of penalty attainment`, or `within 2 months after penalty …`";
                    self.error("earns_back_nothing", span, message, help);
                }
            }
            Owed::Extend(count, _) => {
                if count.value == 0 {
                    let help = "write by how many months or days it is";
                    self.error("bad_number", count.span, "a term longer by nothing is none", help);
                }
                let ends = known.find(|kind| matches!(kind, StatementKind::Effective(_, Some(_))).then_some(()));
                if ends.is_none() {
                    let message = "this agreement has no last day to move";
                    let help = "add one: `effective 2025-01-01..2026-12-31`";
                    self.warning("no_term", span, message, help);
                }
            }
            Owed::Amount(_) => {}
        }
    }
}
