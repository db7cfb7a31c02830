//! Is it open? Asked of one tick at a time, straight from what a calendar says about its local wall time.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Weekday};
use chrono_tz::Tz;
use klausel::calendar::{CalendarSpec, DateRule, HolidayRule, Hours, WeekLine, Weeks};

/// How far the oracle looks ahead before it gives a case up.
const HORIZON_MS: i64 = 50 * 86_400_000;
const HOUR_MS: i64 = 3_600_000;

/// The case looks further ahead than a naive engine can walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beyond;

/// Spans in seconds since midnight of a date; more than a day where they pass midnight.
#[derive(Debug, Default)]
struct Sheet {
    usual: Vec<(u32, u32)>,
    shut: Vec<(u32, u32)>,
    extra: Vec<(u32, u32)>,
}

impl Sheet {
    fn covers(&self, second: u32) -> bool {
        let within = |spans: &[(u32, u32)]| spans.iter().any(|(from, to)| *from <= second && second < *to);
        within(&self.extra) || (within(&self.usual) && !within(&self.shut))
    }
}

type Runs = Rc<Vec<(i64, i64)>>;

/// One calendar, looked at tick by tick. What was looked at is remembered.
pub struct Book<'p> {
    spec: &'p CalendarSpec,
    zone: Tz,
    step: i64,
    sheets: RefCell<BTreeMap<(*const Hours, NaiveDate), Rc<Sheet>>>,
    hours: RefCell<BTreeMap<i64, Rc<Vec<bool>>>>,
    days: RefCell<BTreeMap<NaiveDate, Runs>>,
}

/// The wall clock of a zone.
pub fn wall(zone: Tz, at: i64) -> NaiveDateTime {
    DateTime::from_timestamp_millis(at).unwrap().with_timezone(&zone).naive_local()
}

