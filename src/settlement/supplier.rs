//! What suppliers pay back of the penalties on the tickets that they cover.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use num_traits::Zero;

use crate::money::{Currency, Fraction, Rounding};
use crate::outcome::Judged;
use crate::plan::clause::{Clause, ClauseKind, Period};
use crate::plan::plugin::PluginCall;
use crate::plan::supplier::{Recover, Supplier, SupplierKey};
use crate::plan::{Agreement, Version};
use crate::plugin::context::{Money, decimal};
use crate::statement::{Line, PeriodSpan, Recovery};

use super::amount::{Counts, Terms, Worked};
use super::asker::{Asker, Calls, Told};
use super::clocks::{self, Clock, Clocks};
use super::fee::Fees;
use super::period::Cutter;
use super::rounding::{Ceiling, spread};
use super::{Facts, Scope, asker, settle, version_for};

/// What penalties are held against.
pub(super) struct Recoveries<'a> {
    pub agreement: &'a Agreement,
    pub facts: &'a Facts<'a>,
    pub scope: &'a Scope,
    pub clocks: &'a Clocks<'a>,
    pub fees: Fees<'a>,
    pub cutter: Cutter,
    pub asker: &'a Asker,
}

/// What one ticket cost, by the first day of the month.
type Costs<'l> = BTreeMap<NaiveDate, Vec<&'l Line>>;

/// What one supplier pays back for a ticket in a month, before it is rounded.
struct Share<'a> {
    month: PeriodSpan,
    ticket: &'a str,
    supplier: &'a Supplier,
    paid: Fraction,
    recovered: Fraction,
    because: String,
}

impl<'a> Recoveries<'a> {
    /// By month, ticket and supplier in file order. A penalty is on a ticket where that is the only one behind it: one for a
    /// figure of many tickets is nobody's alone.
    pub fn of(&self, ledger: &'a [Line]) -> Vec<Recovery> {
        if self.agreement.versions.iter().all(|version| version.suppliers.is_empty()) {
            return Vec::new();
        }
        let mut costs: BTreeMap<&str, Costs<'a>> = BTreeMap::new();
        for line in ledger.iter().filter(|line| line.kind == ClauseKind::Penalty && !line.amount.is_zero()) {
            if let [ticket] = line.tickets.as_slice() {
                costs.entry(ticket).or_default().entry(line.month.first_day).or_default().push(line);
            }
        }
        let theirs = self.their_lines();
        let tickets = self.clocks.tickets().filter_map(|(version, ticket)| {
            let costs = costs.get(ticket.id.as_str())?;
            Some(Covered { desk: self, version, ticket, costs })
        });
        let mut shares: Vec<Share<'a>> = tickets.flat_map(|covered| covered.shares(&theirs)).collect();
        shares.sort_by(|a, b| (a.month.first_day, a.ticket).cmp(&(b.month.first_day, b.ticket)));
        let months = shares.chunk_by(|a, b| a.month.first_day == b.month.first_day);
        months.flat_map(|month| self.rounded(month)).collect()
    }

    /// The penalties of each supplier that pays what its own agreement yields.
    fn their_lines(&self) -> BTreeMap<SupplierKey, Vec<Line>> {
        let mut found = BTreeMap::new();
        let suppliers = self.agreement.versions.iter().flat_map(|version| &version.suppliers);
        for supplier in suppliers.filter(|supplier| supplier.recover.is_none()) {
            let key = supplier.key();
            if let Some(outcomes) = self.facts.outcomes.suppliers.get(&key)
                && !found.contains_key(&key)
            {
                // What the customer claims or a test gives is no business of the supplier's.
                let facts = Facts { outcomes, given: &[], claims: None, ..*self.facts };
                let statement = settle(&supplier.agreement, &facts, self.scope);
                let lines = statement.map_err(|failed| self.asker.stop(failed)).map(|statement| statement.ledger);
                found.insert(key, lines.unwrap_or_default());
            }
        }
        found
    }

