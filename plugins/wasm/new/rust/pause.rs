//! Whether a state is a pause: `pauses while NAME()`.

wit_bindgen::generate!({ path: "wit", world: "pause" });

struct Rule;

export!(Rule);

impl Guest for Rule {
    /// Whether the ticket waits.
    fn paused(ticket: Ticket, _arguments: Vec<Argument>) -> Result<bool, String> {
        Ok(ticket.fields.iter().any(|field| field.name == "status" && field.value == "waiting"))
    }
}
