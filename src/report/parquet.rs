//! Rows as Parquet, with exact types: no figure is a binary fraction. The same rows are the same bytes.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta};
use num_traits::ToPrimitive;
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};
use serde_json::Value;

use crate::money::{self, Fraction};

use super::rows::{Column, Kind, Rows};

/// Digits after the point of an amount: as many as any currency has.
const SCALE: i32 = 4;
const PRECISION: i32 = 38;
/// The bytes of a decimal of that many digits.
const DECIMAL_BYTES: i32 = 16;

impl Rows {
    /// As Parquet: instants as milliseconds in UTC, amounts as decimals, lists as lists.
    ///
    /// # Errors
    /// When an amount has more digits than the column.
    pub fn parquet(&self) -> Result<Vec<u8>, ParquetError> {
        let fields: Result<Vec<TypePtr>, ParquetError> =
            self.columns.iter().map(|column| field(column).map(Arc::new)).collect();
        let schema = Type::group_type_builder("rows").with_fields(fields?).build()?;
        let properties = WriterProperties::builder()
            .set_created_by("klausel".to_string())
            .set_compression(Compression::SNAPPY)
            .build();
        let mut bytes = Vec::new();
        let mut writer = SerializedFileWriter::new(&mut bytes, Arc::new(schema), Arc::new(properties))?;
        let mut group = writer.next_row_group()?;
        let mut columns = self.columns.iter().enumerate();
        while let (Some(mut column), Some((place, (name, kind)))) = (group.next_column()?, columns.next()) {
            let values = self.rows.iter().map(|row| row.get(place).unwrap_or(&Value::Null));
            write(&mut column, name, *kind, values)?;
            column.close()?;
        }
        group.close()?;
        writer.close()?;
        Ok(bytes)
    }
}

fn field((name, kind): &Column) -> Result<Type, ParquetError> {
    let primitive = |physical: Physical, logical: Option<LogicalType>| {
        Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL).with_logical_type(logical)
    };
    match kind {
        Kind::Text => primitive(Physical::BYTE_ARRAY, Some(LogicalType::String)).build(),
        Kind::Whole => primitive(Physical::INT64, None).build(),
        Kind::Instant => primitive(Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))).build(),
        Kind::Date => primitive(Physical::INT32, Some(LogicalType::Date)).build(),
        Kind::Amount => primitive(Physical::FIXED_LEN_BYTE_ARRAY, Some(LogicalType::decimal(SCALE, PRECISION)))
            .with_length(DECIMAL_BYTES)
            .with_precision(PRECISION)
            .with_scale(SCALE)
            .build(),
        Kind::Texts => list(name),
    }
}

/// A list that is there for every row and may be empty.
fn list(name: &str) -> Result<Type, ParquetError> {
    let element = Type::primitive_type_builder("element", Physical::BYTE_ARRAY)
        .with_repetition(Repetition::REQUIRED)
        .with_logical_type(Some(LogicalType::String))
        .build()?;
    let entries = Type::group_type_builder("list")
        .with_repetition(Repetition::REPEATED)
        .with_fields(vec![Arc::new(element)])
        .build()?;
    Type::group_type_builder(name)
        .with_repetition(Repetition::REQUIRED)
        .with_logical_type(Some(LogicalType::List))
        .with_fields(vec![Arc::new(entries)])
        .build()
}

fn write<'v>(
    column: &mut SerializedColumnWriter<'_>,
    name: &str,
    kind: Kind,
    values: impl Iterator<Item = &'v Value>,
) -> Result<(), ParquetError> {
    let misfit = |value: &Value| ParquetError::General(format!("`{value}` does not fit the column `{name}`"));
    if kind == Kind::Texts {
        return write_texts(column, values);
    }
    let values: Vec<&Value> = values.collect();
    let levels: Vec<i16> = values.iter().map(|value| i16::from(!value.is_null())).collect();
    let known = values.into_iter().filter(|value| !value.is_null());
    match kind {
        Kind::Text | Kind::Texts => {
            let texts: Vec<ByteArray> = known.map(text).collect();
            column.typed::<ByteArrayType>().write_batch(&texts, Some(&levels), None)?;
        }
        Kind::Whole => {
            let numbers: Result<Vec<i64>, _> = known.map(|value| value.as_i64().ok_or_else(|| misfit(value))).collect();
            column.typed::<Int64Type>().write_batch(&numbers?, Some(&levels), None)?;
        }
        Kind::Instant => {
            let instants: Result<Vec<i64>, _> = known.map(|value| millis(value).ok_or_else(|| misfit(value))).collect();
            column.typed::<Int64Type>().write_batch(&instants?, Some(&levels), None)?;
        }
        Kind::Date => {
            let dates: Result<Vec<i32>, _> = known.map(|value| days(value).ok_or_else(|| misfit(value))).collect();
            column.typed::<Int32Type>().write_batch(&dates?, Some(&levels), None)?;
        }
        Kind::Amount => {
            let amounts: Result<Vec<FixedLenByteArray>, _> =
                known.map(|value| decimal(value).ok_or_else(|| misfit(value))).collect();
            column.typed::<FixedLenByteArrayType>().write_batch(&amounts?, Some(&levels), None)?;
        }
    }
    Ok(())
}

/// Lists: an entry is the first of its row, or one more of it; an empty list is a row without an entry.
fn write_texts<'v>(
    column: &mut SerializedColumnWriter<'_>,
    values: impl Iterator<Item = &'v Value>,
) -> Result<(), ParquetError> {
    let (mut texts, mut definitions, mut repetitions) = (Vec::new(), Vec::new(), Vec::new());
    for value in values {
        let entries = value.as_array().map_or(&[] as &[Value], Vec::as_slice);
        texts.extend(entries.iter().map(text));
        definitions.extend(std::iter::repeat_n(1, entries.len()));
        repetitions.extend((0..entries.len()).map(|place| i16::from(place != 0)));
        if entries.is_empty() {
            definitions.push(0);
            repetitions.push(0);
        }
    }
    column.typed::<ByteArrayType>().write_batch(&texts, Some(&definitions), Some(&repetitions))?;
    Ok(())
}

fn text(value: &Value) -> ByteArray {
    ByteArray::from(value.as_str().map_or_else(|| value.to_string(), str::to_string).into_bytes())
}

fn millis(value: &Value) -> Option<i64> {
    DateTime::parse_from_rfc3339(value.as_str()?).ok().map(|at| at.timestamp_millis())
}

fn days(value: &Value) -> Option<i32> {
    let date: NaiveDate = value.as_str()?.parse().ok()?;
    let since: TimeDelta = date - NaiveDate::from_ymd_opt(1970, 1, 1)?;
    since.num_days().to_i32()
}

/// An amount as a whole number of its last digit, the highest byte first.
fn decimal(value: &Value) -> Option<FixedLenByteArray> {
    let units = money::decimal(value.as_str()?)? * Fraction::from_integer(10_i64.pow(SCALE.unsigned_abs()).into());
    let whole = units.is_integer().then(|| units.to_integer().to_i128()).flatten()?;
    let fits = whole.unsigned_abs() < 10_u128.pow(PRECISION.unsigned_abs());
    fits.then(|| FixedLenByteArray::from(whole.to_be_bytes().to_vec()))
}
