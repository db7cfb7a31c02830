//! A second, naive engine, and the first one held against it.
//!
//! It steps through time: by the minute for histories of up to fourteen days, by the second for histories under two
//! hours. For each tick it asks whether the wall clock is inside service hours and keeps a clock as a list of what it did
//! in each tick. It reads plans and tickets, and shares nothing else with the engine. In `settlement` stands a second
//! settlement, made the same way.
//!
//! `cargo test --test oracle` runs a few thousand random agreements and tickets. A long run takes its length from the
//! environment, and a seed if it is to be repeated:
//!
//! ```sh
//! KLAUSEL_CASES=1000000 cargo test --release --test oracle -- --nocapture
//! KLAUSEL_CASES=1000 KLAUSEL_SEED=7 cargo test --test oracle -- --nocapture
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::unreachable,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a test says what it misses by failing"
)]

mod compare;
mod dice;
mod draft;
mod history;
mod hours;
mod laws;
mod pointed;
mod settlement;
mod walk;
