//! The blocks of the language's own page.
#![expect(clippy::print_stderr, reason = "a page that is not here is told loudly")]

use std::path::PathBuf;

/// The page's `sla` blocks; none where the page is not here.
pub fn language_blocks() -> Vec<String> {
    let page = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/design/LANGUAGE.md");
    let Ok(text) = std::fs::read_to_string(&page) else {
        eprintln!("!!! NOT TESTED: {} is not here", page.display());
        return Vec::new();
    };
    let blocks = text.split("```sla\n").skip(1).filter_map(|part| part.split("```").next()).map(str::to_string);
    let blocks: Vec<String> = blocks.collect();
    assert!(blocks.len() >= 3, "the page has blocks");
    blocks
}
