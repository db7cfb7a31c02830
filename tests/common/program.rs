//! The program, run in this process.
#![expect(clippy::unwrap_used, reason = "a test says what it misses by failing")]

use klausel::cli::{self, Exit};

/// How a call ends, and what it says: results, then messages, without colours.
pub fn klausel(arguments: &[&str]) -> (Exit, String) {
    let (mut out, mut err) = (anstream::StripStream::new(Vec::new()), anstream::StripStream::new(Vec::new()));
    let exit = cli::run(std::iter::once(&"klausel").chain(arguments), &mut out, &mut err);
    (exit, String::from_utf8([out.into_inner(), err.into_inner()].concat()).unwrap())
}
