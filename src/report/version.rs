//! An agreement's versions in words: the first as a whole, each later one by what it changes.

use serde_json::Value;

use crate::calendar::ClosedTime;
use crate::money::{in_words, percent};
use crate::plan::availability::Service;
use crate::plan::clause::{Clause, ClauseKind, Subject};
use crate::plan::consequence::Ladder;
use crate::plan::metric::{Cancel, Escalation, Metric, Trigger};
use crate::plan::supplier::Supplier;
use crate::plan::{Agreement, Closed, Place, PriorityBy, TargetTable, Tier, Version};
use crate::time::spell;

/// A statement of a version, by what it is known by, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Block {
    name: String,
    text: String,
}

impl Block {
    fn new(name: impl Into<String>, text: impl Into<String>) -> Block {
        Block { name: name.into(), text: text.into() }
    }

    fn is_cap(&self) -> bool {
        self.name.starts_with("cap penalties")
    }
}

/// Every version of an agreement, in time order.
pub(super) fn all(agreement: &Agreement) -> String {
    let mut text = String::new();
    let mut earlier: Vec<(&Version, Vec<Block>)> = Vec::new();
    for version in &agreement.versions {
        let blocks = blocks(agreement, version);
        if let Some(day) = version.first_day {
            text.push_str(&format!("\nFrom {day}: {}\n", title(version)));
        }
        text.push_str(&told(&earlier, version, &blocks));
        earlier.push((version, blocks));
    }
    text
}

/// Its label, and the marks of the amendments that begin it.
fn title(version: &Version) -> String {
    let marks = version.amendments.iter().filter_map(|place| place.mark.as_deref());
    let marks: Vec<&str> = marks.filter(|mark| version.label != *mark).collect();
    if marks.is_empty() { version.label.clone() } else { format!("{} ({})", version.label, marks.join(", ")) }
}

/// A version against those before it.
fn told(earlier: &[(&Version, Vec<Block>)], version: &Version, blocks: &[Block]) -> String {
    let Some((_, before)) = earlier.last() else {
        return blocks.iter().map(|block| block.text.as_str()).collect();
    };
    if let Some((same, _)) = earlier.iter().rfind(|(known, _)| essence(known) == essence(version)) {
        return format!("  the same as `{}`\n", same.label);
    }
    if before == blocks {
        return "  nothing here; see the readings\n".to_string();
    }
    let has = |blocks: &[Block], name: &str| blocks.iter().any(|block| block.name == name);
    let mut text = String::new();
    for block in blocks.iter().filter(|block| !before.contains(block)) {
        // Caps stand close together, set apart from what comes before them.
        let is_first_cap = block.is_cap() && !text.contains("\ncap penalties");
        text.push_str(if is_first_cap { "\n" } else { "" });
        text.push_str(&block.text);
    }
    for block in before.iter().filter(|block| !block.text.trim().is_empty() && !has(blocks, &block.name)) {
        text.push_str(&format!("\nno longer: {}\n", block.name));
    }
    text
}

/// What a version says, wherever it is written and whatever it is called.
fn essence(version: &Version) -> Value {
    let mut value = serde_json::to_value(version).unwrap_or_default();
    if let Value::Object(map) = &mut value {
        map.retain(|key, _| !["label", "first_day", "amendments"].contains(&key.as_str()));
    }
    without_places(&mut value);
    value
}

fn without_places(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.shift_remove("at");
            map.values_mut().for_each(without_places);
        }
        Value::Array(list) => list.iter_mut().for_each(without_places),
        _ => {}
    }
}

fn blocks(agreement: &Agreement, version: &Version) -> Vec<Block> {
    let mut blocks = Vec::new();
    for fee in &version.fees {
        let of = fee.service.as_ref().map_or(String::new(), |service| format!(" of {service}"));
        let owed = fee.rate.as_ref().map_or("from charges".to_string(), |rate| {
            format!("{} per {}", in_words(&rate.amount, agreement.currency), rate.per.word())
        });
        let text = format!("  fee{of} {owed}{}\n", mark(&fee.place));
        blocks.push(Block::new(format!("fee{of}"), text));
    }
    blocks.push(Block::new("priorities", priorities(version)));
    let metrics = version.metrics.iter();
    blocks.extend(metrics.map(|metric| Block::new(format!("metric {}", metric.name), self::metric(metric))));
    let tiers = version.tiers.iter();
    blocks.extend(tiers.map(|tier| Block::new(format!("tier {}", tier.name), self::tier(version, tier))));
    let escalations = version.escalations.iter();
    blocks.extend(escalations.map(|escalation| Block::new(&escalation.place.words, self::escalation(escalation))));
    for closed in &version.closed {
        let words = &closed.place.words;
        let announced =
            closed.announced_ms.map_or(String::new(), |before| format!(" if announced {} before", spell(before)));
        let text = format!("\n{words}: no clock counts{announced}{}\n", times(closed, agreement.zone));
        blocks.push(Block::new(words, text));
    }
    let exclusions =
        version.exclusions.iter().chain(&version.outage_exclusions).map(|exclusion| &exclusion.place.words);
    blocks.extend(exclusions.map(|words| Block::new(words, format!("\n{words}\n"))));
    blocks.extend(version.services.iter().filter_map(service));
    blocks.extend(version.clauses.iter().map(clause));
    blocks.extend(version.ladders.iter().map(ladder));
    blocks.extend(caps(version));
    blocks.extend(version.suppliers.iter().map(supplier));
    blocks
}

