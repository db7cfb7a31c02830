//! Amendments: what they may change, and days for which two of them say something, or none where one should.

use chrono::NaiveDate;

use crate::ast::{self, Amendment, Name, Statement, StatementKind};
use crate::diagnostic::Diagnostic;
use crate::resolver::{Agreement, Root, amendments, changed, fixed, line};
use crate::source::Span;

use super::Checker;
use super::agreement::currency_codes;

/// Two seasons that lie no more days apart than this are taken for neighbours.
const NEIGHBOURS: i64 = 7;

/// What an amendment changes: kind and name, then metric and priority where it reaches that far; and where it says so.
type Change = (Vec<String>, Span);

impl Checker {
    pub(super) fn amendments(&mut self, root: &Root, agreement: &Agreement) {
        if let Some(declared) = root.scope.agreement(&agreement.name.value) {
            // Files that are only used are not looked at for themselves.
            let used = line(&root.scope, declared).into_iter().filter(|above| above.span.file != root.file);
            used.chain([declared]).for_each(|declared| self.amendments_of(declared));
            self.never_in_force(declared, agreement);
        }
        self.currency_stays(agreement);
    }

    /// Templates are not checked as a whole; what is wrong between their amendments is told where it stands.
    pub(super) fn amendments_of_templates(&mut self, root: &Root) {
        let own = root.scope.agreements.iter().filter(|declared| declared.span.file == root.file);
        own.filter(|declared| declared.is_template).for_each(|declared| self.amendments_of(declared));
    }

    fn amendments_of(&mut self, declared: &ast::Agreement) {
        let mut all: Vec<(&Statement, &Amendment)> = amendments(declared).collect();
        for statement in all.iter().flat_map(|(_, amendment)| &amendment.statements) {
            self.can_be_amended(statement);
        }
        all.sort_by_key(|(_, amendment)| amendment.first);
        for (place, (_, later)) in all.iter().enumerate() {
            for (_, earlier) in all.iter().take(place) {
                self.overlap(earlier, later);
            }
            let before = all.iter().take(place).map(|(_, amendment)| *amendment);
            self.gap(before.filter_map(|amendment| Some((amendment.last?, amendment))).collect(), later);
        }
    }

    fn can_be_amended(&mut self, statement: &Statement) {
        let Some(subject) = fixed(statement) else { return };
        if subject == "amend" {
            let help = "take it out of the other one's braces";
            self.error("not_amendable", statement.head, "an amendment stands in an agreement, not in another", help);
            return;
        }
        let message = format!("no amendment can change `{subject}`: it holds for all the time of an agreement");
        let help = "change it in the agreement itself, or let this one end, and begin another that `extends` it";
        self.error("not_amendable", statement.head, message, help);
    }

    // -- days

    /// Two amendments that change one statement for the same days. One that holds on gives way to a later one, and to a
    /// season that begins no earlier.
    fn overlap(&mut self, earlier: &Amendment, later: &Amendment) {
        let begins_inside = earlier.last.is_some_and(|last| later.first <= last);
        let clash = match (earlier.last, later.last) {
            (None, None) => earlier.first == later.first,
            (None, Some(_)) => false,
            (Some(_), None) => begins_inside && earlier.first < later.first,
            (Some(_), Some(_)) => begins_inside,
        };
        let Some((subject, first, second)) = in_common(earlier, later).filter(|_| clash) else { return };
        let fault =
            Diagnostic::error("amendments_overlap", second, format!("`{subject}` is amended twice for the same days"));
        let witness = format!("on {} both hold", later.first);
        let help = "let one end before the other begins, or write one amendment for the days that they share";
        self.push(fault.label(first, "the other amendment").witness(witness).help(help));
    }

    /// A season that begins a few days after another of the same kind has ended.
    fn gap(&mut self, mut seasons: Vec<(NaiveDate, &Amendment)>, later: &Amendment) {
        seasons.retain(|(last, season)| *last < later.first && in_common(season, later).is_some());
        let Some((last, before)) = seasons.into_iter().max_by_key(|(last, _)| *last).filter(|_| later.last.is_some())
        else {
            return;
        };
        let days = (later.first - last).num_days() - 1;
        if !(1..=NEIGHBOURS).contains(&days) {
            return;
        }
        let lie = if days == 1 { "a day lies".to_string() } else { format!("{days} days lie") };
        let message = format!("{lie} between this season and the one before, for which neither holds");
        let fault = Diagnostic::warning("gap_between_amendments", later.dates, message);
        let witness = last.succ_opt().map_or(String::new(), |day| format!("on {day} neither holds"));
        let help = "a season includes its last day: let this one begin on the day after it";
        self.push(fault.label(before.dates, "the season before").witness(witness).help(help));
    }

    fn never_in_force(&mut self, declared: &ast::Agreement, agreement: &Agreement) {
        let effective = agreement.statements.iter().find_map(|statement| match statement.kind {
            StatementKind::Effective(first, last) => Some((first, last, statement.head)),
            _ => None,
        });
        let Some((first, last, head)) = effective else { return };
        for (_, amendment) in amendments(declared) {
            let too_early = amendment.last.is_some_and(|ends| ends < first);
            let too_late = last.is_some_and(|last| last < amendment.first);
            if too_early || too_late {
                let message = "this amendment is never in force: all its days lie outside of the agreement's";
                let fault = Diagnostic::warning("amendment_outside_effective", amendment.dates, message);
                let help = "correct its dates, or take it out";
                self.push(fault.label(head, "the agreement holds for these days").help(help));
            }
        }
    }

    /// Money of one agreement is of one currency in all its versions.
    fn currency_stays(&mut self, agreement: &Agreement) {
        let firsts: Vec<&Name> =
            agreement.versions().filter_map(|version| currency_codes(version).first().copied()).collect();
        if let Some((first, rest)) = firsts.split_first()
            && let Some(other) = rest.iter().find(|other| other.value != first.value)
        {
            self.do_not_mix(first, other);
        }
    }
}

/// The first statement, or part of one, that both change: what it is called, and where the one and the other says so.
fn in_common(earlier: &Amendment, later: &Amendment) -> Option<(String, Span, Span)> {
    let (earlier, later) = (changes(earlier), changes(later));
    later.iter().find_map(|(subject, second)| {
        let (known, first) =
            earlier.iter().find(|(known, _)| known.starts_with(subject) || subject.starts_with(known))?;
        let longer = if known.len() < subject.len() { subject } else { known };
        Some((longer.join(" "), *first, *second))
    })
}

fn changes(amendment: &Amendment) -> Vec<Change> {
    amendment.statements.iter().flat_map(changes_of).collect()
}

fn changes_of(statement: &Statement) -> Vec<Change> {
    if let StatementKind::TierTargets(tier, targets) = &statement.kind {
        let entries = targets.entries.iter().map(|entry| {
            let priority = entry.priority.as_ref().map_or("any", |name| name.value.as_str());
            let subject = [&format!("tier {}", tier.value), &targets.metric.value, priority].map(str::to_string);
            (subject.to_vec(), entry.span)
        });
        return entries.collect();
    }
    changed(statement).map(|subject| (vec![subject], statement.head)).into_iter().collect()
}
