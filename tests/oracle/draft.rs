//! Random agreements, as the text that a negotiator would write.

use std::fmt::Write;

use chrono::{Datelike, Days, NaiveDate, NaiveTime, Offset, TimeDelta, TimeZone, Weekday};
use chrono_tz::Tz;

use crate::dice::Dice;
use crate::hours::easter;

/// Zones with whole and broken offsets, with and without clock changes, at midnight and at night, by an hour, by half an
/// hour and by two, forwards and over a whole day.
pub const ZONES: [Tz; 32] = [
    Tz::UTC,
    Tz::Europe__Berlin,
    Tz::America__New_York,
    Tz::Asia__Tehran,
    Tz::America__Sao_Paulo,
    Tz::Australia__Lord_Howe,
    Tz::Asia__Kathmandu,
    Tz::Europe__London,
    Tz::Europe__Dublin,
    Tz::Africa__Casablanca,
    Tz::America__St_Johns,
    Tz::Asia__Kolkata,
    Tz::Pacific__Apia,
    Tz::Pacific__Chatham,
    Tz::Asia__Gaza,
    Tz::America__Havana,
    Tz::Africa__Cairo,
    Tz::America__Caracas,
    Tz::Asia__Pyongyang,
    Tz::Antarctica__Troll,
    Tz::Pacific__Kiritimati,
    Tz::Pacific__Marquesas,
    Tz::Asia__Amman,
    Tz::America__Asuncion,
    Tz::Europe__Istanbul,
    Tz::Asia__Beirut,
    Tz::Europe__Moscow,
    Tz::America__Santiago,
    Tz::Pacific__Fiji,
    Tz::Asia__Yangon,
    Tz::Africa__Windhoek,
    Tz::America__Los_Angeles,
];

/// What an agreement may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// Everything.
    Free,
    /// No caps on pauses, and targets that a change leaves alone or takes from the start; `hold is yes` pauses.
    Plain,
}

/// How fine the ticks of a case are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    /// Days of history, a minute a tick.
    Minute,
    /// Less than two hours of history, a second a tick.
    Second,
}

impl Grain {
    /// The length of a tick in milliseconds.
    pub fn step(self) -> i64 {
        match self {
            Grain::Minute => 60_000,
            Grain::Second => 1_000,
        }
    }
}

/// Where and when a case plays.
#[derive(Debug, Clone, Copy)]
pub struct Scenery {
    pub grain: Grain,
    pub zone: Tz,
    pub date: NaiveDate,
}

impl Scenery {
    pub fn new(numbers: &[u16]) -> Scenery {
        let mut dice = Dice::new(numbers);
        let grain = if dice.chance(12) { Grain::Second } else { Grain::Minute };
        let zone = dice.pick(&ZONES);
        let date = NaiveDate::from_ymd_opt(2025, 3, 3).unwrap() + TimeDelta::days(dice.from(0, 6));
        let date = if dice.chance(80) { any_date(&mut dice) } else { date };
        let near = if dice.chance(70) { near_change(zone, date, &mut dice) } else { None };
        Scenery { grain, zone, date: near.unwrap_or(date) }
    }
}

fn any_date(dice: &mut Dice<'_>) -> NaiveDate {
    let year = i32::try_from(dice.from(2005, 2034)).unwrap();
    NaiveDate::from_yo_opt(year, u32::try_from(dice.from(1, 365)).unwrap()).unwrap()
}

/// A date shortly before the next change of the wall clock, where there is one within a year.
fn near_change(zone: Tz, date: NaiveDate, dice: &mut Dice<'_>) -> Option<NaiveDate> {
    let offset = |date: NaiveDate| zone.offset_from_utc_datetime(&date.and_time(NaiveTime::MIN)).fix();
    let mut dates = date.iter_days().take(366);
    let change = dates.find(|date| offset(*date) != offset(*date + Days::new(1)))?;
    Some(change - Days::new(u64::try_from(dice.from(0, 4)).unwrap()))
}

/// An agreement whose calendars have something to say around the date.
pub fn agreement(scenery: &Scenery, wording: Wording, calendars: &[u16], terms: &[u16], steps: &[u16]) -> String {
    let mut terms = Terms::new(scenery, wording, calendars, terms);
    terms.clocks(scenery);
    terms.dice = Dice::new(steps);
    terms.escalations();
    terms.text.push_str("}\n");
    terms.text
}

// -- calendars

