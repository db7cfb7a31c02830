//! JSON, as lines of one object each or as one document. A column is a key, or keys joined by dots; rows may lie in lists inside
//! of an object, see [`Lists`].

use std::borrow::Cow;

use serde_json::Value;

use crate::diagnostic::nearest;

use super::build::Builder;
use super::nested::{self, Lists, words};
use super::row::Cell;
use super::table::listed;
use super::{Cells, Place, Row, RowFault};

/// Hands the rows of a file of JSON lines to `builder`.
pub(super) fn lines(
    file: &str,
    text: &str,
    rows_from: Option<&str>,
    columns: &[&str],
    builder: &mut Builder<'_>,
) -> Result<(), RowFault> {
    let mut objects = Objects::new(rows_from, columns, "line");
    let mut done = 0;
    for (line, number) in text.lines().zip(1_u64..).filter(|(line, _)| !line.trim().is_empty()) {
        done += line.len() + 1;
        builder.reach(done.min(text.len()), text.len());
        match object(line) {
            Ok(value) => objects.take(value, line, &Within::Line(number), builder)?,
            Err(message) => {
                builder.bad(broken(message, line, objects.first.is_none()).at(file, Place::Line(number)))?;
            }
        }
    }
    objects.finish(file)
}

/// Hands the rows of a file that is one JSON document to `builder`: the entries of a list, or those that `rows from` finds in
/// an object.
pub(super) fn document(
    file: &str,
    text: &str,
    rows_from: Option<&str>,
    columns: &[&str],
    builder: &mut Builder<'_>,
) -> Result<(), RowFault> {
    if text.trim().is_empty() {
        let help = "export it again; a JSON file is a list of objects, or an object with such a list inside";
        return Err(RowFault::new("empty_log", "this file is empty".to_string(), help).of(file));
    }
    let document: Value = serde_json::from_str(text).map_err(|error| no_document(text, &error, file))?;
    let mut objects = Objects::new(rows_from, columns, "entry");
    match document {
        Value::Array(entries) => {
            let count = entries.len();
            for (place, entry) in entries.into_iter().enumerate() {
                builder.reach(place, count);
                let path = format!("[{place}]");
                let text = entry.to_string();
                match entry {
                    Value::Object(_) => objects.take(entry, &text, &Within::Entry(path), builder)?,
                    _ => {
                        let help = "every entry is a row; leave such rows out with `--on-bad-row skip`";
                        let fault = RowFault::new("broken_row", "this entry is no JSON object".to_string(), help);
                        builder.bad(fault.at(file, Place::Element(path)))?;
                    }
                }
            }
        }
        Value::Object(_) => objects.take_whole(document, builder)?,
        _ => {
            let help = "a JSON file is a list of objects, or an object with such a list inside";
            return Err(RowFault::new("broken_row", "this file holds no rows".to_string(), help).of(file));
        }
    }
    objects.finish(file)
}

/// What the objects of a file are called and counted by.
enum Within {
    /// A line of the file, from one.
    Line(u64),
    /// An entry of the document's list; empty: the document itself.
    Entry(String),
}

impl Within {
    /// The place of a row inside of the object.
    fn place(&self, path: &str) -> Place {
        match self {
            Within::Line(line) if path.is_empty() => Place::Line(*line),
            Within::Line(line) => Place::InLine(*line, path.to_string()),
            Within::Entry(entry) if path.is_empty() || entry.is_empty() => Place::Element(format!("{entry}{path}")),
            Within::Entry(entry) => Place::Element(format!("{entry}.{path}")),
        }
    }
}

/// Takes the objects of a file, and notes which columns they have.
struct Objects<'a> {
    lists: Lists<'a>,
    columns: &'a [&'a str],
    /// How many lists each column lies in.
    depths: Vec<usize>,
    /// Whether some row had the column.
    seen: Vec<bool>,
    /// In how many lists the innermost row lay.
    deepest: usize,
    first: Option<Value>,
    /// What an object is called.
    word: &'static str,
}

impl<'a> Objects<'a> {
    fn new(rows_from: Option<&'a str>, columns: &'a [&'a str], word: &'static str) -> Objects<'a> {
        let lists = Lists::new(rows_from);
        let depths = columns.iter().map(|column| lists.depth(column)).collect();
        Objects { lists, columns, depths, seen: vec![false; columns.len()], deepest: 0, first: None, word }
    }

    /// Hands the rows of an object on.
    fn take(&mut self, value: Value, text: &str, within: &Within, builder: &mut Builder<'_>) -> Result<(), RowFault> {
        for row in self.lists.rows(&value) {
            // Rows of one object are told apart by their place in it.
            let text = if self.lists.is_empty() { Cow::Borrowed(text) } else { format!("{text} {}", row.path).into() };
            self.hand_on(&value, &row, &text, within, builder)?;
        }
        self.first = self.first.take().or(Some(value));
        Ok(())
    }

