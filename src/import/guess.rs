//! A first source for an export of which nothing is known, to be corrected by hand.
//!
//! Every line says what it was guessed from. What cannot be guessed, whose clock the times show, is left as
//! [`PLACEHOLDER`](crate::checker::ZONE_PLACEHOLDER) unless it is given.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::checker::ZONE_PLACEHOLDER;
use crate::input::Sample;

use super::columns::{Column, Form, columns, words};
use super::hints;

/// A column with more different values than this is no list of words.
const FEW: usize = 40;

/// The text of an agreement file: a source, and a first agreement to look at the tickets with.
pub fn guess(sample: &Sample, name: &str, zone: Option<&str>) -> String {
    let columns = columns(sample);
    let mut guess =
        Guess { sample, columns, name, zone, used: BTreeSet::new(), events: BTreeSet::new(), out: String::new() };
    guess.source();
    guess.agreement();
    guess.out
}

struct Guess<'s> {
    sample: &'s Sample,
    columns: Vec<Column<'s>>,
    name: &'s str,
    zone: Option<&'s str>,
    /// Columns that the source reads, by place.
    used: BTreeSet<usize>,
    /// Events that the source tells.
    events: BTreeSet<String>,
    out: String,
}

impl<'s> Guess<'s> {
    fn line(&mut self, text: &str) {
        // Writing to a text cannot fail.
        let _written = writeln!(self.out, "    {text}");
    }

    fn source(&mut self) {
        let rows = self.sample.rows.len();
        let _written = writeln!(
            self.out,
            "// Guessed from {rows} rows. Correct what is wrong, then look at it with `klausel import check`.\nedition 2026\n\nsource {} {{",
            self.name
        );
        self.line(&format!("format {}", self.sample.format));
        if let Some(separator) = self.sample.separator {
            let separator = if separator == '\t' { "a tab".to_string() } else { format!("`{separator}`") };
            self.line(&format!(
                "// The first lines agree on {separator} as the separator, which is found again each time."
            ));
        }
        if let Some(rows) = self.sample.rows_from.clone() {
            self.line(&format!("rows from {}", quoted(&rows)));
        }
        let ticket = self.ticket();
        match self.columns.get(ticket).is_some_and(Column::is_unique) {
            true => self.tickets(ticket),
            false => self.history(ticket),
        }
        self.fields();
        self.missing();
        self.unused();
        self.out.push_str("}\n");
    }

    /// The column of the ticket's id: the likeliest name, else the first column without instants.
    fn ticket(&self) -> usize {
        let named = hints::TICKET.iter().find_map(|hint| self.columns.iter().find(|column| column.words() == *hint));
        let named = named.or_else(|| self.columns.iter().find(|column| column.words().ends_with(" id")));
        let other = || self.columns.iter().find(|column| column.form.is_none() && !column.values.is_empty());
        named.or_else(other).map_or(0, |column| column.place)
    }

    fn take_ticket(&mut self, place: usize, why: &str) {
        let Some(column) = self.columns.get(place) else { return };
        let (name, distinct) = (column.name.to_string(), column.values.len());
        self.used.insert(place);
        self.line(&format!("// {distinct} different ids{why}."));
        self.line(&format!("ticket column {}", quoted(&name)));
    }

    // -- one row per ticket

    fn tickets(&mut self, ticket: usize) {
        self.line("// No id comes twice.");
        self.line("one row per ticket");
        self.take_ticket(ticket, "");
        let mut told: BTreeMap<&'static str, usize> = BTreeMap::new();
        for column in self.columns.iter().filter(|column| column.form.is_some()) {
            let event =
                hints::told(&column.words(), &hints::EVENTS).or_else(|| is_due(&column.words()).then_some("due"));
            if let Some(event) = event {
                told.entry(event).or_insert(column.place);
            }
        }
        if !told.contains_key("created") {
            let taken: Vec<usize> = told.values().copied().collect();
            let free = |column: &&Column<'_>| column.form.is_some() && !taken.contains(&column.place);
            let fullest = self.columns.iter().filter(free).min_by_key(|column| std::cmp::Reverse(column.filled()));
            if let Some(column) = fullest.map(|column| column.place) {
                self.line("// No column is named for the creation: this one is filled in most often.");
                told.insert("created", column);
            }
        }
        let order = ["created", "first_response", "due", "resolved", "closed", "reopened", "cancelled"];
        for event in order {
            if let Some(place) = told.get(event) {
                self.instant(&format!("event {event} at"), *place);
                self.events.insert(event.to_string());
            }
        }
    }

    // -- events, changes, snapshots

