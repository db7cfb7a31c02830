//! A ticket whose rows are still coming, and the order of its history once all have come.

use crate::plan::source::Shape;
use crate::ticket::{Change, EventId, Fact, FieldId, Symbol, Ticket};
use crate::time::Instant;

use super::meaning::Reading;
use super::{Place, RowFault, shown};

/// No change is as late.
pub(super) const END_OF_TIME: Instant = Instant(i64::MAX);

#[derive(Debug, Default)]
pub(super) struct Draft {
    pub facts: Vec<Fact>,
    /// What fields were before their first change, with its instant; the end of time where no row has told a change.
    pub before: Vec<(FieldId, Instant, Option<Symbol>)>,
    /// Events told by columns of instants, each once.
    pub told: Vec<(EventId, Instant)>,
    /// Its last row: when, and a hash of what it said.
    pub last: Option<(Instant, u64)>,
    /// The number of the file of that row.
    pub last_file: usize,
    /// What a snapshot's event column said last.
    pub event_value: Option<Symbol>,
    /// What its first row shows of the levels above its own: it has held since the creation.
    pub shown: Vec<Change>,
    /// Where its first row stands, or the first that told an event: the file's number and the place in it.
    pub stands: Option<(usize, Place)>,
    pub has_event: bool,
}

impl Draft {
    /// Adds the events of a row, its changes before the first. A row that says nothing adds nothing.
    pub fn add(&mut self, at: Instant, changes: Vec<Change>, events: impl Iterator<Item = EventId>) -> bool {
        let before = self.facts.len();
        let mut changes = changes;
        for event in events {
            self.facts.push(Fact { at, changes: std::mem::take(&mut changes), event: Some(event) });
        }
        if !changes.is_empty() {
            self.facts.push(Fact { at, changes, event: None });
        }
        before < self.facts.len()
    }

    /// Notes an event that a column tells on every row from some row on.
    pub fn tell(&mut self, event: EventId, at: Instant) {
        if !self.told.contains(&(event, at)) {
            self.told.push((event, at));
        }
    }

    /// Notes what a field was before an instant; of several the earliest counts.
    pub fn note_before(&mut self, before: (FieldId, Instant, Option<Symbol>)) {
        let (field, at, _) = before;
        match self.before.iter_mut().find(|(known, ..)| *known == field) {
            Some(known) if at < known.1 => *known = before,
            Some(_) => {}
            None => self.before.push(before),
        }
    }

    /// What fields were before their first change has held since the ticket was created. What they are now has, where
    /// nothing changes them.
    fn show_before(&mut self, created_at: Instant) {
        let is_changed = |field| self.facts.iter().flat_map(|fact| &fact.changes).any(|change| change.field == field);
        let held = self.before.iter().filter(|(field, at, value)| {
            value.is_some() && created_at < *at && (*at < END_OF_TIME || !is_changed(*field))
        });
        let changes: Vec<Change> = held.map(|(field, _, value)| Change { field: *field, value: *value }).collect();
        if !changes.is_empty() {
            self.facts.insert(0, Fact { at: created_at, changes, event: None });
        }
    }

    /// The ticket, in time order, from its creation on; the fault lacks its place.
    pub fn ticket(mut self, id: String, reading: &Reading<'_>) -> Result<Ticket, RowFault> {
        let is_snapshot = matches!(reading.source.shape, Shape::Snapshots { .. });
        let created_at = self.created_at(reading).ok_or_else(|| never_created(&shown(&id)))?;
        self.facts.sort_by_key(|fact| fact.at);
        if is_snapshot {
            self.show_at_creation(reading, created_at);
        }
        if !self.shown.is_empty() {
            let changes = std::mem::take(&mut self.shown);
            self.facts.insert(0, Fact { at: created_at, changes, event: None });
        }
        self.show_before(created_at);
        let told = self.told.into_iter().map(|(event, at)| Fact { at, changes: Vec::new(), event: Some(event) });
        let mut facts = self.facts;
        facts.extend(told);
        facts.sort_by_key(|fact| fact.at);
        let may_be_early = is_snapshot || reading.source.unordered;
        let early = facts.iter().find(|fact| fact.at < created_at && fact.event.is_some());
        if let Some(early) = early.filter(|_| !may_be_early) {
            return Err(before_creation(&shown(&id), early.at, created_at));
        }
        // Fields that held before the creation hold at it. Clocks of a desk differ by seconds, and an audit may begin before
        // the instant that it calls the opening: an event told too early counts at the creation, after it.
        let is_created = |fact: &Fact| fact.event.is_some() && fact.event == reading.created;
        facts.iter_mut().for_each(|fact| fact.at = fact.at.max(created_at));
        facts.sort_by_key(|fact| (fact.at, fact.event.is_some() && fact.at == created_at && !is_created(fact)));
        Ok(Ticket { id, facts })
    }

    fn created_at(&self, reading: &Reading<'_>) -> Option<Instant> {
        let created = reading.created?;
        let in_rows = self.facts.iter().filter(|fact| fact.event == Some(created)).map(|fact| fact.at);
        let told = self.told.iter().filter(|(event, _)| *event == created).map(|(_, at)| *at);
        in_rows.chain(told).min()
    }

    /// What the first snapshot shows has held since the ticket was created; an event of its own came with the row.
    fn show_at_creation(&mut self, reading: &Reading<'_>, created_at: Instant) {
        let Some(first) = self.facts.first_mut().filter(|first| first.event != reading.created) else { return };
        let changes = std::mem::take(&mut first.changes);
        let shown = Fact { at: created_at, changes, event: None };
        if first.event.is_some() { self.facts.insert(0, shown) } else { *first = shown }
    }
}

fn never_created(id: &str) -> RowFault {
    let message = format!("ticket `{id}` was never created: none of its rows is `created`");
    RowFault::new("no_creation", message, "say `first row is created` in the source, or export the whole history")
}

pub(super) fn before_creation(id: &str, at: Instant, created_at: Instant) -> RowFault {
    let message = format!("an event of ticket `{id}` at {at} lies before its creation at {created_at}");
    let help =
        "export the whole history, mend the row, or say `unordered` in the source: then it counts at the creation";
    RowFault::new("before_creation", message, help)
}
