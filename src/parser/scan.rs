//! A light pass over the text before any grammar: words, texts, braces, comments, and which brace closes which.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Letters, digits, and what sticks to them: `mon-thu`, `08:00`, `12_500.00`, `2025-01-01..2026-12-31`.
    Word,
    /// A text in quotes, quotes included.
    Text,
    /// A mark: its sign with the word after it, or the sign alone before a text.
    Mark,
    /// `{`
    Open,
    /// `}`
    Close,
    /// `(`
    OpenParen,
    /// `)`
    CloseParen,
    /// `,`
    Comma,
    /// `:`
    Colon,
    /// `// …` to the end of the line.
    LineComment,
    /// `/* … */`
    BlockComment,
    /// Anything else, one run of it.
    Other,
}

/// A piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Its first byte.
    pub start: usize,
    /// The byte after its last.
    pub end: usize,
    /// Nothing but blanks stands before it on its line.
    pub first_on_line: bool,
    /// An empty line stands between it and the token before.
    pub after_gap: bool,
    /// It lacks its closing quote, or its `*/`.
    pub is_unclosed: bool,
}

impl Token {
    /// Whether it is a comment.
    pub fn is_comment(&self) -> bool {
        matches!(self.kind, TokenKind::LineComment | TokenKind::BlockComment)
    }
}

/// The tokens of a text, comments among them.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    let mut line_ends = 2;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(next) = rest.chars().next() else { break };
        if next.is_whitespace() || next == '\u{FEFF}' {
            line_ends += usize::from(next == '\n');
            at += next.len_utf8();
            continue;
        }
        let (kind, length, is_unclosed) = token(rest);
        tokens.push(Token {
            kind,
            start: at,
            end: at + length,
            first_on_line: line_ends > 0,
            after_gap: line_ends > 1 && !tokens.is_empty(),
            is_unclosed,
        });
        at += length;
        line_ends = 0;
    }
    tokens
}

/// The length of `text` without the blanks and comments at its end.
pub fn length_of_words(text: &str) -> usize {
    tokens(text).iter().rfind(|token| !token.is_comment()).map_or(0, |token| token.end)
}

/// Kind and length of the token at the start of `rest`, and whether its end is missing.
fn token(rest: &str) -> (TokenKind, usize, bool) {
    let first = rest.chars().next().unwrap_or(' ');
    let single = |kind| (kind, first.len_utf8(), false);
    match first {
        '{' => single(TokenKind::Open),
        '}' => single(TokenKind::Close),
        '(' => single(TokenKind::OpenParen),
        ')' => single(TokenKind::CloseParen),
        ',' => single(TokenKind::Comma),
        ':' => single(TokenKind::Colon),
        '§' => (TokenKind::Mark, mark_length(rest), false),
        '"' => quoted(rest),
        '/' if rest.starts_with("//") => (TokenKind::LineComment, line_length(rest), false),
        '/' if rest.starts_with("/*") => match rest.find("*/") {
            Some(end) => (TokenKind::BlockComment, end + 2, false),
            None => (TokenKind::BlockComment, rest.len(), true),
        },
        first if is_word(first) || first == '-' => (TokenKind::Word, word_length(rest), false),
        _ => (TokenKind::Other, other_length(rest), false),
    }
}

fn quoted(rest: &str) -> (TokenKind, usize, bool) {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' => return (TokenKind::Text, at, true),
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return (TokenKind::Text, at + 1, false),
            _ => {}
        }
    }
    (TokenKind::Text, rest.len(), true)
}

/// A mark's sign, the blanks after it and its word, which may hold what parts words elsewhere: `§ 7,1(b)`.
fn mark_length(rest: &str) -> usize {
    let sign = '§'.len_utf8();
    let after = rest.get(sign..).unwrap_or("");
    let word = after.trim_start_matches([' ', '\t', '\u{A0}']);
    let end = word.find(|c: char| c.is_whitespace() || "{}\"\u{FEFF}".contains(c)).unwrap_or(word.len());
    if end == 0 { sign } else { sign + (after.len() - word.len()) + end }
}

fn line_length(rest: &str) -> usize {
    rest.find('\n').map_or(rest.len(), |end| rest.get(..end).map_or(end, |line| line.trim_end().len()))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Letters and digits with what may stand inside a word: `-`, `.`, `%`, `/`, and `:` before a digit.
fn word_length(rest: &str) -> usize {
    let mut length = 0;
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let before_digit = chars.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        let inside = match c {
            ':' | '/' => before_digit && length > 0,
            '-' | '.' | '%' | '+' => true,
            c => is_word(c),
        };
        if !inside {
            break;
        }
        length = at + c.len_utf8();
    }
    length
}

fn other_length(rest: &str) -> usize {
    let end = rest.char_indices().find(|(_, c)| c.is_whitespace() || is_word(*c) || "{}(),\"§".contains(*c));
    end.map_or(rest.len(), |(at, _)| at).max(rest.chars().next().map_or(1, char::len_utf8))
}

/// For each opening brace that has one, its closing brace; and whether every brace has its other half.
pub fn matched_braces(tokens: &[Token]) -> (Vec<(usize, usize)>, bool) {
    let mut open = Vec::new();
    let mut pairs = Vec::new();
    let mut balanced = true;
    for (place, token) in tokens.iter().enumerate() {
        match token.kind {
            TokenKind::Open => open.push(place),
            TokenKind::Close => match open.pop() {
                Some(opening) => pairs.push((opening, place)),
                None => balanced = false,
            },
            _ => {}
        }
    }
    pairs.sort_unstable();
    (pairs, balanced && open.is_empty())
}
