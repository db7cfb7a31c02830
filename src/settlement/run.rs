//! Bands over several periods: rows, `in N of M`, and what follows only after a penalty.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::money::Fraction;
use crate::plan::clause::{Band, Period, Run};
use crate::plan::condition::{Bound, Comparison};
use crate::statement::PeriodSpan;

use super::figure::Measured;
use super::order::whose;
use super::period::Cutter;

/// A period of a figure, as runs look at it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point<'m> {
    pub span: &'m PeriodSpan,
    /// None where nothing was decided.
    pub value: Option<&'m Fraction>,
    /// It is not over: it counts in no run.
    pub provisional: bool,
}

impl Point<'_> {
    /// Whether its figure lies between bounds; one without a value lies nowhere.
    fn lies_in(&self, bounds: &[Bound]) -> bool {
        self.value.is_some_and(|value| bounds.iter().all(|bound| bound.comparison.holds(value, &bound.value)))
    }
}

/// A band that holds, as far as figures tell.
#[derive(Debug, Clone)]
pub(super) struct Candidate<'a> {
    pub band: &'a Band,
    /// What it asked of more than one period, in words; empty where nothing.
    pub told: String,
}

impl<'a> Candidate<'a> {
    /// The months and the penalty, where it holds only after one was charged.
    pub fn after(&self) -> Option<(u32, &'a str)> {
        match &self.band.run {
            Some(Run::After { months, penalty }) => Some((*months, penalty)),
            _ => None,
        }
    }
}

/// Chooses the bands of each figure: the narrowest that holds comes first, and after the first that does not wait for a
/// penalty none.
///
/// A clause's periods are looked at together, whichever versions they are measured by.
pub(super) fn choose(cutter: Cutter, measured: &mut [Measured<'_>]) {
    let mut series: BTreeMap<(String, Period), Vec<usize>> = BTreeMap::new();
    for (at, one) in measured.iter().enumerate() {
        let key = (whose(one.clause), one.figure.period.period);
        series.entry(key).or_default().push(at);
    }
    for mut places in series.into_values() {
        let first_day = |at: &usize| measured.get(*at).map(|one| one.figure.period.first_day);
        places.sort_by_key(first_day);
        let chosen = candidates(cutter, measured, &places);
        for (at, candidates) in places.into_iter().zip(chosen) {
            if let Some(one) = measured.get_mut(at) {
                one.candidates = candidates;
            }
        }
    }
}

fn candidates<'a>(cutter: Cutter, measured: &[Measured<'a>], places: &[usize]) -> Vec<Vec<Candidate<'a>>> {
    let of_clause: Vec<&Measured<'a>> = places.iter().filter_map(|at| measured.get(*at)).collect();
    let points: Vec<Point<'_>> = of_clause
        .iter()
        .map(|one| Point {
            span: &one.figure.period,
            value: one.figure.value.as_ref(),
            provisional: one.figure.provisional,
        })
        .collect();
    let chosen = of_clause.iter().enumerate().map(|(at, one)| {
        let holding = one.bands.iter().filter_map(|band| {
            let held = holds(cutter, &band.bounds, band.run.as_ref(), &points, at)?;
            Some(Candidate { band, told: held.told })
        });
        narrowest_first(holding.collect())
    });
    chosen.collect()
}

/// A period that lies between bounds, with the others that a run asked for.
#[derive(Debug, Clone)]
pub(super) struct Held {
    /// The periods that were counted, by place, this one last.
    pub places: Vec<usize>,
    /// What a run asked of them, in words; empty where there is none.
    pub told: String,
}

