//! Bands: tables whose rows overlap, leave holes, run the wrong way or contradict the promise, each with a figure that
//! falls wrongly.

use num_traits::Signed;

use crate::ast::{Amount, AmountKind, Base, Bound, Clause, ClauseLine, Comparison, FigureForm, Measure, Run, RunKind};
use crate::diagnostic::Diagnostic;
use crate::money::{Fraction, exact, percent, whole};
use crate::source::Span;
use crate::time::{Millis, spell};

use super::{Checker, Known};

/// One row of a table.
struct Row<'a> {
    bounds: &'a [Bound],
    run: Option<&'a Run>,
    /// None where what follows is no amount that can be compared.
    amount: Option<&'a Amount>,
    span: Span,
}

impl Checker {
    pub(super) fn bands(&mut self, known: &Known<'_>, clause: &Clause, subject: &ClauseLine) {
        let ClauseLine::Per(period, measure, ..) = subject else { return };
        let rows: Vec<Row<'_>> = clause
            .lines
            .iter()
            .filter_map(|line| match &line.value {
                ClauseLine::Band(band) => {
                    let run = band.run.as_ref();
                    Some(Row { bounds: &band.bounds, run, amount: band.owed.amount(), span: line.span })
                }
                _ => None,
            })
            .collect();
        rows.iter().filter_map(|row| row.run).for_each(|run| self.run(known, run, &period.value));
        clause.lines.iter().for_each(|line| {
            if let ClauseLine::Band(band) = &line.value {
                self.incentive(known, clause, band, line.span);
            }
        });
        let share = is_share(known, measure);
        for bound in rows.iter().flat_map(|row| row.bounds) {
            self.bound_fits(known, bound, measure);
        }
        let two_sided = rows.iter().filter(|row| row.bounds.len() == 2).count();
        if two_sided == rows.len() {
            rows.iter().for_each(|row| self.two_sided(row.bounds, row.span));
            by_run(&rows).iter().for_each(|rows| self.disjoint(rows));
            self.longer_pays_more(&rows);
            self.against_promises(known, measure, &rows);
            return;
        }
        if let (true, Some(row)) = (two_sided > 0, rows.iter().find(|row| row.bounds.len() == 2)) {
            self.error(
                "mixed_bands",
                row.span,
                "this table has rows with one bound and rows with two",
                "write all rows one way",
            );
            return;
        }
        self.one_sided(&rows, share, clause.is_penalty);
        self.against_promises(known, measure, &rows);
    }

