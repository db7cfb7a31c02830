//! From a checked agreement to what will be executed. Nothing can be wrong any more: the checker has found it.

mod agreement;
mod availability;
mod calendar;
mod claim;
mod clause;
mod closed;
mod condition;
mod consequence;
mod metric;
mod plugin;
mod reading;
mod source;
mod supplier;
mod tier;

use crate::ast;
use crate::checker::Checked;
use crate::plan::{CalendarId, NamedCalendar, Place, Plan, Version};
use crate::resolver::{Resolved, Root};
use crate::source::{Sources, Span};

/// The plan of everything that was checked. A portfolio shares its calendars, sources and names.
pub fn compile(checked: &Checked) -> Plan {
    let resolved = checked.resolved();
    let mut compiler = Compiler { resolved: Some(resolved), ..Compiler::new(&resolved.sources, Plan::default()) };
    let always = crate::calendar::CalendarSpec::Always;
    compiler.plan.calendars.push(NamedCalendar { name: "always".to_string(), spec: always, at: None });
    compiler.plan.vocabulary.event("created");
    // Outcomes name the customer, whether or not an agreement looks at it.
    compiler.plan.vocabulary.field("customer");
    for root in &checked.resolved().roots {
        compiler.root(root);
    }
    compiler.plan
}

/// A condition that stands outside of agreements, such as a filter; its fields and values become known to the plan.
pub fn filter(plan: &mut Plan, sources: &Sources, condition: &ast::Condition) -> crate::plan::condition::Condition {
    let mut compiler = Compiler::new(sources, std::mem::take(plan));
    let compiled = compiler.condition(condition, condition::Sees::All);
    *plan = compiler.plan;
    compiled
}

/// A measure that stands outside of agreements, such as one that a test gives, by a version of an agreement of the plan;
/// none where it is of something that this version does not have.
pub fn measure(
    plan: &mut Plan,
    sources: &Sources,
    version: &Version,
    measure: &ast::Measure,
) -> Option<crate::plan::clause::Measure> {
    let metrics: Vec<String> = version.metrics.iter().map(|metric| metric.name.clone()).collect();
    let mut compiler = Compiler::new(sources, std::mem::take(plan));
    let named = clause::Named { metrics: &metrics, services: &version.services, promise: None };
    let compiled = compiler.measure(measure, named);
    *plan = compiler.plan;
    compiled
}

struct Compiler<'r> {
    sources: &'r Sources,
    plan: Plan,
    /// Where the files of suppliers are; none where nothing is looked at that could name one.
    resolved: Option<&'r Resolved>,
    /// The plugins that the agreement at hand can call.
    calls: plugin::Calls,
}

impl<'r> Compiler<'r> {
    fn new(sources: &'r Sources, plan: Plan) -> Compiler<'r> {
        Compiler { sources, plan, resolved: None, calls: plugin::Calls::default() }
    }
}

impl Compiler<'_> {
    fn root(&mut self, root: &Root) {
        for declared in &root.scope.sources {
            if let Some(source) = source::compile(declared)
                && !self.plan.sources.contains(&source)
            {
                self.plan.sources.push(source);
            }
        }
        for agreement in &root.agreements {
            let compiled = self.agreement(root, agreement);
            self.plan.agreements.push(compiled);
        }
    }

    /// Where a statement stands, with its words on one line.
    fn place(&self, mark: Option<&ast::Text>, span: Span) -> Place {
        let at = format!("{}:{}", self.sources.path(span), self.sources.start(span));
        let words = self.words(span);
        // What a statement does to an inherited one is no part of what it says.
        let words = words.strip_prefix("override ").map_or(words.clone(), str::to_string);
        Place { mark: mark.map(|mark| format!("§ {}", mark.value)), at, words }
    }

    /// What stands at a place, on one line, comments left out.
    fn words(&self, span: Span) -> String {
        let text = self.sources.text(span);
        let tokens = crate::parser::tokens(text);
        let mut words = String::new();
        let mut end = 0;
        for token in tokens.iter().filter(|token| !token.is_comment()) {
            let gap = text.get(end..token.start).is_some_and(|gap| !gap.is_empty()) && end > 0;
            if gap {
                words.push(' ');
            }
            words.push_str(text.get(token.start..token.end).unwrap_or(""));
            end = token.end;
        }
        words
    }

    /// The place of a calendar with this name, for an agreement in this zone.
    fn calendar_id(&mut self, root: &Root, zone: chrono_tz::Tz, name: &str) -> CalendarId {
        if name == "always" {
            return CalendarId::ALWAYS;
        }
        let spec = calendar::spec(&root.scope, zone, name, 0);
        self.known_calendar(root, name, spec)
    }

    fn known_calendar(&mut self, root: &Root, name: &str, spec: crate::calendar::CalendarSpec) -> CalendarId {
        let known = self.plan.calendars.iter().position(|known| known.name == name && known.spec == spec);
        let place = known.unwrap_or_else(|| {
            let declared = root.scope.calendar(name).map(|calendar| self.place(None, calendar.name.span).at);
            self.plan.calendars.push(NamedCalendar { name: name.to_string(), spec, at: declared });
            self.plan.calendars.len() - 1
        });
        CalendarId(u16::try_from(place).unwrap_or(u16::MAX))
    }
}
