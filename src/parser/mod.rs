//! From text to a tree. Statements are parsed one at a time, so that after a fault parsing goes on at the next one and
//! every fault of a file is found in one run.

mod block;
mod fault;
mod grammar;
mod lower;
mod node;
mod scan;

use crate::ast;
use crate::diagnostic::{self, Diagnostic};
use crate::source::{FileId, Sources, Span};

pub use scan::{Token, TokenKind, tokens};

use block::Block;
use lower::Lower;
use node::{Node, Statements};

/// A parsed file: what could be understood, and every fault.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The tree, without what could not be understood.
    pub tree: ast::File,
    /// The faults, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a file. Any text gives a tree; what is wrong with it is told in the diagnostics.
pub fn parse(sources: &Sources, file: FileId) -> Parsed {
    let text = sources.get(file).map_or("", |file| file.text.as_str());
    let mut statements = Statements::new(file, text);
    let nodes = statements.all();
    let mut diagnostics = statements.diagnostics;
    let mut lower = Lower { file, text, diagnostics: Vec::new() };
    let items = nodes.iter().filter_map(|node| lower.item(node)).collect();
    diagnostics.extend(lower.diagnostics);
    diagnostic::sort(&mut diagnostics);
    Parsed { tree: ast::File { items, layout: layout(file, &nodes) }, diagnostics }
}

fn layout(file: FileId, nodes: &[Node<'_>]) -> Vec<ast::Piece> {
    let body = |node: &Node<'_>| {
        let body = node.body.as_ref()?;
        let span = Span::new(file, body.open, node.end);
        Some(ast::Body { span, pieces: layout(file, &body.nodes) })
    };
    let piece = |node: &Node<'_>| ast::Piece { span: Span::new(file, node.start, node.end), body: body(node) };
    nodes.iter().map(piece).collect()
}

#[cfg(test)]
mod tests;
