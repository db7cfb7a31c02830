//! The built guests of `plugins/wasm/`: answers worked out by hand, the same as the scripts', the same as their sources.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what it misses by failing")]
#![expect(clippy::print_stderr, reason = "a compiler that is not here is told loudly")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use klausel::money;
use klausel::plugin::context::{Argument, ArgumentType, Breach, Context, Fee, Field, Money, Period};
use klausel::plugin::{Answer, Failure, Kind, Language, Limits, Plugin, Question, Reply, answer};
use klausel::time::HOUR;

#[path = "../plugins/wasm/decimal/src/lib.rs"]
#[expect(dead_code, unreachable_pub, reason = "its own tests run here, for no compiler of guests is needed for them")]
mod decimal;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("plugins")
}

fn component(path: &str) -> Plugin {
    Plugin::compile(Language::Wasm, &fs::read(folder().join("wasm").join(path)).unwrap()).unwrap()
}

fn script(name: &str) -> Plugin {
    Plugin::compile(Language::Rhai, &fs::read(folder().join("rhai").join(name)).unwrap()).unwrap()
}

/// The guests of one rule, in Rust and in C.
fn fair_credits() -> [Plugin; 2] {
    ["fair-credit/fair_credit.wasm", "fair-credit-c/fair_credit_c.wasm"].map(component)
}

fn euro(amount: &str) -> Money {
    Money { amount: amount.to_string(), currency: "EUR".to_string() }
}

/// Which clocks of a month were late by how much of which target, and what was owed.
struct Month<'a> {
    fees: &'a [&'a str],
    counted: Option<(u64, u64)>,
    late: Vec<(i64, i64)>,
}

impl Month<'_> {
    fn told(&self, arguments: &[(&str, ArgumentType, &str)]) -> Context {
        let period = |(met, breached)| Period {
            start: 0,
            end: 744 * HOUR,
            met,
            breached,
            numerator: met.to_string(),
            denominator: (met + breached).to_string(),
            tickets: met + breached,
        };
        Context {
            agreement: "Hafenkontor".to_string(),
            clause: "fairness".to_string(),
            reference: Some("§ 7.4".to_string()),
            fees: self.fees.iter().map(|fee| Fee { service: None, amount: euro(fee) }).collect(),
            period: self.counted.map(period),
            earlier: Vec::new(),
            breaches: self.late.iter().enumerate().map(breach).collect(),
            outages: Vec::new(),
            arguments: arguments
                .iter()
                .map(|(name, kind, value)| Argument { name: name.to_string(), kind: *kind, value: value.to_string() })
                .collect(),
        }
    }
}

fn breach((number, (late, target)): (usize, &(i64, i64))) -> Breach {
    let text = |text: &str| text.to_string();
    let (started_at, breached_at) = (HOUR, HOUR + target);
    Breach {
        ticket: format!("T-{number}"),
        metric: text("resolution"),
        tier: text("gold"),
        priority: text("P1"),
        started_at,
        due_at: breached_at,
        breached_at,
        stopped_at: Some(breached_at + late),
        target_ms: *target,
        elapsed_ms: target + late,
        paused_ms: 0,
        late_ms: *late,
        fields: Vec::new(),
    }
}

fn terms<'a>(weight: &'a str, floor: &'a str) -> [(&'a str, ArgumentType, &'a str); 2] {
    [("weight", ArgumentType::Number, weight), ("floor", ArgumentType::Money, floor)]
}

fn ask(plugin: &Plugin, question: &Question<'_>) -> Result<Reply, Failure> {
    plugin.ask(question, &Limits::default())
}

/// The amount, its currency where one is said, and the note.
fn said(reply: Reply) -> (String, Option<String>, String) {
    let Answer::Assessment { amount, currency, note } = reply.answer else { panic!("no amount: {:?}", reply.answer) };
    (money::exact(&amount), currency, note)
}

fn assessed(amount: &str, note: &str) -> (String, Option<String>, String) {
    (amount.to_string(), Some("EUR".to_string()), note.to_string())
}

