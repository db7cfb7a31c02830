//! Sources: one shape of rows, columns that say what they must, instants with a zone.

use chrono_tz::Tz;

use crate::ast::{InstantColumn, Mapping, Meaning, Name, Source, SourceLine, Text};
use crate::diagnostic::nearest;

use super::Checker;

const FORMATS: [&str; 5] = ["csv", "jsonl", "json", "parquet", "xlsx"];
const ONE_ROW_PER: [&str; 5] = ["ticket", "outage", "claim", "charge", "announcement"];

impl Checker {
    pub(super) fn source(&mut self, source: &Source) {
        for line in &source.lines {
            self.source_line(&line.value);
        }
        let has = |wanted: fn(&SourceLine) -> bool| source.lines.iter().any(|line| wanted(&line.value));
        let one_row = row(source);
        self.needs(source, has(|line| matches!(line, SourceLine::Format(_))), "a format", "format csv");
        self.rows_inside(source);
        self.columns_out_of_place(source, one_row);
        let snapshot = has(|line| matches!(line, SourceLine::Snapshot));
        self.columns_of_changes(source, snapshot || one_row.is_some());
        match one_row {
            Some("claim") => self.claim_columns(source),
            Some("charge") => self.charge_columns(source),
            Some("announcement") => self.announcement_columns(source),
            _ => {}
        }
        if matches!(one_row, Some("claim" | "charge" | "announcement"))
            || one_row.is_some_and(|word| !ONE_ROW_PER.contains(&word))
        {
            // What else it must say depends on the word that is meant.
            return;
        }
        if one_row == Some("outage") {
            self.needs(
                source,
                has(|line| matches!(line, SourceLine::From(_))),
                "the start of an outage",
                "from column \"down_at\"",
            );
            self.needs(
                source,
                has(|line| matches!(line, SourceLine::To(_))),
                "the end of an outage",
                "to column \"up_at\"",
            );
            return;
        }
        self.needs(
            source,
            has(|line| matches!(line, SourceLine::Ticket(_))),
            "the ticket's column",
            "ticket column \"id\"",
        );
        let event_at = has(|line| matches!(line, SourceLine::EventAt(..)));
        if one_row == Some("ticket") {
            self.needs(source, event_at, "any event", "event created at column \"created\"");
            return;
        }
        self.needs(source, has(|line| matches!(line, SourceLine::At(_))), "when a row happened", "at column \"time\"");
    }

    /// Columns that only claims or charges have.
    fn columns_out_of_place(&mut self, source: &Source, one_row: Option<&str>) {
        for line in &source.lines {
            let (what, of): (_, &[&str]) = match &line.value {
                SourceLine::Clause(_) => ("a clause's column on anything but claims", &["claim"]),
                SourceLine::Period(_) => ("a period's column on anything but claims and charges", &["claim", "charge"]),
                SourceLine::Amount(_) => ("an amount's column on anything but charges", &["charge"]),
                SourceLine::Currency(_) => ("a currency's column on anything but charges", &["charge"]),
                SourceLine::Customer(..) => ("a customer's column on anything but charges", &["charge"]),
                _ => continue,
            };
            if !one_row.is_some_and(|row| of.contains(&row)) {
                self.later_words(what, line.span);
            }
        }
    }

    /// What a field was before a row, and what it is now, only rows of changes tell; and only they have several event columns.
    fn columns_of_changes(&mut self, source: &Source, are_whole: bool) {
        let mut has_event = false;
        for line in source.lines.iter().filter(|_| are_whole) {
            match &line.value {
                SourceLine::Field(field) => {
                    for column in field.was.iter().chain(&field.now) {
                        let message = "a row that shows the whole ticket shows what the field is";
                        self.error("needless_word", column.span, message, "take `was` and `now` out");
                    }
                }
                SourceLine::Event(event) if has_event => {
                    let message = "rows that show the whole ticket have one event column";
                    self.error("said_twice", event.column.span, message, "keep one of them");
                }
                SourceLine::Event(_) => has_event = true,
                _ => {}
            }
        }
    }

