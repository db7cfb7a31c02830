//! A second, naive settlement in exact fractions, and the first one held against it.
//!
//! It walks period by period and looks at every clock, ticket and outage again for each; fees day by day, downtime tick
//! by tick, caps by adding up what earlier months have paid. What became of a clock it takes from the engine, which the
//! walk is held against.
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
