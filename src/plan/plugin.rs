//! A plugin's call as a plan has it: the plugin, what it may use up, what it is given.

use serde::Serialize;

use crate::plugin::context::Argument;
use crate::plugin::{Kind, Limits, Plugin};

use super::clause::{Amount, NamedField};

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
