//! Time that does not count: maintenance windows and excluded time.

use chrono::Weekday;

use crate::ast::{Every, ExcludedTime, MaintenanceLine, Moment, Recurrence, StatementKind};
use crate::source::Spanned;

use super::super::grammar::Rule;
use super::super::node::Node;
use super::calendar::nth_word;
use super::{Lower, P, body};

impl Lower<'_> {
    pub(super) fn excluded_time(&mut self, pair: &P<'_>) -> Option<StatementKind> {
        let (from, to) = self.moments(&self.first(pair, Rule::moment_range)?)?;
        let why = self.first(pair, Rule::text).map(|text| self.text_of(&text));
        Some(StatementKind::ExcludeTime(ExcludedTime { from, to, kind: self.name_in(pair), why }))
    }

    pub(super) fn moments(&mut self, pair: &P<'_>) -> Option<(Spanned<Moment>, Option<Spanned<Moment>>)> {
        let mut moments = self.all(pair, Rule::moment).into_iter();
        let from = self.moment(&moments.next()?)?;
        Some((from, moments.next().and_then(|moment| self.moment(&moment))))
    }

    pub(super) fn maintenance(&mut self, node: &Node<'_>) -> Option<StatementKind> {
        let head = node.pair.clone().into_inner().last()?;
        let text = self.first(&head, Rule::text).map(|text| self.text_of(&text));
        let name = text.or_else(|| self.name_in(&head))?;
        let lines = body(node).iter().filter_map(|line| {
            let value = self.maintenance_line(&line.pair)?;
            Some(Spanned::new(value, self.node_span(line)))
        });
        Some(StatementKind::Maintenance(name, lines.collect()))
    }

    fn maintenance_line(&mut self, pair: &P<'_>) -> Option<MaintenanceLine> {
        Some(match pair.as_rule() {
            Rule::recurring_line => MaintenanceLine::Every(self.recurrence(pair)?),
            Rule::once_line => {
                let (from, to) = self.moments(&self.first(pair, Rule::moment_range)?)?;
                MaintenanceLine::Once(from, to)
            }
            Rule::timezone_line => MaintenanceLine::Timezone(self.text_of(&self.first(pair, Rule::text)?)),
            _ => MaintenanceLine::Announced(self.duration_in(pair)?),
        })
    }

    fn recurrence(&mut self, pair: &P<'_>) -> Option<Recurrence> {
        let on_day = self.has(pair, Rule::k_on) && self.first(pair, Rule::weekday).is_none();
        let numbers: Vec<u32> = self.all(pair, Rule::int).iter().map(|number| self.small(number)).collect();
        let months = self.has(pair, Rule::k_month) || self.has(pair, Rule::k_months);
        let weeks = self.has(pair, Rule::k_week) || self.has(pair, Rule::k_weeks);
        let counts = self.has(pair, Rule::k_weeks) || self.has(pair, Rule::k_months);
        let interval = if counts { numbers.first().copied().unwrap_or(1) } else { 1 };
        let nth = self.first(pair, Rule::number_word).or_else(|| self.first(pair, Rule::ordinal));
        let last = self.has(pair, Rule::k_last).then_some(-1);
        let weekdays = self.all(pair, Rule::weekday);
        Some(Recurrence {
            every: match (months, weeks) {
                (true, _) => Every::Months(interval),
                (_, true) => Every::Weeks(interval),
                _ => Every::Day,
            },
            weekdays: weekdays.iter().filter_map(|day| day.as_str().parse::<Weekday>().ok()).collect(),
            nth: last.or_else(|| nth.and_then(|nth| nth_word_of(&nth))),
            day: numbers.last().copied().filter(|_| on_day),
            spans: self.spans(&self.first(pair, Rule::spans)?),
        })
    }
}

fn nth_word_of(pair: &P<'_>) -> Option<i8> {
    nth_word(pair.as_str()).and_then(|nth| i8::try_from(nth).ok())
}
