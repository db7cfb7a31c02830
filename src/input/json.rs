//! JSON lines: one object a line; a column is a key, or keys joined by dots.

use serde_json::Value;

use super::{Row, RowFault, Take};

pub(super) fn lines(
    file: &str,
    text: &str,
    columns: &[String],
    bad: &mut Vec<RowFault>,
    take: &mut Take<'_>,
) -> Result<(), RowFault> {
    let mut seen = vec![false; columns.len()];
    let mut first_keys = None;
    for (line, number) in text.lines().zip(1_u64..).filter(|(line, _)| !line.trim().is_empty()) {
        let value: Value = match serde_json::from_str(line) {
            Ok(value @ Value::Object(_)) => value,
            Ok(_) => {
                bad.push(broken(file, number, "this line is no JSON object".to_string()));
                continue;
            }
            Err(error) => {
                bad.push(broken(file, number, format!("this line is no JSON: {error}")));
                continue;
            }
        };
        first_keys = first_keys.or_else(|| value.as_object().map(|map| map.keys().cloned().collect::<Vec<_>>()));
        let cells: Vec<Option<String>> = columns.iter().map(|column| at_path(&value, column).and_then(words)).collect();
        for (seen, column) in seen.iter_mut().zip(columns) {
            *seen = *seen || at_path(&value, column).is_some();
        }
        let cells: Vec<Option<&str>> = cells.iter().map(Option::as_deref).collect();
        take(&Row { line: number, cells: &cells })?;
    }
    match (first_keys, seen.iter().position(|seen| !seen).and_then(|place| columns.get(place))) {
        (Some(keys), Some(column)) => Err(RowFault {
            code: "missing_column",
            file: file.to_string(),
            line: None,
            column: Some(column.clone()),
            message: "the source reads this column, and no line has it".to_string(),
            help: format!("the first line has: {}", keys.join(", ")),
        }),
        _ => Ok(()),
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
fn words(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn broken(file: &str, line: u64, message: String) -> RowFault {
    RowFault {
        code: "broken_row",
        file: file.to_string(),
        line: Some(line),
        column: None,
        message,
        help: "write one JSON object a line, or leave such rows out with `--on-bad-row skip`".to_string(),
    }
}
