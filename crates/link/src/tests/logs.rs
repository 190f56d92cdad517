//! What went over a line, as lines of text.

use sscard_host::{Secrets, Transport};

use super::exchanges::{READ_NAME, SELECT, SELECT_EF06, VERIFY, answers, reader};
use crate::{Behaviour, WireLog};

/// A session's lines: what went over the line after the reader was there.
fn lines(
    settings: &str,
    behaviour: Behaviour,
    disturbances: &[&str],
    commands: &[&[u8]],
    secrets: Secrets,
) -> Vec<String> {
    let mut reader = reader(settings, behaviour);
    reader.line_mut().record();
    reader.line_mut().disturb(disturbances.iter().map(|text| text.parse().expect("a disturbance")));
    reader.reset().expect("an ATR");
    answers(&mut reader, commands).expect("answers");
    let line = reader.line_mut();
    let parameters = *line.card().parameters();
    let mut log = WireLog::new(secrets);
    let entries = log.take(line.take_events(), &parameters);
    let rest = log.finish(&parameters);
    entries.iter().chain(&rest).map(ToString::to_string).collect()
}

#[test]
fn t0_turns_have_their_names() {
    let behaviour = Behaviour { null_bytes: 2, ..Behaviour::default() };
    let lines = lines(
        "",
        behaviour,
        &["parity@card,char=3"],
        &[SELECT, SELECT_EF06, READ_NAME, VERIFY],
        Secrets::Redacted,
    );
    let meanings: Vec<&str> =
        lines.iter().filter_map(|line| line.split_once("  # ")).map(|(_, it)| it).collect();
    assert_eq!(
        meanings,
        [
            "reset",
            "answer to reset",
            "header",
            "2 × NULL, procedure byte: all",
            "data, 15 bytes",
            "status 6118",
            "header",
            "2 × NULL, procedure byte: all",
            "data, 2 bytes",
            "status 9000",
            "header",
            "2 × NULL, procedure byte, 32 bytes, status 9000",
            "header",
            "2 × NULL, procedure byte: all",
            "data, 3 bytes",
            "status 9000",
        ],
        "{lines:#?}"
    );
    assert!(lines[3].contains(" card   60 60 A4!^ A4  #"), "{}", lines[3]);
    assert!(lines[14].contains(" reader ** ** **  #"), "{}", lines[14]);
}

#[test]
fn t1_blocks_have_their_names_and_no_pins() {
    let session = |secrets| {
        lines(
            "protocol = \"T=1\"",
            Behaviour { waiting_time_requests: 1, ..Behaviour::default() },
            &["checksum@card,block=3", "lost@reader,block=4"],
            &[SELECT_EF06, VERIFY],
            secrets,
        )
    };
    let hidden = session(Secrets::Redacted);
    let meanings: Vec<&str> =
        hidden.iter().filter_map(|line| line.split_once("  # ")).map(|(_, it)| it).collect();
    assert_eq!(
        meanings,
        [
            "reset",
            "answer to reset",
            "S(IFS request) 254",
            "S(IFS response) 254",
            "I(0,0) 7 bytes",
            "S(WTX request) 1",
            "S(WTX response) 1",
            "no block: the checksum of the block is wrong",
            "R(0) checksum or parity, lost",
            "silence, 15371 etu",
            "R(0) checksum or parity",
            "I(0,0) 2 bytes",
            "I(1,0) 8 bytes",
            "S(WTX request) 1",
            "S(WTX response) 1",
            "I(1,0) 2 bytes",
        ],
        "{hidden:#?}"
    );
    let verify = hidden.iter().find(|line| line.ends_with("I(1,0) 8 bytes")).expect("VERIFY");
    assert!(verify.contains(" 00 40 08 00 20 00 00 03 ** ** ** **"), "{verify}");
    let shown = session(Secrets::Shown);
    assert!(shown.iter().any(|line| line.contains(" 00 20 00 00 03 12 34 56 ")), "{shown:#?}");
}

#[test]
fn what_is_no_block_is_not_shown() {
    let lines = lines(
        "protocol = \"T=1\"",
        Behaviour::default(),
        &["bits=04@reader,char=12", "parity@reader,char=23"],
        &[VERIFY],
        Secrets::Redacted,
    );
    assert!(!lines.iter().any(|line| line.contains("12 34 56")), "{lines:#?}");
    let hidden = lines.iter().filter(|line| line.contains("reader ** ** ** ** ** **")).count();
    assert_eq!(hidden, 2, "{lines:#?}");
}
