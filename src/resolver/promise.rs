//! The promise that a clause's figure falls short of.

use crate::ast::{AvailabilityLine, Clause, ClauseLine, Condition, Measure, StatementKind, Tested};
use crate::money::Fraction;
use crate::source::{Span, Spanned};

use super::{Agreement, MergedTier};

impl Agreement {
    /// What a clause's figure may fall short of: what the tiers that it looks at promise of its metric, or what is promised
    /// of its service; none where nothing is promised, or not the same.
    pub fn promise_for(&self, clause: &Clause) -> Option<&Fraction> {
        self.promise_of_attainment(clause).or_else(|| self.promise_of_availability(clause))
    }

    /// What is promised of a service.
    pub fn availability_promises(&self, service: &str) -> impl Iterator<Item = (&Spanned<Fraction>, Span)> {
        let said = self.statements.iter().filter_map(move |statement| match &statement.kind {
            StatementKind::Availability(said) if said.service.value == service => Some(said),
            _ => None,
        });
        said.flat_map(|said| &said.lines).filter_map(|line| match &line.value {
            AvailabilityLine::Promise(share, _) => Some((share, line.span)),
            _ => None,
        })
    }

    fn promise_of_availability(&self, clause: &Clause) -> Option<&Fraction> {
        let service = clause.lines.iter().find_map(|line| match &line.value {
            ClauseLine::Per(_, Measure::Availability(service), ..) => Some(&service.value),
            _ => None,
        })?;
        let mut shares = self.availability_promises(service).map(|(share, _)| &share.value);
        let first = shares.next()?;
        shares.all(|share| share == first).then_some(first)
    }

    fn promise_of_attainment(&self, clause: &Clause) -> Option<&Fraction> {
        let (metric, when) = clause.lines.iter().find_map(|line| match &line.value {
            ClauseLine::Per(_, Measure::Attainment(metric), when, _) => Some((metric, when)),
            _ => None,
        })?;
        let conditions: Vec<&Condition> = clause.when.iter().chain(when).collect();
        let looked_at = |tier: &&MergedTier| conditions.iter().all(|condition| may_be(condition, &tier.name.value));
        let promises = self.tiers.iter().filter(looked_at).flat_map(|tier| &tier.promises);
        let mut shares = promises.filter(|(_, name, _, _)| name.value == metric.value).map(|(share, ..)| &share.value);
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
