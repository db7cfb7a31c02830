//! The door for programs: an agreement's file, and all it names, as a plan.

use crate::checker;
use crate::compiler;
use crate::diagnostic::{self, Diagnostic};
use crate::plan::Plan;
use crate::resolver;
use crate::source::{Files, Sources};

/// Agreements in files.
#[derive(Debug)]
pub struct Agreement;

/// An agreement that cannot be run, with everything that is wrong with it.
#[derive(Debug)]
pub struct Rejected {
    /// The files' texts.
    pub sources: Sources,
    /// Errors and warnings, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
}

impl Agreement {
    /// The plan of the file at `path` and of all it uses, which come through `files`.
    ///
    /// # Errors
    /// When a file cannot be read, or an agreement has errors: all of them, each with its place.
    pub fn load(files: &dyn Files, path: &str) -> Result<Plan, Rejected> {
        let resolved = resolver::load(files, &[path.to_string()]);
        let checked = checker::check(resolved);
        checked
            .map(|checked| compiler::compile(&checked))
            .map_err(|(resolved, diagnostics)| Rejected { sources: resolved.sources, diagnostics })
    }
}

impl std::fmt::Display for Rejected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for diagnostic in &self.diagnostics {
            writeln!(f, "{}", diagnostic::headline(diagnostic, &self.sources))?;
        }
        Ok(())
    }
}

impl std::error::Error for Rejected {}
