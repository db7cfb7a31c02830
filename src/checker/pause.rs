//! Pauses that never end: every state is inside of them, or no row of the source leads out.

use std::collections::BTreeSet;

use crate::ast::{Meaning, MetricLine, Pause, Source, SourceLine, StatementKind};
use crate::diagnostic::Diagnostic;
use crate::source::Spanned;

use super::condition::{Sees, builtin};
use super::states::{Axis, State, States, Value};
use super::{Checker, Known};

impl Checker {
    /// Pauses of one metric that nothing ends. One that has a longest length or an event that ends it ends.
    pub(super) fn endless_pauses(&mut self, known: &Known<'_>, lines: &[Spanned<MetricLine>]) {
        let pauses = lines.iter().filter_map(|line| match &line.value {
            MetricLine::Pauses(pause) if pause.until.is_none() && pause.at_most.is_none() => Some(pause),
            _ => None,
        });
        for pause in pauses {
            if let Some(fault) = endless(known, pause) {
                self.push(fault);
            }
        }
    }
}

fn endless(known: &Known<'_>, pause: &Pause) -> Option<Diagnostic> {
    let states = States::new(known, Sees::All, &[&pause.when])?;
    let is_inside = |state: &State| states.holds(&pause.when, state);
    let warning = |message: &str| Diagnostic::warning("endless_pause", pause.when.span, message);
    if states.all().all(|state| is_inside(&state)) {
        let first = states.words(&states.all().next()?);
        let fault = warning(match &pause.only_after {
            None => "every ticket is in this pause, whatever its state is: the clock never counts",
            Some(_) => "after this event every ticket is in this pause, whatever its state is",
        });
        return Some(fault.witness(format!("it holds with {first}, and with all else")).help(HELP));
    }
    let source = source(known)?;
    let moves = Moves::new(source, &states)?;
    let inside: Vec<State> = states.all().filter(|state| moves.reach(state) && is_inside(state)).collect();
    if inside.iter().any(|state| moves.from(state).iter().any(|next| !is_inside(next))) {
        return None;
    }
    let first = states.words(inside.first()?);
    let fault = if moves.are_none {
        warning("nothing ends this pause: the source has one row per ticket, and its fields never change")
            .witness(format!("a ticket with {first} is paused for good"))
    } else {
        warning("nothing ends this pause: no row of the source leads out of it")
            .witness(format!("a ticket with {first} stays in it, whatever its rows say"))
    };
    Some(fault.label(source.name.span, "the source").help(HELP))
}

const HELP: &str = "name the state in which the clock waits, and see that the source tells when it is over; or limit the \
                    pause: `until EVENT`, `at most 10 days`";

fn source<'k>(known: &Known<'k>) -> Option<&'k Source> {
    known.find(|kind| match kind {
        StatementKind::TicketsFrom(name) => known.scope.source(&name.value),
        _ => None,
    })
}

/// What the rows of a source can do to the fields of some states.
struct Moves {
    /// For each axis the places of the values that a row can give it.
    to: Vec<Vec<usize>>,
    /// For each axis the place of its absence: before a row tells it, a field has no value.
    absent: Vec<usize>,
    /// A ticket has one row, after which nothing changes.
    are_none: bool,
}

impl Moves {
    /// None where a field is not told by the source, or is no field.
    fn new(source: &Source, states: &States<'_>) -> Option<Moves> {
        let mut moves = Moves { to: Vec::new(), absent: Vec::new(), are_none: false };
        moves.are_none = source.lines.iter().any(|line| matches!(line.value, SourceLine::OneRowPer(_)));
        for axis in &states.axes {
            if builtin(axis.name, Sees::All) {
                return None;
            }
            let told = Told::new(source, axis.name)?;
            let places = axis.values.iter().enumerate().filter(|(_, value)| told.can_be(value, axis));
            moves.to.push(places.map(|(place, _)| place).collect());
            moves.absent.push(axis.values.iter().position(|value| *value == Value::Absent)?);
        }
        Some(moves)
    }

    /// Whether rows can lead to a state at all.
    fn reach(&self, state: &[usize]) -> bool {
        let mut axes = state.iter().zip(self.to.iter().zip(&self.absent));
        axes.all(|(place, (to, absent))| place == absent || to.contains(place))
    }

    /// The states that one change leads to. Rows that change several fields lead where several such changes do.
    fn from(&self, state: &State) -> Vec<State> {
        let axes = self.to.iter().enumerate().filter(|_| !self.are_none);
        let changed = axes.flat_map(|(axis, to)| {
            to.iter().map(move |place| {
                let mut next = state.clone();
                if let Some(slot) = next.get_mut(axis) {
                    *slot = *place;
                }
                next
            })
        });
        changed.collect()
    }
}

/// What the rows of a source can say of one field.
struct Told<'s> {
    values: BTreeSet<&'s str>,
    /// It may be any value.
    any: bool,
    /// It may lose its value: a snapshot shows that it is empty.
    none: bool,
}

impl<'s> Told<'s> {
    fn new(source: &'s Source, field: &str) -> Option<Told<'s>> {
        let mut told = Told { values: BTreeSet::new(), any: false, none: false };
        let mut is_told = false;
        let is_snapshot = source.lines.iter().any(|line| matches!(line.value, SourceLine::Snapshot));
        for line in &source.lines {
            match &line.value {
                SourceLine::Field(column) if column.name.value == field => {
                    is_told = true;
                    told.none |= is_snapshot || !column.when.is_empty();
                    told.any |= column.values.is_empty();
                    for meaning in column.values.iter().flat_map(|mapping| &mapping.meanings) {
                        match meaning {
                            Meaning::Is(value) => {
                                told.values.insert(&value.value);
                            }
                            Meaning::Kept => told.any = true,
                            Meaning::Sets(..) | Meaning::Ignored => {}
                        }
                    }
                }
                SourceLine::Event(event) => {
                    for meaning in event.values.iter().flat_map(|mapping| &mapping.meanings) {
                        if let Meaning::Sets(name, value) = meaning
                            && name.value == field
                        {
                            is_told = true;
                            told.values.insert(&value.value);
                        }
                    }
                }
                _ => {}
            }
        }
        is_told.then_some(told)
    }

    fn can_be(&self, value: &Value<'_>, axis: &Axis<'_>) -> bool {
        let is_named = |text: &str| axis.values.contains(&Value::Text(text));
        match value {
            Value::Text(text) => self.any || self.values.contains(text),
            Value::Other => self.any || self.values.iter().any(|text| !is_named(text)),
            Value::Number(_) => self.any,
            Value::Absent => self.none,
        }
    }
}
