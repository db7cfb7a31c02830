use crate::diagnostic::Diagnostic;
use crate::source::{FileError, Files};

struct OneFile(String);

impl Files for OneFile {
    fn read(&self, _path: &str) -> Result<Vec<u8>, FileError> {
        Ok(self.0.clone().into_bytes())
    }
}

/// All findings of a text.
fn found(text: &str) -> Vec<Diagnostic> {
    let resolved = crate::resolver::load(&OneFile(text.to_string()), &["a.sla".to_string()]);
    match super::check(resolved) {
        Ok(checked) => checked.warnings().to_vec(),
        Err((_, found)) => found,
    }
}

/// Message and help of the one finding of a text.
fn told(text: &str) -> String {
    match found(text).as_slice() {
        [only] => format!("{}: {}", only.message, only.help.as_deref().unwrap_or_default()),
        others => format!("{others:#?}"),
    }
}

#[test]
fn a_shape_of_rows_that_there_is_not_is_told_with_the_nearest() {
    let source =
        |line: &str| format!("source s {{ format csv ticket column \"id\" {line} event created at column \"at\" }}");
    let near = told(&source("one row per tickets"));
    assert_eq!(near, "there is no `one row per tickets`: did you mean `one row per ticket`?");
    let far = told(&source("one row per event"));
    assert!(
        far.contains("known here: ticket, outage, claim, charge, announcement; where each row is an event"),
        "{far}"
    );
}

/// An agreement with these statements on a desk with some fields.
fn agreement(statements: &str) -> String {
    let fields = "field impact column \"i\" { \"h\" is high, \"m\" is medium, \"l\" is low } field plan column \"p\"";
    let source = format!("format csv ticket column \"id\" at column \"at\" event column \"event\" {fields}");
    let metric = "metric m { starts on created stops on ended target 4h }";
    format!("source s {{ {source} }}\nagreement a {{ timezone \"UTC\" tickets from s {metric}\n{statements} }}")
}

fn codes(text: &str) -> Vec<&'static str> {
    found(text).iter().map(|found| found.code).collect()
}

/// The witness of the first finding.
fn witness(text: &str) -> String {
    found(text).first().and_then(|found| found.witness.clone()).unwrap_or_default()
}

#[test]
fn a_priority_that_earlier_lines_cover_is_told() {
    let rules = |rules: &str| agreement(&format!("priority {{ {rules} }}"));
    let none = [""; 0];
    assert_eq!(codes(&rules("P1 when impact is high P2 when impact is medium P3 when impact is low")), none);
    assert_eq!(codes(&rules("P1 when impact in (high, medium) P2 when impact is high")), ["unreachable_priority"]);
    let both = rules("P1 when impact is high P2 when impact is medium P3 when impact in (high, medium)");
    assert_eq!(codes(&both), ["unreachable_priority"]);
    assert_eq!(witness(&both), "a ticket with impact high is taken by `P1`");
    assert_eq!(found(&both)[0].labels.len(), 2);
    let absent = rules("P1 when impact is present P2 when impact is not present P3 otherwise");
    assert_eq!(codes(&absent), ["unreachable_priority"]);
    assert_eq!(codes(&rules("P1 when impact in (high, medium, low) P2 otherwise")), none, "no impact is P2");
    assert_eq!(codes(&rules("P1 when plan is gold P2 when plan is not gold and impact is high")), none);
    assert_eq!(codes(&rules("P1 when plan < 5 P2 when plan < 6")), none);
    assert_eq!(codes(&rules("P1 when plan <= 6 P2 when plan < 6")), ["unreachable_priority"]);
    assert_eq!(codes(&rules("P1 when plan < 6 or plan > 5 P2 when plan is gold")), none, "gold is no number");
    assert_eq!(codes(&rules("P1 when plan < 6 or plan > 5 P2 when plan is 7")), ["unreachable_priority"]);
}

#[test]
fn a_mistake_in_a_condition_does_not_make_another_line_unreachable() {
    let rules = |rules: &str| agreement(&format!("priority {{ {rules} }}"));
    assert_eq!(codes(&rules("P1 when not (impact is hig) P2 when impact is high")), ["impossible_value"]);
    assert_eq!(codes(&rules("P1 when impac is high P2 when impac is high")), ["unknown_name", "unknown_name"]);
}

