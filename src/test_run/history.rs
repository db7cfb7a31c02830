//! A test's lines as a log.

use chrono::NaiveTime;
use chrono_tz::Tz;

use crate::ast::{Moment, Name, Test, TestLine};
use crate::money::Currency;
use crate::source::{Sources, Span, Spanned};
use crate::ticket::{Announcement, Change, Charge, Fact, Log, Names, Outage, Ticket, Vocabulary};
use crate::time::{Instant, Interval, Local, resolve_local};

use super::Failure;

/// What a test says happened.
pub(super) struct History {
    pub log: Log,
    pub as_of: Instant,
}

/// Reads a test's lines; times are local to `zone`.
pub(super) fn read(
    test: &Test,
    zone: Tz,
    vocabulary: &mut Vocabulary,
    names: &mut Names,
    sources: &Sources,
) -> Result<History, Failure> {
    let mut reader = Reader {
        zone,
        vocabulary,
        names,
        sources,
        tickets: Vec::new(),
        outages: Vec::new(),
        charges: Vec::new(),
        announcements: Vec::new(),
        latest: None,
        as_of: None,
    };
    for line in &test.lines {
        reader.line(&line.value)?;
    }
    reader.each_is_created()?;
    let as_of = reader.as_of.or(reader.latest).unwrap_or(Instant::FIRST);
    let mut log = Log { latest: reader.latest, ..Log::default() };
    log.outages = reader.outages;
    log.charges = reader.charges;
    log.announcements = reader.announcements;
    log.tickets = reader.tickets.into_iter().map(Draft::ticket).collect();
    log.tickets.sort_by(|a, b| a.id.as_bytes().cmp(b.id.as_bytes()));
    Ok(History { log, as_of })
}

struct Draft {
    id: String,
    /// Where it is declared.
    place: Span,
    /// Fields that hold from its first fact on.
    fields: Vec<Change>,
    facts: Vec<Fact>,
}

impl Draft {
    /// In time order; lines of one instant keep theirs.
    fn ticket(mut self) -> Ticket {
        self.facts.sort_by_key(|fact| fact.at);
        if let Some(first) = self.facts.first_mut() {
            first.changes.splice(0..0, self.fields);
        }
        Ticket { id: self.id, facts: self.facts }
    }
}

struct Reader<'a> {
    zone: Tz,
    vocabulary: &'a mut Vocabulary,
    names: &'a mut Names,
    sources: &'a Sources,
    tickets: Vec<Draft>,
    outages: Vec<Outage>,
    charges: Vec<Charge>,
    announcements: Vec<Announcement>,
    latest: Option<Instant>,
    as_of: Option<Instant>,
}

