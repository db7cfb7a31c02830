//! A plan for people and programs: what the words compile to, every reading spelled out.

use serde_json::{Value, json};

use crate::plan::{Agreement, NamedCalendar, Plan};

use super::table::table;
use super::version;

/// The plan as JSON, with the versions of the program and of the time zone data.
pub fn json(plan: &Plan) -> Value {
    json!({
        "engine": env!("CARGO_PKG_VERSION"),
        "tzdb": chrono_tz::IANA_TZDB_VERSION,
        "agreements": plan.agreements,
        "calendars": plan.calendars,
        "sources": plan.sources,
    })
}

/// The plan in words, one agreement after the other, then the calendars that they count on.
pub fn text(plan: &Plan) -> String {
    let agreements = plan.agreements.iter().map(agreement);
    let calendars = plan.calendars.iter().map(calendar);
    let tzdb = format!("time zone data {}, engine {}\n", chrono_tz::IANA_TZDB_VERSION, env!("CARGO_PKG_VERSION"));
    agreements.chain(calendars).chain([tzdb]).collect::<Vec<_>>().join("\n")
}

fn agreement(agreement: &Agreement) -> String {
    let mut text = header(agreement) + version::all(agreement).as_str() + plugins(agreement).as_str();
    text.push_str("\nReadings\n");
    let rows = agreement.readings.iter().map(|reading| {
        let said = if reading.said { "said" } else { "default" };
        let version = reading.version.as_ref().map_or(String::new(), |label| format!(", {label}"));
        let of = format!("{}{version}", reading.of);
        vec![reading.question.to_string(), of, reading.answer.clone(), said.to_string()]
    });
    text + table(&["question", "of", "answer", ""], rows).as_str()
}

/// The plugins that it calls; nothing where there are none.
fn plugins(agreement: &Agreement) -> String {
    if agreement.plugins.is_empty() {
        return String::new();
    }
    let rows = agreement.plugins.iter().map(|(name, called)| {
        let kinds = called.kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>().join(", ");
        vec![name.clone(), kinds, called.sha256.clone()]
    });
    "\nPlugins\n".to_string() + table(&["plugin", "kind", "sha256"], rows).as_str()
}

fn header(agreement: &Agreement) -> String {
    let title = agreement.title.as_ref().map_or(String::new(), |title| format!(": {title}"));
    let contract = agreement.contract.as_ref().map_or(String::new(), |contract| format!(" ({contract})"));
    let mut text = format!("agreement {}{title}{contract}\n", agreement.name);
    let parties = [("provider", &agreement.provider), ("customer", &agreement.customer)];
    for (word, party) in parties {
        if let Some(party) = party {
            text.push_str(&format!("  {word}  {party}\n"));
        }
    }
    let day = |day: Option<chrono::NaiveDate>| day.map_or(String::new(), |day| day.to_string());
    let effective = &agreement.effective;
    if effective.first.is_some() {
        text.push_str(&format!("  effective {}..{}\n", day(effective.first), day(effective.last)));
    }
    let currency = agreement.currency.map_or("no money", |currency| currency.code());
    text.push_str(&format!("  {}, {currency}\n", agreement.zone));
    if let Some(source) = &agreement.source {
        text.push_str(&format!("  tickets from {source}\n"));
    }
    if let Some(source) = &agreement.announcements_from {
        text.push_str(&format!("  announcements from {source}\n"));
    }
    if let Some(source) = &agreement.charges_from {
        text.push_str(&format!("  charges from {source}\n"));
    }
    if let Some(applies) = &agreement.applies {
        text.push_str(&format!("  applies when {}\n", applies.words));
    }
    text + format!("  policy {}\n", agreement.policy_sha256).as_str()
}

fn calendar(named: &NamedCalendar) -> String {
    let lines = named.spec.lines().into_iter().map(|line| format!("  {line}\n"));
    format!("calendar {}\n{}", named.name, lines.collect::<String>())
}