    /// The shares of one month: their total is rounded as the month's penalties are, and none comes to more than was paid.
    fn rounded(&self, shares: &[Share<'a>]) -> Vec<Recovery> {
        let exact: Vec<Fraction> = shares.iter().map(|share| share.recovered.clone()).collect();
        let parts = match shares.first().and_then(|first| self.rounding(&first.month)) {
            Some(rounding) => spread(&exact, rounding, &ceilings(shares)),
            None => exact,
        };
        let mut left: BTreeMap<&str, Fraction> = BTreeMap::new();
        let rows = shares.iter().zip(parts).map(|(share, recovered)| {
            let left = left.entry(share.ticket).or_insert_with(|| share.paid.clone());
            *left -= &recovered;
            Recovery {
                month: share.month.clone(),
                ticket: share.ticket.to_string(),
                supplier: share.supplier.name.clone(),
                place: share.supplier.place.clone(),
                paid: share.paid.clone(),
                recovered,
                left: left.clone(),
                because: share.because.clone(),
            }
        });
        rows.collect()
    }

    fn rounding(&self, month: &PeriodSpan) -> Option<&Rounding> {
        version_for(self.agreement, month)?.rounding.as_ref()
    }

    fn month(&self, day: NaiveDate) -> PeriodSpan {
        self.cutter.holding(Period::Month, day)
    }
}

/// What suppliers pay back by an agreed share is bounded by what was paid; what their own agreements yield is not.
fn ceilings(shares: &[Share<'_>]) -> Vec<Ceiling> {
    let bounded = shares.iter().enumerate().filter(|(_, share)| share.supplier.recover.is_some());
    let mut by_ticket: BTreeMap<&str, Ceiling> = BTreeMap::new();
    for (at, share) in bounded {
        let fresh = || Ceiling { members: Vec::new(), left: share.paid.clone() };
        by_ticket.entry(share.ticket).or_insert_with(fresh).members.push(at);
    }
    by_ticket.into_values().collect()
}

/// A ticket that cost something.
struct Covered<'c, 'a> {
    desk: &'c Recoveries<'a>,
    version: &'a Version,
    ticket: &'a Judged,
    costs: &'c Costs<'a>,
}

impl<'a> Covered<'_, 'a> {
    /// What each supplier that covers it pays back, month by month.
    fn shares(&self, theirs: &BTreeMap<SupplierKey, Vec<Line>>) -> Vec<Share<'a>> {
        let covers = |supplier: &&Supplier| {
            let when = supplier.covers.as_ref();
            when.is_none_or(|when| self.desk.clocks.holds_for(self.version, self.ticket, when))
        };
        let mut left: BTreeMap<NaiveDate, Fraction> =
            self.costs.iter().map(|(month, lines)| (*month, sum(lines.iter().map(|line| &line.amount)))).collect();
        let mut shares = Vec::new();
        for supplier in self.version.suppliers.iter().filter(covers) {
            match &supplier.recover {
                Some(recover) => shares.extend(self.agreed(supplier, recover, &mut left)),
                None => {
                    let lines = theirs.get(&supplier.key()).map_or(&[] as &[Line], Vec::as_slice);
                    shares.extend(self.owed_by(supplier, lines));
                }
            }
        }
        shares
    }

