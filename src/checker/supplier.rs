//! Suppliers: agreements that are theirs, in one currency, with something that can come back.

use crate::ast::{self, Name, Recover, StatementKind, SupplierLine};
use crate::money::whole;
use crate::plugin::Kind;
use crate::resolver::{Agreement, Resolved};
use crate::source::Spanned;

use super::condition::Sees;
use super::{Checker, Known};

impl Checker {
    pub(super) fn supplier(&mut self, known: &Known<'_>, supplier: &ast::Supplier) {
        supplier.lines.iter().for_each(|line| self.supplier_line(known, line));
        self.each_kind_once(&supplier.lines, "this supplier's block says so twice");
        let covers = supplier.lines.iter().any(|line| matches!(line.value, SupplierLine::Covers(_)));
        if !covers && self.all_is_read {
            let help = "say which: `covers tickets when service in (backup, restore)`, or `covers tickets` for all";
            self.error("supplier_covers_nothing", supplier.name.span, "this supplier covers no ticket", help);
        }
    }

    fn supplier_line(&mut self, known: &Known<'_>, line: &Spanned<SupplierLine>) {
        match &line.value {
            SupplierLine::Covers(when) => {
                when.iter().for_each(|when| self.condition(known, when, Sees::All));
            }
            SupplierLine::Lead(share) if *share <= whole(0) || whole(1) <= *share => {
                let help = "write a share of the customer's target that stays free, such as `lead 20%`";
                self.error("bad_number", line.span, "a lead lies between 0% and 100%", help);
            }
            SupplierLine::Lead(_) => {
                let help = "compare the two targets by hand; nothing is settled by this line";
                let message = "that the supplier is this much sooner is not proved by this version";
                self.warning("lead_not_proved", line.span, message, help);
            }
            SupplierLine::Recover(Recover::By(call)) => self.call(known, call, Kind::Margin),
            SupplierLine::Recover(Recover::Amount(amount)) => {
                self.amount(known, amount, None);
                self.pays_money(amount);
            }
        }
    }

    /// A supplier's file has its agreement, which settles in the customer's currency.
    pub(super) fn suppliers(&mut self, resolved: &Resolved, agreement: &Agreement) {
        let statements = agreement.versions().flat_map(|version| &version.statements);
        for statement in statements {
            let StatementKind::Supplier(supplier) = &statement.kind else { continue };
            let Some(root) = resolved.supplier(supplier) else { continue };
            match root.of_supplier(&supplier.name.value) {
                Some(theirs) => {
                    let both = currency(agreement).zip(currency(theirs));
                    if let Some((our, their)) = both.filter(|(our, their)| our.value != their.value) {
                        self.do_not_mix(our, their);
                    }
                }
                None => self.no_supplier(supplier, root.of_suppliers().map(|theirs| theirs.name.value.as_str())),
            }
        }
    }

    fn no_supplier<'n>(&mut self, supplier: &ast::Supplier, known: impl Iterator<Item = &'n str>) {
        let (path, name) = (&supplier.path.value, &supplier.name.value);
        let known = known.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let (message, help) = if known.is_empty() {
            (format!("`{path}` has no agreement of kind supplier"), "say `kind supplier` in the agreement".to_string())
        } else {
            (format!("`{path}` has no agreement `{name}`"), format!("it has {known}: name the supplier after one"))
        };
        self.error("no_supplier", supplier.path.span, message, help);
    }
}

/// The currency in which an agreement settles, as far as it says so by itself.
fn currency(agreement: &Agreement) -> Option<&Name> {
    agreement.statements.iter().find_map(|statement| match &statement.kind {
        StatementKind::Currency(code) => Some(code),
        StatementKind::Fee(_, money, _) => Some(&money.currency),
        _ => None,
    })
}
