//! `klausel plan`: what did the words compile to?

use clap::{Args, ValueEnum};

use crate::report;

use super::files::Disk;
use super::{Exit, Failure, Streams, load};

/// Show what an agreement's words compile to, every reading spelled out
#[derive(Debug, Args)]
pub struct Options {
    /// The agreement file, a folder, or `-` for standard input
    file: String,
    /// The agreement, where the file has several
    #[arg(long, value_name = "NAME")]
    agreement: Option<String>,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

pub fn run(options: &Options, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let loaded = load::load(&Disk::default(), &options.file, options.agreement.as_deref(), streams)?;
    match options.format {
        Format::Text => streams.print(&report::plan::text(&loaded.plan))?,
        Format::Json => streams.print(&format!("{:#}\n", report::plan::json(&loaded.plan)))?,
    }
    Ok(Exit::Done)
}
