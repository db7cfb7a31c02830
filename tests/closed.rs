//! Maintenance windows and excluded time: closed for every clock that does not say `despite`, and known beforehand.
#![expect(clippy::unwrap_used, reason = "a test says what it misses by failing")]

use klausel::cli::{self, Exit};

const AGREEMENT: &str = r#"
calendar office {
    timezone "Europe/Berlin"
    mon-fri 08:00-18:00
}

agreement acme {
    timezone "Europe/Berlin"
    effective 2025-01-01..2025-12-31
    maintenance "patch window" § 4.5 {
        every month on first sun 02:00-06:00
        every 2 weeks on wed 17:00-19:00
        2025-03-10 09:00..2025-03-10 10:00
    }
    exclude time § 8.2 2025-06-03 14:00..2025-06-05 08:00 as force_majeure "flood, declared 2025-06-03"
    field watched in (yes, no)
    metric fix {
        starts on created
        stops on fixed
    }
    metric watch {
        starts on created
        stops on fixed
        despite maintenance
        despite exclusions
    }
    tier all {
        hours office
        fix { any 4h }
        watch { any 4h }
    }
}

test "an excluded time is in the due instant from the start" for acme {
    ticket T1 { watched yes }
    2025-06-03 13:00 created
    2025-06-05 12:00 fixed
    expect fix due at 2025-06-05 11:00
    expect fix breached at 2025-06-05 11:00, late by 1h
    expect watch breached at 2025-06-03 17:00, late by 15h
}

test "a single window is known beforehand" for acme {
    ticket T1 { watched yes }
    2025-03-10 08:30 created
    2025-03-10 13:30 fixed
    expect fix met after 4h
    expect watch breached at 2025-03-10 12:30, late by 1h
}

test "every other week counts from the week in which the agreement begins" for acme {
    ticket T1 { watched yes }
    ticket T2 { watched yes }
    T1 2025-01-01 16:00 created
    T1 2025-01-02 09:00 fixed
    T2 2025-01-08 16:00 created
    T2 2025-01-09 09:00 fixed
    expect T1 fix met after 2h
    expect T2 fix met after 3h
}
"#;

fn run(arguments: &[&str]) -> (Exit, String) {
    let mut out = anstream::StripStream::new(Vec::new());
    let mut err = anstream::StripStream::new(Vec::new());
    let exit = cli::run(std::iter::once(&"klausel").chain(arguments), &mut out, &mut err);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (exit, text(out.into_inner()) + text(err.into_inner()).as_str())
}

fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_string()
}

#[test]
fn closed_time_does_not_count_unless_despite() {
    let folder = tempfile::tempdir().unwrap();
    let agreement = file(&folder, "acme.sla", AGREEMENT);
    let (exit, said) = run(&["test", &agreement]);
    assert_eq!(exit, Exit::Done, "{said}");
    assert!(said.contains("3 passed, 0 failed"), "{said}");
}

#[test]
fn the_plan_tells_windows_and_the_explanation_names_them() {
    let folder = tempfile::tempdir().unwrap();
    let agreement = file(&folder, "acme.sla", AGREEMENT);
    let (_, plan) = run(&["plan", &agreement]);
    assert!(
        plan.contains("maintenance \"patch window\" § 4.5: no clock counts, 40 times, first 2025-01-01 17:00"),
        "{plan}"
    );
    assert!(plan.contains("no clock counts, 2025-06-03 14:00 to 2025-06-05 08:00"), "{plan}");
    assert!(plan.contains("counts despite maintenance"), "{plan}");
    let source = "source desk {\n format csv\n ticket column \"id\"\n at column \"at\"\n event column \"event\"\n}\n";
    let with_source = format!("{source}{}", AGREEMENT.replace("metric fix {", "tickets from desk\n    metric fix {"));
    let agreement = file(&folder, "with_source.sla", &with_source);
    let log = file(
        &folder,
        "log.csv",
        "id,at,event\nT1,2025-06-03T13:00:00+02:00,created\nT1,2025-06-05T12:00:00+02:00,fixed\n",
    );
    let (exit, said) = run(&["explain", &agreement, "--tickets", &log, "--ticket", "T1"]);
    assert_eq!(exit, Exit::Done, "{said}");
    let closed = said.lines().find(|line| line.contains(" closed ")).unwrap_or("");
    assert!(closed.contains("2025-06-03 14:00") && closed.contains("flood, declared 2025-06-03"), "{said}");
}
