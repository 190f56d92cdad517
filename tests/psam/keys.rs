//! Keys by address: every one is the card's, by its usage byte, identifier and version.

use sscard_core::catalogue::PSAM_KEYS;
use sscard_core::catalogue::PsamClass;

use super::{
    CARD, CITY, PROVINCE, RANDOM, SELECT_PSAM, block, card_key, entry, factors, module, suite,
};
use crate::harness::{Desk, bytes, hex};

const ORIGINAL: &str = "0102030405060708";
const PROFILES: [&str; 2] = ["psam-3des", "psam-sm4"];

#[test]
fn every_key_makes_its_card_s_authentication_data() {
    for profile in PROFILES {
        let suite = suite(profile);
        let mut desk = module(profile);
        for entry in PSAM_KEYS.iter().filter(|entry| entry.class != PsamClass::Purse) {
            for version in 1..=entry.versions {
                let (usage, factors) = factors(entry);
                let data = format!("{factors}{}{version:02X}", block(suite, RANDOM));
                let lc = data.len() / 2;
                desk.all_ok(&[&format!("BFDE{usage:02X}{:02X}{lc:02X}{data}", entry.id)]);
                let original = block(suite, ORIGINAL);
                let lc = original.len() / 2;
                let answer = bytes(&desk.data(&format!("80FA0000{lc:02X}{original}")));
                let answer: Vec<u8> = match answer.as_chunks::<8>().0 {
                    [left, right] => left.iter().zip(right).map(|(l, r)| l ^ r).collect(),
                    _ => answer,
                };
                let session = suite.session_key(&card_key(suite, entry, version), &bytes(RANDOM));
                let original = bytes(ORIGINAL).try_into().expect("eight");
                let expected = session.authentication_data(&original);
                assert_eq!(hex(&answer), hex(&expected), "{profile} {} {version}", entry.name);
            }
        }
    }
}

#[test]
fn bfde_481218_is_the_update_key_of_the_environment() {
    // What programs of the field send: no version counts as the first.
    let mut desk = module("psam-3des");
    assert_eq!(desk.send(&format!("BFDE481218{CARD}{CITY}{RANDOM}")), "9000");
    let answer = desk.data(&format!("80FA000008{ORIGINAL}"));
    let key = card_key(suite("psam-3des"), entry("UK_SSSE"), 1);
    let session = suite("psam-3des").session_key(&key, &bytes(RANDOM));
    let original = bytes(ORIGINAL).try_into().expect("eight");
    assert_eq!(answer, hex(&session.authentication_data(&original)));
}

#[test]
fn a_command_s_mac_in_one_part_and_in_many() {
    for profile in PROFILES {
        let suite = suite(profile);
        let session = suite.session_key(&card_key(suite, entry("STK_DF01"), 1), &bytes(RANDOM));
        let load = format!("{CARD}{CITY}{PROVINCE}{}", block(suite, RANDOM));
        let lc = load.len() / 2;
        let mut desk = module(profile);
        desk.all_ok(&[&format!("BFDE6720{lc:02X}{load}")]);
        let mut message = bytes("04DC0A300712345678");
        let expected = hex(&session.mac(&message));
        message.push(0x80);
        message.resize(message.len().next_multiple_of(16), 0);
        if suite.block_length() == 8 {
            message.truncate(16);
        }
        let initial = "00".repeat(suite.block_length());
        let (whole, length) = (hex(&message), suite.block_length());
        let lc = length + message.len();
        assert_eq!(desk.data(&format!("80FA0500{lc:02X}{initial}{whole}")), expected);
        if suite.block_length() == 8 {
            let (first, last) = whole.split_at(16);
            assert_eq!(desk.send(&format!("80FA070010{initial}{first}")), "9000");
            assert_eq!(desk.data(&format!("80FA010008{last}")), expected);
        } else {
            // The block that comes first with an initial value comes last without.
            assert_eq!(desk.send(&format!("80FA070020{initial}{whole}")), "9000");
            assert_eq!(desk.send(&format!("80FA030010{whole}")), "9000");
            let answer = desk.data(&format!("80FA010010{whole}"));
            let three = whole.repeat(3);
            assert_eq!(desk.data(&format!("80FA050040{initial}{three}")), answer);
        }
    }
}

