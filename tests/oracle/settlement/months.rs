//! Months, settled one after the other: clause caps, combination, caps over all penalties, rounding.

use chrono::NaiveDate;
use klausel::money::{Fraction, RoundingMode, ratio, whole};
use klausel::plan::clause::{Amount, CapScope, ClauseKind, Combine, CombinePart, Period};

use super::amounts::Thing;
use super::entries::Entry;
use super::figures::Ground;
use super::periods::Span;

/// Lines that share what a cap leaves.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Ticket(usize, usize, String),
    Outage(usize, usize, i64),
    /// A line for no one ticket or outage, capped by itself.
    Line(usize, usize, i64, Vec<String>, Option<u32>),
    Period(usize, usize, NaiveDate),
    All(usize, NaiveDate),
}

/// A cap over some lines of a month, by their places.
pub struct Limit {
    pub lines: Vec<usize>,
    pub left: Fraction,
}

/// What lines of earlier months have used of each cap.
type Used = Vec<(Group, Fraction)>;

impl Ground<'_> {
    /// Settles lines that are sorted by month; those of months that are not over last, and apart.
    pub fn settle(&self, entries: Vec<Entry>) -> (Vec<Entry>, Vec<Entry>) {
        let mut months: Vec<Span> = entries.iter().map(|entry| entry.month).collect();
        months.sort();
        months.dedup();
        let (mut settled, mut open, mut used) = (Vec::new(), Vec::new(), Used::new());
        for month in months {
            let mut lines: Vec<Entry> = entries.iter().filter(|entry| entry.month == month).cloned().collect();
            if month.to <= self.as_of {
                self.settle_month(&month, &mut lines, &mut used);
                settled.extend(lines);
            } else {
                // As though it ended now: what is shown of other months that are not over uses nothing.
                self.settle_month(&month, &mut lines, &mut used.clone());
                open.extend(lines);
            }
        }
        (settled, open)
    }

    fn settle_month(&self, month: &Span, lines: &mut [Entry], used: &mut Used) {
        let mut limits = Vec::new();
        let mut groups = Vec::new();
        self.clause_caps(month, lines, used, &mut limits, &mut groups);
        for line in &mut *lines {
            line.after_combine = line.after_clause_cap.clone();
        }
        self.combine(lines);
        for line in &mut *lines {
            line.after_caps = line.after_combine.clone();
        }
        self.caps(month, lines, used, &mut limits, &mut groups);
        for line in &mut *lines {
            line.after_threshold = line.after_caps.clone();
        }
        self.thresholds(month, lines, &limits);
        for kind in [ClauseKind::Penalty, ClauseKind::Incentive] {
            self.round(kind, lines, &limits);
        }
        for (group, places) in groups {
            let sum: Fraction = places.iter().map(|place| &lines[*place].amount).sum();
            used.push((group, sum));
        }
    }

    /// What is left of a cap: its amount in whole units, less what earlier months have used.
    fn left(&self, amount: &Amount, thing: &Thing<'_>, group: &Group, used: &Used) -> Fraction {
        let unit = &self.version.rounding.as_ref().unwrap().unit;
        let most = (self.amount(amount, thing) / unit).floor() * unit;
        let spent: Fraction = used.iter().filter(|(other, _)| other == group).map(|(_, sum)| sum).sum();
        (most - spent).max(whole(0))
    }

    fn clause_caps(
        &self,
        month: &Span,
        lines: &mut [Entry],
        used: &Used,
        limits: &mut Vec<Limit>,
        groups: &mut Vec<(Group, Vec<usize>)>,
    ) {
        for (number, clause) in self.version.clauses.iter().enumerate() {
            for (place, cap) in clause.caps.iter().enumerate() {
                let of_line = |line: &Entry| match (cap.scope, &line.ticket, line.outage) {
                    (CapScope::Ticket, Some(ticket), _) => Group::Ticket(number, place, ticket.clone()),
                    (CapScope::Outage, _, Some(run)) => Group::Outage(number, place, run.from),
                    (CapScope::Breach | CapScope::Ticket | CapScope::Outage, ..) => {
                        Group::Line(number, place, line.at, line.tickets.clone(), line.cycle)
                    }
                    (CapScope::Per(per), ..) => Group::Period(number, place, self.period_of(per, line).first),
                };
                let own: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].clause == number).collect();
                for group in distinct(own.iter().map(|at| of_line(&lines[*at]))) {
                    let places: Vec<usize> = own.iter().copied().filter(|at| of_line(&lines[*at]) == group).collect();
                    let first = &lines[places[0]];
                    let thing = match cap.scope {
                        CapScope::Per(per) => Thing::of(self.period_of(per, first), *month),
                        // Of the fee that the breach is a share of.
                        _ => Thing { breached: first.cycle.map(|_| first.at), ..Thing::of(first.period, *month) },
                    };
                    let left = self.left(&cap.amount, &thing, &group, used);
                    cut(lines, &places, &left, |line| &mut line.after_clause_cap);
                    limits.push(Limit { lines: places.clone(), left });
                    groups.push((group, places));
                }
            }
        }
    }

    /// The period of a cap that a line falls in.
    fn period_of(&self, per: Period, line: &Entry) -> Span {
        self.dates.at(per, line.counts_at)
    }

    fn combine(&self, lines: &mut [Entry]) {
        let penalties: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].kind == ClauseKind::Penalty).collect();
        match &self.version.combine {
            Combine::Sum => {}
            Combine::Greatest => keep_greatest(lines, &penalties),
            Combine::First => {
                let paying = penalties.iter().find(|at| whole(0) < lines[**at].after_combine);
                if let Some(first) = paying.map(|at| lines[*at].clause) {
                    keep(lines, &penalties, first);
                }
            }
            Combine::Nested(tree) => {
                let (kept, named) = (self.kept(tree, lines), clauses_of(tree));
                for at in penalties {
                    let name = &self.version.clauses[lines[at].clause].name;
                    if named.contains(&name) && !kept.contains(&name) {
                        lines[at].after_combine = whole(0);
                    }
                }
            }
            Combine::GreatestPerTicket => {
                let tickets = penalties.iter().filter_map(|at| lines[*at].ticket.clone());
                for ticket in distinct(tickets) {
                    let own = penalties.iter().copied().filter(|at| lines[*at].ticket.as_ref() == Some(&ticket));
                    keep_greatest(lines, &own.collect::<Vec<_>>());
                }
            }
        }
    }

    /// The clauses that a part pays.
    fn kept<'t>(&self, part: &'t CombinePart, lines: &[Entry]) -> Vec<&'t String> {
        let comes_to = |kept: &Vec<&String>| -> Fraction {
            let of_kept = |line: &&Entry| kept.contains(&&self.version.clauses[line.clause].name);
            lines.iter().filter(of_kept).map(|line| &line.after_clause_cap).sum()
        };
        match part {
            CombinePart::Clause(name) => vec![name],
            CombinePart::Sum(parts) => parts.iter().flat_map(|part| self.kept(part, lines)).collect(),
            CombinePart::Greatest(parts) => {
                let kept: Vec<_> = parts.iter().map(|part| self.kept(part, lines)).collect();
                let most = kept.iter().map(&comes_to).max().unwrap();
                kept.into_iter().find(|kept| comes_to(kept) == most).unwrap()
            }
            CombinePart::First(parts) => {
                let mut kept = parts.iter().map(|part| self.kept(part, lines));
                kept.find(|kept| whole(0) < comes_to(kept)).unwrap_or_default()
            }
        }
    }

    fn caps(
        &self,
        month: &Span,
        lines: &mut [Entry],
        used: &Used,
        limits: &mut Vec<Limit>,
        groups: &mut Vec<(Group, Vec<usize>)>,
    ) {
        let penalties: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].kind == ClauseKind::Penalty).collect();
        for (number, cap) in self.version.caps.iter().enumerate() {
            for period in distinct(penalties.iter().map(|at| self.period_of(cap.per, &lines[*at]))) {
                let inside = |at: &usize| self.period_of(cap.per, &lines[*at]) == period;
                let places: Vec<usize> = penalties.iter().copied().filter(inside).collect();
                let group = Group::All(number, period.first);
                let left = self.left(&cap.amount, &Thing::of(period, *month), &group, used);
                cut(lines, &places, &left, |line| &mut line.after_caps);
                limits.push(Limit { lines: places.clone(), left });
                groups.push((group, places));
            }
        }
    }

    /// The total is rounded, and the lines add up to it: largest remainder, ties in file order, below their caps.
    fn round(&self, kind: ClauseKind, lines: &mut [Entry], limits: &[Limit]) {
        let rounding = self.version.rounding.as_ref().unwrap();
        let unit = &rounding.unit;
        let own: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].kind == kind).collect();
        let total: Fraction = own.iter().map(|at| &lines[*at].after_threshold).sum();
        let total = to_units(rounding.mode, &(total / unit));
        let mut rests = Vec::new();
        let mut given = whole(0);
        for at in own {
            let units = &lines[at].after_threshold / unit;
            lines[at].amount = units.floor() * unit;
            given += units.floor();
            rests.push((&units - units.floor(), at));
        }
        rests.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        for (rest, at) in rests {
            let below = |limit: &Limit| {
                let sum: Fraction = limit.lines.iter().map(|other| &lines[*other].amount).sum();
                !limit.lines.contains(&at) || sum + unit <= limit.left
            };
            if given < total && whole(0) < rest && limits.iter().all(below) {
                lines[at].amount += unit;
                given += whole(1);
            }
        }
    }
}

