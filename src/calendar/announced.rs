//! Time that is closed only if it was announced: so long before, and for this service.

use serde::Serialize;

use crate::ticket::Announcement;
use crate::time::{Instant, Interval, Millis, spell, union};

use super::spec::ClosedTime;

/// How long before its start some time is to be announced, and when it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Announced {
    /// In milliseconds of wall time.
    pub before_ms: Millis,
    /// An announcement for this service will do; none: only one for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// When the whole of it had been announced; none: never.
    #[serde(skip)]
    pub made: Option<Instant>,
}

impl Announced {
    /// Nothing is announced yet.
    pub fn before(before_ms: Millis) -> Announced {
        Announced { before_ms, service: None, made: None }
    }

    /// Whether what begins at `start` was announced early enough.
    pub fn is_in_time(&self, start: Instant) -> bool {
        self.made.is_some_and(|made| made.plus(self.before_ms) <= start)
    }

    /// When what begins at `start` was announced, in words.
    pub fn words(&self, start: Instant) -> String {
        let wanted = spell(self.before_ms);
        match self.made {
            None => "not announced".to_string(),
            Some(made) if start < made => {
                format!("announced {} after it began, not {wanted} before", spell(made.since(start)))
            }
            Some(made) if self.is_in_time(start) => format!("announced {} before", spell(start.since(made))),
            Some(made) => format!("announced {} before, not {wanted}", spell(start.since(made))),
        }
    }
}

/// Which announcements a list of closed time goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Those for all, and those for the service that each time names.
    OfService,
    /// All of them: the list tells what was announced, and no clock goes by it.
    OfAny,
}

/// Takes note of what was announced: when each window was, and what there is where whatever is announced is closed.
pub fn announce(closed: &mut Vec<ClosedTime>, announcements: &[Announcement], told: Told) {
    let windowless: Vec<ClosedTime> = closed.iter().filter(|time| time.is_windowless()).cloned().collect();
    for time in &windowless {
        closed.extend(announcements.iter().filter_map(|one| time.as_announced_by(one, told)));
    }
    let windows = closed.iter_mut().filter(|time| !time.interval().is_empty());
    for time in windows {
        let window = time.interval();
        if let Some(announced) = time.announced.as_mut().filter(|announced| announced.made.is_none()) {
            announced.made = made(announcements, announced.service.as_deref(), window);
        }
    }
}

impl ClosedTime {
    /// It has no window of its own: whatever is announced is closed.
    pub fn is_windowless(&self) -> bool {
        self.announced.is_some() && self.interval().is_empty()
    }

    /// What an announcement makes of a time without a window; none where it is for another service.
    fn as_announced_by(&self, one: &Announcement, told: Told) -> Option<ClosedTime> {
        let announced = self.announced.as_ref()?;
        let is_for = one.service.is_none() || one.service == announced.service || told == Told::OfAny;
        let service = if told == Told::OfAny { one.service.clone() } else { announced.service.clone() };
        let announced = Announced { made: Some(one.at), service, ..announced.clone() };
        let time = ClosedTime { label: self.label.clone(), announced: Some(announced), ..ClosedTime::from(one.span) };
        is_for.then_some(time)
    }
}

/// When the whole of a window had been announced, by one announcement or by several; none: never.
fn made(announcements: &[Announcement], service: Option<&str>, window: Interval) -> Option<Instant> {
    let is_for = |one: &&Announcement| one.service.is_none() || one.service.as_deref() == service;
    let touches = |one: &&Announcement| !one.span.and(window).is_empty();
    let mut of_window: Vec<&Announcement> = announcements.iter().filter(is_for).filter(touches).collect();
    of_window.sort_by_key(|one| one.at);
    let covers = |spans: &[Interval]| spans.iter().any(|span| span.and(window) == window);
    let mut known: Vec<Interval> = Vec::new();
    of_window.into_iter().find_map(|one| {
        known.push(one.span);
        known = union(std::mem::take(&mut known));
        covers(&known).then_some(one.at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::HOUR;

    fn announcement(service: Option<&str>, from: i64, to: i64, at: i64) -> Announcement {
        let span = Interval::new(Instant(from * HOUR), Instant(to * HOUR));
        Announcement { service: service.map(str::to_string), span, at: Instant(at * HOUR) }
    }

    #[test]
    fn a_window_is_announced_once_all_of_it_is() {
        let window = Interval::new(Instant(100 * HOUR), Instant(104 * HOUR));
        let made = |all: &[Announcement], service| made(all, service, window).map(|at| at.0 / HOUR);
        let first_half = announcement(None, 99, 102, 10);
        let second_half = announcement(None, 102, 104, 20);
        assert_eq!(made(std::slice::from_ref(&first_half), None), None);
        assert_eq!(made(&[second_half, first_half.clone()], None), Some(20));
        let for_mail = announcement(Some("mail"), 90, 110, 15);
        assert_eq!(made(&[first_half.clone(), for_mail.clone()], None), None);
        assert_eq!(made(&[first_half.clone(), for_mail.clone()], Some("mail")), Some(15));
        assert_eq!(made(&[first_half, for_mail], Some("files")), None);
    }

    #[test]
    fn in_time_is_so_long_before_or_longer() {
        let start = Instant(100 * HOUR);
        let told = |made: Option<i64>| {
            let announced = Announced { made: made.map(|at| Instant(at * HOUR)), ..Announced::before(48 * HOUR) };
            (announced.is_in_time(start), announced.words(start))
        };
        assert_eq!(told(Some(52)), (true, "announced 48h before".to_string()));
        assert_eq!(told(Some(53)), (false, "announced 47h before, not 48h".to_string()));
        assert_eq!(told(Some(101)), (false, "announced 1h after it began, not 48h before".to_string()));
        assert_eq!(told(None), (false, "not announced".to_string()));
    }
}
