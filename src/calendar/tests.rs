use chrono::{NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use chrono_tz::Tz;

use super::*;
use crate::time::{DAY, HOUR, MINUTE};

const WORKDAYS: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
const BERLIN: Tz = chrono_tz::Europe::Berlin;

fn date(text: &str) -> NaiveDate {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap()
}

fn at(zone: Tz, text: &str) -> Instant {
    day::wall_instant(zone, NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap())
}

fn span(from: u32, to: u32) -> DaySpan {
    DaySpan { from: from * 60, to: to * 60 }
}

fn hours(zone: Tz, days: &[Weekday], spans: &[DaySpan]) -> Hours {
    Hours {
        zone,
        week: vec![WeekLine { days: days.to_vec(), spans: spans.to_vec(), weeks: Weeks::Every }],
        seasons: Vec::new(),
        holidays: Vec::new(),
        feeds: Vec::new(),
        closed: Vec::new(),
        open: Vec::new(),
    }
}

fn calendar(hours: Hours) -> Calendar {
    Calendar::new(CalendarSpec::Hours(Box::new(hours)))
}

fn office() -> Calendar {
    calendar(hours(BERLIN, &WORKDAYS, &[span(8 * 60, 12 * 60), span(12 * 60 + 30, 18 * 60)]))
}

#[test]
fn a_lunch_break_is_not_counted() {
    let office = office();
    let open = office.open_between(at(BERLIN, "2025-03-07 11:00"), at(BERLIN, "2025-03-07 13:00"));
    assert_eq!(open, 90 * MINUTE);
    assert!(!office.is_open(at(BERLIN, "2025-03-07 12:00")));
    assert!(office.is_open(at(BERLIN, "2025-03-07 12:30")));
}

#[test]
fn a_budget_that_ends_at_the_close_ends_at_the_close_or_the_next_opening() {
    let office = office();
    let count = office.count(at(BERLIN, "2025-03-07 17:00")) + HOUR;
    assert_eq!(office.earliest(count), Some(at(BERLIN, "2025-03-07 18:00")));
    assert_eq!(office.latest(count), Some(at(BERLIN, "2025-03-10 08:00")));
}

#[test]
fn the_hour_that_spring_skips_is_never_open_and_the_one_autumn_repeats_counts_twice() {
    let nights = calendar(hours(BERLIN, &[Weekday::Sun], &[span(120, 180)]));
    let open = |day: &str, next: &str| nights.open_between(at(BERLIN, day), at(BERLIN, next));
    assert_eq!(open("2025-03-30 00:00", "2025-03-31 00:00"), 0);
    assert_eq!(open("2025-10-26 00:00", "2025-10-27 00:00"), 2 * HOUR);
    let half = calendar(hours(BERLIN, &[Weekday::Sun], &[span(0, 150)]));
    assert_eq!(
        half.open_within(Interval::new(at(BERLIN, "2025-10-26 00:00"), at(BERLIN, "2025-10-27 00:00"))).len(),
        2,
        "open until 02:30, and again from the second 02:00 to the second 02:30"
    );
}

#[test]
fn a_span_over_midnight_belongs_to_the_day_it_opens_on() {
    let mut night = hours(BERLIN, &[Weekday::Fri], &[span(22 * 60, 6 * 60)]);
    let saturday = HolidayRule {
        date: DateRule::Once(date("2025-03-08")),
        shift: 0,
        years: Vec::new(),
        observed: Vec::new(),
        label: None,
    };
    night.holidays.push(HolidayList { name: "x".into(), rules: vec![saturday] });
    let night = calendar(night);
    assert!(night.is_open(at(BERLIN, "2025-03-08 05:59")), "the holiday of Saturday does not cut Friday's night");
    assert!(!night.is_open(at(BERLIN, "2025-03-08 06:00")));
    assert_eq!(
        night.end_of_service_day(at(BERLIN, "2025-03-08 01:00"), 0, BERLIN),
        Some(at(BERLIN, "2025-03-08 06:00"))
    );
}

#[test]
fn open_adds_and_wins_over_closed_and_holidays() {
    let mut lines = hours(BERLIN, &WORKDAYS, &[span(8 * 60, 16 * 60)]);
    let line = |day: &str, span| DateLine { first: date(day), last: date(day), span };
    lines.closed.push(line("2025-03-07", Some(span(12 * 60, 24 * 60))));
    lines.closed.push(line("2025-03-10", None));
    lines.open.push(line("2025-03-10", Some(span(9 * 60, 10 * 60))));
    let lines = calendar(lines);
    assert_eq!(lines.open_between(at(BERLIN, "2025-03-07 00:00"), at(BERLIN, "2025-03-08 00:00")), 4 * HOUR);
    assert_eq!(lines.open_between(at(BERLIN, "2025-03-10 00:00"), at(BERLIN, "2025-03-11 00:00")), HOUR);
}

#[test]
fn a_season_replaces_the_weekdays_it_names() {
    let mut seasonal = hours(BERLIN, &WORKDAYS, &[span(8 * 60, 16 * 60)]);
    seasonal.seasons.push(Season {
        first: date("2025-11-15"),
        last: Some(date("2025-12-23")),
        week: vec![WeekLine { days: vec![Weekday::Sat], spans: vec![span(9 * 60, 15 * 60)], weeks: Weeks::Every }],
    });
    let seasonal = calendar(seasonal);
    assert!(seasonal.is_open(at(BERLIN, "2025-11-15 09:00")));
    assert!(seasonal.is_open(at(BERLIN, "2025-11-17 08:00")), "Mondays stay as they are");
    assert!(!seasonal.is_open(at(BERLIN, "2025-12-27 09:00")));
}

#[test]
fn service_days_keep_the_time_of_day() {
    let office = office();
    let days = |start: &str, days| office.service_days(at(BERLIN, start), days, BERLIN);
    assert_eq!(days("2025-03-07 10:15", 1), Some(at(BERLIN, "2025-03-10 10:15")));
    assert_eq!(days("2025-03-08 10:15", 2), Some(at(BERLIN, "2025-03-12 08:00")), "Saturday counts as Monday 08:00");
    assert_eq!(days("2025-03-07 18:00", 1), Some(at(BERLIN, "2025-03-11 08:00")), "the close is outside");
    let always = Calendar::always();
    let spring = always.service_days(at(BERLIN, "2025-03-29 10:00"), 1, BERLIN);
    assert_eq!(spring, Some(at(BERLIN, "2025-03-30 10:00")), "calendar days keep the wall clock");
    assert_eq!(
        always.service_days(at(BERLIN, "2025-03-29 02:30"), 1, BERLIN),
        Some(at(BERLIN, "2025-03-30 03:00")),
        "a skipped time becomes the instant of the change"
    );
}

#[test]
fn a_shorter_day_moves_the_time_to_its_close() {
    let mut short = hours(BERLIN, &WORKDAYS, &[span(8 * 60, 18 * 60)]);
    short.week = vec![
        WeekLine { days: WORKDAYS[..4].to_vec(), spans: vec![span(480, 1080)], weeks: Weeks::Every },
        WeekLine { days: vec![Weekday::Fri], spans: vec![span(480, 720), span(780, 960)], weeks: Weeks::Every },
    ];
    let short = calendar(short);
    assert_eq!(short.service_days(at(BERLIN, "2025-03-06 17:00"), 1, BERLIN), Some(at(BERLIN, "2025-03-07 16:00")));
    assert_eq!(short.service_days(at(BERLIN, "2025-03-06 12:30"), 1, BERLIN), Some(at(BERLIN, "2025-03-07 12:00")));
    let five = NaiveTime::from_hms_opt(17, 0, 0).unwrap();
    assert_eq!(
        short.time_on_service_day(at(BERLIN, "2025-03-06 12:30"), 1, five, BERLIN),
        Some(at(BERLIN, "2025-03-07 17:00"))
    );
    assert_eq!(
        short.end_of_service_day(at(BERLIN, "2025-03-06 12:30"), 2, BERLIN),
        Some(at(BERLIN, "2025-03-10 18:00"))
    );
}

#[test]
fn odd_and_even_weeks_alternate_by_iso_number() {
    let mut odd = hours(BERLIN, &[Weekday::Mon], &[span(480, 960)]);
    odd.week[0].weeks = Weeks::Odd;
    let odd = calendar(odd);
    assert!(odd.is_open(at(BERLIN, "2025-03-10 09:00")), "week 11");
    assert!(!odd.is_open(at(BERLIN, "2025-03-17 09:00")), "week 12");
}

#[test]
fn two_calendars_combine() {
    let other = hours(chrono_tz::America::New_York, &WORKDAYS, &[span(540, 1020)]);
    let (a, b) = (office().spec().clone(), CalendarSpec::Hours(Box::new(other)));
    let both = Calendar::new(CalendarSpec::Both(Box::new(a.clone()), Box::new(b.clone())));
    let either = Calendar::new(CalendarSpec::Either(Box::new(a), Box::new(b)));
    let day = (at(BERLIN, "2025-01-08 00:00"), at(BERLIN, "2025-01-09 00:00"));
    assert_eq!(both.open_between(day.0, day.1), 3 * HOUR, "15:00 to 18:00 in Berlin");
    assert_eq!(either.open_between(day.0, day.1), (9 * HOUR + 30 * MINUTE) + 5 * HOUR);
}

#[test]
fn a_night_of_two_calendars_belongs_to_the_day_it_opens_on() {
    let all = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
    let spec = |hours| CalendarSpec::Hours(Box::new(hours));
    let both = |a, b| Calendar::new(CalendarSpec::Both(Box::new(spec(a)), Box::new(spec(b))));
    let night = hours(BERLIN, &[Weekday::Fri], &[span(22 * 60, 6 * 60)]);
    let mut days = hours(BERLIN, &all, &[span(0, 24 * 60)]);
    days.closed = vec![DateLine { first: date("2025-03-08"), last: date("2025-03-08"), span: Some(span(120, 180)) }];
    let guard = both(night, days);
    let (friday, saturday) = (date("2025-03-07"), date("2025-03-08"));
    assert_eq!(guard.open_on(friday, BERLIN).iter().map(|open| open.len()).sum::<i64>(), 7 * HOUR);
    assert_eq!(guard.open_on(saturday, BERLIN), []);
    let end = guard.end_of_service_day(at(BERLIN, "2025-03-07 23:00"), 0, BERLIN);
    assert_eq!(end, Some(at(BERLIN, "2025-03-08 06:00")));
    let tokyo = hours(chrono_tz::Asia::Tokyo, &WORKDAYS, &[span(9 * 60, 18 * 60)]);
    let far = both(tokyo, hours(chrono_tz::America::New_York, &all, &[span(18 * 60, 22 * 60)]));
    let open: i64 = (0..7)
        .map(|day| far.open_on(date("2025-01-05") + chrono::Days::new(day), BERLIN))
        .map(|open| open.iter().map(|open| open.len()).sum::<i64>())
        .sum();
    assert_eq!(open, 5 * 3 * HOUR, "09:00 to 12:00 in Tokyo is the evening before in New York");
}

#[test]
fn far_years_are_as_good_as_near_ones() {
    let office = office();
    for year in [1970, 1999, 2018, 2044, 2100] {
        let (first, last) = (at(BERLIN, &format!("{year}-06-01 00:00")), at(BERLIN, &format!("{year}-06-29 00:00")));
        assert_eq!(office.open_between(first, last), 20 * (9 * HOUR + 30 * MINUTE), "{year}");
        let count = office.count(first);
        assert_eq!(office.earliest(count + HOUR).map(|at| office.count(at)), Some(count + HOUR));
    }
    assert_eq!(office.next_open(at(BERLIN, "2025-03-08 09:00")), Some(at(BERLIN, "2025-03-10 08:00")));
    assert_eq!(office.next_close(at(BERLIN, "2025-03-08 09:00")), Some(at(BERLIN, "2025-03-10 12:00")));
}

#[test]
fn a_calendar_that_never_opens_gives_no_instant() {
    let never = calendar(hours(BERLIN, &[], &[]));
    assert_eq!(never.next_open(at(BERLIN, "2025-01-01 00:00")), None);
    assert_eq!(never.service_days(at(BERLIN, "2025-01-01 00:00"), 1, BERLIN), None);
}

#[test]
fn odd_offsets_and_half_hour_clock_changes_hold() {
    for zone in [chrono_tz::Asia::Kathmandu, chrono_tz::Australia::Lord_Howe, chrono_tz::America::Sao_Paulo] {
        let shop = calendar(hours(zone, &WORKDAYS, &[span(540, 1020)]));
        let open = shop.open_between(at(zone, "2018-01-01 00:00"), at(zone, "2019-01-01 00:00"));
        assert_eq!(open, 261 * 8 * HOUR, "{zone}");
    }
}

#[test]
fn a_budget_backwards_ends_at_the_opening() {
    let office = office();
    let monday = at(BERLIN, "2025-03-10 09:00");
    assert_eq!(office.before(monday, HOUR), Some(at(BERLIN, "2025-03-10 08:00")));
    assert_eq!(office.before(monday, 2 * HOUR), Some(at(BERLIN, "2025-03-07 17:00")));
    assert_eq!(office.before(at(BERLIN, "2025-03-08 12:00"), 0), Some(at(BERLIN, "2025-03-08 12:00")));
    assert_eq!(office.after(at(BERLIN, "2025-03-07 17:00"), HOUR), Some(at(BERLIN, "2025-03-07 18:00")));
    assert_eq!(office.before(at(BERLIN, "1970-01-02 09:00"), 100 * HOUR), None);
    assert_eq!(office.elapsed(at(BERLIN, "2025-03-07 17:00"), monday), Some(2 * HOUR));
    assert_eq!(office.elapsed(monday, at(BERLIN, "2025-03-07 17:00")), None, "a reversed range is no range");
}

#[test]
fn what_lies_next_to_an_instant_is_found_in_both_directions() {
    let office = office();
    let (monday, tuesday) = (|time: &str| at(BERLIN, &format!("2025-03-10 {time}")), at(BERLIN, "2025-03-11 08:00"));
    assert_eq!(office.prev_open(monday("12:00")), Some(monday("12:00")), "a close is the end of open time");
    assert_eq!(office.prev_open(monday("12:30")), Some(monday("12:00")), "an opening is not");
    assert_eq!(office.prev_open(monday("08:00")), Some(at(BERLIN, "2025-03-07 18:00")));
    assert_eq!(office.next_opening(monday("08:00")), Some(monday("12:30")));
    assert_eq!(office.next_opening(monday("17:00")), Some(tuesday));
    assert_eq!(office.previous_opening(monday("12:30")), Some(monday("08:00")));
    assert_eq!(office.previous_close(monday("12:00")), Some(at(BERLIN, "2025-03-07 18:00")));
    assert_eq!(office.previous_close(monday("12:01")), Some(monday("12:00")));
    assert_eq!(office.next_transition(monday("12:00")), Some((monday("12:30"), Transition::Opens)));
    assert_eq!(office.previous_transition(monday("12:30")), Some((monday("12:00"), Transition::Closes)));
    assert_eq!(office.next_close(monday("12:00")), Some(monday("18:00")));
}

#[test]
fn open_time_that_runs_over_the_cut_of_the_table_has_no_transition_there() {
    let spans = [span(0, 24 * 60)];
    let days = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
    let mut shut = hours(chrono_tz::UTC, &days, &spans);
    let line = |day: &str| DateLine { first: date(day), last: date(day), span: None };
    shut.closed = vec![line("2010-05-01"), line("2031-05-01")];
    let shut = calendar(shut);
    let utc = |text: &str| at(chrono_tz::UTC, text);
    let between = utc("2020-01-01 00:00");
    assert_eq!(shut.next_close(between), Some(utc("2031-05-01 00:00")));
    assert_eq!(shut.previous_opening(between), Some(utc("2010-05-02 00:00")));
    assert_eq!(shut.next_opening(between), Some(utc("2031-05-02 00:00")));
    assert_eq!(shut.previous_close(between), Some(utc("2010-05-01 00:00")));
    assert_eq!(shut.next_close(utc("2040-01-01 00:00")), None);
    assert_eq!(shut.previous_opening(utc("2000-01-01 00:00")), None);
    assert_eq!(Calendar::always().next_transition(between), None);
}

#[test]
fn service_days_are_counted_backwards_and_listed() {
    let office = office();
    let back = |start: &str, days| office.service_days_back(at(BERLIN, start), days, BERLIN);
    assert_eq!(back("2025-03-10 10:15", 1), Some(at(BERLIN, "2025-03-07 10:15")));
    assert_eq!(back("2025-03-09 10:15", 2), Some(at(BERLIN, "2025-03-05 18:00")), "Sunday counts as Friday's close");
    assert_eq!(back("2025-03-07 18:00", 1), Some(at(BERLIN, "2025-03-06 18:00")));
    let night = calendar(hours(BERLIN, &WORKDAYS, &[span(22 * 60, 6 * 60)]));
    assert_eq!(
        night.service_days_back(at(BERLIN, "2025-03-08 06:00"), 1, BERLIN),
        Some(at(BERLIN, "2025-03-07 06:00")),
        "the close of Friday's night, and that of Thursday's"
    );
    assert_eq!(office.nth_service_date(date("2025-03-08"), 1, BERLIN), Some(date("2025-03-10")));
    assert_eq!(office.nth_service_date(date("2025-03-08"), -2, BERLIN), Some(date("2025-03-06")));
    let listed = office.service_dates(date("2025-03-07"), date("2025-03-11"), BERLIN);
    assert_eq!(listed, [date("2025-03-07"), date("2025-03-10"), date("2025-03-11")]);
    assert_eq!(office.service_dates(date("2025-03-11"), date("2025-03-07"), BERLIN), []);
}

/// A week of nights, days and breaks over the turn of 2018, where one block of the table ends and the next begins.
#[test]
fn look_ups_agree_with_a_walk_over_the_cut_of_the_table() {
    let mut mixed = hours(BERLIN, &[Weekday::Sun, Weekday::Wed], &[span(20 * 60, 9 * 60), span(10 * 60, 12 * 60)]);
    mixed.week.push(WeekLine {
        days: vec![Weekday::Tue, Weekday::Fri],
        spans: vec![span(0, 24 * 60)],
        weeks: Weeks::Every,
    });
    mixed.closed = vec![DateLine { first: date("2018-01-05"), last: date("2018-01-06"), span: Some(span(600, 660)) }];
    let mixed = calendar(mixed);
    let (from, to) = (at(chrono_tz::UTC, "2017-12-20 00:00"), at(chrono_tz::UTC, "2018-01-14 00:00"));
    let minutes: Vec<Instant> = (0..to.since(from) / MINUTE).map(|minute| from.plus(minute * MINUTE)).collect();
    let turns = |into: bool| -> Vec<Instant> {
        let is = |at: Instant| mixed.is_open(at) == into;
        minutes.windows(2).filter(|pair| is(pair[1]) && !is(pair[0])).map(|pair| pair[1]).collect()
    };
    let (openings, closes) = (turns(true), turns(false));
    assert!(openings.len() > 10 && closes.len() > 10);
    let after = |list: &[Instant], at: Instant| list.iter().copied().find(|turn| at < *turn);
    let before = |list: &[Instant], at: Instant| list.iter().copied().rfind(|turn| *turn < at);
    let inside = minutes.iter().filter(|at| from.plus(7 * DAY) < **at && **at < to.plus(-7 * DAY)).step_by(7);
    for now in inside.copied() {
        assert_eq!(mixed.next_opening(now), after(&openings, now), "{now}");
        assert_eq!(mixed.previous_opening(now), before(&openings, now), "{now}");
        assert_eq!(mixed.next_close(now), after(&closes, now), "{now}");
        assert_eq!(mixed.previous_close(now), before(&closes, now), "{now}");
        let was_open = mixed.is_open(now.plus(-1));
        assert_eq!(mixed.prev_open(now), if was_open { Some(now) } else { before(&closes, now) }, "{now}");
        let open = mixed.after(now, 5 * HOUR).unwrap();
        assert_eq!(mixed.open_between(now, open), 5 * HOUR, "{now}");
        let back = mixed.before(now, 5 * HOUR).unwrap();
        assert_eq!((mixed.open_between(back, now), mixed.is_open(back)), (5 * HOUR, true), "{now}");
    }
}

#[test]
fn a_day_that_the_clock_returns_to_ends_with_its_second_midnight() {
    // In Newfoundland the clock was put back at 00:01 to 23:01 of the day before.
    let zone = chrono_tz::America::St_Johns;
    let second_midnight = at(zone, "2005-10-30 00:00").plus(HOUR);
    let mut whole = hours(zone, &[Weekday::Sat], &[]);
    whole.week[0].spans = vec![DaySpan::DAY];
    for calendar in [Calendar::always(), calendar(whole)] {
        assert_eq!(calendar.open_on(date("2005-10-29"), zone).last().map(|open| open.end), Some(second_midnight));
    }
}
