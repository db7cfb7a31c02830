//! Klausel: service level agreements as code.

pub mod source;
pub mod diagnostic;
pub mod money;
pub mod time;
pub mod ticket;
pub mod ast;
pub mod parser;
pub mod formatter;
pub mod resolver;
pub mod checker;
pub mod calendar;
pub mod plan;
pub mod compiler;
pub mod outcome;
pub mod statement;
pub mod clock;
pub mod condition;
pub mod engine;
pub mod replay;
pub mod settlement;
pub mod explain;
pub mod test_run;
pub mod input;
pub mod generator;
pub mod report;
pub mod cli;
