//! What a report tells of: one run, and one agreement of it.

use std::collections::BTreeMap;

use crate::outcome::Outcomes;
use crate::plan::{Agreement, Version};
use crate::statement::Statement;
use crate::ticket::{Names, Skipped, Vocabulary};
use crate::time::Instant;

/// What was read, in figures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InputFigures {
    /// Tickets read.
    pub tickets: usize,
    /// Rows that carried something of a ticket.
    pub events: u64,
    /// Outages read, by service, in the order of names.
    pub outages: Vec<(String, u64)>,
    /// Those of services that no agreement names.
    pub outages_unmatched: Vec<(String, u64)>,
    /// Tickets that fit no agreement, by id.
    pub unmatched: Vec<String>,
    /// Tickets that would fit one more agreement: ticket, the one passed over, the one that judged.
    pub matched_twice: Vec<(String, String, String)>,
    /// Tickets created after `as of`.
    pub later: u64,
    /// Announcements read.
    pub announcements: usize,
    /// Those for services that no agreement names, by service.
    pub announcements_unmatched: Vec<(String, u64)>,
    /// Charges read; none: no file has any.
    pub charges: Option<ChargeFigures>,
    /// Rows left out on request.
    pub skipped: Vec<Skipped>,
}

/// What was read of charges, in figures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChargeFigures {
    /// All of them.
    pub read: usize,
    /// Those of customers of no agreement, by customer.
    pub other_customers: BTreeMap<String, u64>,
    /// Those that no fee takes, by service; none stands for charges without a service.
    pub other_services: BTreeMap<Option<String>, u64>,
    /// Several of one period and service, which add up: the period, the service, how many.
    pub added: Vec<(String, Option<String>, u64)>,
}

impl InputFigures {
    /// Outages read, of all services.
    pub fn all_outages(&self) -> u64 {
        self.outages.iter().map(|(_, count)| count).sum()
    }

    /// Rows left out, of all kinds.
    pub fn skipped_rows(&self) -> u64 {
        self.skipped.iter().map(|skipped| skipped.count).sum()
    }
}

/// One agreement's part of a run.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The agreement.
    pub agreement: &'a Agreement,
    /// Its outcomes.
    pub outcomes: &'a Outcomes,
    /// What they come to.
    pub statement: &'a Statement,
    /// The texts behind fields.
    pub names: &'a Names,
    /// The fields' names.
    pub vocabulary: &'a Vocabulary,
    /// Clocks were judged up to this instant.
    pub as_of: Instant,
}

impl<'a> Told<'a> {
    /// The version at a place.
    pub fn version(&self, place: usize) -> Option<&'a Version> {
        self.agreement.versions.get(place)
    }
}
