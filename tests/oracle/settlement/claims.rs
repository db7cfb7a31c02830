//! Until when a line may be claimed, and what was claimed.

use chrono::{Days, NaiveDate};
use klausel::plan::claim::{Claim, Until};
use klausel::plan::clause::{ClauseKind, Period};

use crate::hours::Book;

use super::entries::Entry;
use super::figures::Ground;

/// Breaches fall on whole minutes.
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 3_600_000;

impl Ground<'_> {
    /// What a line's clause says of claims, or else the agreement of penalties.
    fn claim(&self, entry: &Entry) -> Option<&Claim> {
        let version = &self.agreement.versions[entry.version];
        let clause = &version.clauses[entry.clause];
        let general = version.claim.as_ref().filter(|_| clause.kind == ClauseKind::Penalty);
        clause.claim.as_ref().or(general)
    }

    /// The last day on which a line may be claimed.
    pub fn claim_by(&self, entry: &Entry) -> Option<NaiveDate> {
        let claim = self.claim(entry)?;
        // The end of an outage, or a breach.
        let event = entry.outage.map(|run| run.to).or(entry.cycle.map(|_| entry.at)).filter(|_| claim.after_each);
        let (day, from) = event.map_or((entry.arose_in.last(), entry.arose_in.to), |at| (self.dates.of(at), at));
        Some(match &claim.until {
            Until::Length(length) if length % DAY_MS == 0 => day + Days::new(u64::try_from(length / DAY_MS).unwrap()),
            // What ends at midnight ends with the day before.
            Until::Length(length) => self.dates.of(from + length - 1),
            Until::ServiceDays { days, spec, .. } => {
                let book = Book::new(spec, self.dates.zone(), MINUTE_MS);
                match event {
                    Some(at) => {
                        let end = book.service_days(at, *days).ok()?;
                        // A close at midnight is still of its own day.
                        self.dates.of(if book.is_open(end) { end } else { end - 1 })
                    }
                    None => book.service_day_after(day, *days).ok()?,
                }
            }
            Until::EndOfMonth(nth) => {
                let mut month = self.dates.holding(Period::Month, day);
                for _ in 0..*nth {
                    month = self.dates.following(Period::Month, &month);
                }
                month.last()
            }
        })
    }

    /// Whether a line pays nothing unless it is claimed.
    pub fn must_be_claimed(&self, entry: &Entry) -> bool {
        self.claim(entry).is_some_and(|claim| claim.unclaimed_pays_nothing)
    }

    /// Whether a line pays nothing because nobody has claimed it while it could be.
    pub fn is_lost(&self, entry: &Entry) -> bool {
        let Some(claims) = self.claims else { return false };
        let Some(last) = self.claim_by(entry).filter(|_| self.must_be_claimed(entry)) else { return false };
        let is_claimed = claims.iter().any(|claim| {
            claim.clause == self.version.clauses[entry.clause].name
                && claim.period.as_ref().is_none_or(|label| *label == entry.month.first.format("%Y-%m").to_string())
                && claim.ticket.as_ref().is_none_or(|ticket| entry.tickets.contains(ticket))
                && self.dates.of(claim.at.0) <= last
        });
        // Until its last day is over, the right is not lost.
        !is_claimed && last < self.dates.of(self.as_of)
    }
}