/// Whether the period at place `at` lies between the bounds and what a run asks of the periods before is so. Whether a
/// penalty was charged is not looked at.
pub(super) fn holds(
    cutter: Cutter,
    bounds: &[Bound],
    run: Option<&Run>,
    points: &[Point<'_>],
    at: usize,
) -> Option<Held> {
    let now = points.get(at)?;
    let lies_in = |place: &usize| points.get(*place).is_some_and(|point| point.lies_in(bounds));
    let has_value = |place: &usize| points.get(*place).is_some_and(|point| point.value.is_some());
    if !lies_in(&at) {
        return None;
    }
    let words = now.span.period.word();
    match run {
        None => Some(Held { places: vec![at], told: String::new() }),
        Some(Run::After { months, penalty }) => {
            let plural = if *months == 1 { "" } else { "s" };
            let told = format!(" within {months} month{plural} after penalty {penalty}");
            Some(Held { places: vec![at], told })
        }
        Some(_) if now.provisional => None,
        Some(Run::InARow(count)) => {
            let count = usize::try_from(*count).unwrap_or(usize::MAX);
            let places: Vec<usize> = (0..=at).rev().filter(has_value).take(count).collect();
            let is_full = places.len() == count && places.iter().all(lies_in);
            let told = format!(" for {count} {words}s in a row ({})", labels(points, &places));
            is_full.then(|| Held { places: in_time_order(places), told })
        }
        Some(Run::Of { hits, of }) => {
            let places = hit(cutter, bounds, *of, points, at);
            let enough = usize::try_from(*hits).is_ok_and(|hits| hits <= places.len());
            let told = format!(" in {} of {of} {words}s ({})", places.len(), labels(points, &places));
            enough.then(|| Held { places: in_time_order(places), told })
        }
    }
}

/// Whether a run that holds at place `at` was so already at the period before: a row that goes on, a count that had not
/// fallen. A band without a run, and one that waits for a penalty, is reached in each period by itself.
pub(super) fn goes_on(cutter: Cutter, bounds: &[Bound], run: Option<&Run>, points: &[Point<'_>], at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return false };
    match run {
        None | Some(Run::After { .. }) => false,
        Some(Run::InARow(_)) => {
            let has_value = |place: &usize| points.get(*place).is_some_and(|point| point.value.is_some());
            let before = (0..=before).rev().find(has_value);
            before.is_some_and(|before| holds(cutter, bounds, run, points, before).is_some())
        }
        Some(Run::Of { hits, of }) => {
            let count = hit(cutter, bounds, *of, points, before).len();
            usize::try_from(*hits).is_ok_and(|hits| hits <= count)
        }
    }
}

/// Of the last `of` periods up to place `at`, those that lie between the bounds, the last first.
fn hit(cutter: Cutter, bounds: &[Bound], of: u32, points: &[Point<'_>], at: usize) -> Vec<usize> {
    let so_far = points.get(..=at).unwrap_or_default();
    let Some(now) = so_far.last() else { return Vec::new() };
    let first = earliest(cutter, so_far, now.span, of);
    let inside = so_far.iter().enumerate().rev().take_while(|(_, point)| first <= point.span.first_day);
    inside.filter(|(_, point)| point.lies_in(bounds)).map(|(place, _)| place).collect()
}

/// The first day of the first of `of` periods that end with `now`, or of the first period that was seen.
fn earliest(cutter: Cutter, so_far: &[Point<'_>], now: &PeriodSpan, of: u32) -> chrono::NaiveDate {
    let seen = so_far.first().map_or(now.first_day, |point| point.span.first_day);
    let mut first = now.clone();
    let mut periods = 1;
    while periods < of && seen < first.first_day {
        first = cutter.before(&first);
        periods += 1;
    }
    first.first_day
}

fn in_time_order(mut places: Vec<usize>) -> Vec<usize> {
    places.reverse();
    places
}

/// The names of periods that are told from the last to the first, in time order.
fn labels(points: &[Point<'_>], last_first: &[usize]) -> String {
    let labels = last_first.iter().rev().filter_map(|place| points.get(*place)).map(|point| point.span.label.as_str());
    labels.collect::<Vec<_>>().join(", ")
}

/// One-sided rows nest: the narrowest that holds applies; two-sided rows are disjoint. What asks for more periods is
/// narrower than what asks for fewer.
fn narrowest_first(mut holding: Vec<Candidate<'_>>) -> Vec<Candidate<'_>> {
    holding.sort_by(|a, b| periods_asked(b.band).cmp(&periods_asked(a.band)).then_with(|| by_bound(a.band, b.band)));
    let certain = holding.iter().position(|candidate| candidate.after().is_none());
    holding.truncate(certain.map_or(holding.len(), |certain| certain + 1));
    holding
}

fn periods_asked(band: &Band) -> u32 {
    match &band.run {
        None => 0,
        Some(Run::InARow(count) | Run::Of { hits: count, .. }) => *count,
        Some(Run::After { .. }) => 1,
    }
}

/// The narrower one first.
fn by_bound(a: &Band, b: &Band) -> Ordering {
    let (Some(a), Some(b)) = (a.bounds.first(), b.bounds.first()) else { return Ordering::Equal };
    let is_strict = |comparison| matches!(comparison, Comparison::Below | Comparison::Above);
    let by_value = match a.comparison {
        Comparison::Below | Comparison::AtMost => a.value.cmp(&b.value),
        Comparison::AtLeast | Comparison::Above => b.value.cmp(&a.value),
    };
    by_value.then_with(|| is_strict(b.comparison).cmp(&is_strict(a.comparison)))
}