fn write_calendars(text: &mut String, scenery: &Scenery, dice: &mut Dice<'_>) -> Vec<&'static str> {
    let mut names = vec!["office"];
    write_calendar(text, scenery, dice, "office");
    if dice.chance(50) {
        write_calendar(text, scenery, dice, "desk");
        names.push("desk");
        if dice.chance(40) {
            let word = dice.pick(&["or", "and"]);
            let parts = dice.pick(&[("office", "desk"), ("desk", "office")]);
            writeln!(text, "calendar joint is {} {word} {}\n", parts.0, parts.1).unwrap();
            names.push("joint");
        }
    }
    names
}

fn write_calendar(text: &mut String, scenery: &Scenery, dice: &mut Dice<'_>, name: &str) {
    let holidays = dice.chance(35);
    if holidays {
        writeln!(text, "holidays of_{name} {{").unwrap();
        for _ in 0..dice.from(1, 3) {
            writeln!(text, "    {}", holiday(scenery.date, dice)).unwrap();
        }
        text.push_str("}\n\n");
    }
    writeln!(text, "calendar {name} {{").unwrap();
    if dice.chance(30) {
        writeln!(text, "    timezone \"{}\"", dice.pick(&ZONES).name()).unwrap();
    }
    let (days, others): (_, &[&str]) = dice.pick(&[
        ("mon-fri", &["sat", "sun", "sat, sun"]),
        ("mon-sun", &[]),
        ("mon-thu", &["fri", "sat, sun", "fri-sun"]),
        ("mon, wed, fri", &["tue, thu", "sat", "sun"]),
        ("tue-sat", &["sun", "mon"]),
        ("sun-thu", &["fri", "sat", "fri, sat"]),
    ]);
    writeln!(text, "    {days} {}", hours(dice)).unwrap();
    if !others.is_empty() && dice.chance(60) {
        writeln!(text, "    {} {}", dice.pick(others), hours(dice)).unwrap();
    }
    if dice.chance(25) {
        let days = dice.pick(&["sat", "sun", "wed", "fri-sun"]);
        writeln!(text, "    week {} {{ {days} {} }}", dice.pick(&["odd", "even"]), hours(dice)).unwrap();
    }
    if holidays {
        writeln!(text, "    closed on holidays of_{name}").unwrap();
    }
    date_lines(text, scenery, dice);
    text.push_str("}\n\n");
}

/// Spans of a day, some of which pass midnight.
fn hours(dice: &mut Dice<'_>) -> &'static str {
    dice.pick(&[
        "08:00-18:00",
        "08:00-12:00, 12:30-18:00",
        "09:00-17:00",
        "00:00-24:00",
        "22:00-06:00",
        "06:00-14:00, 22:00-02:00",
        "07:30-11:00, 11:30-15:00, 15:30-19:00",
        "00:00-02:30, 03:00-24:00",
        "01:00-04:00, 12:00-16:00",
        "00:00-00:30, 02:00-03:00, 09:00-13:00",
        "20:00-08:00",
    ])
}

fn date_lines(text: &mut String, scenery: &Scenery, dice: &mut Dice<'_>) {
    let date = |dice: &mut Dice<'_>, first, last| scenery.date + TimeDelta::days(dice.from(first, last));
    for word in ["closed", "open", "closed", "open"] {
        if dice.chance(25) {
            let first = date(dice, 0, 9);
            let last = if dice.chance(25) { format!("..{}", first + Days::new(2)) } else { String::new() };
            let spans =
                ["", " 12:00-24:00", " 10:00-11:30", " 00:00-09:30", " 22:00-03:00", " 09:00-10:00, 13:00-15:00"];
            writeln!(text, "    {word} on {first}{last}{}", dice.pick(&spans)).unwrap();
        }
    }
    for _ in 0..2 {
        if dice.chance(25) {
            let first = date(dice, -5, 6);
            let last =
                if dice.chance(80) { (first + TimeDelta::days(dice.from(0, 8))).to_string() } else { String::new() };
            let days = dice.pick(&["sat", "mon-fri", "sun", "wed", "mon-sun"]);
            writeln!(text, "    during {first}..{last} {{ {days} {} }}", hours(dice)).unwrap();
        }
    }
}

/// A rule that names a date of the next days, or misses it by its year.
fn holiday(around: NaiveDate, dice: &mut Dice<'_>) -> String {
    let date = around + TimeDelta::days(dice.from(0, 9));
    let (weekday, month) = (short(date.weekday()), month(date));
    let nth = ["first", "second", "third", "fourth", "fifth"][usize::try_from((date.day() - 1) / 7).unwrap()];
    let days = (date - easter(date.year())).num_days();
    let easter = match days {
        0 => "easter".to_string(),
        days if days < 0 => format!("easter - {} days", -days),
        days => format!("easter + {days} days"),
    };
    let last = (date + Days::new(7)).month() != date.month();
    let rule = match dice.from(0, 6) {
        0 => format!("{:02}-{:02}", date.month(), date.day()),
        1 => date.to_string(),
        2 => easter,
        3 if last => format!("last {weekday} of {month}"),
        3 | 4 => format!("{nth} {weekday} of {month}"),
        5 => format!("{weekday} before {}", (date + TimeDelta::days(dice.from(1, 7))).format("%m-%d")),
        _ => format!("{weekday} after {}", (date - TimeDelta::days(dice.from(1, 7))).format("%m-%d")),
    };
    let year = date.year();
    let years = match dice.from(0, 9) {
        8 => format!(" in {}", year + 1),
        9 => format!(" from {year}"),
        7 => format!(" in {}..{}, {year}", year - 5, year - 3),
        _ => String::new(),
    };
    let observed = if dice.chance(30) {
        format!(
            " observed {} {} when sat or sun or {weekday}",
            dice.pick(&["next", "prev"]),
            dice.pick(&["mon", "fri", "wed"])
        )
    } else {
        String::new()
    };
    format!("{rule}{years}{observed} \"day off\"")
}

fn short(weekday: Weekday) -> String {
    weekday.to_string().to_lowercase()
}

fn month(date: NaiveDate) -> String {
    date.format("%b").to_string().to_lowercase()
}

// -- terms

/// An agreement that is being written: its calendars stand, its block is open.
pub struct Terms<'d> {
    pub text: String,
    pub dice: Dice<'d>,
    pub metrics: Vec<&'static str>,
    /// What tiers may promise of each metric in a period, such as `per month`; none: tiers promise nothing.
    pub promises: &'static [&'static str],
    calendars: Vec<&'static str>,
    grain: Grain,
    wording: Wording,
}