#[test]
fn a_tier_that_earlier_ones_cover_is_told() {
    let tiers = |tiers: &str| agreement(&format!("priority {{ P1 when impact is high P2 otherwise }} {tiers}"));
    let none = [""; 0];
    let tier = |name: &str, when: &str| format!("tier {name} {when} {{ m {{ any 4h }} }} ");
    let gold = tier("gold", "when plan is gold");
    assert_eq!(codes(&tiers(&(gold.clone() + tier("rest", "").as_str()))), none);
    let narrow = tier("urgent", "when plan is gold and priority is P1");
    assert_eq!(codes(&tiers(&(narrow.clone() + gold.as_str()))), none);
    let covered = tiers(&(gold.clone() + narrow.as_str()));
    assert_eq!(codes(&covered), ["unreachable_tier"]);
    assert_eq!(witness(&covered), "a ticket with plan gold, priority P1 is taken by tier `gold`");
    let others = tier("others", "when plan is not gold");
    assert_eq!(codes(&tiers(&(gold + others.as_str() + tier("rest", "").as_str()))), ["unreachable_tier"]);
}

#[test]
fn too_many_states_leave_the_question_open() {
    let all: Vec<String> = (0..16).map(|at| format!("f{at} is not x")).collect();
    let columns: String = (0..16).map(|at| format!("field f{at} column \"c{at}\" ")).collect();
    let rules = format!("priority {{ P1 when {} P2 when {} }}", all.join(" or "), all.join(" or "));
    let text = agreement(&rules).replace("field plan", &format!("{columns} field plan"));
    assert_eq!(codes(&text), [""; 0]);
}

/// A metric with these lines, on a source with this shape and these lines.
fn metric(source: &str, lines: &str) -> String {
    let source = format!("source s {{ format csv ticket column \"id\" {source} }}");
    let metric = format!("metric m {{ starts on created stops on ended target 4h {lines} }}");
    format!("{source} agreement a {{ timezone \"UTC\" tickets from s {metric} }}")
}

const ROWS: &str =
    "at column \"at\" event column \"e\" { \"c\" is created, \"e\" is ended, \"w\" sets status waiting }";

#[test]
fn a_pause_that_every_state_is_inside_of_is_told() {
    let any = format!("{ROWS} field kind column \"k\"");
    let all = metric(&any, "pauses while kind is project or kind is not project");
    assert_eq!(codes(&all), ["endless_pause"]);
    assert_eq!(witness(&all), "it holds with kind project, and with all else");
    assert_eq!(codes(&metric(&any, "pauses while kind is not project")), [""; 0]);
    assert_eq!(codes(&metric(&any, "pauses while kind is present or kind is not present at most 2h")), [""; 0]);
    assert_eq!(codes(&metric(&any, "pauses while kind is present or kind is not present until ended")), [""; 0]);
}

#[test]
fn a_pause_that_no_row_leads_out_of_is_told() {
    let waiting = "pauses while status is waiting";
    assert_eq!(codes(&metric(ROWS, waiting)), ["endless_pause"]);
    assert_eq!(codes(&metric(ROWS, "pauses while status is not waiting")), [""; 0], "waiting ends it");
    let column = |values: &str| metric(&format!("{ROWS} field status column \"s\" {values}"), waiting);
    assert_eq!(codes(&column("")), [""; 0]);
    assert_eq!(codes(&column("{ \"w\" is waiting }")), ["endless_pause"]);
    assert_eq!(codes(&column("{ \"w\" is waiting, \"o\" is open }")), [""; 0]);
    assert_eq!(codes(&column("{ \"w\" is waiting, otherwise kept }")), [""; 0]);
    let snapshots = "each row is a snapshot at column \"at\" first row is created event ended at column \"e\" \
                     field status column \"s\" { \"w\" is waiting }";
    assert_eq!(codes(&metric(snapshots, waiting)), [""; 0], "a snapshot may show that there is none");
    let once = "one row per ticket event created at column \"c\" event ended at column \"e\" field status column \"s\"";
    assert_eq!(codes(&metric(once, waiting)), ["endless_pause"]);
    let two = format!("{ROWS} field kind column \"k\" {{ \"p\" is project, \"o\" is other }}");
    assert_eq!(codes(&metric(&two, "pauses while status is waiting and kind is project")), [""; 0]);
}

#[test]
fn a_declared_value_that_no_row_tells_leads_nowhere() {
    let declared = "field status in (open, waiting, closed)";
    let source = |sets: &str| metric(&ROWS.replace("sets status waiting", sets), "pauses while status is waiting");
    let text = |sets: &str| source(sets).replace("tickets from s", &format!("tickets from s {declared}"));
    assert_eq!(codes(&text("sets status waiting")), ["endless_pause"]);
    assert_eq!(codes(&text("sets status waiting, \"x\" sets status closed")), [""; 0]);
}

