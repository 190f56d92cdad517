//! Files of `scriptor` (pcsc-tools).
//!
//! That program looks at each line in this order: one that holds "exit" ends the run, blank lines and
//! those with `#` in the first column are nothing, one that holds "reset" resets the card, `\` at the
//! end continues, everything else is sent. It dies of anything but pairs of digits with one space
//! between them, or pairs without any space.

use super::{Import, Level, Line, bytes_of_hex, lines};
use sscard_script::ast::{Span, StatementKind};
use sscard_script::blank;

/// `exit` and `reset` are whole words, comments stand anywhere, digits stand as they like.
pub(super) fn ordinary(text: &str, import: &mut Import) {
    let mut pending: Option<Pending> = None;
    let mut told_of_cr = false;
    for line in lines(text) {
        let content = line.text.trim_start_matches('\u{FEFF}').trim_end();
        let code = code(content).trim();
        warn(&line, code, import);
        if code.is_empty() {
            continue;
        }
        if line.text.ends_with('\r') && !told_of_cr {
            told_of_cr = true;
            import.note(line.number, Level::Note, "scriptor fails on lines ending in CR LF");
        }
        let word = ["exit", "reset"].into_iter().find(|word| code.eq_ignore_ascii_case(word));
        match (word, &mut pending) {
            (Some(_), Some(started)) => {
                let line = started.line;
                import.note(line, Level::Unsupported, "the continued command does not go on");
                pending = None;
            }
            (Some("exit"), None) => import.push(line.span(), StatementKind::Exit),
            (Some(_), None) => import.push(line.span(), StatementKind::Reset),
            (None, _) => hex_line(&line, code, &mut pending, import),
        }
    }
    if let Some(started) = pending {
        import.note(started.line, Level::Unsupported, "the continued command does not go on");
    }
}

/// A command whose end is on a later line.
struct Pending {
    line: usize,
    start: usize,
    digits: String,
}

fn hex_line(line: &Line<'_>, code: &str, pending: &mut Option<Pending>, import: &mut Import) {
    let start = || Pending { line: line.number, start: line.start, digits: String::new() };
    let mut command = pending.take().unwrap_or_else(start);
    let (part, goes_on) = match code.strip_suffix('\\') {
        Some(part) => (part, true),
        None => (code, false),
    };
    command.digits.extend(part.chars().filter(|c| !matches!(c, ' ' | '\t')));
    if goes_on {
        *pending = Some(command);
        return;
    }
    let span = Span { start: command.start, end: line.span().end };
    match bytes_of_hex(&command.digits) {
        Some(bytes) if !bytes.is_empty() => {
            import.command(span, &bytes);
            if !clean(part) {
                let message = "scriptor fails on digits that are neither pairs with one space between \
                     them nor pairs without any";
                import.note(line.number, Level::Note, message);
            }
        }
        _ => import.note(
            command.line,
            Level::Unsupported,
            format!("'{}' is not hex in pairs", blank(code)),
        ),
    }
}

/// Whether `scriptor` takes these digits too.
fn clean(part: &str) -> bool {
    !part.contains(' ') && !part.contains('\t')
        || part.trim_end().split(' ').all(|pair| pair.len() == 2)
}

/// A line without its comment: `#` at its start or behind a space.
fn code(line: &str) -> &str {
    let mut before = ' ';
    for (at, character) in line.char_indices() {
        if character == '#' && matches!(before, ' ' | '\t') {
            return line.get(..at).unwrap_or(line);
        }
        before = character;
    }
    line
}

/// Where `scriptor` sees something else.
fn warn(line: &Line<'_>, code: &str, import: &mut Import) {
    let whole = line.text.to_ascii_lowercase();
    let is = |word: &str| code.eq_ignore_ascii_case(word);
    if whole.contains("exit") && !is("exit") {
        let message = "scriptor ends here: the line holds \"exit\"";
        import.note(line.number, Level::Warning, message);
    } else if line.text.starts_with('#') {
        // Nothing to scriptor either.
    } else if whole.contains("reset") && !is("reset") {
        let message = "scriptor resets the card here: the line holds \"reset\"";
        import.note(line.number, Level::Warning, message);
    } else if whole.contains('#') {
        let message = "scriptor knows comments in the first column only and aborts here";
        import.note(line.number, Level::Note, message);
    }
}

/// As the program reads it, up to where it ends or dies.
pub(super) fn compat(text: &str, import: &mut Import) {
    let mut command: Vec<u8> = Vec::new();
    let mut started = None;
    for line in lines(text) {
        let lower = line.text.to_ascii_lowercase();
        if lower.contains("exit") {
            tell_of_unsent(started, import);
            import.push(line.span(), StatementKind::Exit);
            return;
        }
        // Perl's white space.
        let is_blank = line.text.bytes().all(|b| matches!(b, b' ' | b'\t' | b'\r' | 0x0B | 0x0C));
        if is_blank || line.text.starts_with('#') {
            continue;
        }
        if lower.contains("reset") {
            import.push(line.span(), StatementKind::Reset);
            continue;
        }
        let mut bytes = spaced(line.text.as_bytes());
        let (first, start) = *started.get_or_insert((line.number, line.start));
        if bytes.pop_if(|byte| *byte == b'\\').is_some() {
            while bytes.pop_if(|byte| *byte == b' ').is_some() {}
            bytes.push(b' ');
            command.append(&mut bytes);
            continue;
        }
        command.append(&mut bytes);
        let span = Span { start, end: line.span().end };
        match sent(&command) {
            Ok(bytes) if bytes.is_empty() => {
                let message = "scriptor would send a command without bytes";
                import.note(first, Level::Unsupported, message);
            }
            Ok(bytes) => import.command(span, &bytes),
            Err(wrong) => {
                let message =
                    format!("scriptor aborts here: '{wrong}' is not a pair of hex digits");
                import.note(line.number, Level::Unsupported, message);
                return;
            }
        }
        command.clear();
        started = None;
    }
    tell_of_unsent(started, import);
}

fn tell_of_unsent(started: Option<(usize, usize)>, import: &mut Import) {
    if let Some((line, _)) = started {
        let message = "scriptor never sends this command: its continuation is missing";
        import.note(line, Level::Warning, message);
    }
}

/// A line without spaces gets one behind each pair.
fn spaced(line: &[u8]) -> Vec<u8> {
    if line.contains(&b' ') {
        return line.to_vec();
    }
    let (pairs, rest) = line.as_chunks::<2>();
    let mut spaced: Vec<u8> = pairs.iter().flat_map(|[high, low]| [*high, *low, b' ']).collect();
    spaced.extend_from_slice(rest);
    spaced
}

/// The bytes of a command, or what is none.
fn sent(command: &[u8]) -> Result<Vec<u8>, String> {
    let mut command = command;
    while let [rest @ .., b' '] = command {
        command = rest;
    }
    if command.is_empty() {
        return Ok(Vec::new());
    }
    let mut bytes = Vec::new();
    for pair in command.split(|byte| *byte == b' ') {
        let text = str::from_utf8(pair).unwrap_or("?");
        match bytes_of_hex(text) {
            Some(byte) if byte.len() == 1 => bytes.extend(byte),
            _ => return Err(String::from_utf8_lossy(pair).escape_default().to_string()),
        }
    }
    Ok(bytes)
}
