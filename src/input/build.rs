//! Rows as facts: the shapes of exports, and the order of a ticket's history.

use std::borrow::Cow;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use indexmap::IndexMap;

use crate::ticket::{Change, Claim, EventId, FieldId, Log, Names, Outage, Skipped, Symbol};
use crate::time::Instant;

use super::draft::{self, Draft};
use super::instant::InstantReader;
use super::meaning::{Act, EventInstant, EventMeanings, FieldMeanings, History, Reading, Rows, ServiceMeanings};
use super::tally::{Tally, Values};
use super::{Input, OnBadRow, Progress, Row, RowFault, shown};

/// The places of a history's columns; fields and events with columns of their own come after.
const TICKET: usize = 0;
const AT: usize = 1;
const EVENT: usize = 2;

/// What a row says of a field.
struct RowField {
    field: FieldId,
    value: Option<Symbol>,
    /// The row is about this field, so that a missing value says that it has none.
    is_about: bool,
}

/// Takes the rows of all files of a source, and makes a log of them.
pub(super) struct Builder<'a> {
    pub(super) reading: &'a Reading<'a>,
    pub(super) names: &'a mut Names,
    on_bad_row: OnBadRow,
    pub(super) files: Vec<String>,
    /// By id, in the order in which they were first met.
    drafts: IndexMap<String, Draft, FixedState>,
    /// The last known values of the drafts' fields: so many for each draft, one draft after the other.
    values: Vec<Option<Symbol>>,
    /// The place of the draft that the row before belongs to.
    latest: usize,
    /// What the row at hand says, kept from row to row so that it is not allocated each time.
    row_fields: Vec<RowField>,
    /// Of which fields the row says what they were before an instant.
    row_before: Vec<(FieldId, Instant, Option<Symbol>)>,
    /// Fields of the levels above the row's.
    row_outer: Vec<RowField>,
    row_told: Vec<(EventId, Instant)>,
    pub(super) log: Log,
    /// Where the values of columns are asked for.
    tally: Option<Tally<'a>>,
    watch: &'a mut dyn FnMut(Progress),
    /// Bytes of the files before the one at hand, and of that one.
    bytes: (u64, u64),
    /// How much of the file at hand is done with, and of how much, in what its format counts.
    reached: (u64, u64),
}

/// After so many rows it is told how far reading has come.
const ROWS_PER_TELLING: u64 = 4_096;

impl<'a> Builder<'a> {
    pub fn new(
        reading: &'a Reading<'a>,
        names: &'a mut Names,
        on_bad_row: OnBadRow,
        watch: &'a mut dyn FnMut(Progress),
    ) -> Self {
        Builder {
            reading,
            names,
            on_bad_row,
            files: Vec::new(),
            drafts: IndexMap::default(),
            values: Vec::new(),
            latest: 0,
            row_fields: Vec::new(),
            row_before: Vec::new(),
            row_outer: Vec::new(),
            row_told: Vec::new(),
            log: Log::default(),
            tally: None,
            watch,
            bytes: (0, 0),
            reached: (0, 1),
        }
    }

    /// Counts the values of event and field columns as well.
    pub fn counting(self) -> Self {
        Builder { tally: Some(Tally::new(self.reading)), ..self }
    }

    /// What was counted.
    pub fn counted(&mut self) -> Vec<Values> {
        self.tally.take().map_or_else(Vec::new, Tally::finish)
    }

    /// The rows that follow are of this file.
    pub fn begin(&mut self, file: &Input<'_>) {
        self.files.push(file.name.to_string());
        let (before, own) = self.bytes;
        self.bytes = (before + own, u64::try_from(file.bytes.len()).unwrap_or(u64::MAX));
        self.reached = (0, 1);
    }

    /// The file at hand is done with up to here, of so much.
    pub fn reach(&mut self, done: usize, of: usize) {
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        self.reached = (number(done), number(of.max(1)));
    }

    fn tell_progress(&mut self) {
        let ((before, own), (done, of)) = (self.bytes, self.reached);
        let within = u128::from(own) * u128::from(done) / u128::from(of);
        let bytes = before + u64::try_from(within).unwrap_or(own);
        (self.watch)(Progress { rows: self.log.rows, bytes });
    }

