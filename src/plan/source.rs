//! How a desk's export becomes facts.

use chrono_tz::Tz;
use serde::Serialize;

/// A compiled `source`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// The file format.
    pub format: Format,
    /// The separator of a CSV; none: detected.
    pub separator: Option<char>,
    /// Where the rows are inside a nested document, such as `changelog.histories[].items[]`.
    pub rows_from: Option<String>,
    /// What one row is.
    pub shape: Shape,
    /// Rows may be out of time order within a ticket.
    pub unordered: bool,
    /// Cells with these texts are missing.
    pub missing: Vec<String>,
    /// Field columns, in the order written.
    pub fields: Vec<FieldColumn>,
}

/// File formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Separated values with a header row.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// One JSON document.
    Json,
    /// Apache Parquet.
    Parquet,
    /// An Excel workbook.
    Xlsx,
}

/// What one row of an export is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// An event or a change.
    Events {
        /// The ticket's id.
        ticket: String,
        /// When.
        at: InstantColumn,
        /// What event columns say, in the order written; empty: rows only change fields.
        told: Vec<EventColumn>,
        /// The event that a ticket's first row is, besides what it says itself.
        first_row: Option<String>,
        /// Events whose instant is in a column of its own; told once for each instant it shows.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        events: Vec<EventAt>,
    },
    /// A whole ticket, its instants in columns.
    Tickets {
        /// The ticket's id.
        ticket: String,
        /// An event for each of these columns that is not missing.
        events: Vec<EventAt>,
    },
    /// A repetition of every field: changes are what differs from the ticket's row before.
    Snapshots {
        /// The ticket's id.
        ticket: String,
        /// When the row was written.
        at: InstantColumn,
        /// Told when the column's value differs from the row before; at most one.
        told: Vec<EventColumn>,
        /// The event that a ticket's first row is, besides what it says itself.
        first_row: Option<String>,
        /// Events whose instant is in a column of its own; told once for each instant it shows.
        events: Vec<EventAt>,
    },
    /// A claim.
    Claims {
        /// When it was made.
        at: InstantColumn,
        /// The clause's name.
        clause: String,
        /// The period it is for; none: any.
        period: Option<String>,
        /// The ticket it is for; none: any.
        ticket: Option<String>,
    },
    /// An announcement of maintenance.
    Announcements {
        /// For which service; none: for all.
        service: Option<FieldColumn>,
        /// When it begins.
        from: InstantColumn,
        /// When it ends; missing: it is open.
        to: InstantColumn,
        /// When it was announced.
        at: InstantColumn,
    },
    /// What a customer is charged for a month, quarter or year.
    Charges {
        /// Whom; none: the log is of one customer.
        customer: Option<FieldColumn>,
        /// For which service; none: for none.
        service: Option<FieldColumn>,
        /// For which period.
        period: String,
        /// How much.
        amount: String,
        /// In which currency, where it has a column of its own.
        currency: Option<String>,
    },
    /// An outage.
    Outages {
        /// The service's column, or the service itself.
        service: ServiceOf,
        /// When it began.
        from: InstantColumn,
        /// When it ended; missing: it lasts.
        to: InstantColumn,
    },
}

/// Which service an outage row speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceOf {
    /// The service named in this column, or what its values mean.
    Column(FieldColumn),
    /// Always this one.
    Fixed(String),
}

/// A column with an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstantColumn {
    /// The column, or the path inside a JSON object.
    pub column: String,
    /// How it is written, in strftime's letters; none: RFC 3339.
    pub form: Option<String>,
    /// The zone of a text without offset.
    pub zone: Option<Tz>,
    /// Which of the two a repeated (or skipped) wall time is; none: such a time is a fault.
    pub repeated: Option<Repeated>,
}

/// Which of the two instants a repeated wall time means. A skipped one is read with the offset before (`earlier`) or
/// after (`later`) the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Repeated {
    /// Before the clock was put back.
    Earlier,
    /// After.
    Later,
}

/// An event and the column that holds its instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventAt {
    /// The event.
    pub event: String,
    /// Its instant.
    pub at: InstantColumn,
}

/// The column that says what happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventColumn {
    /// The column.
    pub column: String,
    /// Only rows with all of these cells speak of events here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<CellIs>,
    /// What its values mean; empty: a value is the event's name.
    pub values: Vec<(String, Action)>,
    /// What any other value means; none: a fault.
    pub otherwise: Option<Action>,
}

/// A column that has one of some texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CellIs {
    /// The column.
    pub column: String,
    /// The texts.
    pub texts: Vec<String>,
}

/// What a value of the event column means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// This event.
    Event(String),
    /// A field gets a value.
    Sets {
        /// The field.
        field: String,
        /// Its value.
        value: String,
    },
    /// Several of these, in order.
    All(Vec<Action>),
    /// The value itself is the event's name.
    Itself,
    /// Nothing.
    Ignored,
}

/// A field and its column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldColumn {
    /// The field.
    pub field: String,
    /// Its column.
    pub column: String,
    /// Only rows with all of these cells speak of the field; such a row with an empty cell says that it has no value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<CellIs>,
    /// The column of what it was before the row: what the first such row says has held since the creation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// The column of what it is when the export is made: it has held since the creation where no row changes the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<String>,
    /// What values mean; empty: a value is itself.
    pub values: Vec<(String, OtherValue)>,
    /// What any other value means where values are listed; none: a fault.
    pub otherwise: Option<OtherValue>,
}

/// What a value that no mapping lists means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OtherValue {
    /// This value.
    Is(String),
    /// As though the cell were missing.
    Ignored,
    /// The value itself.
    Itself,
}
