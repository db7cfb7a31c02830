//! The worked scripts of `plugins/rhai/`, with answers worked out by hand.
#![expect(clippy::panic, reason = "helpers of a test may panic, and the allowance for tests does not reach them")]

use klausel::money;
use klausel::plugin::context::{Argument, ArgumentType, Breach, Context, Fee, Money, Period};
use klausel::plugin::{Answer, Failure, Language, Limits, Plugin, Question};

fn euro(amount: &str) -> Money {
    Money { amount: amount.to_string(), currency: "EUR".to_string() }
}

fn argument(name: &str, kind: ArgumentType, value: &str) -> Argument {
    Argument { name: name.to_string(), kind, value: value.to_string() }
}

fn breach(late_ms: i64, target_ms: i64) -> Breach {
    Breach {
        ticket: "T-1".to_string(),
        metric: "resolution".to_string(),
        tier: String::new(),
        priority: "P1".to_string(),
        started_at: 0,
        due_at: target_ms,
        breached_at: target_ms,
        stopped_at: None,
        target_ms,
        elapsed_ms: target_ms + late_ms,
        paused_ms: 0,
        late_ms,
        fields: Vec::new(),
    }
}

fn context(fee: &str, breaches: Vec<Breach>, arguments: Vec<Argument>) -> Context {
    let breached = breaches.len() as u64;
    let (numerator, denominator) = ("0".to_string(), "12".to_string());
    Context {
        agreement: "Hafenkontor".to_string(),
        clause: "late".to_string(),
        reference: None,
        fees: vec![Fee { service: None, amount: euro(fee) }],
        period: Some(Period { start: 0, end: 1, met: 12 - breached, breached, numerator, denominator, tickets: 12 }),
        earlier: Vec::new(),
        breaches,
        outages: Vec::new(),
        arguments,
    }
}

fn ask(script: &str, question: &Question<'_>) -> Result<String, Failure> {
    let reply = Plugin::compile(Language::Rhai, script.as_bytes())?.ask(question, &Limits::default())?;
    let Answer::Assessment { amount, .. } = reply.answer else { panic!("no amount: {:?}", reply.answer) };
    Ok(money::exact(&amount))
}

fn fair(fee: &str, breaches: Vec<Breach>) -> Result<String, Failure> {
    let arguments =
        vec![argument("weight", ArgumentType::Number, "1.5"), argument("floor", ArgumentType::Money, "50 EUR")];
    ask(include_str!("../plugins/rhai/fair_credit.rhai"), &Question::Credit(&context(fee, breaches, arguments)))
}

#[test]
fn a_fair_credit_grows_with_lateness() {
    assert_eq!(fair("10000.00", vec![]), Ok("0".to_string()));
    // 10 000 × 1.5 × 1.333333 / 36
    assert_eq!(fair("10000.00", vec![breach(1, 3), breach(9, 3)]), Ok("555.555417".to_string()));
    // 10 000 × 1.5 × 0.000333 / 36 is below the floor
    assert_eq!(fair("10000.00", vec![breach(1, 3000)]), Ok("50".to_string()));
    // 12 whole misses are half the fee: a third is the most
    assert_eq!(fair("10000.00", (0..12).map(|_| breach(3, 3)).collect()), Ok("3333.333333".to_string()));
}

#[test]
fn a_fair_credit_of_a_thousand_breaches_stays_within_its_limits() {
    assert_eq!(fair("900", (0..12).map(|_| breach(1, 0)).collect()), Ok("300".to_string()));
    let mut many = context("900", vec![], vec![]);
    many.breaches = (0..1000).map(|_| breach(1, 3)).collect();
    many.arguments =
        vec![argument("weight", ArgumentType::Number, "1"), argument("floor", ArgumentType::Money, "1 EUR")];
    many.period = None;
    // 900 × 333.333 / 3000
    let script = include_str!("../plugins/rhai/fair_credit.rhai");
    assert_eq!(ask(script, &Question::Credit(&many)), Ok("99.9999".to_string()));
}

#[test]
fn a_supplier_makes_good_its_share() {
    let script = include_str!("../plugins/rhai/supplier_margin.rhai");
    let share = |share: &str, credit: &str| {
        let context = context("0", vec![], vec![argument("share", ArgumentType::Number, share)]);
        ask(script, &Question::Margin(&context, &euro(credit)))
    };
    assert_eq!(share("0.8", "125.50"), Ok("100.4".to_string()));
    assert_eq!(share("0.333333333333", "100"), Ok("33.333333".to_string()));
    assert_eq!(share("1", "0.01"), Ok("0.01".to_string()));
    assert_eq!(
        share("1.2", "100").map_err(|failure| failure.what),
        Err("the share must be from 0% to 100%".to_string())
    );
}

fn month(used: &str, breached: u64) -> Period {
    let (numerator, denominator) = (used.to_string(), "1".to_string());
    Period { start: 0, end: 1, met: 0, breached, numerator, denominator, tickets: breached }
}

