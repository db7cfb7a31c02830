//! `klausel generate`: the bundled example's log.

use clap::Args;

use crate::generator;

use super::{Exit, Failure, Streams, output};

/// Write the bundled example's log: a made-up year of tickets, the same bytes everywhere
#[derive(Debug, Args)]
pub struct Options {
    /// What the log is made up from
    #[arg(long, default_value_t = generator::SEED)]
    seed: u64,
    /// How many tickets it has
    #[arg(long, default_value_t = generator::TICKETS)]
    tickets: u32,
    /// Where it is written; `-` is standard output
    #[arg(long, value_name = "F")]
    out: String,
}

pub fn run(options: &Options, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let lines = generator::generate(options.seed, options.tickets);
    if output::is_out(&options.out) {
        for line in lines {
            streams.print(&line)?;
        }
        return Ok(Exit::Done);
    }
    let text: String = lines.collect();
    output::write(&options.out, text.as_bytes(), streams)?;
    Ok(Exit::Done)
}
