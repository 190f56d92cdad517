//! Which format a trace has, from its beginning.

use super::TraceFormat;

/// The format of a trace that begins so; the first line that only one format has decides.
pub(super) fn format(head: &[u8]) -> Option<TraceFormat> {
    String::from_utf8_lossy(head).lines().find_map(of_line)
}

fn of_line(line: &str) -> Option<TraceFormat> {
    let line = line.trim_start_matches('\u{FEFF}').trim();
    if line.starts_with('{') {
        return Some(TraceFormat::Jsonl);
    }
    if line.contains(" APDU: ") {
        return Some(TraceFormat::Pcscd);
    }
    if line.contains("@>|") || line.contains("@<|") {
        return Some(TraceFormat::Pcscspy);
    }
    if line.contains("A>>") || line.contains("A<<") {
        return Some(TraceFormat::Gp);
    }
    if line.starts_with("> ") || line.starts_with("Using T=") {
        return Some(TraceFormat::Scriptor);
    }
    if line.starts_with("# ATR:") || line.starts_with("# PROTOCOL:") || line.starts_with("# Sent") {
        return Some(TraceFormat::Apdu4j);
    }
    // A bare dump without a header; ours alone have our own comments before that.
    let is_hex = line.len() >= 8 && line.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then_some(TraceFormat::Apdu4j)
}
