//! What changed, statement by statement, on each day from which something does.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::time::Instant;

use super::item::{self, Item};
use super::{Change, How, Side};

/// Every statement that the two sides do not say alike, in the order of the old side, each new one after what it follows.
///
/// Versions are set side by side by time: wherever one of the sides begins a version, what is then in force is compared.
pub fn changes(old: Side<'_>, new: Side<'_>) -> Vec<Change> {
    let begins: BTreeSet<Instant> =
        [old, new].iter().flat_map(|side| &side.agreement.versions).map(|version| version.from).collect();
    let shared = old.agreement.effective.span.and(new.agreement.effective.span);
    let mut told: Vec<Change> = Vec::new();
    let mut is_open: Vec<bool> = Vec::new();
    for (nth, begin) in begins.iter().enumerate() {
        let day = (nth > 0).then(|| begin.local(new.agreement.zone).date());
        let now = compare(&item::items(old, *begin, shared), &item::items(new, *begin, shared), day);
        for (change, open) in told.iter_mut().zip(&mut is_open) {
            if *open && !now.iter().any(|other| is_same(change, other)) {
                change.until = day;
                *open = false;
            }
        }
        for change in now {
            let known = told.iter().zip(&is_open).any(|(other, open)| *open && is_same(other, &change));
            if !known {
                told.push(change);
                is_open.push(true);
            }
        }
    }
    told
}

fn is_same(a: &Change, b: &Change) -> bool {
    (&a.what, a.how, &a.old, &a.new) == (&b.what, b.how, &b.old, &b.new)
}

/// The statements of two lists that differ.
fn compare(old: &[Item], new: &[Item], since: Option<NaiveDate>) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    let mut taken = vec![false; new.len()];
    for item in old {
        let partner = new.iter().zip(&mut taken).find(|(other, taken)| !**taken && other.what == item.what);
        let partner = partner.map(|(other, taken)| {
            *taken = true;
            other
        });
        changes.extend(change(Some(item), partner, since));
    }
    for (item, taken) in new.iter().zip(taken) {
        if !taken {
            changes.extend(change(None, Some(item), since));
        }
    }
    without_inherited(changes, old, new)
}

fn change(old: Option<&Item>, new: Option<&Item>, since: Option<NaiveDate>) -> Option<Change> {
    let what = old.or(new)?.what.clone();
    let wording = |item: Option<&Item>| item.map(|item| item.wording.clone());
    let words = |item: &Item| item.wording.lines.iter().map(|line| line.words.clone()).collect::<Vec<_>>();
    let sorted = |item: &Item| {
        let mut words = words(item);
        words.sort();
        words
    };
    let how = match (old, new) {
        (None, _) => How::Added,
        (_, None) => How::Removed,
        (Some(old), Some(new)) if words(old) == words(new) && old.stands_for == new.stands_for => return None,
        (Some(old), Some(new)) if words(old) == words(new) => How::Redefined,
        (Some(old), Some(new)) if sorted(old) == sorted(new) => How::Reordered,
        _ => How::Reworded,
    };
    Some(Change { what, how, since, until: None, old: wording(old), new: wording(new) })
}

/// A target that a priority has from `any` changes with it, and a reading with what it is of: neither is told again.
fn without_inherited(changes: Vec<Change>, old: &[Item], new: &[Item]) -> Vec<Change> {
    let from_any = |what: &str| {
        let mut items = old.iter().chain(new).filter(|item| item.what == what).peekable();
        let first = items.peek().and_then(|item| item.from.clone());
        items.all(|item| item.from.is_some()).then_some(first).flatten()
    };
    let told: BTreeSet<String> = changes.iter().map(|change| change.what.clone()).collect();
    let is_inherited = |change: &Change| from_any(&change.what).is_some_and(|any| told.contains(&any));
    changes.into_iter().filter(|change| !is_inherited(change) && !is_of_its_own_thing(change)).collect()
}

/// A reading that comes or goes with the tier, metric, service or cap that it is of.
fn is_of_its_own_thing(change: &Change) -> bool {
    let of = change.what.strip_prefix("reading: ").and_then(|reading| reading.split_once(" of "));
    let things = ["tier ", "metric ", "service ", "cap "];
    let comes_or_goes = matches!(change.how, How::Added | How::Removed);
    comes_or_goes && of.is_some_and(|(_, of)| things.iter().any(|thing| of.starts_with(thing)))
}