#[test]
fn a_stop_that_the_start_implies_is_told() {
    let text = |lines: &str| {
        let source = format!("source s {{ format csv ticket column \"id\" {ROWS} field who column \"w\" }}");
        format!("{source} agreement a {{ timezone \"UTC\" tickets from s metric m {{ target 4h {lines} }} }}")
    };
    let none = [""; 0];
    assert_eq!(codes(&text("starts on created stops on created")), ["stop_at_start"]);
    let ended = |start: &str, stop: &str| text(&format!("starts on ended {start} stops on ended {stop}"));
    assert_eq!(codes(&ended("when who is agent", "when who is present")), ["stop_at_start"]);
    assert_eq!(codes(&ended("when who is present", "when who is agent")), none);
    assert_eq!(codes(&ended("when who is customer", "when who is agent")), none);
    assert_eq!(codes(&text("starts on created, ended stops on ended repeats until created")), none);
    assert_eq!(codes(&text("starts on later of (created, ended) stops on ended")), none);
}

/// A clause that pays, with further statements.
fn paying(clause: &str, more: &str) -> String {
    let fee = "fee 1_000 EUR per month fee of mail 500 EUR per month round half up to 0.01 EUR";
    agreement(&format!("{fee} penalty p {{ {clause} }} {more}"))
}

#[test]
fn a_cap_below_the_smallest_credit_is_told() {
    let each = |amount: &str, cap: &str| paying(&format!("for each breach of m credit {amount} capped at {cap}"), "");
    let below = ["cap_below_credit"];
    assert_eq!(codes(&each("5% of fee per started hour late", "2% of fee per ticket")), below);
    assert_eq!(codes(&each("5% of fee per started hour late", "5% of fee per ticket")), [""; 0]);
    assert_eq!(codes(&each("5% of fee per pro rata hour late", "2% of fee per ticket")), [""; 0]);
    assert_eq!(codes(&each("5% of fee per started hour late", "2% of fee of mail per ticket")), [""; 0], "another fee");
    assert_eq!(codes(&each("5% of fee per started hour late", "1% of fee per year")), [""; 0], "of a year's fees");
    assert_eq!(codes(&each("50 EUR per started hour late", "40 EUR per month")), below);
    assert_eq!(codes(&each("greatest of (50 EUR, 10 EUR per started hour late)", "40 EUR per month")), below);
    assert_eq!(codes(&each("least of (50 EUR, 10 EUR per started hour late)", "40 EUR per month")), [""; 0]);
    let bands = "per month on attainment of m below 95% credit 5% of fee below 90% credit 10% of fee";
    assert_eq!(codes(&paying(bands, "cap penalties at 3% of fee per month")), below);
    assert_eq!(codes(&paying(bands, "cap penalties at 7% of fee per month")), [""; 0]);
    let two = "penalty q { for each breach of m credit 1% of fee per started hour late }";
    assert_eq!(codes(&paying(bands, &format!("{two} cap penalties at 3% of fee per month"))), [""; 0]);
}

#[test]
fn a_cap_that_cannot_be_reached_is_told() {
    let never = ["cap_never_reached"];
    let bands = "per month on attainment of m below 95% credit 5% of fee below 90% credit 10% of fee";
    let capped = |cap: &str| paying(&format!("{bands} capped at {cap}"), "");
    assert_eq!(codes(&capped("15% of fee per month")), never);
    assert_eq!(codes(&capped("10% of fee per month")), [""; 0]);
    assert_eq!(codes(&capped("15% of monthly fee per month")), [""; 0], "a month may owe less than the monthly fee");
    assert_eq!(codes(&capped("11% of fee per year")), never);
    assert_eq!(codes(&capped("9% of fee per year")), [""; 0]);
    assert_eq!(codes(&paying(bands, "cap penalties at 15% of fee per month")), never);
    let mail = "penalty q { per month on attainment of m below 95% credit 5% of fee of mail }";
    assert_eq!(codes(&paying(bands, &format!("{mail} cap penalties at 15% of fee per month"))), [""; 0]);
    let each = "penalty q { for each breach of m credit 1% of fee }";
    assert_eq!(codes(&paying(bands, &format!("{each} cap penalties at 15% of fee per month"))), [""; 0]);
    let each =
        "penalty q { for each breach of m credit 1% of fee per started hour late capped at 3% of fee per month }";
    assert_eq!(codes(&paying(bands, &format!("{each} cap penalties at 15% of fee per month"))), never);
    assert_eq!(codes(&paying(bands, &format!("{each} cap penalties at 12% of fee per month"))), [""; 0]);
    let once = paying("for each breach of m credit 1% of fee capped at 2% of fee per ticket", "");
    assert_eq!(codes(&once), never);
    let anew = once.replace("target 4h", "target 4h reopens on reopened then new cycle");
    assert!(!codes(&anew).contains(&"cap_never_reached"));
}

