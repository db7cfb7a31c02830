//! `for each FIELD in (…)`: a clause for each value of the list.

use crate::ast::{
    Amount, AmountKind, Base, Clause, ClauseLine, Condition, Each, Measure, Name, Owed, Statement, StatementKind,
    Tested,
};
use crate::source::Spanned;

/// A statement for each listed value of its clause; any other as it is.
pub(super) fn spread(statement: Statement) -> Vec<Statement> {
    let StatementKind::Clause(clause) = &statement.kind else { return vec![statement] };
    let listed = clause.lines.iter().find_map(|line| match &line.value {
        ClauseLine::ForEachValue(field, values, _) if !values.is_empty() => Some((field, values)),
        _ => None,
    });
    let Some((field, values)) = listed else { return vec![statement] };
    let of_value = |value: &Name| {
        let kind = StatementKind::Clause(for_value(clause, field, value));
        Statement { kind, ..statement.clone() }
    };
    values.iter().map(of_value).collect()
}

fn for_value(clause: &Clause, field: &Name, value: &Name) -> Clause {
    let is_service = field.value == SERVICE && clause.service() == Some(SERVICE);
    let mut clause = clause.clone();
    if field.value == SERVICE {
        clause.lines.iter_mut().for_each(|line| name_service(line, value));
    }
    if !is_service {
        let own = Condition { test: Tested::In(field.clone(), vec![value.clone()]), span: value.span };
        clause.when = Some(match clause.when.take() {
            Some(when) => Condition { span: when.span, test: Tested::All(vec![when, own]) },
            None => own,
        });
    }
    clause.each = Some(Each { of: field.clone(), value: value.clone(), is_service });
    clause
}

/// The name that stands for the service at hand.
const SERVICE: &str = "service";

fn name_service(line: &mut Spanned<ClauseLine>, service: &Name) {
    match &mut line.value {
        ClauseLine::Per(_, measure, ..) => of_measure(measure, service),
        ClauseLine::Amount(amount) | ClauseLine::Capped(amount, ..) => of_amount(amount, service),
        ClauseLine::Band(band) => {
            if let Owed::Amount(amount) | Owed::AmountBack(amount) = &mut band.owed {
                of_amount(amount, service);
            }
        }
        _ => {}
    }
}

fn of_measure(measure: &mut Measure, service: &Name) {
    match measure {
        Measure::Availability(name) | Measure::Downtime(name) | Measure::Outages(name) if name.value == SERVICE => {
            name.clone_from(service);
        }
        Measure::Over(_, _, of) => of_measure(of, service),
        _ => {}
    }
}

fn of_amount(amount: &mut Amount, service: &Name) {
    match &mut amount.kind {
        AmountKind::Rate(_, Base::Fee(Some(name)) | Base::MonthlyFee(Some(name)) | Base::YearlyFee(Some(name)), ..)
            if name.value == SERVICE =>
        {
            name.clone_from(service)
        }
        AmountKind::Greatest(all) | AmountKind::Least(all) | AmountKind::Sum(all) => {
            all.iter_mut().for_each(|amount| of_amount(amount, service));
        }
        _ => {}
    }
}
