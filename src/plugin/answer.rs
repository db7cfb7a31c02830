//! What the host takes over of an answer: a plugin proposes, the agreement disposes.

use num_traits::{Signed, Zero};

use crate::money::{self, Currency, Fraction};

use super::{Answer, Failure, Kind};

/// Longer notes are refused: they stand in every line of a ledger.
pub const NOTE: usize = 2_000;
/// Longer names are refused.
pub const TEXT: usize = 200;
/// Amounts and figures of this size or more are refused: no contract has them, and a mistake does.
const BOUND: i64 = 1_000_000_000_000_000;

/// An amount that may be settled, and why it is so much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessed {
    /// Zero or more, in the agreement's currency.
    pub amount: Fraction,
    /// Why, in the plugin's words; may be empty.
    pub note: String,
}

/// An amount of money as the agreement settles it.
///
/// # Errors
/// When it is below zero, in another currency, of no sensible size, or its note is too long.
pub fn assessment(answer: Answer, kind: Kind, currency: Option<Currency>) -> Result<Assessed, Failure> {
    let Answer::Assessment { amount, currency: said, note } = answer else { return Err(wrong(kind, "an amount")) };
    let wanted = currency.map(Currency::code);
    if let (Some(said), Some(wanted)) = (&said, wanted)
        && said != wanted
    {
        let help = format!("answer in {wanted}, the agreement's currency");
        return Err(failure(format!("the answer is in {} and the agreement in {wanted}", quoted(said)), help));
    }
    if amount.is_negative() {
        let help = "an amount is never below zero: what comes back is an incentive's";
        return Err(failure(format!("the answer is {}, which is below zero", money::exact(&amount)), help));
    }
    in_bounds(&amount)?;
    if note.chars().count() > NOTE {
        let what = format!("the answer's note is longer than {NOTE} characters");
        return Err(failure(what, "say in a sentence how the amount came about"));
    }
    let note = note.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Assessed { amount, note })
}

/// What a supplier's share may be: no more than the amount it is a share of.
///
/// # Errors
/// As for [`assessment`], and when it is more than `credit`.
pub fn share(answer: Answer, currency: Option<Currency>, credit: &Fraction) -> Result<Assessed, Failure> {
    let assessed = assessment(answer, Kind::Margin, currency)?;
    if credit < &assessed.amount {
        let (share, credit) = (money::exact(&assessed.amount), money::exact(credit));
        let help = "a supplier makes good no more than was paid";
        return Err(failure(format!("the share is {share}, and the amount it is of is {credit}"), help));
    }
    Ok(assessed)
}

/// A figure that bands can test.
///
/// # Errors
/// When it is no number, or of no sensible size.
pub fn figure(answer: Answer) -> Result<Fraction, Failure> {
    let Answer::Number(figure) = answer else { return Err(wrong(Kind::Measure, "a number")) };
    in_bounds(&figure)?;
    Ok(figure)
}

/// A name that is among those the agreement knows.
///
/// # Errors
/// When it is not.
pub fn name<'n>(answer: Answer, known: &[&'n str]) -> Result<&'n str, Failure> {
    let Answer::Text(text) = answer else { return Err(wrong(Kind::Classify, "a name")) };
    let found = known.iter().find(|known| **known == text);
    found.copied().ok_or_else(|| {
        let what = format!("the answer is {}, which the agreement does not know", quoted(&text));
        failure(what, format!("known are: {}", known.join(", ")))
    })
}

/// Yes or no.
///
/// # Errors
/// When it is neither.
pub fn truth(answer: Answer) -> Result<bool, Failure> {
    let Answer::Truth(truth) = answer else { return Err(wrong(Kind::Pause, "yes or no")) };
    Ok(truth)
}

fn in_bounds(value: &Fraction) -> Result<(), Failure> {
    let bound = money::whole(BOUND);
    if value.abs() < bound || value.is_zero() {
        return Ok(());
    }
    let what = format!("the answer is {} or more", money::grouped(&money::exact(&bound)));
    Err(failure(what, "no contract has such amounts: look for the mistake in the plugin"))
}

fn wrong(kind: Kind, wanted: &str) -> Failure {
    failure(format!("the answer is not {wanted}"), format!("a plugin of kind `{}` answers with {wanted}", kind.word()))
}

fn failure(what: impl Into<String>, help: impl Into<String>) -> Failure {
    Failure { what: what.into(), at: None, help: help.into() }
}

/// A text of a plugin in a message, short enough to be read.
fn quoted(text: &str) -> String {
    let short: String = text.chars().take(TEXT).flat_map(char::escape_debug).collect();
    if short.len() < text.len() { format!("`{short}…`") } else { format!("`{short}`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(amount: i64, currency: &str) -> Answer {
        let currency = Some(currency.to_string());
        Answer::Assessment { amount: money::whole(amount), currency, note: "so\n agreed".to_string() }
    }

    #[test]
    fn only_what_the_agreement_could_owe_is_taken() {
        let euro = Currency::from_code("EUR");
        let taken = assessment(amount(50, "EUR"), Kind::Credit, euro).map(|taken| taken.note);
        assert_eq!(taken, Ok("so agreed".to_string()));
        let said = |answer| assessment(answer, Kind::Credit, euro).map_err(|failure| failure.what);
        assert_eq!(said(amount(50, "USD")), Err("the answer is in `USD` and the agreement in EUR".to_string()));
        assert_eq!(said(amount(-1, "EUR")), Err("the answer is -1, which is below zero".to_string()));
        assert!(said(amount(BOUND, "EUR")).is_err());
        assert_eq!(said(Answer::Truth(true)), Err("the answer is not an amount".to_string()));
    }

    #[test]
    fn a_supplier_makes_good_no_more_than_was_paid() {
        let euro = Currency::from_code("EUR");
        assert!(share(amount(50, "EUR"), euro, &money::whole(50)).is_ok());
        assert!(share(amount(51, "EUR"), euro, &money::whole(50)).is_err());
    }

    #[test]
    fn a_name_must_be_known() {
        assert_eq!(name(Answer::Text("P1".to_string()), &["P1", "P2"]), Ok("P1"));
        assert!(name(Answer::Text("P9".to_string()), &["P1", "P2"]).is_err());
    }
}
