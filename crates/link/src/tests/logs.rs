//! What went over a line, as lines of text.

use sscard_host::{Secrets, Transport};

use super::exchanges::{READ_NAME, SELECT, SELECT_EF06, VERIFY, answers, card, reader};
use crate::{Behaviour, CardEnd, Line, Stream, WireLog};

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

/// A session on a stream of bytes, in pieces, each sent when the card has said what it has to say; `None`: silence.
fn streamed(disturbances: &[&str], pieces: &[Option<&[u8]>]) -> (String, Vec<Option<usize>>) {
    let mut line = Line::new(CardEnd::new(card(""), Behaviour::default()).expect("an ATR"));
    line.record();
    line.disturb(disturbances.iter().map(|text| text.parse().expect("a disturbance")));
    let mut stream = Stream::new(line);
    stream.take();
    let mut log = WireLog::new(Secrets::Redacted);
    let (mut lines, mut doubts) = (String::new(), Vec::new());
    for piece in pieces {
        match piece {
            Some(bytes) => stream.give(bytes),
            None => stream.be_silent(),
        }
        stream.take();
        let line = stream.line_mut();
        let parameters = *line.card().parameters();
        for entry in log.take(line.take_events(), &parameters) {
            let entry = entry.to_string();
            lines.push_str(entry.get(11..).unwrap_or(""));
            lines.push('\n');
        }
        doubts.push(log.doubt());
    }
    (lines, doubts)
}

const HEADER: Option<&[u8]> = Some(&[0x00, 0x20, 0x00, 0x00, 0x03]);
const PIN: Option<&[u8]> = Some(&[0x12, 0x34, 0x56]);
const CHALLENGE: Option<&[u8]> = Some(&[0x00, 0x84, 0x00, 0x00, 0x08]);

#[test]
fn behind_a_damaged_header_nothing_of_the_reader_is_shown_until_the_next_command() {
    let (lines, doubts) = streamed(&["bits=20@reader,char=2"], &[HEADER, PIN, CHALLENGE]);
    let reader: Vec<&str> = lines.lines().filter(|line| line.starts_with("reader")).collect();
    assert_eq!(
        reader,
        [
            "reader 00 00 00 00 03  # header",
            "reader ** ** **  # data, 3 bytes",
            "reader 00 84 00 00 08  # header"
        ],
        "{lines}"
    );
    assert_eq!(doubts, [Some(5), Some(5), None]);
}

#[test]
fn behind_a_lost_or_doubled_character_or_silence_no_pin_is_shown() {
    for disturbances in [
        &["lost@reader,char=2"][..],
        &["lost@reader,char=2", "lost@reader,char=7"],
        &["lost@reader,char=7"],
        &["double@reader,char=1"],
        &["double@reader,char=5"],
        &["bits=FF@reader,char=1"],
        &["bits=20@reader,char=2", "bits=01@reader,char=5"],
        &["parity@reader,char=1", "parity@reader,char=7"],
        &["lost@card,char=1"],
    ] {
        for pieces in [
            &[HEADER, PIN, CHALLENGE, CHALLENGE][..],
            &[HEADER, None, PIN, None, CHALLENGE, CHALLENGE],
            &[CHALLENGE, HEADER, None, PIN],
            &[Some(&[0x00, 0x20, 0x00, 0x00, 0x03, 0x12, 0x34, 0x56]), None, CHALLENGE],
        ] {
            let (lines, _) = streamed(disturbances, pieces);
            let shown = lines.lines().filter(|line| line.starts_with("reader"));
            for line in shown {
                let secret = ["12", "34", "56"].iter().find(|byte| line.contains(*byte));
                assert_eq!(secret, None, "{disturbances:?}:\n{lines}");
            }
        }
    }
}
