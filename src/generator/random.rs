//! Numbers that look random and are the same everywhere: SplitMix64, on integers only.

/// A stream of numbers.
#[derive(Debug, Clone)]
pub(super) struct Random {
    state: u64,
}

impl Random {
    /// The stream with this number of a seed; streams are far apart from each other.
    pub(super) fn new(seed: u64, stream: u64) -> Random {
        let state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ stream.wrapping_mul(0xD134_2543_DE82_EF95);
        let mut random = Random { state };
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 until before `limit`; 0 where there is none.
    pub(super) fn below(&mut self, limit: u32) -> u32 {
        u32::try_from(self.next() % u64::from(limit.max(1))).unwrap_or(0)
    }

    /// A number from `low` to `high`, both among them.
    pub(super) fn between(&mut self, low: u32, high: u32) -> i64 {
        i64::from(low) + i64::from(self.below(high.saturating_sub(low) + 1))
    }

    /// True in so many of a thousand cases.
    pub(super) fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1_000) < per_mille
    }

    /// One of a table, as often as its weight says; `otherwise` where the table has no weight at all.
    pub(super) fn pick<T: Copy>(&mut self, table: &[(u32, T)], otherwise: T) -> T {
        let mut left = self.below(table.iter().map(|(weight, _)| weight).sum());
        for (weight, value) in table {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        otherwise
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mix_is_splitmix64() {
        // The first number of the published algorithm for the state 0.
        assert_eq!(Random { state: 0 }.next(), 0xE220_A839_7B1D_CDAF);
    }

    #[test]
    fn a_table_is_drawn_by_its_weights() {
        let mut random = Random::new(1, 1);
        let drawn: Vec<char> = (0..4_000).map(|_| random.pick(&[(1, 'a'), (0, 'b'), (3, 'c')], 'd')).collect();
        let a = drawn.iter().filter(|drawn| **drawn == 'a').count();
        assert!((900..1_100).contains(&a), "{a}");
        assert!(!drawn.contains(&'b') && !drawn.contains(&'d'));
        assert_eq!(random.pick(&[(0, 'a')], 'd'), 'd');
    }
}
