//! Penalties and incentives: one thing they look at, and amounts that fit it.

use crate::ast::{
    Amount, AmountKind, Base, CapScope, Clause, ClauseLine, Condition, Measure, Name, Part, Period, Proportion, Unit,
    UnitOf,
};
use crate::source::{Span, Spanned};

use super::condition::Sees;
use super::{Checker, Known};

impl Checker {
    pub(super) fn clause(&mut self, known: &Known<'_>, clause: &Clause) {
        if let Some(condition) = &clause.when {
            self.condition(known, condition, Sees::All);
        }
        for line in &clause.lines {
            self.clause_line(known, clause, line);
        }
        self.points_of_clause(known, clause);
        let each = |line: &&Spanned<ClauseLine>| matches!(line.value, ClauseLine::ForEachValue(..));
        if let Some(second) = clause.lines.iter().filter(each).nth(1) {
            let help = "group by one field, and write a clause for each value of the other";
            self.error("said_twice", second.span, "a clause is settled for the values of one field", help);
        }
        self.one_claim(clause.lines.iter().map(|line| (&line.value, line.span)));
        let subjects: Vec<&Spanned<ClauseLine>> = clause.lines.iter().filter(|line| is_subject(&line.value)).collect();
        match subjects.as_slice() {
            [] if clause.lines.iter().any(|line| matches!(line.value, ClauseLine::Later(_))) => {}
            [] => {
                let message = format!("`{}` does not say what it looks at", clause.name.value);
                let help = "add `for each breach of resolution`, or `per month on attainment of resolution`";
                self.error("clause_without_subject", clause.name.span, message, help);
            }
            [subject] => self.fits_subject(known, clause, &subject.value),
            [_, second, ..] => {
                let help = "write a clause for each";
                self.error("said_twice", second.span, "a clause looks at one thing", help);
            }
        }
    }

    fn clause_line(&mut self, known: &Known<'_>, clause: &Clause, line: &Spanned<ClauseLine>) {
        let when = |checker: &mut Self, condition: &Option<Condition>| {
            condition.iter().for_each(|condition| checker.condition(known, condition, Sees::All));
        };
        match &line.value {
            ClauseLine::ForEachBreach(metric, condition, _) => {
                self.metric_name(known, metric);
                when(self, condition);
            }
            ClauseLine::ForEachOutage(service, condition, _) => {
                self.service_name(known, service);
                when(self, condition);
            }
            ClauseLine::ForEachTicket(condition, _) => when(self, condition),
            ClauseLine::ForEachValue(field, values, condition) => {
                when(self, condition);
                self.each_value(known, clause, field, values);
            }
            ClauseLine::Per(period, measure, condition, _) => {
                if !matches!(period.value, Period::AnyDays(_)) {
                    self.period(known, period);
                }
                self.measure(known, measure, Some(period));
                when(self, condition);
            }
            ClauseLine::Band(band) => {
                band.owed.amount().into_iter().for_each(|amount| self.amount(known, amount, Some(clause)));
            }
            ClauseLine::Amount(amount) => self.amount(known, amount, Some(clause)),
            ClauseLine::Unbanded(_) => {
                let help = "measure a figure, and begin the line with its band: `at least 99% …`";
                self.error("figure_without_band", line.span, "this is owed whatever happens", help);
            }
            ClauseLine::Capped(amount, scope, _) => {
                self.amount(known, amount, None);
                self.cap_fits(clause, scope);
                match &scope.value {
                    CapScope::Period(Period::Later(words)) => {
                        self.later_words(&format!("a cap per {words}"), scope.span);
                    }
                    CapScope::Period(Period::AnyDays(_)) => self.slides(scope.span),
                    CapScope::Period(Period::ContractYear) => self.contract_year(known, scope.span),
                    _ => {}
                }
            }
            ClauseLine::CountedBy(word) => self.counted_by(word),
            ClauseLine::Claim(claim) => self.claim(known, claim),
            ClauseLine::Except(condition) => self.condition(known, condition, Sees::All),
            ClauseLine::OnFailure(amount) => self.on_failure(known, clause, amount),
            ClauseLine::Later(later) => self.not_built(later),
        }
    }

