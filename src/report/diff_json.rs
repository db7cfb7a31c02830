//! Two agreements side by side for programs. Amounts are texts, instants RFC 3339 in UTC, durations milliseconds.

use serde_json::{Value, json};

use crate::diff::{Amounts, Change, Clock, Flip, Money, Said, Wording};
use crate::money::{Currency, Fraction};

use super::diff::{Compared, Replayed};
use super::json::{kind, settled};

/// All of it as one object.
pub fn json(compared: &Compared<'_>) -> Value {
    let side = |(name, of): (&str, &str)| json!({ "agreement": name, "of": of });
    let mut object = json!({
        "old": side(compared.old),
        "new": side(compared.new),
        "tzdb": chrono_tz::IANA_TZDB_VERSION,
        "engine": env!("CARGO_PKG_VERSION"),
        "changes": compared.changes.iter().map(change).collect::<Vec<_>>(),
    });
    if let (Value::Object(map), Some(replayed)) = (&mut object, &compared.replayed)
        && let Value::Object(more) = self::replayed(replayed)
    {
        map.extend(more);
    }
    object
}

fn change(change: &Change) -> Value {
    json!({
        "what": change.what,
        "change": change.how.word(),
        "since": change.since.map(|day| day.to_string()),
        "until": change.until.map(|day| day.to_string()),
        "old": change.old.as_ref().map(wording),
        "new": change.new.as_ref().map(wording),
        "gone": change.gone().into_iter().map(said).collect::<Vec<_>>(),
        "come": change.come().into_iter().map(said).collect::<Vec<_>>(),
    })
}

fn wording(wording: &Wording) -> Value {
    json!({
        "ref": wording.head.mark,
        "at": wording.head.at,
        "lines": wording.lines.iter().map(said).collect::<Vec<_>>(),
    })
}

fn said(said: &Said) -> Value {
    json!({ "words": said.words, "ref": said.mark, "at": said.at })
}

fn replayed(replayed: &Replayed<'_>) -> Value {
    let flips = replayed.flips;
    let money = replayed.money;
    let amounts = |rows: &[Amounts]| rows.iter().map(|row| amount(money, row)).collect::<Vec<_>>();
    let totals = money.totals.iter().map(|(word, old, new)| ((*word).to_string(), sides(money, old, new)));
    json!({
        "as_of": replayed.as_of.to_string(),
        "tickets": replayed.tickets,
        "flips": flips.flipped.iter().map(flip).collect::<Vec<_>>(),
        "later_or_sooner": flips.later_or_sooner.iter().map(flip).collect::<Vec<_>>(),
        "clocks_alike": flips.alike,
        "currencies": { "old": money.old_currency.map(Currency::code), "new": money.new_currency.map(Currency::code) },
        "by_clause": amounts(&money.by_clause),
        "by_tier": amounts(&money.by_tier),
        "by_priority": amounts(&money.by_priority),
        "by_month": amounts(&money.by_month),
        "totals": Value::Object(totals.collect()),
    })
}

fn flip(flip: &Flip) -> Value {
    let reasons = flip.reasons.iter().map(|reason| json!({ "kind": reason.kind, "words": reason.words }));
    json!({
        "ticket": flip.ticket,
        "metric": flip.metric,
        "cycle": flip.cycle,
        "old": flip.old.as_ref().map(clock),
        "new": flip.new.as_ref().map(clock),
        "because": reasons.collect::<Vec<_>>(),
    })
}

fn clock(clock: &Clock) -> Value {
    json!({
        "status": clock.word(),
        "version": clock.version,
        "tier": clock.tier,
        "priority": clock.priority,
        "target": clock.target,
        "target_ms": clock.target_ms,
        "elapsed_ms": clock.elapsed_ms,
        "paused_ms": clock.paused_ms,
        "late_ms": clock.late_ms,
        "started_at": clock.started_at.to_string(),
        "stopped_at": clock.stopped_at.map(|at| at.to_string()),
        "breached_at": clock.breached_at.map(|at| at.to_string()),
    })
}

fn amount(money: &Money, row: &Amounts) -> Value {
    let mut object = json!({ "name": row.name, "ref": row.mark, "kind": kind(row.kind) });
    if let (Value::Object(map), Value::Object(more)) = (&mut object, sides(money, &row.old, &row.new)) {
        map.extend(more);
    }
    object
}

/// Before, after, and the difference; in two currencies there is none.
fn sides(money: &Money, old: &Fraction, new: &Fraction) -> Value {
    let difference = money.common().ok().map(|currency| settled(&(new - old), currency));
    json!({ "old": settled(old, money.old_currency), "new": settled(new, money.new_currency), "difference": difference })
}
