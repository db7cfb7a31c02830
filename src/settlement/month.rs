//! One month settled: clause caps, combination, caps over all penalties, minimum payouts, rounding.

use std::collections::{BTreeMap, BTreeSet};

use num_traits::{One, Zero};

use crate::money::{Fraction, in_words};
use crate::plan::Agreement;
use crate::plan::clause::{Amount, CapScope, ClauseKind, Period, Subject, Threshold};
use crate::statement::{Extension, Line, PeriodSpan};
use crate::time::Instant;

use super::amount::{Counts, Terms};
use super::charge::{self, Charges, LookBack};
use super::claim::Claimed;
use super::combine;
use super::desk::{Carried, Desk};
use super::entry::{Entry, Other, one_ticket};
use super::extension;
use super::fee::Fees;
use super::order::{self, Order};
use super::period::Cutter;
use super::points;
use super::rounding::{Ceiling, spread};
use super::threshold;

/// What a cap is used up by: whose it is, and the ticket or period it is shared over.
type CapKey = (String, String);

/// The months settled so far. A longer cap leaves each month what earlier months, as rounded, have not used.
#[derive(Debug, Clone)]
pub(super) struct Months<'a> {
    pub agreement: &'a Agreement,
    pub fees: Fees<'a>,
    pub cutter: Cutter,
    order: &'a Order<'a>,
    used: BTreeMap<CapKey, Fraction>,
    pub charges: Charges,
    claimed: Claimed<'a>,
    /// Longer terms so far.
    pub extensions: Vec<Extension>,
    /// What caps cut that carry over, and no later month has paid.
    carried: Vec<Carried<'a>>,
    are_points: bool,
}

