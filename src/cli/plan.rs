//! `klausel plan`: what did the words compile to?

use clap::Args;

use crate::report;

use super::load::Which;
use super::output::Format;
use super::{Exit, Failure, Streams};

/// Show what an agreement's words compile to, every reading spelled out
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    which: Which,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub fn run(options: &Options, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let loaded = options.which.load(streams)?;
    match options.format {
        Format::Text => streams.print(&report::plan::text(&loaded.plan))?,
        Format::Json => streams.print_json(&report::plan::json(&loaded.plan))?,
    }
    Ok(Exit::Done)
}
