//! What a source makes of an export before any agreement is run, and a first source for an export that has none.

pub mod check;
pub mod decide;
mod columns;
mod hints;
pub mod guess;
