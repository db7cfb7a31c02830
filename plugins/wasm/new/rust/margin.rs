//! A supplier's share of an amount: `recover by NAME(share: 80%)`.

#[allow(dead_code)]
mod decimal;

use decimal::Decimal;

wit_bindgen::generate!({ path: "wit", world: "margin" });

struct Rule;

export!(Rule);

impl Guest for Rule {
    /// The share of the credit, rounded half even to six decimals.
    fn share(context: Context, credit: Money) -> Result<Assessment, String> {
        let share = context.arguments.iter().find(|argument| argument.name == "share");
        let share = Decimal::read(&share.ok_or("the argument `share` is missing")?.value)?;
        let amount = Decimal::read(&credit.amount)?.times(share)?.over(1)?;
        let note = format!("of {}", credit.amount);
        Ok(Assessment { amount: Money { amount: amount.to_string(), currency: credit.currency }, note })
    }
}
