//! Tickets and their history as given: what a log says, before any contract looks at it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::money::{Currency, Fraction};
use crate::time::{Instant, Interval};

/// A text as a small number. A word and a text of the same letters are one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(pub u32);

/// A field of tickets, by its place in [`Vocabulary::fields`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldId(pub u16);

/// An event of tickets, by its place in [`Vocabulary::events`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub u16);

/// The texts behind symbols. Texts are kept in the order in which they were first met.
#[derive(Debug, Clone, Default)]
pub struct Names {
    symbols: HashMap<Arc<str>, Symbol>,
    texts: Vec<Arc<str>>,
}

impl Names {
    /// The symbol of `text`, made when it is new.
    pub fn intern(&mut self, text: &str) -> Symbol {
        if let Some(symbol) = self.symbols.get(text) {
            return *symbol;
        }
        let symbol = Symbol(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        let text: Arc<str> = Arc::from(text);
        self.texts.push(Arc::clone(&text));
        self.symbols.insert(text, symbol);
        symbol
    }

    /// The symbol of `text`, where it was met before.
    pub fn get(&self, text: &str) -> Option<Symbol> {
        self.symbols.get(text).copied()
    }

    /// The text of a symbol; empty for one of another collection.
    pub fn text(&self, symbol: Symbol) -> &str {
        self.texts.get(symbol.0 as usize).map_or("", |text| text)
    }
}

/// The fields and events that a run knows; their numbers index these lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// Field names.
    pub fields: Vec<String>,
    /// Event names.
    pub events: Vec<String>,
}

impl Vocabulary {
    /// The number of a field, made when it is new.
    pub fn field(&mut self, name: &str) -> FieldId {
        FieldId(place(&mut self.fields, name))
    }

    /// The number of an event, made when it is new.
    pub fn event(&mut self, name: &str) -> EventId {
        EventId(place(&mut self.events, name))
    }

    /// The number of an event that is known.
    pub fn event_id(&self, name: &str) -> Option<EventId> {
        let place = self.events.iter().position(|event| event == name)?;
        u16::try_from(place).ok().map(EventId)
    }

    /// The name of a field.
    pub fn field_name(&self, id: FieldId) -> &str {
        self.fields.get(usize::from(id.0)).map_or("", String::as_str)
    }

    /// The name of an event.
    pub fn event_name(&self, id: EventId) -> &str {
        self.events.get(usize::from(id.0)).map_or("", String::as_str)
    }
}

/// The place of `name` in `list`, appended when it is new. Agreements name hundreds of fields, not tens of thousands.
fn place(list: &mut Vec<String>, name: &str) -> u16 {
    let at = list.iter().position(|known| known == name).unwrap_or_else(|| {
        list.push(name.to_string());
        list.len() - 1
    });
    u16::try_from(at).unwrap_or(u16::MAX)
}

/// A field's new value; none means that it is missing from here on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Which field.
    pub field: FieldId,
    /// Its value from this instant on.
    pub value: Option<Symbol>,
}

/// Something that happened to a ticket: first its fields change, then the event happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// When.
    pub at: Instant,
    /// Fields that change, in the order written.
    pub changes: Vec<Change>,
    /// The event, where there is one.
    pub event: Option<EventId>,
}

/// One ticket's history, in time order; facts of one instant keep the order of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// Its id, as the log has it.
    pub id: String,
    /// What happened.
    pub facts: Vec<Fact>,
}

/// A time during which a service was down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// Which service.
    pub service: Symbol,
    /// Its first instant.
    pub start: Instant,
    /// The first instant after it; none while it lasts.
    pub end: Option<Instant>,
    /// Its fields.
    pub fields: Vec<Change>,
}

/// A claim that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// When.
    pub at: Instant,
    /// Of which clause, by name.
    pub clause: String,
    /// For which period, by its label; none: for any.
    pub period: Option<String>,
    /// For which ticket, by its id; none: for any.
    pub ticket: Option<String>,
}

/// An announcement of maintenance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// For which service; none: for all.
    pub service: Option<String>,
    /// From when to when; to the end of time where no end was told.
    pub span: Interval,
    /// When it was made.
    pub at: Instant,
}

/// What a customer is charged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// Whom; none: the log does not say, and it is the agreement's customer.
    pub customer: Option<String>,
    /// For which service; none: for none.
    pub service: Option<String>,
    /// For which month, quarter or year, by its label.
    pub period: String,
    /// How much.
    pub amount: Fraction,
    /// In which currency; none: the agreement's.
    pub currency: Option<Currency>,
    /// The row and column that say how much, for messages.
    pub stands: String,
}

impl Charge {
    /// Whether a label names a period that can be charged: a month, a quarter or a year.
    pub fn is_period(label: &str) -> bool {
        let digits = |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
        let Some((year, rest)) = label.split_once('-') else { return digits(label, 4) };
        let is_part = match rest.strip_prefix('Q') {
            Some(quarter) => matches!(quarter, "1" | "2" | "3" | "4"),
            None => digits(rest, 2) && ("01"..="12").contains(&rest),
        };
        digits(year, 4) && is_part
    }
}

/// Rows that were left out on request, by kind, with the first of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The kind of fault, a diagnostic code.
    pub kind: &'static str,
    /// How many rows.
    pub count: u64,
    /// How many lines of the files they take; more than rows where a quote that is not closed swallowed others.
    pub lines: u64,
    /// The message of the first.
    pub first: String,
}

/// Everything that was read for a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    /// Tickets, ordered by the bytes of their ids.
    pub tickets: Vec<Ticket>,
    /// Outages, ordered by service text and start.
    pub outages: Vec<Outage>,
    /// Claims, in the order of the log.
    pub claims: Vec<Claim>,
    /// Announcements, in the order of the log.
    pub announcements: Vec<Announcement>,
    /// Charges, in the order of the log.
    pub charges: Vec<Charge>,
    /// Rows that carried something of a ticket (an event, or a change).
    pub events: u64,
    /// Rows read, ignored ones too.
    pub rows: u64,
    /// The latest instant of any row, ignored ones too: the default `as of`.
    pub latest: Option<Instant>,
    /// What was left out.
    pub skipped: Vec<Skipped>,
}

impl Log {
    /// What was announced up to `as_of`.
    pub fn announced(&self, as_of: Instant) -> Vec<Announcement> {
        self.announcements.iter().filter(|announcement| announcement.at <= as_of).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_quarters_and_years_can_be_charged() {
        for label in ["2025-03", "2025-12", "2025-Q1", "2025"] {
            assert!(Charge::is_period(label), "{label}");
        }
        for label in ["2025-13", "2025-00", "2025-3", "2025-Q5", "2025-W10", "2025-03-07", "03/2025", ""] {
            assert!(!Charge::is_period(label), "{label}");
        }
    }

    #[test]
    fn one_text_has_one_symbol() {
        let mut names = Names::default();
        let gold = names.intern("gold");
        assert_eq!(names.intern("gold"), gold);
        assert_eq!(names.text(gold), "gold");
        assert_eq!(names.get("silver"), None);
    }
}
