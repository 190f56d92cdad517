//! WRITE KEY: a key in its place, a new master key, and everything that is refused.

use sscard_crypto::{Key, Suite};

use super::{CARD, CITY, PROVINCE, RANDOM, block, module, suite};
use crate::harness::{Desk, bytes, hex};

const MASTER: Key = Key::new(*b"TEST PSAM MASTER");
const OTHER: &str = "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF";

/// The command, under `master` and a challenge that is fetched here.
pub(super) fn command(desk: &mut Desk, master: &Key, p: &str, header: &str, key: &str) -> String {
    let challenge = desk.challenge();
    let suite = desk.card.profile().algorithm().suite().expect("suite");
    let session = suite.session_key(master, &challenge);
    let body = session.encipher(&bytes(&format!("{header}{key}"))).expect("short");
    let lc = u8::try_from(body.len() + 4).expect("short");
    let head = [&bytes(&format!("84D4{p}"))[..], &[lc]].concat();
    let mac = session.mac_parts(&[&head, &body]);
    hex(&[&head[..], &body, &mac].concat())
}

fn write(desk: &mut Desk, master: &Key, p: &str, header: &str, key: &str) -> String {
    let command = command(desk, master, p, header, key);
    desk.send(&command)
}

fn enciphered(desk: &mut Desk, usage: &str, factors: &str) -> String {
    let suite = desk.card.profile().algorithm().suite().expect("suite");
    let data = format!("{factors}{}", block(suite, RANDOM));
    desk.all_ok(&[&format!("BFDE{usage}{:02X}{data}", data.len() / 2)]);
    let zeros = "00".repeat(suite.block_length());
    desk.data(&format!("80FA0000{:02X}{zeros}", suite.block_length()))
}

#[test]
fn lengths_are_those_of_the_family() {
    // The SM4 form is 24 hex bytes long, as programs of the field send it.
    for (profile, begins) in [("psam-3des", "84D400011C"), ("psam-sm4", "84D4000124")] {
        let mut desk = module(profile);
        let command = command(&mut desk, &MASTER, "0001", "481201", OTHER);
        assert_eq!(&command[..10], begins);
        assert_eq!(desk.send(&command), "9000");
    }
}

#[test]
fn a_key_takes_the_place_of_the_old_one() {
    for profile in ["psam-3des", "psam-sm4"] {
        let mut desk = module(profile);
        let old = enciphered(&mut desk, "4812", &format!("{CARD}{CITY}"));
        assert_eq!(write(&mut desk, &MASTER, "0001", "481201", OTHER), "9000");
        let new = enciphered(&mut desk, "4812", &format!("{CARD}{CITY}"));
        assert_ne!(old, new);
        let suite = suite(profile);
        let factor = |text: &str| bytes(text).try_into().expect("eight");
        let key = Key::new(bytes(OTHER).try_into().expect("sixteen"));
        let key = suite.diversify(&suite.diversify(&key, &factor(CITY)), &factor(CARD));
        let session = suite.session_key(&key, &bytes(RANDOM));
        let mut zeros = vec![0; suite.block_length()];
        assert!(session.encipher_blocks(&mut zeros));
        assert_eq!(new, hex(&zeros));
    }
}

#[test]
fn a_free_place_takes_a_key() {
    let mut desk = module("psam-3des");
    assert_eq!(write(&mut desk, &MASTER, "0001", "620102", OTHER), "9000");
    let view = desk.card.inspect_psam().expect("a module");
    assert!(view.keys.iter().any(|(slot, there)| slot.address == 0x0180 && *there));
}

#[test]
fn a_new_master_key_is_the_one_that_counts() {
    let mut desk = module("psam-sm4");
    assert_eq!(write(&mut desk, &MASTER, "0100", "000000", OTHER), "9000");
    assert_eq!(write(&mut desk, &MASTER, "0001", "481201", OTHER), "6988");
    let other = Key::new(bytes(OTHER).try_into().expect("sixteen"));
    assert_eq!(write(&mut desk, &other, "0001", "481201", OTHER), "9000");
}

#[test]
fn what_is_refused_changes_nothing_but_the_tries() {
    let mut desk = module("psam-3des");
    let keys = |desk: &Desk| {
        let keys = desk.card.reveal_psam_keys().expect("a module");
        let all = keys.keys.iter().flatten().chain([&keys.master]).map(|key| *key.expose());
        all.collect::<Vec<_>>()
    };
    let before = keys(&desk);
    for (p, header, status) in [
        ("0001", "48FF01", "6A88"),
        ("0001", "481204", "6A88"),
        ("0001", "281201", "6A88"),
        ("0100", "481201", "6A80"),
        ("0000", "481201", "6A86"),
        ("0101", "000000", "6A86"),
    ] {
        assert_eq!(write(&mut desk, &MASTER, p, header, OTHER), status, "{p} {header}");
    }
    let right = command(&mut desk, &MASTER, "0001", "481201", OTHER);
    assert_eq!(desk.send(&right[..right.len() - 2]), "6700");
    assert_eq!(desk.send(&format!("84D400011B{}", &right[12..])), "6700");
    let plain = format!("80D4{}", &right[4..]);
    assert_eq!(desk.send(&plain), "6E00");
    let view = desk.card.inspect_psam().expect("a module");
    assert_eq!(view.master_tries_left, 3);
    assert!(keys(&desk) == before);
    // One challenge, one command.
    assert_eq!(desk.send(&right), "9000");
    assert_eq!(desk.send(&right), "6984");
}

#[test]
fn i_11_a_flipped_bit_is_refused_and_costs_a_try() {
    let mut desk = module("psam-3des");
    let right = bytes(&command(&mut desk, &MASTER, "0001", "481201", OTHER));
    for bit in 5 * 8..right.len() * 8 {
        let mut flipped = right.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let mut torn = desk.clone();
        assert_eq!(torn.send(&hex(&flipped)), "6988", "bit {bit}");
        assert_eq!(torn.card.inspect_psam().expect("a module").master_tries_left, 2);
    }
}

#[test]
fn wrong_macs_lock_the_master_key() {
    let mut desk = module("psam-3des");
    let wrong = Key::new([0x42; 16]);
    for _ in 0..3 {
        assert_eq!(write(&mut desk, &wrong, "0001", "481201", OTHER), "6988");
    }
    assert_eq!(write(&mut desk, &MASTER, "0001", "481201", OTHER), "6983");
    // What it lends goes on.
    enciphered(&mut desk, "670A", &format!("{CARD}{CITY}{PROVINCE}"));
}

#[test]
fn a_right_mac_gives_the_tries_back() {
    let mut desk = module("psam-3des");
    let wrong = Key::new([0x42; 16]);
    for _ in 0..2 {
        assert_eq!(write(&mut desk, &wrong, "0001", "481201", OTHER), "6988");
    }
    assert_eq!(write(&mut desk, &MASTER, "0001", "481201", OTHER), "9000");
    assert_eq!(desk.card.inspect_psam().expect("a module").master_tries_left, 3);
    assert_eq!(suite("psam-3des"), Suite::TripleDes);
}
