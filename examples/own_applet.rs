//! An applet of one's own on a social security card: it is selected by its AID and answers
//! `80 10 00 00` with a greeting.
//!
//! `cargo run --package sscard-tests --example own_applet`

use sscard_apdu::StatusWord;
use sscard_core::{Applet, Context, PlainCommand, Reply};
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};

#[derive(Clone)]
struct Greeter;

impl Applet for Greeter {
    fn aid(&self) -> &[u8] {
        &[0xF0, b'h', b'e', b'l', b'l', b'o']
    }

    fn process(
        &mut self,
        command: &PlainCommand<'_>,
        _context: &mut Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord> {
        match (command.class, command.ins) {
            (0x80, 0x10) => reply.extend(b"hello, reader"),
            _ => return Err(StatusWord::INS_NOT_SUPPORTED),
        }
        Ok(StatusWord::SUCCESS)
    }

    fn clone_box(&self) -> Box<dyn Applet> {
        Box::new(self.clone())
    }
}

fn main() {
    let profile = built_in("gen3").expect("a built-in profile");
    let mut card = issue(&profile, &synthetic_holder(1), &MasterKeys::test()).expect("a card");
    card.register(Box::new(Greeter));
    card.power_on().expect("power");
    let mut response = Vec::new();
    for command in [
        &[0x00, 0xA4, 0x04, 0x00, 0x06, 0xF0, b'h', b'e', b'l', b'l', b'o'][..],
        &[0x00, 0xC0, 0x00, 0x00, 0x0A],
        &[0x80, 0x10, 0x00, 0x00, 0x0D],
    ] {
        card.transmit(command, &mut response);
        println!("> {command:02X?}\n< {response:02X?}");
    }
    assert_eq!(response, b"hello, reader\x90\x00");
}