/// A month after those that had so many breaches.
fn after(earlier: &[u64], breaches: usize, arguments: Vec<Argument>) -> Context {
    let breaches = (0..breaches).map(|_| breach(1, 3)).collect();
    let earlier = earlier.iter().map(|breached| month("0", *breached)).collect();
    Context { earlier, ..context("1000", breaches, arguments) }
}

#[test]
fn points_double_while_breaches_repeat() {
    let script = include_str!("../plugins/rhai/doubled_points.rhai");
    let points = |earlier: &[u64], breaches: usize, at_most: &str| {
        let arguments =
            vec![argument("points", ArgumentType::Number, "1.5"), argument("at_most", ArgumentType::Number, at_most)];
        let asked = after(earlier, breaches, arguments);
        let reply =
            Plugin::compile(Language::Rhai, script.as_bytes())?.ask(&Question::Measure(&asked), &Limits::default())?;
        let Answer::Number(score) = reply.answer else { panic!("no number: {:?}", reply.answer) };
        Ok::<String, Failure>(money::exact(&score))
    };
    // Three breaches at 1.5.
    assert_eq!(points(&[], 3, "8"), Ok("4.5".to_string()));
    assert_eq!(points(&[0], 3, "8"), Ok("4.5".to_string()));
    assert_eq!(points(&[2], 3, "8"), Ok("9".to_string()));
    assert_eq!(points(&[0, 1, 2], 3, "8"), Ok("18".to_string()));
    // A month without a breach begins anew.
    assert_eq!(points(&[1, 1, 0, 4], 3, "8"), Ok("9".to_string()));
    // Five months are a factor of 32: 8 is the most, and so is 5.
    assert_eq!(points(&[1, 1, 1, 1, 1], 3, "8"), Ok("36".to_string()));
    assert_eq!(points(&[1, 1, 1, 1, 1], 3, "5"), Ok("22.5".to_string()));
    assert_eq!(points(&[1, 1], 0, "8"), Ok("0".to_string()));
    assert!(points(&[], 1, "0.5").is_err());
}

#[test]
fn banked_credits_are_paid_in_the_fourth_month() {
    let script = include_str!("../plugins/rhai/banked_credits.rhai");
    let paid = |earlier: &[u64], breaches: usize, months: &str| {
        let arguments =
            vec![argument("each", ArgumentType::Money, "40.50 EUR"), argument("months", ArgumentType::Number, months)];
        ask(script, &Question::Credit(&after(earlier, breaches, arguments)))
    };
    assert_eq!(paid(&[], 2, "3"), Ok("0".to_string()));
    assert_eq!(paid(&[2, 0], 1, "3"), Ok("0".to_string()));
    // 5 × 40.50 of its own, and (2 + 0 + 1) × 40.50 banked
    assert_eq!(paid(&[2, 0, 1], 5, "3"), Ok("324".to_string()));
    assert_eq!(paid(&[2, 0, 1], 0, "3"), Ok("121.5".to_string()));
    assert_eq!(paid(&[2, 0, 1, 5], 1, "3"), Ok("40.5".to_string()));
    assert_eq!(paid(&[], 2, "0"), Ok("81".to_string()));
    assert!(paid(&[], 2, "1.5").is_err());
}

#[test]
fn unused_hours_roll_over_and_overage_is_owed() {
    let script = include_str!("../plugins/rhai/block_hours.rhai");
    let owed = |hours: &[&str], used: &str| {
        let arguments = vec![
            argument("block", ArgumentType::Number, "20"),
            argument("keep", ArgumentType::Number, "10"),
            argument("price", ArgumentType::Money, "95 EUR"),
        ];
        let asked = Context {
            period: Some(month(used, 0)),
            earlier: hours.iter().map(|hours| month(hours, 0)).collect(),
            ..context("1900", vec![], arguments)
        };
        ask(script, &Question::Credit(&asked))
    };
    assert_eq!(owed(&[], "20"), Ok("0".to_string()));
    // 2.1 hours beyond 20 are nine quarters: 2.25 × 95
    assert_eq!(owed(&[], "22.1"), Ok("213.75".to_string()));
    // 8 hours roll over: 28 may be used
    assert_eq!(owed(&["12"], "28"), Ok("0".to_string()));
    assert_eq!(owed(&["12"], "30"), Ok("190".to_string()));
    // 17 hours are left, and 10 roll over
    assert_eq!(owed(&["3"], "31"), Ok("95".to_string()));
    // 8 roll over, 1 of 28 is left; an overage is no debt for the month after
    assert_eq!(owed(&["12", "27"], "22"), Ok("95".to_string()));
    assert_eq!(owed(&["25"], "21"), Ok("95".to_string()));
    let mut without = context("1900", vec![], vec![]);
    without.period = None;
    assert!(ask(script, &Question::Credit(&without)).is_err());
}
