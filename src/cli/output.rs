//! Results in files: written to a temporary name and renamed, so that a failed run leaves none.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use tempfile::NamedTempFile;

use super::Failure;
use super::files::reason;

/// How a result without rows is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
}

/// Writes one file and puts it in its place.
///
/// # Errors
/// As [`Pending::write`] and [`Pending::commit`].
pub fn write(path: &str, bytes: &[u8]) -> Result<(), Failure> {
    let mut pending = Pending::default();
    pending.write(path, bytes)?;
    pending.commit()
}

/// Files that are written and not yet in place.
#[derive(Debug, Default)]
pub struct Pending {
    files: Vec<(NamedTempFile, PathBuf)>,
}

impl Pending {
    /// Writes a file beside its place.
    ///
    /// # Errors
    /// When the folder cannot be written, or the disk is full; nothing is left behind.
    pub fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        let target = Path::new(path);
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let wrong = |error: std::io::Error| Failure::input(format!("cannot write `{path}`: {}", reason(&error)));
        let mut file = NamedTempFile::new_in(folder).map_err(wrong)?;
        file.write_all(bytes).and_then(|()| file.flush()).map_err(wrong)?;
        keep_permissions(&file, target);
        self.files.push((file, target.to_path_buf()));
        Ok(())
    }

    /// Puts every file in its place.
    ///
    /// # Errors
    /// When a file cannot be renamed; those before it are in place.
    pub fn commit(self) -> Result<(), Failure> {
        for (file, target) in self.files {
            file.persist(&target).map_err(|error| {
                Failure::input(format!("cannot write `{}`: {}", target.display(), reason(&error.error)))
            })?;
        }
        Ok(())
    }
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
fn plain_permissions() -> std::io::Result<fs::Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn plain_permissions() -> std::io::Result<fs::Permissions> {
    Err(std::io::ErrorKind::Unsupported.into())
}
