//! `klausel explain-code`: the page of a finding.

use clap::Args;
use rust_embed::RustEmbed;

use crate::diagnostic::nearest;

use super::{Exit, Failure, Streams};

/// The pages of all findings.
#[derive(RustEmbed)]
#[folder = "tests/spec/errors/"]
struct Pages;

/// Show the page of a finding: the mistake, the message, the mended text
#[derive(Debug, Args)]
pub struct Options {
    /// Its code, as in `error[unknown_name]`
    code: String,
}

pub fn run(options: &Options, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let page = Pages::get(&format!("{}.md", options.code));
    let Some(page) = page else { return Err(Failure::call(unknown(&options.code))) };
    streams.print(&String::from_utf8_lossy(&page.data))?;
    Ok(Exit::Done)
}

fn unknown(code: &str) -> String {
    let pages: Vec<String> = Pages::iter().map(|name| name.to_string()).collect();
    let known = pages.iter().filter_map(|name| name.strip_suffix(".md")).filter(|name| *name != "README");
    match nearest(code, known) {
        Some(near) => format!("no finding has the code `{code}`; did you mean `{near}`?"),
        None => format!("no finding has the code `{code}`"),
    }
}
