//! `klausel fmt`: one way to write an agreement.

use clap::Args;

use crate::source::{Files, Sources};
use crate::{formatter, report};

use super::files::{self, Disk};
use super::output::Pending;
use super::{Exit, Failure, Streams};

/// Write agreements in the one form, in place
#[derive(Debug, Args)]
pub struct Options {
    /// Agreement files or folders
    #[arg(value_name = "FILE", required_unless_present = "stdin")]
    files: Vec<String>,
    /// Only name the files that would change; exit 1 if there is one
    #[arg(long)]
    check: bool,
    /// Read standard input and write the result to standard output
    #[arg(long, conflicts_with = "files")]
    stdin: bool,
}

pub fn run(options: &Options, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let disk = Disk::default();
    if options.stdin {
        let Some((_, formatted)) = format(&disk, "-", streams)? else { return Ok(Exit::No) };
        streams.print(&formatted)?;
        return Ok(Exit::Done);
    }
    let mut exit = Exit::Done;
    let mut pending = Pending::default();
    for path in files::all_agreements(&options.files)? {
        match format(&disk, &path, streams)? {
            None => exit = Exit::No,
            Some((before, after)) if before == after => {}
            Some(_) if options.check => {
                streams.print(&format!("{path}\n"))?;
                exit = Exit::No;
            }
            Some((_, after)) => pending.write(&path, after.as_bytes())?,
        }
    }
    pending.commit(streams)?;
    Ok(exit)
}

/// A file's text before and after; none where it does not parse, which is told.
fn format(disk: &Disk, path: &str, streams: &mut Streams<'_>) -> Result<Option<(String, String)>, Failure> {
    let bytes = disk.read(path)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::input(format!("`{path}` is not written in UTF-8: save it as UTF-8 in your editor")))?;
    let mut sources = Sources::default();
    let file = sources.add(path, text.clone());
    match formatter::format(&sources, file) {
        Ok(formatted) => Ok(Some((text, formatted))),
        Err(diagnostics) => {
            streams.tell(&report::diagnostic::drawn(&diagnostics, &sources))?;
            Ok(None)
        }
    }
}
