//! Faults of form in words: what was found, what was expected, and the way out.

use pest::error::{Error, ErrorVariant, InputLocation};

use crate::diagnostic::{Diagnostic, nearest};
use crate::source::{FileId, Span};

use super::Block;
use super::grammar::Rule;
use super::scan::{Token, TokenKind};

/// How many alternatives a message lists.
const LISTED: usize = 7;

/// Where a fault was met.
pub struct Seen<'t> {
    pub file: FileId,
    pub text: &'t str,
    pub block: Block,
    /// The first token of the statement.
    pub head: Option<Token>,
    /// The token that does not fit; none at the end of the block.
    pub found: Option<Token>,
    /// The end of the block.
    pub end: usize,
}

impl Seen<'_> {
    fn words(&self, token: Option<Token>) -> &str {
        token.and_then(|token| self.text.get(token.start..token.end)).unwrap_or("")
    }

    fn span(&self) -> Span {
        match self.found {
            Some(token) => Span::new(self.file, token.start, token.end),
            None => {
                let head = self.head.map_or(self.end, |head| head.start);
                let before = self.text.get(head..self.end).unwrap_or("").trim_end();
                let last = before.chars().next_back().map_or(0, char::len_utf8);
                Span::new(self.file, head + before.len() - last, head + before.len())
            }
        }
    }
}

/// The byte at which a parse failed, from the start of what was parsed.
pub fn position(error: &Error<Rule>) -> usize {
    match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    }
}

pub fn unclosed(span: Span, kind: TokenKind) -> Diagnostic {
    if kind == TokenKind::Text {
        Diagnostic::error("unclosed_text", span, "this text has no closing quote on its line")
            .help("texts stay on one line; close it with `\"`, and write a quote inside it as `\\\"`")
    } else {
        Diagnostic::error("unclosed_comment", span, "this comment is never closed")
            .help("close it with `*/`, or begin each of its lines with `//`")
    }
}

pub fn unclosed_block(span: Span, found: Option<Span>) -> Diagnostic {
    let diagnostic = Diagnostic::error("unclosed_block", span, "this clause has no closing brace")
        .note("opened here")
        .help("write `}` after its last statement");
    match found {
        Some(found) => diagnostic.label(found, "this begins a statement further out"),
        None => diagnostic,
    }
}

pub fn too_deep(span: Span, depth: usize) -> Diagnostic {
    Diagnostic::error("too_deep", span, format!("more than {depth} braces and parentheses stand inside each other"))
        .help("close the clauses before this one, or write the condition in smaller parts")
}

/// A fault of form in words.
pub fn explain(seen: &Seen<'_>, error: &Error<Rule>) -> Diagnostic {
    let found = seen.words(seen.found);
    let at_head = seen.head == seen.found;
    if let Some(diagnostic) = special(seen, found) {
        return diagnostic;
    }
    if at_head {
        return unknown_statement(seen, found);
    }
    let expected = expected(error);
    if let Some(diagnostic) = field_without_values(seen, &expected) {
        return diagnostic;
    }
    let message = match (found, expected.as_slice()) {
        ("", []) => "this statement is not complete".to_string(),
        ("", expected) => format!("this statement is not complete: expected {}", listed(expected)),
        (found, []) => format!("`{}` does not belong here", short(found)),
        (found, expected) => format!("expected {}, found `{}`", listed(expected), short(found)),
    };
    let diagnostic = Diagnostic::error("syntax", seen.span(), message);
    let words = expected.iter().filter_map(|words| words.strip_prefix('`')?.strip_suffix('`'));
    match nearest(found, words.filter(|word| word.len() > 1)).filter(|word| *word != found) {
        Some(word) => diagnostic.help(format!("did you mean `{word}`?")),
        None => diagnostic.help(way_out(seen)),
    }
}

/// `field users` in an agreement: what is found is the next statement, which has nothing to do with it.
fn field_without_values(seen: &Seen<'_>, expected: &[String]) -> Option<Diagnostic> {
    if seen.block != Block::Agreement || seen.words(seen.head) != "field" || expected != ["`in`"] {
        return None;
    }
    let (start, end) = (seen.head?.start, seen.found.map_or(seen.end, |found| found.start));
    let said = seen.text.get(start..end)?.trim_end();
    let span = Span::new(seen.file, start, start + said.len());
    let message = format!("`{said}` does not say what values the field can have");
    let help = format!(
        "list them: `{said} in (low, high)`; a field of free texts or numbers belongs into a source: `{said} column \"…\"`"
    );
    Some(Diagnostic::error("syntax", span, message).help(help))
}

fn way_out(seen: &Seen<'_>) -> String {
    let head = seen.words(seen.head);
    let form = FORMS.iter().find(|(block, word, _)| *block == seen.block && *word == head);
    match form {
        Some((_, _, form)) => format!("it is written `{form}`"),
        None => format!("`klausel explain-code syntax` shows how statements of {} are written", seen.block.noun()),
    }
}

