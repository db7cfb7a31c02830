//! Outages, tick by tick.

use std::cell::RefCell;
use std::collections::BTreeMap;

use klausel::plan::availability::{Down, Service};
use klausel::plan::clause::Period;
use klausel::plan::condition::Condition;
use klausel::ticket::Outage;

use crate::walk::{State, World};

use super::periods::{Dates, Span};

/// Outages begin and end on ticks.
pub const TICK_MS: i64 = 20_000;

/// A time during which a service was down, as known at `as of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    pub from: i64,
    pub to: i64,
    /// The first tick on which the service was down; later than `from` where time between two outages counts.
    first: i64,
    /// When it began, where it goes on with one of an earlier month.
    since: i64,
}

impl Run {
    fn new(from: i64, to: i64) -> Run {
        Run { from, to, first: from, since: from }
    }
}

/// The outages that a clause sees.
#[derive(Clone, Copy, Default)]
pub struct Sees<'c> {
    pub when: Option<&'c Condition>,
    pub except: Option<&'c Condition>,
}

pub struct Monitor<'a> {
    pub dates: &'a Dates,
    pub world: &'a World<'a>,
    pub outages: &'a [Outage],
    pub as_of: i64,
    /// By service and conditions.
    known: RefCell<BTreeMap<String, Vec<Run>>>,
}

