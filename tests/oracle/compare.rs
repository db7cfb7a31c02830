//! The engine against the walk: random agreements, random tickets, outcome by outcome and step by step.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::{self, Write};

use klausel::engine::Calendars;
use klausel::outcome::{Judged, Status};
use klausel::plan::Plan;
use klausel::source::{FileError, Files};
use klausel::ticket::{Log, Names, Ticket};
use klausel::time::{Instant, spell};
use klausel::{checker, compiler, diagnostic, replay, resolver};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::draft::{self, Scenery, Wording};
use crate::history::History;
use crate::walk::{self, Doing, Line, Told, World};

struct OneFile<'t>(&'t str);

impl Files for OneFile<'_> {
    fn read(&self, _path: &str) -> Result<Vec<u8>, FileError> {
        Ok(self.0.as_bytes().to_vec())
    }
}

/// An agreement with tickets, all as text and numbers.
#[derive(Clone)]
pub struct Case {
    pub scenery: Scenery,
    pub agreement: String,
    pub histories: Vec<History>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", self.agreement)?;
        self.histories.iter().try_for_each(|history| write!(f, "\n{}", history.show(&self.scenery)))
    }
}

/// Random cases with up to this many tickets.
pub fn cases(wording: Wording, tickets: usize) -> impl Strategy<Value = Case> {
    let numbers = |most: usize| prop::collection::vec(any::<u16>(), 0..=most);
    let histories = prop::collection::vec(numbers(180), 1..=tickets);
    (numbers(16), numbers(120), numbers(200), numbers(80), histories).prop_map(
        move |(place, calendars, terms, steps, histories)| {
            let scenery = Scenery::new(&place);
            Case {
                agreement: draft::agreement(&scenery, wording, &calendars, &terms, &steps),
                histories: histories.iter().map(|numbers| History::new(&scenery, numbers)).collect(),
                scenery,
            }
        },
    )
}

/// The plan of an agreement's text.
pub fn plan(text: &str) -> Plan {
    let resolved = resolver::load(&OneFile(text), &["case.sla".to_string()]);
    match checker::check(resolved) {
        Ok(checked) => compiler::compile(&checked),
        Err((resolved, found)) => {
            let faults: Vec<String> =
                found.iter().map(|found| diagnostic::headline(found, &resolved.sources)).collect();
            panic!("a written agreement is not right:\n{}\n{text}", faults.join("\n"));
        }
    }
}

/// A plan with tickets under it.
pub struct Desk {
    pub plan: Plan,
    pub names: Names,
    pub tickets: Vec<Ticket>,
}

impl Desk {
    pub fn new(case: &Case) -> Desk {
        let mut plan = plan(&case.agreement);
        let mut names = plan.names.clone();
        let tickets = (0..)
            .zip(&case.histories)
            .map(|(number, history): (u32, _)| history.ticket(&mut plan, &mut names, &format!("T{number}")));
        let tickets = tickets.collect();
        Desk { plan, names, tickets }
    }

    /// What the engine says of one ticket.
    pub fn judge(&self, calendars: &Calendars, place: usize, as_of: i64) -> Option<Judged> {
        let log = Log { tickets: vec![self.tickets[place].clone()], ..Log::default() };
        let replay = replay::replay(&self.plan, calendars, &self.names, &log, Instant(as_of));
        replay.outcomes.into_iter().next().unwrap().tickets.pop()
    }
}

/// The engine's answer in the walk's form.
pub fn told(judged: &Judged) -> (Vec<Line>, Vec<Told>) {
    let steps = judged.steps.iter();
    let steps =
        steps.map(|fired| (fired.metric.0, fired.cycle, fired.escalation, fired.step, fired.action, fired.at.0));
    (judged.clocks.iter().map(Line::from).collect(), steps.collect())
}

