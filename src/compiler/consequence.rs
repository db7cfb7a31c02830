//! Consequences.

use crate::ast::{self, RunKind};
use crate::plan::clause::Period;
use crate::plan::consequence::{Ladder, Reached, Rung, Window};
use crate::source::Span;

use super::Compiler;
use super::clause::{Named, bounds, run, small};
use super::condition::Sees;

impl Compiler<'_> {
    pub(super) fn ladder(
        &mut self,
        consequences: &ast::Consequences,
        mark: Option<&ast::Text>,
        head: Span,
        named: Named<'_>,
    ) -> Ladder {
        let rungs = consequences.rungs.iter().filter_map(|rung| {
            Some(Rung {
                reached: self.reached(&rung.reached, named)?,
                step: rung.then.value.clone(),
                expires: rung.expires.as_ref().map(|expires| expires.value),
                place: self.place(None, rung.span),
            })
        });
        let rungs = rungs.collect();
        Ladder {
            of: consequences.of.value.clone(),
            place: self.place(mark, head),
            when: self.maybe(consequences.when.as_ref(), Sees::All),
            rungs,
        }
    }

    fn reached(&mut self, reached: &ast::Reached, named: Named<'_>) -> Option<Reached> {
        Some(match reached {
            ast::Reached::Breaches(count, window, unit, cut) => {
                let window = Window { count: small(window), unit: unit_period(&unit.value), cut: *cut };
                Reached::Breaches { count: small(count), window }
            }
            ast::Reached::Band(measure, between, asked) => Reached::Band {
                measure: self.measure(measure, named)?,
                per: period_of_run(asked.as_ref()),
                bounds: bounds(between),
                run: asked.as_ref().map(run),
            },
        })
    }
}

/// The periods that a run counts; months where it does not say.
fn period_of_run(run: Option<&ast::Run>) -> Period {
    match run.map(|run| &run.kind) {
        Some(RunKind::InARow(_, unit) | RunKind::Of(_, _, unit)) => unit_period(&unit.value),
        Some(RunKind::After(..)) | None => Period::Month,
    }
}

fn unit_period(word: &str) -> Period {
    match word.trim_end_matches('s') {
        "day" => Period::Day,
        "week" => Period::Week,
        "quarter" => Period::Quarter,
        "year" => Period::Year,
        _ => Period::Month,
    }
}
