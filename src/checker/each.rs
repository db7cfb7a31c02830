//! `for each FIELD`: a clause that is settled once per value.

use crate::ast::{Clause, Measure, Name};

use super::{Checker, Known};

impl Checker {
    /// Values need a figure that can be taken of each: of tickets by a field, or of the services that are listed.
    pub(super) fn each_value(&mut self, known: &Known<'_>, clause: &Clause, field: &Name, values: &[Name]) {
        let Some(measure) = clause.measure() else {
            let message = format!("nothing is measured for each `{}`", field.value);
            let help = "add the figure: `per month on attainment of resolution`";
            self.error("each_without_figure", field.span, message, help);
            return;
        };
        if clause.each.as_ref().is_some_and(|each| each.is_service) {
            return;
        }
        if measure.service().is_some() {
            let message = "a figure of a service is no figure of tickets that could be grouped";
            let help = "list the services: `for each service in (mail, files)`, and measure `availability of service`";
            self.error("each_without_figure", field.span, message, help);
        }
        if !measure.points_of().is_empty() {
            let help = "write `for each …` into the clauses that yield the points";
            self.error("points_counted_whole", field.span, "points are not told apart by a field", help);
        }
        // A list has become a condition on the field, which says so itself.
        if values.is_empty() && !["priority", "tier"].contains(&field.value.as_str()) {
            self.reads.field(&field.value);
            if !known.fields.contains_key(&field.value) {
                self.unknown("field", field, known.fields.keys().map(String::as_str));
            }
        }
    }
}

/// Whether a clause comes to as many figures as a field has values, which only the tickets tell.
pub(super) fn has_open_values(clause: &Clause) -> bool {
    let mut lines = clause.lines.iter().map(|line| &line.value);
    let is_service = |measure: &Measure| measure.service().is_some();
    clause.each.is_none()
        && !clause.measure().is_some_and(is_service)
        && lines.any(|line| matches!(line, crate::ast::ClauseLine::ForEachValue(..)))
}
