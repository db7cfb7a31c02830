//! What crosses to a script, and back.

use ::rhai::{Dynamic, INT, Map};
use rust_decimal::Decimal;

use crate::money;

use super::super::context::{Argument, ArgumentType, Breach, Context, Fee, Field, Money, Outage, Period, Ticket};
use super::super::{Answer, Failure, Kind, Question};
use super::failure;
use super::library::List;

/// The fields a script may read, for the nearest name.
pub const FIELDS: &[&str] = &[
    "agreement",
    "clause",
    "reference",
    "fees",
    "period",
    "earlier",
    "breaches",
    "outages",
    "arguments",
    "credit",
    "amount",
    "currency",
    "ticket",
    "metric",
    "tier",
    "priority",
    "started_at",
    "due_at",
    "breached_at",
    "stopped_at",
    "target_ms",
    "elapsed_ms",
    "paused_ms",
    "late_ms",
    "fields",
    "service",
    "start",
    "end",
    "met",
    "breached",
    "numerator",
    "denominator",
    "tickets",
    "id",
    "created_at",
    "len",
];

/// The parameters of the function that answers, for one of `count` parameters.
pub fn question(question: &Question<'_>, count: usize) -> Result<Vec<Dynamic>, Failure> {
    Ok(match question {
        Question::Credit(asked) | Question::Measure(asked) => vec![context(asked)?.into()],
        Question::Margin(asked, credit) => {
            let (mut given, credit) = (context(asked)?, amount(credit)?);
            if count == 1 {
                given.insert("credit".into(), credit.clone());
            }
            vec![given.into(), credit]
        }
        Question::Classify(asked, handed) | Question::Pause(asked, handed) => {
            let (mut given, handed) = (ticket(asked), arguments(handed)?);
            if count == 1 {
                given.insert("arguments".into(), handed.clone());
            }
            vec![given.into(), handed]
        }
    })
}

fn map<const N: usize>(entries: [(&str, Dynamic); N]) -> Map {
    entries.into_iter().map(|(name, value)| (name.into(), value)).collect()
}

fn list<T>(items: &[T], each: impl Fn(&T) -> Result<Dynamic, Failure>) -> Result<Dynamic, Failure> {
    let items: Result<Vec<Dynamic>, Failure> = items.iter().map(each).collect();
    Ok(Dynamic::from(List(items?.into())))
}

fn context(context: &Context) -> Result<Map, Failure> {
    Ok(map([
        ("agreement", context.agreement.clone().into()),
        ("clause", context.clause.clone().into()),
        ("reference", context.reference.clone().map_or(Dynamic::UNIT, Dynamic::from)),
        ("fees", list(&context.fees, fee)?),
        ("period", context.period.as_ref().map_or(Ok(Dynamic::UNIT), period)?),
        ("earlier", list(&context.earlier, period)?),
        ("breaches", list(&context.breaches, |item| Ok(breach(item)))?),
        ("outages", list(&context.outages, |item| Ok(outage(item)))?),
        ("arguments", arguments(&context.arguments)?),
    ]))
}

fn fee(fee: &Fee) -> Result<Dynamic, Failure> {
    let service = fee.service.clone().map_or(Dynamic::UNIT, Dynamic::from);
    Ok(map([("service", service), ("amount", amount(&fee.amount)?)]).into())
}

fn period(period: &Period) -> Result<Dynamic, Failure> {
    Ok(map([
        ("start", period.start.into()),
        ("end", period.end.into()),
        ("met", counted(period.met)),
        ("breached", counted(period.breached)),
        ("numerator", number(&period.numerator)?),
        ("denominator", number(&period.denominator)?),
        ("tickets", counted(period.tickets)),
    ])
    .into())
}

fn counted(count: u64) -> Dynamic {
    INT::try_from(count).unwrap_or(INT::MAX).into()
}

fn breach(breach: &Breach) -> Dynamic {
    map([
        ("ticket", breach.ticket.clone().into()),
        ("metric", breach.metric.clone().into()),
        ("tier", breach.tier.clone().into()),
        ("priority", breach.priority.clone().into()),
        ("started_at", breach.started_at.into()),
        ("due_at", breach.due_at.into()),
        ("breached_at", breach.breached_at.into()),
        ("stopped_at", breach.stopped_at.map_or(Dynamic::UNIT, Dynamic::from)),
        ("target_ms", breach.target_ms.into()),
        ("elapsed_ms", breach.elapsed_ms.into()),
        ("paused_ms", breach.paused_ms.into()),
        ("late_ms", breach.late_ms.into()),
        ("fields", fields(&breach.fields)),
    ])
    .into()
}

