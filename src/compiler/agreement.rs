//! An agreement: its header, its versions, its readings, its hash.

use chrono_tz::Tz;

use crate::ast::{self, StatementKind, Text};
use crate::money::{Currency, Rounding};
use crate::plan::clause::{Cap, Combine, Threshold};
use crate::plan::metric::CountedBy;
use crate::plan::{
    Agreement, Effective, EmptyCounts, Exclusion, Fee, FeeRate, Kind, MetricId, Reading, Version, VersionedBy,
};
use crate::resolver::{self, Root};
use crate::source::{Span, sha256};
use crate::time::{Instant, Interval, midnight};

use super::Compiler;
use super::clause::{Named, combine, period};
use super::closed::ClosedByMetric;
use super::condition::Sees;
use super::metric::{Ground, counted_by};
use super::plugin::Calls;
use super::reading;
use super::tier::{clause_of, metric_id, metric_names};

/// What an agreement's statements are compiled by.
#[derive(Clone, Copy)]
struct Setting<'r> {
    ground: Ground<'r>,
    agreement: &'r resolver::Agreement,
    metrics: &'r [String],
    closed: &'r ClosedByMetric,
    /// The period of a clock whose metric does not say.
    counted: CountedBy,
}

impl Compiler<'_> {
    pub(super) fn agreement(&mut self, root: &Root, agreement: &resolver::Agreement) -> Agreement {
        let facts = |wanted: &str| {
            agreement.statements.iter().find_map(|statement| match &statement.kind {
                StatementKind::Fact(word, text) if word == wanted => Some(text.value.clone()),
                _ => None,
            })
        };
        let find = |pick: &dyn Fn(&StatementKind) -> Option<String>| {
            agreement.statements.iter().find_map(|statement| pick(&statement.kind))
        };
        let zone = find(&|kind| if let StatementKind::Timezone(zone) = kind { Some(zone.value.clone()) } else { None });
        let zone: Tz = zone.and_then(|zone| zone.parse().ok()).unwrap_or(Tz::UTC);
        let kind = find(&|kind| if let StatementKind::Kind(kind) = kind { Some(kind.value.clone()) } else { None });
        let effective = effective(agreement, zone);
        self.calls = Calls::of(root, agreement);
        let (versions, readings) = self.versions(root, agreement, zone, &effective);
        let plugins = std::mem::take(&mut self.calls).called;
        let number = |pick: fn(&StatementKind) -> Option<i64>| {
            let found = agreement.statements.iter().find_map(|statement| pick(&statement.kind));
            found.and_then(|number| u32::try_from(number).ok())
        };
        let mut compiled = Agreement {
            name: agreement.name.value.clone(),
            kind: match kind.as_deref() {
                Some("supplier") => Kind::Supplier,
                Some("internal") => Kind::Internal,
                _ => Kind::Customer,
            },
            file: root.path.clone(),
            title: facts("title"),
            contract: facts("contract"),
            provider: facts("provider"),
            customer: facts("customer"),
            effective,
            zone,
            currency: currency(agreement),
            source: find(&|kind| {
                if let StatementKind::TicketsFrom(name) = kind { Some(name.value.clone()) } else { None }
            }),
            outages_from: find(&|kind| {
                if let StatementKind::OutagesFrom(name) = kind { Some(name.value.clone()) } else { None }
            }),
            claims: find(&|kind| {
                if let StatementKind::ClaimsFrom(name) = kind { Some(name.value.clone()) } else { None }
            }),
            announcements_from: find(&|kind| {
                if let StatementKind::AnnouncementsFrom(name) = kind { Some(name.value.clone()) } else { None }
            }),
            charges_from: find(&|kind| {
                if let StatementKind::ChargesFrom(name) = kind { Some(name.value.clone()) } else { None }
            }),
            applies: self.applies(agreement),
            services: catalogue(agreement),
            beside: agreement
                .statements
                .iter()
                .flat_map(|statement| match &statement.kind {
                    StatementKind::Beside(names) => names.iter().map(|name| name.value.clone()).collect(),
                    _ => Vec::new(),
                })
                .collect(),
            review_months: number(
                |kind| if let StatementKind::Review(months) = kind { Some(months.value) } else { None },
            ),
            month_day: number(|kind| if let StatementKind::MonthsBegin(day) = kind { Some(day.value) } else { None })
                .unwrap_or(1),
            versioned_by: versioned_by(agreement),
            versions,
            plugins,
            readings,
            policy_sha256: String::new(),
        };
        compiled.policy_sha256 = hash(root, &compiled);
        compiled
    }

    fn applies(&mut self, agreement: &resolver::Agreement) -> Option<crate::plan::condition::Condition> {
        let condition = agreement.statements.iter().find_map(|statement| match &statement.kind {
            StatementKind::Applies(condition) => Some(condition),
            _ => None,
        })?;
        Some(self.condition(condition, Sees::Fields))
    }

    /// Every version that is in force at some time of the agreement, and what each reads otherwise than the one before.
    fn versions(
        &mut self,
        root: &Root,
        agreement: &resolver::Agreement,
        zone: Tz,
        effective: &Effective,
    ) -> (Vec<Version>, Vec<Reading>) {
        let (signed, later) = in_force(agreement, effective);
        let (mut versions, mut readings, mut before) = (Vec::new(), Vec::new(), Vec::new());
        if signed {
            let version = self.version(root, agreement, zone);
            before = reading::readings(agreement, &version, &|span| self.words(span));
            readings.clone_from(&before);
            versions.push(version);
        }
        for amended in later {
            let mut version = self.version(root, &amended.agreement, zone);
            version.label.clone_from(&amended.label);
            version.first_day = Some(amended.first);
            version.from = midnight(zone, amended.first);
            let amendments = amended.amendments.iter().filter(|amendment| amendment.begins);
            version.amendments =
                amendments.map(|amendment| self.place(amendment.mark.as_ref(), amendment.head)).collect();
            let now = reading::readings(&amended.agreement, &version, &|span| self.words(span));
            let changed = now.iter().filter(|reading| !before.contains(reading));
            let label = (!versions.is_empty()).then(|| version.label.clone());
            readings.extend(changed.map(|reading| Reading { version: label.clone(), ..reading.clone() }));
            versions.push(version);
            before = now;
        }
        (versions, readings)
    }

    fn version(&mut self, root: &Root, agreement: &resolver::Agreement, zone: Tz) -> Version {
        let ground = Ground { root, zone, hours: "always", closed: &[] };
        let metrics = metric_names(agreement);
        let closed = self.closed(agreement, zone);
        let by_metric = ClosedByMetric::new(agreement, &closed);
        let priorities = self.priorities(agreement);
        let counted = agreement.statements.iter().find_map(|statement| match &statement.kind {
            StatementKind::CountedBy(word) => Some(counted_by(word)),
            _ => None,
        });
        let tiers: Vec<_> = agreement
            .tiers
            .iter()
            .map(|tier| self.tier(ground, tier, &metrics, &priorities.names, &by_metric))
            .collect();
        for name in priorities.names.iter().chain(tiers.iter().map(|tier| &tier.name)) {
            self.plan.names.intern(name);
        }
        let mut version = Version {
            label: "base".to_string(),
            first_day: None,
            from: Instant(i64::MIN),
            amendments: Vec::new(),
            fees: Vec::new(),
            priorities,
            tiers,
            metrics: Vec::new(),
            escalations: Vec::new(),
            exclusions: Vec::new(),
            services: self.services(ground, agreement, &closed),
            outage_exclusions: Vec::new(),
            empty_counts: empty_counts(agreement),
            closed,
            clauses: Vec::new(),
            ladders: Vec::new(),
            suppliers: Vec::new(),
            claim: None,
            combine: Combine::Sum,
            caps: Vec::new(),
            pay_only_above: None,
            raise_to: None,
            rounding: None,
        };
        let counted = counted.unwrap_or(CountedBy::Outcome);
        let setting = Setting { ground, agreement, metrics: &metrics, closed: &by_metric, counted };
        for statement in &agreement.statements {
            self.take(&setting, &mut version, statement);
        }
        version.caps.sort_by_key(|cap| cap.per);
        version
    }

    fn take(&mut self, setting: &Setting<'_>, version: &mut Version, statement: &ast::Statement) {
        let Setting { ground, agreement, metrics, closed, counted } = *setting;
        let (mark, head) = (statement.mark.as_ref(), statement.head);
        match &statement.kind {
            StatementKind::Fee(service, money, per) => {
                let rate = FeeRate { amount: money.amount.clone(), per: period(&per.value) };
                version.fees.push(self.fee(service.as_ref(), Some(rate), mark, head));
            }
            StatementKind::FeeFromCharges(service) => version.fees.push(self.fee(service.as_ref(), None, mark, head)),
            StatementKind::Metric(name, lines) => {
                let closed = closed.of(MetricId(u16::try_from(version.metrics.len()).unwrap_or(u16::MAX)));
                let ground = Ground { closed, ..ground };
                let metric = self.metric(ground, name, mark, head, lines, counted);
                version.metrics.push(metric);
            }
            StatementKind::Escalate(metric, when, steps) => {
                if let Some(metric) = metric_id(metrics, &metric.value) {
                    let escalation = self.escalation(ground, metric, mark, head, when.as_ref(), steps);
                    version.escalations.push(escalation);
                }
            }
            StatementKind::ExcludeTickets(condition) => {
                let when = self.condition(condition, Sees::All);
                version.exclusions.push(Exclusion { when, place: self.place(mark, head) });
            }
            StatementKind::ExcludeOutages(condition) => {
                let when = self.condition(condition, Sees::Fields);
                version.outage_exclusions.push(Exclusion { when, place: self.place(mark, head) });
            }
            StatementKind::Supplier(supplier) => version.suppliers.extend(self.supplier(supplier, mark, head)),
            StatementKind::Claim(claim) => version.claim = Some(self.claim(ground, claim, mark, head)),
            StatementKind::Consequences(consequences) => {
                let named = Named { metrics, services: &version.services, promise: None };
                let ladder = self.ladder(consequences, mark, head, named);
                version.ladders.push(ladder);
            }
            StatementKind::Cap(amount, per, carried) => {
                let (amount, place) = (self.amount(amount), self.place(mark, head));
                version.caps.push(Cap { amount, per: period(&per.value), carried: *carried, place });
            }
            StatementKind::PayOnlyAbove(amount, _) => {
                let amount = self.amount(amount);
                version.pay_only_above = Some(Threshold { amount, place: self.place(mark, head) });
            }
            StatementKind::RaiseTo(amount, _) => {
                let amount = self.amount(amount);
                version.raise_to = Some(Threshold { amount, place: self.place(mark, head) });
            }
            StatementKind::Combine(by) => version.combine = combine(&by.value),
            StatementKind::Round(mode, money) => {
                version.rounding = Some(Rounding { mode: mode.value.into(), unit: money.amount.clone() });
            }
            kind => {
                if let Some(clause) = clause_of(kind) {
                    let promise = agreement.promise_for(clause);
                    let named = Named { metrics, services: &version.services, promise };
                    let clause = self.clause(ground, clause, mark, head, named);
                    version.clauses.extend(clause);
                }
            }
        }
    }
}