    /// An announcement is made at an instant, of what is to come.
    fn announcement_columns(&mut self, source: &Source) {
        let has = |wanted: fn(&SourceLine) -> bool| source.lines.iter().any(|line| wanted(&line.value));
        let at = has(|line| matches!(line, SourceLine::At(_)));
        self.needs(source, at, "when an announcement was made", "at column \"sent\"");
        let from = has(|line| matches!(line, SourceLine::From(_)));
        self.needs(source, from, "the start of what is announced", "from column \"starts\"");
        let to = has(|line| matches!(line, SourceLine::To(_)));
        self.needs(source, to, "the end of what is announced", "to column \"ends\"");
    }

    /// A charge is an amount for a period.
    fn charge_columns(&mut self, source: &Source) {
        let has = |wanted: fn(&SourceLine) -> bool| source.lines.iter().any(|line| wanted(&line.value));
        let period = has(|line| matches!(line, SourceLine::Period(_)));
        self.needs(source, period, "what a charge is for", "period column \"month\"");
        let amount = has(|line| matches!(line, SourceLine::Amount(_)));
        self.needs(source, amount, "how much is charged", "amount column \"amount\"");
    }

    /// A claim names its clause, and the period or the ticket that it is for.
    fn claim_columns(&mut self, source: &Source) {
        let has = |wanted: fn(&SourceLine) -> bool| source.lines.iter().any(|line| wanted(&line.value));
        let at = has(|line| matches!(line, SourceLine::At(_)));
        self.needs(source, at, "when a claim was made", "at column \"received\"");
        let clause = has(|line| matches!(line, SourceLine::Clause(_)));
        self.needs(source, clause, "the clause's column", "clause column \"clause\"");
        let what = has(|line| matches!(line, SourceLine::Period(_) | SourceLine::Ticket(_)));
        self.needs(source, what, "what a claim is for", "period column \"month\"");
    }

    fn needs(&mut self, source: &Source, has: bool, what: &str, line: &str) {
        if !has {
            let message = format!("the source `{}` does not say {what}", source.name.value);
            self.error("incomplete_source", source.name.span, message, format!("add `{line}`"));
        }
    }

    fn source_line(&mut self, line: &SourceLine) {
        match line {
            SourceLine::Format(name) => self.format(name),
            SourceLine::Separator(text) if !is_separator(&text.value) => {
                let message = "a separator is one character of ASCII, and no quote";
                self.error("bad_separator", text.span, message, "write `separator \";\"`");
            }
            SourceLine::RowsFrom(text) => self.rows_from(text),
            SourceLine::OneRowPer(name) => self.one_row_per(name),
            SourceLine::At(column)
            | SourceLine::From(column)
            | SourceLine::To(column)
            | SourceLine::EventAt(_, column) => {
                self.instant_column(column);
            }
            SourceLine::Event(event) => self.mappings(&event.values),
            SourceLine::Service(_, values) | SourceLine::Customer(_, values) => self.mappings(values),
            SourceLine::Field(field) => {
                self.mappings(&field.values);
                for mapping in &field.values {
                    if mapping.meanings.iter().any(|meaning| matches!(meaning, Meaning::Sets(..))) {
                        self.error(
                            "bad_mapping",
                            mapping.span,
                            "a value of a field's column sets no other field",
                            "write `\"x\" is y`",
                        );
                    }
                }
            }
            _ => {}
        }
    }

    /// A way to rows is keys, and ends with a list: `a.b[].c[]`.
    fn rows_from(&mut self, text: &Text) {
        let ends_in_list = text.value.ends_with("[]");
        let has_keys = text.value.split('.').all(|key| !key.is_empty() && key != "[]");
        let is_well_formed = ends_in_list
            && has_keys
            && text.value.split("[]").skip(1).all(|rest| rest.is_empty() || rest.starts_with('.'));
        if !is_well_formed {
            let message = format!("`{}` is no way to a list of rows", text.value);
            let help = "name its keys from the outside in, joined by dots, each list with `[]`: `rows from \"issues[].history[]\"`; \
                        where the file itself is the list, its entries are rows without this line";
            self.error("bad_rows_from", text.span, message, help);
        }
    }

