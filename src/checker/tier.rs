//! Tiers and priorities: targets for those who have them, and none that nobody reaches.

use std::collections::BTreeSet;

use crate::ast::PriorityRule;
use crate::resolver::{MergedTier, TierPromise};

use super::condition::Sees;
use super::{Checker, Known};

impl Checker {
    pub(super) fn priority_rules(&mut self, known: &Known<'_>, rules: &[PriorityRule]) {
        for condition in rules.iter().filter_map(|rule| rule.when.as_ref()) {
            self.condition(known, condition, Sees::Fields);
        }
        self.unreachable_priorities(known, rules);
    }

    pub(super) fn tiers(&mut self, known: &Known<'_>) {
        for tier in known.tiers {
            self.tier(known, tier);
        }
        self.unreachable_tiers(known, known.tiers);
        self.priorities_without_target(known);
    }

    fn tier(&mut self, known: &Known<'_>, tier: &MergedTier) {
        tier.later.iter().for_each(|later| self.not_built(later));
        if let Some(condition) = &tier.when {
            self.condition(known, condition, Sees::Priority);
        }
        if let Some(hours) = &tier.hours {
            self.counting_calendar(known.scope, hours);
        }
        for table in &tier.targets {
            self.metric_name(known, &table.metric);
            let mut seen = BTreeSet::new();
            for entry in &table.entries {
                let name = entry.priority.as_ref().map_or("any", |name| name.value.as_str());
                if let Some(priority) = &entry.priority
                    && !known.priorities.contains(&name)
                {
                    self.unknown_priority(known, priority);
                }
                if !seen.insert(name) {
                    let message = format!("`{name}` has two targets here");
                    self.error("said_twice", entry.span, message, "keep one of them");
                }
                if let Some(target) = &entry.target {
                    self.target(known, target);
                }
            }
        }
        for TierPromise { share, metric, period, span, .. } in &tier.promises {
            self.metric_name(known, metric);
            self.period(known, period);
            if share.value > crate::money::whole(1) {
                self.error("bad_percentage", *span, "more than 100 % cannot be met", "write a share up to 100%");
            }
        }
    }

    fn priorities_without_target(&mut self, known: &Known<'_>) {
        let tables = || known.tiers.iter().flat_map(|tier| &tier.targets).flat_map(|table| &table.entries);
        let any = tables().any(|entry| entry.priority.is_none() && entry.target.is_some());
        // Where no tier has any target at all, it is the metrics that are told of.
        if tables().next().is_none() || any || self.has_own_target(known) {
            return;
        }
        for priority in &known.priorities {
            let has = tables().any(|entry| {
                entry.target.is_some() && entry.priority.as_ref().is_some_and(|name| name.value == *priority)
            });
            if !has {
                let message = format!("no tier has a target for the priority `{priority}`");
                let help = "its tickets are never timed: add a target, or say `any`";
                self.warning("priority_without_target", known.agreement.name.span, message, help);
            }
        }
    }

    fn has_own_target(&self, known: &Known<'_>) -> bool {
        known.agreement.statements.iter().any(|statement| match &statement.kind {
            crate::ast::StatementKind::Metric(_, lines) => {
                lines.iter().any(|line| matches!(line.value, crate::ast::MetricLine::Target(_)))
            }
            _ => false,
        })
    }
}
