//! Files that are read as a whole: scripts, tables, golden files.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// What is longer is no text that somebody wrote.
const LONGEST: u64 = 0x400_0000;

/// A file's bytes.
///
/// # Errors
/// What the system says; a device, more than 64 MiB.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    refuse_device(&file)?;
    file.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(io::Error::other(format!("it has more than {} MiB", LONGEST >> 20)));
    }
    Ok(bytes)
}

/// A device may give bytes without an end, or wait for ever; a pipe has somebody at its other end.
#[cfg(unix)]
pub(crate) fn refuse_device(file: &File) -> io::Result<()> {
    use std::os::unix::fs::FileTypeExt;
    let kind = file.metadata()?.file_type();
    if (kind.is_char_device() || kind.is_block_device()) && !io::IsTerminal::is_terminal(file) {
        return Err(io::Error::other("it is a device, not a file"));
    }
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn refuse_device(_file: &File) -> io::Result<()> {
    Ok(())
}

/// A file's text.
///
/// # Errors
/// As [`read`]; what is no UTF-8.
pub(crate) fn text(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|error| {
        let byte = error.utf8_error().valid_up_to() + 1;
        io::Error::other(format!("it is not UTF-8 text: byte {byte}"))
    })
}
