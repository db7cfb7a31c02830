//! Bytes as text: encodings, and lines that are no lines.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};

use super::{Input, RowFault};

/// The longest line that is read: 16 MiB.
const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// The text of a file, whatever its encoding is; its byte order mark is left out.
pub(super) fn decode<'a>(input: &Input<'a>) -> Result<Cow<'a, str>, RowFault> {
    let fault = |message: String, help: &str| RowFault {
        code: "unreadable_text",
        file: input.name.to_string(),
        line: None,
        column: None,
        message,
        help: help.to_string(),
    };
    if input.bytes.is_empty() {
        return Ok(Cow::Borrowed(""));
    }
    let unmarked = input.bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(input.bytes);
    if let Ok(text) = std::str::from_utf8(unmarked) {
        if text.contains('\0') {
            return Err(fault("this is not a text file".to_string(), "export it as CSV or JSON lines"));
        }
        return Ok(Cow::Borrowed(text));
    }
    let encoding = match encoding_rs::Encoding::for_bom(input.bytes) {
        Some((encoding, _)) => encoding,
        None => {
            let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
            detector.feed(input.bytes, true);
            detector.guess(None, Utf8Detection::Deny)
        }
    };
    let (text, _, had_errors) = encoding.decode(input.bytes);
    if had_errors || text.contains('\0') {
        let message = format!("this is not a text file, or not in {}", encoding.name());
        return Err(fault(message, "export it again in UTF-8"));
    }
    Ok(text)
}

/// A line of many megabytes is no row but a broken file.
pub(super) fn check_lines(file: &str, text: &str) -> Result<(), RowFault> {
    let long = text.split('\n').zip(1_u64..).find(|(line, _)| line.len() > LONGEST_LINE);
    let Some((line, number)) = long else { return Ok(()) };
    Err(RowFault {
        code: "line_too_long",
        file: file.to_string(),
        line: Some(number),
        column: None,
        message: format!("this line is {} MB long", line.len() / 1_000_000),
        help: "a row has at most 16 MiB: look for a quote that is never closed, or for line ends that got lost"
            .to_string(),
    })
}
