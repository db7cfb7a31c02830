//! Suppliers as a plan has them.

use serde::Serialize;

use crate::money::{Fraction, serialize_exact_option};

use super::clause::Amount;
use super::condition::Condition;
use super::plugin::PluginCall;
use super::{Agreement, Place};

/// Who stands behind a part of the tickets, by an agreement of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Supplier {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// The tickets that it covers, as they were last; none: all.
    pub covers: Option<Condition>,
    /// The share of the customer's target by which its own ends sooner.
    #[serde(serialize_with = "serialize_exact_option")]
    pub lead: Option<Fraction>,
    /// What it pays back of a penalty; none: what its own agreement yields for the ticket.
    pub recover: Option<Recover>,
    /// Where that stands.
    pub recover_place: Option<Place>,
    /// Its own agreement, which reads the customer's tickets.
    pub agreement: Agreement,
}

/// What a supplier pays back of a penalty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Recover {
    /// As a plugin says, and not more than the penalty.
    By(PluginCall),
    /// This for each penalty, and not more than it.
    Amount(Amount),
}

/// A supplier by its name and the hash of its agreement, since an amendment may bring another.
pub type SupplierKey = (String, String);

impl Supplier {
    /// What outcomes know it by.
    pub fn key(&self) -> SupplierKey {
        (self.name.clone(), self.agreement.policy_sha256.clone())
    }
}
