//! What the columns and words of a source mean, looked up once before the first row.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::plan::source::{
    Action, CellIs, EventAt, EventColumn, FieldColumn, InstantColumn, OtherValue, ServiceOf, Shape, Source,
};
use crate::ticket::{EventId, FieldId, Names, Symbol, Vocabulary};

use super::instant::InstantReader;
use super::nested::Lists;
use super::tally::Made;
use super::{Row, RowFault, shown};

/// Texts of cells and what they mean. Nothing ever walks over it.
type Meanings<'a, T> = HashMap<&'a str, T, RandomState>;

/// A source as rows need it: its columns in one list, and every name a number.
pub(super) struct Reading<'a> {
    pub source: &'a Source,
    /// The columns to read: first those of the shape, then one for each field.
    pub columns: Vec<&'a str>,
    pub rows: Rows<'a>,
    pub fields: Vec<FieldMeanings<'a>>,
    /// Where the fields begin in `columns`.
    pub fields_from: usize,
    /// Which fields lie above a row's own level, where rows lie in lists: they are the ticket's.
    pub is_outer: Vec<bool>,
    pub created: Option<EventId>,
    /// How many fields there are.
    pub field_count: usize,
}

/// What one row is.
pub(super) enum Rows<'a> {
    /// An event, a change, or a snapshot: ticket, instant, what the event column says, events with columns of their own.
    History(History<'a>),
    /// A whole ticket: its id, and its events with their columns.
    Tickets(Vec<EventInstant<'a>>),
    /// A claim: its clause and its instant, then its period and its ticket where they have a column.
    Claims { at: InstantReader<'a>, period: bool, ticket: bool },
    /// An announcement: its start, its end, its own instant, its service (where it has a column).
    Announcements {
        from: InstantReader<'a>,
        to: InstantReader<'a>,
        at: InstantReader<'a>,
        service: Option<FieldMeanings<'a>>,
    },
    /// A charge, column by column.
    Charges(ChargeRow<'a>),
    /// An outage: its service (where it has a column), its start, its end.
    Outages { service: ServiceMeanings<'a>, from: InstantReader<'a>, to: InstantReader<'a> },
}

/// The places of a charge's columns, and what the values of two of them mean.
pub(super) struct ChargeRow<'a> {
    pub customer: Option<(usize, FieldMeanings<'a>)>,
    pub service: Option<(usize, FieldMeanings<'a>)>,
    pub period: usize,
    pub amount: usize,
    pub currency: Option<usize>,
}

pub(super) struct History<'a> {
    pub at: InstantReader<'a>,
    /// What event columns say; their columns stand after the instant's.
    pub told: Vec<EventMeanings<'a>>,
    /// The event that a ticket's first row is; none where there is none, or nothing reads it.
    pub first_row: Option<EventId>,
    pub events: Vec<EventInstant<'a>>,
    pub is_snapshot: bool,
}

/// An event whose instant has a column; none where nothing reads the event.
pub(super) struct EventInstant<'a> {
    pub event: Option<EventId>,
    pub at: InstantReader<'a>,
}

impl<'a> Reading<'a> {
    pub fn new(source: &'a Source, vocabulary: &'a Vocabulary, names: &mut Names) -> Reading<'a> {
        let mut columns = Vec::new();
        let rows = rows(&source.shape, vocabulary, names, &mut columns);
        let fields_from = columns.len();
        columns.extend(source.fields.iter().map(|field| field.column.as_str()));
        let fields = source.fields.iter().map(|field| FieldMeanings {
            when: cells(&field.when, &mut columns),
            was: field.was.as_deref().map(|column| push(&mut columns, column)),
            now: field.now.as_deref().map(|column| push(&mut columns, column)),
            ..FieldMeanings::new(field, vocabulary, names)
        });
        let fields = fields.collect();
        Reading {
            source,
            columns,
            rows,
            fields,
            fields_from,
            is_outer: outer_fields(source),
            created: vocabulary.event_id("created"),
            field_count: vocabulary.fields.len(),
        }
    }

    /// A cell without blanks around it; none where it is missing.
    pub fn known<'r>(&self, cell: Option<&'r str>) -> Option<&'r str> {
        let cell = cell?.trim();
        let missing = cell.is_empty() || self.source.missing.iter().any(|missing| missing == cell);
        (!missing).then_some(cell)
    }

    /// Whether the row has all of these cells.
    pub fn holds(&self, row: &Row<'_>, when: &[CellTest<'_>]) -> bool {
        let has = |(place, texts): &CellTest<'_>| {
            self.known(row.cell(*place)).is_some_and(|cell| texts.iter().any(|text| text == cell))
        };
        when.iter().all(has)
    }
}

