//! Klausel: service level agreements as code.

pub mod source;
pub mod diagnostic;
pub mod time;
