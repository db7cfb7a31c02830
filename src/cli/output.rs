//! Results in files: written to a temporary name and renamed, so that a failed run leaves none. Pipes and devices are
//! written straight: nothing may take their place.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use tempfile::NamedTempFile;

use super::files::reason;
use super::{Failure, Streams};

/// How a result without rows is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
}

/// Both names of standard output.
const OUT: [&str; 2] = ["-", "/dev/stdout"];

/// Whether a result of this name has standard output for itself.
pub fn is_out(path: &str) -> bool {
    OUT.contains(&path)
}

/// Whether something stands here that no file may replace: a pipe, a device, also behind a link.
pub fn is_special(path: &str) -> bool {
    fs::metadata(path).is_ok_and(|known| !known.is_file())
}

/// Writes one file and puts it in its place.
///
/// # Errors
/// As [`Pending::write`] and [`Pending::commit`].
pub fn write(path: &str, bytes: &[u8], streams: &mut Streams<'_>) -> Result<(), Failure> {
    let mut pending = Pending::default();
    pending.write(path, bytes)?;
    pending.commit(streams)
}

/// Files that are written and not yet in place.
#[derive(Debug, Default)]
pub struct Pending {
    files: Vec<Unplaced>,
}

/// A result that is not yet where it belongs.
#[derive(Debug)]
enum Unplaced {
    /// Takes a file's name.
    Renamed(NamedTempFile, PathBuf),
    /// Goes into what stands there already.
    Straight(PathBuf, Vec<u8>),
    /// Goes to standard output.
    Out(Vec<u8>),
}

impl Pending {
    /// Writes a file beside its place. What goes to standard output, a pipe or a device waits for [`Pending::commit`].
    ///
    /// # Errors
    /// When the folder cannot be written, the disk is full, or a second result would go to standard output; nothing is
    /// left behind.
    pub fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        let unplaced = if is_out(path) {
            self.demand_free_out()?;
            Unplaced::Out(bytes.to_vec())
        } else if is_special(path) {
            Unplaced::Straight(PathBuf::from(path), bytes.to_vec())
        } else {
            // A link stays: the file that it leads to is replaced.
            let target = fs::canonicalize(path).unwrap_or_else(|_| PathBuf::from(path));
            let file = beside(&target, bytes).map_err(|error| unwritten(path, &error))?;
            Unplaced::Renamed(file, target)
        };
        self.files.push(unplaced);
        Ok(())
    }

    fn demand_free_out(&self) -> Result<(), Failure> {
        match self.files.iter().any(|file| matches!(file, Unplaced::Out(_))) {
            true => Err(Failure::call("only one result can go to standard output: name a file for the others")),
            false => Ok(()),
        }
    }

    /// Puts every file in its place.
    ///
    /// # Errors
    /// When a file cannot be renamed or written; those before it are in place.
    pub fn commit(self, streams: &mut Streams<'_>) -> Result<(), Failure> {
        for file in self.files {
            match file {
                Unplaced::Renamed(file, target) => {
                    let placed = file.persist(&target);
                    placed.map_err(|error| unwritten(&target.to_string_lossy(), &error.error))?;
                }
                Unplaced::Straight(target, bytes) => {
                    let written = OpenOptions::new().write(true).open(&target).and_then(|mut at| at.write_all(&bytes));
                    written.map_err(|error| unwritten(&target.to_string_lossy(), &error))?;
                }
                Unplaced::Out(bytes) => {
                    streams.take_out();
                    streams.print_alone(&bytes)?;
                }
            }
        }
        Ok(())
    }
}

/// Makes the folders that a file is to lie in.
///
/// # Errors
/// When one cannot be made.
pub fn make_folder_of(path: &str) -> Result<(), Failure> {
    let folder = Path::new(path).parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| unwritten(path, &error))
}

fn unwritten(path: &str, error: &io::Error) -> Failure {
    Failure::input(format!("cannot write `{path}`: {}", reason(error)))
}

fn beside(target: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes).and_then(|()| file.flush())?;
    keep_permissions(&file, target);
    Ok(file)
}

/// A temporary file is its owner's alone; one that takes a file's place gets that file's permissions.
fn keep_permissions(file: &NamedTempFile, target: &Path) {
    let permissions = fs::metadata(target).map(|known| known.permissions());
    let permissions = permissions.or_else(|_| plain_permissions());
    if let Ok(permissions) = permissions {
        // A file system without permissions keeps its own way.
        let _unchanged = fs::set_permissions(file.path(), permissions);
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have none")]
fn plain_permissions() -> io::Result<fs::Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn plain_permissions() -> io::Result<fs::Permissions> {
    Err(io::ErrorKind::Unsupported.into())
}
