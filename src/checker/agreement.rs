//! The statements of an agreement, one by one, and what they must say together.

use crate::ast::{
    AmountKind, Base, Clause, ClauseLine, Combine, CombinePart, Name, Period, StatementKind, Step, StepAt,
};
use crate::diagnostic::Diagnostic;
use crate::money::{Currency, whole};
use crate::plugin::Kind;
use crate::resolver::{Agreement, Root};
use crate::source::{Span, Spanned};

use super::condition::Sees;
use super::{Checker, Known};

impl Checker {
    /// Every version as it then stands; a mistake of several is told once.
    pub(super) fn agreement(&mut self, root: &Root, agreement: &Agreement) {
        let before = self.diagnostics.len();
        self.reads.begin_agreement();
        self.amendments(root, agreement);
        self.silence(agreement, before);
        self.version(root, agreement);
        for version in &agreement.later {
            let from = self.diagnostics.len();
            self.version(root, &version.agreement);
            let found = self.diagnostics.split_off(from);
            let new = version.only_new(found, &self.diagnostics);
            self.diagnostics.extend(new);
        }
        // What one version reads, another may declare for it.
        let from = self.diagnostics.len();
        agreement.versions().for_each(|version| self.unread_fields(version));
        self.silence(agreement, from);
    }

    fn version(&mut self, root: &Root, agreement: &Agreement) {
        let known = Known::new(root, agreement);
        let before = self.diagnostics.len();
        self.reads.begin_version();
        for statement in &agreement.statements {
            self.statement(&known, &statement.kind);
        }
        self.tiers(&known);
        self.money_matters(&known);
        if self.all_is_read {
            self.caps(&known);
        }
        self.too_long_for_calendars(&known);
        self.holidays_end(&known);
        self.metrics_without_target(&known);
        self.silence(agreement, before);
    }

    /// Takes out the warnings that the agreement allows by name.
    fn silence(&mut self, agreement: &Agreement, from: usize) {
        let found = self.diagnostics.split_off(from.min(self.diagnostics.len()));
        self.diagnostics.extend(found.into_iter().filter(|found| found.is_error() || !allows(agreement, found.code)));
    }

    fn statement(&mut self, known: &Known<'_>, kind: &StatementKind) {
        match kind {
            StatementKind::Timezone(zone) => self.zone(zone),
            StatementKind::Currency(code) => self.currency(code),
            StatementKind::Kind(kind) => {
                let kinds = ["customer", "supplier", "internal"];
                if !kinds.contains(&kind.value.as_str()) {
                    self.unknown("kind of agreement", kind, kinds);
                }
            }
            StatementKind::Fee(_, _, period) => {
                if !matches!(period.value, Period::Month | Period::Quarter | Period::Year) {
                    self.error(
                        "bad_period",
                        period.span,
                        "a fee is owed per month, quarter or year",
                        "write `per month`",
                    );
                }
            }
            StatementKind::Review(months) if months.value < 1 => {
                self.error(
                    "bad_number",
                    months.span,
                    "a review every 0 months is none",
                    "write how many months lie between two",
                );
            }
            StatementKind::MonthsBegin(day) if !(1..=28).contains(&day.value) => {
                self.error("bad_number", day.span, "not every month has this day", "months can begin on day 1 to 28");
            }
            StatementKind::CountedBy(word) => self.counted_by(word),
            StatementKind::VersionedBy(word) => {
                let words = ["created", "breach", "stopped"];
                if !words.contains(&word.value.as_str()) {
                    self.unknown("instant that a version is chosen by", word, words);
                }
            }
            StatementKind::TicketsFrom(name) | StatementKind::ClaimsFrom(name) => {
                if known.scope.source(&name.value).is_none() {
                    self.unknown("source", name, known.scope.sources.iter().map(|source| source.name.value.as_str()));
                }
            }
            StatementKind::AnnouncementsFrom(name) => self.facts_from(known, name, "announcement"),
            StatementKind::ChargesFrom(name) => {
                self.facts_from(known, name, "charge");
                self.charged_customer(known, name);
                self.charges_are_read(known, name);
            }
            StatementKind::Applies(condition) => self.condition(known, condition, Sees::Fields),
            StatementKind::Supplier(supplier) => self.supplier(known, supplier),
            StatementKind::PriorityRules(rules) => self.priority_rules(known, rules),
            StatementKind::PriorityBy(call) => self.call(known, call, Kind::Classify),
            StatementKind::PriorityField(_) => self.priority_field(known),
            StatementKind::Metric(name, lines) => self.metric(known, name, lines),
            StatementKind::ExcludeTime(excluded) => self.excluded_time(known, excluded),
            StatementKind::Maintenance(_, lines) => self.maintenance(known, lines),
            StatementKind::ExcludeTickets(condition) => self.condition(known, condition, Sees::All),
            StatementKind::ExcludeOutages(condition) => self.condition(known, condition, Sees::Fields),
            StatementKind::Availability(said) => self.availability(known, said),
            StatementKind::OutagesFrom(name) => self.facts_from(known, name, "outage"),
            StatementKind::EmptyCounts(word) => self.empty_counts(word),
            StatementKind::Escalate(metric, when, steps) => {
                self.metric_name(known, metric);
                if let Some(condition) = when {
                    self.condition(known, condition, Sees::All);
                }
                steps.iter().for_each(|step| self.step(known, step));
            }
            StatementKind::Clause(clause) => self.clause(known, clause),
            StatementKind::Claim(claim) => self.claim(known, claim),
            StatementKind::Consequences(consequences) => self.consequences(known, consequences),
            StatementKind::PayOnlyAbove(amount, period) | StatementKind::RaiseTo(amount, period) => {
                self.amount(known, amount, None);
                self.pays_money(amount);
                if let Some(period) = period.as_ref().filter(|period| period.value != Period::Month) {
                    self.later_words("a minimum payout over anything but a month", period.span);
                }
            }
            StatementKind::Cap(amount, period, _) => {
                self.amount(known, amount, None);
                self.pays_money(amount);
                self.period(known, period);
            }
            StatementKind::Beside(names) => self.beside(known, names),
            StatementKind::Combine(combine) => {
                if let Combine::Nested(part) = &combine.value {
                    self.combine_part(known, part, &mut Vec::new());
                }
            }
            StatementKind::Later(later) => self.not_built(later),
            _ => {}
        }
    }

