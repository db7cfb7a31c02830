//! The columns of a file of which nothing is known yet.

use std::collections::HashMap;

use ::csv::ReaderBuilder;
use chrono_tz::Tz;
use serde_json::Value;

use crate::plan::source::{Format, InstantColumn};

use super::instant::InstantReader;
use super::{Input, RowFault, csv, kind, packed, parquet, text, xlsx};

/// The columns of a file and their cells, row by row; a cell is empty where a row has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sample {
    /// The word of its format: `csv`, `jsonl`, `json`, `xlsx`, `parquet`.
    pub format: &'static str,
    /// The separator of a CSV.
    pub separator: Option<char>,
    /// The list that the rows are in, where they are inside an object.
    pub rows_from: Option<String>,
    /// The names of the columns, in the order of the file.
    pub columns: Vec<String>,
    /// The cells of each row.
    pub rows: Vec<Vec<String>>,
}

/// Reads the columns of a file, its format told by what it begins with.
///
/// # Errors
/// A file that is no text, or has no rows.
pub fn sample(input: &Input<'_>) -> Result<Sample, RowFault> {
    let bytes = packed::unpack(input)?;
    let input = &Input { name: input.name, bytes: &bytes };
    let found = match kind::of(input) {
        Some(Format::Xlsx) => of_table("xlsx", xlsx::texts(input)?),
        Some(Format::Parquet) => of_table("parquet", parquet::texts(input)?),
        _ => of_text(&text::decode(input)?),
    };
    if found.rows.is_empty() || found.columns.is_empty() {
        let help = "give a table with the names of its columns in the first line, JSON lines, or one JSON document";
        return Err(RowFault::new("empty_log", "there is no row in it".to_string(), help).of(input.name));
    }
    Ok(found)
}

/// Whether a cell is an instant of a form (none: RFC 3339 and its like); and then, whether it says its offset.
pub fn instant(form: Option<&str>, cell: &str) -> Option<bool> {
    let column = |zone| InstantColumn { column: String::new(), form: form.map(str::to_string), zone, repeated: None };
    InstantReader::new(&column(Some(Tz::UTC))).parse(cell, None).ok()?;
    Some(InstantReader::new(&column(None)).parse(cell, None).is_ok())
}

fn of_text(text: &str) -> Sample {
    match text.trim_start().chars().next() {
        Some('{' | '[') => of_json(text),
        _ => of_csv(text),
    }
}

fn of_table(format: &'static str, (columns, rows): (Vec<String>, Vec<Vec<String>>)) -> Sample {
    let width = columns.len();
    let rows = rows.into_iter().map(|mut row| {
        row.resize(width, String::new());
        row
    });
    Sample { format, separator: None, rows_from: None, columns, rows: rows.collect() }
}

fn of_csv(text: &str) -> Sample {
    let separator = csv::detect(text);
    let delimiter = u8::try_from(separator).unwrap_or(b',');
    let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map(|header| header.iter().map(|name| name.trim().to_string()).collect());
    let columns: Vec<String> = header.unwrap_or_default();
    let cells = |record: ::csv::StringRecord| {
        (0..columns.len()).map(|place| record.get(place).unwrap_or_default().trim().to_string()).collect()
    };
    let rows = reader.records().filter_map(Result::ok).map(cells).collect();
    Sample { format: "csv", separator: Some(separator), rows_from: None, columns, rows }
}

fn of_json(text: &str) -> Sample {
    if let Ok(document) = serde_json::from_str::<Value>(text) {
        let (rows_from, entries) = match &document {
            Value::Array(entries) => (None, entries.clone()),
            other => match first_list(other) {
                Some((key, entries)) => (Some(format!("{key}[]")), entries.clone()),
                None => return Sample { format: "jsonl", ..objects(&[document], "") },
            },
        };
        let prefix = rows_from.as_ref().map_or(String::new(), |list| format!("{list}."));
        return Sample { format: "json", rows_from, ..objects(&entries, &prefix) };
    }
    let lines = text.lines().filter_map(|line| serde_json::from_str(line).ok());
    Sample { format: "jsonl", ..objects(&lines.collect::<Vec<Value>>(), "") }
}

/// The first list of objects in an object.
fn first_list(value: &Value) -> Option<(&String, &Vec<Value>)> {
    let lists = value.as_object()?.iter().filter_map(|(key, value)| Some((key, value.as_array()?)));
    lists.into_iter().find(|(_, entries)| entries.first().is_some_and(Value::is_object))
}

fn objects(entries: &[Value], prefix: &str) -> Sample {
    let mut found = Sample::default();
    let mut places: HashMap<String, usize> = HashMap::new();
    for entry in entries {
        let mut cells = Vec::new();
        flat(entry, prefix, &mut cells);
        let mut row = vec![String::new(); found.columns.len()];
        for (column, cell) in cells {
            let place = *places.entry(column.clone()).or_insert_with(|| {
                found.columns.push(column);
                row.push(String::new());
                found.columns.len() - 1
            });
            if let Some(slot) = row.get_mut(place) {
                *slot = cell;
            }
        }
        found.rows.push(row);
    }
    let width = found.columns.len();
    found.rows.iter_mut().for_each(|row| row.resize(width, String::new()));
    found
}

/// The columns of an object: keys joined by dots. Lists are no columns.
fn flat(value: &Value, path: &str, cells: &mut Vec<(String, String)>) {
    for (key, value) in value.as_object().into_iter().flatten() {
        match value {
            Value::Object(_) => flat(value, &format!("{path}{key}."), cells),
            Value::Array(_) => {}
            Value::Null => cells.push((format!("{path}{key}"), String::new())),
            Value::String(text) => cells.push((format!("{path}{key}"), text.trim().to_string())),
            other => cells.push((format!("{path}{key}"), other.to_string())),
        }
    }
}
