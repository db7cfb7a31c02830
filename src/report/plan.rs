//! A plan for people and programs: what the words compile to, every reading spelled out.

use serde_json::{Value, json};

use crate::calendar::{CalendarSpec, ClosedTime, Hours, WeekLine, Weeks};
use crate::money::{in_words, percent};
use crate::plan::clause::{ClauseKind, Subject};
use crate::plan::metric::{Cancel, Metric, Trigger};
use crate::plan::{Agreement, Closed, NamedCalendar, Place, Plan, PriorityBy, TargetTable, Tier, Version};

use super::count;
use super::table::table;

/// The plan as JSON, with the versions of the program and of the time zone data.
pub fn json(plan: &Plan) -> Value {
    json!({
        "engine": env!("CARGO_PKG_VERSION"),
        "tzdb": chrono_tz::IANA_TZDB_VERSION,
        "agreements": plan.agreements,
        "calendars": plan.calendars,
        "sources": plan.sources,
    })
}

/// The plan in words, one agreement after the other, then the calendars that they count on.
pub fn text(plan: &Plan) -> String {
    let agreements = plan.agreements.iter().map(agreement);
    let calendars = plan.calendars.iter().map(calendar);
    let tzdb = format!("time zone data {}, engine {}\n", chrono_tz::IANA_TZDB_VERSION, env!("CARGO_PKG_VERSION"));
    agreements.chain(calendars).chain([tzdb]).collect::<Vec<_>>().join("\n")
}

fn agreement(agreement: &Agreement) -> String {
    let mut text = header(agreement);
    for (number, version) in agreement.versions.iter().enumerate() {
        if number > 0 {
            text.push_str(&format!("\n  from {}: {}\n", version.from.wall(agreement.zone), version.label));
        }
        text.push_str(&self::version(agreement, version));
    }
    text.push_str("\nReadings\n");
    let rows = agreement.readings.iter().map(|reading| {
        let said = if reading.said { "said" } else { "default" };
        vec![reading.question.to_string(), reading.of.clone(), reading.answer.clone(), said.to_string()]
    });
    text + &table(&["question", "of", "answer", ""], rows)
}

fn header(agreement: &Agreement) -> String {
    let title = agreement.title.as_ref().map_or(String::new(), |title| format!(": {title}"));
    let contract = agreement.contract.as_ref().map_or(String::new(), |contract| format!(" ({contract})"));
    let mut text = format!("agreement {}{title}{contract}\n", agreement.name);
    let parties = [("provider", &agreement.provider), ("customer", &agreement.customer)];
    for (word, party) in parties {
        if let Some(party) = party {
            text.push_str(&format!("  {word}  {party}\n"));
        }
    }
    let day = |day: Option<chrono::NaiveDate>| day.map_or(String::new(), |day| day.to_string());
    let effective = &agreement.effective;
    if effective.first.is_some() {
        text.push_str(&format!("  effective {}..{}\n", day(effective.first), day(effective.last)));
    }
    let currency = agreement.currency.map_or("no money", |currency| currency.code());
    text.push_str(&format!("  {}, {currency}\n", agreement.zone));
    if let Some(source) = &agreement.source {
        text.push_str(&format!("  tickets from {source}\n"));
    }
    if let Some(applies) = &agreement.applies {
        text.push_str(&format!("  applies when {}\n", applies.words));
    }
    text + &format!("  policy {}\n", agreement.policy_sha256)
}

fn version(agreement: &Agreement, version: &Version) -> String {
    let mut text = String::new();
    for fee in &version.fees {
        let of = fee.service.as_ref().map_or(String::new(), |service| format!(" of {service}"));
        let amount = in_words(&fee.amount, agreement.currency);
        text.push_str(&format!("  fee{of} {amount} per {}{}\n", fee.per.word(), mark(&fee.place)));
    }
    text.push_str(&priorities(version));
    version.metrics.iter().for_each(|metric| text.push_str(&self::metric(metric)));
    version.tiers.iter().for_each(|tier| text.push_str(&self::tier(version, tier)));
    for escalation in &version.escalations {
        text.push_str(&format!("\n{}{}\n", escalation.place.words, mark_unless_said(&escalation.place)));
        for step in &escalation.steps {
            let when = step.when.as_ref().map_or(String::new(), |when| format!(" when {}", when.words));
            let actions = step.actions.iter().map(|action| format!("{} {:?}", action.action, action.text));
            text.push_str(&format!("  {}{when}: {}\n", step.words, actions.collect::<Vec<_>>().join(", ")));
        }
    }
    for closed in &version.closed {
        text.push_str(&format!("\n{}: no clock counts{}\n", closed.place.words, times(closed, agreement.zone)));
    }
    for exclusion in &version.exclusions {
        text.push_str(&format!("\n{}\n", exclusion.place.words));
    }
    text + &money(version)
}

