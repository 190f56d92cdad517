//! I-9: no sink writes PINs or keys unless it is told to.

use super::*;

/// A PIN that occurs nowhere else.
const CANARY: [u8; 3] = [0x73, 0x91, 0x46];

fn session() -> Vec<TraceEvent> {
    let secret =
        |cla, ins, p2| exchange(&[&[cla, ins, 0, p2, 3][..], &CANARY].concat(), &[0x90, 0]);
    let extended = [&[0x00, 0x20, 0, 0, 0, 0, 3][..], &CANARY].concat();
    vec![
        exchange(&SELECT, &[0x90, 0x00]),
        secret(0x00, 0x20, 0x00),
        secret(0x80, 0x5E, 0x01),
        secret(0x84, 0x24, 0x02),
        secret(0x84, 0xD4, 0x00),
        secret(0x80, 0xD8, 0x00),
        exchange(&extended, &[0x67, 0x00]),
        // Parts of chains, on other channels and protected.
        secret(0x10, 0x20, 0x00),
        secret(0x11, 0x20, 0x00),
        secret(0x90, 0x5E, 0x01),
        secret(0x94, 0x24, 0x02),
        secret(0x50, 0x20, 0x00),
        secret(0x94, 0xD8, 0x00),
        // Malformed: its Lc is wrong.
        exchange(&[&[0x00, 0x20, 0, 0, 9][..], &CANARY].concat(), &[0x67, 0x00]),
        TraceEvent::Exchange(Exchange::new(
            [&[0x00, 0x20, 0, 0, 3][..], &CANARY].concat(),
            Err(TransportError::told("gone")),
        )),
    ]
}

/// The canary as bytes or as text, with and without spaces.
fn holds_canary(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_uppercase();
    bytes.windows(3).any(|window| window == CANARY)
        || text.contains("739146")
        || text.contains("73 91 46")
}

#[test]
fn no_sink_writes_the_canary_and_every_sink_does_when_told() {
    for (export, name, _) in Export::ALL {
        let hidden = write(export, &header(), &session(), Secrets::Redacted);
        assert!(!holds_canary(&hidden), "{name}");
        let shown = write(export, &header(), &session(), Secrets::Shown);
        assert!(holds_canary(&shown), "{name}");
    }
}

#[test]
fn answers_that_hold_secrets_are_hidden_in_every_sink() {
    let answer = [&CANARY[..], &[0x90, 0x00]].concat();
    let part = [&CANARY[..], &[0x61, 0x03]].concat();
    let session = vec![
        // HASH of a PIN, the session key of an envelope in two pieces, what was enciphered, on channel 1.
        exchange(&[0x80, 0xC4, 0x01, 0x03, 0x00], &answer),
        exchange(&[0x80, 0x4E, 0x00, 0x01, 0x00], &[0x61, 0x06]),
        exchange(&[0x00, 0xC0, 0x00, 0x00, 0x03], &part),
        exchange(&[0x00, 0xC0, 0x00, 0x00, 0x03], &answer),
        exchange(&[0x01, 0x2A, 0x80, 0x86, 0x00], &[0x61, 0x03]),
        exchange(&[0x00, 0x84, 0x00, 0x00, 0x00], &[0x01, 0x02, 0x90, 0x00]),
        exchange(&[0x01, 0xC0, 0x00, 0x00, 0x03], &answer),
    ];
    for (export, name, _) in Export::ALL {
        let hidden = write(export, &header(), &session, Secrets::Redacted);
        assert!(!holds_canary(&hidden), "{name}");
        let shown = write(export, &header(), &session, Secrets::Shown);
        assert!(holds_canary(&shown), "{name}");
    }
    let text = write(Export::Jsonl, &header(), &session, Secrets::Redacted);
    let text = String::from_utf8(text).expect("text");
    assert_eq!(text.matches(r#""redacted_rsp":true"#).count(), 4, "{text}");
}

#[test]
fn a_recording_does_not_write_it_either() {
    let path = std::env::temp_dir().join(format!("sscard-canary-{}.jsonl", std::process::id()));
    for (secrets, found) in [(Secrets::Redacted, false), (Secrets::Shown, true)] {
        let file = std::fs::File::create(&path).expect("file");
        let cards = Canned(vec![&[0x90, 0x00]; session().len()]);
        let mut card = Tap::begin(cards, file, Mode::Raw, None, secrets).expect("begun");
        for event in session() {
            let TraceEvent::Exchange(exchange) = event else { continue };
            card.transmit(&exchange.command, &mut Vec::new()).expect("an answer");
        }
        card.finish().expect("written");
        let bytes = std::fs::read(&path).expect("file");
        assert_eq!(holds_canary(&bytes), found);
        let (_, events, errors) = read(&String::from_utf8(bytes).expect("text"), None);
        assert_eq!((events.len(), errors.len()), (session().len(), 0));
    }
    std::fs::remove_file(path).expect("removed");
}

#[test]
fn what_is_redacted_is_said_to_be() {
    let text = String::from_utf8(write(Export::Jsonl, &header(), &session(), Secrets::Redacted));
    let text = text.expect("text");
    assert_eq!(text.matches(r#""redacted":true"#).count(), session().len() - 1, "{text}");
    let (_, events, _) = read(&text, None);
    let TraceEvent::Exchange(verify) = &events[1] else { panic!("{events:?}") };
    assert_eq!(verify.command_hex(), "0020000003******");
}
