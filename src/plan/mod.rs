//! What will be executed: data only, every reading spelled out, no name left to look up.

pub mod source;