    /// A clause for one thing at a time has one amount; a figure has bands.
    fn fits_subject(&mut self, known: &Known<'_>, clause: &Clause, subject: &ClauseLine) {
        if clause.lines.iter().any(|line| matches!(line.value, ClauseLine::Unbanded(_))) {
            return;
        }
        let words: &[&str] = match subject {
            ClauseLine::ForEachBreach(..) => &["late"],
            ClauseLine::ForEachOutage(..) => &["down"],
            ClauseLine::ForEachTicket(..) => &[],
            _ => return self.fits_figure(known, clause, subject),
        };
        if let Some(band) = spans(clause, |line| matches!(line, ClauseLine::Band(..))).first() {
            let help = "bands need a figure: `per month on attainment of resolution`";
            let message = match subject {
                ClauseLine::ForEachBreach(..) => "a single breach has no bands",
                ClauseLine::ForEachOutage(..) => "a single outage has no bands",
                _ => "a single ticket has no bands",
            };
            self.error("band_without_figure", *band, message, help);
            return self.units(clause, words);
        }
        match spans(clause, |line| matches!(line, ClauseLine::Amount(_))).as_slice() {
            [] => self.pays_nothing(clause),
            [_, second, ..] => {
                self.error("said_twice", *second, "this clause has two amounts", "write `sum of (A, B)`");
            }
            _ => {}
        }
        self.units(clause, words);
    }

    fn fits_figure(&mut self, known: &Known<'_>, clause: &Clause, subject: &ClauseLine) {
        let amounts = spans(clause, |line| matches!(line, ClauseLine::Amount(_)));
        let bands = spans(clause, |line| matches!(line, ClauseLine::Band(..)));
        if bands.is_empty() && amounts.is_empty() {
            self.pays_nothing(clause);
        }
        // Downtime, outages and numbers may cost something without any band: `per started hour down`.
        let slides = |per: &Spanned<Period>| matches!(per.value, Period::AnyDays(_));
        let counts = matches!(subject, ClauseLine::Per(per, measure, ..) if may_stand_alone(measure) && !slides(per));
        match amounts.as_slice() {
            [amount, ..] if bands.is_empty() && !counts => {
                let help = "say from which figure on it is owed: `below 95% credit 5% of fee`";
                self.error("figure_without_band", *amount, "this amount is owed whatever the figure is", help);
            }
            [_, second, ..] if bands.is_empty() => {
                self.error("said_twice", *second, "this clause has two amounts", "write `sum of (A, B)`");
            }
            [amount, ..] if !bands.is_empty() => {
                let help = "begin the line with its band: `below 95% credit …`";
                self.error("said_twice", *amount, "this amount belongs to no band", help);
            }
            _ => {}
        }
        let mut words = Vec::new();
        if known.agreement.promise_for(clause).is_some() {
            words.push("short");
        }
        if matches!(subject, ClauseLine::Per(_, measure, ..) if is_of_outages(measure)) {
            words.push("down");
        }
        self.units(clause, &words);
        self.bands(known, clause, subject);
    }

    fn pays_nothing(&mut self, clause: &Clause) {
        let message = format!("`{}` says no amount", clause.name.value);
        self.error("clause_without_amount", clause.name.span, message, "add `credit 2% of fee`");
    }

    fn units(&mut self, clause: &Clause, words: &[&str]) {
        for line in &clause.lines {
            if let Some(amount) = line.value.amount() {
                self.unit_words(amount, words);
            }
        }
    }

    fn unit_words(&mut self, amount: &Amount, words: &[&str]) {
        match &amount.kind {
            AmountKind::Rate(_, _, Some(unit), _)
            | AmountKind::Money(_, Some(unit), _)
            | AmountKind::Points(_, Some(unit)) => self.unit(unit, words),
            AmountKind::Greatest(all) | AmountKind::Least(all) | AmountKind::Sum(all) => {
                all.iter().for_each(|amount| self.unit_words(amount, words));
            }
            _ => {}
        }
    }

    fn unit(&mut self, unit: &Unit, words: &[&str]) {
        let counted = matches!(unit.of, UnitOf::Breach | UnitOf::Ticket | UnitOf::Outage);
        if counted && unit.part.is_some() {
            self.error(
                "unit_with_rounding",
                unit.span,
                "breaches, tickets and outages are whole",
                "take `started` or its like out",
            );
        }
        if !counted && unit.part.is_none() && !matches!(unit.of, UnitOf::Date) {
            let help = "say `per started hour`, `per completed hour` or `per pro rata hour`";
            self.error("unit_without_rounding", unit.span, "this does not say what a part of a unit counts as", help);
        }
        if matches!(unit.part, Some(Part::Started | Part::Completed)) && matches!(unit.of, UnitOf::Time(0)) {
            self.error("bad_duration", unit.span, "a unit of no time is none", "write how long it is");
        }
        let share = matches!(unit.of, UnitOf::Share(_));
        let is_short = unit.word.as_ref().is_some_and(|word| word.value == "short");
        let by_time = matches!(unit.of, UnitOf::Time(_) | UnitOf::WallTime(_)) && words.contains(&"down");
        if is_short && !share && !by_time {
            let help = "write `per started 0.1% short`; a service falls short by a time, too: `per started 30m short`";
            self.error("unit_does_not_fit", unit.span, "this figure does not fall short by such a unit", help);
            return;
        }
        let fits = match (&unit.word, share) {
            (Some(word), _) => words.contains(&word.value.as_str()) && (is_short || !share),
            (None, true) => words.contains(&"short"),
            (None, false) => counted || words.contains(&"late") || words.contains(&"down"),
        };
        if !fits {
            let message =
                format!("this clause has nothing that is {}", unit.word.as_ref().map_or("late", |word| &word.value));
            let help = match words {
                [] => "`short` needs one promise of this metric: add `promise 95% of …` to the tier".to_string(),
                words => format!("here a unit is followed by `{}`, or is `breach` or `ticket`", words.join("` or `")),
            };
            self.error("unit_does_not_fit", unit.span, message, help);
        }
    }

