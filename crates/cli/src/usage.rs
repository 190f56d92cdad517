//! What is wrong with the command line, without what must not be repeated.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use sscard_lexicon::shown;

use crate::args::Args;
use crate::outside;

/// Says what the parser has to say: help on stdout, errors on stderr with exit code 2.
pub(crate) fn tell(error: Error) -> ExitCode {
    if !error.use_stderr() {
        // Nothing in it came from outside.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let args = std::env::args_os().map(|arg| shown(&arg.to_string_lossy()).into_owned());
    // The same error of the same arguments, as they are shown; where those are none, its own words shown.
    let again = Args::try_parse_from(args).err().filter(|again| again.kind() == error.kind());
    let mut error = again.unwrap_or_else(|| in_one_line(error));
    hide(&mut error);
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || !io::stderr().is_terminal();
    let text = error.render();
    let text = if plain { text.to_string() } else { text.ansi().to_string() };
    outside::complain_in_colour(&text);
    ExitCode::from(2)
}

/// What an error repeats of the command line, each piece in one line.
fn in_one_line(mut error: Error) -> Error {
    let pieces = [
        ContextKind::InvalidArg,
        ContextKind::InvalidSubcommand,
        ContextKind::InvalidValue,
        ContextKind::PriorArg,
        ContextKind::TrailingArg,
    ];
    for piece in pieces {
        if let Some(ContextValue::String(text)) = error.get(piece) {
            let text = shown(text).into_owned();
            error.insert(piece, ContextValue::String(text));
        }
    }
    error
}

/// A PIN or a key that stands in a wrong place is not repeated.
fn hide(error: &mut Error) {
    let (context, advice) = match error.kind() {
        ErrorKind::UnknownArgument => (ContextKind::InvalidArg, ContextKind::SuggestedArg),
        ErrorKind::TooManyValues => (ContextKind::InvalidValue, ContextKind::SuggestedValue),
        ErrorKind::InvalidSubcommand => {
            (ContextKind::InvalidSubcommand, ContextKind::SuggestedSubcommand)
        }
        _ => return,
    };
    let Some(ContextValue::String(text)) = error.get(context) else { return };
    let value = text.rsplit('=').next().unwrap_or(text);
    let is_secret = value.len() >= 4
        && (value.bytes().all(|byte| byte.is_ascii_hexdigit())
            && (value.len() >= 16 || value.bytes().any(|byte| byte.is_ascii_digit()))
            // Mistyped in a character or two.
            || value.bytes().filter(u8::is_ascii_digit).count() * 2 >= value.len());
    if is_secret {
        let start = text.len() - value.len();
        let hidden = format!("{}{}", &text[..start], "*".repeat(value.len()));
        error.insert(context, ContextValue::String(hidden));
        error.remove(advice);
        // What would be put behind "--" repeats it.
        error.remove(ContextKind::Suggested);
        error.remove(ContextKind::TrailingArg);
    }
}
