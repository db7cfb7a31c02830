//! `klausel diff`: what changes in words, whose outcome flips and why, and what it costs on both sides.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what it misses by failing")]

#[path = "common/program.rs"]
mod program;

use std::collections::BTreeMap;

use klausel::cli::Exit;
use klausel::money::{Fraction, decimal};
use proptest::prelude::*;
use serde_json::Value;

use program::klausel;

/// Four hours for a P1 and eight for the rest; time in which the customer is awaited does not count.
const OLD: &str = r#"
source desk {
    format csv
    ticket column "id"
    at column "at" in "UTC"
    event column "event"
    field priority column "priority"
    field status column "status"
}
agreement acme {
    tickets from desk
    effective 2025-01-01..2025-12-31
    timezone "UTC"
    fee § 2 1_000 EUR per month
    priority { P1, P2 }
    metric resolution § 3 {
        starts on created
        stops on resolved
        pauses while status is waiting
        retargets never
    }
    tier gold § 4 when priority is P1 { resolution { P1 4h } }
    tier rest § 5 { resolution { any 8h } }
    penalty late § 7.1 {
        for each breach of resolution
        credit 10% of fee per started hour late
    }
    penalty share § 7.2 {
        per month on attainment of resolution
        below 90% credit 50 EUR
    }
    round half up to 0.01 EUR
}
"#;

/// A: a P1 that takes three hours. B: a P2 that takes ten, of which the customer is awaited for three. C: a P1 that
/// takes six.
const LOG: &str = "\
id,at,event,priority,status
A,2025-03-03 08:00,created,P1,open
A,2025-03-03 11:00,resolved,P1,done
B,2025-03-04 08:00,created,P2,open
B,2025-03-04 09:00,,P2,waiting
B,2025-03-04 12:00,,P2,open
B,2025-03-04 18:00,resolved,P2,done
C,2025-04-02 08:00,created,P1,open
C,2025-04-02 14:00,resolved,P1,done
";

struct Ground {
    folder: tempfile::TempDir,
}

impl Ground {
    /// The old agreement, and the new one with some words for others.
    fn new(changed: &[(&str, &str)]) -> Ground {
        let ground = Ground { folder: tempfile::tempdir().unwrap() };
        let mut new = OLD.to_string();
        for (old, by) in changed {
            assert!(new.contains(old), "{old}");
            new = new.replace(old, by);
        }
        ground.write("old.sla", OLD);
        ground.write("new.sla", &new);
        ground.write("log.csv", LOG);
        ground
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_string()
    }

    fn call(&self, more: &[&str]) -> (Exit, String) {
        let (old, new) = (self.path("old.sla"), self.path("new.sla"));
        klausel(&[&["diff", &old, &new], more].concat())
    }

    fn words(&self) -> String {
        let (exit, said) = self.call(&[]);
        assert_eq!(exit, Exit::Done, "{said}");
        said.replace(&format!("{}/", self.folder.path().display()), "")
    }

    fn json(&self) -> Value {
        let log = self.path("log.csv");
        let (exit, said) = self.call(&["--tickets", &log, "--as-of", "2025-05-01T00:00:00Z", "--format", "json"]);
        assert_eq!(exit, Exit::Done, "{said}");
        first(&said)
    }

    fn replay(&self, name: &str, log: &str) -> Value {
        let (exit, said) = klausel(&[
            "replay",
            &self.path(name),
            "--tickets",
            &self.path(log),
            "--as-of",
            "2025-05-01T00:00:00Z",
            "--format",
            "json",
        ]);
        assert_eq!(exit, Exit::Done, "{said}");
        first(&said)
    }
}

/// The object of what was said; messages come after it.
fn first(said: &str) -> Value {
    let start = said.find('{').unwrap();
    serde_json::Deserializer::from_str(&said[start..]).into_iter().next().unwrap().unwrap()
}

/// What changed, one a line: `penalty late changed: -old +new`.
fn changes(said: &Value) -> Vec<String> {
    let words = |lines: &Value, sign: &str| -> String {
        let lines = lines.as_array().unwrap().iter();
        lines.map(|line| format!(" {sign}{}", line["words"].as_str().unwrap())).collect()
    };
    let changes = said["changes"].as_array().unwrap().iter();
    let told = changes.map(|change| {
        let (what, how) = (change["what"].as_str().unwrap(), change["change"].as_str().unwrap());
        format!("{what} {how}:{}{}", words(&change["gone"], "-"), words(&change["come"], "+"))
    });
    told.collect()
}

