//! An agreement's own tests: a history is replayed and settled, and each expectation compared with what came of it.

mod spoken;
mod coverage;
mod expect;
mod given;
mod history;

use std::collections::BTreeSet;

use crate::ast::{Expectation, Test, TestLine};
use crate::diagnostic::Diagnostic;
use crate::engine::Calendars;
use crate::explain::{Explanation, Ground};
use crate::outcome::Outcomes;
use crate::plan::clause::Period;
use crate::plan::{Agreement, Fee, FeeRate, Place, Plan};
use crate::plugin::Failed;
use crate::replay::{self, Replay};
use crate::settlement::{self, Facts, Given, Scope};
use crate::source::{Sources, Span};
use crate::statement::Statement;
use crate::ticket::{Log, Names};
use crate::time::Instant;

use history::History;
use spoken::SpokenOf;

pub use coverage::{Coverage, Item, coverage};

/// What became of one test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The test's sentence.
    pub name: String,
    /// The agreement it tests.
    pub agreement: String,
    /// The file that declares it.
    pub file: String,
    /// The line on which it begins.
    pub line: usize,
    /// Expectations that do not hold; none: it passed.
    pub failures: Vec<Failure>,
    /// What happened to its tickets; only where it failed.
    pub timeline: Vec<Explanation>,
    /// Places of the clauses, bands, pauses and steps that its history reached.
    pub reached: BTreeSet<String>,
    /// A plugin had no answer, so nothing could be judged or settled.
    pub is_unanswered: bool,
}

/// An expectation that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The kind of fault, where the history could not be judged; none for an expectation.
    pub code: Option<&'static str>,
    /// The line of the expectation.
    pub line: usize,
    /// The expectation, as written.
    pub expected: String,
    /// What is the case, in words.
    pub got: String,
}

/// What a test's history came to.
struct Came<'a> {
    agreement: &'a Agreement,
    outcomes: &'a Outcomes,
    statement: &'a Statement,
    facts: Facts<'a>,
    scope: Scope,
    plan: &'a Plan,
    sources: &'a Sources,
}

/// Runs a test of the agreement at place `at` of the plan. `findings` are what `check` says of the files.
pub fn run(plan: &Plan, at: usize, test: &Test, sources: &Sources, findings: &[Diagnostic]) -> Report {
    let mut report = Report {
        name: test.name.value.clone(),
        agreement: test.agreement.value.clone(),
        file: sources.path(test.span).to_string(),
        line: sources.start(test.span).line,
        failures: Vec::new(),
        timeline: Vec::new(),
        reached: BTreeSet::new(),
        is_unanswered: false,
    };
    let Some(agreement) = plan.agreements.get(at) else { return report };
    // Only the agreement under test judges, whatever else its file declares.
    let mut plan = Plan { agreements: vec![with_fees(agreement, test)], ..plan.clone() };
    let given = given::read(&mut plan, test, sources);
    let mut names = plan.names.clone();
    let history = history::read(test, agreement.zone, &mut plan.vocabulary, &mut names, sources);
    match given.and_then(|given| Ok((given, history?))) {
        Ok((given, history)) => {
            let plan = plan.as_announced(&history.log.announced(history.as_of));
            judge(&plan, &names, history, &given, test, sources, &mut report);
        }
        Err(failure) => {
            report.failures.push(failure);
            report.failures.extend(unjudged(test, sources));
        }
    }
    faults(test, sources, findings, &mut report);
    report
}

/// What else a test expects of a history that cannot be judged.
fn unjudged(test: &Test, sources: &Sources) -> Vec<Failure> {
    let is_other = |line: &TestLine| matches!(line, TestLine::Expect(other) if !matches!(other, Expectation::Fault(_)));
    let others = test.lines.iter().filter(|line| is_other(&line.value));
    let failures = others.map(|line| Failure {
        code: None,
        line: sources.start(line.span).line,
        expected: sources.text(line.span).split_whitespace().collect::<Vec<_>>().join(" "),
        got: "the history cannot be judged".to_string(),
    });
    failures.collect()
}

/// Faults that are expected: those that are there are no failures, and those that are not are.
fn faults(test: &Test, sources: &Sources, findings: &[Diagnostic], report: &mut Report) {
    let expected = test.lines.iter().filter_map(|line| match &line.value {
        TestLine::Expect(Expectation::Fault(code)) => Some((line.span, code.value.as_str())),
        _ => None,
    });
    let expected: Vec<(Span, &str)> = expected.collect();
    let in_file = findings.iter().filter(|finding| finding.span.file == test.span.file);
    let met = report.failures.iter().filter_map(|failure| failure.code);
    let found: BTreeSet<&str> = in_file.map(|finding| finding.code).chain(met).collect();
    report
        .failures
        .retain(|failure| !failure.code.is_some_and(|code| expected.iter().any(|(_, known)| *known == code)));
    for (span, code) in expected.into_iter().filter(|(_, code)| !found.contains(code)) {
        let known = found.iter().copied().collect::<Vec<_>>().join(", ");
        let got = if known.is_empty() { "nothing was at fault".to_string() } else { format!("at fault is {known}") };
        let expected = format!("expect fault {code}");
        report.failures.push(Failure { code: None, line: sources.start(span).line, expected, got });
    }
}

