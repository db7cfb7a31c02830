//! From trees to agreements that stand on their own: files brought in by `use`, statements taken over by `extends`.

mod amend;
mod each;
mod feeds;
mod inherit;
mod plugins;
mod promise;
mod scope;
mod suppliers;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::ast;
use crate::diagnostic::{self, Diagnostic};
use crate::feed::Feed;
use crate::parser;
use crate::plugin;
use crate::source::{FileError, FileId, Files, Sources, Span};

pub use amend::{InForce, Version, amendments, changed, fixed, line};
pub use inherit::{MergedTier, TierPromise, TierTargets, period_word, priorities_of, unknown};
pub use scope::{Plugin, Scope};

/// Everything that a run has read, with every fault met so far.
#[derive(Debug, Clone, Default)]
pub struct Resolved {
    /// The files' texts.
    pub sources: Sources,
    /// One for each file named on the command line, in that order.
    pub roots: Vec<Root>,
    /// The files of suppliers' agreements, by path.
    pub suppliers: BTreeMap<String, Root>,
    /// Faults of form, of names and of inheritance.
    pub diagnostics: Vec<Diagnostic>,
}

/// A file that was named on the command line, with all that it can see.
#[derive(Debug, Clone)]
pub struct Root {
    /// Its path.
    pub path: String,
    /// The file.
    pub file: FileId,
    /// What it declares and uses.
    pub scope: Scope,
    /// Its own agreements, without templates, in file order.
    pub agreements: Vec<Agreement>,
}

/// An agreement with everything it takes over, as signed, and what amendments make of it.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// Its name.
    pub name: ast::Name,
    /// The whole clause.
    pub span: Span,
    /// Its statements, inherited ones in their places; tiers and removals left out.
    pub statements: Vec<ast::Statement>,
    /// Its tiers, in the order in which they are read.
    pub tiers: Vec<MergedTier>,
    /// As it stands from each amendment on, in time order; none of them has versions of its own.
    pub later: Vec<Version>,
}

impl Agreement {
    /// The agreement as signed, then as amended.
    pub fn versions(&self) -> impl Iterator<Item = &Agreement> {
        std::iter::once(self).chain(self.later.iter().map(|version| &version.agreement))
    }
}

/// Reads files and everything they name.
pub fn load(files: &dyn Files, paths: &[String]) -> Resolved {
    let mut loader = Loader {
        files,
        resolved: Resolved::default(),
        trees: BTreeMap::new(),
        feeds: BTreeMap::new(),
        plugins: BTreeMap::new(),
    };
    for path in paths {
        loader.root(path);
    }
    let mut resolved = loader.resolved;
    diagnostic::sort(&mut resolved.diagnostics);
    resolved
}

struct Loader<'f> {
    files: &'f dyn Files,
    resolved: Resolved,
    trees: BTreeMap<String, (FileId, ast::File)>,
    /// iCalendar files by path; none where one could not be used, which is told.
    feeds: BTreeMap<String, Option<Arc<Feed>>>,
    /// Plugins by path; none where one could not be used, which is told.
    plugins: BTreeMap<String, Option<plugin::Plugin>>,
}

