//! `extends`, `override` and `remove`: an agreement as the list of its differences.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::ast::{self, Condition, Modifier, Name, Statement, StatementKind, Targets, Text, Tier, TierLine};
use crate::diagnostic::{Diagnostic, nearest};
use crate::money::Fraction;
use crate::source::{Span, Spanned};

use super::amend::{self, fixed, in_force};
use super::{Agreement, Scope};

/// A tier with everything it takes over.
#[derive(Debug, Clone)]
pub struct MergedTier {
    /// Its name.
    pub name: Name,
    /// The mark of its own clause.
    pub mark: Option<Text>,
    /// Its first words.
    pub head: Span,
    /// Whom it is for.
    pub when: Option<Condition>,
    /// Its hours.
    pub hours: Option<Name>,
    /// The mark and the place of the line that says its hours.
    pub hours_place: Option<(Option<Text>, Span)>,
    /// Its targets, a table for each metric.
    pub targets: Vec<TierTargets>,
    /// Its promises.
    pub promises: Vec<TierPromise>,
    /// Lines that are not built yet.
    pub later: Vec<ast::Later>,
}

/// `promise § 2.4 95% of resolution per month`
#[derive(Debug, Clone)]
pub struct TierPromise {
    /// The share that is promised.
    pub share: Spanned<Fraction>,
    /// Of which metric.
    pub metric: Name,
    /// Over which period.
    pub period: Spanned<ast::Period>,
    /// Its own mark.
    pub mark: Option<Text>,
    /// Where.
    pub span: Span,
}

/// The targets of one metric, each entry with its own place.
#[derive(Debug, Clone)]
pub struct TierTargets {
    /// The metric.
    pub metric: Name,
    /// Entries; of two for one priority the overriding one is left.
    pub entries: Vec<ast::TargetEntry>,
    /// The table's own mark.
    pub mark: Option<Text>,
    /// The table's place.
    pub span: Span,
}

/// An agreement with everything it takes over and all its versions, and what is wrong with that.
pub(super) fn agreement(scope: &Scope, declared: &ast::Agreement) -> (Agreement, Vec<Diagnostic>) {
    let (signed, mut faults) = on(scope, declared, None);
    let (later, found) = amend::versions(scope, declared, &faults);
    faults.extend(found);
    (Agreement { later, ..signed }, faults)
}

/// An agreement as it stands on a day; none: as signed.
pub(super) fn on(scope: &Scope, declared: &ast::Agreement, day: Option<NaiveDate>) -> (Agreement, Vec<Diagnostic>) {
    let mut faults = Vec::new();
    let mut chain = Vec::new();
    let merged = statements(scope, declared, day, &mut chain, &mut faults);
    let (tiers, statements): (Vec<Statement>, Vec<Statement>) =
        merged.into_iter().partition(|statement| matches!(statement.kind, StatementKind::Tier(_)));
    let statements = statements.into_iter().flat_map(super::each::spread).collect();
    let tiers = merged_tiers(&tiers, &mut faults);
    let name = declared.name.clone();
    (Agreement { name, span: declared.span, statements, tiers, later: Vec::new() }, faults)
}

fn statements(
    scope: &Scope,
    declared: &ast::Agreement,
    day: Option<NaiveDate>,
    chain: &mut Vec<String>,
    faults: &mut Vec<Diagnostic>,
) -> Vec<Statement> {
    let inherited = match &declared.extends {
        None => Vec::new(),
        Some(name) => parent(scope, declared, name, day, chain, faults),
    };
    let inherits = declared.extends.is_some();
    let mut merge =
        Merge { inherited: inherited.len(), merged: inherited, own_tiers: 0, inherits, amends: false, faults };
    declared.statements.iter().for_each(|statement| merge.take(statement));
    merge.amends = true;
    let amended = in_force(declared, day).into_iter().flat_map(|(_, amendment)| &amendment.statements);
    // What no amendment can change is told by the checker.
    amended.filter(|statement| fixed(statement).is_none()).for_each(|statement| merge.take(statement));
    merge.merged
}

fn parent(
    scope: &Scope,
    declared: &ast::Agreement,
    name: &Name,
    day: Option<NaiveDate>,
    chain: &mut Vec<String>,
    faults: &mut Vec<Diagnostic>,
) -> Vec<Statement> {
    chain.push(declared.name.value.clone());
    if chain.contains(&name.value) {
        // Told by `cycles`, once.
        return Vec::new();
    }
    let Some(parent) = scope.agreement(&name.value) else {
        let known = scope.agreements.iter().map(|agreement| agreement.name.value.as_str());
        faults.push(unknown("agreement or template", name, known));
        return Vec::new();
    };
    // The parent's own faults are told where it stands; a file that is only used is not looked at for itself.
    let mut found = Vec::new();
    let taken = statements(scope, parent, day, chain, &mut found);
    if parent.span.file != declared.span.file {
        faults.extend(found);
    }
    taken
}

