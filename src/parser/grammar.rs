//! The grammar, as pest runs it.

use pest_derive::Parser;

/// Runs `grammar/*.pest`.
#[derive(Parser)]
#[grammar = "../grammar/lexical.pest"]
#[grammar = "../grammar/expression.pest"]
#[grammar = "../grammar/source.pest"]
#[grammar = "../grammar/agreement.pest"]
#[grammar = "../grammar/test.pest"]
pub struct Grammar;
