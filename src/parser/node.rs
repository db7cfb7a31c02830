//! Statements and what stands in their braces, each parsed by itself.

use pest::Parser;
use pest::error::Error;
use pest::iterators::Pair;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

use super::Block;
use super::fault;
use super::grammar::{Grammar, Rule};
use super::scan::{self, Token, TokenKind};

/// How deep braces and parentheses may nest. Real agreements need five levels.
const DEPTH: usize = 48;

/// A statement.
#[derive(Debug)]
pub struct Node<'t> {
    /// What the grammar made of it, without the braces.
    pub pair: Pair<'t, Rule>,
    /// Its first byte.
    pub start: usize,
    /// The byte after its last, braces included.
    pub end: usize,
    /// What stands in its braces.
    pub body: Option<NodeBody<'t>>,
}

/// What stands in a statement's braces.
#[derive(Debug)]
pub struct NodeBody<'t> {
    /// The opening brace.
    pub open: usize,
    /// The statements.
    pub nodes: Vec<Node<'t>>,
}

/// The statements of a file, and the faults met on the way.
pub struct Statements<'t> {
    file: FileId,
    text: &'t str,
    tokens: Vec<Token>,
    /// Opening and closing brace of each pair, as places in `tokens`; only of use when the whole file is balanced.
    braces: Vec<(usize, usize)>,
    balanced: bool,
    pub diagnostics: Vec<Diagnostic>,
}

impl<'t> Statements<'t> {
    pub fn new(file: FileId, text: &'t str) -> Statements<'t> {
        let tokens = scan::tokens(text);
        let (braces, balanced) = scan::matched_braces(&tokens);
        let mut statements = Statements { file, text, tokens, braces, balanced, diagnostics: Vec::new() };
        statements.report_unclosed();
        statements
    }

    pub fn all(&mut self) -> Vec<Node<'t>> {
        if self.is_too_deep() {
            return Vec::new();
        }
        self.block(&[Block::File], 0, self.text.len()).0
    }

    fn report_unclosed(&mut self) {
        let unclosed: Vec<Token> = self.tokens.iter().copied().filter(|token| token.is_unclosed).collect();
        for token in unclosed {
            let span = self.span(token.start, token.end);
            self.diagnostics.push(fault::unclosed(span, token.kind));
        }
    }

