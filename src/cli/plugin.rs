//! `klausel plugin`: looks at a plugin by itself, and asks it.

use std::path::Path;
use std::time::Instant;

use clap::{Args, Subcommand};
use serde::Deserialize;

use crate::money;
use crate::plugin::context::{Argument, Context, Money, Ticket};
use crate::plugin::{Answer, Asked, Kind, Language, Limits, Plugin, Question};
use crate::source::Files;

use super::files::Disk;
use super::output::{self, Pending};
use super::skeleton::{self, Lang};
use super::{Exit, Failure, Streams};

/// Write a plugin: a script to begin with, what a file is, what it answers
#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a plugin that works and can be changed: a script, or a folder that builds a component
    New {
        /// credit, margin, measure, classify or pause
        #[arg(value_parser = kind)]
        kind: Kind,
        /// What it is written in
        #[arg(long, value_enum, default_value_t = Lang::Rhai)]
        lang: Lang,
        /// The script or the folder, by default plugin.rhai or plugin; what is there is kept
        #[arg(long, value_name = "F")]
        out: Option<String>,
    },
    /// Tell a plugin's kind, the arguments it reads, and its hash
    Check {
        /// A script (.rhai) or a component (.wasm)
        file: String,
    },
    /// Ask a plugin what a replay asked it (`replay --dump-context`)
    Run {
        /// A script (.rhai) or a component (.wasm)
        file: String,
        /// A line of a dumped context, or a context or ticket written by hand, as JSON
        #[arg(long, value_name = "C.json")]
        context: String,
        /// The amount that a margin is asked a share of: `50 EUR`
        #[arg(long, value_name = "MONEY", value_parser = amount)]
        credit: Option<Money>,
        /// Steps that the call may use up
        #[arg(long, value_name = "N")]
        fuel: Option<u64>,
    },
}

fn kind(word: &str) -> Result<Kind, String> {
    let known = Kind::ALL.map(Kind::word).join(", ");
    Kind::ALL.into_iter().find(|kind| kind.word() == word).ok_or_else(|| format!("a plugin is one of: {known}"))
}

fn amount(text: &str) -> Result<Money, String> {
    match text.split_once(' ') {
        Some((amount, currency)) if money::decimal(amount).is_some() => {
            Ok(Money { amount: amount.to_string(), currency: currency.trim().to_string() })
        }
        _ => Err("write an amount and its currency: `50 EUR`".to_string()),
    }
}

pub fn run(options: &Options, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    match &options.command {
        Command::New { kind, lang, out } => new(*kind, *lang, out.as_deref().unwrap_or(lang.place()), streams),
        Command::Check { file } => check(file, streams),
        Command::Run { file, context, credit, fuel } => {
            let limits = Limits { fuel: fuel.unwrap_or(Limits::default().fuel), ..Limits::default() };
            ask(file, context, credit.as_ref(), &limits, streams)
        }
    }
}

fn new(kind: Kind, lang: Lang, out: &str, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let folder = skeleton::folder(kind, lang);
    let files: Vec<(String, &str)> = match lang {
        Lang::Rhai => vec![(out.to_string(), skeleton::script(kind))],
        Lang::Rust | Lang::C => folder.iter().map(|(path, text)| (format!("{out}/{path}"), text.as_str())).collect(),
    };
    if let Some((path, _)) = files.iter().find(|(path, _)| Path::new(path).symlink_metadata().is_ok()) {
        return Err(Failure::call(format!("`{path}` is there already: name another place with `--out`")));
    }
    let mut pending = Pending::default();
    for (path, text) in &files {
        if lang != Lang::Rhai {
            output::make_folder_of(path)?;
        }
        pending.write(path, text.as_bytes())?;
    }
    pending.commit(streams)?;
    let recipe = if lang == Lang::Rhai { String::new() } else { format!("; `{out}/README.md` says how it is built") };
    let (word, called) = (kind.word(), kind.called());
    streams.print(&format!("{out}: a plugin of kind {word}, called by `{called} NAME(…)`{recipe}\n"))?;
    Ok(Exit::Done)
}

