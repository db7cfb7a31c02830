//! Exports of desks as facts.

mod announcement;
mod build;
mod charge;
mod csv;
mod draft;
mod instant;
mod json;
mod meaning;
mod text;

use std::borrow::Cow;
use std::fmt;

use ::csv::StringRecord;

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
    /// How many lines of the file the row takes; a quote that is not closed swallows those after it.
    pub lines: u64,
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

impl RowFault {
    /// A fault whose place is still to be told.
    fn new(code: &'static str, message: String, help: impl Into<String>) -> RowFault {
        RowFault { code, file: String::new(), line: None, lines: 1, column: None, message, help: help.into() }
    }

    /// The fault at its line.
    fn at(self, file: &str, line: u64) -> RowFault {
        RowFault { file: file.to_string(), line: Some(line), ..self }
    }

    /// The fault in its column.
    fn in_column(self, column: &str) -> RowFault {
        RowFault { column: Some(column.to_string()), ..self }
    }
}

/// The start of a cell, for messages: a cell may be as long as a file.
fn shown(cell: &str) -> String {
    const MOST: usize = 60;
    match cell.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", cell.get(..end).unwrap_or_default()),
        None => cell.to_string(),
    }
}

/// One row: where it stands, how many lines it takes, its text, and the cells of the columns asked for, in their order.
struct Row<'a> {
    line: u64,
    lines: u64,
    text: &'a str,
    cells: Cells<'a>,
}

enum Cells<'a> {
    /// A record, and the places in it of the columns.
    Record(&'a StringRecord, &'a [usize]),
    /// A cell for each column.
    Values(&'a [Option<Cow<'a, str>>]),
}

impl Row<'_> {
    /// The cell of the column at this place of those asked for.
    fn cell(&self, place: usize) -> Option<&str> {
        match &self.cells {
            Cells::Record(record, places) => record.get(*places.get(place)?),
            Cells::Values(values) => values.get(place)?.as_deref(),
        }
    }
}

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
    let reading = meaning::Reading::new(source, vocabulary, names);
    let mut builder = build::Builder::new(&reading, names, on_bad_row);
    for input in inputs {
        builder.begin(input.name);
        let text = text::decode(input)?;
        match source.format {
            Format::Jsonl => {
                json::lines(input.name, &text, source.rows_from.as_deref(), &reading.columns, &mut builder)?;
            }
            _ => csv::rows(input.name, &text, source.separator, &reading.columns, &mut builder)?,
        }
    }
    builder.finish()
}

#[cfg(test)]
mod tests;
