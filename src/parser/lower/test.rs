//! Tests.

use crate::ast::{Expectation, Given, Later, Measure, Name, Test, TestLine, Text, Verdict};
use crate::source::Spanned;

use super::super::grammar::Rule;
use super::super::node::Node;
use super::{Lower, P, body};

impl Lower<'_> {
    pub(super) fn test(&mut self, node: &Node<'_>) -> Option<Test> {
        let pair = &node.pair;
        let lines = body(node).iter().filter_map(|line| {
            let value = self.test_line(&line.pair)?;
            Some(Spanned::new(value, self.node_span(line)))
        });
        let lines = lines.collect();
        Some(Test {
            name: self.text_of(&self.first(pair, Rule::text)?),
            agreement: self.name_in(pair)?,
            lines,
            span: self.node_span(node),
        })
    }

    fn test_line(&mut self, pair: &P<'_>) -> Option<TestLine> {
        Some(match pair.as_rule() {
            Rule::ticket_decl => TestLine::Ticket(self.name_in(pair)?, self.fields_in(pair)),
            Rule::event_fact => {
                let mut names = self.names_in(pair).into_iter().rev();
                let event = names.next()?;
                let at = self.moment_in(pair)?;
                TestLine::Event(names.next(), at, event, self.fields_in(pair))
            }
            Rule::sets_fact => {
                let at = self.moment_in(pair)?;
                TestLine::Sets(self.name_in(pair), at, self.field_values(pair))
            }
            Rule::as_of_line => TestLine::AsOf(self.moment_in(pair)?),
            Rule::test_fee => TestLine::Fee(
                self.name_in(pair),
                self.money(&self.first(pair, Rule::money)?)?,
                self.period(&self.first(pair, Rule::period)?),
            ),
            Rule::outage_fact => {
                let (from, to) = self.moments(&self.first(pair, Rule::moment_range)?)?;
                TestLine::Outage(self.name_in(pair)?, from, to, self.fields_in(pair))
            }
            Rule::announcement_fact => {
                let (from, to) = self.moments(&self.first(pair, Rule::moment_range)?)?;
                let at = self.moment(&self.first(pair, Rule::moment)?)?;
                TestLine::Announcement(self.name_in(pair), from, to, at)
            }
            Rule::charge_fact => {
                TestLine::Charge(self.name_in(pair), self.money(&self.first(pair, Rule::money)?)?, self.label_in(pair)?)
            }
            Rule::given_line => match self.given(pair)? {
                Ok(given) => TestLine::Given(given),
                Err(later) => TestLine::Later(later),
            },
            Rule::expect_line => return self.expectation(&pair.clone().into_inner().last()?),
            rule => TestLine::Later(self.later(later_line(rule), pair)),
        })
    }

    fn moment_in(&mut self, pair: &P<'_>) -> Option<Spanned<crate::ast::Moment>> {
        let moment = self.first(pair, Rule::moment)?;
        self.moment(&moment)
    }

    fn fields_in(&self, pair: &P<'_>) -> Vec<(Name, Name)> {
        self.first(pair, Rule::fields).map(|fields| self.field_values(&fields)).unwrap_or_default()
    }

    fn field_values(&self, pair: &P<'_>) -> Vec<(Name, Name)> {
        let fields = self.all(pair, Rule::field_value).into_iter().filter_map(|field| {
            let value = self.first(&field, Rule::value)?;
            Some((self.name_in(&field)?, self.value(&value)))
        });
        fields.collect()
    }

    fn expectation(&mut self, pair: &P<'_>) -> Option<TestLine> {
        let ticket = self.first(pair, Rule::ticket_name).and_then(|ticket| self.name_in(&ticket));
        let text = self.first(pair, Rule::text).map(|text| self.text_of(&text));
        Some(TestLine::Expect(match pair.as_rule() {
            Rule::expect_clock => {
                let metric = self.first(pair, Rule::metric_name).and_then(|metric| self.name_in(&metric))?;
                let verdict = self.verdict(&self.first(pair, Rule::verdict)?)?;
                Expectation::Clock(ticket, metric, verdict)
            }
            Rule::expect_reading => Expectation::Reading(ticket, self.has(pair, Rule::k_priority), self.name_in(pair)?),
            Rule::expect_escalation => Expectation::Escalation(ticket, text?, self.moment_in(pair)),
            Rule::expect_no_escalation => Expectation::NoEscalation(ticket, text?),
            Rule::expect_claim => {
                let date = self.first(pair, Rule::date)?;
                Expectation::Claim(self.name_in(pair)?, Spanned::new(self.date(&date), self.span(&date)))
            }
            Rule::expect_consequence | Rule::expect_no_consequence => {
                let name = self.consequence_name(&self.first(pair, Rule::consequence_name)?)?;
                match pair.as_rule() {
                    Rule::expect_consequence => Expectation::Consequence(ticket, name, self.moment_in(pair)),
                    _ => Expectation::NoConsequence(ticket, name),
                }
            }
            Rule::expect_amount => {
                let money = self.money(&self.first(pair, Rule::money)?)?;
                let is_penalty = self.has(pair, Rule::k_penalty);
                Expectation::Amount(is_penalty, self.name_in(pair)?, money, self.label_in(pair))
            }
            Rule::expect_total => {
                let money = self.money(&self.first(pair, Rule::money)?)?;
                Expectation::Total(self.has(pair, Rule::k_penalties), money, self.label_in(pair))
            }
            Rule::expect_fault => Expectation::Fault(self.name_in(pair)?),
            Rule::expect_attainment => {
                let share = self.first(pair, Rule::percentage)?;
                let digits = share.as_str().trim_end_matches('%').split_once('.').map_or(0, |(_, part)| part.len());
                let digits = u32::try_from(digits).unwrap_or(0);
                let name = self.name_in(pair)?;
                let is_attainment = self.has(pair, Rule::k_attainment);
                let measure = if is_attainment { Measure::Attainment(name) } else { Measure::Availability(name) };
                Expectation::Share(measure, self.percentage(&share), digits, self.label_in(pair)?)
            }
            rule => return Some(TestLine::Later(self.later(later_line(rule), pair))),
        }))
    }

    fn given(&mut self, pair: &P<'_>) -> Option<Result<Given, Later>> {
        let said = self.first(pair, Rule::given_measure)?;
        let Some(measure) = self.first(&said, Rule::measure) else {
            return Some(Err(self.later("given points and fees", &said)));
        };
        let (number, form) = self.figure(&self.only(&self.first(pair, Rule::given_value)?)?)?;
        Some(Ok(Given {
            measure: self.measure(&measure)?,
            value: number,
            form,
            of: self.first(pair, Rule::int).map(|of| self.int(&of).value),
            period: self.label_in(pair)?,
        }))
    }

    fn label_in(&self, pair: &P<'_>) -> Option<Text> {
        self.first(pair, Rule::period_label).map(|label| self.spanned(label.as_str().to_string(), &label))
    }

    fn verdict(&mut self, pair: &P<'_>) -> Option<Verdict> {
        let verdict = self.only(pair)?;
        let length = self.duration_in(&verdict).map(|length| length.value);
        Some(match verdict.as_rule() {
            Rule::verdict_met => Verdict::Met(length),
            Rule::verdict_breached => Verdict::Breached(self.moment_in(&verdict), length),
            Rule::verdict_due => Verdict::Due(self.moment_in(&verdict)?),
            Rule::k_running => Verdict::Running,
            _ => Verdict::Cancelled,
        })
    }
}

fn later_line(rule: Rule) -> &'static str {
    match rule {
        Rule::log_fact => "logs in tests",
        _ => "this expectation",
    }
}
