//! `sscard import`: scripts of other programs as scripts of ours.

use std::io::Write;
use std::path::Path;

use sscard_dialect::{Dialect, DialectError, Level, LineNote};
use sscard_host::whole_file::Audience;
use sscard_lexicon::shown;
use sscard_script::{Program, SourceText, Target, check};

use crate::args::ImportArgs;
use crate::commands::run::diagnostics;
use crate::failure::Failure;
use crate::read_file;

const NO_SCRIPT: &str = "it cannot be run; if another program wrote it, say --dialect";

pub(crate) fn run(args: &ImportArgs, out: &mut dyn Write) -> Result<(), Failure> {
    let path = &args.file;
    let unreadable = |source| Failure::Unreadable { path: path.clone(), source };
    let text = read_file::text(path).map_err(unreadable)?;
    let place = path.display().to_string();
    let imported = match sscard_dialect::read(&place, &text, &args.import.options()) {
        Ok(imported) => imported,
        Err(error) => {
            if let DialectError::Unsupported { notes, .. } = &error {
                // The failure itself lists what is unsupported.
                tell(&place, notes.iter().filter(|note| note.level != Level::Unsupported));
            }
            return Err(error.into());
        }
    };
    tell(&place, &imported.notes);
    let is_named = args.import.options().dialect.is_some()
        || path.extension().is_some_and(|extension| extension == "apdu");
    if imported.dialect == Dialect::Apdu && !is_named {
        // What was taken for our language has to be it.
        let read = |path: &Path| read_file::read(path).map_err(|error| error.to_string());
        let checked =
            Program::imported(SourceText::new(&place, &text), imported.script.clone(), &read)
                .and_then(|program| check(program, Target::Virtual));
        if let Err(errors) = checked {
            diagnostics::print(&errors);
            return Err(Failure::Input { place, reason: NO_SCRIPT.to_owned() });
        }
    }
    let script = imported.to_apdu(&SourceText::new(&file_name(path), &text));
    match &args.output {
        None => out.write_all(script.as_bytes())?,
        Some(output) => super::write_file(output, script.as_bytes(), Audience::Everybody)?,
    }
    Ok(())
}

/// Says on stderr what there is to know about lines.
pub(super) fn tell<'n>(place: &str, notes: impl IntoIterator<Item = &'n LineNote>) {
    diagnostics::first_of(notes, "note", |note| {
        let (place, message) = (shown(place), shown(&note.message));
        complain!("{place}:{}: {}: {message}", note.line, note.level);
    });
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).display().to_string()
}