/// Agreements that extend themselves in the end; a cycle is told once, at the first of them.
pub(super) fn cycles(scope: &Scope) -> Vec<Diagnostic> {
    let mut in_cycles: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for agreement in &scope.agreements {
        let Some(name) = &agreement.extends else { continue };
        let above = ancestors(scope, &name.value);
        let own = agreement.name.value.as_str();
        if above.contains(&own) && !above.iter().any(|name| in_cycles.contains(name)) {
            in_cycles.push(own);
            let message = format!("`{own}` extends itself in the end");
            found.push(Diagnostic::error("extends_cycle", name.span, message).help("take one `extends` out"));
        }
    }
    found
}

/// The names that stand above an agreement that extends `name`, each once.
pub(super) fn ancestors<'s>(scope: &'s Scope, name: &'s str) -> Vec<&'s str> {
    let mut above = vec![name];
    while let Some(next) = above.last().and_then(|last| scope.agreement(last)?.extends.as_ref()) {
        if above.contains(&next.value.as_str()) {
            break;
        }
        above.push(&next.value);
    }
    above
}

/// An unknown name with the nearest one.
pub fn unknown<'a>(kind: &str, name: &Name, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    let known: Vec<&str> = known.into_iter().collect();
    let diagnostic = Diagnostic::error("unknown_name", name.span, format!("there is no {kind} `{}`", name.value));
    match nearest(&name.value, known.iter().copied()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None if known.is_empty() => {
            diagnostic.help(format!("declare one, or bring it in with `use`; no {kind} is known here"))
        }
        None => diagnostic.help(format!("known here: {}", known.join(", "))),
    }
}

/// Statements being merged.
struct Merge<'f> {
    merged: Vec<Statement>,
    /// How many of them stood there before the agreement's own.
    inherited: usize,
    own_tiers: usize,
    inherits: bool,
    /// Whether an amendment's statements are being taken, which change the agreement's own as well.
    amends: bool,
    faults: &'f mut Vec<Diagnostic>,
}