/// The place of one more column.
fn push<'a>(columns: &mut Vec<&'a str>, column: &'a str) -> usize {
    columns.push(column);
    columns.len() - 1
}

/// A cell that must have one of some texts, its column by its place.
pub(super) type CellTest<'a> = (usize, &'a [String]);

fn cells<'a>(when: &'a [CellIs], columns: &mut Vec<&'a str>) -> Vec<CellTest<'a>> {
    when.iter().map(|cell| (push(columns, &cell.column), cell.texts.as_slice())).collect()
}

/// Whether each field is of the level of the ticket, or above it, and what happened lies in lists further in. A field beside
/// the instant is of what happened then.
fn outer_fields(source: &Source) -> Vec<bool> {
    let lists = Lists::new(source.rows_from.as_deref());
    let Shape::Events { ticket, at, .. } = &source.shape else { return vec![false; source.fields.len()] };
    let (ticket, at) = (lists.depth(ticket), lists.depth(&at.column));
    let is_outer = |field: &FieldColumn| {
        let depth = lists.depth(&field.column);
        depth <= ticket && depth < at
    };
    source.fields.iter().map(is_outer).collect()
}

fn rows<'a>(shape: &'a Shape, vocabulary: &'a Vocabulary, names: &mut Names, columns: &mut Vec<&'a str>) -> Rows<'a> {
    let with_columns = |events: &'a [EventAt], columns: &mut Vec<&'a str>| {
        columns.extend(events.iter().map(|event| event.at.column.as_str()));
        let numbered = |told: &'a EventAt| EventInstant {
            event: vocabulary.event_id(&told.event),
            at: InstantReader::new(&told.at),
        };
        events.iter().map(numbered).collect()
    };
    let (ticket, at, told, first_row, events, is_snapshot) = match shape {
        Shape::Events { ticket, at, told, first_row, events } => (ticket, at, told, first_row, events, false),
        Shape::Snapshots { ticket, at, told, first_row, events } => (ticket, at, told, first_row, events, true),
        Shape::Tickets { ticket, events } => {
            columns.push(ticket);
            return Rows::Tickets(with_columns(events, columns));
        }
        Shape::Claims { at, clause, period, ticket } => {
            columns.extend([clause.as_str(), at.column.as_str()]);
            columns.extend(period.iter().chain(ticket).map(String::as_str));
            return Rows::Claims { at: InstantReader::new(at), period: period.is_some(), ticket: ticket.is_some() };
        }
        Shape::Announcements { service, from, to, at } => {
            columns.extend([from.column.as_str(), to.column.as_str(), at.column.as_str()]);
            columns.extend(service.iter().map(|service| service.column.as_str()));
            let service = service.as_ref().map(|column| FieldMeanings::of_no_field(column, vocabulary, names));
            let [from, to, at] = [from, to, at].map(InstantReader::new);
            return Rows::Announcements { from, to, at, service };
        }
        Shape::Charges { customer, service, period, amount, currency } => {
            let mut place = |column: &'a str| push(columns, column);
            let (period, amount) = (place(period), place(amount));
            let currency = currency.as_deref().map(&mut place);
            let mut named = |column: &'a FieldColumn| {
                (place(&column.column), FieldMeanings::of_no_field(column, vocabulary, names))
            };
            let (customer, service) = (customer.as_ref().map(&mut named), service.as_ref().map(&mut named));
            return Rows::Charges(ChargeRow { customer, service, period, amount, currency });
        }
        Shape::Outages { service, from, to } => return outages(service, from, to, vocabulary, names, columns),
    };
    columns.extend([ticket.as_str(), at.column.as_str()]);
    columns.extend(told.iter().map(|event| event.column.as_str()));
    let events = with_columns(events, columns);
    let told = told.iter().map(|event| EventMeanings {
        when: cells(&event.when, columns),
        ..EventMeanings::new(event, vocabulary, names)
    });
    Rows::History(History {
        at: InstantReader::new(at),
        told: told.collect(),
        first_row: first_row.as_ref().and_then(|name| vocabulary.event_id(name)),
        events,
        is_snapshot,
    })
}

