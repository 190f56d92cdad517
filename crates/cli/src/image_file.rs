//! A new card in a file.

use std::io;
use std::path::Path;

use sscard_core::CardImage;
use sscard_host::whole_file::{self, Audience};
use sscard_host::{CardFile, CardFileError};

use crate::failure::Failure;
use crate::outside::shown_path;

/// Writes an image as a new file, or in place of an old one that nobody uses, for its owner alone. Links
/// are followed; what is no regular file (a pipe, `/dev/null`) is written into and stays what it is.
pub(crate) fn write(path: &Path, image: &CardImage) -> Result<(), Failure> {
    if CardFile::is_in_use(path) {
        return Err(CardFileError::InUse { path: path.to_owned() }.into());
    }
    // The kind alone: what people can do about it is in the path and the kind.
    let unwritable = |source: io::Error| Failure::Unwritable {
        path: path.to_owned(),
        source: source.kind().into(),
    };
    let remarks = whole_file::write(path, image.as_bytes(), Audience::Owner).map_err(unwritable)?;
    for remark in remarks {
        complain!("sscard: {}: {remark}", shown_path(path));
    }
    Ok(())
}