#[test]
fn a_fair_credit_is_what_its_rule_says_by_hand() {
    let month = |fees, counted, late| Month { fees, counted, late };
    let thirds = || vec![(HOUR, 3 * HOUR), (9 * HOUR, 3 * HOUR)];
    let cases = [
        // An empty month.
        (month(&["10000.00"], Some((12, 0)), vec![]), "0", "no breach"),
        // 10 000 × 1.5 × (0.333333 + 1) / (3 × 12) = 555.555416…
        (month(&["10000.00"], Some((10, 2)), thirds()), "555.555417", "severity 1.333333 of 12 clocks"),
        // The same fee in two lines.
        (month(&["7000", "3000"], Some((10, 2)), thirds()), "555.555417", "severity 1.333333 of 12 clocks"),
        // 10 000 × 1.5 × 0.000333 / 36 = 0.13875 is below the floor.
        (month(&["10000.00"], Some((11, 1)), vec![(1, 3000)]), "50", "severity 0.000333 of 12 clocks"),
        // Twelve whole misses are half the fee, and a third is the most.
        (month(&["10000.00"], Some((0, 12)), vec![(HOUR, HOUR); 12]), "3333.333333", "severity 12 of 12 clocks"),
        // A floor above a third of the fee is cut by the third, which comes last.
        (month(&["90"], Some((11, 1)), vec![(1, 3000)]), "30", "severity 0.000333 of 12 clocks"),
        // No target, no period: a whole miss, one clock, half the fee.
        (month(&["900"], None, vec![(1, 0)]), "300", "severity 1 of 1 clocks"),
        // Nothing is owed.
        (month(&[], Some((11, 1)), vec![(HOUR, HOUR)]), "0", "severity 1 of 12 clocks"),
    ];
    for plugin in fair_credits() {
        assert_eq!(plugin.kinds(), [Kind::Credit]);
        for (month, amount, note) in &cases {
            let context = month.told(&terms("1.5", "50 EUR"));
            assert_eq!(said(ask(&plugin, &Question::Credit(&context)).unwrap()), assessed(amount, note));
        }
    }
}

#[test]
fn a_fair_credit_says_what_is_wrong_with_its_arguments() {
    let month = Month { fees: &["900"], counted: None, late: vec![(1, 3)] };
    for plugin in fair_credits() {
        let refused = |arguments: &[(&str, ArgumentType, &str)]| {
            ask(&plugin, &Question::Credit(&month.told(arguments))).unwrap_err().what
        };
        assert_eq!(refused(&[]), "the component says: the argument `weight` is missing");
        assert_eq!(refused(&terms("1e3", "50 EUR")), "the component says: the argument `weight` is no number");
        assert_eq!(refused(&terms("1.5", "50")), "the component says: the argument `floor` is no amount of money");
        assert_eq!(refused(&terms("0", "50 EUR")), "the component says: the weight must be above zero");
        assert_eq!(refused(&terms("-1", "50 EUR")), "the component says: the weight must be above zero");
        let large = "9".repeat(30);
        assert_eq!(refused(&terms(&large, &format!("{large} EUR"))), "the component says: a figure is too large");
    }
}

#[test]
fn a_supplier_makes_good_its_share() {
    let plugin = component("supplier-margin/supplier_margin.wasm");
    assert_eq!(plugin.kinds(), [Kind::Margin]);
    let month = Month { fees: &["0"], counted: None, late: vec![] };
    let share = |share: &str, credit: &str| {
        let context = month.told(&[("share", ArgumentType::Number, share)]);
        ask(&plugin, &Question::Margin(&context, &euro(credit))).map(said)
    };
    assert_eq!(share("0.8", "125.50"), Ok(assessed("100.4", "80% of 125.5")));
    assert_eq!(share("0.333333333333", "100"), Ok(assessed("33.333333", "33.3333333333% of 100")));
    assert_eq!(share("1", "0.0000005"), Ok(assessed("0", "100% of 0.0000005")));
    assert_eq!(share("0", "100"), Ok(assessed("0", "0% of 100")));
    for wrong in ["1.2", "-0.1"] {
        let what = share(wrong, "100").unwrap_err().what;
        assert_eq!(what, "the component says: the share must be from 0% to 100%");
    }
}

/// Numbers that look drawn by lot and are the same each time.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn month(&mut self) -> (u64, u64, Vec<(i64, i64)>) {
        let breaches = self.below(12);
        let late = |draws: &mut Draws| {
            let target = i64::try_from(draws.below(40) * 900_000).unwrap();
            (1 + i64::try_from(draws.below(36_000_000)).unwrap(), target)
        };
        (self.below(30), breaches, (0..breaches).map(|_| late(self)).collect())
    }
}

