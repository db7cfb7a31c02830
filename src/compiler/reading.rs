//! The readings that contracts quarrel about: what this one says, or the documented default.

use crate::ast::{MetricLine, StatementKind};
use crate::plan::clause::Combine;
use crate::plan::metric::{CountedBy, Metric, ReopenRule, Retarget, RetargetRule};
use crate::plan::{CalendarId, Reading, Version};
use crate::resolver::Agreement;

/// Every reading of an agreement in one of its versions.
pub(super) fn readings(agreement: &Agreement, version: &Version) -> Vec<Reading> {
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
        metric_readings(agreement, metric, &mut add);
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
    add("empty period", "agreement", "no value".to_string(), false);
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
    let rounding = version.rounding.as_ref().map(|rounding| {
        let mode = match rounding.mode {
            crate::money::RoundingMode::HalfUp => "half up",
            crate::money::RoundingMode::HalfEven => "half even",
            crate::money::RoundingMode::Up => "up",
            crate::money::RoundingMode::Down => "down",
        };
        format!("{mode} to {}", crate::money::exact(&rounding.unit))
    });
    if let Some(rounding) = rounding {
        add("rounding", "agreement", rounding, true);
    }
    readings
}

fn metric_readings(agreement: &Agreement, metric: &Metric, add: &mut impl FnMut(&'static str, &str, String, bool)) {
    let of = format!("metric {}", metric.name);
    let lines = agreement.statements.iter().find_map(|statement| match &statement.kind {
        StatementKind::Metric(name, lines) if name.value == metric.name => Some(lines.as_slice()),
        _ => None,
    });
    let lines = lines.unwrap_or_default();
    let reopened = metric.reopens.as_ref().map_or("ignored".to_string(), |reopen| {
        let then = reopen_words(reopen.then);
        match reopen.within {
            None => then.to_string(),
            Some(within) => {
                let otherwise = reopen_words(reopen.otherwise);
                format!("{then} within {}, otherwise {otherwise}", crate::time::spell(within))
            }
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
