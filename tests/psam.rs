//! A terminal's security module (PSAM): instructions, keys by address, counter, and what it does for cards.

mod commands;
mod keys;
mod purchase;
mod tear;
mod terminal;
mod write_key;

use sscard_core::catalogue::{PSAM_KEYS, PsamKeyEntry};
use sscard_crypto::{Key, Suite, factor};
use sscard_profile::MasterKeys;

use crate::harness::{Desk, bytes, hex};

const SELECT_PSAM: &str = "00A4040006D15600000590";
/// Factors of a card of the test city: card, city, province.
const CARD: &str = "8699990000000007";
const CITY: &str = "3939393930307378";
const PROVINCE: &str = "3939303030307368";
const RANDOM: &str = "32D9E876ADB31BBF";

/// A module of a built-in profile, its application selected.
fn module(profile: &str) -> Desk {
    let mut desk = Desk::t1(profile);
    desk.all_ok(&[SELECT_PSAM]);
    desk
}

fn suite(profile: &str) -> Suite {
    if profile == "psam-sm4" { Suite::Sm4 } else { Suite::TripleDes }
}

/// The random as it stands in LOAD SESSION KEY: a block.
fn block(suite: Suite, random: &str) -> String {
    format!("{random}{}", "00".repeat(suite.block_length() - random.len() / 2))
}

/// The first factors of a key, and the factors as they come.
fn factors(entry: &PsamKeyEntry) -> (u8, String) {
    use sscard_core::catalogue::PsamClass;
    match entry.class {
        PsamClass::Province => (0x48, format!("{CARD}{CITY}")),
        PsamClass::Ministry => (0x67, format!("{CARD}{CITY}{PROVINCE}")),
        PsamClass::Purse => (0x62, format!("{CARD}{CITY}{PROVINCE}")),
    }
}

fn entry(name: &str) -> &'static PsamKeyEntry {
    PSAM_KEYS.iter().find(|entry| entry.name == name).expect(name)
}

/// Key of the card in [`CARD`], as the city's card has it.
fn card_key(suite: Suite, entry: &PsamKeyEntry, version: u8) -> Key {
    let application = u16::from_str_radix(&entry.application.replace("SSSE", "DDF1"), 16);
    let application = sscard_apdu::FileId::new(application.expect("application"));
    let masters = MasterKeys::test();
    let city = masters.city(suite, b"999900", application, entry.key, version);
    let key = suite.diversify(&city, &bytes(CARD).try_into().expect("eight"));
    // With triple DES a key of secure messaging is single DES.
    if entry.name.starts_with("STK") { suite.single(&key) } else { key }
}

#[test]
fn factors_are_those_of_the_test_city() {
    assert_eq!(hex(&factor::city(b"999900")), CITY);
    assert_eq!(hex(&factor::province(b"999900")), PROVINCE);
}
