//! Agreement files from their paths to a plan, with every finding told on the way.

use clap::Args;

use crate::checker::{self, Checked};
use crate::compiler;
use crate::diagnostic::Diagnostic;
use crate::plan::Plan;
use crate::report;
use crate::resolver::{self, Resolved};
use crate::source::Sources;

use super::files::{self, Disk};
use super::{Failure, Streams};

/// Which agreements a command runs.
#[derive(Debug, Args)]
pub struct Which {
    /// The agreement file, a folder of them, or `-` for standard input
    file: String,
    /// The agreement, where the file has several
    #[arg(long, value_name = "NAME")]
    agreement: Option<String>,
}

/// Agreements that may be run.
#[derive(Clone)]
pub struct Loaded {
    /// What will be executed.
    pub plan: Plan,
    /// A folder was named: every agreement of it is run.
    pub is_portfolio: bool,
}

/// What `check` finds in some files.
pub struct Findings {
    /// The files' texts.
    pub sources: Sources,
    /// Errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// None where there are errors.
    pub checked: Option<Checked>,
}

/// Reads and checks files and folders.
///
/// # Errors
/// When a file that is named itself cannot be read.
pub fn find(disk: &Disk, paths: &[String]) -> Result<Findings, Failure> {
    let all = files::all_agreements(paths)?;
    let mut all: Vec<String> = all.iter().map(|path| path.trim_start_matches("./").to_string()).collect();
    all.dedup();
    let resolved = resolver::load(disk, &all);
    if let Some(message) = unreadable(&resolved) {
        return Err(Failure::input(message));
    }
    Ok(match checker::check(resolved) {
        Ok(checked) => Findings {
            sources: checked.resolved().sources.clone(),
            diagnostics: checked.warnings().to_vec(),
            checked: Some(checked),
        },
        Err((resolved, diagnostics)) => Findings { sources: resolved.sources, diagnostics, checked: None },
    })
}

/// A file of the command line that could not be read is no finding about an agreement.
fn unreadable(resolved: &Resolved) -> Option<String> {
    let fault = resolved.diagnostics.iter().find(|found| {
        let nothing_read = resolved.sources.get(found.span.file).is_some_and(|file| file.text.is_empty());
        nothing_read && ["missing_file", "unreadable_text"].contains(&found.code)
    })?;
    let help = fault.help.iter().filter(|_| fault.code == "unreadable_text").map(|help| format!(": {help}"));
    Some(std::iter::once(fault.message.clone()).chain(help).collect())
}

impl Findings {
    /// How many of them are errors.
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|found| found.is_error()).count()
    }
}

impl Which {
    /// Loads what a command runs: findings go to the error stream, and errors end it.
    ///
    /// # Errors
    /// When a file cannot be read, or an agreement has errors.
    pub fn load(&self, streams: &mut Streams<'_>) -> Result<Loaded, Failure> {
        load(&self.file, self.agreement.as_deref(), streams)
    }
}

/// Loads a file or a folder, of it one agreement where that is named: findings go to the error stream, and errors end it.
///
/// # Errors
/// As [`Which::load`].
pub fn load(path: &str, agreement: Option<&str>, streams: &mut Streams<'_>) -> Result<Loaded, Failure> {
    let refused = |errors: &str| format!("{errors} in `{path}`: nothing was run");
    let plan = compiled(&Disk::default(), &[path.to_string()], streams, refused)?;
    let is_portfolio = files::is_folder(path);
    let plan = choose(plan, path, agreement, is_portfolio)?;
    Ok(Loaded { plan, is_portfolio })
}

/// The plan of some files: findings go to the error stream, and errors end it with what `refused` says of their number.
///
/// # Errors
/// When a file cannot be read, or an agreement has errors.
pub fn compiled(
    disk: &Disk,
    paths: &[String],
    streams: &mut Streams<'_>,
    refused: impl FnOnce(&str) -> String,
) -> Result<Plan, Failure> {
    let findings = find(disk, paths)?;
    streams.tell(&report::diagnostic::drawn(&findings.diagnostics, &findings.sources))?;
    let errors = report::count(findings.errors(), "error");
    let checked = findings.checked.ok_or_else(|| Failure::no(refused(&errors)))?;
    Ok(compiler::compile(&checked))
}

/// The agreements that are run: the one that is named, all of a folder, the only one of a file.
fn choose(mut plan: Plan, path: &str, agreement: Option<&str>, is_portfolio: bool) -> Result<Plan, Failure> {
    let names: Vec<String> = plan.agreements.iter().map(|agreement| agreement.name.clone()).collect();
    match agreement {
        Some(name) => {
            plan.agreements.retain(|agreement| agreement.name == name);
            if plan.agreements.is_empty() {
                return Err(Failure::call(format!("`{path}` has no agreement `{name}`; it has: {}", names.join(", "))));
            }
        }
        None if names.is_empty() => {
            let message = format!("`{path}` has no agreement that can be run; templates are for others to extend");
            return Err(Failure::call(message));
        }
        None if names.len() > 1 && !is_portfolio => {
            let message =
                format!("`{path}` has several agreements: say which with `--agreement NAME` ({})", names.join(", "));
            return Err(Failure::call(message));
        }
        None => {}
    }
    Ok(plan)
}
