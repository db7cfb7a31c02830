//! The engine that runs components: its settings, its clock, how many calls run at a time, and where compiled code is kept.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use wasmtime::{Cache, CacheConfig, Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::plugin::Failure;
use crate::time::Millis;

use super::failure::{failure, first_line};

/// Deadlines are looked at so often, in milliseconds.
const TICK: Millis = 10;
/// So many calls run at a time; a further one waits until one of them ends.
const CALLS: u32 = 32;
/// Core instances and tables that a component may have, if all calls are of such: an interpreter is made of a dozen.
const PARTS: u32 = 16;
/// Bytes of stack.
const STACK: usize = 512 << 10;
/// Entries of a table.
const TABLE: usize = 100_000;

static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();

/// Keeps compiled code in this folder, an absolute path, by hash of the component, settings and version. The first call before the first
/// component is compiled counts; without one, or where the folder cannot be written, every run
/// compiles anew.
pub fn keep_compiled_in(directory: PathBuf) {
    DIRECTORY.get_or_init(|| directory);
}

/// The engine of this process, and the calls that run in it.
pub struct Host {
    pub engine: Engine,
    calls: Arc<Calls>,
}

/// How many calls run.
#[derive(Default)]
struct Calls {
    running: Mutex<u32>,
    has_begun: Condvar,
    has_ended: Condvar,
}

/// A call's place among those that run.
pub struct Place<'h>(&'h Calls);

/// The host of this process, made when it is first needed.
///
/// # Errors
/// When this machine cannot run components.
pub fn host() -> Result<&'static Host, Failure> {
    static HOST: OnceLock<Result<Host, String>> = OnceLock::new();
    HOST.get_or_init(Host::new).as_ref().map_err(|why| {
        failure(format!("components cannot be run on this machine: {why}"), "use a script, or run this elsewhere")
    })
}

impl Host {
    fn new() -> Result<Host, String> {
        let engine = engine(true).or_else(|_| engine(false)).map_err(|error| first_line(&error))?;
        let host = Host { engine, calls: Arc::default() };
        host.start_clock().map_err(|error| error.to_string())?;
        Ok(host)
    }

    /// Counts time while calls run, and rests while none does. No answer depends on it: a call that keeps its deadline
    /// answers the same whenever it is asked.
    fn start_clock(&self) -> std::io::Result<()> {
        let (engine, calls) = (self.engine.clone(), Arc::clone(&self.calls));
        let tick = Duration::from_millis(TICK.unsigned_abs());
        let clock = move || {
            loop {
                calls.wait_for_one();
                thread::sleep(tick);
                engine.increment_epoch();
            }
        };
        thread::Builder::new().name("plugin clock".to_string()).spawn(clock).map(drop)
    }

    /// A place for a call; where all are taken, it waits until one is free.
    pub fn place(&self) -> Place<'_> {
        let running = lock(&self.calls.running);
        let free = self.calls.has_ended.wait_while(running, |running| CALLS <= *running);
        *free.unwrap_or_else(PoisonError::into_inner) += 1;
        self.calls.has_begun.notify_one();
        Place(&self.calls)
    }
}

impl Calls {
    fn wait_for_one(&self) {
        let running = self.has_begun.wait_while(lock(&self.running), |running| *running == 0);
        drop(running.unwrap_or_else(PoisonError::into_inner));
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut running = lock(&self.0.running);
        *running = running.saturating_sub(1);
        drop(running);
        self.0.has_ended.notify_one();
    }
}

/// The ticks of a deadline: one more than it has, for the first may come at once.
pub fn ticks(deadline: Millis) -> u64 {
    (deadline / TICK).max(0).unsigned_abs() + 1
}

/// Nothing that could differ from run to run or machine to machine is on. With a pool of instances, or, where the machine
/// has no room for one, without.
fn engine(pooled: bool) -> Result<Engine, wasmtime::Error> {
    let mut config = Config::new();
    config.consume_fuel(true).epoch_interruption(true).max_wasm_stack(STACK).wasm_backtrace_max_frames(None);
    config.cranelift_nan_canonicalization(true).wasm_relaxed_simd(false);
    if pooled {
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool()));
    } else {
        config.memory_reservation(0);
    }
    config.cache(cache());
    Engine::new(&config)
}

fn pool() -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(CALLS).total_core_instances(CALLS * PARTS);
    pool.total_memories(CALLS).max_memories_per_component(1);
    pool.total_tables(CALLS * PARTS).table_elements(TABLE);
    pool
}

/// Where compiled code is kept; none: nowhere.
fn cache() -> Option<Cache> {
    let mut settings = CacheConfig::new();
    settings.with_directory(DIRECTORY.get()?);
    Cache::new(settings).ok()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
