//! How penalties of several clauses in one month come together.

use std::collections::BTreeMap;

use num_traits::Zero;

use crate::money::Fraction;
use crate::plan::clause::{Combine, CombinePart};

use super::desk::Desk;
use super::entry::one_ticket;

pub(super) fn combine(desk: &mut Desk<'_, '_>) {
    let all = 0..desk.now.len();
    match &desk.version.combine {
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
        Combine::Nested(part) => nested(desk, part),
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
    let paying = desk.entries.iter().find(|entry| entry.place == paid);
    let name = paying.map_or("", |entry| entry.clause.name.as_str()).to_string();
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

// -- nested

/// Of each choice only the part that is chosen is paid; clauses that no part names are paid.
fn nested(desk: &mut Desk<'_, '_>, part: &CombinePart) {
    let chosen = match part {
        CombinePart::Clause(_) => return,
        CombinePart::Sum(parts) => {
            parts.iter().for_each(|part| nested(desk, part));
            return;
        }
        CombinePart::Greatest(parts) => {
            let worth: Vec<Fraction> = parts.iter().map(|part| worth(desk, part)).collect();
            let best =
                (0..worth.len()).reduce(|best, next| if worth.get(best) < worth.get(next) { next } else { best });
            best.map(|best| (parts, best, "comes to most"))
        }
        CombinePart::First(parts) => {
            let paying = parts.iter().position(|part| !worth(desk, part).is_zero());
            paying.map(|paying| (parts, paying, "is the first that pays"))
        }
    };
    let Some((parts, chosen, why)) = chosen else { return };
    let Some(paid) = parts.get(chosen) else { return };
    let note = format!(", not paid: {} {why}", paid.words());
    for (_, part) in parts.iter().enumerate().filter(|(place, _)| *place != chosen) {
        drop_clauses(desk, part, &note);
    }
    nested(desk, paid);
}

/// What a part comes to.
fn worth(desk: &Desk<'_, '_>, part: &CombinePart) -> Fraction {
    match part {
        CombinePart::Clause(name) => {
            let lines = desk.entries.iter().zip(&desk.now).filter(|(entry, _)| entry.clause.name == *name);
            lines.fold(Fraction::zero(), |sum, (_, now)| sum + now)
        }
        CombinePart::Sum(parts) => parts.iter().fold(Fraction::zero(), |sum, part| sum + worth(desk, part)),
        CombinePart::Greatest(parts) => parts.iter().map(|part| worth(desk, part)).max().unwrap_or_else(Fraction::zero),
        CombinePart::First(parts) => {
            let mut worths = parts.iter().map(|part| worth(desk, part));
            worths.find(|worth| !worth.is_zero()).unwrap_or_else(Fraction::zero)
        }
    }
}

fn drop_clauses(desk: &mut Desk<'_, '_>, part: &CombinePart, note: &str) {
    match part {
        CombinePart::Clause(name) => {
            for at in 0..desk.now.len() {
                if desk.entries.get(at).is_some_and(|entry| entry.clause.name == *name) {
                    desk.drop_line(at, note);
                }
            }
        }
        CombinePart::Sum(parts) | CombinePart::Greatest(parts) | CombinePart::First(parts) => {
            parts.iter().for_each(|part| drop_clauses(desk, part, note));
        }
    }
}
