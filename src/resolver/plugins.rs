//! The files of plugins: read and compiled once, their hashes held against what an agreement pins.

use crate::ast::{self, PluginLine};
use crate::diagnostic::Diagnostic;
use crate::plugin::{Failure, Language, Plugin};
use crate::source::Span;

use super::{Loader, Scope, joined};

impl Loader<'_> {
    /// Compiles the plugins that a file has added to a scope, which are those from place `from` on.
    pub(super) fn plugins_of(&mut self, path: &str, scope: &mut Scope, from: usize) {
        for plugin in scope.plugins.iter_mut().skip(from) {
            plugin.compiled = self.compiled(&joined(path, &plugin.declared.path.value), &plugin.declared);
            if let Some(compiled) = &plugin.compiled {
                self.pinned(&plugin.declared, compiled);
            }
        }
    }

    /// A file, compiled once; its faults are told where it is named first.
    fn compiled(&mut self, path: &str, declared: &ast::Plugin) -> Option<Plugin> {
        if let Some(known) = self.plugins.get(path) {
            return known.clone();
        }
        let found = self.compile(path, declared);
        self.plugins.insert(path.to_string(), found.clone());
        found
    }

    fn compile(&mut self, path: &str, declared: &ast::Plugin) -> Option<Plugin> {
        let named = declared.path.span;
        let Some(language) = Language::of(path) else {
            let message = format!("`{path}` is neither a script nor a component");
            let help = "a plugin's file ends in `.rhai` or `.wasm`";
            self.resolved.diagnostics.push(Diagnostic::error("bad_plugin", named, message).help(help));
            return None;
        };
        let bytes = self.bytes(path, named)?;
        Plugin::compile(language, &bytes).map_err(|failure| self.refuse(path, &bytes, &failure, named)).ok()
    }

    /// Tells why a file is no plugin, at the place in the script where there is one.
    fn refuse(&mut self, path: &str, bytes: &[u8], failure: &Failure, named: Span) {
        let place = failure.at.zip(std::str::from_utf8(bytes).ok()).map(|((line, column), text)| {
            let file = self.resolved.sources.add(path, text);
            let start = offset(text, line, column);
            let length = text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            Span::new(file, start, start + length)
        });
        let fault = match place {
            Some(place) => Diagnostic::error("bad_plugin", place, failure.what.clone()).label(named, "named here"),
            None => Diagnostic::error("bad_plugin", named, format!("`{path}` cannot be used: {}", failure.what)),
        };
        self.resolved.diagnostics.push(fault.help(failure.help.clone()));
    }

    /// A pinned hash that differs means that the file is not the one that was agreed.
    fn pinned(&mut self, declared: &ast::Plugin, compiled: &Plugin) {
        for line in &declared.lines {
            if let PluginLine::Sha256(pinned) = &line.value
                && !pinned.value.eq_ignore_ascii_case(compiled.sha256())
            {
                let message = format!("`{}` is not the file that was agreed: its hash is another", declared.path.value);
                let help =
                    format!("bring the agreed file back, or agree to this one: `sha256 \"{}\"`", compiled.sha256());
                self.resolved.diagnostics.push(Diagnostic::error("changed_plugin", pinned.span, message).help(help));
            }
        }
    }
}

/// The byte at which a line's column begins, both counted from one.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>();
    let rest = text.get(start..).unwrap_or("");
    let within = rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at);
    start + within
}
