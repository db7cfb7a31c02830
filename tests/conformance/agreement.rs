//! Texts of the language, loaded through resolver, checker and compiler, and tickets run by them.

use std::cell::Cell;
use std::collections::BTreeMap;

use klausel::calendar::Calendar;
use klausel::diagnostic;
use klausel::engine::Calendars;
use klausel::outcome::Outcome;
use klausel::plan::{CalendarId, Plan};
use klausel::replay;
use klausel::source::{FileError, Files};
use klausel::ticket::{Change, Fact, Log, Ticket};
use klausel::time::Instant;

use crate::row::Said;

thread_local! {
    static RUNS: Cell<usize> = const { Cell::new(0) };
}

/// How many tickets this thread has run by an agreement.
pub fn runs() -> usize {
    RUNS.get()
}

struct OneFile<'t>(&'t str);

impl Files for OneFile<'_> {
    fn read(&self, _path: &str) -> Result<Vec<u8>, FileError> {
        Ok(self.0.as_bytes().to_vec())
    }
}

/// A text that was found sound.
pub struct Loaded {
    /// What it compiled to.
    pub plan: Plan,
    calendars: Calendars,
}

/// Something that happens to a ticket.
#[derive(Debug, Clone)]
pub struct Happening {
    pub at: Instant,
    /// The field `state` from then on.
    pub state: Option<String>,
    pub event: Option<&'static str>,
}

impl Happening {
    pub fn event(at: Instant, event: &'static str) -> Happening {
        Happening { at, state: None, event: Some(event) }
    }

    pub fn state(at: Instant, state: &str) -> Happening {
        Happening { at, state: Some(state.to_string()), event: None }
    }
}

/// Loads a text.
///
/// # Errors
/// The faults that resolver and checker found.
pub fn load(text: &str) -> Said<Loaded> {
    let resolved = klausel::resolver::load(&OneFile(text), &["peer.sla".to_string()]);
    let checked = klausel::checker::check(resolved).map_err(|(resolved, found)| {
        let faults = found.iter().filter(|found| found.is_error());
        let faults: Vec<String> = faults.map(|fault| diagnostic::headline(fault, &resolved.sources)).collect();
        faults.join("; ")
    })?;
    let plan = klausel::compiler::compile(&checked);
    let calendars = Calendars::new(&plan);
    Ok(Loaded { plan, calendars })
}

impl Loaded {
    /// The calendar that the text calls by this name.
    pub fn calendar(&self, name: &str) -> Said<Calendar> {
        let place = self.plan.calendars.iter().position(|known| known.name == name);
        let id = place.and_then(|place| u16::try_from(place).ok()).map(CalendarId);
        Ok(self.calendars.get(id.ok_or_else(|| format!("the plan has no calendar `{name}`"))?).clone())
    }

    /// What the text says of one ticket at `as_of`: its clocks by the name of their metric, cycles in order.
    pub fn run(&self, happenings: &[Happening], as_of: Instant) -> Said<BTreeMap<String, Vec<Outcome>>> {
        RUNS.set(RUNS.get() + 1);
        let mut names = self.plan.names.clone();
        let state = self.plan.vocabulary.fields.iter().position(|field| field == "state");
        let state = state.and_then(|place| u16::try_from(place).ok()).map(klausel::ticket::FieldId);
        let mut sorted = happenings.to_vec();
        sorted.sort_by_key(|happening| happening.at);
        let facts = sorted.iter().map(|happening| Fact {
            at: happening.at,
            changes: state
                .zip(happening.state.as_ref())
                .map(|(field, value)| Change { field, value: Some(names.intern(value)) })
                .into_iter()
                .collect(),
            event: happening.event.and_then(|event| self.plan.vocabulary.event_id(event)),
        });
        let ticket = Ticket { id: "T1".to_string(), facts: facts.collect() };
        let log = Log { tickets: vec![ticket], ..Log::default() };
        let replay = replay::replay(&self.plan, &self.calendars, &names, &log, as_of);
        let judged = replay.outcomes.first().and_then(|outcomes| outcomes.tickets.first());
        let judged = judged.ok_or("the agreement does not take the ticket")?;
        let mut clocks: BTreeMap<String, Vec<Outcome>> = BTreeMap::new();
        let metrics = self.plan.agreements.first().and_then(|agreement| agreement.versions.first());
        for clock in &judged.clocks {
            let metric = metrics.and_then(|version| version.metrics.get(usize::from(clock.metric.0)));
            let name = metric.map_or(String::new(), |metric| metric.name.clone());
            clocks.entry(name).or_default().push(clock.clone());
        }
        Ok(clocks)
    }
}

/// A text in quotes.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
