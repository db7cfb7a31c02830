//! Until which day a line may be claimed.

use chrono::NaiveDate;

use crate::calendar::{Calendar, CalendarSpec};
use crate::plan::claim::{Claim, Until};
use crate::plan::clause::{Clause, ClauseKind, Period, Subject};
use crate::plan::{Agreement, Version};
use crate::statement::{Line, PeriodSpan};
use crate::ticket;
use crate::time::Instant;

use super::entry::Entry;
use super::label::PeriodLabel;
use super::period::Cutter;
use super::window::last_day;

/// The last days of claims of one agreement.
#[derive(Debug)]
pub(super) struct ClaimDays<'a> {
    agreement: &'a Agreement,
    cutter: Cutter,
    /// The calendars on which service days are counted.
    calendars: Vec<(&'a CalendarSpec, Calendar)>,
}

impl<'a> ClaimDays<'a> {
    pub fn new(agreement: &'a Agreement, cutter: Cutter) -> ClaimDays<'a> {
        let versions = agreement.versions.iter();
        let claims = versions.flat_map(|version| {
            version.claim.iter().chain(version.clauses.iter().filter_map(|clause| clause.claim.as_ref()))
        });
        let mut calendars: Vec<(&CalendarSpec, Calendar)> = Vec::new();
        for claim in claims {
            if let Until::ServiceDays { spec, .. } = &claim.until
                && !calendars.iter().any(|(known, _)| *known == spec)
            {
                calendars.push((spec, Calendar::new(spec.clone())));
            }
        }
        ClaimDays { agreement, cutter, calendars }
    }

    /// The last day of a line of a clause, for a period; none where nothing sets one. What it is for is over at an instant:
    /// that of a breach, the end of an outage.
    pub fn of(&self, version: &Version, clause: &Clause, period: &PeriodSpan, at: Instant) -> Option<NaiveDate> {
        self.last(claim_of(version, clause)?, clause, period, at)
    }

    /// The last day, where what nobody claims until then pays nothing.
    pub fn lost_after(
        &self,
        version: &Version,
        clause: &Clause,
        period: &PeriodSpan,
        at: Instant,
    ) -> Option<NaiveDate> {
        let claim = claim_of(version, clause).filter(|claim| claim.unclaimed_pays_nothing)?;
        self.last(claim, clause, period, at)
    }

    /// Service days after a period are counted by dates from its last day on, as whole days are; after a breach or an outage
    /// they are found from its instant, as for a clock.
    fn last(&self, claim: &Claim, clause: &Clause, period: &PeriodSpan, at: Instant) -> Option<NaiveDate> {
        let is_event =
            claim.after_each && matches!(clause.subject, Subject::EachBreach { .. } | Subject::EachOutage { .. });
        let zone = self.agreement.zone;
        let (day, at) = match is_event {
            true => (at.local(zone).date(), at),
            false => (period.day_after.pred_opt()?, period.span.end),
        };
        match &claim.until {
            Until::Length(length) => last_day(zone, day, at, *length),
            Until::ServiceDays { days, spec, .. } => {
                let (_, calendar) = self.calendars.iter().find(|(known, _)| *known == spec)?;
                match is_event {
                    true => {
                        let end = calendar.service_days(at, *days, zone)?;
                        // A close at midnight is of the day that it ends, an opening of the one that it begins.
                        let inside = if calendar.is_open(end) { end } else { end.plus(-1) };
                        Some(inside.local(zone).date())
                    }
                    // A period ends with its last day: the first service day after it is the first that counts.
                    false => calendar.nth_service_date(day, i64::from(*days), zone),
                }
            }
            Until::EndOfMonth(nth) => self.end_of_month(*nth, period),
        }
    }

    /// The last day of the Nth month that begins when a period is over, or later.
    fn end_of_month(&self, nth: u32, period: &PeriodSpan) -> Option<NaiveDate> {
        let mut month = self.cutter.holding(Period::Month, period.day_after);
        if month.first_day < period.day_after {
            month = self.cutter.after(&month);
        }
        for _ in 1..nth.min(MOST_MONTHS) {
            month = self.cutter.after(&month);
        }
        month.day_after.pred_opt()
    }
}

/// A hundred years.
const MOST_MONTHS: u32 = 1_200;

/// What sets the last day of a clause's lines: its own line, or, for a penalty, the agreement's.
pub(super) fn claim_of<'v>(version: &'v Version, clause: &'v Clause) -> Option<&'v Claim> {
    let of_agreement = version.claim.as_ref().filter(|_| clause.kind == ClauseKind::Penalty);
    clause.claim.as_ref().or(of_agreement)
}

/// What was claimed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claimed<'a> {
    pub agreement: &'a Agreement,
    /// None: no file says, and everything counts as claimed.
    pub claims: Option<&'a [ticket::Claim]>,
    pub as_of: Instant,
}

impl Claimed<'_> {
    /// What an entry's claim leads to: whether it is lost, in words; none where the entry is paid as it is.
    pub fn verdict(&self, entry: &Entry<'_>) -> Option<(bool, String)> {
        let (claims, last) = (self.claims?, entry.lost_after?);
        let zone = self.agreement.zone;
        let known = claims.iter().filter(|claim| claim.at <= self.as_of);
        let days = known.filter(|claim| self.is_of(claim, entry)).map(|claim| claim.at.local(zone).date());
        match days.min() {
            Some(day) if day <= last => None,
            Some(day) => Some((true, format!(", claimed on {day}, after its last day {last}: it pays nothing"))),
            None if last < self.as_of.local(zone).date() => {
                Some((true, format!(", not claimed by {last}: it pays nothing")))
            }
            None => Some((false, format!(", not claimed yet: it may be until {last}"))),
        }
    }

    fn is_of(&self, claim: &ticket::Claim, entry: &Entry<'_>) -> bool {
        let line: &Line = &entry.line;
        let period = |label: &String| PeriodLabel::new(self.agreement, label).holds(line);
        claim.clause == line.clause
            && claim.period.as_ref().is_none_or(period)
            && claim.ticket.as_ref().is_none_or(|ticket| line.tickets.contains(ticket))
    }
}
