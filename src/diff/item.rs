//! What an agreement says in one of its versions, as a list of statements with names.

use std::collections::BTreeMap;

use crate::calendar::{CalendarSpec, ClosedTime};
use crate::money::{percent, share_in_words};
use crate::plan::clause::{Clause, ClauseKind, Combine, Subject};
use crate::plan::metric::{Cancel, Escalation, Metric, StepAt, Target, TargetForm, Trigger};
use crate::plan::supplier::{Recover, Supplier};
use crate::plan::{Agreement, CalendarId, Closed, Place, PriorityBy, Reading, TargetTable, Tier, Version};
use crate::time::{Instant, Interval, spell};

use super::{Said, Side, Wording};

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    /// What it is, by which it is found on the other side.
    pub what: String,
    /// What it says, and where.
    pub wording: Wording,
    /// What its words stand for, where they alone do not tell; empty where they do.
    pub stands_for: String,
    /// The statement that says it for this one too.
    pub from: Option<String>,
}

impl Item {
    fn new(what: impl Into<String>, head: Said, lines: Vec<Said>) -> Item {
        Item { what: what.into(), wording: Wording { head, lines }, stands_for: String::new(), from: None }
    }

    /// A statement of one line.
    fn line(what: impl Into<String>, said: Said) -> Item {
        Item::new(what, said.clone(), vec![said])
    }

    /// One that no line of the file says by itself.
    fn nowhere(what: impl Into<String>, words: impl Into<String>) -> Item {
        Item::line(what, Said { words: words.into(), mark: None, at: None })
    }
}

/// Words that stand at a place, its mark left out of them.
fn said(place: &Place, words: impl AsRef<str>) -> Said {
    let words = words.as_ref();
    let bare = place.mark.as_ref().map(|mark| words.replace(&format!(" {mark}"), ""));
    Said { words: bare.unwrap_or(words.to_string()), mark: place.mark.clone(), at: Some(place.at.clone()) }
}

/// A place in its own words.
fn own(place: &Place) -> Said {
    said(place, &place.words)
}

/// What a side says at an instant; `shared` is the time in which both sides are in force.
pub(super) fn items(side: Side<'_>, at: Instant, shared: Interval) -> Vec<Item> {
    let agreement = side.agreement;
    let place = agreement.version_at(at);
    let Some(version) = agreement.versions.get(place) else { return Vec::new() };
    let lister = Lister { side, version };
    let mut items = header(agreement);
    items.extend(version.fees.iter().map(|fee| {
        let of = fee.service.as_ref().map_or(String::new(), |service| format!(" of {service}"));
        Item::line(format!("fee{of}"), own(&fee.place))
    }));
    items.extend(priorities(version));
    items.extend(version.metrics.iter().map(|metric| lister.metric(metric)));
    items.extend(order("tiers, in the order read", version.tiers.iter().map(|tier| tier.name.as_str())));
    items.extend(version.tiers.iter().flat_map(|tier| lister.tier(tier)));
    items.extend(version.escalations.iter().map(|escalation| lister.escalation(escalation)));
    items.extend(version.closed.iter().map(|closed| self::closed(closed, agreement.zone, shared)));
    let exclusions = version.exclusions.iter().chain(&version.outage_exclusions);
    items.extend(exclusions.map(|exclusion| Item::line(own(&exclusion.place).words, own(&exclusion.place))));
    for service in &version.services {
        if let Some(place) = &service.place {
            let lines = service.lines.iter().map(|line| said(place, line)).collect();
            items.push(Item::new(format!("availability of {}", service.name), own(place), lines));
        }
    }
    items.extend(version.clauses.iter().map(clause));
    items.extend(clause_order(version));
    for ladder in &version.ladders {
        let rungs = ladder.rungs.iter().map(|rung| own(&rung.place));
        let lines = std::iter::once(own(&ladder.place)).chain(rungs).collect();
        items.push(Item::new(format!("consequences of {}", ladder.of), own(&ladder.place), lines));
    }
    items.extend(version.claim.iter().map(|claim| Item::line("claim", own(&claim.place))));
    items.extend(
        version.caps.iter().map(|cap| Item::line(format!("cap penalties per {}", cap.per.words()), own(&cap.place))),
    );
    items.extend(version.pay_only_above.iter().map(|above| Item::line("pay only above", own(&above.place))));
    items.extend(version.raise_to.iter().map(|least| Item::line("raise to at least", own(&least.place))));
    items.extend(readings_at(agreement, place).into_iter().map(|reading| lister.reading(&reading)));
    items.extend(lister.calendars());
    items.extend(lister.sources());
    let plugins = agreement.plugins.iter();
    items.extend(
        plugins.map(|(name, called)| Item::nowhere(format!("plugin {name}"), format!("sha256 {}", called.sha256))),
    );
    items.extend(version.suppliers.iter().flat_map(|supplier| lister.supplier(supplier, at, shared)));
    items
}

