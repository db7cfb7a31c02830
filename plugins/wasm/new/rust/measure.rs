//! A figure that bands can test: `per month on by NAME()`.

wit_bindgen::generate!({ path: "wit", world: "measure" });

struct Rule;

export!(Rule);

impl Guest for Rule {
    /// The clocks breached in the period.
    fn value(context: Context) -> Result<Decimal, String> {
        let period = context.period.ok_or("the figure is one of a period")?;
        Ok(period.breached.to_string())
    }
}