/// Ticket, before, after, why.
fn flips(said: &Value) -> Vec<String> {
    let flips = said["flips"].as_array().unwrap().iter();
    let told = flips.map(|flip| {
        let status = |side: &str| flip[side]["status"].as_str().unwrap_or("no clock").to_string();
        let because = flip["because"].as_array().unwrap().iter().map(|reason| reason["words"].as_str().unwrap());
        let because = because.collect::<Vec<_>>().join("; ");
        format!("{} {} → {}: {because}", flip["ticket"].as_str().unwrap(), status("old"), status("new"))
    });
    told.collect()
}

/// Name, before, after, difference.
fn amounts(rows: &Value) -> Vec<String> {
    let cell = |row: &Value, name: &str| row[name].as_str().unwrap_or("-").to_string();
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| ["name", "old", "new", "difference"].map(|name| cell(row, name)).join(" ")).collect()
}

fn total(said: &Value, name: &str) -> [String; 3] {
    ["old", "new", "difference"].map(|side| said["totals"][name][side].as_str().unwrap_or("-").to_string())
}

#[test]
fn a_lowered_target_flips_a_ticket_and_costs_its_hours() {
    let ground = Ground::new(&[("{ P1 4h }", "{ P1 2h }")]);
    let said = ground.json();
    assert_eq!(changes(&said), ["tier gold: target of resolution for P1 changed: -4h +2h"]);
    // A took three hours: an hour late now. C took six: two hours late before, four now.
    assert_eq!(flips(&said), ["A met → breached: target 4h → 2h"]);
    assert_eq!(said["flips"][0]["new"]["breached_at"], "2025-03-03T10:00:00Z");
    assert_eq!(said["flips"][0]["old"]["target_ms"], 14_400_000);
    assert_eq!(said["later_or_sooner"][0]["ticket"], "C");
    assert_eq!(said["clocks_alike"], 1);
    // late: C 2 × 100 before; A 100 and C 4 × 100 now. share: April had none of its one clock met, March has now one of
    // two.
    assert_eq!(amounts(&said["by_clause"]), ["late 200.00 500.00 300.00", "share 50.00 100.00 50.00"]);
    assert_eq!(amounts(&said["by_month"]), ["2025-03 0.00 150.00 150.00", "2025-04 250.00 450.00 200.00"]);
    assert_eq!(amounts(&said["by_tier"]), ["gold 250.00 600.00 350.00"]);
    assert_eq!(amounts(&said["by_priority"]), ["P1 250.00 600.00 350.00"]);
    assert_eq!(total(&said, "penalties"), ["250.00", "600.00", "350.00"]);
    assert_eq!(total(&said, "net"), ["-250.00", "-600.00", "-350.00"]);
    let words = ground.words();
    assert!(words.contains("tier gold: target of resolution for P1 § 4: changed\n  - 4h  (old.sla:22:"), "{words}");
    assert!(words.contains("  + 2h  (new.sla:22:"), "{words}");
}

#[test]
fn a_pause_that_is_gone_flips_the_ticket_that_stood_in_it() {
    let ground = Ground::new(&[("        pauses while status is waiting\n", "")]);
    let said = ground.json();
    assert_eq!(changes(&said), ["metric resolution changed: -pauses while status is waiting"]);
    // B ran for seven hours of eight; without the pause for ten.
    assert_eq!(flips(&said), ["B met → breached: pauses 3h → 0m by `pauses while status is waiting`"]);
    assert_eq!(said["flips"][0]["old"]["elapsed_ms"], 7 * 3_600_000);
    assert_eq!(said["flips"][0]["new"]["elapsed_ms"], 10 * 3_600_000);
    assert_eq!(said["flips"][0]["new"]["breached_at"], "2025-03-04T16:00:00Z");
    assert_eq!(amounts(&said["by_clause"]), ["late 200.00 400.00 200.00", "share 50.00 100.00 50.00"]);
}

#[test]
fn an_added_cap_changes_money_and_no_outcome() {
    let cap = "per started hour late\n        capped at 10% of fee per ticket";
    let ground = Ground::new(&[("per started hour late", cap)]);
    let said = ground.json();
    assert_eq!(changes(&said), ["penalty late changed: +capped at 10% of fee per ticket"]);
    assert_eq!(flips(&said), [""; 0]);
    assert_eq!(amounts(&said["by_clause"]), ["late 200.00 100.00 -100.00", "share 50.00 50.00 0.00"]);
    assert!(ground.words().contains("+ capped at 10% of fee per ticket  (new.sla:27:9)"), "{}", ground.words());
}

