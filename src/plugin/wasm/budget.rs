//! What one call runs in, and what it may use up.

use wasmtime::{Engine, ResourceLimiter, Store};

use crate::plugin::{Failure, Limits};

use super::failure::{failure, first_line};
use super::host;

/// Bytes that an answer may have, all its texts together: more is not even copied.
pub const ANSWER: usize = 64 << 10;
/// Bytes of a table's entry.
const ENTRY: usize = 8;

/// The memory of a call, and whether it asked for more.
pub struct Budget {
    left: usize,
    pub was_denied: bool,
}

impl Budget {
    fn allows(&mut self, current: usize, desired: usize) -> bool {
        let left = self.left.checked_sub(desired.saturating_sub(current));
        self.left = left.unwrap_or(self.left);
        self.was_denied |= left.is_none();
        left.is_some()
    }
}

impl ResourceLimiter for Budget {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.allows(current, desired))
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.allows(current.saturating_mul(ENTRY), desired.saturating_mul(ENTRY)))
    }
}

/// What one call runs in: fresh, and thrown away after it.
pub fn store(engine: &Engine, steps: u64, limits: &Limits) -> Result<Store<Budget>, Failure> {
    let left = usize::try_from(limits.memory).unwrap_or(usize::MAX);
    let mut store = Store::new(engine, Budget { left, was_denied: false });
    store.limiter(|budget| budget);
    store.set_epoch_deadline(host::ticks(limits.deadline));
    store.set_hostcall_fuel(ANSWER);
    store.set_fuel(steps).map_err(|error| failure(first_line(&error), "use a script instead"))?;
    Ok(store)
}
