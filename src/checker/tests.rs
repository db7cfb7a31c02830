use crate::diagnostic::Diagnostic;
use crate::source::{FileError, Files};

struct OneFile(String);

impl Files for OneFile {
    fn read(&self, _path: &str) -> Result<Vec<u8>, FileError> {
        Ok(self.0.clone().into_bytes())
    }
}

/// All findings of a text.
fn found(text: &str) -> Vec<Diagnostic> {
    let resolved = crate::resolver::load(&OneFile(text.to_string()), &["a.sla".to_string()]);
    match super::check(resolved) {
        Ok(checked) => checked.warnings().to_vec(),
        Err((_, found)) => found,
    }
}

/// Message and help of the one finding of a text.
fn told(text: &str) -> String {
    match found(text).as_slice() {
        [only] => format!("{}: {}", only.message, only.help.as_deref().unwrap_or_default()),
        others => format!("{others:#?}"),
    }
}

#[test]
fn a_shape_of_rows_that_there_is_not_is_told_with_the_nearest() {
    let source =
        |line: &str| format!("source s {{ format csv ticket column \"id\" {line} event created at column \"at\" }}");
    let near = told(&source("one row per tickets"));
    assert_eq!(near, "there is no `one row per tickets`: did you mean `one row per ticket`?");
    let far = told(&source("one row per event"));
    assert!(far.contains("known here: ticket, outage, charge; where each row is an event"), "{far}");
}

/// An agreement with these statements on a desk with some fields.
fn agreement(statements: &str) -> String {
    let fields = "field impact column \"i\" { \"h\" is high, \"m\" is medium, \"l\" is low } field plan column \"p\"";
    let source = format!("format csv ticket column \"id\" at column \"at\" event column \"event\" {fields}");
    let metric = "metric m { starts on created stops on ended target 4h }";
    format!("source s {{ {source} }}\nagreement a {{ timezone \"UTC\" tickets from s {metric}\n{statements} }}")
}

fn codes(text: &str) -> Vec<&'static str> {
    found(text).iter().map(|found| found.code).collect()
}

/// The witness of the first finding.
fn witness(text: &str) -> String {
    found(text).first().and_then(|found| found.witness.clone()).unwrap_or_default()
}

#[test]
fn a_priority_that_earlier_lines_cover_is_told() {
    let rules = |rules: &str| agreement(&format!("priority {{ {rules} }}"));
    let none = [""; 0];
    assert_eq!(codes(&rules("P1 when impact is high P2 when impact is medium P3 when impact is low")), none);
    assert_eq!(codes(&rules("P1 when impact in (high, medium) P2 when impact is high")), ["unreachable_priority"]);
    let both = rules("P1 when impact is high P2 when impact is medium P3 when impact in (high, medium)");
    assert_eq!(codes(&both), ["unreachable_priority"]);
    assert_eq!(witness(&both), "a ticket with impact high is taken by `P1`");
    assert_eq!(found(&both)[0].labels.len(), 2);
    let absent = rules("P1 when impact is present P2 when impact is not present P3 otherwise");
    assert_eq!(codes(&absent), ["unreachable_priority"]);
    assert_eq!(codes(&rules("P1 when impact in (high, medium, low) P2 otherwise")), none, "no impact is P2");
    assert_eq!(codes(&rules("P1 when plan is gold P2 when plan is not gold and impact is high")), none);
    assert_eq!(codes(&rules("P1 when plan < 5 P2 when plan < 6")), none);
    assert_eq!(codes(&rules("P1 when plan <= 6 P2 when plan < 6")), ["unreachable_priority"]);
    assert_eq!(codes(&rules("P1 when plan < 6 or plan > 5 P2 when plan is gold")), none, "gold is no number");
    assert_eq!(codes(&rules("P1 when plan < 6 or plan > 5 P2 when plan is 7")), ["unreachable_priority"]);
}

#[test]
fn a_mistake_in_a_condition_does_not_make_another_line_unreachable() {
    let rules = |rules: &str| agreement(&format!("priority {{ {rules} }}"));
    assert_eq!(codes(&rules("P1 when not (impact is hig) P2 when impact is high")), ["impossible_value"]);
    assert_eq!(codes(&rules("P1 when impac is high P2 when impac is high")), ["unknown_name", "unknown_name"]);
}

#[test]
fn a_tier_that_earlier_ones_cover_is_told() {
    let tiers = |tiers: &str| agreement(&format!("priority {{ P1 when impact is high P2 otherwise }} {tiers}"));
    let none = [""; 0];
    let tier = |name: &str, when: &str| format!("tier {name} {when} {{ m {{ any 4h }} }} ");
    let gold = tier("gold", "when plan is gold");
    assert_eq!(codes(&tiers(&(gold.clone() + &tier("rest", "")))), none);
    let narrow = tier("urgent", "when plan is gold and priority is P1");
    assert_eq!(codes(&tiers(&(narrow.clone() + &gold))), none);
    let covered = tiers(&(gold.clone() + &narrow));
    assert_eq!(codes(&covered), ["unreachable_tier"]);
    assert_eq!(witness(&covered), "a ticket with plan gold, priority P1 is taken by tier `gold`");
    let others = tier("others", "when plan is not gold");
    assert_eq!(codes(&tiers(&(gold + &others + &tier("rest", "")))), ["unreachable_tier"]);
}

#[test]
fn too_many_states_leave_the_question_open() {
    let all: Vec<String> = (0..16).map(|at| format!("f{at} is not x")).collect();
    let columns: String = (0..16).map(|at| format!("field f{at} column \"c{at}\" ")).collect();
    let rules = format!("priority {{ P1 when {} P2 when {} }}", all.join(" or "), all.join(" or "));
    let text = agreement(&rules).replace("field plan", &format!("{columns} field plan"));
    assert_eq!(codes(&text), [""; 0]);
}