fn compiled(file: &str) -> Result<Plugin, Failure> {
    let Some(language) = Language::of(file) else {
        return Err(Failure::call(format!("`{file}` is neither a script (.rhai) nor a component (.wasm)")));
    };
    let bytes = Disk::default().read(file)?;
    Plugin::compile(language, &bytes)
        .map_err(|failure| Failure::plugin(format!("`{file}` cannot be used: {failure}; {}", failure.help)))
}

fn check(file: &str, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let plugin = compiled(file)?;
    let kinds = plugin.kinds().iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", ");
    let reads = match plugin.reads() {
        None => "cannot be told: say so with `takes …`".to_string(),
        Some(reads) if reads.is_empty() => "no argument".to_string(),
        Some(reads) => reads.into_iter().collect::<Vec<_>>().join(", "),
    };
    let interface = "klausel:plugin@1.0.0";
    streams.print(&format!(
        "{file}\n  kind     {kinds}\n  reads    {reads}\n  version  {interface}\n  sha256   {}\n",
        plugin.sha256()
    ))?;
    Ok(Exit::Done)
}

/// What a plugin can be asked from a file.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Written {
    Asked(Asked),
    Ticket {
        ticket: Ticket,
        #[serde(default)]
        arguments: Vec<Argument>,
    },
    Context(Context),
}

fn ask(
    file: &str,
    context: &str,
    credit: Option<&Money>,
    limits: &Limits,
    streams: &mut Streams<'_>,
) -> Result<Exit, Failure> {
    let plugin = compiled(file)?;
    let bytes = Disk::default().read(context)?;
    let help = "it is a line of `replay --dump-context`, a context, or a ticket with arguments";
    let written: Written = serde_json::from_slice(&bytes)
        .map_err(|error| Failure::input(format!("`{context}` cannot be asked: {error}; {help}")))?;
    let question = question(&plugin, &written, credit)?;
    #[expect(clippy::disallowed_methods, reason = "how long a call takes is told to its author, and decides nothing")]
    let before = Instant::now();
    let reply = plugin.ask(&question, limits);
    let micros = before.elapsed().as_micros();
    let reply = reply.map_err(|failure| Failure::plugin(format!("`{file}` failed: {failure}; {}", failure.help)))?;
    let answer = told(&reply.answer);
    streams.print(&format!("{answer}\n{} of {} steps\n", reply.steps, limits.steps(&question)))?;
    streams.tell(&format!("{micros} µs\n"))?;
    Ok(Exit::Done)
}

fn question<'q>(plugin: &Plugin, written: &'q Written, credit: Option<&'q Money>) -> Result<Question<'q>, Failure> {
    let kinds = plugin.kinds();
    let can = |kind: Kind| kinds.contains(&kind);
    let question = match written {
        Written::Ticket { ticket, arguments } if can(Kind::Classify) => Question::Classify(ticket, arguments),
        Written::Ticket { ticket, arguments } => Question::Pause(ticket, arguments),
        Written::Asked(Asked { kind: Kind::Measure, context, .. }) => Question::Measure(context),
        Written::Asked(Asked { kind: Kind::Credit, context, .. }) => Question::Credit(context),
        Written::Asked(Asked { context, credit: Some(credit), .. }) => Question::Margin(context, credit),
        Written::Asked(Asked { context, .. }) | Written::Context(context) => match credit {
            Some(credit) => Question::Margin(context, credit),
            None if can(Kind::Margin) && !can(Kind::Credit) => {
                return Err(Failure::call("a margin is a share of an amount: say of which with `--credit \"50 EUR\"`"));
            }
            None if can(Kind::Measure) && !can(Kind::Credit) => Question::Measure(context),
            None => Question::Credit(context),
        },
    };
    let kind = question.kind();
    if can(kind) {
        return Ok(question);
    }
    let known = kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(" and ");
    Err(Failure::call(format!("the plugin is of kind {known}, and this asks for the kind {}", kind.word())))
}

fn told(answer: &Answer) -> String {
    match answer {
        Answer::Assessment { amount, currency, note } => {
            let currency = currency.as_ref().map_or(String::new(), |code| format!(" {code}"));
            format!("{}{currency}: {note}", money::exact(amount))
        }
        Answer::Number(number) => money::exact(number),
        Answer::Text(text) => text.clone(),
        Answer::Truth(truth) => if *truth { "yes" } else { "no" }.to_string(),
    }
}
