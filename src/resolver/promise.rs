//! The promise that a clause's figure falls short of.

use crate::ast::{Clause, ClauseLine, Condition, Measure, Tested};
use crate::money::Fraction;

use super::{Agreement, MergedTier};

impl Agreement {
    /// What the tiers that a clause looks at promise of its metric; none where they promise nothing, or not the same.
    pub fn promise_for(&self, clause: &Clause) -> Option<&Fraction> {
        let (metric, when) = clause.lines.iter().find_map(|line| match &line.value {
            ClauseLine::Per(_, Measure::Attainment(metric), when, _) => Some((metric, when)),
            _ => None,
        })?;
        let conditions: Vec<&Condition> = clause.when.iter().chain(when).collect();
        let looked_at = |tier: &&MergedTier| conditions.iter().all(|condition| may_be(condition, &tier.name.value));
        let promises = self.tiers.iter().filter(looked_at).flat_map(|tier| &tier.promises);
        let mut shares =
            promises.filter(|promise| promise.metric.value == metric.value).map(|promise| &promise.share.value);
        let first = shares.next()?;
        shares.all(|share| share == first).then_some(first)
    }
}

/// Whether a condition leaves this tier possible; what it says of fields is not looked at.
fn may_be(condition: &Condition, tier: &str) -> bool {
    match &condition.test {
        Tested::In(name, values) if name.value == "tier" => values.iter().any(|value| value.value == tier),
        Tested::NotIn(name, values) if name.value == "tier" => values.iter().all(|value| value.value != tier),
        Tested::All(all) => all.iter().all(|condition| may_be(condition, tier)),
        Tested::Any(any) => any.iter().any(|condition| may_be(condition, tier)),
        _ => true,
    }
}
