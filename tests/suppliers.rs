//! Suppliers: what they pay back of the penalties on the tickets that they cover.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what it misses by failing")]

#[path = "common/program.rs"]
mod program;

use std::path::Path;

use klausel::cli::Exit;
use serde_json::Value;

use program::klausel;

/// Four hours for each ticket; a tenth of 1 200 EUR for each started hour late.
const HEAD: &str = r#"
source desk {
    format csv
    ticket column "id"
    at column "at" in "UTC"
    event column "event"
    field service column "service"
}
agreement acme {
    tickets from desk
    effective 2025-01-01..2025-12-31
    timezone "UTC"
    fee 1_200 EUR per month
    metric resolution { starts on created stops on resolved target 4h }
    round half up to 0.01 EUR
    penalty late § 7.1 { for each breach of resolution credit 10% of fee per started hour late }
"#;

/// Three hours of the supplier's own, and 25 EUR for each started hour; its tickets are the customer's.
const THEIRS: &str = r#"
source theirs { format csv ticket column "n" at column "t" in "UTC" event column "e" }
agreement cloudbackup {
    kind supplier
    tickets from theirs
    effective 2025-01-01..2025-12-31
    timezone "UTC"
    fee 200 EUR per month
    metric repair { starts on created stops on resolved target 3h }
    penalty repair § 4 { for each breach of repair credit 25 EUR per started hour late }
    round half up to 0.01 EUR
}
"#;

/// T-1: 3 hours late, 360 EUR. T-2: 1 hour, 120 EUR. T-3: in time here, an hour late there. T-4: 2 hours, nobody's.
const LOG: &str = "id,at,event,service\n\
    T-1,2025-03-03T08:00:00,created,backup\n\
    T-1,2025-03-03T15:00:00,resolved,backup\n\
    T-2,2025-04-04T08:00:00,created,backup\n\
    T-2,2025-04-04T12:30:00,resolved,backup\n\
    T-3,2025-03-05T08:00:00,created,backup\n\
    T-3,2025-03-05T12:00:00,resolved,backup\n\
    T-4,2025-03-06T08:00:00,created,mail\n\
    T-4,2025-03-06T14:00:00,resolved,mail\n";

struct Ground {
    folder: tempfile::TempDir,
}

impl Ground {
    fn new(declared: &str, lines: &str, theirs: &str) -> Ground {
        let ground = Ground { folder: tempfile::tempdir().unwrap() };
        std::fs::create_dir(ground.folder.path().join("suppliers")).unwrap();
        let supplier = format!("supplier cloudbackup § 11 from \"suppliers/cloudbackup.sla\" {{\n{lines}\n}}");
        ground.write("acme.sla", &format!("{declared}\n{HEAD}{supplier}\n}}\n"));
        ground.write("suppliers/cloudbackup.sla", theirs);
        ground.write("log.csv", LOG);
        let margin = Path::new(env!("CARGO_MANIFEST_DIR")).join("plugins/rhai/supplier_margin.rhai");
        std::fs::copy(margin, ground.folder.path().join("margin.rhai")).unwrap();
        ground
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_string()
    }

    fn replay(&self, more: &[&str]) -> (Exit, String) {
        let (agreement, log) = (self.path("acme.sla"), self.path("log.csv"));
        let mut call = vec!["replay", &agreement, "--tickets", &log, "--as-of", "2025-05-01T00:00:00Z"];
        call.extend(more);
        klausel(&call)
    }

    fn json(&self) -> Value {
        let (exit, said) = self.replay(&["--format", "json"]);
        assert_eq!(exit, Exit::Done, "{said}");
        let start = said.find('{').unwrap();
        serde_json::Deserializer::from_str(&said[start..]).into_iter().next().unwrap().unwrap()
    }

    /// Month, ticket, paid, recovered, left.
    fn rows(&self) -> Vec<String> {
        let said = self.json();
        let rows = said["recoveries"].as_array().unwrap();
        let names = ["period", "ticket", "paid", "recovered", "left"];
        rows.iter().map(|row| names.map(|name| row[name].as_str().unwrap()).join(" ")).collect()
    }

    fn check(&self) -> String {
        klausel(&["check", &self.path("acme.sla")]).1
    }
}

const COVERS: &str = "covers tickets when service in (backup)";
const MARGIN: &str = r#"plugin margin from "margin.rhai""#;

#[test]
fn a_supplier_pays_what_its_own_agreement_yields_for_the_ticket() {
    let ground = Ground::new("", COVERS, THEIRS);
    // T-1 took 7 hours, four more than the supplier's three: 100 EUR. T-2 took 4 h 30: two started hours, 50 EUR.
    // T-3 cost the supplier something and the customer was owed nothing for it, so there is nothing to match.
    assert_eq!(ground.rows(), ["2025-03 T-1 360.00 100.00 260.00", "2025-04 T-2 120.00 50.00 70.00"]);
    let said = ground.json();
    assert_eq!(said["totals"]["penalties"], "720.00");
    assert_eq!(said["totals"]["recovered"], "150.00");
    assert_eq!(said["totals"]["net"], "-570.00");
    assert_eq!(said["recoveries"][0]["ref"], "§ 11");
    let because = said["recoveries"][0]["because"].as_str().unwrap();
    assert!(because.starts_with("repair § 4: "), "{because}");
    assert!(because.contains("25.00 EUR") && because.contains('4'), "{because}");
}

#[test]
fn a_plugin_says_which_share_a_supplier_makes_good() {
    let ground = Ground::new(MARGIN, &format!("{COVERS} recover by margin(share: 80%)"), THEIRS);
    assert_eq!(ground.rows(), ["2025-03 T-1 360.00 288.00 72.00", "2025-04 T-2 120.00 96.00 24.00"]);
    let (_, text) = ground.replay(&[]);
    assert!(text.contains("Suppliers") && text.contains("recovered"), "{text}");
    assert!(ground.json()["plugins"]["margin"].is_string());
    let (_, plan) = klausel(&["plan", &ground.path("acme.sla")]);
    let hash = ground.json()["plugins"]["margin"].as_str().unwrap().to_string();
    let row = plan.lines().find(|line| line.contains(&hash)).unwrap();
    assert!(plan.contains("\nPlugins\n"), "{plan}");
    assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["margin", "margin", &hash]);
}