impl Compiler<'_> {
    fn fee(&self, service: Option<&ast::Name>, rate: Option<FeeRate>, mark: Option<&Text>, head: Span) -> Fee {
        Fee { service: service.map(|name| name.value.clone()), rate, place: self.place(mark, head) }
    }
}

/// SHA-256 of the agreement's plan and of the calendars it can see, as JSON. Places in files and numbers of calendars are
/// left out, so that neither a moved file nor the company of a portfolio changes it.
fn hash(root: &Root, agreement: &Agreement) -> String {
    let calendars = root.scope.calendars.iter().map(|calendar| {
        let name = &calendar.name.value;
        let spec = super::calendar::spec(&root.scope, agreement.zone, name, 0);
        let mut spec = serde_json::to_value(spec).unwrap_or_default();
        // Where a feed lies is no part of what it closes.
        without_places(&mut spec);
        (name.clone(), spec)
    });
    let calendars: std::collections::BTreeMap<_, _> = calendars.collect();
    let mut plan = serde_json::to_value(agreement).unwrap_or_default();
    without_places(&mut plan);
    let text = serde_json::json!({ "agreement": plan, "calendars": calendars }).to_string();
    sha256(text.as_bytes())
}

fn without_places(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(map) => {
            map.shift_remove("at");
            map.shift_remove("file");
            let is_number = |map: &serde_json::Map<String, serde_json::Value>, key: &str| {
                map.get(key).is_some_and(serde_json::Value::is_number)
            };
            for key in ["calendar", "hours", "late_in", "at_next_opening_of"] {
                if is_number(map, key) {
                    map.shift_remove(key);
                }
            }
            map.values_mut().for_each(without_places);
        }
        serde_json::Value::Array(list) => list.iter_mut().for_each(without_places),
        _ => {}
    }
}

