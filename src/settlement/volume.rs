//! Months with enough tickets for a clause that looks at one thing at a time and asks for a least number of them.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::plan::Version;
use crate::plan::clause::{Clause, Measure, Period, Subject};
use crate::statement::PeriodSpan;

use super::figure::Field;
use super::gauge::Asked;

/// How many tickets count for such clauses in each month.
pub(super) struct Volumes<'a>(Vec<(&'a Clause, BTreeMap<NaiveDate, u64>)>);

impl<'a> Volumes<'a> {
    pub fn new(field: &Field<'a>) -> Volumes<'a> {
        let clauses = field.agreement.versions.iter().flat_map(|version| {
            let asking = version.clauses.iter().filter(|clause| clause.min_tickets.is_some());
            asking.filter_map(move |clause| Some((clause, by_month(field, version, clause)?)))
        });
        Volumes(clauses.collect())
    }

    /// Whether a month has enough tickets for a clause, with words for its line; none where it has too few.
    pub fn enough(&self, clause: &Clause, month: &PeriodSpan) -> Option<String> {
        let Some(least) = clause.min_tickets else { return Some(String::new()) };
        let counted = self.0.iter().find(|(asking, _)| std::ptr::eq(*asking, clause));
        let count = counted.and_then(|(_, months)| months.get(&month.first_day)).copied().unwrap_or(0);
        (least <= count).then(|| format!(", with {count} tickets of at least {least} in {}", month.label))
    }
}

/// The distinct tickets among the decided clocks, after the clause's conditions. Where there is no clock to be decided,
/// those that were created; the conditions of a clause for each outage choose outages, and no tickets.
fn by_month(field: &Field<'_>, version: &Version, clause: &Clause) -> Option<BTreeMap<NaiveDate, u64>> {
    let measure = match &clause.subject {
        Subject::EachBreach { metric, .. } => Measure::Breaches(*metric),
        Subject::EachOutage { .. } | Subject::EachTicket { .. } => Measure::Tickets,
        Subject::Figure { .. } => return None,
    };
    let asked = match &clause.subject {
        Subject::EachOutage { .. } => Asked::of(version, &measure),
        _ => Asked::by(version, clause, &measure),
    };
    let seen = field.seen?;
    let months = field.cutter.range(Period::Month, seen.start, seen.end);
    let tickets = field.sampler.gauges(asked, &months).into_iter().map(|gauge| gauge.tickets);
    Some(months.iter().map(|month| month.first_day).zip(tickets).collect())
}