/// The clauses that a tree names.
fn clauses_of(part: &CombinePart) -> Vec<&String> {
    match part {
        CombinePart::Clause(name) => vec![name],
        CombinePart::Sum(parts) | CombinePart::Greatest(parts) | CombinePart::First(parts) => {
            parts.iter().flat_map(clauses_of).collect()
        }
    }
}

fn distinct<T: Ord>(list: impl Iterator<Item = T>) -> Vec<T> {
    let mut list: Vec<T> = list.collect();
    list.sort();
    list.dedup();
    list
}

/// What is cut is shared in proportion.
fn cut(lines: &mut [Entry], places: &[usize], left: &Fraction, amount: fn(&mut Entry) -> &mut Fraction) {
    let sum: Fraction = places.iter().map(|place| amount(&mut lines[*place]).clone()).sum();
    if *left < sum {
        for place in places {
            let line = amount(&mut lines[*place]);
            *line = &*line * left / &sum;
        }
    }
}

/// Only this clause's lines are paid.
fn keep(lines: &mut [Entry], places: &[usize], clause: usize) {
    for at in places.iter().filter(|at| lines[**at].clause != clause).copied().collect::<Vec<_>>() {
        lines[at].after_combine = whole(0);
    }
}

/// Only the clause is paid that pays most, of several the first.
fn keep_greatest(lines: &mut [Entry], places: &[usize]) {
    let clauses = distinct(places.iter().map(|at| lines[*at].clause));
    let mut best: Option<(usize, Fraction)> = None;
    for clause in clauses {
        let own = places.iter().filter(|at| lines[**at].clause == clause);
        let sum: Fraction = own.map(|at| &lines[*at].after_combine).sum();
        if best.as_ref().is_none_or(|(_, most)| *most < sum) {
            best = Some((clause, sum));
        }
    }
    if let Some((clause, _)) = best {
        keep(lines, places, clause);
    }
}

/// A number of units that is not negative as a whole one.
fn to_units(mode: RoundingMode, units: &Fraction) -> Fraction {
    let floor = units.floor();
    let rest = units - &floor;
    let is_odd = (&floor / whole(2)).floor() * whole(2) != floor;
    let one_more = match mode {
        RoundingMode::Up => whole(0) < rest,
        RoundingMode::Down => false,
        RoundingMode::HalfUp => ratio(1, 2) <= rest,
        RoundingMode::HalfEven => ratio(1, 2) < rest || (ratio(1, 2) == rest && is_odd),
    };
    if one_more { floor + whole(1) } else { floor }
}
