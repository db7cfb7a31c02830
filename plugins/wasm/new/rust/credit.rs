//! An amount for a breach or a period: `credit by NAME(rate: 2%)`.
//!
//! What is answered here is capped, combined and rounded by the agreement.

#[allow(dead_code)]
mod decimal;

use decimal::Decimal;

wit_bindgen::generate!({ path: "wit", world: "credit" });

use klausel::plugin::types::Money;

struct Rule;

export!(Rule);

impl Guest for Rule {
    /// The rate of the fee for each breach.
    fn assess(context: Context) -> Result<Assessment, String> {
        let rate = context.arguments.iter().find(|argument| argument.name == "rate");
        let rate = Decimal::read(&rate.ok_or("the argument `rate` is missing")?.value)?;
        let first = context.fees.first().ok_or("no fee is owed")?;
        let fee = context
            .fees
            .iter()
            .try_fold(Decimal::ZERO, |sum, fee| sum.plus(Decimal::read(&fee.amount.amount)?))?;
        let late = context.breaches.len();
        let amount = fee.times(rate)?.times(Decimal::whole(late as i128))?;
        let amount = Money { amount: amount.to_string(), currency: first.amount.currency.clone() };
        Ok(Assessment { amount, note: format!("{late} breaches") })
    }
}
