//! The language's own page: every agreement on it parses and is formatted to a fixed point.

mod common;
#[path = "common/page.rs"]
mod page;

#[test]
fn the_page_parses_and_is_formatted_to_a_fixed_point() {
    for block in page::language_blocks() {
        common::formatted(&block);
    }
}