impl<'d> Terms<'d> {
    pub fn new(scenery: &Scenery, wording: Wording, calendars: &[u16], terms: &'d [u16]) -> Terms<'d> {
        let mut text = String::from("edition 2026\n\n");
        let calendars = write_calendars(&mut text, scenery, &mut Dice::new(calendars));
        let (grain, dice) = (scenery.grain, Dice::new(terms));
        Terms { text, dice, metrics: Vec::new(), promises: &[], calendars, grain, wording }
    }

    /// What is timed, and how.
    pub fn clocks(&mut self, scenery: &Scenery) {
        self.head(scenery.zone);
        self.excluded_time(scenery.date);
        self.metrics = if self.dice.chance(35) { vec!["work", "reply_time"] } else { vec!["work"] };
        let metrics = self.metrics.clone();
        metrics.iter().for_each(|metric| self.metric(metric));
        self.tiers(&metrics);
    }

    fn escalations(&mut self) {
        let metrics = self.metrics.clone();
        metrics.iter().for_each(|metric| self.escalation(metric));
    }

    pub fn line(&mut self, line: &str) {
        writeln!(self.text, "    {line}").unwrap();
    }

    fn head(&mut self, zone: Tz) {
        self.text.push_str("agreement acme {\n");
        self.line(&format!("timezone \"{}\"", zone.name()));
        self.line("field status in (open, waiting, supplier, cancelled, done)");
        self.line("field plan in (gold, silver)");
        self.line("field author in (agent, customer)");
        self.line("field size in (1, 2, 3)");
        self.line("field hold in (yes, no)");
        if self.dice.chance(30) {
            self.line("priority { P1 when size > 2 P2 when size is 2 and plan is gold P3 otherwise }");
        } else {
            self.line("field priority in (P1, P2, P3)");
            self.line("priority { P1, P2, P3 }");
        }
    }

    fn excluded_time(&mut self, date: NaiveDate) {
        if self.dice.chance(20) {
            let first = date + TimeDelta::days(self.dice.from(0, 4));
            let last = first + TimeDelta::days(self.dice.from(1, 2));
            let (from, to) = (self.dice.from(0, 23), self.dice.from(0, 23));
            self.line(&format!("exclude time {first}T{from:02}:00Z..{last}T{to:02}:30Z as storm"));
        }
    }

    pub fn calendar(&mut self) -> &'static str {
        let names = self.calendars.clone();
        if self.dice.chance(15) { "always" } else { self.dice.pick(&names) }
    }

