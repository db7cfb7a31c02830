//! The engine of a script, and what each call may use up.

use std::cell::Cell;
use std::time::{Duration, Instant};

use ::rhai::{Array, Dynamic, Engine, EvalAltResult, EvalContext, Map, OptimizationLevel, Position};

use crate::time::Millis;

use super::library;

/// Calls within calls.
pub const CALLS: usize = 16;
/// Bytes of a text.
pub const TEXT: usize = 4_000;
/// Entries of an array or a map, those within it counted.
pub const ENTRIES: usize = 1_000;
/// Bytes of all texts and names within an array or a map.
pub const HELD: usize = 64_000;
/// Variables at a time, in each call. With [`CALLS`], [`ENTRIES`] and [`HELD`] this bounds a script's memory: one that fills
/// every variable of every call with the largest map was measured at less than 190 MB for the whole process.
pub const VARIABLES: usize = 40;
/// Parts within parts of an expression.
const DEPTH: usize = 48;
/// Operations between two looks at the machine's clock.
const LOOK: u64 = 64;

/// Knows what is off and how large things may grow. What a call may use up is told to [`within`].
pub fn build() -> Engine {
    let mut engine = Engine::new_raw();
    // Folding constants would divide whole numbers before the library can.
    engine.set_optimization_level(OptimizationLevel::None);
    engine.register_global_module(library::shared());
    // `curry` hides values where no size limit looks.
    for off in ["eval", "import", "export", "print", "debug", "curry"] {
        engine.disable_symbol(off);
    }
    engine.set_strict_variables(true).set_fail_on_invalid_map_property(true).set_fast_operators(false);
    engine.set_max_expr_depths(DEPTH, DEPTH).set_max_call_levels(CALLS).set_max_variables(VARIABLES);
    engine.set_max_string_size(TEXT).set_max_array_size(ENTRIES).set_max_map_size(ENTRIES);
    engine.on_progress(progress);
    #[expect(deprecated, reason = "the engine marks this call as one that may change, not as one to avoid")]
    engine.on_var(|name, _, context: EvalContext| weigh(name, &context));
    engine
}

/// What the call on this thread may use up.
#[derive(Clone, Copy)]
struct Allowance {
    operations: u64,
    used: u64,
    until: Option<Instant>,
}

thread_local! {
    static CALL: Cell<Allowance> = const { Cell::new(Allowance { operations: 0, used: 0, until: None }) };
}

/// Runs one call that may use so many operations and so much time. Returns what it returns, and the operations it used.
pub fn within<T>(operations: u64, deadline: Millis, call: impl FnOnce() -> T) -> (T, u64) {
    let until = now().checked_add(Duration::from_millis(deadline.unsigned_abs()));
    CALL.set(Allowance { operations, used: 0, until });
    let answer = call();
    (answer, CALL.get().used)
}

/// Ends a call: with `true` when it used up its operations, with nothing when it used up its time.
fn progress(operations: u64) -> Option<Dynamic> {
    let call = CALL.get();
    CALL.set(Allowance { used: operations, ..call });
    if operations > call.operations {
        return Some(Dynamic::TRUE);
    }
    let late = operations.is_multiple_of(LOOK) && call.until.is_some_and(|until| now() > until);
    late.then_some(Dynamic::UNIT)
}

/// The only reading of the machine's clock here: it ends a call that hangs, and never decides what a script answers.
#[expect(clippy::disallowed_methods, reason = "a deadline is wall time")]
fn now() -> Instant {
    Instant::now()
}

/// Looks at the size of a variable each time it is used. The engine's own limits look at a whole array or map only where it
/// is made or handed over: `m[key] = x`, `a[1] = x` and `a[1].push(x)` would grow it past them.
fn weigh(name: &str, context: &EvalContext) -> Result<Option<Dynamic>, Box<EvalAltResult>> {
    let Some(value) = context.scope().get(name) else { return Ok(None) };
    if (value.is_array() || value.is_map()) && !Room::default().holds(value) {
        return Err(Box::new(EvalAltResult::ErrorDataTooLarge(name.to_string(), Position::NONE)));
    }
    Ok(None)
}

/// What is left while a value is weighed.
struct Room {
    entries: usize,
    bytes: usize,
}

impl Default for Room {
    fn default() -> Room {
        Room { entries: ENTRIES, bytes: HELD }
    }
}

impl Room {
    fn holds(&mut self, value: &Dynamic) -> bool {
        if let Some(array) = value.read_lock::<Array>() {
            return array.iter().all(|item| self.takes(1, 0) && self.holds(item));
        }
        if let Some(map) = value.read_lock::<Map>() {
            return map.iter().all(|(name, item)| self.takes(1, name.len()) && self.holds(item));
        }
        match value.as_immutable_string_ref() {
            Ok(text) => self.takes(0, text.len()),
            Err(_) => true,
        }
    }

    fn takes(&mut self, entries: usize, bytes: usize) -> bool {
        let left = self.entries.checked_sub(entries).zip(self.bytes.checked_sub(bytes));
        left.map(|(entries, bytes)| *self = Room { entries, bytes }).is_some()
    }
}
