//! What is written in another format and read again is what it was.

use std::time::Duration;

use super::*;

/// Everything that an event can hold.
fn events() -> Vec<TraceEvent> {
    let verify = [0x00, 0x20, 0x00, 0x00, 0x03, 1, 2, 3];
    let mut verify = Exchange::new(verify, Ok(vec![0x63, 0xC5]));
    verify.redact();
    vec![
        TraceEvent::Exchange(
            Exchange::new(SELECT, Ok([&[0xAB; 32][..], &[0x90, 0x00]].concat()))
                .at(1_234_567)
                .took(Duration::from_micros(1_999))
                .noted("备注: \"quoted\"\n second line"),
        ),
        TraceEvent::Reset(Reset { t_ns: 9_000_000, atr: vec![0x3B, 0x01], ..Reset::default() }),
        TraceEvent::Exchange(verify.at(10_000_000)),
        TraceEvent::Exchange(
            Exchange::new([0x00, 0x84, 0x00, 0x00, 0x08], Err(TransportError::told("gone")))
                .at(11_000_000)
                .in_reader("other")
                .took(Duration::ZERO),
        ),
        TraceEvent::Reset(Reset {
            kind: ResetKind::PowerOn,
            t_ns: 12_000_000,
            reader: Some("other".into()),
            atr: Vec::new(),
        }),
        TraceEvent::Exchange(
            Exchange::new([0x00], Ok(vec![0x67, 0x00])).at(13_000_000).in_reader("other"),
        ),
        TraceEvent::Exchange(
            Exchange::new([0x00, 0x84, 0x00, 0x00, 0x08], Ok(Vec::new())).at(13_500_000),
        ),
        TraceEvent::Exchange(
            Exchange::new([0x00, 0x84, 0x00, 0x00, 0x08], Ok(vec![0x90]))
                .at(13_600_000)
                .took(Duration::from_micros(7)),
        ),
        TraceEvent::Reset(Reset {
            kind: ResetKind::PowerOff,
            t_ns: 14_000_000,
            ..Reset::default()
        }),
    ]
}

#[test]
fn every_text_format_gives_back_what_it_got() {
    for (export, format) in [
        (Export::Jsonl, TraceFormat::Jsonl),
        (Export::Apdu4j, TraceFormat::Apdu4j),
        (Export::Scriptor, TraceFormat::Scriptor),
    ] {
        let bytes = write(export, &header(), &events(), Secrets::Redacted);
        let text = String::from_utf8(bytes).expect("text");
        let (found, again, errors) = read(&text, None);
        assert_eq!(errors, Vec::<String>::new(), "{text}");
        assert_eq!(again, events(), "{text}");
        assert_eq!(found, header());
        assert_eq!(TraceReader::open(text.as_bytes(), None).expect("known").format(), format);
    }
}

#[test]
fn formats_chain_and_come_back_byte_for_byte() {
    let ours = write(Export::Jsonl, &header(), &events(), Secrets::Redacted);
    let mut bytes = ours.clone();
    for export in [Export::Apdu4j, Export::Scriptor, Export::Apdu4j, Export::Jsonl] {
        let mut reader = TraceReader::open(&bytes[..], None).expect("known");
        let events: Vec<TraceEvent> = (&mut reader).collect::<Result<_, _>>().expect("well formed");
        let header = reader.header().clone();
        drop(reader);
        bytes = write(export, &header, &events, Secrets::Redacted);
    }
    assert_eq!(String::from_utf8(bytes), String::from_utf8(ours));
}

#[test]
fn other_programs_find_their_own_lines() {
    let dump = String::from_utf8(write(Export::Apdu4j, &header(), &events(), Secrets::Redacted));
    let dump = dump.expect("text");
    let hex: Vec<&str> = dump.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(hex.len() % 2, 0, "commands and responses in turn");
    assert!(dump.starts_with("# ATR: 3B00\n# PROTOCOL: T=0\n"), "{dump}");
    let transcript = write(Export::Scriptor, &header(), &events()[..1], Secrets::Redacted);
    let transcript = String::from_utf8(transcript).expect("text");
    assert!(transcript.contains("> 00 A4 00 00 02 3F 00\n< AB AB"), "{transcript}");
    assert!(transcript.contains("AB AB \n90 00 : success\n"), "{transcript}");
}

#[test]
fn traces_one_after_another_are_one() {
    let one = write(Export::Jsonl, &header(), &events()[..1], Secrets::Redacted);
    let text = String::from_utf8([&one[..], &one[..]].concat()).expect("text");
    let (_, events, errors) = read(&text, None);
    assert_eq!((events.len(), errors.len()), (3, 0));
    assert!(matches!(&events[1], TraceEvent::Reset(reset) if reset.atr == [0x3B, 0x00]));
}

/// The blocks of a pcapng: type and body.
fn blocks(mut bytes: &[u8]) -> Vec<(u32, Vec<u8>)> {
    let word = |bytes: &[u8]| u32::from_be_bytes(bytes[..4].try_into().expect("word"));
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let length = word(&bytes[4..]) as usize;
        assert_eq!(length % 4, 0);
        assert_eq!(word(&bytes[length - 4..]) as usize, length);
        found.push((word(bytes), bytes[8..length - 4].to_vec()));
        bytes = &bytes[length..];
    }
    found
}

#[test]
fn pcapng_is_what_wireshark_reads_without_settings() {
    let bytes = write(Export::Pcapng, &header(), &events()[..1], Secrets::Redacted);
    let blocks = blocks(&bytes);
    let kinds: Vec<u32> = blocks.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [0x0A0D_0D0A, 1, 6, 6, 6], "section, interface, ATR, command, response");
    let interface = &blocks[1].1;
    assert_eq!(interface[..2], [0, 252]);
    let name = "Reader 一号".as_bytes();
    assert_eq!(interface[8..12], [0, 2, 0, 13], "if_name and its length");
    assert_eq!(&interface[12..25], name);
    assert_eq!(interface[28..34], [0, 9, 0, 1, 9, 0], "if_tsresol: nanoseconds");
    let command = &blocks[3].1;
    let time = u64::from_be_bytes(command[4..12].try_into().expect("time"));
    assert_eq!(time, 1_790_000_000_123_000_000 + 1_234_567);
    assert_eq!(&command[20..32], b"\0\x0C\0\x08iso7816\0");
    assert_eq!(
        command[32..44],
        [0, 35, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0],
        "towards the card, end of tags"
    );
    assert_eq!(command[44..51], SELECT);
    let comment = String::from_utf8_lossy(&command[56..]).into_owned();
    assert!(comment.starts_with("SELECT MF"), "{comment}");
    let response = &blocks[4].1;
    assert_eq!(response[32..44], [0, 35, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0]);
    assert!(String::from_utf8_lossy(response).contains("success (成功)"));
    assert!(blocks[2].1.windows(11).any(|window| window == b"iso7816.atr"));
}

#[test]
fn every_format_stands_in_the_document() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/trace.md");
    let document = std::fs::read_to_string(path).expect("docs/trace.md");
    for (_, name, _) in TraceFormat::ALL {
        assert!(document.contains(&format!("`{name}`")), "{name} is not in docs/trace.md");
    }
}