/// What an agreement reads in the version at a place.
pub(super) fn readings_at(agreement: &Agreement, place: usize) -> Vec<Reading> {
    let labels: Vec<&str> = agreement.versions.iter().take(place + 1).map(|version| version.label.as_str()).collect();
    let mut readings: Vec<Reading> = Vec::new();
    let known = |reading: &&Reading| reading.version.as_deref().is_none_or(|label| labels.contains(&label));
    for reading in agreement.readings.iter().filter(known) {
        let now = Reading { version: None, ..reading.clone() };
        match readings.iter_mut().find(|other| (other.question, &other.of) == (now.question, &now.of)) {
            Some(earlier) => *earlier = now,
            None => readings.push(now),
        }
    }
    readings
}

fn header(agreement: &Agreement) -> Vec<Item> {
    let text = |what: &str, words: Option<String>| words.map(|words| Item::nowhere(what, words));
    let day = |day: Option<chrono::NaiveDate>| day.map_or(String::new(), |day| day.to_string());
    let effective = &agreement.effective;
    let list = |names: &[String]| (!names.is_empty()).then(|| names.join(", "));
    let items = [
        text("title", agreement.title.clone()),
        text("contract", agreement.contract.clone()),
        text("provider", agreement.provider.clone()),
        text("customer", agreement.customer.clone()),
        text("effective", effective.first.map(|first| format!("{first}..{}", day(effective.last)))),
        text("timezone", Some(agreement.zone.to_string())),
        text("currency", agreement.currency.map(|currency| currency.code().to_string())),
        text("applies", agreement.applies.as_ref().map(|applies| format!("when {}", applies.words))),
        text("services of the catalogue", list(&agreement.services)),
        text("beside", list(&agreement.beside)),
        text("review", agreement.review_months.map(|months| format!("every {months} months"))),
        text("months begin", (agreement.month_day != 1).then(|| format!("on day {}", agreement.month_day))),
    ];
    items.into_iter().flatten().collect()
}

/// Names whose order means something; none where there are fewer than two.
fn order<'a>(what: &str, names: impl Iterator<Item = &'a str>) -> Option<Item> {
    let names: Vec<&str> = names.collect();
    (names.len() > 1).then(|| Item::nowhere(what, names.join(", ")))
}

fn priorities(version: &Version) -> Vec<Item> {
    let priorities = &version.priorities;
    let names = priorities.names.join(", ");
    let by = match &priorities.by {
        PriorityBy::Nothing => return Vec::new(),
        PriorityBy::Field(_) => format!("the ticket's own field: {names}"),
        PriorityBy::By(call) => format!("by {}: {names}", call.words),
        PriorityBy::Rules(rules) => {
            let read = rules.iter().filter_map(|(id, ..)| version.priority(Some(*id)));
            format!("the first rule that holds: {}", read.collect::<Vec<_>>().join(", "))
        }
    };
    let head = match &priorities.place {
        Some(place) => said(place, by),
        None => Said { words: by, mark: None, at: None },
    };
    let mut items = vec![Item::line("priorities", head)];
    if let PriorityBy::Rules(rules) = &priorities.by {
        items.extend(rules.iter().map(|(id, _, place)| {
            let name = version.priority(Some(*id)).unwrap_or_default();
            Item::line(format!("priority {name}"), own(place))
        }));
    }
    items
}

fn triggers(word: &str, triggers: &[Trigger]) -> Option<Said> {
    let place = &triggers.first()?.place;
    let words = triggers.iter().map(|trigger| match &trigger.when {
        None => trigger.name.clone(),
        Some(when) => format!("{} when {}", trigger.name, when.words),
    });
    Some(said(place, format!("{word} {}", words.collect::<Vec<_>>().join(", "))))
}

/// A window or excluded time, with its times in the time that both sides are in force.
fn closed(closed: &Closed, zone: chrono_tz::Tz, shared: Interval) -> Item {
    let head = own(&closed.place);
    let times = closed.times.iter().map(ClosedTime::interval).filter(|time| !time.and(shared).is_empty());
    let times: Vec<Interval> = times.collect();
    let mut lines = vec![head.clone()];
    lines.extend(times.first().map(|first| {
        let (from, to) = (first.start.wall(zone), first.end.wall(zone));
        said(&closed.place, format!("{} of closed time, the first {from} to {to}", times.len()))
    }));
    lines.extend(closed.announced_ms.map(|before| said(&closed.place, format!("announced {} before", spell(before)))));
    Item { stands_for: format!("{times:?}"), ..Item::new(head.words.clone(), head, lines) }
}

