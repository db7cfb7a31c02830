//! Choices from a list of numbers, so that a failing case shrinks to few and simple ones.

/// Numbers that are used up one by one; when they are gone, every throw is zero, which is the simplest choice.
#[derive(Debug, Clone)]
pub struct Dice<'n> {
    numbers: std::slice::Iter<'n, u16>,
}

impl<'n> Dice<'n> {
    pub fn new(numbers: &'n [u16]) -> Dice<'n> {
        Dice { numbers: numbers.iter() }
    }

    fn throw(&mut self) -> u64 {
        self.numbers.next().map_or(0, |number| u64::from(*number))
    }

    /// A number from `first` to `last`.
    pub fn from(&mut self, first: i64, last: i64) -> i64 {
        let choices = u64::try_from(last - first + 1).unwrap();
        first + i64::try_from(self.throw() * choices / 65_536).unwrap()
    }

    /// True so many times in a hundred; false when there are no numbers left.
    pub fn chance(&mut self, percent: i64) -> bool {
        100 - percent <= self.from(0, 99)
    }

    /// One of these; the first is the simplest.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        let last = i64::try_from(choices.len()).unwrap() - 1;
        choices[usize::try_from(self.from(0, last)).unwrap()]
    }
}
