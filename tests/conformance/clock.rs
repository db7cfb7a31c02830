//! Kinds that time one target: pauses, states that pause, and how a desk calls where it stands.

use std::fmt::Write;

use klausel::outcome::{Cause, Outcome, Status};
use klausel::time::{Instant, spell};
use serde_json::{Value, json};

use crate::agreement::{Happening, Loaded, load, quoted};
use crate::days::ordinal;
use crate::hours;
use crate::row::{Row, Said, instant, seconds, told};

/// What holds while a row's own pauses hold, and what holds between them.
const HELD: &str = "held";
const RUNNING: &str = "running";

/// States over time as a row has them, and which of them pause.
pub struct States {
    pub changes: Vec<(Instant, String)>,
    pub pausing: Vec<String>,
}

impl States {
    pub fn read(row: &Row) -> Said<States> {
        if !row.has("history") {
            let mut changes = Vec::new();
            for (from, to) in row.stretches("pauses")? {
                changes.push((from, HELD.to_string()));
                changes.extend(to.map(|to| (to, RUNNING.to_string())));
            }
            changes.sort_by_key(|(at, _)| *at);
            return Ok(States { changes, pausing: vec![HELD.to_string()] });
        }
        let change = |entry: &Value| {
            let text =
                |key: &str| entry.get(key).and_then(Value::as_str).ok_or("a change of state has `at` and `state`");
            Ok((instant(text("at")?)?, text("state")?.to_string()))
        };
        let changes = row.list("history").iter().map(change).collect::<Said<_>>()?;
        let pausing = row.texts("pause_states").into_iter().map(str::to_string).collect();
        Ok(States { changes, pausing })
    }

    /// A peer that learns of a pause when it ends does not know the last one: it takes no time yet.
    pub fn without_open_pause(mut self) -> States {
        if let Some((_, state)) = self.changes.last_mut().filter(|(_, state)| self.pausing.contains(state)) {
            *state = RUNNING.to_string();
        }
        self
    }

    pub fn happenings(&self) -> Vec<Happening> {
        self.changes.iter().map(|(at, state)| Happening::state(*at, state)).collect()
    }

    pub fn first(&self) -> Option<Instant> {
        self.changes.first().map(|(at, _)| *at)
    }

    /// The declaration of the field, and the line of a metric that pauses.
    pub fn lines(&self) -> (String, String) {
        let mut known: Vec<&str> = vec![HELD, RUNNING];
        let named = self.changes.iter().map(|(_, state)| state).chain(&self.pausing);
        named.for_each(|state| {
            if !known.contains(&state.as_str()) {
                known.push(state)
            }
        });
        let list = |states: &[&str]| states.iter().map(|state| quoted(state)).collect::<Vec<_>>().join(", ");
        let pausing: Vec<&str> = self.pausing.iter().map(String::as_str).collect();
        let pauses =
            if pausing.is_empty() { String::new() } else { format!("pauses while state in ({})", list(&pausing)) };
        (format!("field state in ({})", list(&known)), pauses)
    }
}

/// A metric of one row's agreement.
pub struct Metric<'a> {
    pub name: &'a str,
    pub starts: &'a str,
    pub stops: &'a str,
    pub more: &'a str,
    pub pauses: bool,
    pub target: String,
}

