//! Expectations against what came of a test's history.

use num_traits::Zero;

use crate::ast::{Expectation, Measure, Moment, Money, Name, Verdict};
use crate::compiler;
use crate::money::{Fraction, Rounding, RoundingMode, fixed, in_words, whole};
use crate::outcome::{Judged, Outcome, Status};
use crate::plan::clause::ClauseKind;
use crate::plan::metric::Action;
use crate::settlement::{self, PeriodLabel};
use crate::source::Spanned;
use crate::statement::{Consequence, Line};
use crate::time::{Instant, Millis, spell};

use super::spoken::SpokenOf;
use super::{Came, history};

/// What is the case, in words; none where the expectation holds.
type Differs = Option<String>;

impl Came<'_> {
    /// `spoken_of` are the cycles that the lines before this one took.
    pub fn differs(&self, expectation: &Expectation, spoken_of: &mut SpokenOf) -> Differs {
        match expectation {
            Expectation::Clock(ticket, metric, verdict) => self.clock(ticket.as_ref(), metric, verdict, spoken_of),
            Expectation::Reading(ticket, is_priority, name) => self.reading(ticket.as_ref(), *is_priority, name),
            Expectation::Escalation(ticket, text, at) => self.escalation(ticket.as_ref(), &text.value, at.as_ref()),
            Expectation::NoEscalation(ticket, text) => {
                let fired = self.fired(ticket.as_ref(), &text.value);
                (!fired.is_empty()).then(|| format!("it fired at {}", self.walls(&fired)))
            }
            Expectation::Consequence(ticket, name, at) => self.consequence(ticket.as_ref(), name, at.as_ref()),
            Expectation::NoConsequence(ticket, name) => {
                let reached = self.reached(ticket.as_ref(), &name.value);
                (!reached.is_empty()).then(|| format!("it was reached: {}", self.told(&reached)))
            }
            Expectation::Claim(name, day) => self.claim(&name.value, &day.value.to_string()),
            Expectation::Amount(is_penalty, name, money, label) => {
                let lines =
                    self.lines(*is_penalty, Some(&name.value), label.as_ref().map(|label| label.value.as_str()));
                self.money(&lines, money)
            }
            // Told apart: whether the history can be judged at all.
            Expectation::Fault(_) => None,
            Expectation::Total(is_penalties, money, label) => {
                let lines = self.lines(*is_penalties, None, label.as_ref().map(|label| label.value.as_str()));
                self.money(&lines, money)
            }
            Expectation::Share(measure, share, digits, label) => self.share(measure, share, *digits, &label.value),
        }
    }

    /// The ticket that is named, or the only one.
    fn ticket(&self, name: Option<&Name>) -> Option<&Judged> {
        match name {
            Some(name) => self.outcomes.tickets.iter().find(|ticket| ticket.id == name.value),
            None => self.outcomes.tickets.first(),
        }
    }

    fn wall(&self, at: Instant) -> String {
        at.wall(self.agreement.zone)
    }

    fn walls(&self, instants: &[Instant]) -> String {
        instants.iter().map(|at| self.wall(*at)).collect::<Vec<_>>().join(", ")
    }

    /// The instant of an expectation; the difference in words where it names none.
    fn instant(&self, moment: &Spanned<Moment>) -> Result<Instant, String> {
        history::instant(moment.value, self.agreement.zone)
    }

    // -- clocks

    /// Where there are several cycles, one of them must be as expected that no line before speaks of.
    fn clock(&self, ticket: Option<&Name>, metric: &Name, verdict: &Verdict, spoken_of: &mut SpokenOf) -> Differs {
        let Some(ticket) = self.ticket(ticket) else { return Some("no such ticket was judged".to_string()) };
        let version = self.agreement.versions.get(ticket.version)?;
        let Some(place) = version.metrics.iter().position(|known| known.name == metric.value) else {
            return Some(format!("its version, `{}`, has no such metric", version.label));
        };
        let clocks: Vec<&Outcome> = ticket.clocks.iter().filter(|clock| usize::from(clock.metric.0) == place).collect();
        let holds = clocks.iter().map(|clock| self.is_so(clock, verdict)).collect::<Result<Vec<bool>, String>>();
        let holds = match holds {
            Err(message) => return Some(message),
            Ok(_) if clocks.is_empty() => return Some("this clock never ran".to_string()),
            Ok(holds) => holds,
        };
        let all = || clocks.iter().map(|clock| self.stands(clock)).collect::<Vec<_>>().join("; then ");
        let fitting: Vec<usize> = (0..).zip(holds).filter(|(_, holds)| *holds).map(|(cycle, _)| cycle).collect();
        if fitting.is_empty() {
            return Some(all());
        }
        let is_left = clocks.len() == 1 || spoken_of.take(&ticket.id, place, verdict, fitting);
        (!is_left).then(|| format!("each line means another cycle, and none is left for this one: {}", all()))
    }

    fn is_so(&self, clock: &Outcome, verdict: &Verdict) -> Result<bool, String> {
        let same = |found: Option<Instant>, wanted: &Spanned<Moment>| Ok(found == Some(self.instant(wanted)?));
        Ok(match verdict {
            Verdict::Met(after) => clock.status == Status::Met && is_length(*after, clock.elapsed_ms),
            Verdict::Breached(at, late) => {
                let at_instant = at.as_ref().map_or(Ok::<bool, String>(true), |at| same(clock.breached_at, at))?;
                clock.status == Status::Breached && at_instant && is_length(*late, clock.late_ms)
            }
            Verdict::Due(at) => same(clock.due_at, at)?,
            Verdict::Running => clock.status == Status::Running,
            Verdict::Cancelled => clock.status == Status::Cancelled,
        })
    }

    fn stands(&self, clock: &Outcome) -> String {
        let wall = |at: Option<Instant>| at.map_or("never".to_string(), |at| self.wall(at));
        let due = wall(clock.due_at);
        match clock.status {
            Status::Met => format!("met after {}, due at {due}", spell(clock.elapsed_ms)),
            Status::Breached => {
                format!("breached at {}, late by {}, due at {due}", wall(clock.breached_at), spell(clock.late_ms))
            }
            Status::Running => format!("running, {} counted, due at {due}", spell(clock.elapsed_ms)),
            Status::Cancelled => "cancelled".to_string(),
        }
    }

    fn reading(&self, ticket: Option<&Name>, is_priority: bool, name: &Name) -> Differs {
        let Some(ticket) = self.ticket(ticket) else { return Some("no such ticket was judged".to_string()) };
        let version = self.agreement.versions.get(ticket.version)?;
        let found = if is_priority {
            version.priority(ticket.last.priority)
        } else {
            version.tier(ticket.last.tier).map(|tier| tier.name.as_str())
        };
        let found = found.unwrap_or("none");
        (found != name.value).then(|| found.to_string())
    }

    fn escalation(&self, ticket: Option<&Name>, text: &str, at: Option<&Spanned<Moment>>) -> Differs {
        let fired = self.fired(ticket, text);
        let at = match at.map(|at| self.instant(at)).transpose() {
            Ok(at) => at,
            Err(message) => return Some(message),
        };
        match at {
            _ if fired.is_empty() => Some("it did not fire".to_string()),
            Some(at) if !fired.contains(&at) => Some(format!("it fired at {}", self.walls(&fired))),
            _ => None,
        }
    }

    /// When steps with this text fired.
    fn fired(&self, ticket: Option<&Name>, text: &str) -> Vec<Instant> {
        let Some(ticket) = self.ticket(ticket) else { return Vec::new() };
        let Some(version) = self.agreement.versions.get(ticket.version) else { return Vec::new() };
        let action = |fired: &crate::outcome::Fired| -> Option<&Action> {
            let escalation = version.escalations.get(usize::from(fired.escalation))?;
            escalation.steps.get(usize::from(fired.step))?.actions.get(usize::from(fired.action))
        };
        let steps = ticket.steps.iter().filter(|fired| action(fired).is_some_and(|action| action.text == text));
        steps.map(|fired| fired.at).collect()
    }

    // -- consequences

    fn consequence(&self, ticket: Option<&Name>, name: &Name, at: Option<&Spanned<Moment>>) -> Differs {
        let reached = self.reached(ticket, &name.value);
        let at = match at.map(|at| self.instant(at)).transpose() {
            Ok(at) => at,
            Err(message) => return Some(message),
        };
        match at {
            _ if reached.is_empty() => Some("it was not reached".to_string()),
            Some(at) if !reached.iter().any(|consequence| consequence.at == at) => Some(self.told(&reached)),
            _ => None,
        }
    }

    /// Consequences of this name; with a ticket only those that it helped to reach.
    fn reached(&self, ticket: Option<&Name>, name: &str) -> Vec<&Consequence> {
        let all = self.statement.consequences.iter().filter(|consequence| consequence.step == name);
        all.filter(|consequence| ticket.is_none_or(|ticket| consequence.tickets.contains(&ticket.value))).collect()
    }

    fn told(&self, reached: &[&Consequence]) -> String {
        let told =
            reached.iter().map(|consequence| format!("at {}, {}", self.wall(consequence.at), consequence.because));
        told.collect::<Vec<_>>().join("; ")
    }

    // -- money

    /// It is enough that one line of the clause has this last day.
    fn claim(&self, clause: &str, day: &str) -> Differs {
        let lines: Vec<&Line> = self.statement.ledger.iter().filter(|line| line.clause == clause).collect();
        if lines.iter().any(|line| line.claim_by.as_deref() == Some(day)) {
            return None;
        }
        let told = lines
            .iter()
            .map(|line| format!("{} in {}", line.claim_by.as_deref().unwrap_or("no day"), line.period.label));
        let told = told.collect::<Vec<_>>().join(", ");
        Some(if lines.is_empty() { "there is nothing to claim".to_string() } else { told })
    }

    fn lines(&self, is_penalty: bool, clause: Option<&str>, label: Option<&str>) -> Vec<&Line> {
        let kind = if is_penalty { ClauseKind::Penalty } else { ClauseKind::Incentive };
        let label = label.map(|label| PeriodLabel::new(self.agreement, label));
        let lines = self.statement.ledger.iter().filter(|line| line.kind == kind);
        let lines = lines.filter(|line| clause.is_none_or(|clause| line.clause == clause));
        lines.filter(|line| label.as_ref().is_none_or(|label| label.holds(line))).collect()
    }

    fn money(&self, lines: &[&Line], expected: &Money) -> Differs {
        let sum = lines.iter().fold(Fraction::zero(), |sum, line| sum + &line.amount);
        let code = self.agreement.currency.map_or("", |currency| currency.code());
        if sum == expected.amount && code == expected.currency.value {
            return None;
        }
        let found = in_words(&sum, self.agreement.currency);
        let told: String =
            lines.iter().map(|line| format!("\n      {}: {}", line.period.label, line.because)).collect();
        Some(format!("{found}{told}"))
    }

    /// Compared at the digits written.
    fn share(&self, measure: &Measure, share: &Fraction, digits: u32, label: &str) -> Differs {
        let label = PeriodLabel::new(self.agreement, label);
        let Some(span) = label.span() else {
            return Some("this is no period: write 2025, 2025-Q1, 2025-03 or 2025-03-07".to_string());
        };
        let version = settlement::version_for(self.agreement, span)?;
        let measure = compiler::measure(&mut self.plan.clone(), self.sources, version, measure)?;
        let found = settlement::figure(self.agreement, &self.facts, &self.scope, &measure, &label);
        let Some(found) = found else { return Some("nothing was decided in this period".to_string()) };
        let unit = Fraction::new(1.into(), num_bigint::BigInt::from(10).pow(digits));
        let rounded = Rounding { mode: RoundingMode::HalfUp, unit }.apply(&(&found * whole(100)));
        let same = rounded / whole(100) == *share;
        (!same).then(|| format!("{}%", fixed(&(found * whole(100)), digits.max(2))))
    }
}

fn is_length(expected: Option<Millis>, found: Millis) -> bool {
    expected.is_none_or(|expected| expected == found)
}