#[test]
fn a_certificate_is_made_with_the_card_s_key_itself() {
    for profile in PROFILES {
        let suite = suite(profile);
        let mut desk = module(profile);
        desk.all_ok(&[&format!("BFEC484C10{CARD}{CITY}")]);
        let mut message = vec![0x5A; 10];
        let key = card_key(suite, entry("DTK"), 1);
        let expected = suite.certificate_key(&key).mac(&message);
        message.push(0x80);
        message.resize(16, 0);
        let initial = "00".repeat(suite.block_length());
        let lc = suite.block_length() + 16;
        let mac = desk.data(&format!("80FA0500{lc:02X}{initial}{}", hex(&message)));
        assert_eq!(mac, hex(&expected), "{profile}");
    }
}

#[test]
fn levels_of_a_profile_are_those_of_its_keys() {
    // A module for one city: the ministry's keys two levels down, the province's one.
    let mut desk = Desk::toml(
        "base = \"psam-3des\"\nprotocol = \"T=1\"\n[psam]\nministry_levels = 2\nprovince_levels = 1",
    );
    desk.all_ok(&[SELECT_PSAM, &format!("BFDE281210{CARD}{RANDOM}")]);
    let city = desk.data(&format!("80FA000008{ORIGINAL}"));
    let mut whole = module("psam-3des");
    whole.all_ok(&[&format!("BFDE481218{CARD}{CITY}{RANDOM}")]);
    assert_eq!(whole.data(&format!("80FA000008{ORIGINAL}")), city);
    assert_eq!(desk.send(&format!("BFDE470A18{CARD}{CITY}{RANDOM}")), "9000");
    assert_eq!(desk.send(&format!("BFDE670A20{CARD}{CITY}{PROVINCE}{RANDOM}")), "6A88");
}

#[test]
fn a_key_that_the_profile_leaves_out_is_not_there() {
    let toml =
        "base = \"psam-3des\"\nprotocol = \"T=1\"\n[psam]\nwithout = [\"RK_SSSE\", \"DPK/2\"]";
    let mut desk = Desk::toml(toml);
    desk.all_ok(&[SELECT_PSAM]);
    let data = format!("{CARD}{CITY}{PROVINCE}{RANDOM}");
    assert_eq!(desk.send(&format!("BFDE670A20{data}")), "6A88");
    let view = desk.card.inspect_psam().expect("a module");
    assert!(view.keys.iter().all(|(slot, _)| slot.address != 0x004C && slot.address != 0x0199));
    assert!(view.keys.iter().any(|(slot, _)| slot.address == 0x017F));
}

#[test]
fn every_address_is_there_and_those_behind_a_purchase_key_are_free() {
    let card = Desk::t0("psam-sm4").card;
    let view = card.inspect_psam().expect("a module");
    let addresses: Vec<u16> = view.keys.iter().map(|(slot, _)| slot.address).collect();
    let expected: Vec<u16> = (0x004C..=0x00B7).chain(0x0170..=0x019E).collect();
    assert_eq!(addresses, expected);
    let free: Vec<u16> =
        view.keys.iter().filter(|(_, there)| !there).map(|(slot, _)| slot.address).collect();
    assert_eq!(free, [0x0180, 0x0181, 0x019A, 0x019B, 0x019D, 0x019E]);
}

#[test]
fn the_digest_tells_what_is_loaded() {
    let mut one = module("psam-3des");
    let mut other = one.clone();
    assert_eq!(one.card.digest(), other.card.digest());
    one.all_ok(&[&format!("BFDE481218{CARD}{CITY}{RANDOM}")]);
    other.all_ok(&[&format!("BFDE481018{CARD}{CITY}{RANDOM}")]);
    assert_ne!(one.card.digest(), other.card.digest());
    other.all_ok(&[&format!("BFDE481218{CARD}{CITY}{RANDOM}")]);
    assert_eq!(one.card.digest(), other.card.digest());
}
