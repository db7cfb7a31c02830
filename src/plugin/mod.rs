//! A customer's own rules: rhai scripts and wasm components that a clause calls by name.
//!
//! A plugin gets one read-only question and its named arguments, and answers with a value or an error. It has no clock, no
//! files, no network and no memory of earlier calls; the same question has the same answer. What it proposes, the host
//! looks over ([`answer`](mod@answer)): currency, sign, bounds. What a plugin cannot do is decided here and in the two
//! engines, nowhere else.

pub mod answer;
pub mod context;
mod rhai;
mod wasm;

pub use wasm::keep_compiled_in;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::money::Fraction;
use crate::source::sha256;
use crate::time::{MINUTE, Millis};

use context::{Argument, Context, Money, Ticket};

/// What a plugin can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An amount for a breach or a period.
    Credit,
    /// A supplier's share of an amount.
    Margin,
    /// A figure that bands can test.
    Measure,
    /// A priority or a tier, from a ticket's fields.
    Classify,
    /// Whether this state is a pause.
    Pause,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 5] = [Kind::Credit, Kind::Margin, Kind::Measure, Kind::Classify, Kind::Pause];

    /// The language's word; a script's function has this name, a component's world too.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Credit => "credit",
            Kind::Margin => "margin",
            Kind::Measure => "measure",
            Kind::Classify => "classify",
            Kind::Pause => "pause",
        }
    }

    /// What a component of this world exports.
    pub fn export(self) -> &'static str {
        match self {
            Kind::Credit => "assess",
            Kind::Margin => "share",
            Kind::Measure => "value",
            Kind::Classify => "classify",
            Kind::Pause => "paused",
        }
    }

    /// Where the language calls it.
    pub fn called(self) -> &'static str {
        match self {
            Kind::Credit => "credit by",
            Kind::Margin => "recover by",
            Kind::Measure => "on by",
            Kind::Classify => "priority by",
            Kind::Pause => "pauses while",
        }
    }
}

/// What a call may use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Steps for a context of one breach: operations of a script, fuel of a component. A larger context gets more
    /// ([`Limits::steps`]).
    pub fuel: u64,
    /// Bytes that a component's memory may grow to.
    pub memory: u64,
    /// Milliseconds of wall time, so that a slow step cannot hold a run up. It never decides what a plugin within its fuel
    /// answers.
    pub deadline: Millis,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { fuel: 1_000_000, memory: 16 << 20, deadline: MINUTE / 6 }
    }
}

impl Limits {
    /// The steps for a question of this size: a hundredth of the fuel more for each breach, outage, earlier period and field.
    pub fn steps(&self, question: &Question<'_>) -> u64 {
        let size = match question {
            Question::Credit(context) | Question::Measure(context) | Question::Margin(context, _) => {
                let of_breaches = context.breaches.iter().map(|breach| 1 + breach.fields.len());
                let of_outages = context.outages.iter().map(|outage| 1 + outage.fields.len());
                of_breaches.chain(of_outages).sum::<usize>() + context.earlier.len()
            }
            Question::Classify(ticket, _) | Question::Pause(ticket, _) => ticket.fields.len(),
        };
        self.fuel.saturating_add((self.fuel / 100).saturating_mul(size as u64))
    }
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub enum Question<'q> {
    /// How much?
    Credit(&'q Context),
    /// How much of this amount?
    Margin(&'q Context, &'q Money),
    /// Which figure?
    Measure(&'q Context),
    /// Which priority or tier?
    Classify(&'q Ticket, &'q [Argument]),
    /// Is this a pause?
    Pause(&'q Ticket, &'q [Argument]),
}

impl Question<'_> {
    /// Which kind of plugin answers it.
    pub fn kind(&self) -> Kind {
        match self {
            Question::Credit(_) => Kind::Credit,
            Question::Margin(..) => Kind::Margin,
            Question::Measure(_) => Kind::Measure,
            Question::Classify(..) => Kind::Classify,
            Question::Pause(..) => Kind::Pause,
        }
    }
}

/// What a plugin proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// An amount, why, and in which currency; none: the script left that to the agreement.
    Assessment {
        /// How much.
        amount: Fraction,
        /// ISO 4217.
        currency: Option<String>,
        /// Why.
        note: String,
    },
    /// A figure.
    Number(Fraction),
    /// A name.
    Text(String),
    /// Yes or no.
    Truth(bool),
}

