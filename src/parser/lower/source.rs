//! Sources.

use crate::ast::{CellIs, EventColumn, FieldColumn, InstantColumn, Mapping, Meaning, Source, SourceLine, Text};
use crate::source::Spanned;

use super::super::grammar::Rule;
use super::super::node::Node;
use super::{Lower, P, body};

impl Lower<'_> {
    pub(super) fn source(&mut self, node: &Node<'_>) -> Option<Source> {
        let name = self.name_in(&node.pair)?;
        let lines = body(node).iter().filter_map(|line| {
            let value = self.source_line(&line.pair)?;
            Some(Spanned::new(value, self.node_span(line)))
        });
        Some(Source { name, lines: lines.collect() })
    }

    fn source_line(&mut self, pair: &P<'_>) -> Option<SourceLine> {
        let text = |lower: &Self| lower.first(pair, Rule::text).map(|text| lower.text_of(&text));
        Some(match pair.as_rule() {
            Rule::format_line => SourceLine::Format(self.name_in(pair)?),
            Rule::separator_line => SourceLine::Separator(text(self)?),
            Rule::rows_line => SourceLine::RowsFrom(text(self)?),
            Rule::one_row_line => SourceLine::OneRowPer(self.name_in(pair)?),
            Rule::snapshot_line => SourceLine::Snapshot,
            Rule::unordered_line => SourceLine::Unordered,
            Rule::ticket_line => SourceLine::Ticket(text(self)?),
            Rule::at_line => SourceLine::At(self.instant_column_in(pair)?),
            Rule::event_line => SourceLine::Event(EventColumn {
                column: text(self)?,
                when: self.cells_in(pair),
                values: self.mappings_in(pair),
            }),
            Rule::event_at_line => SourceLine::EventAt(self.name_in(pair)?, self.instant_column_in(pair)?),
            Rule::first_row_line => SourceLine::FirstRow(self.name_in(pair)?),
            Rule::field_line => SourceLine::Field(FieldColumn {
                name: self.name_in(pair)?,
                column: text(self)?,
                when: self.cells_in(pair),
                was: self.other_column(pair, Rule::column_was),
                now: self.other_column(pair, Rule::column_now),
                values: self.mappings_in(pair),
            }),
            Rule::missing_line => SourceLine::Missing(self.texts(pair)),
            Rule::service_line => SourceLine::Service(text(self)?, self.mappings_in(pair)),
            Rule::from_line => SourceLine::From(self.instant_column_in(pair)?),
            Rule::to_line => SourceLine::To(self.instant_column_in(pair)?),
            Rule::clause_column => SourceLine::Clause(text(self)?),
            Rule::charge_line if self.has(pair, Rule::k_period) => SourceLine::Period(text(self)?),
            Rule::charge_line if self.has(pair, Rule::k_amount) => SourceLine::Amount(text(self)?),
            Rule::charge_line if self.has(pair, Rule::k_currency) => SourceLine::Currency(text(self)?),
            _ => SourceLine::Customer(text(self)?, self.mappings_in(pair)),
        })
    }

    fn texts(&self, pair: &P<'_>) -> Vec<Text> {
        self.all(pair, Rule::text).iter().map(|text| self.text_of(text)).collect()
    }

    fn instant_column_in(&self, pair: &P<'_>) -> Option<InstantColumn> {
        let column = self.first(pair, Rule::instant_column)?;
        let inner = |rule| self.first(&column, rule).and_then(|inner| self.only(&inner));
        Some(InstantColumn {
            column: self.text_of(&self.first(&column, Rule::text)?),
            form: inner(Rule::column_form).map(|text| self.text_of(&text)),
            zone: inner(Rule::column_zone).map(|text| self.text_of(&text)),
            repeated: self.first(&column, Rule::column_repeated).map(|word| self.name(&word)),
        })
    }

    fn cells_in(&self, pair: &P<'_>) -> Vec<CellIs> {
        let when = self.first(pair, Rule::column_when);
        let cells = when.map(|when| self.all(&when, Rule::cell_is)).unwrap_or_default();
        let cells = cells.iter().filter_map(|cell| {
            let mut texts = self.texts(cell);
            (!texts.is_empty()).then(|| CellIs { column: texts.remove(0), texts })
        });
        cells.collect()
    }

    fn other_column(&self, pair: &P<'_>, rule: Rule) -> Option<Text> {
        let column = self.first(pair, rule)?;
        self.first(&column, Rule::text).map(|text| self.text_of(&text))
    }

    fn mappings_in(&self, pair: &P<'_>) -> Vec<Mapping> {
        let mappings = self.first(pair, Rule::mappings);
        let mappings = mappings.map(|mappings| self.all(&mappings, Rule::mapping)).unwrap_or_default();
        mappings.iter().map(|mapping| self.mapping(mapping)).collect()
    }

    fn mapping(&self, pair: &P<'_>) -> Mapping {
        let meanings = self.all(pair, Rule::meaning);
        Mapping {
            values: self.texts(pair),
            meanings: meanings.iter().filter_map(|meaning| self.meaning(&self.only(meaning)?)).collect(),
            span: self.span(pair),
        }
    }

    fn meaning(&self, pair: &P<'_>) -> Option<Meaning> {
        let value = || self.first(pair, Rule::value).map(|value| self.value(&value));
        Some(match pair.as_rule() {
            Rule::meaning_is => Meaning::Is(value()?),
            Rule::meaning_sets => Meaning::Sets(self.name_in(pair)?, value()?),
            Rule::meaning_kept => Meaning::Kept,
            _ => Meaning::Ignored,
        })
    }
}
