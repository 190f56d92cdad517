//! A script's text: in our language, or in another program's.

use std::path::Path;

use sscard_dialect::{DialectError, Level, LineNote};
use sscard_script::ast::Span;
use sscard_script::{Program, ScriptError, SourceText};

use crate::args::RunArgs;
use crate::commands::import::tell;
use crate::read_file;

/// Reads and parses a script with what it includes; what was imported keeps its places.
pub(super) fn program(path: &Path, args: &RunArgs) -> Result<Program, Vec<ScriptError>> {
    let read = |path: &Path| read_file::read(path).map_err(|error| error.to_string());
    let name = path.to_string_lossy();
    let text = read_file::text(path).map_err(|error| super::unreadable(path, &error))?;
    let source = SourceText::new(&name, &text);
    match sscard_dialect::read(&source.name, &text, &args.import.options()) {
        Ok(imported) => {
            tell(&source.name, &imported.notes);
            Program::imported(source, imported.script, &read)
        }
        Err(DialectError::Script(error)) => Err(vec![*error]),
        Err(DialectError::Unsupported { notes, .. }) => {
            let is_unsupported = |note: &&LineNote| note.level == Level::Unsupported;
            tell(&source.name, notes.iter().filter(|note| !is_unsupported(note)));
            Err(notes.iter().filter(is_unsupported).map(|note| *error(&source, note)).collect())
        }
        Err(other) => Err(vec![*ScriptError::new(&source, Span::default(), other.to_string())]),
    }
}

fn error(source: &SourceText, note: &LineNote) -> Box<ScriptError> {
    let before = note.line.saturating_sub(1);
    let start: usize = source.text.split_inclusive('\n').take(before).map(str::len).sum();
    let line = source.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let span = Span { start, end: start + line.len() };
    ScriptError::new(source, span, format!("cannot be imported: {}", note.message))
        .with_advice("--keep-going leaves it out")
}
