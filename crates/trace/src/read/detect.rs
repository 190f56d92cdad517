//! Which format a trace has, from its beginning.

use super::Format;

/// The format of a trace that begins so; the first line that only one format has decides.
pub(super) fn format(head: &[u8]) -> Option<Format> {
    String::from_utf8_lossy(head).lines().find_map(of_line)
}

fn of_line(line: &str) -> Option<Format> {
    let line = line.trim_start_matches('\u{FEFF}').trim();
    if line.starts_with('{') {
        return Some(Format::Jsonl);
    }
    if line.contains(" APDU: ") {
        return Some(Format::Pcscd);
    }
    if line.contains("@>|") || line.contains("@<|") {
        return Some(Format::Pcscspy);
    }
    if line.contains("A>>") || line.contains("A<<") {
        return Some(Format::Gp);
    }
    if line.starts_with("> ") || line.starts_with("Using T=") {
        return Some(Format::Scriptor);
    }
    if line.starts_with("# ATR:") || line.starts_with("# PROTOCOL:") || line.starts_with("# Sent") {
        return Some(Format::Apdu4j);
    }
    // A bare dump without a header; ours alone have our own comments before that.
    let is_hex = line.len() >= 8 && line.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then_some(Format::Apdu4j)
}
