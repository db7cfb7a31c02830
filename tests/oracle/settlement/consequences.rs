//! What follows besides money: ladders, breach by breach and period by period.

use chrono::{Days, Months, NaiveDate};
use klausel::outcome::Status;
use klausel::plan::clause::{Measure, Period, Run};
use klausel::plan::condition::{Bound, Condition};
use klausel::plan::consequence::{Ladder, Reached, Rung, Window};

use crate::walk::State;

use super::figures::{Asked, Figure, Ground};
use super::periods::Span;
use super::runs::{Charge, lies};

const DAY_MS: i64 = 24 * 3_600_000;

/// A step that was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consequence {
    pub step: String,
    pub at: i64,
    pub day: NaiveDate,
    pub expires: Option<NaiveDate>,
    pub tickets: Vec<String>,
}

impl Ground<'_> {
    /// In time order; of one instant by place in the agreement.
    pub fn consequences(&self, charges: &[Charge]) -> Vec<Consequence> {
        let mut all = Vec::new();
        for ladder in &self.version.ladders {
            for rung in &ladder.rungs {
                all.extend(match &rung.reached {
                    Reached::Breaches { count, window } => self.by_breaches(ladder, rung, *count, *window),
                    Reached::Band { measure, per, bounds, run } => {
                        let row = self.row(ladder, measure, *per);
                        self.by_band(rung, &row, bounds, run.as_ref(), charges)
                    }
                });
            }
        }
        all.sort_by_key(|consequence| consequence.at);
        all
    }

    fn consequence(&self, rung: &Rung, at: i64, day: NaiveDate, mut tickets: Vec<String>) -> Consequence {
        tickets.sort();
        tickets.dedup();
        // Whole days are counted by dates.
        let until = |length: i64| match (u64::try_from(length / DAY_MS), length % DAY_MS) {
            (Ok(days), 0) => day + Days::new(days),
            // What ends at midnight ends with the day before.
            _ => self.dates.of(at + length - 1),
        };
        Consequence { step: rung.step.clone(), at, day, expires: rung.expires.map(until), tickets }
    }

    // -- breaches

    /// Instant and ticket of each breach that a ladder counts, in time order.
    fn counted(&self, ladder: &Ladder) -> Vec<(i64, String)> {
        let mut breaches = Vec::new();
        for judged in self.seen(Asked::default()) {
            for outcome in &judged.clocks {
                let metric = &self.version.metrics[usize::from(outcome.metric.0)];
                if let (Status::Breached, Some(at)) = (outcome.status, outcome.breached_at)
                    && metric.name == ladder.of
                {
                    let state = State::from(&**outcome.at_breach.as_ref().unwrap());
                    let holds = |condition: &Condition| self.world.holds(condition, &state);
                    if ladder.when.as_ref().is_none_or(holds) {
                        breaches.push((at.0, judged.id.clone()));
                    }
                }
            }
        }
        breaches.sort();
        breaches
    }

    fn by_breaches(&self, ladder: &Ladder, rung: &Rung, count: u32, window: Window) -> Vec<Consequence> {
        let breaches = self.counted(ladder);
        let mut reached = Vec::new();
        for (place, (at, _)) in breaches.iter().enumerate() {
            let inside = breaches[..=place].iter().filter(|(earlier, _)| self.reaches_back(window, *at, *earlier));
            let tickets: Vec<String> = inside.map(|(_, ticket)| ticket.clone()).collect();
            // With one breach less the count was below.
            if tickets.len() == usize::try_from(count).unwrap() {
                reached.push(self.consequence(rung, *at, self.dates.of(*at), tickets));
            }
        }
        reached
    }

    /// Whether an instant lies in the window that ends with another.
    fn reaches_back(&self, window: Window, end: i64, at: i64) -> bool {
        let count = i64::from(window.count);
        if window.cut {
            let mut span = self.dates.at(window.unit, end);
            for _ in 1..count {
                span = self.dates.before(window.unit, &span);
            }
            return span.from <= at;
        }
        let months = match window.unit {
            Period::Day => return end - count * DAY_MS < at,
            Period::Week => return end - count * 7 * DAY_MS < at,
            Period::Month => 1,
            Period::Quarter => 3,
            _ => 12,
        };
        // The wall clock shows the same so many months before.
        self.dates.wall(end) - Months::new(months * window.count) < self.dates.wall(at)
    }

    // -- bands

    /// The figures of all periods that are over.
    fn row(&self, ladder: &Ladder, measure: &Measure, per: Period) -> Vec<(Span, Figure)> {
        let asked = Asked { when: ladder.when.as_ref(), ..Asked::default() };
        let over = self.periods(per).into_iter().filter(|span| span.to <= self.as_of);
        over.map(|span| (span, self.figure(measure, &span, asked))).collect()
    }

    fn by_band(
        &self,
        rung: &Rung,
        row: &[(Span, Figure)],
        bounds: &[Bound],
        run: Option<&Run>,
        charges: &[Charge],
    ) -> Vec<Consequence> {
        let mut reached = Vec::new();
        for place in 0..row.len() {
            let (span, figure) = &row[place];
            let is_reached = lies(bounds, figure) && self.runs(bounds, run, &row[..=place], *span, charges);
            // What goes on reaches nothing anew.
            if is_reached && !goes_on(bounds, run, &row[..place]) {
                let figures = looked_at(bounds, run, &row[..=place]);
                let tickets = figures.into_iter().flat_map(|figure| figure.breached.clone()).collect();
                reached.push(self.consequence(rung, span.to, span.last(), tickets));
            }
        }
        reached
    }
}

/// Whether the count of a run was reached already at the end of these periods.
fn goes_on(bounds: &[Bound], run: Option<&Run>, row: &[(Span, Figure)]) -> bool {
    let count = looked_at(bounds, run, row).len();
    match run {
        None | Some(Run::After { .. }) => false,
        Some(Run::InARow(wanted)) => usize::try_from(*wanted).unwrap() <= count,
        Some(Run::Of { hits, .. }) => usize::try_from(*hits).unwrap() <= count,
    }
}

/// The figures between bounds that a run looks at, at the end of a row.
fn looked_at<'f>(bounds: &[Bound], run: Option<&Run>, row: &'f [(Span, Figure)]) -> Vec<&'f Figure> {
    let figures = row.iter().rev().map(|(_, figure)| figure);
    match run {
        None | Some(Run::After { .. }) => figures.take(1).collect(),
        Some(Run::InARow(count)) => {
            let known = figures.filter(|figure| figure.value.is_some()).take(usize::try_from(*count).unwrap());
            known.take_while(|figure| lies(bounds, figure)).collect()
        }
        Some(Run::Of { of, .. }) => {
            figures.take(usize::try_from(*of).unwrap()).filter(|figure| lies(bounds, figure)).collect()
        }
    }
}
