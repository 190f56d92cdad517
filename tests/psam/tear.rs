//! I-4, I-5, I-14: power is cut at every byte that a module writes, and again in what mends it; images.

use sscard_core::{Card, CardImage};
use sscard_crypto::Key;

use super::{CARD, CITY, PROVINCE, module, write_key};
use crate::harness::{Desk, bytes};
use crate::sweep::pairs::{Step, sweep_pairs};
use crate::sweep::{Case, sweep};

const MASTER: Key = Key::new(*b"TEST PSAM MASTER");
const KEY: &str = "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF";

fn init(algorithm: &str) -> String {
    let amounts = "000003E8000000640000000A";
    let fixed = format!("A1A2A3A40005{amounts}322026112410153001{algorithm}");
    format!("8070000034{fixed}{CARD}{CITY}{PROVINCE}")
}

fn cases(profile: &'static str, algorithm: &str) -> Vec<Case> {
    let mut at_a_carry = module(profile);
    for _ in 0..0xFF {
        at_a_carry.data(&init(algorithm));
    }
    let init = bytes(&init(algorithm));
    let mut cases = vec![
        Case::new("INIT SAM FOR PURCHASE", module(profile).card, init.clone()),
        Case::new("INIT SAM FOR PURCHASE, a carry", at_a_carry.card, init),
    ];
    for (name, p, header) in [
        ("WRITE KEY", "0001", "481201"),
        ("WRITE KEY, a free place", "0001", "620102"),
        ("WRITE KEY, the master key", "0100", "000000"),
    ] {
        let mut desk = module(profile);
        let right = bytes(&write_key::command(&mut desk, &MASTER, p, header, KEY));
        let mut wrong = right.clone();
        let mac = wrong.len() - 4;
        wrong[mac..].fill(0);
        // A counted try may be all that is left.
        cases.push(Case::new(name, desk.card.clone(), right).after(wrong.clone()));
        cases.push(Case::new("WRITE KEY, a wrong MAC", desk.card, wrong).counting());
    }
    cases
}

#[test]
fn i_4_every_writing_command_under_every_double_cut() {
    for (profile, algorithm) in [("psam-3des", "00"), ("psam-sm4", "03")] {
        for case in cases(profile, algorithm) {
            sweep(&case);
        }
    }
}

#[test]
fn i_4_every_cut_in_either_of_two_commands() {
    let start = module("psam-sm4");
    let on = |card| {
        let mut desk = start.before(card);
        desk.all_ok(&[super::SELECT_PSAM]);
        desk
    };
    let on = &on;
    let write = |name, p: &'static str, header: &'static str| {
        Step::new(name, move |card| {
            let mut desk = on(card);
            let command = write_key::command(&mut desk, &MASTER, p, header, KEY);
            (desk.card, bytes(&command))
        })
        .counting()
    };
    let steps = [
        Step::new("INIT SAM FOR PURCHASE", |card| (on(card).card, bytes(&init("03")))),
        write("WRITE KEY", "0001", "481201"),
        write("WRITE KEY, a free place", "0001", "620102"),
        write("WRITE KEY, the master key", "0100", "000000"),
    ];
    assert!(sweep_pairs(&start.card, &steps) > 100);
}

#[test]
fn i_14_no_counter_is_given_twice_whichever_byte_the_power_fails_at() {
    let old = module("psam-3des");
    for cut in 0..64 {
        let mut desk = old.clone();
        desk.card.cut_power_after(cut);
        let mut given = Vec::new();
        desk.card.transmit(&bytes(&init("00")), &mut given);
        let first = given.first_chunk::<4>().map_or(0, |counter| u32::from_be_bytes(*counter));
        desk.card.disarm_cut();
        desk.card.power_on().expect("power");
        desk.all_ok(&[super::SELECT_PSAM]);
        let next = u32::from_str_radix(&desk.data(&init("00"))[..8], 16).expect("a counter");
        assert!(next > first, "{first} before the cut after {cut} bytes, {next} behind it");
    }
}

#[test]
fn i_18_an_image_is_the_module() {
    for profile in ["psam-3des", "psam-sm4"] {
        let mut desk = module(profile);
        let right = write_key::command(&mut desk, &MASTER, "0001", "481201", KEY);
        desk.all_ok(&[&right]);
        let image = desk.card.image();
        let copy = Card::from_image(&CardImage::from_bytes(image.as_bytes().to_vec()));
        let copy = copy.expect("an image");
        assert_eq!(copy.image(), image);
        assert_eq!(copy.inspect_psam(), desk.card.inspect_psam());
        let (ours, theirs) = (desk.card.reveal_psam_keys(), copy.reveal_psam_keys());
        let keys = |keys: Option<sscard_core::PsamKeys>| {
            let keys = keys.expect("a module").keys;
            keys.iter().map(|key| key.as_ref().map(|key| *key.expose())).collect::<Vec<_>>()
        };
        assert!(keys(ours) == keys(theirs));
        // Cut short anywhere it is refused.
        for end in [13, 100, image.as_bytes().len() - 1] {
            let short = CardImage::from_bytes(image.as_bytes()[..end].to_vec());
            assert!(Card::from_image(&short).is_err());
        }
    }
}

#[test]
fn a_card_s_image_has_no_section_of_a_module() {
    let with = Desk::t0("psam-3des").card.image().as_bytes().len();
    assert!(with > 2000);
    let card = Desk::t0("gen3").card;
    assert_eq!(card.inspect_psam(), None);
    assert!(card.reveal_psam_keys().is_none());
}
