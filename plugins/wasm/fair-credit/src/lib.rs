//! A credit that grows with how late the breaches of a month were; the rule is in README.md. Kind: credit.

use decimal::{Decimal, Fault};

wit_bindgen::generate!({ path: "../../wit", world: "credit" });

use klausel::plugin::types::{Argument, Breach, Money};

struct FairCredit;

export!(FairCredit);

impl Guest for FairCredit {
    fn assess(context: Context) -> Result<Assessment, String> {
        let weight = Decimal::read(argument(&context.arguments, "weight")?);
        let weight = weight.map_err(|_| "the argument `weight` is no number")?;
        let floor = Decimal::read_money(argument(&context.arguments, "floor")?);
        let (floor, currency) = floor.map_err(|_| "the argument `floor` is no amount of money")?;
        if weight <= Decimal::ZERO {
            return Err("the weight must be above zero".to_string());
        }
        let (amount, note) = if context.breaches.is_empty() {
            (Decimal::ZERO, "no breach".to_string())
        } else {
            let severity = severity_of_month(&context.breaches)?;
            let clocks = clocks(&context);
            let amount = credit(fee(&context)?, weight, severity, clocks, floor)?;
            (amount, format!("severity {severity} of {clocks} clocks"))
        };
        Ok(Assessment { amount: Money { amount: amount.to_string(), currency: currency.to_string() }, note })
    }
}

/// The value of an argument that the clause hands over.
fn argument<'a>(arguments: &'a [Argument], name: &str) -> Result<&'a str, Fault> {
    let found = arguments.iter().find(|argument| argument.name == name);
    found.map(|argument| argument.value.as_str()).ok_or_else(|| format!("the argument `{name}` is missing"))
}

/// All that is owed for the period.
fn fee(context: &Context) -> Result<Decimal, Fault> {
    context.fees.iter().try_fold(Decimal::ZERO, |sum, fee| sum.plus(Decimal::read(&fee.amount.amount)?))
}

/// The clocks counted; where the period tells of none, one for each breach.
fn clocks(context: &Context) -> i128 {
    let counted = context.period.as_ref().map_or(0, |period| i128::from(period.met) + i128::from(period.breached));
    if counted == 0 { context.breaches.len() as i128 } else { counted }
}

fn severity_of_month(breaches: &[Breach]) -> Result<Decimal, Fault> {
    breaches.iter().try_fold(Decimal::ZERO, |sum, breach| sum.plus(severity(breach)?))
}

/// How late, as a part of the target: one where the whole target was missed again.
fn severity(breach: &Breach) -> Result<Decimal, Fault> {
    if breach.target_ms <= breach.late_ms {
        return Ok(Decimal::whole(1));
    }
    Decimal::whole(i128::from(breach.late_ms)).over(i128::from(breach.target_ms))
}

/// The amount between its floor and a third of the fee, which comes last.
fn credit(fee: Decimal, weight: Decimal, severity: Decimal, clocks: i128, floor: Decimal) -> Result<Decimal, Fault> {
    let amount = fee.times(weight)?.times(severity)?.over(3 * clocks)?;
    Ok(amount.max(floor).min(fee.over(3)?))
}
