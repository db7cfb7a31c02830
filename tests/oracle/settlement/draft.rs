//! Random agreements that move money, as the text that a negotiator would write.

use chrono::{Datelike, Days, Months};

use crate::dice::Dice;
use crate::draft::{Scenery, Terms, Wording};

/// What an agreement may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Everything.
    Free,
    /// Nothing by which one breach less could raise a credit: penalties on attainment and breaches, without a minimum.
    Compliant,
}

const SHARES: [&str; 8] = ["100%", "95%", "90%", "75%", "66.6%", "50%", "1%", "0%"];
const UPTIMES: [&str; 7] = ["100%", "99.9%", "99.5%", "99%", "97.25%", "90%", "50%"];
const NUMBERS: [&str; 7] = ["9", "5", "3", "2", "1.5", "1", "0"];
const LENGTHS: [&str; 7] = ["50h", "20h", "8h", "4h", "90m", "30m", "0m"];
const PERIODS: [&str; 12] = [
    "month",
    "month",
    "month",
    "month",
    "quarter",
    "year",
    "week",
    "day",
    "contract year",
    "2 months",
    "6 months",
    "5 months",
];

/// What a clause looks at, as far as its amounts depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looks {
    Breach,
    Outage,
    Ticket,
    /// A figure that falls short of a promise.
    Short,
    /// A figure of outages, and whether it falls short of a promise.
    Service(bool),
    /// Another figure.
    Number,
}

/// An agreement over so many months from the scenery's date, its money by these numbers.
pub fn agreement(
    scenery: &Scenery,
    months: u32,
    wish: Wish,
    calendars: &[u16],
    terms: &[u16],
    money: &[u16],
) -> String {
    let mut terms = Terms::new(scenery, Wording::Free, calendars, terms);
    terms.promises = &["per month", "per month", "per quarter", "per week"];
    terms.clocks(scenery);
    terms.dice = Dice::new(money);
    let mut money = Money::new(terms, wish);
    money.header(scenery, months);
    money.fees();
    money.exclusions();
    money.services();
    for number in 0..money.terms.dice.from(1, 4) {
        money.clause(number);
    }
    money.together();
    money.terms.text.push_str("}\n");
    money.terms.text
}

struct Money<'d> {
    terms: Terms<'d>,
    wish: Wish,
    has_start: bool,
    has_end: bool,
    services: Vec<&'static str>,
    /// Services of which something is promised.
    promised: Vec<&'static str>,
    /// The names of the penalties so far.
    penalties: Vec<String>,
}

