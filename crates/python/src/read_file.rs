//! Files that a caller names: a device, which may have no end, is none.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// A file, opened to be read.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    let kind = file.metadata()?.file_type();
    if is_device(kind) {
        return Err(io::Error::other("it is a device, not a file"));
    }
    Ok(file)
}

/// What is in a file.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(unix)]
fn is_device(kind: std::fs::FileType) -> bool {
    use std::os::unix::fs::FileTypeExt;
    kind.is_char_device() || kind.is_block_device()
}

#[cfg(not(unix))]
fn is_device(_kind: std::fs::FileType) -> bool {
    false
}
