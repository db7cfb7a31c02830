//! A statement for a service manager: attainment, promises, the worst tickets, the ledger by month and clause, totals, and
//! what was left out and why.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use num_traits::Zero;

use crate::money::{self, Currency, Fraction, in_words, ratio};
use crate::outcome::{Judged, Outcome};
use crate::plan::Agreement;
use crate::plan::clause::ClauseKind;
use crate::statement::{Consequence, Extension, Figure, Line, MetricRow, Statement, Unannounced};
use crate::ticket::Skipped;
use crate::time::{Millis, spell};

use super::count;
use super::table::table;
use super::told::{ChargeFigures, InputFigures, Told};

/// How many tickets, lines and ids a section lists.
pub(super) const LISTED: usize = 10;

/// The statement of one agreement.
pub fn statement(told: &Told<'_>) -> String {
    let statement = told.statement;
    let sections = [
        head(told),
        attainment(told),
        availability(statement),
        promises(statement),
        worst(told),
        points(statement),
        ledger(statement),
        largest(told),
        provisional(statement),
        suppliers(statement),
        extensions(statement),
        consequences(told),
        totals(statement),
        unannounced(told),
        uncharged(statement),
        left_out(statement),
    ];
    sections.into_iter().filter(|section| !section.is_empty()).collect::<Vec<_>>().join("\n")
}

/// What was read, and what of it no agreement judged.
pub fn input(input: &InputFigures) -> String {
    let rows = match input.events {
        1 => "1 row that says something of them".to_string(),
        rows => format!("{} that say something of them", counted(rows, "row")),
    };
    let tickets = format!("{}, {rows}", count(input.tickets, "ticket"));
    let services = count(input.outages.len(), "service");
    let outages = format!("{} of {services}", counted(input.all_outages(), "outage"));
    let mut text = match (input.outages.is_empty(), input.tickets) {
        (true, _) => format!("Read {tickets}\n"),
        (false, 0) => format!("Read {outages}\n"),
        (false, _) => format!("Read {tickets}, and {outages}\n"),
    };
    for (service, number) in &input.outages_unmatched {
        text.push_str(&format!("  {} of {service}, which no agreement names\n", counted(*number, "outage")));
    }
    if input.announcements > 0 {
        text.push_str(&format!("  {} read\n", count(input.announcements, "announcement")));
    }
    for (service, number) in &input.announcements_unmatched {
        text.push_str(&format!("  {} for {service}, which no agreement names\n", counted(*number, "announcement")));
    }
    text.push_str(&input.charges.as_ref().map_or(String::new(), charges));
    if !input.unmatched.is_empty() {
        let ids = listed(&input.unmatched);
        let verb = if input.unmatched.len() == 1 { "fits" } else { "fit" };
        text.push_str(&format!("  {} {verb} no agreement: {ids}\n", count(input.unmatched.len(), "ticket")));
    }
    for (over, by, tickets) in by_pair(&input.matched_twice) {
        let ids = listed(&tickets);
        text.push_str(&format!("  {} of {by} would fit {over} too: {ids}\n", count(tickets.len(), "ticket")));
    }
    if input.later > 0 {
        text.push_str(&format!("  {} created later than this statement looks\n", counted(input.later, "ticket")));
    }
    for skipped in &input.skipped {
        text.push_str(&format!(
            "  {} left out ({}), the first: {}\n",
            left_out_rows(skipped),
            skipped.kind,
            skipped.first
        ));
    }
    text
}

fn charges(charges: &ChargeFigures) -> String {
    let mut text = format!("  {} read\n", count(charges.read, "charge"));
    for (customer, number) in &charges.other_customers {
        text.push_str(&format!("  {} of {customer}, a customer of no agreement here\n", counted(*number, "charge")));
    }
    for (service, number) in &charges.other_services {
        let charges = counted(*number, "charge");
        let which = service.as_ref().map_or("without a service".to_string(), |service| format!("of {service}"));
        text.push_str(&format!("  {charges} {which}, whose fee no agreement takes from charges\n"));
    }
    for (period, service, number) in &charges.added {
        let of = service.as_ref().map_or(String::new(), |service| format!(" of {service}"));
        text.push_str(&format!("  {}{of} for {period} add up\n", counted(*number, "charge")));
    }
    text
}

