//! Our card's end under a reader's end that others wrote: the crate `iso7816_tx`, T=1 with LRC. Its callbacks are functions, so
//! the line lies in the thread.

use std::cell::RefCell;
use std::collections::VecDeque;

use iso7816_tx::TransmissionBuilder;
use sscard_host::InProcess;

use super::exchanges::{READ_NAME, SELECT, SELECT_EF06, VERIFY, answers, card};
use crate::{Behaviour, CardEnd, Character, Signal};

thread_local! {
    static LINE: RefCell<Option<(CardEnd<InProcess>, VecDeque<u8>)>> = const { RefCell::new(None) };
}

fn write(_: Option<&()>, bytes: &[u8]) -> Result<usize, ()> {
    LINE.with_borrow_mut(|line| {
        let (end, waiting) = line.as_mut().ok_or(())?;
        for byte in bytes {
            for signal in end.accept(Character::new(*byte, 12)) {
                if let Signal::Character(character) = signal {
                    waiting.push_back(character.byte);
                }
            }
        }
        Ok(bytes.len())
    })
}

fn read(_: Option<&()>, bytes: &mut [u8]) -> Result<usize, ()> {
    LINE.with_borrow_mut(|line| {
        let (_, waiting) = line.as_mut().ok_or(())?;
        for (n, place) in bytes.iter_mut().enumerate() {
            match waiting.pop_front() {
                Some(byte) => *place = byte,
                None => return Ok(n),
            }
        }
        Ok(bytes.len())
    })
}

#[test]
fn a_foreign_reader_gets_the_same_answers() {
    let settings = "protocol = \"T=1\"";
    let long = [&[0x00, 0xA4, 0x04, 0x00, 0x40][..], &[0x31; 0x40]].concat();
    // It puts the second block of an answer in the place of the first, so answers have 32 bytes at most.
    let read_short: &[u8] = &[0x00, 0xB2, 0x08, 0x00, 0x14];
    let commands: [&[u8]; 5] = [SELECT, SELECT_EF06, read_short, VERIFY, &long];
    let plain = answers(&mut card(settings), &commands).expect("answers");
    assert_ne!(READ_NAME, read_short);
    let behaviours = [
        Behaviour::default(),
        Behaviour { waiting_time_requests: 3, ..Behaviour::default() },
        Behaviour { information_field_size: Some(64), ..Behaviour::default() },
    ];
    for behaviour in behaviours {
        let end = CardEnd::new(card(settings), behaviour.clone()).expect("an ATR");
        LINE.set(Some((end, VecDeque::new())));
        let mut got = vec![[0; 300]; commands.len()];
        let mut transmission = TransmissionBuilder::new()
            .set_read_cb(read)
            .set_write_cb(write)
            .set_sleep_cb(|_| ())
            .set_nad(0, 0)
            .build();
        for ((command, buffer), plain) in commands.iter().zip(&mut got).zip(&plain) {
            let answer = transmission.transmit(command, buffer).expect("an answer");
            assert_eq!(answer, plain, "{behaviour:?} {command:02X?}");
        }
        drop(transmission);
    }
}