    /// Takes a row; one that cannot be read is counted, or ends the run.
    pub fn row(&mut self, row: &Row<'_>) -> Result<(), RowFault> {
        if let Some(tally) = self.tally.as_mut().filter(|_| !row.is_bare) {
            tally.take(self.reading, row);
        }
        if self.log.rows % ROWS_PER_TELLING == ROWS_PER_TELLING - 1 {
            self.tell_progress();
        }
        let taken = match &self.reading.rows {
            Rows::History(history) if row.is_bare && !history.events.is_empty() => self.bare_row(row, history),
            _ if row.is_bare => return Ok(()),
            Rows::History(history) => self.history_row(row, history),
            Rows::Tickets(events) => self.ticket_row(row, events),
            Rows::Claims { at, period, ticket } => self.claim_row(row, at, *period, *ticket),
            Rows::Announcements { from, to, at, service } => {
                self.announcement_row(row, [from, to, at], service.as_ref())
            }
            Rows::Charges(columns) => self.charge_row(row, columns),
            Rows::Outages { service, from, to } => self.outage_row(row, service, from, to),
        };
        match taken {
            Ok(()) => {
                self.log.rows += 1;
                Ok(())
            }
            Err(fault) => {
                let file = self.files.last().cloned().unwrap_or_default();
                self.bad(RowFault { lines: row.lines, ..fault.at(&file, row.place.clone()) })
            }
        }
    }

    /// Counts a row that cannot be read, or ends the run with it.
    pub fn bad(&mut self, fault: RowFault) -> Result<(), RowFault> {
        self.log.rows += 1;
        self.skip(fault)
    }

    fn skip(&mut self, fault: RowFault) -> Result<(), RowFault> {
        if self.on_bad_row == OnBadRow::Fail {
            return Err(fault);
        }
        match self.log.skipped.iter_mut().find(|skipped| skipped.kind == fault.code) {
            Some(skipped) => {
                skipped.count += 1;
                skipped.lines += fault.lines;
            }
            None => {
                let (lines, first) = (fault.lines, fault.to_string());
                self.log.skipped.push(Skipped { kind: fault.code, count: 1, lines, first });
            }
        }
        Ok(())
    }

    // -- parts of a row; faults get file and line where the row was taken

    pub(super) fn cell<'r>(&self, row: &'r Row<'_>, place: usize) -> Option<&'r str> {
        self.reading.known(row.cell(place))
    }

    pub(super) fn column(&self, place: usize) -> Option<String> {
        self.reading.columns.get(place).map(|column| (*column).to_string())
    }

    pub(super) fn instant(
        &self,
        row: &Row<'_>,
        place: usize,
        column: &InstantReader<'_>,
    ) -> Result<Option<Instant>, RowFault> {
        self.cell(row, place).map(|cell| column.parse(cell, row.moment(place))).transpose()
    }

    pub(super) fn needed(&self, row: &Row<'_>, place: usize, column: &InstantReader<'_>) -> Result<Instant, RowFault> {
        self.instant(row, place, column)?.ok_or_else(|| {
            let message = "this row does not say when it happened".to_string();
            let help = "every row says when it happened; leave such rows out with `--on-bad-row skip`";
            RowFault { column: Some(column.column.to_string()), ..RowFault::new("bad_instant", message, help) }
        })
    }

    fn seen(&mut self, at: Instant) {
        self.log.latest = self.log.latest.max(Some(at));
    }

    /// Reads the values of a row's field columns, those that nothing reads left out.
    fn read_fields(&mut self, row: &Row<'_>) -> Result<(), RowFault> {
        self.row_fields.clear();
        self.row_outer.clear();
        let fields = self.reading.fields.iter().zip(&self.reading.is_outer).zip(self.reading.fields_from..);
        for ((field, is_outer), place) in fields.filter(|((field, _), _)| self.reading.holds(row, &field.when)) {
            let is_about = !field.when.is_empty();
            let value = match self.reading.known(row.cell(place)) {
                Some(cell) => field.of(cell, self.names)?,
                None => None,
            };
            let read = if *is_outer { &mut self.row_outer } else { &mut self.row_fields };
            read.extend(field.id.map(|field| RowField { field, value, is_about }));
        }
        Ok(())
    }

