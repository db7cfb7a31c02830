use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;
use crate::money;
use crate::plugin::Answer;
use crate::plugin::context::{Argument, ArgumentType, Context};

fn context() -> Context {
    Context {
        agreement: "A".to_string(),
        clause: "C".to_string(),
        reference: None,
        fees: Vec::new(),
        period: None,
        earlier: Vec::new(),
        breaches: Vec::new(),
        outages: Vec::new(),
        arguments: Vec::new(),
    }
}

fn measure(body: &str) -> Result<Answer, Failure> {
    let script = Script::compile(format!("fn again(x) {{ again(x) }}\nfn measure(context) {{ {body} }}").as_bytes())?;
    script.ask(&Question::Measure(&context()), &Limits::default()).map(|reply| reply.answer)
}

fn figure(body: &str) -> Answer {
    measure(body).unwrap_or_else(|failure| panic!("{body}: {failure}"))
}

fn refused(body: &str) -> String {
    measure(body).expect_err(body).what
}

fn number(text: &str) -> Answer {
    Answer::Number(money::decimal(text).unwrap())
}

#[test]
fn numbers_are_decimals_and_nothing_is_lost() {
    assert_eq!(figure("0.1 + 0.2"), number("0.3"));
    assert_eq!(figure("1 / 4 + 1"), number("1.25"));
    assert_eq!(figure("1 / 3"), number("0.3333333333333333333333333333"));
    assert_eq!(figure("7 % 3"), number("1"));
    assert_eq!(figure("if 1 < 1.5 && 2 == 2.0 { 1 } else { 0 }"), number("1"));
    assert_eq!(figure("round(2.5, 0, \"half even\")"), number("2"));
    assert_eq!(figure("round(2.5, 0, \"half up\")"), number("3"));
    assert_eq!(figure("round(-2.1, 0, \"up\")"), number("-3"));
    assert_eq!(figure("round(-2.9, 0, \"down\")"), number("-2"));
    for unsure in ["round(2.5)", "round(2)", "round(2.5, 1)", "let x = 1; x /= 3; x"] {
        assert!(measure(unsure).is_err(), "{unsure}");
    }
}

#[test]
fn what_cannot_be_computed_is_an_error() {
    for body in ["1 / 0", "1.5 / 0", "9223372036854775807 + 1", "79228162514264337593543950335.0 * 2"] {
        assert!(refused(body).starts_with("the script miscalculates"), "{body}: {}", refused(body));
    }
}

#[test]
fn limits_end_what_does_not() {
    assert_eq!(refused("loop {}"), "the script uses more than the 1000000 operations allowed");
    assert_eq!(refused("again(1)"), "more than 16 calls are within each other");
    let large = "a text, array or map grows too large";
    assert_eq!(refused("let t = \"ab\"; loop { t += t; }"), large);
    assert_eq!(refused("let a = []; loop { a.push(1); }"), large);
    assert_eq!(refused("let a = [1]; loop { a = [a, a]; }"), large);
    let late = Limits { deadline: 0, ..Limits::default() };
    let script = Script::compile(b"fn measure(context) { let i = 0; loop { i += 1; } }").unwrap();
    let failure = script.ask(&Question::Measure(&context()), &late).unwrap_err();
    assert_eq!(failure.what, "the script takes longer than the 0 ms allowed");
}

#[test]
fn what_is_off_is_refused() {
    for body in
        ["eval(\"1\")", "print(1)", "debug(1)", "sleep(1)", "timestamp()", "exit(1)", "import \"x\" as x;", "nothing"]
    {
        assert!(measure(body).is_err(), "{body}");
    }
}

#[test]
fn an_unknown_field_gets_the_nearest_name() {
    let failure = measure("context.breeches.len()").unwrap_err();
    assert_eq!((failure.what.as_str(), failure.at), ("there is no field `breeches`", Some((2, 31))));
    assert_eq!(failure.help, "did you mean `breaches`?");
}

#[test]
fn faults_have_a_place() {
    let failure = Script::compile(b"fn measure(context) {\n  1 +\n}").unwrap_err();
    assert_eq!(failure.at.map(|(line, _)| line), Some(3), "{failure}");
    let failure = measure("throw \"not agreed\"").unwrap_err();
    assert_eq!((failure.what.as_str(), failure.at.is_some()), ("not agreed", true));
}

