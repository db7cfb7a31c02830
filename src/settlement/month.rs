//! One month settled: clause caps, combination, caps over all penalties, rounding.

use std::collections::{BTreeMap, BTreeSet};

use num_traits::Zero;

use crate::money::{Fraction, in_words};
use crate::plan::clause::{Amount, CapScope, ClauseKind, Combine, Period, Subject};
use crate::plan::{Agreement, Version};
use crate::statement::{Line, PeriodSpan};
use crate::time::Instant;

use super::amount::{Counts, Terms};
use super::entry::Entry;
use super::fee::Fees;
use super::figure::version_at;
use super::period::Cutter;
use super::rounding::{Ceiling, spread};

/// What a cap is used up by: whose it is, and the ticket or period it is shared over.
type CapKey = (String, String);

/// The months settled so far. A longer cap leaves each month what earlier months, as rounded, have not used.
#[derive(Debug, Clone)]
pub(super) struct Months<'a> {
    pub agreement: &'a Agreement,
    pub fees: Fees<'a>,
    pub cutter: Cutter,
    used: BTreeMap<CapKey, Fraction>,
}

/// The entries of one month and kind, on their way through the settlement.
struct Desk<'e, 'a> {
    month: &'e PeriodSpan,
    version: &'a Version,
    entries: &'e mut [Entry<'a>],
    /// What each entry comes to at this stage.
    now: Vec<Fraction>,
    ceilings: Vec<Ceiling>,
}

