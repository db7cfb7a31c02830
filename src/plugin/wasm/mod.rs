//! Rules as wasm components: compiled once, a fresh instance for each call, no imports.

mod host;
mod shape;
mod value;

use std::collections::BTreeSet;
use std::fmt;

use wasmtime::component::{self, InstancePre, Val};
use wasmtime::{Store, Trap};

#[cfg(test)]
use super::Answer;
use super::{Failure, Guest, Kind, Limits, Question, Reply};

use host::Budget;
pub use host::keep_compiled_in;

/// A compiled component.
pub(super) struct Component {
    kind: Kind,
    ready: InstancePre<Budget>,
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Component").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Component {
    /// Compiles a component.
    ///
    /// # Errors
    /// When the file is none, imports something, or does not export just what one world asks for.
    pub fn compile(bytes: &[u8]) -> Result<Component, Failure> {
        is_component(bytes)?;
        let engine = host::engine()?;
        let compiled = component::Component::new(engine, bytes).map_err(|error| {
            let what = format!("the file is damaged, or no component that can be run: {}", first_line(&error));
            failure(what, "build it again, and copy it whole")
        })?;
        let kind = shape::kind(engine, &compiled.component_type())?;
        let mut linker = component::Linker::new(engine);
        // The interface of types has no function in it; what is imported by its name is names only.
        let named = linker.instance(shape::TYPES).map(drop);
        let ready = named.and_then(|()| linker.instantiate_pre(&compiled));
        let ready = ready.map_err(|error| {
            let what = format!("the component cannot be linked: {}", first_line(&error));
            failure(what, "build it for a world of `plugins/wit/`, with no imports")
        })?;
        Ok(Component { kind, ready })
    }

    fn call(&self, store: &mut Store<Budget>, question: &Question<'_>) -> Result<Val, wasmtime::Error> {
        let instance = self.ready.instantiate(&mut *store)?;
        let Some(function) = instance.get_func(&mut *store, self.kind.export()) else {
            return Err(wasmtime::Error::msg("the export is gone"));
        };
        let mut results = [Val::Bool(false)];
        function.call(&mut *store, &value::asked(question), &mut results)?;
        let [result] = results;
        Ok(result)
    }
}

impl Guest for Component {
    fn kinds(&self) -> Vec<Kind> {
        vec![self.kind]
    }

    /// A component does not tell which arguments it reads; its declaration does.
    fn reads(&self) -> Option<BTreeSet<String>> {
        None
    }

    fn ask(&self, question: &Question<'_>, limits: &Limits) -> Result<Reply, Failure> {
        let engine = host::engine()?;
        let steps = limits.steps(question);
        let mut store = host::store(engine, steps, limits)?;
        let result = self.call(&mut store, question);
        let left = store.get_fuel().unwrap_or(0);
        if store.data().was_denied {
            let size = limits.memory >> 10;
            let what = format!("the component asked for more than its memory limit of {size} KiB");
            return Err(failure(what, "let it keep less, or allow more with a line `memory`"));
        }
        let value = result.map_err(|error| stopped(&error, steps, limits))?;
        Ok(Reply { answer: value::answer(self.kind, value)?, steps: steps.saturating_sub(left) })
    }
}

/// The first bytes of a wasm file say whether it is a module or a component.
fn is_component(bytes: &[u8]) -> Result<(), Failure> {
    let help = "build a component: `wasm-tools component new guest.wasm -o plugin.wasm`";
    match bytes {
        [] => Err(failure("the file is empty", "copy the component whole")),
        [0, b'a', b's', b'm', 0x0d, 0, 1, 0, ..] => Ok(()),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => Err(failure("the file is a core module, and no component", help)),
        [0, b'a', b's', b'm', ..] => Err(failure("the file is cut short, or of another version of wasm", help)),
        _ => Err(failure("the file is no wasm, whatever its name says", help)),
    }
}

/// Why a call ended without a result.
fn stopped(error: &wasmtime::Error, steps: u64, limits: &Limits) -> Failure {
    let seconds = crate::money::exact(&crate::money::ratio(limits.deadline, 1_000));
    let (what, help) = match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => {
            (format!("the component used up its {steps} steps"), "let it do less, or allow more with a line `fuel`")
        }
        Some(Trap::Interrupt) => (
            format!("the component was not done after {seconds} seconds"),
            "let it do less, or allow more with a line `deadline`",
        ),
        Some(Trap::StackOverflow) => {
            ("the component's calls went too deep".to_string(), "look for a function that calls itself without end")
        }
        Some(Trap::UnreachableCodeReached) => (
            "the component gave up (a panic or an abort)".to_string(),
            "let it return an error with a sentence instead",
        ),
        Some(Trap::IntegerDivisionByZero) => {
            ("the component divided by zero".to_string(), "look at the number before dividing by it")
        }
        Some(trap) => (format!("the component broke off: {trap}"), "look for the mistake in its source"),
        None => (format!("the component broke off: {}", first_line(error)), "look for the mistake in its source"),
    };
    failure(what, help)
}

fn first_line(error: &wasmtime::Error) -> String {
    let text = format!("{error:#}");
    text.lines().next().unwrap_or_default().to_string()
}

fn failure(what: impl Into<String>, help: impl Into<String>) -> Failure {
    Failure { what: what.into(), at: None, help: help.into() }
}

#[cfg(test)]
mod tests;