    /// A combination names penalties, each once.
    fn combine_part<'p>(&mut self, known: &Known<'_>, part: &'p CombinePart, seen: &mut Vec<&'p Name>) {
        match part {
            CombinePart::Clause(name) => {
                let penalties = known.clause_names(true);
                if !penalties.contains(&name.value.as_str()) {
                    self.unknown("penalty", name, penalties);
                }
                self.charges_money(known, name);
                if let Some(first) = seen.iter().find(|seen| seen.value == name.value) {
                    let message = format!("`{}` is combined twice", name.value);
                    let fault = Diagnostic::error("said_twice", name.span, message);
                    self.push(fault.label(first.span, "named here first").help("name each penalty once"));
                }
                seen.push(name);
            }
            CombinePart::Sum(parts) | CombinePart::Greatest(parts) | CombinePart::First(parts) => {
                parts.iter().for_each(|part| self.combine_part(known, part, seen));
            }
        }
    }

    pub(super) fn later_words(&mut self, what: &str, span: Span) {
        self.not_built(&crate::ast::Later { what: what.to_string(), span });
    }

    fn currency(&mut self, code: &Name) {
        if Currency::from_code(&code.value).is_none() {
            let message = format!("there is no currency `{}`", code.value);
            self.error("unknown_currency", code.span, message, "currencies are the codes of ISO 4217, such as `EUR`");
        }
    }

    fn priority_field(&mut self, known: &Known<'_>) {
        let declared = known.find(|kind| match kind {
            StatementKind::PriorityField(names) => names.first(),
            _ => None,
        });
        self.reads.field("priority");
        if let Some(first) = declared.filter(|_| !known.fields.contains_key("priority")) {
            let help = "declare `field priority` in the source, or say `P1 when …` for each";
            self.error("unknown_name", first.span, "tickets have no field `priority`", help);
        }
    }

    pub(super) fn metric_name(&mut self, known: &Known<'_>, name: &Name) {
        if !known.metrics.contains(&name.value.as_str()) {
            self.unknown("metric", name, known.metrics.iter().copied());
        }
    }

    pub(super) fn period(&mut self, known: &Known<'_>, period: &Spanned<Period>) {
        match &period.value {
            Period::Later(words) => self.later_words(&format!("the period `{words}`"), period.span),
            Period::AnyDays(_) => self.slides(period.span),
            Period::ContractYear => self.contract_year(known, period.span),
            _ => {}
        }
    }

    /// Windows overlap, so that a time belongs to many: only a clause can look at them, one after the other.
    pub(super) fn slides(&mut self, span: Span) {
        let help = "say `per month`, or let a clause look: `per any 30 days on breaches of …`";
        self.error("period_that_slides", span, "a day lies in many such periods", help);
    }

    /// A contract year begins with the agreement.
    pub(super) fn contract_year(&mut self, known: &Known<'_>, span: Span) {
        let begins = known.find(|kind| matches!(kind, StatementKind::Effective(..)).then_some(()));
        if begins.is_none() && self.all_is_read {
            let help = "add `effective 2025-04-01..2027-03-31`: its first day begins the year; or say `per year`";
            self.error("contract_year_without_start", span, "nothing says when the contract year begins", help);
        }
    }

    fn beside(&mut self, known: &Known<'_>, names: &[Name]) {
        let own = &known.agreement.name.value;
        if let Some(name) = names.iter().find(|name| name.value == *own) {
            let message = format!("`{own}` is always judged with itself");
            let help = "name the other agreement whose tickets this one judges as well";
            self.error("beside_itself", name.span, message, help);
        }
        // One agreement alone cannot know what else there is.
        let several = self.agreements.len() > 1;
        let unknown = names.iter().filter(|name| several && !self.agreements.contains(&name.value));
        for name in unknown.collect::<Vec<_>>() {
            let message = format!("there is no agreement `{}` here to stand beside", name.value);
            let help = Self::did_you_mean(&name.value, self.agreements.iter().map(String::as_str));
            self.warning("beside_nothing", name.span, message, help);
        }
    }

    fn step(&mut self, known: &Known<'_>, step: &Step) {
        if let Some(condition) = &step.when {
            self.condition(known, condition, Sees::All);
        }
        match &step.at {
            StepAt::Before(_, Some(calendar))
            | StepAt::After(_, Some(calendar))
            | StepAt::Every(_, Some(calendar), _) => {
                self.calendar_name(known.scope, calendar);
            }
            StepAt::Share(share) if *share > whole(1) => {
                let help = "a step after the target is used up reads `1h after breach`";
                self.error("bad_percentage", step.words, "a clock is breached at 100 %", help);
            }
            _ => {}
        }
    }

    // -- money

    /// What an agreement that pays must say besides its clauses.
    fn money_matters(&mut self, known: &Known<'_>) {
        let clauses: Vec<&Clause> = known.clauses().filter(|clause| !clause.yields_points()).collect();
        if clauses.is_empty() {
            return;
        }
        let rounding = known.find(|kind| matches!(kind, StatementKind::Round(..)).then_some(()));
        if rounding.is_none() {
            let message = "this agreement pays, but does not say how amounts are rounded";
            self.error("no_rounding", known.agreement.name.span, message, "add `round half up to 0.01 EUR`");
        }
        self.one_currency(known);
        self.fees_exist(known, &clauses);
    }

    /// Two currencies never mix.
    fn one_currency(&mut self, known: &Known<'_>) {
        let codes = currency_codes(known.agreement);
        let Some((first, rest)) = codes.split_first() else {
            self.error(
                "no_currency",
                known.agreement.name.span,
                "this agreement pays, but names no currency",
                "add `currency EUR`",
            );
            return;
        };
        self.currency(first);
        for other in rest.iter().filter(|other| other.value != first.value) {
            self.do_not_mix(first, other);
        }
    }

    pub(super) fn do_not_mix(&mut self, first: &Name, other: &Name) {
        let message = format!("{} and {} do not mix", other.value, first.value);
        let fault = Diagnostic::error("mixed_currencies", other.span, message);
        self.push(
            fault.label(first.span, "the agreement's currency").help(format!("write the amount in {}", first.value)),
        );
    }

    /// A percentage of a fee that is not agreed is a percentage of nothing.
    fn fees_exist(&mut self, known: &Known<'_>, clauses: &[&Clause]) {
        let fees: Vec<Option<&str>> = known
            .agreement
            .statements
            .iter()
            .filter_map(|statement| match &statement.kind {
                StatementKind::Fee(service, ..) | StatementKind::FeeFromCharges(service) => {
                    Some(service.as_ref().map(|name| name.value.as_str()))
                }
                _ => None,
            })
            .collect();
        let mut amounts: Vec<(&crate::ast::Amount, Option<&str>)> = known
            .agreement
            .statements
            .iter()
            .filter_map(|statement| match &statement.kind {
                StatementKind::Cap(amount, ..)
                | StatementKind::PayOnlyAbove(amount, _)
                | StatementKind::RaiseTo(amount, _) => Some((amount, None)),
                _ => None,
            })
            .collect();
        for (clause, line) in clauses.iter().flat_map(|clause| clause.lines.iter().map(move |line| (clause, line))) {
            match &line.value {
                ClauseLine::Capped(amount, ..) => amounts.push((amount, clause.service())),
                line => amounts.extend(line.amount().map(|amount| (amount, clause.service()))),
            }
        }
        for (amount, service) in amounts {
            self.fee_exists(&fees, amount, service);
            self.fee_is_charged(known, amount);
        }
    }

    /// A price is of the service that the clause looks at, or of the line without a service.
    fn fee_exists(&mut self, fees: &[Option<&str>], amount: &crate::ast::Amount, service: Option<&str>) {
        match &amount.kind {
            AmountKind::Rate(
                _,
                Base::Fee(Some(service)) | Base::MonthlyFee(Some(service)) | Base::YearlyFee(Some(service)),
                ..,
            ) if !fees.contains(&Some(service.value.as_str())) => {
                let known: Vec<&str> = fees.iter().copied().flatten().collect();
                self.unknown("fee of a service", service, known);
            }
            AmountKind::Rate(_, Base::AllFees, ..) if fees.is_empty() => self.of_nothing(amount),
            AmountKind::Rate(_, Base::PriceOfDowntime(_) | Base::PriceOf(_), ..)
                if !fees.contains(&None) && !fees.contains(&service) =>
            {
                self.of_nothing(amount);
            }
            AmountKind::Rate(
                _,
                Base::Fee(None)
                | Base::MonthlyFee(None)
                | Base::YearlyFee(None)
                | Base::PreviousMonth
                | Base::NextMonth,
                ..,
            ) if !fees.contains(&None) => {
                self.of_nothing(amount);
            }
            AmountKind::Greatest(all) | AmountKind::Least(all) | AmountKind::Sum(all) => {
                all.iter().for_each(|amount| self.fee_exists(fees, amount, service));
            }
            _ => {}
        }
    }

    fn of_nothing(&mut self, amount: &crate::ast::Amount) {
        let help = "add `fee 12_500 EUR per month`";
        self.error("percentage_of_nothing", amount.span, "this is a share of a fee that is not agreed", help);
    }
}

