//! Open intervals as a table with running sums, built a few years at a time when first asked for.

use std::sync::OnceLock;

use crate::time::{DAY, Instant, Interval, Millis};

use super::day;
use super::spec::CalendarSpec;

/// Days in a block: four years, so that a log of one year touches one block, or two.
const BLOCK_DAYS: i64 = 1_461;
const BLOCK: Millis = BLOCK_DAYS * DAY;
/// Blocks from 1970-01-01 that reach past [`Instant::LAST`].
const BLOCKS: usize = 33;
/// The block whose start counts as zero: it begins in 2018, so that logs of today need no earlier block.
const ORIGIN: usize = 12;

/// The table of one calendar.
#[derive(Debug)]
pub(super) struct Table {
    spec: CalendarSpec,
    blocks: Vec<OnceLock<Block>>,
}

/// The open intervals of four years.
#[derive(Debug)]
struct Block {
    start: Instant,
    /// Open time from the origin to `start`; negative before the origin.
    base: Millis,
    open: Vec<Interval>,
    /// Open time from `start` to the start of each interval.
    before: Vec<Millis>,
    /// All open time of the block.
    total: Millis,
    /// For each UTC day, the first interval that ends after the day's start.
    by_day: Vec<u32>,
}

impl Table {
    pub fn new(spec: CalendarSpec) -> Table {
        Table { spec, blocks: std::iter::repeat_with(OnceLock::new).take(BLOCKS).collect() }
    }

    pub fn spec(&self) -> &CalendarSpec {
        &self.spec
    }

    /// The block at place `place`, which is held inside the table.
    fn block(&self, place: usize) -> Option<&Block> {
        let slot = self.blocks.get(place)?;
        if let Some(block) = slot.get() {
            return Some(block);
        }
        let mut block = Block::build(&self.spec, place);
        block.base = match place.cmp(&ORIGIN) {
            std::cmp::Ordering::Equal => 0,
            std::cmp::Ordering::Greater => {
                self.block(place - 1).map_or(0, |before| before.base.saturating_add(before.total))
            }
            std::cmp::Ordering::Less => self.block(place + 1).map_or(0, |after| after.base.saturating_sub(block.total)),
        };
        Some(slot.get_or_init(|| block))
    }

    fn block_at(&self, at: Instant) -> Option<&Block> {
        self.block(Table::place_at(at))
    }

    fn place_at(at: Instant) -> usize {
        usize::try_from(at.0.div_euclid(BLOCK)).unwrap_or(0).min(BLOCKS - 1)
    }

    /// Open time from the origin to `at`.
    pub fn count(&self, at: Instant) -> Millis {
        let at = at.clamp(Instant::FIRST, Instant::LAST);
        self.block_at(at).map_or(0, |block| block.base.saturating_add(block.count(at)))
    }

    pub fn is_open(&self, at: Instant) -> bool {
        let covered = Instant::FIRST <= at && at < Instant::LAST;
        let interval = self.block_at(at).filter(|_| covered).and_then(|block| block.interval_after(at));
        interval.is_some_and(|interval| interval.contains(at))
    }

    /// The earliest instant with this count.
    pub fn earliest(&self, count: Millis) -> Option<Instant> {
        let place = self.place_of(|block| count <= block.base.saturating_add(block.total))?;
        self.block(place).and_then(|block| block.earliest(count.saturating_sub(block.base)))
    }

    /// The last instant with this count.
    pub fn latest(&self, count: Millis) -> Option<Instant> {
        let place = self.place_of(|block| count < block.base.saturating_add(block.total))?;
        self.block(place).and_then(|block| block.latest(count.saturating_sub(block.base)))
    }

    /// The first opening after `at`.
    pub fn opening_after(&self, at: Instant) -> Option<Instant> {
        (Table::place_at(at)..BLOCKS).find_map(|place| {
            let open = &self.block(place)?.open;
            let later = open.get(open.partition_point(|open| open.start <= at)..)?;
            later.iter().map(|open| open.start).find(|start| self.opens_at(*start))
        })
    }

