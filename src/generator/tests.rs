use sha2::{Digest, Sha256};

use super::*;

fn log() -> String {
    generate(SEED, TICKETS).collect()
}

fn cell(line: &str, column: usize) -> &str {
    line.trim_end().split(';').nth(column).unwrap()
}

/// How many lines have this event.
fn count(log: &str, event: &str) -> usize {
    log.lines().filter(|line| cell(line, 2) == event).count()
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let hash = Sha256::digest(log().as_bytes());
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, "1dc9fbb48b396b66a4fbd298c78721be3dea5792feb7a96892a335bfc033f80b");
}

#[test]
fn another_seed_gives_another_log_of_the_same_length() {
    let (one, other): (String, String) = (generate(1, 300).collect(), generate(2, 300).collect());
    assert_ne!(one, other);
    assert_eq!(count(&one, "Erstellt"), 300);
    assert_eq!(count(&other, "Erstellt"), 300);
    assert_eq!(generate(1, 0).count(), 1, "the header alone");
}

#[test]
fn rows_are_in_time_order_and_eleven_cells_wide() {
    let log = log();
    let instants: Vec<chrono::DateTime<chrono::FixedOffset>> =
        log.lines().skip(1).map(|line| cell(line, 1).parse().unwrap()).collect();
    assert!(instants.is_sorted());
    assert!(log.lines().all(|line| line.split(';').count() == 11));
    assert!(instants.first().unwrap().to_rfc3339().starts_with("2025-01-0"));
    assert!(instants.last().unwrap().to_rfc3339().starts_with("2026-01-0"));
}

#[test]
fn ids_are_given_in_the_order_of_creation() {
    let log = log();
    let created = log.lines().filter(|line| cell(line, 2) == "Erstellt").map(|line| cell(line, 0).to_string());
    let wanted: Vec<String> = (1..=TICKETS).map(|number| format!("NL-2025-{number:05}")).collect();
    assert_eq!(created.collect::<Vec<_>>(), wanted);
}

#[test]
fn every_kind_of_story_is_told() {
    let log = log();
    let shares = [
        ("Erste Antwort", 3_980..=4_000),
        ("Gelöst", 3_800..=4_250),
        ("Wartet auf Kunde", 1_500..=2_100),
        ("Wartet auf Lieferant", 400..=700),
        ("Wieder geöffnet", 200..=320),
        ("Neu bewertet", 150..=260),
        ("Storniert", 70..=140),
        ("Zusammengeführt", 50..=120),
        ("Eingangsbestätigung", 1_000..=1_400),
    ];
    for (event, wanted) in shares {
        let found = count(&log, event);
        assert!(wanted.contains(&found), "{event}: {found}");
    }
    let customers = [("Werkstoff Jena AG", 2_500..=2_750), ("Fördeblick Reederei GmbH", 10..=40)];
    for (customer, wanted) in customers {
        let found = log.lines().filter(|line| cell(line, 3) == customer).count();
        assert!(wanted.contains(&found), "{customer}: {found}");
    }
    let at_night = log.lines().filter(|line| cell(line, 5) == "Nachtschicht").count();
    assert!((250..=430).contains(&at_night), "{at_night}");
    let by_fault = log.lines().filter(|line| cell(line, 10) == "Kundenverschulden").count();
    assert!((100..=240).contains(&by_fault), "{by_fault}");
}

#[test]
fn fewer_tickets_come_on_holidays_and_at_weekends() {
    let log = log();
    let created: Vec<&str> =
        log.lines().filter(|line| cell(line, 2) == "Erstellt" && cell(line, 5) == "Service Desk").collect();
    let on = |date: &str| created.iter().filter(|line| cell(line, 1).starts_with(date)).count();
    assert!(on("2025-05-01") < 5, "a Thursday, and the first of May");
    assert!(on("2025-05-08") > 6, "the Thursday after");
    assert!(on("2025-05-11") < 4, "a Sunday");
}
