//! Plugins as the settlement asks them: what they are told, and what becomes of their answers.

use std::cell::RefCell;
use std::fmt;

use num_traits::Zero;

use crate::money::{Currency, Fraction, whole};
use crate::outcome::{Snapshot, Status};
use crate::plan::Agreement;
use crate::plan::clause::Clause;
use crate::plan::plugin::PluginCall;
use crate::plugin::answer::Assessed;
use crate::plugin::context::{Breach, Context, Fee, Money, Outage, Period, decimal};
use crate::plugin::{Answer, Asked, Failed, Failure, Kind, Question, answer};
use crate::statement::PeriodSpan;
use crate::ticket::Names;

use super::amount::{Terms, Worked};
use super::clocks::Clock;
use super::downtime::WholeOutage;
use super::fee::{Fees, Lines};

/// What happened to the plugins of one settlement.
#[derive(Debug, Default)]
pub(super) struct Asker {
    /// The first call without an answer.
    failed: RefCell<Option<Failed>>,
    /// Every question, where they are wanted.
    asked: RefCell<Vec<Asked>>,
    keeps: bool,
}

impl Asker {
    /// One that keeps the questions, or not.
    pub fn new(keeps: bool) -> Asker {
        Asker { keeps, ..Asker::default() }
    }

    /// What was asked, in the order asked.
    ///
    /// # Errors
    /// The first call that had no answer.
    pub fn done(self) -> Result<Vec<Asked>, Failed> {
        match self.failed.into_inner() {
            Some(failed) => Err(failed),
            None => Ok(self.asked.into_inner()),
        }
    }

    /// Asks what a call is of, and keeps the question where that is wanted.
    fn ask(&self, call: &PluginCall, context: &Context, credit: Option<&Money>) -> Result<Answer, Failure> {
        if self.keeps {
            let (plugin, kind) = (call.name.clone(), call.kind);
            let asked = Asked { plugin, kind, context: context.clone(), credit: credit.cloned() };
            self.asked.borrow_mut().push(asked);
        }
        let question = match (call.kind, credit) {
            (Kind::Measure, _) => Question::Measure(context),
            (_, Some(credit)) => Question::Margin(context, credit),
            _ => Question::Credit(context),
        };
        call.plugin.ask(&question, &call.limits).map(|reply| reply.answer)
    }

    /// Stops the settlement for a call that another one made.
    pub fn stop(&self, failed: Failed) {
        self.failed.borrow_mut().get_or_insert(failed);
    }

    fn fail(&self, call: &PluginCall, clause: &str, of: &str, failure: Failure) {
        let failed = Failed { plugin: call.name.clone(), clause: clause.to_string(), of: of.to_string(), failure };
        self.stop(failed);
    }

    /// A figure that bands can test; none where there is no answer, which stops the settlement.
    pub fn figure(&self, call: &PluginCall, clause: &str, of: &str, context: &Context) -> Option<Fraction> {
        match self.ask(call, context, None).and_then(answer::figure) {
            Ok(figure) => Some(figure),
            Err(failure) => {
                self.fail(call, clause, of, failure);
                None
            }
        }
    }
}

/// What one question tells besides fees and arguments.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    /// What it is about, for messages: `ticket T-1`, `2025-03`.
    pub of: String,
    pub period: Option<Period>,
    pub earlier: Vec<Period>,
    pub breaches: Vec<Breach>,
    pub outages: Vec<Outage>,
}

/// Where an amount can ask a plugin.
#[derive(Clone, Copy)]
pub(super) struct Calls<'a> {
    pub asker: &'a Asker,
    pub clause: &'a Clause,
    /// Worked out only if a plugin is asked.
    pub tell: &'a dyn Fn(&PluginCall) -> Told,
}

impl fmt::Debug for Calls<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Calls").field("clause", &self.clause.name).finish_non_exhaustive()
    }
}

impl Terms<'_> {
    /// What a plugin proposes, or what is owed where it fails.
    pub fn by_plugin(&self, call: &PluginCall) -> Worked {
        self.asked(call, None, |answer| answer::assessment(answer, call.kind, self.currency))
    }

    /// What a supplier pays back of an amount, as a plugin says.
    pub fn share_by_plugin(&self, call: &PluginCall, credit: &Money, amount: &Fraction) -> Worked {
        self.asked(call, Some(credit), |answer| answer::share(answer, self.currency, amount))
    }

    /// Asks, and takes over what `taken` does of the answer; where there is none, what is agreed for that, or the settlement
    /// stops.
    fn asked(
        &self,
        call: &PluginCall,
        credit: Option<&Money>,
        taken: impl FnOnce(Answer) -> Result<Assessed, Failure>,
    ) -> Worked {
        let Some(calls) = self.calls else { return nothing() };
        let told = (calls.tell)(call);
        let of = told.of.clone();
        let context = context(calls.clause, self.fees, told, call, |lines| self.owed(lines, self.period));
        match (calls.asker.ask(call, &context, credit).and_then(taken), &call.on_failure) {
            (Ok(Assessed { amount, note }), _) => {
                let note = if note.is_empty() { String::new() } else { format!(": {note}") };
                let words = format!("{} by {}{note}", self.money(&amount), call.name);
                Worked { value: amount, words }
            }
            (Err(failure), Some(amount)) => {
                let worked = self.work(amount);
                let words = format!("{}, for {} failed: {failure}", worked.words, call.name);
                Worked { words, ..worked }
            }
            (Err(failure), None) => {
                calls.asker.fail(call, &named(calls.clause), &of, failure);
                nothing()
            }
        }
    }
}

