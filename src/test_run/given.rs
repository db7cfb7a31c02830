//! Figures that a test gives and no history of it.

use crate::ast::{Test, TestLine};
use crate::compiler;
use crate::plan::Plan;
use crate::settlement::{self, Given, PeriodLabel};
use crate::source::Sources;

use super::Failure;

/// The figures that a test gives, by the version in force at the start of their period.
///
/// # Errors
/// A period that is none, or a figure of something that the version does not have.
pub(super) fn read(plan: &mut Plan, test: &Test, sources: &Sources) -> Result<Vec<Given>, Failure> {
    let Some(agreement) = plan.agreements.first().cloned() else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for line in &test.lines {
        let TestLine::Given(given) = &line.value else { continue };
        let fault = |got: &str| Failure {
            code: Some("bad_given"),
            line: sources.start(line.span).line,
            expected: sources.text(line.span).to_string(),
            got: got.to_string(),
        };
        let label = PeriodLabel::new(&agreement, &given.period.value);
        let span =
            label.span().ok_or_else(|| fault("this is no period: write 2025, 2025-Q1, 2025-03 or 2025-03-07"))?;
        let version = settlement::version_for(&agreement, span);
        let measure = version.and_then(|version| compiler::measure(plan, sources, version, &given.measure));
        let measure = measure.ok_or_else(|| fault("nothing of this name was agreed then"))?;
        let of = given.of.and_then(|of| u64::try_from(of).ok());
        found.push(Given { measure, period: span.span, value: given.value.clone(), of });
    }
    Ok(found)
}