    fn metric(&mut self, name: &str) {
        self.line(&format!("metric {name} {{"));
        let starts = [
            "created",
            "created",
            "created",
            "created, assigned",
            "created, reply when author is customer",
            "assigned",
            "reply when author is customer",
            "later of (created, assigned)",
        ];
        let opening =
            if self.dice.chance(20) { format!(" at the next opening of {}", self.calendar()) } else { String::new() };
        let starts = self.dice.pick(&starts);
        self.line(&format!("    starts on {starts}{opening}"));
        let stops =
            ["resolved", "resolved, closed", "reply when author is agent", "resolved when status is not waiting"];
        let stops = self.dice.pick(&stops);
        self.line(&format!("    stops on {stops}"));
        for chance in [65, 30] {
            if self.dice.chance(chance) {
                let pause = self.pause();
                self.line(&pause);
            }
        }
        if self.wording == Wording::Plain {
            self.line("    pauses while hold is yes");
        }
        self.after_the_stop();
        self.retargets();
        if self.dice.chance(10) {
            self.line("    despite exclusions");
        }
        if self.dice.chance(20) {
            let calendar = self.calendar();
            self.line(&format!("    late in {calendar}"));
        }
        if self.dice.chance(25) {
            let target = self.target();
            self.line(&format!("    target {target}"));
        }
        self.line("}");
    }

    fn pause(&mut self) -> String {
        let condition = self.dice.pick(&[
            "status is waiting",
            "status in (waiting, supplier)",
            "status is supplier and size > 1",
            "not (status is open)",
            "plan is not present",
            "priority is P3",
            "tier is silver",
            "size <= 1 or status is waiting",
        ]);
        let mut pause = format!("    pauses while {condition}");
        if self.dice.chance(20) {
            pause.push_str(" only after reply");
        }
        if self.dice.chance(25) {
            pause.push_str(self.dice.pick(&[
                " until reply when author is customer",
                " until resumed",
                " until assigned",
            ]));
        }
        if self.wording == Wording::Free && self.dice.chance(40) {
            let cap = match (self.dice.from(0, 3), self.grain) {
                (3, Grain::Minute) => {
                    format!("{} in {}", self.dice.pick(&["1 service day", "2 service days"]), self.calendar())
                }
                (2, _) => format!("{} in {}", self.duration(), self.calendar()),
                _ => self.duration().to_string(),
            };
            write!(pause, " at most {cap}{}", self.dice.pick(&["", " each time"])).unwrap();
        }
        pause
    }

    fn after_the_stop(&mut self) {
        if self.dice.chance(50) {
            let rules = ["resumes", "resumes counting the gap", "restarts", "new cycle", "ignored"];
            let within = self.dice.pick(&["", " within 2h", " within 30m", " within 1 day"]);
            let (then, otherwise) = (self.dice.pick(&rules), self.dice.pick(&rules));
            let otherwise = if within.is_empty() { String::new() } else { format!(", otherwise {otherwise}") };
            self.line(&format!("    reopens on reopened{within} then {then}{otherwise}"));
        }
        if self.dice.chance(25) {
            let cancels = self.dice.pick(&["cancels when status is cancelled", "cancels on withdrawn"]);
            self.line(&format!("    {cancels}"));
        }
        if self.dice.chance(35) {
            let repeats = self.dice.pick(&["repeats", "repeats from the stop"]);
            // The end of the repeats cancels what is undecided, so that a pause can change what is there to reopen.
            let until = if self.wording == Wording::Plain { "" } else { " until closed" };
            self.line(&format!("    {repeats}{until}"));
        }
    }

    fn retargets(&mut self) {
        let rules: &[&str] = match self.wording {
            Wording::Free => &["from start", "from now", "in proportion", "never"],
            Wording::Plain => &["from start", "never"],
        };
        match self.dice.from(0, 3) {
            0 => {}
            1 => {
                let (rule, stricter) = (self.dice.pick(rules), self.stricter());
                self.line(&format!("    retargets {rule}{stricter}"));
            }
            _ => {
                for on in ["priority", "tier"] {
                    if self.dice.chance(70) {
                        let (rule, stricter) = (self.dice.pick(rules), self.stricter());
                        self.line(&format!("    retargets {rule} on {on} change{stricter}"));
                    }
                }
            }
        }
    }

