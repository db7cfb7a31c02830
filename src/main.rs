//! The program: `klausel` on the command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    let (mut out, mut err) = (anstream::stdout().lock(), anstream::stderr().lock());
    ExitCode::from(klausel::cli::run(std::env::args_os(), &mut out, &mut err).code())
}
