//! What a text is written in.

use super::{Dialect, gpshell, lines};

/// From the name's extension, else from the first words, else from all lines.
pub(super) fn dialect(name: &str, text: &str) -> Dialect {
    match name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).as_deref() {
        Some("scr") => return Dialect::JavaCard,
        Some("apdu") => return Dialect::Apdu,
        _ => {}
    }
    let said = || {
        lines(text)
            .map(|line| line.text.trim_start_matches('\u{FEFF}').trim())
            .filter(|line| !line.is_empty())
    };
    if said().any(|line| line.starts_with("> ")) && said().any(|line| line.starts_with("< ")) {
        return Dialect::Transcript;
    }
    let first = said().find(|line| !line.starts_with('#')).unwrap_or("");
    let code = || said().find(|line| !line.starts_with('#') && !line.starts_with("//"));
    if code().is_some_and(gpshell::is_first_line) {
        return Dialect::GpShell;
    }
    if first.starts_with("/*") || first.starts_with("//") || code().is_some_and(javacard) {
        return Dialect::JavaCard;
    }
    if said().all(scriptor) { Dialect::Scriptor } else { Dialect::Apdu }
}

fn javacard(line: &str) -> bool {
    let word = line.split([' ', '\t', ';']).next().unwrap_or("");
    word.eq_ignore_ascii_case("powerup") || word.starts_with("0x")
}

/// Hex, comments and lines that `scriptor` takes for its words: nothing that only we would read.
fn scriptor(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    let hex = line.strip_suffix('\\').unwrap_or(&line);
    line.starts_with('#')
        || line.split_whitespace().next().is_some_and(|word| word == "reset" || word == "exit")
        || hex.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b' ' | b'\t'))
}
