//! Bytes as text: encodings, and lines that are no lines.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

use super::{Input, Place, RowFault};

/// A line has fewer bytes than this: 16 MiB.
const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// How much of a file shows its encoding: 1 MiB, from the first line that is no UTF-8.
const SAMPLE: usize = 1024 * 1024;

/// The text of a file, whatever its encoding is; its byte order mark is left out.
pub(super) fn decode<'a>(input: &Input<'a>) -> Result<Cow<'a, str>, RowFault> {
    check_lines(input)?;
    decode_long(input)
}

/// The text of a file whose lines may be of any length.
pub(super) fn decode_long<'a>(input: &Input<'a>) -> Result<Cow<'a, str>, RowFault> {
    let text = match Encoding::for_bom(input.bytes) {
        Some((encoding, mark)) => decode_as(input, encoding, input.bytes.get(mark..).unwrap_or_default())?,
        None => match std::str::from_utf8(input.bytes) {
            _ if let Some(encoding) = unmarked_utf_16(input.bytes) => decode_as(input, encoding, input.bytes)?,
            Ok(text) => Cow::Borrowed(text),
            Err(error) => decode_as(input, guess(input, error.valid_up_to())?, input.bytes)?,
        },
    };
    if text.contains('\0') {
        return Err(unreadable(input, "this is not a text file".to_string(), "export it as CSV or JSON lines"));
    }
    Ok(text)
}

fn decode_as<'a>(input: &Input<'_>, encoding: &'static Encoding, bytes: &'a [u8]) -> Result<Cow<'a, str>, RowFault> {
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    if had_errors {
        let message = format!("this is not a text file, or not in {}", encoding.name());
        return Err(unreadable(input, message, "export it again in UTF-8"));
    }
    Ok(text)
}

/// UTF-16 without its mark is known by its first letter, of whose two bytes one is zero.
fn unmarked_utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [first, 0, ..] if *first != 0 => Some(encoding_rs::UTF_16LE),
        [0, second, ..] if *second != 0 => Some(encoding_rs::UTF_16BE),
        _ => None,
    }
}

/// The encoding of a file that is no UTF-8 at byte `at`. Where it is UTF-8 before, with letters that only UTF-8 writes so, the
/// byte is a mistake: any other encoding would garble those letters.
fn guess(input: &Input<'_>, at: usize) -> Result<&'static Encoding, RowFault> {
    let before = input.bytes.get(..at).unwrap_or_default();
    if !before.is_ascii() {
        let message = "this line is not in UTF-8, though the lines before it are".to_string();
        let fault = unreadable(input, message, "mend the line, or export the file again in UTF-8");
        return Err(RowFault { place: Some(Place::Line(line_of(before))), ..fault });
    }
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let rest = input.bytes.get(line_start..).unwrap_or_default();
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(rest.get(..SAMPLE).unwrap_or(rest), rest.len() <= SAMPLE);
    Ok(detector.guess(None, Utf8Detection::Deny))
}

/// A line of many megabytes is no row but a broken file. It is found by its size alone, before anything reads it.
fn check_lines(input: &Input<'_>) -> Result<(), RowFault> {
    let mut start = 0;
    // The last line end of a window that begins with a line: no line up to it is longer than the window.
    while let Some(window) = input.bytes.get(start..start + LONGEST_LINE) {
        match window.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => start += end + 1,
            None => return Err(line_too_long(input, start)),
        }
    }
    Ok(())
}

fn line_too_long(input: &Input<'_>, start: usize) -> RowFault {
    let (before, rest) = input.bytes.split_at_checked(start).unwrap_or((&[], input.bytes));
    let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let message = format!("this line is {} MB long", length / 1_000_000);
    let help = "a row has at most 16 MiB: look for a quote that is never closed, or for line ends that got lost";
    RowFault::new("line_too_long", message, help).at(input.name, Place::Line(line_of(before)))
}

/// The number of the line that begins, or goes on, after these bytes.
fn line_of(before: &[u8]) -> u64 {
    let ends = before.iter().filter(|byte| **byte == b'\n').count();
    u64::try_from(ends).unwrap_or(u64::MAX).saturating_add(1)
}

fn unreadable(input: &Input<'_>, message: String, help: &str) -> RowFault {
    RowFault::new("unreadable_text", message, help).of(input.name)
}
