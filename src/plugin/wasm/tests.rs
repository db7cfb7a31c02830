//! Components as text: what is refused, what is stopped, and that nothing of a call stays behind.

use crate::plugin::context::Ticket;

use super::*;

/// A component of the world `pause` whose function has this body; `$count` starts at zero in each instance.
fn pause(body: &str) -> Vec<u8> {
    component("", "paused", body)
}

fn component(import: &str, name: &str, body: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            {import}
            (type $field_of (record (field "name" string) (field "value" string)))
            (export $field "field" (type $field_of))
            (type $argument_of (record (field "name" string) (field "value" string)))
            (export $argument "argument" (type $argument_of))
            (type $ticket_of (record (field "id" string) (field "created-at" s64) (field "fields" (list $field))))
            (export $ticket "ticket" (type $ticket_of))
            (core module $m
                (memory (export "memory") 1)
                (global $count (mut i32) (i32.const 0))
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
                (func $deeper (param i32) (result i32) (i32.add (i32.const 1) (call $deeper (local.get 0))))
                (func $yes (result i32) (i32.store8 (i32.const 16) (i32.const 0)) (i32.store8 (i32.const 20) (i32.const 1)) (i32.const 16))
                (func $no (result i32) (i32.store8 (i32.const 16) (i32.const 0)) (i32.store8 (i32.const 20) (i32.const 0)) (i32.const 16))
                (func (export "asked") (param i32 i32 i64 i32 i32 i32 i32) (result i32) {body}))
            (core instance $i (instantiate $m))
            (func $asked (param "ticket" $ticket) (param "arguments" (list $argument)) (result (result bool (error string)))
                (canon lift (core func $i "asked") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
            (export "{name}" (func $asked)))"#
    );
    wat::parse_str(text).unwrap()
}

fn asked(bytes: &[u8], limits: &Limits) -> Result<Reply, Failure> {
    let ticket = Ticket { id: "T-1".to_string(), created_at: 0, fields: Vec::new() };
    Component::compile(bytes)?.ask(&Question::Pause(&ticket, &[]), limits)
}

fn stopped(body: &str, limits: &Limits) -> String {
    asked(&pause(body), limits).unwrap_err().what
}

fn refused(bytes: &[u8]) -> String {
    Component::compile(bytes).unwrap_err().what
}

#[test]
fn an_answer_comes_with_what_it_cost_and_is_the_same_each_time() {
    let bytes = pause("(call $yes)");
    let first = asked(&bytes, &Limits::default()).unwrap();
    assert_eq!(first.answer, Answer::Truth(true));
    assert!(0 < first.steps, "{}", first.steps);
    assert_eq!(asked(&bytes, &Limits::default()), Ok(first));
}

#[test]
fn a_guest_that_counts_its_calls_is_always_at_one() {
    let body = "(global.set $count (i32.add (global.get $count) (i32.const 1)))
        (if (result i32) (i32.eq (global.get $count) (i32.const 1)) (then (call $yes)) (else (call $no)))";
    let component = Component::compile(&pause(body)).unwrap();
    let ticket = Ticket { id: "T-1".to_string(), created_at: 0, fields: Vec::new() };
    for _ in 0..3 {
        let reply = component.ask(&Question::Pause(&ticket, &[]), &Limits::default()).unwrap();
        assert_eq!(reply.answer, Answer::Truth(true));
    }
}

#[test]
fn what_does_not_end_is_stopped_by_its_fuel_or_its_deadline() {
    let endless = "(loop $again (br $again)) (i32.const 16)";
    let small = Limits { fuel: 10_000, ..Limits::default() };
    assert_eq!(stopped(endless, &small), "the component used up its 10000 steps");
    let short = Limits { fuel: u64::MAX / 200, deadline: 100, ..Limits::default() };
    assert_eq!(stopped(endless, &short), "the component was not done after 0.1 seconds");
}

#[test]
fn calls_that_go_too_deep_are_stopped() {
    let limits = Limits { fuel: u64::MAX / 200, ..Limits::default() };
    assert_eq!(stopped("(call $deeper (i32.const 0))", &limits), "the component's calls went too deep");
}

#[test]
fn memory_that_is_refused_is_told_whatever_the_guest_does_then() {
    let limits = Limits { memory: 1 << 20, ..Limits::default() };
    let goes_on = "(drop (memory.grow (i32.const 100))) (call $yes)";
    assert_eq!(stopped(goes_on, &limits), "the component asked for more than its memory limit of 1024 KiB");
    let gives_up = "(drop (memory.grow (i32.const 100))) (unreachable)";
    assert_eq!(stopped(gives_up, &limits), "the component asked for more than its memory limit of 1024 KiB");
}

#[test]
fn a_trap_is_told_by_what_it_is() {
    let limits = Limits::default();
    assert_eq!(stopped("(unreachable)", &limits), "the component gave up (a panic or an abort)");
    assert_eq!(stopped("(i32.div_u (i32.const 1) (global.get $count))", &limits), "the component divided by zero");
}

#[test]
fn what_the_guest_says_itself_is_told_and_what_is_no_text_is_not_read() {
    let says = "(i32.store8 (i32.const 16) (i32.const 1)) (i32.store (i32.const 20) (i32.const 64))
        (i32.store (i32.const 24) (i32.const 3)) (i32.store (i32.const 64) (i32.const 0x6f6f74)) (i32.const 16)";
    assert_eq!(stopped(says, &Limits::default()), "the component says: too");
    let far_off = "(i32.store8 (i32.const 16) (i32.const 1)) (i32.store (i32.const 20) (i32.const 64))
        (i32.store (i32.const 24) (i32.const 0x7fffffff)) (i32.const 16)";
    assert!(stopped(far_off, &Limits::default()).starts_with("the component broke off"));
}

#[test]
fn a_file_that_is_no_component_is_named_for_what_it_is() {
    let whole = pause("(call $yes)");
    assert_eq!(refused(b""), "the file is empty");
    assert_eq!(refused(b"fn credit(context) { 1 }"), "the file is no wasm, whatever its name says");
    assert_eq!(refused(&wat::parse_str("(module)").unwrap()), "the file is a core module, and no component");
    let half = whole.get(..whole.len() / 2).unwrap();
    assert!(refused(half).starts_with("the file is damaged"), "{}", refused(half));
    assert_eq!(refused(&[0, b'a', b's', b'm', 9]), "the file is cut short, or of another version of wasm");
}

#[test]
fn whatever_is_imported_or_exported_besides_is_refused_by_name() {
    let clock = r#"(import "wasi:clocks/wall-clock@0.2.0" (instance (export "now" (func (result u64)))))"#;
    assert_eq!(
        refused(&component(clock, "paused", "(call $yes)")),
        "the component imports `wasi:clocks/wall-clock@0.2.0`"
    );
    let older =
        r#"(import "klausel:plugin/types@0.9.0" (instance (type (record (field "x" u8))) (export "x" (type (eq 0)))))"#;
    assert_eq!(
        refused(&component(older, "paused", "(call $yes)")),
        "the component is of another version: it goes by `klausel:plugin/types@0.9.0`"
    );
    assert_eq!(refused(&component("", "start", "(call $yes)")), "the component exports `start`, which no world has");
    let other = "does not take or return what the world `credit` says";
    assert!(refused(&component("", "assess", "(call $yes)")).contains(other));
    assert_eq!(refused(&wat::parse_str("(component)").unwrap()), "the component exports no function that can be asked");
}
