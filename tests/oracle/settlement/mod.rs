//! A second, naive settlement in exact fractions, and the first one held against it.
//!
//! It walks period by period and looks at every clock, ticket and outage again for each; fees day by day, downtime tick
//! by tick, caps by adding up what earlier months have paid. What became of a clock it takes from the engine, which the
//! walk is held against.
//!
//! Where the page is silent it reads:
//! - Periods are looked at from the one that holds the first fact; earlier months are not among `over N months`. A period in
//!   which the agreement never holds has no figure unless a ticket counts in it.
//! - Tickets count where they were created, whole outages where they began; an outage outside of the agreed time is none.
//!   A whole outage has the fields of the row with which it begins.
//! - `empty counts as` speaks of attainment; a service without agreed time has no availability.
//! - `count whole minutes` cuts the downtime of a single outage as well. Agreed time lies inside `effective`.
//! - A figure over months has the breaches, tickets and outages of all of them, the downtime and agreed time of its month.
//! - Days and weeks of caps go by the instant at which a line counts; a figure counts at the end of its period.
//! - A cap per ticket or outage caps a line for neither by itself. A month after the agreement's end owes what its last full
//!   month did. What a month that is not over would use of a cap, another one that is not over does not miss.
//!
//! Not yet there: amendments, runs of bands, incentives over several periods, consequences, claims, minimum payouts, what
//! a cap carries over.

mod amounts;
mod compare;
mod downtime;
mod draft;
mod entries;
mod fees;
mod figures;
mod laws;
mod log;
mod months;
mod periods;
mod pointed;
mod thresholds;
