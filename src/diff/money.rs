//! Settled amounts on both sides, added up in several ways. Every way comes to the same total.

use std::collections::BTreeMap;

use num_traits::Zero;

use crate::money::Fraction;
use crate::outcome::{Judged, Snapshot};
use crate::plan::Version;
use crate::plan::clause::ClauseKind;
use crate::statement::Line;

use super::{Amounts, Money, Settled};

/// What both sides come to.
pub fn amounts(old: Settled<'_>, new: Settled<'_>) -> Money {
    let (was, is) = (&old.statement.totals, &new.statement.totals);
    let totals = vec![
        ("penalties", was.penalties.clone(), is.penalties.clone()),
        ("incentives", was.incentives.clone(), is.incentives.clone()),
        ("recovered", was.recovered.clone(), is.recovered.clone()),
        ("net", was.net.clone(), is.net.clone()),
    ];
    let (before, after) = (Tickets::new(old), Tickets::new(new));
    Money {
        old_currency: was.currency,
        new_currency: is.currency,
        by_clause: by_clause(old, new),
        by_tier: sorted((old, new), |side, line| before_or_after(side, &before, &after).tier(line)),
        by_priority: sorted((old, new), |side, line| before_or_after(side, &before, &after).priority(line)),
        by_month: sorted((old, new), |_, line| line.month.label.clone()),
        totals,
    }
}

/// Which of the two sides a line is of.
#[derive(Debug, Clone, Copy)]
enum Which {
    Old,
    New,
}

fn before_or_after<'a, 'b>(which: Which, before: &'b Tickets<'a>, after: &'b Tickets<'a>) -> &'b Tickets<'a> {
    match which {
        Which::Old => before,
        Which::New => after,
    }
}

/// Every line of both sides, the old one's first.
fn lines<'a>(old: Settled<'a>, new: Settled<'a>) -> impl Iterator<Item = (Which, &'a Line)> {
    let of = |which, settled: Settled<'a>| settled.statement.ledger.iter().map(move |line| (which, line));
    of(Which::Old, old).chain(of(Which::New, new))
}

impl Amounts {
    fn add(&mut self, which: Which, amount: &Fraction) {
        match which {
            Which::Old => self.old += amount,
            Which::New => self.new += amount,
        }
    }

    fn nothing(name: String, kind: ClauseKind) -> Amounts {
        Amounts { name, mark: None, kind, old: Fraction::zero(), new: Fraction::zero() }
    }
}

fn by_clause(old: Settled<'_>, new: Settled<'_>) -> Vec<Amounts> {
    let mut rows: Vec<Amounts> = Vec::new();
    for settled in [old, new] {
        for clause in settled.side.agreement.versions.iter().flat_map(|version| &version.clauses) {
            if !rows.iter().any(|row| (row.kind, &row.name) == (clause.kind, &clause.name)) {
                rows.push(Amounts::nothing(clause.name.clone(), clause.kind));
            }
        }
    }
    for (which, line) in lines(old, new) {
        let place = rows.iter().position(|row| (row.kind, &row.name) == (line.kind, &line.clause));
        let place = place.unwrap_or(rows.len());
        if place == rows.len() {
            rows.push(Amounts::nothing(line.clause.clone(), line.kind));
        }
        if let Some(row) = rows.get_mut(place) {
            row.mark = line.place.mark.clone();
            row.add(which, &line.amount);
        }
    }
    rows.retain(|row| !row.old.is_zero() || !row.new.is_zero());
    rows
}

/// Amounts by a word for each line, in the order of words, penalties first.
fn sorted(sides: (Settled<'_>, Settled<'_>), name: impl Fn(Which, &Line) -> String) -> Vec<Amounts> {
    let mut rows: BTreeMap<(String, ClauseKind), Amounts> = BTreeMap::new();
    for (which, line) in lines(sides.0, sides.1).filter(|(_, line)| !line.amount.is_zero()) {
        let name = name(which, line);
        let row = rows.entry((name.clone(), line.kind));
        row.or_insert_with(|| Amounts::nothing(name, line.kind)).add(which, &line.amount);
    }
    rows.into_values().collect()
}

/// The tickets of one side by id.
struct Tickets<'a> {
    by_id: BTreeMap<&'a str, (&'a Judged, &'a Version)>,
}

impl<'a> Tickets<'a> {
    fn new(settled: Settled<'a>) -> Tickets<'a> {
        let versions = &settled.side.agreement.versions;
        let judged = settled.outcomes.tickets.iter();
        let by_id = judged.filter_map(|judged| Some((judged.id.as_str(), (judged, versions.get(judged.version)?))));
        Tickets { by_id: by_id.collect() }
    }

    fn tier(&self, line: &Line) -> String {
        self.shared(line, |version, snapshot| version.tier(snapshot.tier).map(|tier| tier.name.clone()))
    }

    fn priority(&self, line: &Line) -> String {
        self.shared(line, |version, snapshot| version.priority(snapshot.priority).map(str::to_string))
    }

    /// What all tickets behind a line have; `several` where they differ, `none` where they have nothing or there are none.
    fn shared(&self, line: &Line, of: impl Fn(&Version, &Snapshot) -> Option<String>) -> String {
        let mut found: Option<String> = None;
        for id in &line.tickets {
            let Some((judged, version)) = self.by_id.get(id.as_str()) else { continue };
            let name = of(version, snapshot(judged, line)).unwrap_or("none".to_string());
            match &found {
                Some(other) if *other != name => return "several".to_string(),
                _ => found = Some(name),
            }
        }
        found.unwrap_or("none".to_string())
    }
}

/// A ticket as it was at the breach that a line is for, else as last known.
fn snapshot<'a>(judged: &'a Judged, line: &Line) -> &'a Snapshot {
    let of = |clock: &&crate::outcome::Outcome| Some(clock.metric) == line.metric && Some(clock.cycle) == line.cycle;
    let at_breach = judged.clocks.iter().find(of).and_then(|clock| clock.at_breach.as_deref());
    at_breach.unwrap_or(&judged.last)
}
