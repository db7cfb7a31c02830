//! Penalties and incentives: one thing they look at, and amounts that fit it.

use crate::ast::{Amount, AmountKind, Base, CapScope, Clause, ClauseLine, Measure, Part, Unit, UnitOf};
use crate::source::{Span, Spanned};

use super::condition::Sees;
use super::{Checker, Known};

impl Checker {
    pub(super) fn clause(&mut self, known: &Known<'_>, clause: &Clause) {
        if let Some(condition) = &clause.when {
            self.condition(known, condition, Sees::All);
        }
        for line in &clause.lines {
            self.clause_line(known, line);
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

    fn clause_line(&mut self, known: &Known<'_>, line: &Spanned<ClauseLine>) {
        match &line.value {
            ClauseLine::ForEachBreach(metric, condition) => {
                self.metric_name(known, metric);
                condition.iter().for_each(|condition| self.condition(known, condition, Sees::All));
            }
            ClauseLine::Per(period, measure, condition, _) => {
                self.period(period);
                match measure {
                    Measure::Attainment(metric) | Measure::Breaches(metric) => self.metric_name(known, metric),
                    Measure::Later(later) => self.not_built(later),
                }
                condition.iter().for_each(|condition| self.condition(known, condition, Sees::All));
            }
            ClauseLine::Band(band) => band.owed.amount().into_iter().for_each(|amount| self.amount(amount)),
            ClauseLine::Amount(amount) => self.amount(amount),
            ClauseLine::Unbanded(_) => {
                let help = "measure a figure, and begin the line with its band: `at least 99% …`";
                self.error("figure_without_band", line.span, "this is owed whatever happens", help);
            }
            ClauseLine::Capped(amount, scope, _) => {
                self.amount(amount);
                match &scope.value {
                    CapScope::Later(later) => self.not_built(later),
                    CapScope::Period(crate::ast::Period::Later(words)) => {
                        self.later_words(&format!("a cap per {words}"), scope.span);
                    }
                    _ => {}
                }
            }
            ClauseLine::CountedBy(word) => self.counted_by(word),
            ClauseLine::Claim(claim) => self.claim(known, claim),
            ClauseLine::Except(condition) => self.condition(known, condition, Sees::All),
            ClauseLine::Later(later) => self.not_built(later),
        }
    }

    /// A clause for each breach has one amount; a figure has bands.
    fn fits_subject(&mut self, known: &Known<'_>, clause: &Clause, subject: &ClauseLine) {
        let amounts: Vec<Span> = spans(clause, |line| matches!(line, ClauseLine::Amount(_)));
        let bands: Vec<Span> = spans(clause, |line| matches!(line, ClauseLine::Band(..)));
        if clause.lines.iter().any(|line| matches!(line.value, ClauseLine::Unbanded(_))) {
            return;
        }
        if let ClauseLine::ForEachBreach(..) = subject {
            if let Some(band) = bands.first() {
                let help = "bands need a figure: `per month on attainment of resolution`";
                self.error("band_without_figure", *band, "a single breach has no bands", help);
            }
            match amounts.as_slice() {
                [] if bands.is_empty() => self.pays_nothing(clause),
                [_, second, ..] => {
                    self.error("said_twice", *second, "this clause has two amounts", "write `sum of (A, B)`")
                }
                _ => {}
            }
            self.units(clause, &["late"]);
            return;
        }
        if bands.is_empty() && amounts.is_empty() {
            self.pays_nothing(clause);
        }
        if let (Some(amount), true) = (amounts.first(), bands.is_empty()) {
            let help = "say from which figure on it is owed: `below 95% credit 5% of fee`";
            self.error("figure_without_band", *amount, "this amount is owed whatever the figure is", help);
        } else if let Some(amount) = amounts.first() {
            self.error(
                "said_twice",
                *amount,
                "this amount belongs to no band",
                "begin the line with its band: `below 95% credit …`",
            );
        }
        let promised = known.agreement.promise_for(clause).is_some();
        self.units(clause, if promised { &["short"] } else { &[] });
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
            AmountKind::Rate(_, _, Some(unit)) | AmountKind::Money(_, Some(unit)) => self.unit(unit, words),
            AmountKind::Greatest(all) | AmountKind::Least(all) | AmountKind::Sum(all) => {
                all.iter().for_each(|amount| self.unit_words(amount, words));
            }
            _ => {}
        }
    }

    fn unit(&mut self, unit: &Unit, words: &[&str]) {
        let counted = matches!(unit.of, UnitOf::Breach | UnitOf::Ticket);
        if counted && unit.part.is_some() {
            self.error(
                "unit_with_rounding",
                unit.span,
                "breaches and tickets are whole",
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
        let fits = match (&unit.word, share) {
            (Some(word), _) => words.contains(&word.value.as_str()),
            (None, true) => words.contains(&"short"),
            (None, false) => counted || words.contains(&"late"),
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

    /// What is not built in an amount.
    pub(super) fn amount(&mut self, amount: &Amount) {
        match &amount.kind {
            AmountKind::Rate(_, Base::Later(later), _) | AmountKind::Later(later) => self.not_built(later),
            AmountKind::Greatest(all) | AmountKind::Least(all) | AmountKind::Sum(all) => {
                all.iter().for_each(|amount| self.amount(amount));
            }
            AmountKind::Rate(..) | AmountKind::Money(..) => {}
        }
    }
}

fn is_subject(line: &ClauseLine) -> bool {
    matches!(line, ClauseLine::ForEachBreach(..) | ClauseLine::Per(..))
}

fn spans(clause: &Clause, wanted: fn(&ClauseLine) -> bool) -> Vec<Span> {
    clause.lines.iter().filter(|line| wanted(&line.value)).map(|line| line.span).collect()
}