/// Maintenance that was not announced in time.
fn unannounced(told: &Told<'_>) -> String {
    let windows = &told.statement.unannounced;
    let zone = told.agreement.zone;
    let line = |window: &Unannounced| {
        let (from, to) = (window.span.start.wall(zone), window.span.end.wall(zone));
        let for_some = match window.counts_for.as_slice() {
            [] => String::new(),
            services => format!(" for all, counts for {}", services.join(", ")),
        };
        format!("  {from} to {to} {}: {}{for_some}\n", window.place.words, window.because)
    };
    let mut lines: String = windows.iter().take(LISTED).map(line).collect();
    if windows.len() > LISTED {
        lines.push_str(&format!("  … and {} more\n", windows.len() - LISTED));
    }
    if lines.is_empty() { lines } else { format!("Maintenance that does not count\n{lines}") }
}

/// Months without a charge, by service.
fn uncharged(statement: &Statement) -> String {
    let mut months: BTreeMap<Option<&str>, Vec<String>> = BTreeMap::new();
    for missing in &statement.uncharged {
        months.entry(missing.service.as_deref()).or_default().push(missing.month.label.clone());
    }
    let fee = |service: Option<&str>| service.map_or("fee".to_string(), |service| format!("fee of {service}"));
    let lines = months
        .iter()
        .map(|(service, months)| format!("  no charge for {}: {} is nothing\n", listed(months), fee(*service)));
    let lines: String = lines.collect();
    let how = "  (charges are read from the files that `--charges` names)\n";
    if lines.is_empty() { lines } else { format!("Not charged\n{lines}{how}") }
}

fn by_pair(twice: &[(String, String, String)]) -> Vec<(String, String, Vec<String>)> {
    let mut pairs: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for (ticket, over, by) in twice {
        pairs.entry((over.clone(), by.clone())).or_default().push(ticket.clone());
    }
    pairs.into_iter().map(|((over, by), tickets)| (over, by, tickets)).collect()
}

/// A row that swallowed others is one row of several lines: what was in them is left out with it.
fn left_out_rows(skipped: &Skipped) -> String {
    let rows = counted(skipped.count, "row");
    if skipped.lines == skipped.count { rows } else { format!("{rows} of {}", counted(skipped.lines, "line")) }
}

fn counted(number: u64, word: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), word)
}

fn listed(ids: &[String]) -> String {
    let shown = ids.get(..LISTED.min(ids.len())).unwrap_or_default().join(", ");
    if ids.len() > LISTED { format!("{shown} … and {} more", ids.len() - LISTED) } else { shown }
}

fn head(told: &Told<'_>) -> String {
    let agreement = told.agreement;
    let title = agreement.title.as_ref().unwrap_or(&agreement.name);
    let contract = agreement.contract.as_ref().map_or(String::new(), |contract| format!(", contract {contract}"));
    let parties = match (&agreement.provider, &agreement.customer) {
        (Some(provider), Some(customer)) => format!("{provider} for {customer}\n"),
        (party, other) => party.iter().chain(other).map(|party| format!("{party}\n")).collect(),
    };
    let judged = match told.outcomes.tickets.len() {
        0 if !has_metrics(agreement) => "As".to_string(),
        tickets => format!("{}, as", count(tickets, "ticket")),
    };
    let as_of = told.as_of.wall(agreement.zone);
    format!("{title}{contract}\n{parties}{judged} of {as_of} {}\n", agreement.zone)
}

/// Whether any clock can run; where not, nobody looks for one.
fn has_metrics(agreement: &Agreement) -> bool {
    agreement.versions.iter().any(|version| !version.metrics.is_empty())
}

// -- attainment

fn attainment(told: &Told<'_>) -> String {
    let statement = told.statement;
    if statement.metrics.is_empty() {
        return if has_metrics(told.agreement) { "No clock ran.\n".to_string() } else { String::new() };
    }
    let heads = [
        "metric",
        "tier",
        "priority",
        "target",
        ">met",
        ">breached",
        ">running",
        ">cancelled",
        ">attainment",
        ">median",
        ">90 %",
        ">paused",
    ];
    format!("Attainment\n{}", table(&heads, statement.metrics.iter().map(metric_row)))
}

fn metric_row(row: &MetricRow) -> Vec<String> {
    let decided = row.met + row.breached;
    let counted = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let share = if decided == 0 { "-".to_string() } else { percent(&ratio(counted(row.met), counted(decided))) };
    let time = |millis: Option<Millis>| millis.map_or("-".to_string(), minutes);
    vec![
        row.metric.clone(),
        row.tier.clone().unwrap_or("-".to_string()),
        row.priority.clone().unwrap_or("-".to_string()),
        row.target.clone(),
        row.met.to_string(),
        row.breached.to_string(),
        row.running.to_string(),
        row.cancelled.to_string(),
        share,
        time(row.elapsed.map(|elapsed| elapsed.p50)),
        time(row.elapsed.map(|elapsed| elapsed.p90)),
        minutes(row.paused_ms),
    ]
}