#[test]
fn a_clause_that_is_gone_costs_nothing_any_more() {
    let share = "    penalty share § 7.2 {
        per month on attainment of resolution
        below 90% credit 50 EUR
    }
";
    let ground = Ground::new(&[(share, "")]);
    let said = ground.json();
    let gone = "-penalty share -per month on attainment of resolution -below 90% credit 50 EUR";
    assert_eq!(changes(&said), [format!("penalty share removed: {gone}")]);
    assert_eq!(amounts(&said["by_clause"]), ["late 200.00 200.00 0.00", "share 50.00 0.00 -50.00"]);
    assert_eq!(said["by_clause"][1]["ref"], "§ 7.2");
}

#[test]
fn a_reading_that_changes_is_told_with_both_answers() {
    let ground = Ground::new(&[
        ("round half up to", "round down to"),
        ("    round", "    combine penalties by greatest\n    round"),
    ]);
    let said = ground.json();
    assert_eq!(
        changes(&said),
        [
            "reading: several clauses of agreement changed: -sum +greatest",
            "reading: rounding of agreement changed: -half up to 0.01 EUR +down to 0.01 EUR",
        ]
    );
    // Of April's 200 and 50 only the greater is paid.
    assert_eq!(amounts(&said["by_clause"]), ["late 200.00 200.00 0.00", "share 50.00 0.00 -50.00"]);
}

#[test]
fn hours_tiers_and_exclusions_are_named_as_reasons() {
    let office = "calendar office { timezone \"UTC\" mon-fri 08:00-10:00 }\nagreement acme";
    let ground = Ground::new(&[("agreement acme", office), ("{ P1 4h }", "{ P1 4h in office }")]);
    let said = ground.json();
    assert_eq!(changes(&said)[0], "tier gold: target of resolution for P1 changed: -4h +4h in office");
    assert!(changes(&said)[1].starts_with("calendar office added:"), "{:?}", changes(&said));
    assert_eq!(flips(&said), ["C breached → met: hours always → office"]);

    let ground = Ground::new(&[("when priority is P1 {", "when priority is P2 {")]);
    let said = ground.json();
    // Nobody has a target in gold now but P1, who is not in it; C has the eight hours of the rest.
    assert_eq!(flips(&said)[1], "C breached → met: tier gold → rest; target 4h → 8h");

    let ground = Ground::new(&[("    round", "    exclude tickets when priority is P1\n    round")]);
    let said = ground.json();
    assert_eq!(flips(&said)[1], "C breached → excluded: exclusion none → `exclude tickets when priority is P1`");
    assert_eq!(total(&said, "penalties"), ["250.00", "0.00", "-250.00"]);
}

#[test]
fn nothing_changed_is_said_so() {
    let ground = Ground::new(&[]);
    assert!(ground.words().contains("Nothing changed in words\n"), "{}", ground.words());
    let said = ground.json();
    assert_eq!(changes(&said), [""; 0]);
    assert_eq!(flips(&said), [""; 0]);
    assert_eq!(total(&said, "net"), ["-250.00", "-250.00", "0.00"]);
    // A new number for a clause, other blanks and a default that is spelled out are no change.
    let ground = Ground::new(&[("§ 7.1", "§ 8.1"), ("    round", "    combine penalties by sum\n\n    round")]);
    assert!(ground.words().contains("Nothing changed in words\n"), "{}", ground.words());
}

#[test]
fn what_is_inherited_counts_as_though_it_stood_there() {
    let ground = Ground::new(&[]);
    let template = OLD.replace("agreement acme {", "template frame {").replace("{ P1 4h }", "{ P1 2h }");
    ground.write("frame.sla", &template);
    ground.write("new.sla", "use \"frame.sla\"\nagreement acme extends frame { }\n");
    let said = ground.json();
    assert_eq!(changes(&said), ["tier gold: target of resolution for P1 changed: -4h +2h"]);
    let at = said["changes"][0]["new"]["at"].as_str().unwrap();
    assert!(at.ends_with("frame.sla:22:41"), "{at}");
    assert_eq!(flips(&said), ["A met → breached: target 4h → 2h"]);
}

