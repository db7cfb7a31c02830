//! What a source makes of an export, for people and as JSON.

use serde_json::{Value, json};

use crate::import::check::Survey;
use crate::import::decide::Decision;
use crate::input::{Made, Values};

use super::count;
use super::table::table;

/// How many values of a kind are listed.
const LISTED: usize = 12;

const KINDS: [(Made, &str); 6] = [
    (Made::Unmapped, "unmapped"),
    (Made::Mapped, "mapped"),
    (Made::Ignored, "ignored"),
    (Made::Otherwise, "otherwise"),
    (Made::Kept, "as it is"),
    (Made::Missing, "missing"),
];

/// Text for people.
pub fn text(survey: &Survey, decisions: &[Decision]) -> String {
    let mut parts = vec![head(survey)];
    let counts = |title: &str, head: &str, counts: &mut dyn Iterator<Item = (&String, &u64)>| {
        let rows: Vec<Vec<String>> = counts.map(|(name, count)| vec![name.clone(), count.to_string()]).collect();
        (!rows.is_empty()).then(|| format!("{title}\n{}", table(&["name", head], rows)))
    };
    parts.extend(counts("Events", ">rows", &mut survey.events.iter()));
    parts.extend(counts("Fields", ">tickets", &mut survey.fields.iter()));
    parts.extend(values(survey));
    if !survey.odd.is_empty() {
        let odd = survey.odd.iter().map(|odd| format!("  {} {}: {}\n", odd.count, odd.kind, odd.first));
        parts.push(format!("Odd rows, with the first of each kind\n{}", odd.collect::<String>()));
    }
    if !decisions.is_empty() {
        parts.push(format!("Metrics\n{}", decisions.iter().map(decision).collect::<String>()));
    }
    parts.join("\n")
}

fn head(survey: &Survey) -> String {
    let rows = count(usize::try_from(survey.rows).unwrap_or(usize::MAX), "row");
    let what = if survey.outages == 0 { count(survey.tickets, "ticket") } else { count(survey.outages, "outage") };
    let range = survey.range.map_or("no instant".to_string(), |(first, last)| format!("{first} to {last}"));
    let zones = survey.zones.iter().map(|(column, zone)| {
        let zone = zone.map_or("as each text says".to_string(), |zone| zone.to_string());
        format!("  column `{column}`: {zone}\n")
    });
    format!("source {}: {rows}, {what}\n{range}\n\nZones\n{}", survey.source, zones.collect::<String>())
}

fn values(survey: &Survey) -> Option<String> {
    let lines: Vec<String> = survey.values.iter().map(column).collect();
    (!lines.is_empty()).then(|| format!("Values\n{}", lines.concat()))
}

fn column(values: &Values) -> String {
    let mut text = format!("  {}, column `{}`\n", values.role, values.column);
    for (made, word) in KINDS {
        let of_kind = values.of(made);
        if of_kind.is_empty() {
            continue;
        }
        let listed = of_kind.iter().take(LISTED).map(|(value, count)| {
            let value = if value.is_empty() { "(empty)".to_string() } else { format!("`{value}`") };
            format!("{value} {count}")
        });
        let listed: Vec<String> = listed.collect();
        let more = of_kind.len().saturating_sub(LISTED);
        let more = if more == 0 { String::new() } else { format!(", and {more} more") };
        text.push_str(&format!("    {word}: {}{more}\n", listed.join(", ")));
    }
    if 0 < values.more {
        text.push_str(&format!("    {} rows have other values\n", values.more));
    }
    text
}

fn decision(decision: &Decision) -> String {
    let verdict = match (decision.lacks.is_empty(), decision.assumes.is_empty()) {
        (true, true) => "can be decided",
        (true, false) => "rests on assumptions",
        (false, _) => "cannot be decided",
    };
    let reasons = decision.lacks.iter().chain(&decision.assumes).map(|reason| format!("    {reason}\n"));
    format!("  {} {}: {verdict}\n{}", decision.agreement, decision.metric, reasons.collect::<String>())
}

/// One JSON object.
pub fn json(survey: &Survey, decisions: &[Decision]) -> Value {
    let values = survey.values.iter().map(|values| {
        let kinds = KINDS.iter().map(|(made, word)| {
            let of_kind: serde_json::Map<String, Value> =
                values.of(*made).into_iter().map(|(value, count)| (value.to_string(), json!(count))).collect();
            (word.replace(' ', "_"), Value::Object(of_kind))
        });
        let kinds: serde_json::Map<String, Value> = kinds.collect();
        json!({ "role": values.role, "column": values.column, "values": kinds, "other_rows": values.more })
    });
    json!({
        "source": survey.source,
        "rows": survey.rows,
        "tickets": survey.tickets,
        "outages": survey.outages,
        "from": survey.range.map(|(first, _)| first.to_string()),
        "to": survey.range.map(|(_, last)| last.to_string()),
        "zones": survey.zones.iter().map(|(column, zone)| json!({ "column": column, "zone": zone.map(|zone| zone.name()) })).collect::<Vec<_>>(),
        "events": survey.events,
        "fields": survey.fields,
        "values": values.collect::<Vec<_>>(),
        "odd_rows": survey.odd.iter().map(|odd| json!({ "kind": odd.kind, "rows": odd.count, "first": odd.first })).collect::<Vec<_>>(),
        "metrics": decisions.iter().map(|decision| json!({
            "agreement": decision.agreement, "metric": decision.metric, "lacks": decision.lacks, "assumes": decision.assumes,
        })).collect::<Vec<_>>(),
    })
}
