//! Why a component has no answer, in plain words.

use wasmtime::Trap;

use crate::money;
use crate::plugin::{Failure, Kind, Limits};

use super::budget::ANSWER;

/// So much of a guest's own message is told.
const MESSAGE: usize = 500;

pub fn failure(what: impl Into<String>, help: impl Into<String>) -> Failure {
    Failure { what: what.into(), at: None, help: help.into() }
}

pub fn first_line(error: &wasmtime::Error) -> String {
    let text = format!("{error:#}");
    text.lines().next().unwrap_or_default().to_string()
}

/// What the guest itself says went wrong.
pub fn said(text: &str) -> Failure {
    let short: String = text.chars().take(MESSAGE).flat_map(char::escape_debug).collect();
    let more = if text.chars().nth(MESSAGE).is_some() { "…" } else { "" };
    let help = "look at what the clause hands over, and at the plugin's page";
    failure(format!("the component says: {short}{more}"), help)
}

/// A component that is asked for what it is not for.
pub fn other_kind(is: Kind, asked: Kind) -> Failure {
    let what = format!("the component is of kind `{}`, and is asked as `{}`", is.word(), asked.word());
    failure(what, format!("call it where its kind stands: `{} NAME(…)`", is.called()))
}

/// A call whose memory was not allowed to grow, whatever the guest did after it.
pub fn memory(limits: &Limits) -> Failure {
    let size = limits.memory >> 10;
    let what = format!("the component asked for more than its memory limit of {size} KiB");
    failure(what, "let it keep less, or allow more with a line `memory`")
}

/// Why a call ended without a result; none: the guest was not at fault, or what it returned cannot be read.
pub fn trapped(error: &wasmtime::Error, steps: u64, limits: &Limits) -> Option<Failure> {
    let source = "look for the mistake in its source";
    Some(match error.downcast_ref::<Trap>()? {
        Trap::OutOfFuel => {
            let what = format!("the component used up its {steps} steps");
            failure(what, "let it do less, or allow more with a line `fuel`")
        }
        Trap::Interrupt => {
            let seconds = money::exact(&money::ratio(limits.deadline, 1_000));
            let what = format!("the component was not done after {seconds} seconds");
            failure(what, "let it do less, or allow more with a line `deadline`")
        }
        Trap::StackOverflow => {
            failure("the component's calls went too deep", "look for a function that calls itself without end")
        }
        Trap::UnreachableCodeReached => {
            failure("the component gave up (a panic or an abort)", "let it return an error with a sentence instead")
        }
        Trap::IntegerDivisionByZero => {
            failure("the component divided by zero", "look at the number before dividing by it")
        }
        Trap::IntegerOverflow | Trap::BadConversionToInteger => {
            failure("the component's number does not fit where it is put", "look at the number before it is converted")
        }
        Trap::MemoryOutOfBounds | Trap::TableOutOfBounds => failure("the component reached beyond its memory", source),
        trap => failure(format!("the component broke off: {trap}"), source),
    })
}

/// An instance that cannot be made.
pub fn not_started(error: &wasmtime::Error) -> Failure {
    let what = format!("the component cannot be started: {}", first_line(error));
    failure(what, "build it for a world of `plugins/wit/`, with one memory")
}

/// What the guest returned is too long, or no text.
pub fn not_read(error: &wasmtime::Error) -> Failure {
    let text = first_line(error);
    if text.contains("fuel allocated for hostcalls") {
        let size = ANSWER >> 10;
        return failure(format!("the answer is longer than {size} KiB"), "answer with an amount and a sentence");
    }
    failure(format!("the answer cannot be read: {text}"), "build it against `plugins/wit/`")
}
