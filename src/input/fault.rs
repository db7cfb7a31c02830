//! Why a row, or a file, cannot be read, and where.

use std::fmt;

/// Where a row stands in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A line, from one.
    Line(u64),
    /// A row of a table, from one, its header counted where it has one.
    Row(u64),
    /// An element of lists in a line of JSON: the line, from one, and the way to the element, counted from zero.
    InLine(u64, String),
    /// An element of a JSON document: the way to it, such as `issues[3].history[0]`, counted from zero.
    Element(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Line(line) => write!(f, "line {line}"),
            Place::Row(row) => write!(f, "row {row}"),
            Place::InLine(line, path) => write!(f, "line {line}, `{path}`"),
            Place::Element(path) => write!(f, "`{path}`"),
        }
    }
}

/// Why a row, or a file, cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// The kind of fault.
    pub code: &'static str,
    /// The file.
    pub file: String,
    /// The place in the file, where one is at fault.
    pub place: Option<Place>,
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
        if let Some(place) = &self.place {
            write!(f, ", {place}")?;
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
    pub(super) fn new(code: &'static str, message: String, help: impl Into<String>) -> RowFault {
        RowFault { code, file: String::new(), place: None, lines: 1, column: None, message, help: help.into() }
    }

    /// The fault of a file as a whole.
    pub(super) fn of(self, file: &str) -> RowFault {
        RowFault { file: file.to_string(), ..self }
    }

    /// The fault at its place.
    pub(super) fn at(self, file: &str, place: Place) -> RowFault {
        RowFault { place: Some(place), ..self.of(file) }
    }

    /// The fault in its column.
    pub(super) fn in_column(self, column: &str) -> RowFault {
        RowFault { column: Some(column.to_string()), ..self }
    }
}

/// The start of a cell, for messages: a cell may be as long as a file.
pub(super) fn shown(cell: &str) -> String {
    const MOST: usize = 60;
    match cell.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", cell.get(..end).unwrap_or_default()),
        None => cell.to_string(),
    }
}
