//! A priority from a ticket's fields: `priority by NAME()`.

wit_bindgen::generate!({ path: "wit", world: "classify" });

struct Rule;

export!(Rule);

impl Guest for Rule {
    /// One of the priorities that the agreement has targets for.
    fn classify(ticket: Ticket, _arguments: Vec<Argument>) -> Result<String, String> {
        let is_high = ticket.fields.iter().any(|field| field.name == "impact" && field.value == "high");
        Ok(if is_high { "P1" } else { "P2" }.to_string())
    }
}
