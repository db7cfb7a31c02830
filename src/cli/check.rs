//! `klausel check`: is this agreement sound?

use clap::{Args, ValueEnum};

use crate::report;

use super::files::Disk;
use super::{Exit, Failure, Streams, load};

/// Find everything that is wrong with agreements before anything runs
#[derive(Debug, Args)]
pub struct Options {
    /// Agreement files, folders, or `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Drawn on the source
    Text,
    /// One JSON object
    Json,
    /// A SARIF 2.1.0 log
    Sarif,
}

pub fn run(options: &Options, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let found = load::find(&Disk::default(), &options.files)?;
    let errors = found.errors();
    match options.format {
        Format::Text => {
            streams.tell(&report::diagnostic::drawn(&found.diagnostics, &found.sources))?;
            streams.print(&summary(errors, found.diagnostics.len() - errors))?;
        }
        Format::Json => {
            streams.print_json(&report::diagnostic::json(&found.diagnostics, &found.sources))?;
        }
        Format::Sarif => {
            streams.print_json(&report::diagnostic::sarif(&found.diagnostics, &found.sources))?;
        }
    }
    Ok(if errors == 0 { Exit::Done } else { Exit::No })
}

fn summary(errors: usize, warnings: usize) -> String {
    if errors + warnings == 0 {
        return "sound: no errors, no warnings\n".to_string();
    }
    format!("{}, {}\n", report::count(errors, "error"), report::count(warnings, "warning"))
}
