//! JSON lines: one object a line; a column is a key, or keys joined by dots.

use std::borrow::Cow;

use serde_json::Value;

use super::build::Builder;
use super::{Cells, Row, RowFault};

/// Hands the rows of a file to `builder`.
pub(super) fn lines(file: &str, text: &str, columns: &[&str], builder: &mut Builder<'_>) -> Result<(), RowFault> {
    let mut seen = vec![false; columns.len()];
    let mut first_keys = None;
    for (line, number) in text.lines().zip(1_u64..).filter(|(line, _)| !line.trim().is_empty()) {
        let value = match object(line) {
            Ok(value) => value,
            Err(message) => {
                builder.bad(broken(file, number, message))?;
                continue;
            }
        };
        first_keys = first_keys.or_else(|| value.as_object().map(|map| map.keys().cloned().collect::<Vec<_>>()));
        let values: Vec<Option<&Value>> = columns.iter().map(|column| at_path(&value, column)).collect();
        seen.iter_mut().zip(&values).for_each(|(seen, value)| *seen = *seen || value.is_some());
        let cells: Vec<Option<Cow<'_, str>>> = values.into_iter().map(|value| value.and_then(words)).collect();
        builder.row(&Row { line: number, cells: Cells::Values(&cells) })?;
    }
    match (first_keys, seen.iter().position(|seen| !seen).and_then(|place| columns.get(place))) {
        (Some(keys), Some(column)) => {
            let message = "the source reads this column, and no line has it".to_string();
            let fault = RowFault::new("missing_column", message, format!("the first line has: {}", keys.join(", ")));
            Err(RowFault { file: file.to_string(), column: Some((*column).to_string()), ..fault })
        }
        _ => Ok(()),
    }
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

fn broken(file: &str, line: u64, message: String) -> RowFault {
    let help = "write one JSON object a line, or leave such rows out with `--on-bad-row skip`";
    RowFault { file: file.to_string(), line: Some(line), ..RowFault::new("broken_row", message, help) }
}
