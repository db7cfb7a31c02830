//! What a column of an unknown file looks like: an instant, a few words, an id.

use std::collections::BTreeMap;

use crate::input::{self, Sample};

/// Texts that stand for a missing value.
const SENTINELS: [&str; 10] = ["?", "-100", "-", "--", "NULL", "null", "None", "N/A", "n/a", "#N/A"];

/// Instants that stand for a missing value begin so.
const SENTINEL_DATES: [&str; 3] = ["1900-01-01", "0000-00-00", "1970-01-01"];

/// How instants are written, the likelier first. RFC 3339 and its like need no form.
const FORMS: [Option<&str>; 22] = [
    None,
    Some("%d/%m/%Y %H:%M"),
    Some("%m/%d/%Y %H:%M"),
    Some("%d/%m/%Y %H:%M:%S"),
    Some("%m/%d/%Y %H:%M:%S"),
    Some("%d/%m/%Y %I:%M %p"),
    Some("%m/%d/%Y %I:%M %p"),
    Some("%d/%m/%Y %I:%M:%S %p"),
    Some("%m/%d/%Y %I:%M:%S %p"),
    Some("%d.%m.%Y %H:%M"),
    Some("%d.%m.%Y %H:%M:%S"),
    Some("%d-%m-%Y %H:%M"),
    Some("%m-%d-%Y %H:%M"),
    Some("%Y/%m/%d %H:%M:%S"),
    Some("%Y/%m/%d %H:%M"),
    Some("%d/%b/%y %I:%M %p"),
    Some("%d-%b-%Y %H:%M:%S"),
    Some("%Y-%m-%d"),
    Some("%d.%m.%Y"),
    Some("%d/%m/%Y"),
    Some("%m/%d/%Y"),
    Some("%d-%m-%Y"),
];

/// A column of a file.
#[derive(Debug)]
pub(super) struct Column<'s> {
    pub name: &'s str,
    /// Its place in a row.
    pub place: usize,
    /// Its values with their counts, missing ones left out.
    pub values: BTreeMap<&'s str, u64>,
    /// Texts for missing values, with their counts.
    pub sentinels: BTreeMap<&'s str, u64>,
    /// How its instants are written; none: it has none.
    pub form: Option<Form>,
}

/// How the instants of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    /// In strftime's letters; none: RFC 3339.
    pub form: Option<&'static str>,
    /// The texts say their offset.
    pub has_offset: bool,
    /// All of them fit this form as well, with day and month the other way round.
    pub other: Option<&'static str>,
}

/// The columns of a file.
pub(super) fn columns(sample: &Sample) -> Vec<Column<'_>> {
    let names = sample.columns.iter().enumerate();
    names.map(|(place, name)| column(sample, name, place)).collect()
}

fn column<'s>(sample: &'s Sample, name: &'s str, place: usize) -> Column<'s> {
    let (mut values, mut sentinels) = (BTreeMap::new(), BTreeMap::new());
    for cell in sample.rows.iter().filter_map(|row| row.get(place)).filter(|cell| !cell.is_empty()) {
        let is_date = SENTINEL_DATES.iter().any(|date| cell.starts_with(date));
        let counts = if is_date || SENTINELS.contains(&cell.as_str()) { &mut sentinels } else { &mut values };
        *counts.entry(cell.as_str()).or_default() += 1;
    }
    let form = form(&values);
    Column { name, place, values, sentinels, form }
}

fn form(values: &BTreeMap<&str, u64>) -> Option<Form> {
    let fits =
        |form: &Option<&str>| !values.is_empty() && values.keys().all(|cell| input::is_instant(*form, cell).is_some());
    let mut fitting = FORMS.iter().filter(|form| fits(form));
    let form = *fitting.next()?;
    let has_offset = values.keys().all(|cell| input::is_instant(form, cell) == Some(true));
    let other = fitting.next().copied().flatten().filter(|_| form.is_some());
    Some(Form { form, has_offset, other })
}

impl Column<'_> {
    /// The name in small letters, parts joined by one blank.
    pub fn words(&self) -> String {
        words(self.name)
    }

    /// Whether each row has a value of its own.
    pub fn is_unique(&self) -> bool {
        !self.values.is_empty() && self.values.values().all(|count| *count == 1)
    }

    /// How many cells have a value.
    pub fn filled(&self) -> u64 {
        self.values.values().sum()
    }
}

/// A text in small letters, its parts joined by one blank.
pub(super) fn words(text: &str) -> String {
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}