    /// The last opening before `at`.
    pub fn opening_before(&self, at: Instant) -> Option<Instant> {
        (0..=Table::place_at(at)).rev().find_map(|place| {
            let open = &self.block(place)?.open;
            let earlier = open.get(..open.partition_point(|open| open.start < at))?;
            earlier.iter().rev().map(|open| open.start).find(|start| self.opens_at(*start))
        })
    }

    /// The first close after `at`.
    pub fn close_after(&self, at: Instant) -> Option<Instant> {
        (Table::place_at(at)..BLOCKS).find_map(|place| {
            let open = &self.block(place)?.open;
            let later = open.get(open.partition_point(|open| open.end <= at)..)?;
            later.iter().map(|open| open.end).find(|end| self.closes_at(*end))
        })
    }

    /// The last close before `at`.
    pub fn close_before(&self, at: Instant) -> Option<Instant> {
        (0..=Table::place_at(at)).rev().find_map(|place| {
            let open = &self.block(place)?.open;
            let earlier = open.get(..open.partition_point(|open| open.end < at))?;
            earlier.iter().rev().map(|open| open.end).find(|end| self.closes_at(*end))
        })
    }

    /// Whether an interval that starts at `start` is no continuation of the block before.
    fn opens_at(&self, start: Instant) -> bool {
        Instant::FIRST < start && !self.is_open(start.plus(-1))
    }

    /// Whether an interval that ends at `end` does not go on in the next block.
    fn closes_at(&self, end: Instant) -> bool {
        end < Instant::LAST && !self.is_open(end)
    }

    /// The first block that `reaches`, looked for from the origin outwards: `reaches` holds from one block on.
    fn place_of(&self, reaches: impl Fn(&Block) -> bool) -> Option<usize> {
        let mut place = ORIGIN;
        if self.block(place).is_some_and(&reaches) {
            while place > 0 && self.block(place - 1).is_some_and(&reaches) {
                place -= 1;
            }
            return Some(place);
        }
        (ORIGIN + 1..BLOCKS).find(|place| self.block(*place).is_some_and(&reaches))
    }
}

impl Block {
    fn build(spec: &CalendarSpec, place: usize) -> Block {
        let start = Instant(i64::try_from(place).unwrap_or(0).saturating_mul(BLOCK));
        let end = start.plus(BLOCK).min(Instant::LAST).max(start);
        let open = day::open_intervals(spec, Interval::new(start, end));
        let mut before = Vec::with_capacity(open.len());
        let mut total = 0;
        for interval in &open {
            before.push(total);
            total += interval.len();
        }
        let by_day = (0..=BLOCK_DAYS).map(|day| {
            let midnight = start.plus(day * DAY);
            u32::try_from(open.partition_point(|interval| interval.end <= midnight)).unwrap_or(u32::MAX)
        });
        Block { start, base: 0, by_day: by_day.collect(), open, before, total }
    }

    /// The place of the first interval that ends after `at`.
    fn place_after(&self, at: Instant) -> usize {
        let day = usize::try_from(at.since(self.start).div_euclid(DAY)).unwrap_or(0);
        let mut place = self.by_day.get(day).map_or(self.open.len(), |place| *place as usize);
        while self.open.get(place).is_some_and(|interval| interval.end <= at) {
            place += 1;
        }
        place
    }

    fn interval_after(&self, at: Instant) -> Option<&Interval> {
        self.open.get(self.place_after(at))
    }

    fn count(&self, at: Instant) -> Millis {
        let place = self.place_after(at);
        match (self.open.get(place), self.before.get(place)) {
            (Some(interval), Some(before)) => before + at.since(interval.start).max(0),
            _ => self.total,
        }
    }

    /// The earliest instant at which so much of the block's open time is over.
    fn earliest(&self, count: Millis) -> Option<Instant> {
        if count <= 0 {
            return Some(self.start).filter(|_| count == 0);
        }
        let place = self.before.partition_point(|before| *before < count).checked_sub(1)?;
        self.instant(place, count)
    }

    /// The last instant at which no more than so much of the block's open time is over.
    fn latest(&self, count: Millis) -> Option<Instant> {
        let place = self.before.partition_point(|before| *before <= count).checked_sub(1)?;
        self.instant(place, count)
    }

    fn instant(&self, place: usize, count: Millis) -> Option<Instant> {
        Some(self.open.get(place)?.start.plus(count - self.before.get(place)?))
    }
}
