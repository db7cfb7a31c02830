//! Plugins as the engine asks them: for a ticket's priority, and whether its state is a pause.

use std::cell::RefCell;

use crate::plan::plugin::PluginCall;
use crate::plugin::context::Ticket;
use crate::plugin::{Answer, Failed, Failure, Kind, Question, answer};
use crate::ticket::{Names, Symbol};
use crate::time::Instant;

/// What the plugins of one ticket answered.
///
/// A ticket in the same state has the same answer, so a plugin is asked again only when a field has changed.
#[derive(Debug)]
pub(super) struct Asking {
    ticket: String,
    answers: RefCell<Vec<Answered>>,
    failed: RefCell<Option<Failed>>,
}

/// The last answer to a call.
#[derive(Debug)]
struct Answered {
    kind: Kind,
    /// The call as written: the same words ask the same.
    words: String,
    fields: Vec<Option<Symbol>>,
    /// None: it failed.
    answer: Option<Answer>,
}

/// Who asks: the statement that a failure names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub call: &'a PluginCall,
    pub statement: &'a str,
    pub names: &'a Names,
    pub fields: &'a [Option<Symbol>],
    pub created_at: Instant,
}

impl Asking {
    /// Nothing was asked yet.
    pub fn new(ticket: String) -> Asking {
        Asking { ticket, answers: RefCell::default(), failed: RefCell::default() }
    }

    /// The id of the ticket, and the first call without an answer.
    pub fn done(self) -> (String, Option<Failed>) {
        (self.ticket, self.failed.into_inner())
    }

    /// The place among `known` of the priority that a plugin gives; none where it gives none, or fails.
    pub fn priority(&self, asked: Asked<'_>, known: &[String]) -> Option<usize> {
        let answer = self.answer(asked)?;
        if answer == Answer::Text(String::new()) {
            return None;
        }
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let name = answer::name(answer, &known).map_err(|failure| self.fail(asked, failure)).ok()?;
        known.iter().position(|known| *known == name)
    }

    /// Whether a plugin calls this state a pause; none where it fails.
    pub fn pause(&self, asked: Asked<'_>) -> bool {
        let truth = self.answer(asked).map(answer::truth);
        truth.is_some_and(|truth| truth.map_err(|failure| self.fail(asked, failure)).unwrap_or_default())
    }

    fn answer(&self, asked: Asked<'_>) -> Option<Answer> {
        let Asked { call, fields, .. } = asked;
        let mut answers = self.answers.borrow_mut();
        let known = answers.iter().position(|known| known.kind == call.kind && known.words == call.words);
        if let Some(known) = known.and_then(|place| answers.get(place)).filter(|known| known.fields == fields) {
            return known.answer.clone();
        }
        let answer = self.ask(asked);
        let words = call.words.clone();
        let answered = Answered { kind: call.kind, words, fields: fields.to_vec(), answer: answer.clone() };
        match known.and_then(|place| answers.get_mut(place)) {
            Some(known) => *known = answered,
            None => answers.push(answered),
        }
        answer
    }

    fn ask(&self, asked: Asked<'_>) -> Option<Answer> {
        let Asked { call, names, fields, created_at, .. } = asked;
        let ticket =
            Ticket { id: self.ticket.clone(), created_at: created_at.0, fields: call.told_fields(fields, names) };
        let question = match call.kind {
            Kind::Pause => Question::Pause(&ticket, &call.arguments),
            _ => Question::Classify(&ticket, &call.arguments),
        };
        let reply = call.plugin.ask(&question, &call.limits);
        reply.map(|reply| reply.answer).map_err(|failure| self.fail(asked, failure)).ok()
    }

    fn fail(&self, asked: Asked<'_>, failure: Failure) {
        let (plugin, clause) = (asked.call.name.clone(), asked.statement.to_string());
        let failed = Failed { plugin, clause, of: format!("ticket {}", self.ticket), failure };
        self.failed.borrow_mut().get_or_insert(failed);
    }
}
