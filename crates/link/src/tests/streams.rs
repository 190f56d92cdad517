//! A card on a stream of bytes.

use super::exchanges::{answers, card, reader};
use crate::block::{Block, ErrorDetection, Kind};
use crate::{Behaviour, CardEnd, Line, Stream};

fn stream(settings: &str) -> Stream<sscard_host::InProcess> {
    Stream::new(Line::new(CardEnd::new(card(settings), Behaviour::default()).expect("an ATR")))
}

#[test]
fn the_atr_then_blocks_in_any_pieces() {
    let mut stream = stream("protocol = \"T=1\"");
    let atr = reader("protocol = \"T=1\"", Behaviour::default());
    assert_eq!(stream.take(), sscard_host::Transport::atr(&atr));
    let answer =
        answers(&mut card("protocol = \"T=1\""), &[&[0x00, 0xA4, 0x00, 0x00]]).expect("an answer");
    let block = Block::new(Kind::Information { number: 0, more: false }, answer[0].clone());
    // I(0,0) with 00A40000.
    for byte in [0x00, 0x00, 0x04, 0x00, 0xA4, 0x00, 0x00] {
        stream.give(&[byte]);
        assert_eq!(stream.take(), []);
    }
    stream.give(&[0xA0]);
    assert_eq!(stream.take(), block.to_bytes(ErrorDetection::Lrc));
}

#[test]
fn what_is_broken_off_is_asked_for_again() {
    let mut stream = stream("protocol = \"T=1\"");
    stream.take();
    stream.give(&[0x00, 0x00, 0x04, 0x00]);
    assert_eq!(stream.take(), []);
    stream.be_silent();
    assert_eq!(stream.take(), [0x00, 0x82, 0x00, 0x82]);
}

#[test]
fn a_parity_error_is_a_bit_on_a_stream() {
    let mut stream = stream("");
    let atr = stream.take();
    stream.line_mut().disturb(["parity@card,atr=2".parse().expect("a disturbance")]);
    stream.reset().expect("power");
    let damaged = stream.take();
    assert_eq!((damaged[0], damaged[1] ^ 0x01, &damaged[2..]), (atr[0], atr[1], &atr[2..]));
}
