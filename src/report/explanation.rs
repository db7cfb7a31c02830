//! Explanations for people and programs.

use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::explain::{ClockLine, Doing, Explanation, InForce, Named, SpanLine};
use crate::money::{Currency, in_words};
use crate::outcome::Status;
use crate::time::{Instant, spell};

use super::table::table;

/// An explanation in words, its instants on the wall clock of the agreement.
pub fn text(explanation: &Explanation, zone: Tz, currency: Option<Currency>) -> String {
    let mut text = format!("ticket {} under {} ({})\n", explanation.ticket, explanation.agreement, explanation.version);
    text.push_str(&explanation.in_force.as_ref().map_or(String::new(), |in_force| why(explanation, in_force, zone)));
    let readings = [("tier", &explanation.tier), ("priority", &explanation.priority)];
    for (word, named) in readings {
        if let Some(named) = named {
            text.push_str(&format!("  {word} {} ({})\n", named.name, named.place));
        }
    }
    if let Some(excluded) = &explanation.excluded {
        text.push_str(&format!("  left out of every figure and clause: `{}`\n", excluded.name));
    }
    let facts = explanation.facts.iter().map(|fact| vec![fact.at.wall(zone), fact.words.clone()]);
    text.push_str(&format!("\nWhat happened ({zone})\n{}", table(&["", ""], facts).trim_start_matches('\n')));
    explanation.clocks.iter().for_each(|clock| text.push_str(&clock_text(clock, zone)));
    if !explanation.lines.is_empty() {
        text.push_str("\nWhat it costs\n");
    }
    for line in &explanation.lines {
        let amount = in_words(&line.amount, currency);
        let month = &line.month.label;
        let version = explanation.in_force.as_ref().map_or(String::new(), |_| format!(" ({})", line.version));
        text.push_str(&format!(
            "  {} {} in {month}{version}: {amount}\n      {}\n",
            line.reference().name(),
            line.clause,
            line.because
        ));
    }
    if !explanation.consequences.is_empty() {
        text.push_str("\nWhat else follows\n");
    }
    for consequence in &explanation.consequences {
        text.push_str(&super::text::consequence(consequence, zone));
    }
    text
}

/// Why the ticket goes by its version.
fn why(explanation: &Explanation, in_force: &InForce, zone: Tz) -> String {
    let places = if in_force.places.is_empty() { String::new() } else { format!(" ({})", in_force.places.join(", ")) };
    let wall = |word: &str, at: Option<Instant>| at.map_or(String::new(), |at| format!(" {word} {}", at.wall(zone)));
    let (from, until) = (wall("from", in_force.from), wall("until", in_force.until));
    let created = in_force.created_at.wall(zone);
    format!("  version {}{places}: in force{from}{until}, created {created}\n", explanation.version)
}

fn clock_text(clock: &ClockLine, zone: Tz) -> String {
    let cycle = if clock.cycle > 1 { format!(", cycle {}", clock.cycle) } else { String::new() };
    let mut text = format!(
        "\n{} ({}){cycle}: {}\n  target {} on `{}`\n",
        clock.metric.name,
        clock.metric.place,
        verdict(clock, zone),
        clock.target,
        clock.calendar
    );
    let rows = clock.spans.iter().map(|line| {
        let place = line.place.as_ref().map_or(String::new(), |place| format!(" ({place})"));
        let counts = if line.doing == Doing::Running { spell(line.counted_ms) } else { String::new() };
        vec![
            line.span.start.wall(zone),
            line.span.end.wall(zone),
            line.doing.word().to_string(),
            spell(line.span.len()),
            counts,
            format!("{}{place}{}", line.because, set_by(line)),
        ]
    });
    text.push_str(&table(&["from", "to", "", ">for", ">counted", "because"], rows));
    for step in &clock.steps {
        let (at, place) = (step.at.wall(zone), &step.place);
        text.push_str(&format!("  {at} {}: {} {:?} ({place})\n", step.step, step.action, step.text));
    }
    text
}

fn set_by(line: &SpanLine) -> String {
    line.set_by.as_ref().map_or(String::new(), |fact| format!(", set by: {fact}"))
}

fn verdict(clock: &ClockLine, zone: Tz) -> String {
    let wall = |at: Option<Instant>| at.map_or("-".to_string(), |at| at.wall(zone));
    let due = wall(clock.due_at);
    match clock.status {
        Status::Met => format!("met after {}, due {due}", spell(clock.elapsed_ms)),
        Status::Breached => {
            let until = if clock.stopped_at.is_some() { "" } else { " and still running" };
            format!("breached at {}, late by {}{until}", wall(clock.breached_at), spell(clock.late_ms))
        }
        Status::Running => format!("running, {} counted, due {due}", spell(clock.elapsed_ms)),
        Status::Cancelled => "cancelled".to_string(),
    }
}

/// An explanation as JSON.
pub fn json(explanation: &Explanation, currency: Option<Currency>) -> Value {
    let named = |named: &Option<Named>| named.as_ref().map(|named| json!({ "name": named.name, "ref": named.place }));
    let facts: Vec<Value> =
        explanation.facts.iter().map(|fact| json!({ "at": fact.at.to_string(), "words": fact.words })).collect();
    let lines: Vec<Value> = explanation.lines.iter().map(|line| super::json::ledger_line(line, currency)).collect();
    let in_force = explanation.in_force.as_ref().map(|in_force| {
        json!({
            "from": in_force.from.map(|at| at.to_string()),
            "until": in_force.until.map(|at| at.to_string()),
            "refs": in_force.places,
            "created_at": in_force.created_at.to_string(),
        })
    });
    json!({
        "ticket": explanation.ticket,
        "agreement": explanation.agreement,
        "version": explanation.version,
        "in_force": in_force,
        "tier": named(&explanation.tier),
        "priority": named(&explanation.priority),
        "excluded": named(&explanation.excluded),
        "facts": facts,
        "clocks": explanation.clocks.iter().map(clock_json).collect::<Vec<_>>(),
        "ledger": lines,
        "consequences": explanation.consequences.iter().map(super::json::consequence).collect::<Vec<_>>(),
    })
}

fn clock_json(clock: &ClockLine) -> Value {
    let at = |at: Option<Instant>| at.map(|at| at.to_string());
    let spans: Vec<Value> = clock
        .spans
        .iter()
        .map(|line| {
            json!({
                "from": line.span.start.to_string(),
                "to": line.span.end.to_string(),
                "doing": line.doing.word(),
                "length_ms": line.span.len(),
                "counted_ms": line.counted_ms,
                "because": line.because,
                "ref": line.place,
                "set_by": line.set_by,
            })
        })
        .collect();
    let steps: Vec<Value> = clock.steps.iter().map(|step| {
        json!({
            "at": step.at.to_string(), "step": step.step, "action": step.action, "text": step.text, "ref": step.place,
        })
    }).collect();
    json!({
        "metric": clock.metric.name,
        "ref": clock.metric.place,
        "cycle": clock.cycle,
        "status": clock.status.word(),
        "target": clock.target,
        "target_ms": clock.target_ms,
        "calendar": clock.calendar,
        "elapsed_ms": clock.elapsed_ms,
        "paused_ms": clock.paused_ms,
        "due_at": at(clock.due_at),
        "breached_at": at(clock.breached_at),
        "stopped_at": at(clock.stopped_at),
        "late_ms": clock.late_ms,
        "spans": spans,
        "steps": steps,
    })
}