impl Reader<'_> {
    fn line(&mut self, line: &TestLine) -> Result<(), Failure> {
        match line {
            TestLine::Ticket(name, fields) => {
                let fields = self.changes(fields);
                self.tickets.push(Draft { id: name.value.clone(), place: name.span, fields, facts: Vec::new() });
            }
            TestLine::Event(ticket, at, event, fields) => {
                let at = self.fact_at(at)?;
                let event = Some(self.vocabulary.event(&event.value));
                let changes = self.changes(fields);
                self.fact(ticket.as_ref(), Fact { at, changes, event });
            }
            TestLine::Sets(ticket, at, fields) => {
                let at = self.fact_at(at)?;
                let changes = self.changes(fields);
                self.fact(ticket.as_ref(), Fact { at, changes, event: None });
            }
            TestLine::Outage(service, from, to, fields) => {
                let start = self.fact_at(from)?;
                let end = to.as_ref().map(|to| self.fact_at(to)).transpose()?;
                if let Some(end) = end.filter(|end| *end < start) {
                    let got = format!("this outage ends at {}, before it starts", end.wall(self.zone));
                    return Err(self.fault("outage_ends_before_start", from.span, got));
                }
                let (service, fields) = (self.names.intern(&service.value), self.changes(fields));
                self.outages.push(Outage { service, start, end, fields });
            }
            TestLine::Announcement(service, from, to, at) => {
                let announcement = self.announcement(service.as_ref(), from, to.as_ref(), at)?;
                self.announcements.push(announcement);
            }
            TestLine::Charge(service, money, period) => self.charges.push(Charge {
                customer: None,
                service: service.as_ref().map(|name| name.value.clone()),
                period: period.value.clone(),
                amount: money.amount.clone(),
                currency: Currency::from_code(&money.currency.value),
                stands: String::new(),
            }),
            TestLine::AsOf(at) => self.as_of = Some(self.instant(at)?),
            TestLine::Fee(..) | TestLine::Given(_) | TestLine::Expect(_) | TestLine::Later(_) => {}
        }
        Ok(())
    }

    /// An announcement of what is to come. A range of dates includes its last day.
    fn announcement(
        &self,
        service: Option<&Name>,
        from: &Spanned<Moment>,
        to: Option<&Spanned<Moment>>,
        at: &Spanned<Moment>,
    ) -> Result<Announcement, Failure> {
        let (start, made) = (self.instant(from)?, self.instant(at)?);
        let end = match to.map(|to| (to, to.value)) {
            None => Instant::LAST,
            Some((_, Moment::Date(last))) => crate::time::midnight(self.zone, last.succ_opt().unwrap_or(last)),
            Some((to, _)) => self.instant(to)?,
        };
        if end < start {
            let got = format!("what is announced ends at {}, before it starts", end.wall(self.zone));
            return Err(self.fault("announcement_ends_before_start", from.span, got));
        }
        if start < made {
            let got = format!("it was announced at {}, after it starts", made.wall(self.zone));
            return Err(self.fault("announced_after_start", at.span, got));
        }
        let service = service.map(|name| name.value.clone());
        Ok(Announcement { service, span: Interval::new(start, end), at: made })
    }

    fn changes(&mut self, fields: &[(Name, Name)]) -> Vec<Change> {
        let changes = fields.iter().map(|(name, value)| Change {
            field: self.vocabulary.field(&name.value),
            value: Some(self.names.intern(&value.value)),
        });
        changes.collect()
    }

    /// A line without a ticket is of the only one.
    fn fact(&mut self, ticket: Option<&Name>, fact: Fact) {
        let draft = match ticket {
            Some(name) => self.tickets.iter_mut().find(|draft| draft.id == name.value),
            None => self.tickets.first_mut(),
        };
        if let Some(draft) = draft {
            draft.facts.push(fact);
        }
    }

    /// A ticket that nothing creates is judged by nobody, and its test would say so in riddles.
    fn each_is_created(&mut self) -> Result<(), Failure> {
        let created = Some(self.vocabulary.event("created"));
        let is_created = |draft: &Draft| draft.facts.iter().any(|fact| fact.event == created);
        let Some(draft) = self.tickets.iter().find(|draft| !is_created(draft)) else { return Ok(()) };
        let expected = format!("ticket {} is created", draft.id);
        let got = "no line of it says `created`: add one such as `2025-03-07 09:00 created`".to_string();
        Err(Failure { code: Some("no_creation"), line: self.sources.start(draft.place).line, expected, got })
    }

    fn fact_at(&mut self, moment: &Spanned<Moment>) -> Result<Instant, Failure> {
        let at = self.instant(moment)?;
        self.latest = self.latest.max(Some(at));
        Ok(at)
    }

    fn instant(&self, moment: &Spanned<Moment>) -> Result<Instant, Failure> {
        instant(moment.value, self.zone).map_err(|got| self.fault("bad_instant", moment.span, got))
    }

    fn fault(&self, code: &'static str, span: Span, got: String) -> Failure {
        let (line, expected) = (self.sources.start(span).line, self.sources.text(span).to_string());
        Failure { code: Some(code), line, expected, got }
    }
}

/// The instant that is meant.
///
/// # Errors
/// A local time that the clock change skips or repeats, in words.
pub(super) fn instant(moment: Moment, zone: Tz) -> Result<Instant, String> {
    let local = match moment {
        Moment::Utc(millis) => return Ok(Instant(millis)),
        Moment::Date(date) => return Ok(crate::time::midnight(zone, date)),
        Moment::Local(local) => local,
    };
    let with_offset = "write it with its offset, such as 2025-03-07T17:50+01:00";
    match resolve_local(zone, local) {
        Local::Single(at) => Ok(at),
        Local::Repeated { .. } => Err(format!("the clock of {zone} shows this time twice: {with_offset}")),
        Local::Skipped if local.time() == NaiveTime::MIN => Ok(crate::time::midnight(zone, local.date())),
        Local::Skipped => Err(format!("the clock of {zone} never shows this time: {with_offset}")),
    }
}
