//! Random agreements that move money, as the text that a negotiator would write.

use chrono::{Datelike, Days, Months};

use crate::dice::Dice;
use crate::draft::{Scenery, Terms, Wording};

/// What an agreement may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Everything, and amendments of it.
    Amended,
    /// Everything, in one version.
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
    money.ladder();
    money.amendments(scenery, months);
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
    /// Those of which incentives may earn something back.
    to_earn_back: Vec<String>,
    /// How long after a penalty a period of the clause may end.
    months_after: &'static [i64],
    /// The unit that the runs of the clause count, where it has any.
    runs: &'static str,
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
            to_earn_back: Vec::new(),
            months_after: &[12],
            runs: "",
        }
    }

    fn is_free(&self) -> bool {
        matches!(self.wish, Wish::Amended | Wish::Free)
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
        if self.wish == Wish::Amended && self.chance(25) {
            let word = self.pick(&["breach", "stopped"]);
            self.line(&format!("versioned by {word}"));
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
        if self.is_free() && self.chance(30) {
            let ignore = self.pick(&["shorter than 5m", "of at most 5m", "shorter than 30m", "of at most 1h"]);
            self.line(&format!("    ignore outages {ignore}"));
        }
        if self.is_free() && self.chance(30) {
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
        let to_earn = self.is_free() && !self.to_earn_back.is_empty();
        let penalty = self.wish == Wish::Compliant || self.chance(if to_earn { 65 } else { 80 });
        let word = if penalty { "penalty" } else { "incentive" };
        let when = if self.wish != Wish::Compliant && self.chance(15) { " when plan is gold" } else { "" };
        let head = format!("{word} c{number} § {}{when} {{", number + 1);
        if penalty {
            self.penalties.push(format!("c{number}"));
            self.to_earn_back.push(format!("c{number}"));
        }
        let single = self.wish != Wish::Compliant && self.chance(50);
        if single && when.is_empty() && self.chance(30) {
            let service = self.service();
            let (condition, volume) = (self.maybe_when(false), self.maybe_volume());
            self.line(&head);
            self.line(&format!("    for each outage of {service}{condition}{volume}"));
            self.single(penalty, Looks::Outage);
        } else if single && self.chance(80) {
            let (metric, condition, volume) = (self.metric(), self.maybe_when(true), self.maybe_volume());
            self.line(&head);
            self.line(&format!("    for each breach of {metric}{condition}{volume}"));
            self.single(penalty, Looks::Breach);
        } else if single {
            let (condition, volume) = (self.maybe_when(true), self.maybe_volume());
            self.line(&head);
            self.line(&format!("    for each ticket{condition}{volume}"));
            self.single(penalty, Looks::Ticket);
        } else {
            self.line(&head);
            self.figure(penalty);
        }
        self.clause_caps();
        if self.is_free() && self.chance(12) {
            let claim = self.claim();
            self.line(&format!("    {claim}"));
        }
        if self.wish != Wish::Compliant && self.chance(15) {
            let condition = self.condition(true);
            self.line(&format!("    except when {condition}"));
        }
        self.line("}");
    }

    fn maybe_when(&mut self, of_ticket: bool) -> String {
        if self.chance(25) { format!(" when {}", self.condition(of_ticket)) } else { String::new() }
    }

    /// What single things may ask for; a figure asks for it where it stands.
    fn maybe_volume(&mut self) -> String {
        if self.chance(15) { format!(" with at least {} tickets", self.terms.dice.from(1, 4)) } else { String::new() }
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
        let is_short = matches!(per, "month" | "week" | "day");
        self.months_after = if is_short { &[1, 2, 3, 6] } else { &[12, 13, 24] };
        if !penalty && self.is_free() && self.earn_back(bounds) {
            return;
        }
        let downwards = (bounds[0] == "100%") == penalty;
        self.runs = if self.is_free() && self.chance(60) { unit_of(per) } else { "" };
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
                    let run = self.run();
                    let amount =
                        if self.wish == Wish::Compliant { format!("{rate}% of fee") } else { self.amount(looks, 2) };
                    said.push(format!("    {word} {bound}{run} {} {amount}", paid(penalty)));
                }
            }
        }
        if self.chance(20) {
            said.reverse();
        }
        said.iter().for_each(|row| self.line(row));
    }

    /// What a row asks of more than one period, often nothing.
    fn run(&mut self) -> String {
        let unit = self.runs;
        if unit.is_empty() || self.chance(35) {
            return String::new();
        }
        let penalties: Vec<String> = self.penalties.clone();
        match self.terms.dice.from(0, 3) {
            0 | 1 => format!(" for {} {unit} in a row", self.pick(&[2, 3])),
            2 => format!(" in {} of {} {unit}", self.pick(&[1, 2]), self.pick(&[2, 3, 4])),
            _ if penalties.is_empty() => String::new(),
            _ => {
                let last = i64::try_from(penalties.len()).unwrap() - 1;
                let penalty = &penalties[usize::try_from(self.terms.dice.from(0, last)).unwrap()];
                format!(" within {} months after penalty {penalty}", self.pick(self.months_after))
            }
        }
    }

    /// A row that earns something back of a penalty before, sometimes of one that another row earns back as well.
    fn earn_back(&mut self, bounds: &[&str]) -> bool {
        if self.to_earn_back.is_empty() || !self.chance(85) {
            return false;
        }
        let penalty = self.to_earn_back[0].clone();
        if self.chance(60) {
            self.to_earn_back.remove(0);
        }
        let row = if bounds[0] == "100%" { "at least 50%" } else { "at most 9" };
        let row = if bounds[0] == "50h" { "at most 50h" } else { row };
        let months = self.pick(self.months_after);
        let back = match self.terms.dice.from(0, 2) {
            0 => format!(
                "within {months} months after penalty {penalty} earn back {} EUR",
                self.pick(&["1_000", "50", "9.99", "250"])
            ),
            1 => format!(
                "within {months} months after penalty {penalty} earn back {} of penalty {penalty}",
                self.pick(&["50%", "100%", "33.3%"])
            ),
            _ => format!("earn back {} of penalty {penalty}", self.pick(&["50%", "100%", "33.3%"])),
        };
        self.line(&format!("    {row} {back}"));
        true
    }

    /// Rows as printed, side by side.
    fn two_sided(&mut self, penalty: bool, bounds: &[&str], looks: Looks) {
        let (low_word, high_word) = self.pick(&[("at least", "below"), ("above", "at most")]);
        let mut high = bounds[0];
        for low in &bounds[1..] {
            if self.chance(60) || *low == bounds[bounds.len() - 1] {
                let (run, amount) = (self.run(), self.amount(looks, 2));
                self.line(&format!("    {low_word} {low} and {high_word} {high}{run} {} {amount}", paid(penalty)));
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
            _ => &["fee", "fee of mail", "monthly fee", "yearly fee of mail", "all fees", "price of 8h"],
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
                let of_months = !matches!(per, "day" | "week");
                let carried = if self.wish != Wish::Compliant && of_months && self.chance(35) {
                    self.pick(&[", carried over", " carried over"])
                } else {
                    ""
                };
                self.line(&format!("cap penalties at {amount} per {per}{carried}"));
            }
        }
        if self.wish != Wish::Compliant && self.chance(50) {
            let by = self.pick(&["greatest", "greatest per ticket", "first", "sum"]);
            let by = if self.penalties.len() > 1 && self.chance(40) { self.tree() } else { by.to_string() };
            self.line(&format!("combine penalties by {by}"));
        }
        if self.is_free() && self.chance(40) {
            let claim = self.claim();
            self.line(&claim);
        }
        self.thresholds();
        let mode = self.pick(&["half up", "half even", "up", "down"]);
        let unit = self.pick(&["0.01", "0.01", "1", "0.05", "10"]);
        self.line(&format!("round {mode} to {unit} EUR"));
    }

    // -- what follows besides money

    fn ladder(&mut self) {
        if !self.is_free() || !self.chance(50) {
            return;
        }
        let (metric, condition) = (self.metric(), self.maybe_when(true));
        self.line(&format!("consequences of {metric}{condition} {{"));
        for step in ["warning", "\"improvement plan\"", "renegotiation", "termination right"] {
            if step == "warning" || self.chance(50) {
                let reached = if self.chance(60) { self.breach_count() } else { self.reached_band() };
                let expires = self.pick(&["", " for 30 days", " for 36h", " for 14 days"]);
                let expires = if step == "termination right" { expires } else { "" };
                self.line(&format!("    {reached} then {step}{expires}"));
            }
        }
        self.line("}");
    }

    fn breach_count(&mut self) -> String {
        let count = self.pick(&["1 breach", "2 breaches", "2 breaches", "3 breaches"]);
        let calendar = if self.chance(35) { "calendar " } else { "" };
        let window = self.pick(&[
            "1 month",
            "3 months",
            "30 days",
            "7 days",
            "2 weeks",
            "1 quarter",
            "2 quarters",
            "1 year",
            "1 day",
            "1 week",
        ]);
        let (number, unit) = window.split_once(' ').unwrap();
        format!("{count} in {number} {calendar}{unit}")
    }

    fn reached_band(&mut self) -> String {
        let service = self.service();
        let is_down = self.terms.text.contains(&format!("availability of {service}"));
        let band = match self.terms.dice.from(0, 3) {
            0 if is_down => format!("availability of {service} below {}", self.pick(&["99.9%", "99%", "90%"])),
            1 => format!("breaches at least {}", self.pick(&["1", "2", "3"])),
            _ => format!("attainment {} {}", self.pick(&["below", "at most"]), self.pick(&["85%", "50%", "95%"])),
        };
        let unit = self.pick(&["months", "months", "weeks", "quarters"]);
        match self.terms.dice.from(0, 3) {
            0 => band,
            1 => format!("{band} in {} of {} {unit}", self.pick(&[1, 2]), self.pick(&[2, 3, 5])),
            _ => format!("{band} for {} {unit} in a row", self.pick(&[2, 2, 3])),
        }
    }

    /// Until when something may be claimed.
    fn claim(&mut self) -> String {
        let until = if self.chance(15) {
            format!("by end of {} month after the period", self.pick(&["1st", "2nd", "3rd"]))
        } else {
            let calendar = self.terms.calendar();
            let length = match self.terms.dice.from(0, 3) {
                0 => format!("{} in {calendar}", self.pick(&["1 service day", "5 service days", "3 service days"])),
                1 => "36h".to_string(),
                _ => self.pick(&["30 days", "10 days", "1 day"]).to_string(),
            };
            format!("within {length} after {}", self.pick(&["the period", "the period", "each breach", "each outage"]))
        };
        let unclaimed = if self.chance(65) { ", unclaimed pays nothing" } else { "" };
        format!("claim {until}{unclaimed}")
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

    // -- amendments

    fn amendments(&mut self, scenery: &Scenery, months: u32) {
        if self.wish != Wish::Amended || !self.chance(50) {
            return;
        }
        let days = |days: i64| Days::new(u64::try_from(days).unwrap());
        let signed = statements(&self.terms.text);
        let first = scenery.date + days(self.terms.dice.from(1, i64::from(months) * 25));
        let changed: Vec<String> = signed.iter().map(|statement| self.changed(statement)).collect();
        self.amendment(&format!("from {first} \"Addendum 1\""), &changed);
        if self.chance(40) {
            let first = first + days(self.terms.dice.from(1, 40));
            let last = first + days(self.terms.dice.from(5, 70));
            let changed: Vec<String> = changed.iter().map(|statement| self.changed(statement)).collect();
            self.amendment(&format!("for {first}..{last} \"Season\""), &changed);
        }
    }

    /// An amendment that overrides some statements, at least one.
    fn amendment(&mut self, when: &str, statements: &[String]) {
        self.line(&format!("amend {when} {{"));
        for (place, statement) in statements.iter().enumerate() {
            if place == 0 || self.chance(45) {
                self.line(&format!("override {statement}"));
            }
        }
        self.line("}");
    }

    /// A statement with other numbers in it.
    fn changed(&mut self, statement: &str) -> String {
        let mut changed = statement.to_string();
        for (old, new) in [
            ("5%", "7%"),
            ("2%", "3%"),
            ("1/3", "1/4"),
            ("50 EUR", "61.5 EUR"),
            ("100 EUR", "80 EUR"),
            ("1_000", "1_500"),
            ("0.01 EUR", "0.05 EUR"),
        ] {
            if self.chance(60) {
                changed = changed.replace(old, new);
            }
        }
        changed
    }
}

/// The statements of an agreement that an amendment can override with the same words and other numbers: fees first.
fn statements(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in text.lines() {
        let begins = |words: &[&str]| words.iter().any(|word| line.starts_with(&format!("    {word} ")));
        if is_open {
            let last = found.last_mut().unwrap();
            last.push('\n');
            last.push_str(line);
            is_open = line != "    }";
        } else if begins(&["penalty", "incentive"]) {
            found.push(line.trim().to_string());
            is_open = true;
        } else if begins(&["fee", "cap penalties", "round", "pay only", "raise to", "combine penalties"]) {
            found.push(line.trim().to_string());
        }
    }
    found
}
/// What a run counts.
fn unit_of(per: &str) -> &'static str {
    match per {
        "month" => "months",
        "quarter" => "quarters",
        "week" => "weeks",
        "year" => "years",
        _ => "periods",
    }
}

fn paid(penalty: bool) -> &'static str {
    if penalty { "credit" } else { "bonus" }
}