/// Two digits after the point, cut off: no figure looks better than it is.
fn percent(share: &Fraction) -> String {
    format!("{} %", money::fixed(&(share * money::whole(100)), 2))
}

/// Whole minutes, so that columns stay narrow.
fn minutes(millis: Millis) -> String {
    let whole = millis - millis % crate::time::MINUTE;
    spell(whole)
}

/// The availability of each service in each period that is shown, and the clauses that look at it. A clause that looks at
/// some outages only has a figure of its own.
fn availability(statement: &Statement) -> String {
    let mut rows: Vec<(&str, &Figure, Vec<&str>)> = Vec::new();
    for figure in &statement.figures {
        let Some(service) = figure.measure.strip_prefix("availability of ") else { continue };
        let same = |(of, known, _): &&mut (&str, &Figure, Vec<&str>)| {
            let parts = |figure: &Figure| (figure.value.clone(), figure.numerator.clone(), figure.denominator.clone());
            *of == service && known.period == figure.period && parts(known) == parts(figure)
        };
        match rows.iter_mut().find(same) {
            Some((_, _, clauses)) => clauses.push(&figure.clause),
            None => rows.push((service, figure, vec![&figure.clause])),
        }
    }
    if rows.is_empty() {
        return String::new();
    }
    rows.sort_by_key(|(service, ..)| *service);
    let rows = rows.iter().map(|(service, figure, clauses)| {
        let open = if figure.provisional { ", not over" } else { "" };
        vec![
            (*service).to_string(),
            format!("{}{open}", figure.period.label),
            figure.value.as_ref().map_or("-".to_string(), money::share_in_words),
            length(&(&figure.denominator - &figure.numerator)),
            length(&figure.denominator),
            clauses.join(", "),
        ]
    });
    let heads = ["service", "period", ">availability", ">down", ">agreed", "looked at by"];
    format!("Availability\n{}", table(&heads, rows))
}

/// A figure in milliseconds as a time.
fn length(millis: &Fraction) -> String {
    money::as_i64(&millis.floor()).map_or("-".to_string(), spell)
}

fn promises(statement: &Statement) -> String {
    let mut by_promise: BTreeMap<(String, String), Vec<&Figure>> = BTreeMap::new();
    let decided = |figure: &&Figure| figure.kept.is_some() && !figure.provisional;
    for figure in statement.figures.iter().filter(decided) {
        by_promise.entry((figure.clause.clone(), figure.place.words.clone())).or_default().push(figure);
    }
    let lines: Vec<String> =
        by_promise.iter().map(|((clause, words), figures)| promise(clause, words, figures)).collect();
    if lines.is_empty() { String::new() } else { format!("Promises\n{}", lines.concat()) }
}

fn promise(clause: &str, words: &str, figures: &[&Figure]) -> String {
    let (tier, words) = (clause.trim_start_matches("promise "), words.trim_start_matches("promise "));
    let missed: Vec<String> = figures
        .iter()
        .filter(|figure| figure.kept == Some(false))
        .map(|figure| format!("{} ({})", figure.period.label, figure.value.as_ref().map_or(String::new(), percent)))
        .collect();
    let kept = figures.len() - missed.len();
    let first = figures.first().map_or("period", |figure| figure.period.period.word());
    let mut line = format!("  {tier}: {words}: kept in {kept} of {}", count(figures.len(), first));
    if !missed.is_empty() {
        line.push_str(&format!(", missed in {}", missed.join(", ")));
    }
    line + "\n"
}

// -- tickets

fn worst(told: &Told<'_>) -> String {
    let mut late: Vec<(&Judged, &Outcome)> = told
        .outcomes
        .tickets
        .iter()
        .filter(|ticket| ticket.excluded.is_none())
        .flat_map(|ticket| ticket.clocks.iter().map(move |clock| (ticket, clock)))
        .filter(|(_, clock)| clock.status == crate::outcome::Status::Breached)
        .collect();
    if late.is_empty() {
        return if has_metrics(told.agreement) { "No clock was breached.\n".to_string() } else { String::new() };
    }
    let total = late.len();
    late.sort_by(|(a, x), (b, y)| y.late_ms.cmp(&x.late_ms).then_with(|| a.id.cmp(&b.id)));
    late.truncate(LISTED);
    let heads = ["ticket", "metric", "tier", "priority", "target", ">late by", "breached at", "stopped at"];
    let rows = late.iter().map(|(ticket, clock)| worst_row(told, ticket, clock));
    format!("Worst of {}\n{}", count(total, "breach"), table(&heads, rows))
}

