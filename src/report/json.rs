//! Statements as JSON. Amounts, ratios and exact figures are texts, instants RFC 3339 in UTC, durations milliseconds.

use serde_json::{Map, Value, json};

use crate::money::{Currency, Fraction, exact, ratio};
use crate::plan::clause::ClauseKind;
use crate::statement::{
    Consequence, Extension, Figure, LeftOut, Line, MetricRow, Recovery, Statement, Unannounced, Uncharged,
};

use super::told::{ChargeFigures, InputFigures, Told};

/// The statement of one agreement, with what was read.
pub fn statement(told: &Told<'_>, input: &InputFigures) -> Value {
    let mut object = head(told);
    object.insert("input".to_string(), input_figures(input));
    object.extend(body(told.statement));
    Value::Object(object)
}

/// The statements of a portfolio.
pub fn portfolio(all: &[Told<'_>], input: &InputFigures) -> Value {
    let agreements: Vec<Value> = all
        .iter()
        .map(|told| {
            let mut object = head(told);
            object.insert("tickets".to_string(), json!(told.outcomes.tickets.len()));
            object.extend(body(told.statement));
            Value::Object(object)
        })
        .collect();
    json!({ "agreements": agreements, "input": input_figures(input) })
}

fn head(told: &Told<'_>) -> Map<String, Value> {
    let agreement = told.agreement;
    fields([
        ("agreement", json!(agreement.name)),
        ("title", json!(agreement.title)),
        ("contract", json!(agreement.contract)),
        ("policy_sha256", json!(agreement.policy_sha256)),
        ("plugins", json!(told.agreement.plugins)),
        ("tzdb", json!(chrono_tz::IANA_TZDB_VERSION)),
        ("engine", json!(env!("CARGO_PKG_VERSION"))),
        ("as_of", json!(told.as_of.to_string())),
    ])
}

fn fields<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
}

fn input_figures(input: &InputFigures) -> Value {
    let skipped: Vec<Value> = input
        .skipped
        .iter()
        .map(|skipped| json!({ "kind": skipped.kind, "rows": skipped.count, "lines": skipped.lines, "first": skipped.first }))
        .collect();
    let twice: Vec<Value> = input
        .matched_twice
        .iter()
        .map(|(ticket, over, by)| json!({ "ticket": ticket, "judged_by": by, "also_fits": over }))
        .collect();
    let unmatched = input.outages_unmatched.iter();
    let outages_unmatched: Vec<Value> =
        unmatched.map(|(service, count)| json!({ "service": service, "outages": count })).collect();
    let mut figures = json!({
        "tickets": input.tickets,
        "events": input.events,
        "outages": input.all_outages(),
        "outages_unmatched": outages_unmatched,
        "unmatched_tickets": input.unmatched.len(),
        "matched_twice": input.matched_twice.len(),
        "skipped_rows": input.skipped_rows(),
        "later_tickets": input.later,
        "unmatched": input.unmatched,
        "twice": twice,
        "skipped": skipped,
    });
    let unmatched = input.announcements_unmatched.iter();
    let unmatched: Vec<Value> =
        unmatched.map(|(service, count)| json!({ "service": service, "announcements": count })).collect();
    if let Value::Object(map) = &mut figures {
        if input.announcements > 0 {
            map.insert("announcements".to_string(), json!(input.announcements));
            map.insert("announcements_unmatched".to_string(), json!(unmatched));
        }
        map.extend(input.charges.iter().map(|read| ("charges".to_string(), charges(read))));
    }
    figures
}

fn charges(charges: &ChargeFigures) -> Value {
    let customers = charges.other_customers.iter();
    let services = charges.other_services.iter();
    let added = charges.added.iter();
    json!({
        "read": charges.read,
        "other_customers": customers.map(|(name, count)| json!({ "customer": name, "charges": count })).collect::<Vec<_>>(),
        "other_services": services.map(|(name, count)| json!({ "service": name, "charges": count })).collect::<Vec<_>>(),
        "added_up": added
            .map(|(period, service, count)| json!({ "period": period, "service": service, "charges": count }))
            .collect::<Vec<_>>(),
    })
}

fn body(statement: &Statement) -> Map<String, Value> {
    let currency = statement.totals.currency;
    let lines = |lines: &[Line]| lines.iter().map(|line| ledger_line(line, currency)).collect::<Vec<_>>();
    let body = [
        ("metrics", statement.metrics.iter().map(metric).collect()),
        ("periods", statement.figures.iter().map(figure).collect()),
        ("ledger", json!(lines(&statement.ledger))),
        ("provisional", json!(lines(&statement.provisional))),
        ("points", statement.points.iter().map(points).collect()),
        ("extensions", statement.extensions.iter().map(extension).collect()),
        ("consequences", statement.consequences.iter().map(consequence).collect()),
        ("excluded", statement.left_out.iter().map(left_out).collect()),
        ("totals", totals(statement)),
    ];
    let uncharged = statement.uncharged.iter().map(uncharged).collect::<Vec<_>>();
    let uncharged = (!uncharged.is_empty()).then(|| ("uncharged".to_string(), Value::from(uncharged)));
    let unannounced = statement.unannounced.iter().map(unannounced).collect::<Vec<_>>();
    let unannounced = (!unannounced.is_empty()).then(|| ("unannounced".to_string(), Value::from(unannounced)));
    let recoveries = statement.recoveries.iter().map(|row| recovery(row, currency)).collect::<Vec<_>>();
    let recoveries = (!recoveries.is_empty()).then(|| ("recoveries".to_string(), Value::from(recoveries)));
    fields(body).into_iter().chain(recoveries).chain(unannounced).chain(uncharged).collect()
}