impl<'d> Money<'d> {
    fn new(terms: Terms<'d>, wish: Wish) -> Money<'d> {
        Money {
            terms,
            wish,
            has_end: false,
            has_start: false,
            promised: Vec::new(),
            services: Vec::new(),
            penalties: Vec::new(),
        }
    }

    fn line(&mut self, line: &str) {
        self.terms.line(line);
    }

    fn chance(&mut self, percent: i64) -> bool {
        self.terms.dice.chance(percent)
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        self.terms.dice.pick(choices)
    }

    fn header(&mut self, scenery: &Scenery, months: u32) {
        self.line("currency EUR");
        if self.chance(70) {
            let month = scenery.date.with_day(1).unwrap();
            let first = match self.terms.dice.from(0, 3) {
                0 => month,
                1 => scenery.date + Days::new(2),
                2 => month - Months::new(2),
                _ => month - Months::new(11) + Days::new(14),
            };
            let last = month + Months::new(months);
            let last = match self.terms.dice.from(0, 4) {
                0 | 1 => None,
                2 => Some(last + Months::new(3) - Days::new(1)),
                3 => Some(last - Days::new(1)),
                _ => Some(last - Days::new(12)),
            };
            let last = last.map_or(String::new(), |last| last.max(first + Days::new(9)).to_string());
            (self.has_start, self.has_end) = (true, !last.is_empty());
            self.line(&format!("effective {first}..{last}"));
        }
        if self.chance(25) {
            let day = self.pick(&[15, 2, 10, 28]);
            self.line(&format!("months begin on day {day}"));
        }
        if self.wish != Wish::Compliant && self.chance(20) {
            let word = self.pick(&["met", "missed"]);
            self.line(&format!("empty counts as {word}"));
        }
        if self.chance(20) {
            let word = self.pick(&["created", "stopped"]);
            self.line(&format!("counted by {word}"));
        }
        if self.chance(30) {
            self.line("excluded time shortens the agreed time");
        }
        self.line("field planned in (yes, no)");
        self.line("field users in (5, 10, 40, 0)");
        self.line("field price in (100, 99.99, 0.5, 0)");
    }

    fn fees(&mut self) {
        for service in ["", "of mail ", "of web "] {
            if service != "of web " || self.chance(30) {
                self.services.extend(service.split(' ').nth(1));
                let amount = self.pick(&["1_000", "12_500", "999.99", "3_333.33", "100", "0.07", "7_301"]);
                let per = self.pick(&["month", "month", "quarter", "year"]);
                self.line(&format!("fee {service}{amount} EUR per {per}"));
            }
        }
    }

    fn exclusions(&mut self) {
        if self.chance(20) {
            let condition = self.condition(true);
            self.line(&format!("exclude tickets when {condition}"));
        }
        if self.chance(20) {
            let condition = self.condition(false);
            self.line(&format!("exclude outages when {condition}"));
        }
        if self.has_end && self.chance(25) {
            let every = self.pick(&["week on sun", "day", "month on first mon", "2 weeks on tue, thu"]);
            let hours = self.pick(&["02:00-06:00", "22:00-01:00", "12:00-12:30"]);
            self.line(&format!("maintenance window {{ every {every} {hours} }}"));
        }
    }

    /// A condition on a ticket or on an outage.
    fn condition(&mut self, of_ticket: bool) -> &'static str {
        if of_ticket {
            self.pick(&[
                "plan is gold",
                "priority in (P1, P2)",
                "tier is silver",
                "size >= 2",
                "not (status is open)",
                "plan is not present or size is 1",
                "users > 5",
            ])
        } else {
            self.pick(&[
                "planned is no",
                "planned is yes",
                "planned is not present",
                "users >= 10",
                "not (planned is yes)",
            ])
        }
    }

    // -- services

    fn services(&mut self) {
        for service in ["mail", "web", "portal"] {
            if !self.chance(if service == "mail" { 85 } else { 50 }) {
                continue;
            }
            if !self.services.contains(&service) {
                self.services.push(service);
            }
            let when = if self.chance(20) { format!(" when {}", self.condition(false)) } else { String::new() };
            self.line(&format!("availability of {service}{when} {{"));
            if self.chance(50) {
                let calendar = self.terms.calendar();
                self.line(&format!("    hours {calendar}"));
            }
            if service == "portal" {
                let down =
                    self.pick(&["all of (mail, web)", "any of (mail, web)", "all of (mail, dns)", "any of (dns, web)"]);
                self.line(&format!("    down when {down}"));
            } else if self.chance(10) {
                let condition = self.condition(false);
                self.line(&format!("    down when {condition}"));
            }
            self.measured(service);
            self.line("}");
        }
    }

