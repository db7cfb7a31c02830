//! What went wrong, in plain words.

use std::collections::BTreeSet;

use ::rhai::{EvalAltResult, LexError, ParseError, ParseErrorType, Position};

use crate::diagnostic::nearest;
use crate::time::Millis;

use super::super::Failure;
use super::{engine, value};

/// A failure at no place of the script.
pub fn new(what: impl Into<String>, help: impl Into<String>) -> Failure {
    Failure { what: what.into(), at: None, help: help.into() }
}

fn at(position: Position) -> Option<(usize, usize)> {
    position.line().map(|line| (line, position.position().unwrap_or(1)))
}

/// A script that cannot be read.
pub fn syntax(error: &ParseError) -> Failure {
    let (what, help) = match error.err_type() {
        ParseErrorType::UnexpectedEOF => {
            ("the script ends too early".to_string(), "close what was opened: `}`, `)` or `]`".to_string())
        }
        ParseErrorType::MissingToken(token, _) => (format!("`{token}` is missing here"), format!("write `{token}`")),
        ParseErrorType::VariableUndefined(name) => {
            (format!("`{name}` is not defined"), "define it with `let` first, or correct the name".to_string())
        }
        ParseErrorType::Reserved(name) | ParseErrorType::BadInput(LexError::ImproperSymbol(name, _)) => (
            format!("`{name}` cannot be used here"),
            "a script has no `eval`, `import`, `print` or `debug`: it computes from what it is given".to_string(),
        ),
        ParseErrorType::ExprTooDeep => ("this is nested too deep".to_string(), "name the parts with `let`".to_string()),
        other => (
            format!("the script cannot be read here: {other}"),
            "look at this place, and at the line before it".to_string(),
        ),
    };
    Failure { what, at: at(error.position()), help }
}

/// A call that failed.
pub fn run(error: &EvalAltResult, allowed: u64, deadline: Millis, arguments: Option<&BTreeSet<String>>) -> Failure {
    if let EvalAltResult::ErrorInFunctionCall(_, _, inner, _) = error {
        return run(inner, allowed, deadline, arguments);
    }
    let (what, help) = match error {
        EvalAltResult::ErrorTooManyOperations(_) => (
            format!("the script uses more than the {allowed} operations allowed"),
            "look for a loop that does not end, or do less per breach".to_string(),
        ),
        EvalAltResult::ErrorTerminated(..) => (
            format!("the script takes longer than the {deadline} ms allowed"),
            "do less per breach, or use smaller arrays and maps".to_string(),
        ),
        EvalAltResult::ErrorStackOverflow(_) => (
            format!("more than {} calls are within each other", engine::CALLS),
            "look for a function that calls itself without end".to_string(),
        ),
        EvalAltResult::ErrorTooManyVariables(_) => (
            format!("the script has more than {} variables at a time", engine::VARIABLES),
            "use fewer variables".to_string(),
        ),
        EvalAltResult::ErrorDataTooLarge(..) => (
            "a text, array or map grows too large".to_string(),
            format!(
                "allowed are {} bytes of text, and {} entries of an array or map, those within it counted",
                engine::TEXT,
                engine::ENTRIES
            ),
        ),
        EvalAltResult::ErrorPropertyNotFound(name, _) => unknown(name, arguments),
        EvalAltResult::ErrorFunctionNotFound(signature, _) => (
            format!("there is no `{signature}`"),
            "correct the name, or the number and types of what is handed over".to_string(),
        ),
        EvalAltResult::ErrorArithmetic(text, _) => {
            (format!("the script miscalculates: {text}"), "test the divisor, or keep the figures smaller".to_string())
        }
        EvalAltResult::ErrorRuntime(thrown, _) => {
            (thrown.to_string(), "the script itself refuses to answer: see its comment".to_string())
        }
        other => {
            let mut bare = other.to_string();
            if let Some((text, _)) = bare.rsplit_once(" (line ") {
                bare = text.to_string();
            }
            (format!("the script fails: {bare}"), "correct the script at this place".to_string())
        }
    };
    Failure { what, at: at(error.position()), help }
}

fn unknown(name: &str, arguments: Option<&BTreeSet<String>>) -> (String, String) {
    let arguments = arguments.into_iter().flatten().map(String::as_str).filter(|known| *known != name);
    let help = match nearest(name, value::FIELDS.iter().copied().chain(arguments)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "a name is a field of what the script is given, or an argument that the clause hands over".to_string(),
    };
    (format!("there is no field `{name}`"), help)
}
