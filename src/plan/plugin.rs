//! A plugin's call as a plan has it: the plugin, what it may use up, what it is given.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::plugin::context::{Argument, Field};
use crate::plugin::{Kind, Limits, Plugin};

use crate::ticket::{Names, Symbol};

use super::clause::{Amount, NamedField};

/// A plugin that an agreement calls; as JSON it is the hash.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Called {
    /// The hash of its file, in hexadecimal digits.
    pub sha256: String,
    /// What it is asked.
    #[serde(skip)]
    pub kinds: BTreeSet<Kind>,
}

/// `by fair_credit(weight: 1.5, floor: 50 EUR)`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PluginCall {
    /// The name that the agreement has for the plugin.
    pub name: String,
    /// What it is asked.
    pub kind: Kind,
    /// The hash of its file, in hexadecimal digits.
    pub sha256: String,
    /// What a call may use up.
    pub limits: Limits,
    /// What the agreement hands over.
    pub arguments: Vec<Argument>,
    /// The fields of tickets and outages that it is told.
    #[serde(skip)]
    pub fields: Vec<NamedField>,
    /// What is owed where it fails; none: the settlement stops.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<Box<Amount>>,
    /// As written.
    pub words: String,
    /// The plugin itself.
    #[serde(skip)]
    pub plugin: Plugin,
}

impl PluginCall {
    /// The fields of a ticket or outage that the plugin is told, by name; those without a value are left out.
    pub fn told_fields(&self, values: &[Option<Symbol>], names: &Names) -> Vec<Field> {
        let value = |field: &NamedField| values.get(usize::from(field.id.0)).copied().flatten();
        let told = self.fields.iter().filter_map(|field| {
            let value = names.text(value(field)?).to_string();
            Some(Field { name: field.name.clone(), value })
        });
        told.collect()
    }
}
