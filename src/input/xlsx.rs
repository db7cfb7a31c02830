//! Excel workbooks: the first sheet, whose first row that is not empty has the names of the columns.

use std::io::Cursor;

use calamine::{Data, DataType, ExcelDateTime, Range, Reader, Xlsx, XlsxError};

use super::build::Builder;
use super::row::{Cell, Cells, Moment};
use super::serial::{self, Epoch};
use super::{Input, Place, Row, RowFault, table};

/// A sheet: what its cells hold, and their formulas.
struct Sheet {
    name: String,
    /// The names of the sheets after it.
    others: Vec<String>,
    values: Range<Data>,
    formulas: Range<String>,
    epoch: Epoch,
}

/// Hands the rows of a workbook to `builder`.
pub(super) fn rows(input: &Input<'_>, columns: &[&str], builder: &mut Builder<'_>) -> Result<(), RowFault> {
    let sheet = open(input.bytes).map_err(|error| unreadable(&error).of(input.name))?;
    let (top, left) = sheet.values.start().unwrap_or_default();
    let mut rows = sheet.values.rows().zip(top..).filter(|(row, _)| !row.iter().all(Data::is_empty));
    let Some((header, header_row)) = rows.next() else {
        let message = format!("the sheet `{}` is empty", sheet.name);
        return Err(RowFault::new("empty_log", message, sheet.way_out()).of(input.name));
    };
    let names: Vec<String> = header.iter().map(|cell| text(cell, sheet.epoch).trim().to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let places = table::places(&names, columns, || (!sheet.others.is_empty()).then(|| sheet.way_out() + "; "))
        .map_err(|fault| fault.at(input.name, row_of(header_row)))?;
    for (row, number) in rows {
        let place = row_of(number);
        builder.reach(usize::try_from(number - top).unwrap_or(usize::MAX), sheet.values.height());
        let read: Result<Vec<Option<Cell<'_>>>, RowFault> = places
            .iter()
            .zip(columns)
            .map(|(place, column)| {
                let at = (number, left + u32::try_from(*place).unwrap_or(u32::MAX));
                sheet.cell(row.get(*place), at).map_err(|fault| fault.in_column(column))
            })
            .collect();
        match read {
            Ok(cells) => {
                let texts: Vec<String> = row.iter().map(|cell| text(cell, sheet.epoch)).collect();
                let (text, cells) = (texts.join("\u{1f}"), Cells::Values(&cells));
                builder.row(&Row { place, lines: 1, text: &text, cells, is_bare: false })?;
            }
            Err(fault) => builder.bad(fault.at(input.name, place))?,
        }
    }
    Ok(())
}

/// The names of the columns, and the cells of every row as texts.
pub(super) fn texts(input: &Input<'_>) -> Result<(Vec<String>, Vec<Vec<String>>), RowFault> {
    let sheet = open(input.bytes).map_err(|error| unreadable(&error).of(input.name))?;
    let texts = |row: &[Data]| row.iter().map(|cell| text(cell, sheet.epoch).trim().to_string()).collect();
    let mut rows = sheet.values.rows().filter(|row| !row.iter().all(Data::is_empty)).map(texts);
    Ok((rows.next().unwrap_or_default(), rows.collect()))
}

/// The row as the workbook counts it.
fn row_of(number: u32) -> Place {
    Place::Row(u64::from(number) + 1)
}

fn open(bytes: &[u8]) -> Result<Sheet, XlsxError> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes))?;
    let mut names = book.sheet_names().into_iter();
    let name = names.next().unwrap_or_default();
    let epoch = if book.has_1904_epoch() { Epoch::Of1904 } else { Epoch::Of1900 };
    let (values, formulas) = (book.worksheet_range(&name)?, book.worksheet_formula(&name)?);
    Ok(Sheet { name, others: names.collect(), values, formulas, epoch })
}

impl Sheet {
    /// A cell at its place in the sheet; none where it is empty.
    fn cell(&self, cell: Option<&Data>, at: (u32, u32)) -> Result<Option<Cell<'_>>, RowFault> {
        let cell = cell.unwrap_or(&Data::Empty);
        match cell {
            Data::Empty => match self.formulas.get_value(at).filter(|formula| !formula.is_empty()) {
                Some(formula) => Err(without_value(&format!("the formula `={}` has no value", super::shown(formula)))),
                None => Ok(None),
            },
            Data::Error(error) => Err(without_value(&format!("this cell shows `{error}`"))),
            _ => Ok(Some(Cell { text: text(cell, self.epoch).into(), moment: moment(cell, self.epoch) })),
        }
    }

    fn way_out(&self) -> String {
        let name = &self.name;
        match self.others.is_empty() {
            true => format!("the workbook has one sheet, `{name}`: export it again"),
            false => {
                let others = self.others.join("`, `");
                format!("the first sheet, `{name}`, is read: if the rows are on `{others}`, move that to the front")
            }
        }
    }
}

fn without_value(message: &str) -> RowFault {
    let help = "open the workbook in Excel and save it, so that its formulas are worked out, or leave such rows out with \
                `--on-bad-row skip`";
    RowFault::new("cell_without_value", message.to_string(), help)
}

fn moment(cell: &Data, epoch: Epoch) -> Option<Moment> {
    match cell {
        Data::DateTime(date) if date.is_datetime() => serial::wall(&date.as_f64().to_string(), epoch).map(Moment::Wall),
        Data::Float(number) => serial::wall(&number.to_string(), epoch).map(Moment::Number),
        Data::Int(number) => serial::wall(&number.to_string(), epoch).map(Moment::Number),
        Data::DateTimeIso(text) => text.parse().ok().map(Moment::Wall),
        _ => None,
    }
}

/// A cell as text: numbers in full, dates as `2025-03-07 17:50:00`, or `2025-03-07` at midnight.
fn text(cell: &Data, epoch: Epoch) -> String {
    match cell {
        Data::DateTime(date) => date_text(date, epoch),
        Data::Bool(value) => value.to_string(),
        Data::Float(number) => number.to_string(),
        other => other.as_string().unwrap_or_else(|| other.to_string()),
    }
}

fn date_text(date: &ExcelDateTime, epoch: Epoch) -> String {
    let number = date.as_f64().to_string();
    let wall = if date.is_datetime() { serial::wall(&number, epoch) } else { None };
    wall.map_or(number, serial::words)
}

fn unreadable(error: &XlsxError) -> RowFault {
    let help = "open it in Excel and save it again as `.xlsx` without a password, or export it as CSV";
    RowFault::new("broken_document", format!("this workbook cannot be read: {error}"), help)
}
