//! A row as every format yields it.

use std::borrow::Cow;

use ::csv::StringRecord;

use super::fault::Place;

/// One row: where it stands, how many lines it takes, its text, and the cells of the columns asked for, in their order.
pub(super) struct Row<'a> {
    pub place: Place,
    pub lines: u64,
    /// The whole of it: rows of the same text are the same.
    pub text: &'a str,
    pub cells: Cells<'a>,
    /// It stands for an element whose list of rows has no entry: only columns of the outer levels have cells.
    pub is_bare: bool,
}

pub(super) enum Cells<'a> {
    /// A record, and the places in it of the columns.
    Record(&'a StringRecord, &'a [usize]),
    /// A cell for each column.
    Values(&'a [Option<Cow<'a, str>>]),
}

impl Row<'_> {
    /// The cell of the column at this place of those asked for.
    pub fn cell(&self, place: usize) -> Option<&str> {
        match &self.cells {
            Cells::Record(record, places) => record.get(*places.get(place)?),
            Cells::Values(values) => values.get(place)?.as_deref(),
        }
    }
}
