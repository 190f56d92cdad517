//! §2.6 to §2.8 and §2.16: challenges, authentication of both sides, and the recipes of keys,
//! authentication data, MACs and cryptograms. The values of known cards come from OpenSSL 3.0.

use sscard_core::{KeyId, catalogue};
use sscard_crypto::{Key, SessionKey, Suite, factor};
use sscard_profile::{MasterKeys, issue, load, synthetic_holder};

use crate::harness::{Desk, ORIGINAL, SELECT_SSSE, bytes, hex};

const RK_SSSE: u8 = 0x0A;
const PROCESS_FACTOR: &str = "32D9E876ADB31BBF";
const ORIGINAL_INFORMATION: &str = "DBF7A936D0D18C9E";

fn selected(profile: &str) -> Desk {
    let mut desk = Desk::t0(profile);
    desk.data(SELECT_SSSE);
    desk
}

/// EXTERNAL AUTHENTICATE with RK_SSSE that answers `challenge`.
fn answer(desk: &Desk, challenge: &[u8]) -> String {
    let data = desk.session("SSSE", RK_SSSE, challenge).authentication_data(&ORIGINAL);
    format!("0082000A10{}{}", hex(&data), hex(&ORIGINAL))
}

/// A card of division 159912 and serial 00BF7C7A, by its two algorithms.
fn known_card(profile: &str) -> Desk {
    let text = format!("base = \"{profile}\"\nhistorical = \"00814E43238697\"");
    let mut holder = synthetic_holder(7);
    holder.division = *b"159912";
    holder.serial = [0x00, 0xBF, 0x7C, 0x7A];
    let mut desk = Desk::toml(&text);
    desk.card = issue(&load(&text).expect("profile"), &holder, &MasterKeys::test()).expect("card");
    desk.card.power_on().expect("power");
    desk.data(SELECT_SSSE);
    desk
}

/// A key of that card, diversified over three levels.
fn known_key(suite: Suite, id: u8) -> Key {
    let root = MasterKeys::root(catalogue::SSSE, KeyId(id), 1);
    let province = suite.diversify(&root, &factor::province(b"159912"));
    let city = suite.diversify(&province, &factor::city(b"159912"));
    suite.diversify(&city, &[0x86, 0x97, 0x15, 0x99, 0x00, 0xBF, 0x7C, 0x7A])
}

fn known_session(suite: Suite) -> SessionKey {
    suite.session_key(&known_key(suite, 0x02), &bytes(PROCESS_FACTOR))
}

/// One block under a 16-byte triple DES key: the left half of a diversified key.
fn triple_des(key: &[u8; 16], block: &[u8; 8]) -> [u8; 8] {
    let key = Suite::TripleDes.diversify(&Key::new(*key), block);
    *key.expose().first_chunk().expect("eight bytes")
}

/// One block under a single-length key.
fn single_des(key: &[u8; 8], block: &[u8; 8]) -> [u8; 8] {
    let mut doubled = [0; 16];
    doubled[..8].copy_from_slice(key);
    doubled[8..].copy_from_slice(key);
    triple_des(&doubled, block)
}

#[test]
fn spec_2_6_challenge_is_usable_once() {
    let mut desk = selected("gen3");
    let challenge = desk.challenge();
    let command = answer(&desk, &challenge);
    assert_eq!(desk.send(&command), "9000");
    assert_eq!(desk.send(&command), "6984");
}

#[test]
fn spec_2_6_wrong_authentication_uses_the_challenge_up() {
    let mut desk = selected("gen3");
    let challenge = desk.challenge();
    assert_eq!(desk.send(&format!("0082000A10{}{}", "00".repeat(8), hex(&ORIGINAL))), "63C2");
    assert_eq!(desk.send(&answer(&desk.clone(), &challenge)), "6984");
}

#[test]
fn spec_2_6_latest_challenge_counts() {
    let mut desk = selected("gen3");
    let first = desk.challenge();
    let second = desk.challenge();
    let mut other = desk.clone();
    assert_eq!(desk.send(&answer(&other, &second)), "9000");
    let command = answer(&other, &first);
    assert_eq!(other.send(&command), "63C2");
}

#[test]
fn spec_2_6_challenge_counts_in_the_current_application_only() {
    for selection in ["00A4000002DF01", "00A40000023F00"] {
        let mut desk = selected("gen3");
        let challenge = desk.challenge();
        let command = answer(&desk, &challenge);
        desk.all_ok(&[selection, SELECT_SSSE]);
        assert_eq!(desk.send(&command), "6984");
    }
    let mut desk = selected("gen3");
    let challenge = desk.challenge();
    let command = answer(&desk, &challenge);
    desk.data("00A4000002DF01");
    assert_eq!(desk.send(&command), "6984");
}

