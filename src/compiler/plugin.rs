//! Calls of plugins.

use std::collections::BTreeMap;

use crate::ast::{self, ArgumentValue, PluginLine};
use crate::checker::Known;
use crate::money;
use crate::plan::clause::{Amount, NamedField};
use crate::plan::plugin::{Called, PluginCall};
use crate::plugin::context::{self, Argument, ArgumentType};
use crate::plugin::{Kind, Limits};
use crate::resolver::{self, Root};

use super::Compiler;

/// The plugins that an agreement can call, and which of them it does.
#[derive(Default)]
pub(super) struct Calls {
    declared: Vec<resolver::Plugin>,
    /// The fields that its sources tell.
    fields: Vec<String>,
    /// Those that are called, by name.
    pub called: BTreeMap<String, Called>,
}

impl Calls {
    pub fn of(root: &Root, agreement: &resolver::Agreement) -> Calls {
        if root.scope.plugins.is_empty() {
            return Calls::default();
        }
        let fields = agreement.versions().flat_map(|version| Known::new(root, version).fields.into_keys());
        let mut fields: Vec<String> = fields.collect();
        fields.sort_unstable();
        fields.dedup();
        Calls { declared: root.scope.plugins.clone(), fields, called: BTreeMap::new() }
    }
}

impl Compiler<'_> {
    /// A call; none where its plugin could not be compiled, which was told.
    pub(super) fn call(
        &mut self,
        call: &ast::PluginCall,
        kind: Kind,
        on_failure: Option<Amount>,
    ) -> Option<PluginCall> {
        let known = self.calls.declared.iter().find(|plugin| plugin.declared.name.value == call.plugin.value)?;
        let plugin = known.compiled.clone()?;
        let limits = limits(&known.declared);
        let name = call.plugin.value.clone();
        let sha256 = plugin.sha256().to_string();
        let called = self.calls.called.entry(name.clone()).or_default();
        called.sha256.clone_from(&sha256);
        called.kinds.insert(kind);
        let names = self.calls.fields.clone();
        let fields = names.into_iter().map(|name| NamedField { id: self.plan.vocabulary.field(&name), name }).collect();
        let arguments = call.arguments.iter().map(|(name, value)| argument(&name.value, &value.value)).collect();
        let (on_failure, words) = (on_failure.map(Box::new), self.words(call.span));
        Some(PluginCall { name, kind, sha256, limits, arguments, fields, on_failure, words, plugin })
    }
}

fn limits(declared: &ast::Plugin) -> Limits {
    let mut limits = Limits::default();
    for line in &declared.lines {
        match &line.value {
            PluginLine::Fuel(fuel) => limits.fuel = fuel.value.unsigned_abs(),
            PluginLine::Memory(bytes) => limits.memory = bytes.value,
            PluginLine::Deadline(time) => limits.deadline = time.value,
            PluginLine::Sha256(_) | PluginLine::Kind(_) | PluginLine::Takes(_) => {}
        }
    }
    limits
}

fn argument(name: &str, value: &ArgumentValue) -> Argument {
    let (kind, value) = match value {
        ArgumentValue::Number(number) => (ArgumentType::Number, context::decimal(number)),
        ArgumentValue::Money(money) => {
            (ArgumentType::Money, format!("{} {}", money::exact(&money.amount), money.currency.value))
        }
        ArgumentValue::Duration(millis) => (ArgumentType::Duration, millis.to_string()),
        ArgumentValue::Text(text) => (ArgumentType::Text, text.clone()),
    };
    Argument { name: name.to_string(), kind, value }
}
