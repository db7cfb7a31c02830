//! Plugins: limits that make sense, kinds that fit where they are called, arguments that they take.

use std::collections::BTreeSet;

use crate::ast::{Amount, AmountKind, ArgumentValue, Clause, ClauseLine, Measure, Name, PluginCall, PluginLine};
use crate::diagnostic::Diagnostic;
use crate::plugin::Kind;
use crate::plugin::context::ArgumentType;
use crate::resolver;
use crate::source::Spanned;

use super::{Checker, Known};

const TYPES: [ArgumentType; 4] =
    [ArgumentType::Number, ArgumentType::Money, ArgumentType::Duration, ArgumentType::Text];

impl Checker {
    /// What a declaration says of its own.
    pub(super) fn plugin(&mut self, plugin: &resolver::Plugin) {
        let lines = &plugin.declared.lines;
        lines.iter().for_each(|line| self.limit(&line.value));
        self.each_kind_once(lines, "this plugin says so twice");
        if let Some(compiled) = &plugin.compiled {
            lines.iter().for_each(|line| self.declared_kind(&line.value, &compiled.kinds()));
        }
    }

    fn limit(&mut self, line: &PluginLine) {
        match line {
            PluginLine::Fuel(fuel) if fuel.value == 0 => self.no_limit(fuel),
            PluginLine::Deadline(deadline) if deadline.value == 0 => self.no_limit(deadline),
            PluginLine::Memory(memory) if memory.value == 0 => self.no_limit(memory),
            PluginLine::Takes(parameters) => {
                for (_, kind) in parameters {
                    if argument_type(kind).is_none() {
                        self.unknown("kind of argument", kind, TYPES.map(ArgumentType::word));
                    }
                }
                self.each_once(parameters.iter().map(|(name, _)| name));
            }
            _ => {}
        }
    }

    fn no_limit<T>(&mut self, limit: &Spanned<T>) {
        let help = "write how much it may use up, or take the line out";
        self.error("bad_number", limit.span, "with nothing at all no plugin can answer", help);
    }

    fn declared_kind(&mut self, line: &PluginLine, kinds: &[Kind]) {
        let PluginLine::Kind(said) = line else { return };
        match Kind::ALL.into_iter().find(|kind| kind.word() == said.value) {
            None => self.unknown("kind of plugin", said, Kind::ALL.map(Kind::word)),
            Some(kind) if !kinds.contains(&kind) => {
                let message = format!("this file is no plugin of kind `{}`", kind.word());
                self.error("plugin_does_not_fit", said.span, message, is_of(kinds));
            }
            Some(_) => {}
        }
    }

    /// An amount by a plugin; a cap has none, for nothing is asked there.
    pub(super) fn credit_by(&mut self, known: &Known<'_>, call: &PluginCall, clause: Option<&Clause>) {
        if clause.is_none() {
            let help = "write a share of the fee, such as `10% of fee`";
            self.error("amount_does_not_fit", call.span, "a cap is agreed, and not worked out by a plugin", help);
        }
        self.call(known, call, Kind::Credit);
    }

    /// What is owed where a plugin fails must not depend on one.
    pub(super) fn on_failure(&mut self, known: &Known<'_>, clause: &Clause, amount: &Amount) {
        self.amount(known, amount, Some(clause));
        if asks(amount) {
            let help = "write an amount that the agreement knows, such as `credit 5% of fee`";
            self.error("amount_does_not_fit", amount.span, "this, too, would be worked out by a plugin", help);
        }
        let measured = clause.lines.iter().find_map(|line| match &line.value {
            ClauseLine::Per(_, measure, ..) => asked_figure(measure).map(|call| call.span),
            _ => None,
        });
        if let Some(span) = measured {
            // A figure has no amount that could take its place; the clause would still stop, and must not say otherwise.
            self.later_words("`on failure` beside a figure by a plugin", span);
        } else if !clause.lines.iter().filter_map(|line| line.value.amount()).any(asks) {
            let help = "take the line out, or let a plugin work the amount out: `credit by PLUGIN(…)`";
            self.warning("nothing_fails", amount.span, "this clause asks no plugin, so none can fail", help);
        }
    }

    /// A call fits its plugin: one that is declared, of this kind, with the arguments that it reads.
    pub(super) fn call(&mut self, known: &Known<'_>, call: &PluginCall, kind: Kind) {
        self.reads.all_fields(known);
        self.each_once(call.arguments.iter().map(|(name, _)| name));
        let Some(plugin) = known.scope.plugin(&call.plugin.value) else {
            let declared = known.scope.plugins.iter().map(|plugin| plugin.declared.name.value.as_str());
            return self.unknown("plugin", &call.plugin, declared);
        };
        let Some(compiled) = &plugin.compiled else { return };
        let kinds = compiled.kinds();
        if !kinds.contains(&kind) {
            let message = format!("`{}` is no plugin of kind `{}`", call.plugin.value, kind.word());
            let fault = Diagnostic::error("plugin_does_not_fit", call.span, message);
            let fault = fault.label(plugin.declared.name.span, "declared here");
            return self.push(fault.help(format!(
                "{}; `{} …` asks for the kind `{}`",
                is_of(&kinds),
                kind.called(),
                kind.word()
            )));
        }
        let takes = plugin.declared.lines.iter().find_map(|line| match &line.value {
            PluginLine::Takes(parameters) => Some(parameters),
            _ => None,
        });
        match takes {
            Some(parameters) => self.takes(call, parameters),
            None => compiled.reads().iter().for_each(|reads| self.reads(call, reads)),
        }
    }