#[test]
fn spec_2_6_challenge_does_not_outlive_power_off() {
    let mut desk = selected("gen3");
    let challenge = desk.challenge();
    let command = answer(&desk, &challenge);
    desk.card.power_off();
    desk.card.power_on().expect("power");
    desk.data(SELECT_SSSE);
    assert_eq!(desk.send(&command), "6984");
}

#[test]
fn spec_2_16_session_key_of_a_challenge_of_four_eight_and_sixteen_bytes() {
    for profile in ["gen2", "gen3"] {
        for length in ["04", "08", "10"] {
            let mut desk = selected(profile);
            let challenge = bytes(&desk.data(&format!("00840000{length}")));
            let command = answer(&desk, &challenge);
            assert_eq!(desk.send(&command), "9000", "{profile} {length}");
        }
    }
}

#[test]
fn spec_2_7_third_wrong_authentication_answers_63c0_and_then_6983() {
    let mut desk = selected("gen3");
    for status in ["63C2", "63C1", "63C0", "6983", "6983"] {
        assert_eq!(desk.fail_authentication(RK_SSSE), status);
    }
    assert_eq!(desk.authenticate("SSSE", RK_SSSE), "6983");
    desk.card.power_off();
    desk.card.power_on().expect("power");
    desk.data(SELECT_SSSE);
    assert_eq!(desk.authenticate("SSSE", RK_SSSE), "6983");
    assert_eq!(desk.authenticate("SSSE", 0x04), "9000");
}

#[test]
fn spec_2_7_success_gives_the_tries_back() {
    let mut desk = selected("gen3");
    assert_eq!(desk.fail_authentication(RK_SSSE), "63C2");
    assert_eq!(desk.fail_authentication(RK_SSSE), "63C1");
    assert_eq!(desk.authenticate("SSSE", RK_SSSE), "9000");
    assert_eq!(desk.fail_authentication(RK_SSSE), "63C2");
}

#[test]
fn spec_2_7_block_key_never_locks() {
    let mut desk = selected("gen3");
    for _ in 0..20 {
        assert!(desk.fail_authentication(0x05).starts_with("63C"));
    }
    assert_eq!(desk.authenticate("SSSE", 0x05), "9000");
}

#[test]
fn spec_2_7_errors() {
    let mut desk = selected("gen3");
    let data = "00".repeat(16);
    assert_eq!(desk.send(&format!("0082000A10{data}")), "6984");
    desk.challenge();
    assert_eq!(desk.send(&format!("0082010A10{data}")), "6A86");
    assert_eq!(desk.send(&format!("0082000B10{data}")), "6A88");
    assert_eq!(desk.send(&format!("0082008810{data}")), "6A88");
    assert_eq!(desk.send(&format!("0082000A0F{}", &data[2..])), "6700");
    assert_eq!(desk.send(&format!("0082000A12{data}0000")), "6700");
    assert_eq!(desk.send(&format!("0082000A10{data}")), "63C2");
}

#[test]
fn spec_2_7_key_of_another_application_6a88() {
    let mut desk = selected("gen3");
    desk.data("00A4000002DF04");
    assert_eq!(desk.fail_authentication(0x88), "6A88");
    assert_eq!(desk.fail_authentication(0x84), "63C2");
}

#[test]
fn spec_2_8_internal_authentication_of_known_cards() {
    for (profile, answer) in [("gen2", "B586616EA8DD65BF"), ("gen3", "1ADA882DD3978B08")] {
        let mut desk = known_card(profile);
        let data = format!("{PROCESS_FACTOR}{ORIGINAL_INFORMATION}");
        assert_eq!(desk.send(&format!("0088000010{data}")), "6108");
        assert_eq!(desk.send("00C0000008"), format!("{answer}9000"));
        assert_eq!(desk.data(&format!("0088000010{data}00")), answer);
        assert_eq!(desk.data(&format!("0088000011{data}01")), answer);
        desk.data("00A4000002DF04");
        assert_eq!(desk.data(&format!("0088000010{data}")), answer);
    }
}

#[test]
fn spec_2_8_errors() {
    let mut desk = selected("gen3");
    let data = "00".repeat(16);
    assert_eq!(desk.send(&format!("0088010010{data}")), "6A86");
    assert_eq!(desk.send(&format!("008800000F{}", &data[2..])), "6700");
    assert_eq!(desk.send(&format!("0088000011{data}07")), "6A88");
}

#[test]
fn spec_2_16_diversification_over_three_levels() {
    for (suite, internal, messaging) in [
        (Suite::TripleDes, "08EFC04D0F43AB0CF1D5D054317DE6B1", "B3CA0F1E2EBDF1CAA9C8B85FDBB297B0"),
        (Suite::Sm4, "4E8FBA684A6C8EC73D9F8DB85ECFB9EA", "E460E10B226E9A0983C7EC42F26529EB"),
    ] {
        assert_eq!(hex(known_key(suite, 0x00).expose()), internal);
        assert_eq!(hex(known_key(suite, 0x02).expose()), messaging);
    }
}

