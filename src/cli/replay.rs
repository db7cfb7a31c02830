//! `klausel replay`: what would this agreement have done to these tickets?

use clap::{Args, ValueEnum};

use crate::outcome::Status;
use crate::report;
use crate::report::rows::Rows;
use crate::report::told::{InputFigures, Told};
use crate::settlement::Scope;
use crate::statement::Statement;

use super::data::{self, Days, Run};
use super::load::Which;
use super::output::{self, Pending};
use super::{Exit, Failure, Streams};

/// Replay tickets against an agreement: breaches, escalations, and a ledger that names its clauses
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    data: data::Logs,
    #[command(flatten)]
    days: Days,
    /// How the result is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write every clock to a file (.csv, .jsonl, .parquet); `-` is standard output, as CSV
    #[arg(long, value_name = "F", value_parser = row_file)]
    outcomes: Option<RowFile>,
    /// Write the ledger to a file (.csv, .jsonl, .parquet); `-` is standard output, as CSV
    #[arg(long, value_name = "F", value_parser = row_file)]
    ledger: Option<RowFile>,
    /// Write every escalation step to a file (.csv, .jsonl, .parquet); `-` is standard output, as CSV
    #[arg(long, value_name = "F", value_parser = row_file)]
    escalations: Option<RowFile>,
    /// Write the contexts that plugins were given, a line of JSON each; `plugin run` asks them again
    #[arg(long, value_name = "F")]
    dump_context: Option<String>,
    /// End with exit code 1 if there is such a clock
    #[arg(long, value_enum)]
    fail_on: Option<FailOn>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
    /// The ledger as CSV
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A clock that was breached
    Breach,
}

/// A file of rows, its form told by its name; standard output, pipes and devices without an ending get CSV.
#[derive(Debug, Clone)]
struct RowFile {
    path: String,
    form: RowForm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RowForm {
    Csv,
    JsonLines,
    Parquet,
}

fn row_file(path: &str) -> Result<RowFile, String> {
    let form = match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("csv") => RowForm::Csv,
        Some("jsonl") => RowForm::JsonLines,
        Some("parquet") => RowForm::Parquet,
        _ if output::is_out(path) || output::is_special(path) => RowForm::Csv,
        _ => return Err("rows are written as `.csv`, `.jsonl` or `.parquet`: name the file so".to_string()),
    };
    Ok(RowFile { path: path.to_string(), form })
}

pub fn run(options: &Options, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let loaded = options.which.load(streams)?;
    let is_portfolio = loaded.is_portfolio;
    let run = data::run(loaded, &options.data)?;
    let scope = options.days.scope(run.as_of)?;
    let scope = Scope { keeps_questions: options.dump_context.is_some(), ..scope };
    let agreements = run.plan.agreements.iter().zip(&run.replay.outcomes);
    let statements = agreements.map(|(agreement, outcomes)| run.settle(agreement, outcomes, &scope));
    let statements: Vec<Statement> = statements.collect::<Result<_, Failure>>()?;
    let told = told(&run, &statements);
    let mut pending = Pending::default();
    let files = [
        (&options.outcomes, report::rows::outcomes as fn(&[Told<'_>]) -> Rows),
        (&options.ledger, report::rows::ledger),
        (&options.escalations, report::rows::escalations),
    ];
    for (file, rows) in files {
        if let Some(file) = file {
            pending.write(&file.path, &bytes(file, &rows(&told))?)?;
        }
    }
    if let Some(path) = &options.dump_context {
        pending.write(path, &questions(&statements)?)?;
    }
    pending.commit(streams)?;
    streams.print(&written(options.format, is_portfolio, &told, &data::figures(&run))?)?;
    let is_breached = told.iter().flat_map(|told| &told.outcomes.tickets).flat_map(|ticket| &ticket.clocks);
    let fails = options.fail_on.is_some() && is_breached.into_iter().any(|clock| clock.status == Status::Breached);
    Ok(if fails { Exit::No } else { Exit::Done })
}

/// Each agreement's part of a run.
fn told<'a>(run: &'a Run, statements: &'a [Statement]) -> Vec<Told<'a>> {
    let agreements = run.plan.agreements.iter().zip(&run.replay.outcomes).zip(statements);
    let told = agreements.map(|((agreement, outcomes), statement)| Told {
        agreement,
        outcomes,
        statement,
        names: &run.names,
        vocabulary: &run.plan.vocabulary,
        as_of: run.as_of,
    });
    told.collect()
}

/// What plugins were asked, a line each.
fn questions(statements: &[Statement]) -> Result<Vec<u8>, Failure> {
    let mut lines = Vec::new();
    for question in statements.iter().flat_map(|statement| &statement.questions) {
        serde_json::to_writer(&mut lines, question)
            .map_err(|error| Failure::input(format!("cannot write the contexts: {error}")))?;
        lines.push(b'\n');
    }
    Ok(lines)
}

fn bytes(file: &RowFile, rows: &Rows) -> Result<Vec<u8>, Failure> {
    let unwritten = |error: String| Failure::input(format!("cannot write `{}`: {error}", file.path));
    match file.form {
        RowForm::Csv => rows.csv().map_err(|error| unwritten(error.to_string())),
        RowForm::JsonLines => Ok(rows.json_lines()),
        RowForm::Parquet => rows.parquet().map_err(|error| unwritten(error.to_string())),
    }
}

fn written(format: Format, is_portfolio: bool, told: &[Told<'_>], input: &InputFigures) -> Result<String, Failure> {
    match format {
        Format::Text => {
            let parts = told.iter().map(report::text::statement).chain([report::text::input(input)]);
            Ok(parts.collect::<Vec<_>>().join("\n"))
        }
        Format::Json => {
            let value = match told {
                [only] if !is_portfolio => report::json::statement(only, input),
                all => report::json::portfolio(all, input),
            };
            Ok(format!("{value:#}\n"))
        }
        Format::Csv => {
            let rows = report::rows::ledger(told).csv();
            let rows = rows.map_err(|error| Failure::input(format!("cannot write the ledger: {error}")))?;
            Ok(String::from_utf8_lossy(&rows).into_owned())
        }
    }
}
