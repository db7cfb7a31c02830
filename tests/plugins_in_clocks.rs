//! Plugins that clocks ask: for a ticket's priority, and whether its state is a pause.
#![expect(clippy::unwrap_used, reason = "a test says what it misses by failing")]

#[path = "common/program.rs"]
mod program;

use klausel::cli::Exit;

use program::klausel;

const LOG: &str = "id,at,event,customer,status\n\
    T-1,2025-03-03T08:00:00,created,bank,open\n\
    T-1,2025-03-03T09:00:00,,bank,with vendor\n\
    T-1,2025-03-03T12:00:00,,bank,open\n\
    T-1,2025-03-03T12:30:00,resolved,bank,open\n\
    T-2,2025-03-04T08:00:00,created,shop,open\n\
    T-2,2025-03-04T12:30:00,resolved,shop,open\n\
    T-3,2025-03-05T08:00:00,created,,open\n\
    T-3,2025-03-05T12:30:00,resolved,,open\n";

const VIP: &str = r#"
fn classify(ticket, arguments) {
    if !("customer" in ticket.fields) { return ""; }
    if ticket.fields.customer == arguments.vip { "P1" } else { "P2" }
}
"#;

const VENDOR: &str = r#"
fn pause(ticket, arguments) {
    if ticket.id == arguments.never { return false; }
    ticket.fields.status == "with vendor"
}
"#;

struct Ground {
    folder: tempfile::TempDir,
}

impl Ground {
    fn new(agreement: &str, files: &[(&str, &str)]) -> Ground {
        let ground = Ground { folder: tempfile::tempdir().unwrap() };
        let head = r#"source desk {
    format csv
    ticket column "id"
    at column "at" in "UTC"
    event column "event"
    field customer column "customer"
    field status column "status"
}
"#;
        ground.write("a.sla", &format!("{head}{agreement}"));
        ground.write("log.csv", LOG);
        files.iter().for_each(|(name, text)| ground.write(name, text));
        ground
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_string()
    }

    /// Each ticket's priority, status, counted and paused time.
    fn outcomes(&self) -> Vec<String> {
        let (agreement, log) = (self.path("a.sla"), self.path("log.csv"));
        let call = ["replay", &agreement, "--tickets", &log, "--as-of", "2025-04-01T00:00:00Z", "--outcomes", "-"];
        let (exit, said) = klausel(&call);
        assert_eq!(exit, Exit::Done, "{said}");
        let mut rows = csv::Reader::from_reader(said.as_bytes());
        let headers = rows.headers().unwrap().clone();
        let named = |row: &csv::StringRecord, name: &str| {
            headers.iter().position(|header| header == name).and_then(|at| row.get(at)).unwrap().to_string()
        };
        rows.records()
            .map_while(Result::ok)
            .map(|row| {
                ["ticket", "priority", "status", "elapsed_ms", "paused_ms"].map(|name| named(&row, name)).join(" ")
            })
            .collect()
    }

    fn refused(&self, call: &str) -> (Exit, String) {
        let (agreement, log, out) = (self.path("a.sla"), self.path("log.csv"), self.path("out.csv"));
        let found = match call {
            "replay" => klausel(&["replay", &agreement, "--tickets", &log, "--outcomes", &out]),
            call => klausel(&[call, &agreement]),
        };
        assert!(!self.folder.path().join("out.csv").exists(), "nothing is written");
        found
    }
}

fn agreement(declared: &str, lines: &str) -> String {
    format!(
        "{declared}\nagreement a {{ tickets from desk  effective 2025-01-01..2025-12-31  timezone \"UTC\"\n{lines}\n}}\n"
    )
}

const BY_VIP: &str = r#"priority § 3.1 by vip(vip: "bank")
    metric resolution { starts on created stops on resolved }
    tier all { resolution { P1 4h, P2 5h } }"#;
const BY_VENDOR: &str = r#"metric resolution { target 4h starts on created stops on resolved
        pauses § 5.2 while vendor(never: "T-9") }"#;

