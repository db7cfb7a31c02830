//! Separated values.

use std::iter::Peekable;
use std::ops::Range;
use std::str::Bytes;

use ::csv::{ErrorKind, Position, Reader, ReaderBuilder, StringRecord};

use super::build::Builder;
use super::{Cells, Place, Row, RowFault, table};

const LINE_ENDS: [char; 2] = ['\r', '\n'];
const SEPARATORS: [char; 4] = [',', ';', '\t', '|'];

/// Hands the rows of a file to `builder`.
pub(super) fn rows(
    file: &str,
    text: &str,
    separator: Option<char>,
    columns: &[&str],
    builder: &mut Builder<'_>,
) -> Result<(), RowFault> {
    let (said, text) = excel_separator(text).map_or((None, text), |(said, rest)| (Some(said), rest));
    let used = separator.or(said).unwrap_or_else(|| detect(text));
    let delimiter = u8::try_from(used).unwrap_or(b',');
    let mut reader = ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let mut extents = Extents::new(text, u64::from(said.is_some()));
    let header = reader.headers().cloned();
    let extent = extents.next(&Position::new(), &reader);
    if let Some(fault) = broken_quotes(&extent, delimiter) {
        return Err(fault.at(file, extent.place()));
    }
    let header = header.map_err(|error| broken(&extent, &error).at(file, extent.place()))?;
    let names = header.clone();
    let places = places(&header, columns, separator).map_err(|fault| match fault.code {
        "empty_log" => fault.of(file),
        _ => fault.at(file, extent.place()),
    })?;
    let mut record = StringRecord::new();
    loop {
        let from = reader.position().clone();
        let read = reader.read_record(&mut record);
        if matches!(read, Ok(false)) {
            return Ok(());
        }
        let extent = extents.next(&from, &reader);
        let unequal = |error: ::csv::Error| extents.mixed(broken(&extent, &error));
        let quotes = broken_quotes(&extent, delimiter).map(|fault| quoted_column(fault, &extent, delimiter, &names));
        match quotes.or_else(|| read.err().map(unequal)) {
            Some(fault) => builder.bad(RowFault { lines: extent.lines, ..fault.at(file, extent.place()) })?,
            None => {
                let cells = Cells::Record(&record, &places);
                let Extent { lines, text, .. } = extent;
                builder.reach(usize::try_from(reader.position().byte()).unwrap_or(usize::MAX), extents.text.len());
                builder.row(&Row { place: extent.place(), lines, text, cells, is_bare: false })?;
            }
        }
    }
}

/// The separator that Excel writes on a line of its own, `sep=;`, and the text after that line.
fn excel_separator(text: &str) -> Option<(char, &str)> {
    let (line, rest) = text.split_once('\n')?;
    let line = line.trim_end_matches('\r');
    let line = line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).unwrap_or(line);
    let (word, said) = line.split_at_checked("sep=".len())?;
    let mut letters = said.chars();
    let separator = letters.next().filter(|letter| letter.is_ascii() && letters.next().is_none())?;
    word.eq_ignore_ascii_case("sep=").then_some((separator, rest))
}

/// The fault in the column whose quote is broken.
fn quoted_column(fault: RowFault, extent: &Extent<'_>, delimiter: u8, names: &StringRecord) -> RowFault {
    let at = match quotes(extent.text, delimiter) {
        Quotes::Closed => return fault,
        Quotes::Open(at) | Quotes::Amid(at) => at,
    };
    match names.get(at) {
        Some(name) => fault.in_column(name.trim()),
        None => fault,
    }
}

/// What a record takes of the file.
struct Extent<'t> {
    /// The line on which it begins, from one.
    line: u64,
    /// How many lines it takes.
    lines: u64,
    text: &'t str,
    /// Whether the file ends with it.
    is_last: bool,
}

impl Extent<'_> {
    fn place(&self) -> Place {
        Place::Line(self.line)
    }
}

/// Where records stand. The reader's own count begins before the blank lines that it skips, and before the second letter of a
/// line end of Windows; line ends of old Macs, a carriage return alone, it does not count.
struct Extents<'t> {
    text: &'t str,
    /// Lines of the file before the text.
    skipped: u64,
    /// Whether there are line ends of old Macs, and others besides.
    has_old: bool,
    has_new: bool,
    /// Line ends of old Macs up to the latest record.
    old_ends: u64,
}

impl<'t> Extents<'t> {
    fn new(text: &'t str, skipped: u64) -> Extents<'t> {
        let has_old = old_ends(text, 0..text.len()) != 0;
        Extents { text, skipped, has_old, has_new: text.contains('\n'), old_ends: 0 }
    }

    /// What the record takes that `reader` has just read, from its position `from` on.
    fn next(&mut self, from: &Position, reader: &Reader<&[u8]>) -> Extent<'t> {
        let place = |position: &Position| usize::try_from(position.byte()).unwrap_or(usize::MAX);
        let (start, end) = (place(from), place(reader.position()));
        let taken = self.text.get(start..end).unwrap_or_default();
        let record = taken.trim_start_matches(LINE_ENDS);
        let before = taken.get(..taken.len() - record.len()).unwrap_or_default();
        let text = record.trim_end_matches(LINE_ENDS);
        let mut line = from.line() + count(before, b'\n') + self.skipped;
        let mut lines = count(text, b'\n') + 1;
        if self.has_old {
            let begins = start + before.len();
            line += self.old_ends + old_ends(self.text, start..begins);
            lines += old_ends(self.text, begins..begins + text.len());
            self.old_ends += old_ends(self.text, start..end);
        }
        Extent { line, lines, text, is_last: self.text.len() <= end }
    }

