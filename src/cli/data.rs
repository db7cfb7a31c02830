//! Ticket logs: which files, read by which source, judged up to which instant.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate};
use clap::{Args, ValueEnum};

use crate::condition::{self, View};
use crate::engine::Calendars;
use crate::generator;
use crate::input::{self, Input, OnBadRow};
use crate::outcome::Outcomes;
use crate::plan::availability::Down;
use crate::plan::source::Source;
use crate::plan::{Agreement, Plan};
use crate::replay::{self, Replay};
use crate::report::told::InputFigures;
use crate::settlement::{self, Facts, Scope};
use crate::source::Files;
use crate::statement::Statement;
use crate::ticket::{Charge, Claim, Log, Names};
use crate::time::Instant;

use super::files::Disk;
use super::inputs::{self, EXAMPLE, STANDARD_INPUT};
use super::load::Loaded;
use super::{Failure, charges, filter, progress, sources};

fn example() -> Vec<u8> {
    generator::generate(generator::SEED, generator::TICKETS).collect::<String>().into_bytes()
}

/// What is read, and how.
#[derive(Debug, Clone, Args)]
pub struct Logs {
    /// Ticket logs, also gzipped or zstd, and patterns such as `exports/*.csv`; `-` is standard input, `example` the log
    /// of the bundled example
    #[arg(long, num_args = 1.., value_name = "DATA")]
    tickets: Vec<String>,
    /// Outage logs, read by the source that `outages from` names
    #[arg(long, num_args = 1.., value_name = "F")]
    outages: Vec<String>,
    /// The source that reads them, where it is not the agreement's own
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Claims that were made; without, everything counts as claimed
    #[arg(long, num_args = 1.., value_name = "F")]
    claims: Vec<String>,
    /// What customers are charged, for agreements whose fee is from charges
    #[arg(long, num_args = 1.., value_name = "F")]
    charges: Vec<String>,
    /// Announcements of maintenance, for windows that count only if announced
    #[arg(long, num_args = 1.., value_name = "F")]
    announcements: Vec<String>,
    /// Judge clocks at this instant (RFC 3339); by default the latest row read
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    as_of: Option<Instant>,
    /// Only tickets for which this holds, as last known: `plan is "gold" and priority in (P1, P2)`
    #[arg(long = "where", value_name = "CONDITION")]
    filter: Option<String>,
    /// What a row that cannot be read does
    #[arg(long, value_enum, default_value_t = BadRow::Fail)]
    on_bad_row: BadRow,
    /// How many threads work; by default one for each core
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum BadRow {
    /// It ends the run
    Fail,
    /// It is left out and counted
    Skip,
}

impl Logs {
    /// Whether there is a log to read; a command that may do without one asks first.
    ///
    /// # Errors
    /// When something is said of a log, and none is named.
    pub fn has_log(&self) -> Result<bool, Failure> {
        let has_log = !self.tickets.is_empty() || !self.outages.is_empty();
        let facts = [&self.claims, &self.charges, &self.announcements];
        let is_asked = self.source.is_some() || self.as_of.is_some() || self.filter.is_some();
        if !has_log && (is_asked || facts.iter().any(|files| !files.is_empty())) { Err(no_log()) } else { Ok(has_log) }
    }

    /// Whether one of the files is standard input.
    pub fn reads_standard_input(&self) -> bool {
        self.files().any(|path| path == STANDARD_INPUT)
    }

    /// Every file that is named, of whatever it is.
    fn files(&self) -> impl Iterator<Item = &String> {
        [&self.tickets, &self.outages, &self.claims, &self.charges, &self.announcements].into_iter().flatten()
    }

    /// The same logs, judged at this instant.
    pub fn until(&self, as_of: Instant) -> Logs {
        Logs { as_of: Some(as_of), ..self.clone() }
    }
}

fn no_log() -> Failure {
    Failure::call("no log is named: name one with `--tickets DATA` or `--outages F`")
}

/// Which periods are shown and settled.
#[derive(Debug, Args)]
pub struct Days {
    /// The first day of the periods shown
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// The last day of the periods shown
    #[arg(long, value_name = "DATE")]
    to: Option<NaiveDate>,
}

impl Days {
    /// Every period.
    pub fn all() -> Days {
        Days { from: None, to: None }
    }

