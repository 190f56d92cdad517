//! Files that are read as a whole: scripts, tables, golden files.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// What is longer is no text that somebody wrote.
const LONGEST: u64 = 0x400_0000;

/// A file's bytes.
///
/// # Errors
/// What the system says; more than 64 MiB, as devices without an end have.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(io::Error::other(format!("it has more than {} MiB", LONGEST >> 20)));
    }
    Ok(bytes)
}

/// A file's text.
///
/// # Errors
/// As [`read`]; what is no UTF-8.
pub(crate) fn text(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|error| {
        let byte = error.utf8_error().valid_up_to() + 1;
        io::Error::other(format!("it is no UTF-8 text: byte {byte}"))
    })
}
