//! Tiers and priorities: targets for those who have them, and none that nobody reaches.

use std::collections::BTreeSet;

use crate::ast::{PriorityRule, Tested};
use crate::diagnostic::Diagnostic;
use crate::resolver::{MergedTier, TierPromise};

use super::condition::Sees;
use super::{Checker, Known};

impl Checker {
    pub(super) fn priority_rules(&mut self, known: &Known<'_>, rules: &[PriorityRule]) {
        let mut otherwise: Option<&PriorityRule> = None;
        for rule in rules {
            if let Some(condition) = &rule.when {
                self.condition(known, condition, Sees::Fields);
            }
            if let Some(earlier) = otherwise {
                let message = format!("no ticket gets to this line of `{}`", rule.name.value);
                let fault = Diagnostic::warning("unreachable_priority", rule.span, message);
                self.push(fault.label(earlier.span, "this one takes every ticket").help("put `otherwise` last"));
            }
            if rule.when.is_none() {
                otherwise = otherwise.or(Some(rule));
            }
        }
    }

    pub(super) fn tiers(&mut self, known: &Known<'_>) {
        for tier in known.tiers {
            self.tier(known, tier);
        }
        self.unreachable_tiers(known.tiers);
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
                    self.unknown("priority", priority, known.priorities.iter().copied());
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
            self.period(period);
            if share.value > crate::money::whole(1) {
                self.error("bad_percentage", *span, "more than 100 % cannot be met", "write a share up to 100%");
            }
        }
    }

    /// A tier after one that takes every ticket, or after one with the same condition.
    fn unreachable_tiers(&mut self, tiers: &[MergedTier]) {
        for (place, tier) in tiers.iter().enumerate() {
            let same = |earlier: &&MergedTier| match (&earlier.when, &tier.when) {
                (None, _) => true,
                (Some(a), Some(b)) => same_words(&a.test, &b.test),
                (Some(_), None) => false,
            };
            let earlier = tiers.iter().take(place).find(same);
            if let Some(earlier) = earlier {
                let message = format!("no ticket gets to the tier `{}`", tier.name.value);
                let fault = Diagnostic::warning("unreachable_tier", tier.head, message);
                let fault = fault.label(earlier.head, "this one takes every such ticket before it");
                self.push(fault.help("tiers are read from the top: give the earlier one a condition, or put it last"));
            }
        }
    }

    fn priorities_without_target(&mut self, known: &Known<'_>) {
        let tables = || known.tiers.iter().flat_map(|tier| &tier.targets).flat_map(|table| &table.entries);
        let any = tables().any(|entry| entry.priority.is_none() && entry.target.is_some());
        if known.tiers.is_empty() || any || self.has_own_target(known) {
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

/// Whether two conditions are the same but for their places.
fn same_words(a: &Tested, b: &Tested) -> bool {
    match (a, b) {
        (Tested::In(a, x), Tested::In(b, y)) => {
            let values = |list: &[crate::ast::Name]| list.iter().map(|v| v.value.clone()).collect::<BTreeSet<_>>();
            a.value == b.value && values(y).is_subset(&values(x))
        }
        _ => false,
    }
}
