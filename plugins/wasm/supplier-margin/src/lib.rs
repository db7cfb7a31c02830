//! A supplier makes good a share of the credit; the rule is in README.md. Kind: margin.

use decimal::Decimal;

wit_bindgen::generate!({ path: "../../wit", world: "margin" });

struct SupplierMargin;

export!(SupplierMargin);

impl Guest for SupplierMargin {
    fn share(context: Context, credit: Money) -> Result<Assessment, String> {
        let share = context.arguments.iter().find(|argument| argument.name == "share");
        let share = Decimal::read(&share.ok_or("the argument `share` is missing")?.value)?;
        if share < Decimal::ZERO || Decimal::whole(1) < share {
            return Err("the share must be from 0% to 100%".to_string());
        }
        let whole = Decimal::read(&credit.amount)?;
        let amount = whole.times(share)?.over(1)?.min(whole);
        let note = format!("{}% of {whole}", share.times(Decimal::whole(100))?);
        Ok(Assessment { amount: Money { amount: amount.to_string(), currency: credit.currency }, note })
    }
}