fn worst_row(told: &Told<'_>, ticket: &Judged, clock: &Outcome) -> Vec<String> {
    let zone = told.agreement.zone;
    let version = told.version(ticket.version);
    let metric = version.and_then(|version| version.metrics.get(usize::from(clock.metric.0)));
    let tier = version.and_then(|version| version.tier(ticket.last.tier));
    let priority = version.and_then(|version| version.priority(ticket.last.priority));
    let wall =
        |at: Option<crate::time::Instant>| at.map_or("-".to_string(), |at: crate::time::Instant| local(at, zone));
    vec![
        ticket.id.clone(),
        metric.map_or(String::new(), |metric| metric.name.clone()),
        tier.map_or("-".to_string(), |tier| tier.name.clone()),
        priority.unwrap_or("-").to_string(),
        clock.target_words.clone(),
        minutes(clock.late_ms),
        wall(clock.breached_at),
        wall(clock.stopped_at),
    ]
}

fn local(at: crate::time::Instant, zone: Tz) -> String {
    at.local(zone).format("%Y-%m-%d %H:%M").to_string()
}

// -- money

/// A month's lines of one clause.
struct Group<'a> {
    lines: usize,
    computed: Fraction,
    amount: Fraction,
    first: &'a Line,
}

/// Points by month and clause: they are counted, and pay nothing by themselves.
fn points(statement: &Statement) -> String {
    if statement.points.is_empty() {
        return String::new();
    }
    let rows = groups(&statement.points).into_iter().map(|group| {
        vec![
            group.first.month.label.clone(),
            mark(group.first),
            group.first.clause.clone(),
            group.lines.to_string(),
            money::exact(&group.amount),
        ]
    });
    format!("Points\n{}", table(&["month", "clause", "", ">lines", ">points"], rows))
}

fn ledger(statement: &Statement) -> String {
    if statement.ledger.is_empty() {
        return String::new();
    }
    let groups = groups(&statement.ledger);
    let currency = statement.totals.currency;
    let rows = groups.iter().map(|group| {
        vec![
            group.first.month.label.clone(),
            mark(group.first),
            format!("{} {}", super::json::kind(group.first.kind), group.first.clause),
            group.lines.to_string(),
            plain(&group.computed, currency),
            plain(&group.amount, currency),
        ]
    });
    let code = currency.map_or("", Currency::code);
    let heads = ["month", "clause", "", ">lines", ">computed", &format!(">settled {code}")];
    format!("Ledger\n{}", table(&heads, rows))
}

fn groups(lines: &[Line]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for line in lines {
        let whose = |line: &Line| (line.clause.clone(), line.kind, mark(line));
        let same = |group: &&mut Group<'_>| whose(group.first) == whose(line);
        match groups.iter_mut().rev().take_while(|group| group.first.month == line.month).find(same) {
            Some(group) => {
                group.lines += 1;
                group.computed += &line.computed;
                group.amount += &line.amount;
            }
            None => groups.push(Group {
                lines: 1,
                computed: line.computed.clone(),
                amount: line.amount.clone(),
                first: line,
            }),
        }
    }
    groups
}

fn mark(line: &Line) -> String {
    line.reference().name().to_string()
}

/// An amount without its currency, with as many digits as it needs; one that needs more than four is cut there and marked.
pub(super) fn plain(value: &Fraction, currency: Option<Currency>) -> String {
    let digits = currency.map_or(2, Currency::digits);
    let is_whole = |places: &u32| money::decimal(&money::fixed(value, *places)).is_some_and(|kept| kept == *value);
    match (digits..=digits.max(4)).find(is_whole) {
        Some(places) => money::grouped(&money::fixed(value, places)),
        None => format!("≈{}", money::grouped(&money::fixed(value, 4))),
    }
}

fn largest(told: &Told<'_>) -> String {
    let statement = told.statement;
    let mut lines: Vec<&Line> = statement.ledger.iter().filter(|line| !line.amount.is_zero()).collect();
    if lines.is_empty() {
        return String::new();
    }
    let total = lines.len();
    lines.sort_by(|a, b| b.amount.cmp(&a.amount));
    lines.truncate(LISTED);
    let currency = statement.totals.currency;
    let listed: String = lines.iter().map(|line| because(told, line, currency)).collect();
    let heading = if total > LISTED { format!("The {LISTED} largest of {total} lines") } else { "Lines".to_string() };
    format!("{heading}\n{listed}")
}