impl Merge<'_> {
    fn take(&mut self, statement: &Statement) {
        match (&statement.kind, statement.modifier) {
            (StatementKind::Removed(words), _) => self.remove(words, statement.span),
            (StatementKind::TierTargets(tier, targets), _) => self.override_targets(tier, targets, statement),
            // What is not built yet is refused by name, and not for what it overrides.
            (StatementKind::Later(_), _) => self.merged.push(statement.clone()),
            (_, Modifier::Override) => self.replace(statement),
            // Amendments change the agreement when all of it has been taken.
            (StatementKind::Amend(_), _) => {}
            _ => self.add(statement),
        }
    }

    fn find(&self, key: &str) -> Option<usize> {
        self.merged.iter().position(|statement| known_by(statement).as_deref() == Some(key))
    }

    fn add(&mut self, statement: &Statement) {
        let twice = known_by(statement).and_then(|key| Some((self.find(&key)?, key)));
        if let Some((place, key)) = twice {
            let first = self.merged.get(place).map_or(statement.head, |first| first.head);
            let inherited = place < self.inherited + self.own_tiers && self.inherits && place_is_inherited(self, place);
            let help = if self.amends {
                format!("write `override {key} …` to change it from this amendment on, or `remove {key}` to drop it")
            } else if inherited {
                format!("it is inherited: write `override {key} …` to change it, or `remove {key}` to drop it")
            } else {
                "keep one of the two".to_string()
            };
            let message = format!("`{key}` is said twice");
            let fault =
                Diagnostic::error("said_twice", statement.head, message).label(first, "said here first").help(help);
            self.faults.push(fault);
            return;
        }
        if matches!(statement.kind, StatementKind::Tier(_)) && self.inherits {
            // An agreement's own tiers are read before inherited ones.
            let first_tier = self.merged.iter().position(|known| matches!(known.kind, StatementKind::Tier(_)));
            let place = first_tier.map_or(self.merged.len(), |first| first + self.own_tiers);
            self.merged.insert(place.min(self.merged.len()), statement.clone());
            self.own_tiers += 1;
            return;
        }
        self.merged.push(statement.clone());
    }

    fn replace(&mut self, statement: &Statement) {
        let Some(key) = known_by(statement) else {
            let message = "there is no one statement of this kind that could be overridden: they add up";
            let fault = Diagnostic::error("overrides_nothing", statement.head, message);
            self.faults.push(fault.help("take `override` away"));
            return;
        };
        match self.find(&key) {
            Some(place) => {
                if let Some(slot) = self.merged.get_mut(place) {
                    *slot = statement.clone();
                }
            }
            None => self.nothing(&format!("overrides `{key}`"), statement.head),
        }
    }

    fn remove(&mut self, words: &[Name], span: Span) {
        let key = removed_key(words);
        match self.find(&key) {
            Some(place) => {
                let was_inherited = place < self.inherited;
                let is_own_tier = self.is_own_tier(place);
                self.merged.remove(place);
                self.inherited -= usize::from(was_inherited);
                self.own_tiers -= usize::from(is_own_tier);
            }
            None => self.nothing(&format!("removes `{key}`"), span),
        }
    }

    fn nothing(&mut self, does: &str, span: Span) {
        let keys: Vec<String> = self.merged.iter().filter_map(known_by).collect();
        let wanted = does.split('`').nth(1).unwrap_or("");
        let (is_there, named_by) =
            if self.amends { ("there", "the agreement") } else { ("inherited", "the extended agreement") };
        let message = format!("this {does}, but nothing of that name is {is_there}");
        let fault = Diagnostic::error("overrides_nothing", span, message);
        self.faults.push(match nearest(wanted, keys.iter().map(String::as_str)) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault.help(format!("take `override` or `remove` away, or name what {named_by} says")),
        });
    }

    /// Whether a tier of the agreement's own stands at this place, before those it inherits.
    fn is_own_tier(&self, place: usize) -> bool {
        let is_tier = |statement: &Statement| matches!(statement.kind, StatementKind::Tier(_));
        let first = self.merged.iter().position(is_tier);
        self.inherits && first.is_some_and(|first| first <= place && place < first + self.own_tiers)
    }

    /// `override tier gold resolution { … }` reaches one level in.
    fn override_targets(&mut self, tier: &Name, targets: &Targets, statement: &Statement) {
        let key = format!("tier {}", tier.value);
        let Some(place) = self.find(&key) else {
            self.nothing(&format!("overrides `{key}`"), statement.head);
            return;
        };
        let Some(StatementKind::Tier(found)) = self.merged.get_mut(place).map(|found| &mut found.kind) else { return };
        let line = TierLine::Targets(targets.clone());
        found.lines.push((statement.modifier, Spanned::new(line, statement.span)));
    }
}

fn place_is_inherited(merge: &Merge<'_>, place: usize) -> bool {
    place < merge.inherited || merge.own_tiers > 0
}

