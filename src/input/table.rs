//! Tables with a header: where the columns of a source are among those of a file.

use crate::diagnostic::nearest;

use super::fault::{RowFault, shown};

/// How many columns a message lists.
const LISTED: usize = 60;

/// The places of the columns asked for; a fault lacks its place in the file. `way_out` says what else may be wrong with the file
/// where a column is not there.
pub(super) fn places(
    names: &[&str],
    columns: &[&str],
    way_out: impl Fn() -> Option<String>,
) -> Result<Vec<usize>, RowFault> {
    let place = |column: &&str| place(names, column, &way_out).map_err(|fault| fault.in_column(column));
    columns.iter().map(place).collect()
}

fn place(names: &[&str], column: &str, way_out: impl Fn() -> Option<String>) -> Result<usize, RowFault> {
    let mut found = names.iter().enumerate().filter(|(_, name)| **name == column);
    match (found.next(), found.next()) {
        (Some((place, _)), None) => Ok(place),
        (Some(_), Some(_)) => {
            let message = "two columns have this name".to_string();
            Err(RowFault::new("duplicate_column", message, "rename one of them in the file"))
        }
        (None, _) => {
            let message = "the source reads this column, and the file has none".to_string();
            let near = || nearest(column, names.iter().copied().filter(|name| name.len() < 200));
            let hint = way_out().or_else(|| near().map(|near| format!("did you mean `{near}`? ")));
            let help = format!("{}the columns are: {}", hint.unwrap_or_default(), listed(names));
            Err(RowFault::new("missing_column", message, help))
        }
    }
}

/// Names for a message, the first of many.
pub(super) fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(LISTED).map(|name| shown(name)).collect();
    let more = if names.len() > LISTED { " …" } else { "" };
    shown.join(", ") + more
}