impl<'p> Book<'p> {
    /// `home` is the wall clock of a calendar that has none; `step` the length of a tick in milliseconds.
    pub fn new(spec: &'p CalendarSpec, home: Tz, step: i64) -> Book<'p> {
        let zone = first_zone(spec).unwrap_or(home);
        let (sheets, hours, days) = (RefCell::default(), RefCell::default(), RefCell::default());
        Book { spec, zone, step, sheets, hours, days }
    }

    /// Whether the tick that begins at `at` (or holds it) is open.
    pub fn is_open(&self, at: i64) -> bool {
        if *self.spec == CalendarSpec::Always {
            return true;
        }
        let hour = at.div_euclid(HOUR_MS);
        let place = usize::try_from(at.rem_euclid(HOUR_MS) / self.step).unwrap();
        if let Some(known) = self.hours.borrow().get(&hour) {
            return known[place];
        }
        let ticks = (0..HOUR_MS / self.step).map(|tick| self.look(self.spec, hour * HOUR_MS + tick * self.step));
        let ticks = Rc::new(ticks.collect::<Vec<bool>>());
        self.hours.borrow_mut().insert(hour, Rc::clone(&ticks));
        ticks[place]
    }

    /// An instant is open exactly when its local wall time lies in a span of that local day, or in one of the day
    /// before that passes midnight.
    fn look(&self, spec: &CalendarSpec, at: i64) -> bool {
        match spec {
            CalendarSpec::Always => true,
            CalendarSpec::Both(a, b) => self.look(a, at) && self.look(b, at),
            CalendarSpec::Either(a, b) => self.look(a, at) || self.look(b, at),
            CalendarSpec::Without(inner, closed) => {
                self.look(inner, at) && !closed.iter().any(|time| time.from_ms <= at && at < time.to_ms)
            }
            CalendarSpec::Hours(hours) => {
                let local = wall(hours.zone, at);
                let (today, yesterday) = (local.date(), local.date() - Days::new(1));
                let second = local.num_seconds_from_midnight();
                self.sheet(hours, today).covers(second) || self.sheet(hours, yesterday).covers(second + 86_400)
            }
        }
    }

    /// Whether the tick is open as part of this local date: a span over midnight belongs to the day it opens on, and
    /// where two calendars must both be open, to the earlier of the days they say.
    fn is_of(&self, spec: &CalendarSpec, at: i64, date: NaiveDate) -> bool {
        match spec {
            CalendarSpec::Always => wall(self.zone, at).date() == date,
            CalendarSpec::Both(a, b) => {
                let of = |spec, first, last| (first..=last).any(|days| self.is_of(spec, at, date + Days::new(days)));
                (of(a, 0, 0) && of(b, 0, 2)) || (of(a, 1, 2) && of(b, 0, 0))
            }
            CalendarSpec::Either(a, b) => self.is_of(a, at, date) || self.is_of(b, at, date),
            CalendarSpec::Without(inner, _) => self.is_of(inner, at, date) && self.look(spec, at),
            CalendarSpec::Hours(hours) => {
                let local = wall(hours.zone, at);
                let second = local.num_seconds_from_midnight();
                let sheet = self.sheet(hours, date);
                (local.date() == date && sheet.covers(second))
                    || (local.date() == date + Days::new(1) && sheet.covers(second + 86_400))
            }
        }
    }

    fn sheet(&self, hours: &Hours, date: NaiveDate) -> Rc<Sheet> {
        let key = (std::ptr::from_ref(hours), date);
        if let Some(sheet) = self.sheets.borrow().get(&key) {
            return Rc::clone(sheet);
        }
        let sheet = Rc::new(sheet(hours, date));
        self.sheets.borrow_mut().insert(key, Rc::clone(&sheet));
        sheet
    }

    // -- stepping through time

    /// Open time between two instants.
    pub fn open_between(&self, from: i64, to: i64) -> i64 {
        let mut open = 0;
        let mut at = from;
        while at < to {
            let next = self.next_tick(at).min(to);
            open += if self.is_open(at) { next - at } else { 0 };
            at = next;
        }
        open
    }

    fn next_tick(&self, at: i64) -> i64 {
        (at.div_euclid(self.step) + 1) * self.step
    }

    /// The first instant from `from` on at which so much open time is over.
    pub fn earliest(&self, from: i64, mut left: i64) -> Result<i64, Beyond> {
        let mut at = from;
        while 0 < left {
            let next = self.next_tick(at);
            if self.is_open(at) {
                if left <= next - at {
                    return Ok(at + left);
                }
                left -= next - at;
            }
            at = next;
            if HORIZON_MS < at - from {
                return Err(Beyond);
            }
        }
        Ok(at)
    }

    /// The last instant from `from` on at which no more open time is over.
    pub fn latest(&self, from: i64, left: i64) -> Result<i64, Beyond> {
        self.next_open(self.earliest(from, left)?)
    }

    /// The first instant up to `to` from which so much open time is left until `to`.
    pub fn back(&self, to: i64, mut left: i64) -> Result<i64, Beyond> {
        let mut at = to;
        loop {
            let before = (at - 1).div_euclid(self.step) * self.step;
            if self.is_open(before) {
                if left < at - before {
                    return Ok(at - left);
                }
                left -= at - before;
            }
            at = before;
            if HORIZON_MS < to - at {
                return Err(Beyond);
            }
        }
    }

    /// `at` where it is open, otherwise the next opening.
    pub fn next_open(&self, from: i64) -> Result<i64, Beyond> {
        let mut at = from;
        while !self.is_open(at) {
            at = self.next_tick(at);
            if HORIZON_MS < at - from {
                return Err(Beyond);
            }
        }
        Ok(at)
    }

    // -- service days

    /// The open runs of a local date, in time order.
    fn runs(&self, date: NaiveDate) -> Runs {
        if let Some(runs) = self.days.borrow().get(&date) {
            return Rc::clone(runs);
        }
        let midnight = date.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
        let mut runs: Vec<(i64, i64)> = Vec::new();
        let mut at = midnight - 16 * HOUR_MS;
        while at < midnight + 64 * HOUR_MS {
            if self.is_of(self.spec, at, date) {
                match runs.last_mut() {
                    Some(last) if last.1 == at => last.1 = at + self.step,
                    _ => runs.push((at, at + self.step)),
                }
            }
            at += self.step;
        }
        let runs = Rc::new(runs);
        self.days.borrow_mut().insert(date, Rc::clone(&runs));
        runs
    }

    /// The local date that an open instant belongs to; of two, the later.
    fn date_of(&self, at: i64) -> NaiveDate {
        let today = wall(self.zone, at).date();
        let holds = |date: NaiveDate| self.runs(date).iter().any(|(from, to)| *from <= at && at < *to);
        (0..3).map(|days| today - Days::new(days)).find(|date| holds(*date)).unwrap_or(today)
    }

    /// The Nth service day after the one that `start` counts as.
    fn following(&self, start: i64, nth: u32) -> Result<NaiveDate, Beyond> {
        let mut date = self.date_of(self.next_open(start)?);
        for _ in 0..nth {
            let later = (1..50).map(|days| date + Days::new(days));
            date = later.into_iter().find(|date| !self.runs(*date).is_empty()).ok_or(Beyond)?;
        }
        Ok(date)
    }

    /// The Nth service day after a date, whether that is one or not.
    pub fn service_day_after(&self, date: NaiveDate, nth: u32) -> Result<NaiveDate, Beyond> {
        let later = date.iter_days().skip(1).take(400).filter(|date| !self.runs(*date).is_empty());
        later.take(usize::try_from(nth).unwrap()).last().ok_or(Beyond)
    }

    /// The first instant at which the wall clock shows this time or, where it skips it, a later one.
    fn shows(&self, local: NaiveDateTime) -> i64 {
        let mut at = local.and_utc().timestamp_millis() - 16 * HOUR_MS;
        at -= at.rem_euclid(self.step);
        while wall(self.zone, at) < local {
            at += self.step;
        }
        at
    }

    /// The same time of day on the Nth following service day, moved into its open time.
    pub fn service_days(&self, start: i64, days: u32) -> Result<i64, Beyond> {
        let opening = self.next_open(start)?;
        let since = wall(self.zone, opening) - self.date_of(opening).and_time(NaiveTime::MIN);
        let date = self.following(start, days)?;
        let at = self.shows(date.and_time(NaiveTime::MIN) + since);
        let runs = self.runs(date);
        let run = runs.iter().rfind(|(from, _)| *from <= at);
        Ok(run.map_or(runs[0].0, |(_, to)| at.min(*to)))
    }

    /// The close of the Nth following service day.
    pub fn end_of_service_day(&self, start: i64, nth: u32) -> Result<i64, Beyond> {
        Ok(self.runs(self.following(start, nth)?).last().unwrap().1)
    }

    /// A time of day on the Nth following service day.
    pub fn time_on_service_day(&self, start: i64, nth: u32, time: NaiveTime) -> Result<i64, Beyond> {
        Ok(self.shows(self.following(start, nth)?.and_time(time)))
    }

    /// `at` where its date is a service day, otherwise the next opening.
    pub fn moved_to_service_day(&self, at: i64) -> Result<i64, Beyond> {
        if self.runs(wall(self.zone, at).date()).is_empty() { self.next_open(at) } else { Ok(at) }
    }
}

fn first_zone(spec: &CalendarSpec) -> Option<Tz> {
    match spec {
        CalendarSpec::Always => None,
        CalendarSpec::Hours(hours) => Some(hours.zone),
        CalendarSpec::Both(a, b) | CalendarSpec::Either(a, b) => first_zone(a).or_else(|| first_zone(b)),
        CalendarSpec::Without(inner, _) => first_zone(inner),
    }
}

/// The week's spans; replaced, on the weekdays it names, by a season's; nothing on a holiday; less what is closed, plus
/// what is open on the date.
fn sheet(hours: &Hours, date: NaiveDate) -> Sheet {
    let mut sheet = Sheet::default();
    let names = |line: &WeekLine| {
        let parity = match line.weeks {
            Weeks::Every => true,
            Weeks::Odd => !date.iso_week().week().is_multiple_of(2),
            Weeks::Even => date.iso_week().week().is_multiple_of(2),
        };
        parity && line.days.contains(&date.weekday())
    };
    let mut week: Vec<&WeekLine> = hours.week.iter().filter(|line| names(line)).collect();
    for season in &hours.seasons {
        let over = season.last.is_some_and(|last| last < date);
        let named: Vec<&WeekLine> = season.week.iter().filter(|line| names(line)).collect();
        if season.first <= date && !over && !named.is_empty() {
            week = named;
        }
    }
    let end = |from: u32, to: u32| if from < to { to } else { to + 86_400 };
    if !hours.holidays.iter().flat_map(|list| &list.rules).any(|rule| is_holiday(rule, date)) {
        sheet.usual =
            week.iter().flat_map(|line| &line.spans).map(|span| (span.from, end(span.from, span.to))).collect();
    }
    for line in hours.closed.iter().filter(|line| line.first <= date && date <= line.last) {
        sheet.shut.push(line.span.map_or((0, u32::MAX), |span| (span.from, end(span.from, span.to))));
    }
    for line in hours.open.iter().filter(|line| line.first <= date && date <= line.last) {
        sheet.extra.push(line.span.map_or((0, 86_400), |span| (span.from, end(span.from, span.to))));
    }
    sheet
}

fn is_holiday(rule: &HolidayRule, date: NaiveDate) -> bool {
    if is_own_date(rule, date) {
        return true;
    }
    rule.observed.iter().filter(|observed| observed.on == date.weekday()).any(|observed| {
        (1..=7).any(|days| {
            let kept_for = if observed.next { date - TimeDelta::days(days) } else { date + TimeDelta::days(days) };
            observed.when.contains(&kept_for.weekday()) && is_own_date(rule, kept_for)
        })
    })
}

fn is_own_date(rule: &HolidayRule, date: NaiveDate) -> bool {
    let date = date - TimeDelta::days(rule.shift);
    let weekday = |wanted: Weekday, in_month: u32| date.weekday() == wanted && date.month() == in_month;
    let is = |date: NaiveDate, month: u32, day: u32| date.month() == month && date.day() == day;
    let near = |sign: i64, month, day| {
        (1..=7).map(|days| date + TimeDelta::days(sign * days)).find(|other| is(*other, month, day))
    };
    let year = match rule.date {
        DateRule::Yearly { month, day } => is(date, month, day).then(|| date.year()),
        DateRule::Easter => (easter(date.year()) == date).then(|| date.year()),
        DateRule::Nth { nth, weekday: wanted, month } => {
            (weekday(wanted, month) && (date.day() - 1) / 7 + 1 == u32::from(nth)).then(|| date.year())
        }
        DateRule::Last { weekday: wanted, month } => {
            (weekday(wanted, month) && (date + Days::new(7)).month() != month).then(|| date.year())
        }
        DateRule::Before { weekday: wanted, month, day } => {
            near(1, month, day).filter(|_| date.weekday() == wanted).map(|other| other.year())
        }
        DateRule::After { weekday: wanted, month, day } => {
            near(-1, month, day).filter(|_| date.weekday() == wanted).map(|other| other.year())
        }
        DateRule::Once(once) => (once == date).then(|| date.year()),
    };
    year.is_some_and(|year| {
        let within = |first: Option<i32>, last: Option<i32>| {
            first.is_none_or(|first| first <= year) && last.is_none_or(|last| year <= last)
        };
        rule.years.is_empty() || rule.years.iter().any(|range| within(range.first, range.last))
    })
}

/// Easter Sunday by Lichtenberg's form of Gauss's rule.
pub fn easter(year: i32) -> NaiveDate {
    let century = year / 100;
    let moon = 15 + (3 * century + 3) / 4 - (8 * century + 13) / 25;
    let sun = 2 - (3 * century + 3) / 4;
    let golden = year % 19;
    let seed = (19 * golden + moon) % 30;
    let full_moon = 21 + seed - (seed + golden / 11) / 29;
    let first_sunday = 7 - (year + year / 4 + sun).rem_euclid(7);
    let days = full_moon + 7 - (full_moon - first_sunday).rem_euclid(7);
    NaiveDate::from_ymd_opt(year, 3, 1).unwrap() + TimeDelta::days(i64::from(days) - 1)
}
