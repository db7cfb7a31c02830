//! `klausel import`: what a source makes of an export, and a first source for an unknown one.

use chrono_tz::Tz;
use clap::{Args, Subcommand};

use crate::formatter;
use crate::import::{check, decide, guess};
use crate::input::{self, Input};
use crate::plan::Plan;
use crate::plan::source::Source;
use crate::report;
use crate::source::{Files, Sources};

use super::files::{self, Disk};
use super::output::Format;
use super::{Exit, Failure, Streams, inputs, load, output};

/// Look at an export before an agreement is run: what a source makes of it, or a first source for it
#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(Check),
    Guess(Guess),
}

/// Tell what a source makes of an export: values, odd rows, and which metrics it can decide
#[derive(Debug, Args)]
struct Check {
    /// Agreements whose metrics are asked about; they may declare the source, too
    #[arg(value_name = "AGREEMENT")]
    agreements: Vec<String>,
    /// The source: its name, or a file that declares it
    #[arg(long, value_name = "S")]
    source: String,
    /// The export; `-` is standard input. Said again for each further file
    #[arg(long, required = true, value_name = "F")]
    tickets: Vec<String>,
    /// The zone of instants without an offset, in place of the source's
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    zone: Option<Tz>,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Propose a source for an export of which nothing is known, to be corrected by hand
#[derive(Debug, Args)]
struct Guess {
    /// The export; `-` is standard input
    #[arg(long, value_name = "F")]
    tickets: String,
    /// What the source is called
    #[arg(long, default_value = "desk", value_name = "NAME", value_parser = name)]
    name: String,
    /// The zone of instants without an offset; without, it is left to be said
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    zone: Option<Tz>,
    /// Where it is written; `-` is standard output
    #[arg(long, default_value = "-", value_name = "F")]
    out: String,
}

fn zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| "zones are named as in Europe/Berlin".to_string())
}

fn name(text: &str) -> Result<String, String> {
    let is_name = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_name {
        Ok(text.to_string())
    } else {
        Err("a name is letters, digits and `_`, starting with a letter".to_string())
    }
}

pub fn run(options: &Options, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    match &options.command {
        Command::Check(options) => check(options, streams),
        Command::Guess(options) => guess(options, streams),
    }
}

fn check(options: &Check, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let disk = Disk::default();
    let plan = plan(&disk, &options.agreements, streams)?;
    let source = source(&disk, &plan, &options.source, streams)?;
    let mut read = Vec::new();
    for path in inputs::named(&options.tickets)? {
        let bytes = disk.read(&path)?;
        read.push((path, bytes));
    }
    let inputs: Vec<Input<'_>> = read.iter().map(|(path, bytes)| Input { name: path, bytes }).collect();
    let survey = check::survey(&source, &inputs, options.zone).map_err(|fault| Failure::input(fault.to_string()))?;
    let agreements = plan.agreements.iter();
    let decisions = agreements.flat_map(|agreement| decide::decisions(agreement, &plan.vocabulary, &source, &survey));
    let decisions: Vec<decide::Decision> = decisions.collect();
    match options.format {
        Format::Text => streams.print(&report::import::text(&survey, &decisions))?,
        Format::Json => streams.print_json(&report::import::json(&survey, &decisions))?,
    }
    Ok(if survey.odd.is_empty() { Exit::Done } else { Exit::No })
}

/// The plan of some files; without any it is empty.
fn plan(disk: &Disk, paths: &[String], streams: &mut Streams<'_>) -> Result<Plan, Failure> {
    if paths.is_empty() {
        return Ok(Plan::default());
    }
    load::compiled(disk, paths, streams, |errors| format!("{errors}: nothing was read"))
}

/// The source of this name, of the agreements or of the rule packs; or the only one of a file.
fn source(disk: &Disk, agreements: &Plan, named: &str, streams: &mut Streams<'_>) -> Result<Source, Failure> {
    if named.ends_with(".sla") {
        let of_file = plan(disk, &[named.to_string()], streams)?;
        return match of_file.sources.as_slice() {
            [only] => Ok(only.clone()),
            [] => Err(Failure::call(format!("`{named}` declares no source"))),
            several => Err(Failure::call(format!(
                "`{named}` declares several sources: name the file as an agreement, and one of {} with `--source`",
                names(several)
            ))),
        };
    }
    if let Some(found) = agreements.sources.iter().find(|source| source.name == named) {
        return Ok(found.clone());
    }
    let packs = plan(disk, &files::packs("std/sources/"), streams)?;
    let unknown = || {
        let known = names(agreements.sources.iter().chain(&packs.sources));
        Failure::call(format!("there is no source `{named}`; known are: {known}"))
    };
    packs.sources.iter().find(|source| source.name == named).cloned().ok_or_else(unknown)
}

/// The names of some sources, each once.
fn names<'s>(sources: impl IntoIterator<Item = &'s Source>) -> String {
    let mut names: Vec<&str> = Vec::new();
    for source in sources {
        if !names.contains(&source.name.as_str()) {
            names.push(&source.name);
        }
    }
    names.join(", ")
}

fn guess(options: &Guess, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let bytes = Disk::default().read(&options.tickets)?;
    let sample = input::sample(&Input { name: &options.tickets, bytes: &bytes });
    let sample = sample.map_err(|fault| Failure::input(fault.to_string()))?;
    let text = guess::guess(&sample, &options.name, options.zone.map(|zone| zone.name()));
    let mut sources = Sources::default();
    let file = sources.add("guess", text.clone());
    let text = formatter::format(&sources, file).unwrap_or(text);
    if output::is_out(&options.out) {
        streams.print(&text)?;
    } else {
        output::write(&options.out, text.as_bytes(), streams)?;
    }
    Ok(Exit::Done)
}