    /// What is settled of a run.
    ///
    /// # Errors
    /// When the last day lies before the first.
    pub fn scope(&self, as_of: Instant) -> Result<Scope, Failure> {
        let (first, last) = (self.from.unwrap_or(NaiveDate::MIN), self.to.unwrap_or(NaiveDate::MAX));
        if last < first {
            return Err(Failure::call("`--to` lies before `--from`"));
        }
        let days = (self.from.is_some() || self.to.is_some()).then_some((first, last));
        Ok(Scope { days, ..Scope::until(as_of) })
    }
}

/// A log and what it came to.
pub struct Run {
    /// The plan, with what a filter added to it.
    pub plan: Plan,
    /// The texts of the plan and of the log.
    pub names: Names,
    /// What was read.
    pub log: Log,
    /// The instant up to which clocks were judged.
    pub as_of: Instant,
    /// Outcomes by agreement.
    pub replay: Replay,
    /// The calendars of the plan.
    pub calendars: Calendars,
    /// An outage log was read.
    pub outages_known: bool,
    /// What was claimed; none: everything.
    pub claims: Option<Vec<Claim>>,
    /// What is charged; none: no file says.
    pub charges: Option<Vec<Charge>>,
}

impl Run {
    /// What one of its agreements comes to.
    /// # Errors
    /// When a plugin has no answer.
    pub fn settle(&self, agreement: &Agreement, outcomes: &Outcomes, scope: &Scope) -> Result<Statement, Failure> {
        let Run { log, calendars, names, .. } = self;
        let claims = self.claims.as_deref();
        let outages = self.outages_known.then_some(log.outages.as_slice());
        let charges = self.charges.as_deref();
        let facts = Facts { outcomes, outages, given: &[], claims, charges, calendars, names };
        settlement::settle(agreement, &facts, scope).map_err(|failed| Failure::plugin(failed.to_string()))
    }
}

/// Reads a log and runs it through the agreements.
///
/// # Errors
/// When files cannot be read, or it is not clear which source reads them.
pub fn run(loaded: Loaded, options: &Logs) -> Result<Run, Failure> {
    inputs::demand_one_standard_input(options.files())?;
    if !options.has_log()? {
        return Err(no_log());
    }
    let mut plan = loaded.plan;
    let source = if options.tickets.is_empty() {
        None
    } else {
        Some(sources::of_tickets(&plan, options.source.as_deref())?.clone())
    };
    let filter = match (&options.filter, &source) {
        (Some(text), Some(source)) => Some(filter::compile(&mut plan, source, text)?),
        (Some(_), None) => return Err(Failure::call("`--where` looks at tickets: name them with `--tickets`")),
        (None, _) => None,
    };
    let mut names = plan.names.clone();
    let mut log = read_logs(&plan, source.as_ref(), &mut names, options)?;
    let claims = claims(&plan, &mut names, options)?;
    let charges = charges(&plan, &mut names, options, &mut log)?;
    let as_of = options.as_of.or(log.latest).ok_or_else(|| Failure::input("the log has no instant in it"))?;
    let plan = plan.as_announced(&log.announced(as_of));
    let calendars = Calendars::new(&plan);
    let judge = || replay::replay(&plan, &calendars, &names, &log, as_of);
    let mut replay = in_threads(options.threads, judge)?;
    if let Some(failed) = replay.failed.take() {
        return Err(Failure::plugin(failed.to_string()));
    }
    if let Some(filter) = filter {
        for (agreement, outcomes) in plan.agreements.iter().zip(&mut replay.outcomes) {
            keep(agreement, outcomes, &names, &filter);
        }
    }
    let outages_known = !options.outages.is_empty();
    Ok(Run { plan, names, log, as_of, replay, calendars, outages_known, claims, charges })
}

/// The tickets, outages and announcements of the files that are named.
fn read_logs(plan: &Plan, source: Option<&Source>, names: &mut Names, options: &Logs) -> Result<Log, Failure> {
    let mut log = match source {
        Some(source) => read(plan, source, &options.tickets, names, options)?,
        None => Log::default(),
    };
    if !options.outages.is_empty() {
        let outages = read(plan, sources::of_facts(plan, &sources::OUTAGES)?, &options.outages, names, options)?;
        log.latest = log.latest.max(outages.latest);
        log.outages = outages.outages;
        log.rows += outages.rows;
        log.skipped.extend(outages.skipped);
    }
    if !options.announcements.is_empty() {
        let source = sources::of_facts(plan, &sources::ANNOUNCEMENTS)?;
        let read = read(plan, source, &options.announcements, names, options)?;
        log.announcements = read.announcements;
        log.skipped.extend(read.skipped);
    }
    Ok(log)
}

fn keep(agreement: &Agreement, outcomes: &mut Outcomes, names: &Names, filter: &crate::plan::condition::Condition) {
    outcomes.tickets.retain(|ticket| {
        let version = agreement.versions.get(ticket.version);
        version.is_some_and(|version| condition::holds(&filter.test, &View::of(names, version, &ticket.last)))
    });
}

fn in_threads<T: Send>(threads: Option<u16>, work: impl FnOnce() -> T + Send) -> Result<T, Failure> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.map_or(0, usize::from)).build();
    let pool = pool.map_err(|error| Failure::input(format!("cannot start threads: {error}")))?;
    Ok(pool.install(work))
}

