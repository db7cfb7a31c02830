//! Parquet: columns with types. Columns inside of groups are named with dots.

use ::parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::{Field, Row as Record};
use ::parquet::schema::types::Type;
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use crate::time::Instant;

use super::build::Builder;
use super::row::{Cell, Cells, Moment};
use super::{Input, Place, Row, RowFault, serial, table};

/// How a column of timestamps counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Clock {
    /// It counts from an instant; else it is what a wall clock showed.
    is_instant: bool,
    /// How many of its units a millisecond has, where the file's reader does not tell.
    per_milli: i64,
}

/// A column that holds values and no others.
struct Leaf {
    name: String,
    clock: Option<Clock>,
}

/// Hands the rows of a file to `builder`.
pub(super) fn rows(input: &Input<'_>, columns: &[&str], builder: &mut Builder<'_>) -> Result<(), RowFault> {
    let wrong = |error: ParquetError| unreadable(&error).of(input.name);
    let file = SerializedFileReader::new(Bytes::copy_from_slice(input.bytes)).map_err(wrong)?;
    let schema = file.metadata().file_metadata().schema_descr();
    if let Some(interval) = schema.columns().iter().find(|column| column.converted_type() == ConvertedType::INTERVAL) {
        let message = "this column holds intervals, and no source reads such".to_string();
        let fault = RowFault::new("broken_document", message, "export the file without it");
        return Err(fault.of(input.name).in_column(&interval.path().string()));
    }
    let mut leaves = Vec::new();
    schema.root_schema().get_fields().iter().for_each(|field| collect("", field, &mut leaves));
    let names: Vec<&str> = leaves.iter().map(|leaf| leaf.name.as_str()).collect();
    let places = table::places(&names, columns, || None).map_err(|fault| fault.of(input.name))?;
    let count = usize::try_from(file.metadata().file_metadata().num_rows()).unwrap_or(usize::MAX);
    for (record, number) in file.get_row_iter(None).map_err(wrong)?.zip(1_u64..) {
        let record = record.map_err(wrong)?;
        builder.reach(usize::try_from(number).unwrap_or(usize::MAX).min(count), count);
        let mut cells = Vec::with_capacity(leaves.len());
        values(&record, &leaves, &mut cells);
        let texts: Vec<&str> = cells.iter().map(|cell| cell.as_ref().map_or("", |cell| &*cell.text)).collect();
        let text = texts.join("\u{1f}");
        let wanted: Vec<Option<Cell<'_>>> = places.iter().map(|place| cells.get(*place).cloned().flatten()).collect();
        let cells = Cells::Values(&wanted);
        builder.row(&Row { place: Place::Row(number), lines: 1, text: &text, cells, is_bare: false })?;
    }
    Ok(())
}

/// The names of the columns, and the cells of every row as texts.
pub(super) fn texts(input: &Input<'_>) -> Result<(Vec<String>, Vec<Vec<String>>), RowFault> {
    let wrong = |error: ParquetError| unreadable(&error).of(input.name);
    let file = SerializedFileReader::new(Bytes::copy_from_slice(input.bytes)).map_err(wrong)?;
    let mut leaves = Vec::new();
    let schema = file.metadata().file_metadata().schema_descr();
    schema.root_schema().get_fields().iter().for_each(|field| collect("", field, &mut leaves));
    let mut rows = Vec::new();
    for record in file.get_row_iter(None).map_err(wrong)? {
        let record = record.map_err(wrong)?;
        let mut cells = Vec::with_capacity(leaves.len());
        values(&record, &leaves, &mut cells);
        rows.push(cells.iter().map(|cell| cell.as_ref().map_or("", |cell| &*cell.text).trim().to_string()).collect());
    }
    Ok((leaves.into_iter().map(|leaf| leaf.name).collect(), rows))
}

