//! From what the grammar matched to the tree. What is written rightly but means nothing (30 February) is told here.

mod agreement;
mod calendar;
mod clause;
mod closed;
mod consequence;
mod measure;
mod metric;
mod plugin;
mod source;
mod supplier;
mod test;
mod value;

use pest::iterators::Pair;

use crate::ast::{Item, Later, Name};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span, Spanned};

use super::grammar::Rule;
use super::node::Node;
use super::scan;

/// A matched piece of text.
type P<'t> = Pair<'t, Rule>;

/// Makes the tree of one file.
pub struct Lower<'t> {
    pub file: FileId,
    pub text: &'t str,
    pub diagnostics: Vec<Diagnostic>,
}

impl Lower<'_> {
    pub fn item(&mut self, node: &Node<'_>) -> Option<Item> {
        let pair = &node.pair;
        Some(match pair.as_rule() {
            Rule::edition_line => Item::Edition(self.int(&self.first(pair, Rule::int)?)),
            Rule::use_line => Item::Use(self.text_of(&self.first(pair, Rule::text)?)),
            Rule::source_head => Item::Source(self.source(node)?),
            Rule::holidays_head => Item::Holidays(self.holidays(node)?),
            Rule::calendar_head | Rule::calendar_joined => Item::Calendar(self.calendar(node)?),
            Rule::agreement_head => Item::Agreement(self.agreement(node)?),
            Rule::test_head => Item::Test(self.test(node)?),
            Rule::plugin_head | Rule::plugin_line => Item::Plugin(self.plugin(node)?),
            _ => return None,
        })
    }

    // -- places

    fn span(&self, pair: &P<'_>) -> Span {
        let text = pair.as_str();
        let start = text.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        Span::new(self.file, start, start + scan::length_of_words(text))
    }

    /// The whole of a statement, braces included.
    fn node_span(&self, node: &Node<'_>) -> Span {
        Span::new(self.file, node.start, node.end)
    }

    fn spanned<T>(&self, value: T, pair: &P<'_>) -> Spanned<T> {
        Spanned::new(value, self.span(pair))
    }

    fn later(&self, what: &str, pair: &P<'_>) -> Later {
        Later { what: what.to_string(), span: self.span(pair) }
    }

    // -- pieces

    fn first<'p>(&self, pair: &P<'p>, rule: Rule) -> Option<P<'p>> {
        pair.clone().into_inner().find(|inner| inner.as_rule() == rule)
    }

    fn has(&self, pair: &P<'_>, rule: Rule) -> bool {
        self.first(pair, rule).is_some()
    }

    fn all<'p>(&self, pair: &P<'p>, rule: Rule) -> Vec<P<'p>> {
        pair.clone().into_inner().filter(|inner| inner.as_rule() == rule).collect()
    }

    fn only<'p>(&self, pair: &P<'p>) -> Option<P<'p>> {
        pair.clone().into_inner().next()
    }

    /// The first name directly in a pair.
    fn name_in(&self, pair: &P<'_>) -> Option<Name> {
        self.first(pair, Rule::name).map(|name| self.name(&name))
    }

    fn names_in(&self, pair: &P<'_>) -> Vec<Name> {
        self.all(pair, Rule::name).iter().map(|name| self.name(name)).collect()
    }

    fn error(&mut self, code: &'static str, pair: &P<'_>, message: impl Into<String>, help: &str) {
        let diagnostic = Diagnostic::error(code, self.span(pair), message).help(help);
        self.diagnostics.push(diagnostic);
    }
}

/// The statements in a node's braces.
fn body<'n, 't>(node: &'n Node<'t>) -> &'n [Node<'t>] {
    node.body.as_ref().map_or(&[], |body| body.nodes.as_slice())
}
