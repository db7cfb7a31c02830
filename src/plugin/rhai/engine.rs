//! The two engines: one compiles, one runs within limits. Both know the same words.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ::rhai::{Dynamic, Engine, OptimizationLevel};

use crate::time::Millis;

use super::library;

/// Calls within calls.
pub const CALLS: usize = 32;
/// Bytes of a text.
pub const TEXT: usize = 4_000;
/// Entries of an array or a map, those within it counted.
pub const ENTRIES: usize = 1_000;
/// Variables at a time.
pub const VARIABLES: usize = 100;
/// Parts within parts of an expression.
const DEPTH: usize = 48;

/// Knows what is off, and how deep a script may nest.
pub fn compiler() -> Engine {
    let mut engine = Engine::new_raw();
    // Folding constants would divide whole numbers before the library can.
    engine.set_optimization_level(OptimizationLevel::None);
    engine.register_global_module(library::shared());
    for off in ["eval", "import", "export", "print", "debug"] {
        engine.disable_symbol(off);
    }
    engine.set_strict_variables(true).set_fail_on_invalid_map_property(true).set_fast_operators(false);
    engine.set_max_expr_depths(DEPTH, DEPTH).set_max_call_levels(CALLS).set_max_variables(VARIABLES);
    engine.set_max_string_size(TEXT).set_max_array_size(ENTRIES).set_max_map_size(ENTRIES);
    engine
}

/// An engine for one call, and the operations it has used.
pub fn runner(operations: u64, deadline: Millis) -> (Engine, Arc<AtomicU64>) {
    let mut engine = compiler();
    engine.set_max_operations(operations);
    let used = Arc::new(AtomicU64::new(0));
    let (count, over) = (Arc::clone(&used), alarm(deadline));
    engine.on_progress(move |operations| {
        count.store(operations, Ordering::Relaxed);
        over().then_some(Dynamic::UNIT)
    });
    (engine, used)
}

/// Tells whether the deadline is over. The only reading of the machine's clock here: it ends a call that hangs, and never
/// decides what a script answers.
#[expect(clippy::disallowed_methods, reason = "a deadline is wall time")]
fn alarm(deadline: Millis) -> impl Fn() -> bool + Send + Sync {
    let (start, allowed) = (Instant::now(), Duration::from_millis(deadline.unsigned_abs()));
    move || start.elapsed() > allowed
}