    fn against_promises(&mut self, known: &Known<'_>, measure: &Measure, rows: &[Row<'_>]) {
        let promises: Vec<(&Fraction, Span)> = match measure {
            Measure::Attainment(metric) => {
                let promises = known.tiers.iter().flat_map(|tier| &tier.promises);
                let of_metric = promises.filter(|promise| promise.metric.value == metric.value);
                of_metric.map(|promise| (&promise.share.value, promise.span)).collect()
            }
            Measure::Availability(service) => {
                let promises = known.agreement.availability_promises(&service.value);
                promises.map(|(share, span)| (&share.value, span)).collect()
            }
            _ => Vec::new(),
        };
        promises.iter().for_each(|(share, span)| self.agrees_with_promise(share, *span, rows));
        // A table may be of the tier that promises least.
        let least = promises.iter().min_by(|a, b| a.0.cmp(b.0));
        least.into_iter().for_each(|(share, span)| self.reaches_promise(share, *span, rows));
    }

    /// A bound is written as its figure is counted: a share, a time or a number.
    pub(super) fn bound_fits(&mut self, known: &Known<'_>, bound: &Bound, measure: &Measure) {
        let form = written(known, measure);
        let (wanted, help) = match form {
            Some(FigureForm::Percentage) => ("this figure is a percentage", "write `95%`"),
            Some(FigureForm::Duration) => ("this figure is a time", "write how long: `above 4h`"),
            _ => ("these are counted, not shared", "write a number: `above 3`"),
        };
        let fits = match form {
            // Whatever a plugin counts in.
            None if matches!(measure, Measure::By(_)) => bound.form != FigureForm::Duration,
            None => matches!(bound.form, FigureForm::Number | FigureForm::Money),
            Some(form) => form == bound.form,
        };
        if !fits {
            let code = if bound.form == FigureForm::Duration || form == Some(FigureForm::Duration) {
                "bad_bound"
            } else {
                "bad_percentage"
            };
            self.error(code, bound.span, wanted, help);
        } else if form == Some(FigureForm::Percentage) && bound.value > whole(1) {
            self.error("bad_percentage", bound.span, "no share is over 100 %", "write a share up to 100%");
        }
    }

    /// Rows with one bound nest: they look the same way, and the narrower one pays no less.
    fn one_sided(&mut self, rows: &[Row<'_>], share: bool, is_penalty: bool) {
        let Some(first) = rows.first().and_then(|row| row.bounds.first()) else { return };
        let downwards = looks_down(first.comparison);
        for row in rows {
            let Some(bound) = row.bounds.first() else { continue };
            if looks_down(bound.comparison) != downwards {
                let fault = Diagnostic::error("mixed_bands", bound.span, "this row looks the other way");
                let fault = fault.label(first.span, "than this one");
                self.push(fault.help("write two clauses, or rows with two bounds"));
                return;
            }
        }
        if is_penalty && share && !downwards && !rows.is_empty() {
            let witness = "at 100 % a penalty is owed";
            let fault =
                Diagnostic::warning("band_runs_the_wrong_way", first.span, "this penalty is owed for good service");
            self.push(fault.witness(witness).help("a penalty on attainment reads `below 95% …`"));
        }
        by_run(rows).iter().for_each(|rows| self.narrower_pays_more(rows, downwards));
        self.longer_pays_more(rows);
    }

    /// A row that asks for more periods goes before one that asks for fewer, so it pays no less.
    fn longer_pays_more(&mut self, rows: &[Row<'_>]) {
        for long in rows {
            let short = rows.iter().find(|short| {
                let pays_less = long.amount.and_then(comparable).zip(short.amount.and_then(comparable));
                periods_asked(short.run) < periods_asked(long.run)
                    && pays_less.is_some_and(|(long, short)| long < short)
            });
            if let Some(short) = short {
                let message = "this row asks for more periods and pays less";
                let fault = Diagnostic::warning("worse_pays_less", long.span, message);
                let fault = fault.label(short.span, "this one pays more");
                let witness = "where both hold, the row that asks for more periods applies, alone";
                self.push(fault.witness(witness).help("check which amount belongs to which row, or write two clauses"));
            }
        }
    }

    fn narrower_pays_more(&mut self, rows: &[&Row<'_>], downwards: bool) {
        let mut sorted: Vec<&Row<'_>> = rows.to_vec();
        sorted.sort_by(|a, b| {
            let value = |row: &Row<'_>| row.bounds.first().map(|bound| bound.value.clone());
            if downwards { value(b).cmp(&value(a)) } else { value(a).cmp(&value(b)) }
        });
        for (place, (wide, narrow)) in sorted.iter().zip(sorted.iter().skip(1)).enumerate() {
            let narrower = sorted.get(place + 2).and_then(|row| row.bounds.first());
            let (Some(wide_bound), Some(narrow_bound)) = (wide.bounds.first(), narrow.bounds.first()) else { continue };
            if wide_bound.value == narrow_bound.value && wide_bound.comparison == narrow_bound.comparison {
                let fault = Diagnostic::error("overlapping_bands", narrow.span, "two rows have the same bound");
                self.push(fault.label(wide.span, "this one").help("keep one of them"));
            } else if wide
                .amount
                .and_then(comparable)
                .zip(narrow.amount.and_then(comparable))
                .is_some_and(|(wide, narrow)| narrow < wide)
            {
                let inside = inside(narrow_bound, wide_bound, narrower);
                let witness = format!("at {} less is owed than just outside of it", figure(narrow_bound, &inside));
                let fault = Diagnostic::warning(
                    "worse_pays_less",
                    narrow.span,
                    "this narrower row pays less than the wider one",
                );
                self.push(
                    fault
                        .label(wide.span, "this one pays more")
                        .witness(witness)
                        .help("check which amount belongs to which row"),
                );
            }
        }
    }

    /// Whether a figure can lie between two bounds.
    pub(super) fn two_sided(&mut self, bounds: &[Bound], span: Span) {
        let [a, b] = bounds else { return };
        let (low, high) = if looks_down(a.comparison) { (b, a) } else { (a, b) };
        if looks_down(low.comparison) == looks_down(high.comparison) || high.value < low.value {
            self.error("empty_band", span, "no figure lies in this row", "write `above 99.0% and at most 99.9%`");
        }
    }

    /// Rows as printed must not overlap; a hole between two is told with a figure that falls in it.
    fn disjoint(&mut self, rows: &[&Row<'_>]) {
        let mut sorted: Vec<(&Bound, &Bound, Span)> = rows
            .iter()
            .filter_map(|row| {
                let [a, b] = row.bounds else { return None };
                Some(if looks_down(a.comparison) { (b, a, row.span) } else { (a, b, row.span) })
            })
            .collect();
        sorted.sort_by(|a, b| a.0.value.cmp(&b.0.value));
        for ((_, high, lower), (low, _, upper)) in sorted.iter().zip(sorted.iter().skip(1)) {
            let both_hold = high.comparison == Comparison::AtMost && low.comparison == Comparison::AtLeast;
            let neither = high.comparison == Comparison::Below && low.comparison == Comparison::Above;
            let witness = figure(low, &low.value);
            if low.value < high.value || (low.value == high.value && both_hold) {
                let fault =
                    Diagnostic::error("overlapping_bands", *upper, "these rows overlap").label(*lower, "with this one");
                self.push(
                    fault.witness(format!("{witness} lies in both")).help("let one row end where the next begins"),
                );
            } else if high.value < low.value || neither {
                let at = if neither { witness } else { figure(low, &((&high.value + &low.value) / whole(2))) };
                let fault = Diagnostic::warning("hole_between_bands", *upper, "between these rows nothing is owed")
                    .label(*lower, "after this one");
                self.push(fault.witness(format!("{at} lies in none")).help("let one row begin where the other ends"));
            }
        }
    }

    /// A promise that is kept should cost nothing, one that is missed something.
    fn agrees_with_promise(&mut self, share: &Fraction, promised: Span, rows: &[Row<'_>]) {
        let ends_there = |bound: &Bound| bound.comparison == Comparison::AtMost && bound.value == *share;
        if let Some(row) = rows.iter().find(|row| row.bounds.iter().any(ends_there)) {
            let message = "this row is owed though the promise is kept";
            let witness = format!("at exactly {} the promise is kept, and the credit is owed", percent(share));
            let fault = Diagnostic::warning("band_against_promise", row.span, message).label(promised, "promised here");
            self.push(fault.witness(witness).help("write `below` in place of `at most`"));
        }
    }

    /// Rows that stand as printed begin where the promise ends.
    fn reaches_promise(&mut self, share: &Fraction, promised: Span, rows: &[Row<'_>]) {
        let upper = |row: &Row<'_>| match row.bounds {
            [a, b] => Some((if looks_down(a.comparison) { a } else { b }.value.clone(), row.span)),
            _ => None,
        };
        let Some(uppers) = rows.iter().map(upper).collect::<Option<Vec<_>>>() else { return };
        let Some((top, row)) = uppers.into_iter().max_by(|a, b| a.0.cmp(&b.0)) else { return };
        if top < *share {
            let message = "between this row and the promise nothing is owed";
            let witness = format!("{} misses the promise, and lies in no row", percent(&((&top + share) / whole(2))));
            let fault = Diagnostic::warning("hole_below_promise", row, message).label(promised, "promised here");
            self.push(fault.witness(witness).help("let the row end where the promise begins"));
        }
    }
}

/// How a figure's bounds are written; none: as a number, or an amount of money.
pub(super) fn written(known: &Known<'_>, measure: &Measure) -> Option<FigureForm> {
    match measure {
        Measure::Attainment(_) | Measure::Availability(_) | Measure::ShareOfTickets(_) => Some(FigureForm::Percentage),
        Measure::Downtime(_) => Some(FigureForm::Duration),
        Measure::Statistic(_, name) if known.metrics.contains(&name.value.as_str()) => Some(FigureForm::Duration),
        Measure::Over(_, _, of) => written(known, of),
        _ => None,
    }
}

pub(super) fn is_share(known: &Known<'_>, measure: &Measure) -> bool {
    written(known, measure) == Some(FigureForm::Percentage)
}

/// Rows that ask the same of the periods before, in file order.
fn by_run<'r, 'a>(rows: &'r [Row<'a>]) -> Vec<Vec<&'r Row<'a>>> {
    let mut groups: Vec<Vec<&Row<'_>>> = Vec::new();
    for row in rows {
        let same = |group: &&mut Vec<&Row<'_>>| group.first().is_some_and(|first| same_run(first.run, row.run));
        match groups.iter_mut().find(same) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}

/// Whether two runs ask the same, wherever they stand.
fn same_run(a: Option<&Run>, b: Option<&Run>) -> bool {
    match (a.map(|run| &run.kind), b.map(|run| &run.kind)) {
        (None, None) => true,
        (Some(RunKind::InARow(a, _)), Some(RunKind::InARow(b, _))) => a.value == b.value,
        (Some(RunKind::Of(a, of_a, _)), Some(RunKind::Of(b, of_b, _))) => {
            (a.value, of_a.value) == (b.value, of_b.value)
        }
        (Some(RunKind::After(a, x)), Some(RunKind::After(b, y))) => (a.value, &x.value) == (b.value, &y.value),
        _ => false,
    }
}

fn periods_asked(run: Option<&Run>) -> i64 {
    match run.map(|run| &run.kind) {
        None => 0,
        Some(RunKind::InARow(count, _) | RunKind::Of(count, ..)) => count.value,
        Some(RunKind::After(..)) => 1,
    }
}

fn looks_down(comparison: Comparison) -> bool {
    matches!(comparison, Comparison::Below | Comparison::AtMost)
}

/// A figure for which a row holds and no narrower one does.
fn inside(bound: &Bound, wider: &Bound, narrower: Option<&Bound>) -> Fraction {
    let value = &bound.value;
    if matches!(bound.comparison, Comparison::AtMost | Comparison::AtLeast) {
        return value.clone();
    }
    let downwards = looks_down(bound.comparison);
    let half_way = |other: &Fraction| (value + other) / whole(2);
    let found = match narrower {
        Some(narrower) => half_way(&narrower.value),
        // As far on as the wider row's bound lies back.
        None => half_way(&(value + value - &wider.value)),
    };
    let next = if downwards { value.ceil() - whole(1) } else { value.floor() + whole(1) };
    let before_narrower = narrower.is_none_or(|n| if downwards { n.value < next } else { next < n.value });
    match bound.form {
        FigureForm::Number if before_narrower && !next.is_negative() => next,
        FigureForm::Percentage if whole(1) < found => half_way(&whole(1)),
        _ if found.is_negative() => half_way(&whole(0)),
        _ => found,
    }
}

/// A figure in the words of a bound.
fn figure(like: &Bound, value: &Fraction) -> String {
    match like.form {
        FigureForm::Percentage => percent(value),
        FigureForm::Duration => spell(value.floor().to_integer().try_into().unwrap_or(Millis::MAX)),
        FigureForm::Money | FigureForm::Number => exact(value),
    }
}

/// Amounts that can be compared without knowing a fee: plain shares of the same fee, and sums.
fn comparable(amount: &Amount) -> Option<Fraction> {
    match &amount.kind {
        AmountKind::Rate(rate, Base::Fee(None), None, None) | AmountKind::Points(rate, None) => Some(rate.clone()),
        _ => None,
    }
}