fn times(closed: &Closed, zone: chrono_tz::Tz) -> String {
    let wall =
        |time: &ClosedTime| format!("{} to {}", time.interval().start.wall(zone), time.interval().end.wall(zone));
    match closed.times.as_slice() {
        [] => ", at no time that the agreement holds".to_string(),
        [only] => format!(", {}", wall(only)),
        [first, ..] => format!(", {} times, first {}", closed.times.len(), wall(first)),
    }
}

fn priorities(version: &Version) -> String {
    let place = version.priorities.place.as_ref().map_or(String::new(), mark);
    let names = version.priorities.names.join(", ");
    match &version.priorities.by {
        PriorityBy::Nothing => String::new(),
        PriorityBy::Field(_) => format!("\npriorities{place}: the ticket's own field, strictest first: {names}\n"),
        PriorityBy::Rules(rules) => {
            let lines = rules.iter().map(|(id, when, place)| {
                let name = version.priorities.names.get(usize::from(id.0)).map_or("", String::as_str);
                let when = when.as_ref().map_or("otherwise".to_string(), |when| format!("when {}", when.words));
                format!("  {name}{} {when}\n", mark(place))
            });
            format!("\npriorities{place}, the first that holds\n{}", lines.collect::<String>())
        }
    }
}

fn metric(metric: &Metric) -> String {
    let mut text = format!("\nmetric {}{}\n", metric.name, mark(&metric.place));
    let first = if metric.starts.all { "the last of " } else { "" };
    text.push_str(&format!("  starts on {first}{}\n", triggers(&metric.starts.on)));
    text.push_str(&format!("  stops on {}\n", triggers(&metric.stops)));
    for (despite, what) in [(metric.despite_maintenance, "maintenance"), (metric.despite_exclusions, "exclusions")] {
        if despite {
            text.push_str(&format!("  counts despite {what}\n"));
        }
    }
    for pause in &metric.pauses {
        text.push_str(&format!("  {}\n", pause.place.words));
    }
    for cancel in &metric.cancels {
        match cancel {
            Cancel::On(trigger) => text.push_str(&format!("  cancels on {}\n", trigger.name)),
            Cancel::When(condition, _) => text.push_str(&format!("  cancels when {}\n", condition.words)),
        }
    }
    if let Some(reopen) = &metric.reopens {
        text.push_str(&format!("  reopens on {} (see the readings)\n", triggers(&reopen.on)));
    }
    if let Some(repeat) = &metric.repeats {
        let from = if repeat.from_the_stop { " from the stop" } else { "" };
        let until = if repeat.until.is_empty() { String::new() } else { format!(" until {}", triggers(&repeat.until)) };
        text.push_str(&format!("  repeats{from}{until}\n"));
    }
    if let Some(target) = &metric.target {
        text.push_str(&format!("  target {}\n", target.words));
    }
    text
}

fn triggers(triggers: &[Trigger]) -> String {
    let words = triggers.iter().map(|trigger| match &trigger.when {
        None => trigger.name.clone(),
        Some(when) => format!("{} when {}", trigger.name, when.words),
    });
    words.collect::<Vec<_>>().join(", ")
}

fn tier(version: &Version, tier: &Tier) -> String {
    let when = tier.when.as_ref().map_or("everyone left".to_string(), |when| format!("when {}", when.words));
    let mut text = format!("\ntier {}{}: {when}\n", tier.name, mark(&tier.place));
    let own = |place: &Place| if place.mark == tier.place.mark { String::new() } else { mark(place) };
    text.extend(tier.hours_place.iter().map(|place| format!("  {}\n", place.words)));
    for targets in &tier.targets {
        text.push_str(&format!("  {}{}\n", target_line(version, targets), own(&targets.place)));
    }
    for promise in &tier.promises {
        let metric = version.metrics.get(usize::from(promise.metric.0)).map_or("", |metric| &metric.name);
        let (share, per) = (percent(&promise.share), promise.per.word());
        text.push_str(&format!("  promise {share} of {metric} per {per}{}\n", own(&promise.place)));
    }
    text
}

fn target_line(version: &Version, targets: &TargetTable) -> String {
    let metric = version.metrics.get(usize::from(targets.metric.0)).map_or("", |metric| &metric.name);
    let mut entries: Vec<String> = Vec::new();
    for (id, target) in &targets.by_priority {
        let priority = version.priorities.names.get(usize::from(id.0)).map_or("", String::as_str);
        entries.push(format!("{priority} {}", target.as_ref().map_or("none", |target| &target.words)));
    }
    entries.extend(targets.any.iter().map(|target| format!("any {}", target.words)));
    format!("{metric}: {}", entries.join(", "))
}