fn supplier(supplier: &Supplier) -> Block {
    let Supplier { name, place, covers, lead, recover_place, agreement, .. } = supplier;
    let covers = covers.as_ref().map_or(String::new(), |when| format!(" when {}", when.words));
    let lead = lead.as_ref().map_or(String::new(), |lead| format!("  lead {}, which is not proved\n", percent(lead)));
    let own_agreement = "recover what its own agreement yields";
    let pays = recover_place.as_ref().map_or(own_agreement, |place| &place.words);
    let own = format!("its agreement {} in {}, hash {}", agreement.name, agreement.file, agreement.policy_sha256);
    let text = format!("\nsupplier {name}{}\n  covers tickets{covers}\n{lead}  {pays}\n  {own}\n", mark(place));
    Block::new(format!("supplier {name}"), text)
}

fn escalation(escalation: &Escalation) -> String {
    let mut text = format!("\n{}{}\n", escalation.place.words, mark_unless_said(&escalation.place));
    for step in &escalation.steps {
        let when = step.when.as_ref().map_or(String::new(), |when| format!(" when {}", when.words));
        let actions = step.actions.iter().map(|action| format!("{} {:?}", action.action, action.text));
        text.push_str(&format!("  {}{when}: {}\n", step.words, actions.collect::<Vec<_>>().join(", ")));
    }
    text
}

fn times(closed: &Closed, zone: chrono_tz::Tz) -> String {
    let wall =
        |time: &ClosedTime| format!("{} to {}", time.interval().start.wall(zone), time.interval().end.wall(zone));
    match closed.times.as_slice() {
        [only] if only.is_windowless() => ", whenever it is".to_string(),
        [] => ", at no time that the agreement holds".to_string(),
        [only] => format!(", {}", wall(only)),
        [first, ..] => format!(", {} times, first {}", closed.times.len(), wall(first)),
    }
}

fn priorities(version: &Version) -> String {
    let place = version.priorities.place.as_ref().map_or(String::new(), mark);
    let names = version.priorities.names.join(", ");
    match &version.priorities.by {
        PriorityBy::Nothing => String::new(),
        PriorityBy::Field(_) => format!("\npriorities{place}: the ticket's own field, strictest first: {names}\n"),
        PriorityBy::By(call) => format!("\npriorities{place}: by {}, strictest first: {names}\n", call.words),
        PriorityBy::Rules(rules) => {
            let lines = rules.iter().map(|(id, when, place)| {
                let name = version.priority(Some(*id)).unwrap_or_default();
                let when = when.as_ref().map_or("otherwise".to_string(), |when| format!("when {}", when.words));
                format!("  {name}{} {when}\n", mark(place))
            });
            format!("\npriorities{place}, the first that holds\n{}", lines.collect::<String>())
        }
    }
}

fn metric(metric: &Metric) -> String {
    let mut text = format!("\nmetric {}{}\n", metric.name, mark(&metric.place));
    let first = if metric.starts.all { "the last of " } else { "" };
    text.push_str(&format!("  starts on {first}{}\n", triggers(&metric.starts.on)));
    text.push_str(&format!("  stops on {}\n", triggers(&metric.stops)));
    for (despite, what) in [(metric.despite_maintenance, "maintenance"), (metric.despite_exclusions, "exclusions")] {
        if despite {
            text.push_str(&format!("  counts despite {what}\n"));
        }
    }
    for pause in &metric.pauses {
        text.push_str(&format!("  {}\n", pause.place.words));
    }
    for cancel in &metric.cancels {
        match cancel {
            Cancel::On(trigger) => text.push_str(&format!("  cancels on {}\n", trigger.name)),
            Cancel::When(condition, _) => text.push_str(&format!("  cancels when {}\n", condition.words)),
        }
    }
    if let Some(reopen) = &metric.reopens {
        text.push_str(&format!("  reopens on {} (see the readings)\n", triggers(&reopen.on)));
    }
    if let Some(repeat) = &metric.repeats {
        let from = if repeat.from_the_stop { " from the stop" } else { "" };
        let until = if repeat.until.is_empty() { String::new() } else { format!(" until {}", triggers(&repeat.until)) };
        text.push_str(&format!("  repeats{from}{until}\n"));
    }
    if let Some(target) = &metric.target {
        text.push_str(&format!("  target {}\n", target.words));
    }
    text
}