/// A clause by kind and name, and by value where it stands once for each of several.
fn clause(clause: &Clause) -> Item {
    let kind = match clause.kind {
        ClauseKind::Penalty => "penalty",
        ClauseKind::Incentive => "incentive",
    };
    let each = clause.each.as_ref().and_then(crate::plan::clause::Each::words);
    let each = each.map_or(String::new(), |each| format!(" for {each}"));
    let mut places: Vec<&Place> = clause.caps.iter().map(|cap| &cap.place).collect();
    if let Subject::Figure { bands, .. } = &clause.subject {
        places.extend(bands.iter().map(|band| &band.place));
    }
    let lines = clause.lines.iter().map(|line| {
        let place = places.iter().find(|place| place.words == *line).copied();
        said(place.unwrap_or(&clause.place), line)
    });
    let head = own(&clause.place);
    // A condition may stand in the head: `penalty late when …`.
    let lines = std::iter::once(head.clone()).chain(lines).collect();
    Item::new(format!("{kind} {}{each}", clause.name), head, lines)
}

/// The order of clauses where it decides which of them is paid.
fn clause_order(version: &Version) -> Option<Item> {
    let is_first = matches!(version.combine, Combine::First);
    let penalties = version.clauses.iter().filter(|clause| clause.kind == ClauseKind::Penalty);
    let names = penalties.map(|clause| clause.name.as_str());
    is_first.then(|| order("penalties, in the order read", names)).flatten()
}

/// A version of one side, and what its numbers stand for.
#[derive(Clone, Copy)]
struct Lister<'a> {
    side: Side<'a>,
    version: &'a Version,
}