#[test]
fn a_script_is_of_the_kinds_it_has_functions_for() {
    let kinds =
        |text: &str| Script::compile(text.as_bytes()).map(|script| script.kinds()).map_err(|failure| failure.what);
    assert_eq!(
        kinds("fn margin(context) { 1 } fn pause(ticket, arguments) { true }"),
        Ok(vec![Kind::Margin, Kind::Pause])
    );
    assert_eq!(kinds("fn credit(a, b) { 1 }"), Err("the function `credit` has 2 parameters".to_string()));
    assert_eq!(kinds(""), Err("the script has no function that a clause can call".to_string()));
}

#[test]
fn the_arguments_it_reads_are_told_from_its_text() {
    let reads = |body: &str| Script::compile(format!("fn measure(context) {{ {body} }}").as_bytes()).unwrap().reads();
    let names = |names: &[&str]| Some(names.iter().map(|name| name.to_string()).collect());
    assert_eq!(reads("context.arguments.weight + context.arguments.floor.amount"), names(&["floor", "weight"]));
    assert_eq!(reads("1"), names(&[]));
    assert_eq!(reads("let all = context.arguments; all.weight"), None);
    assert_eq!(reads("context.arguments[context.clause]"), None);
    assert_eq!(reads("context[\"arguments\"].weight"), None);
}

#[test]
fn the_same_question_has_the_same_answer() {
    let script = Script::compile(b"fn measure(context) { let n = 0; n += 1; n }").unwrap();
    let ask = || script.ask(&Question::Measure(&context()), &Limits::default());
    assert_eq!(ask(), ask());
}

#[test]
fn an_answer_with_other_fields_is_refused() {
    let credit = |body: &str| {
        let script = Script::compile(format!("fn credit(context) {{ {body} }}").as_bytes()).unwrap();
        script.ask(&Question::Credit(&context()), &Limits::default()).map(|reply| reply.answer)
    };
    assert!(credit("12.50").is_ok());
    assert!(credit("#{ amount: 1, notes: \"x\" }").is_err());
    assert!(credit("#{ amount: \"1\", note: \"x\" }").is_err());
    assert!(credit("true").is_err());
}

#[test]
fn no_way_of_growing_passes_the_size_limits() {
    let large = "a text, array or map grows too large";
    let part = "let part = []; for i in range(0, 500) { part.push(i); } ";
    for body in [
        "let m = #{}; let i = 0; loop { m[`k${i}`] = i; i += 1; }",
        "let m = #{ inner: #{} }; let i = 0; loop { m.inner[`k${i}`] = i; i += 1; }",
        "let m = #{}; let i = 0; loop { m.set(`k${i}`, i); i += 1; }",
        "let k = \"k\"; k.pad(3000, 'x'); let m = #{}; let i = 0; loop { m[k + i] = 1; i += 1; }",
        "let a = [0, 0, 0, 0]; let i = 0; loop { a[i % 4] = part; i += 1; }",
        "let a = [[], [], [], []]; let i = 0; loop { a[i % 4].push(part); i += 1; }",
        "let a = [[0]]; loop { a[0][0] = a; }",
    ] {
        assert_eq!(refused(&format!("{part}{body}")), large, "{body}");
    }
    assert_eq!(figure("let m = #{}; for i in range(0, 900) { m[`k${i}`] = i; } m.len()"), number("900"));
    // `curry` is no name: what a function carries along is in no size.
    assert_eq!(refused("let f = |x| x; loop { f = f.curry(1); }"), "a name is missing here");
    let many: String = (0..40).map(|count| format!("let v{count} = 1; ")).collect();
    assert_eq!(refused(&many), "the script has more than 40 variables at a time");
}

#[test]
fn what_would_go_wrong_in_silence_is_refused_at_its_place() {
    let failure = measure("let x = 1.5;\n  switch x { 1.5 => 1, _ => 2 }").unwrap_err();
    assert_eq!(failure.what, "`switch` passes numbers with decimals over in silence");
    assert_eq!(failure.at, Some((3, 3)));
    assert!(failure.help.starts_with("write `if … else if …`"));
    assert_eq!(figure("switch context.clause { \"C\" => 1.5, _ => 2 }"), number("1.5"));
    let failure = measure("let least = 2;\n[1, 2, 3].filter(|x| x > least).len()").unwrap_err();
    assert_eq!(failure.at.map(|(line, _)| line), Some(3), "{failure}");
    assert_eq!(figure("[1, 2, 3].filter(|x| x > 1).len()"), number("2"));
    assert_eq!(refused("this.x"), "`this` cannot be used here");
}

