//! Rules as wasm components: compiled once, a fresh instance for each call, no imports.

mod failure;
mod host;
mod budget;
mod world;
mod shape;

use std::collections::BTreeSet;
use std::fmt;

use wasmtime::component::{self, ComponentExportIndex, ComponentNamedList, InstancePre, Lift, Lower};
use wasmtime::{Error, Store};

use super::{Failure, Guest, Kind, Limits, Question, Reply};

use budget::Budget;
use failure::{failure, first_line};
pub use host::keep_compiled_in;

/// A compiled component.
pub(super) struct Component {
    kind: Kind,
    export: ComponentExportIndex,
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
        shape::is_component(bytes)?;
        let engine = &host::host()?.engine;
        let compiled = component::Component::new(engine, bytes).map_err(|error| {
            let what = format!("the file is damaged, or no component that can be run: {}", first_line(&error));
            failure(what, "build it again, and copy it whole")
        })?;
        let kind = shape::kind(engine, &compiled.component_type())?;
        let ready = link(&compiled).map_err(|error| {
            let what = format!("the component cannot be linked: {}", first_line(&error));
            failure(what, "build it for a world of `plugins/wit/`, with no imports")
        })?;
        let Some(export) = compiled.get_export_index(None, kind.export()) else { return Err(shape::no_export()) };
        Ok(Component { kind, export, ready })
    }
}

/// Links a component to nothing: the interface of types has no function in it, only names.
fn link(compiled: &component::Component) -> Result<InstancePre<Budget>, Error> {
    let mut linker = component::Linker::new(compiled.engine());
    linker.instance(shape::TYPES)?;
    linker.instantiate_pre(compiled)
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
        if question.kind() != self.kind {
            return Err(failure::other_kind(self.kind, question.kind()));
        }
        let host = host::host()?;
        let steps = limits.steps(question);
        let _place = host.place();
        let store = budget::store(&host.engine, steps, limits)?;
        let mut call = Call { component: self, store, steps, limits };
        let answer = world::ask(&mut call, question);
        if call.store.data().was_denied {
            return Err(failure::memory(limits));
        }
        let left = call.store.get_fuel().unwrap_or(0);
        Ok(Reply { answer: answer?, steps: steps.saturating_sub(left) })
    }
}

/// One call.
struct Call<'c> {
    component: &'c Component,
    store: Store<Budget>,
    steps: u64,
    limits: &'c Limits,
}

impl world::Call for Call<'_> {
    fn call<P, R>(&mut self, taken: P) -> Result<R, Failure>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        let Component { ready, export, .. } = self.component;
        let trapped = |error: &Error| failure::trapped(error, self.steps, self.limits);
        let instance = ready.instantiate(&mut self.store);
        let function = instance.and_then(|instance| instance.get_typed_func::<P, R>(&mut self.store, export));
        let function = function.map_err(|error| trapped(&error).unwrap_or_else(|| failure::not_started(&error)))?;
        let returned = function.call(&mut self.store, taken);
        returned.map_err(|error| trapped(&error).unwrap_or_else(|| failure::not_read(&error)))
    }
}

#[cfg(test)]
mod tests;
