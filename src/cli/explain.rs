//! `klausel explain`: why did this one breach?

use clap::Args;

use crate::engine::Calendars;
use crate::explain::Ground;
use crate::report;

use super::data::{self, Days, Run};
use super::load::Which;
use super::output::Format;
use super::{Exit, Failure, Streams};

/// Show why a ticket's clocks stand as they do, each step with the clause behind it
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    data: data::Logs,
    /// The ticket's id
    #[arg(long, value_name = "ID")]
    ticket: String,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub fn run(options: &Options, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let loaded = options.which.load(streams)?;
    let run = data::run(loaded, &options.data)?;
    let calendars = Calendars::new(&run.plan);
    let ground = Ground { plan: &run.plan, calendars: &calendars, names: &run.names, log: &run.log };
    let scope = Days::all().scope(run.as_of)?;
    let (mut texts, mut values) = (Vec::new(), Vec::new());
    for (agreement, outcomes) in run.plan.agreements.iter().zip(&run.replay.outcomes) {
        let Some(ticket) = outcomes.tickets.iter().find(|ticket| ticket.id == options.ticket) else { continue };
        let statement = run.settle(agreement, outcomes, &scope)?;
        if let Some(explanation) = ground.explain(agreement, ticket, &statement) {
            texts.push(report::explanation::text(&explanation, agreement.zone, agreement.currency));
            values.push(report::explanation::json(&explanation, agreement.currency));
        }
    }
    if texts.is_empty() {
        return Err(Failure::input(not_judged(&run, &options.ticket)));
    }
    match options.format {
        Format::Text => streams.print(&texts.join("\n"))?,
        Format::Json => streams.print_json(&serde_json::json!({ "explanations": values }))?,
    }
    Ok(Exit::Done)
}

/// Why a ticket has no explanation.
fn not_judged(run: &Run, id: &str) -> String {
    let place = run.log.tickets.iter().position(|ticket| ticket.id == id);
    match place {
        Some(place) if run.replay.unmatched.contains(&place) => {
            format!("ticket `{id}` fits no agreement: see `applies when` and `effective`")
        }
        Some(_) => format!("ticket `{id}` was created after `as of`, or `--where` leaves it out"),
        None => {
            let near = crate::diagnostic::nearest(id, run.log.tickets.iter().map(|ticket| ticket.id.as_str()));
            let near = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            format!("the log has no ticket `{id}`{near}")
        }
    }
}