    fn is_too_deep(&mut self) -> bool {
        let mut depth = 0_usize;
        for token in &self.tokens {
            match token.kind {
                TokenKind::Open | TokenKind::OpenParen => depth += 1,
                TokenKind::Close | TokenKind::CloseParen => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > DEPTH {
                self.diagnostics.push(fault::too_deep(self.span(token.start, token.end), DEPTH));
                return true;
            }
        }
        false
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    /// The statements of the innermost of `blocks` between two bytes, and where they end: at `to`, at a closing brace
    /// that no statement has taken, or before a word that begins a statement further out.
    fn block(&mut self, blocks: &[Block], from: usize, to: usize) -> (Vec<Node<'t>>, Option<Token>) {
        let Some(block) = blocks.last().copied() else { return (Vec::new(), None) };
        let mut nodes: Vec<Node<'t>> = Vec::new();
        let mut at = from;
        while let Some(token) = self.token_from(at).filter(|token| token.start < to) {
            if self.ends_block(blocks, &token) {
                return (nodes, Some(token));
            }
            match self.statement(block.rule(), token.start, to) {
                Ok(pair) => {
                    let node = self.node(blocks, pair, token.start, to);
                    at = node.end.max(token.start + 1);
                    if let Some(error) = self.cannot_follow(blocks, &node, at, to) {
                        let start = token.start;
                        self.fault(block, &error, start, start, to);
                        at = self.recover(blocks, start, at, to);
                    } else {
                        nodes.push(node);
                    }
                }
                Err(error) => {
                    let start = token.start;
                    match self.fault_of_statement_before(block, &nodes, &token, to) {
                        Some((before, error)) => {
                            nodes.pop();
                            self.fault(block, &error, before, before, to);
                        }
                        None => self.fault(block, &error, start, start, to),
                    }
                    at = self.recover(blocks, start, start, to);
                }
            }
        }
        (nodes, None)
    }

    /// In a file whose braces do not match, a block ends at the first closing brace left over, or before a line that
    /// begins with a word of a block further out.
    fn ends_block(&self, blocks: &[Block], token: &Token) -> bool {
        let inside = !self.balanced && blocks.len() > 1;
        inside && (token.kind == TokenKind::Close || self.begins_outer(blocks, token))
    }

    fn statement(&self, rule: Rule, from: usize, to: usize) -> Result<Pair<'t, Rule>, Box<Error<Rule>>> {
        let text = self.text.get(from..to).unwrap_or("");
        let mut pairs = Grammar::parse(rule, text).map_err(Box::new)?;
        let nothing = || {
            Box::new(Error::new_from_pos(
                pest::error::ErrorVariant::CustomError { message: String::new() },
                pest::Position::from_start(text),
            ))
        };
        pairs.next().ok_or_else(nothing)
    }

    fn node(&mut self, blocks: &[Block], pair: Pair<'t, Rule>, start: usize, to: usize) -> Node<'t> {
        let head_end = start + pair.as_span().end();
        let opened = Block::opened_by(head_rule(&pair));
        let brace = self.token_from(head_end).filter(|token| token.kind == TokenKind::Open && token.start < to);
        let (Some(inner), Some(brace)) = (opened, brace) else {
            let end = start + scan::length_of_words(pair.as_str());
            return Node { pair, start, end, body: None };
        };
        let inside: Vec<Block> = blocks.iter().copied().chain([inner]).collect();
        let (nodes, end) = match self.closing_brace(&brace) {
            Some(close) => (self.block(&inside, brace.end, close.start).0, close.end),
            None => self.block_without_end(&inside, start, brace, to),
        };
        let body = Some(NodeBody { open: brace.start, nodes });
        Node { pair, start, end, body }
    }

    /// The other half of a brace, in a file whose braces all match.
    fn closing_brace(&self, brace: &Token) -> Option<Token> {
        let place = self.place_from(brace.start);
        let pair = self.braces.binary_search_by_key(&place, |(open, _)| *open).ok().filter(|_| self.balanced)?;
        self.braces.get(pair).and_then(|(_, close)| self.tokens.get(*close)).copied()
    }

    /// A block in a file whose braces do not match.
    fn block_without_end(&mut self, blocks: &[Block], start: usize, brace: Token, to: usize) -> (Vec<Node<'t>>, usize) {
        let (nodes, stop) = self.block(blocks, brace.end, to);
        if let Some(close) = stop.filter(|stop| stop.kind == TokenKind::Close) {
            return (nodes, close.end);
        }
        let found = stop.map(|stop| self.span(stop.start, stop.end));
        self.diagnostics.push(fault::unclosed_block(self.span(start, brace.end), found));
        (nodes, stop.map_or(to, |stop| stop.start))
    }

    /// Whether a token stands first on its line and is a word that begins a statement of a block further out.
    fn begins_outer(&self, blocks: &[Block], token: &Token) -> bool {
        let word = first_word(self.text, token);
        let (inner, outer) = match blocks.split_last() {
            Some((inner, outer)) => (inner, outer),
            None => return false,
        };
        let is_outer = outer.iter().any(|block| block.heads().contains(&word));
        token.first_on_line && token.kind == TokenKind::Word && is_outer && !inner.heads().contains(&word)
    }

    /// The fault of a statement that something follows which begins no other.
    fn cannot_follow(&self, blocks: &[Block], node: &Node<'_>, at: usize, to: usize) -> Option<Box<Error<Rule>>> {
        let next = self.token_from(at).filter(|token| token.start < to)?;
        let block = blocks.last().copied()?;
        let fits = node.body.is_some() || self.begins(block, &next) || self.ends_block(blocks, &next);
        if fits { None } else { self.statement(block.probe(), node.start, to).err() }
    }

    /// A statement that cannot be read, in the middle of a line, is mostly what is left of the one before.
    fn fault_of_statement_before(
        &self,
        block: Block,
        nodes: &[Node<'_>],
        token: &Token,
        to: usize,
    ) -> Option<(usize, Box<Error<Rule>>)> {
        let before = nodes.last().filter(|before| before.body.is_none() && !token.first_on_line)?;
        Some((before.start, self.statement(block.probe(), before.start, to).err()?))
    }

    fn begins(&self, block: Block, token: &Token) -> bool {
        let word = first_word(self.text, token);
        let number = word.starts_with(|c: char| c.is_ascii_digit());
        match token.kind {
            TokenKind::Word if number => block.begins_with_numbers(),
            TokenKind::Word => block.heads().contains(&word) || block.begins_with_names(),
            TokenKind::Mark => block == Block::Clause && self.marks_a_band(token),
            _ => false,
        }
    }

    /// Whether a row of bands follows a mark: rows are the only statements that begin with one.
    fn marks_a_band(&self, mark: &Token) -> bool {
        let next = self.token_from(mark.end);
        let after_text = |next: &Token| self.token_from(next.end);
        let word = next.and_then(|next| if next.kind == TokenKind::Text { after_text(&next) } else { Some(next) });
        word.is_some_and(|word| ["below", "at", "above"].contains(&first_word(self.text, &word)))
    }

    fn fault(&mut self, block: Block, error: &Error<Rule>, offset: usize, start: usize, to: usize) {
        let at = offset + fault::position(error);
        let found = self.token_at(at).filter(|token| token.start < to);
        if found.is_some_and(|token| token.is_unclosed) {
            return;
        }
        let head = self.token_from(start);
        let seen = fault::Seen { file: self.file, text: self.text, block, head, found, end: to };
        self.diagnostics.push(fault::explain(&seen, error));
    }

    /// Where to go on after a fault: after the statement's closing brace, or at the next line that begins a statement.
    fn recover(&self, blocks: &[Block], start: usize, at: usize, to: usize) -> usize {
        let Some(block) = blocks.last().copied() else { return to };
        let mut place = self.place_from(start);
        let mut depth = 0_usize;
        while let Some(token) = self.tokens.get(place).filter(|token| token.start < to) {
            let begins = token.first_on_line && self.begins(block, token);
            if depth == 0 && begins && token.start > start && token.start >= at {
                return token.start;
            }
            if depth == 0 && token.start > start && self.ends_block(blocks, token) {
                return token.start;
            }
            match token.kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close if depth > 0 => {
                    depth -= 1;
                    if depth == 0 {
                        return token.end;
                    }
                }
                _ => {}
            }
            place += 1;
        }
        to
    }

    /// The place of the first token that begins at `at` or later, comments left out.
    fn place_from(&self, at: usize) -> usize {
        let mut place = self.tokens.partition_point(|token| token.start < at);
        while self.tokens.get(place).is_some_and(Token::is_comment) {
            place += 1;
        }
        place
    }

    fn token_from(&self, at: usize) -> Option<Token> {
        self.tokens.get(self.place_from(at)).copied()
    }

    /// The token that `at` lies in, or the next one.
    fn token_at(&self, at: usize) -> Option<Token> {
        let inside = self.tokens.get(self.tokens.partition_point(|token| token.end <= at)).copied();
        inside.filter(|token| !token.is_comment()).or_else(|| self.token_from(at))
    }
}

/// The rule that says which block a statement opens.
pub fn head_rule(pair: &Pair<'_, Rule>) -> Rule {
    match pair.as_rule() {
        Rule::agreement_line | Rule::tier_line | Rule::availability_line => {
            pair.clone().into_inner().last().map_or(pair.as_rule(), |inner| inner.as_rule())
        }
        rule => rule,
    }
}

/// The first letters and digits of a token.
fn first_word<'t>(text: &'t str, token: &Token) -> &'t str {
    let word = text.get(token.start..token.end).unwrap_or("");
    let end = word.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(word.len());
    word.get(..end).unwrap_or(word)
}