impl Lister<'_> {
    fn calendar_name(&self, id: CalendarId) -> &str {
        self.side.plan.calendars.get(usize::from(id.0)).map_or("", |calendar| &calendar.name)
    }

    fn metric_name(&self, id: crate::plan::MetricId) -> &str {
        self.version.metrics.get(usize::from(id.0)).map_or("", |metric| &metric.name)
    }

    fn metric(&self, metric: &Metric) -> Item {
        let at = |words: String| said(&metric.place, words);
        let first = if metric.starts.all { "starts on the last of" } else { "starts on" };
        let mut lines: Vec<Said> = triggers(first, &metric.starts.on).into_iter().collect();
        let opening = metric.starts.at_next_opening_of;
        lines.extend(opening.map(|id| at(format!("starts at the next opening of {}", self.calendar_name(id)))));
        lines.extend(triggers("stops on", &metric.stops));
        lines.extend(metric.pauses.iter().map(|pause| own(&pause.place)));
        lines.extend(metric.cancels.iter().filter_map(|cancel| match cancel {
            Cancel::On(trigger) => triggers("cancels on", std::slice::from_ref(trigger)),
            Cancel::When(_, place) => Some(own(place)),
        }));
        lines.extend(metric.reopens.iter().filter_map(|reopen| triggers("reopens on", &reopen.on)));
        lines.extend(metric.repeats.iter().map(|repeat| {
            let from = if repeat.from_the_stop { "repeats from the stop" } else { "repeats" };
            let until = triggers("until", &repeat.until).map_or(String::new(), |until| format!(" {}", until.words));
            at(format!("{from}{until}"))
        }));
        lines.extend(metric.late_in.map(|id| at(format!("late in {}", self.calendar_name(id)))));
        lines.extend(metric.target.iter().map(|target| at(format!("target {}", self.target_words(target)))));
        let despite = [(metric.despite_maintenance, "maintenance"), (metric.despite_exclusions, "exclusions")];
        let despite = despite.into_iter().filter(|(counts, _)| *counts);
        lines.extend(despite.map(|(_, what)| at(format!("counts despite {what}"))));
        Item::new(format!("metric {}", metric.name), own(&metric.place), lines)
    }

    /// A target as written, and its calendar where that is said elsewhere.
    fn target_words(&self, target: &Target) -> String {
        let moved = match target.form {
            TargetForm::Moved(_, to) => Some(self.calendar_name(to)),
            _ => None,
        };
        let calendar = self.calendar_name(target.calendar);
        let is_said = |name: &str| target.words.split_whitespace().any(|word| word == name);
        let unsaid = [Some(calendar), moved].into_iter().flatten().filter(|name| *name != "always" && !is_said(name));
        let unsaid: Vec<&str> = unsaid.collect();
        if unsaid.is_empty() { target.words.clone() } else { format!("{} in {}", target.words, unsaid.join(", ")) }
    }

    fn tier(&self, tier: &Tier) -> Vec<Item> {
        let when = tier.when.as_ref().map_or("for everyone left".to_string(), |when| format!("when {}", when.words));
        let mut items = vec![Item::line(format!("tier {}", tier.name), said(&tier.place, when))];
        items.extend(tier.targets.iter().flat_map(|table| self.targets(tier, table)));
        items.extend(tier.promises.iter().map(|promise| {
            let (metric, per) = (self.metric_name(promise.metric), promise.per.words());
            let what = format!("tier {}: promise of {metric} per {per}", tier.name);
            Item::line(what, said(&promise.place, percent(&promise.share)))
        }));
        items
    }

    /// The target of each priority, and of tickets without one.
    fn targets(&self, tier: &Tier, table: &TargetTable) -> Vec<Item> {
        let what = |of: &str| format!("tier {}: target of {} for {of}", tier.name, self.metric_name(table.metric));
        let line = |of: &str, target: Option<&Target>| {
            let words = target.map_or("none".to_string(), |target| self.target_words(target));
            Item::line(what(of), said(&table.place, words))
        };
        let mut items: Vec<Item> = table.any.iter().map(|target| line("any", Some(target))).collect();
        for (place, name) in self.version.priorities.names.iter().enumerate() {
            let own = table.by_priority.iter().find(|(id, _)| usize::from(id.0) == place);
            items.extend(match (own, &table.any) {
                (Some((_, target)), _) => Some(line(name, target.as_ref())),
                (None, Some(any)) => Some(Item { from: Some(what("any")), ..line(name, Some(any)) }),
                (None, None) => None,
            });
        }
        items
    }

    fn escalation(&self, escalation: &Escalation) -> Item {
        let steps = escalation.steps.iter().map(|step| {
            let when = step.when.as_ref().map_or(String::new(), |when| format!(" when {}", when.words));
            let calendar = match step.at {
                StepAt::BeforeIn(_, id) | StepAt::AfterIn(_, id) => Some(id),
                StepAt::Every { calendar, .. } => calendar,
                _ => None,
            };
            let calendar = calendar.map(|id| self.calendar_name(id));
            let unsaid = calendar.filter(|name| !step.words.contains(*name));
            let unsaid = unsaid.map_or(String::new(), |name| format!(" in {name}"));
            let actions = step.actions.iter().map(|action| format!("{} {:?}", action.action, action.text));
            let actions = actions.collect::<Vec<_>>().join(", ");
            said(&step.place, format!("{}{unsaid}{when}: {actions}", step.words))
        });
        let head = own(&escalation.place);
        let lines = std::iter::once(head.clone()).chain(steps).collect();
        Item::new(format!("escalation of {}", self.metric_name(escalation.metric)), head, lines)
    }

    /// An answer, and the statement that it is about.
    fn reading(&self, reading: &Reading) -> Item {
        let words = if reading.said { reading.answer.clone() } else { format!("{} (the default)", reading.answer) };
        let (kind, name) = reading.of.split_once(' ').unwrap_or((reading.of.as_str(), ""));
        let place = match kind {
            "tier" => self.version.tiers.iter().find(|tier| tier.name == name).map(|tier| {
                let hours = tier.hours_place.as_ref().filter(|_| reading.question == "hours");
                hours.unwrap_or(&tier.place)
            }),
            "metric" => self.version.metrics.iter().find(|metric| metric.name == name).map(|metric| &metric.place),
            "service" => self
                .version
                .services
                .iter()
                .find(|service| service.name == name)
                .and_then(|service| service.place.as_ref()),
            "cap" => {
                let per = |per: &str| format!("per {per}") == name;
                self.version.caps.iter().find(|cap| per(&cap.per.words())).map(|cap| &cap.place)
            }
            _ => None,
        };
        let said = match place {
            Some(place) => said(place, words),
            None => Said { words, mark: None, at: None },
        };
        let mut item = Item::line(format!("reading: {} of {}", reading.question, reading.of), said);
        // Saying the default is no change.
        item.wording.lines.iter_mut().for_each(|line| line.words.clone_from(&reading.answer));
        item
    }

    /// The calendars that the version counts on, by name, without what maintenance takes out of them.
    fn calendars(&self) -> Vec<Item> {
        let mut named: BTreeMap<&str, Item> = BTreeMap::new();
        for id in self.used_calendars() {
            let Some(calendar) = self.side.plan.calendars.get(usize::from(id.0)) else { continue };
            if id == CalendarId::ALWAYS {
                continue;
            }
            let spec = match &calendar.spec {
                CalendarSpec::Without(inner, _) => inner,
                spec => spec,
            };
            let at = |words: String| Said { words, mark: None, at: calendar.at.clone() };
            let lines: Vec<Said> = spec.lines().into_iter().map(at).collect();
            let mut item = Item::new(format!("calendar {}", calendar.name), at(calendar.name.clone()), lines);
            let mut means = serde_json::to_value(spec).unwrap_or_default();
            without_files(&mut means);
            item.stands_for = means.to_string();
            named.entry(calendar.name.as_str()).or_insert(item);
        }
        named.into_values().collect()
    }

    fn used_calendars(&self) -> Vec<CalendarId> {
        let version = self.version;
        let mut used: Vec<CalendarId> = Vec::new();
        let mut target = |target: &Target| {
            used.push(target.calendar);
            if let TargetForm::Moved(_, to) = target.form {
                used.push(to);
            }
        };
        for metric in &version.metrics {
            metric.target.iter().for_each(&mut target);
            metric.pauses.iter().filter_map(|pause| pause.cap.as_ref()).for_each(|cap| target(&cap.length));
        }
        for table in version.tiers.iter().flat_map(|tier| &tier.targets) {
            table.by_priority.iter().filter_map(|(_, target)| target.as_ref()).chain(&table.any).for_each(&mut target);
        }
        used.extend(version.tiers.iter().map(|tier| tier.hours));
        used.extend(version.services.iter().map(|service| service.hours));
        let metrics = version.metrics.iter();
        used.extend(metrics.flat_map(|metric| [metric.late_in, metric.starts.at_next_opening_of]).flatten());
        for step in version.escalations.iter().flat_map(|escalation| &escalation.steps) {
            used.extend(match step.at {
                StepAt::BeforeIn(_, id) | StepAt::AfterIn(_, id) => Some(id),
                StepAt::Every { calendar, .. } => calendar,
                _ => None,
            });
        }
        used
    }

    /// The sources that the agreement names: what they are called is seldom what changes.
    fn sources(&self) -> Vec<Item> {
        let agreement = self.side.agreement;
        let named = [
            ("tickets", &agreement.source),
            ("outages", &agreement.outages_from),
            ("claims", &agreement.claims),
            ("announcements", &agreement.announcements_from),
            ("charges", &agreement.charges_from),
        ];
        let items = named.into_iter().filter_map(|(what, name)| {
            let name = name.as_ref()?;
            let source = self.side.plan.sources.iter().find(|source| source.name == *name);
            let means = serde_json::to_value(source).unwrap_or_default().to_string();
            Some(Item { stands_for: means, ..Item::nowhere(format!("{what} from"), name) })
        });
        items.collect()
    }

    /// A supplier, and what its own agreement says.
    fn supplier(&self, supplier: &Supplier, at: Instant, shared: Interval) -> Vec<Item> {
        let line = |words: String| said(&supplier.place, words);
        let covers = supplier
            .covers
            .as_ref()
            .map_or("covers tickets".to_string(), |covers| format!("covers tickets when {}", covers.words));
        let mut lines = vec![line(covers)];
        lines.extend(supplier.lead.as_ref().map(|lead| line(format!("lead {}", share_in_words(lead)))));
        lines.extend(supplier.recover.as_ref().map(|recover| match recover {
            Recover::By(call) => line(format!("recover by {}", call.words)),
            Recover::Amount(_) => line("recover an agreed amount".to_string()),
        }));
        let mut item = Item::new(format!("supplier {}", supplier.name), own(&supplier.place), lines);
        if let Some(Recover::Amount(amount)) = &supplier.recover {
            item.stands_for = serde_json::to_value(amount).unwrap_or_default().to_string();
        }
        let theirs = items(Side { plan: self.side.plan, agreement: &supplier.agreement }, at, shared);
        let theirs = theirs.into_iter().map(|item| Item {
            what: format!("supplier {}: {}", supplier.name, item.what),
            from: item.from.map(|from| format!("supplier {}: {from}", supplier.name)),
            ..item
        });
        std::iter::once(item).chain(theirs).collect()
    }
}

/// Where a feed lies is no part of what it closes.
fn without_files(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(map) => {
            map.shift_remove("file");
            map.values_mut().for_each(without_files);
        }
        serde_json::Value::Array(list) => list.iter_mut().for_each(without_files),
        _ => {}
    }
}
