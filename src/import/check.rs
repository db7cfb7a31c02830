//! What a source makes of an export: rows, values, odd rows, the time they span.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use crate::input::{self, Input, RowFault, Values};
use crate::plan::source::{Action, EventColumn, InstantColumn, Shape, Source};
use crate::ticket::{Log, Names, Skipped, Vocabulary};
use crate::time::Instant;

/// What came of an export.
#[derive(Debug, Clone)]
pub struct Survey {
    /// The source's name.
    pub source: String,
    /// Rows read, odd ones too.
    pub rows: u64,
    /// Tickets in them.
    pub tickets: usize,
    /// Outages in them.
    pub outages: usize,
    /// How often each event happens that the source can tell, by name.
    pub events: BTreeMap<String, u64>,
    /// How many tickets each field has a value on, by name.
    pub fields: BTreeMap<String, u64>,
    /// The values of event and field columns.
    pub values: Vec<Values>,
    /// Rows that cannot be read, by kind.
    pub odd: Vec<Skipped>,
    /// The first instant and the last.
    pub range: Option<(Instant, Instant)>,
    /// Columns of instants, with the zone of those without an offset.
    pub zones: Vec<(String, Option<Tz>)>,
    /// A row is a whole ticket: what happened between its instants is not known.
    pub is_whole: bool,
}

/// Reads an export by a source; with `zone` its instants without offset are of that zone.
///
/// # Errors
/// A file that cannot be read at all.
pub fn survey(source: &Source, inputs: &[Input<'_>], zone: Option<Tz>) -> Result<Survey, RowFault> {
    let mut source = source.clone();
    if let Some(zone) = zone {
        instants_mut(&mut source.shape).into_iter().filter(|at| at.zone.is_some()).for_each(|at| at.zone = Some(zone));
    }
    let vocabulary = vocabulary(&source);
    let (log, values) = input::survey(&source, inputs, &vocabulary, &mut Names::default())?;
    Ok(Survey {
        source: source.name.clone(),
        rows: log.rows,
        tickets: log.tickets.len(),
        outages: log.outages.len(),
        events: events(&vocabulary, &log),
        fields: fields(&vocabulary, &log),
        values,
        range: range(&log),
        odd: log.skipped,
        zones: instants_mut(&mut source.shape).into_iter().map(|at| (at.column.clone(), at.zone)).collect(),
        is_whole: matches!(source.shape, Shape::Tickets { .. }),
    })
}

fn instants_mut(shape: &mut Shape) -> Vec<&mut InstantColumn> {
    match shape {
        Shape::Events { at, events, .. } | Shape::Snapshots { at, events, .. } => {
            std::iter::once(at).chain(events.iter_mut().map(|event| &mut event.at)).collect()
        }
        Shape::Tickets { events, .. } => events.iter_mut().map(|event| &mut event.at).collect(),
        Shape::Outages { from, to, .. } => vec![from, to],
        Shape::Announcements { from, to, at, .. } => vec![from, to, at],
        Shape::Claims { at, .. } => vec![at],
        Shape::Charges { .. } => Vec::new(),
    }
}

/// Every event and field that a source can tell of.
pub fn vocabulary(source: &Source) -> Vocabulary {
    let mut known = Vocabulary::default();
    known.event("created");
    let (told, events, first_row): (&[EventColumn], &[_], _) = match &source.shape {
        Shape::Events { told, events, first_row, .. } | Shape::Snapshots { told, events, first_row, .. } => {
            (told, events, first_row.as_ref())
        }
        Shape::Tickets { events, .. } => (&[], events, None),
        _ => (&[], &[], None),
    };
    for event in events.iter().map(|event| &event.event).chain(first_row) {
        known.event(event);
    }
    let actions = told.iter().flat_map(|event| event.values.iter().map(|(_, action)| action).chain(&event.otherwise));
    actions.for_each(|action| take(action, &mut known));
    source.fields.iter().for_each(|field| {
        known.field(&field.field);
    });
    known
}

fn take(action: &Action, known: &mut Vocabulary) {
    match action {
        Action::Event(event) => {
            known.event(event);
        }
        Action::Sets { field, .. } => {
            known.field(field);
        }
        Action::All(actions) => actions.iter().for_each(|action| take(action, known)),
        Action::Itself | Action::Ignored => {}
    }
}

/// Whether an event column's own words are events, so that any event may come.
pub fn keeps_words(source: &Source) -> bool {
    let (Shape::Events { told, .. } | Shape::Snapshots { told, .. }) = &source.shape else { return false };
    told.iter().any(|event| match &event.otherwise {
        None => event.values.is_empty(),
        Some(otherwise) => *otherwise == Action::Itself,
    })
}

fn events(vocabulary: &Vocabulary, log: &Log) -> BTreeMap<String, u64> {
    let mut counts: BTreeMap<String, u64> = vocabulary.events.iter().map(|name| (name.clone(), 0)).collect();
    let happened = log.tickets.iter().flat_map(|ticket| &ticket.facts).filter_map(|fact| fact.event);
    for event in happened {
        if let Some(count) = counts.get_mut(vocabulary.event_name(event)) {
            *count += 1;
        }
    }
    counts
}

fn fields(vocabulary: &Vocabulary, log: &Log) -> BTreeMap<String, u64> {
    let mut counts: BTreeMap<String, u64> = vocabulary.fields.iter().map(|name| (name.clone(), 0)).collect();
    for ticket in &log.tickets {
        let changes = ticket.facts.iter().flat_map(|fact| &fact.changes).filter(|change| change.value.is_some());
        let mut known: Vec<u16> = changes.map(|change| change.field.0).collect();
        known.sort_unstable();
        known.dedup();
        for field in known {
            if let Some(count) = counts.get_mut(vocabulary.field_name(crate::ticket::FieldId(field))) {
                *count += 1;
            }
        }
    }
    counts
}

fn range(log: &Log) -> Option<(Instant, Instant)> {
    let facts = log.tickets.iter().flat_map(|ticket| &ticket.facts).map(|fact| fact.at);
    let first = facts.chain(log.outages.iter().map(|outage| outage.start)).min()?;
    Some((first, log.latest?))
}