fn nothing() -> Worked {
    Worked { value: whole(0), words: String::new() }
}

/// Every line of what is owed, the one without a service first; lines of which nothing is owed are left out.
fn fees<'p>(agreement: &'p Agreement, owed: impl Fn(Lines<'p>) -> Fraction) -> Vec<Fee> {
    let mut services: Vec<Option<&str>> = vec![None];
    for fee in agreement.versions.iter().flat_map(|version| &version.fees) {
        if !services.contains(&fee.service.as_deref()) {
            services.push(fee.service.as_deref());
        }
    }
    let currency = agreement.currency.map_or("", Currency::code);
    let owed = services.into_iter().map(|service| (service, owed(Lines::Of(service))));
    let told = owed.filter(|(_, owed)| !owed.is_zero()).map(|(service, owed)| Fee {
        service: service.map(str::to_string),
        amount: Money { amount: decimal(&owed), currency: currency.to_string() },
    });
    told.collect()
}

/// `late_resolution § 7.1`
pub(super) fn named(clause: &Clause) -> String {
    match &clause.place.mark {
        Some(mark) => format!("{} {mark}", clause.name),
        None => clause.name.clone(),
    }
}

/// All that a plugin is told; `owed` is what a line of the fees comes to.
pub(super) fn context<'p>(
    clause: &Clause,
    of: Fees<'p>,
    told: Told,
    call: &PluginCall,
    owed: impl Fn(Lines<'p>) -> Fraction,
) -> Context {
    let Told { period, earlier, breaches, outages, .. } = told;
    Context {
        agreement: of.agreement.name.clone(),
        clause: clause.name.clone(),
        reference: clause.place.mark.clone(),
        fees: fees(of.agreement, owed),
        period,
        earlier,
        breaches,
        outages,
        arguments: call.arguments.clone(),
    }
}

/// A breached clock, its fields as they were at the breach; none where it is not breached.
pub(super) fn breach(clock: &Clock<'_>, names: &Names, call: &PluginCall) -> Option<Breach> {
    let (outcome, version) = (clock.outcome, clock.version);
    let breached_at = outcome.breached_at.filter(|_| outcome.status == Status::Breached)?;
    let snapshot: &Snapshot = outcome.at_breach.as_deref().unwrap_or(&clock.ticket.last);
    Some(Breach {
        ticket: clock.ticket.id.clone(),
        metric: clock.metric.name.clone(),
        tier: version.tier(snapshot.tier).map_or(String::new(), |tier| tier.name.clone()),
        priority: version.priority(snapshot.priority).unwrap_or_default().to_string(),
        started_at: outcome.started_at.0,
        due_at: outcome.due_at.unwrap_or(breached_at).0,
        breached_at: breached_at.0,
        stopped_at: outcome.stopped_at.map(|at| at.0),
        target_ms: outcome.target_ms,
        elapsed_ms: outcome.elapsed_ms,
        paused_ms: outcome.paused_ms,
        late_ms: outcome.late_ms,
        fields: call.told_fields(&snapshot.fields, names),
    })
}

/// The breached ones of some clocks that count in a period.
pub(super) fn breaches<'c>(
    clocks: impl Iterator<Item = Clock<'c>>,
    span: &PeriodSpan,
    names: &Names,
    call: &PluginCall,
) -> Vec<Breach> {
    let inside = clocks.filter(|clock| clock.counts_at.is_some_and(|at| span.span.contains(at)));
    inside.filter_map(|clock| breach(&clock, names, call)).collect()
}

/// A whole outage; one that lasts has no end.
pub(super) fn outage(service: &str, whole: &WholeOutage, lasts: bool, names: &Names, call: &PluginCall) -> Outage {
    Outage {
        service: service.to_string(),
        start: whole.span.start.0,
        end: (!lasts).then_some(whole.span.end.0),
        fields: call.told_fields(&whole.fields, names),
    }
}
