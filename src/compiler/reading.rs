//! The readings that contracts quarrel about: what this one says, or the documented default.

use crate::ast::{AvailabilityLine, MaintenanceLine, MetricLine, StatementKind};
use crate::plan::availability::Service;
use crate::plan::clause::Combine;
use crate::plan::metric::{CountedBy, Metric, ReopenRule, Retarget, RetargetRule};
use crate::plan::{CalendarId, EmptyCounts, Reading, Version};
use crate::resolver::Agreement;
use crate::source::Span;

/// Every reading of an agreement in one of its versions. `written` is what stands at a place.
pub(super) fn readings(agreement: &Agreement, version: &Version, written: &dyn Fn(Span) -> String) -> Vec<Reading> {
    let mut readings = Vec::new();
    let mut add = |question, of: &str, answer: String, said: bool| {
        readings.push(Reading { question, of: of.to_string(), answer, said, version: None });
    };
    for (tier, merged) in version.tiers.iter().zip(&agreement.tiers) {
        let hours = merged.hours.as_ref().map_or("always", |name| &name.value);
        add("hours", &format!("tier {}", tier.name), hours.to_string(), merged.hours.is_some());
        let strict = tier.targets.iter().any(|table| {
            let entries = table.by_priority.iter().filter_map(|(_, target)| target.as_ref());
            entries.chain(&table.any).any(|target| target.strict)
        });
        let within = if strict { "strictly within, where it says so" } else { "at most the target" };
        add("within", &format!("tier {}", tier.name), within.to_string(), strict);
    }
    for metric in &version.metrics {
        metric_readings(agreement, metric, written, &mut add);
    }
    for service in version.services.iter().filter(|service| service.place.is_some()) {
        service_readings(agreement, service, &mut add);
    }
    for statement in &agreement.statements {
        if let StatementKind::Maintenance(name, lines) = &statement.kind
            && let Some(line) = lines.iter().find(|line| matches!(line.value, MaintenanceLine::Announced(_)))
        {
            let answer = format!("{}; else it does not count", written(line.span).replace("count only", "counts only"));
            add("maintenance", &name.value, answer, true);
        }
    }
    let says =
        |wanted: fn(&StatementKind) -> bool| agreement.statements.iter().any(|statement| wanted(&statement.kind));
    let by = agreement.statements.iter().find_map(|statement| match &statement.kind {
        StatementKind::VersionedBy(word) => Some(word.value.as_str()),
        _ => None,
    });
    let ticket = match by {
        Some("breach") => "clause for each breach: at the breach; clocks: at creation",
        Some("stopped") => "clause for each breach: at the last stop; clocks: at creation",
        _ => "ticket: at creation",
    };
    add("version", "agreement", format!("{ticket}; period: at its start"), by.is_some());
    let empty = match version.empty_counts {
        EmptyCounts::NoValue => "no value",
        EmptyCounts::Met => "counts as met",
        EmptyCounts::Missed => "counts as missed",
    };
    add("empty period", "agreement", empty.to_string(), says(|kind| matches!(kind, StatementKind::EmptyCounts(_))));
    let combine = match &version.combine {
        Combine::Sum => "sum".to_string(),
        Combine::Greatest => "greatest".to_string(),
        Combine::GreatestPerTicket => "greatest per ticket".to_string(),
        Combine::First => "first".to_string(),
        Combine::Nested(part) => part.words(),
    };
    add("several clauses", "agreement", combine, says(|kind| matches!(kind, StatementKind::Combine(_))));
    for cap in &version.caps {
        let answer = if cap.carried { "carried over" } else { "is lost" };
        add("what a cap cuts", &format!("cap per {}", cap.per.words()), answer.to_string(), cap.carried);
    }
    let rounding = agreement.statements.iter().find_map(|statement| match &statement.kind {
        StatementKind::Round(mode, _) => {
            let words = written(statement.span);
            let unit = words.rsplit_once(" to ").map_or("", |(_, unit)| unit);
            Some(format!("{} to {unit}", written(mode.span)))
        }
        _ => None,
    });
    if let Some(rounding) = rounding {
        add("rounding", "agreement", rounding, true);
    }
    readings
}

