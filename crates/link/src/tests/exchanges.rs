//! Whole sessions over a line answer as the card does without one.

use proptest::prelude::*;
use sscard_host::{InProcess, Transport, TransportError};
use sscard_profile::{MasterKeys, issue, load, synthetic_holder};

use crate::{Behaviour, CardEnd, Line, LineEvent, LineReader, ReaderOptions, Sender};

pub(super) const SELECT: &[u8] = b"\x00\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
pub(super) const SELECT_WITH_LE: &[u8] =
    b"\x00\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF\x00";
pub(super) const SELECT_EF06: &[u8] = &[0x00, 0xA4, 0x00, 0x00, 0x02, 0xEF, 0x06];
pub(super) const READ_NAME: &[u8] = &[0x00, 0xB2, 0x09, 0x00, 0x20];
pub(super) const VERIFY: &[u8] = &[0x00, 0x20, 0x00, 0x00, 0x03, 0x12, 0x34, 0x56];

pub(super) fn card(settings: &str) -> InProcess {
    let profile = load(&format!("base = \"gen2\"\n{settings}")).expect("a profile");
    let card = issue(&profile, &synthetic_holder(1), &MasterKeys::test()).expect("a card");
    InProcess::power_on(card).expect("power")
}

pub(super) fn reader(settings: &str, behaviour: Behaviour) -> LineReader<InProcess> {
    let end = CardEnd::new(card(settings), behaviour).expect("an ATR");
    LineReader::connect(Line::new(end), ReaderOptions::default()).expect("a session")
}

pub(super) fn answers(
    transport: &mut dyn Transport,
    commands: &[&[u8]],
) -> Result<Vec<Vec<u8>>, TransportError> {
    let answer = |command: &&[u8]| {
        let mut response = Vec::new();
        transport.transmit(command, &mut response).map(|()| response)
    };
    commands.iter().map(answer).collect()
}

#[test]
fn t0_selects_fetches_and_reads() {
    let mut reader = reader("", Behaviour::default());
    let got = answers(
        &mut reader,
        &[
            SELECT,
            &[0x00, 0xC0, 0x00, 0x00, 0x18],
            SELECT_EF06,
            &[0x00, 0xB2, 0x09, 0x00, 0x00],
            READ_NAME,
        ],
    )
    .expect("answers");
    assert_eq!(got[0], [0x61, 0x18]);
    assert_eq!((got[1].len(), &got[1][24..]), (26, &[0x90, 0x00][..]));
    assert_eq!(got[2], [0x90, 0x00]);
    assert_eq!(got[3], [0x6C, 0x20]);
    assert_eq!((got[4].len(), &got[4][32..]), (34, &[0x90, 0x00][..]));
}

#[test]
fn s10_3_3_null_and_single_bytes_change_nothing() {
    let behaviour = Behaviour { null_bytes: 3, byte_by_byte: true, ..Behaviour::default() };
    let commands: [&[u8]; 5] =
        [SELECT, SELECT_EF06, READ_NAME, VERIFY, &[0x00, 0x84, 0x00, 0x00, 0x08]];
    let plain = answers(&mut reader("", Behaviour::default()), &commands);
    assert_eq!(answers(&mut reader("", behaviour), &commands), plain);
}

#[test]
fn s10_3_2_the_characters_of_a_verify() {
    let mut reader = reader("", Behaviour::default());
    answers(&mut reader, &[SELECT]).expect("the environment");
    reader.line_mut().record();
    answers(&mut reader, &[VERIFY]).expect("an answer");
    let events = reader.line_mut().take_events();
    let bytes = |wanted| -> Vec<u8> {
        events
            .iter()
            .filter_map(|(_, event)| match event {
                LineEvent::Character { sender, character } if *sender == wanted => {
                    Some(character.byte)
                }
                _ => None,
            })
            .collect()
    };
    assert_eq!(bytes(Sender::Reader), VERIFY);
    assert_eq!(bytes(Sender::Card), [0x20, 0x90, 0x00]);
}

#[test]
fn t1_chains_both_ways_and_asks_for_time() {
    let settings = "protocol = \"T=1\"\nextended_length = true";
    let commands: [&[u8]; 4] = [SELECT_WITH_LE, SELECT_EF06, READ_NAME, VERIFY];
    let plain = answers(&mut card(settings), &commands).expect("answers");
    for size in [1, 5, 32, 254] {
        let behaviour = Behaviour {
            waiting_time_requests: 2,
            waiting_time_multiplier: 3,
            information_field_size: Some(size),
            ..Behaviour::default()
        };
        let end = CardEnd::new(card(settings), behaviour).expect("an ATR");
        let options =
            ReaderOptions { information_field_size: Some(size), ..ReaderOptions::default() };
        let mut reader = LineReader::connect(Line::new(end), options).expect("a session");
        assert_eq!(answers(&mut reader, &commands).expect("answers"), plain, "{size}");
        reader.resynchronise().expect("RESYNCH");
        reader.abort().expect("ABORT");
        assert_eq!(answers(&mut reader, &[READ_NAME]).expect("answers"), plain[2..3]);
    }
}

#[test]
fn a_reset_begins_with_the_atr_again() {
    for settings in ["", "protocol = \"T=1\""] {
        let mut reader = reader(settings, Behaviour::default());
        answers(&mut reader, &[SELECT, VERIFY]).expect("answers");
        reader.reset().expect("an ATR");
        let got = answers(&mut reader, &[SELECT_EF06]).expect("an answer");
        assert_eq!(got[0], [0x6A, 0x82], "the environment is no longer selected");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_command_is_answered_over_t1_as_without_a_line(
        commands in prop::collection::vec(prop::collection::vec(any::<u8>(), 4..300), 1..6),
        size in 1_u8..=254,
    ) {
        let settings = "protocol = \"T=1\"";
        let mut plain = card(settings);
        let behaviour = Behaviour { information_field_size: Some(size), ..Behaviour::default() };
        let mut line = reader(settings, behaviour);
        for command in &commands {
            let (mut one, mut other) = (Vec::new(), Vec::new());
            plain.transmit(command, &mut one).expect("an answer");
            line.transmit(command, &mut other).expect("an answer");
            prop_assert_eq!(&one, &other, "{:02X?}", command);
        }
    }

    #[test]
    fn any_characters_get_an_answer_or_silence(
        turns in prop::collection::vec(prop::collection::vec((any::<u8>(), any::<bool>()), 0..40), 0..8),
        over_t1 in any::<bool>(),
    ) {
        let settings = if over_t1 { "protocol = \"T=1\"" } else { "" };
        let mut end = CardEnd::new(card(settings), Behaviour::default()).expect("an ATR");
        for turn in turns {
            for (byte, is_sound) in turn {
                let _ = end.accept(crate::Character { byte, is_sound, after: 12 });
            }
            let _ = end.silence(1_000_000);
        }
    }
}
