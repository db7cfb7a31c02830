//! iCalendar files that calendars name.

use std::sync::Arc;

use crate::ast::{self, CalendarBody, CalendarLine};
use crate::diagnostic::Diagnostic;
use crate::feed::{self, Feed};

use super::{Loader, Scope, joined, not_utf8};

impl Loader<'_> {
    /// Reads the iCalendar files that the calendars of a file name.
    pub(super) fn feeds_of(&mut self, path: &str, tree: &ast::File, scope: &mut Scope) {
        for item in &tree.items {
            let ast::Item::Calendar(ast::Calendar { body: CalendarBody::Lines(lines), .. }) = item else { continue };
            for line in lines {
                if let CalendarLine::Feed(named) = &line.value
                    && let Some(feed) = self.feed(&joined(path, &named.value), named)
                {
                    scope.add_feed(named, feed);
                }
            }
        }
    }

    /// A file, read once; its faults are told where it is named first.
    fn feed(&mut self, path: &str, named: &ast::Text) -> Option<Arc<Feed>> {
        if let Some(known) = self.feeds.get(path) {
            return known.clone();
        }
        let found = self.read_feed(path, named).map(Arc::new);
        self.feeds.insert(path.to_string(), found.clone());
        found
    }

    fn read_feed(&mut self, path: &str, named: &ast::Text) -> Option<Feed> {
        let bytes = self.bytes(path, named.span)?;
        let text = match std::str::from_utf8(&bytes) {
            // A byte order mark is no part of the first line.
            Ok(text) => text.trim_start_matches('\u{feff}'),
            Err(error) => {
                let message = not_utf8(path, &bytes, error.valid_up_to());
                let fault = Diagnostic::error("unreadable_text", named.span, message);
                self.resolved.diagnostics.push(fault.help("iCalendar files are UTF-8: save or export it as such"));
                return None;
            }
        };
        let file = self.resolved.sources.add(path, text);
        let (feed, faults) = feed::read(path, &bytes, text, file);
        let is_sound = !faults.iter().any(Diagnostic::is_error);
        self.resolved.diagnostics.extend(faults.into_iter().map(|fault| fault.label(named.span, "named here")));
        Some(feed).filter(|_| is_sound)
    }
}