    /// What an amount is worked out from; a cap has no clause whose figure or fields it could look at.
    pub(super) fn amount(&mut self, known: &Known<'_>, amount: &Amount, clause: Option<&Clause>) {
        match &amount.kind {
            AmountKind::Rate(_, base, _, proportion) => {
                self.base(known, base, clause, amount.span);
                self.proportion(known, proportion.as_ref(), clause);
            }
            AmountKind::Money(_, _, proportion) => self.proportion(known, proportion.as_ref(), clause),
            AmountKind::Greatest(all) | AmountKind::Least(all) | AmountKind::Sum(all) => {
                all.iter().for_each(|amount| self.amount(known, amount, clause));
            }
            AmountKind::Points(..) => {}
            AmountKind::By(call) => self.credit_by(known, call, clause),
            AmountKind::Later(later) => self.not_built(later),
        }
    }

    fn base(&mut self, known: &Known<'_>, base: &Base, clause: Option<&Clause>, span: Span) {
        match (base, clause) {
            (Base::Later(later), _) => self.not_built(later),
            (Base::PriceOfDowntime(span), Some(clause)) => self.needs_service(clause, *span, "a downtime"),
            (Base::PriceOfDowntime(_), None) => {
                let help = "write a share of the fee, such as `10% of fee`";
                self.error("amount_does_not_fit", span, "a cap has no downtime of its own", help);
            }
            (Base::Field(name), _) => self.field_with_number(known, name, clause),
            _ => {}
        }
    }

    fn proportion(&mut self, known: &Known<'_>, proportion: Option<&Proportion>, clause: Option<&Clause>) {
        for name in proportion.iter().flat_map(|proportion| [&proportion.part, &proportion.whole]) {
            self.field_with_number(known, name, clause);
        }
    }

    /// A field is read of one ticket or outage, and a figure has many.
    fn field_with_number(&mut self, known: &Known<'_>, name: &Name, clause: Option<&Clause>) {
        self.reads.field(&name.value);
        if !known.fields.contains_key(&name.value) {
            self.unknown("field", name, known.fields.keys().map(String::as_str));
            return;
        }
        let is_single =
            |line: &Spanned<ClauseLine>| is_subject(&line.value) && !matches!(line.value, ClauseLine::Per(..));
        if !clause.is_some_and(|clause| clause.lines.iter().any(is_single)) {
            let message = format!("`{}` is a field of one ticket, and here are many", name.value);
            let help = "let the clause look at one at a time: `for each breach of …`, `for each ticket`";
            self.error("amount_does_not_fit", name.span, message, help);
        }
    }
}

fn is_subject(line: &ClauseLine) -> bool {
    matches!(
        line,
        ClauseLine::ForEachBreach(..)
            | ClauseLine::ForEachOutage(..)
            | ClauseLine::ForEachTicket(..)
            | ClauseLine::Per(..)
    )
}

/// Whether a figure may cost something without a band: time and things that are counted, not shares.
fn may_stand_alone(measure: &Measure) -> bool {
    match measure {
        Measure::Attainment(_) | Measure::Availability(_) | Measure::ShareOfTickets(_) => false,
        Measure::Over(_, _, of) => may_stand_alone(of),
        _ => true,
    }
}

/// Whether a figure has a downtime that units can count.
fn is_of_outages(measure: &Measure) -> bool {
    matches!(measure, Measure::Availability(_) | Measure::Downtime(_) | Measure::Outages(_))
}

fn spans(clause: &Clause, wanted: fn(&ClauseLine) -> bool) -> Vec<Span> {
    clause.lines.iter().filter(|line| wanted(&line.value)).map(|line| line.span).collect()
}
