//! Questions and answers as a component's values.

use wasmtime::component::Val;

use crate::money::{self, Fraction};
use crate::plugin::context::{Argument, Breach, Context, Fee, Field, Money, Outage, Period, Ticket};
use crate::plugin::{Answer, Failure, Kind, Question};

use super::failure;

/// A number with more digits than this is no answer.
const DIGITS: usize = 40;
/// So much of a guest's own message is told.
const MESSAGE: usize = 500;

/// The arguments of the exported function.
pub fn asked(question: &Question<'_>) -> Vec<Val> {
    match question {
        Question::Credit(context) | Question::Measure(context) => vec![told(context)],
        Question::Margin(context, credit) => vec![told(context), money(credit)],
        Question::Classify(ticket, arguments) | Question::Pause(ticket, arguments) => {
            vec![of_ticket(ticket), list(arguments, argument)]
        }
    }
}

fn record<const N: usize>(fields: [(&str, Val); N]) -> Val {
    Val::Record(fields.into_iter().map(|(name, value)| (name.to_string(), value)).collect())
}

fn list<T>(items: &[T], one: impl Fn(&T) -> Val) -> Val {
    Val::List(items.iter().map(one).collect())
}

fn option<T>(value: Option<T>, one: impl Fn(T) -> Val) -> Val {
    Val::Option(value.map(|value| Box::new(one(value))))
}

fn text(text: &str) -> Val {
    Val::String(text.to_string())
}

fn pair(name: &str, value: &str) -> Val {
    record([("name", text(name)), ("value", text(value))])
}

fn argument(argument: &Argument) -> Val {
    pair(&argument.name, &argument.value)
}

fn fields(fields: &[Field]) -> Val {
    list(fields, |field| pair(&field.name, &field.value))
}

fn money(money: &Money) -> Val {
    record([("amount", text(&money.amount)), ("currency", text(&money.currency))])
}

fn told(context: &Context) -> Val {
    record([
        ("agreement", text(&context.agreement)),
        ("clause", text(&context.clause)),
        ("reference", option(context.reference.as_deref(), text)),
        ("fees", list(&context.fees, fee)),
        ("period", option(context.period.as_ref(), period)),
        ("earlier", list(&context.earlier, period)),
        ("breaches", list(&context.breaches, breach)),
        ("outages", list(&context.outages, outage)),
        ("arguments", list(&context.arguments, argument)),
    ])
}

fn fee(fee: &Fee) -> Val {
    record([("service", option(fee.service.as_deref(), text)), ("amount", money(&fee.amount))])
}

fn period(period: &Period) -> Val {
    record([
        ("start", Val::S64(period.start)),
        ("end", Val::S64(period.end)),
        ("met", Val::U64(period.met)),
        ("breached", Val::U64(period.breached)),
        ("numerator", text(&period.numerator)),
        ("denominator", text(&period.denominator)),
        ("tickets", Val::U64(period.tickets)),
    ])
}

fn breach(breach: &Breach) -> Val {
    record([
        ("ticket", text(&breach.ticket)),
        ("metric", text(&breach.metric)),
        ("tier", text(&breach.tier)),
        ("priority", text(&breach.priority)),
        ("started-at", Val::S64(breach.started_at)),
        ("due-at", Val::S64(breach.due_at)),
        ("breached-at", Val::S64(breach.breached_at)),
        ("stopped-at", option(breach.stopped_at, Val::S64)),
        ("target-ms", Val::S64(breach.target_ms)),
        ("elapsed-ms", Val::S64(breach.elapsed_ms)),
        ("paused-ms", Val::S64(breach.paused_ms)),
        ("late-ms", Val::S64(breach.late_ms)),
        ("fields", fields(&breach.fields)),
    ])
}

fn outage(outage: &Outage) -> Val {
    record([
        ("service", text(&outage.service)),
        ("start", Val::S64(outage.start)),
        ("end", option(outage.end, Val::S64)),
        ("fields", fields(&outage.fields)),
    ])
}

fn of_ticket(ticket: &Ticket) -> Val {
    record([("id", text(&ticket.id)), ("created-at", Val::S64(ticket.created_at)), ("fields", fields(&ticket.fields))])
}

/// What the exported function returned.
///
/// # Errors
/// When it is the guest's own error, or a number that is none.
pub fn answer(kind: Kind, value: Val) -> Result<Answer, Failure> {
    let Val::Result(result) = value else { return Err(strange()) };
    let value = match result {
        Ok(Some(value)) => *value,
        Err(Some(error)) => return Err(said(*error)),
        Ok(None) | Err(None) => return Err(strange()),
    };
    match (kind, value) {
        (Kind::Credit | Kind::Margin, Val::Record(fields)) => assessment(fields),
        (Kind::Measure, Val::String(number)) => Ok(Answer::Number(decimal(&number)?)),
        (Kind::Classify, Val::String(name)) => Ok(Answer::Text(name)),
        (Kind::Pause, Val::Bool(truth)) => Ok(Answer::Truth(truth)),
        _ => Err(strange()),
    }
}

fn assessment(fields: Vec<(String, Val)>) -> Result<Answer, Failure> {
    let (mut amount, mut currency, mut note) = (None, None, String::new());
    for (name, value) in fields {
        match (name.as_str(), value) {
            ("amount", Val::Record(money)) => {
                for (name, value) in money {
                    match (name.as_str(), value) {
                        ("amount", Val::String(number)) => amount = Some(decimal(&number)?),
                        ("currency", Val::String(code)) => currency = Some(code),
                        _ => return Err(strange()),
                    }
                }
            }
            ("note", Val::String(text)) => note = text,
            _ => return Err(strange()),
        }
    }
    Ok(Answer::Assessment { amount: amount.ok_or_else(strange)?, currency, note })
}

/// A number in plain notation: digits, at most one point with digits on both sides, a minus before them.
fn decimal(text: &str) -> Result<Fraction, Failure> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let plain = digits.len() <= DIGITS && are_digits(whole) && are_digits(part);
    let number = if plain { money::decimal(digits) } else { None };
    let number = number.ok_or_else(|| {
        let short: String = text.chars().take(DIGITS).flat_map(char::escape_debug).collect();
        let help = format!("write a number as `12500.00` or `-0.5`, with at most {DIGITS} characters");
        failure(format!("the answer `{short}` is no number"), help)
    })?;
    Ok(if text.starts_with('-') { -number } else { number })
}

/// What the guest itself says went wrong.
fn said(error: Val) -> Failure {
    let Val::String(text) = error else { return strange() };
    let short: String = text.chars().take(MESSAGE).flat_map(char::escape_debug).collect();
    failure(format!("the component says: {short}"), "look at what the clause hands over, and at the plugin's page")
}

fn strange() -> Failure {
    failure("the component answered in a form that its world does not have", "build it against `plugins/wit/`")
}
