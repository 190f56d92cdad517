//! `sscard repair`: the last sound state of a damaged image, as an image of its own.

use std::fs;
use std::io::Write;
use std::path::Path;

use sscard_core::CardImage;
use sscard_host::CardFileError;

use crate::args::RepairArgs;
use crate::documents::machine::RepairDocument;
use crate::documents::{self, SCHEMA};
use crate::failure::Failure;
use crate::outside::shown_path;
use crate::{image_file, read_file};

pub(crate) fn run(args: &RepairArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let path = &args.card;
    if is_same(path, &args.output) {
        let reason = "the damaged image stays as it is: the repaired one gets a file of its own";
        return Err(Failure::Usage(format!("-o {}: {reason}", shown_path(&args.output))));
    }
    let bytes = read_file::read(path)
        .map_err(|source| Failure::Unreadable { path: path.clone(), source })?;
    let salvaged = CardImage::from_bytes(bytes)
        .salvage()
        .map_err(|source| CardFileError::Image { path: path.clone(), source })?;
    image_file::write(&args.output, &salvaged.loaded.card.image())?;
    let (changes, lost) = (salvaged.loaded.changes, salvaged.lost);
    let damage = salvaged.damage.map(|damage| damage.to_string());
    if args.json {
        let document = RepairDocument { schema: SCHEMA, changes, lost_bytes: lost, damage };
        return Ok(documents::print(out, &document)?);
    }
    let plural = if changes == 1 { "" } else { "s" };
    writeln!(
        out,
        "{}: the image and {changes} sound change{plural} after it",
        shown_path(&args.output)
    )?;
    match (damage, lost) {
        (Some(damage), _) => writeln!(
            out,
            "lost: {damage}; it and what follows it, {lost} bytes, are not in the new image"
        )?,
        (None, 0) => writeln!(out, "lost: nothing; the image is sound")?,
        (None, _) => writeln!(
            out,
            "lost: nothing that was answered; the last {lost} bytes are a change that was being written"
        )?,
    }
    Ok(())
}

/// Whether both names lead to one file.
fn is_same(one: &Path, other: &Path) -> bool {
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
