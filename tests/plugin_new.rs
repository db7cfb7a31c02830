//! `klausel plugin new`: folders that build a component stand alone and overwrite nothing.
#![expect(clippy::unwrap_used, reason = "a test says what it misses by failing")]
#![expect(clippy::print_stderr, reason = "a compiler that is not here is told loudly")]

#[path = "common/program.rs"]
mod program;

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use klausel::cli::Exit;
use klausel::plugin::Kind;

use program::klausel;

const RUST: &[&str] = &["README.md", "Cargo.toml", "build.sh", "src/lib.rs", "src/decimal.rs", "wit/klausel.wit"];
const C: &[&str] = &["README.md", "build.sh", "rule.c", "decimal.h", "decimal.c", "wit/klausel.wit"];

fn new(kind: Kind, lang: &str, folder: &Path) -> (Exit, String) {
    klausel(&["plugin", "new", kind.word(), "--lang", lang, "--out", folder.to_str().unwrap()])
}

#[test]
fn each_kind_has_a_folder_that_says_how_it_is_built() {
    let ground = tempfile::tempdir().unwrap();
    for (lang, files) in [("rust", RUST), ("c", C)] {
        for kind in Kind::ALL {
            let folder = ground.path().join(lang).join(kind.word());
            let (exit, said) = new(kind, lang, &folder);
            assert_eq!(exit, Exit::Done, "{said}");
            assert!(said.contains(&format!("kind {}, called by `{} NAME(…)`", kind.word(), kind.called())), "{said}");
            let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
            for name in files {
                assert!(!text(name).contains("KIND") && !text(name).contains("CALLED"), "{lang}: {name}");
            }
            assert!(text("README.md").contains(&format!("klausel plugin check {}.wasm", kind.word())));
            assert!(text("build.sh").contains(&format!("-o {}.wasm", kind.word())));
            assert!(text("wit/klausel.wit").contains(&format!("world {} {{", kind.word())));
            let rule = text(if lang == "c" { "rule.c" } else { "src/lib.rs" });
            let export = if lang == "c" {
                format!("exports_{}_{}", kind.word(), kind.export())
            } else {
                format!("fn {}", kind.export())
            };
            assert!(rule.contains(&export), "{lang}: {export}");
        }
    }
}

#[test]
fn a_file_that_is_there_is_kept_and_nothing_else_is_written() {
    let folder = tempfile::tempdir().unwrap();
    for (lang, name) in [("rust", "Cargo.toml"), ("c", "rule.c")] {
        let place = folder.path().join(lang);
        fs::create_dir(&place).unwrap();
        fs::write(place.join(name), "mine").unwrap();
        let (exit, said) = new(Kind::Credit, lang, &place);
        assert_eq!(exit, Exit::Call, "{said}");
        assert!(said.contains(&format!("{name}` is there already")), "{said}");
        assert_eq!(fs::read_to_string(place.join(name)).unwrap(), "mine");
        assert_eq!(fs::read_dir(&place).unwrap().count(), 1);
    }
}

/// Whether the compiler has its library for components, and what makes a component is on the path.
fn has_compiler() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or("rustc".into());
    let sysroot = Command::new(rustc).args(["--print", "sysroot"]).output();
    let library = |out: &[u8]| {
        let sysroot = String::from_utf8_lossy(out).trim().to_string();
        Path::new(&sysroot).join("lib/rustlib/wasm32-unknown-unknown").is_dir()
    };
    let makes = Command::new("wasm-tools").arg("--version").output().is_ok_and(|made| made.status.success());
    makes && sysroot.is_ok_and(|told| library(&told.stdout))
}

#[test]
fn a_folder_in_rust_builds_where_the_compiler_is_there() {
    if !has_compiler() {
        eprintln!("!!! NOT TESTED: `rustup target add wasm32-unknown-unknown` or `wasm-tools` is missing here");
        return;
    }
    let ground = tempfile::tempdir().unwrap();
    for kind in Kind::ALL {
        let folder = ground.path().join(kind.word());
        assert_eq!(new(kind, "rust", &folder).0, Exit::Done);
        let built = Command::new("sh").arg(folder.join("build.sh")).output().unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let component = folder.join(format!("{}.wasm", kind.word()));
        let (exit, said) = klausel(&["plugin", "check", component.to_str().unwrap()]);
        assert_eq!(exit, Exit::Done, "{said}");
        assert!(said.contains(&format!("kind     {}\n", kind.word())), "{said}");
    }
}