fn money(version: &Version) -> String {
    let mut text = String::new();
    for clause in &version.clauses {
        let kind = match clause.kind {
            ClauseKind::Penalty => "penalty",
            ClauseKind::Incentive => "incentive",
        };
        text.push_str(&format!("\n{kind} {}{}\n", clause.name, mark(&clause.place)));
        for line in &clause.lines {
            text.push_str(&format!("  {line}\n"));
        }
        if let Subject::Figure { bands, .. } = &clause.subject
            && bands.iter().all(|band| band.bounds.len() == 1)
            && bands.len() > 1
        {
            text.push_str("  (of these rows the narrowest that holds applies, alone)\n");
        }
    }
    for ladder in &version.ladders {
        text.push_str(&format!("\n{}{}\n", ladder.place.words, mark_unless_said(&ladder.place)));
        ladder.rungs.iter().for_each(|rung| text.push_str(&format!("  {}\n", rung.place.words)));
    }
    if !version.caps.is_empty() || version.claim.is_some() || version.rounding.is_some() {
        text.push('\n');
    }
    if let Some(claim) = &version.claim {
        text.push_str(&format!("{}{}\n", claim.place.words, mark_unless_said(&claim.place)));
    }
    let thresholds = version.pay_only_above.iter().chain(&version.raise_to).map(|threshold| &threshold.place);
    for place in version.caps.iter().map(|cap| &cap.place).chain(thresholds) {
        text.push_str(&format!("{}{}\n", place.words, mark_unless_said(place)));
    }
    text
}

fn mark(place: &Place) -> String {
    place.mark.as_ref().map_or(String::new(), |mark| format!(" {mark}"))
}

fn mark_unless_said(place: &Place) -> String {
    if place.words.contains('§') { String::new() } else { mark(place) }
}

// -- calendars

fn calendar(named: &NamedCalendar) -> String {
    format!("calendar {}\n{}", named.name, spec(&named.spec))
}

fn spec(spec: &CalendarSpec) -> String {
    match spec {
        CalendarSpec::Always => "  open at every instant\n".to_string(),
        CalendarSpec::Hours(hours) => self::hours(hours),
        CalendarSpec::Both(a, b) => format!("  open where both are:\n{}{}", self::spec(a), self::spec(b)),
        CalendarSpec::Either(a, b) => format!("  open where one of them is:\n{}{}", self::spec(a), self::spec(b)),
        CalendarSpec::Without(inner, closed) => {
            format!("{}  less {} stretches of time\n", self::spec(inner), closed.len())
        }
    }
}

fn hours(hours: &Hours) -> String {
    let mut text = format!("  {}\n", hours.zone);
    hours.week.iter().for_each(|line| text.push_str(&format!("  {}\n", week_line(line))));
    for season in &hours.seasons {
        let last = season.last.map_or(String::new(), |last| last.to_string());
        let lines = season.week.iter().map(week_line).collect::<Vec<_>>().join("; ");
        text.push_str(&format!("  during {}..{last}: {lines}\n", season.first));
    }
    for list in &hours.holidays {
        text.push_str(&format!("  closed on holidays {} ({} rules)\n", list.name, list.rules.len()));
    }
    for feed in &hours.feeds {
        let times = if feed.times().is_empty() { String::new() } else { count(feed.times().len(), "time") + ", " };
        let dates = count(feed.dates.len(), "date");
        text.push_str(&format!("  closed on holidays {:?} ({dates}, {times}sha256 {})\n", feed.file, feed.sha256));
    }
    for (word, lines) in [("closed", &hours.closed), ("open", &hours.open)] {
        for line in lines {
            let last = if line.last == line.first { String::new() } else { format!("..{}", line.last) };
            let span = line.span.map_or(String::new(), |span| format!(" {}", clock_span(span.from, span.to)));
            text.push_str(&format!("  {word} on {}{last}{span}\n", line.first));
        }
    }
    text
}

fn week_line(line: &WeekLine) -> String {
    let weeks = match line.weeks {
        Weeks::Every => "",
        Weeks::Odd => "odd weeks ",
        Weeks::Even => "even weeks ",
    };
    let days = line.days.iter().map(|day| day.to_string().to_lowercase()).collect::<Vec<_>>().join(",");
    let spans = line.spans.iter().map(|span| clock_span(span.from, span.to)).collect::<Vec<_>>().join(", ");
    format!("{weeks}{days} {spans}")
}

fn clock_span(from: u32, to: u32) -> String {
    let face = |seconds: u32| format!("{:02}:{:02}", seconds / 3_600, seconds / 60 % 60);
    format!("{}-{}", face(from), face(to))
}
