//! A write that failed undoes its command, whoever passes over the error; a challenge of SELECT stays; names that
//! begin alike.

use sscard_apdu::StatusWord;
use sscard_core::{Applet, Context, PlainCommand, Reply};

use super::counter::{plain, send};
use crate::harness::hex;

const LARGE: usize = 300;

/// Passes over every error of its memory.
struct Careless(Vec<u8>);

impl Applet for Careless {
    fn aid(&self) -> &[u8] {
        &self.0
    }

    fn memory(&self) -> Vec<u8> {
        vec![0; LARGE]
    }

    fn select(
        &self,
        _: &PlainCommand<'_>,
        context: &mut Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord> {
        reply.extend(&self.0[self.0.len() - 1..]);
        context.challenge(8, reply)?;
        Ok(StatusWord::SUCCESS)
    }

    fn process(
        &self,
        command: &PlainCommand<'_>,
        context: &mut Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord> {
        let mut memory = context.memory();
        match command.ins {
            // One good write, then one beyond the memory.
            0x10 => {
                let _ = memory.write(0, &[0x11]);
                let _ = memory.write(LARGE, &[0x22]);
            }
            // More writes than the journal holds.
            0x12 => {
                for offset in 0..LARGE {
                    let _ = memory.write(offset, &[0x33]);
                }
            }
            0x14 => {
                let _ = memory.write(1, &[0x44]);
                let _ = memory.write_through(LARGE, 0x55);
            }
            0x16 => {
                let id = sscard_core::KeyId::UK_SSSE;
                context.external_authenticate(id, &[0; 8], &[0; 8])?;
            }
            _ => reply.extend(&memory.array::<4>(0)?),
        }
        Ok(StatusWord::SUCCESS)
    }
}

fn card(names: &[&[u8]]) -> sscard_core::Card {
    let mut card = plain("gen3");
    for name in names {
        card.register(Box::new(Careless(name.to_vec()))).expect("registered");
    }
    // In the field every answer comes at once.
    card.enter_field().expect("power");
    card
}

#[test]
fn a_write_that_failed_undoes_the_command_although_its_error_was_passed_over() {
    let mut card = card(&[b"\xF0careless"]);
    send(&mut card, "00A4040009F0636172656C657373");
    let image = card.image();
    for command in ["80100000", "80120000", "80140000"] {
        assert_eq!(send(&mut card, command), "6581", "{command}");
        assert_eq!(card.image(), image, "{command}");
    }
    assert_eq!(send(&mut card, "8018000004"), "000000009000", "the next command is free");
}

#[test]
fn a_challenge_given_at_selection_stays_the_first_time_and_again() {
    let mut card = card(&[b"\xF0careless"]);
    let select = "00A4040009F0636172656C657373";
    for time in ["first", "again"] {
        let answer = send(&mut card, select);
        assert_eq!(answer.len(), 2 * 9 + 4, "{time}");
        // A wrong proof, but of a challenge that is there.
        assert_eq!(send(&mut card, "80160000")[..3], *"63C", "{time}");
        assert_eq!(send(&mut card, "80160000"), "6984", "{time}: used up");
    }
}

#[test]
fn a_challenge_of_another_application_is_gone_after_selection() {
    let mut card = card(&[b"\xF0careless"]);
    send(&mut card, "00A404000F7378312E73682EC9E7BBE1B1A3D5CF");
    let given = send(&mut card, "0084000008");
    let answer = send(&mut card, "00A4040009F0636172656C657373");
    assert_ne!(answer[2..18], given[..16], "a challenge of its own");
    send(&mut card, "00A404000F7378312E73682EC9E7BBE1B1A3D5CF");
    let data = "00".repeat(16);
    assert_eq!(send(&mut card, &format!("0082000410{data}")), "6984");
}

#[test]
fn of_two_aids_that_begin_alike_each_is_reached_by_its_whole_name_in_either_order() {
    let (short, long): (&[u8], &[u8]) = (b"\xF0alike1", b"\xF0alike12");
    for names in [[short, long], [long, short]] {
        let mut card = card(&names);
        for name in [short, long] {
            let select = format!("00A40400{:02X}{}", name.len(), hex(name));
            let last = format!("{:02X}", name[name.len() - 1]);
            assert_eq!(send(&mut card, &select)[..2], last, "{names:02X?}");
        }
        // From an image they are registered in the other order, and nothing changes.
        let mut again = sscard_core::Card::from_image(&card.image()).expect("loads");
        for name in names.iter().rev() {
            again.register(Box::new(Careless(name.to_vec()))).expect("registered");
        }
        again.enter_field().expect("power");
        for name in [short, long] {
            let select = format!("00A40400{:02X}{}", name.len(), hex(name));
            let last = format!("{:02X}", name[name.len() - 1]);
            assert_eq!(send(&mut again, &select)[..2], last, "{names:02X?}");
        }
        // A part of both finds the one that came first, and next the other.
        let both = [names[0], names[1]].map(|name| format!("{:02X}", name[name.len() - 1]));
        assert_eq!(send(&mut card, "00A4040006F0616C696B65")[..2], both[0]);
        assert_eq!(send(&mut card, "00A4040206F0616C696B65")[..2], both[1]);
    }
}