/// A line with its arithmetic; where an agreement has several versions, with the one of its clause.
fn because(told: &Told<'_>, line: &Line, currency: Option<Currency>) -> String {
    let ids = listed(&line.tickets);
    let whose = if line.tickets.is_empty() { String::new() } else { format!(" [{ids}]") };
    let amount = in_words(&line.amount, currency);
    let several = told.agreement.versions.len() > 1;
    let version = if several { format!(" ({})", line.version) } else { String::new() };
    let until = line.claim_by.as_ref().map_or(String::new(), |day| format!(", to be claimed by {day}"));
    format!("  {} {}{version} {amount}{until}{whose}\n      {}\n", line.period.label, mark(line), line.because)
}

fn provisional(statement: &Statement) -> String {
    let Some(first) = statement.provisional.first() else { return String::new() };
    let currency = statement.totals.currency;
    let sum = |kind: ClauseKind| {
        let lines = statement.provisional.iter().filter(|line| line.kind == kind);
        lines.fold(Fraction::zero(), |sum, line| sum + &line.amount)
    };
    let (penalties, incentives) = (sum(ClauseKind::Penalty), sum(ClauseKind::Incentive));
    format!(
        "Not settled: {} is not over. If it ended now: penalties {}, incentives {}\n",
        first.month.label,
        in_words(&penalties, currency),
        in_words(&incentives, currency)
    )
}

fn suppliers(statement: &Statement) -> String {
    if statement.recoveries.is_empty() {
        return String::new();
    }
    let currency = statement.totals.currency;
    let rows = statement.recoveries.iter().map(|row| {
        let supplier = format!("{} {}", row.supplier, row.place.name());
        let amounts = [&row.paid, &row.recovered, &row.left].map(|value| plain(value, currency));
        [row.month.label.clone(), row.ticket.clone(), supplier].into_iter().chain(amounts).collect()
    });
    let code = currency.map_or("", Currency::code);
    format!(
        "Suppliers\n{}",
        table(&["month", "ticket", "supplier", ">paid", ">recovered", &format!(">left {code}")], rows)
    )
}

fn extensions(statement: &Statement) -> String {
    let told = |extension: &Extension| {
        let ends = extension.ends.map_or(String::new(), |day| format!(", the last day is then {day}"));
        let (period, place) = (&extension.period.label, extension.place.name());
        format!("  {period} {place} {}{ends}\n      {}\n", extension.by, extension.because)
    };
    let lines: String = statement.extensions.iter().map(told).collect();
    if lines.is_empty() { String::new() } else { format!("Longer term\n{lines}") }
}

fn consequences(told: &Told<'_>) -> String {
    let reached = told.statement.consequences.iter();
    let lines: String = reached.map(|reached| consequence(reached, told.agreement.zone)).collect();
    if lines.is_empty() { String::new() } else { format!("Consequences\n{lines}") }
}

/// When a step was reached, its place, the last day of a right, its tickets; then why.
pub(super) fn consequence(consequence: &Consequence, zone: Tz) -> String {
    let (at, place) = (consequence.at.wall(zone), consequence.place.name());
    let last = consequence.expires.map_or(String::new(), |day| format!(", until {day}"));
    let ids = listed(&consequence.tickets);
    let whose = if ids.is_empty() { String::new() } else { format!(" [{ids}]") };
    format!("  {at} {place} {}{last}{whose}\n      {}\n", consequence.step, consequence.because)
}

fn totals(statement: &Statement) -> String {
    let totals = &statement.totals;
    if totals.currency.is_none() {
        return String::new();
    }
    let amount = |value: &Fraction| in_words(value, totals.currency);
    let recovered = (!statement.recoveries.is_empty()).then_some(("recovered", &totals.recovered));
    let moved = [("penalties", &totals.penalties), ("incentives", &totals.incentives)];
    let rows: Vec<_> = moved.into_iter().chain(recovered).chain([("net", &totals.net)]).collect();
    let width = rows.iter().map(|(_, value)| amount(value).chars().count()).max().unwrap_or(0);
    let lines = rows.iter().map(|(word, value)| format!("  {word:<10} {:>width$}\n", amount(value)));
    format!("Totals\n{}", lines.collect::<String>())
}

fn left_out(statement: &Statement) -> String {
    let lines: String = statement
        .left_out
        .iter()
        .map(|left_out| {
            let ids = listed(&left_out.tickets);
            format!("  {} by `{}`: {ids}\n", count(left_out.tickets.len(), "ticket"), left_out.place.words)
        })
        .collect();
    if lines.is_empty() { String::new() } else { format!("Left out\n{lines}") }
}