fn outages<'a>(
    service: &'a ServiceOf,
    from: &'a InstantColumn,
    to: &'a InstantColumn,
    vocabulary: &Vocabulary,
    names: &mut Names,
    columns: &mut Vec<&'a str>,
) -> Rows<'a> {
    let service = match service {
        ServiceOf::Fixed(name) => ServiceMeanings::Fixed(names.intern(name)),
        ServiceOf::Column(column) => {
            columns.push(&column.column);
            ServiceMeanings::Column(FieldMeanings::of_no_field(column, vocabulary, names))
        }
    };
    columns.extend([from.column.as_str(), to.column.as_str()]);
    Rows::Outages { service, from: InstantReader::new(from), to: InstantReader::new(to) }
}

/// Which service an outage is of.
pub(super) enum ServiceMeanings<'a> {
    /// Always this one.
    Fixed(Symbol),
    /// The one that a column says.
    Column(FieldMeanings<'a>),
}

/// What a value of the event column does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Happens(EventId),
    Sets(FieldId, Symbol),
}

/// What the values of the event column mean.
pub(super) struct EventMeanings<'a> {
    declared: &'a EventColumn,
    /// Only rows with these cells tell events.
    pub when: Vec<CellTest<'a>>,
    known: Meanings<'a, Vec<Act>>,
    /// What any other value does; none: it is a fault.
    otherwise: Option<Vec<Act>>,
}

impl<'a> EventMeanings<'a> {
    fn new(event: &'a EventColumn, vocabulary: &'a Vocabulary, names: &mut Names) -> EventMeanings<'a> {
        let itself = Action::Itself;
        let otherwise = event.otherwise.as_ref().or_else(|| event.values.is_empty().then_some(&itself));
        let mut known = Meanings::default();
        if let Some(otherwise) = otherwise {
            let events = vocabulary.events.iter();
            known.extend(events.map(|name| (name.as_str(), acts(otherwise, name, vocabulary, names))));
        }
        let listed = event.values.iter();
        known.extend(listed.map(|(value, action)| (value.as_str(), acts(action, value, vocabulary, names))));
        let otherwise = otherwise.map(|otherwise| acts(otherwise, "", vocabulary, names));
        EventMeanings { declared: event, when: Vec::new(), known, otherwise }
    }

    /// The values that are listed, and what is made of them.
    pub fn listed(&self) -> Vec<(&'a str, Made)> {
        let made = |action: &Action| if *action == Action::Ignored { Made::Ignored } else { Made::Mapped };
        self.declared.values.iter().map(|(value, action)| (value.as_str(), made(action))).collect()
    }

    /// What a value that is not listed is.
    pub fn other(&self) -> Made {
        match &self.declared.otherwise {
            None if self.declared.values.is_empty() => Made::Kept,
            None => Made::Unmapped,
            Some(_) => Made::Otherwise,
        }
    }

    /// What `cell` does; the fault lacks its place.
    pub fn of(&self, cell: &str) -> Result<&[Act], RowFault> {
        self.known.get(cell).or(self.otherwise.as_ref()).map(Vec::as_slice).ok_or_else(|| {
            let cell = shown(cell);
            unknown(&self.declared.column, &cell, format!("add `\"{cell}\" is …` or `otherwise ignored` to its map"))
        })
    }
}