/// What a statement is known by: kind and name, kind and subject, or kind alone; none for those that add up.
pub(super) fn known_by(statement: &Statement) -> Option<String> {
    Some(match &statement.kind {
        StatementKind::Fact(word, _) => word.clone(),
        StatementKind::Effective(..) => "effective".to_string(),
        StatementKind::Timezone(_) => "timezone".to_string(),
        StatementKind::Currency(_) => "currency".to_string(),
        StatementKind::Kind(_) => "kind".to_string(),
        StatementKind::Fee(None, ..) | StatementKind::FeeFromCharges(None) => "fee".to_string(),
        StatementKind::Fee(Some(service), ..) | StatementKind::FeeFromCharges(Some(service)) => {
            format!("fee of {}", service.value)
        }
        StatementKind::Review(_) => "review".to_string(),
        StatementKind::MonthsBegin(_) => "months begin".to_string(),
        StatementKind::CountedBy(_) => "counted by".to_string(),
        StatementKind::VersionedBy(_) => "versioned by".to_string(),
        StatementKind::TicketsFrom(_) => "tickets".to_string(),
        StatementKind::Applies(_) => "applies".to_string(),
        StatementKind::Field(name, _) => format!("field {}", name.value),
        StatementKind::PriorityRules(_) | StatementKind::PriorityField(_) | StatementKind::PriorityBy(_) => {
            "priority".to_string()
        }
        StatementKind::Supplier(supplier) => format!("supplier {}", supplier.name.value),
        StatementKind::Metric(name, _) => format!("metric {}", name.value),
        StatementKind::Tier(tier) => format!("tier {}", tier.name.value),
        StatementKind::Maintenance(name, _) => format!("maintenance {}", name.value),
        StatementKind::Escalate(metric, ..) => format!("escalate {}", metric.value),
        StatementKind::Clause(clause) if clause.is_penalty => format!("penalty {}", clause.name.value),
        StatementKind::Clause(clause) => format!("incentive {}", clause.name.value),
        StatementKind::PayOnlyAbove(..) => "pay only".to_string(),
        StatementKind::RaiseTo(..) => "raise".to_string(),
        StatementKind::ClaimsFrom(_) => "claims".to_string(),
        StatementKind::AnnouncementsFrom(_) => "announcements".to_string(),
        StatementKind::ChargesFrom(_) => "charges".to_string(),
        StatementKind::Claim(_) => "claim".to_string(),
        StatementKind::Consequences(consequences) => format!("consequences of {}", consequences.of.value),
        StatementKind::Cap(_, period, _) => format!("cap penalties per {}", period_word(&period.value)),
        StatementKind::Combine(_) => "combine penalties".to_string(),
        StatementKind::Round(..) => "round".to_string(),
        StatementKind::OutagesFrom(_) => "outages".to_string(),
        StatementKind::EmptyCounts(_) => "empty counts".to_string(),
        StatementKind::ExcludedTimeCounts(_) => "excluded time".to_string(),
        StatementKind::Service(name, _) => format!("service {}", name.value),
        StatementKind::Availability(said) => format!("availability of {}", said.service.value),
        StatementKind::Later(_)
        | StatementKind::Beside(_)
        | StatementKind::ExcludeTickets(_)
        | StatementKind::ExcludeOutages(_)
        | StatementKind::ExcludeTime(_)
        | StatementKind::Allow(..)
        | StatementKind::Amend(_)
        | StatementKind::TierTargets(..)
        | StatementKind::Removed(_) => return None,
    })
}

/// What removed words name. Blanks inside are single; `combine` stands for `combine penalties`, a service is parted by `of`.
pub(super) fn removed_key(words: &[Name]) -> String {
    let words = words.iter().map(|word| word.value.as_str()).collect::<Vec<_>>().join(" ");
    match words.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["combine"] => "combine penalties".to_string(),
        [word @ ("fee" | "availability" | "consequences"), subject] => format!("{word} of {subject}"),
        ["cap", "penalties", "per", period @ ..] => format!("cap penalties per {}", period.join(" ")),
        words => words.join(" "),
    }
}

/// A period in the language's words.
pub fn period_word(period: &ast::Period) -> String {
    match period {
        ast::Period::Day => "day".to_string(),
        ast::Period::Week => "week".to_string(),
        ast::Period::Month => "month".to_string(),
        ast::Period::Quarter => "quarter".to_string(),
        ast::Period::Year => "year".to_string(),
        ast::Period::ContractYear => "contract year".to_string(),
        ast::Period::Months(count) => format!("{count} months"),
        ast::Period::AnyDays(count) => format!("any {count} days"),
        ast::Period::Later(words) => words.clone(),
    }
}

// -- tiers

/// The priorities that tiers have targets for, in the order in which the file names them.
pub fn priorities_of(tiers: &[MergedTier]) -> impl Iterator<Item = &str> {
    let entries = tiers.iter().flat_map(|tier| &tier.targets).flat_map(|table| &table.entries);
    let mut seen = BTreeSet::new();
    entries
        .filter_map(|entry| entry.priority.as_ref())
        .map(|name| name.value.as_str())
        .filter(move |name| seen.insert(*name))
}

fn merged_tiers(statements: &[Statement], faults: &mut Vec<Diagnostic>) -> Vec<MergedTier> {
    let tiers: Vec<(&Statement, &Tier)> = statements
        .iter()
        .filter_map(|statement| match &statement.kind {
            StatementKind::Tier(tier) => Some((statement, tier)),
            _ => None,
        })
        .collect();
    tiers.iter().map(|(statement, tier)| merged_tier(&tiers, statement, tier, &mut Vec::new(), faults)).collect()
}

