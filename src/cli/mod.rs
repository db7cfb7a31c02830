//! The command line. Only here files, the environment and the terminal are touched.

mod charges;
mod check;
mod completions;
mod data;
mod diff;
mod explain;
mod explain_code;
mod files;
mod filter;
mod fmt;
mod generate;
mod import;
mod inputs;
mod load;
mod output;
mod plan;
mod plugin;
mod progress;
mod replay;
mod skeleton;
mod sources;
mod test;

use std::ffi::OsString;
use std::io::{self, Write};

use clap::{Parser, Subcommand};

use crate::source::FileError;

/// Contracts for service levels, as code.
#[derive(Debug, Parser)]
#[command(name = "klausel", version, about, max_term_width = 110)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Options),
    Fmt(fmt::Options),
    Plan(plan::Options),
    Test(test::Options),
    Replay(replay::Options),
    Diff(diff::Options),
    Explain(explain::Options),
    Generate(generate::Options),
    Import(import::Options),
    Plugin(plugin::Options),
    ExplainCode(explain_code::Options),
    Completions(completions::Options),
}

/// How a run ends, as the shell sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// The answer is no: errors found, tests failed, a breach where none may be.
    No,
    /// The call was wrong.
    Call,
    /// Input could not be read.
    Input,
    /// A plugin had no answer.
    Plugin,
}

impl Exit {
    /// 0 to 4.
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::No => 1,
            Exit::Call => 2,
            Exit::Input => 3,
            Exit::Plugin => 4,
        }
    }
}

/// Why a command ended early, for the error stream.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    message: String,
}

impl Failure {
    /// The answer is no.
    pub fn no(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::No, message: message.into() }
    }

    /// The call was wrong.
    pub fn call(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Call, message: message.into() }
    }

    /// Input could not be read, or a result not written.
    pub fn input(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Input, message: message.into() }
    }

    /// A plugin had no answer.
    pub fn plugin(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Plugin, message: message.into() }
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Failure {
        Failure::input(format!("cannot read `{}`: {}", error.path, error.reason))
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::input(format!("cannot write the result: {}", files::reason(&error)))
    }
}

/// Where results and messages go.
pub struct Streams<'w> {
    out: &'w mut dyn Write,
    err: &'w mut dyn Write,
    /// One result has standard output for itself; the others are told on the error stream.
    out_is_taken: bool,
}

impl Streams<'_> {
    /// Writes a result.
    ///
    /// # Errors
    /// When nobody reads it any more, or the disk is full.
    pub fn print(&mut self, text: &str) -> io::Result<()> {
        if self.out_is_taken { self.tell(text) } else { self.out.write_all(text.as_bytes()) }
    }

    /// Keeps standard output for one result: from here on the others go to the error stream.
    pub fn take_out(&mut self) {
        self.out_is_taken = true;
    }

    /// Writes the result that standard output is kept for.
    ///
    /// # Errors
    /// As [`Streams::print`].
    pub fn print_alone(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }

    /// Writes a result for programs.
    ///
    /// # Errors
    /// As [`Streams::print`].
    pub fn print_json(&mut self, value: &serde_json::Value) -> io::Result<()> {
        self.print(&format!("{value:#}\n"))
    }

    /// Writes a message.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn tell(&mut self, text: &str) -> io::Result<()> {
        self.err.write_all(text.as_bytes())
    }
}

/// Runs the program. Texts are written with colours; writers that are no terminals take them out.
pub fn run<A, I>(arguments: I, out: &mut dyn Write, err: &mut dyn Write) -> Exit
where
    A: Into<OsString> + Clone,
    I: IntoIterator<Item = A>,
{
    let mut streams = Streams { out, err, out_is_taken: false };
    match Arguments::try_parse_from(arguments) {
        Ok(arguments) => finish(dispatch(arguments.command, &mut streams), &mut streams),
        Err(error) => {
            let text = error.render().ansi().to_string();
            let is_answer = !error.use_stderr();
            let written = if is_answer { streams.print(&text) } else { streams.tell(&text) };
            match written {
                Ok(()) if is_answer => Exit::Done,
                _ => Exit::Call,
            }
        }
    }
}

fn dispatch(command: Command, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    match command {
        Command::Check(options) => check::run(&options, streams),
        Command::Fmt(options) => fmt::run(&options, streams),
        Command::Plan(options) => plan::run(&options, streams),
        Command::Test(options) => test::run(&options, streams),
        Command::Replay(options) => replay::run(&options, streams),
        Command::Diff(options) => diff::run(&options, streams),
        Command::Explain(options) => explain::run(&options, streams),
        Command::Generate(options) => generate::run(&options, streams),
        Command::Import(options) => import::run(&options, streams),
        Command::Plugin(options) => plugin::run(&options, streams),
        Command::ExplainCode(options) => explain_code::run(&options, streams),
        Command::Completions(options) => completions::run(&options, streams),
    }
}

fn finish(result: Result<Exit, Failure>, streams: &mut Streams<'_>) -> Exit {
    let result = result.and_then(|exit| streams.out.flush().map(|()| exit).map_err(Failure::from));
    match result {
        Ok(exit) => exit,
        Err(failure) => {
            // When the error stream is gone too, the exit code still says what happened.
            let _told = streams.tell(&format!("klausel: {}\n", failure.message));
            failure.exit
        }
    }
}

/// The program's commands, for completions.
fn command() -> clap::Command {
    <Arguments as clap::CommandFactory>::command()
}