impl<'a> Months<'a> {
    pub fn new(agreement: &'a Agreement, fees: Fees<'a>, cutter: Cutter) -> Months<'a> {
        Months { agreement, fees, cutter, used: BTreeMap::new() }
    }

    /// Settles a month's entries, which are in file order; months come in time order, each once.
    pub fn settle(&mut self, month: &PeriodSpan, entries: Vec<Entry<'a>>) -> Vec<Line> {
        let Some(version) = self.agreement.versions.get(version_at(self.agreement, month.span.start)) else {
            return Vec::new();
        };
        let (mut penalties, mut incentives): (Vec<Entry<'a>>, Vec<Entry<'a>>) =
            entries.into_iter().partition(|entry| entry.clause.kind == ClauseKind::Penalty);
        self.settle_kind(month, version, &mut penalties);
        self.settle_kind(month, version, &mut incentives);
        let mut settled: Vec<Entry<'a>> = penalties.into_iter().chain(incentives).collect();
        settled.sort_by_key(|entry| entry.place);
        settled.into_iter().map(|entry| entry.line).collect()
    }

    fn settle_kind(&mut self, month: &PeriodSpan, version: &'a Version, entries: &mut [Entry<'a>]) {
        let now = entries.iter().map(|entry| entry.line.computed.clone()).collect();
        let mut desk = Desk { month, version, entries, now, ceilings: Vec::new() };
        self.clause_caps(&mut desk);
        desk.keep(|line| &mut line.after_clause_cap);
        let are_penalties = desk.entries.first().is_some_and(|entry| entry.clause.kind == ClauseKind::Penalty);
        if are_penalties {
            combine(&mut desk);
        }
        desk.keep(|line| &mut line.after_combine);
        if are_penalties {
            self.caps(&mut desk);
        }
        desk.keep(|line| &mut line.after_caps);
        desk.keep(|line| &mut line.after_threshold);
        if let Some(rounding) = &version.rounding {
            desk.now = spread(&desk.now, rounding, &desk.ceilings);
        }
        desk.keep(|line| &mut line.amount);
        self.note_use(&desk);
    }

    // -- caps

    fn clause_caps(&self, desk: &mut Desk<'_, 'a>) {
        let names: BTreeSet<(usize, &str)> =
            desk.entries.iter().map(|entry| (entry.place, entry.clause.name.as_str())).collect();
        for (place, name) in names {
            let of_clause = |entry: &Entry<'_>| entry.place == place && entry.clause.name == name;
            let Some(clause) = desk.entries.iter().find(|entry| of_clause(entry)).map(|entry| entry.clause) else {
                continue;
            };
            for (number, cap) in clause.caps.iter().enumerate() {
                let members = (0..desk.entries.len()).filter(|at| desk.entries.get(*at).is_some_and(of_clause));
                let key = |entry: &Entry<'a>| self.clause_cap_key(entry, number, cap.scope);
                for (key, members) in grouped(&desk.entries[..], members, key) {
                    let Some(first) = members.first().and_then(|at| desk.entries.get(*at)) else { continue };
                    let (span, breach) = match cap.scope {
                        CapScope::Ticket | CapScope::Outage => (first.line.period.clone(), breached_at(first)),
                        CapScope::Per(period) => (self.cutter.at(period, first.settles_at), None),
                    };
                    let limit = self.limit(desk, &cap.amount, &span, breach);
                    self.cut(desk, key, members, limit, &cap.place.words);
                }
            }
        }
    }

    fn caps(&self, desk: &mut Desk<'_, 'a>) {
        for cap in &desk.version.caps {
            let key = |entry: &Entry<'a>| penalty_cap_key(&self.cutter, cap.per, entry);
            for (key, members) in grouped(&desk.entries[..], 0..desk.entries.len(), key) {
                let Some(first) = members.first().and_then(|at| desk.entries.get(*at)) else { continue };
                let span = self.cutter.at(cap.per, first.settles_at);
                let limit = self.limit(desk, &cap.amount, &span, None);
                self.cut(desk, key, members, limit, &cap.place.words);
            }
        }
    }

    /// A cap's amount, rounded down to the unit: of what is owed for its period or, where it is one breach's, for that.
    fn limit(&self, desk: &Desk<'_, 'a>, amount: &Amount, span: &PeriodSpan, breach: Option<Instant>) -> Fraction {
        let terms = Terms {
            fees: self.fees,
            currency: self.agreement.currency,
            period: span,
            month: desk.month,
            at: breach.unwrap_or(span.span.start),
            is_breach: breach.is_some(),
            counts: Counts::Nothing,
            uptime: None,
            fields: None,
        };
        let value = terms.work(amount).value;
        desk.version.rounding.as_ref().map_or(value.clone(), |rounding| rounding.down(&value))
    }

    /// Shares what is left of a cap over its lines, in proportion to what they ask for.
    fn cut(&self, desk: &mut Desk<'_, 'a>, key: CapKey, members: Vec<usize>, limit: Fraction, words: &str) {
        let used = self.used.get(&key).cloned().unwrap_or_else(Fraction::zero);
        let left = (&limit - &used).max(Fraction::zero());
        let asked = members.iter().filter_map(|at| desk.now.get(*at)).fold(Fraction::zero(), |sum, part| sum + part);
        if left < asked {
            let note = self.cut_words(words, &limit, &used, members.len());
            for at in &members {
                desk.scale(*at, &(&left / &asked), &note);
            }
        }
        desk.ceilings.push(Ceiling { members, left });
    }

    fn cut_words(&self, words: &str, limit: &Fraction, used: &Fraction, lines: usize) -> String {
        let currency = self.agreement.currency;
        let mut note = format!(", {words} = {}", in_words(limit, currency));
        if !used.is_zero() {
            note.push_str(&format!(" less {} used before", in_words(used, currency)));
        }
        if lines > 1 {
            note.push_str(&format!(", shared over {lines} lines"));
        }
        note
    }

    fn clause_cap_key(&self, entry: &Entry<'a>, number: usize, scope: CapScope) -> CapKey {
        let whose = format!("{} {number}", entry.clause.name);
        let what = match (scope, &entry.clause.subject) {
            (CapScope::Per(period), _) => self.cutter.at(period, entry.settles_at).label,
            (CapScope::Ticket, _) if let Some(ticket) = one_ticket(entry) => format!("ticket {ticket}"),
            (CapScope::Outage, Subject::EachOutage { .. }) => format!("outage {}", entry.line.at),
            // Of many tickets, or none: capped by itself.
            _ => format!("{} {} {:?}", entry.line.at, entry.line.tickets.concat(), entry.line.cycle),
        };
        (whose, what)
    }

    fn note_use(&mut self, desk: &Desk<'_, 'a>) {
        let all_caps = self.agreement.versions.iter().flat_map(|version| &version.caps);
        let periods: BTreeSet<Period> = all_caps.map(|cap| cap.per).collect();
        for entry in desk.entries.iter().filter(|entry| !entry.line.amount.is_zero()) {
            let caps = entry.clause.caps.iter().enumerate();
            let mut keys: Vec<CapKey> = caps.map(|(at, cap)| self.clause_cap_key(entry, at, cap.scope)).collect();
            if entry.clause.kind == ClauseKind::Penalty {
                keys.extend(periods.iter().map(|period| penalty_cap_key(&self.cutter, *period, entry)));
            }
            for key in keys {
                let used = self.used.entry(key).or_insert_with(Fraction::zero);
                *used += &entry.line.amount;
            }
        }
    }
}