#[test]
fn thirds_are_rounded_as_the_month_s_penalties_are() {
    let ground = Ground::new(MARGIN, &format!("{COVERS} recover by margin(share: 33.333%)"), THEIRS);
    // 119.9988 and 39.9996 EUR.
    assert_eq!(ground.rows(), ["2025-03 T-1 360.00 120.00 240.00", "2025-04 T-2 120.00 40.00 80.00"]);
}

#[test]
fn a_penalty_that_an_amendment_brings_is_shared_for_tickets_from_before_it_too() {
    let recover = format!("{COVERS} recover by margin(share: 80%)\n}}\nversioned by breach\n");
    let amendment = "amend from 2025-03-01 \"First addendum\" {\n\
        penalty lump § 7.2 { for each breach of resolution credit 10 EUR }";
    let ground = Ground::new(MARGIN, &format!("{recover}{amendment}"), THEIRS);
    // Created in February, breached in March: the clause of March counts, which the ticket's own version has not.
    ground.write(
        "log.csv",
        "id,at,event,service\nT-9,2025-02-28T22:00:00,created,backup\nT-9,2025-03-01T02:30:00,resolved,backup\n",
    );
    assert_eq!(ground.rows(), ["2025-03 T-9 130.00 104.00 26.00"]);
}

#[test]
fn a_share_may_be_a_fraction() {
    let ground = Ground::new(MARGIN, &format!("{COVERS} recover by margin(share: 1/3)"), THEIRS);
    assert_eq!(ground.rows(), ["2025-03 T-1 360.00 120.00 240.00", "2025-04 T-2 120.00 40.00 80.00"]);
    assert!(ground.json()["recoveries"][0]["because"].as_str().unwrap().contains("by margin"));
    let nothing = Ground::new(MARGIN, &format!("{COVERS} recover by margin(share: 1/0)"), THEIRS).check();
    assert!(nothing.contains("error["), "{nothing}");
}

#[test]
fn an_agreed_amount_is_bounded_by_what_was_paid() {
    let ground = Ground::new("", &format!("{COVERS} recover 200 EUR"), THEIRS);
    assert_eq!(ground.rows(), ["2025-03 T-1 360.00 200.00 160.00", "2025-04 T-2 120.00 120.00 0.00"]);
}

