//! Exports of desks as facts.

mod build;
mod csv;
mod instant;
mod json;
mod text;

use std::fmt;

use crate::plan::source::{Format, Source};
use crate::ticket::{Log, Names, Vocabulary};

/// A file to read: its name for messages, and its bytes.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// As the user named it.
    pub name: &'a str,
    /// The whole of it.
    pub bytes: &'a [u8],
}

/// What a row that cannot be read does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnBadRow {
    /// It ends the run.
    Fail,
    /// It is left out, counted, and the first of its kind is told.
    Skip,
}

/// Why a row, or a file, cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// The kind of fault.
    pub code: &'static str,
    /// The file.
    pub file: String,
    /// The line in the file, from one, where one is at fault.
    pub line: Option<u64>,
    /// The column.
    pub column: Option<String>,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub help: String,
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column `{column}`")?;
        }
        write!(f, ": {} ({})", self.message, self.help)
    }
}

impl std::error::Error for RowFault {}

/// One row: where it stands, and the cells of the columns asked for, in their order.
struct Row<'a> {
    line: u64,
    cells: &'a [Option<&'a str>],
}

/// Takes rows one by one.
type Take<'t> = dyn FnMut(&Row<'_>) -> Result<(), RowFault> + 't;

/// Reads several files of one source into one log. Fields and events that `vocabulary` does not know are left out; their
/// rows still count for the latest instant.
///
/// # Errors
/// The first row that cannot be read where `on_bad_row` says so; a file that cannot be read at all in any case.
pub fn read(
    source: &Source,
    inputs: &[Input<'_>],
    vocabulary: &Vocabulary,
    names: &mut Names,
    on_bad_row: OnBadRow,
) -> Result<Log, RowFault> {
    let mut builder = build::Builder::new(source, vocabulary, names, on_bad_row);
    for input in inputs {
        let columns = builder.columns();
        builder.begin(input.name);
        let mut bad = Vec::new();
        rows(source, input, &columns, &mut bad, &mut |row| builder.row(row))?;
        for fault in bad {
            builder.bad(fault)?;
        }
    }
    builder.finish()
}

/// Hands on the rows of one file; rows that are broken themselves are put into `bad`.
fn rows(
    source: &Source,
    input: &Input<'_>,
    columns: &[String],
    bad: &mut Vec<RowFault>,
    take: &mut Take<'_>,
) -> Result<(), RowFault> {
    let text = text::decode(input)?;
    text::check_lines(input.name, &text)?;
    match source.format {
        Format::Jsonl => json::lines(input.name, &text, columns, bad, take),
        _ => csv::rows(input.name, &text, source.separator, columns, bad, take),
    }
}

#[cfg(test)]
mod tests;
