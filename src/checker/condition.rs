//! Conditions: fields that exist, values that can occur.

use crate::ast::{Condition, Name, Tested, Trigger};

use super::{Checker, Known};

/// Which names a condition may use besides fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sees {
    /// Fields only: priority and tier are not known yet.
    Fields,
    /// Fields and the priority.
    Priority,
    /// Fields, priority and tier.
    All,
}

impl Checker {
    pub(super) fn condition(&mut self, known: &Known<'_>, condition: &Condition, sees: Sees) {
        match &condition.test {
            Tested::In(name, values) | Tested::NotIn(name, values) => {
                self.operand(known, name, sees);
                for value in values {
                    self.value(known, name, value, sees);
                }
            }
            Tested::Compare(name, ..) | Tested::Present(name) | Tested::Absent(name) => {
                self.operand(known, name, sees);
            }
            Tested::All(conditions) | Tested::Any(conditions) => {
                conditions.iter().for_each(|condition| self.condition(known, condition, sees));
            }
            Tested::Not(condition) => self.condition(known, condition, sees),
            Tested::By(call) => {
                let help = "ask it for the whole of a pause: `pauses while PLUGIN(…)`";
                self.error("plugin_does_not_fit", call.span, "no plugin can be a part of a condition", help);
            }
        }
    }

    fn operand(&mut self, known: &Known<'_>, name: &Name, sees: Sees) {
        let built_in = builtin(&name.value, sees);
        self.reads.field(&name.value);
        if !built_in && !known.fields.contains_key(&name.value) {
            let fields = known.fields.keys().map(String::as_str);
            self.unknown(
                "field",
                name,
                fields.chain(["priority", "tier"].into_iter().filter(|name| builtin(name, sees))),
            );
        }
    }

    /// A value that nothing can produce is not wrong, but never holds.
    fn value(&mut self, known: &Known<'_>, name: &Name, value: &Name, sees: Sees) {
        let listed: Vec<&str> = if builtin(&name.value, sees) {
            match name.value.as_str() {
                "priority" => known.priorities.clone(),
                _ => known.tiers.iter().map(|tier| tier.name.value.as_str()).collect(),
            }
        } else {
            match known.fields.get(&name.value) {
                Some(Some(values)) => values.iter().map(String::as_str).collect(),
                _ => return,
            }
        };
        if listed.contains(&value.value.as_str()) {
            return;
        }
        if builtin(&name.value, sees) {
            match name.value.as_str() {
                "priority" => self.unknown_priority(known, value),
                tier => self.unknown(tier, value, listed),
            }
            return;
        }
        let message = format!("`{}` is never `{}`", name.value, value.value);
        let help = format!("it can be {}", listed.join(", "));
        self.warning("impossible_value", value.span, message, help);
    }

    /// A priority that is not declared. A field of this name says what rows hold, and not which value is the stricter.
    pub(super) fn unknown_priority(&mut self, known: &Known<'_>, name: &Name) {
        if !known.priorities.is_empty() {
            return self.unknown("priority", name, known.priorities.iter().copied());
        }
        let help = match known.fields.get("priority") {
            Some(Some(values)) => {
                let values = values.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
                format!("say which is stricter than which, the strictest first: `priority {{ {values} }}`")
            }
            Some(None) => "say which there are, the strictest first: `priority { P1, P2 }`".to_string(),
            None => "say which there are: `priority { P1 when impact is high  P2 otherwise }`".to_string(),
        };
        let message = format!("there is no priority `{}`: this agreement declares none", name.value);
        self.error("unknown_name", name.span, message, help);
    }

    pub(super) fn triggers(&mut self, known: &Known<'_>, triggers: &[Trigger]) {
        for trigger in triggers {
            let told = known.events.as_ref().is_none_or(|events| events.contains(&trigger.event.value));
            if !told {
                let events = known.events.iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ");
                let message = format!("no row of the source tells the event `{}`", trigger.event.value);
                self.warning("unknown_event", trigger.event.span, message, format!("it tells {events}"));
            }
            if let Some(condition) = &trigger.when {
                self.condition(known, condition, Sees::All);
            }
        }
    }
}

/// Whether a name stands for the priority or tier that the agreement gives, and not for a field.
pub(super) fn builtin(name: &str, sees: Sees) -> bool {
    match name {
        "priority" => sees != Sees::Fields,
        "tier" => sees == Sees::All,
        _ => false,
    }
}
