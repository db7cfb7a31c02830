//! Tiers and priorities.

use crate::ast::{self, StatementKind};
use crate::plan::{MetricId, Priorities, PriorityBy, PriorityId, Promise, TargetTable, Tier};
use crate::plugin::Kind;
use crate::resolver::{Agreement, MergedTier, TierPromise, priorities_of};

use super::Compiler;
use super::clause::period;
use super::closed::ClosedByMetric;
use super::condition::Sees;
use super::metric::Ground;

impl Compiler<'_> {
    pub(super) fn priorities(&mut self, agreement: &Agreement) -> Priorities {
        let nothing = Priorities { names: Vec::new(), by: PriorityBy::Nothing, place: None };
        agreement.statements.iter().fold(nothing, |found, statement| {
            let place = Some(self.place(statement.mark.as_ref(), statement.head));
            match &statement.kind {
                StatementKind::PriorityField(names) => Priorities {
                    names: names.iter().map(|name| name.value.clone()).collect(),
                    place,
                    by: PriorityBy::Field(self.plan.vocabulary.field("priority")),
                },
                StatementKind::PriorityRules(rules) => {
                    let mut names: Vec<String> = Vec::new();
                    let mut by = Vec::new();
                    for rule in rules {
                        let at = names.iter().position(|name| *name == rule.name.value).unwrap_or_else(|| {
                            names.push(rule.name.value.clone());
                            names.len() - 1
                        });
                        let place = self.place(rule.mark.as_ref(), rule.span);
                        by.push((priority_id(at), self.maybe(rule.when.as_ref(), Sees::Fields), place));
                    }
                    Priorities { names, by: PriorityBy::Rules(by), place }
                }
                StatementKind::PriorityBy(call) => {
                    let by = self.call(call, Kind::Classify, None);
                    let names = priorities_of(&agreement.tiers).map(str::to_string).collect();
                    Priorities { names, by: by.map_or(PriorityBy::Nothing, PriorityBy::By), place }
                }
                _ => found,
            }
        })
    }

    pub(super) fn tier(
        &mut self,
        ground: Ground<'_>,
        tier: &MergedTier,
        metrics: &[String],
        priorities: &[String],
        closed: &ClosedByMetric,
    ) -> Tier {
        let name = tier.hours.as_ref().map_or("always", |name| &name.value);
        let hours = self.calendar_id(ground.root, ground.zone, name);
        let ground = Ground { hours: name, ..ground };
        let targets = tier.targets.iter().filter_map(|table| {
            let metric = metric_id(metrics, &table.metric.value)?;
            let mut by_priority = Vec::new();
            let mut any = None;
            for entry in &table.entries {
                let ground = Ground { closed: closed.of(metric), ..ground };
                let target = entry.target.as_ref().map(|target| self.target(ground, target));
                match &entry.priority {
                    None => any = target,
                    Some(name) => {
                        let place = priorities.iter().position(|known| *known == name.value)?;
                        by_priority.push((priority_id(place), target));
                    }
                }
            }
            let mark = table.mark.as_ref().or(tier.mark.as_ref());
            Some(TargetTable { metric, place: self.place(mark, table.span), by_priority, any })
        });
        let targets = targets.collect();
        let promises = tier.promises.iter().filter_map(|TierPromise { share, metric, period: per, mark, span }| {
            Some(Promise {
                share: share.value.clone(),
                metric: metric_id(metrics, &metric.value)?,
                per: period(&per.value),
                place: self.place(mark.as_ref().or(tier.mark.as_ref()), *span),
            })
        });
        let promises = promises.collect();
        Tier {
            name: tier.name.value.clone(),
            place: self.place(tier.mark.as_ref(), tier.head),
            when: self.maybe(tier.when.as_ref(), Sees::Priority),
            hours,
            hours_place: tier.hours_place.as_ref().map(|(mark, span)| self.place(mark.as_ref(), *span)),
            targets,
            promises,
        }
    }
}

fn priority_id(place: usize) -> PriorityId {
    PriorityId(u16::try_from(place).unwrap_or(u16::MAX))
}

/// The number of a metric.
pub(super) fn metric_id(metrics: &[String], name: &str) -> Option<MetricId> {
    let place = metrics.iter().position(|metric| metric == name)?;
    u16::try_from(place).ok().map(MetricId)
}

/// The names of an agreement's metrics, in file order.
pub(super) fn metric_names(agreement: &Agreement) -> Vec<String> {
    let names = agreement.statements.iter().filter_map(|statement| match &statement.kind {
        StatementKind::Metric(name, _) => Some(name.value.clone()),
        _ => None,
    });
    names.collect::<Vec<String>>()
}

/// Whether a statement is a clause, for the order of the file.
pub(super) fn clause_of(kind: &StatementKind) -> Option<&ast::Clause> {
    if let StatementKind::Clause(clause) = kind { Some(clause) } else { None }
}
