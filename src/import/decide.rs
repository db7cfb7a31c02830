//! Which metrics of an agreement an export can decide, and on which assumptions.

use std::collections::BTreeSet;

use crate::plan::condition::{Condition, Operand, Test};
use crate::plan::metric::{Cancel, Metric, PauseWhen, Trigger};
use crate::plan::source::Source;
use crate::plan::{Agreement, PriorityBy, Version};
use crate::ticket::Vocabulary;

use super::check::{self, Survey};

/// What an export says of one metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The agreement.
    pub agreement: String,
    /// The metric.
    pub metric: String,
    /// What it lacks; empty: it can be decided.
    pub lacks: Vec<String>,
    /// What is assumed; empty: nothing is.
    pub assumes: Vec<String>,
}

/// What the source tells, and how often.
struct Told<'a> {
    source: &'a Source,
    survey: &'a Survey,
}

/// What a metric needs by name, with what for.
#[derive(Default)]
struct Needs {
    /// Events without which no clock starts or stops.
    events: BTreeSet<String>,
    /// Events and fields without which it is told, but not all of it: the name, and what is not seen.
    more_events: BTreeSet<(String, &'static str)>,
    more_fields: BTreeSet<(String, &'static str)>,
    /// Fields without which starts, stops or targets are unknown.
    fields: BTreeSet<String>,
    /// Plugins that are asked, which may look at any field.
    plugins: BTreeSet<String>,
}

/// The metrics of an agreement, by version those of the first that has it.
pub fn decisions(agreement: &Agreement, vocabulary: &Vocabulary, source: &Source, survey: &Survey) -> Vec<Decision> {
    let told = Told { source, survey };
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for version in &agreement.versions {
        for metric in version.metrics.iter().filter(|metric| seen.insert(metric.name.clone())) {
            let needs = needs(agreement, version, metric, vocabulary);
            found.push(told.decision(&agreement.name, &metric.name, &needs));
        }
    }
    found
}

impl Told<'_> {
    fn decision(&self, agreement: &str, metric: &str, needs: &Needs) -> Decision {
        let mut decision = Decision {
            agreement: agreement.to_string(),
            metric: metric.to_string(),
            lacks: Vec::new(),
            assumes: Vec::new(),
        };
        for event in &needs.events {
            match self.count(event) {
                None => decision.lacks.push(format!("the source tells no `{event}`")),
                Some(0) => decision.assumes.push(format!("`{event}` never happens in this file")),
                Some(_) => {}
            }
        }
        for field in &needs.fields {
            match self.survey.fields.get(field) {
                None => decision.lacks.push(format!("the source has no field `{field}`")),
                Some(0) => decision.lacks.push(format!("field `{field}` has no value in this file")),
                Some(count) if *count < self.survey.tickets as u64 => {
                    let without = self.survey.tickets as u64 - count;
                    decision.assumes.push(format!("field `{field}` has no value on {without} tickets"));
                }
                Some(_) => {}
            }
        }
        for (event, unseen) in &needs.more_events {
            match self.count(event) {
                None => decision.assumes.push(format!("{unseen}: the source tells no `{event}`")),
                Some(0) => decision.assumes.push(format!("{unseen}: `{event}` never happens in this file")),
                Some(_) => {}
            }
        }
        for (field, unseen) in &needs.more_fields {
            match self.survey.fields.get(field) {
                None => decision.assumes.push(format!("{unseen}: the source has no field `{field}`")),
                Some(0) => decision.assumes.push(format!("{unseen}: field `{field}` has no value in this file")),
                Some(_) if self.survey.is_whole => {
                    decision.assumes.push(format!("{unseen}: one row per ticket shows `{field}` as it was last"));
                }
                Some(_) => {}
            }
        }
        let plugins = needs.plugins.iter();
        decision
            .assumes
            .extend(plugins.map(|name| format!("the plugin `{name}` gets by with the fields of this file")));
        decision
    }

    /// How often an event happens; none: the source cannot tell it.
    fn count(&self, event: &str) -> Option<u64> {
        let known = self.survey.events.get(event).copied().filter(|_| event != "created" || self.tells_creation());
        known.or_else(|| check::keeps_words(self.source).then_some(1))
    }

    fn tells_creation(&self) -> bool {
        0 < self.survey.events.get("created").copied().unwrap_or(0)
    }
}

fn needs(agreement: &Agreement, version: &Version, metric: &Metric, vocabulary: &Vocabulary) -> Needs {
    let mut needs = Needs::default();
    let names = |condition: &Condition| fields(&condition.test, vocabulary);
    for trigger in metric.starts.on.iter().chain(&metric.stops) {
        needs.events.insert(trigger.name.clone());
        needs.fields.extend(trigger.when.iter().flat_map(names));
    }
    for pause in &metric.pauses {
        match &pause.when {
            PauseWhen::Holds(condition) => {
                needs.more_fields.extend(names(condition).into_iter().map(|field| (field, "no pause is seen")));
            }
            PauseWhen::By(call) => {
                needs.plugins.insert(call.name.clone());
            }
        }
        let ends = pause.until.iter().chain(&pause.only_after);
        needs.more_events.extend(ends.map(|event| (event.name.clone(), "pauses are not bounded")));
    }
    let reopens = metric.reopens.iter().flat_map(|reopen| &reopen.on);
    needs.more_events.extend(reopens.map(|event: &Trigger| (event.name.clone(), "no reopening is seen")));
    for cancel in &metric.cancels {
        match cancel {
            Cancel::On(event) => {
                needs.more_events.insert((event.name.clone(), "no cancellation is seen"));
            }
            Cancel::When(condition, _) => {
                needs.more_fields.extend(names(condition).into_iter().map(|field| (field, "no cancellation is seen")));
            }
        }
    }
    needs.fields.extend(agreement.applies.iter().flat_map(names));
    needs.fields.extend(version.tiers.iter().filter_map(|tier| tier.when.as_ref()).flat_map(names));
    match &version.priorities.by {
        PriorityBy::Nothing => {}
        PriorityBy::Field(field) => {
            needs.fields.insert(vocabulary.field_name(*field).to_string());
        }
        PriorityBy::By(call) => {
            needs.plugins.insert(call.name.clone());
        }
        PriorityBy::Rules(rules) => {
            needs.fields.extend(rules.iter().filter_map(|(_, condition, _)| condition.as_ref()).flat_map(names));
        }
    }
    needs
}

/// The fields that a condition looks at.
fn fields(test: &Test, vocabulary: &Vocabulary) -> Vec<String> {
    match test {
        Test::In(operand, _)
        | Test::NotIn(operand, _)
        | Test::Compare(operand, ..)
        | Test::Present(operand)
        | Test::Absent(operand) => match operand {
            Operand::Field(field) => vec![vocabulary.field_name(*field).to_string()],
            Operand::Priority | Operand::Tier => Vec::new(),
        },
        Test::All(tests) | Test::Any(tests) => tests.iter().flat_map(|test| fields(test, vocabulary)).collect(),
        Test::Not(inner) => fields(inner, vocabulary),
    }
}
