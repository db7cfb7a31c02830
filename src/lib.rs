//! Klausel: service level agreements as code.

pub mod source;
pub mod diagnostic;