#[test]
fn spec_2_16_keys_on_the_card_are_diversified_by_its_own_factor() {
    for (profile, suite) in [("gen2", Suite::TripleDes), ("gen3", Suite::Sm4)] {
        let keys = known_card(profile).card.reveal_keys();
        let found = keys
            .iter()
            .find(|key| key.application == catalogue::SSSE && key.id == KeyId(0x02))
            .expect("STK");
        assert_eq!(found.key.expose(), suite.single(&known_key(suite, 0x02)).expose());
    }
}

#[test]
fn spec_2_16_factors_of_province_and_city() {
    assert_eq!(hex(&factor::province(b"650100")), "3635303030307368");
    assert_eq!(hex(&factor::city(b"650100")), "3635303130307378");
    assert_eq!(hex(&factor::city(b"330106")), "3333303130307378");
    assert_eq!(hex(&factor::province(b"330106")), "3333303030307368");
}

#[test]
fn spec_2_16_authentication_data() {
    let original: [u8; 8] = *bytes(ORIGINAL_INFORMATION).first_chunk().expect("eight bytes");
    for (suite, of_eight, of_four) in [
        (Suite::TripleDes, "A4F0283802913F23", "F2E6505233A7E179"),
        (Suite::Sm4, "6B1988F2F10EABBD", "6D1AFDF47D2891CD"),
    ] {
        let stk = known_key(suite, 0x02);
        let factor = bytes(PROCESS_FACTOR);
        let data = |random| hex(&suite.session_key(&stk, random).authentication_data(&original));
        assert_eq!(data(&factor), of_eight);
        assert_eq!(data(&factor[..4]), of_four);
    }
}

#[test]
fn spec_2_16_mac_counts_itself_in_lc_and_is_always_padded() {
    for (suite, unblock, aligned) in
        [(Suite::TripleDes, "090BA1F1", "F3D2EFCC"), (Suite::Sm4, "6E790A68", "3FBF8E94")]
    {
        let session = known_session(suite);
        assert_eq!(hex(&session.mac(&bytes("8424000004"))), unblock);
        assert_eq!(hex(&session.mac(&bytes("000102030405060708090A0B0C0D0E0F"))), aligned);
    }
}

#[test]
fn spec_2_16_cryptogram_of_a_pin_and_its_mac() {
    for (suite, header, cryptogram, mac) in [
        (Suite::TripleDes, "842400010C", "29E0997ADC328552", "F89C3F7C"),
        (Suite::Sm4, "8424000114", "27883671353FDA6166C506FE3FBF6B1D", "026A029E"),
    ] {
        let session = known_session(suite);
        let enciphered = session.encipher(&[0x12, 0x34, 0x56]).expect("short");
        assert_eq!(hex(&enciphered), cryptogram);
        assert_eq!(hex(&session.mac_parts(&[&bytes(header), &enciphered])), mac);
    }
}

#[test]
fn spec_2_16_whole_blocks_get_no_padding() {
    for (suite, length, cryptogram) in [
        (Suite::TripleDes, 7, "458A1867415D442B"),
        (Suite::Sm4, 15, "D422A4E39E26079EF45E361901224216"),
    ] {
        let plain: Vec<u8> = (1..=length).collect();
        assert_eq!(hex(&known_session(suite).encipher(&plain).expect("short")), cryptogram);
    }
}

#[test]
fn spec_2_16_triple_des_external_authentication_block_by_block() {
    let mut desk = selected("gen2");
    let key = *desk.key("SSSE", 0x04).expose();
    let challenge = *desk.challenge().first_chunk().expect("eight bytes");
    let session = triple_des(&key, &challenge);
    let data = single_des(&session, &ORIGINAL);
    let command = format!("0082000410{}{}", hex(&data), hex(&ORIGINAL));
    assert_eq!(desk.send(&command), "9000");
}

#[test]
fn spec_2_16_triple_des_reload_block_by_block() {
    let mut desk = selected("gen2");
    assert_eq!(desk.authenticate("SSSE", 0x06), "9000");
    let key = *desk.key("SSSE", 0x02).expose();
    let challenge = *desk.challenge().first_chunk().expect("eight bytes");
    let session = triple_des(&key, &challenge);
    let block = single_des(&session, &[0x03, 0x88, 0x77, 0x66, 0x80, 0, 0, 0]);
    let message = bytes(&format!("842400010C{}800000", hex(&block)));
    let mut chain = [0; 8];
    for part in message.chunks(8) {
        for (cell, byte) in chain.iter_mut().zip(part) {
            *cell ^= byte;
        }
        chain = single_des(&session, &chain);
    }
    let command = format!("842400010C{}{}", hex(&block), hex(&chain[..4]));
    assert_eq!(desk.send(&command), "9000");
    assert_eq!(desk.send("0020000003887766"), "9000");
}