fn merged_tier<'t>(
    tiers: &[(&Statement, &'t Tier)],
    statement: &Statement,
    tier: &'t Tier,
    chain: &mut Vec<&'t str>,
    faults: &mut Vec<Diagnostic>,
) -> MergedTier {
    let mut merged = MergedTier {
        name: tier.name.clone(),
        mark: statement.mark.clone(),
        head: statement.head,
        when: tier.when.clone(),
        hours: None,
        hours_place: None,
        targets: Vec::new(),
        promises: Vec::new(),
        later: Vec::new(),
    };
    if let Some(name) = &tier.extends {
        chain.push(&tier.name.value);
        let parent = tiers.iter().find(|(_, known)| known.name.value == name.value);
        match parent {
            _ if chain.contains(&name.value.as_str()) => {
                let message = format!("the tier `{}` extends itself in the end", name.value);
                faults.push(Diagnostic::error("extends_cycle", name.span, message).help("take one `extends` out"));
            }
            None => faults.push(unknown("tier", name, tiers.iter().map(|(_, tier)| tier.name.value.as_str()))),
            Some((parent_statement, parent)) => {
                let parent = merged_tier(tiers, parent_statement, parent, chain, &mut Vec::new());
                merged =
                    MergedTier { name: merged.name, mark: merged.mark, head: merged.head, when: merged.when, ..parent };
            }
        }
    }
    for (modifier, line) in &tier.lines {
        take_line(&mut merged, *modifier, line, faults);
    }
    merged
}

fn take_line(tier: &mut MergedTier, modifier: Modifier, line: &Spanned<TierLine>, faults: &mut Vec<Diagnostic>) {
    let overrides = modifier == Modifier::Override;
    let (key, known) = match &line.value {
        TierLine::Hours(name, mark) => {
            let known = tier.hours.replace(name.clone()).is_some();
            tier.hours_place = Some((mark.clone(), line.span));
            ("hours".to_string(), known)
        }
        TierLine::Targets(targets) => (targets.metric.value.clone(), take_targets(tier, targets, line.span)),
        TierLine::Promise(share, metric, period, mark) => {
            let place = tier.promises.iter().position(|known| known.metric.value == metric.value);
            let (share, mark, period) = (share.clone(), mark.clone(), period.clone());
            let promise = TierPromise { share, metric: metric.clone(), period, mark, span: line.span };
            match place.and_then(|place| tier.promises.get_mut(place)) {
                Some(slot) => *slot = promise,
                None => tier.promises.push(promise),
            }
            (format!("promise of {}", metric.value), place.is_some())
        }
        TierLine::Removed(words) => {
            remove_line(tier, words, line.span, faults);
            return;
        }
        TierLine::Later(later) => {
            tier.later.push(later.clone());
            return;
        }
    };
    if known && !overrides {
        let message = format!("the tier `{}` says `{key}` twice", tier.name.value);
        let help = format!("write `override {key} …` to change what is inherited, or keep one of the two");
        faults.push(Diagnostic::error("said_twice", line.span, message).help(help));
    }
    if overrides && !known {
        let message = format!("this overrides `{key}`, but the tier `{}` inherits none", tier.name.value);
        faults.push(Diagnostic::error("overrides_nothing", line.span, message).help("take `override` away"));
    }
}

/// Changes the priorities that are named and keeps the rest; whether there was a table before.
fn take_targets(tier: &mut MergedTier, targets: &Targets, span: Span) -> bool {
    let Some(table) = tier.targets.iter_mut().find(|table| table.metric.value == targets.metric.value) else {
        let (metric, entries, mark) = (targets.metric.clone(), targets.entries.clone(), targets.mark.clone());
        tier.targets.push(TierTargets { metric, entries, mark, span });
        return false;
    };
    for entry in &targets.entries {
        let name = |entry: &ast::TargetEntry| entry.priority.as_ref().map(|name| name.value.clone());
        match table.entries.iter_mut().find(|known| name(known) == name(entry)) {
            Some(slot) => *slot = entry.clone(),
            None => table.entries.push(entry.clone()),
        }
    }
    table.span = span;
    table.mark = targets.mark.clone().or(table.mark.take());
    true
}

fn remove_line(tier: &mut MergedTier, words: &[Name], span: Span, faults: &mut Vec<Diagnostic>) {
    let first = words.first().map_or("", |word| word.value.as_str());
    let second = words.get(1).map(|word| word.value.as_str());
    let before = (tier.hours.is_some(), tier.targets.len(), tier.promises.len());
    match first {
        "hours" => {
            tier.hours = None;
            tier.hours_place = None;
        }
        "promise" => tier.promises.retain(|promise| second.is_some_and(|name| promise.metric.value != name)),
        metric => tier.targets.retain(|table| table.metric.value != metric),
    }
    if before == (tier.hours.is_some(), tier.targets.len(), tier.promises.len()) {
        let message = format!("this removes `{first}`, but the tier `{}` inherits none", tier.name.value);
        faults.push(Diagnostic::error("overrides_nothing", span, message).help("take the line out"));
    }
}
