//! The statements of an agreement, one by one, and what they must say together.

use crate::ast::{AmountKind, Base, Clause, ClauseLine, Name, Period, StatementKind, Step, StepAt};
use crate::diagnostic::Diagnostic;
use crate::money::{Currency, whole};
use crate::resolver::{Agreement, Root};
use crate::source::Spanned;

use super::condition::Sees;
use super::{Checker, Known};

impl Checker {
    pub(super) fn agreement(&mut self, root: &Root, agreement: &Agreement) {
        let known = Known::new(root, agreement);
        let before = self.diagnostics.len();
        for statement in &agreement.statements {
            self.statement(&known, &statement.kind);
        }
        self.tiers(&known);
        self.money_matters(&known);
        self.silence(agreement, before);
    }

    /// Takes out the warnings that the agreement allows by name.
    fn silence(&mut self, agreement: &Agreement, from: usize) {
        let allowed: Vec<&str> = agreement
            .statements
            .iter()
            .filter_map(|statement| match &statement.kind {
                StatementKind::Allow(code, _) => Some(code.value.as_str()),
                _ => None,
            })
            .collect();
        let found = self.diagnostics.split_off(from.min(self.diagnostics.len()));
        self.diagnostics.extend(found.into_iter().filter(|found| found.is_error() || !allowed.contains(&found.code)));
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
            StatementKind::TicketsFrom(name) => {
                if known.scope.source(&name.value).is_none() {
                    self.unknown("source", name, known.scope.sources.iter().map(|source| source.name.value.as_str()));
                }
            }
            StatementKind::Applies(condition) => self.condition(known, condition, Sees::Fields),
            StatementKind::PriorityRules(rules) => self.priority_rules(known, rules),
            StatementKind::PriorityField(_) => self.priority_field(known),
            StatementKind::Metric(name, lines) => self.metric(known, name, lines),
            StatementKind::ExcludeTime(excluded) => self.excluded_time(known, excluded),
            StatementKind::Maintenance(_, lines) => self.maintenance(known, lines),
            StatementKind::ExcludeTickets(condition) => self.condition(known, condition, Sees::All),
            StatementKind::ExcludeOutages(condition) => self.condition(known, condition, Sees::Fields),
            StatementKind::Availability(said) => self.availability(known, said),
            StatementKind::OutagesFrom(name) => self.outages_from(known, name),
            StatementKind::EmptyCounts(word) => self.empty_counts(word),
            StatementKind::Escalate(metric, when, steps) => {
                self.metric_name(known, metric);
                if let Some(condition) = when {
                    self.condition(known, condition, Sees::All);
                }
                steps.iter().for_each(|step| self.step(known, step));
            }
            StatementKind::Clause(clause) => self.clause(known, clause),
            StatementKind::Cap(amount, period) => {
                self.amount(known, amount, None);
                self.period(period);
            }
            StatementKind::Combine(combine) => {
                if let crate::ast::Combine::Later(words) = &combine.value {
                    self.later_words(&format!("`combine penalties by {words}`"), combine.span);
                }
            }
            StatementKind::Later(later) => self.not_built(later),
            _ => {}
        }
    }

    pub(super) fn later_words(&mut self, what: &str, span: crate::source::Span) {
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

    pub(super) fn period(&mut self, period: &Spanned<Period>) {
        if let Period::Later(words) = &period.value {
            self.later_words(&format!("the period `{words}`"), period.span);
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
        let clauses: Vec<&Clause> = known
            .agreement
            .statements
            .iter()
            .filter_map(|statement| match &statement.kind {
                StatementKind::Clause(clause) => Some(clause),
                _ => None,
            })
            .collect();
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
        let mut codes: Vec<&Name> = Vec::new();
        for statement in &known.agreement.statements {
            match &statement.kind {
                StatementKind::Currency(code) => codes.insert(0, code),
                StatementKind::Fee(_, money, _) | StatementKind::Round(_, money) => codes.push(&money.currency),
                StatementKind::Cap(amount, _) => currencies(amount, &mut codes),
                StatementKind::Clause(clause) => {
                    for line in &clause.lines {
                        match &line.value {
                            ClauseLine::Amount(amount)
                            | ClauseLine::Band(_, amount)
                            | ClauseLine::Capped(amount, _) => {
                                currencies(amount, &mut codes);
                            }
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
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
            let message = format!("{} and {} do not mix", other.value, first.value);
            let fault = Diagnostic::error("mixed_currencies", other.span, message);
            self.push(
                fault
                    .label(first.span, "the agreement's currency")
                    .help(format!("write the amount in {}", first.value)),
            );
        }
    }

    /// A percentage of a fee that is not agreed is a percentage of nothing.
    fn fees_exist(&mut self, known: &Known<'_>, clauses: &[&Clause]) {
        let fees: Vec<Option<&str>> = known
            .agreement
            .statements
            .iter()
            .filter_map(|statement| match &statement.kind {
                StatementKind::Fee(service, ..) => Some(service.as_ref().map(|name| name.value.as_str())),
                _ => None,
            })
            .collect();
        let mut amounts: Vec<(&crate::ast::Amount, Option<&str>)> = known
            .agreement
            .statements
            .iter()
            .filter_map(|statement| match &statement.kind {
                StatementKind::Cap(amount, _) => Some((amount, None)),
                _ => None,
            })
            .collect();
        for (clause, line) in clauses.iter().flat_map(|clause| clause.lines.iter().map(move |line| (clause, line))) {
            match &line.value {
                ClauseLine::Amount(amount) | ClauseLine::Band(_, amount) | ClauseLine::Capped(amount, _) => {
                    amounts.push((amount, clause.service()));
                }
                _ => {}
            }
        }
        for (amount, service) in amounts {
            self.fee_exists(&fees, amount, service);
        }
    }

    /// A price is of the service that the clause looks at, or of the line without a service.
    fn fee_exists(&mut self, fees: &[Option<&str>], amount: &crate::ast::Amount, service: Option<&str>) {
        match &amount.kind {
            AmountKind::Rate(_, Base::Fee(Some(service)), ..) if !fees.contains(&Some(service.value.as_str())) => {
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
                Base::Fee(None) | Base::MonthlyFee | Base::YearlyFee | Base::PreviousMonth | Base::NextMonth,
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

fn currencies<'a>(amount: &'a crate::ast::Amount, codes: &mut Vec<&'a Name>) {
    match &amount.kind {
        AmountKind::Money(money, ..) => codes.push(&money.currency),
        AmountKind::Greatest(all) | AmountKind::Least(all) | AmountKind::Sum(all) => {
            all.iter().for_each(|amount| currencies(amount, codes));
        }
        _ => {}
    }
}