#[test]
fn a_plugin_gives_each_ticket_its_priority_or_none() {
    let ground = Ground::new(&agreement(r#"plugin vip from "vip.rhai""#, BY_VIP), &[("vip.rhai", VIP)]);
    // Four and a half hours each: too long for P1, in time for P2; without a priority there is no target.
    assert_eq!(ground.outcomes(), ["T-1 P1 breached 16200000 0", "T-2 P2 met 16200000 0"]);
}

#[test]
fn a_plugin_says_which_states_are_pauses() {
    let ground = Ground::new(&agreement(r#"plugin vendor from "vendor.rhai""#, BY_VENDOR), &[("vendor.rhai", VENDOR)]);
    let expected = ["T-1 met 5400000 10800000", "T-2 breached 16200000 0", "T-3 breached 16200000 0"];
    let got: Vec<String> = ground.outcomes().iter().map(|row| row.replace("  ", " ")).collect();
    assert_eq!(got, expected);
    // The answer is looked at again when a field changes, and the day by day account names the pause.
    let (agreement, log) = (ground.path("a.sla"), ground.path("log.csv"));
    let (_, said) = klausel(&["explain", &agreement, "--tickets", &log, "--ticket", "T-1"]);
    assert!(said.contains("§ 5.2") && said.contains("vendor"), "{said}");
}

#[test]
fn a_name_that_the_agreement_does_not_know_stops_everything() {
    let wrong = VIP.replace("\"P2\"", "\"P7\"");
    let ground = Ground::new(&agreement(r#"plugin vip from "vip.rhai""#, BY_VIP), &[("vip.rhai", &wrong)]);
    let (exit, said) = ground.refused("replay");
    assert_eq!(exit, Exit::Plugin, "{said}");
    for part in ["`vip`", "§ 3.1", "ticket T-2", "P7", "P1, P2"] {
        assert!(said.contains(part), "{part} is missing in {said}");
    }
}

#[test]
fn a_pause_that_is_neither_yes_nor_no_stops_everything() {
    let wrong = VENDOR.replace("ticket.fields.status == \"with vendor\"", "1");
    let ground = Ground::new(&agreement(r#"plugin vendor from "vendor.rhai""#, BY_VENDOR), &[("vendor.rhai", &wrong)]);
    let (exit, said) = ground.refused("replay");
    assert_eq!(exit, Exit::Plugin, "{said}");
    for part in ["`vendor`", "§ 5.2", "ticket T-1"] {
        assert!(said.contains(part), "{part} is missing in {said}");
    }
}

#[test]
fn a_test_whose_plugin_has_no_answer_ends_as_a_plugin_s_failure() {
    let wrong =
        VIP.replace("fn classify(ticket, arguments) {", "fn classify(ticket, arguments) { throw \"not today\";");
    let test = "test \"never judged\" for a { ticket T1 { customer bank } 2025-03-03 08:00 created 2025-03-03 09:00 resolved expect resolution met }";
    let text = format!("{}{test}", agreement(r#"plugin vip from "vip.rhai""#, BY_VIP));
    let ground = Ground::new(&text, &[("vip.rhai", &wrong)]);
    let (exit, said) = ground.refused("test");
    assert_eq!(exit, Exit::Plugin, "{said}");
    assert!(said.contains("not today"), "{said}");
}

#[test]
fn a_plugin_of_another_kind_or_within_a_condition_is_refused_before_anything_runs() {
    let swapped = BY_VIP.replace("vip(vip: \"bank\")", "vendor(never: \"T-9\")");
    let ground = Ground::new(&agreement(r#"plugin vendor from "vendor.rhai""#, &swapped), &[("vendor.rhai", VENDOR)]);
    let (exit, said) = ground.refused("check");
    assert_eq!(exit, Exit::No);
    assert!(
        said.contains("plugin_does_not_fit") && said.contains("`priority by …` asks for the kind `classify`"),
        "{said}"
    );

    let part = BY_VENDOR.replace("vendor(never: \"T-9\")", "status is open and vendor(never: \"T-9\")");
    let ground = Ground::new(&agreement(r#"plugin vendor from "vendor.rhai""#, &part), &[("vendor.rhai", VENDOR)]);
    let (exit, said) = ground.refused("check");
    assert_eq!(exit, Exit::No);
    assert!(said.contains("no plugin can be a part of a condition"), "{said}");
}