    /// What an availability is measured by.
    fn measured(&mut self, service: &'static str) {
        if self.wish != Wish::Compliant && self.chance(30) {
            let ignore = self.pick(&["shorter than 5m", "of at most 5m", "shorter than 30m", "of at most 1h"]);
            self.line(&format!("    ignore outages {ignore}"));
        }
        if self.wish != Wish::Compliant && self.chance(30) {
            let apart = self.pick(&["10m", "5m", "2h", "20s"]);
            self.line(&format!("    join outages less than {apart} apart"));
        }
        if self.chance(25) {
            let excluded = self.pick(&["shortens the agreed time", "counts as up"]);
            self.line(&format!("    excluded time {excluded}"));
        }
        if self.chance(15) {
            let over = self.pick(&["720h", "168h", "30 days"]);
            self.line(&format!("    over {over}"));
        }
        if self.chance(25) {
            self.line("    count whole minutes");
        }
        if self.chance(25) {
            let digits = self.terms.dice.from(0, 4);
            self.line(&format!("    round to {digits} decimals"));
        }
        if self.chance(15) {
            let despite = self.pick(&["maintenance", "exclusions"]);
            self.line(&format!("    despite {despite}"));
        }
        if self.chance(50) {
            let share = self.pick(&["99.9%", "99%", "100%", "95%"]);
            let per = self.pick(&["month", "month", "quarter", "day"]);
            self.line(&format!("    promise {share} per {per}"));
            self.promised.push(service);
        }
    }

    /// Whether all tiers that promise something of a metric promise the same.
    fn is_promised(&self, metric: &str) -> bool {
        let of_metric = format!(" of {metric} per ");
        let lines = self.terms.text.lines().map(str::trim).filter(|line| line.starts_with("promise "));
        let mut shares = lines.filter_map(|line| line.split_once(&of_metric)).map(|(share, _)| share);
        shares.next().is_some_and(|first| shares.all(|share| share == first))
    }

    // -- clauses

    fn clause(&mut self, number: i64) {
        let penalty = self.wish == Wish::Compliant || self.chance(80);
        let word = if penalty { "penalty" } else { "incentive" };
        let when = if self.wish != Wish::Compliant && self.chance(15) { " when plan is gold" } else { "" };
        let head = format!("{word} c{number} § {}{when} {{", number + 1);
        if penalty {
            self.penalties.push(format!("c{number}"));
        }
        let single = self.wish != Wish::Compliant && self.chance(50);
        if single && when.is_empty() && self.chance(30) {
            let service = self.service();
            let condition = self.maybe_when(false);
            self.line(&head);
            self.line(&format!("    for each outage of {service}{condition}"));
            self.single(penalty, Looks::Outage);
        } else if single && self.chance(80) {
            let (metric, condition) = (self.metric(), self.maybe_when(true));
            self.line(&head);
            self.line(&format!("    for each breach of {metric}{condition}"));
            self.single(penalty, Looks::Breach);
        } else if single {
            let condition = self.maybe_when(true);
            self.line(&head);
            self.line(&format!("    for each ticket{condition}"));
            self.single(penalty, Looks::Ticket);
        } else {
            self.line(&head);
            self.figure(penalty);
        }
        self.clause_caps();
        if self.wish != Wish::Compliant && self.chance(15) {
            let condition = self.condition(true);
            self.line(&format!("    except when {condition}"));
        }
        self.line("}");
    }

    fn maybe_when(&mut self, of_ticket: bool) -> String {
        if self.chance(25) { format!(" when {}", self.condition(of_ticket)) } else { String::new() }
    }

