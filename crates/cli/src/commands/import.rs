//! `sscard import`: scripts of other programs as scripts of ours.

use std::fs;
use std::io::Write;
use std::path::Path;

use sscard_script::Source;
use sscard_script::import::{self, ImportError, Level, Note};

use crate::args::ImportArgs;
use crate::failure::Failure;

pub(crate) fn run(args: &ImportArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let path = &args.file;
    let unreadable = |source| Failure::Unreadable { path: path.clone(), source };
    let bytes = fs::read(path).map_err(unreadable)?;
    let place = path.display().to_string();
    let Ok(text) = String::from_utf8(bytes) else {
        return Err(Failure::Input { place, reason: "it is not text in UTF-8".to_owned() });
    };
    let imported = match import::read(&place, &text, &args.import.options()) {
        Ok(imported) => imported,
        Err(error) => {
            if let ImportError::Unsupported { notes, .. } = &error {
                // The failure itself lists what is unsupported.
                tell(&place, notes.iter().filter(|note| note.level != Level::Unsupported));
            }
            return Err(error.into());
        }
    };
    tell(&place, &imported.notes);
    let script = imported.to_apdu(&Source::new(&file_name(path), &text));
    match &args.output {
        None => out.write_all(script.as_bytes())?,
        Some(output) => fs::write(output, script)
            .map_err(|source| Failure::Unwritable { path: output.clone(), source })?,
    }
    Ok(())
}

/// Says on stderr what there is to know about lines.
pub(super) fn tell<'n>(place: &str, notes: impl IntoIterator<Item = &'n Note>) {
    for note in notes {
        eprintln!("{place}:{}: {}: {}", note.line, note.level, note.message);
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).display().to_string()
}