#[test]
fn a_change_holds_from_the_day_of_its_amendment() {
    let ground = Ground::new(&[]);
    let inside = OLD.replace(
        "    round half up to 0.01 EUR\n",
        "    round half up to 0.01 EUR\n    amend from 2025-04-01 § 12 { override tier gold § 4 when priority is P1 { resolution { P1 2h } } }\n",
    );
    assert_ne!(inside, OLD);
    ground.write("new.sla", &inside);
    let said = ground.json();
    assert_eq!(said["changes"][0]["since"], "2025-04-01");
    assert_eq!(flips(&said), [""; 0], "A is of March");
    assert_eq!(said["later_or_sooner"][0]["ticket"], "C");
    // One version against the other, each as though it had always held.
    let new = ground.path("new.sla");
    let log = ground.path("log.csv");
    let call = ["diff", &new, "--from", "base", "--to", "§ 12", "--tickets", &log, "--format", "json"];
    let (exit, told) = klausel(&call);
    assert_eq!(exit, Exit::Done, "{told}");
    let said = first(&told);
    assert_eq!(said["changes"][0]["since"], Value::Null);
    assert_eq!(flips(&said), ["A met → breached: target 4h → 2h"]);
    let (exit, told) = klausel(&["diff", &new, "--to", "§ 13"]);
    assert_eq!(exit, Exit::Call);
    assert!(told.contains("has no version `§ 13`; it has: `base`, `§ 12`"), "{told}");
}

#[test]
fn two_currencies_stand_side_by_side() {
    let ground = Ground::new(&[("EUR", "CHF")]);
    let said = ground.json();
    assert_eq!(amounts(&said["by_clause"])[0], "late 200.00 200.00 -");
    assert_eq!(total(&said, "net"), ["-250.00", "-250.00", "-"]);
    assert_eq!(said["currencies"]["new"], "CHF");
    let (_, text) = ground.call(&["--tickets", &ground.path("log.csv")]);
    assert!(text.contains("different currencies") && text.contains("before EUR"), "{text}");
    assert!(!text.contains("difference\n"), "{text}");
}

#[test]
fn a_wrong_call_says_what_is_wrong() {
    let ground = Ground::new(&[]);
    let two = OLD.replace("agreement acme", "agreement other").split_once("agreement").unwrap().1.to_string();
    ground.write("two.sla", &format!("{OLD}\nagreement{two}"));
    let (old, both) = (ground.path("old.sla"), ground.path("two.sla"));
    let folder = ground.folder.path().to_str().unwrap();
    let wrong: [(&[&str], &str); 7] = [
        (&[&old, &both], "has several agreements: say which with `--agreement NAME` (acme, other)"),
        (&[&old, &both, "--agreement", "nobody"], "has no agreement `nobody`; it has: acme"),
        (&[&old, folder], "is a folder"),
        (&[&old, &old, "--format", "html"], "not built yet"),
        (&[&old, &old, "--as-of", "2025-05-01T00:00:00Z"], "no log is named"),
        (&[&old, &old, "--tickets", "-"], "standard input"),
        (&[&old], "<NEW>"),
    ];
    for (arguments, told) in wrong {
        let (exit, said) = klausel(&[&["diff"], arguments].concat());
        assert_eq!((exit, said.contains(told)), (Exit::Call, true), "{said}");
    }
    let (exit, said) = klausel(&["diff", &old, &ground.path("nowhere.sla")]);
    assert_eq!(exit, Exit::Input, "{said}");
    let (exit, said) = klausel(&["diff", &old, &both, "--agreement", "acme", "--agreement", "other"]);
    assert_eq!(exit, Exit::Done, "{said}");
    assert!(said.contains("acme (") && said.contains("→ other ("), "{said}");
    let (exit, said) = klausel(&["replay", &old]);
    assert_eq!(exit, Exit::Call);
    assert!(said.contains("--tickets"), "{said}");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let ground = Ground::new(&[("{ P1 4h }", "{ P1 2h }")]);
    let log = ground.path("log.csv");
    for format in ["text", "json"] {
        let call = |threads: &str| ground.call(&["--tickets", &log, "--format", format, "--threads", threads]);
        assert_eq!(call("1"), call("4"));
    }
}

fn exact(text: &Value) -> Fraction {
    decimal(text.as_str().unwrap()).unwrap()
}

/// What a line of a ledger is counted by.
type Word = fn(&Value) -> String;