/// The acts of an action on a cell with this text, what nothing reads left out.
fn acts(action: &Action, cell: &str, vocabulary: &Vocabulary, names: &mut Names) -> Vec<Act> {
    match action {
        Action::Event(name) => vocabulary.event_id(name).map(Act::Happens).into_iter().collect(),
        Action::Itself => vocabulary.event_id(cell).map(Act::Happens).into_iter().collect(),
        Action::Sets { field, value } => {
            field_id(vocabulary, field).map(|field| Act::Sets(field, names.intern(value))).into_iter().collect()
        }
        Action::All(actions) => actions.iter().flat_map(|action| acts(action, cell, vocabulary, names)).collect(),
        Action::Ignored => Vec::new(),
    }
}

/// What the values of a field's column mean.
pub(super) struct FieldMeanings<'a> {
    /// None where nothing reads the field; its values are looked at all the same.
    pub id: Option<FieldId>,
    /// It says which service or customer a row is of, and is no field.
    is_no_field: bool,
    declared: &'a FieldColumn,
    /// Only rows with these cells speak of it.
    pub when: Vec<CellTest<'a>>,
    /// The place of the column of what it was before the row.
    pub was: Option<usize>,
    /// The place of the column of what it is when the export is made.
    pub now: Option<usize>,
    known: Meanings<'a, Meaning>,
    /// What any other value means; none: it is a fault.
    otherwise: Option<Meaning>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Is(Symbol),
    Missing,
    Itself,
}

impl<'a> FieldMeanings<'a> {
    fn new(field: &'a FieldColumn, vocabulary: &Vocabulary, names: &mut Names) -> FieldMeanings<'a> {
        let mut meaning = |value: &OtherValue| match value {
            OtherValue::Is(text) => Meaning::Is(names.intern(text)),
            OtherValue::Ignored => Meaning::Missing,
            OtherValue::Itself => Meaning::Itself,
        };
        let known = field.values.iter().map(|(text, value)| (text.as_str(), meaning(value))).collect();
        let otherwise = field.otherwise.as_ref().map(&mut meaning);
        FieldMeanings {
            id: field_id(vocabulary, &field.field),
            is_no_field: false,
            declared: field,
            when: Vec::new(),
            was: None,
            now: None,
            known,
            otherwise: otherwise.or_else(|| field.values.is_empty().then_some(Meaning::Itself)),
        }
    }

    /// What the values of a column mean that says which service or customer a row is of.
    fn of_no_field(column: &'a FieldColumn, vocabulary: &Vocabulary, names: &mut Names) -> FieldMeanings<'a> {
        FieldMeanings { id: None, is_no_field: true, ..FieldMeanings::new(column, vocabulary, names) }
    }

    /// The value that `cell` means; the fault lacks its place.
    pub fn of(&self, cell: &str, names: &mut Names) -> Result<Option<Symbol>, RowFault> {
        match self.known.get(cell).copied().or(self.otherwise) {
            Some(Meaning::Is(value)) => Ok(Some(value)),
            Some(Meaning::Missing) => Ok(None),
            Some(Meaning::Itself) => Ok((self.is_no_field || self.id.is_some()).then(|| names.intern(cell))),
            None => {
                let cell = shown(cell);
                let field = &self.declared.field;
                let map = if self.is_no_field { format!("{field} column") } else { format!("field {field}") };
                let help =
                    format!("add `\"{cell}\" is …`, `otherwise kept` or `otherwise ignored` to the map of `{map}`");
                Err(unknown(&self.declared.column, &cell, help))
            }
        }
    }
}

fn unknown(column: &str, cell: &str, help: String) -> RowFault {
    let message = format!("the source does not say what `{cell}` means");
    RowFault { column: Some(column.to_string()), ..RowFault::new("unknown_value", message, help) }
}

fn field_id(vocabulary: &Vocabulary, name: &str) -> Option<FieldId> {
    let place = vocabulary.fields.iter().position(|field| field == name)?;
    u16::try_from(place).ok().map(FieldId)
}
