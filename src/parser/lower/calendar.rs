//! Holidays and calendars.

use chrono::{NaiveDate, Weekday};

use crate::ast::{Calendar, CalendarBody, CalendarLine, Dates, HolidayDate, HolidayRule, Holidays, Observed, WeekLine};
use crate::source::Spanned;

use super::super::grammar::Rule;
use super::super::node::Node;
use super::{Lower, P, body};

impl Lower<'_> {
    pub(super) fn holidays(&mut self, node: &Node<'_>) -> Option<Holidays> {
        let name = self.name_in(&node.pair)?;
        let rules = body(node).iter().filter_map(|rule| self.holiday_rule(&rule.pair)).collect();
        Some(Holidays { name, rules })
    }

    fn holiday_rule(&mut self, pair: &P<'_>) -> Option<HolidayRule> {
        let date = self.holiday_date(&self.first(pair, Rule::holiday_date)?)?;
        let shift = self.first(pair, Rule::shift).map_or(0, |shift| self.shift(&shift));
        let mut years = Vec::new();
        let mut observed = Vec::new();
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::year_list => {
                    let runs = self.all(&part, Rule::year_run);
                    years.extend(runs.iter().map(year_run));
                }
                Rule::year_from => years.push(self.year_from(&part)),
                Rule::observed => observed.extend(self.observed(&part)),
                _ => {}
            }
        }
        let label = self.first(pair, Rule::text).map(|label| self.text_of(&label));
        Some(HolidayRule { date, shift, years, observed, label, span: self.span(pair) })
    }

    fn shift(&mut self, pair: &P<'_>) -> i64 {
        let days = self.first(pair, Rule::int).map_or(0, |days| i64::from(self.small(&days)));
        if self.first(pair, Rule::sign).is_some_and(|sign| sign.as_str() == "-") { -days } else { days }
    }

    fn holiday_date(&mut self, pair: &P<'_>) -> Option<HolidayDate> {
        let inner = self.only(pair)?;
        let weekday = || self.first(&inner, Rule::weekday)?.as_str().parse::<Weekday>().ok();
        let month = || self.first(&inner, Rule::month).and_then(|month| month_number(month.as_str()));
        Some(match inner.as_rule() {
            Rule::date => HolidayDate::Once(self.date(&inner)),
            Rule::month_day => {
                let (month, day) = self.month_day(&inner);
                HolidayDate::Yearly(month, day)
            }
            Rule::last_weekday => HolidayDate::Last(weekday()?, month()?),
            Rule::nth_weekday => HolidayDate::Nth(nth_word(self.only(&inner)?.as_str())?, weekday()?, month()?),
            Rule::around_weekday => {
                let weekday = weekday()?;
                let (month, day) = self.month_day(&self.first(&inner, Rule::month_day)?);
                if self.has(&inner, Rule::k_before) {
                    HolidayDate::Before(weekday, month, day)
                } else {
                    HolidayDate::After(weekday, month, day)
                }
            }
            _ => HolidayDate::Easter,
        })
    }

    fn month_day(&mut self, pair: &P<'_>) -> (u32, u32) {
        let (month, day) = pair.as_str().split_once('-').unwrap_or(("1", "1"));
        let (month, day) = (month.parse().unwrap_or(0), day.parse().unwrap_or(0));
        // 29 February is a date in leap years.
        if NaiveDate::from_ymd_opt(2024, month, day).is_none() {
            let message = format!("there is no {}", pair.as_str());
            self.error("bad_date", pair, message, "write month and day, such as `12-25`");
            return (1, 1);
        }
        (month, day)
    }

    fn year_from(&self, pair: &P<'_>) -> (Option<i32>, Option<i32>) {
        let years: Vec<i32> = self.all(pair, Rule::year).iter().filter_map(|year| year.as_str().parse().ok()).collect();
        if pair.as_str().starts_with("until") {
            return (None, years.first().copied());
        }
        (years.first().copied(), years.get(1).copied())
    }

    fn observed(&self, pair: &P<'_>) -> Option<Observed> {
        let days = self.all(pair, Rule::weekday);
        let days: Vec<Weekday> = days.iter().filter_map(|day| day.as_str().parse().ok()).collect();
        let (on, when) = days.split_first()?;
        Some(Observed { on: *on, next: self.has(pair, Rule::k_next), when: when.to_vec() })
    }

    pub(super) fn calendar(&mut self, node: &Node<'_>) -> Option<Calendar> {
        let name = self.name_in(&node.pair)?;
        let joined = node
            .pair
            .clone()
            .into_inner()
            .last()
            .filter(|last| matches!(last.as_rule(), Rule::joined_and | Rule::joined_or));
        let body = match joined {
            Some(joined) => {
                let names = self.all(&joined, Rule::calendar_name);
                let names = names.iter().map(|name| self.name(name)).collect();
                CalendarBody::Joined(joined.as_rule() == Rule::joined_and, names)
            }
            None => CalendarBody::Lines(self.calendar_lines(node)),
        };
        Some(Calendar { name, body })
    }

    fn calendar_lines(&mut self, node: &Node<'_>) -> Vec<Spanned<CalendarLine>> {
        let lines = body(node).iter().filter_map(|line| {
            let value = self.calendar_line(line)?;
            Some(Spanned::new(value, self.node_span(line)))
        });
        lines.collect()
    }

    fn calendar_line(&mut self, node: &Node<'_>) -> Option<CalendarLine> {
        let pair = &node.pair;
        Some(match pair.as_rule() {
            Rule::timezone_line => CalendarLine::Timezone(self.text_of(&self.first(pair, Rule::text)?)),
            Rule::closed_feed => CalendarLine::Feed(self.text_of(&self.first(pair, Rule::text)?)),
            Rule::closed_holidays => CalendarLine::ClosedOnHolidays(self.names_in(pair)),
            Rule::closed_line => CalendarLine::Closed(self.dates(pair)?),
            Rule::open_line => CalendarLine::Open(self.dates(pair)?),
            Rule::during_head => {
                let (first, last) = self.date_range(&self.first(pair, Rule::date_range)?)?;
                CalendarLine::During(first, last, self.week_lines(node))
            }
            Rule::alternate_head => CalendarLine::Alternate(self.has(pair, Rule::k_odd), self.week_lines(node)),
            _ => CalendarLine::Week(self.week_line(pair)?),
        })
    }

    fn week_lines(&mut self, node: &Node<'_>) -> Vec<WeekLine> {
        body(node).iter().filter_map(|line| self.week_line(&line.pair)).collect()
    }

    fn week_line(&mut self, pair: &P<'_>) -> Option<WeekLine> {
        let days = self.weekdays(&self.first(pair, Rule::weekdays)?);
        let spans = self.spans(&self.first(pair, Rule::spans)?);
        Some(WeekLine { days, spans, span: self.span(pair) })
    }

    fn dates(&mut self, pair: &P<'_>) -> Option<Dates> {
        let dates = self.first(pair, Rule::dates)?;
        let days: Vec<NaiveDate> = self.all(&dates, Rule::date).iter().map(|date| self.date(date)).collect();
        let (first, last) = (*days.first()?, *days.last()?);
        self.in_order(&dates, first, last);
        let spans = self.first(pair, Rule::spans).map(|spans| self.spans(&spans)).unwrap_or_default();
        Some(Dates { first, last, spans })
    }

    pub(super) fn date_range(&mut self, pair: &P<'_>) -> Option<(NaiveDate, Option<NaiveDate>)> {
        let days: Vec<NaiveDate> = self.all(pair, Rule::date).iter().map(|date| self.date(date)).collect();
        let (first, last) = (*days.first()?, days.get(1).copied());
        self.in_order(pair, first, last.unwrap_or(first));
        Some((first, last))
    }

    fn in_order(&mut self, pair: &P<'_>, first: NaiveDate, last: NaiveDate) {
        if last < first {
            let help = "write the earlier date first; a range includes its last day";
            self.error("empty_range", pair, "this range ends before it begins", help);
        }
    }
}

fn year_run(pair: &P<'_>) -> (Option<i32>, Option<i32>) {
    let years: Vec<i32> = pair.clone().into_inner().filter_map(|year| year.as_str().parse().ok()).collect();
    let first = years.first().copied();
    let last = if pair.as_str().contains("..") { years.get(1).copied() } else { first };
    (first, last)
}

/// `first` or `1st` to `fifth`.
pub(super) fn nth_word(word: &str) -> Option<u8> {
    let words = ["first", "second", "third", "fourth", "fifth"];
    let place = words.iter().position(|known| *known == word.trim());
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    place.and_then(|place| u8::try_from(place + 1).ok()).or_else(|| digits.parse().ok())
}

fn month_number(word: &str) -> Option<u32> {
    word.parse::<chrono::Month>().ok().map(|month| month.number_from_month())
}