/// The amounts of a replay's ledger, added up by a word for each line.
fn sums(replay: &Value, word: Word) -> BTreeMap<(String, String), Fraction> {
    let mut sums: BTreeMap<(String, String), Fraction> = BTreeMap::new();
    for line in replay["ledger"].as_array().unwrap() {
        let key = (word(line), line["kind"].as_str().unwrap().to_string());
        *sums.entry(key).or_insert_with(|| decimal("0").unwrap()) += exact(&line["amount"]);
    }
    sums
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap().to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever the log and whatever the draft: each side of a diff is what a replay of that side alone comes to.
    #[test]
    fn a_diff_is_the_difference_of_two_replays(
        tickets in prop::collection::vec((0_u32..56, 0_u32..23, 1_u32..900, any::<bool>(), 0_u32..200), 1..12),
        target in 1_u32..9,
        rate in 1_u32..30,
        cap in prop::option::of(1_u32..40),
        pauses in any::<bool>(),
    ) {
        let capped = cap.map_or(String::new(), |cap| format!("\n        capped at {cap}% of fee per ticket"));
        let credit = format!("credit {rate}% of fee per started hour late{capped}");
        let (tier, pause) = (format!("{{ P1 {target}h }}"), "        pauses while status is waiting\n");
        let mut changed = vec![("credit 10% of fee per started hour late", credit.as_str()), ("{ P1 4h }", tier.as_str())];
        if !pauses {
            changed.push((pause, ""));
        }
        let ground = Ground::new(&changed);
        let first_day = chrono::NaiveDate::from_ymd_opt(2025, 3, 1).unwrap();
        let mut log = "id,at,event,priority,status\n".to_string();
        for (nth, (day, hour, minutes, is_first, waits)) in tickets.iter().enumerate() {
            let created = first_day.and_hms_opt(*hour, 0, 0).unwrap() + chrono::Days::new(u64::from(*day));
            let (waiting, back) = (created + chrono::TimeDelta::minutes(1), i64::from(*waits) + 1);
            let back = waiting + chrono::TimeDelta::minutes(back);
            let resolved = back + chrono::TimeDelta::minutes(i64::from(*minutes));
            let priority = if *is_first { "P1" } else { "P2" };
            let rows = [(created, "created", "open"), (waiting, "", "waiting"), (back, "", "open"), (resolved, "resolved", "done")];
            for (at, event, status) in rows {
                log += &format!("T{nth},{},{event},{priority},{status}\n", at.format("%Y-%m-%d %H:%M"));
            }
        }
        ground.write("log.csv", &log);
        let (said, old, new) = (ground.json(), ground.replay("old.sla", "log.csv"), ground.replay("new.sla", "log.csv"));
        for name in ["penalties", "incentives", "net"] {
            let row = &said["totals"][name];
            prop_assert_eq!(&row["old"], &old["totals"][name]);
            prop_assert_eq!(&row["new"], &new["totals"][name]);
            prop_assert_eq!(exact(&row["difference"]), exact(&new["totals"][name]) - exact(&old["totals"][name]));
        }
        let words: [(&str, Word); 2] =
            [("by_clause", |line| text_of(&line["clause"])), ("by_month", |line| text_of(&line["month"]))];
        for (section, word) in words {
            let (before, after) = (sums(&old, word), sums(&new, word));
            let zero = decimal("0").unwrap();
            let mut left: Vec<_> = before.keys().chain(after.keys()).collect();
            left.sort();
            left.dedup();
            left.retain(|key| [&before, &after].iter().any(|sums| sums.get(*key).is_some_and(|sum| *sum != zero)));
            prop_assert_eq!(said[section].as_array().unwrap().len(), left.len());
            for row in said[section].as_array().unwrap() {
                let key = (text_of(&row["name"]), text_of(&row["kind"]));
                prop_assert_eq!(&exact(&row["old"]), before.get(&key).unwrap_or(&zero));
                prop_assert_eq!(&exact(&row["new"]), after.get(&key).unwrap_or(&zero));
            }
        }
        for section in ["by_tier", "by_priority"] {
            for (side, replay) in [("old", &old), ("new", &new)] {
                let rows = said[section].as_array().unwrap().iter().filter(|row| row["kind"] == "penalty");
                let sum = rows.fold(decimal("0").unwrap(), |sum, row| sum + exact(&row[side]));
                prop_assert_eq!(sum, exact(&replay["totals"]["penalties"]));
            }
        }
        // Every breach is breached on both sides, or flips.
        let breached = |replay: &Value| -> u64 {
            replay["metrics"].as_array().unwrap().iter().map(|row| row["breached"].as_u64().unwrap()).sum()
        };
        let flipped = |side: &str| -> u64 {
            let flips = said["flips"].as_array().unwrap().iter();
            flips.filter(|flip| flip[side]["status"] == "breached").count() as u64
        };
        prop_assert_eq!(breached(&old) + flipped("new"), breached(&new) + flipped("old"));
    }
}
