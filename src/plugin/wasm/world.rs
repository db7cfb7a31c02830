//! The worlds of `plugins/wit/` as types: what the function of each takes and returns.
//!
//! The records of [`context`](crate::plugin::context) cross as they are; only a context's arguments lose their types, which
//! a component gets as texts.

use wasmtime::component::types::{self, ComponentFunc};
use wasmtime::component::{ComponentNamedList, ComponentType, Lift, Lower};

use crate::money::{self, Fraction};
use crate::plugin::context::{self, Breach, Context, Fee, Money, Outage, Period, Ticket};
use crate::plugin::{Answer, Failure, Kind, Question};

use super::failure::{failure, said};

/// A number with more characters than this is no answer.
const DIGITS: usize = 40;

#[derive(Debug, Clone, ComponentType, Lower)]
#[component(record)]
pub struct Argument<'c> {
    name: &'c str,
    value: &'c str,
}

/// A context.
#[derive(Debug, Clone, ComponentType, Lower)]
#[component(record)]
pub struct Told<'c> {
    agreement: &'c str,
    clause: &'c str,
    reference: Option<&'c str>,
    fees: &'c [Fee],
    period: Option<&'c Period>,
    earlier: &'c [Period],
    breaches: &'c [Breach],
    outages: &'c [Outage],
    arguments: Vec<Argument<'c>>,
}

#[derive(Debug, ComponentType, Lift)]
#[component(record)]
pub struct Assessment {
    amount: Money,
    note: String,
}

type Aspect<'c> = (&'c Ticket, Vec<Argument<'c>>);
type Returned<T> = (Result<T, String>,);

/// A component's function that can be called.
pub trait Call {
    /// Calls it, in a fresh instance.
    ///
    /// # Errors
    /// When the call traps or what it returns cannot be read.
    fn call<P, R>(&mut self, taken: P) -> Result<R, Failure>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift;
}

/// Asks a question.
///
/// # Errors
/// When the call fails, the guest answers with an error, or with a number that is none.
pub fn ask(call: &mut impl Call, question: &Question<'_>) -> Result<Answer, Failure> {
    match question {
        Question::Credit(context) => assessment(call.call((told(context),))?),
        Question::Margin(context, credit) => assessment(call.call((told(context), *credit))?),
        Question::Measure(context) => figure(call.call((told(context),))?),
        Question::Classify(ticket, given) => Ok(Answer::Text(answered(call.call((*ticket, arguments(given)))?)?)),
        Question::Pause(ticket, given) => Ok(Answer::Truth(answered(call.call((*ticket, arguments(given)))?)?)),
    }
}

/// Whether a function takes and returns what its world says.
///
/// # Errors
/// When it does not, with what differs.
pub fn fits(kind: Kind, function: &ComponentFunc, component: &types::Component) -> wasmtime::Result<()> {
    let types = &component.instance_type();
    match kind {
        Kind::Credit => function.typecheck::<(Told<'_>,), Returned<Assessment>>(types),
        Kind::Margin => function.typecheck::<(Told<'_>, &Money), Returned<Assessment>>(types),
        Kind::Measure => function.typecheck::<(Told<'_>,), Returned<String>>(types),
        Kind::Classify => function.typecheck::<Aspect<'_>, Returned<String>>(types),
        Kind::Pause => function.typecheck::<Aspect<'_>, Returned<bool>>(types),
    }
}

fn told(context: &Context) -> Told<'_> {
    Told {
        agreement: &context.agreement,
        clause: &context.clause,
        reference: context.reference.as_deref(),
        fees: &context.fees,
        period: context.period.as_ref(),
        earlier: &context.earlier,
        breaches: &context.breaches,
        outages: &context.outages,
        arguments: arguments(&context.arguments),
    }
}

fn arguments(given: &[context::Argument]) -> Vec<Argument<'_>> {
    given.iter().map(|argument| Argument { name: &argument.name, value: &argument.value }).collect()
}

fn answered<T>((result,): Returned<T>) -> Result<T, Failure> {
    result.map_err(|text| said(&text))
}

fn figure(returned: Returned<String>) -> Result<Answer, Failure> {
    Ok(Answer::Number(decimal(&answered(returned)?)?))
}

fn assessment(returned: Returned<Assessment>) -> Result<Answer, Failure> {
    let Assessment { amount: Money { amount, currency }, note } = answered(returned)?;
    Ok(Answer::Assessment { amount: decimal(&amount)?, currency: Some(currency), note })
}

/// A number in plain notation: digits, at most one point with digits on both sides, a minus before them.
fn decimal(text: &str) -> Result<Fraction, Failure> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = digits.len() <= DIGITS && are_digits(whole) && are_digits(part);
    let number = if is_plain { money::decimal(text) } else { None };
    number.ok_or_else(|| {
        let short: String = text.chars().take(DIGITS).flat_map(char::escape_debug).collect();
        let help = format!("write a number as `12500.00` or `-0.5`, with at most {DIGITS} characters");
        failure(format!("the answer `{short}` is no number"), help)
    })
}
