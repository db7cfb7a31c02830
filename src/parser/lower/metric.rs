//! Metrics.

use crate::ast::{
    Condition, MetricLine, Pause, ReopenRule, Reopens, RetargetRule, Retargets, StatementKind, Tested, Trigger,
};
use crate::source::Spanned;

use super::super::grammar::Rule;
use super::super::node::Node;
use super::{Lower, P, body};

impl Lower<'_> {
    pub(super) fn metric(&mut self, node: &Node<'_>) -> Option<StatementKind> {
        let pair = node.pair.clone().into_inner().last()?;
        if self.has(&pair, Rule::extends) || self.has(&pair, Rule::when) {
            return Some(StatementKind::Later(self.later("a metric that extends another, or has a condition", &pair)));
        }
        let lines = body(node).iter().filter_map(|line| {
            let value = self.metric_line(&line.pair)?;
            Some(Spanned::new(value, self.node_span(line)))
        });
        let lines = lines.collect();
        Some(StatementKind::Metric(self.name_in(&pair)?, lines))
    }

    fn metric_line(&mut self, pair: &P<'_>) -> Option<MetricLine> {
        Some(match pair.as_rule() {
            Rule::starts_line => {
                let later = self.first(pair, Rule::later_of);
                let triggers = later.clone().or_else(|| self.first(pair, Rule::triggers))?;
                let opening = self.first(pair, Rule::next_opening);
                let calendar = opening.and_then(|opening| self.first(&opening, Rule::calendar_name));
                let calendar = calendar.map(|calendar| self.name(&calendar));
                MetricLine::Starts(self.triggers(&triggers), later.is_some(), calendar)
            }
            Rule::stops_line => MetricLine::Stops(self.triggers_in(pair)?),
            Rule::pauses_line | Rule::pauses_plugin => MetricLine::Pauses(self.pause(pair)?),
            Rule::reopens_line => MetricLine::Reopens(self.reopens(pair)?),
            Rule::cancels_when => MetricLine::CancelsWhen(self.when_in(pair)?),
            Rule::cancels_on => MetricLine::CancelsOn(self.triggers_in(pair)?),
            Rule::retargets_line => MetricLine::Retargets(self.retargets(pair)?),
            Rule::repeats_line => {
                let until = self.triggers_in(pair).unwrap_or_default();
                MetricLine::Repeats(self.has(pair, Rule::from_stop), until)
            }
            Rule::metric_target => {
                let target = self.first(pair, Rule::target)?;
                MetricLine::Target(Spanned::new(self.target(&target)?, self.span(&target)))
            }
            Rule::late_line => MetricLine::LateIn(self.name(&self.first(pair, Rule::calendar_name)?)),
            Rule::counted_line => MetricLine::CountedBy(self.name_in(pair)?),
            Rule::despite_line => MetricLine::Despite(self.has(pair, Rule::k_maintenance)),
            _ => return None,
        })
    }

    fn triggers_in(&mut self, pair: &P<'_>) -> Option<Vec<Trigger>> {
        let triggers = self.first(pair, Rule::triggers)?;
        Some(self.triggers(&triggers))
    }

    fn triggers(&mut self, pair: &P<'_>) -> Vec<Trigger> {
        self.all(pair, Rule::trigger).iter().filter_map(|trigger| self.trigger(trigger)).collect()
    }

    fn trigger(&mut self, pair: &P<'_>) -> Option<Trigger> {
        Some(Trigger { event: self.name_in(pair)?, when: self.when_in(pair), span: self.span(pair) })
    }

    fn pause(&mut self, pair: &P<'_>) -> Option<Pause> {
        let when = match self.first(pair, Rule::plugin_call) {
            Some(call) => Condition { test: Tested::By(self.call(&call)?), span: self.span(&call) },
            None => self.condition(&self.first(pair, Rule::condition)?)?,
        };
        let mut pause =
            Pause { mark: self.mark_in(pair), when, until: None, only_after: None, at_most: None, each_time: false };
        for part in self.all(pair, Rule::pause_part) {
            let part = self.only(&part)?;
            let trigger = self.first(&part, Rule::trigger).and_then(|trigger| self.trigger(&trigger));
            let twice = match part.as_rule() {
                Rule::pause_until => pause.until.replace(trigger?).is_some(),
                Rule::pause_after => pause.only_after.replace(trigger?).is_some(),
                _ => {
                    pause.each_time = self.has(&part, Rule::each_time);
                    let target = self.first(&part, Rule::target)?;
                    let length = Spanned::new(self.target(&target)?, self.span(&target));
                    pause.at_most.replace(length).is_some()
                }
            };
            if twice {
                self.error("said_twice", &part, "this pause says so twice", "keep one of the two");
            }
        }
        Some(pause)
    }

    fn reopens(&mut self, pair: &P<'_>) -> Option<Reopens> {
        let rules: Vec<Spanned<ReopenRule>> =
            self.all(pair, Rule::reopen_rule).iter().map(|rule| self.spanned(reopen_rule(rule), rule)).collect();
        let mut rules = rules.into_iter();
        let says_then = self.has(pair, Rule::k_then);
        let then = if says_then { rules.next() } else { None };
        let Some(then) = then else {
            let help = "say what a reopened ticket does: `then resumes`, `then restarts`, `then new cycle`";
            self.error("reopen_without_rule", pair, "this line does not say what a reopening does", help);
            return None;
        };
        let within = self.duration_in(pair);
        Some(Reopens { on: self.triggers_in(pair)?, within, then, otherwise: rules.next() })
    }

    fn retargets(&mut self, pair: &P<'_>) -> Option<Retargets> {
        let rule = self.first(pair, Rule::retarget_rule)?;
        let rule = match self.only(&rule)?.as_rule() {
            Rule::from_start => RetargetRule::FromStart,
            Rule::from_now => RetargetRule::FromNow,
            Rule::in_share => RetargetRule::InProportion,
            _ => RetargetRule::Never,
        };
        let on = self.first(pair, Rule::retarget_on).map(|on| self.name(&on));
        Some(Retargets { rule, on, only_if_stricter: self.has(pair, Rule::stricter) })
    }
}

fn reopen_rule(pair: &P<'_>) -> ReopenRule {
    match pair.clone().into_inner().next().map(|inner| inner.as_rule()) {
        Some(Rule::resumes_gap) => ReopenRule::ResumesCountingTheGap,
        Some(Rule::k_resumes) => ReopenRule::Resumes,
        Some(Rule::k_restarts) => ReopenRule::Restarts,
        Some(Rule::new_cycle) => ReopenRule::NewCycle,
        _ => ReopenRule::Ignored,
    }
}
