//! Suppliers: what they cover, how much sooner they promise, what they pay back.

use crate::ast::{Recover, Supplier, SupplierLine};
use crate::source::Spanned;

use super::super::grammar::Rule;
use super::super::node::Node;
use super::{Lower, P, body};

impl Lower<'_> {
    pub(super) fn supplier(&mut self, node: &Node<'_>) -> Option<Supplier> {
        let head = node.pair.clone().into_inner().last()?;
        let (name, path) = (self.name_in(&head)?, self.text_of(&self.first(&head, Rule::text)?));
        let lines = body(node).iter().filter_map(|line| {
            let value = self.supplier_line(&line.pair)?;
            Some(Spanned::new(value, self.node_span(line)))
        });
        let lines = lines.collect();
        Some(Supplier { name, path, lines })
    }

    fn supplier_line(&mut self, pair: &P<'_>) -> Option<SupplierLine> {
        Some(match pair.as_rule() {
            Rule::covers_line => SupplierLine::Covers(self.when_in(pair)),
            Rule::lead_line => SupplierLine::Lead(self.percentage(&self.first(pair, Rule::percentage)?)),
            _ => SupplierLine::Recover(match self.first(pair, Rule::plugin_call) {
                Some(call) if self.has(pair, Rule::k_by) => Recover::By(self.call(&call)?),
                _ => Recover::Amount(self.amount(&self.first(pair, Rule::amount)?)?),
            }),
        })
    }
}
