//! Numbers with what they count.

/// `1 ticket`, `2 tickets`, `3 breaches`.
pub fn count(number: usize, word: &str) -> String {
    let ending = match (number, word.ends_with("ch")) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{number} {word}{ending}")
}
