use crate::diagnostic::Diagnostic;
use crate::source::{FileError, Files};

struct OneFile(String);

impl Files for OneFile {
    fn read(&self, _path: &str) -> Result<Vec<u8>, FileError> {
        Ok(self.0.clone().into_bytes())
    }
}

/// All findings of a text.
fn found(text: &str) -> Vec<Diagnostic> {
    let resolved = crate::resolver::load(&OneFile(text.to_string()), &["a.sla".to_string()]);
    match super::check(resolved) {
        Ok(checked) => checked.warnings().to_vec(),
        Err((_, found)) => found,
    }
}

/// Message and help of the one finding of a text.
fn told(text: &str) -> String {
    match found(text).as_slice() {
        [only] => format!("{}: {}", only.message, only.help.as_deref().unwrap_or_default()),
        others => format!("{others:#?}"),
    }
}

#[test]
fn a_shape_of_rows_that_there_is_not_is_told_with_the_nearest() {
    let source =
        |line: &str| format!("source s {{ format csv ticket column \"id\" {line} event created at column \"at\" }}");
    let near = told(&source("one row per tickets"));
    assert_eq!(near, "there is no `one row per tickets`: did you mean `one row per ticket`?");
    let far = told(&source("one row per event"));
    assert!(far.contains("known here: ticket, outage, charge; where each row is an event"), "{far}");
}