/// How the statements look that people get wrong most.
const FORMS: &[(Block, &str, &str)] = &[
    (Block::Agreement, "fee", "fee 12_500 EUR per month"),
    (Block::Agreement, "effective", "effective 2025-01-01..2026-12-31"),
    (Block::Agreement, "review", "review every 6 months"),
    (Block::Agreement, "cap", "cap penalties at 25% of fee per month"),
    (Block::Agreement, "combine", "combine penalties by sum"),
    (Block::Agreement, "round", "round half up to 0.01 EUR"),
    (Block::Agreement, "applies", "applies when customer is \"ACME\""),
    (Block::Agreement, "tier", "tier gold when plan is \"gold\" { … }"),
    (Block::Agreement, "metric", "metric resolution { … }"),
    (Block::Agreement, "penalty", "penalty late_resolution { … }"),
    (Block::Agreement, "escalate", "escalate resolution { … }"),
    (Block::Metric, "starts", "starts on created"),
    (Block::Metric, "stops", "stops on resolved"),
    (Block::Metric, "pauses", "pauses while status is waiting_customer"),
    (Block::Metric, "reopens", "reopens on reopened within 5 days then resumes, otherwise new cycle"),
    (Block::Metric, "retargets", "retargets from start on priority change"),
    (Block::Clause, "for", "for each breach of resolution"),
    (Block::Clause, "per", "per month on attainment of resolution"),
    (Block::Clause, "below", "below 95% credit 5% of fee"),
    (Block::Clause, "credit", "credit 2% of fee per started hour late"),
    (Block::Clause, "capped", "capped at 10% of fee per ticket"),
    (Block::File, "use", "use \"std/msp.sla\""),
    (Block::File, "test", "test \"what it shows\" for NAME { … }"),
];

/// Faults that have a sentence of their own.
fn special(seen: &Seen<'_>, found: &str) -> Option<Diagnostic> {
    let span = seen.span();
    let kind = seen.found.map(|token| token.kind);
    if found == "and" || found == "or" {
        let message = "`and` and `or` stand side by side without parentheses";
        return Some(
            Diagnostic::error("mixed_and_or", span, message).help("write `(a and b) or c`, or `a and (b or c)`"),
        );
    }
    if found.contains(['„', '“', '”', '’', '‘']) {
        let message = "this quote is typographic";
        return Some(
            Diagnostic::error("typographic_quote", span, message).help("write texts in straight quotes: `\"`"),
        );
    }
    if RESERVED.contains(&found) {
        let message = format!("`{found}` is a reserved word and cannot be a name here");
        let help = format!("choose another name; where a value stands, write it as a text: `\"{found}\"`");
        return Some(Diagnostic::error("reserved_word", span, message).help(help));
    }
    let is_name = found.starts_with(char::is_alphabetic) && found.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_name && !found.is_ascii() {
        let message = format!("`{found}` is no name: names are made of the letters a to z, digits and `_`");
        let help = format!("write it in plain letters; where a value stands, write it as a text: `\"{found}\"`");
        return Some(Diagnostic::error("bad_name", span, message).help(help));
    }
    match kind {
        Some(TokenKind::Comma) if !inside_list(seen) => {
            let message = "statements are not parted by commas";
            Some(
                Diagnostic::error("stray_comma", span, message)
                    .help("take the comma out; a statement ends where the next begins"),
            )
        }
        Some(TokenKind::Close) if seen.block == Block::File => {
            let message = "this brace closes nothing";
            Some(
                Diagnostic::error("stray_brace", span, message)
                    .help("take it out, or look for a brace too many before it"),
            )
        }
        Some(TokenKind::Mark) => {
            let message = "a mark follows the name, or the statement's first words where there is no name";
            Some(Diagnostic::error("misplaced_mark", span, message).help("write `penalty late_resolution § 7.1 { … }`"))
        }
        _ => None,
    }
}

const RESERVED: &[&str] = &["not", "in", "is", "present", "otherwise", "any", "always", "override", "remove"];

/// Whether the statement has an opening brace or parenthesis before the token that does not fit.
fn inside_list(seen: &Seen<'_>) -> bool {
    let (Some(head), Some(found)) = (seen.head, seen.found) else { return false };
    let before = seen.text.get(head.start..found.start).unwrap_or("");
    let count = |c| before.matches(c).count();
    count('{') > count('}') || count('(') > count(')')
}

fn unknown_statement(seen: &Seen<'_>, found: &str) -> Diagnostic {
    let noun = seen.block.noun();
    let heads = seen.block.heads();
    if heads.contains(&found) {
        let message = format!("this statement of {noun} is not complete");
        return Diagnostic::error("syntax", seen.span(), message).help(way_out(seen));
    }
    let message = format!("`{}` is not a statement of {noun}", short(found));
    let diagnostic = Diagnostic::error("unknown_statement", seen.span(), message);
    match nearest(found, heads.iter().copied()) {
        Some(word) => diagnostic.help(format!("did you mean `{word}`?")),
        None if heads.is_empty() => diagnostic,
        None => diagnostic.help(format!("{noun} has: {}", heads.join(", "))),
    }
}