fn service_readings(agreement: &Agreement, service: &Service, add: &mut impl FnMut(&'static str, &str, String, bool)) {
    let of = format!("service {}", service.name);
    let lines = agreement.statements.iter().find_map(|statement| match &statement.kind {
        StatementKind::Availability(said) if said.service.value == service.name => Some(&said.lines),
        _ => None,
    });
    let hours = lines.into_iter().flatten().find_map(|line| match &line.value {
        AvailabilityLine::Hours(name) => Some(name.value.clone()),
        _ => None,
    });
    add("hours", &of, hours.clone().unwrap_or("always".to_string()), hours.is_some());
    let of_service = lines.into_iter().flatten().any(|line| matches!(line.value, AvailabilityLine::ExcludedTime(_)));
    let of_all =
        agreement.statements.iter().any(|statement| matches!(statement.kind, StatementKind::ExcludedTimeCounts(_)));
    let excluded = if service.shortens { "shortens the agreed time" } else { "counts as up" };
    add("excluded time", &of, excluded.to_string(), of_service || of_all);
}

fn metric_readings(
    agreement: &Agreement,
    metric: &Metric,
    written: &dyn Fn(Span) -> String,
    add: &mut impl FnMut(&'static str, &str, String, bool),
) {
    let of = format!("metric {}", metric.name);
    let lines = agreement.statements.iter().find_map(|statement| match &statement.kind {
        StatementKind::Metric(name, lines) if name.value == metric.name => Some(lines.as_slice()),
        _ => None,
    });
    let lines = lines.unwrap_or_default();
    let within = lines.iter().find_map(|line| match &line.value {
        MetricLine::Reopens(said) => said.within.as_ref().map(|within| written(within.span)),
        _ => None,
    });
    let reopened = metric.reopens.as_ref().map_or("ignored".to_string(), |reopen| {
        let then = reopen_words(reopen.then);
        match &within {
            None => then.to_string(),
            Some(within) => format!("{then} within {within}, otherwise {}", reopen_words(reopen.otherwise)),
        }
    });
    add("reopened", &of, reopened, metric.reopens.is_some());
    let retargets = |wanted: &str| {
        lines.iter().any(|line| match &line.value {
            MetricLine::Retargets(said) => said.on.as_ref().is_none_or(|on| on.value == wanted),
            _ => false,
        })
    };
    add("priority change", &of, retarget_words(metric.on_priority_change), retargets("priority"));
    add("tier change", &of, retarget_words(metric.on_tier_change), retargets("tier"));
    let counted = match metric.counted_by {
        CountedBy::Outcome => "its breach, else its last stop",
        CountedBy::Created => "its ticket's creation",
        CountedBy::Stopped => "its last stop",
    };
    add("period of a clock", &of, counted.to_string(), metric.counted_by != CountedBy::Outcome);
    let late = match metric.late_in {
        None => "counted on the clock's calendar, pauses left out",
        Some(CalendarId::ALWAYS) => "wall time from breach to stop",
        Some(_) => "time of another calendar from breach to stop",
    };
    add("lateness", &of, late.to_string(), metric.late_in.is_some());
}

fn reopen_words(rule: ReopenRule) -> &'static str {
    match rule {
        ReopenRule::Resumes => "resumes",
        ReopenRule::ResumesCountingTheGap => "resumes counting the gap",
        ReopenRule::Restarts => "restarts",
        ReopenRule::NewCycle => "new cycle",
        ReopenRule::Ignored => "ignored",
    }
}

fn retarget_words(retarget: Retarget) -> String {
    let rule = match retarget.rule {
        RetargetRule::FromStart => "retargets from start",
        RetargetRule::FromNow => "retargets from now",
        RetargetRule::InProportion => "retargets in proportion",
        RetargetRule::Never => "never",
    };
    let stricter = if retarget.only_if_stricter { ", only if stricter" } else { "" };
    format!("{rule}{stricter}")
}
