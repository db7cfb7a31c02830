//! Time that does not count: windows that name a day, instants that exist, ends after starts.

use chrono_tz::Tz;

use crate::ast::{Every, ExcludedTime, MaintenanceLine, Moment, Recurrence, StatementKind};
use crate::source::{Span, Spanned};
use crate::time::{Instant, Local, midnight, resolve_local};

use super::{Checker, Known};

impl Checker {
    pub(super) fn excluded_time(&mut self, known: &Known<'_>, excluded: &ExcludedTime) {
        self.stretch(zone(known), &excluded.from, excluded.to.as_ref());
    }

    pub(super) fn maintenance(&mut self, known: &Known<'_>, lines: &[Spanned<MaintenanceLine>]) {
        let own = lines.iter().find_map(|line| match &line.value {
            MaintenanceLine::Timezone(zone) => zone.value.parse().ok(),
            _ => None,
        });
        let zone = own.unwrap_or_else(|| zone(known));
        for line in lines {
            match &line.value {
                MaintenanceLine::Every(recurrence) => self.recurrence(known, recurrence, line.span),
                MaintenanceLine::Once(from, to) => self.stretch(zone, from, to.as_ref()),
                MaintenanceLine::Timezone(zone) => self.zone(zone),
                MaintenanceLine::Announced(_) => self.announced_from(known, line.span),
            }
        }
    }

    /// An agreement that reads its facts from sources reads announcements from none: no window ever counts.
    fn announced_from(&mut self, known: &Known<'_>, span: Span) {
        let says = |wanted: fn(&StatementKind) -> bool| known.find(|kind| wanted(kind).then_some(())).is_some();
        let reads = says(|kind| matches!(kind, StatementKind::TicketsFrom(_) | StatementKind::OutagesFrom(_)));
        if reads && !says(|kind| matches!(kind, StatementKind::AnnouncementsFrom(_))) {
            let message = "nothing tells this agreement what was announced, so no window ever counts";
            let help = "add `announcements from notices`, a source with `one row per announcement`";
            self.warning("announcements_without_source", span, message, help);
        }
    }

    fn recurrence(&mut self, known: &Known<'_>, recurrence: &Recurrence, span: Span) {
        let names_a_day = !recurrence.weekdays.is_empty() || recurrence.day.is_some();
        if recurrence.every != Every::Day && !names_a_day {
            let help =
                "name it: `every week on sun 02:00-06:00`, `every month on first sun …`, `every month on day 1 …`";
            self.error("window_without_day", span, "this does not say on which day", help);
        }
        if recurrence.day.is_some_and(|day| !(1..=31).contains(&day)) {
            self.error("bad_number", span, "no month has this day", "write a day from 1 to 31");
        }
        let effective = known.find(|kind| matches!(kind, StatementKind::Effective(..)).then_some(()));
        let counts = matches!(recurrence.every, Every::Weeks(n) | Every::Months(n) if n != 1);
        if counts && effective.is_none() {
            let help = "add `effective 2025-01-01..2025-12-31`: its first day is in the first of them";
            self.error("window_without_start", span, "nothing says which week or month is the first", help);
        }
    }

    /// An instant that exists, and an end after it.
    fn stretch(&mut self, zone: Tz, from: &Spanned<Moment>, to: Option<&Spanned<Moment>>) {
        let start = self.instant(zone, from);
        let Some(to) = to else { return };
        let end = self.instant(zone, to);
        if start.zip(end).is_some_and(|(start, end)| end < start) {
            self.error(
                "empty_range",
                from.span.to(to.span),
                "this range ends before it begins",
                "write the earlier instant first",
            );
        }
    }

    fn instant(&mut self, zone: Tz, moment: &Spanned<Moment>) -> Option<Instant> {
        let local = match moment.value {
            Moment::Utc(millis) => return Some(Instant(millis)),
            Moment::Date(date) => return Some(midnight(zone, date)),
            Moment::Local(local) => local,
        };
        let help = "write it with its offset, such as `2025-03-30T03:30+02:00`";
        match resolve_local(zone, local) {
            Local::Single(at) => return Some(at),
            Local::Repeated { .. } => {
                let message = format!("the clock of {zone} shows this time twice");
                self.error("repeated_time", moment.span, message, help);
            }
            Local::Skipped => {
                let message = format!("the clock of {zone} never shows this time");
                self.error("skipped_time", moment.span, message, help);
            }
        }
        None
    }
}

fn zone(known: &Known<'_>) -> Tz {
    let said = known.find(|kind| match kind {
        StatementKind::Timezone(zone) => zone.value.parse().ok(),
        _ => None,
    });
    said.unwrap_or(Tz::UTC)
}