#[test]
fn a_text_field_of_any_item_may_be_switched_on() {
    for subject in ["b.priority", "context.breaches[0].tier", "b.fields.status", "b.fields[\"status\"]", "`${b}`"] {
        let text = format!("fn measure(context) {{ let b = context; switch {subject} {{ \"P1\" => 1, _ => 2 }} }}");
        assert!(Script::compile(text.as_bytes()).is_ok(), "{subject}");
    }
    for subject in ["b", "b.late_ms", "context.arguments.level", "b.len()"] {
        let text = format!("fn measure(context) {{ let b = context; switch {subject} {{ 1 => 1, _ => 2 }} }}");
        assert!(Script::compile(text.as_bytes()).is_err(), "{subject}");
    }
}

#[test]
fn a_throw_ends_a_loop_at_its_place() {
    let failure = measure("let i = 0;\nloop { i += 1;\n if i == 3 { throw `stopped at ${i}`; } }").unwrap_err();
    assert_eq!((failure.what.as_str(), failure.at.map(|(line, _)| line)), ("stopped at 3", Some(4)));
    assert_eq!(figure("let n = 0; for i in [1, 2, 3] { try { throw i; } catch (e) { n += e; } } n"), number("6"));
    assert_eq!(
        refused("loop { try { loop {} } catch { } }"),
        "the script uses more than the 1000000 operations allowed"
    );
}

#[test]
fn a_kind_has_one_function() {
    let failure = Script::compile(b"fn margin(context) { 1 } fn margin(context, credit) { 2 }").unwrap_err();
    assert_eq!(failure.what, "the function `margin` is there 2 times");
    assert_eq!(failure.help, "keep one of them: `fn margin(context, credit)`");
}

#[test]
fn faults_are_in_plain_words() {
    for (body, what) in [
        ("1 +", "`}` cannot stand here"),
        ("let 5 = 1;", "a name is missing here"),
        ("const A = 1; A = 2;", "`A` is constant"),
        ("#{ a: 1, a: 2 }", "`a` stands twice in this map"),
        ("break; 1", "this stands outside a loop"),
        ("\"open", "a text does not end"),
        ("missing", "`missing` is not defined"),
        ("\"a\" - 1", "`-` does not work with a text and a whole number"),
        ("nothing_here(1, \"a\")", "there is no function `nothing_here` that takes a whole number, a text"),
        ("[1, 2][2]", "the array or list has 2 entries, and none at 2"),
        ("context.breaches[0]", "the array or list has 0 entries, and none at 0"),
        ("if 1 { 2 } else { 3 }", "this value does not fit here"),
        ("for x in 5.5 { } 1", "a loop cannot go through this"),
        ("context.clause", "the script answers with a text"),
    ] {
        assert_eq!(refused(body), what, "{body}");
    }
}

fn argument(name: &str, value: &str) -> Context {
    let argument = Argument { name: name.to_string(), kind: ArgumentType::Number, value: value.to_string() };
    Context { arguments: vec![argument], ..context() }
}

#[test]
fn a_misspelt_argument_gets_the_nearest_one() {
    let script = Script::compile(b"fn measure(context) { context.arguments.wieght }").unwrap();
    let asked = argument("weight", "1.5");
    let failure = script.ask(&Question::Measure(&asked), &Limits::default()).unwrap_err();
    assert_eq!(failure.help, "did you mean `weight`?");
}

proptest! {
    #[test]
    fn decimals_cross_exactly(digits in -10_i128.pow(27)..10_i128.pow(27), scale in 0_u32..=27) {
        let text = Decimal::from_i128_with_scale(digits, scale).to_string();
        let script = Script::compile(b"fn measure(context) { context.arguments.x }").unwrap();
        let asked = argument("x", &text);
        let answer = script.ask(&Question::Measure(&asked), &Limits::default()).map(|reply| reply.answer);
        prop_assert_eq!(answer, Ok(number(&text)));
    }
}
