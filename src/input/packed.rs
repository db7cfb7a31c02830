//! Compressed files, known by what they begin with and not by their names.

use std::borrow::Cow;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use super::{Input, RowFault};

const GZIP: &[u8] = &[0x1F, 0x8B];
const ZSTD: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD];

/// The bytes of a file as they were before it was compressed.
pub(super) fn unpack<'a>(input: &Input<'a>) -> Result<Cow<'a, [u8]>, RowFault> {
    let mut bytes = Vec::new();
    let (kind, read) = if input.bytes.starts_with(GZIP) {
        ("gzip", MultiGzDecoder::new(input.bytes).read_to_end(&mut bytes))
    } else if input.bytes.starts_with(ZSTD) {
        ("zstd", zstd::Decoder::new(input.bytes).and_then(|mut decoder| decoder.read_to_end(&mut bytes)))
    } else {
        return Ok(Cow::Borrowed(input.bytes));
    };
    match read {
        Ok(_) => Ok(Cow::Owned(bytes)),
        Err(error) => Err(broken(kind, &error, bytes.len()).of(input.name)),
    }
}

fn broken(kind: &str, error: &io::Error, known: usize) -> RowFault {
    let is_cut = error.kind() == io::ErrorKind::UnexpectedEof || error.to_string().contains("incomplete frame");
    let message = if is_cut {
        format!("this {kind} file was cut off: it ends after {known} bytes of what it holds")
    } else {
        format!("this {kind} file is damaged: {error}")
    };
    RowFault::new("broken_archive", message, "copy or download it again; nothing of it was counted")
}
