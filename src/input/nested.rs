//! Rows that lie in lists of a JSON value. With `rows from "histories[].items[]"` every entry of `items` is a row. A column that
//! begins with such a list is read of the entry that the row is of, so that the columns of outer levels stay in reach.

use std::borrow::Cow;
use std::fmt::Write;

use serde_json::Value;

/// How many columns of a value are looked up for a message.
const MOST_PATHS: usize = 200;

/// The lists that rows lie in, from the outermost in: `a.b[].c[]` gives `a.b[]` and `a.b[].c[]`.
pub(super) struct Lists<'a>(Vec<&'a str>);

/// A row: the entries of the lists it lies in, from the outermost in, and the way to it.
pub(super) struct Found<'v> {
    entries: Vec<&'v Value>,
    pub path: String,
    /// The list that its columns would come from has no entry.
    pub is_bare: bool,
}

impl<'v> Found<'v> {
    /// In how many lists it lies.
    pub fn depth(&self) -> usize {
        self.entries.len()
    }

    /// The entry of the outermost list; none where it lies in none.
    pub fn outermost(&self) -> Option<&'v Value> {
        self.entries.first().copied()
    }

    /// The row of an entry of a list in this one.
    fn within(&self, key: &str, place: usize, entry: &'v Value) -> Found<'v> {
        let mut path = self.path.clone();
        let point = if path.is_empty() { "" } else { "." };
        // Writing to a text cannot fail.
        let _written = write!(path, "{point}{key}[{place}]");
        Found { entries: [self.entries.as_slice(), &[entry]].concat(), path, is_bare: false }
    }
}

impl<'a> Lists<'a> {
    pub fn new(rows_from: Option<&'a str>) -> Lists<'a> {
        let path = rows_from.unwrap_or_default();
        let ends = path.match_indices("[]").map(|(at, brackets)| at + brackets.len());
        Lists(ends.filter_map(|end| path.get(..end)).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In how many of the lists a column lies.
    pub fn depth(&self, column: &str) -> usize {
        self.0.iter().take_while(|list| inside(column, list).is_some()).count()
    }

    /// The rows of a value. One without lists is one row. An entry whose list is empty or missing is a bare row.
    pub fn rows<'v>(&self, value: &'v Value) -> Vec<Found<'v>> {
        let mut rows = vec![Found { entries: Vec::new(), path: String::new(), is_bare: false }];
        for depth in 0..self.0.len() {
            rows = rows.into_iter().flat_map(|row| self.entries(value, depth, row)).collect();
        }
        rows
    }

    /// The rows that a row of this depth becomes.
    fn entries<'v>(&self, value: &'v Value, depth: usize, row: Found<'v>) -> Vec<Found<'v>> {
        let Some(list) = self.0.get(depth).filter(|_| !row.is_bare) else { return vec![row] };
        let outer = depth.checked_sub(1).and_then(|outer| self.0.get(outer));
        let key = list.strip_suffix("[]").unwrap_or(list);
        let key = outer.and_then(|outer| inside(key, outer)).unwrap_or(key);
        let found = at_path(row.entries.last().copied().unwrap_or(value), key).and_then(Value::as_array);
        match found.filter(|entries| !entries.is_empty()) {
            Some(entries) => entries.iter().enumerate().map(|(place, entry)| row.within(key, place, entry)).collect(),
            None => vec![Found { is_bare: true, ..row }],
        }
    }

    /// The value of a column in a row: of the innermost list that it begins with, else of the whole value.
    pub fn cell<'v>(&self, value: &'v Value, row: &Found<'v>, column: &str) -> Option<&'v Value> {
        let depth = self.depth(column);
        let Some(innermost) = depth.checked_sub(1) else { return at_path(value, column) };
        match inside(column, self.0.get(innermost)?)? {
            "" => row.entries.get(innermost).copied(),
            rest => at_path(row.entries.get(innermost)?, rest),
        }
    }
}

/// The way on from a list to a column inside of it: `name` from `items[]` to `items[].name`, nothing to `items[]` itself.
fn inside<'c>(column: &'c str, list: &str) -> Option<&'c str> {
    match column.strip_prefix(list)? {
        "" => Some(""),
        rest => rest.strip_prefix('.'),
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
pub(super) fn words(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(Cow::Borrowed(text)),
        other => Some(Cow::Owned(other.to_string())),
    }
}

/// The columns that a value has, those of lists of objects with their `[]`.
pub(super) fn columns(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect("", value, &mut found);
    found
}

fn collect(path: &str, value: &Value, found: &mut Vec<String>) {
    if MOST_PATHS <= found.len() {
        return;
    }
    let first_object = value.as_array().and_then(|entries| entries.iter().find(|entry| entry.is_object()));
    match (value, first_object) {
        (Value::Object(map), _) if !map.is_empty() => {
            let point = if path.is_empty() { "" } else { "." };
            map.iter().for_each(|(key, value)| collect(&format!("{path}{point}{key}"), value, found));
        }
        (_, Some(entry)) => collect(&format!("{path}[]"), entry, found),
        _ if path.is_empty() => {}
        _ => found.push(path.to_string()),
    }
}

/// The first list of objects in a value, as `rows from` would name it.
pub(super) fn first_list(value: &Value) -> Option<String> {
    columns(value).iter().find_map(|column| Some(column.split_once("[]")?.0.to_string() + "[]"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn issue() -> Value {
        json!({"key": "A-1", "log": {"entries": [
            {"at": 1, "items": [{"to": "x"}, {"to": "y"}]},
            {"at": 2, "items": []},
            {"at": 3},
        ]}})
    }

    #[test]
    fn every_entry_is_a_row_that_sees_the_levels_above() {
        let issue = issue();
        let lists = Lists::new(Some("log.entries[].items[]"));
        let cells = |row: &Found<'_>| {
            let cell = |column: &str| lists.cell(&issue, row, column).map(ToString::to_string).unwrap_or_default();
            ["key", "log.entries[].at", "log.entries[].items[].to"].map(cell).join(" ")
        };
        let rows: Vec<String> = lists.rows(&issue).iter().map(|row| format!("{}: {}", row.path, cells(row))).collect();
        assert_eq!(
            rows,
            [
                "log.entries[0].items[0]: \"A-1\" 1 \"x\"",
                "log.entries[0].items[1]: \"A-1\" 1 \"y\"",
                "log.entries[1]: \"A-1\" 2 ",
                "log.entries[2]: \"A-1\" 3 ",
            ]
        );
        assert_eq!(lists.rows(&issue).iter().filter(|row| row.is_bare).count(), 2);
        let bare = lists.rows(&json!({"key": "A-2"}))[0].depth();
        assert_eq!(bare, 0);
    }

    #[test]
    fn a_column_lies_in_the_lists_that_it_names() {
        let lists = Lists::new(Some("a[].b[]"));
        let depths = ["key", "a[].x", "a[].b[].y", "a[].b[]", "a[].bc", "ab"].map(|column| lists.depth(column));
        assert_eq!(depths, [0, 1, 2, 2, 1, 0]);
    }

    #[test]
    fn the_columns_of_a_value_are_told_as_a_source_would_name_them() {
        assert_eq!(columns(&issue()), ["key", "log.entries[].at", "log.entries[].items[].to"]);
        assert_eq!(first_list(&issue()).as_deref(), Some("log.entries[]"));
        assert_eq!(columns(&json!({"labels": ["a"], "who": {}, "b.c": null})), ["labels", "who", "b.c"]);
    }
}
