//! Agreements and their statements, but for metrics and clauses.

use crate::ast::{
    Agreement, Amendment, Combine, CombinePart, Modifier, PriorityRule, RoundingWord, Statement, StatementKind, Step,
    StepAt, TargetEntry, Targets, Tier, TierLine,
};
use crate::money::whole;
use crate::source::{Span, Spanned};

use super::super::grammar::Rule;
use super::super::node::Node;
use super::{Lower, P, body};

impl Lower<'_> {
    pub(super) fn agreement(&mut self, node: &Node<'_>) -> Option<Agreement> {
        let pair = &node.pair;
        Some(Agreement {
            name: self.name_in(pair)?,
            is_template: self.has(pair, Rule::k_template),
            extends: self.extends_in(pair),
            statements: body(node).iter().filter_map(|line| self.statement(line)).collect(),
            span: self.node_span(node),
        })
    }

    fn extends_in(&self, pair: &P<'_>) -> Option<crate::ast::Name> {
        self.first(pair, Rule::extends).and_then(|extends| self.name_in(&extends))
    }

    fn statement(&mut self, node: &Node<'_>) -> Option<Statement> {
        let line = node.pair.clone().into_inner().last()?;
        let removes = line.as_rule() == Rule::removed;
        let modifier = match self.has(&node.pair, Rule::modifier) {
            _ if removes => Modifier::Remove,
            true => Modifier::Override,
            false => Modifier::None,
        };
        let mark = self.mark_in(&line);
        let kind = self.statement_kind(node, &line)?;
        let head_end = node.body.as_ref().map_or(node.end, |body| body.open);
        let head = self.text.get(node.start..head_end).map_or(head_end, |head| node.start + head.trim_end().len());
        let head = Span::new(self.file, node.start, head);
        Some(Statement { modifier, kind, mark, span: self.node_span(node), head })
    }

    fn statement_kind(&mut self, node: &Node<'_>, pair: &P<'_>) -> Option<StatementKind> {
        Some(match pair.as_rule() {
            Rule::fact_line => {
                let word = pair.as_str().split_whitespace().next()?.to_string();
                StatementKind::Fact(word, self.text_of(&self.first(pair, Rule::text)?))
            }
            Rule::effective_line => {
                let (first, last) = self.date_range(&self.first(pair, Rule::date_range)?)?;
                StatementKind::Effective(first, last)
            }
            Rule::timezone_line => StatementKind::Timezone(self.text_of(&self.first(pair, Rule::text)?)),
            Rule::currency_line => StatementKind::Currency(self.name(&self.first(pair, Rule::currency)?)),
            Rule::kind_line => StatementKind::Kind(self.name_in(pair)?),
            Rule::fee_line => StatementKind::Fee(
                self.name_in(pair),
                self.money(&self.first(pair, Rule::money)?)?,
                self.period(&self.first(pair, Rule::period)?),
            ),
            Rule::fee_charges_line => StatementKind::FeeFromCharges(self.name_in(pair)),
            Rule::review_line => StatementKind::Review(self.int(&self.first(pair, Rule::int)?)),
            Rule::months_line => StatementKind::MonthsBegin(self.int(&self.first(pair, Rule::int)?)),
            Rule::beside_line => StatementKind::Beside(self.names_in(pair)),
            Rule::counted_line => StatementKind::CountedBy(self.name_in(pair)?),
            Rule::versioned_line => StatementKind::VersionedBy(self.name_in(pair)?),
            Rule::tickets_line => StatementKind::TicketsFrom(self.name_in(pair)?),
            Rule::applies_line => StatementKind::Applies(self.when_in(pair)?),
            Rule::declared_field => {
                StatementKind::Field(self.name_in(pair)?, self.values(&self.first(pair, Rule::values)?))
            }
            Rule::priority_head => self.priorities(node)?,
            Rule::priority_plugin => StatementKind::PriorityBy(self.call_in(pair)?),
            Rule::supplier_head => StatementKind::Supplier(self.supplier(node)?),
            Rule::metric_head => self.metric(node)?,
            Rule::tier_head => StatementKind::Tier(self.tier(node)?),
            Rule::tier_targets => self.tier_targets(pair)?,
            Rule::exclude_time => self.excluded_time(pair)?,
            Rule::maintenance_head => self.maintenance(node)?,
            Rule::exclude_tickets => StatementKind::ExcludeTickets(self.when_in(pair)?),
            Rule::exclude_outages => StatementKind::ExcludeOutages(self.when_in(pair)?),
            Rule::excluded_time_line => StatementKind::ExcludedTimeCounts(self.has(pair, Rule::k_shortens)),
            Rule::empty_line => StatementKind::EmptyCounts(self.name_in(pair)?),
            Rule::facts_line if self.has(pair, Rule::k_outages) => StatementKind::OutagesFrom(self.name_in(pair)?),
            Rule::service_decl => {
                let text = self.first(pair, Rule::text).map(|text| self.text_of(&text));
                StatementKind::Service(self.name_in(pair)?, text)
            }
            Rule::availability_head => self.availability(node)?,
            Rule::escalate_head => {
                let steps = body(node).iter().filter_map(|step| self.step(&step.pair)).collect();
                StatementKind::Escalate(self.name_in(pair)?, self.when_in(pair), steps)
            }
            Rule::penalty_head | Rule::incentive_head => StatementKind::Clause(self.clause(node)?),
            Rule::facts_line if self.has(pair, Rule::k_claims) => StatementKind::ClaimsFrom(self.name_in(pair)?),
            Rule::facts_line if self.has(pair, Rule::k_announcements) => {
                StatementKind::AnnouncementsFrom(self.name_in(pair)?)
            }
            Rule::facts_line if self.has(pair, Rule::k_charges) => StatementKind::ChargesFrom(self.name_in(pair)?),
            Rule::claim_line => StatementKind::Claim(self.claim(pair)?),
            Rule::consequences_head => StatementKind::Consequences(self.consequences(node)?),
            Rule::cap_line => StatementKind::Cap(
                self.amount(&self.first(pair, Rule::bare_amount)?)?,
                self.period(&self.first(pair, Rule::period)?),
                self.has(pair, Rule::carried),
            ),
            Rule::threshold_line => {
                let amount = self.amount(&self.first(pair, Rule::bare_amount)?)?;
                let period = self.first(pair, Rule::period).map(|period| self.period(&period));
                match self.has(pair, Rule::k_pay) {
                    true => StatementKind::PayOnlyAbove(amount, period),
                    false => StatementKind::RaiseTo(amount, period),
                }
            }
            Rule::combine_line => StatementKind::Combine(self.combination(&self.first(pair, Rule::combination)?)),
            Rule::round_line => StatementKind::Round(
                self.rounding(&self.first(pair, Rule::rounding)?),
                self.money(&self.first(pair, Rule::money)?)?,
            ),
            Rule::allow_line => StatementKind::Allow(self.name_in(pair)?, self.text_of(&self.first(pair, Rule::text)?)),
            Rule::amend_head => StatementKind::Amend(self.amendment(node, pair)?),
            Rule::removed => StatementKind::Removed(self.removed(&self.first(pair, Rule::removable)?)),
            rule => StatementKind::Later(self.later(later_statement(rule), pair)),
        })
    }

    fn amendment(&mut self, node: &Node<'_>, pair: &P<'_>) -> Option<Amendment> {
        let date = self.first(pair, Rule::date);
        let dates = date.clone().or_else(|| self.first(pair, Rule::date_range))?;
        let (first, last) = match date {
            Some(date) => (self.date(&date), None),
            None => self.date_range(&dates)?,
        };
        if last.is_none() && dates.as_rule() == Rule::date_range {
            let help = "write its last day, or `amend from DATE` for what holds on";
            self.error("season_without_end", &dates, "this season has no last day", help);
        }
        let title = self.first(pair, Rule::text).map(|text| self.text_of(&text));
        let statements = body(node).iter().filter_map(|line| self.statement(line)).collect();
        Some(Amendment { first, last, dates: self.span(&dates), title, statements })
    }

    /// The words that a removed statement is known by.
    fn removed(&self, pair: &P<'_>) -> Vec<crate::ast::Name> {
        let words = pair.clone().into_inner().filter(|word| word.as_rule() != Rule::k_of);
        words.map(|word| self.value(&word)).collect()
    }

    fn priorities(&mut self, node: &Node<'_>) -> Option<StatementKind> {
        let lines = body(node);
        let names = lines.first().filter(|line| line.pair.as_rule() == Rule::priority_names);
        if let (Some(names), 1) = (names, lines.len()) {
            return Some(StatementKind::PriorityField(self.names_in(&names.pair)));
        }
        let rules = lines.iter().filter_map(|line| {
            let name = self.name_in(&line.pair)?;
            let (mark, when) = (self.mark_in(&line.pair), self.when_in(&line.pair));
            Some(PriorityRule { name, mark, when, span: self.span(&line.pair) })
        });
        Some(StatementKind::PriorityRules(rules.collect()))
    }

    // -- tiers

    fn tier(&mut self, node: &Node<'_>) -> Option<Tier> {
        let pair = &node.pair.clone().into_inner().last()?;
        let lines = body(node).iter().filter_map(|line| self.tier_line(line));
        let lines = lines.collect();
        Some(Tier { name: self.name_in(pair)?, extends: self.extends_in(pair), when: self.when_in(pair), lines })
    }

    fn tier_line(&mut self, node: &Node<'_>) -> Option<(Modifier, Spanned<TierLine>)> {
        let pair = node.pair.clone().into_inner().last()?;
        let modifier = match pair.as_rule() {
            Rule::tier_removed => Modifier::Remove,
            _ if self.has(&node.pair, Rule::modifier) => Modifier::Override,
            _ => Modifier::None,
        };
        let line = match pair.as_rule() {
            Rule::hours_line => {
                TierLine::Hours(self.name(&self.first(&pair, Rule::calendar_name)?), self.mark_in(&pair))
            }
            Rule::targets_line => TierLine::Targets(self.targets(&pair, self.name_in(&pair)?)?),
            Rule::tier_removed => {
                let words = pair.clone().into_inner().skip(1).filter(|word| word.as_rule() != Rule::k_of);
                TierLine::Removed(words.map(|word| self.value(&word)).collect())
            }
            _ => match self.name_in(&pair) {
                Some(metric) => {
                    let share = self.first(&pair, Rule::percentage)?;
                    let share = self.spanned(self.percentage(&share), &share);
                    let period = self.period(&self.first(&pair, Rule::period)?);
                    TierLine::Promise(share, metric, period, self.mark_in(&pair))
                }
                None => TierLine::Later(self.later("a promise without a metric", &pair)),
            },
        };
        Some((modifier, Spanned::new(line, self.node_span(node))))
    }

    fn tier_targets(&mut self, pair: &P<'_>) -> Option<StatementKind> {
        let mut names = self.names_in(pair).into_iter();
        let (tier, metric) = (names.next()?, names.next()?);
        Some(StatementKind::TierTargets(tier, self.targets(pair, metric)?))
    }

    fn targets(&mut self, pair: &P<'_>, metric: crate::ast::Name) -> Option<Targets> {
        let entries = self.all(&self.first(pair, Rule::targets)?, Rule::target_entry);
        let entries = entries.iter().map(|entry| self.target_entry(entry)).collect();
        Some(Targets { metric, mark: self.mark_in(pair), entries, span: self.span(pair) })
    }

    fn target_entry(&mut self, pair: &P<'_>) -> TargetEntry {
        let target = self.first(pair, Rule::target).and_then(|target| self.target(&target));
        TargetEntry { priority: self.name_in(pair), target, span: self.span(pair) }
    }

    // -- escalation

    fn step(&mut self, pair: &P<'_>) -> Option<Step> {
        let at = self.only(&self.first(pair, Rule::step_at)?)?;
        let actions = self.all(pair, Rule::action).into_iter().filter_map(|action| {
            let value = self.first(&action, Rule::value)?;
            Some((self.name_in(&action)?, self.value(&value)))
        });
        Some(Step {
            actions: actions.collect(),
            when: self.when_in(pair),
            span: self.span(pair),
            words: self.span(&at),
            at: self.step_at(&at)?,
        })
    }

    fn step_at(&mut self, pair: &P<'_>) -> Option<StepAt> {
        let calendar = self.in_calendar(pair);
        Some(match pair.as_rule() {
            Rule::step_breach => StepAt::Breach,
            Rule::step_share => StepAt::Share(self.percentage(&self.first(pair, Rule::percentage)?)),
            Rule::step_before => StepAt::Before(self.duration_in(pair)?.value, calendar),
            Rule::step_after => StepAt::After(self.duration_in(pair)?.value, calendar),
            _ => {
                let times = self.first(pair, Rule::int).map(|times| self.small(&times));
                let every = self.duration_in(pair)?.value;
                if every == 0 {
                    self.error("bad_duration", pair, "a step cannot repeat every 0m", "write how far apart they are");
                }
                StepAt::Every(every.max(1), calendar, times)
            }
        })
    }

    // -- money over the whole agreement

    fn combination(&self, pair: &P<'_>) -> Spanned<Combine> {
        let words: Vec<&str> = pair.as_str().split_whitespace().collect();
        let combine = match (words.as_slice(), self.first(pair, Rule::combine_nested)) {
            (_, Some(nested)) => Combine::Nested(self.combine_part(&nested)),
            (["greatest"], _) => Combine::Greatest,
            (["greatest", "per", "ticket"], _) => Combine::GreatestPerTicket,
            (["first"], _) => Combine::First,
            _ => Combine::Sum,
        };
        self.spanned(combine, pair)
    }

    /// A name, or a rule with its parts.
    fn combine_part(&self, pair: &P<'_>) -> CombinePart {
        let parts = || self.all(pair, Rule::combine_part).iter().map(|part| self.combine_part(part)).collect();
        match self.only(pair) {
            Some(inner) if inner.as_rule() == Rule::combine_nested => self.combine_part(&inner),
            Some(inner) if inner.as_rule() == Rule::name => CombinePart::Clause(self.name(&inner)),
            Some(inner) if inner.as_rule() == Rule::k_greatest => CombinePart::Greatest(parts()),
            Some(inner) if inner.as_rule() == Rule::k_first => CombinePart::First(parts()),
            _ => CombinePart::Sum(parts()),
        }
    }

    fn rounding(&self, pair: &P<'_>) -> Spanned<RoundingWord> {
        let words: Vec<&str> = pair.as_str().split_whitespace().collect();
        let rounding = match words.as_slice() {
            ["half", "up"] => RoundingWord::HalfUp,
            ["half", "even"] => RoundingWord::HalfEven,
            ["up"] => RoundingWord::Up,
            _ => RoundingWord::Down,
        };
        self.spanned(rounding, pair)
    }

    /// Zero where nothing is written.
    pub(super) fn nothing() -> crate::money::Fraction {
        whole(0)
    }
}

/// What a statement that is not built yet is called.
fn later_statement(rule: Rule) -> &'static str {
    match rule {
        Rule::budget_line => "budgets by team",
        _ => "this statement",
    }
}