/// Whether an agreement says `allow CODE "why"`.
pub(super) fn allows(agreement: &Agreement, code: &str) -> bool {
    let mut kinds = agreement.statements.iter().map(|statement| &statement.kind);
    kinds.any(|kind| matches!(kind, StatementKind::Allow(allowed, _) if allowed.value == code))
}

/// The currencies that an agreement names, the one that it declares first.
pub(super) fn currency_codes(agreement: &Agreement) -> Vec<&Name> {
    let mut codes: Vec<&Name> = Vec::new();
    for statement in &agreement.statements {
        match &statement.kind {
            StatementKind::Currency(code) => codes.insert(0, code),
            StatementKind::Fee(_, money, _) | StatementKind::Round(_, money) => codes.push(&money.currency),
            StatementKind::Cap(amount, ..)
            | StatementKind::PayOnlyAbove(amount, _)
            | StatementKind::RaiseTo(amount, _) => currencies(amount, &mut codes),
            StatementKind::Clause(clause) => {
                for line in &clause.lines {
                    match &line.value {
                        ClauseLine::Capped(amount, ..) => currencies(amount, &mut codes),
                        line => line.amount().into_iter().for_each(|amount| currencies(amount, &mut codes)),
                    }
                }
            }
            _ => {}
        }
    }
    codes
}

fn currencies<'a>(amount: &'a crate::ast::Amount, codes: &mut Vec<&'a Name>) {
    match &amount.kind {
        AmountKind::Money(money, ..) => codes.push(&money.currency),
        AmountKind::Greatest(all) | AmountKind::Least(all) | AmountKind::Sum(all) => {
            all.iter().for_each(|amount| currencies(amount, codes));
        }
        _ => {}
    }
}
