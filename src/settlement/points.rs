//! Points: what clauses yield that pay nothing by themselves, and what they come to in a period.
//!
//! They are worked out before money, and among each other in the order in which clauses look at points.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use num_traits::Zero;

use crate::money::{Fraction, exact, whole};
use crate::plan::Agreement;
use crate::plan::clause::{Clause, Period};
use crate::statement::{Figure, Line, PeriodSpan};
use crate::time::Instant;

use super::entry::{Entry, Maker};
use super::figure::Field;
use super::gauge::{Gauge, Sampler};
use super::month::Months;

/// A line of points, after its clause's own caps.
#[derive(Debug, Clone)]
pub(super) struct Yielded {
    pub line: Line,
    /// It counts in the periods that hold this instant.
    counts_at: Instant,
}

/// What all clauses yielded.
#[derive(Debug, Default)]
pub(super) struct Points {
    pub yielded: Vec<Yielded>,
    /// The figures of clauses that yield points, with their clauses' places.
    pub figures: Vec<(usize, Figure)>,
}

impl Points {
    /// Works out every clause that yields points; `singles` are their entries for one breach, outage or ticket.
    pub fn work_out<'a>(field: &Field<'a>, maker: &Maker<'a>, singles: &[Entry<'a>], months: &Months<'a>) -> Points {
        let mut points = Points::default();
        for names in batches(field.agreement) {
            let wanted = |clause: &Clause| clause.yields_points() && names.contains(clause.name.as_str());
            let so_far = std::mem::take(&mut points.yielded);
            let sampler = Sampler { points: &so_far, ..field.sampler };
            let measured = Field { sampler, ..*field }.clauses(wanted);
            let mut entries: Vec<Entry<'_>> = singles.iter().filter(|entry| wanted(entry.clause)).cloned().collect();
            entries.extend(maker.figures(&measured));
            let yielded = settle(months.clone(), entries);
            points.figures.extend(measured.into_iter().map(|one| (maker.order.place(one.clause), one.figure)));
            points.yielded = so_far;
            points.yielded.extend(yielded);
        }
        points.yielded.sort_by_key(|one| one.line.month.first_day);
        points
    }
}

/// Month after month, those that are not over among them: what they yield is shown in figures that are provisional too.
fn settle<'a>(mut months: Months<'a>, entries: Vec<Entry<'a>>) -> Vec<Yielded> {
    let mut by_month: BTreeMap<NaiveDate, Vec<Entry<'a>>> = BTreeMap::new();
    for entry in entries {
        by_month.entry(entry.line.month.first_day).or_default().push(entry);
    }
    let mut yielded = Vec::new();
    for (first_day, mut entries) in by_month {
        entries.sort_by(|a, b| super::order(a).cmp(&super::order(b)));
        let month = months.cutter.holding(Period::Month, first_day);
        let settled = months.settle_entries(&month, entries);
        yielded.extend(settled.into_iter().map(|entry| Yielded { counts_at: entry.settles_at, line: entry.line }));
    }
    yielded
}

/// The names of clauses that yield points, in the order in which they can be worked out: none looks at one that comes
/// with it or later.
fn batches(agreement: &Agreement) -> Vec<BTreeSet<&str>> {
    let clauses = || agreement.versions.iter().flat_map(|version| &version.clauses).filter(|one| one.yields_points());
    let mut open: BTreeSet<&str> = clauses().map(|clause| clause.name.as_str()).collect();
    let mut batches = Vec::new();
    while !open.is_empty() {
        let waits = |name: &&str| {
            let mut looks_at = clauses().filter(|clause| clause.name == **name).flat_map(Clause::points_of);
            looks_at.any(|of| open.contains(of.as_str()))
        };
        let (later, ready): (BTreeSet<&str>, BTreeSet<&str>) = open.iter().copied().partition(waits);
        if ready.is_empty() {
            // A circle over several versions, each of which has none.
            batches.push(later);
            break;
        }
        batches.push(ready);
        open = later;
    }
    batches
}

/// What some clauses yielded in a period.
pub(super) fn in_period(yielded: &[Yielded], clauses: &[String], span: &PeriodSpan) -> Gauge {
    let inside = |one: &&Yielded| span.span.contains(one.counts_at) && clauses.contains(&one.line.clause);
    let lines: Vec<&Line> = yielded.iter().filter(inside).map(|one| &one.line).collect();
    let behind: BTreeSet<&String> = lines.iter().flat_map(|line| &line.tickets).collect();
    let sum_of = |clause: &String| sum(lines.iter().copied().filter(|line| line.clause == *clause));
    let sums = clauses.iter().map(|clause| (clause, sum_of(clause))).filter(|(_, sum)| !sum.is_zero());
    let parts: Vec<String> = sums.map(|(clause, sum)| format!("{clause} {}", exact(&sum))).collect();
    let value = sum(lines.iter().copied());
    Gauge {
        value: Some(value.clone()),
        numerator: value,
        denominator: whole(1),
        tickets: behind.len() as u64,
        behind: behind.into_iter().cloned().collect(),
        parts: parts.join(", "),
        ..Gauge::default()
    }
}

fn sum<'l>(lines: impl Iterator<Item = &'l Line>) -> Fraction {
    lines.fold(Fraction::zero(), |sum, line| sum + &line.amount)
}

/// `3 points`
pub(super) fn words(points: &Fraction) -> String {
    if *points == whole(1) { "1 point".to_string() } else { format!("{} points", exact(points)) }
}
