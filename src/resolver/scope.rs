//! What a file can see: its own declarations and those of the files it uses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::ast;
use crate::diagnostic::Diagnostic;
use crate::feed::Feed;
use crate::plugin;
use crate::source::{FileId, Span};

/// A plugin as an agreement declares it.
#[derive(Debug, Clone)]
pub struct Plugin {
    /// What the agreement says of it.
    pub declared: ast::Plugin,
    /// Its file, compiled; none where it could not be, which is told.
    pub compiled: Option<plugin::Plugin>,
}

/// Declarations by kind, in the order in which they were brought in.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    files: BTreeSet<FileId>,
    /// iCalendar files, by the file that names them and the words it has for them.
    feeds: BTreeMap<(FileId, String), Arc<Feed>>,
    /// Sources.
    pub sources: Vec<ast::Source>,
    /// Lists of holidays.
    pub holidays: Vec<ast::Holidays>,
    /// Calendars.
    pub calendars: Vec<ast::Calendar>,
    /// Agreements and templates.
    pub agreements: Vec<ast::Agreement>,
    /// Tests.
    pub tests: Vec<ast::Test>,
    /// Plugins.
    pub plugins: Vec<Plugin>,
    /// `edition` lines.
    pub editions: Vec<crate::source::Spanned<i64>>,
}

impl Scope {
    /// Whether the file is this one's own, or one that it uses.
    pub fn has_file(&self, file: FileId) -> bool {
        self.files.contains(&file)
    }

    /// Whether a file is new to this scope.
    pub(super) fn enter(&mut self, file: FileId) -> bool {
        self.files.insert(file)
    }

    pub(super) fn add(&mut self, tree: &ast::File) {
        for item in tree.items.iter().cloned() {
            match item {
                ast::Item::Source(source) => self.sources.push(source),
                ast::Item::Holidays(holidays) => self.holidays.push(holidays),
                ast::Item::Calendar(calendar) => self.calendars.push(calendar),
                ast::Item::Agreement(agreement) => self.agreements.push(agreement),
                ast::Item::Test(test) => self.tests.push(test),
                ast::Item::Plugin(plugin) => self.plugins.push(Plugin { declared: plugin, compiled: None }),
                ast::Item::Edition(edition) => self.editions.push(edition),
                ast::Item::Use(_) => {}
            }
        }
    }

    pub(super) fn add_feed(&mut self, named: &ast::Text, feed: Arc<Feed>) {
        self.feeds.insert((named.span.file, named.value.clone()), feed);
    }

    /// The iCalendar file that a calendar's line names.
    pub fn feed(&self, named: &ast::Text) -> Option<&Feed> {
        self.feeds.get(&(named.span.file, named.value.clone())).map(Arc::as_ref)
    }

    /// Names that are declared twice, each told once with both places.
    pub(super) fn clashes(&self) -> Vec<Diagnostic> {
        let mut known: BTreeMap<(&str, &str), Span> = BTreeMap::new();
        let mut found = Vec::new();
        let sources = self.sources.iter().map(|source| ("source", &source.name));
        let holidays = self.holidays.iter().map(|list| ("list of holidays", &list.name));
        let calendars = self.calendars.iter().map(|calendar| ("calendar", &calendar.name));
        let agreements = self.agreements.iter().map(|agreement| ("agreement", &agreement.name));
        let plugins = self.plugins.iter().map(|plugin| ("plugin", &plugin.declared.name));
        for (kind, name) in sources.chain(holidays).chain(calendars).chain(agreements).chain(plugins) {
            match known.get(&(kind, name.value.as_str())) {
                Some(first) => found.push(declared_twice(kind, name, *first)),
                None => {
                    known.insert((kind, &name.value), name.span);
                }
            }
        }
        found
    }

    /// The agreement or template with this name.
    pub fn agreement(&self, name: &str) -> Option<&ast::Agreement> {
        self.agreements.iter().find(|agreement| agreement.name.value == name)
    }

    /// The source with this name.
    pub fn source(&self, name: &str) -> Option<&ast::Source> {
        self.sources.iter().find(|source| source.name.value == name)
    }

    /// The plugin with this name.
    pub fn plugin(&self, name: &str) -> Option<&Plugin> {
        self.plugins.iter().find(|plugin| plugin.declared.name.value == name)
    }

    /// The calendar with this name.
    pub fn calendar(&self, name: &str) -> Option<&ast::Calendar> {
        self.calendars.iter().find(|calendar| calendar.name.value == name)
    }

    /// The list of holidays with this name.
    pub fn holidays(&self, name: &str) -> Option<&ast::Holidays> {
        self.holidays.iter().find(|list| list.name.value == name)
    }
}

fn declared_twice(kind: &str, name: &ast::Name, first: Span) -> Diagnostic {
    Diagnostic::error("declared_twice", name.span, format!("the {kind} `{}` is declared twice", name.value))
        .label(first, "declared here first")
        .help("give one of them another name, or take one out")
}