#[test]
fn scripts_and_components_agree_to_the_last_digit_on_many_breaches() {
    let credits = [script("fair_credit.rhai")].into_iter().chain(fair_credits()).collect::<Vec<_>>();
    let margins = [script("supplier_margin.rhai"), component("supplier-margin/supplier_margin.wasm")];
    let (mut draws, mut seen, mut empty, mut capped) = (Draws(7), 0, 0, 0);
    for number in 0..150 {
        let (met, breached, late) = draws.month();
        let fee = ["12500.00", "1000", "4166.666666666667", "333.33"][number % 4];
        let fees = [fee, "0.07"];
        let counted = (number % 5 != 0).then_some((met, breached));
        let month = Month { fees: &fees, counted, late };
        (seen, empty) = (seen + month.late.len(), empty + usize::from(month.late.is_empty()));
        let weight = ["1.5", "0.333333333333", "4"][number % 3];
        let mut arguments = terms(weight, "50.00 EUR").to_vec();
        arguments.push(("share", ArgumentType::Number, ["0.8", "0.333333333333", "0.125"][number % 3]));
        let context = month.told(&arguments);
        let amounts = agreed(&credits, &Question::Credit(&context));
        let credit = euro(&amounts);
        let third = money::decimal(fee).zip(money::decimal("0.07")).map(|(fee, more)| (fee + more) / money::whole(3));
        capped += usize::from(
            money::decimal(&amounts).zip(third).is_some_and(|(one, two)| two - one < money::ratio(1, 1_000_000)),
        );
        agreed(&margins, &Question::Margin(&context, &credit));
    }
    assert!(500 <= seen && 0 < empty && 0 < capped, "{seen} breaches, {empty} empty months, {capped} capped");
}

/// What all of them answer.
fn agreed(plugins: &[Plugin], question: &Question<'_>) -> String {
    let answers: Vec<String> = plugins.iter().map(|plugin| said(ask(plugin, question).unwrap()).0).collect();
    assert!(answers.windows(2).all(|pair| pair.first() == pair.last()), "{answers:?} for {question:?}");
    answers.into_iter().next().unwrap()
}

#[test]
fn the_same_question_has_the_same_answer_at_the_same_cost() {
    let month = Month { fees: &["900"], counted: None, late: vec![(1, 3); 40] };
    let context = month.told(&terms("1.5", "1 EUR"));
    for plugin in fair_credits() {
        let first = ask(&plugin, &Question::Credit(&context)).unwrap();
        assert!(0 < first.steps && first.steps < Limits::default().steps(&Question::Credit(&context)) / 4);
        assert_eq!(ask(&plugin, &Question::Credit(&context)), Ok(first.clone()));
        let taken = answer::assessment(first.answer, Kind::Credit, money::Currency::from_code("EUR")).unwrap();
        assert_eq!(money::exact(&taken.amount), "149.99985");
    }
}

#[test]
fn a_thousand_breaches_with_twenty_fields_each_stay_within_the_usual_limits() {
    let month = Month { fees: &["900"], counted: None, late: vec![(1, 3); 1000] };
    let mut context = month.told(&terms("1.5", "1 EUR"));
    let field = |number| Field { name: format!("field_{number}"), value: "a value".to_string() };
    context.breaches.iter_mut().for_each(|breach| breach.fields = (0..20).map(field).collect());
    for plugin in fair_credits() {
        // 900 × 1.5 × 333.333 / 3000
        let reply = ask(&plugin, &Question::Credit(&context)).unwrap();
        assert_eq!(said(reply), assessed("149.99985", "severity 333.333 of 1000 clocks"));
    }
}

#[test]
fn the_components_are_what_their_sources_build() {
    let build = folder().join("wasm/build.sh");
    let has_compilers = Command::new(&build).arg("--ready").status().is_ok_and(|status| status.success());
    if !has_compilers {
        eprintln!("!!! NOT TESTED: the guests' compilers are not here; {} fetches them", build.display());
        return;
    }
    let into = tempfile::tempdir().unwrap();
    let built = Command::new(&build).arg("--into").arg(into.path()).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    for path in
        ["fair-credit/fair_credit.wasm", "supplier-margin/supplier_margin.wasm", "fair-credit-c/fair_credit_c.wasm"]
    {
        let (built, kept) =
            (fs::read(into.path().join(path)).unwrap(), fs::read(folder().join("wasm").join(path)).unwrap());
        assert!(built == kept, "{path} is not what its source builds: run plugins/wasm/build.sh");
    }
}
