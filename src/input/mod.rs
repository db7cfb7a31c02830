//! Exports of desks as facts.

mod announcement;
mod build;
mod charge;
mod csv;
mod draft;
mod fault;
mod instant;
mod json;
mod meaning;
mod nested;
mod row;
mod sample;
mod table;
mod tally;
mod text;

use crate::plan::source::{Format, Source};
use crate::ticket::{Log, Names, Vocabulary};

use fault::shown;
pub use fault::{Place, RowFault};
use row::{Cells, Row};
pub use sample::{Sample, instant as is_instant, sample};
pub use tally::{Made, Values};

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
    hand_on(source, inputs, &reading, &mut builder)?;
    builder.finish()
}

/// Reads several files as [`read`] does, rows that cannot be read left out, and counts the values of event and field columns.
///
/// # Errors
/// A file that cannot be read at all.
pub fn survey(
    source: &Source,
    inputs: &[Input<'_>],
    vocabulary: &Vocabulary,
    names: &mut Names,
) -> Result<(Log, Vec<Values>), RowFault> {
    let reading = meaning::Reading::new(source, vocabulary, names);
    let mut builder = build::Builder::new(&reading, names, OnBadRow::Skip).counting();
    hand_on(source, inputs, &reading, &mut builder)?;
    let values = builder.counted();
    Ok((builder.finish()?, values))
}

fn hand_on(
    source: &Source,
    inputs: &[Input<'_>],
    reading: &meaning::Reading<'_>,
    builder: &mut build::Builder<'_>,
) -> Result<(), RowFault> {
    for input in inputs {
        builder.begin(input.name);
        let text = text::decode(input)?;
        match source.format {
            Format::Jsonl => {
                json::lines(input.name, &text, source.rows_from.as_deref(), &reading.columns, builder)?;
            }
            Format::Json => {
                json::document(input.name, &text, source.rows_from.as_deref(), &reading.columns, builder)?;
            }
            _ => csv::rows(input.name, &text, source.separator, &reading.columns, builder)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