    /// Reads what fields were before the row, and what they are when the export is made: until the end of time that is
    /// what they were, where no row says otherwise.
    fn read_before(&mut self, row: &Row<'_>, at: Instant) -> Result<(), RowFault> {
        self.row_before.clear();
        for field in self.reading.fields.iter().filter(|field| field.was.is_some() || field.now.is_some()) {
            let was = field.was.filter(|_| self.reading.holds(row, &field.when)).map(|place| (place, at));
            let now = field.now.map(|place| (place, draft::END_OF_TIME));
            for (place, at) in was.into_iter().chain(now) {
                let value = match self.reading.known(row.cell(place)) {
                    Some(cell) => field.of(cell, self.names)?,
                    None => None,
                };
                self.row_before.extend(field.id.map(|id| (id, at, value)));
            }
        }
        Ok(())
    }

    /// Reads the events that have columns of their own, of which the first is at `from`.
    fn read_told(&mut self, row: &Row<'_>, from: usize, events: &[EventInstant<'_>]) -> Result<(), RowFault> {
        self.row_told.clear();
        for (told, place) in events.iter().zip(from..) {
            if let Some(at) = self.instant(row, place, &told.at)? {
                self.seen(at);
                self.row_told.extend(told.event.map(|event| (event, at)));
            }
        }
        Ok(())
    }

    /// What the event columns do, in the order in which the source names them.
    fn acts<'m>(&self, row: &Row<'_>, told: &'m [EventMeanings<'_>]) -> Result<Cow<'m, [Act]>, RowFault> {
        let mut acts: Cow<'m, [Act]> = Cow::Borrowed(&[]);
        for (event, place) in told.iter().zip(EVENT..) {
            let Some(cell) = self.cell(row, place).filter(|_| self.reading.holds(row, &event.when)) else { continue };
            let more = event.of(cell)?;
            match acts.is_empty() {
                true => acts = Cow::Borrowed(more),
                false => acts.to_mut().extend(more),
            }
        }
        Ok(acts)
    }

    // -- drafts

    /// The id of the row's ticket.
    fn id<'r>(&self, row: &'r Row<'_>) -> Result<&'r str, RowFault> {
        self.cell(row, TICKET).ok_or_else(|| {
            let help = "every row names its ticket; leave such rows out with `--on-bad-row skip`";
            let fault = RowFault::new("missing_ticket", "this row names no ticket".to_string(), help);
            RowFault { column: self.column(TICKET), ..fault }
        })
    }

    /// The place of a ticket's draft, where there is one. A log by ticket asks for the same one time and again.
    fn known_place(&mut self, id: &str) -> Option<usize> {
        let is_latest = self.drafts.get_index(self.latest).is_some_and(|(latest, _)| latest == id);
        if is_latest {
            return Some(self.latest);
        }
        let known = self.drafts.get_index_of(id)?;
        self.latest = known;
        Some(known)
    }

    /// The place of a ticket's draft, and whether it is new.
    fn draft(&mut self, row: &Row<'_>, id: &str) -> (usize, bool) {
        let known = self.known_place(id);
        self.latest = known.unwrap_or_else(|| {
            let stands = (self.files.len().saturating_sub(1), row.place.clone());
            let draft = Draft { stands: Some(stands), ..Draft::default() };
            self.values.resize((self.drafts.len() + 1) * self.reading.field_count, None);
            self.drafts.insert_full(id.to_string(), draft).0
        });
        (self.latest, known.is_none())
    }

    /// Notes a change where a field has another value than before. Rows out of order say nothing of what was before.
    fn change(&mut self, place: usize, changes: &mut Vec<Change>, field: FieldId, value: Option<Symbol>) {
        let at = place * self.reading.field_count + usize::from(field.0);
        let Some(known) = self.values.get_mut(at) else { return };
        if *known != value || self.reading.source.unordered {
            *known = value;
            changes.push(Change { field, value });
        }
    }

    // -- events, changes and snapshots

    fn history_row(&mut self, row: &Row<'_>, history: &History<'_>) -> Result<(), RowFault> {
        self.read_told(row, EVENT + history.told.len(), &history.events)?;
        let at = self.needed(row, AT, &history.at)?;
        self.seen(at);
        let acts = self.acts(row, &history.told)?;
        self.read_fields(row)?;
        self.read_before(row, at)?;
        let id = self.id(row)?;
        let hash = if history.is_snapshot { 0 } else { hash(row.text) };
        self.in_order(id, at, hash, history)?;
        let (place, is_new) = self.draft(row, id);
        self.show(place, is_new);
        let acts: &[Act] = if self.event_value_is_new(place, row, history) { &acts } else { &[] };
        let changes = self.changes(place, acts, history.is_snapshot);
        let first_row = history.first_row.filter(|_| is_new);
        self.add(place, row, (at, hash), changes, first_row, acts);
        Ok(())
    }

    /// A ticket without rows of its own says when its events happened, and what is known of it.
    fn bare_row(&mut self, row: &Row<'_>, history: &History<'_>) -> Result<(), RowFault> {
        self.read_told(row, EVENT + history.told.len(), &history.events)?;
        self.read_fields(row)?;
        self.read_before(row, draft::END_OF_TIME)?;
        let id = self.id(row)?;
        let (place, is_new) = self.draft(row, id);
        self.show(place, is_new);
        let Some((_, draft)) = self.drafts.get_index_mut(place) else { return Ok(()) };
        self.row_told.iter().for_each(|(event, at)| draft.tell(*event, *at));
        self.row_before.iter().for_each(|before| draft.note_before(*before));
        self.log.events += 1;
        Ok(())
    }

    /// Notes what the first row of a ticket shows of the levels above its own. Later rows show the same.
    fn show(&mut self, place: usize, is_new: bool) {
        if !is_new || self.row_outer.is_empty() {
            return;
        }
        let mut shown = Vec::new();
        let outer = std::mem::take(&mut self.row_outer);
        for said in outer.iter().filter(|said| said.value.is_some()) {
            self.change(place, &mut shown, said.field, said.value);
        }
        self.row_outer = outer;
        if let Some((_, draft)) = self.drafts.get_index_mut(place) {
            draft.shown = shown;
        }
    }

    /// A row earlier than the one before, or the same once more, is a fault. A snapshot may well repeat the one before.
    fn in_order(&mut self, id: &str, at: Instant, hash: u64, history: &History<'_>) -> Result<(), RowFault> {
        let draft = self.known_place(id).and_then(|place| self.drafts.get_index(place));
        let Some((_, Draft { last: Some((last_at, last_hash)), last_file, .. })) = draft else { return Ok(()) };
        let (last_at, last_hash) = (*last_at, *last_hash);
        let other = (last_file + 1 != self.files.len()).then(|| self.files.get(*last_file)).flatten();
        let other = other.map_or(String::new(), |file| format!(", which is in {file}"));
        if at < last_at && !self.reading.source.unordered {
            let (from, to) = (history.at.words(last_at), history.at.words(at));
            let message = format!("ticket `{}` goes back in time, from {from}{other} to {to}", shown(id));
            let help = match other.is_empty() {
                true => "sort the export by time, or say `unordered` in the source",
                false => "name the files in the order of time, or say `unordered` in the source",
            };
            return Err(RowFault { column: self.column(AT), ..RowFault::new("row_out_of_order", message, help) });
        }
        if at == last_at && hash == last_hash && !history.is_snapshot {
            let message = format!("this row of ticket `{}` repeats the one before{other}", shown(id));
            let help = "take it out, or leave repetitions out with `--on-bad-row skip`";
            return Err(RowFault::new("duplicate_row", message, help));
        }
        Ok(())
    }

    /// Whether the event column tells anything: a snapshot's does where it differs from the row before.
    fn event_value_is_new(&mut self, place: usize, row: &Row<'_>, history: &History<'_>) -> bool {
        let Some(cell) = self.cell(row, EVENT).filter(|_| history.is_snapshot && !history.told.is_empty()) else {
            return true;
        };
        let value = Some(self.names.intern(cell));
        let Some((_, draft)) = self.drafts.get_index_mut(place) else { return false };
        let is_new = draft.event_value != value;
        draft.event_value = value;
        is_new
    }

    /// What the row at hand changes. A snapshot shows that a field is missing; in a row of changes an empty cell says
    /// nothing, and the field stays as it was.
    fn changes(&mut self, place: usize, acts: &[Act], is_snapshot: bool) -> Vec<Change> {
        let mut changes = Vec::new();
        let fields = std::mem::take(&mut self.row_fields);
        for said in fields.iter().filter(|said| is_snapshot || said.is_about || said.value.is_some()) {
            self.change(place, &mut changes, said.field, said.value);
        }
        self.row_fields = fields;
        for act in acts {
            if let Act::Sets(field, value) = act {
                self.change(place, &mut changes, *field, Some(*value));
            }
        }
        changes
    }

    fn add(
        &mut self,
        place: usize,
        row: &Row<'_>,
        last: (Instant, u64),
        changes: Vec<Change>,
        first_row: Option<EventId>,
        acts: &[Act],
    ) {
        let Some((_, draft)) = self.drafts.get_index_mut(place) else { return };
        draft.last = Some(last);
        draft.last_file = self.files.len().saturating_sub(1);
        let events = acts.iter().filter_map(|act| if let Act::Happens(event) = act { Some(*event) } else { None });
        let events = first_row.into_iter().chain(events);
        let says_something = draft.add(last.0, changes, events);
        if !draft.has_event && draft.facts.last().is_some_and(|fact| fact.event.is_some()) {
            draft.has_event = true;
            draft.stands = Some((self.files.len().saturating_sub(1), row.place.clone()));
        }
        self.row_told.iter().for_each(|(event, at)| draft.tell(*event, *at));
        self.row_before.iter().for_each(|before| draft.note_before(*before));
        self.log.events += u64::from(says_something);
    }

    // -- one row per ticket

    fn ticket_row(&mut self, row: &Row<'_>, events: &[EventInstant<'_>]) -> Result<(), RowFault> {
        self.read_told(row, 1, events)?;
        self.read_fields(row)?;
        let id = self.id(row)?;
        if let Some(place) = self.known_place(id) {
            let message = format!("ticket `{}` has two rows{}", shown(id), self.elsewhere(place));
            let fault = RowFault::new("duplicate_ticket", message, "this source has one row per ticket: take one out");
            return Err(RowFault { column: self.column(TICKET), ..fault });
        }
        self.check_creation(id, events)?;
        let (place, _) = self.draft(row, id);
        let changes = self.changes(place, &[], false);
        let Some((_, draft)) = self.drafts.get_index_mut(place) else { return Ok(()) };
        // The creation comes first, and with it the fields.
        let created = self.reading.created;
        self.row_told.sort_by_key(|(event, at)| (Some(*event) != created, *at));
        let mut changes = changes;
        for (event, at) in &self.row_told {
            draft.add(*at, std::mem::take(&mut changes), std::iter::once(*event));
        }
        self.log.events += 1;
        Ok(())
    }

    /// Where a ticket's first row stands, if in another file than the one at hand.
    fn elsewhere(&self, place: usize) -> String {
        let stands = self.drafts.get_index(place).and_then(|(_, draft)| draft.stands.as_ref());
        let Some((file, place)) = stands.filter(|(file, _)| file + 1 != self.files.len()) else { return String::new() };
        let file = self.files.get(*file).map_or("", String::as_str);
        format!(", the other in {file}, {place}")
    }

    /// A row without a creation, or with an event before it, is a fault.
    fn check_creation(&self, id: &str, events: &[EventInstant<'_>]) -> Result<(), RowFault> {
        let of = |wanted: Option<EventId>| {
            let column = events.iter().find(|told| told.event.is_some() && told.event == wanted);
            column.map(|told| told.at.column.to_string())
        };
        let created = self.row_told.iter().find(|(event, _)| Some(*event) == self.reading.created);
        let Some((_, created_at)) = created else {
            let message = format!("ticket `{}` was never created", shown(id));
            let fault = RowFault::new("no_creation", message, "fill in the column of `event created`");
            return Err(RowFault { column: of(self.reading.created), ..fault });
        };
        match self.row_told.iter().find(|(_, at)| at < created_at && !self.reading.source.unordered) {
            Some((event, at)) => {
                let fault = draft::before_creation(&shown(id), *at, *created_at);
                Err(RowFault { column: of(Some(*event)), ..fault })
            }
            None => Ok(()),
        }
    }

    // -- claims

    fn claim_row(&mut self, row: &Row<'_>, at: &InstantReader<'_>, period: bool, ticket: bool) -> Result<(), RowFault> {
        let clause = self.cell(row, 0).ok_or_else(|| {
            let message = "this row names no clause".to_string();
            let fault = RowFault::new("missing_clause", message, "every claim is of a clause");
            RowFault { column: self.column(0), ..fault }
        })?;
        let at = self.needed(row, AT, at)?;
        let text = |place: usize| self.cell(row, place).map(str::to_string);
        let claim = Claim {
            at,
            clause: clause.to_string(),
            period: if period { text(AT + 1) } else { None },
            ticket: if ticket { text(AT + 1 + usize::from(period)) } else { None },
        };
        self.log.claims.push(claim);
        self.seen(at);
        Ok(())
    }

    // -- outages

    fn outage_row(
        &mut self,
        row: &Row<'_>,
        service: &ServiceMeanings<'_>,
        from: &InstantReader<'_>,
        to: &InstantReader<'_>,
    ) -> Result<(), RowFault> {
        let (service, place) = match service {
            ServiceMeanings::Fixed(service) => (Some(*service), 0),
            ServiceMeanings::Column(meanings) => (self.service(row, meanings)?, 1),
        };
        let start = self.needed(row, place, from)?;
        let end = self.instant(row, place + 1, to)?;
        if let Some(end) = end.filter(|end| *end < start) {
            let (start, end) = (from.words(start), to.words(end));
            let message = format!("this outage ends at {end}, before it starts at {start}");
            let fault = RowFault::new("outage_ends_before_start", message, "mend the row");
            return Err(RowFault { column: Some(to.column.to_string()), ..fault });
        }
        self.read_fields(row)?;
        self.seen(end.unwrap_or(start));
        // A service that the source ignores is down for nobody.
        let Some(service) = service else { return Ok(()) };
        let fields = self.row_fields.iter().map(|said| Change { field: said.field, value: said.value }).collect();
        self.log.outages.push(Outage { service, start, end, fields });
        Ok(())
    }

    fn service(&mut self, row: &Row<'_>, meanings: &FieldMeanings<'_>) -> Result<Option<Symbol>, RowFault> {
        let Some(cell) = self.reading.known(row.cell(0)) else {
            let message = "this row names no service".to_string();
            let fault = RowFault::new("missing_service", message, "every outage is of a service");
            return Err(RowFault { column: self.column(0), ..fault });
        };
        meanings.of(cell, self.names)
    }

    // -- the whole log

    pub fn finish(mut self) -> Result<Log, RowFault> {
        // That nobody claimed or announced anything, that nothing was charged, and that nothing was down, are answers.
        let may_be_empty = !matches!(self.reading.rows, Rows::History(_) | Rows::Tickets(_));
        if self.log.rows == 0 && !may_be_empty {
            let help = "export it again, with the time range that you want to look at";
            let fault = RowFault::new("empty_log", "there is no row in it".to_string(), help);
            return Err(RowFault { file: self.files.join(", "), ..fault });
        }
        for (id, draft) in std::mem::take(&mut self.drafts) {
            let stands = draft.stands.clone();
            match draft.ticket(id, self.reading) {
                Ok(ticket) => self.log.tickets.push(ticket),
                Err(fault) => {
                    let (file, place) = stands.unzip();
                    let file = file.and_then(|file| self.files.get(file)).cloned().unwrap_or_default();
                    let column = self.column(if fault.code == "before_creation" { AT } else { self.event_place() });
                    self.skip(RowFault { file, place, column, ..fault })?;
                }
            }
        }
        self.log.tickets.sort_by(|a, b| a.id.as_bytes().cmp(b.id.as_bytes()));
        let names = &*self.names;
        self.log.outages.sort_by(|a, b| (names.text(a.service), a.start).cmp(&(names.text(b.service), b.start)));
        self.log.skipped.sort_by_key(|skipped| skipped.kind);
        Ok(self.log)
    }

    /// The place of the column that should have told the creation.
    fn event_place(&self) -> usize {
        match &self.reading.rows {
            Rows::History(history) if history.told.is_empty() && history.events.is_empty() => AT,
            _ => EVENT,
        }
    }
}

/// What a row's text comes to, to know it again: rows that differ in a column that nothing reads are two rows. That two of one
/// ticket and instant agree by chance is as likely as guessing 64 bits.
fn hash(text: &str) -> u64 {
    FixedState::default().hash_one(text)
}
