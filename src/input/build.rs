//! Rows as facts: the shapes of exports, and the order of a ticket's history.

use std::collections::HashMap;

use crate::plan::source::{
    Action, EventAt, EventColumn, FieldColumn, InstantColumn, OtherValue, ServiceOf, Shape, Source,
};
use crate::ticket::{Change, EventId, Fact, FieldId, Log, Names, Outage, Skipped, Symbol, Ticket, Vocabulary};
use crate::time::Instant;

use super::{OnBadRow, Row, RowFault, instant};

/// A ticket whose rows are still coming.
#[derive(Debug, Default)]
struct Draft {
    facts: Vec<Fact>,
    /// The last row's cells, for repetitions and for changes.
    cells: Vec<Option<String>>,
    last_at: Option<Instant>,
    values: HashMap<FieldId, Option<Symbol>>,
    event_value: Option<String>,
    /// Events told by columns of instants, each once.
    told: Vec<(EventId, Instant)>,
    /// Where its first row stands.
    file: usize,
    line: u64,
}

pub(super) struct Builder<'a> {
    source: &'a Source,
    vocabulary: &'a Vocabulary,
    names: &'a mut Names,
    on_bad_row: OnBadRow,
    created: Option<EventId>,
    files: Vec<String>,
    /// Places of drafts by ticket id.
    by_id: HashMap<String, usize>,
    drafts: Vec<(String, Draft)>,
    log: Log,
}

impl<'a> Builder<'a> {
    pub fn new(source: &'a Source, vocabulary: &'a Vocabulary, names: &'a mut Names, on_bad_row: OnBadRow) -> Self {
        Builder {
            source,
            vocabulary,
            names,
            on_bad_row,
            created: vocabulary.event_id("created"),
            files: Vec::new(),
            by_id: HashMap::new(),
            drafts: Vec::new(),
            log: Log::default(),
        }
    }

    /// The columns to read: first those of the shape, then one for each field.
    pub fn columns(&self) -> Vec<String> {
        let mut columns = Vec::new();
        match &self.source.shape {
            Shape::Events { ticket, at, event, .. } => {
                columns.extend([ticket.clone(), at.column.clone()]);
                columns.extend(event.iter().map(|event| event.column.clone()));
            }
            Shape::Snapshots { ticket, at, event, events, .. } => {
                columns.extend([ticket.clone(), at.column.clone()]);
                columns.extend(event.iter().map(|event| event.column.clone()));
                columns.extend(events.iter().map(|event| event.at.column.clone()));
            }
            Shape::Tickets { ticket, events } => {
                columns.push(ticket.clone());
                columns.extend(events.iter().map(|event| event.at.column.clone()));
            }
            Shape::Outages { service, from, to } => {
                if let ServiceOf::Column(column) = service {
                    columns.push(column.clone());
                }
                columns.extend([from.column.clone(), to.column.clone()]);
            }
        }
        columns.extend(self.source.fields.iter().map(|field| field.column.clone()));
        columns
    }

    pub fn begin(&mut self, file: &str) {
        self.files.push(file.to_string());
    }

    /// Takes a row; one that cannot be read is counted, or ends the run.
    pub fn row(&mut self, row: &Row<'_>) -> Result<(), RowFault> {
        self.log.rows += 1;
        let source = self.source;
        let cells = self.known_cells(row);
        let taken = match &source.shape {
            Shape::Events { at, event, first_row, .. } => {
                self.event_row(row, &cells, at, event.as_ref(), first_row.as_deref())
            }
            Shape::Snapshots { at, event, first_row, events, .. } => {
                self.snapshot_row(row, &cells, at, event.as_ref(), first_row.as_deref(), events)
            }
            Shape::Tickets { events, .. } => self.ticket_row(row, &cells, events),
            Shape::Outages { service, from, to } => self.outage_row(row, &cells, service, from, to),
        };
        taken.or_else(|fault| self.bad(fault))
    }