/// Whether the agreement as signed is ever in force, and the later versions that are.
fn in_force<'r>(agreement: &'r resolver::Agreement, effective: &Effective) -> (bool, Vec<&'r resolver::Version>) {
    let begun = |version: &resolver::Version| effective.first.is_some_and(|first| version.first <= first);
    let not_over = |version: &&resolver::Version| effective.last.is_none_or(|last| version.first <= last);
    let over = agreement.later.iter().filter(|version| begun(version)).count();
    let later = agreement.later.iter().skip(over.saturating_sub(1)).filter(not_over);
    (over == 0, later.collect())
}

fn versioned_by(agreement: &resolver::Agreement) -> VersionedBy {
    let said = agreement.statements.iter().find_map(|statement| match &statement.kind {
        StatementKind::VersionedBy(word) => Some(word.value.as_str()),
        _ => None,
    });
    match said {
        Some("breach") => VersionedBy::Breach,
        Some("stopped") => VersionedBy::Stopped,
        _ => VersionedBy::Created,
    }
}

fn effective(agreement: &resolver::Agreement, zone: Tz) -> Effective {
    let said = agreement.statements.iter().find_map(|statement| match &statement.kind {
        StatementKind::Effective(first, last) => Some((*first, *last)),
        _ => None,
    });
    let (first, last) = said.map_or((None, None), |(first, last)| (Some(first), last));
    let start = first.map_or(Instant(i64::MIN), |first| midnight(zone, first));
    let end = last.and_then(|last| last.succ_opt()).map_or(Instant(i64::MAX), |after| midnight(zone, after));
    Effective { first, last, span: Interval::new(start, end) }
}