impl<'a> Months<'a> {
    pub fn new(
        agreement: &'a Agreement,
        fees: Fees<'a>,
        cutter: Cutter,
        order: &'a Order<'a>,
        claimed: Claimed<'a>,
    ) -> Months<'a> {
        let (used, charges) = (BTreeMap::new(), Charges::default());
        let (extensions, carried) = (Vec::new(), Vec::new());
        Months { agreement, fees, cutter, order, used, charges, claimed, extensions, carried, are_points: false }
    }

    /// Those of clauses that yield points: these have caps of their own, and nothing else of a settlement of money.
    pub fn of_points(self) -> Months<'a> {
        Months { are_points: true, ..self }
    }

    /// Settles a month's entries, which are in file order; months come in time order, each once.
    pub fn settle(&mut self, month: &PeriodSpan, entries: Vec<Entry<'a>>) -> Vec<Line> {
        self.settle_entries(month, entries).into_iter().map(|entry| entry.line).collect()
    }

    /// The entries themselves, as settled.
    pub fn settle_entries(&mut self, month: &PeriodSpan, entries: Vec<Entry<'a>>) -> Vec<Entry<'a>> {
        let versions = &self.agreement.versions;
        let place = self.agreement.version_of(month.span);
        let Some(version) = versions.get(place) else { return Vec::new() };
        // A version that pays nothing any more may not say how what earlier ones owe is rounded.
        let rounding = versions.iter().take(place + 1).rev().find_map(|version| version.rounding.as_ref());
        let rounding = rounding.filter(|_| !self.are_points);
        let entries = self.chosen(entries);
        let entries = self.without_terms(entries);
        let (penalties, incentives): (Vec<Entry<'a>>, Vec<Entry<'a>>) =
            entries.into_iter().partition(|entry| entry.clause.kind == ClauseKind::Penalty);
        let desk = |entries| Desk::new(month, version, rounding, entries);
        let mut settled = self.settle_kind(desk(penalties), ClauseKind::Penalty);
        settled.extend(self.settle_kind(desk(incentives), ClauseKind::Incentive));
        settled.sort_by_key(|entry| entry.place);
        self.note_charges(month, &settled);
        settled
    }

    /// Of each figure's entries the first that holds, now that the months before are settled.
    fn chosen(&mut self, entries: Vec<Entry<'a>>) -> Vec<Entry<'a>> {
        let mut taken = BTreeSet::new();
        let mut chosen = Vec::new();
        for mut entry in entries {
            let is_taken = entry.figure.is_some_and(|figure| taken.contains(&figure));
            if is_taken || !self.was_charged(&mut entry) {
                continue;
            }
            taken.extend(entry.figure);
            if self.earns_something(&mut entry) {
                chosen.push(entry);
            }
        }
        chosen
    }

    /// Whether the penalty that an entry waits for was charged; one that waits for none does not ask.
    fn was_charged(&self, entry: &mut Entry<'a>) -> bool {
        let Some((months, penalty)) = entry.after else { return true };
        let charges = self.charges.before(penalty, Some(months), &entry.line.period);
        if !charges.is_empty() && !matches!(entry.other, Some(Other::Back(_))) {
            let told = charge::in_order(&charges, self.agreement.currency);
            entry.line.because.push_str(&format!(", penalty {penalty} came to {told}"));
        }
        !charges.is_empty()
    }

    /// Works out what an entry earns back; false where nothing is left for it. One that earns nothing back does not ask.
    fn earns_something(&mut self, entry: &mut Entry<'a>) -> bool {
        let Some(Other::Back(back)) = entry.other else { return true };
        let look_back = LookBack { months: entry.after.map(|(months, _)| months), period: entry.line.period.clone() };
        let currency = self.agreement.currency;
        let earned = self.charges.earn_back(&entry.clause.name, back, &entry.line.computed, &look_back, currency);
        let Some(earned) = earned else { return false };
        entry.line.because.push_str(&earned.words);
        entry.line.computed = earned.asked;
        entry.limit = Some(earned.limit);
        true
    }

    /// Takes longer terms out: they are no money.
    fn without_terms(&mut self, entries: Vec<Entry<'a>>) -> Vec<Entry<'a>> {
        let mut money = Vec::new();
        for entry in entries {
            let Some(Other::Term(term)) = entry.other else {
                money.push(entry);
                continue;
            };
            let last = match self.extensions.last() {
                Some(before) => before.ends,
                None => self.agreement.effective.last,
            };
            self.extensions.push(extension::of_line(entry.line, term, last));
        }
        money
    }

    /// What was charged and what came back, as settled.
    fn note_charges(&mut self, month: &PeriodSpan, settled: &[Entry<'a>]) {
        self.charges.free();
        for entry in settled {
            if let Some(Other::Back(back)) = entry.other {
                let months = entry.after.map(|(months, _)| months);
                let look_back = LookBack { months, period: entry.line.period.clone() };
                self.charges.give_back(&back.penalty, &look_back, &entry.line.amount);
            }
        }
        self.charges.note(month, settled.iter().map(|entry| &entry.line));
    }

    fn settle_kind(&mut self, mut desk: Desk<'_, 'a>, kind: ClauseKind) -> Vec<Entry<'a>> {
        let is_penalty = kind == ClauseKind::Penalty && !self.are_points;
        if !self.are_points {
            self.unclaimed(&mut desk);
        }
        self.bounds(&mut desk);
        self.clause_caps(&mut desk);
        desk.keep(|line| &mut line.after_clause_cap);
        if is_penalty {
            combine::combine(&mut desk);
        }
        desk.keep(|line| &mut line.after_combine);
        if is_penalty {
            self.take_carried(&mut desk);
            self.caps(&mut desk);
        }
        desk.keep(|line| &mut line.after_caps);
        if is_penalty {
            self.thresholds(&mut desk);
        }
        desk.keep(|line| &mut line.after_threshold);
        if let Some(rounding) = desk.rounding {
            desk.now = spread(&desk.now, rounding, &desk.ceilings);
        }
        desk.keep(|line| &mut line.amount);
        self.note_use(&desk);
        self.carried.extend(desk.carried_over());
        // What is carried on whole is told when it is paid.
        desk.entries.retain(|entry| !entry.is_carried || !entry.line.after_caps.is_zero());
        desk.entries
    }

    /// Whether something that was cut is owed in a later month.
    pub fn carries(&self) -> bool {
        !self.carried.is_empty()
    }

    /// Forgets what earlier months carried over.
    pub fn carry_nothing(&mut self) {
        self.carried.clear();
    }

    /// Adds what earlier months carried over: it is owed before the caps over all penalties.
    fn take_carried(&mut self, desk: &mut Desk<'_, 'a>) {
        for carried in std::mem::take(&mut self.carried) {
            desk.add(carried.entry(desk.month, self.agreement.currency));
        }
    }

    fn thresholds(&self, desk: &mut Desk<'_, 'a>) {
        let amount = |threshold: &Threshold| self.worth(desk.month, &threshold.amount, desk.month, None);
        let version = desk.version;
        let above = version.pay_only_above.as_ref().map(|threshold| (amount(threshold), &threshold.place.words));
        let least = version.raise_to.as_ref().map(|threshold| (amount(threshold), &threshold.place.words));
        if let Some((above, words)) = above {
            threshold::pay_only_above(desk, &above, words, self.agreement.currency);
        }
        if let Some((least, words)) = least {
            threshold::raise_to(desk, &least, words, self.agreement.currency);
        }
    }

    // -- caps

    /// What had to be claimed and was not pays nothing, and uses up no cap.
    fn unclaimed(&self, desk: &mut Desk<'_, 'a>) {
        for at in 0..desk.now.len() {
            let verdict = desk.entries.get(at).and_then(|entry| self.claimed.verdict(entry));
            match verdict {
                Some((true, note)) => desk.drop_line(at, &note),
                Some((false, note)) => desk.scale(at, &Fraction::one(), &note),
                None => {}
            }
        }
    }

    /// No more is earned back than was charged and has not come back yet.
    fn bounds(&self, desk: &mut Desk<'_, 'a>) {
        for at in 0..desk.now.len() {
            let Some(limit) = desk.entries.get(at).and_then(|entry| entry.limit.clone()) else { continue };
            let left = desk.rounding.map_or(limit.clone(), |rounding| rounding.down(&limit));
            let words = "no more than was charged and has not come back yet";
            if let Some(asked) = desk.now.get(at).filter(|asked| left < **asked).cloned() {
                let note = self.cut_words(words, &left, &Fraction::zero(), 1);
                desk.scale(at, &(&left / asked), &note);
            }
            desk.ceilings.push(Ceiling { members: vec![at], left });
        }
    }

    /// A cap per ticket or outage is that of its version of the clause, one over a period that of the month's.
    fn clause_caps(&self, desk: &mut Desk<'_, 'a>) {
        let places: BTreeSet<usize> = desk.entries.iter().map(|entry| entry.place).collect();
        for place in places {
            for scope in self.order.scopes(place) {
                let of_clause = |at: &usize| desk.entries.get(*at).is_some_and(|entry| entry.place == place);
                let members = (0..desk.entries.len()).filter(of_clause);
                for (key, members) in grouped(&desk.entries[..], members, |entry| self.clause_cap_key(entry, scope)) {
                    for (limit, words) in self.clause_limits(desk, scope, &members) {
                        self.cut(desk, key.clone(), members.clone(), limit, words);
                    }
                }
            }
        }
    }

    /// What the caps of a clause over `scope` come to for lines that share them, each with its words.
    fn clause_limits(&self, desk: &Desk<'_, 'a>, scope: CapScope, members: &[usize]) -> Vec<(Fraction, &'a str)> {
        let Some(first) = members.first().and_then(|at| desk.entries.get(*at)) else { return Vec::new() };
        let (clause, span, breach) = match scope {
            CapScope::Breach | CapScope::Ticket | CapScope::Outage => {
                (first.clause, first.line.period.clone(), breached_at(first))
            }
            CapScope::Per(period) => {
                let clause = order::in_version(desk.version, first.clause).unwrap_or(first.clause);
                (clause, self.cutter.at(period, first.settles_at), None)
            }
        };
        let caps = clause.caps.iter().filter(|cap| cap.scope == scope);
        caps.map(|cap| (self.limit(desk, &cap.amount, &span, breach), cap.place.words.as_str())).collect()
    }

    fn caps(&self, desk: &mut Desk<'_, 'a>) {
        for cap in &desk.version.caps {
            let key = |entry: &Entry<'a>| penalty_cap_key(&self.cutter, cap.per, entry);
            for (key, members) in grouped(&desk.entries[..], 0..desk.entries.len(), key) {
                let Some(first) = members.first().and_then(|at| desk.entries.get(*at)) else { continue };
                let span = self.cutter.at(cap.per, first.settles_at);
                let limit = self.limit(desk, &cap.amount, &span, None);
                let before = desk.now.clone();
                self.cut(desk, key, members, limit, &cap.place.words);
                if cap.carried {
                    desk.carry(&before, &cap.place.words);
                }
            }
        }
    }

    /// A cap's amount, rounded down to the unit: of what is owed for its period or, where it is one breach's, for that.
    fn limit(&self, desk: &Desk<'_, 'a>, amount: &Amount, span: &PeriodSpan, breach: Option<Instant>) -> Fraction {
        let value = self.worth(desk.month, amount, span, breach);
        desk.rounding.map_or(value.clone(), |rounding| rounding.down(&value))
    }

    /// What an amount without a unit is worth for a period, as far as it is known when `month` is settled.
    fn worth(&self, month: &PeriodSpan, amount: &Amount, span: &PeriodSpan, breach: Option<Instant>) -> Fraction {
        let terms = Terms {
            fees: self.fees.known_by(month),
            currency: self.agreement.currency,
            period: span,
            month,
            at: breach.unwrap_or(span.span.start),
            is_breach: breach.is_some(),
            counts: Counts::Nothing,
            uptime: None,
            fields: None,
            calls: None,
        };
        terms.work(amount).value
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
        let told = |value: &Fraction| {
            if self.are_points { points::words(value) } else { in_words(value, self.agreement.currency) }
        };
        let mut note = format!(", {words} = {}", told(limit));
        if !used.is_zero() {
            note.push_str(&format!(" less {} used before", told(used)));
        }
        if lines > 1 {
            note.push_str(&format!(", shared over {lines} lines"));
        }
        note
    }

    fn clause_cap_key(&self, entry: &Entry<'a>, scope: CapScope) -> CapKey {
        let what = match (scope, &entry.clause.subject) {
            (CapScope::Per(period), _) => self.cutter.at(period, entry.settles_at).label,
            (CapScope::Ticket, _) if let Some(ticket) = one_ticket(entry) => format!("ticket {ticket}"),
            (CapScope::Outage, Subject::EachOutage { .. }) => format!("outage {}", entry.line.at),
            // Of one breach, of many tickets, or of none: capped by itself.
            _ => format!("{} {} {:?}", entry.line.at, entry.line.tickets.concat(), entry.line.cycle),
        };
        (order::whose(entry.clause), what)
    }

    fn note_use(&mut self, desk: &Desk<'_, 'a>) {
        let all_caps = self.agreement.versions.iter().flat_map(|version| &version.caps);
        let periods: BTreeSet<Period> = all_caps.map(|cap| cap.per).collect();
        for (entry, cut) in desk.entries.iter().zip(&desk.carried) {
            if entry.clause.kind == ClauseKind::Penalty {
                let keys = periods.iter().map(|period| penalty_cap_key(&self.cutter, *period, entry));
                keys.for_each(|key| use_up(&mut self.used, key, &entry.line.amount));
            }
            // A clause's own cap is used up by what is carried over, and so not again when that is paid.
            let of_clause = if entry.is_carried { Fraction::zero() } else { &entry.line.amount + &cut.amount };
            for scope in self.order.scopes(entry.place) {
                let key = self.clause_cap_key(entry, scope);
                use_up(&mut self.used, key, &of_clause);
            }
        }
    }
}

fn use_up(used: &mut BTreeMap<CapKey, Fraction>, key: CapKey, amount: &Fraction) {
    if !amount.is_zero() {
        *used.entry(key).or_insert_with(Fraction::zero) += amount;
    }
}

/// When the breach was that an entry is for.
fn breached_at(entry: &Entry<'_>) -> Option<Instant> {
    matches!(entry.clause.subject, Subject::EachBreach { .. }).then_some(entry.line.at)
}

fn penalty_cap_key(cutter: &Cutter, period: Period, entry: &Entry<'_>) -> CapKey {
    (format!("penalties per {}", period.words()), cutter.at(period, entry.settles_at).label)
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