    /// Only JSON has rows inside of rows.
    fn rows_inside(&mut self, source: &Source) {
        let format = source
            .lines
            .iter()
            .find_map(|line| if let SourceLine::Format(name) = &line.value { Some(name) } else { None });
        let rows = source
            .lines
            .iter()
            .find_map(|line| if let SourceLine::RowsFrom(text) = &line.value { Some(text) } else { None });
        let (Some(format), Some(rows)) = (format, rows) else { return };
        if matches!(format.value.as_str(), "csv" | "parquet" | "xlsx") {
            let message = format!("a {} has no lists to take rows from", format.value);
            self.error(
                "bad_rows_from",
                rows.span,
                message,
                "take the line out, or say `format json` or `format jsonl`",
            );
        }
    }

    fn one_row_per(&mut self, name: &Name) {
        match name.value.as_str() {
            known if ONE_ROW_PER.contains(&known) => {}
            other => {
                let message = format!("there is no `one row per {other}`");
                let help = match nearest(other, ONE_ROW_PER) {
                    Some(near) => format!("did you mean `one row per {near}`?"),
                    None => format!(
                        "known here: {}; where each row is an event or a change, take the line out",
                        ONE_ROW_PER.join(", ")
                    ),
                };
                self.error("unknown_name", name.span, message, help);
            }
        }
    }

    fn format(&mut self, name: &Name) {
        match name.value.as_str() {
            known if FORMATS.contains(&known) => {}
            _ => self.unknown("format", name, FORMATS),
        }
    }

    fn instant_column(&mut self, column: &InstantColumn) {
        if let Some(zone) = &column.zone {
            self.zone(zone);
            if let (Some(word), Ok(Tz::UTC)) = (&column.repeated, zone.value.parse::<Tz>()) {
                self.warning("needless_word", word.span, "UTC repeats no hour", "take the word out");
            }
        }
        if let Some(form) = &column.form {
            let broken =
                chrono::format::StrftimeItems::new(&form.value).any(|item| matches!(item, chrono::format::Item::Error));
            if broken {
                let help = "letters are those of strftime: `%Y-%m-%d %H:%M:%S`";
                self.error("bad_form", form.span, format!("`{}` is no form of an instant", form.value), help);
            } else if column.zone.is_none()
                && !["%z", "%:z", "%#z", "%+", "%s"].iter().any(|offset| form.value.contains(offset))
            {
                let help = "add the zone: `in \"Europe/Berlin\"`";
                self.error("instant_without_zone", form.span, "this form has no offset, and no zone is named", help);
            }
        }
    }

    fn mappings(&mut self, mappings: &[Mapping]) {
        let mut seen: Vec<&str> = Vec::new();
        for mapping in mappings {
            for value in &mapping.values {
                if seen.contains(&value.value.as_str()) {
                    let message = format!("`{}` has two meanings here", value.value);
                    self.error("said_twice", value.span, message, "keep one of them");
                }
                seen.push(&value.value);
            }
        }
        if let Some(place) = mappings.iter().position(|mapping| mapping.values.is_empty())
            && let Some(after) = mappings.get(place + 1)
        {
            self.error("said_twice", after.span, "nothing is left after `otherwise`", "put `otherwise` last");
        }
    }

    /// The nearest of some names, for messages.
    pub(super) fn did_you_mean<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> String {
        nearest(written, known)
            .map_or_else(|| "look at the names declared above".to_string(), |near| format!("did you mean `{near}`?"))
    }
}

fn is_separator(text: &str) -> bool {
    matches!(text.as_bytes(), [only] if only.is_ascii() && !matches!(only, b'"' | b'\r' | b'\n'))
}

/// What each row of a source is, where it says so; none: an event, a change or a snapshot of a ticket.
pub(super) fn row(source: &Source) -> Option<&str> {
    source.lines.iter().find_map(|line| match &line.value {
        SourceLine::OneRowPer(name) => Some(name.value.as_str()),
        _ => None,
    })
}
