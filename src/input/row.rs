//! A row as every format yields it.

use std::borrow::Cow;

use ::csv::StringRecord;
use chrono::NaiveDateTime;

use crate::time::Instant;

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
    Values(&'a [Option<Cell<'a>>]),
}

/// A cell: its text, and the moment that its type says.
#[derive(Debug, Clone)]
pub(super) struct Cell<'a> {
    pub text: Cow<'a, str>,
    pub moment: Option<Moment>,
}

/// What a format that has types says of time. It needs no form in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// An instant.
    At(Instant),
    /// What a wall clock showed.
    Wall(NaiveDateTime),
    /// A number that is such a time where the source names no form.
    Number(NaiveDateTime),
}

impl<'a> Cell<'a> {
    /// A text without a type.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Cell<'a> {
        Cell { text: text.into(), moment: None }
    }
}

impl Row<'_> {
    /// The text of the column at this place of those asked for.
    pub fn cell(&self, place: usize) -> Option<&str> {
        match &self.cells {
            Cells::Record(record, places) => record.get(*places.get(place)?),
            Cells::Values(values) => values.get(place)?.as_ref().map(|cell| &*cell.text),
        }
    }

    /// The moment of the column at this place, where the format has types.
    pub fn moment(&self, place: usize) -> Option<Moment> {
        match &self.cells {
            Cells::Record(..) => None,
            Cells::Values(values) => values.get(place)?.as_ref()?.moment,
        }
    }
}