/// The columns of a schema in the order in which a record has them; what is inside of a list stays in it.
fn collect(path: &str, field: &Type, leaves: &mut Vec<Leaf>) {
    let name = if path.is_empty() { field.name().to_string() } else { format!("{path}.{}", field.name()) };
    let is_plain_group = field.is_group() && field.get_basic_info().converted_type() == ConvertedType::NONE;
    let repeats = field.get_basic_info().has_repetition()
        && field.get_basic_info().repetition() == ::parquet::basic::Repetition::REPEATED;
    if is_plain_group && !repeats {
        field.get_fields().iter().for_each(|inner| collect(&name, inner, leaves));
    } else {
        leaves.push(Leaf { name, clock: if field.is_primitive() { clock(field) } else { None } });
    }
}

fn clock(field: &Type) -> Option<Clock> {
    let info = field.get_basic_info();
    match (info.logical_type_ref(), info.converted_type(), field.get_physical_type()) {
        (Some(LogicalType::Timestamp(stamp)), _, _) => {
            let per_milli = if stamp.unit == TimeUnit::NANOS { 1_000_000 } else { 1 };
            Some(Clock { is_instant: stamp.is_adjusted_to_u_t_c, per_milli })
        }
        (_, ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS, _) | (_, _, Physical::INT96) => {
            Some(Clock { is_instant: true, per_milli: 1 })
        }
        _ => None,
    }
}

/// The cells of a record, those of its groups one after the other.
fn values<'r>(record: &'r Record, leaves: &[Leaf], cells: &mut Vec<Option<Cell<'r>>>) {
    for (name, field) in record.get_column_iter() {
        group(name, field, leaves, cells);
    }
}

/// Adds the cells of a field. A group that is missing leaves all of its columns empty.
fn group<'r>(path: &str, field: &'r Field, leaves: &[Leaf], cells: &mut Vec<Option<Cell<'r>>>) {
    let Some(leaf) = leaves.get(cells.len()) else { return };
    match field {
        Field::Group(inner) if leaf.name != path => {
            for (name, field) in inner.get_column_iter() {
                group(&format!("{path}.{name}"), field, leaves, cells);
            }
        }
        Field::Null if leaf.name != path => {
            let inside = format!("{path}.");
            let missing = leaves.iter().skip(cells.len()).take_while(|leaf| leaf.name.starts_with(&inside)).count();
            cells.resize_with(cells.len() + missing, || None);
        }
        _ => cells.push(cell(field, leaf.clock)),
    }
}

fn cell(field: &Field, clock: Option<Clock>) -> Option<Cell<'_>> {
    let millis = match field {
        Field::Null => return None,
        Field::Str(text) => return Some(Cell::text(text.as_str())),
        Field::Bytes(bytes) => return Some(Cell::text(String::from_utf8_lossy(bytes.data()))),
        Field::Float(number) => return Some(Cell::text(number.to_string())),
        Field::Double(number) => return Some(Cell::text(number.to_string())),
        Field::Date(days) => return Some(day(*days)),
        Field::TimestampMillis(millis) => Some(*millis),
        Field::TimestampMicros(micros) => Some(micros.div_euclid(1_000)),
        Field::Long(count) => clock.map(|clock| count.div_euclid(clock.per_milli)),
        _ => None,
    };
    Some(match (millis, clock) {
        (Some(millis), Some(clock)) => stamp(millis, clock),
        _ => Cell::text(field.to_string()),
    })
}

fn day(days: i32) -> Cell<'static> {
    let date =
        NaiveDate::from_ymd_opt(1970, 1, 1).and_then(|first| first.checked_add_signed(TimeDelta::days(days.into())));
    let wall = date.map(|date| date.and_time(NaiveTime::MIN));
    Cell { text: wall.map_or_else(|| days.to_string(), serial::words).into(), moment: wall.map(Moment::Wall) }
}

fn stamp(millis: i64, clock: Clock) -> Cell<'static> {
    let wall: Option<NaiveDateTime> = DateTime::from_timestamp_millis(millis).map(|at| at.naive_utc());
    let at = Instant(millis);
    match (wall, clock.is_instant) {
        (Some(wall), false) => Cell { text: serial::words(wall).into(), moment: Some(Moment::Wall(wall)) },
        _ => Cell { text: at.to_string().into(), moment: Some(Moment::At(at)) },
    }
}

fn unreadable(error: &ParquetError) -> RowFault {
    let help = "copy or export the file again";
    RowFault::new("broken_document", format!("this Parquet file cannot be read: {error}"), help)
}