/// The claims of the files that are named; none where none is.
fn claims(plan: &Plan, names: &mut Names, options: &Logs) -> Result<Option<Vec<Claim>>, Failure> {
    if options.claims.is_empty() {
        return Ok(None);
    }
    let source = sources::of_facts(plan, &sources::CLAIMS)?;
    let claims = read(plan, source, &options.claims, names, options)?.claims;
    let known = |claim: &Claim| {
        let versions = plan.agreements.iter().flat_map(|agreement| &agreement.versions);
        versions.flat_map(|version| &version.clauses).any(|clause| clause.name == claim.clause)
    };
    match claims.iter().find(|claim| !known(claim)) {
        Some(claim) => Err(Failure::input(format!(
            "a claim made at {} names `{}`, and no clause has this name",
            claim.at, claim.clause
        ))),
        None => Ok(Some(claims)),
    }
}

/// The charges of the files that are named; none where none is. What was left out of them is noted in `log`.
fn charges(plan: &Plan, names: &mut Names, options: &Logs, log: &mut Log) -> Result<Option<Vec<Charge>>, Failure> {
    if options.charges.is_empty() {
        return Ok(None);
    }
    let mut read = read(plan, sources::of_facts(plan, &sources::CHARGES)?, &options.charges, names, options)?;
    let foreign = charges::take_foreign(plan, &mut read.charges);
    if let (Some(first), BadRow::Fail) = (&foreign, options.on_bad_row) {
        return Err(Failure::input(first.first.clone()));
    }
    log.skipped.extend(read.skipped.into_iter().chain(foreign));
    Ok(Some(read.charges))
}

fn read(plan: &Plan, source: &Source, paths: &[String], names: &mut Names, options: &Logs) -> Result<Log, Failure> {
    let disk = Disk::default();
    let mut files = Vec::new();
    for path in inputs::named(paths)? {
        let bytes = if path == EXAMPLE { example() } else { disk.read(&path)? };
        files.push((path, bytes));
    }
    let inputs: Vec<Input<'_>> = files.iter().map(|(path, bytes)| Input { name: path, bytes }).collect();
    let on_bad_row = match options.on_bad_row {
        BadRow::Fail => OnBadRow::Fail,
        BadRow::Skip => OnBadRow::Skip,
    };
    let bytes: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    let mut line = progress::Line::new(u64::try_from(bytes).unwrap_or(u64::MAX));
    let read =
        input::read_watched(source, &inputs, &plan.vocabulary, names, on_bad_row, &mut |progress| line.show(progress));
    read.map_err(|fault| Failure::input(fault.to_string()))
}

fn instant(text: &str) -> Result<Instant, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|at| Instant(at.timestamp_millis()))
        .map_err(|_| "write an instant with its offset, such as 2026-01-01T00:00:00+01:00".to_string())
}

/// What was read, in figures.
pub fn figures(run: &Run) -> InputFigures {
    let outages = outages(run);
    let named = services(&run.plan);
    let unmatched = outages.iter().filter(|(service, _)| !named.contains(service.as_str()));
    InputFigures {
        outages_unmatched: unmatched.cloned().collect(),
        outages,
        tickets: run.log.tickets.len(),
        events: run.log.events,
        unmatched: run.replay.unmatched.iter().filter_map(|at| Some(run.log.tickets.get(*at)?.id.clone())).collect(),
        matched_twice: matched_twice(run),
        later: run.replay.later,
        announcements: run.log.announcements.len(),
        announcements_unmatched: announcements_unmatched(run),
        charges: run.charges.as_ref().map(|charges| charges::figures(&run.plan, charges)),
        skipped: run.log.skipped.clone(),
    }
}

/// How many announcements are for services that no agreement names, by service.
fn announcements_unmatched(run: &Run) -> Vec<(String, u64)> {
    let versions = run.plan.agreements.iter().flat_map(|agreement| &agreement.versions);
    let known: BTreeSet<&str> =
        versions.flat_map(|version| &version.services).map(|service| service.name.as_str()).collect();
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    let services = run.log.announcements.iter().filter_map(|announcement| announcement.service.as_ref());
    for service in services.filter(|service| !known.contains(service.as_str())) {
        *counts.entry(service.clone()).or_default() += 1;
    }
    counts.into_iter().collect()
}

/// How many outages of each service were read.
fn outages(run: &Run) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for outage in &run.log.outages {
        *counts.entry(run.names.text(outage.service).to_string()).or_default() += 1;
    }
    counts.into_iter().collect()
}

/// The services, and parts of services, of which some agreement counts outages.
fn services(plan: &Plan) -> BTreeSet<&str> {
    let versions = plan.agreements.iter().flat_map(|agreement| &agreement.versions);
    let services = versions.flat_map(|version| &version.services);
    let named = services.flat_map(|service| match &service.down {
        Down::Own => vec![service.name.as_str()],
        Down::All(parts) | Down::Any(parts) => parts.iter().map(String::as_str).collect(),
    });
    named.collect()
}

/// Ticket, the agreement passed over, and the one that judged.
fn matched_twice(run: &Run) -> Vec<(String, String, String)> {
    let name = |at: usize| run.plan.agreements.get(at).map(|agreement| agreement.name.clone());
    let twice = run.replay.matched_twice.iter();
    twice.filter_map(|(at, over, by)| Some((run.log.tickets.get(*at)?.id.clone(), name(*over)?, name(*by)?))).collect()
}
