//! Separated values.

use ::csv::{ErrorKind, Position, Reader, ReaderBuilder, StringRecord};

use crate::diagnostic::nearest;

use super::build::Builder;
use super::{Cells, Row, RowFault, shown};

const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// How many columns a message lists.
const LISTED: usize = 60;

/// Hands the rows of a file to `builder`.
pub(super) fn rows(
    file: &str,
    text: &str,
    separator: Option<char>,
    columns: &[&str],
    builder: &mut Builder<'_>,
) -> Result<(), RowFault> {
    let separator = separator.unwrap_or_else(|| detect(text));
    let delimiter = u8::try_from(separator).unwrap_or(b',');
    let mut reader = ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return Err(broken(file, text, &reader, &error)),
    };
    let places = places(file, &header, columns)?;
    let mut record = StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => match open_quote(file, text, &reader, &record) {
                None => builder.row(&Row { line: line(&record), cells: Cells::Record(&record, &places) })?,
                Some(fault) => builder.bad(fault)?,
            },
            Err(error) => builder.bad(broken(file, text, &reader, &error))?,
        }
    }
}

/// The line on which a record begins.
fn line(record: &StringRecord) -> u64 {
    record.position().map_or(1, Position::line)
}

/// The places of the columns asked for.
fn places(file: &str, header: &StringRecord, columns: &[&str]) -> Result<Vec<usize>, RowFault> {
    let names: Vec<&str> = header.iter().map(str::trim).collect();
    if names.iter().all(|name| name.is_empty()) {
        let help = "export it again; a CSV begins with the names of its columns";
        let fault = RowFault::new("empty_log", "this file is empty".to_string(), help);
        return Err(RowFault { file: file.to_string(), ..fault });
    }
    let place = |column: &&str| place(&names, column).map_err(|fault| fault.at(file, line(header), column));
    columns.iter().map(place).collect()
}

fn place(names: &[&str], column: &str) -> Result<usize, RowFault> {
    let mut found = names.iter().enumerate().filter(|(_, name)| **name == column);
    match (found.next(), found.next()) {
        (Some((place, _)), None) => Ok(place),
        (Some(_), Some(_)) => {
            let message = "two columns have this name".to_string();
            Err(RowFault::new("duplicate_column", message, "rename one of them in the file"))
        }
        (None, _) => {
            let message = "the source reads this column, and the file has none".to_string();
            let near = nearest(column, names.iter().copied().filter(|name| name.len() < 200));
            let near = near.map_or(String::new(), |near| format!("did you mean `{near}`? "));
            let help = format!("{near}the columns are: {}", listed(names));
            Err(RowFault::new("missing_column", message, help))
        }
    }
}

fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(LISTED).map(|name| shown(name)).collect();
    let more = if names.len() > LISTED { " …" } else { "" };
    shown.join(", ") + more
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

/// A record that runs to the end of the file because a quote in it is never closed. Such a row may have as many cells as it
/// should, and has swallowed all others.
fn open_quote(file: &str, text: &str, reader: &Reader<&[u8]>, record: &StringRecord) -> Option<RowFault> {
    let start = record.position()?;
    let lines = lines_since(reader, start.line());
    let is_last = lines > 1 && reader.position().byte() >= text.len().try_into().unwrap_or(u64::MAX);
    if !is_last {
        return None;
    }
    let raw = text.get(usize::try_from(start.byte()).ok()?..)?;
    let is_open = raw.matches('"').count() % 2 == 1;
    is_open.then(|| runs_on(file, start.line(), lines, "a quote in it is never closed"))
}

/// How many lines the record that has just been read takes.
fn lines_since(reader: &Reader<&[u8]>, start: u64) -> u64 {
    reader.position().line().saturating_sub(start)
}

fn runs_on(file: &str, line: u64, lines: u64, why: &str) -> RowFault {
    let message = format!("the row that begins here runs over {lines} lines: {why}");
    let help = "look for a quote that opens a cell and is not closed; a quote inside a quoted cell is written twice";
    let fault = RowFault::new("broken_row", message, help);
    RowFault { file: file.to_string(), line: Some(line), ..fault }
}

fn broken(file: &str, text: &str, reader: &Reader<&[u8]>, error: &::csv::Error) -> RowFault {
    let ErrorKind::UnequalLengths { pos, expected_len, len } = error.kind() else {
        let fault = RowFault::new("broken_row", error.to_string(), "export the file again");
        return RowFault { file: file.to_string(), line: Some(reader.position().line()), ..fault };
    };
    let line = pos.as_ref().map_or(1, Position::line);
    let message = format!("this row has {len} cells, the header {expected_len}");
    let lines = lines_since(reader, line);
    let ends_with_file = reader.position().byte() >= text.len().try_into().unwrap_or(u64::MAX);
    if lines > 1 && ends_with_file {
        return runs_on(file, line, lines, &message);
    }
    let help = "look for a separator or a quote too many, or leave such rows out with `--on-bad-row skip`";
    let fault = RowFault::new("broken_row", message, help);
    RowFault { file: file.to_string(), line: Some(line), ..fault }
}
