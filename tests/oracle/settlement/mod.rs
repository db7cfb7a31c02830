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
//! - `N months` are counted from the agreement's first month; in tests without one they divide a year.
//! - Of several bands the one that asks for more periods goes first; `within N months after` asks for one. A period that is
//!   not over counts in no run.
//! - A share of a charge is earned back once by each incentive, an amount again until nothing is left; of several charges
//!   the earliest first.
//! - What is carried over is owed from the first day of the next month on, after combination and before caps over all, and
//!   uses its clause's own cap in the month it arose in. It is claimed as it was there, and shown in one open month.
//! - A raise is shared in proportion; lines at a cap stay there and the others carry the rest.
//! - A count of a ladder is looked at with the breach and without it; months of a window keep the wall clock. A right or
//!   a claim that ends at midnight ends with the day before. A line for a ticket is claimed after its period.
//! - A claim for a ticket is one for each line of the clause that the ticket stands behind.
//! - A cap per ticket or outage goes by the line's version, one over a period by the month's; `yearly fee` is twelve times
//!   the rate at the month's start; an outage goes by the version at its start.
//!
//! Not yet there: points, figures that a test gives, `for each FIELD`, longer terms; amendments that add, drop or measure
//! something else, or that change targets, services and exclusions.

mod amounts;
mod claims;
mod compare;
mod consequences;
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
mod runs;
mod thresholds;
mod versions;
