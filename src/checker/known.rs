//! What an agreement's names can mean: fields and their values, events, metrics, priorities, tiers.

use std::collections::{BTreeMap, BTreeSet};

use crate::ast::{Clause, Meaning, SourceLine, StatementKind};
use crate::resolver::{Agreement, MergedTier, Root, Scope, priorities_of};

/// The values a field can have; none: any.
pub type FieldValues = Option<BTreeSet<String>>;

/// The names of one agreement.
#[derive(Debug, Clone)]
pub struct Known<'r> {
    /// What its file can see.
    pub scope: &'r Scope,
    /// The agreement.
    pub agreement: &'r Agreement,
    /// Fields.
    pub fields: BTreeMap<String, FieldValues>,
    /// Events that the source can tell; none: any.
    pub events: Option<BTreeSet<String>>,
    /// Metrics, in file order.
    pub metrics: Vec<&'r str>,
    /// Priorities, strictest first.
    pub priorities: Vec<&'r str>,
    /// Tiers.
    pub tiers: &'r [MergedTier],
}

impl<'r> Known<'r> {
    /// The names of an agreement of a file.
    pub fn new(root: &'r Root, agreement: &'r Agreement) -> Known<'r> {
        let mut known = Known {
            scope: &root.scope,
            agreement,
            fields: BTreeMap::new(),
            events: Some(BTreeSet::new()),
            metrics: Vec::new(),
            priorities: Vec::new(),
            tiers: &agreement.tiers,
        };
        let mut has_source = false;
        for statement in &agreement.statements {
            match &statement.kind {
                StatementKind::TicketsFrom(name) => {
                    if let Some(source) = root.scope.source(&name.value) {
                        has_source = true;
                        known.take_source(source);
                    }
                }
                StatementKind::OutagesFrom(name) => {
                    if let Some(source) = root.scope.source(&name.value) {
                        known.take_fields(source);
                    }
                }
                StatementKind::Field(name, values) => {
                    let values: BTreeSet<String> = values.iter().map(|value| value.value.clone()).collect();
                    // A declaration says what a field can be, whatever its column may hold.
                    known.fields.insert(name.value.clone(), Some(values));
                }
                StatementKind::Metric(name, _) => known.metrics.push(&name.value),
                StatementKind::PriorityRules(rules) => {
                    for rule in rules {
                        if !known.priorities.contains(&rule.name.value.as_str()) {
                            known.priorities.push(&rule.name.value);
                        }
                    }
                }
                StatementKind::PriorityField(names) => {
                    known.priorities.extend(names.iter().map(|name| name.value.as_str()));
                }
                StatementKind::PriorityBy(_) => known.priorities.extend(priorities_of(&agreement.tiers)),
                _ => {}
            }
        }
        if !has_source {
            known.events = None;
        }
        known
    }

    /// The fields that a source has columns for.
    fn take_fields(&mut self, source: &crate::ast::Source) {
        for line in &source.lines {
            let SourceLine::Field(field) = &line.value else { continue };
            let values = field.values.iter().flat_map(|mapping| &mapping.meanings);
            let mut listed = BTreeSet::new();
            let mut open = field.values.is_empty();
            for meaning in values {
                match meaning {
                    Meaning::Is(value) => {
                        listed.insert(value.value.clone());
                    }
                    Meaning::Kept => open = true,
                    _ => {}
                }
            }
            self.take_field(&field.name.value, if open { None } else { Some(listed) });
        }
    }

    fn take_source(&mut self, source: &crate::ast::Source) {
        self.take_fields(source);
        for line in &source.lines {
            match &line.value {
                SourceLine::Event(event) => {
                    if event.values.is_empty() {
                        self.events = None;
                    }
                    for meaning in event.values.iter().flat_map(|mapping| &mapping.meanings) {
                        match meaning {
                            Meaning::Is(event) => self.take_event(&event.value),
                            Meaning::Sets(field, value) => {
                                self.take_field(&field.value, Some(BTreeSet::from([value.value.clone()])));
                            }
                            Meaning::Kept => self.events = None,
                            Meaning::Ignored => {}
                        }
                    }
                }
                SourceLine::EventAt(event, _) | SourceLine::FirstRow(event) => self.take_event(&event.value),
                _ => {}
            }
        }
    }

    fn take_field(&mut self, name: &str, values: FieldValues) {
        match (self.fields.get_mut(name), values) {
            (Some(Some(known)), Some(more)) => known.extend(more),
            // A field that can be anything stays so, whatever an event sets it to.
            (Some(None), _) => {}
            (_, values) => {
                self.fields.insert(name.to_string(), values);
            }
        }
    }

    fn take_event(&mut self, event: &str) {
        if let Some(events) = &mut self.events {
            events.insert(event.to_string());
        }
    }

    /// The services of the catalogue.
    pub fn catalogue(&self) -> impl Iterator<Item = &'r str> + use<'r> {
        self.agreement.statements.iter().filter_map(|statement| match &statement.kind {
            StatementKind::Service(name, _) => Some(name.value.as_str()),
            _ => None,
        })
    }

    /// Penalties and incentives, in file order.
    pub fn clauses(&self) -> impl Iterator<Item = &'r Clause> {
        self.agreement.statements.iter().filter_map(|statement| match &statement.kind {
            StatementKind::Clause(clause) => Some(clause),
            _ => None,
        })
    }

    /// The services that the agreement declares: those of its catalogue, those with a fee, those it measures.
    pub fn services(&self) -> impl Iterator<Item = &'r str> + use<'r> {
        let declared = self.agreement.statements.iter().filter_map(|statement| match &statement.kind {
            StatementKind::Fee(Some(name), ..) | StatementKind::FeeFromCharges(Some(name)) => Some(name.value.as_str()),
            StatementKind::Availability(said) => Some(said.service.value.as_str()),
            _ => None,
        });
        self.catalogue().chain(declared)
    }

    /// The names of its penalties, or of its incentives.
    pub fn clause_names(&self, penalties: bool) -> Vec<&'r str> {
        let clauses = self.clauses().filter(|clause| clause.is_penalty == penalties);
        clauses.map(|clause| clause.name.value.as_str()).collect()
    }

    /// The first statement that `pick` wants.
    pub fn find<T>(&self, pick: impl Fn(&'r StatementKind) -> Option<T>) -> Option<T> {
        self.agreement.statements.iter().find_map(|statement| pick(&statement.kind))
    }
}