/// An agreement of these days on a calendar that is closed on holidays.
fn closed(lists: &str, closed_on: &str, effective: &str) -> String {
    let calendar = format!("calendar office {{ mon-fri 08:00-18:00 {closed_on} }}");
    let metric = "metric m { starts on created stops on ended target 4h in office }";
    format!("{lists} {calendar} agreement a {{ timezone \"UTC\" {effective} {metric} }}")
}

#[test]
fn holidays_that_end_before_the_agreement_are_told() {
    let dates = "holidays ours { 2025-01-01 2025-12-25 }";
    let on = "closed on holidays ours";
    assert_eq!(codes(&closed(dates, on, "effective 2025-03-01..2025-12-31")), [""; 0]);
    assert_eq!(codes(&closed(dates, on, "effective 2025-03-01..2026-02-28")), ["holidays_end"]);
    assert_eq!(codes(&closed(dates, on, "effective 2025-03-01..")), ["holidays_end"]);
    assert_eq!(codes(&closed(dates, on, "")), [""; 0]);
    let early = closed(dates, on, "effective 2024-12-01..2025-12-31");
    assert_eq!(told(&early).split(':').next(), Some("the holidays of `office` begin with 2025"));
    assert_eq!(witness(&early), "no day of 2024 is a holiday");
    let with_rule = "holidays ours { 2025-01-01 12-25 }";
    assert_eq!(codes(&closed(with_rule, on, "effective 2024-03-01..2030-12-31")), [""; 0]);
    let two = format!("{dates} holidays all {{ easter }}");
    assert_eq!(codes(&closed(&two, "closed on holidays ours, all", "effective 2024-03-01..2030-12-31")), [""; 0]);
    let rare = "holidays ours { 01-20 in 2021, 2025 }";
    assert_eq!(codes(&closed(rare, on, "effective 2025-01-01..2028-12-31")), [""; 0]);
    assert_eq!(codes(&closed(rare, on, "effective 2025-01-01..2029-12-31")), ["holidays_end"]);
    let joined = closed(dates, on, "effective 2025-03-01..2026-02-28")
        .replace("agreement a", "calendar both is office and always agreement a")
        .replace("4h in office", "4h in both");
    assert_eq!(codes(&joined), ["holidays_end"]);
    let allowed = closed(dates, on, "effective 2025-03-01.. allow holidays_end \"added each autumn\"");
    assert_eq!(codes(&allowed), [""; 0]);
}

#[test]
fn what_nothing_reads_is_told_unless_a_name_is_misspelt() {
    let text = |hours: &str, more: &str| {
        let tier = format!("tier t {{ {hours} m {{ any 4h }} }}");
        let fields = "field impact in (high, low) field customer in (acme)";
        let metric = "metric m { starts on created stops on ended }";
        let calendar = "calendar office { mon-fri 08:00-18:00 }";
        format!("{calendar} agreement a {{ timezone \"UTC\" {fields} {metric} {tier} {more} }}")
    };
    let read = "exclude tickets when impact is low";
    assert_eq!(codes(&text("hours office", read)), [""; 0]);
    assert_eq!(codes(&text("", read)), ["unread_calendar"]);
    assert_eq!(codes(&text("hours office", "")), ["unread_field"]);
    assert_eq!(codes(&text("hours ofice", "exclude tickets when impct is low")), ["unknown_name", "unknown_name"]);
    let allowed = "allow unread_calendar \"next year\" allow unread_field \"for filters\"";
    assert_eq!(codes(&text("", allowed)), [""; 0]);
    let library = text("", read) + " template t { timezone \"UTC\" }";
    assert_eq!(codes(&library), [""; 0], "a template's file may declare calendars for others");
}

