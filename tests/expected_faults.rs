//! `expect fault CODE`: what `check` finds, and histories that cannot be judged.
#![expect(clippy::unwrap_used, reason = "a test says what it misses by failing")]

use klausel::cli::{self, Exit};

/// What `klausel test` says of a table with a hole at exactly 99 %, and a test with these lines.
fn tested(lines: &str) -> (Exit, String) {
    let text = format!(
        r#"agreement a {{
    effective 2025-01-01..2025-12-31
    timezone "Europe/Berlin"
    fee of mail 300 EUR per month
    availability of mail {{
        promise 99.9% per month
    }}
    penalty p {{
        per month on availability of mail
        above 99.0% and below 99.9% credit 10% of fee of mail
        at least 0% and below 99.0% credit 25% of fee of mail
    }}
    round half up to 0.01 EUR
}}
test "t" for a {{
    {lines}
}}
"#
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sla");
    std::fs::write(&path, text).unwrap();
    let (mut out, mut err) = (anstream::StripStream::new(Vec::new()), Vec::new());
    let exit = cli::run(["klausel", "test", path.to_str().unwrap()], &mut out, &mut err);
    (exit, String::from_utf8(out.into_inner()).unwrap())
}

#[test]
fn what_check_finds_in_the_file_can_be_expected() {
    let (exit, said) = tested("expect fault hole_between_bands");
    assert_eq!(exit, Exit::Done, "{said}");
    let (exit, said) = tested("expect fault empty_band");
    assert_eq!(exit, Exit::No);
    assert!(said.contains("got: at fault is hole_between_bands"), "{said}");
}

#[test]
fn a_history_that_cannot_be_judged_fails_unless_its_fault_is_expected() {
    let backwards = "outage of mail 2025-03-02 10:00..2025-03-01 10:00";
    let skipped = "outage of mail 2025-03-30 02:30..2025-03-30 04:00";
    for (outage, code) in [(backwards, "outage_ends_before_start"), (skipped, "bad_instant")] {
        assert_eq!(tested(outage).0, Exit::No);
        let (exit, said) = tested(&format!("{outage}\n    expect fault {code}"));
        assert_eq!(exit, Exit::Done, "{said}");
    }
}

#[test]
fn nothing_else_holds_of_a_history_that_cannot_be_judged() {
    let lines = "outage of mail 2025-03-02 10:00..2025-03-01 10:00
    expect fault outage_ends_before_start
    expect penalty p 0.00 EUR";
    let (exit, said) = tested(lines);
    assert_eq!(exit, Exit::No);
    assert!(said.contains("expect penalty p 0.00 EUR\n    got: the history cannot be judged"), "{said}");
}
