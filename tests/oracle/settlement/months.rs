//! Months, settled one after the other: clause caps, combination, caps over all penalties, rounding.

use chrono::NaiveDate;
use klausel::money::{Fraction, RoundingMode, ratio, whole};
use klausel::plan::clause::{Amount, CapScope, Clause, ClauseKind, Combine, CombinePart, Period, Subject};

use super::amounts::Thing;
use super::entries::Entry;
use super::figures::Ground;
use super::periods::Span;
use super::runs::Charge;

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

/// What a month hands on to later ones.
#[derive(Clone, Default)]
struct Kept {
    used: Used,
    /// What caps cut and did not let be lost.
    carried: Vec<Entry>,
    charges: Vec<Charge>,
}

/// What months come to.
pub struct Settled {
    pub lines: Vec<Entry>,
    /// Of months that are not over.
    pub open: Vec<Entry>,
    pub charges: Vec<Charge>,
}

/// Settles month after month; lines of months that are not over come apart.
pub fn settle(versions: &[Ground<'_>]) -> Settled {
    let as_of = versions[0].as_of;
    let mut singles: Vec<Entry> = versions.iter().flat_map(|version| version.singles()).collect();
    singles.sort_by(|a, b| {
        (a.month, a.clause, &a.tickets, a.at, a.cycle).cmp(&(b.month, b.clause, &b.tickets, b.at, b.cycle))
    });
    let months = distinct(singles.iter().map(|entry| entry.month).chain(versions[0].months_of_figures()));
    let (mut settled, mut open, mut kept) = (Vec::new(), Vec::new(), Kept::default());
    for month in months {
        let ground = versions.iter().find(|version| version.is_of(&month)).unwrap();
        let carried = carried_into(&month, &mut kept);
        let is_over = month.to <= as_of;
        // As though it ended now: what is shown of other months that are not over uses nothing.
        let mut apart = kept.clone();
        let kept = if is_over { &mut kept } else { &mut apart };
        let mut lines: Vec<Entry> = singles.iter().filter(|entry| entry.month == month).cloned().collect();
        for version in versions {
            lines.extend(version.figures_in(&month, &mut kept.charges));
        }
        lines.extend(carried);
        lines.sort_by_key(|line| (line.clause, line.is_carried, line.period.first));
        ground.settle_month(&month, &mut lines, kept);
        // What waits for a later month still is no line of this one.
        lines.retain(|line| !line.is_carried || line.after_caps != whole(0));
        if is_over { settled.extend(lines) } else { open.extend(lines) }
    }
    Settled { lines: settled, open, charges: kept.charges }
}

/// What is owed in a month for earlier ones: it arose when it did, and counts where the month begins.
fn carried_into(month: &Span, kept: &mut Kept) -> Vec<Entry> {
    let of_month =
        |line: Entry| Entry { month: *month, period: *month, counts_at: month.from, is_carried: true, ..line };
    kept.carried.drain(..).map(of_month).collect()
}

impl Ground<'_> {
    /// The months in which figures are settled, and those in between.
    fn months_of_figures(&self) -> Vec<Span> {
        let per = |clause: &Clause| match &clause.subject {
            Subject::Figure { per, .. } => *per,
            _ => Period::Month,
        };
        let periods = self.version.clauses.iter().flat_map(|clause| self.periods(per(clause)));
        let ends = periods.map(|span| self.dates.holding(Period::Month, span.last()));
        ends.chain(self.periods(Period::Month)).collect()
    }

    fn settle_month(&self, month: &Span, lines: &mut [Entry], kept: &mut Kept) {
        let mut limits = Vec::new();
        let mut groups = Vec::new();
        for line in lines.iter_mut().filter(|line| !line.is_carried && self.is_lost(line)) {
            line.is_lost = true;
            line.after_clause_cap = whole(0);
        }
        for (at, line) in lines.iter_mut().enumerate() {
            // No more is earned back than was charged.
            if let Some(limit) = &line.limit {
                let unit = &self.version.rounding.as_ref().unwrap().unit;
                let left = (limit / unit).floor() * unit;
                line.after_clause_cap = line.after_clause_cap.clone().min(left.clone());
                limits.push(Limit { lines: vec![at], left });
            }
        }
        self.clause_caps(month, lines, &kept.used, &mut limits, &mut groups);
        for line in &mut *lines {
            line.after_combine = line.after_clause_cap.clone();
        }
        self.combine(lines);
        for line in &mut *lines {
            line.after_caps = line.after_combine.clone();
        }
        self.caps(month, lines, &kept.used, &mut limits, &mut groups);
        for line in &mut *lines {
            line.after_threshold = line.after_caps.clone();
        }
        self.thresholds(month, lines, &limits);
        for kind in [ClauseKind::Penalty, ClauseKind::Incentive] {
            self.round(kind, lines, &limits);
        }
        for (group, places) in groups {
            let sum: Fraction = places.iter().map(|place| &lines[*place].amount).sum();
            let of_all = matches!(group, Group::All(..));
            // A clause's own cap is used by what is paid later as well, and not again then.
            let later: Fraction = places.iter().filter(|_| !of_all).map(|place| &lines[*place].carried).sum();
            kept.used.push((group, sum + later));
        }
        self.charge(month, lines, &mut kept.charges);
        let carried = lines.iter().filter(|line| whole(0) < line.carried);
        kept.carried.extend(carried.map(|line| line.clone().with_computed(&line.carried)));
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
                let is_own = |at: &usize| lines[*at].clause == number && !lines[*at].is_carried;
                let own: Vec<usize> = (0..lines.len()).filter(is_own).collect();
                for group in distinct(own.iter().map(|at| of_line(&lines[*at]))) {
                    let places: Vec<usize> = own.iter().copied().filter(|at| of_line(&lines[*at]) == group).collect();
                    let first = &lines[places[0]];
                    let thing = match cap.scope {
                        CapScope::Per(per) => Thing::of(self.period_of(per, first), *month),
                        // Of the fee that the breach is a share of.
                        _ => Thing { breached: first.cycle.map(|_| first.at), ..Thing::of(first.period, *month) },
                    };
                    // A cap per ticket or outage is of the line's version, one over a period of the month's.
                    let cap = match cap.scope {
                        CapScope::Per(_) => cap,
                        _ => &self.agreement.versions[first.version].clauses[number].caps[place],
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
        // What is carried over came together with others in its own month.
        let comes = |at: &usize| lines[*at].kind == ClauseKind::Penalty && !lines[*at].is_carried;
        let penalties: Vec<usize> = (0..lines.len()).filter(comes).collect();
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
            let of_kept = |line: &&Entry| !line.is_carried && kept.contains(&&self.version.clauses[line.clause].name);
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
                let before: Vec<Fraction> = places.iter().map(|at| lines[*at].after_caps.clone()).collect();
                cut(lines, &places, &left, |line| &mut line.after_caps);
                for (at, before) in places.iter().zip(before).filter(|_| cap.carried) {
                    let cut = before - &lines[*at].after_caps;
                    lines[*at].carried += cut;
                }
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