#[test]
fn a_metric_without_target_is_told() {
    let other = "metric n { starts on created stops on ended }";
    assert_eq!(codes(&agreement(other)), ["metric_without_target"]);
    assert_eq!(codes(&agreement(&format!("{other} tier t {{ n {{ any none }} }}"))), [""; 0], "none on purpose");
    let inherited = format!("template b {{ {other} }} agreement c extends b {{ timezone \"UTC\" }}");
    let found = found(&inherited);
    assert_eq!(
        found.iter().map(|found| (found.code, found.labels.len())).collect::<Vec<_>>(),
        [("metric_without_target", 1)]
    );
    let misspelt = agreement(&format!("{other} tier t {{ nn {{ any 4h }} }}"));
    assert_eq!(codes(&misspelt), ["unknown_name"]);
}

#[test]
fn a_contract_year_needs_a_beginning() {
    let each = "for each breach of m credit 1% of fee";
    let cap = "cap penalties at 10% of fee per contract year";
    assert_eq!(codes(&paying(each, cap)), ["contract_year_without_start"]);
    assert_eq!(codes(&paying(each, &format!("{cap} effective 2025-01-01.."))), [""; 0]);
    let capped = format!("{each} capped at 10% of fee per contract year");
    assert_eq!(codes(&paying(&capped, "")), ["contract_year_without_start"]);
    let unread = paying(each, &format!("{cap} effective 2025-01-32.."));
    assert!(!codes(&unread).contains(&"contract_year_without_start"), "it is there, but misspelt");
}

/// A calendar with these lines, and a clock on it with this target and, after its breach, a step.
fn timed(calendar: &str, target: &str, step: &str) -> String {
    let metric = format!("metric m {{ starts on created stops on ended target {target} in c }}");
    let escalation = if step.is_empty() { String::new() } else { format!("escalate m {{ {step} notify \"lead\" }}") };
    format!("calendar c {calendar} agreement a {{ timezone \"UTC\" {metric} {escalation} }}")
}

#[test]
fn a_target_that_its_calendar_never_has_is_told() {
    let long = ["target_too_long"];
    let once = "{ open on 2025-12-06..2025-12-07 09:00-13:00 }";
    assert_eq!(codes(&timed(once, "8h", "")), [""; 0]);
    let told = timed(once, "8h1m", "");
    assert_eq!((codes(&told), witness(&told).as_str()), (long.to_vec(), "it opens on 2 days, for 8h in all"));
    assert_eq!(codes(&timed(once, "2 service days", "")), [""; 0]);
    assert_eq!(codes(&timed(once, "3 service days", "")), long);
    let night = "{ open on 2025-12-06 22:00-06:00 }";
    assert_eq!(codes(&timed(night, "9h", "")), [""; 0], "a clock may be put back in that night");
    assert_eq!(codes(&timed(night, "9h1m", "")), long);
    let season = "{ during 2025-11-15..2025-11-30 { sat 09:00-15:00 } }";
    assert_eq!(codes(&timed(season, "18h", "")), [""; 0]);
    assert_eq!(codes(&timed(season, "19h", "")), long);
    assert_eq!(codes(&timed("{ during 2025-11-15.. { sat 09:00-15:00 } }", "1000h", "")), [""; 0]);
    let both = |word: &str| format!("is week {word} once calendar week {{ mon 08:00-12:00 }} calendar once {once}");
    assert_eq!(codes(&timed(&both("and"), "9h", "")), long);
    assert_eq!(codes(&timed(&both("or"), "9h", "")), [""; 0]);
}

#[test]
fn a_step_for_which_no_time_is_left_is_told() {
    let once = "{ open on 2025-12-06..2025-12-07 09:00-13:00 }";
    let never = ["step_never_comes"];
    assert_eq!(codes(&timed(once, "6h", "2h after breach")), [""; 0]);
    assert_eq!(codes(&timed(once, "6h", "3h after breach")), never);
    assert_eq!(codes(&timed(once, "6h", "3h in always after breach")), [""; 0]);
    assert_eq!(codes(&timed(once, "6h", "every 9h in c after breach")), never);
    assert_eq!(codes(&timed(once, "9h", "3h after breach")), ["target_too_long"]);
}

#[test]
fn a_step_that_waits_for_a_cancelled_clock_is_told() {
    let any = format!("{ROWS} field kind column \"k\"");
    let text = |header: &str, step: &str| {
        let steps = format!("}} escalate m {header} {{ at 50% {step} notify \"lead\"");
        metric(&any, &format!("cancels when kind in (dropped, merged) {steps}"))
    };
    assert_eq!(codes(&text("", "when kind is merged")), ["step_never_comes"]);
    assert_eq!(codes(&text("when kind is merged", "")), ["step_never_comes"]);
    assert_eq!(codes(&text("", "when kind in (merged, open)")), [""; 0]);
    assert_eq!(codes(&text("", "")), [""; 0]);
}