/// The ticket that an entry is for; none where it is for a figure or an outage.
fn one_ticket<'e>(entry: &'e Entry<'_>) -> Option<&'e str> {
    let single = matches!(entry.clause.subject, Subject::EachBreach { .. } | Subject::EachTicket { .. });
    entry.line.tickets.first().filter(|_| single).map(String::as_str)
}

/// When the breach was that an entry is for.
fn breached_at(entry: &Entry<'_>) -> Option<Instant> {
    matches!(entry.clause.subject, Subject::EachBreach { .. }).then_some(entry.line.at)
}

fn penalty_cap_key(cutter: &Cutter, period: Period, entry: &Entry<'_>) -> CapKey {
    (format!("penalties per {}", period.word()), cutter.at(period, entry.settles_at).label)
}

/// Entries that share a cap, by what it is shared over.
fn grouped<'a>(
    entries: &[Entry<'a>],
    members: impl Iterator<Item = usize>,
    key: impl Fn(&Entry<'a>) -> CapKey,
) -> BTreeMap<CapKey, Vec<usize>> {
    let mut groups: BTreeMap<CapKey, Vec<usize>> = BTreeMap::new();
    for at in members {
        if let Some(entry) = entries.get(at) {
            groups.entry(key(entry)).or_default().push(at);
        }
    }
    groups
}

impl Desk<'_, '_> {
    /// Writes the amounts of this stage into the lines.
    fn keep(&mut self, stage: fn(&mut Line) -> &mut Fraction) {
        for (entry, now) in self.entries.iter_mut().zip(&self.now) {
            stage(&mut entry.line).clone_from(now);
        }
    }

    fn scale(&mut self, at: usize, factor: &Fraction, note: &str) {
        let (Some(now), Some(entry)) = (self.now.get_mut(at), self.entries.get_mut(at)) else { return };
        if !now.is_zero() {
            *now *= factor;
            entry.line.because.push_str(note);
        }
    }

    fn drop_line(&mut self, at: usize, note: &str) {
        self.scale(at, &Fraction::zero(), note);
    }

    /// What the lines of each clause come to together, in file order.
    fn by_clause(&self, members: impl Iterator<Item = usize>) -> Vec<(usize, Fraction)> {
        let mut sums: BTreeMap<usize, Fraction> = BTreeMap::new();
        for at in members {
            if let (Some(entry), Some(now)) = (self.entries.get(at), self.now.get(at)) {
                *sums.entry(entry.place).or_insert_with(Fraction::zero) += now;
            }
        }
        sums.into_iter().collect()
    }
}

// -- combination

fn combine(desk: &mut Desk<'_, '_>) {
    let all = 0..desk.now.len();
    match desk.version.combine {
        Combine::Sum => {}
        Combine::Greatest => pay_only(desk, all.collect(), greatest, "only the clause that pays most is paid"),
        Combine::First => pay_only(desk, all.collect(), first, "only the first clause that pays is paid"),
        Combine::GreatestPerTicket => {
            let mut by_ticket: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for (at, entry) in desk.entries.iter().enumerate() {
                if let Some(ticket) = one_ticket(entry) {
                    by_ticket.entry(ticket.to_string()).or_default().push(at);
                }
            }
            for members in by_ticket.into_values() {
                pay_only(desk, members, greatest, "only the clause that pays most on this ticket is paid");
            }
        }
    }
}

/// Of some lines, only those of the clause that `choose` picks are paid.
fn pay_only(
    desk: &mut Desk<'_, '_>,
    members: Vec<usize>,
    choose: fn(&[(usize, Fraction)]) -> Option<usize>,
    why: &str,
) {
    let Some(paid) = choose(&desk.by_clause(members.iter().copied())) else { return };
    let name = desk.version.clauses.get(paid).map_or("", |clause| clause.name.as_str()).to_string();
    for at in members {
        if desk.entries.get(at).is_some_and(|entry| entry.place != paid) {
            desk.drop_line(at, &format!(", not paid: {why} (`{name}`)"));
        }
    }
}

/// The clause that pays most; of equals the first in the file.
fn greatest(sums: &[(usize, Fraction)]) -> Option<usize> {
    let best = sums.iter().reduce(|best, next| if best.1 < next.1 { next } else { best });
    best.map(|(place, _)| *place)
}

/// The first clause that pays anything.
fn first(sums: &[(usize, Fraction)]) -> Option<usize> {
    sums.iter().find(|(_, sum)| !sum.is_zero()).map(|(place, _)| *place)
}