fn unannounced(window: &Unannounced) -> Value {
    json!({
        "maintenance": window.place.words,
        "ref": window.place.mark,
        "from": window.span.start.to_string(),
        "to": window.span.end.to_string(),
        "because": window.because,
        "counts_for": window.counts_for,
    })
}

fn uncharged(missing: &Uncharged) -> Value {
    json!({ "period": missing.month.label, "service": missing.service })
}

fn metric(row: &MetricRow) -> Value {
    let decided = row.met + row.breached;
    let counted = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let attainment = (decided > 0).then(|| exact(&ratio(counted(row.met), counted(decided))));
    let elapsed = row.elapsed.map(|elapsed| {
        json!({
            "mean": elapsed.mean, "p50": elapsed.p50, "p90": elapsed.p90, "p99": elapsed.p99, "max": elapsed.max,
        })
    });
    json!({
        "metric": row.metric,
        "tier": row.tier,
        "priority": row.priority,
        "target": row.target,
        "met": row.met,
        "breached": row.breached,
        "running": row.running,
        "cancelled": row.cancelled,
        "attainment": attainment,
        "elapsed_ms": elapsed,
        "paused_ms": row.paused_ms,
    })
}

fn figure(figure: &Figure) -> Value {
    json!({
        "period": figure.period.label,
        "measure": figure.measure,
        "clause": figure.clause,
        "for": figure.each,
        "ref": figure.place.mark,
        "value": figure.value.as_ref().map(exact),
        "numerator": exact(&figure.numerator),
        "denominator": exact(&figure.denominator),
        "tickets": figure.tickets,
        "kept": figure.kept,
        "version": figure.version,
        "provisional": figure.provisional,
    })
}

/// A ledger line.
pub(super) fn ledger_line(line: &Line, currency: Option<Currency>) -> Value {
    json!({
        "period": line.period.label,
        "month": line.month.label,
        "clause": line.clause,
        "for": line.each,
        "ref": line.reference().mark,
        "kind": kind(line.kind),
        "tickets": line.tickets,
        "at": line.at.to_string(),
        "computed": exact(&line.computed),
        "after_clause_cap": exact(&line.after_clause_cap),
        "after_combine": exact(&line.after_combine),
        "after_caps": exact(&line.after_caps),
        "after_threshold": exact(&line.after_threshold),
        "amount": settled(&line.amount, currency),
        "currency": currency.map(Currency::code),
        "version": line.version,
        "claim_by": line.claim_by,
        "because": line.because,
    })
}

/// Points pay nothing, so that no step of a settlement but a clause's own caps lies behind them.
fn points(line: &Line) -> Value {
    json!({
        "period": line.period.label,
        "month": line.month.label,
        "clause": line.clause,
        "for": line.each,
        "ref": line.reference().mark,
        "tickets": line.tickets,
        "at": line.at.to_string(),
        "computed": exact(&line.computed),
        "points": exact(&line.amount),
        "version": line.version,
        "because": line.because,
    })
}

fn extension(extension: &Extension) -> Value {
    json!({
        "period": extension.period.label,
        "month": extension.month.label,
        "clause": extension.clause,
        "ref": extension.place.mark,
        "at": extension.at.to_string(),
        "by": extension.by,
        "ends": extension.ends.map(|day| day.to_string()),
        "version": extension.version,
        "because": extension.because,
    })
}

/// What a supplier pays back.
fn recovery(row: &Recovery, currency: Option<Currency>) -> Value {
    let amount = |value: &Fraction| settled(value, currency);
    json!({
        "period": row.month.label,
        "ticket": row.ticket,
        "supplier": row.supplier,
        "ref": row.place.mark,
        "paid": amount(&row.paid),
        "recovered": amount(&row.recovered),
        "left": amount(&row.left),
        "currency": currency.map(Currency::code),
        "because": row.because,
    })
}

/// A consequence that was reached.
pub(super) fn consequence(consequence: &Consequence) -> Value {
    json!({
        "ref": consequence.place.mark,
        "step": consequence.step,
        "at": consequence.at.to_string(),
        "tickets": consequence.tickets,
        "expires": consequence.expires.map(|day| day.to_string()),
        "version": consequence.version,
        "because": consequence.because,
    })
}

/// The word for a kind of clause in files.
pub(super) fn kind(kind: ClauseKind) -> &'static str {
    match kind {
        ClauseKind::Penalty => "penalty",
        ClauseKind::Incentive => "incentive",
    }
}

/// A settled amount in the currency's digits; one that a contract rounds more finely keeps its own.
pub(super) fn settled(amount: &Fraction, currency: Option<Currency>) -> String {
    let Some(currency) = currency else { return exact(amount) };
    let in_digits = currency.amount(amount);
    let loses_something = crate::money::decimal(&in_digits).is_none_or(|kept| kept != *amount);
    if loses_something { exact(amount) } else { in_digits }
}

fn left_out(left_out: &LeftOut) -> Value {
    json!({
        "ref": left_out.place.mark,
        "words": left_out.place.words,
        "tickets": left_out.tickets,
    })
}

fn totals(statement: &Statement) -> Value {
    let totals = &statement.totals;
    let amount = |value: &Fraction| settled(value, totals.currency);
    json!({
        "penalties": amount(&totals.penalties),
        "incentives": amount(&totals.incentives),
        "recovered": amount(&totals.recovered),
        "net": amount(&totals.net),
        "currency": totals.currency.map(Currency::code),
    })
}
