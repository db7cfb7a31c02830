//! Exports of desks as facts.

mod announcement;
mod build;
mod charge;
mod csv;
mod draft;
mod fault;
mod instant;
mod json;
mod kind;
mod meaning;
mod nested;
mod packed;
mod parquet;
mod row;
mod sample;
mod serial;
mod table;
mod tally;
mod text;
mod xlsx;

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

/// How far reading has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows read.
    pub rows: u64,
    /// Bytes of all files that are done with, as they lie on the disk.
    pub bytes: u64,
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
    read_watched(source, inputs, vocabulary, names, on_bad_row, &mut |_| {})
}

/// As [`read`], and tells `watch` every so many rows how far it has come.
///
/// # Errors
/// As [`read`].
pub fn read_watched(
    source: &Source,
    inputs: &[Input<'_>],
    vocabulary: &Vocabulary,
    names: &mut Names,
    on_bad_row: OnBadRow,
    watch: &mut dyn FnMut(Progress),
) -> Result<Log, RowFault> {
    let reading = meaning::Reading::new(source, vocabulary, names);
    let mut builder = build::Builder::new(&reading, names, on_bad_row, watch);
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
    let mut unwatched = |_| {};
    let mut builder = build::Builder::new(&reading, names, OnBadRow::Skip, &mut unwatched).counting();
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
        builder.begin(input);
        let bytes = packed::unpack(input)?;
        rows(source, &Input { name: input.name, bytes: &bytes }, &reading.columns, builder)?;
    }
    Ok(())
}

/// Hands the rows of a file to `builder`, read as the source's format says. Here alone formats are told apart.
fn rows(
    source: &Source,
    input: &Input<'_>,
    columns: &[&str],
    builder: &mut build::Builder<'_>,
) -> Result<(), RowFault> {
    kind::check(input, source.format)?;
    let (file, rows_from) = (input.name, source.rows_from.as_deref());
    match source.format {
        Format::Csv => csv::rows(file, &text::decode(input)?, source.separator, columns, builder),
        Format::Jsonl => json::lines(file, &text::decode(input)?, rows_from, columns, builder),
        Format::Json => json::document(file, &text::decode_long(input)?, rows_from, columns, builder),
        Format::Parquet => parquet::rows(input, columns, builder),
        Format::Xlsx => xlsx::rows(input, columns, builder),
    }
}

#[cfg(test)]
mod tests;
