//! How the availability of a service is measured.

use serde::Serialize;

use crate::money::{Fraction, serialize_exact};
use crate::time::Millis;

use super::clause::Period;
use super::condition::Condition;
use super::{CalendarId, Place};

/// A service, by its place in [`Version::services`](super::Version).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ServiceId(pub u16);

/// A service and how its availability is measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Its name, by which outages know it.
    pub name: String,
    /// Where the agreement says how it is measured; none: it says nothing, and all its outages count at any time.
    pub place: Option<Place>,
    /// Its lines in their own words.
    pub lines: Vec<String>,
    /// The agreed time.
    pub hours: CalendarId,
    /// The agreed time less excluded time, which is no downtime.
    pub counted: CalendarId,
    /// Excluded time shortens the agreed time; else it counts as up.
    pub shortens: bool,
    /// When it is down.
    pub down: Down,
    /// Its outages are what these tickets tell, and no outage log; none: they are those of a log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_tickets: Option<FromTickets>,
    /// Which outages count.
    pub when: Option<Condition>,
    /// Outages less far apart are one outage, in milliseconds.
    pub join: Millis,
    /// Short outages that do not count.
    pub ignore: Option<Ignore>,
    /// The agreed time of any period, in milliseconds; none: its real length.
    pub over: Option<Millis>,
    /// The downtime of a period is cut to whole minutes.
    pub whole_minutes: bool,
    /// The percentage is rounded half up to so many decimals before it is compared.
    pub decimals: Option<u32>,
    /// What is promised.
    pub promises: Vec<AvailabilityPromise>,
}

/// `measured from tickets when C`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FromTickets {
    /// Which tickets; none: all.
    pub when: Option<Condition>,
}

/// When a service is down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Down {
    /// While one of its own outages lasts.
    Own,
    /// While all of these services are down: redundant parts.
    All(Vec<String>),
    /// While any of these services is down: parts in series.
    Any(Vec<String>),
}

/// `ignore outages shorter than 5m`, `ignore outages of at most 5m`: whole outages, after joining.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Ignore {
    /// In milliseconds of wall time.
    pub length: Millis,
    /// An outage of just this length is ignored too.
    pub inclusive: bool,
}

/// `promise 99.9% per month`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AvailabilityPromise {
    /// The promised share.
    #[serde(serialize_with = "serialize_exact")]
    pub share: Fraction,
    /// Over which period.
    pub per: Period,
    /// Where it stands.
    pub place: Place,
}