    fn history(&mut self, ticket: usize) {
        let created = self.columns.iter().find(|column| {
            let is_creation = hints::told(&column.words(), &hints::EVENTS) == Some("created");
            column.form.is_some() && is_creation && self.is_of_ticket(ticket, column.place)
        });
        let created = created.map(|column| column.place);
        let at = self.at(created);
        if created.is_some() {
            self.line("// Ids come more than once, and each of their rows repeats when the ticket was created.");
            self.line("each row is a snapshot");
        } else {
            self.line("// Ids come more than once: each row is an event or a change.");
        }
        self.take_ticket(ticket, "");
        if let Some(at) = at {
            self.instant("at", at);
            if !self.is_in_order(ticket, at) {
                self.line("// Some rows of a ticket stand before earlier ones.");
                self.line("unordered");
            }
        }
        if let Some(created) = created {
            self.instant("event created at", created);
            self.events.insert("created".to_string());
        }
        self.event_column();
        if !self.events.contains("created") {
            self.line("// No row is named for the creation.");
            self.line("first row is created");
            self.events.insert("created".to_string());
        }
    }

    /// Whether a column has one value on all rows of a ticket.
    fn is_of_ticket(&self, ticket: usize, place: usize) -> bool {
        let mut known: BTreeMap<&str, &str> = BTreeMap::new();
        self.sample.rows.iter().all(|row| match (row.get(ticket), row.get(place)) {
            (Some(id), Some(cell)) => *known.entry(id).or_insert(cell) == cell,
            _ => true,
        })
    }

    /// The column of a row's instant: a likely name, else the instant that differs most.
    fn at(&self, created: Option<usize>) -> Option<usize> {
        let instants = || self.columns.iter().filter(|column| column.form.is_some() && Some(column.place) != created);
        let named = hints::AT.iter().find_map(|hint| instants().find(|column| column.words() == *hint));
        let named = named.or_else(|| instants().find(|column| column.words().contains("updated")));
        named.or_else(|| instants().max_by_key(|column| column.values.len())).map(|column| column.place)
    }

    /// Whether texts of instants that sort as they are go forward within each ticket; others are taken to.
    fn is_in_order(&self, ticket: usize, at: usize) -> bool {
        let sorts = self.columns.get(at).and_then(|column| column.form).is_some_and(|form| form.form.is_none());
        let mut last: BTreeMap<&str, &str> = BTreeMap::new();
        self.sample.rows.iter().all(|row| match (row.get(ticket), row.get(at)) {
            (Some(id), Some(cell)) => last.insert(id, cell).is_none_or(|before| !sorts || before <= cell.as_str()),
            _ => true,
        })
    }

