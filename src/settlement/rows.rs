//! How the clocks of each metric, tier and priority went.

use std::collections::BTreeMap;

use crate::plan::{Agreement, Version};
use crate::statement::{Elapsed, MetricRow};
use crate::time::Millis;

use super::clocks::Clock;
use super::figure::{priority_of, tier_of};

/// Metric, tier and priority by their places in the newest version that has them; what has none comes last.
type RowKey = (usize, usize, usize);

/// A row with the counted times of its stopped clocks.
struct Open {
    row: MetricRow,
    /// The newest version of a ticket so far, whose target is told.
    newest: usize,
    stopped: Vec<Millis>,
}

/// A row for each metric, tier and priority that has a clock.
pub(super) fn rows<'c, 'a: 'c>(agreement: &Agreement, clocks: impl Iterator<Item = &'c Clock<'a>>) -> Vec<MetricRow> {
    let mut open: BTreeMap<RowKey, Open> = BTreeMap::new();
    for clock in clocks {
        let (tier, priority) = (tier_of(clock), priority_of(clock));
        let key = key(agreement, clock, tier, priority);
        let entry =
            open.entry(key).or_insert_with(|| Open { row: row(clock, tier, priority), newest: 0, stopped: Vec::new() });
        entry.count(clock);
    }
    open.into_values().map(Open::close).collect()
}

impl Open {
    fn count(&mut self, clock: &Clock<'_>) {
        let outcome = clock.outcome;
        self.row.count(outcome.status);
        if self.newest <= clock.ticket.version {
            self.newest = clock.ticket.version;
            self.row.target.clone_from(&outcome.target_words);
        }
        self.row.paused_ms = self.row.paused_ms.saturating_add(outcome.paused_ms);
        if outcome.status.is_decided() && outcome.stopped_at.is_some() {
            self.stopped.push(outcome.elapsed_ms);
        }
    }

    fn close(mut self) -> MetricRow {
        self.row.elapsed = elapsed(self.stopped);
        self.row
    }
}

fn row(clock: &Clock<'_>, tier: Option<&str>, priority: Option<&str>) -> MetricRow {
    MetricRow {
        metric: clock.metric.name.clone(),
        tier: tier.map(str::to_string),
        priority: priority.map(str::to_string),
        target: clock.outcome.target_words.clone(),
        met: 0,
        breached: 0,
        running: 0,
        cancelled: 0,
        elapsed: None,
        paused_ms: 0,
    }
}

fn key(agreement: &Agreement, clock: &Clock<'_>, tier: Option<&str>, priority: Option<&str>) -> RowKey {
    let place =
        |find: &dyn Fn(&Version) -> Option<usize>| agreement.versions.iter().rev().find_map(find).unwrap_or(usize::MAX);
    let metric = place(&|version| version.metrics.iter().position(|metric| metric.name == clock.metric.name));
    let tier = place(&|version| version.tiers.iter().position(|known| Some(known.name.as_str()) == tier));
    let priority = place(&|version| version.priorities.names.iter().position(|known| Some(known.as_str()) == priority));
    (metric, tier, priority)
}

fn elapsed(mut stopped: Vec<Millis>) -> Option<Elapsed> {
    stopped.sort_unstable();
    let max = *stopped.last()?;
    let count = i128::try_from(stopped.len()).unwrap_or(1);
    let sum: i128 = stopped.iter().map(|millis| i128::from(*millis)).sum();
    // Half up, on whole milliseconds that are never negative.
    let mean = Millis::try_from((2 * sum + count) / (2 * count)).unwrap_or(Millis::MAX);
    let rank = |percent: usize| percentile(&stopped, percent).copied().unwrap_or(0);
    Some(Elapsed { mean, p50: rank(50), p90: rank(90), p99: rank(99), max })
}

/// By nearest rank: the least value that `percent` % of the values, which are sorted, do not exceed.
pub(super) fn percentile<T>(sorted: &[T], percent: usize) -> Option<&T> {
    let rank = (percent * sorted.len()).div_ceil(100).max(1);
    sorted.get(rank - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let figures = elapsed((1..=10).map(|value| value * 10).collect()).unwrap();
        assert_eq!((figures.p50, figures.p90, figures.p99, figures.max), (50, 90, 100, 100));
        assert_eq!(figures.mean, 55);
        assert_eq!(elapsed(vec![1, 2]).unwrap().mean, 2, "1.5 is rounded half up");
        assert_eq!(elapsed(Vec::new()), None);
    }
}
