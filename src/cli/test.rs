//! `klausel test`: the agreement's own tests.

use clap::Args;

use crate::ast::Test;
use crate::compiler;
use crate::report;
use crate::test_run::{self, Report};

use super::files::Disk;
use super::{Exit, Failure, Streams, load, output};

/// Run the tests that stand beside the clauses
#[derive(Debug, Args)]
pub struct Options {
    /// Agreement files or folders
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Only tests whose sentence or agreement contains this
    #[arg(long, value_name = "T")]
    filter: Option<String>,
    /// Write the results as JUnit XML; `-` is standard output
    #[arg(long, value_name = "OUT")]
    junit: Option<String>,
    /// Tell which clauses, bands, pauses and steps no test reached
    #[arg(long)]
    coverage: bool,
}

pub fn run(options: &Options, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let found = load::find(&Disk::default(), &options.files)?;
    streams.tell(&report::diagnostic::drawn(&found.diagnostics, &found.sources))?;
    let Some(checked) = found.checked else { return Err(Failure::no("errors were found: no test was run")) };
    if options.junit.as_deref().is_some_and(output::is_out) {
        streams.take_out();
    }
    let plan = compiler::compile(&checked);
    let mut reports = Vec::new();
    let mut first_agreement = 0;
    for root in &checked.resolved().roots {
        let own = root.scope.tests.iter().filter(|test| test.span.file == root.file && wanted(test, options));
        for test in own {
            let place = root.agreements.iter().position(|agreement| agreement.name.value == test.agreement.value);
            let Some(place) = place else { continue };
            let report = test_run::run(&plan, first_agreement + place, test, &found.sources, checked.warnings());
            streams.print(&report::test_results::text(&report, &plan))?;
            reports.push(report);
        }
        first_agreement += root.agreements.len();
    }
    if let Some(path) = &options.junit {
        let xml = report::test_results::junit(&reports);
        let xml = xml.map_err(|error| Failure::input(format!("cannot write `{path}`: {error}")))?;
        output::write(path, xml.as_bytes(), streams)?;
    }
    if options.coverage {
        for agreement in &plan.agreements {
            let coverage = test_run::coverage(agreement, &reports);
            streams.print(&report::test_results::coverage(&coverage))?;
        }
    }
    summary(&reports, streams)
}

fn wanted(test: &Test, options: &Options) -> bool {
    let filter = options.filter.as_deref().unwrap_or("");
    test.name.value.contains(filter) || test.agreement.value.contains(filter)
}

fn summary(reports: &[Report], streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let failed = reports.iter().filter(|report| !report.failures.is_empty()).count();
    streams.print(&format!("{} passed, {failed} failed\n", reports.len() - failed))?;
    if reports.is_empty() {
        streams.tell("klausel: there is no test to run here\n")?;
    }
    Ok(match failed {
        0 => Exit::Done,
        _ if reports.iter().any(|report| report.is_unanswered) => Exit::Plugin,
        _ => Exit::No,
    })
}