    /// Hands the rows of a document on that is one object; a row's text is that of the entry of the outermost list.
    fn take_whole(&mut self, value: Value, builder: &mut Builder<'_>) -> Result<(), RowFault> {
        let mut outer: Option<(&Value, String)> = None;
        let rows = self.lists.rows(&value);
        for (place, row) in rows.iter().enumerate() {
            builder.reach(place, rows.len());
            let entry = row.outermost().unwrap_or(&value);
            let text = match outer.take().filter(|(known, _)| std::ptr::eq(*known, entry)) {
                Some((_, text)) => text,
                None => entry.to_string(),
            };
            let inner = row.path.split_once('.').map_or("", |(_, inner)| inner);
            self.hand_on(&value, row, &format!("{text} {inner}"), &Within::Entry(String::new()), builder)?;
            outer = Some((entry, text));
        }
        self.first = Some(value);
        Ok(())
    }

    fn hand_on(
        &mut self,
        value: &Value,
        row: &nested::Found<'_>,
        text: &str,
        within: &Within,
        builder: &mut Builder<'_>,
    ) -> Result<(), RowFault> {
        self.deepest = self.deepest.max(row.depth());
        let values: Vec<Option<&Value>> =
            self.columns.iter().map(|column| self.lists.cell(value, row, column)).collect();
        self.seen.iter_mut().zip(&values).for_each(|(seen, value)| *seen = *seen || value.is_some());
        let cells: Vec<Option<Cell<'_>>> =
            values.into_iter().map(|value| value.and_then(words).map(Cell::text)).collect();
        let cells = Cells::Values(&cells);
        let row = Row { place: within.place(&row.path), lines: 1, text, cells, is_bare: row.is_bare };
        builder.row(&row).map_err(|fault| self.unseen(fault, self.first.as_ref().unwrap_or(value)))
    }

    /// The columns that no row so far has, though rows of their lists were there.
    fn absent(&self) -> impl Iterator<Item = &'a str> {
        let all = self.columns.iter().zip(&self.seen).zip(&self.depths);
        all.filter(|((_, seen), depth)| !**seen && **depth <= self.deepest).map(|((column, _), _)| *column)
    }

    /// A row that lacks what it needs, in a column that none so far has: the column is named otherwise.
    fn unseen(&self, fault: RowFault, first: &Value) -> RowFault {
        match self.absent().find(|column| fault.column.as_deref() == Some(*column)) {
            Some(column) => {
                let absent = format!("no {} up to this one has it", self.word);
                RowFault { file: fault.file, place: fault.place, ..self.missing(column, &absent, first) }
            }
            None => fault,
        }
    }

    fn missing(&self, column: &str, absent: &str, first: &Value) -> RowFault {
        let known = nested::columns(first);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let near = nearest(column, known.iter().copied().filter(|key| key.len() < 200));
        let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
        let list = nested::first_list(first).filter(|_| self.lists.is_empty() && near.is_empty());
        let list = list.map_or(String::new(), |list| format!("if rows lie in a list, say `rows from \"{list}\"`; "));
        let message = format!("the source reads this column, and {absent}");
        let help = format!("{near}{list}the first {} has: {}", self.word, listed(&known));
        RowFault::new("missing_column", message, help).in_column(column)
    }

    /// A column that no object had is a fault.
    fn finish(self, file: &str) -> Result<(), RowFault> {
        match (&self.first, self.absent().next()) {
            (Some(first), Some(column)) => {
                Err(self.missing(column, &format!("no {} has it", self.word), first).of(file))
            }
            _ => Ok(()),
        }
    }
}

fn object(line: &str) -> Result<Value, String> {
    match serde_json::from_str(line) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err("this line is no JSON object".to_string()),
        Err(error) => Err(format!("this line is no JSON: {error}")),
    }
}

/// A line that is no object; where none before it is, the file may be no JSON lines at all.
fn broken(message: String, line: &str, is_first: bool) -> RowFault {
    let help = match line.trim_start().chars().next() {
        Some('[' | '{') if is_first => {
            "if the file is one JSON document, say `format json` in the source; else write one JSON object a line"
        }
        Some(_) if is_first => "is this a CSV? then say `format csv` in the source",
        _ => "write one JSON object a line, or leave such rows out with `--on-bad-row skip`",
    };
    RowFault::new("broken_row", message, help)
}

/// A file that is no JSON document; it may have an object a line.
fn no_document(text: &str, error: &serde_json::Error, file: &str) -> RowFault {
    let first_line = text.trim_start().lines().next().unwrap_or_default();
    let help = match text.trim_start().chars().next() {
        Some('{') if object(first_line).is_ok() => "this looks like JSON lines: say `format jsonl` in the source",
        Some('[' | '{') if error.is_eof() => "the file was cut off: copy or export it again",
        Some('[' | '{') => "mend it there, or export it again",
        _ => "is this a CSV? then say `format csv` in the source",
    };
    let line = u64::try_from(error.line()).unwrap_or(u64::MAX);
    RowFault::new("broken_document", format!("this file is no JSON document: {error}"), help)
        .at(file, Place::Line(line))
}
