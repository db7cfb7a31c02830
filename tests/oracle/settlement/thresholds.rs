//! Minimum payouts: what is too little is not paid, and what is paid is raised to a least amount.

use klausel::money::{Fraction, whole};
use klausel::plan::clause::ClauseKind;

use super::amounts::Thing;
use super::entries::Entry;
use super::figures::Ground;
use super::months::Limit;
use super::periods::Span;

impl Ground<'_> {
    /// For the penalties of a month together.
    pub fn thresholds(&self, month: &Span, lines: &mut [Entry], limits: &[Limit]) {
        let penalties: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].kind == ClauseKind::Penalty).collect();
        let of_month = Thing::of(*month, *month);
        if let Some(threshold) = &self.version.pay_only_above
            && sum(lines, &penalties) <= self.amount(&threshold.amount, &of_month)
        {
            penalties.iter().for_each(|at| lines[*at].after_threshold = whole(0));
        }
        if let Some(threshold) = &self.version.raise_to {
            raise(lines, penalties, limits, &self.amount(&threshold.amount, &of_month));
        }
    }
}

fn sum(lines: &[Entry], places: &[usize]) -> Fraction {
    places.iter().map(|at| &lines[*at].after_threshold).sum()
}

/// Raises lines in proportion, as far as caps allow: those that reach one stay there, the others carry the rest.
fn raise(lines: &mut [Entry], places: Vec<usize>, limits: &[Limit], least: &Fraction) {
    let mut growing: Vec<usize> = places.iter().copied().filter(|at| whole(0) < lines[*at].after_threshold).collect();
    loop {
        let (all, moving) = (sum(lines, &places), sum(lines, &growing));
        if growing.is_empty() || *least <= all {
            return;
        }
        // By how much the growing lines may grow under each cap that holds one of them.
        let room = |limit: &Limit| {
            let own: Vec<usize> = growing.iter().copied().filter(|at| limit.lines.contains(at)).collect();
            let share = sum(lines, &own);
            (!own.is_empty()).then(|| (&limit.left - sum(lines, &limit.lines) + &share) / share)
        };
        let rooms: Vec<Option<Fraction>> = limits.iter().map(room).collect();
        let wanted = (least - &all + &moving) / &moving;
        let factor = rooms.iter().flatten().cloned().chain([wanted]).min().unwrap();
        growing.iter().for_each(|at| lines[*at].after_threshold *= &factor);
        for (limit, room) in limits.iter().zip(rooms) {
            if room == Some(factor.clone()) {
                growing.retain(|at| !limit.lines.contains(at));
            }
        }
    }
}
