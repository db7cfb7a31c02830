//! Windows that slide: `any 30 days`.
//!
//! A window ends with any local day and is tried at that day's end. It lies wholly inside the time in which the agreement
//! holds. The first one whose figure lies in a band pays, in the month of its last day; windows that share a day with one
//! that paid pay nothing. So no day is paid for twice, and what happens later changes no window that was tried.

use crate::plan::clause::Period;
use crate::statement::PeriodSpan;

use super::figure::{Field, Measured};
use super::gauge::{Asked, Gauge};
use super::order::whose;

impl Field<'_> {
    /// Every window of so many days whose last day lies between the first fact and the end of what is looked at.
    pub(super) fn windows(&self, days: u32) -> Vec<PeriodSpan> {
        let Some(seen) = self.seen else { return Vec::new() };
        let last_days = self.cutter.range(Period::Day, seen.start, seen.end).into_iter();
        let windows = last_days.map(|day| self.cutter.holding(Period::AnyDays(days), day.first_day));
        let effective = self.agreement.effective.span;
        windows.filter(|window| window.span == window.span.and(effective)).collect()
    }

    /// A figure for each of some windows. Every `days`-th of them does not overlap: such are measured together.
    pub(super) fn gauges_of_windows(&self, asked: Asked<'_>, windows: &[PeriodSpan], days: u32) -> Vec<Gauge> {
        let step = usize::try_from(days).unwrap_or(usize::MAX).max(1);
        let mut gauges = vec![Gauge::default(); windows.len()];
        for first in 0..step.min(windows.len()) {
            let apart: Vec<PeriodSpan> = windows.iter().skip(first).step_by(step).cloned().collect();
            let places = gauges.iter_mut().skip(first).step_by(step);
            places.zip(self.sampler.gauges(asked, &apart)).for_each(|(place, gauge)| *place = gauge);
        }
        gauges
    }
}

/// Of each clause's windows, those that pay and the last that was tried; all other periods as they are.
pub(super) fn without_overlaps<'a>(measured: Vec<Measured<'a>>) -> Vec<Measured<'a>> {
    let (mut windows, mut kept): (Vec<Measured<'a>>, Vec<Measured<'a>>) =
        measured.into_iter().partition(|one| matches!(one.figure.period.period, Period::AnyDays(_)));
    windows.sort_by_cached_key(|one| (whose(one.clause), one.figure.period.day_after));
    let mut windows = windows.into_iter().peekable();
    let mut paid: Option<(String, chrono::NaiveDate)> = None;
    while let Some(mut window) = windows.next() {
        let (clause, period) = (whose(window.clause), &window.figure.period);
        if paid.as_ref().is_some_and(|(of, day_after)| *of == clause && period.first_day < *day_after) {
            window.candidates.clear();
        }
        if !window.candidates.is_empty() {
            paid = Some((clause.clone(), period.day_after));
        }
        let is_last = windows.peek().is_none_or(|next| whose(next.clause) != clause);
        if is_last || !window.candidates.is_empty() {
            kept.push(window);
        }
    }
    kept
}
