//! `klausel completions`: what a shell completes.

use clap::Args;
use clap_complete::Shell;

use super::{Exit, Failure, Streams};

/// Write completions for a shell to standard output
#[derive(Debug, Args)]
pub struct Options {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub fn run(options: &Options, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut super::command(), "klausel", &mut script);
    streams.print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
