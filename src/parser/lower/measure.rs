//! Figures of periods, and how the availability of a service is measured.

use crate::ast::{Availability, AvailabilityLine, FigureForm, Measure, StatementKind, Statistic};
use crate::money::{Fraction, whole};
use crate::source::Spanned;

use super::super::grammar::Rule;
use super::super::node::Node;
use super::{Lower, P, body};

impl Lower<'_> {
    pub(super) fn measure(&mut self, pair: &P<'_>) -> Option<Measure> {
        let measure = self.only(pair)?;
        Some(match measure.as_rule() {
            Rule::attainment_of => Measure::Attainment(self.name_in(&measure)?),
            Rule::breaches_of => Measure::Breaches(self.name_in(&measure)?),
            _ => self.other_measure(&measure)?,
        })
    }

    fn other_measure(&mut self, pair: &P<'_>) -> Option<Measure> {
        let form = self.only(pair)?;
        Some(match form.as_rule() {
            Rule::of_service => self.of_service(&form)?,
            Rule::statistic => Measure::Statistic(self.statistic(&form)?, self.name_in(&form)?),
            Rule::over_measure => {
                let months = self.int(&self.first(&form, Rule::int)?);
                let of = self.measure(&self.first(&form, Rule::measure)?)?;
                Measure::Over(self.has(&form, Rule::k_total), months, Box::new(of))
            }
            Rule::k_reopened => Measure::ReopenedTickets(self.span(pair)),
            Rule::k_share => Measure::ShareOfTickets(self.when_in(pair)?),
            Rule::k_tickets => Measure::Tickets(self.span(pair)),
            Rule::points_of => Measure::Points(self.names_in(&form)),
            _ => Measure::By(self.call_in(pair)?),
        })
    }

    fn of_service(&mut self, pair: &P<'_>) -> Option<Measure> {
        let service = self.name_in(pair)?;
        Some(match self.only(pair)?.as_rule() {
            Rule::k_availability => Measure::Availability(service),
            Rule::k_downtime => Measure::Downtime(service),
            _ => Measure::Outages(service),
        })
    }

    fn statistic(&mut self, pair: &P<'_>) -> Option<Statistic> {
        let word = self.only(pair)?;
        Some(match word.as_rule() {
            Rule::k_mean => Statistic::Mean,
            Rule::k_total => Statistic::Total,
            Rule::k_longest => Statistic::Longest,
            Rule::k_median => Statistic::Percentile(50),
            _ => {
                let rank = word.as_str().trim_start_matches('p').parse().unwrap_or(0);
                if rank == 0 {
                    self.error("bad_number", &word, "no value is the least of none", "write `p1` to `p99`");
                }
                Statistic::Percentile(rank)
            }
        })
    }

    /// A figure and how it is written: a percentage as its fraction, a duration in milliseconds.
    pub(super) fn figure(&mut self, pair: &P<'_>) -> Option<(Fraction, FigureForm)> {
        Some(match pair.as_rule() {
            Rule::percentage => (self.percentage(pair), FigureForm::Percentage),
            Rule::duration => (whole(self.duration(pair).0), FigureForm::Duration),
            Rule::money => (self.money(pair)?.amount, FigureForm::Money),
            _ => (self.number(pair), FigureForm::Number),
        })
    }

    // -- availability

    pub(super) fn availability(&mut self, node: &Node<'_>) -> Option<StatementKind> {
        let head = node.pair.clone().into_inner().last()?;
        let lines = body(node).iter().filter_map(|line| {
            let value = self.availability_line(&line.pair.clone().into_inner().last()?)?;
            Some(Spanned::new(value, self.node_span(line)))
        });
        let lines = lines.collect();
        Some(StatementKind::Availability(Availability {
            service: self.name_in(&head)?,
            when: self.when_in(&head),
            lines,
        }))
    }

    fn availability_line(&mut self, pair: &P<'_>) -> Option<AvailabilityLine> {
        Some(match pair.as_rule() {
            Rule::hours_line => AvailabilityLine::Hours(self.name(&self.first(pair, Rule::calendar_name)?)),
            Rule::promise_line => {
                let share = self.first(pair, Rule::percentage)?;
                let share = self.spanned(self.percentage(&share), &share);
                AvailabilityLine::Promise(share, self.period(&self.first(pair, Rule::period)?))
            }
            Rule::ignore_line => AvailabilityLine::Ignore(self.duration_in(pair)?.value, self.has(pair, Rule::k_most)),
            Rule::join_line => AvailabilityLine::Join(self.duration_in(pair)?.value),
            Rule::down_line => self.down_line(pair)?,
            Rule::excluded_time_line => AvailabilityLine::ExcludedTime(self.has(pair, Rule::k_shortens)),
            Rule::over_line => AvailabilityLine::Over(self.duration_in(pair)?.value),
            Rule::whole_line => AvailabilityLine::WholeMinutes,
            Rule::decimals_line => AvailabilityLine::Decimals(self.int(&self.first(pair, Rule::int)?)),
            Rule::despite_line => AvailabilityLine::Despite(self.has(pair, Rule::k_maintenance)),
            _ => AvailabilityLine::MeasuredFrom(self.has(pair, Rule::k_tickets), self.when_in(pair)),
        })
    }

    fn down_line(&mut self, pair: &P<'_>) -> Option<AvailabilityLine> {
        if let Some(condition) = self.first(pair, Rule::condition) {
            return Some(AvailabilityLine::DownWhen(self.condition(&condition)?));
        }
        let parts = self.names_in(pair);
        let all = self.has(pair, Rule::k_all);
        Some(if all { AvailabilityLine::DownAll(parts) } else { AvailabilityLine::DownAny(parts) })
    }
}
