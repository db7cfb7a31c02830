//! The program: `klausel` on the command line.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(folder) = cache() {
        klausel::plugin::keep_compiled_in(folder);
    }
    let (mut out, mut err) = (anstream::stdout().lock(), anstream::stderr().lock());
    ExitCode::from(klausel::cli::run(std::env::args_os(), &mut out, &mut err).code())
}

/// Where compiled plugins are kept between runs: `KLAUSEL_CACHE`, or the user's folder for such things.
fn cache() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let of_user = || {
        let known = folder("XDG_CACHE_HOME").or_else(|| folder("LOCALAPPDATA"));
        known.or_else(|| Some(folder("HOME")?.join(".cache"))).map(|folder| folder.join("klausel"))
    };
    folder("KLAUSEL_CACHE").or_else(of_user).filter(|folder| folder.is_absolute())
}
