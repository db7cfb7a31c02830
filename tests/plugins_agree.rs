//! The bundled year settled twice, with scripts and with components: the same ledgers and recoveries to the cent.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what it misses by failing")]

#[path = "common/program.rs"]
mod program;

use std::fs;
use std::path::{Path, PathBuf};

use klausel::cli::Exit;
use klausel::money::{self, Fraction};
use serde_json::Value;

use program::klausel;

/// The bundled example's framework agreement with two plugins in it, and targets tight enough that there is much to reckon.
const TERMS: &str = r#"
use "template.sla"

plugin fair_credit from "CREDIT" { takes weight number, floor money }
plugin margin from "MARGIN" { takes share number }

template fair extends nordlicht {
    override tier silver resolution § 3.2 { P1 3h, P2 6h, P3 2 service days, P4 4 service days }
    override tier gold resolution § 3.4 { P1 2h, P2 4h, P3 1 service day, P4 3 service days }

    override penalty late_resolution § 7.1 {
        for each breach of resolution
        credit by fair_credit(weight: 1.5, floor: 3 EUR)
        capped at 2% of fee per ticket
    }
    penalty slow_response § 7.4 {
        for each breach of response
        credit by fair_credit(weight: 0.333333333333, floor: 1 EUR)
    }
    penalty fairness § 7.5 {
        per month on breaches of resolution when priority in (P1, P2)
        credit by fair_credit(weight: 1.5, floor: 50 EUR)
    }
    penalty production § 7.6 {
        per month on breaches of response when service is production
        credit by fair_credit(weight: 2, floor: 10 EUR)
    }
    override cap penalties § 7.8 at 100% of fee per month
    remove cap penalties per year

    supplier cloudbackup § 11 from "suppliers/cloudbackup.sla" {
        covers tickets when service in (backup, mail)
        recover by margin(share: 33.3333333333%)
    }
    supplier network § 12 from "suppliers/network.sla" {
        covers tickets when service in (network, workplace, mail)
        recover by margin(share: 80%)
    }
}
"#;

fn supplier(name: &str) -> String {
    format!(
        "agreement {name} {{ kind supplier effective 2025-01-01.. timezone \"Europe/Berlin\" fee 400 EUR per month \
         round half up to 0.01 EUR }}"
    )
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A year settled with one sort of plugins.
struct Year {
    /// As `--format json` has it.
    told: Value,
    /// The rows of the ledger.
    ledger: Vec<Value>,
    /// What the plugins were asked.
    asked: Vec<Value>,
}

/// The rows of a file of JSON lines.
fn rows(path: &Path) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Settles the bundled year with these two plugins, by their places in `plugins/`.
fn settled(credit: &str, margin: &str) -> Year {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let example = root().join("rules/examples/nordlicht");
    ["portfolio", "suppliers"].iter().for_each(|name| fs::create_dir(at(name)).unwrap());
    ["template.sla", "desk.sla"].iter().for_each(|name| _ = fs::copy(example.join(name), at(name)).unwrap());
    for entry in fs::read_dir(example.join("portfolio")).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let text = text.replace("extends nordlicht ", "extends fair ").replace("../template.sla", "../terms.sla");
        fs::write(at("portfolio").join(path.file_name().unwrap()), text).unwrap();
    }
    let ending = |name: &str| name.rsplit('/').next().unwrap().to_string();
    [credit, margin]
        .iter()
        .for_each(|name| _ = fs::copy(root().join("plugins").join(name), at(&ending(name))).unwrap());
    fs::write(at("terms.sla"), TERMS.replace("CREDIT", &ending(credit)).replace("MARGIN", &ending(margin))).unwrap();
    for name in ["cloudbackup", "network"] {
        fs::write(at(&format!("suppliers/{name}.sla")), supplier(name)).unwrap();
    }
    let path = |name: &str| at(name).to_str().unwrap().to_string();
    let (portfolio, ledger, asked) = (path("portfolio"), path("ledger.jsonl"), path("asked.jsonl"));
    let call = ["replay", &portfolio, "--tickets", "example", "--ledger", &ledger, "--dump-context", &asked];
    let (exit, said) = klausel(&[&call[..], &["--format", "json"]].concat());
    assert_eq!(exit, Exit::Done, "{said}");
    let told = serde_json::Deserializer::from_str(&said).into_iter().next().unwrap().unwrap();
    Year { told, ledger: rows(&at("ledger.jsonl")), asked: rows(&at("asked.jsonl")) }
}

