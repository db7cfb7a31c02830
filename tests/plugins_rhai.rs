//! The worked scripts of `plugins/rhai/`, with answers worked out by hand.
#![expect(clippy::panic, reason = "a test says what it misses by failing")]

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