#[test]
fn a_share_of_more_than_was_paid_stops_the_settlement() {
    let ground = Ground::new(MARGIN, &format!("{COVERS} recover by margin(share: 80%)"), THEIRS);
    ground.write(
        "margin.rhai",
        "fn margin(context, credit) { #{ amount: credit.amount * context.arguments.share * 2, note: \"\" } }",
    );
    let (exit, said) = ground.replay(&["--ledger", &ground.path("ledger.csv")]);
    assert_eq!(exit, Exit::Plugin, "{said}");
    for part in ["`margin`", "§ 7.1", "ticket T-1", "576", "360"] {
        assert!(said.contains(part), "{part} is missing in {said}");
    }
    assert!(!ground.folder.path().join("ledger.csv").exists());
}

#[test]
fn the_questions_of_a_supplier_s_plugin_are_written_and_answer_the_same_by_hand() {
    let ground = Ground::new(MARGIN, &format!("{COVERS} recover by margin(share: 80%)"), THEIRS);
    let dump = ground.path("asked.jsonl");
    ground.replay(&["--dump-context", &dump]);
    let asked = std::fs::read_to_string(&dump).unwrap();
    ground.write("one.json", asked.lines().next().unwrap());
    let (exit, said) = klausel(&["plugin", "run", &ground.path("margin.rhai"), "--context", &ground.path("one.json")]);
    assert_eq!(exit, Exit::Done, "{said}");
    assert!(said.starts_with("288"), "{said}");
}

#[test]
fn the_first_supplier_is_asked_first_and_the_next_has_no_more_than_what_is_left() {
    let second = "\n}\nsupplier network § 12 from \"suppliers/cloudbackup.sla\" { covers tickets recover 300 EUR";
    let theirs = THEIRS.replace("agreement cloudbackup", "agreement alone");
    let ground = Ground::new("", &format!("{COVERS} recover 100 EUR{second}"), &theirs);
    let expected = [
        "2025-03 T-1 360.00 100.00 260.00",
        "2025-03 T-1 360.00 260.00 0.00",
        "2025-03 T-4 240.00 240.00 0.00",
        "2025-04 T-2 120.00 100.00 20.00",
        "2025-04 T-2 120.00 20.00 0.00",
    ];
    assert_eq!(ground.rows(), expected);
}

#[test]
fn a_lead_is_told_to_be_unproved() {
    let said = Ground::new("", &format!("{COVERS} lead 20%"), THEIRS).check();
    assert!(said.contains("warning[lead_not_proved]"), "{said}");
    let said = Ground::new("", &format!("{COVERS} lead 100%"), THEIRS).check();
    assert!(said.contains("error[bad_number]"), "{said}");
}

#[test]
fn what_is_wrong_with_a_supplier_is_told_before_anything_runs() {
    let told = |lines: &str, theirs: &str| Ground::new("", lines, theirs).check();
    let customer = THEIRS.replace("kind supplier", "kind customer");
    assert!(told(COVERS, &customer).contains("error[no_supplier]"));
    let dollars = THEIRS.replace("EUR", "USD");
    assert!(told(COVERS, &dollars).contains("error[mixed_currencies]"));
    assert!(told("recover 5 EUR", THEIRS).contains("error[supplier_covers_nothing]"));
    assert!(told("covers tickets covers tickets", THEIRS).contains("error[said_twice]"));
    assert!(told("covers tickets when servce in (backup)", THEIRS).contains("did you mean `service`?"));
    assert!(told(COVERS, &THEIRS.replace("stops on resolved", "stops resolved")).contains("cloudbackup.sla"));
    let own = "covers tickets }\nsupplier itself from \"acme.sla\" { covers tickets";
    assert!(told(own, THEIRS).contains("error[supplier_cycle]"));
    let gone = Ground::new("", COVERS, THEIRS);
    std::fs::remove_file(gone.folder.path().join("suppliers/cloudbackup.sla")).unwrap();
    assert!(gone.check().contains("error[missing_file]"));
}

#[test]
fn the_plan_names_suppliers_and_their_agreements() {
    let ground = Ground::new(MARGIN, &format!("{COVERS} recover by margin(share: 80%)"), THEIRS);
    let (_, said) = klausel(&["plan", &ground.path("acme.sla")]);
    for part in
        ["supplier cloudbackup § 11", "covers tickets when service in (backup)", "recover by margin(share: 80%)"]
    {
        assert!(said.contains(part), "{part} is missing in {said}");
    }
    assert!(said.contains("its agreement cloudbackup in "), "{said}");
}
