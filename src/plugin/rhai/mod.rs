//! Rules as rhai scripts: compiled once with an engine, each call with a scope and an allowance of its own.

mod engine;
mod failure;
mod library;
mod reads;
mod refused;
mod value;

use std::collections::BTreeSet;

use ::rhai::{AST, CallFnOptions, Dynamic, Engine, Scope};

use super::{Failure, Guest, Kind, Limits, Question, Reply};

/// A compiled script.
#[derive(Debug)]
pub(super) struct Script {
    engine: Engine,
    ast: AST,
    /// Each kind it answers and how many parameters its function has.
    kinds: Vec<(Kind, usize)>,
    reads: Option<BTreeSet<String>>,
}

impl Script {
    /// Compiles a script.
    ///
    /// # Errors
    /// When it is no text, has a syntax error, or has no function that can be asked.
    pub fn compile(bytes: &[u8]) -> Result<Script, Failure> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| failure::new("the script is no text", "save it as UTF-8, with the ending .rhai"))?;
        let engine = engine::build();
        let ast = engine.compile(text).map_err(|error| failure::syntax(&error))?;
        if let Some(refused) = refused::first(&ast) {
            return Err(refused);
        }
        let kinds = kinds(&ast)?;
        let reads = reads::arguments(&ast);
        Ok(Script { engine, ast, kinds, reads })
    }
}

/// The kinds a script answers, by the functions it defines.
fn kinds(ast: &AST) -> Result<Vec<(Kind, usize)>, Failure> {
    let mut kinds = Vec::new();
    for kind in Kind::ALL {
        let most = if matches!(kind, Kind::Credit | Kind::Measure) { 1 } else { 2 };
        let found: Vec<usize> = ast
            .iter_functions()
            .filter(|function| function.name == kind.word())
            .map(|function| function.params.len())
            .collect();
        if let Some(wrong) = found.iter().find(|count| **count == 0 || **count > most) {
            let what = format!("the function `{}` has {wrong} parameters", kind.word());
            return Err(failure::new(what, format!("write `{}`", form(kind))));
        }
        if found.len() > 1 {
            let what = format!("the function `{}` is there {} times", kind.word(), found.len());
            return Err(failure::new(what, format!("keep one of them: `{}`", form(kind))));
        }
        kinds.extend(found.into_iter().max().map(|count| (kind, count)));
    }
    if kinds.is_empty() {
        let forms: Vec<String> = Kind::ALL.iter().map(|kind| format!("`{}`", form(*kind))).collect();
        return Err(failure::new(
            "the script has no function that a clause can call",
            format!("write one of {}", forms.join(", ")),
        ));
    }
    Ok(kinds)
}

fn form(kind: Kind) -> &'static str {
    match kind {
        Kind::Credit => "fn credit(context)",
        Kind::Margin => "fn margin(context, credit)",
        Kind::Measure => "fn measure(context)",
        Kind::Classify => "fn classify(ticket, arguments)",
        Kind::Pause => "fn pause(ticket, arguments)",
    }
}

impl Guest for Script {
    fn kinds(&self) -> Vec<Kind> {
        self.kinds.iter().map(|(kind, _)| *kind).collect()
    }

    fn reads(&self) -> Option<BTreeSet<String>> {
        self.reads.clone()
    }

    fn ask(&self, question: &Question<'_>, limits: &Limits) -> Result<Reply, Failure> {
        let kind = question.kind();
        let Some((_, count)) = self.kinds.iter().find(|(known, _)| *known == kind) else {
            return Err(failure::new(
                format!("the script has no function `{}`", kind.word()),
                format!("write `{}`", form(kind)),
            ));
        };
        let mut values = value::question(question, *count)?;
        values.truncate(*count);
        let allowed = limits.steps(question);
        let options = CallFnOptions::new().eval_ast(false);
        let (answer, steps) = engine::within(allowed, limits.deadline, || {
            let mut scope = Scope::new();
            self.engine.call_fn_with_options::<Dynamic>(options, &mut scope, &self.ast, kind.word(), values)
        });
        let answer =
            answer.map_err(|error| failure::run(&error, allowed, limits.deadline, &value::argument_names(question)))?;
        Ok(Reply { answer: value::answer(kind, answer)?, steps })
    }
}

#[cfg(test)]
mod tests;