    fn service(&mut self) -> &'static str {
        let services = self.services.clone();
        self.pick(&services)
    }

    fn metric(&mut self) -> &'static str {
        let metrics = self.terms.metrics.clone();
        self.pick(&metrics)
    }

    fn single(&mut self, penalty: bool, looks: Looks) {
        let amount = self.amount(looks, 2);
        self.line(&format!("    {} {amount}", paid(penalty)));
    }

    fn period(&mut self) -> &'static str {
        let per = self.pick(&PERIODS);
        // Five months have no place in a year from which to be cut.
        if matches!(per, "contract year" | "5 months") && !self.has_start { "year" } else { per }
    }

    fn figure(&mut self, penalty: bool) {
        let over = self.wish != Wish::Compliant && self.chance(15);
        let (mut per, word) = (self.period(), self.pick(&["mean", "total"]));
        let (measure, bounds, mut looks, of_tickets) = self.measure();
        let mut measure = measure;
        let stands_alone = !matches!(bounds[0], "100%");
        if over {
            per = "month";
            measure = format!("{word} over {} months of {measure}", self.terms.dice.from(2, 4));
            looks = Looks::Number;
        }
        let mut line = format!("    per {per} on {measure}");
        if self.wish != Wish::Compliant && of_tickets && self.chance(20) {
            line.push_str(&format!(" with at least {} tickets", self.terms.dice.from(1, 4)));
        }
        if self.wish != Wish::Compliant {
            line.push_str(&self.maybe_when(of_tickets));
        }
        if line.contains("tier") {
            // Nothing may be promised of that tier.
            looks = Looks::Number;
        }
        self.line(&line);
        if stands_alone && self.chance(25) && self.wish != Wish::Compliant {
            return self.single(penalty, looks);
        }
        let downwards = (bounds[0] == "100%") == penalty;
        if self.wish != Wish::Compliant && self.chance(30) {
            self.two_sided(penalty, bounds, looks);
        } else {
            self.one_sided(penalty, bounds, looks, downwards);
        }
    }

    /// A measure, bounds that it may cross, what units fit it, and whether it is of tickets.
    fn measure(&mut self) -> (String, &'static [&'static str], Looks, bool) {
        let metric = self.metric();
        if self.wish == Wish::Compliant {
            return match self.terms.dice.from(0, 1) {
                0 => (format!("attainment of {metric}"), &SHARES, Looks::Number, true),
                _ => (format!("breaches of {metric}"), &NUMBERS, Looks::Number, true),
            };
        }
        let service = self.service();
        let statistic = self.pick(&["mean", "median", "p90", "p99", "longest", "total"]);
        match self.terms.dice.from(0, 14) {
            0..=2 => {
                let looks = if self.is_promised(metric) { Looks::Short } else { Looks::Number };
                (format!("attainment of {metric}"), &SHARES, looks, true)
            }
            3 | 4 => (format!("breaches of {metric}"), &NUMBERS, Looks::Number, true),
            5..=7 => {
                let looks = Looks::Service(self.promised.contains(&service));
                (format!("availability of {service}"), &UPTIMES, looks, false)
            }
            8 => (format!("downtime of {service}"), &LENGTHS, Looks::Service(false), false),
            9 => (format!("outages of {service}"), &NUMBERS, Looks::Service(false), false),
            10 => (format!("{statistic} of {metric}"), &LENGTHS, Looks::Number, true),
            11 => (format!("{statistic} of {}", self.pick(&["size", "price"])), &NUMBERS, Looks::Number, true),
            12 => ("tickets".to_string(), &NUMBERS, Looks::Number, true),
            13 => ("reopened tickets".to_string(), &NUMBERS, Looks::Number, true),
            _ => (format!("share of tickets when {}", self.condition(true)), &SHARES, Looks::Number, true),
        }
    }

    /// Rows that nest, the widest first or last; where it matters, worse service pays no less.
    fn one_sided(&mut self, penalty: bool, bounds: &[&str], looks: Looks, downwards: bool) {
        let words = if downwards { ["at most", "below"] } else { ["at least", "above"] };
        let bounds: Vec<&str> = if downwards { bounds.to_vec() } else { bounds.iter().rev().copied().collect() };
        let mut said = Vec::new();
        let mut rate = 0;
        for bound in &bounds {
            for word in words {
                // Owed for service without a fault: one decided clock more would raise it.
                let for_nothing = matches!((word, *bound), ("at most", "100%") | ("at least", "0"));
                if self.wish == Wish::Compliant && for_nothing {
                    continue;
                }
                if self.chance(25) || (said.is_empty() && *bound == bounds[bounds.len() - 1]) {
                    rate += self.terms.dice.from(0, 3);
                    let amount =
                        if self.wish == Wish::Compliant { format!("{rate}% of fee") } else { self.amount(looks, 2) };
                    said.push(format!("    {word} {bound} {} {amount}", paid(penalty)));
                }
            }
        }
        if self.chance(20) {
            said.reverse();
        }
        said.iter().for_each(|row| self.line(row));
    }

    /// Rows as printed, side by side.
    fn two_sided(&mut self, penalty: bool, bounds: &[&str], looks: Looks) {
        let (low_word, high_word) = self.pick(&[("at least", "below"), ("above", "at most")]);
        let mut high = bounds[0];
        for low in &bounds[1..] {
            if self.chance(60) || *low == bounds[bounds.len() - 1] {
                let amount = self.amount(looks, 2);
                self.line(&format!("    {low_word} {low} and {high_word} {high} {} {amount}", paid(penalty)));
                high = low;
            } else if self.chance(20) {
                high = low;
            }
        }
    }

    fn clause_caps(&mut self) {
        let scopes: &[&str] = if self.wish == Wish::Compliant {
            &["month", "year"]
        } else {
            &["breach", "ticket", "outage", "month", "month", "quarter", "year", "week", "day", "3 months"]
        };
        for chance in [35, 10] {
            if self.chance(chance) {
                let amount = self.cap_amount();
                let scope = self.pick(scopes);
                self.line(&format!("    capped at {amount} per {scope}"));
            }
        }
    }

    // -- amounts

    fn rate(&mut self) -> &'static str {
        self.pick(&["5%", "2%", "10%", "0.5%", "33.3%", "1/3", "100%", "40% of 10%", "25%"])
    }

    fn sum(&mut self) -> &'static str {
        self.pick(&["50", "9.99", "100", "0.01", "250", "33.335", "1_000"])
    }

    fn amount(&mut self, looks: Looks, depth: u32) -> String {
        if 0 < depth && self.chance(12) {
            let word = self.pick(&["greatest", "least", "sum"]);
            let (one, other) = (self.amount(looks, depth - 1), self.amount(looks, depth - 1));
            return format!("{word} of ({one}, {other})");
        }
        if self.chance(30) {
            let (sum, unit, share) = (self.sum(), self.unit(looks), self.proportion(looks));
            return format!("{sum} EUR{unit}{share}");
        }
        let (rate, base) = (self.rate(), self.base(looks));
        let (unit, share) = (self.unit(looks), self.proportion(looks));
        format!("{rate} of {base}{unit}{share}")
    }

    fn base(&mut self, looks: Looks) -> &'static str {
        let bases: &[&str] = match looks {
            Looks::Outage | Looks::Service(_) => &[
                "fee",
                "fee of mail",
                "price of the downtime",
                "price of 30 days",
                "price of 8h",
                "monthly fee",
                "yearly fee",
                "all fees",
            ],
            _ => &["fee", "fee of mail", "monthly fee", "yearly fee", "all fees", "price of 8h"],
        };
        let single = matches!(looks, Looks::Breach | Looks::Outage | Looks::Ticket);
        if single && self.chance(12) {
            return "price";
        }
        if self.chance(10) {
            return self.pick(&["fee of previous month", "fee of next month"]);
        }
        self.pick(bases)
    }

    fn unit(&mut self, looks: Looks) -> String {
        if self.chance(35) {
            return String::new();
        }
        let part = self.pick(&["started", "completed", "pro rata", "nearest", "nearest, ties up,"]);
        let free = if self.chance(30) { self.pick(&[" after 1h", " after 30m", " after 1 day"]) } else { "" };
        match looks {
            Looks::Breach if self.chance(15) => format!(" per {}", self.pick(&["breach", "ticket", "date late"])),
            Looks::Breach => {
                format!(" per {part} {} late{free}", self.pick(&["hour", "day", "30m", "minute", "2h"]))
            }
            Looks::Short | Looks::Service(true) if self.chance(60) => {
                format!(" per {part} {} short", self.pick(&["0.1%", "1%", "5%", "0.05%"]))
            }
            Looks::Outage | Looks::Service(_) if self.chance(15) => {
                format!(" per {}", self.pick(&["outage", "date down"]))
            }
            Looks::Outage | Looks::Service(_) => {
                format!(" per {part} {} down{free}", self.pick(&["hour", "30m", "day", "minute"]))
            }
            Looks::Ticket => " per ticket".to_string(),
            Looks::Short | Looks::Number => format!(" per {}", self.pick(&["breach", "ticket"])),
        }
    }

    fn proportion(&mut self, looks: Looks) -> &'static str {
        let single = matches!(looks, Looks::Breach | Looks::Outage | Looks::Ticket);
        if single && self.chance(12) { " in proportion to users of price" } else { "" }
    }

    fn cap_amount(&mut self) -> String {
        match self.terms.dice.from(0, 9) {
            0..=2 => format!("{} EUR", self.pick(&["100", "10.005", "0", "33.33", "500"])),
            3 => format!("least of ({}% of fee, 75.5 EUR)", self.pick(&["10", "3"])),
            _ => {
                let (rate, base) =
                    (self.rate(), self.pick(&["fee", "fee", "all fees", "monthly fee", "yearly fee", "fee of mail"]));
                format!("{rate} of {base}")
            }
        }
    }

    // -- all clauses together

    fn together(&mut self) {
        for per in ["month", "2 months", "year", "quarter", "week", "day", "contract year"] {
            let chance = if per == "month" { 45 } else { 15 };
            if self.chance(chance) && (per != "contract year" || self.has_start) {
                let amount = self.cap_amount();
                self.line(&format!("cap penalties at {amount} per {per}"));
            }
        }
        if self.wish != Wish::Compliant && self.chance(50) {
            let by = self.pick(&["greatest", "greatest per ticket", "first", "sum"]);
            let by = if self.penalties.len() > 1 && self.chance(40) { self.tree() } else { by.to_string() };
            self.line(&format!("combine penalties by {by}"));
        }
        self.thresholds();
        let mode = self.pick(&["half up", "half even", "up", "down"]);
        let unit = self.pick(&["0.01", "0.01", "1", "0.05", "10"]);
        self.line(&format!("round {mode} to {unit} EUR"));
    }

    fn thresholds(&mut self) {
        if self.wish == Wish::Compliant {
            return;
        }
        if self.chance(20) {
            let amount = self.pick(&["50 EUR", "0.5% of fee", "1 EUR", "10% of fee", "1_000.005 EUR"]);
            self.line(&format!("pay only above {amount}"));
        }
        if self.chance(25) {
            let amount = self.pick(&["100 EUR", "10% of fee", "33.335 EUR", "100% of all fees", "1_000 EUR"]);
            self.line(&format!("raise to at least {amount}"));
        }
    }

    /// Some of the penalties, in any order, as a tree.
    fn tree(&mut self) -> String {
        let mut names = self.penalties.clone();
        let turn = usize::try_from(self.terms.dice.from(0, 3)).unwrap() % names.len();
        names.rotate_left(turn);
        if names.len() > 2 && self.chance(30) {
            names.pop();
        }
        let words = ["greatest", "first", "sum"];
        let outer = self.pick(&words);
        if names.len() > 2 && self.chance(70) {
            let inner = self.pick(&words);
            let last = names.pop().unwrap();
            let inner = format!("{inner} of ({})", names.join(", "));
            return if self.chance(50) {
                format!("{outer} of ({inner}, {last})")
            } else {
                format!("{outer} of ({last}, {inner})")
            };
        }
        format!("{outer} of ({})", names.join(", "))
    }
}

fn paid(penalty: bool) -> &'static str {
    if penalty { "credit" } else { "bonus" }
}