fn judge(
    plan: &Plan,
    names: &Names,
    history: History,
    given: &[Given],
    test: &Test,
    sources: &Sources,
    report: &mut Report,
) {
    let History { log, as_of } = history;
    let Some(agreement) = plan.agreements.first() else { return };
    let calendars = Calendars::new(plan);
    let replay = replay::replay(plan, &calendars, names, &log, as_of);
    if let Some(failed) = &replay.failed {
        return report.unanswered(failed, test, sources);
    }
    report.failures.extend(unmatched(&log, &replay, test, sources));
    let Some(outcomes) = replay.outcomes.first() else { return };
    let scope = Scope { over_by: Instant(i64::MAX), ..Scope::until(as_of) };
    let facts = Facts {
        outcomes,
        outages: Some(&log.outages),
        given,
        claims: None,
        charges: Some(&log.charges),
        calendars: &calendars,
        names,
    };
    let statement = match settlement::settle(agreement, &facts, &scope) {
        Ok(statement) => statement,
        Err(failed) => return report.unanswered(&failed, test, sources),
    };
    report.reached = coverage::reached(agreement, outcomes, &statement);
    let came = Came { agreement, outcomes, statement: &statement, facts, scope, plan, sources };
    let mut spoken_of = SpokenOf::default();
    for line in &test.lines {
        if let TestLine::Expect(expectation) = &line.value
            && let Some(got) = came.differs(expectation, &mut spoken_of)
        {
            let expected = sources.text(line.span).split_whitespace().collect::<Vec<_>>().join(" ");
            report.failures.push(Failure { code: None, line: sources.start(line.span).line, expected, got });
        }
    }
    if !report.failures.is_empty() {
        let ground = Ground { plan, calendars: &calendars, names, log: &log };
        let tickets = outcomes.tickets.iter();
        report.timeline = tickets.filter_map(|ticket| ground.explain(agreement, ticket, &statement)).collect();
    }
}

impl Report {
    /// A plugin without an answer leaves nothing to be tested.
    fn unanswered(&mut self, failed: &Failed, test: &Test, sources: &Sources) {
        let (line, expected) = (sources.start(test.name.span).line, "an answer of every plugin".to_string());
        self.failures.push(Failure { code: None, line, expected, got: failed.to_string() });
        self.is_unanswered = true;
    }
}

/// A ticket that fits no agreement tests nothing.
fn unmatched(log: &Log, replay: &Replay, test: &Test, sources: &Sources) -> Vec<Failure> {
    let ids = replay.unmatched.iter().filter_map(|at| log.tickets.get(*at)).map(|ticket| ticket.id.as_str());
    let failures = ids.map(|id| {
        let declared =
            test.lines.iter().find(|line| matches!(&line.value, TestLine::Ticket(name, _) if name.value == id));
        Failure {
            code: Some("unmatched_ticket"),
            line: sources.start(declared.map_or(test.span, |line| line.span)).line,
            expected: format!("ticket {id} is judged by {}", test.agreement.value),
            got: "it fits no agreement: see `applies when` and `effective`".to_string(),
        }
    });
    failures.collect()
}

/// The agreement with the fees that the test sets.
fn with_fees(agreement: &Agreement, test: &Test) -> Agreement {
    let mut agreement = agreement.clone();
    for line in &test.lines {
        let TestLine::Fee(service, money, per) = &line.value else { continue };
        let service = service.as_ref().map(|name| name.value.clone());
        let rate = FeeRate { amount: money.amount.clone(), per: period(&per.value) };
        let fee = Fee { service, rate: Some(rate), place: nowhere() };
        for version in &mut agreement.versions {
            version.fees.retain(|known| known.service != fee.service);
            version.fees.push(fee.clone());
        }
    }
    agreement
}

fn period(period: &crate::ast::Period) -> Period {
    match period {
        crate::ast::Period::Quarter => Period::Quarter,
        crate::ast::Period::Year | crate::ast::Period::ContractYear => Period::Year,
        _ => Period::Month,
    }
}

fn nowhere() -> Place {
    Place { mark: None, at: String::new(), words: "fee of the test".to_string() }
}
