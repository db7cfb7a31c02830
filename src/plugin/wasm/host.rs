//! The engine that runs components, what a call may use up, and where compiled code is kept.

use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use wasmtime::{
    Cache, CacheConfig, Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, ResourceLimiter, Store,
};

use crate::plugin::{Failure, Limits};
use crate::time::Millis;

use super::{failure, first_line};

/// The deadline is looked at so often, in milliseconds.
const TICK: Millis = 10;
/// Instances, memories and tables that are ready at a time; further calls wait for none, for each thread has one.
const POOL: u32 = 64;
/// Bytes of stack.
const STACK: usize = 512 << 10;
/// Entries of a table.
const TABLE: usize = 100_000;

static DIRECTORY: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Keeps compiled code in this folder, by hash of the component, settings and version. It is read when the first component
/// is compiled; without it every run compiles anew.
pub fn keep_compiled_in(directory: PathBuf) {
    *DIRECTORY.lock().unwrap_or_else(PoisonError::into_inner) = Some(directory);
}

/// The engine of this process.
///
/// # Errors
/// When this machine cannot run components.
pub fn engine() -> Result<&'static Engine, Failure> {
    static ENGINE: OnceLock<Result<Engine, String>> = OnceLock::new();
    let made = ENGINE.get_or_init(|| {
        let engine = make(true).or_else(|_| make(false)).map_err(|error| first_line(&error))?;
        tick(&engine);
        Ok(engine)
    });
    made.as_ref().map_err(|why| {
        failure(format!("components cannot be run on this machine: {why}"), "use a script, or run this elsewhere")
    })
}

/// With a pool of instances, or, where the machine has no room for one, without.
fn make(pooled: bool) -> Result<Engine, wasmtime::Error> {
    let mut config = Config::new();
    config.consume_fuel(true).epoch_interruption(true).max_wasm_stack(STACK);
    config.cranelift_nan_canonicalization(true).wasm_relaxed_simd(false);
    if pooled {
        let mut pool = PoolingAllocationConfig::new();
        pool.total_component_instances(POOL).total_core_instances(POOL * 4).total_memories(POOL).total_tables(POOL * 4);
        pool.table_elements(TABLE);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    }
    let directory = DIRECTORY.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let cache = directory.and_then(|directory| {
        let mut settings = CacheConfig::new();
        settings.with_directory(directory);
        Cache::new(settings).ok()
    });
    config.cache(cache);
    Engine::new(&config)
}

/// Counts time for the deadlines, as long as the process lasts. No answer depends on it: a call within its fuel that also
/// keeps its deadline answers the same whenever it is asked.
fn tick(engine: &Engine) {
    let engine = engine.clone();
    let length = Duration::from_millis(TICK.unsigned_abs());
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(length);
            engine.increment_epoch();
        }
    });
}

/// What a call's memory may be, and whether it asked for more.
pub struct Budget {
    memory: usize,
    pub was_denied: bool,
}

impl ResourceLimiter for Budget {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let fits = desired <= self.memory;
        self.was_denied |= !fits;
        Ok(fits)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE)
    }
}

/// What one call runs in.
pub fn store(engine: &Engine, steps: u64, limits: &Limits) -> Result<Store<Budget>, Failure> {
    let memory = usize::try_from(limits.memory).unwrap_or(usize::MAX);
    let mut store = Store::new(engine, Budget { memory, was_denied: false });
    store.limiter(|budget| budget);
    store.set_epoch_deadline((limits.deadline / TICK).unsigned_abs().max(1));
    store.set_fuel(steps).map_err(|error| failure(first_line(&error), "use a script instead"))?;
    Ok(store)
}
