//! The agreements of suppliers: read with the agreement that names them, each file once.

use crate::ast::{self, StatementKind};
use crate::diagnostic::Diagnostic;
use crate::source::Sources;

use super::{Agreement, Loader, Resolved, Root, joined};

impl Loader<'_> {
    /// Reads the files that a root's agreements name as suppliers'. `chain` is the way of suppliers to it.
    pub(super) fn suppliers_of(&mut self, root: &Root, chain: &mut Vec<String>) {
        let named: Vec<ast::Supplier> = root.agreements.iter().flat_map(suppliers).cloned().collect();
        chain.push(root.path.clone());
        for supplier in named {
            let path = path_of(&self.resolved.sources, &supplier);
            if chain.contains(&path) {
                let message = format!("`{path}` is its own supplier in the end");
                let fault = Diagnostic::error("supplier_cycle", supplier.path.span, message);
                self.resolved.diagnostics.push(fault.help("name the file of the supplier's own agreement"));
            } else if !self.resolved.suppliers.contains_key(&path)
                && let Some(found) = self.resolve(&path, Some(supplier.path.span))
            {
                self.suppliers_of(&found, chain);
                self.resolved.suppliers.insert(path, found);
            }
        }
        chain.pop();
    }
}

impl Resolved {
    /// The file that a supplier's agreement stands in; none where it could not be read, which was told.
    pub fn supplier(&self, supplier: &ast::Supplier) -> Option<&Root> {
        self.suppliers.get(&path_of(&self.sources, supplier))
    }
}

impl Root {
    /// Its agreements of kind `supplier`.
    pub fn of_suppliers(&self) -> impl Iterator<Item = &Agreement> {
        self.agreements.iter().filter(|agreement| is_supplier(agreement))
    }

    /// The agreement of a supplier of this name, or its only one of the kind.
    pub fn of_supplier(&self, name: &str) -> Option<&Agreement> {
        let mut all = self.of_suppliers();
        let named = self.of_suppliers().find(|agreement| agreement.name.value == name);
        named.or_else(|| all.next().filter(|_| all.next().is_none()))
    }
}

fn path_of(sources: &Sources, supplier: &ast::Supplier) -> String {
    joined(sources.path(supplier.path.span), &supplier.path.value)
}

fn suppliers(agreement: &Agreement) -> impl Iterator<Item = &ast::Supplier> {
    agreement.versions().flat_map(|version| &version.statements).filter_map(|statement| match &statement.kind {
        StatementKind::Supplier(supplier) => Some(supplier),
        _ => None,
    })
}

fn is_supplier(agreement: &Agreement) -> bool {
    agreement
        .statements
        .iter()
        .any(|statement| matches!(&statement.kind, StatementKind::Kind(kind) if kind.value == "supplier"))
}