    /// What is agreed for each penalty, and together not more than what others have left of it.
    fn agreed(
        &self,
        supplier: &'a Supplier,
        recover: &Recover,
        left: &mut BTreeMap<NaiveDate, Fraction>,
    ) -> Vec<Share<'a>> {
        let months = self.costs.iter().map(|(day, lines)| {
            let worked: Vec<Worked> = lines.iter().map(|line| self.share_of(line, recover)).collect();
            let left = left.entry(*day).or_insert_with(Fraction::zero);
            let recovered = sum(worked.iter().map(|worked| &worked.value)).min(left.clone());
            *left -= &recovered;
            let because: Vec<String> = worked.into_iter().map(|worked| worked.words).collect();
            self.share(supplier, *day, recovered, because.join("; "))
        });
        months.collect()
    }

    fn share_of(&self, line: &Line, recover: &Recover) -> Worked {
        let clock = self.clock(line);
        let month = &line.month;
        let terms = Terms {
            fees: self.desk.fees,
            currency: self.desk.agreement.currency,
            period: &line.period,
            month,
            at: line.at,
            is_breach: clock.is_some(),
            counts: Counts::Nothing,
            uptime: None,
            fields: None,
            calls: None,
        };
        let clause = self.clause(line);
        match (recover, clause) {
            (Recover::Amount(amount), _) => {
                let worked = terms.work(amount);
                Worked { value: worked.value.min(line.amount.clone()), ..worked }
            }
            (Recover::By(call), Some(clause)) => self.by_plugin(line, call, clause, clock, terms),
            (Recover::By(_), None) => Worked { value: Fraction::zero(), words: String::new() },
        }
    }

    fn by_plugin(
        &self,
        line: &Line,
        call: &PluginCall,
        clause: &Clause,
        clock: Option<Clock<'_>>,
        terms: Terms<'_>,
    ) -> Worked {
        let names = self.desk.facts.names;
        let tell = |call: &PluginCall| Told {
            of: format!("ticket {}", self.ticket.id),
            breaches: clock.and_then(|clock| asker::breach(&clock, names, call)).into_iter().collect(),
            ..Told::default()
        };
        let currency = self.desk.agreement.currency.map_or("", Currency::code).to_string();
        let credit = Money { amount: decimal(&line.amount), currency };
        let calls = Some(Calls { asker: self.desk.asker, clause, tell: &tell });
        Terms { calls, ..terms }.share_by_plugin(call, &credit, &line.amount)
    }

    /// The clause of a line, in the version that the line goes by, which need not be the ticket's.
    fn clause(&self, line: &Line) -> Option<&'a Clause> {
        let versions = self.desk.agreement.versions.iter().filter(|version| version.label == line.version);
        versions.flat_map(|version| &version.clauses).find(|clause| clause.name == line.clause)
    }

    /// The clock whose breach a line is for; none where it is for the whole ticket.
    fn clock(&self, line: &Line) -> Option<Clock<'a>> {
        let (metric, cycle) = (line.metric?, line.cycle?);
        clocks::of_ticket(self.version, self.ticket)
            .find(|clock| clock.outcome.metric == metric && clock.outcome.cycle == cycle)
    }

    /// What the supplier's own agreement yields for the ticket.
    fn owed_by(&self, supplier: &'a Supplier, lines: &[Line]) -> Vec<Share<'a>> {
        let mut by_month: BTreeMap<NaiveDate, Vec<&Line>> = BTreeMap::new();
        for line in lines.iter().filter(|line| line.kind == ClauseKind::Penalty) {
            if line.tickets.as_slice() == std::slice::from_ref(&self.ticket.id) {
                by_month.entry(self.desk.month(line.month.first_day).first_day).or_default().push(line);
            }
        }
        let days = self.costs.keys().chain(by_month.keys()).copied().collect::<BTreeSet<_>>();
        let shares = days.into_iter().map(|day| {
            let own = by_month.get(&day).map_or(&[] as &[&Line], Vec::as_slice);
            let because: Vec<String> = own
                .iter()
                .map(|line| format!("{} {}: {}", line.clause, line.reference().name(), line.because))
                .collect();
            let because = match because.is_empty() {
                true => "its own agreement yields nothing for this ticket".to_string(),
                false => because.join("; "),
            };
            self.share(supplier, day, sum(own.iter().map(|line| &line.amount)), because)
        });
        shares.collect()
    }

    fn share(&self, supplier: &'a Supplier, day: NaiveDate, recovered: Fraction, because: String) -> Share<'a> {
        let lines = self.costs.get(&day).map_or(&[] as &[&Line], Vec::as_slice);
        let paid = sum(lines.iter().map(|line| &line.amount));
        Share { month: self.desk.month(day), ticket: &self.ticket.id, supplier, paid, recovered, because }
    }
}

fn sum<'f>(amounts: impl Iterator<Item = &'f Fraction>) -> Fraction {
    amounts.fold(Fraction::zero(), |sum, amount| sum + amount)
}
