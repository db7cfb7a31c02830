use super::*;
use crate::money;
use crate::plugin::Answer;
use crate::plugin::context::Context;

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
    assert_eq!(refused("again(1)"), "more than 32 calls are within each other");
    let large = "a text, array or map grows too large";
    assert_eq!(refused("let t = \"ab\"; loop { t += t; }"), large);
    assert_eq!(refused("let a = []; loop { a.push(1); }"), large);
    assert_eq!(refused("let a = [1]; loop { a = [a, a]; }"), large);
    // Indexing does not measure the map: the operations bound it.
    assert_eq!(
        refused("let m = #{}; let i = 0; loop { m[`k${i}`] = i; i += 1; } 1"),
        "the script uses more than the 1000000 operations allowed"
    );
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
