//! Which files an option names: paths, patterns, standard input, the example.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::Failure;

/// Stands for the bundled example's log; a file of this name is `./example`.
pub const EXAMPLE: &str = "example";
/// Stands for standard input; a file of this name is `./-`.
pub const STANDARD_INPUT: &str = "-";

/// The files that an option names, patterns such as `exports/*.csv` replaced by what they match, by name. What is there under
/// its very name is no pattern.
///
/// # Errors
/// When a pattern matches nothing, or a file is named twice.
pub fn named(paths: &[String]) -> Result<Vec<String>, Failure> {
    let mut files = Vec::new();
    for path in paths {
        let is_pattern = path.contains(['*', '?', '[']) && path != STANDARD_INPUT && !Path::new(path).exists();
        if is_pattern { files.extend(matches(path)?) } else { files.push(path.clone()) }
    }
    let mut known: BTreeMap<PathBuf, &str> = BTreeMap::new();
    for file in files.iter().filter(|file| *file != EXAMPLE && *file != STANDARD_INPUT) {
        // What cannot be found is told when it is read.
        let Ok(real) = fs::canonicalize(file) else { continue };
        if let Some(before) = known.insert(real, file) {
            let also = if before == file { String::new() } else { format!(", also as `{before}`") };
            return Err(Failure::call(format!("`{file}` is named twice{also}: its rows would count twice")));
        }
    }
    Ok(files)
}

fn matches(pattern: &str) -> Result<Vec<String>, Failure> {
    let wrong = |error: String| Failure::call(format!("`{pattern}` is no pattern of file names: {error}"));
    let mut found = Vec::new();
    for path in glob::glob(pattern).map_err(|error| wrong(error.to_string()))? {
        let path = path.map_err(|error| wrong(error.to_string()))?;
        if path.is_file() {
            found.push(path.to_string_lossy().replace('\\', "/"));
        }
    }
    if found.is_empty() {
        return Err(Failure::input(format!("no file matches `{pattern}`")));
    }
    found.sort();
    Ok(found)
}

/// Standard input can be read once only.
///
/// # Errors
/// When several options name it.
pub fn demand_one_standard_input<'p>(paths: impl Iterator<Item = &'p String>) -> Result<(), Failure> {
    match paths.filter(|path| *path == STANDARD_INPUT).count() {
        0 | 1 => Ok(()),
        _ => Err(Failure::call("standard input can be read once only: name a file for the others")),
    }
}
