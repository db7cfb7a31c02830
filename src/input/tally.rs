//! Which values the columns of an export have, and what the source makes of them.

use std::collections::BTreeMap;

use crate::plan::source::OtherValue;

use super::meaning::{CellTest, Reading, Rows};
use super::row::Row;

/// So many values of a column are told apart, and one more stands for the rest.
const MOST: usize = 1_000;

/// What a source makes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Made {
    /// It is mapped by name.
    Mapped,
    /// It is mapped by name to nothing.
    Ignored,
    /// It is what it says.
    Kept,
    /// `otherwise` says what it is.
    Otherwise,
    /// It is a missing value.
    Missing,
    /// Nothing says what it is: its rows are refused.
    Unmapped,
}

/// The values of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// What the column is for: `event`, `field priority`.
    pub role: String,
    /// The column.
    pub column: String,
    /// Each value with what is made of it and how often it came; the empty text is an empty or absent cell.
    pub counts: BTreeMap<(Made, String), u64>,
    /// Rows with values beyond those that are told apart.
    pub more: u64,
}

/// A column whose values are counted.
struct Counted<'a> {
    place: usize,
    when: &'a [CellTest<'a>],
    listed: Vec<(&'a str, Made)>,
    /// What a value that is not listed is.
    other: Made,
    values: Values,
}

pub(super) struct Tally<'a> {
    missing: &'a [String],
    columns: Vec<Counted<'a>>,
}

impl<'a> Tally<'a> {
    pub fn new(reading: &'a Reading<'a>) -> Tally<'a> {
        let mut columns = Vec::new();
        if let Rows::History(history) = &reading.rows {
            for (told, place) in history.told.iter().zip(2..) {
                let (listed, other) = (told.listed(), told.other());
                let values = Values::new("event".to_string(), reading.columns.get(place).copied());
                columns.push(Counted { place, when: &told.when, listed, other, values });
            }
        }
        for ((field, place), declared) in reading.fields.iter().zip(reading.fields_from..).zip(&reading.source.fields) {
            let listed = declared.values.iter().map(|(value, meaning)| {
                let made = if *meaning == OtherValue::Ignored { Made::Ignored } else { Made::Mapped };
                (value.as_str(), made)
            });
            let listed = listed.collect();
            let other = if declared.values.is_empty() && declared.otherwise.is_none() {
                Made::Kept
            } else {
                declared.otherwise.as_ref().map_or(Made::Unmapped, |_| Made::Otherwise)
            };
            let values = Values::new(format!("field {}", declared.field), Some(&declared.column));
            columns.push(Counted { place, when: &field.when, listed, other, values });
        }
        Tally { missing: &reading.source.missing, columns }
    }

    pub fn take(&mut self, reading: &Reading<'_>, row: &Row<'_>) {
        for counted in self.columns.iter_mut().filter(|counted| reading.holds(row, counted.when)) {
            let cell = row.cell(counted.place).unwrap_or_default().trim();
            let made = if cell.is_empty() || self.missing.iter().any(|missing| missing == cell) {
                Made::Missing
            } else {
                let listed = counted.listed.iter().find(|(value, _)| *value == cell);
                listed.map_or(counted.other, |(_, made)| *made)
            };
            counted.values.add(made, cell);
        }
    }

    pub fn finish(self) -> Vec<Values> {
        self.columns.into_iter().map(|counted| counted.values).collect()
    }
}

impl Values {
    fn new(role: String, column: Option<&str>) -> Values {
        Values { role, column: column.unwrap_or_default().to_string(), counts: BTreeMap::new(), more: 0 }
    }

    fn add(&mut self, made: Made, cell: &str) {
        let is_full = MOST <= self.counts.len();
        match self.counts.get_mut(&(made, cell.to_string())) {
            Some(count) => *count += 1,
            None if is_full => self.more += 1,
            None => {
                self.counts.insert((made, cell.to_string()), 1);
            }
        }
    }

    /// The values of one kind with their counts, the most frequent first.
    pub fn of(&self, made: Made) -> Vec<(&str, u64)> {
        let of_kind = self.counts.iter().filter(|((known, _), _)| *known == made);
        let mut found: Vec<(&str, u64)> = of_kind.map(|((_, value), count)| (value.as_str(), *count)).collect();
        found.sort_by_key(|(value, count)| (std::cmp::Reverse(*count), *value));
        found
    }
}