/// How often a run met what it is meant to meet.
#[derive(Debug, Default)]
pub struct Tally(BTreeMap<&'static str, u64>);

impl Tally {
    fn add(&mut self, what: &'static str, times: usize) {
        *self.0.entry(what).or_default() += u64::try_from(times).unwrap();
    }

    fn clocks(&mut self, lines: &[Line], steps: &[Told]) {
        let count = |wanted: &dyn Fn(&Line) -> bool| lines.iter().filter(|line| wanted(line)).count();
        for status in [Status::Met, Status::Breached, Status::Running, Status::Cancelled] {
            self.add(status.word(), count(&|line| line.status == status));
        }
        self.add("paused", count(&|line| 0 < line.paused));
        self.add("resumed after a stop", count(&|line| line.life.iter().any(|life| life.2 == Doing::Stands)));
        self.add("second cycles", count(&|line| line.cycle == 2));
        self.add("stopped exactly when due", count(&|line| line.stopped.is_some() && line.stopped == line.due));
        self.add("breached after they were due", count(&|line| line.breached.is_some() && line.breached != line.due));
        self.add("never ran", count(&|line| line.due.is_none() && line.status == Status::Running));
        self.add("steps", steps.len());
    }
}

/// Holds both engines against each other on one case.
pub fn compare(case: &Case, tally: &mut Tally) -> Result<(), TestCaseError> {
    let desk = Desk::new(case);
    let calendars = Calendars::new(&desk.plan);
    let world = World::new(&desk.plan, &desk.names, case.scenery.grain.step());
    for (place, history) in case.histories.iter().enumerate() {
        let Ok(walked) = walk::walk(&world, &desk.tickets[place], history.as_of) else {
            tally.add("tickets left out, too far ahead", 1);
            continue;
        };
        let judged = desk.judge(&calendars, place, history.as_of);
        let engine = judged.as_ref().map_or((Vec::new(), Vec::new()), told);
        if engine != walked {
            let zone = case.scenery.zone;
            let message = format!(
                "they differ on this ticket:\n{}\nthe engine:\n{}\nthe walk:\n{}",
                history.show(&case.scenery),
                show(&engine, zone),
                show(&walked, zone)
            );
            return Err(TestCaseError::fail(message));
        }
        tally.add("tickets compared", 1);
        tally.clocks(&walked.0, &walked.1);
    }
    Ok(())
}

fn show((lines, steps): &(Vec<Line>, Vec<Told>), zone: chrono_tz::Tz) -> String {
    let wall = |at: i64| Instant(at).wall(zone);
    let maybe = |at: Option<i64>| at.map_or("-".to_string(), wall);
    let mut text = String::new();
    for line in lines {
        writeln!(
            text,
            "  metric {} cycle {} {} target {} elapsed {} paused {} late {}\n    started {} due {} stopped {} breached {} cancelled {}",
            line.metric,
            line.cycle,
            line.status.word(),
            spell(line.target),
            spell(line.elapsed),
            spell(line.paused),
            spell(line.late),
            wall(line.started),
            maybe(line.due),
            maybe(line.stopped),
            maybe(line.breached),
            maybe(line.cancelled)
        )
        .unwrap();
        for (from, to, doing) in &line.life {
            writeln!(text, "    {} to {} {doing:?}", wall(*from), wall(*to)).unwrap();
        }
        if let Some(state) = &line.at_breach {
            writeln!(text, "    at breach {:?} {:?} {:?}", state.fields, state.priority, state.tier).unwrap();
        }
    }
    for (metric, cycle, escalation, step, action, at) in steps {
        writeln!(
            text,
            "  metric {metric} cycle {cycle} escalation {escalation} step {step} action {action} {}",
            wall(*at)
        )
        .unwrap();
    }
    text
}

/// How many cases, and from which seed. Both can be set from outside.
pub fn cases_and_seed(usual: u32) -> (u32, u64) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.replace('_', "").parse::<u64>().ok());
    let cases = number("KLAUSEL_CASES").map_or(usual, |cases| u32::try_from(cases).unwrap());
    (cases, number("KLAUSEL_SEED").unwrap_or(20_250_307))
}

fn runner(cases: u32, seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 4_000, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// Runs a property over random cases.
pub fn hold<T: fmt::Debug>(
    cases: u32,
    seed: u64,
    strategy: &impl Strategy<Value = T>,
    property: impl Fn(T) -> Result<(), TestCaseError>,
) {
    match runner(cases, seed).run(strategy, property) {
        Ok(()) => {}
        Err(TestError::Fail(reason, case)) => panic!("seed {seed}: {reason}\n{case:?}"),
        Err(TestError::Abort(reason)) => panic!("seed {seed}: given up: {reason}"),
    }
}

#[test]
fn the_engine_agrees_with_the_walk() {
    let (cases, seed) = cases_and_seed(2_000);
    let parts = std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap());
    let tallies = std::thread::scope(|scope| {
        let run = |part: u32| {
            let tally = RefCell::new(Tally::default());
            let seed = seed + u64::from(part);
            let strategy = self::cases(Wording::Free, 3);
            hold(cases.div_ceil(parts), seed, &strategy, |case| compare(&case, &mut tally.borrow_mut()));
            tally.into_inner()
        };
        let threads: Vec<_> = (0..parts).map(|part| scope.spawn(move || run(part))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<Tally>>()
    });
    let mut tally = Tally::default();
    tallies.iter().flat_map(|part| &part.0).for_each(|(what, times)| *tally.0.entry(what).or_default() += times);
    eprintln!("the engine against the walk: {cases} agreements from seed {seed} on {parts} threads: {:#?}", tally.0);
    let missed: Vec<_> = tally.0.iter().filter(|(_, times)| **times == 0).collect();
    assert!(cases < 500 || missed.is_empty(), "never met: {missed:?}");
}