fn outage(outage: &Outage) -> Dynamic {
    map([
        ("service", outage.service.clone().into()),
        ("start", outage.start.into()),
        ("end", outage.end.map_or(Dynamic::UNIT, Dynamic::from)),
        ("fields", fields(&outage.fields)),
    ])
    .into()
}

fn ticket(ticket: &Ticket) -> Map {
    map([
        ("id", ticket.id.clone().into()),
        ("created_at", ticket.created_at.into()),
        ("fields", fields(&ticket.fields)),
    ])
}

fn fields(fields: &[Field]) -> Dynamic {
    fields.iter().map(|field| (field.name.as_str().into(), field.value.clone().into())).collect::<Map>().into()
}

fn arguments(arguments: &[Argument]) -> Result<Dynamic, Failure> {
    let mut named = Map::new();
    for argument in arguments {
        let value = match argument.kind {
            ArgumentType::Number => number(&argument.value)?,
            ArgumentType::Money => {
                let (value, currency) = argument.value.split_once(' ').ok_or_else(|| unreadable(&argument.value))?;
                amount(&Money { amount: value.to_string(), currency: currency.to_string() })?
            }
            ArgumentType::Duration => argument.value.parse::<INT>().map_err(|_| unreadable(&argument.value))?.into(),
            ArgumentType::Text => argument.value.clone().into(),
        };
        named.insert(argument.name.as_str().into(), value);
    }
    Ok(named.into())
}

/// The names of what the clause hands over.
pub fn argument_names<'q>(question: &Question<'q>) -> Vec<&'q str> {
    let handed = match question {
        Question::Credit(asked) | Question::Measure(asked) | Question::Margin(asked, _) => asked.arguments.as_slice(),
        Question::Classify(_, handed) | Question::Pause(_, handed) => handed,
    };
    handed.iter().map(|argument| argument.name.as_str()).collect()
}

fn amount(money: &Money) -> Result<Dynamic, Failure> {
    Ok(map([("amount", number(&money.amount)?), ("currency", money.currency.clone().into())]).into())
}

fn number(text: &str) -> Result<Dynamic, Failure> {
    Decimal::from_str_exact(text).map(Dynamic::from).map_err(|_| unreadable(text))
}

fn unreadable(text: &str) -> Failure {
    failure::new(format!("`{text}` cannot be handed to a script"), "a script's numbers have at most 28 digits")
}

/// The figure in a field: a number, or the amount of money.
pub fn figure_of(item: &Dynamic, field: &str) -> Option<Decimal> {
    let item = item.read_lock::<Map>()?;
    let value = item.get(field)?;
    match value.read_lock::<Map>() {
        Some(money) => money.get("amount").and_then(figure),
        None => figure(value),
    }
}

fn figure(value: &Dynamic) -> Option<Decimal> {
    value.as_decimal().ok().or_else(|| value.as_int().ok().map(Decimal::from))
}

/// What a script answers, as its kind wants it.
pub fn answer(kind: Kind, value: Dynamic) -> Result<Answer, Failure> {
    let type_name = failure::kind_of(value.type_name());
    let wrong =
        |wanted: &str| failure::new(format!("the script answers with {type_name}"), format!("answer with {wanted}"));
    match kind {
        Kind::Credit | Kind::Margin => {
            assessment(&value).unwrap_or_else(|| Err(wrong("`#{ amount: 12.50, note: \"why\" }`")))
        }
        Kind::Measure => exact(&value).map(Answer::Number).ok_or_else(|| wrong("a number")),
        Kind::Classify => value.into_string().map(Answer::Text).map_err(|_| wrong("the name of a priority or tier")),
        Kind::Pause => value.as_bool().map(Answer::Truth).map_err(|_| wrong("`true` or `false`")),
    }
}

fn exact(value: &Dynamic) -> Option<money::Fraction> {
    money::decimal(&figure(value)?.to_string())
}

fn assessment(value: &Dynamic) -> Option<Result<Answer, Failure>> {
    if let Some(amount) = exact(value) {
        return Some(Ok(Answer::Assessment { amount, currency: None, note: String::new() }));
    }
    let parts = value.read_lock::<Map>()?;
    if let Some(other) = parts.keys().find(|key| !matches!(key.as_str(), "amount" | "currency" | "note")) {
        let help = "an answer has `amount`, `note` and perhaps `currency`";
        return Some(Err(failure::new(format!("the answer has a field `{other}`"), help)));
    }
    let amount = parts.get("amount").and_then(exact)?;
    let text = |name| parts.get(name).map(|value: &Dynamic| value.clone().into_string().ok());
    let (currency, note) = (text("currency"), text("note"));
    if currency == Some(None) || note == Some(None) {
        return Some(Err(failure::new("the answer's note or currency is no text", "write both in quotes")));
    }
    Some(Ok(Answer::Assessment { amount, currency: currency.flatten(), note: note.flatten().unwrap_or_default() }))
}
