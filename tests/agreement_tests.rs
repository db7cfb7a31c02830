//! `klausel test`: what the expectations of an agreement's tests hold.
#![expect(clippy::unwrap_used, reason = "a test says what it misses by failing")]

use klausel::cli::{self, Exit};

/// What `klausel test` says of a test with these lines. A clock of an hour, anew for each reopening.
fn tested(lines: &str) -> (Exit, String) {
    let text = format!(
        r#"agreement a {{
    timezone "UTC"
    metric fix {{
        starts on created
        stops on fixed
        reopens on reopened then new cycle
    }}
    tier all {{
        fix {{ any 1h }}
    }}
}}
test "of cycles" for a {{
    ticket T1 {{ }}
    2025-03-07 10:00 created
{lines}
}}
"#
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.sla");
    std::fs::write(&path, text).unwrap();
    let (mut out, mut err) = (anstream::StripStream::new(Vec::new()), anstream::StripStream::new(Vec::new()));
    let exit = cli::run(["klausel", "test", path.to_str().unwrap()], &mut out, &mut err);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (exit, text(out.into_inner()) + text(err.into_inner()).as_str())
}

const TWICE_MET: &str = "    2025-03-07 10:20 fixed
    2025-03-07 11:00 reopened
    2025-03-07 11:30 fixed
";

#[test]
fn where_there_is_one_cycle_every_line_means_it() {
    let lines = "    2025-03-07 12:00 fixed
    expect fix breached at 2025-03-07 11:00
    expect fix breached late by 1h
    expect fix due at 2025-03-07 11:00";
    let (exit, said) = tested(lines);
    assert_eq!(exit, Exit::Done, "{said}");
    let (exit, said) = tested("    2025-03-07 10:30 fixed\n    expect fix breached");
    assert_eq!(exit, Exit::No, "{said}");
}

#[test]
fn two_lines_of_one_kind_mean_two_cycles() {
    let (exit, said) = tested(&format!("{TWICE_MET}    expect fix met\n    expect fix met after 20m"));
    assert_eq!(exit, Exit::Done, "the first line can mean the second cycle: {said}");
    let (exit, said) = tested(&format!("{TWICE_MET}    expect fix met after 30m\n    expect fix met after 30m"));
    assert_eq!(exit, Exit::No, "{said}");
    let told = "each line means another cycle, and none is left for this one: met after 20m, due at 2025-03-07 11:00; \
                then met after 30m, due at 2025-03-07 12:00";
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains(told), "{said}");
    assert!(said.contains("1 failed"), "{said}");
}

#[test]
fn a_line_that_no_cycle_bears_out_shows_them_all() {
    let (exit, said) = tested(&format!("{TWICE_MET}    expect fix met after 25m\n    expect fix met after 20m"));
    assert_eq!(exit, Exit::No, "{said}");
    assert!(said.contains("met after 20m") && said.contains("then met after 30m"), "{said}");
}
