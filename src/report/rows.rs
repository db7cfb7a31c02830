//! Outcomes, ledger and escalations as rows for files.

use serde_json::{Map, Value, json};

use crate::money::{Currency, exact};
use crate::outcome::{Fired, Judged, Outcome, Snapshot};
use crate::plan::Version;
use crate::statement::Line;

use super::json::{kind, settled};
use super::told::Told;

/// Rows with their columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    pub(super) columns: &'static [Column],
    pub(super) rows: Vec<Vec<Value>>,
}

/// A column: its name, and what it holds.
pub(super) type Column = (&'static str, Kind);

/// What the values of a column are, for formats that have types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text.
    Text,
    /// Several texts.
    Texts,
    /// A whole number.
    Whole,
    /// An instant.
    Instant,
    /// A date.
    Date,
    /// An amount in the currency's digits.
    Amount,
}

/// Columns of an outcome.
const OUTCOME: &[Column] = &[
    ("ticket", Kind::Text),
    ("agreement", Kind::Text),
    ("version", Kind::Text),
    ("customer", Kind::Text),
    ("tier", Kind::Text),
    ("priority", Kind::Text),
    ("metric", Kind::Text),
    ("cycle", Kind::Whole),
    ("target_ms", Kind::Whole),
    ("elapsed_ms", Kind::Whole),
    ("paused_ms", Kind::Whole),
    ("started_at", Kind::Instant),
    ("due_at", Kind::Instant),
    ("stopped_at", Kind::Instant),
    ("status", Kind::Text),
    ("breached_at", Kind::Instant),
    ("late_ms", Kind::Whole),
];

/// Columns of an escalation.
const ESCALATION: &[Column] = &[
    ("ticket", Kind::Text),
    ("agreement", Kind::Text),
    ("version", Kind::Text),
    ("metric", Kind::Text),
    ("cycle", Kind::Whole),
    ("step", Kind::Text),
    ("at", Kind::Instant),
    ("action", Kind::Text),
    ("text", Kind::Text),
];

/// Columns of a ledger line.
const LEDGER: &[Column] = &[
    ("agreement", Kind::Text),
    ("period", Kind::Text),
    ("month", Kind::Text),
    ("clause", Kind::Text),
    ("ref", Kind::Text),
    ("kind", Kind::Text),
    ("tickets", Kind::Texts),
    ("at", Kind::Instant),
    ("computed", Kind::Text),
    ("after_clause_cap", Kind::Text),
    ("after_combine", Kind::Text),
    ("after_caps", Kind::Text),
    ("after_threshold", Kind::Text),
    ("amount", Kind::Amount),
    ("currency", Kind::Text),
    ("version", Kind::Text),
    ("claim_by", Kind::Date),
    ("because", Kind::Text),
];

/// Every clock, by ticket id (bytes), agreement, metric, cycle.
pub fn outcomes(all: &[Told<'_>]) -> Rows {
    let mut keyed = Vec::new();
    for told in all {
        for ticket in &told.outcomes.tickets {
            let Some(version) = told.version(ticket.version) else { continue };
            keyed.extend(ticket.clocks.iter().map(|clock| {
                let key =
                    (ticket.id.as_str(), told.agreement.name.as_str(), metric(version, clock.metric), clock.cycle);
                (key, outcome(told, version, ticket, clock))
            }));
        }
    }
    keyed.sort_by_key(|(key, _)| *key);
    Rows { columns: OUTCOME, rows: keyed.into_iter().map(|(_, row)| row).collect() }
}

fn outcome(told: &Told<'_>, version: &Version, ticket: &Judged, clock: &Outcome) -> Vec<Value> {
    let last = &ticket.last;
    let tier = version.tier(last.tier).map(|tier| &tier.name);
    let priority = version.priority(last.priority);
    vec![
        json!(ticket.id),
        json!(told.agreement.name),
        json!(version.label),
        json!(customer(told, last)),
        json!(tier),
        json!(priority),
        json!(metric(version, clock.metric)),
        json!(clock.cycle),
        json!(clock.target_ms),
        json!(clock.elapsed_ms),
        json!(clock.paused_ms),
        json!(clock.started_at.to_string()),
        json!(clock.due_at.map(|at| at.to_string())),
        json!(clock.stopped_at.map(|at| at.to_string())),
        json!(clock.status.word()),
        json!(clock.breached_at.map(|at| at.to_string())),
        json!(clock.late_ms),
    ]
}

/// The ticket's own field `customer`, or the agreement's customer where the log has none.
fn customer<'a>(told: &Told<'a>, last: &Snapshot) -> Option<&'a str> {
    let place = told.vocabulary.fields.iter().position(|field| field == "customer");
    let value = place.and_then(|place| last.fields.get(place).copied().flatten());
    value.map(|value| told.names.text(value)).or(told.agreement.customer.as_deref())
}

fn metric(version: &Version, id: crate::plan::MetricId) -> &str {
    version.metrics.get(usize::from(id.0)).map_or("", |metric| &metric.name)
}

