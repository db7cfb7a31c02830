//! Where files come from: the disk, standard input, and the rule packs inside the program.

use std::cell::RefCell;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

use rust_embed::RustEmbed;

use crate::source::{FileError, Files};

/// The rule packs: `std/…` and the examples.
#[derive(RustEmbed)]
#[folder = "rules/"]
struct Rules;

/// The disk, with `std/…` from the program itself and `-` for standard input.
#[derive(Debug, Default)]
pub struct Disk {
    /// Standard input can be read once only.
    standard_input: RefCell<Option<Vec<u8>>>,
}

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        if path.starts_with("std/") {
            let known = Rules::get(path).map(|file| file.data.into_owned());
            return known.ok_or_else(|| fault(path, unknown_pack(path)));
        }
        if path == "-" { self.standard_input() } else { from_disk(path) }
    }
}

impl Disk {
    fn standard_input(&self) -> Result<Vec<u8>, FileError> {
        if let Some(bytes) = self.standard_input.borrow().as_ref() {
            return Ok(bytes.clone());
        }
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map_err(|error| fault("standard input", reason(&error)))?;
        *self.standard_input.borrow_mut() = Some(bytes.clone());
        Ok(bytes)
    }
}

fn from_disk(path: &str) -> Result<Vec<u8>, FileError> {
    if Path::new(path).is_dir() {
        return Err(fault(path, "it is a folder".to_string()));
    }
    fs::read(path).map_err(|error| fault(path, reason(&error)))
}

fn fault(path: &str, reason: String) -> FileError {
    FileError { path: path.to_string(), reason }
}

/// The rule packs below a folder of `std/`, sorted.
pub fn packs(below: &str) -> Vec<String> {
    let names = Rules::iter().filter(|name| name.starts_with(below) && name.ends_with(".sla"));
    let mut names: Vec<String> = names.map(|name| name.to_string()).collect();
    names.sort();
    names
}

fn unknown_pack(path: &str) -> String {
    let names: Vec<String> =
        Rules::iter().filter(|name| name.starts_with("std/")).map(|name| name.to_string()).collect();
    match crate::diagnostic::nearest(path, names.iter().map(String::as_str)) {
        Some(near) => format!("no rule pack has this name; did you mean `{near}`?"),
        None => "no rule pack has this name".to_string(),
    }
}

/// An error of the operating system in the words of this program.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_string(),
        io::ErrorKind::PermissionDenied => "you may not read it".to_string(),
        io::ErrorKind::IsADirectory => "it is a folder".to_string(),
        _ => error.to_string(),
    }
}

/// The agreement files that a path stands for: itself, or every `.sla` file below a folder, sorted by path.
///
/// # Errors
/// When a folder cannot be read.
fn agreements(path: &str) -> Result<Vec<String>, FileError> {
    if !is_folder(path) {
        return Ok(vec![path.to_string()]);
    }
    let mut found = Vec::new();
    below(Path::new(path), &mut found)?;
    found.sort();
    if found.is_empty() {
        return Err(fault(path, "no `.sla` file is in this folder".to_string()));
    }
    Ok(found)
}

/// The agreement files that paths stand for, in the order of the paths.
///
/// # Errors
/// When a folder cannot be read.
pub fn all_agreements(paths: &[String]) -> Result<Vec<String>, FileError> {
    let found: Result<Vec<_>, _> = paths.iter().map(|path| agreements(path)).collect();
    Ok(found?.concat())
}

/// Whether a path is a folder, and so a portfolio.
pub fn is_folder(path: &str) -> bool {
    path != "-" && Path::new(path).is_dir()
}

fn below(folder: &Path, found: &mut Vec<String>) -> Result<(), FileError> {
    let wrong = |error: io::Error| fault(&slashes(folder), reason(&error));
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        if path.is_dir() {
            below(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "sla") {
            found.push(slashes(&path));
        }
    }
    Ok(())
}

/// Paths are written with `/` in messages and agreements, whatever the system says.
fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