/// An answer and what it cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// What the plugin proposes.
    pub answer: Answer,
    /// Steps used: operations of a script, fuel of a component.
    pub steps: u64,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What happened, as a sentence without its full stop: `the script divides by zero`.
    pub what: String,
    /// Line and column in a script, both from one.
    pub at: Option<(usize, usize)>,
    /// The way out.
    pub help: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if let Some((line, column)) = self.at {
            write!(f, " (line {line}, column {column})")?;
        }
        Ok(())
    }
}

/// A call without an answer, which stops a settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// The plugin, by the agreement's name for it.
    pub plugin: String,
    /// The clause or metric that asked it, with its mark.
    pub clause: String,
    /// What it was asked of: `ticket T-1`, `2025-03`.
    pub of: String,
    /// Why there is no answer.
    pub failure: Failure,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failed { plugin, clause, of, failure } = self;
        write!(f, "the plugin `{plugin}` failed for {clause}, {of}: {failure}; {}", failure.help)
    }
}

impl std::error::Error for Failed {}

/// A question as it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The plugin, by the agreement's name for it.
    pub plugin: String,
    /// What it was asked.
    pub kind: Kind,
    /// What it was told.
    pub context: Context,
    /// The amount that a share was asked of; none: it was asked for no share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<Money>,
}

/// A compiled script or component.
trait Guest: fmt::Debug + Send + Sync {
    /// The kinds it answers.
    fn kinds(&self) -> Vec<Kind>;

    /// The names of the arguments it reads, where that can be told without running it.
    fn reads(&self) -> Option<BTreeSet<String>>;

    /// Asks it, within limits; nothing of the call stays behind.
    fn ask(&self, question: &Question<'_>, limits: &Limits) -> Result<Reply, Failure>;
}

/// A plugin, compiled once, as often called as needed from any thread.
#[derive(Debug, Clone)]
pub struct Plugin {
    guest: Arc<dyn Guest>,
    sha256: String,
}

/// In which language a plugin is written, by its file's ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// `.rhai`
    Rhai,
    /// `.wasm`
    Wasm,
}

impl Language {
    /// By a path's ending; none: it is neither.
    pub fn of(path: &str) -> Option<Language> {
        match path.rsplit_once('.')?.1 {
            "rhai" => Some(Language::Rhai),
            "wasm" => Some(Language::Wasm),
            _ => None,
        }
    }
}

/// Plugins are the same where their files are.
impl PartialEq for Plugin {
    fn eq(&self, other: &Plugin) -> bool {
        self.sha256 == other.sha256
    }
}

impl Eq for Plugin {}

impl Plugin {
    /// Compiles the bytes of a file.
    ///
    /// # Errors
    /// When a script has a syntax error or uses what is off, when a component cannot be one: it imports something, lacks an
    /// export, has one too many or is of another version.
    pub fn compile(language: Language, bytes: &[u8]) -> Result<Plugin, Failure> {
        let guest: Arc<dyn Guest> = match language {
            Language::Rhai => Arc::new(rhai::Script::compile(bytes)?),
            Language::Wasm => Arc::new(wasm::Component::compile(bytes)?),
        };
        Ok(Plugin { guest, sha256: sha256(bytes) })
    }

    /// The kinds it answers.
    pub fn kinds(&self) -> Vec<Kind> {
        self.guest.kinds()
    }

    /// The names of the arguments it reads, where that can be told without running it.
    pub fn reads(&self) -> Option<BTreeSet<String>> {
        self.guest.reads()
    }

    /// The hash of its file, in hexadecimal digits.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Asks it. The answer is not looked over yet: see [`answer`](mod@answer).
    ///
    /// # Errors
    /// When the plugin fails, answers with an error or with something else than it was asked for, or uses up its limits.
    pub fn ask(&self, question: &Question<'_>, limits: &Limits) -> Result<Reply, Failure> {
        self.guest.ask(question, limits)
    }
}
