//! One way to write an agreement: a statement a line, four blanks a level, one blank between words, every comment kept.

use crate::ast::Piece;
use crate::diagnostic::Diagnostic;
use crate::parser::{self, Token, TokenKind};
use crate::source::{FileId, Sources};

/// No line is longer than this if it can be broken.
const WIDTH: usize = 110;
const INDENT: usize = 4;

/// The text of a file in the one form.
///
/// # Errors
/// The faults of a text that does not parse; it is left as it is.
pub fn format(sources: &Sources, file: FileId) -> Result<String, Vec<Diagnostic>> {
    let parsed = parser::parse(sources, file);
    if !parsed.diagnostics.is_empty() {
        return Err(parsed.diagnostics);
    }
    let text = sources.get(file).map_or("", |file| file.text.as_str());
    let mut writer = Writer { text, tokens: parser::tokens(text), next: 0, lines: Vec::new() };
    writer.pieces(&parsed.tree.layout, 0, None);
    writer.comments_before(usize::MAX, 0);
    Ok(writer.finish())
}

/// Writes tokens line by line, statement by statement.
struct Writer<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    /// The next token to write.
    next: usize,
    lines: Vec<String>,
}

impl Writer<'_> {
    fn finish(self) -> String {
        let mut text = self.lines.join("\n");
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }

    /// Statements of one block, up to its closing brace.
    fn pieces(&mut self, pieces: &[Piece], level: usize, close: Option<usize>) {
        for piece in pieces {
            self.comments_before(piece.span.start as usize, level);
            self.gap(level);
            match &piece.body {
                None => self.statement(piece.span.end as usize, level),
                Some(body) => {
                    self.head(body.span.start as usize, level);
                    let end = (body.span.end as usize).saturating_sub(1);
                    self.pieces(&body.pieces, level + 1, Some(end));
                    self.closing_brace(level);
                }
            }
            self.comment_on_line();
        }
        if let Some(close) = close {
            self.comments_before(close, level);
        }
    }

    /// An empty line stays, but not after an opening brace.
    fn gap(&mut self, level: usize) {
        let wanted = self.tokens.get(self.next).is_some_and(|token| token.after_gap);
        let opened = self.lines.last().is_some_and(|line| level > 0 && line.ends_with('{'));
        if wanted && !opened && !self.lines.is_empty() {
            self.lines.push(String::new());
        }
    }

    /// Comments that stand on lines of their own before byte `until`.
    fn comments_before(&mut self, until: usize, level: usize) {
        while let Some(token) = self.tokens.get(self.next).copied() {
            if !token.is_comment() || token.start >= until {
                return;
            }
            self.gap(level);
            let comment = self.words(token).to_string();
            self.line(level, &comment);
            self.next += 1;
        }
    }

    /// A comment behind a statement stays on its line.
    fn comment_on_line(&mut self) {
        let Some(token) = self.tokens.get(self.next).copied() else { return };
        if token.is_comment() && !token.first_on_line {
            let comment = format!(" {}", self.words(token));
            self.next += 1;
            if let Some(line) = self.lines.last_mut() {
                line.push_str(&comment);
            }
        }
    }

    /// The words before an opening brace, and the brace.
    fn head(&mut self, brace: usize, level: usize) {
        let (tokens, comments) = self.take_until(brace);
        let mut line = self.joined(&tokens);
        line.push_str(" {");
        self.next += 1;
        self.put_comments(&comments, level);
        self.line(level, &line);
        self.comment_on_line();
    }

    fn closing_brace(&mut self, level: usize) {
        self.next += 1;
        let empty = self.lines.last().is_some_and(|line| line.ends_with('{') && !line.trim_start().starts_with("//"));
        match self.lines.last_mut() {
            Some(line) if empty => line.push('}'),
            _ => self.line(level, "}"),
        }
    }

    /// A statement without a body; a map in braces that does not fit its line gets a line for each entry.
    fn statement(&mut self, end: usize, level: usize) {
        let (tokens, comments) = self.take_until(end);
        self.put_comments(&comments, level);
        let whole = self.joined(&tokens);
        if level * INDENT + whole.chars().count() <= WIDTH || !has_map(&tokens) {
            self.line(level, &whole);
            return;
        }
        self.broken_map(&tokens, level);
    }

    fn broken_map(&mut self, tokens: &[Token], level: usize) {
        let open = tokens.iter().position(|token| token.kind == TokenKind::Open).unwrap_or(0);
        let close = tokens.iter().rposition(|token| token.kind == TokenKind::Close).unwrap_or(tokens.len());
        let head = format!("{} {{", self.joined(tokens.get(..open).unwrap_or_default()));
        self.line(level, &head);
        let entries = tokens.get(open + 1..close).unwrap_or_default();
        for entry in split_at_commas(entries) {
            let entry = format!("{},", self.joined(entry));
            self.line(level + 1, &entry);
        }
        let after = self.joined(tokens.get(close..).unwrap_or_default());
        self.line(level, &after);
    }

    /// The tokens before a byte, comments among them apart.
    fn take_until(&mut self, end: usize) -> (Vec<Token>, Vec<Token>) {
        let rest = self.tokens.get(self.next..).unwrap_or_default();
        let taken: Vec<Token> = rest.iter().copied().take_while(|token| token.start < end).collect();
        self.next += taken.len();
        taken.into_iter().partition(|token| !token.is_comment())
    }

    /// Comments from the middle of a statement go before it.
    fn put_comments(&mut self, comments: &[Token], level: usize) {
        for comment in comments {
            let comment = self.words(*comment).to_string();
            self.line(level, &comment);
        }
    }

    fn joined(&self, tokens: &[Token]) -> String {
        let mut line = String::new();
        let mut before: Option<Token> = None;
        for (place, token) in tokens.iter().enumerate() {
            let closes_map = tokens.get(place + 1).is_some_and(|next| next.kind == TokenKind::Close);
            if token.kind == TokenKind::Comma && closes_map {
                continue;
            }
            if before.is_some_and(|before| self.are_parted(before, *token)) {
                line.push(' ');
            }
            match self.words(*token).strip_prefix('§').map(str::trim_start) {
                Some(word) if !word.is_empty() => line.push_str(&format!("§ {word}")),
                _ => line.push_str(self.words(*token)),
            }
            before = Some(*token);
        }
        line
    }

    fn are_parted(&self, before: Token, token: Token) -> bool {
        let touched = before.end == token.start;
        let call = token.kind == TokenKind::OpenParen && touched;
        match (before.kind, token.kind) {
            (_, TokenKind::Comma | TokenKind::CloseParen | TokenKind::Colon) | (TokenKind::OpenParen, _) => false,
            _ if call => false,
            (_, TokenKind::Word) if self.words(token).starts_with("..") => false,
            (TokenKind::Word, _) if self.words(before).ends_with("..") && touched => false,
            (TokenKind::Word, TokenKind::Word) => !(touched && self.words(token).starts_with('.')),
            (TokenKind::Word | TokenKind::Other, TokenKind::Other | TokenKind::Text) => !touched,
            _ => true,
        }
    }

    fn words(&self, token: Token) -> &str {
        self.text.get(token.start..token.end).unwrap_or("").trim_end()
    }

    fn line(&mut self, level: usize, words: &str) {
        self.lines.push(format!("{:indent$}{words}", "", indent = level * INDENT));
    }
}

fn has_map(tokens: &[Token]) -> bool {
    tokens.iter().any(|token| token.kind == TokenKind::Open)
}

/// The entries of a map; commas inside parentheses part no entries.
fn split_at_commas(tokens: &[Token]) -> Vec<&[Token]> {
    let mut depth = 0_usize;
    let parts = tokens.split(|token| {
        match token.kind {
            TokenKind::OpenParen | TokenKind::Open => depth += 1,
            TokenKind::CloseParen | TokenKind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        token.kind == TokenKind::Comma && depth == 0
    });
    parts.filter(|part| !part.is_empty()).collect()
}