    fn event_column(&mut self) {
        let is_few = |column: &&Column<'_>| {
            column.form.is_none() && (1..=FEW).contains(&column.values.len()) && !self.used.contains(&column.place)
        };
        let named = hints::EVENT
            .iter()
            .find_map(|hint| self.columns.iter().filter(is_few).find(|column| column.words() == *hint));
        let Some(column) = named else {
            self.line("// No column seems to say what happened: name it, `event column \"…\" { \"…\" is resolved }`.");
            return;
        };
        let (place, name) = (column.place, column.name.to_string());
        let values: Vec<(String, u64)> =
            column.values.iter().map(|(value, count)| (value.to_string(), *count)).collect();
        self.used.insert(place);
        let counts: Vec<String> = values.iter().map(|(value, count)| format!("`{value}` {count}")).collect();
        self.line("// What happened, by its name and its few values; those that are ignored were not understood.");
        self.line(&format!("// How often each comes: {}.", counts.join(", ").replace(['\n', '\r'], " ")));
        self.line(&format!("event column {} {{", quoted(&name)));
        for (value, _) in values {
            let words = words(&value);
            let meaning = hints::told(&words, &hints::EVENTS);
            let state = hints::told(&words, &hints::STATES);
            let meaning = match (meaning, state) {
                (Some(event), _) => {
                    self.events.insert(event.to_string());
                    format!("is {event}")
                }
                (None, Some(state)) => format!("sets status {state}"),
                (None, None) if ["new", "neu"].contains(&words.as_str()) && !self.events.contains("created") => {
                    "sets status new".to_string()
                }
                (None, None) => "ignored".to_string(),
            };
            self.line(&format!("    {} {meaning},", quoted(&value)));
        }
        self.line("}");
    }

    // -- parts

    /// A column of instants, with what was guessed of its form and zone.
    fn instant(&mut self, what: &str, place: usize) {
        let Some(column) = self.columns.get(place) else { return };
        let Some(form) = column.form else { return };
        let example = column.values.keys().next().copied().unwrap_or_default().to_string();
        let name = quoted(column.name);
        self.used.insert(place);
        self.line(&format!("// For example `{example}`{}", form_words(form)));
        let written = form.form.map_or(String::new(), |form| format!(" as {}", quoted(form)));
        let zone = if form.has_offset {
            String::new()
        } else {
            format!(" in {}", quoted(self.zone.unwrap_or(ZONE_PLACEHOLDER)))
        };
        self.line(&format!("{what} column {name}{written}{zone}"));
    }

    fn fields(&mut self) {
        let mut named: BTreeSet<&str> = BTreeSet::new();
        let mut fields = Vec::new();
        for column in self.columns.iter().filter(|column| column.form.is_none() && !column.values.is_empty()) {
            let words = column.words();
            let field = if hints::PRIORITY.contains(&words.as_str()) {
                Some("priority")
            } else if hints::STATUS.contains(&words.as_str()) {
                Some("status")
            } else {
                hints::FIELDS
                    .iter()
                    .find(|(part, _)| words.split(' ').any(|word| word == *part))
                    .map(|(_, field)| *field)
            };
            let is_free = !self.used.contains(&column.place);
            if let Some(field) = field.filter(|field| is_free && named.insert(field)) {
                fields.push((field, column.place));
            }
        }
        for (field, place) in fields {
            let Some(column) = self.columns.get(place) else { continue };
            let (name, distinct) = (quoted(column.name), column.values.len());
            let map = if field == "priority" { priorities(column) } else { None };
            self.used.insert(place);
            self.line(&format!("// {distinct} different values."));
            self.line(&format!("field {field} column {name}{}", map.unwrap_or_default()));
        }
    }

    fn missing(&mut self) {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for column in self.columns.iter().filter(|column| self.used.contains(&column.place)) {
            column.sentinels.iter().for_each(|(text, count)| *counts.entry(text).or_default() += count);
        }
        if counts.is_empty() {
            return;
        }
        let told: Vec<String> = counts.iter().map(|(text, count)| format!("`{text}` {count}")).collect();
        let texts: Vec<String> = counts.keys().map(|text| quoted(text)).collect();
        self.line(&format!("// Cells that seem to say that there is no value: {}.", told.join(", ")));
        self.line(&format!("missing {}", texts.join(", ")));
    }

    fn unused(&mut self) {
        let unused = self.columns.iter().filter(|column| !self.used.contains(&column.place));
        let unused: Vec<&str> = unused.map(|column| column.name).collect();
        if !unused.is_empty() {
            let told = unused.join(", ").replace(['\n', '\r'], " ");
            self.line(&format!("// Not read: {told}"));
        }
    }

    /// Something to look at the tickets with.
    fn agreement(&mut self) {
        let stop = ["resolved", "closed"].into_iter().find(|event| self.events.contains(*event));
        let Some(stop) = stop else {
            self.out.push_str("\n// Nothing seems to end a ticket: map it to `resolved`, and write an agreement.\n");
            return;
        };
        let zone = self.zone.unwrap_or("UTC");
        let _written = write!(
            self.out,
            "\n// A first look at these tickets: put the contract's own targets here.\nagreement first_look {{\n    \
             timezone {}\n    tickets from {}\n\n    metric resolution {{\n        starts on created\n        stops on {stop}\n        \
             target 8h\n    }}\n}}\n",
            quoted(zone),
            self.name
        );
    }
}

fn is_due(words: &str) -> bool {
    ["due", "target", "deadline", "fällig"].iter().any(|word| words.contains(word))
}

fn form_words(form: Form) -> String {
    let zone = if form.has_offset { ", with its offset" } else { ", without an offset" };
    match (form.form, form.other) {
        (Some(first), Some(other)) => format!(
            "{zone}. Every one fits `{other}` as well, day and month the other way round: look which is meant, `{first}` is a guess."
        ),
        (Some(form), None) if form.starts_with("%d/%m") || form.starts_with("%d-%m") => {
            format!("{zone}, day first: with the month first some would be no dates.")
        }
        (Some(form), None) if form.starts_with("%m") => {
            format!("{zone}, month first: with the day first some would be no dates.")
        }
        _ => format!("{zone}."),
    }
}

/// The map of a priority's values, where all of them are understood.
fn priorities(column: &Column<'_>) -> Option<String> {
    let told = column.values.keys().map(|value| Some((quoted(value), priority(value)?)));
    let told: Vec<(String, String)> = told.collect::<Option<_>>()?;
    let pairs: Vec<String> = told.iter().map(|(value, priority)| format!("{value} is {priority}")).collect();
    Some(format!(" {{ {} }}", pairs.join(", ")))
}

fn priority(value: &str) -> Option<String> {
    let words = words(value);
    let number = words.trim_start_matches('p').chars().next().filter(char::is_ascii_digit);
    let named = hints::told(&words, &hints::PRIORITIES).map(str::to_string);
    number.filter(|digit| ('1'..='9').contains(digit)).map(|digit| format!("P{digit}")).or(named)
}

/// A text as the language writes it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
