//! Suppliers.

use crate::ast::{self, SupplierLine, Text};
use crate::plan::supplier::{Recover, Supplier};
use crate::plugin::Kind;
use crate::source::Span;

use super::Compiler;
use super::condition::Sees;

impl Compiler<'_> {
    /// A supplier with its own agreement; none where that could not be found, which was told.
    pub(super) fn supplier(&mut self, supplier: &ast::Supplier, mark: Option<&Text>, head: Span) -> Option<Supplier> {
        let root = self.resolved?.supplier(supplier)?;
        let theirs = root.of_supplier(&supplier.name.value)?;
        let calls = std::mem::take(&mut self.calls);
        let agreement = self.agreement(root, theirs);
        self.calls = calls;
        let (name, place) = (supplier.name.value.clone(), self.place(mark, head));
        let mut found =
            Supplier { name, place, covers: None, lead: None, recover: None, recover_place: None, agreement };
        for line in &supplier.lines {
            if matches!(line.value, SupplierLine::Recover(_)) {
                found.recover_place = Some(self.place(None, line.span));
            }
            match &line.value {
                SupplierLine::Covers(when) => found.covers = self.maybe(when.as_ref(), Sees::All),
                SupplierLine::Lead(share) => found.lead = Some(share.clone()),
                SupplierLine::Recover(ast::Recover::By(call)) => {
                    found.recover = self.call(call, Kind::Margin, None).map(Recover::By);
                }
                SupplierLine::Recover(ast::Recover::Amount(amount)) => {
                    found.recover = Some(Recover::Amount(self.amount(amount)));
                }
            }
        }
        Some(found)
    }
}