fn short(found: &str) -> String {
    let cut: String = found.chars().take(40).collect();
    if cut.len() < found.len() { format!("{cut}…") } else { cut }
}

/// What the grammar was ready for, in words, each once.
fn expected(error: &Error<Rule>) -> Vec<String> {
    let ErrorVariant::ParsingError { positives, .. } = &error.variant else { return Vec::new() };
    let mut words: Vec<String> = positives.iter().filter_map(|rule| in_words(*rule)).collect();
    words.sort();
    words.dedup();
    words
}

fn listed(expected: &[String]) -> String {
    let shown = expected.get(..LISTED.min(expected.len())).unwrap_or_default();
    let more = if expected.len() > LISTED { " …" } else { "" };
    match shown.split_last() {
        Some((last, before)) if !before.is_empty() && more.is_empty() => {
            format!("{} or {last}", before.join(", "))
        }
        _ => format!("{}{more}", shown.join(", ")),
    }
}

/// A rule in the user's words; none where it says nothing to a reader.
fn in_words(rule: Rule) -> Option<String> {
    let name = format!("{rule:?}");
    if let Some(word) = name.strip_prefix("k_") {
        return Some(format!("`{word}`"));
    }
    let words = match rule {
        Rule::name | Rule::metric_name | Rule::ticket_name | Rule::field_base => "a name",
        Rule::text | Rule::column_form | Rule::column_zone => "a text in quotes",
        Rule::value | Rule::argument_value => "a value",
        Rule::values => "a list such as `(low, high)`",
        Rule::int => "a whole number",
        Rule::number => "a number",
        Rule::percentage => "a percentage such as `95%`",
        Rule::money | Rule::money_amount => "money such as `50 EUR`",
        Rule::currency => "a currency such as `EUR`",
        Rule::duration | Rule::clock_duration | Rule::days => "a duration such as `4h`",
        Rule::target | Rule::plain | Rule::moved | Rule::service_days => "a target such as `4h` or `2 service days`",
        Rule::condition | Rule::comparison => "a condition such as `plan is \"gold\"`",
        Rule::amount | Rule::bare_amount | Rule::rate | Rule::bare_rate | Rule::share | Rule::fraction => {
            "an amount such as `2% of fee`"
        }
        Rule::base | Rule::plain_fee | Rule::service_fee => "`fee`",
        Rule::unit | Rule::unit_of => "`hour`, `day`, `breach` or `ticket`",
        Rule::part => "`started`, `completed` or `pro rata`",
        Rule::period => "a period such as `month`",
        Rule::bound_value => "a figure such as `95%`",
        Rule::bound | Rule::bound_word => "`below`, `at most`, `at least` or `above`",
        Rule::date => "a date such as `2025-03-07`",
        Rule::date_range | Rule::dates => "dates such as `2025-01-01..2025-12-31`",
        Rule::moment | Rule::local_instant | Rule::offset_instant => "an instant such as `2025-03-07 17:50`",
        Rule::moment_range => "instants such as `2025-03-07 14:00..2025-03-07 16:00`",
        Rule::time => "a time such as `08:00`",
        Rule::span | Rule::spans => "hours such as `08:00-18:00`",
        Rule::weekday | Rule::weekdays | Rule::weekday_run => "a weekday such as `mon`",
        Rule::month => "a month such as `may`",
        Rule::measure | Rule::attainment_of | Rule::other_measure => "a figure such as `attainment of resolution`",
        Rule::trigger | Rule::triggers => "an event",
        Rule::calendar_name => "a calendar",
        Rule::targets => "targets such as `{ P1 4h }`",
        Rule::target_entry => "a priority and its target",
        Rule::fields => "fields such as `{ plan \"gold\" }`",
        Rule::field_value => "a field and its value",
        Rule::mapping | Rule::mappings => "a value and what it means",
        Rule::meaning => "`is`, `sets` or `ignored`",
        Rule::instant_column => "`column \"name\"`",
        Rule::action => "an action such as `notify \"team lead\"`",
        Rule::reopen_rule => "`resumes`, `restarts`, `new cycle` or `ignored`",
        Rule::retarget_rule => "`from start`, `from now`, `in proportion` or `never`",
        Rule::verdict => "`met`, `breached`, `due`, `running` or `cancelled`",
        Rule::outcome_words | Rule::credit_words => "`credit`",
        Rule::combination => "`sum`, `greatest`, `greatest per ticket` or `first`",
        Rule::rounding => "`half up`, `half even`, `up` or `down`",
        Rule::cap_scope => "`breach`, `ticket`, `outage` or a period",
        Rule::period_label => "a period such as `2025-03`",
        Rule::nth | Rule::ordinal => "`next` or `2nd`",
        Rule::when => "`when`",
        Rule::year => "a year",
        Rule::consequence => "a consequence such as `warning`",
        _ => return None,
    };
    Some(words.to_string())
}