/// These columns of a row; what a plugin notes is its own way of writing a number.
fn columns(row: &Value, names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| row[name].clone()).collect()
}

impl Year {
    fn lines(&self) -> Vec<Vec<Value>> {
        let names = ["agreement", "month", "clause", "tickets", "computed", "after_clause_cap", "after_caps", "amount"];
        self.ledger.iter().map(|row| columns(row, &names)).collect()
    }

    fn each<'y>(&'y self, part: &'y str) -> impl Iterator<Item = &'y Value> {
        self.told["agreements"].as_array().unwrap().iter().map(move |agreement| &agreement[part])
    }

    fn recoveries(&self) -> Vec<Vec<Value>> {
        let names = ["period", "ticket", "supplier", "paid", "recovered", "left"];
        let all = self.each("recoveries").flat_map(|rows| rows.as_array().unwrap());
        all.map(|row| columns(row, &names)).collect()
    }

    /// How many breaches the questions of this kind told of.
    fn breaches(&self, kind: &str) -> usize {
        let asked = self.asked.iter().filter(|asked| asked["kind"] == kind);
        asked.map(|asked| asked["context"]["breaches"].as_array().unwrap().len()).sum()
    }
}

fn decimal(value: &Value) -> Fraction {
    money::decimal(value.as_str().unwrap()).unwrap()
}

#[test]
fn the_bundled_year_is_settled_to_the_same_cent_by_scripts_and_by_components() {
    let scripts = settled("rhai/fair_credit.rhai", "rhai/supplier_margin.rhai");
    let margin = "wasm/supplier-margin/supplier_margin.wasm";
    for credit in ["wasm/fair-credit/fair_credit.wasm", "wasm/fair-credit-c/fair_credit_c.wasm"] {
        let components = settled(credit, margin);
        assert_eq!(components.lines(), scripts.lines(), "{credit}");
        assert_eq!(components.recoveries(), scripts.recoveries(), "{credit}");
        assert!(components.each("totals").eq(scripts.each("totals")), "{credit}");
        assert_eq!(components.asked, scripts.asked, "{credit}");
    }
    shows_what_it_should(&scripts);
}

/// Many breaches; thirds, a cap that cuts and an empty month are among them.
fn shows_what_it_should(year: &Year) {
    let (credit, margin) = (year.breaches("credit"), year.breaches("margin"));
    assert!(500 <= credit && 500 <= margin, "{credit} breaches were credited, {margin} shared");
    let months = year.asked.iter().filter(|asked| !asked["context"]["period"].is_null());
    let empty = months.filter(|asked| asked["context"]["breaches"].as_array().unwrap().is_empty()).count();
    assert!(0 < empty, "no month without a breach was asked");
    // Nothing but the cap stands between the two figures.
    let cut = |before: &str, after: &str| year.ledger.iter().filter(|line| line[after] != line[before]).count();
    assert!(0 < cut("computed", "after_clause_cap"), "no cap of a clause cuts");
    assert!(0 < cut("after_combine", "after_caps"), "no cap of a month cuts");
    // The rule's own cap: a third of the fees, 14 500 and 1 200 EUR, which is no whole number of cents.
    let third = |line: &&Value| line["computed"] == "5233.333333";
    assert!(0 < year.ledger.iter().filter(third).count(), "no credit is a third of the fee");
    let recoveries = year.recoveries();
    let is_third = |row: &&Vec<Value>| {
        let (paid, recovered) = (decimal(&row[3]), decimal(&row[4]));
        let off = money::whole(3) * recovered - paid;
        row[2] == "cloudbackup" && off != money::whole(0) && off < money::ratio(3, 100) && money::ratio(-3, 100) < off
    };
    assert!(0 < recoveries.iter().filter(is_third).count(), "no share is a third that is no whole number of cents");
}
