//! What a plugin's call costs against the same rule in Rust, and what a start costs with and without kept code.
//!
//! `cargo bench --bench plugins`; `plugins/README.md` has the ratios of one run.
#![expect(clippy::unwrap_used, reason = "a bench says what it misses by failing")]

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use klausel::plugin::context::{Argument, ArgumentType, Breach, Context, Fee, Field, Money, Period};
use klausel::plugin::{Answer, Language, Limits, Plugin, Question};
use klausel::time::HOUR;

#[path = "../plugins/wasm/decimal/src/lib.rs"]
#[expect(dead_code, unreachable_pub, reason = "the guests' own arithmetic, for the rule without a plugin")]
mod decimal;

use decimal::{Decimal, Fault};

fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("plugins").join(path)
}

fn plugin(path: &str) -> Plugin {
    Plugin::compile(Language::of(path).unwrap(), &fs::read(file(path)).unwrap()).unwrap()
}

fn breach(number: usize) -> Breach {
    let text = |text: &str| text.to_string();
    let field = |name: &str| Field { name: text(name), value: text("a value") };
    Breach {
        ticket: format!("NL-2025-{number:05}"),
        metric: text("resolution"),
        tier: text("gold"),
        priority: text("P1"),
        started_at: HOUR,
        due_at: 4 * HOUR,
        breached_at: 4 * HOUR,
        stopped_at: Some(5 * HOUR),
        target_ms: 3 * HOUR,
        elapsed_ms: 4 * HOUR,
        paused_ms: 0,
        late_ms: HOUR,
        fields: ["customer", "plan", "service", "impact", "urgency", "cause"].map(field).to_vec(),
    }
}

/// What a clause tells of so many breaches; of more than one, in a period.
fn context(breaches: usize) -> Context {
    let argument = |name: &str, kind, value: &str| Argument { name: name.to_string(), kind, value: value.to_string() };
    let breached = breaches as u64;
    let (numerator, denominator) = (breached.to_string(), "1".to_string());
    let period =
        Period { start: 0, end: 744 * HOUR, met: 9 * breached, breached, numerator, denominator, tickets: breached };
    Context {
        agreement: "hafenkontor".to_string(),
        clause: "fairness".to_string(),
        reference: Some("§ 7.4".to_string()),
        fees: vec![Fee { service: None, amount: Money { amount: "4800".to_string(), currency: "EUR".to_string() } }],
        period: (1 < breaches).then_some(period),
        earlier: Vec::new(),
        breaches: (0..breaches).map(breach).collect(),
        outages: Vec::new(),
        arguments: vec![
            argument("weight", ArgumentType::Number, "1.5"),
            argument("floor", ArgumentType::Money, "50 EUR"),
        ],
    }
}

/// The rule of fair credit as a part of the program: the amount, by the same texts and the same arithmetic.
fn built_in(context: &Context) -> Result<Decimal, Fault> {
    let argument = |name: &str| context.arguments.iter().find(|argument| argument.name == name);
    let weight = Decimal::read(&argument("weight").ok_or("no weight")?.value)?;
    let (floor, _) = Decimal::read_money(&argument("floor").ok_or("no floor")?.value)?;
    let sum = |sum: Decimal, fee: &Fee| sum.plus(Decimal::read(&fee.amount.amount)?);
    let fee = context.fees.iter().try_fold(Decimal::ZERO, sum)?;
    let severity = context.breaches.iter().try_fold(Decimal::ZERO, |sum, breach| sum.plus(severity(breach)?))?;
    let counted = context.period.as_ref().map_or(0, |period| i128::from(period.met) + i128::from(period.breached));
    let clocks = if counted == 0 { context.breaches.len() as i128 } else { counted };
    let amount = fee.times(weight)?.times(severity)?.over(3 * clocks)?;
    Ok(amount.max(floor).min(fee.over(3)?))
}

fn severity(breach: &Breach) -> Result<Decimal, Fault> {
    match breach.target_ms <= breach.late_ms {
        true => Ok(Decimal::whole(1)),
        false => Decimal::whole(i128::from(breach.late_ms)).over(i128::from(breach.target_ms)),
    }
}

fn amount(plugin: &Plugin, context: &Context) -> String {
    match plugin.ask(&Question::Credit(context), &Limits::default()).unwrap().answer {
        Answer::Assessment { amount, .. } => klausel::money::exact(&amount),
        other => format!("{other:?}"),
    }
}

/// Calls per second of a rule built in, in rhai, and as components from Rust and C. All of them say the same.
fn calls(group: &mut BenchmarkGroup<'_, WallTime>, breaches: usize) {
    let context = context(breaches);
    let said = built_in(&context).unwrap().to_string();
    group.throughput(Throughput::Elements(1));
    group.bench_function("built in", |bench| bench.iter(|| built_in(black_box(&context))));
    let plugins = [
        ("rhai", "rhai/fair_credit.rhai"),
        ("wasm from Rust", "wasm/fair-credit/fair_credit.wasm"),
        ("wasm from C", "wasm/fair-credit-c/fair_credit_c.wasm"),
    ];
    for (name, path) in plugins {
        let plugin = plugin(path);
        assert_eq!(amount(&plugin, &context), said, "{name}");
        group.bench_function(name, |bench| {
            bench.iter(|| plugin.ask(&Question::Credit(black_box(&context)), &Limits::default()));
        });
    }
}

/// A run of the program that looks at a plugin: its start, compiling included.
fn start(path: &str, cache: &Path) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_klausel"));
    program.args(["plugin", "check"]).arg(file(path)).env("KLAUSEL_CACHE", cache).stdout(Stdio::null());
    assert!(program.status().unwrap().success());
}

fn starts(group: &mut BenchmarkGroup<'_, WallTime>) {
    let component = "wasm/fair-credit/fair_credit.wasm";
    let kept = tempfile::tempdir().unwrap();
    group.bench_function("rhai", |bench| bench.iter(|| start("rhai/fair_credit.rhai", kept.path())));
    // The first run, which is not measured, fills the folder.
    start(component, kept.path());
    group.bench_function("wasm, code kept", |bench| bench.iter(|| start(component, kept.path())));
    group.bench_function("wasm, compiled anew", |bench| {
        let empty = || tempfile::tempdir().unwrap();
        bench.iter_batched_ref(empty, |empty| start(component, empty.path()), BatchSize::PerIteration);
    });
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for (name, breaches) in [("a breach", 1), ("a period of 1 000 breaches", 1000)] {
        let mut group = criterion.benchmark_group(name);
        group.sample_size(20).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
        calls(&mut group, breaches);
        group.finish();
    }
    let mut group = criterion.benchmark_group("start");
    group.sample_size(20).measurement_time(Duration::from_secs(4));
    starts(&mut group);
    group.finish();
    criterion.final_summary();
}
