//! Until which day a line may be claimed.

use chrono::NaiveDate;

use crate::calendar::{Calendar, CalendarSpec};
use crate::plan::claim::{Claim, Until};
use crate::plan::clause::{Clause, ClauseKind, Period, Subject};
use crate::plan::{Agreement, Version};
use crate::statement::PeriodSpan;
use crate::time::Instant;

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

    /// The last day of a line of a clause that arose at an instant, for a period; none where nothing sets one.
    pub fn of(&self, version: &Version, clause: &Clause, period: &PeriodSpan, at: Instant) -> Option<NaiveDate> {
        self.last(claim_of(version, clause)?, clause, period, at)
    }

    fn last(&self, claim: &Claim, clause: &Clause, period: &PeriodSpan, at: Instant) -> Option<NaiveDate> {
        let is_event = claim.after_each && !matches!(clause.subject, Subject::Figure { .. });
        let zone = self.agreement.zone;
        let (day, at) = match is_event {
            true => (at.local(zone).date(), at),
            false => (period.day_after.pred_opt()?, period.span.end),
        };
        match &claim.until {
            Until::Length(length) => last_day(zone, day, at, *length),
            Until::ServiceDays { days, spec, .. } => {
                let (_, calendar) = self.calendars.iter().find(|(known, _)| *known == spec)?;
                Some(calendar.service_days(at, *days, zone)?.plus(-1).local(zone).date())
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
