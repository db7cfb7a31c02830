//! What a file is, told by what it begins with.

use crate::plan::source::Format;

use super::{Input, RowFault};

/// What files begin with that are no text: the format, and what people call such a file.
const KNOWN: [(&[u8], Option<Format>, &str); 3] = [
    (b"PAR1", Some(Format::Parquet), "a Parquet file"),
    (b"PK\x03\x04", Some(Format::Xlsx), "an Excel workbook"),
    (&[0xD0, 0xCF, 0x11, 0xE0], None, "a workbook of an old Excel, or one with a password"),
];

/// What a file is that is no text; none where it may be one.
pub(super) fn of(input: &Input<'_>) -> Option<Format> {
    KNOWN.iter().find(|(beginning, _, _)| input.bytes.starts_with(beginning)).and_then(|(_, format, _)| *format)
}

/// A file that is plainly of another format than its source says is a fault. Of which kind a text is, its reader finds out.
pub(super) fn check(input: &Input<'_>, format: Format) -> Result<(), RowFault> {
    let reads_text = matches!(format, Format::Csv | Format::Jsonl | Format::Json);
    let known = KNOWN.iter().find(|(beginning, _, _)| input.bytes.starts_with(beginning));
    let (is, help) = match known {
        None if reads_text => return Ok(()),
        None => ("none", "if it is a CSV, say `format csv` in the source".to_string()),
        Some((_, Some(is), _)) if *is == format => return Ok(()),
        Some((_, Some(is), words)) => (*words, format!("say `format {}` in the source", name(*is))),
        Some((_, None, words)) => (*words, "save it as `.xlsx` without a password, or as CSV".to_string()),
    };
    let message = match is {
        "none" => format!("the source says `format {}`, and this file is not of this format", name(format)),
        is => format!("the source says `format {}`, and this file is {is}", name(format)),
    };
    Err(RowFault::new("other_format", message, help).of(input.name))
}

/// The word of a format in a source.
fn name(format: Format) -> &'static str {
    match format {
        Format::Csv => "csv",
        Format::Jsonl => "jsonl",
        Format::Json => "json",
        Format::Parquet => "parquet",
        Format::Xlsx => "xlsx",
    }
}