impl<'a> Monitor<'a> {
    pub fn new(dates: &'a Dates, world: &'a World<'a>, outages: &'a [Outage], as_of: i64) -> Monitor<'a> {
        Monitor { dates, world, outages, as_of, known: RefCell::default() }
    }

    pub fn state(&self, outage: &Outage) -> State {
        let fields = outage.fields.iter().filter_map(|change| Some((change.field.0, change.value?)));
        State { fields: fields.collect(), ..State::default() }
    }

    /// The rows of one name that count, cut at `as of`.
    fn rows(&self, name: &str, service: &Service, sees: Sees<'_>) -> Vec<(Run, &Outage)> {
        let mut rows = Vec::new();
        for outage in self.outages {
            let state = self.state(outage);
            let holds = |condition: &Condition| self.world.holds(condition, &state);
            let excluded = self.world.version.outage_exclusions.iter().any(|exclusion| holds(&exclusion.when));
            let seen = service.when.as_ref().is_none_or(holds)
                && sees.when.is_none_or(holds)
                && !sees.except.is_some_and(holds);
            if self.world.names.text(outage.service) == name && outage.start.0 <= self.as_of && seen && !excluded {
                let to = outage.end.map_or(self.as_of, |end| end.0.min(self.as_of));
                rows.push((Run::new(outage.start.0, to), outage));
            }
        }
        rows
    }

    /// When the service was down: what is not far apart is one outage, and short ones do not count. An outage that began in
    /// a later month is one of that month, and begins neither before it nor before the earlier one ends.
    pub fn runs(&self, service: &Service, sees: Sees<'_>) -> Vec<Run> {
        let words = |condition: Option<&Condition>| condition.map_or(String::new(), |said| said.words.clone());
        let key = format!("{} when {} except {}", service.name, words(sees.when), words(sees.except));
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let runs = self.walk(service, sees);
        self.known.borrow_mut().insert(key, runs.clone());
        runs
    }

    fn walk(&self, service: &Service, sees: Sees<'_>) -> Vec<Run> {
        let rows: Vec<Vec<(Run, &Outage)>> = parts(service).iter().map(|part| self.rows(part, service, sees)).collect();
        let mut runs = self.steps(&rows, matches!(service.down, Down::All(_)), service.join);
        runs.retain(|run| {
            let long = |ignore: klausel::plan::availability::Ignore| {
                let length = run.to - run.since;
                if ignore.inclusive { ignore.length < length } else { ignore.length <= length }
            };
            service.ignore.is_none_or(long)
        });
        runs
    }

    /// The runs of rows, tick by tick: where one part is down, or all are.
    fn steps(&self, rows: &[Vec<(Run, &Outage)>], all: bool, join: i64) -> Vec<Run> {
        let Some(first) = rows.iter().flatten().map(|(run, _)| run.from).min() else { return Vec::new() };
        let mut runs: Vec<Run> = Vec::new();
        let last = rows.iter().flatten().map(|(run, _)| run.to).max().unwrap();
        let mut at = first;
        while at < last {
            // When what is down began, part by part.
            let begun = |rows: &Vec<(Run, &Outage)>| {
                rows.iter().filter(|(run, _)| run.from <= at && at < run.to).map(|(run, _)| run.from).min()
            };
            let all_begun: Option<Vec<i64>> = rows.iter().map(begun).collect();
            let begun =
                if all { all_begun.and_then(|all| all.into_iter().max()) } else { rows.iter().filter_map(begun).min() };
            if let Some(begun) = begun {
                let month = self.dates.at(Period::Month, begun).from;
                let new = Run::new(at, at + TICK_MS);
                match runs.last_mut() {
                    Some(last) if last.to == at || at - last.to < join => {
                        if month <= last.from {
                            last.to = at + TICK_MS;
                        } else {
                            let cut = Run { from: last.to.max(month), since: last.since, ..new };
                            runs.push(cut);
                        }
                    }
                    _ => runs.push(new),
                }
            }
            at += TICK_MS;
        }
        runs
    }

    /// The fields of the row with which a run begins: of those of one instant the shortest, of those of one length the
    /// first by their texts. Where all parts must be down, of the outage of the first part.
    pub fn first_state(&self, service: &Service, sees: Sees<'_>, run: Run) -> State {
        let mut names = parts(service);
        let mut run = run;
        if matches!(service.down, Down::All(_)) {
            names.truncate(1);
            let of_part = self.steps(&[self.rows(names[0], service, sees)], false, 0);
            run = of_part.into_iter().find(|part| part.from <= run.first && run.first < part.to).unwrap();
        }
        let mut rows: Vec<(Run, usize, Vec<String>, &Outage)> = Vec::new();
        for (place, name) in names.iter().enumerate() {
            for (row, outage) in self.rows(name, service, sees) {
                rows.push((row, place, self.texts(outage), outage));
            }
        }
        rows.sort_by(|a, b| (a.0, a.1, &a.2).cmp(&(b.0, b.1, &b.2)));
        if run.since < run.from {
            let first = rows.iter().find(|(row, ..)| run.from < row.to);
            return first.map_or(State::default(), |(.., outage)| self.state(outage));
        }
        let mut begins = run.from;
        while let Some((row, ..)) = rows.iter().find(|(row, ..)| row.from < begins && begins <= row.to) {
            begins = row.from;
        }
        let first = rows.iter().find(|(row, ..)| row.from <= begins && begins < row.to);
        first.map_or(State::default(), |(.., outage)| self.state(outage))
    }

    /// Its fields in their order, as texts.
    fn texts(&self, outage: &Outage) -> Vec<String> {
        let state = self.state(outage);
        let last = state.fields.keys().max().map_or(0, |last| last + 1);
        let text =
            |id: u16| state.fields.get(&id).map_or(String::new(), |value| self.world.names.text(*value).to_string());
        (0..last).map(text).collect()
    }

    /// Downtime of a run in its agreed time.
    pub fn down(&self, service: &Service, run: Run, from: i64, to: i64) -> i64 {
        let (from, to) = self.dates.effective(run.from.max(from), run.to.min(to));
        self.world.book(service.counted).open_between(from, to)
    }

    /// Downtime of a period.
    pub fn downtime(&self, service: &Service, sees: Sees<'_>, span: &Span) -> i64 {
        let sum = self.runs(service, sees).iter().map(|run| self.down(service, *run, span.from, span.to)).sum();
        whole_minutes(service, sum)
    }

    /// The agreed time of a period.
    pub fn agreed(&self, service: &Service, span: &Span) -> i64 {
        let calendar = if service.shortens { service.counted } else { service.hours };
        let (from, to) = self.dates.effective(span.from, span.to);
        let agreed = self.world.book(calendar).open_between(from, to);
        if to <= from { 0 } else { service.over.unwrap_or(agreed) }
    }
}

/// Downtime as the contract counts it.
pub fn whole_minutes(service: &Service, down: i64) -> i64 {
    if service.whole_minutes { down / 60_000 * 60_000 } else { down }
}

/// The names whose outages make the service's own.
fn parts(service: &Service) -> Vec<&str> {
    match &service.down {
        Down::Own => vec![&service.name],
        Down::All(parts) | Down::Any(parts) => parts.iter().map(String::as_str).collect(),
    }
}
