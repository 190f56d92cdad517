//! An applet of one's own on a social security card: a counter that is selected by its AID, counts at
//! `80 10 00 00`, and survives a power cut at every byte that it writes.
//!
//! `cargo run --package sscard-tests --example own_applet`
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "an example, which may panic"
)]

use sscard_apdu::StatusWord;
use sscard_core::{Applet, Card, Context, PlainCommand, Reply};
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};

const AID: [u8; 6] = [0xF0, b'c', b'o', b'u', b'n', b't'];
const COUNT: [u8; 5] = [0x80, 0x10, 0x00, 0x00, 0x04];
const SELECT: [u8; 11] = [0x00, 0xA4, 0x04, 0x00, 0x06, 0xF0, b'c', b'o', b'u', b'n', b't'];

/// It has no fields: what lasts lies in its memory.
struct Counter;

impl Applet for Counter {
    fn aid(&self) -> &[u8] {
        &AID
    }

    /// The count, and how often it was even: two places that have to change together.
    fn memory(&self) -> Vec<u8> {
        vec![0; 8]
    }

    fn process(
        &self,
        command: &PlainCommand<'_>,
        context: &mut Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord> {
        if (command.class, command.ins) != (0x80, 0x10) {
            return Err(StatusWord::INS_NOT_SUPPORTED);
        }
        let mut memory = context.memory();
        let count = u32::from_be_bytes(memory.array(0)?) + 1;
        memory.write(0, &count.to_be_bytes())?;
        memory.write(4, &(count / 2).to_be_bytes())?;
        reply.extend(&count.to_be_bytes());
        Ok(StatusWord::SUCCESS)
    }
}

/// The count of a card, which is never half of one and half of another.
fn count(card: &Card) -> u32 {
    let memory = card.applet_memory(&AID).expect("the counter's memory");
    let [count, even] =
        [0, 4].map(|at| u32::from_be_bytes(memory[at..at + 4].try_into().expect("four bytes")));
    assert_eq!(even, count / 2, "both places or none");
    count
}

fn main() {
    let profile = built_in("gen3").expect("a built-in profile");
    let mut card = issue(&profile, &synthetic_holder(1), &MasterKeys::test()).expect("a card");
    card.register(Box::new(Counter)).expect("a free AID");
    card.power_on().expect("power");
    let mut response = Vec::new();
    for command in [&SELECT[..], &[0x00, 0xC0, 0x00, 0x00, 0x0A], &COUNT, &COUNT, &COUNT] {
        card.transmit(command, &mut response);
        println!("> {command:02X?}\n< {response:02X?}");
    }
    assert_eq!(response, [0, 0, 0, 3, 0x90, 0x00]);

    for cut in 0.. {
        let mut torn = card.snapshot();
        torn.cut_power_after(cut);
        torn.transmit(&COUNT, &mut response);
        if torn.bytes_until_cut().is_some() {
            assert_eq!(response, [0, 0, 0, 4, 0x90, 0x00]);
            println!("cut at each of {cut} bytes: 3 or 4, never between");
            break;
        }
        assert!(response.is_empty(), "without power nothing is answered");
        torn.power_on().expect("power");
        assert!(matches!(count(&torn), 3 | 4), "cut {cut}");
    }

    let mut loaded = Card::from_image(&card.image()).expect("its image");
    loaded.register(Box::new(Counter)).expect("it goes on with its memory");
    assert_eq!(count(&loaded), 3);
}