/// Every step that fired, by ticket id (bytes), agreement, metric, cycle, instant.
pub fn escalations(all: &[Told<'_>]) -> Rows {
    let mut keyed = Vec::new();
    for told in all {
        for ticket in &told.outcomes.tickets {
            let Some(version) = told.version(ticket.version) else { continue };
            keyed.extend(ticket.steps.iter().filter_map(|fired| {
                let name = metric(version, fired.metric);
                let place = (fired.escalation, fired.step, fired.action);
                let key = (ticket.id.as_str(), told.agreement.name.as_str(), name, fired.cycle, fired.at, place);
                Some((key, escalation(told, version, ticket, fired)?))
            }));
        }
    }
    keyed.sort_by_key(|(key, _)| *key);
    Rows { columns: ESCALATION, rows: keyed.into_iter().map(|(_, row)| row).collect() }
}

fn escalation(told: &Told<'_>, version: &Version, ticket: &Judged, fired: &Fired) -> Option<Vec<Value>> {
    let step = version.escalations.get(usize::from(fired.escalation))?.steps.get(usize::from(fired.step))?;
    let action = step.actions.get(usize::from(fired.action))?;
    Some(vec![
        json!(ticket.id),
        json!(told.agreement.name),
        json!(version.label),
        json!(metric(version, fired.metric)),
        json!(fired.cycle),
        json!(step.words),
        json!(fired.at.to_string()),
        json!(action.action),
        json!(action.text),
    ])
}

/// Every settled line, agreement by agreement.
pub fn ledger(all: &[Told<'_>]) -> Rows {
    let rows = all.iter().flat_map(|told| told.statement.ledger.iter().map(|line| ledger_line(told, line)));
    Rows { columns: LEDGER, rows: rows.collect() }
}

fn ledger_line(told: &Told<'_>, line: &Line) -> Vec<Value> {
    let currency = told.agreement.currency;
    vec![
        json!(told.agreement.name),
        json!(line.period.label),
        json!(line.month.label),
        json!(line.clause),
        json!(line.reference().mark),
        json!(kind(line.kind)),
        json!(line.tickets),
        json!(line.at.to_string()),
        json!(exact(&line.computed)),
        json!(exact(&line.after_clause_cap)),
        json!(exact(&line.after_combine)),
        json!(exact(&line.after_caps)),
        json!(exact(&line.after_threshold)),
        json!(settled(&line.amount, currency)),
        json!(currency.map(Currency::code)),
        json!(line.version),
        json!(line.claim_by),
        json!(line.because),
    ]
}

impl Rows {
    /// As CSV with a header: lists joined by `;`, null empty.
    ///
    /// # Errors
    /// When the bytes cannot be put together, which no memory error aside does not happen.
    pub fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(|(name, _)| name))?;
        for row in &self.rows {
            writer.write_record(row.iter().map(cell))?;
        }
        writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
    }

    /// As JSON lines, one object a row.
    pub fn json_lines(&self) -> Vec<u8> {
        let mut lines = String::new();
        for row in &self.rows {
            let fields = self.columns.iter().map(|(name, _)| (*name).to_string()).zip(row.iter().cloned());
            let object: Map<String, Value> = fields.collect();
            lines.push_str(&Value::Object(object).to_string());
            lines.push('\n');
        }
        lines.into_bytes()
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(cell).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agreement;
    use crate::engine::Calendars;
    use crate::outcome::Outcomes;
    use crate::settlement::{self, Facts, Scope};
    use crate::source::{FileError, Files};
    use crate::ticket::{Names, Vocabulary};
    use crate::time::Instant;

    struct OneFile;

    impl Files for OneFile {
        fn read(&self, _path: &str) -> Result<Vec<u8>, FileError> {
            Ok(br#"agreement a { timezone "UTC" customer "Hafenkontor" metric m { starts on created stops on ended } }"#
                .to_vec())
        }
    }

    #[test]
    fn the_agreement_s_customer_stands_in_where_the_log_has_none() {
        let plan = agreement::Agreement::load(&OneFile, "a.sla").unwrap();
        let mut names = Names::default();
        let value = names.intern("Nordlicht");
        let outcomes = Outcomes::default();
        let calendars = &Calendars::new(&plan);
        let facts = Facts {
            outcomes: &outcomes,
            outages: None,
            given: &[],
            claims: None,
            charges: None,
            calendars,
            names: &names,
        };
        let statement = settlement::settle(&plan.agreements[0], &facts, &Scope::until(Instant(0))).unwrap();
        let name = |fields: &[&str], values: &[Option<crate::ticket::Symbol>]| {
            let mut vocabulary = Vocabulary::default();
            fields.iter().for_each(|field| {
                vocabulary.field(field);
            });
            let told = Told {
                agreement: &plan.agreements[0],
                outcomes: &outcomes,
                statement: &statement,
                names: &names,
                vocabulary: &vocabulary,
                as_of: Instant(0),
            };
            let last = Snapshot { fields: values.to_vec(), ..Snapshot::default() };
            customer(&told, &last).map(str::to_string)
        };
        assert_eq!(name(&["plan", "customer"], &[None, Some(value)]).as_deref(), Some("Nordlicht"));
        assert_eq!(name(&["customer"], &[None]).as_deref(), Some("Hafenkontor"));
        assert_eq!(name(&["plan"], &[Some(value)]).as_deref(), Some("Hafenkontor"));
    }
}
