//! Tickets of a desk that promises a first response, updates and a solution, as two lines of one peer read them.
//!
//! The later line: an update is owed from the first message of the customer that nobody answered, and what is answered,
//! closed or paused has no deadline. The earlier line: an update is owed from the last contact, whoever made it; every
//! deadline stays on show, and a pause counts once it has ended.

use klausel::outcome::Outcome;
use klausel::time::{Instant, MINUTE};
use serde_json::{Map, Value, json};

use crate::agreement::Happening;
use crate::clock::{Metric, States, agreement, is_paused};
use crate::row::{Row, Said, told};

pub fn ticket(row: &Row) -> Said<Value> {
    match row.text("variant")? {
        "2021" => later_line(row),
        "2018" => earlier_line(row),
        other => Err(format!("a variant that this test does not know: {other}")),
    }
}

/// What the peer knows of a ticket.
struct Known {
    created: Instant,
    first_response: Option<Instant>,
    closed: Option<Instant>,
    customer: Vec<Instant>,
    agent: Vec<Instant>,
}

impl Known {
    fn read(row: &Row) -> Said<Known> {
        let attributes = Row(row.get("attributes").cloned().unwrap_or_default());
        let mut known = Known {
            created: row.instant("created_at")?,
            first_response: attributes.maybe_instant("first_response_at")?,
            closed: attributes.maybe_instant("close_at")?,
            customer: attributes.maybe_instant("last_contact_customer_at")?.into_iter().collect(),
            agent: attributes.maybe_instant("last_contact_agent_at")?.into_iter().collect(),
        };
        for (asked, answered) in row.stretches("exchanges")? {
            known.customer.push(asked);
            known.agent.extend(answered);
        }
        Ok(known)
    }

    fn happenings(&self, states: &States) -> Vec<Happening> {
        let mut happenings = vec![Happening::event(self.created, "created")];
        happenings.extend(states.happenings());
        let event = |name: &'static str| move |at: &Instant| Happening::event(*at, name);
        happenings.extend(self.customer.iter().map(event("customer_message")));
        happenings.extend(self.agent.iter().map(event("agent_message")));
        happenings.extend(self.first_response.iter().map(event("first_reply")));
        happenings.extend(self.closed.iter().map(event("closed")));
        happenings
    }
}

/// The three clocks; a target that is missing or zero is no target.
fn clocks<'a>(row: &Row, update: [&'a str; 3]) -> Vec<Metric<'a>> {
    let targets = Row(row.get("targets_min").cloned().unwrap_or_default());
    let target = |key: &str| targets.whole(key).ok().filter(|minutes| *minutes > 0);
    let metrics = [
        ("first_response", ["starts on created", "stops on first_reply", ""]),
        ("update", update),
        ("solution", ["starts on created", "stops on closed", ""]),
    ];
    let metrics = metrics.into_iter().filter_map(|(name, [starts, stops, more])| {
        let target = format!("target {}m in desk", target(name)?);
        Some(Metric { name, starts, stops, more, pauses: true, target })
    });
    metrics.collect()
}

/// What is told of one clock.
struct Told {
    name: &'static str,
    due: Option<Instant>,
    minutes: Option<i64>,
    /// Whether its deadline may be the next.
    pending: bool,
}

fn answer(row: &Row, told_of: &[Told], next: bool) -> Value {
    let mut answer = Map::new();
    let targets = row.get("targets_min");
    for clock in told_of {
        let target = targets.and_then(|targets| targets.get(clock.name)).and_then(Value::as_i64);
        let left = clock.minutes.zip(target).map(|(minutes, target)| target - minutes);
        answer.insert(format!("{}_due", clock.name), told(clock.due));
        answer.insert(format!("{}_min", clock.name), json!(clock.minutes));
        answer.insert(format!("{}_left_min", clock.name), json!(left));
    }
    let due = told_of.iter().filter(|clock| next && clock.pending).filter_map(|clock| clock.due).min();
    answer.insert("next_due".to_string(), told(due));
    Value::Object(answer)
}

fn minutes(clock: &Outcome) -> i64 {
    clock.elapsed_ms / MINUTE
}

fn later_line(row: &Row) -> Said<Value> {
    let (known, states) = (Known::read(row)?, States::read(row)?);
    let metrics = clocks(row, ["starts on customer_message", "stops on agent_message", "repeats"]);
    let happenings = known.happenings(&states);
    let last = happenings.iter().map(|happening| happening.at).max().unwrap_or(known.created);
    // One instant later, so that a pause that begins with the last thing told is seen.
    let found = agreement(row, &states, &metrics)?.run(&happenings, last.plus(1))?;
    let of = |name: &'static str| {
        let cycles = found.get(name).map_or(&[][..], Vec::as_slice);
        let running = cycles.last().filter(|clock| clock.stopped_at.is_none() && !is_paused(clock));
        let stopped = cycles.iter().filter(|clock| clock.stopped_at.is_some());
        let due = running.and_then(|clock| clock.due_at);
        Told { name, due, minutes: stopped.map(minutes).max(), pending: true }
    };
    Ok(answer(row, &[of("first_response"), of("update"), of("solution")], true))
}

fn earlier_line(row: &Row) -> Said<Value> {
    let (mut known, states) = (Known::read(row)?, States::read(row)?);
    let now = row.text("row_state").ok().or_else(|| states.changes.last().map(|(_, state)| state.as_str()));
    let paused = now.is_some_and(|state| states.pausing.iter().any(|pausing| pausing == state));
    let states = states.without_open_pause();
    // The message that made the ticket is where the first wait begins, not a contact after it.
    known.customer.retain(|at| known.created < *at);
    known.agent.retain(|at| known.created < *at);
    let update = ["starts on created", "stops on customer_message, agent_message", "repeats from the stop"];
    let happenings = known.happenings(&states);
    let last = happenings.iter().map(|happening| happening.at).max().unwrap_or(known.created);
    let found = agreement(row, &states, &clocks(row, update))?.run(&happenings, last)?;
    let of = |name: &'static str| {
        let cycles = found.get(name).map_or(&[][..], Vec::as_slice);
        let stopped = || cycles.iter().filter(|clock| clock.stopped_at.is_some()).map(|clock| clock.elapsed_ms);
        let due = cycles.last().and_then(|clock| clock.due_at);
        let pending = cycles.last().is_some_and(|clock| clock.stopped_at.is_none());
        let minutes = stopped().next().map(|_| stopped().sum::<i64>() / MINUTE);
        Told { name, due, minutes, pending }
    };
    Ok(answer(row, &[of("first_response"), of("update"), of("solution")], !paused))
}