    /// Cells without blanks around them; a missing one is none.
    fn known_cells<'r>(&self, row: &Row<'r>) -> Vec<Option<&'r str>> {
        let known = |cell: &str| !cell.is_empty() && !self.source.missing.iter().any(|missing| missing == cell);
        row.cells.iter().map(|cell| cell.map(str::trim).filter(|cell| known(cell))).collect()
    }

    pub fn bad(&mut self, fault: RowFault) -> Result<(), RowFault> {
        if self.on_bad_row == OnBadRow::Fail {
            return Err(fault);
        }
        match self.log.skipped.iter_mut().find(|skipped| skipped.kind == fault.code) {
            Some(skipped) => skipped.count += 1,
            None => self.log.skipped.push(Skipped { kind: fault.code, count: 1, first: fault.to_string() }),
        }
        Ok(())
    }

    fn fault(
        &self,
        line: u64,
        code: &'static str,
        column: Option<&str>,
        message: String,
        help: impl Into<String>,
    ) -> RowFault {
        RowFault {
            code,
            file: self.files.last().cloned().unwrap_or_default(),
            line: Some(line),
            column: column.map(str::to_string),
            message,
            help: help.into(),
        }
    }

    fn instant(&self, line: u64, column: &InstantColumn, cell: Option<&str>) -> Result<Option<Instant>, RowFault> {
        let Some(cell) = cell else { return Ok(None) };
        let wrong = |(code, message, help): instant::Wrong| self.fault(line, code, Some(&column.column), message, help);
        instant::parse(column, cell).map(Some).map_err(wrong)
    }

    fn needed(&self, line: u64, column: &InstantColumn, cell: Option<&str>) -> Result<Instant, RowFault> {
        self.instant(line, column, cell)?.ok_or_else(|| {
            let help = "every row says when it happened; leave such rows out with `--on-bad-row skip`";
            self.fault(
                line,
                "bad_instant",
                Some(&column.column),
                "this row does not say when it happened".to_string(),
                help,
            )
        })
    }

    fn seen(&mut self, at: Instant) {
        self.log.latest = self.log.latest.max(Some(at));
    }

    /// The place of a ticket's draft, and whether it is new.
    fn draft(&mut self, row: &Row<'_>, id: Option<&str>, column: &str) -> Result<(usize, bool), RowFault> {
        let Some(id) = id else {
            let help = "every row names its ticket; leave such rows out with `--on-bad-row skip`";
            return Err(self.fault(
                row.line,
                "missing_ticket",
                Some(column),
                "this row names no ticket".to_string(),
                help,
            ));
        };
        if let Some(place) = self.by_id.get(id) {
            return Ok((*place, false));
        }
        let place = self.drafts.len();
        self.by_id.insert(id.to_string(), place);
        let draft = Draft { file: self.files.len().saturating_sub(1), line: row.line, ..Draft::default() };
        self.drafts.push((id.to_string(), draft));
        Ok((place, true))
    }

    // -- events

    fn event_row(
        &mut self,
        row: &Row<'_>,
        cells: &[Option<&str>],
        at: &InstantColumn,
        event: Option<&EventColumn>,
        first_row: Option<&str>,
    ) -> Result<(), RowFault> {
        let instant = self.needed(row.line, at, cell(cells, 1))?;
        self.seen(instant);
        let ticket_column = self.columns().first().cloned().unwrap_or_default();
        let actions = self.actions(row.line, event, cell(cells, 2))?;
        let fields = self.fields(row.line, cells.get(2 + usize::from(event.is_some())..).unwrap_or_default())?;
        let (place, is_new) = self.draft(row, cell(cells, 0), &ticket_column)?;
        self.in_order(row, place, instant, cells)?;
        let mut fact = Fact { at: instant, changes: Vec::new(), event: None };
        for (field, value) in fields {
            // A cell without a value says nothing: the field stays as it was.
            if value.is_some() {
                self.change(place, &mut fact, field, value);
            }
        }
        let first = first_row.filter(|_| is_new).and_then(|name| self.vocabulary.event_id(name));
        let mut events: Vec<EventId> = first.into_iter().collect();
        for action in actions {
            self.act(place, &mut fact, &mut events, &action);
        }
        self.tell(place, fact, &events);
        Ok(())
    }

    /// A row earlier than the one before, or the same once more, is a fault.
    fn in_order(&mut self, row: &Row<'_>, place: usize, at: Instant, cells: &[Option<&str>]) -> Result<(), RowFault> {
        let Some((id, draft)) = self.drafts.get(place) else { return Ok(()) };
        if let Some(last) = draft.last_at.filter(|last| at < *last && !self.source.unordered) {
            let message = format!("ticket `{id}` goes back in time, from {last} to {at}");
            return Err(self.fault(
                row.line,
                "row_out_of_order",
                None,
                message,
                "sort the export by time, or say `unordered` in the source",
            ));
        }
        let same = draft.cells.len() == cells.len()
            && draft.cells.iter().zip(cells).all(|(known, cell)| known.as_deref() == *cell);
        if same && matches!(self.source.shape, Shape::Events { .. }) {
            let message = format!("this row of ticket `{id}` repeats the one before");
            return Err(self.fault(
                row.line,
                "duplicate_row",
                None,
                message,
                "take it out, or leave repetitions out with `--on-bad-row skip`",
            ));
        }
        if let Some((_, draft)) = self.drafts.get_mut(place) {
            draft.last_at = Some(at);
            draft.cells = cells.iter().map(|cell| cell.map(str::to_string)).collect();
        }
        Ok(())
    }

    /// What the event column says.
    fn actions(&self, line: u64, event: Option<&EventColumn>, cell: Option<&str>) -> Result<Vec<Action>, RowFault> {
        let (Some(event), Some(cell)) = (event, cell) else { return Ok(Vec::new()) };
        let listed = event.values.iter().find(|(value, _)| value == cell).map(|(_, action)| action);
        let action = match listed.or(event.otherwise.as_ref()) {
            Some(action) => action.clone(),
            None if event.values.is_empty() => Action::Itself,
            None => {
                let message = format!("the source does not say what `{cell}` means");
                let help = format!("add `\"{cell}\" is …` or `otherwise ignored` to its map");
                return Err(self.fault(line, "unknown_value", Some(&event.column), message, help));
            }
        };
        Ok(match action {
            Action::All(actions) => actions,
            Action::Itself => vec![Action::Event(cell.to_string())],
            action => vec![action],
        })
    }

    fn act(&mut self, place: usize, fact: &mut Fact, events: &mut Vec<EventId>, action: &Action) {
        match action {
            Action::Event(name) => events.extend(self.vocabulary.event_id(name)),
            Action::Sets { field, value } => {
                if let Some(field) = self.field_id(field) {
                    let value = self.names.intern(value);
                    self.change(place, fact, field, Some(value));
                }
            }
            Action::All(actions) => actions.iter().for_each(|action| self.act(place, fact, events, action)),
            Action::Itself | Action::Ignored => {}
        }
    }

    /// Adds a fact for each event, the changes before the first.
    fn tell(&mut self, place: usize, fact: Fact, events: &[EventId]) {
        let Some((_, draft)) = self.drafts.get_mut(place) else { return };
        let at = fact.at;
        let mut told = 0;
        if fact.changes.is_empty() && events.is_empty() {
            return;
        }
        let mut changes = fact.changes;
        let firsts: Vec<Option<EventId>> =
            if events.is_empty() { vec![None] } else { events.iter().copied().map(Some).collect() };
        for event in firsts {
            draft.facts.push(Fact { at, changes: std::mem::take(&mut changes), event });
            told += 1;
        }
        self.log.events += u64::from(told > 0);
    }

    fn field_id(&self, name: &str) -> Option<FieldId> {
        let place = self.vocabulary.fields.iter().position(|field| field == name)?;
        u16::try_from(place).ok().map(FieldId)
    }

    /// Notes a change where the field has another value than before.
    fn change(&mut self, place: usize, fact: &mut Fact, field: FieldId, value: Option<Symbol>) {
        let Some((_, draft)) = self.drafts.get_mut(place) else { return };
        let before = draft.values.insert(field, value).flatten();
        if before != value {
            fact.changes.push(Change { field, value });
        }
    }

    /// The values of a row's field columns, those that nothing reads left out.
    fn fields(&mut self, line: u64, cells: &[Option<&str>]) -> Result<Vec<(FieldId, Option<Symbol>)>, RowFault> {
        let source = self.source;
        let mut values = Vec::new();
        for (field, cell) in source.fields.iter().zip(cells) {
            let value = self.field_value(line, field, *cell)?;
            if let Some(id) = self.field_id(&field.field) {
                values.push((id, value.map(|value| self.names.intern(value))));
            }
        }
        Ok(values)
    }

    fn field_value<'r>(
        &self,
        line: u64,
        field: &'r FieldColumn,
        cell: Option<&'r str>,
    ) -> Result<Option<&'r str>, RowFault> {
        let Some(cell) = cell else { return Ok(None) };
        let listed = field.values.iter().find(|(value, _)| value == cell).map(|(_, meaning)| meaning);
        Ok(match listed.or(field.otherwise.as_ref()) {
            Some(OtherValue::Is(value)) => Some(value),
            Some(OtherValue::Ignored) => None,
            Some(OtherValue::Itself) => Some(cell),
            None if field.values.is_empty() => Some(cell),
            None => {
                let message = format!("the source does not say what `{cell}` means");
                let help = format!(
                    "add `\"{cell}\" is …`, `otherwise kept` or `otherwise ignored` to the map of `field {}`",
                    field.field
                );
                return Err(self.fault(line, "unknown_value", Some(&field.column), message, help));
            }
        })
    }

    // -- snapshots

    fn snapshot_row(
        &mut self,
        row: &Row<'_>,
        cells: &[Option<&str>],
        at: &InstantColumn,
        event: Option<&EventColumn>,
        first_row: Option<&str>,
        events: &[EventAt],
    ) -> Result<(), RowFault> {
        let instant = self.needed(row.line, at, cell(cells, 1))?;
        self.seen(instant);
        let actions = self.actions(row.line, event, cell(cells, 2).filter(|_| event.is_some()))?;
        let after_event = 2 + usize::from(event.is_some());
        let mut told = Vec::new();
        for (event, cell) in events.iter().zip(cells.get(after_event..).unwrap_or_default()) {
            if let Some(at) = self.instant(row.line, &event.at, *cell)? {
                told.extend(self.vocabulary.event_id(&event.event).map(|event| (event, at)));
            }
        }
        let fields = self.fields(row.line, cells.get(after_event + events.len()..).unwrap_or_default())?;
        let ticket_column = self.columns().first().cloned().unwrap_or_default();
        let (place, is_new) = self.draft(row, cell(cells, 0), &ticket_column)?;
        self.in_order(row, place, instant, cells)?;
        let mut fact = Fact { at: instant, changes: Vec::new(), event: None };
        for (field, value) in fields {
            self.change(place, &mut fact, field, value);
        }
        let first = first_row.filter(|_| is_new).and_then(|name| self.vocabulary.event_id(name));
        let mut now: Vec<EventId> = first.into_iter().collect();
        if self.event_value_is_new(place, event.and(cell(cells, 2))) {
            for action in &actions {
                self.act(place, &mut fact, &mut now, action);
            }
        }
        for (event, at) in told {
            self.seen(at);
            let Some((_, draft)) = self.drafts.get_mut(place) else { continue };
            if !draft.told.contains(&(event, at)) {
                draft.told.push((event, at));
            }
        }
        self.tell(place, fact, &now);
        Ok(())
    }

    fn event_value_is_new(&mut self, place: usize, value: Option<&str>) -> bool {
        let Some((_, draft)) = self.drafts.get_mut(place) else { return false };
        let is_new = draft.event_value.as_deref() != value;
        draft.event_value = value.map(str::to_string);
        is_new
    }

    // -- one row per ticket

    fn ticket_row(&mut self, row: &Row<'_>, cells: &[Option<&str>], events: &[EventAt]) -> Result<(), RowFault> {
        let mut told = Vec::new();
        for (event, cell) in events.iter().zip(cells.get(1..).unwrap_or_default()) {
            if let Some(at) = self.instant(row.line, &event.at, *cell)? {
                self.seen(at);
                told.extend(self.vocabulary.event_id(&event.event).map(|event| (event, at)));
            }
        }
        let fields = self.fields(row.line, cells.get(1 + events.len()..).unwrap_or_default())?;
        let ticket_column = self.columns().first().cloned().unwrap_or_default();
        let (place, is_new) = self.draft(row, cell(cells, 0), &ticket_column)?;
        if !is_new {
            let message = format!("ticket `{}` has two rows", cell(cells, 0).unwrap_or(""));
            return Err(self.fault(
                row.line,
                "duplicate_ticket",
                Some(&ticket_column),
                message,
                "this source has one row per ticket: take one out",
            ));
        }
        let Some(created) = told.iter().find(|(event, _)| Some(*event) == self.created).map(|(_, at)| *at) else {
            self.forget(place);
            let message = format!("ticket `{}` was never created", cell(cells, 0).unwrap_or(""));
            return Err(self.fault(row.line, "no_creation", None, message, "fill in the column of `event created`"));
        };
        let mut fact = Fact { at: created, changes: Vec::new(), event: None };
        for (field, value) in fields {
            self.change(place, &mut fact, field, value);
        }
        if self.source.unordered {
            // Clocks of a desk differ by seconds: what is told too early counts at the creation.
            told.iter_mut().for_each(|(_, at)| *at = (*at).max(created));
        }
        told.sort_by_key(|(event, at)| (*at, Some(*event) != self.created));
        if let Some((_, at)) = told.first().filter(|(_, at)| *at < created) {
            self.forget(place);
            let message = format!(
                "an event of ticket `{}` at {at} lies before its creation at {created}",
                cell(cells, 0).unwrap_or("")
            );
            return Err(self.fault(
                row.line,
                "before_creation",
                None,
                message,
                "mend the row, or leave such rows out with `--on-bad-row skip`",
            ));
        }
        self.log.events += 1;
        let Some((_, draft)) = self.drafts.get_mut(place) else { return Ok(()) };
        let mut changes = fact.changes;
        for (event, at) in told {
            draft.facts.push(Fact { at, changes: std::mem::take(&mut changes), event: Some(event) });
        }
        Ok(())
    }

    /// A ticket whose only row is at fault never was.
    fn forget(&mut self, place: usize) {
        if place + 1 == self.drafts.len()
            && let Some((id, _)) = self.drafts.pop()
        {
            self.by_id.remove(&id);
        }
    }

    // -- outages

    fn outage_row(
        &mut self,
        row: &Row<'_>,
        cells: &[Option<&str>],
        service: &ServiceOf,
        from: &InstantColumn,
        to: &InstantColumn,
    ) -> Result<(), RowFault> {
        let (name, at) = match service {
            ServiceOf::Column(column) => {
                let Some(name) = cell(cells, 0) else {
                    let message = "this row names no service".to_string();
                    return Err(self.fault(
                        row.line,
                        "missing_service",
                        Some(column),
                        message,
                        "every outage is of a service",
                    ));
                };
                (name, 1)
            }
            ServiceOf::Fixed(name) => (name.as_str(), 0),
        };
        let start = self.needed(row.line, from, cell(cells, at))?;
        let end = self.instant(row.line, to, cell(cells, at + 1))?;
        if let Some(end) = end.filter(|end| *end < start) {
            let message = format!("this outage ends at {end}, before it starts at {start}");
            return Err(self.fault(row.line, "outage_ends_before_start", Some(&to.column), message, "mend the row"));
        }
        self.seen(end.unwrap_or(start));
        let fields = self.fields(row.line, cells.get(at + 2..).unwrap_or_default())?;
        let fields = fields.into_iter().map(|(field, value)| Change { field, value }).collect();
        let service = self.names.intern(name);
        self.log.outages.push(Outage { service, start, end, fields });
        Ok(())
    }

    // -- the whole log

    pub fn finish(mut self) -> Result<Log, RowFault> {
        if self.log.rows == 0 {
            return Err(RowFault {
                code: "empty_log",
                file: self.files.join(", "),
                line: None,
                column: None,
                message: "there is no row in it".to_string(),
                help: "export it again, with the time range that you want to look at".to_string(),
            });
        }
        let drafts = std::mem::take(&mut self.drafts);
        for (id, draft) in drafts {
            let (file, line) = (draft.file, draft.line);
            match self.ticket(id, draft) {
                Ok(ticket) => self.log.tickets.push(ticket),
                Err((code, message, help)) => {
                    let file = self.files.get(file).cloned().unwrap_or_default();
                    let fault =
                        RowFault { code, file, line: Some(line), column: None, message, help: help.to_string() };
                    self.bad(fault)?;
                }
            }
        }
        self.log.tickets.sort_by(|a, b| a.id.as_bytes().cmp(b.id.as_bytes()));
        let names = &*self.names;
        self.log.outages.sort_by(|a, b| (names.text(a.service), a.start).cmp(&(names.text(b.service), b.start)));
        self.log.skipped.sort_by_key(|skipped| skipped.kind);
        Ok(self.log)
    }

    /// A draft as a ticket: in time order, from its creation on.
    fn ticket(&self, id: String, draft: Draft) -> Result<Ticket, (&'static str, String, &'static str)> {
        let mut facts = draft.facts;
        let told = draft.told.into_iter().map(|(event, at)| Fact { at, changes: Vec::new(), event: Some(event) });
        facts.extend(told);
        let is_created = |fact: &Fact| fact.event.is_some() && fact.event == self.created;
        let Some(created) = facts.iter().filter(|fact| is_created(fact)).map(|fact| fact.at).min() else {
            let message = format!("ticket `{id}` was never created: none of its rows is `created`");
            return Err((
                "no_creation",
                message,
                "say `first row is created` in the source, or export the whole history",
            ));
        };
        if matches!(self.source.shape, Shape::Snapshots { .. })
            && let Some(first) = facts.first_mut().filter(|first| created < first.at)
        {
            // What the first snapshot shows has held since the ticket was created; its event came with the row.
            let shown = Fact { at: created, changes: std::mem::take(&mut first.changes), event: None };
            if first.event.is_some() { facts.insert(0, shown) } else { *first = shown }
        }
        if matches!(self.source.shape, Shape::Events { .. })
            && !self.source.unordered
            && let Some(early) = facts.iter().find(|fact| fact.at < created && fact.event.is_some())
        {
            let message = format!("an event of ticket `{id}` at {} lies before its creation at {created}", early.at);
            return Err((
                "before_creation",
                message,
                "export the whole history, or leave such tickets out with `--on-bad-row skip`",
            ));
        }
        // Fields that held before the creation hold at it; an audit's instant before it is no fact of this ticket.
        for fact in facts.iter_mut().filter(|fact| fact.at < created) {
            fact.at = created;
        }
        facts.sort_by_key(|fact| (fact.at, fact.event.is_some() && fact.at == created && !is_created(fact)));
        Ok(Ticket { id, facts })
    }
}

fn cell<'r>(cells: &[Option<&'r str>], place: usize) -> Option<&'r str> {
    cells.get(place).copied().flatten()
}
