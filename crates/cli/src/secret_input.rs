//! PINs and keys that need not stand on the command line, where everybody sees them.
//!
//! ```text
//! --pin 123456 │ --pin - │ SSCARD_PIN ─► pin ─► digits
//! --imk HEX │ --imk - │ --imk @FILE ─► key ─► hex
//! ```
//! What enters: what an option says. What leaves: the secret; no error repeats it.

use std::fs::{self, File};
use std::io::{self, BufRead, IsTerminal, Read};
use std::path::Path;

use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::terminal;

use crate::failure::Failure;

/// No PIN, and no key, is as long.
const LONGEST: u64 = 4096;

/// A PIN: `-` asks for it on a terminal, without echo, else it is the next line of standard input.
pub(crate) fn pin(option: &str, said: &str) -> Result<String, Failure> {
    if said == "-" { ask(option) } else { Ok(said.to_owned()) }
}

/// The same, out of the variable SSCARD_PIN where no option is given.
pub(crate) fn pin_or_environment(
    option: &str,
    said: Option<&str>,
) -> Result<Option<String>, Failure> {
    match said {
        Some(said) => pin(option, said).map(Some),
        None => match std::env::var("SSCARD_PIN") {
            Ok(pin) => Ok(Some(pin).filter(|pin| !pin.is_empty())),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => Err(refuse("SSCARD_PIN", "it is not text")),
        },
    }
}

/// A key in hexadecimal: `@FILE` is a file's, `-` is asked for as a PIN is.
pub(crate) fn key(option: &str, said: &str) -> Result<String, Failure> {
    match said.strip_prefix('@') {
        Some(path) => of_file(option, Path::new(path)),
        None => pin(option, said),
    }
}

/// The issuer script of a payment: PINs of a pin-change may be `-`.
pub(crate) fn issuer_script(said: &str) -> Result<String, Failure> {
    let Some(pins) = said.strip_prefix("pin-change=") else { return Ok(said.to_owned()) };
    let pins: Vec<_> =
        pins.split(':').map(|said| pin("--script pin-change", said)).collect::<Result<_, _>>()?;
    Ok(format!("pin-change={}", pins.join(":")))
}

fn refuse(place: &str, reason: &str) -> Failure {
    Failure::Input { place: place.to_owned(), reason: reason.to_owned() }
}

fn of_file(option: &str, path: &Path) -> Result<String, Failure> {
    let unreadable = |source| Failure::Unreadable { path: path.to_owned(), source };
    if !is_usable(&fs::metadata(path).map_err(unreadable)?) {
        return Err(unreadable(io::Error::other("a key lives in a regular file")));
    }
    let mut text = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LONGEST + 1).read_to_end(&mut text))
        .map_err(unreadable)?;
    let place = format!("{option} @{}", path.display());
    if text.len() as u64 > LONGEST {
        return Err(refuse(&place, "the file is too long for a key"));
    }
    String::from_utf8(text).map_err(|_| refuse(&place, "the file is not text"))
}

/// A file, or the pipe of a shell's `<(command)`; neither a folder nor a device.
fn is_usable(metadata: &fs::Metadata) -> bool {
    #[cfg(unix)]
    let is_pipe = std::os::unix::fs::FileTypeExt::is_fifo(&metadata.file_type());
    #[cfg(not(unix))]
    let is_pipe = false;
    metadata.is_file() || is_pipe
}

fn ask(option: &str) -> Result<String, Failure> {
    if io::stdin().is_terminal() { typed(option) } else { line(option) }
}

/// The next line of standard input; the rest of it is left to whoever asks next.
fn line(option: &str) -> Result<String, Failure> {
    let place = || format!("{option} -");
    let mut line = Vec::new();
    let read = io::stdin().lock().take(LONGEST + 1).read_until(b'\n', &mut line);
    read.map_err(|error| refuse(&place(), &format!("standard input: {error}")))?;
    if line.is_empty() {
        return Err(refuse(&place(), "standard input has no line for it"));
    }
    if line.len() as u64 > LONGEST {
        return Err(refuse(&place(), "the line of standard input is too long"));
    }
    let text = String::from_utf8(line);
    let text = text.map_err(|_| refuse(&place(), "the line of standard input is not text"))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// A terminal without echo; it is as before when this value is gone.
struct Silent;

impl Drop for Silent {
    fn drop(&mut self) {
        // Nothing is left to be done about a terminal that cannot be set back.
        let _ = terminal::disable_raw_mode();
        complain_on!("\r\n");
    }
}

fn typed(option: &str) -> Result<String, Failure> {
    terminal::enable_raw_mode().map_err(Failure::Output)?;
    let _silent = Silent;
    complain_on!("{}: ", option.trim_start_matches('-'));
    let mut typed = String::new();
    loop {
        let Event::Key(key) = event::read().map_err(Failure::Output)? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        match key.code {
            KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                return Err(Failure::Interrupted {
                    signal: signal_hook::consts::SIGINT,
                    note: "; nothing was sent",
                });
            }
            KeyCode::Enter | KeyCode::Char('j' | 'm')
                if key.code == KeyCode::Enter || key.modifiers.contains(KeyModifiers::CONTROL) =>
            {
                return Ok(typed);
            }
            KeyCode::Backspace => drop(typed.pop()),
            KeyCode::Char(c) if (typed.len() as u64) < LONGEST => typed.push(c),
            _ => {}
        }
    }
}