    /// A row of too few or too many cells, in a file whose lines end in several ways: one of them may have cut it.
    fn mixed(&self, fault: RowFault) -> RowFault {
        if !(self.has_old && self.has_new) {
            return fault;
        }
        let help = "this file has line ends of several kinds, a carriage return alone among them, which may have cut the \
                    row in two: write one kind throughout";
        RowFault { help: help.to_string(), ..fault }
    }
}

/// How many carriage returns there are in a range of a text that no line feed follows.
fn old_ends(text: &str, range: Range<usize>) -> u64 {
    let bytes = text.as_bytes();
    let is_old = |at: &usize| bytes.get(*at) == Some(&b'\r') && bytes.get(at + 1) != Some(&b'\n');
    u64::try_from(range.filter(is_old).count()).unwrap_or(u64::MAX)
}

fn count(text: &str, letter: u8) -> u64 {
    let found = text.bytes().filter(|byte| *byte == letter).count();
    u64::try_from(found).unwrap_or(u64::MAX)
}

/// The places of the columns asked for; a fault lacks its place in the file.
fn places(header: &StringRecord, columns: &[&str], separator: Option<char>) -> Result<Vec<usize>, RowFault> {
    let names: Vec<&str> = header.iter().map(str::trim).collect();
    if names.iter().all(|name| name.is_empty()) {
        let help = "export it again; a CSV begins with the names of its columns";
        return Err(RowFault::new("empty_log", "this file is empty".to_string(), help));
    }
    table::places(&names, columns, || other_kind(&names, separator))
}

/// Why no column may be found: the file is not what the source says.
fn other_kind(names: &[&str], separator: Option<char>) -> Option<String> {
    if names.first().is_some_and(|name| name.starts_with('{')) {
        return Some("this looks like JSON lines: say `format jsonl` in the source; ".to_string());
    }
    let other = |name: &&str| SEPARATORS.into_iter().find(|other| Some(*other) != separator && name.contains(*other));
    let ([only], Some(said)) = (names, separator) else { return None };
    let other = other(only)?;
    Some(format!("the source says `separator \"{said}\"`, the file seems to have `{other}`; "))
}

/// The separator that the first lines agree on, quotes respected; a comma where none does.
pub(super) fn detect(text: &str) -> char {
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

/// A record with a quote that is never closed has swallowed all rows after it, or the file was cut short; one whose quote is
/// closed by that of another row has swallowed the rows between. Either may have as many cells as it should.
fn broken_quotes(extent: &Extent<'_>, delimiter: u8) -> Option<RowFault> {
    if !extent.is_last && extent.lines == 1 {
        return None;
    }
    let why = match quotes(extent.text, delimiter) {
        Quotes::Closed => return None,
        Quotes::Open(_) => "a quote in it is never closed",
        Quotes::Amid(_) if extent.lines == 1 => return None,
        Quotes::Amid(_) => "a quote in it is closed in the middle of a cell",
    };
    Some(RowFault::new("broken_row", runs_on(extent, why), QUOTE_HELP))
}

/// How the quoted cells of a record end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quotes {
    /// Each before a separator, or at the end of the record.
    Closed,
    /// The last does not; the place of its cell.
    Open(usize),
    /// More letters follow one; the place of its cell.
    Amid(usize),
}

fn quotes(text: &str, delimiter: u8) -> Quotes {
    let mut bytes = text.bytes().peekable();
    let mut begins_cell = true;
    let mut cell = 0;
    while let Some(byte) = bytes.next() {
        if byte == b'"' && begins_cell {
            if !skip_quoted(&mut bytes) {
                return Quotes::Open(cell);
            }
            if bytes.peek().is_some_and(|next| *next != delimiter) {
                return Quotes::Amid(cell);
            }
        }
        begins_cell = byte == delimiter;
        cell += usize::from(begins_cell);
    }
    Quotes::Closed
}

/// Goes past the quote that closes a cell; a doubled one does not. Whether there is one.
fn skip_quoted(bytes: &mut Peekable<Bytes<'_>>) -> bool {
    while let Some(byte) = bytes.next() {
        if byte == b'"' && bytes.next_if_eq(&b'"').is_none() {
            return true;
        }
    }
    false
}

const QUOTE_HELP: &str =
    "look for a quote that opens a cell and is not closed; a quote inside a quoted cell is written twice";

fn runs_on(extent: &Extent<'_>, why: &str) -> String {
    match extent.lines {
        1 => format!("this row is broken: {why}"),
        lines => format!("the row that begins here runs over {lines} lines: {why}"),
    }
}

fn broken(extent: &Extent<'_>, error: &::csv::Error) -> RowFault {
    let ErrorKind::UnequalLengths { expected_len, len, .. } = error.kind() else {
        return RowFault::new("broken_row", error.to_string(), "export the file again");
    };
    let message = format!("this row has {len} cells, the header {expected_len}");
    if extent.lines > 1 {
        return RowFault::new("broken_row", runs_on(extent, &message), QUOTE_HELP);
    }
    let help = "look for a separator or a quote too many, or leave such rows out with `--on-bad-row skip`";
    RowFault::new("broken_row", message, help)
}