impl Loader<'_> {
    fn root(&mut self, path: &str) {
        let Some(root) = self.resolve(path, None) else { return };
        self.suppliers_of(&root, &mut Vec::new());
        self.resolved.roots.push(root);
    }

    /// A file with all that it can see; none where it cannot be read, which is told where it is named.
    fn resolve(&mut self, path: &str, named: Option<Span>) -> Option<Root> {
        let file = self.read(path, named)?;
        let mut scope = Scope::default();
        let mut chain = Vec::new();
        self.bring_in(path, &mut scope, &mut chain);
        self.resolved.diagnostics.extend(scope.clashes());
        self.resolved.diagnostics.extend(inherit::cycles(&scope));
        let own = scope.agreements.iter().filter(|agreement| agreement.span.file == file && !agreement.is_template);
        let mut agreements = Vec::new();
        for agreement in own {
            let (merged, faults) = inherit::agreement(&scope, agreement);
            self.resolved.diagnostics.extend(faults);
            agreements.push(merged);
        }
        for template in scope.agreements.iter().filter(|agreement| agreement.span.file == file && agreement.is_template)
        {
            self.resolved.diagnostics.extend(inherit::agreement(&scope, template).1);
        }
        Some(Root { path: path.to_string(), file, scope, agreements })
    }

    /// The tree of a file, parsed once; none where it cannot be read, which is told at the `use` that names it.
    fn read(&mut self, path: &str, used_at: Option<Span>) -> Option<FileId> {
        if let Some((file, _)) = self.trees.get(path) {
            return Some(*file);
        }
        let (text, fault) = match self.files.read(path) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => (text, None),
                Err(error) => {
                    let why = not_utf8(path, error.as_bytes(), error.utf8_error().valid_up_to());
                    (String::new(), Some(("unreadable_text", why, "save it as UTF-8 in your editor")))
                }
            },
            Err(error) => {
                let why = format!("cannot read `{path}`: {}", error.reason);
                (
                    String::new(),
                    Some((
                        "missing_file",
                        why,
                        "a path is relative to the file that says `use`, or begins with `std/`",
                    )),
                )
            }
        };
        if let (Some((code, why, help)), Some(span)) = (&fault, used_at) {
            self.resolved.diagnostics.push(Diagnostic::error(code, span, why.clone()).help(*help));
            return None;
        }
        let file = self.resolved.sources.add(path, text);
        if let Some((code, why, help)) = fault {
            self.resolved.diagnostics.push(Diagnostic::error(code, Span::new(file, 0, 0), why).help(help));
            return None;
        }
        let parsed = parser::parse(&self.resolved.sources, file);
        self.resolved.diagnostics.extend(parsed.diagnostics);
        self.trees.insert(path.to_string(), (file, parsed.tree));
        Some(file)
    }

    /// A file that an agreement names besides agreements; none where it cannot be read, which is told there.
    fn bytes(&mut self, path: &str, named: Span) -> Option<Vec<u8>> {
        let tell = |error: FileError| {
            let message = format!("cannot read `{path}`: {}", error.reason);
            let fault = Diagnostic::error("missing_file", named, message);
            self.resolved.diagnostics.push(fault.help("a path is relative to the file that says it"));
        };
        self.files.read(path).map_err(tell).ok()
    }

    /// Adds what a file declares, and what it uses, to a scope. `chain` is the way of `use` lines to it.
    fn bring_in(&mut self, path: &str, scope: &mut Scope, chain: &mut Vec<(String, Span)>) {
        let Some((file, tree)) = self.trees.get(path).cloned() else { return };
        if !scope.enter(file) {
            return;
        }
        for item in &tree.items {
            if let ast::Item::Use(used) = item {
                let target = joined(path, &used.value);
                let place = chain.iter().position(|(known, _)| *known == target);
                if target == path || place.is_some() {
                    self.resolved.diagnostics.push(cycle(&target, used.span, chain));
                    continue;
                }
                if self.read(&target, Some(used.span)).is_some() {
                    chain.push((path.to_string(), used.span));
                    self.bring_in(&target, scope, chain);
                    chain.pop();
                }
            }
        }
        let from = scope.plugins.len();
        scope.add(&tree);
        self.feeds_of(path, &tree, scope);
        self.plugins_of(path, scope, from);
    }
}

fn not_utf8(path: &str, bytes: &[u8], sound: usize) -> String {
    let line = bytes.get(..sound).unwrap_or_default().iter().filter(|byte| **byte == b'\n').count() + 1;
    format!("`{path}` is not written in UTF-8 (line {line})")
}

fn cycle(target: &str, span: Span, chain: &[(String, Span)]) -> Diagnostic {
    let message = format!("`{target}` uses itself in the end");
    let diagnostic = Diagnostic::error("use_cycle", span, message).help("take one of these `use` lines out");
    let way = chain.iter().skip_while(|(path, _)| path != target);
    way.fold(diagnostic, |diagnostic, (path, span)| diagnostic.label(*span, format!("used from `{path}` here")))
}

/// A used path: `std/…` as it is, anything else from the folder of the file that says so.
fn joined(from: &str, used: &str) -> String {
    if used.starts_with("std/") || used.starts_with('/') {
        return used.to_string();
    }
    let mut parts: Vec<&str> = from.rsplit_once('/').map_or(Vec::new(), |(folder, _)| folder.split('/').collect());
    for part in used.split('/') {
        match part {
            "." | "" => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_used_path_is_relative_to_its_file() {
        assert_eq!(joined("a/b/c.sla", "../d.sla"), "a/d.sla");
        assert_eq!(joined("c.sla", "x/./d.sla"), "x/d.sla");
        assert_eq!(joined("/a/c.sla", "d.sla"), "/a/d.sla");
        assert_eq!(joined("a/c.sla", "std/msp.sla"), "std/msp.sla");
    }
}
