//! Numbers, texts, times, money, conditions.

use chrono::{DateTime, NaiveDate, NaiveTime, Weekday};

use crate::ast::{Comparison, Condition, Moment, Money, Name, Period, Target, TargetForm, Tested, Text};
use crate::money::{self, Fraction, whole};
use crate::source::Spanned;
use crate::time::{DAY, HOUR, MINUTE, Millis, SECOND};

use super::super::grammar::Rule;
use super::{Lower, P};

/// The longest duration that a contract may state: a hundred years.
const LONGEST: Millis = 36_525 * DAY;

/// Ten years.
const MOST_MONTHS: u32 = 120;

/// A leap year.
const MOST_DAYS: u32 = 366;

impl Lower<'_> {
    pub(super) fn name(&self, pair: &P<'_>) -> Name {
        self.spanned(pair.as_str().to_string(), pair)
    }

    /// A text without its quotes.
    pub(super) fn text_of(&self, pair: &P<'_>) -> Text {
        self.spanned(unquoted(pair.as_str()), pair)
    }

    /// A word, a text or a number: what they say.
    pub(super) fn value(&self, pair: &P<'_>) -> Name {
        self.spanned(unquoted(pair.as_str().trim_end()), pair)
    }

    pub(super) fn values(&self, pair: &P<'_>) -> Vec<Name> {
        self.all(pair, Rule::value).iter().map(|value| self.value(value)).collect()
    }

    pub(super) fn mark_in(&self, pair: &P<'_>) -> Option<Text> {
        let mark = self.first(pair, Rule::mark)?;
        let inner = self.only(&mark)?;
        Some(self.spanned(unquoted(inner.as_str()), &mark))
    }

    pub(super) fn int(&mut self, pair: &P<'_>) -> Spanned<i64> {
        let digits: String = pair.as_str().chars().filter(char::is_ascii_digit).collect();
        let value = digits.parse().unwrap_or_else(|_| {
            self.error("bad_number", pair, "this number is too large", "write a smaller one");
            0
        });
        self.spanned(value, pair)
    }

    /// A whole number that fits where counts and days do.
    pub(super) fn small(&mut self, pair: &P<'_>) -> u32 {
        let value = self.int(pair).value;
        u32::try_from(value).ok().filter(|value| *value <= 100_000).unwrap_or_else(|| {
            self.error("bad_number", pair, "this number is too large", "write a smaller one");
            0
        })
    }

    pub(super) fn number(&self, pair: &P<'_>) -> Fraction {
        money::decimal(pair.as_str().trim()).unwrap_or_else(|| whole(0))
    }

    /// A percentage as its fraction: `95%` is 19/20.
    pub(super) fn percentage(&self, pair: &P<'_>) -> Fraction {
        let number = money::decimal(pair.as_str().trim_end_matches('%')).unwrap_or_else(|| whole(0));
        number / whole(100)
    }

    /// `1/30`
    pub(super) fn fraction(&mut self, pair: &P<'_>) -> Fraction {
        let (top, bottom) = pair.as_str().split_once('/').unwrap_or(("0", "1"));
        match (money::decimal(top), money::decimal(bottom)) {
            (Some(top), Some(bottom)) if bottom != whole(0) => top / bottom,
            _ => {
                self.error("bad_number", pair, "nothing can be divided by zero", "write a fraction such as `1/30`");
                whole(0)
            }
        }
    }

    pub(super) fn money(&self, pair: &P<'_>) -> Option<Money> {
        let amount = self.number(&self.first(pair, Rule::money_amount)?);
        Some(Money { amount, currency: self.name(&self.first(pair, Rule::currency)?) })
    }

    // -- time

    /// A duration in milliseconds, and whether it is written in days.
    pub(super) fn duration(&mut self, pair: &P<'_>) -> (Millis, bool) {
        let Some(inner) = self.only(pair) else { return (0, false) };
        let millis = match inner.as_rule() {
            Rule::days => {
                let days = self.first(&inner, Rule::int).map_or(0, |days| self.int(&days).value);
                days.checked_mul(DAY)
            }
            _ => clock_millis(inner.as_str()),
        };
        let millis = millis.filter(|millis| *millis <= LONGEST).unwrap_or_else(|| {
            self.error("bad_duration", pair, "this duration is longer than a hundred years", "write a shorter one");
            0
        });
        (millis, inner.as_rule() == Rule::days)
    }

    pub(super) fn duration_in(&mut self, pair: &P<'_>) -> Option<Spanned<Millis>> {
        let duration = self.first(pair, Rule::duration)?;
        let (millis, _) = self.duration(&duration);
        Some(self.spanned(millis, &duration))
    }

    pub(super) fn date(&mut self, pair: &P<'_>) -> NaiveDate {
        let date = NaiveDate::parse_from_str(pair.as_str(), "%Y-%m-%d").ok();
        let known = date.filter(|date| *date >= NaiveDate::MIN);
        known.unwrap_or_else(|| {
            let message = format!("there is no {}", pair.as_str());
            self.error("bad_date", pair, message, "write year, month and day, such as `2025-03-07`");
            NaiveDate::default()
        })
    }

    /// Seconds since midnight; `24:00` is the end of the day.
    pub(super) fn seconds(&mut self, pair: &P<'_>) -> u32 {
        let mut parts = pair.as_str().split(':').map(|part| part.parse::<u32>().unwrap_or(u32::MAX));
        let (hours, minutes, seconds) =
            (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0));
        let is_time = hours < 24 && minutes < 60 && seconds < 60;
        if is_time || (hours, minutes, seconds) == (24, 0, 0) {
            return hours * 3_600 + minutes * 60 + seconds;
        }
        let message = format!("there is no time {}", pair.as_str());
        self.error("bad_time", pair, message, "times run from `00:00` to `23:59`; `24:00` ends a day");
        0
    }

    pub(super) fn time_of_day(&mut self, pair: &P<'_>) -> NaiveTime {
        let seconds = self.seconds(pair).min(86_399);
        NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).unwrap_or(NaiveTime::MIN)
    }

    pub(super) fn moment(&mut self, pair: &P<'_>) -> Option<Spanned<Moment>> {
        let inner = self.only(pair)?;
        let moment = match inner.as_rule() {
            Rule::offset_instant => self.utc(&inner),
            Rule::local_instant => {
                let date = self.date(&self.first(&inner, Rule::date)?);
                let seconds = self.seconds(&self.first(&inner, Rule::time)?);
                let midnight = date.and_time(NaiveTime::MIN);
                Moment::Local(midnight + chrono::TimeDelta::seconds(i64::from(seconds)))
            }
            _ => Moment::Date(self.date(&inner)),
        };
        Some(self.spanned(moment, pair))
    }

    fn utc(&mut self, pair: &P<'_>) -> Moment {
        let text = pair.as_str();
        let zone = text.rfind(['Z', '+', '-']).unwrap_or(text.len());
        let without_seconds = text.get(..zone).is_some_and(|local| local.matches(':').count() == 1);
        let (local, offset) = text.split_at(zone);
        let whole = if without_seconds { format!("{local}:00{offset}") } else { text.to_string() };
        match DateTime::parse_from_rfc3339(&whole) {
            Ok(at) => Moment::Utc(at.timestamp_millis()),
            Err(_) => {
                self.error("bad_date", pair, format!("there is no instant {text}"), "write `2025-03-07T17:50+01:00`");
                Moment::Utc(0)
            }
        }
    }

    pub(super) fn weekdays(&self, pair: &P<'_>) -> Vec<Weekday> {
        let mut days = Vec::new();
        for run in self.all(pair, Rule::weekday_run) {
            let ends: Vec<Weekday> = run.into_inner().filter_map(|day| day.as_str().parse().ok()).collect();
            let (Some(first), Some(last)) = (ends.first(), ends.last()) else { continue };
            let mut day = *first;
            days.push(day);
            while day != *last {
                day = day.succ();
                days.push(day);
            }
        }
        days
    }

    pub(super) fn spans(&mut self, pair: &P<'_>) -> Vec<(u32, u32)> {
        let mut spans = Vec::new();
        for span in self.all(pair, Rule::span) {
            let times: Vec<u32> = span.clone().into_inner().map(|time| self.seconds(&time)).collect();
            let (Some(from), Some(to)) = (times.first(), times.last()) else { continue };
            if from == to || *from == 86_400 {
                let help = "write the opening before the close; a whole day is `00:00-24:00`";
                self.error("empty_span", &span, "these hours hold no time", help);
            } else {
                spans.push((*from, *to));
            }
        }
        spans
    }

    pub(super) fn period(&mut self, pair: &P<'_>) -> Spanned<Period> {
        let words: Vec<&str> = pair.as_str().split_whitespace().collect();
        let period = match words.as_slice() {
            ["day"] => Period::Day,
            ["week"] => Period::Week,
            ["month"] => Period::Month,
            ["quarter"] => Period::Quarter,
            ["year"] => Period::Year,
            ["contract", "year"] => Period::ContractYear,
            [_, "months"] => {
                let count = self.first(pair, Rule::int).map_or(0, |count| self.small(&count));
                if count == 0 || MOST_MONTHS < count {
                    self.error("bad_number", pair, "no period has so many months", "write from 1 to 120 months");
                }
                Period::Months(count.clamp(1, MOST_MONTHS))
            }
            ["any", ..] => {
                let count = self.first(pair, Rule::int).map_or(0, |count| self.small(&count));
                if !(2..=MOST_DAYS).contains(&count) {
                    self.error("bad_number", pair, "no window has so many days", "write from 2 to 366 days");
                }
                Period::AnyDays(count.clamp(2, MOST_DAYS))
            }
            words => Period::Later(words.join(" ")),
        };
        self.spanned(period, pair)
    }

    // -- targets

    pub(super) fn target(&mut self, pair: &P<'_>) -> Option<Target> {
        let strict = self.has(pair, Rule::strictly);
        let form = pair.clone().into_inner().last()?;
        let calendar = self.in_calendar(&form);
        let kind = match form.as_rule() {
            Rule::plain => {
                let (millis, in_days) = self.duration(&self.first(&form, Rule::duration)?);
                TargetForm::Duration(millis, in_days)
            }
            Rule::moved => {
                let (millis, _) = self.duration(&self.first(&form, Rule::duration)?);
                let to = self.all(&form, Rule::calendar_name);
                TargetForm::Moved(millis, self.name(to.last()?))
            }
            Rule::service_days => TargetForm::ServiceDays(self.small(&self.first(&form, Rule::int)?)),
            Rule::deadline_end => TargetForm::EndOfServiceDay(self.nth(&self.first(&form, Rule::nth)?)),
            _ => {
                let time = self.time_of_day(&self.first(&form, Rule::time)?);
                TargetForm::TimeOnServiceDay(self.nth(&self.first(&form, Rule::nth)?), time)
            }
        };
        Some(Target { form: kind, calendar, strict, span: self.span(pair) })
    }

    /// The calendar that `in office` names.
    pub(super) fn in_calendar(&self, pair: &P<'_>) -> Option<Name> {
        let named = self.first(pair, Rule::in_calendar)?;
        Some(self.name(&self.first(&named, Rule::calendar_name)?))
    }

    /// `next` is the first.
    pub(super) fn nth(&mut self, pair: &P<'_>) -> u32 {
        let digits: String = pair.as_str().chars().filter(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(1)
    }

    // -- conditions

    pub(super) fn when_in(&mut self, pair: &P<'_>) -> Option<Condition> {
        let when = self.first(pair, Rule::when)?;
        self.condition(&self.first(&when, Rule::condition)?)
    }

    pub(super) fn condition(&mut self, pair: &P<'_>) -> Option<Condition> {
        let mut parts = pair.clone().into_inner();
        let first = self.unit_test(&parts.next()?)?;
        let rest: Vec<P<'_>> = parts.collect();
        let Some(joined) = rest.first().map(|part| part.as_rule()) else { return Some(first) };
        let mut tests = vec![first];
        for part in &rest {
            tests.push(self.unit_test(&part.clone().into_inner().last()?)?);
        }
        let test = if joined == Rule::and_test { Tested::All(tests) } else { Tested::Any(tests) };
        Some(Condition { test, span: self.span(pair) })
    }

    fn unit_test(&mut self, pair: &P<'_>) -> Option<Condition> {
        let test = match pair.as_rule() {
            Rule::negation => {
                let inner = pair.clone().into_inner().last()?;
                Tested::Not(Box::new(self.unit_test(&inner)?))
            }
            Rule::group => return self.condition(&self.first(pair, Rule::condition)?),
            Rule::plugin_call => Tested::By(self.call(pair)?),
            _ => self.comparison(pair)?,
        };
        Some(Condition { test, span: self.span(pair) })
    }

    fn comparison(&mut self, pair: &P<'_>) -> Option<Tested> {
        let mut parts = pair.clone().into_inner();
        let name = self.name(&parts.next()?);
        let how = parts.next()?;
        let value = || self.first(&how, Rule::value).map(|value| self.value(&value));
        let values = || self.first(&how, Rule::values).map(|values| self.values(&values));
        Some(match how.as_rule() {
            Rule::is_value => Tested::In(name, vec![value()?]),
            Rule::is_not => Tested::NotIn(name, vec![value()?]),
            Rule::in_list => Tested::In(name, values()?),
            Rule::not_in_list => Tested::NotIn(name, values()?),
            Rule::is_present => Tested::Present(name),
            Rule::is_absent => Tested::Absent(name),
            _ => {
                let comparison = match self.first(&how, Rule::comparator)?.as_str() {
                    "<" => Comparison::Below,
                    "<=" => Comparison::AtMost,
                    ">=" => Comparison::AtLeast,
                    _ => Comparison::Above,
                };
                let number = self.first(&how, Rule::number)?;
                Tested::Compare(name, comparison, self.spanned(self.number(&number), &number))
            }
        })
    }
}

/// A text without its quotes and escapes; a word as it is.
pub(super) fn unquoted(written: &str) -> String {
    let Some(inside) = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return written.to_string();
    };
    inside.replace("\\\"", "\"").replace("\\\\", "\\")
}

/// `1h30m` in milliseconds; none where it does not fit.
fn clock_millis(written: &str) -> Option<Millis> {
    let mut total: Millis = 0;
    let mut rest = written;
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let (digits, after) = rest.split_at(unit_at);
        let unit_end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, next) = after.split_at(unit_end);
        let unit = match unit {
            "ms" => 1,
            "s" => SECOND,
            "m" => MINUTE,
            "h" => HOUR,
            _ => DAY,
        };
        total = total.checked_add(digits.parse::<Millis>().ok()?.checked_mul(unit)?)?;
        rest = next;
    }
    Some(total)
}
