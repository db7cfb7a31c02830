//! Holidays as rules: fixed dates, Easter, the last Monday of a month, and what is observed instead.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::Serialize;

/// A named list of holidays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HolidayList {
    /// Its name.
    pub name: String,
    /// Its rules.
    pub rules: Vec<HolidayRule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HolidayRule {
    /// Which date of a year.
    pub date: DateRule,
    /// Days added to it, or taken off.
    pub shift: i64,
    /// In which years; empty: all.
    pub years: Vec<YearRange>,
    /// Where it is kept too when it falls on certain weekdays.
    pub observed: Vec<Observed>,
    /// Its name.
    pub label: Option<String>,
}

/// A date of each year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DateRule {
    /// Month and day; 02-29 only in leap years.
    Yearly {
        /// 1 to 12.
        month: u32,
        /// 1 to 31.
        day: u32,
    },
    /// Easter Sunday of the western churches.
    Easter,
    /// The nth such weekday of a month.
    Nth {
        /// 1 to 5.
        nth: u8,
        /// The weekday.
        weekday: Weekday,
        /// 1 to 12.
        month: u32,
    },
    /// The last such weekday of a month.
    Last {
        /// The weekday.
        weekday: Weekday,
        /// 1 to 12.
        month: u32,
    },
    /// The last such weekday before a date of the year.
    Before {
        /// The weekday.
        weekday: Weekday,
        /// 1 to 12.
        month: u32,
        /// 1 to 31.
        day: u32,
    },
    /// The first such weekday after a date of the year.
    After {
        /// The weekday.
        weekday: Weekday,
        /// 1 to 12.
        month: u32,
        /// 1 to 31.
        day: u32,
    },
    /// One date of one year.
    Once(NaiveDate),
}

/// Years from a first to a last, both in; either may be open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct YearRange {
    /// The first.
    pub first: Option<i32>,
    /// The last.
    pub last: Option<i32>,
}

impl YearRange {
    fn holds(self, year: i32) -> bool {
        self.first.is_none_or(|first| first <= year) && self.last.is_none_or(|last| year <= last)
    }
}

/// `observed next mon when sat or sun`: kept on that weekday too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Observed {
    /// The weekday it is kept on.
    pub on: Weekday,
    /// After the date, or before it.
    pub next: bool,
    /// When the date falls on one of these.
    pub when: Vec<Weekday>,
}

impl HolidayRule {
    /// The dates of a year's holiday: its own and where it is observed.
    pub fn dates(&self, year: i32) -> Vec<NaiveDate> {
        let in_years = self.years.is_empty() || self.years.iter().any(|range| range.holds(year));
        let Some(date) = self.date.in_year(year).filter(|_| in_years).and_then(|date| shifted(date, self.shift)) else {
            return Vec::new();
        };
        let observed = self.observed.iter().filter(|observed| observed.when.contains(&date.weekday()));
        std::iter::once(date).chain(observed.filter_map(|observed| observed.date(date))).collect()
    }
}

impl Observed {
    fn date(&self, date: NaiveDate) -> Option<NaiveDate> {
        let days =
            if self.next { days_between(date.weekday(), self.on) } else { days_between(self.on, date.weekday()) };
        shifted(date, if self.next { days } else { -days })
    }
}

/// Days from one weekday to the next other one: 1 to 7.
fn days_between(from: Weekday, to: Weekday) -> i64 {
    let days = i64::from(to.num_days_from_monday()) - i64::from(from.num_days_from_monday());
    if days <= 0 { days + 7 } else { days }
}

fn shifted(date: NaiveDate, days: i64) -> Option<NaiveDate> {
    let distance = Days::new(days.unsigned_abs());
    if days < 0 { date.checked_sub_days(distance) } else { date.checked_add_days(distance) }
}

impl DateRule {
    /// Its date in a year, where that year has one.
    pub fn in_year(&self, year: i32) -> Option<NaiveDate> {
        match self {
            DateRule::Yearly { month, day } => NaiveDate::from_ymd_opt(year, *month, *day),
            DateRule::Easter => easter(year),
            DateRule::Nth { nth, weekday, month } => NaiveDate::from_weekday_of_month_opt(year, *month, *weekday, *nth),
            DateRule::Last { weekday, month } => {
                let nth = |nth| NaiveDate::from_weekday_of_month_opt(year, *month, *weekday, nth);
                nth(5).or_else(|| nth(4))
            }
            DateRule::Before { weekday, month, day } => {
                let date = NaiveDate::from_ymd_opt(year, *month, *day)?;
                shifted(date, -days_between(*weekday, date.weekday()))
            }
            DateRule::After { weekday, month, day } => {
                let date = NaiveDate::from_ymd_opt(year, *month, *day)?;
                shifted(date, days_between(date.weekday(), *weekday))
            }
            DateRule::Once(date) => Some(*date).filter(|date| date.year() == year),
        }
    }
}

/// Easter Sunday by the Gregorian computus (the anonymous algorithm that Meeus prints).
pub fn easter(year: i32) -> Option<NaiveDate> {
    let golden = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let (leap_centuries, century_rest) = (century.div_euclid(4), century.rem_euclid(4));
    let lunar = (century - (century + 8).div_euclid(25) + 1).div_euclid(3);
    let epact = (19 * golden + century - leap_centuries - lunar + 15).rem_euclid(30);
    let (leap_years, year_rest) = (of_century.div_euclid(4), of_century.rem_euclid(4));
    let to_sunday = (32 + 2 * century_rest + 2 * leap_years - epact - year_rest).rem_euclid(7);
    let late = (golden + 11 * epact + 22 * to_sunday).div_euclid(451);
    let sum = epact + to_sunday - 7 * late + 114;
    let (month, day) = (u32::try_from(sum / 31).ok()?, u32::try_from(sum % 31 + 1).ok()?);
    NaiveDate::from_ymd_opt(year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn easter_falls_where_almanacs_say() {
        let known =
            [(2000, 4, 23), (2008, 3, 23), (2011, 4, 24), (2019, 4, 21), (2024, 3, 31), (2025, 4, 20), (2038, 4, 25)];
        for (year, month, day) in known {
            assert_eq!(easter(year), Some(date(year, month, day)));
        }
    }

    #[test]
    fn a_holiday_is_kept_on_its_own_day_and_where_it_is_observed() {
        let rule = HolidayRule {
            date: DateRule::Yearly { month: 12, day: 25 },
            shift: 0,
            years: Vec::new(),
            observed: vec![Observed { on: Weekday::Mon, next: true, when: vec![Weekday::Sat, Weekday::Sun] }],
            label: None,
        };
        assert_eq!(rule.dates(2021), [date(2021, 12, 25), date(2021, 12, 27)]);
        assert_eq!(rule.dates(2024), [date(2024, 12, 25)]);
    }

    #[test]
    fn weekdays_around_a_date_are_found() {
        let repentance = DateRule::Before { weekday: Weekday::Wed, month: 11, day: 23 };
        assert_eq!(repentance.in_year(2025), Some(date(2025, 11, 19)));
        assert_eq!(repentance.in_year(2022), Some(date(2022, 11, 16)), "a Wednesday itself is not before itself");
        let last = DateRule::Last { weekday: Weekday::Mon, month: 5 };
        assert_eq!(last.in_year(2025), Some(date(2025, 5, 26)));
    }
}
