//! Components of the world `credit` as text: what they may answer, and what the host takes over of it.

use crate::money::{self, Currency};
use crate::plugin::answer;
use crate::plugin::context::Context;
use crate::plugin::{Answer, Failure, Kind, Limits, Question};

use super::super::Component;
use super::Guest;

/// The interface of types as a component imports it that was built against `plugins/wit/`.
const TYPES: &str = r#"
    (import "klausel:plugin/types@1.0.0" (instance $types
        (type $d string) (export "decimal" (type $decimal (eq $d)))
        (type $i s64) (export "instant" (type $instant (eq $i)))
        (type $m (record (field "amount" $decimal) (field "currency" string)))
        (export "money" (type $money (eq $m)))
        (type $a (record (field "name" string) (field "value" string)))
        (export "argument" (type $argument (eq $a)))
        (type $f (record (field "name" string) (field "value" string)))
        (export "field" (type $field (eq $f)))
        (type $b (record
            (field "ticket" string) (field "metric" string) (field "tier" string) (field "priority" string)
            (field "started-at" $instant) (field "due-at" $instant) (field "breached-at" $instant)
            (field "stopped-at" (option $instant)) (field "target-ms" s64) (field "elapsed-ms" s64)
            (field "paused-ms" s64) (field "late-ms" s64) (field "fields" (list $field))))
        (export "breach" (type $breach (eq $b)))
        (type $o (record
            (field "service" string) (field "start" $instant) (field "end" (option $instant))
            (field "fields" (list $field))))
        (export "outage" (type $outage (eq $o)))
        (type $p (record
            (field "start" $instant) (field "end" $instant) (field "met" u64) (field "breached" u64)
            (field "numerator" $decimal) (field "denominator" $decimal) (field "tickets" u64)))
        (export "period" (type $period (eq $p)))
        (type $e (record (field "service" (option string)) (field "amount" $money)))
        (export "fee" (type $fee (eq $e)))
        (type $c (record
            (field "agreement" string) (field "clause" string) (field "reference" (option string))
            (field "fees" (list $fee)) (field "period" (option $period)) (field "earlier" (list $period))
            (field "breaches" (list $breach)) (field "outages" (list $outage)) (field "arguments" (list $argument))))
        (export "context" (type (eq $c)))
        (type $s (record (field "amount" $money) (field "note" string)))
        (export "assessment" (type (eq $s)))))
    (alias export $types "context" (type $context))
    (alias export $types "assessment" (type $assessment))"#;

/// Where the function's result lies, and the texts that it points to.
const RESULT: usize = 16;
const TEXTS: usize = 64;

/// A component that answers with these texts whatever it is asked; `memory` is its core module's.
fn component(memory: &str, texts: [(usize, usize); 3]) -> Vec<u8> {
    let stores = texts.iter().enumerate().map(|(number, (start, length))| {
        let at = RESULT + 4 + 8 * number;
        let end = at + 4;
        format!("(i32.store (i32.const {at}) (i32.const {start})) (i32.store (i32.const {end}) (i32.const {length}))")
    });
    let body: String = stores.collect();
    let text = format!(
        r#"(component {TYPES}
            (core module $m
                {memory}
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 32768))
                (func (export "assess") (param i32) (result i32) {body} (i32.const {RESULT})))
            (core instance $i (instantiate $m))
            (func $assess (param "context" $context) (result (result $assessment (error string)))
                (canon lift (core func $i "assess") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
            (export "assess" (func $assess)))"#
    );
    wat::parse_str(text).unwrap()
}

fn answering(amount: &str, currency: &str, note: &str) -> Vec<u8> {
    let memory = format!(r#"(memory (export "memory") 1) (data (i32.const {TEXTS}) "{amount}{currency}{note}")"#);
    let second = TEXTS + amount.len();
    let third = second + currency.len();
    component(&memory, [(TEXTS, amount.len()), (second, currency.len()), (third, note.len())])
}

fn asked(bytes: &[u8]) -> Result<Answer, Failure> {
    let context = Context {
        agreement: "Hafenkontor".to_string(),
        clause: "fairness".to_string(),
        reference: Some("§ 7.4".to_string()),
        ..Context::default()
    };
    let reply = Component::compile(bytes)?.ask(&Question::Credit(&context), &Limits::default());
    reply.map(|reply| reply.answer)
}

/// The amount in euros that is taken over, or why none is.
fn taken(amount: &str, currency: &str) -> Result<String, String> {
    let answer = asked(&answering(amount, currency, "so agreed"));
    let taken = answer.and_then(|answer| answer::assessment(answer, Kind::Credit, Currency::from_code("EUR")));
    taken.map(|taken| money::exact(&taken.amount)).map_err(|failure| failure.what)
}

#[test]
fn an_amount_is_taken_over_to_its_last_digit() {
    for (amount, exact) in
        [("12.50", "12.5"), ("0", "0"), ("-0", "0"), ("0.000000000000000000001", "0.000000000000000000001")]
    {
        assert_eq!(taken(amount, "EUR"), Ok(exact.to_string()));
    }
}

#[test]
fn what_is_no_plain_number_is_no_amount() {
    let long = "1".repeat(41);
    let wrong =
        ["NaN", "Infinity", "-inf", "1e3", "0x10", "1_000", "1,5", "+1", " 1", "1 ", "", "-", ".5", "5.", "--1", &long];
    for amount in wrong {
        let short: String = amount.chars().take(40).collect();
        assert_eq!(taken(amount, "EUR"), Err(format!("the answer `{short}` is no number")));
    }
}

#[test]
fn what_the_agreement_cannot_owe_is_refused() {
    assert_eq!(taken("-12.50", "EUR"), Err("the answer is -12.5, which is below zero".to_string()));
    assert_eq!(taken("12.50", "USD"), Err("the answer is in `USD` and the agreement in EUR".to_string()));
    assert_eq!(taken("12.50", ""), Err("the answer is in `` and the agreement in EUR".to_string()));
    let large = taken("1000000000000000", "EUR").unwrap_err();
    assert_eq!(large, "the answer is 1 000 000 000 000 000 or more");
}

#[test]
fn a_huge_text_is_not_even_copied() {
    let memory = r#"(memory (export "memory") 3)"#;
    let huge = asked(&component(memory, [(TEXTS, 1), (TEXTS, 1), (TEXTS, 100_000)])).unwrap_err();
    assert_eq!(huge.what, "the answer is longer than 64 KiB");
    let beyond = asked(&component(memory, [(TEXTS, 1), (TEXTS, 1), (TEXTS, 0x7fff_ffff)])).unwrap_err();
    assert_eq!(beyond.what, "the answer cannot be read: string pointer/length out of bounds of memory");
    let no_text = asked(&answering("\\ff", "EUR", "")).unwrap_err();
    assert!(no_text.what.starts_with("the answer cannot be read"), "{no_text}");
}

#[test]
fn a_component_answers_as_its_kind_only() {
    let component = Component::compile(&answering("1", "EUR", "")).unwrap();
    assert_eq!(component.kinds(), [Kind::Credit]);
    let ticket = super::ticket();
    let failure = component.ask(&Question::Pause(&ticket, &[]), &Limits::default()).unwrap_err();
    assert_eq!(failure.what, "the component is of kind `credit`, and is asked as `pause`");
}
