//! What went wrong, in plain words.

use ::rhai::{EvalAltResult, LexError, ParseError, ParseErrorType, Position};

use crate::diagnostic::nearest;
use crate::time::Millis;

use super::super::Failure;
use super::{engine, value};

/// What happened, and the way out.
type Words = (String, String);

fn words(what: impl Into<String>, help: impl Into<String>) -> Words {
    (what.into(), help.into())
}

/// A failure at no place of the script.
pub fn new(what: impl Into<String>, help: impl Into<String>) -> Failure {
    Failure { what: what.into(), at: None, help: help.into() }
}

/// Line and column, both from one.
pub fn at(position: Position) -> Option<(usize, usize)> {
    position.line().map(|line| (line, position.position().unwrap_or(1)))
}

/// A script that cannot be read.
pub fn syntax(error: &ParseError) -> Failure {
    let (what, help) = unread(error.err_type());
    Failure { what, at: at(error.position()), help }
}

fn unread(error: &ParseErrorType) -> Words {
    match error {
        ParseErrorType::UnexpectedEOF => words("the script ends too early", "close what was opened: `}`, `)` or `]`"),
        ParseErrorType::MissingToken(token, _) => (format!("`{token}` is missing here"), format!("write `{token}`")),
        ParseErrorType::MissingSymbol(_) => words("a sign is missing here", "look at the line before it, too"),
        ParseErrorType::UnknownOperator(sign) => {
            (format!("`{sign}` is no sign that a script knows"), "compare with `==`, `!=`, `<`, `<=`, `>`, `>=`".into())
        }
        ParseErrorType::ExprExpected(_) => {
            words("a value is missing here", "write a name, a number or a text in quotes")
        }
        ParseErrorType::MalformedIndexExpr(_) => {
            words("what stands in `[…]` does not fit", "an array takes a whole number, a map a text in quotes")
        }
        ParseErrorType::MismatchedType(..) => {
            words("this value does not fit here", "a condition must be true or false, a loop needs an array or a list")
        }
        ParseErrorType::VariableUndefined(name) => {
            (format!("`{name}` is not defined"), "define it with `let` first, or correct the name".into())
        }
        ParseErrorType::VariableExpected | ParseErrorType::PropertyExpected => {
            words("a name is missing here", "write a name of letters, digits and `_`")
        }
        ParseErrorType::ForbiddenVariable(name) | ParseErrorType::Reserved(name) => no_such_word(name),
        ParseErrorType::DuplicatedProperty(name) => {
            (format!("`{name}` stands twice in this map"), "keep one of them".into())
        }
        ParseErrorType::DuplicatedVariable(name) | ParseErrorType::VariableExists(name) => {
            (format!("`{name}` is defined twice"), "give one of them another name".into())
        }
        ParseErrorType::AssignmentToConstant(name) => constant(name),
        ParseErrorType::AssignmentToInvalidLHS(_) => {
            words("nothing can be assigned to this", "a name stands left of `=`; `==` compares")
        }
        ParseErrorType::WrongFnDefinition => {
            words("a function cannot be defined within another", "move it to the top of the script")
        }
        ParseErrorType::FnDuplicatedDefinition(name, _) => {
            (format!("the function `{name}` is there twice"), "keep one of them, or give it another name".into())
        }
        ParseErrorType::FnMissingName => words("the function has no name", "write `fn name(parameter) { … }`"),
        ParseErrorType::FnMissingParams(name) => {
            (format!("the function `{name}` has no parameters"), format!("write `fn {name}(parameter) {{ … }}`"))
        }
        ParseErrorType::FnDuplicatedParam(name, twice) => {
            (format!("the function `{name}` has two parameters `{twice}`"), "give one another name".into())
        }
        ParseErrorType::FnMissingBody(name) => {
            (format!("the function `{name}` does nothing"), "write what it does between `{` and `}`".into())
        }
        ParseErrorType::LoopBreak => words("this stands outside a loop", "`break` and `continue` are for loops"),
        ParseErrorType::ExprTooDeep => words("this is nested too deep", "name the parts with `let`"),
        ParseErrorType::LiteralTooLarge(..) => words("this text, array or map is too large", sizes()),
        ParseErrorType::BadInput(error) => misspelt(error),
        _ => words("the script cannot be read here", "look at this place, and at the line before it"),
    }
}

/// A part of the text that is no word, number or text of a script.
fn misspelt(error: &LexError) -> Words {
    match error {
        LexError::ImproperSymbol(name, _) => no_such_word(name),
        LexError::UnterminatedString => words("a text does not end", "close it with a quote"),
        LexError::StringTooLong(_) => words("this text is too long", sizes()),
        LexError::MalformedNumber(number) => {
            (format!("`{number}` is no number"), "write numbers as `12500.00` or `12_500`".into())
        }
        LexError::MalformedEscapeSequence(sequence) => {
            (format!("`{sequence}` means nothing in a text"), "write `\\\\` for one backslash".into())
        }
        LexError::MalformedChar(text) => {
            (format!("`'{text}'` is no single letter"), "a text stands in double quotes".into())
        }
        LexError::MalformedIdentifier(name) => {
            (format!("`{name}` is no name"), "a name has a letter and begins with a letter or `_`".into())
        }
        LexError::UnexpectedInput(text) => (format!("`{text}` cannot stand here"), "leave it out, or quote it".into()),
        _ => words("the script cannot be read here", "look at this place, and at the line before it"),
    }
}