    fn stricter(&mut self) -> &'static str {
        if self.wording == Wording::Plain { "" } else { self.dice.pick(&["", "", "", " only if stricter"]) }
    }

    fn duration(&mut self) -> &'static str {
        match self.grain {
            Grain::Minute => {
                self.dice.pick(&["4h", "2h", "1h", "30m", "8h", "45m", "6h", "10h", "1h30m", "16h", "20h", "7m"])
            }
            Grain::Second => self.dice.pick(&["15m", "7m5s", "30m", "1h", "1m", "45s", "20m10s", "5m"]),
        }
    }

    fn target(&mut self) -> String {
        let strictly = if self.dice.chance(10) { "strictly within " } else { "" };
        let calendar = if self.dice.chance(35) { format!(" in {}", self.calendar()) } else { String::new() };
        let kind = if self.grain == Grain::Second { 0 } else { self.dice.from(0, 11) };
        let target = match kind {
            0..=6 => format!("{}{calendar}", self.duration()),
            7 | 8 => format!("{}{calendar}", self.dice.pick(&["1 service day", "2 service days", "3 service days"])),
            9 => {
                let end = self.dice.pick(&["by end of next service day", "by end of 2nd service day"]);
                format!("{end}{calendar}")
            }
            10 => {
                let time = self.dice.pick(&["17:00", "12:00", "23:30", "02:30", "00:00", "05:00"]);
                format!("by {time} {} service day{calendar}", self.dice.pick(&["next", "2nd"]))
            }
            _ => {
                let (duration, to) = (self.dice.pick(&["8h", "1 day", "20h", "2 days"]), self.calendar());
                let calendar = if duration.contains("day") { String::new() } else { calendar };
                format!("{duration}{calendar} moved to the next service day in {to}")
            }
        };
        format!("{strictly}{target}")
    }

    fn tiers(&mut self, metrics: &[&str]) {
        let two = self.dice.chance(50);
        let heads: &[&str] = if two { &["gold when plan is \"gold\"", "silver"] } else { &["silver"] };
        for head in heads {
            self.line(&format!("tier {head} {{"));
            if self.dice.chance(85) {
                let calendar = self.calendar();
                self.line(&format!("    hours {calendar}"));
            }
            for metric in metrics {
                if self.dice.chance(95) {
                    let targets = self.targets();
                    self.line(&format!("    {metric} {{ {targets} }}"));
                }
                self.promise(metric);
            }
            self.line("}");
        }
    }

    fn promise(&mut self, metric: &str) {
        if !self.promises.is_empty() && self.dice.chance(60) {
            let share = self.dice.pick(&["90%", "90%", "75%", "100%"]);
            let per = self.dice.pick(self.promises);
            self.line(&format!("    promise {share} of {metric} {per}"));
        }
    }

    fn targets(&mut self) -> String {
        if self.dice.chance(30) {
            return format!("any {}", self.target());
        }
        let mut entries = Vec::new();
        for priority in ["P1", "P2", "P3"] {
            match self.dice.from(0, 9) {
                0..=7 => entries.push(format!("{priority} {}", self.target())),
                8 => entries.push(format!("{priority} none")),
                _ => {}
            }
        }
        if self.dice.chance(20) {
            entries.push(format!("any {}", self.target()));
        }
        entries.join(", ")
    }

    fn escalation(&mut self, metric: &str) {
        if self.dice.chance(30) {
            return;
        }
        let when = self.dice.pick(&["", "", "", " when plan is \"gold\""]);
        self.line(&format!("escalate {metric}{when} {{"));
        for _ in 0..self.dice.from(1, 4) {
            let step = self.step();
            let when = self.dice.pick(&["", "", "", " when status is open", " when priority in (P1, P2)"]);
            let actions = self.dice.pick(&["notify \"desk\"", "notify \"lead\", raise priority"]);
            self.line(&format!("    {step}{when} {actions}"));
        }
        self.line("}");
    }

    fn step(&mut self) -> String {
        let calendar = format!(" in {}", self.calendar());
        let calendar = if self.dice.chance(60) { "" } else { &calendar };
        let length = match self.grain {
            Grain::Minute => self.dice.pick(&["30m", "1h", "2h", "5m", "4h"]),
            Grain::Second => self.dice.pick(&["1m", "30s", "5m", "10m7s"]),
        };
        match self.dice.from(0, 5) {
            0 => format!("at {}", self.dice.pick(&["50%", "25%", "75%", "100%", "80%", "33.3%", "99%"])),
            1 => format!("{length}{calendar} before breach"),
            2 => "at breach".to_string(),
            3 => format!("{length}{calendar} after breach"),
            4 => format!("every {length}{calendar} after breach at most {} times", self.dice.from(1, 3)),
            _ => format!("every {length}{calendar} after breach"),
        }
    }
}
