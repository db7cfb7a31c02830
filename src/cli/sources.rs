//! Which source reads which file.

use std::collections::BTreeSet;

use crate::plan::source::{Shape, Source};
use crate::plan::{Agreement, Plan};

use super::Failure;

/// A kind of facts besides tickets, and the sources that read them.
pub struct Kind {
    /// The word for one of them, as in `one row per outage`.
    word: &'static str,
    /// The source that an agreement names for them.
    named: fn(&Agreement) -> Option<&str>,
    /// Whether a source reads them.
    is_read_by: fn(&Shape) -> bool,
}

/// `outages from NAME`
pub const OUTAGES: Kind = Kind {
    word: "outage",
    named: |agreement| agreement.outages_from.as_deref(),
    is_read_by: |shape| matches!(shape, Shape::Outages { .. }),
};

/// `claims from NAME`
pub const CLAIMS: Kind = Kind {
    word: "claim",
    named: |agreement| agreement.claims.as_deref(),
    is_read_by: |shape| matches!(shape, Shape::Claims { .. }),
};

/// `announcements from NAME`
pub const ANNOUNCEMENTS: Kind = Kind {
    word: "announcement",
    named: |agreement| agreement.announcements_from.as_deref(),
    is_read_by: |shape| matches!(shape, Shape::Announcements { .. }),
};

/// `charges from NAME`
pub const CHARGES: Kind = Kind {
    word: "charge",
    named: |agreement| agreement.charges_from.as_deref(),
    is_read_by: |shape| matches!(shape, Shape::Charges { .. }),
};

/// The source that all agreements name for a kind of facts, or the only one whose rows are such facts.
///
/// # Errors
/// When there is none, or several.
pub fn of_facts<'p>(plan: &'p Plan, kind: &Kind) -> Result<&'p Source, Failure> {
    let word = kind.word;
    let named: BTreeSet<&str> = plan.agreements.iter().filter_map(kind.named).collect();
    if named.len() > 1 {
        let named = named.into_iter().collect::<Vec<_>>().join(" and ");
        return Err(Failure::call(format!("these agreements read {word}s from {named}: run them apart")));
    }
    let is_wanted =
        |source: &&Source| (kind.is_read_by)(&source.shape) && named.first().is_none_or(|named| source.name == *named);
    let found: Vec<&Source> = plan.sources.iter().filter(is_wanted).collect();
    match found.as_slice() {
        [source] => Ok(source),
        [] => Err(Failure::call(format!(
            "no source says how the {word}s are read: add `{word}s from NAME`, and `one row per {word}` to it"
        ))),
        _ => {
            Err(Failure::call(format!("several sources read {word}s: say in the agreement which, `{word}s from NAME`")))
        }
    }
}

/// The source of tickets that is named, or the one that all agreements name.
///
/// # Errors
/// When there is none, or it is not clear which.
pub fn of_tickets<'p>(plan: &'p Plan, named: Option<&str>) -> Result<&'p Source, Failure> {
    let known = || plan.sources.iter().map(|source| source.name.as_str()).collect::<Vec<_>>().join(", ");
    let mut named: Vec<&str> = match named {
        Some(name) => vec![name],
        None => plan.agreements.iter().filter_map(|agreement| agreement.source.as_deref()).collect(),
    };
    named.sort_unstable();
    named.dedup();
    let name = match named.as_slice() {
        [name] => *name,
        [] => return only_source(plan, &known()),
        several => {
            let message =
                format!("these agreements read tickets from {}: say with `--source NAME` which", several.join(" and "));
            return Err(Failure::call(message));
        }
    };
    let mut found = plan.sources.iter().filter(|source| source.name == name);
    match (found.next(), found.next()) {
        (Some(source), None) => Ok(source),
        (Some(_), Some(_)) => Err(Failure::call(format!("two files declare different sources `{name}`: rename one"))),
        (None, _) => Err(Failure::call(format!("there is no source `{name}`; known are: {}", known()))),
    }
}

fn only_source<'p>(plan: &'p Plan, known: &str) -> Result<&'p Source, Failure> {
    let of_tickets = plan.sources.iter().filter(|source| {
        !matches!(source.shape, Shape::Claims { .. } | Shape::Charges { .. } | Shape::Announcements { .. })
    });
    match of_tickets.collect::<Vec<_>>().as_slice() {
        [source] => Ok(source),
        [] => Err(Failure::call("no source says how the log is read: add `tickets from NAME` and its `source`")),
        _ => Err(Failure::call(format!("say with `--source NAME` which source reads the log: {known}"))),
    }
}