    /// The arguments are those that the declaration says, each of its kind.
    fn takes(&mut self, call: &PluginCall, parameters: &[(Name, Name)]) {
        for (name, value) in &call.arguments {
            let Some((_, kind)) = parameters.iter().find(|(known, _)| known.value == name.value) else {
                self.unknown("argument", name, parameters.iter().map(|(name, _)| name.value.as_str()));
                continue;
            };
            let given = type_of(&value.value);
            if argument_type(kind).is_some_and(|wanted| wanted != given) {
                let message = format!("`{}` is a {}, and this is a {}", name.value, kind.value, given.word());
                self.push(
                    Diagnostic::error("argument_does_not_fit", value.span, message)
                        .label(kind.span, "declared here")
                        .help(example(argument_type(kind).unwrap_or_default())),
                );
            }
        }
        self.all_given(call, &parameters.iter().map(|(name, _)| name.value.as_str()).collect::<Vec<_>>());
    }

    /// The arguments are those that the script reads.
    fn reads(&mut self, call: &PluginCall, reads: &BTreeSet<String>) {
        for (name, _) in &call.arguments {
            if !reads.contains(&name.value) {
                let message = format!("`{}` does not read the argument `{}`", call.plugin.value, name.value);
                let listed = if reads.is_empty() {
                    "it reads none".to_string()
                } else {
                    format!("it reads: {}", reads.iter().cloned().collect::<Vec<_>>().join(", "))
                };
                self.error("argument_does_not_fit", name.span, message, listed);
            }
        }
        self.all_given(call, &reads.iter().map(String::as_str).collect::<Vec<_>>());
    }

    /// What is not given; where something unknown is, that may be it, misspelt.
    fn all_given(&mut self, call: &PluginCall, wanted: &[&str]) {
        let is_given = |name: &str| call.arguments.iter().any(|(given, _)| given.value == name);
        if call.arguments.iter().any(|(given, _)| !wanted.contains(&given.value.as_str())) {
            return;
        }
        for name in wanted.iter().filter(|name| !is_given(name)) {
            let message = format!("`{}` reads the argument `{name}`, which is not given", call.plugin.value);
            let help = format!("add `{name}: …` to the call");
            self.error("argument_does_not_fit", call.span, message, help);
        }
    }

    fn each_once<'n>(&mut self, names: impl Iterator<Item = &'n Name>) {
        let mut seen: Vec<&Name> = Vec::new();
        for name in names {
            if let Some(first) = seen.iter().find(|first| first.value == name.value) {
                let fault = Diagnostic::error("said_twice", name.span, format!("`{}` is named twice", name.value));
                self.push(fault.label(first.span, "named here first").help("keep one of the two"));
            }
            seen.push(name);
        }
    }
}

/// The call that works a figure out, or a part of it.
fn asked_figure(measure: &Measure) -> Option<&PluginCall> {
    match measure {
        Measure::By(call) => Some(call),
        Measure::Over(_, _, of) => asked_figure(of),
        _ => None,
    }
}

/// Whether an amount is worked out by a plugin, or a part of it is.
fn asks(amount: &Amount) -> bool {
    match &amount.kind {
        AmountKind::By(_) => true,
        AmountKind::Greatest(all) | AmountKind::Least(all) | AmountKind::Sum(all) => all.iter().any(asks),
        _ => false,
    }
}

fn is_of(kinds: &[Kind]) -> String {
    let words = kinds.iter().map(|kind| format!("`{}`", kind.word())).collect::<Vec<_>>().join(" and ");
    format!("it is of kind {words}")
}

fn argument_type(name: &Name) -> Option<ArgumentType> {
    TYPES.into_iter().find(|kind| kind.word() == name.value)
}

fn type_of(value: &ArgumentValue) -> ArgumentType {
    match value {
        ArgumentValue::Number(_) => ArgumentType::Number,
        ArgumentValue::Money(_) => ArgumentType::Money,
        ArgumentValue::Duration(_) => ArgumentType::Duration,
        ArgumentValue::Text(_) => ArgumentType::Text,
    }
}

fn example(kind: ArgumentType) -> &'static str {
    match kind {
        ArgumentType::Number => "write a number or a percentage: `1.5`, `80%`",
        ArgumentType::Money => "write an amount: `50 EUR`",
        ArgumentType::Duration => "write how long: `4h`",
        ArgumentType::Text => "write a word or a text: `\"gold\"`",
    }
}
