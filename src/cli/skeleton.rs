//! Plugins to begin with: the files that `klausel plugin new` writes.

use clap::ValueEnum;

use crate::plugin::Kind;

/// What a plugin is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lang {
    /// A script; nothing is compiled
    Rhai,
    /// A folder that cargo builds into a component
    Rust,
    /// A folder that clang builds into a component
    C,
}

impl Lang {
    /// Where it is written unless the call says otherwise: a file, or a folder.
    pub fn place(self) -> &'static str {
        match self {
            Lang::Rhai => "plugin.rhai",
            Lang::Rust | Lang::C => "plugin",
        }
    }
}

/// A file below the folder, by its path, and what stands in it.
pub type File = (&'static str, String);

/// The files of a component's folder; none: the plugin is one script.
pub fn folder(kind: Kind, lang: Lang) -> Vec<File> {
    let files: &[(&str, &str)] = match lang {
        Lang::Rhai => &[],
        Lang::Rust => &[
            ("README.md", include_str!("../../plugins/wasm/new/rust/README.md")),
            ("Cargo.toml", include_str!("../../plugins/wasm/new/rust/Cargo.toml")),
            ("build.sh", include_str!("../../plugins/wasm/new/rust/build.sh")),
            ("src/lib.rs", rust(kind)),
            ("src/decimal.rs", include_str!("../../plugins/wasm/decimal/src/lib.rs")),
            ("wit/klausel.wit", include_str!("../../plugins/wit/klausel.wit")),
        ],
        Lang::C => &[
            ("README.md", include_str!("../../plugins/wasm/new/c/README.md")),
            ("build.sh", include_str!("../../plugins/wasm/new/c/build.sh")),
            ("rule.c", c(kind)),
            ("decimal.h", include_str!("../../plugins/wasm/fair-credit-c/decimal.h")),
            ("decimal.c", include_str!("../../plugins/wasm/fair-credit-c/decimal.c")),
            ("wit/klausel.wit", include_str!("../../plugins/wit/klausel.wit")),
        ],
    };
    let named = |text: &str| text.replace("KIND", kind.word()).replace("CALLED", kind.called());
    files.iter().map(|(path, text)| (*path, named(text))).collect()
}

/// A script of this kind.
pub fn script(kind: Kind) -> &'static str {
    match kind {
        Kind::Credit => include_str!("../../plugins/rhai/new/credit.rhai"),
        Kind::Margin => include_str!("../../plugins/rhai/new/margin.rhai"),
        Kind::Measure => include_str!("../../plugins/rhai/new/measure.rhai"),
        Kind::Classify => include_str!("../../plugins/rhai/new/classify.rhai"),
        Kind::Pause => include_str!("../../plugins/rhai/new/pause.rhai"),
    }
}

fn rust(kind: Kind) -> &'static str {
    match kind {
        Kind::Credit => include_str!("../../plugins/wasm/new/rust/credit.rs"),
        Kind::Margin => include_str!("../../plugins/wasm/new/rust/margin.rs"),
        Kind::Measure => include_str!("../../plugins/wasm/new/rust/measure.rs"),
        Kind::Classify => include_str!("../../plugins/wasm/new/rust/classify.rs"),
        Kind::Pause => include_str!("../../plugins/wasm/new/rust/pause.rs"),
    }
}

fn c(kind: Kind) -> &'static str {
    match kind {
        Kind::Credit => include_str!("../../plugins/wasm/new/c/credit.c"),
        Kind::Margin => include_str!("../../plugins/wasm/new/c/margin.c"),
        Kind::Measure => include_str!("../../plugins/wasm/new/c/measure.c"),
        Kind::Classify => include_str!("../../plugins/wasm/new/c/classify.c"),
        Kind::Pause => include_str!("../../plugins/wasm/new/c/pause.c"),
    }
}
