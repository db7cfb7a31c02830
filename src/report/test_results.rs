//! Results of an agreement's tests, for people and for CI systems.

use quick_junit::{NonSuccessKind, Report as Junit, SerializeError, TestCase, TestCaseStatus, TestSuite};

use crate::plan::Plan;
use crate::test_run::{Coverage, Failure, Item, Report};

use super::explanation;

/// One line for a test; a failing one with what was expected, what is the case, and what happened.
pub fn text(report: &Report, plan: &Plan) -> String {
    let verdict = if report.failures.is_empty() { "ok  " } else { "FAIL" };
    let mut text = format!("{verdict} {}: {}\n", report.agreement, report.name);
    report.failures.iter().for_each(|failure| text.push_str(&failure_text(report, failure)));
    let agreement = plan.agreements.iter().find(|agreement| agreement.name == report.agreement);
    for timeline in &report.timeline {
        let (zone, currency) = agreement.map_or((chrono_tz::UTC, None), |found| (found.zone, found.currency));
        for line in explanation::text(timeline, zone, currency).lines() {
            text.push_str(format!("    | {line}").trim_end());
            text.push('\n');
        }
    }
    text
}

fn failure_text(report: &Report, failure: &Failure) -> String {
    format!("  {}:{}: {}\n    got: {}\n", report.file, failure.line, failure.expected, failure.got)
}

/// What the tests of an agreement reached, and all that they did not.
pub fn coverage(coverage: &Coverage) -> String {
    let kinds = ["clause", "band", "consequence", "pause", "step"];
    let counts = kinds.map(|kind| {
        let of_kind: Vec<&Item> = coverage.items.iter().filter(|item| item.kind == kind).collect();
        let reached = of_kind.iter().filter(|item| item.reached).count();
        (kind, reached, of_kind.len())
    });
    let counts = counts.iter().filter(|(_, _, all)| *all > 0);
    let mut counts: Vec<String> = counts.map(|(kind, reached, all)| format!("{reached} of {all} {kind}s")).collect();
    if counts.is_empty() {
        counts.push("there is nothing that a test could reach".to_string());
    }
    let mut text = format!("coverage of {}: {}\n", coverage.agreement, counts.join(", "));
    for item in coverage.items.iter().filter(|item| !item.reached) {
        text.push_str(&format!("  no test reaches the {} `{}` ({})\n", item.kind, item.place.words, item.place.at));
    }
    text
}

/// The results as JUnit XML, a suite for each agreement.
///
/// # Errors
/// When the XML cannot be put together.
pub fn junit(reports: &[Report]) -> Result<String, SerializeError> {
    let mut junit = Junit::new("klausel");
    let mut suites: Vec<TestSuite> = Vec::new();
    for report in reports {
        let place = suites.iter().position(|suite| suite.name.as_str() == report.agreement);
        let place = place.unwrap_or_else(|| {
            suites.push(TestSuite::new(report.agreement.as_str()));
            suites.len() - 1
        });
        if let Some(suite) = suites.get_mut(place) {
            suite.add_test_case(case(report));
        }
    }
    junit.add_test_suites(suites);
    junit.to_string()
}

fn case(report: &Report) -> TestCase {
    let mut status = TestCaseStatus::success();
    if let Some(first) = report.failures.first() {
        status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(format!("expected {}, got {}", first.expected, first.got));
        status.set_description(report.failures.iter().map(|failure| failure_text(report, failure)).collect::<String>());
    }
    let mut case = TestCase::new(report.name.as_str(), status);
    case.set_classname(format!("{}:{}", report.file, report.line));
    case
}
