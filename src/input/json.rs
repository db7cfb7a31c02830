//! JSON lines: one object a line; a column is a key, or keys joined by dots. Where rows lie in lists inside of a line,
//! `rows from "histories[].items[]"`, a column that begins with such a list is read of the one that the row is of.

use std::borrow::Cow;

use serde_json::Value;

use crate::diagnostic::nearest;

use super::build::Builder;
use super::csv::listed;
use super::{Cells, Row, RowFault};

/// Hands the rows of a file to `builder`.
pub(super) fn lines(
    file: &str,
    text: &str,
    rows_from: Option<&str>,
    columns: &[&str],
    builder: &mut Builder<'_>,
) -> Result<(), RowFault> {
    let lists = rows_from.map(lists).unwrap_or_default();
    let mut seen = vec![false; columns.len()];
    let mut first: Option<Value> = None;
    for (line, number) in text.lines().zip(1_u64..).filter(|(line, _)| !line.trim().is_empty()) {
        let value = match object(line) {
            Ok(value) => value,
            Err(message) => {
                builder.bad(broken(message, line, first.is_none()).at(file, number))?;
                continue;
            }
        };
        for (elements, place) in elements(&value, &lists).iter().zip(0_u64..) {
            let values: Vec<Option<&Value>> =
                columns.iter().map(|column| in_row(&value, &lists, elements, column)).collect();
            seen.iter_mut().zip(&values).for_each(|(seen, value)| *seen = *seen || value.is_some());
            let cells: Vec<Option<Cow<'_, str>>> = values.into_iter().map(|value| value.and_then(words)).collect();
            // Rows of one line are told apart by their place in it.
            let text = if lists.is_empty() { Cow::Borrowed(line) } else { Cow::Owned(format!("{line} {place}")) };
            let taken = builder.row(&Row { line: number, lines: 1, text: &text, cells: Cells::Values(&cells) });
            taken.map_err(|fault| unseen(fault, columns, &seen, first.as_ref().unwrap_or(&value)))?;
        }
        first = first.or(Some(value));
    }
    let absent = columns.iter().zip(&seen).find(|(_, seen)| !**seen);
    match (first, absent) {
        (Some(first), Some((column, _))) => {
            Err(RowFault { file: file.to_string(), ..missing(column, "no line has it", &first) })
        }
        _ => Ok(()),
    }
}

/// The lists that rows lie in, from the outermost in: `a.b[].c[]` gives `a.b[]` and `a.b[].c[]`.
fn lists(rows_from: &str) -> Vec<String> {
    let ends = rows_from.match_indices("[]").map(|(at, brackets)| at + brackets.len());
    ends.filter_map(|end| rows_from.get(..end)).map(str::to_string).collect()
}

/// For each row of a line, the elements of the lists it lies in, from the outermost in. A line without lists is one row;
/// one whose list is empty or missing has none.
fn elements<'v>(line: &'v Value, lists: &[String]) -> Vec<Vec<&'v Value>> {
    let mut rows: Vec<Vec<&Value>> = vec![Vec::new()];
    for (depth, list) in lists.iter().enumerate() {
        let path = list.strip_suffix("[]").unwrap_or(list);
        rows = rows
            .into_iter()
            .flat_map(|row| {
                let inside = in_row(line, lists.get(..depth).unwrap_or_default(), &row, path);
                let found = inside.and_then(Value::as_array).map_or(&[] as &[Value], Vec::as_slice);
                found.iter().map(|element| [row.as_slice(), &[element]].concat()).collect::<Vec<_>>()
            })
            .collect();
    }
    rows
}

/// The value of a column in a row: of the innermost list that it begins with, else of the line.
fn in_row<'v>(line: &'v Value, lists: &[String], elements: &[&'v Value], column: &str) -> Option<&'v Value> {
    for (list, element) in lists.iter().zip(elements).rev() {
        match column.strip_prefix(list.as_str()) {
            Some("") => return Some(element),
            Some(rest) if rest.starts_with('.') => return at_path(element, rest.get(1..)?),
            _ => {}
        }
    }
    at_path(line, column)
}

/// A row that lacks what it needs, in a column that no line so far has: the column is named otherwise.
fn unseen(fault: RowFault, columns: &[&str], seen: &[bool], first: &Value) -> RowFault {
    let mut absent = columns.iter().zip(seen).filter(|(_, seen)| !**seen).map(|(column, _)| *column);
    match absent.find(|column| fault.column.as_deref() == Some(*column)) {
        Some(column) => {
            RowFault { file: fault.file, line: fault.line, ..missing(column, "no line up to this one has it", first) }
        }
        None => fault,
    }
}

fn missing(column: &str, absent: &str, first: &Value) -> RowFault {
    let keys: Vec<&str> = first.as_object().into_iter().flat_map(|map| map.keys().map(String::as_str)).collect();
    let near = nearest(column, keys.iter().copied().filter(|key| key.len() < 200));
    let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
    let message = format!("the source reads this column, and {absent}");
    let help = format!("{near}the first line has: {}", listed(&keys));
    RowFault::new("missing_column", message, help).in_column(column)
}

fn object(line: &str) -> Result<Value, String> {
    match serde_json::from_str(line) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err("this line is no JSON object".to_string()),
        Err(error) => Err(format!("this line is no JSON: {error}")),
    }
}

/// The value at `a.b.c`; a key with dots in it is found as well.
fn at_path<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    if let Some(found) = value.get(path) {
        return Some(found);
    }
    path.split('.').try_fold(value, |value, key| value.get(key))
}

/// A value as the text that a cell would have; null is missing.
fn words(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(Cow::Borrowed(text)),
        other => Some(Cow::Owned(other.to_string())),
    }
}

/// A line that is no object; where none before it is, the file may be no JSON lines at all.
fn broken(message: String, line: &str, is_first: bool) -> RowFault {
    let help = match line.trim_start().chars().next() {
        Some('[') if is_first => "this looks like one JSON document: write one object a line",
        Some(other) if is_first && other != '{' => "is this a CSV? then say `format csv` in the source",
        _ => "write one JSON object a line, or leave such rows out with `--on-bad-row skip`",
    };
    RowFault::new("broken_row", message, help)
}