/// The agreement that says these metrics on the calendar of a row.
pub fn agreement(row: &Row, states: &States, metrics: &[Metric<'_>]) -> Said<Loaded> {
    let written = hours::write(row)?;
    if written.by_hand() {
        return Err("no agreement counts on a calendar without hours, or less a part of a second".to_string());
    }
    let (field, pauses) = states.lines();
    let mut text = format!("{}agreement peer {{\n    timezone \"{}\"\n    {field}\n", written.text, row.zone()?);
    for metric in metrics {
        let pauses = if metric.pauses { pauses.as_str() } else { "" };
        let lines = [metric.starts, metric.stops, metric.more, pauses, &metric.target];
        let lines: String =
            lines.iter().filter(|line| !line.is_empty()).map(|line| format!("        {line}\n")).collect();
        let _ = write!(text, "    metric {} {{\n{lines}    }}\n", metric.name);
    }
    load(&(text + "}\n"))
}

/// What a row asks of one target, in the language; none where the peer writes none, or zero, which is the same to it.
fn target(row: &Row) -> Said<Option<String>> {
    if row.has("target_days") {
        let days = row.whole("target_days")?;
        return Ok(Some(if row.flag("end_of_working_day") {
            format!("target by end of {} service day in desk", ordinal(days))
        } else {
            format!("target {days} service days in desk")
        }));
    }
    let millis = if row.has("target_seconds") { row.millis("target_seconds")? } else { 0 };
    Ok((millis != 0).then(|| format!("target {} in desk", spell(millis))))
}

/// The happenings of one clock that starts at `start`, and the instant the last of them lies at.
fn timed(states: &States, start: Instant) -> (Vec<Happening>, Instant) {
    let created = states.first().map_or(start, |first| first.min(start));
    let mut happenings = vec![Happening::event(created, "created")];
    happenings.extend(states.happenings());
    happenings.push(Happening::event(start, "begun"));
    let last = happenings.iter().map(|happening| happening.at).max().unwrap_or(start);
    (happenings, last)
}

pub fn sla(row: &Row) -> Said<Value> {
    let Some(target) = target(row)? else { return Ok(json!({ "due": null, "paused_seconds": 0 })) };
    let start = row.instant("start")?;
    let now = row.maybe_instant("now")?;
    let states = States::read(row)?;
    let states = if now.is_none() { states.without_open_pause() } else { states };
    let pauses = row.get("pausable").and_then(Value::as_bool).unwrap_or(true);
    let metric = Metric { name: "clock", starts: "starts on begun", stops: "stops on ended", more: "", pauses, target };
    let (happenings, last) = timed(&states, start);
    let clocks = agreement(row, &states, &[metric])?.run(&happenings, now.unwrap_or(last))?;
    let clock = clocks.get("clock").and_then(|cycles| cycles.first()).ok_or("the clock did not start")?;
    Ok(json!({ "due": told(clock.due_at), "paused_seconds": seconds(clock.paused_ms) }))
}

/// Counted time of a window, no more of it than the ticket's life.
pub fn sla_elapsed(row: &Row) -> Said<Value> {
    let (start, end) = (row.instant("start")?, row.instant("end")?);
    let start = row.maybe_instant("created_at")?.map_or(start, |created| created.max(start));
    let end = row.maybe_instant("close_at")?.map_or(end, |closed| closed.min(end)).max(start);
    let states = States::read(row)?;
    let metric = Metric {
        name: "clock",
        starts: "starts on begun",
        stops: "stops on ended",
        more: "",
        pauses: true,
        target: "target 1h in desk".to_string(),
    };
    let (mut happenings, last) = timed(&states, start);
    happenings.push(Happening::event(end, "ended"));
    let clocks = agreement(row, &states, &[metric])?.run(&happenings, last.max(end))?;
    let clock = clocks.get("clock").and_then(|cycles| cycles.first()).ok_or("the clock did not start")?;
    Ok(seconds(clock.elapsed_ms))
}

/// Whether a clock stands still at the end of what is told of it.
pub fn is_paused(clock: &Outcome) -> bool {
    clock.stopped_at.is_none() && clock.stretches.last().is_some_and(|stretch| matches!(stretch.cause, Cause::Pause(_)))
}

/// Where a ticket stands, in the peer's words.
pub fn status(row: &Row) -> Said<Value> {
    let (start, now) = (row.instant("start")?, row.instant("now")?);
    let mut happenings = vec![Happening::event(start, "created")];
    let mut states = States { changes: Vec::new(), pausing: vec![HELD.to_string()] };
    for entry in row.list("events") {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).ok_or("an event has `at` and `type`");
        let at = instant(text("at")?)?;
        for word in text("type")?.split('+') {
            match word.trim() {
                "reply" => happenings.push(Happening::event(at, "reply")),
                "resolve" | "close" => happenings.push(Happening::event(at, "resolved")),
                "pause" => states.changes.push((at, HELD.to_string())),
                "resume" => states.changes.push((at, RUNNING.to_string())),
                other => return Err(format!("an event that this test does not know: {other}")),
            }
        }
    }
    happenings.extend(states.happenings());
    let targets = Row(row.get("targets_min").cloned().unwrap_or_default());
    let target = |key: &str| targets.whole(key).map(|minutes| format!("target {minutes}m in desk"));
    let response = Metric {
        name: "first_response",
        starts: "starts on created",
        stops: "stops on reply, resolved",
        more: "",
        pauses: false,
        target: target("first_response")?,
    };
    let resolution = Metric {
        name: "resolution",
        starts: "starts on created",
        stops: "stops on resolved",
        more: "",
        pauses: true,
        target: target("resolution")?,
    };
    // A pause that begins now has no length yet; it is seen one instant later.
    let loaded = agreement(row, &states, &[response, resolution])?;
    let at_now = loaded.run(&happenings, now)?;
    let just_after = loaded.run(&happenings, now.plus(1))?;
    let all: Vec<&Outcome> = at_now.values().flatten().collect();
    let runs = |name: &str| all_running(&at_now, name);
    let word = if all.iter().any(|clock| clock.status == Status::Breached) {
        "failed"
    } else if all.iter().all(|clock| clock.status == Status::Met) {
        "fulfilled"
    } else if just_after.values().flatten().any(is_paused) {
        "paused"
    } else if runs("first_response") {
        "first response due"
    } else {
        "resolution due"
    };
    Ok(json!(word))
}

fn all_running(clocks: &std::collections::BTreeMap<String, Vec<Outcome>>, name: &str) -> bool {
    clocks.get(name).into_iter().flatten().any(|clock| clock.status == Status::Running)
}
