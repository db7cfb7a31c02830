//! Klausel: service level agreements as code.
//!
//! An agreement's text becomes a [`Plan`](plan::Plan); tickets are run through it ([`replay`](mod@replay)); what came of
//! them is settled ([`settlement`]). Amounts are exact fractions until a month is rounded as the contract says, and every
//! line of a ledger names its clause.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use klausel::agreement::Agreement;
//! use klausel::engine::Calendars;
//! use klausel::input::{self, Input, OnBadRow};
//! use klausel::settlement::{self, Facts, Scope};
//! use klausel::source::{FileError, Files};
//! use klausel::{money, replay};
//!
//! /// Files in memory; the command line hands in the disk.
//! struct Memory(BTreeMap<&'static str, &'static str>);
//!
//! impl Files for Memory {
//!     fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
//!         let text = self.0.get(path).map(|text| text.as_bytes().to_vec());
//!         text.ok_or(FileError { path: path.to_string(), reason: "there is no such file".to_string() })
//!     }
//! }
//!
//! let agreement = r#"
//!     source desk {
//!         format csv
//!         ticket column "id"
//!         at     column "at"
//!         event  column "event"
//!     }
//!     agreement acme {
//!         timezone "Europe/Berlin"
//!         fee 1_000 EUR per month
//!         tickets from desk
//!         metric resolution { starts on created stops on resolved }
//!         tier all { resolution { any 4h } }
//!         penalty late § 7.1 {
//!             for each breach of resolution
//!             credit 2% of fee per started hour late
//!         }
//!         round half up to 0.01 EUR
//!     }
//! "#;
//! let files = Memory(BTreeMap::from([("acme.sla", agreement)]));
//! let plan = Agreement::load(&files, "acme.sla")?;
//!
//! let log = "id,at,event\n\
//!            T1,2025-03-07T10:00:00+01:00,created\n\
//!            T1,2025-03-07T16:30:00+01:00,resolved\n\
//!            T2,2025-04-02T10:00:00+02:00,created\n";
//! let mut names = plan.names.clone();
//! let input = Input { name: "log.csv", bytes: log.as_bytes() };
//! let log = input::read(&plan.sources[0], &[input], &plan.vocabulary, &mut names, OnBadRow::Fail)?;
//!
//! let as_of = log.latest.expect("the log has rows");
//! let calendars = &Calendars::new(&plan);
//! let replay = replay::replay(&plan, calendars, &names, &log, as_of);
//! let outcomes = &replay.outcomes[0];
//! let facts = Facts { outcomes, outages: None, given: &[], claims: None, charges: None, calendars, names: &names };
//! let statement = settlement::settle(&plan.agreements[0], &facts, &Scope::until(as_of))?;
//!
//! let line = &statement.ledger[0];
//! assert_eq!(line.place.mark.as_deref(), Some("§ 7.1"));
//! assert_eq!(money::exact(&line.amount), "60");
//! assert_eq!(line.because, "3 started hours late × 2 % of 1 000.00 EUR");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod source;
pub mod diagnostic;
pub mod money;
pub mod time;
pub mod ticket;
pub mod feed;
pub mod plugin;
pub mod ast;
pub mod parser;
pub mod formatter;
pub mod resolver;
pub mod checker;
pub mod calendar;
pub mod plan;
pub mod compiler;
pub mod agreement;
pub mod outcome;
pub mod statement;
pub mod clock;
pub mod condition;
pub mod engine;
pub mod replay;
pub mod settlement;
pub mod explain;
pub mod diff;
pub mod test_run;
pub mod input;
pub mod import;
pub mod generator;
pub mod report;
pub mod cli;
