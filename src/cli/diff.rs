//! `klausel diff`: what does the new draft change, in words and in money?

use clap::{Args, ValueEnum};

use crate::diff::{self, Change, Settled, Side};
use crate::plan::{Agreement, Plan};
use crate::report::diff::{Compared, Replayed};
use crate::report::{self, diff_json};
use crate::statement::Statement;

use super::data::{self, Days, Run};
use super::load::{self, Loaded};
use super::{Exit, Failure, Streams, files};

/// Compare two agreements: what changes in words and, with tickets, whose outcome flips and what it costs
#[derive(Debug, Args)]
pub struct Options {
    /// The agreement as it is
    old: String,
    /// The agreement as it may become; by default the same file, for two of its versions
    #[arg(required_unless_present_any = ["from", "to"])]
    new: Option<String>,
    /// The agreement, where a file has several; twice where the two names differ: the old one, then the new one
    #[arg(long, value_name = "NAME")]
    agreement: Vec<String>,
    /// Take the old agreement in this version, as though it had always held
    #[arg(long, value_name = "VERSION")]
    from: Option<String>,
    /// Take the new agreement in this version, as though it had always held
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    #[command(flatten)]
    data: data::Logs,
    /// How the result is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
    /// A page; not built yet
    Html,
}

/// What both logs came to.
struct Both {
    runs: (Run, Run),
    statements: (Statement, Statement),
}

pub fn run(options: &Options, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    if options.format == Format::Html {
        return Err(Failure::call("`diff --format html` is not built yet: use `text` or `json`"));
    }
    let with_log = options.data.has_log()?;
    let (old, new) = load(options, streams)?;
    let changes = diff::changes(side(&old.plan)?, side(&new.plan)?);
    let titles = (title(options, &old.plan)?, title_of_new(options, &new.plan)?);
    let zone = side(&new.plan)?.agreement.zone;
    let both = if with_log { Some(replay(old, new, &options.data)?) } else { None };
    let told = both.as_ref().map(Both::compare).transpose()?;
    let replayed = both.as_ref().zip(told.as_ref()).map(|(both, (flips, money))| Replayed {
        as_of: both.runs.1.as_of,
        tickets: both.runs.1.log.tickets.len(),
        flips,
        money,
    });
    let compared = compared(&titles, &changes, zone, replayed);
    match options.format {
        Format::Json => streams.print_json(&diff_json::json(&compared))?,
        _ => streams.print(&report::diff::text(&compared))?,
    }
    Ok(Exit::Done)
}

/// An agreement's name, and its file or version.
type Title = (String, String);

fn compared<'a>(
    titles: &'a (Title, Title),
    changes: &'a [Change],
    zone: chrono_tz::Tz,
    replayed: Option<Replayed<'a>>,
) -> Compared<'a> {
    let ((old, old_of), (new, new_of)) = titles;
    Compared { old: (old, old_of), new: (new, new_of), zone, changes, replayed }
}

fn title(options: &Options, plan: &Plan) -> Result<Title, Failure> {
    titled(plan, &options.old, options.from.as_deref())
}

fn title_of_new(options: &Options, plan: &Plan) -> Result<Title, Failure> {
    titled(plan, options.new.as_ref().unwrap_or(&options.old), options.to.as_deref())
}

fn titled(plan: &Plan, path: &str, version: Option<&str>) -> Result<Title, Failure> {
    let version = version.map_or(String::new(), |label| format!(", version {label}"));
    Ok((side(plan)?.agreement.name.clone(), format!("{path}{version}")))
}

fn load(options: &Options, streams: &mut Streams<'_>) -> Result<(Loaded, Loaded), Failure> {
    let new = options.new.as_ref().unwrap_or(&options.old);
    if let Some(folder) = [&options.old, new].into_iter().find(|path| files::is_folder(path)) {
        let message = format!("`diff` compares one agreement with another, and `{folder}` is a folder: name the files");
        return Err(Failure::call(message));
    }
    if options.old == "-" && new == "-" && options.new.is_some() {
        return Err(Failure::call("standard input can be one of the two agreements, not both"));
    }
    let (first, second) = match options.agreement.as_slice() {
        [] => (None, None),
        [both] => (Some(both.as_str()), Some(both.as_str())),
        [first, second] => (Some(first.as_str()), Some(second.as_str())),
        _ => return Err(Failure::call("`--agreement` is given once, or twice: the old one, then the new one")),
    };
    let old = load::load(&options.old, first, streams)?;
    let old = in_version(old, &options.old, options.from.as_deref())?;
    let loaded = load::load(new, second, streams)?;
    Ok((old, in_version(loaded, new, options.to.as_deref())?))
}

/// A plan with one version only, where one is named.
fn in_version(loaded: Loaded, path: &str, label: Option<&str>) -> Result<Loaded, Failure> {
    let Some(label) = label else { return Ok(loaded) };
    let versions = loaded.plan.agreements.iter().flat_map(|agreement| &agreement.versions);
    let known: Vec<String> = versions.map(|version| format!("`{}`", version.label)).collect();
    let plan = diff::only_version(loaded.plan, label);
    let missing = || Failure::call(format!("`{path}` has no version `{label}`; it has: {}", known.join(", ")));
    Ok(Loaded { plan: plan.ok_or_else(missing)?, ..loaded })
}

/// The one agreement of a plan.
fn side(plan: &Plan) -> Result<Side<'_>, Failure> {
    let agreement: Option<&Agreement> = plan.agreements.first();
    agreement.map(|agreement| Side { plan, agreement }).ok_or_else(|| Failure::call("there is no agreement to compare"))
}

/// Both sides up to one instant: the later of the two, where their sources read other rows of the log.
fn replay(old: Loaded, new: Loaded, data: &data::Logs) -> Result<Both, Failure> {
    if data.reads_standard_input() {
        return Err(Failure::call("`diff` reads a log twice, and standard input can be read once: name a file"));
    }
    let mut runs = (data::run(old.clone(), data)?, data::run(new.clone(), data)?);
    let as_of = runs.0.as_of.max(runs.1.as_of);
    if runs.0.as_of != as_of {
        runs.0 = data::run(old, &data.until(as_of))?;
    }
    if runs.1.as_of != as_of {
        runs.1 = data::run(new, &data.until(as_of))?;
    }
    let statements = (statement(&runs.0)?, statement(&runs.1)?);
    Ok(Both { runs, statements })
}

fn statement(run: &Run) -> Result<Statement, Failure> {
    let (side, outcomes) = (side(&run.plan)?, run.replay.outcomes.first());
    let outcomes = outcomes.ok_or_else(|| Failure::call("there is no agreement to compare"))?;
    run.settle(side.agreement, outcomes, &Days::all().scope(run.as_of)?)
}

impl Both {
    fn compare(&self) -> Result<(diff::Flips, diff::Money), Failure> {
        let old = settled(&self.runs.0, &self.statements.0)?;
        let new = settled(&self.runs.1, &self.statements.1)?;
        Ok((diff::flips(old, new), diff::amounts(old, new)))
    }
}

fn settled<'a>(run: &'a Run, statement: &'a Statement) -> Result<Settled<'a>, Failure> {
    let outcomes = run.replay.outcomes.first().ok_or_else(|| Failure::call("there is no agreement to compare"))?;
    Ok(Settled { side: side(&run.plan)?, outcomes, statement })
}
