//! The words by which desks call the same things.

/// Names of columns for the ticket's id, the likelier first.
pub(super) const TICKET: [&str; 19] = [
    "ticket id",
    "case id",
    "case enquiry id",
    "issue key",
    "ticket number",
    "incident number",
    "case concept name",
    "ticket",
    "number",
    "key",
    "vorgang",
    "ticketnummer",
    "incident",
    "case",
    "ticket no",
    "ticket_id",
    "request id",
    "nummer",
    "id",
];

/// Names of columns for the instant of a row.
pub(super) const AT: [&str; 14] = [
    "time timestamp",
    "timestamp",
    "at",
    "time",
    "event time",
    "sys updated at",
    "updated at",
    "updated",
    "date",
    "datetime",
    "zeitpunkt",
    "zeitstempel",
    "datum",
    "created at",
];

/// Names of columns that say what happened.
pub(super) const EVENT: [&str; 13] = [
    "activity",
    "event",
    "action",
    "ereignis",
    "lifecycle transition",
    "aktivität",
    "incident state",
    "status",
    "state",
    "event type",
    "type",
    "concept name",
    "zustand",
];

/// Names of columns for a priority.
pub(super) const PRIORITY: [&str; 6] = ["priority", "prio", "priorität", "seriousness", "severity", "prioritaet"];

/// Names of columns for a status.
pub(super) const STATUS: [&str; 5] = ["status", "state", "incident state", "case status", "zustand"];

/// Parts of names of columns that contracts ask for.
pub(super) const FIELDS: [(&str, &str); 26] = [
    ("customer", "customer"),
    ("kunde", "customer"),
    ("company", "customer"),
    ("account", "customer"),
    ("organization", "customer"),
    ("plan", "plan"),
    ("paket", "plan"),
    ("tier", "plan"),
    ("service", "service"),
    ("leistung", "service"),
    ("product", "product"),
    ("group", "group"),
    ("team", "group"),
    ("queue", "queue"),
    ("leitung", "queue"),
    ("category", "category"),
    ("reason", "reason"),
    ("impact", "impact"),
    ("auswirkung", "impact"),
    ("urgency", "urgency"),
    ("dringlichkeit", "urgency"),
    ("cause", "cause"),
    ("ursache", "cause"),
    ("author", "author"),
    ("bearbeiter", "author"),
    ("channel", "channel"),
];

/// Parts of texts that tell an event, the more telling first.
pub(super) const EVENTS: [(&str, &str); 35] = [
    ("reopen", "reopened"),
    ("re open", "reopened"),
    ("wieder geöffnet", "reopened"),
    ("first response", "first_response"),
    ("first reply", "first_response"),
    ("initial response", "first_response"),
    ("first respon", "first_response"),
    ("erste antwort", "first_response"),
    ("take in charge", "first_response"),
    ("acknowledged", "first_response"),
    ("accepted", "first_response"),
    ("resolved", "resolved"),
    ("resolution", "resolved"),
    ("resolve", "resolved"),
    ("solved", "resolved"),
    ("gelöst", "resolved"),
    ("erledigt", "resolved"),
    ("done", "resolved"),
    ("completed", "resolved"),
    ("fixed", "resolved"),
    ("cancel", "cancelled"),
    ("storniert", "cancelled"),
    ("zurückgezogen", "cancelled"),
    ("abgebrochen", "cancelled"),
    ("closed", "closed"),
    ("close", "closed"),
    ("geschlossen", "closed"),
    ("created", "created"),
    ("opened", "created"),
    ("open dt", "created"),
    ("submitted", "created"),
    ("erstellt", "created"),
    ("reported", "created"),
    ("start", "created"),
    ("begin", "created"),
];

/// Parts of texts that tell a state.
pub(super) const STATES: [(&str, &str); 15] = [
    ("wartet auf lieferant", "waiting_supplier"),
    ("awaiting vendor", "waiting_supplier"),
    ("waiting for vendor", "waiting_supplier"),
    ("waiting for supplier", "waiting_supplier"),
    ("wartet auf", "waiting_customer"),
    ("awaiting user", "waiting_customer"),
    ("waiting for customer", "waiting_customer"),
    ("pending", "waiting_customer"),
    ("wait", "waiting"),
    ("hold", "waiting"),
    ("awaiting", "waiting"),
    ("in progress", "working"),
    ("in bearbeitung", "working"),
    ("work", "working"),
    ("active", "working"),
];

/// Parts of texts that tell a priority.
pub(super) const PRIORITIES: [(&str, &str); 18] = [
    ("critical", "P1"),
    ("urgent", "P1"),
    ("highest", "P1"),
    ("blocker", "P1"),
    ("kritisch", "P1"),
    ("high", "P2"),
    ("hoch", "P2"),
    ("major", "P2"),
    ("medium", "P3"),
    ("moderate", "P3"),
    ("normal", "P3"),
    ("mittel", "P3"),
    ("lowest", "P5"),
    ("low", "P4"),
    ("minor", "P4"),
    ("niedrig", "P4"),
    ("planning", "P5"),
    ("trivial", "P5"),
];

/// The meaning of the first part that a text holds.
pub(super) fn told(text: &str, parts: &[(&str, &'static str)]) -> Option<&'static str> {
    parts.iter().find(|(part, _)| text.contains(part)).map(|(_, meaning)| *meaning)
}