fn triggers(triggers: &[Trigger]) -> String {
    let words = triggers.iter().map(|trigger| match &trigger.when {
        None => trigger.name.clone(),
        Some(when) => format!("{} when {}", trigger.name, when.words),
    });
    words.collect::<Vec<_>>().join(", ")
}

fn tier(version: &Version, tier: &Tier) -> String {
    let when = tier.when.as_ref().map_or("everyone left".to_string(), |when| format!("when {}", when.words));
    let mut text = format!("\ntier {}{}: {when}\n", tier.name, mark(&tier.place));
    let own = |place: &Place| if place.mark == tier.place.mark { String::new() } else { mark(place) };
    text.extend(tier.hours_place.iter().map(|place| format!("  {}\n", place.words)));
    for targets in &tier.targets {
        text.push_str(&format!("  {}{}\n", target_line(version, targets), own(&targets.place)));
    }
    for promise in &tier.promises {
        let metric = version.metrics.get(usize::from(promise.metric.0)).map_or("", |metric| &metric.name);
        let (share, per) = (percent(&promise.share), promise.per.words());
        text.push_str(&format!("  promise {share} of {metric} per {per}{}\n", own(&promise.place)));
    }
    text
}

fn target_line(version: &Version, targets: &TargetTable) -> String {
    let metric = version.metrics.get(usize::from(targets.metric.0)).map_or("", |metric| &metric.name);
    let mut entries: Vec<String> = Vec::new();
    for (id, target) in &targets.by_priority {
        let priority = version.priority(Some(*id)).unwrap_or_default();
        entries.push(format!("{priority} {}", target.as_ref().map_or("none", |target| &target.words)));
    }
    entries.extend(targets.any.iter().map(|target| format!("any {}", target.words)));
    format!("{metric}: {}", entries.join(", "))
}

/// How the availability of a service is measured, where the agreement says so.
fn service(service: &Service) -> Option<Block> {
    let place = service.place.as_ref()?;
    let name = format!("availability of {}", service.name);
    let lines: String = service.lines.iter().map(|line| format!("  {line}\n")).collect();
    let text = format!("\n{name}{}\n{lines}", mark(place));
    Some(Block::new(name, text))
}

fn clause(clause: &Clause) -> Block {
    let kind = match clause.kind {
        ClauseKind::Penalty => "penalty",
        ClauseKind::Incentive => "incentive",
    };
    let name = format!("{kind} {}", clause.name);
    let mut text = format!("\n{name}{}\n", mark(&clause.place));
    for line in &clause.lines {
        text.push_str(&format!("  {line}\n"));
    }
    if let Subject::Figure { bands, .. } = &clause.subject
        && bands.iter().all(|band| band.bounds.len() == 1)
        && bands.len() > 1
    {
        text.push_str("  (of these rows the narrowest that holds applies, alone)\n");
    }
    Block::new(name, text)
}

fn ladder(ladder: &Ladder) -> Block {
    let mut text = format!("\n{}{}\n", ladder.place.words, mark_unless_said(&ladder.place));
    ladder.rungs.iter().for_each(|rung| text.push_str(&format!("  {}\n", rung.place.words)));
    Block::new(format!("consequences of {}", ladder.of), text)
}

/// Until when claims are made, and caps over all penalties; the first is set apart from the clauses.
fn caps(version: &Version) -> Vec<Block> {
    let claim = version
        .claim
        .iter()
        .map(|claim| Block::new("claim", format!("{}{}\n", claim.place.words, mark_unless_said(&claim.place))));
    let line = |place: &Place| format!("{}{}\n", place.words, mark_unless_said(place));
    let caps =
        version.caps.iter().map(|cap| Block::new(format!("cap penalties per {}", cap.per.words()), line(&cap.place)));
    let above = version.pay_only_above.iter().map(|threshold| Block::new("pay only", line(&threshold.place)));
    let least = version.raise_to.iter().map(|threshold| Block::new("raise", line(&threshold.place)));
    let apart = !version.caps.is_empty() || version.claim.is_some() || version.rounding.is_some();
    let gap = apart.then(|| Block::new("money", "\n"));
    gap.into_iter().chain(claim).chain(caps).chain(above).chain(least).collect()
}

fn mark(place: &Place) -> String {
    place.mark.as_ref().map_or(String::new(), |mark| format!(" {mark}"))
}

fn mark_unless_said(place: &Place) -> String {
    if place.words.contains('§') { String::new() } else { mark(place) }
}