fn no_such_word(name: &str) -> Words {
    let help = "a script has no `eval`, `import`, `print` or `debug`: it computes from what it is given";
    (format!("`{name}` cannot be used here"), help.to_string())
}

fn constant(name: &str) -> Words {
    (format!("`{name}` is constant"), "define it with `let` where it changes".to_string())
}

fn sizes() -> String {
    let (text, entries, held) = (engine::TEXT, engine::ENTRIES, engine::HELD);
    format!(
        "allowed are {text} bytes of text, {entries} entries of an array or map, those within it counted, and {held} \
         bytes of the texts and names in it"
    )
}

/// A call that failed; `arguments` are the names of what the clause hands over.
pub fn run(error: &EvalAltResult, allowed: u64, deadline: Millis, arguments: &[&str]) -> Failure {
    let (what, help) = match error {
        EvalAltResult::ErrorInFunctionCall(_, _, inner, _) => return run(inner, allowed, deadline, arguments),
        EvalAltResult::ErrorTerminated(token, _) if token.is_bool() => (
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
        EvalAltResult::ErrorDataTooLarge(..) => words("a text, array or map grows too large", sizes()),
        EvalAltResult::ErrorPropertyNotFound(name, _) => unknown(name, arguments),
        other => failing(other),
    };
    Failure { what, at: at(error.position()), help }
}

fn failing(error: &EvalAltResult) -> Words {
    match error {
        EvalAltResult::ErrorFunctionNotFound(signature, _) => no_function(signature),
        EvalAltResult::ErrorVariableNotFound(name, _) => {
            (format!("`{name}` is not defined"), "define it with `let` first, or correct the name".to_string())
        }
        EvalAltResult::ErrorMismatchDataType(wanted, given, _)
        | EvalAltResult::ErrorMismatchOutputType(wanted, given, _) => (
            format!("{} stands where {} is needed", kind_of(given), kind_of(wanted)),
            "a condition must be true or false, an array's place a whole number".to_string(),
        ),
        EvalAltResult::ErrorArrayBounds(count, place, _) => outside("the array or list", "entries", *count, *place),
        EvalAltResult::ErrorStringBounds(count, place, _) => outside("the text", "letters", *count, *place),
        EvalAltResult::ErrorIndexingType(..) | EvalAltResult::ErrorIndexNotFound(..) => {
            words("nothing can be looked up in this with `[…]`", "arrays, lists, maps and texts can be looked up in")
        }
        EvalAltResult::ErrorDotExpr(..) => words("this has no such field", "look at what stands before the dot"),
        EvalAltResult::ErrorFor(_) => {
            words("a loop cannot go through this", "loop over an array, a list or `range(1, 10)`")
        }
        EvalAltResult::ErrorAssignmentToConstant(name, _)
        | EvalAltResult::ErrorNonPureMethodCallOnConstant(name, _) => constant(name),
        EvalAltResult::ErrorArithmetic(text, _) => miscalculated(text),
        EvalAltResult::ErrorRuntime(thrown, _) => {
            (thrown.to_string(), "the script itself refuses to answer: see its comment".to_string())
        }
        _ => words("the script fails here", "correct the script at this place"),
    }
}

fn miscalculated(text: &str) -> Words {
    let lower = text.to_lowercase();
    let (why, help) = if lower.contains("zero") {
        ("division by zero", "test the divisor first: `if x == 0 { … }`")
    } else {
        ("the number is too large", "keep the figures smaller: a number has at most 28 digits, a whole number 18")
    };
    (format!("the script miscalculates: {why}"), help.to_string())
}

fn outside(what: &str, parts: &str, count: usize, place: i64) -> Words {
    (format!("{what} has {count} {parts}, and none at {place}"), "places count from 0; test `len()` first".to_string())
}

/// A call that fits no function: `name (type, type)`.
fn no_function(signature: &str) -> Words {
    let (name, given) = signature.split_once(" (").unwrap_or((signature, ""));
    let types: Vec<String> =
        given.trim_end_matches(')').split(", ").filter(|given| !given.is_empty()).map(kind_of).collect();
    if name.chars().all(|sign| !sign.is_alphanumeric() && sign != '_') {
        let help = "both sides must be of one kind; a text becomes a number with `parse_decimal`";
        return (format!("`{name}` does not work with {}", types.join(" and ")), help.to_string());
    }
    let help = "correct the name, or the number and kinds of what is handed over".to_string();
    match types.as_slice() {
        [] => (format!("there is no function `{name}()`"), help),
        types => (format!("there is no function `{name}` that takes {}", types.join(", ")), help),
    }
}

/// The engine's name of a type, in words.
pub fn kind_of(name: &str) -> String {
    let word = match name.rsplit("::").next().unwrap_or(name) {
        "i64" => "a whole number",
        "decimal" | "Decimal" => "a decimal",
        "string" | "&str" | "&str | ImmutableString | String" | "ImmutableString" | "String" => "a text",
        "bool" => "true or false",
        "()" => "nothing",
        "map" | "Map" => "a map",
        "array" | "Array" => "an array",
        "char" => "a letter",
        "List" => "a list",
        "Fn" | "FnPtr" => "a function",
        _ => "something else",
    };
    word.to_string()
}

fn unknown(name: &str, arguments: &[&str]) -> Words {
    let arguments = arguments.iter().copied().filter(|known| *known != name);
    let known = arguments.chain(value::FIELDS.iter().copied());
    let help = match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "a name is a field of what the script is given, or an argument that the clause hands over".to_string(),
    };
    (format!("there is no field `{name}`"), help)
}
