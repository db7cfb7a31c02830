//! Plugins: where they come from, what they may use up, and calls of them.

use crate::ast::{ArgumentValue, Name, Plugin, PluginCall, PluginLine};
use crate::source::Spanned;

use super::super::grammar::Rule;
use super::super::node::Node;
use super::{Lower, P, body};

impl Lower<'_> {
    pub(super) fn plugin(&mut self, node: &Node<'_>) -> Option<Plugin> {
        let lines = body(node).iter().filter_map(|line| {
            let value = self.limit(&line.pair)?;
            Some(Spanned::new(value, self.node_span(line)))
        });
        let lines = lines.collect();
        let (name, path) = (self.name_in(&node.pair)?, self.text_of(&self.first(&node.pair, Rule::text)?));
        Some(Plugin { name, path, lines, span: self.node_span(node) })
    }

    fn limit(&mut self, pair: &P<'_>) -> Option<PluginLine> {
        Some(match self.only(pair)?.as_rule() {
            Rule::k_fuel => PluginLine::Fuel(self.int(&self.first(pair, Rule::int)?)),
            Rule::k_memory => {
                let size = self.first(pair, Rule::size)?;
                PluginLine::Memory(Spanned::new(self.bytes(&size), self.span(&size)))
            }
            Rule::k_deadline => PluginLine::Deadline(self.duration_in(pair)?),
            Rule::k_sha256 => PluginLine::Sha256(self.text_of(&self.first(pair, Rule::text)?)),
            Rule::k_kind => PluginLine::Kind(self.name_in(pair)?),
            _ => PluginLine::Takes(
                self.all(pair, Rule::parameter).iter().filter_map(|one| self.parameter(one)).collect(),
            ),
        })
    }

    fn parameter(&self, pair: &P<'_>) -> Option<(Name, Name)> {
        let mut names = self.names_in(pair).into_iter();
        Some((names.next()?, names.next()?))
    }

    /// `16 MiB` in bytes.
    fn bytes(&mut self, pair: &P<'_>) -> u64 {
        let digits: String = pair.as_str().chars().filter(char::is_ascii_digit).collect();
        let unit = match pair.as_str().trim_start_matches(|letter: char| !letter.is_ascii_alphabetic()).trim() {
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            _ => 1_u64 << 30,
        };
        let bytes = digits.parse::<u64>().ok().and_then(|count| count.checked_mul(unit));
        bytes.unwrap_or_else(|| {
            self.error("bad_number", pair, "no machine has so much memory", "write a smaller size");
            0
        })
    }

    /// The call in `by PLUGIN(…)`.
    pub(super) fn call_in(&mut self, pair: &P<'_>) -> Option<PluginCall> {
        self.call(&self.first(pair, Rule::plugin_call)?)
    }

    pub(super) fn call(&mut self, pair: &P<'_>) -> Option<PluginCall> {
        let arguments = self.all(pair, Rule::argument);
        let arguments = arguments.iter().filter_map(|argument| self.argument(argument)).collect();
        Some(PluginCall { plugin: self.name_in(pair)?, arguments, span: self.span(pair) })
    }

    fn argument(&mut self, pair: &P<'_>) -> Option<(Name, Spanned<ArgumentValue>)> {
        let value = self.only(&self.first(pair, Rule::argument_value)?)?;
        let said = match value.as_rule() {
            Rule::money => ArgumentValue::Money(self.money(&value)?),
            Rule::percentage => ArgumentValue::Number(self.percentage(&value)),
            Rule::duration => ArgumentValue::Duration(self.duration(&value).0),
            Rule::fraction => ArgumentValue::Number(self.fraction(&value)),
            Rule::number => ArgumentValue::Number(self.number(&value)),
            _ => ArgumentValue::Text(self.value(&value).value),
        };
        Some((self.name_in(pair)?, self.spanned(said, &value)))
    }
}
