//! Separated values.

use ::csv::{ReaderBuilder, StringRecord};

use crate::diagnostic::nearest;

use super::{Row, RowFault, Take};

const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

pub(super) fn rows(
    file: &str,
    text: &str,
    separator: Option<char>,
    columns: &[String],
    bad: &mut Vec<RowFault>,
    take: &mut Take<'_>,
) -> Result<(), RowFault> {
    let separator = separator.unwrap_or_else(|| detect(text));
    let delimiter = u8::try_from(separator).unwrap_or(b',');
    let mut reader = ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| broken(file, 1, &error))?.clone();
    let places = places(file, &header, columns)?;
    let mut record = StringRecord::new();
    loop {
        let line = reader.position().line();
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => {
                let line = record.position().map_or(line, ::csv::Position::line);
                let cells: Vec<Option<&str>> = places.iter().map(|place| record.get(*place)).collect();
                take(&Row { line, cells: &cells })?;
            }
            Err(error) => bad.push(broken(file, line, &error)),
        }
    }
}

/// The places of the columns asked for.
fn places(file: &str, header: &StringRecord, columns: &[String]) -> Result<Vec<usize>, RowFault> {
    let names: Vec<&str> = header.iter().map(str::trim).collect();
    let fault = |code, column: &str, message: String, help: String| RowFault {
        code,
        file: file.to_string(),
        line: Some(1),
        column: Some(column.to_string()),
        message,
        help,
    };
    if names.iter().all(|name| name.is_empty()) {
        let help = "export it again; a CSV begins with the names of its columns".to_string();
        return Err(RowFault {
            column: None,
            line: None,
            ..fault("empty_log", "", "this file is empty".to_string(), help)
        });
    }
    columns
        .iter()
        .map(|column| {
            let mut found = names.iter().enumerate().filter(|(_, name)| *name == column);
            match (found.next(), found.next()) {
                (Some((place, _)), None) => Ok(place),
                (Some(_), Some(_)) => {
                    let help = "rename one of them in the file".to_string();
                    Err(fault("duplicate_column", column, "two columns have this name".to_string(), help))
                }
                (None, _) => {
                    let near = nearest(column, names.iter().copied());
                    let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
                    let help = format!("{near}the columns are: {}", names.join(", "));
                    Err(fault(
                        "missing_column",
                        column,
                        "the source reads this column, and the file has none".to_string(),
                        help,
                    ))
                }
            }
        })
        .collect()
}

/// The separator that the first lines agree on, quotes respected; a comma where none does.
fn detect(text: &str) -> char {
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).take(20).collect();
    let score = |separator: char| {
        let counts: Vec<usize> = lines.iter().map(|line| outside_quotes(line, separator)).collect();
        let header = counts.first().copied().unwrap_or(0);
        let agreeing = counts.iter().filter(|count| **count == header).count();
        if header == 0 { (0, 0) } else { (agreeing, header) }
    };
    SEPARATORS.into_iter().max_by_key(|separator| (score(*separator), *separator == ',')).unwrap_or(',')
}

fn outside_quotes(line: &str, separator: char) -> usize {
    let mut quoted = false;
    let mut count = 0;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c == separator && !quoted => count += 1,
            _ => {}
        }
    }
    count
}

fn broken(file: &str, line: u64, error: &::csv::Error) -> RowFault {
    let (line, message) = match error.kind() {
        ::csv::ErrorKind::UnequalLengths { pos, expected_len, len } => (
            pos.as_ref().map_or(line, ::csv::Position::line),
            format!("this row has {len} cells, the header {expected_len}"),
        ),
        _ => (line, error.to_string()),
    };
    RowFault {
        code: "broken_row",
        file: file.to_string(),
        line: Some(line),
        column: None,
        message,
        help: "look for a separator or a quote too many, or leave such rows out with `--on-bad-row skip`".to_string(),
    }
}