/// The services of an agreement's catalogue in any of its versions; none, where one of them is for all services.
fn catalogue(agreement: &resolver::Agreement) -> Vec<String> {
    let named = |version: &resolver::Agreement| -> Vec<String> {
        let services = version.statements.iter().filter_map(|statement| match &statement.kind {
            StatementKind::Service(name, _) => Some(name.value.clone()),
            _ => None,
        });
        services.collect()
    };
    let catalogues: Vec<Vec<String>> = agreement.versions().map(named).collect();
    let mut services: Vec<String> = Vec::new();
    if catalogues.iter().all(|catalogue| !catalogue.is_empty()) {
        for service in catalogues.into_iter().flatten() {
            if !services.contains(&service) {
                services.push(service);
            }
        }
    }
    services
}

fn empty_counts(agreement: &resolver::Agreement) -> EmptyCounts {
    let said = agreement.statements.iter().find_map(|statement| match &statement.kind {
        StatementKind::EmptyCounts(word) => Some(word.value.as_str()),
        _ => None,
    });
    match said {
        Some("met") => EmptyCounts::Met,
        Some("missed") => EmptyCounts::Missed,
        _ => EmptyCounts::NoValue,
    }
}

fn currency(agreement: &resolver::Agreement) -> Option<Currency> {
    let said = agreement.statements.iter().find_map(|statement| match &statement.kind {
        StatementKind::Currency(code) => Some(code),
        _ => None,
    });
    let used = || {
        agreement.versions().flat_map(|version| &version.statements).find_map(|statement| match &statement.kind {
            StatementKind::Fee(_, money, _) | StatementKind::Round(_, money) => Some(&money.currency),
            _ => None,
        })
    };
    Currency::from_code(&said.or_else(used)?.value)
}
