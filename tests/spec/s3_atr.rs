//! §3: the ATR and its historical bytes, and the card factor of §2.16.

use sscard_apdu::Atr;
use sscard_core::{LifeCycle, historical_bytes};
use sscard_crypto::factor;
use sscard_profile::{MasterKeys, built_in, issue, load, synthetic_holder};

use crate::harness::{Desk, bytes, hex, t1};

const PROFILES: [&str; 3] = ["gen1", "gen2", "gen3"];

/// T8…T13 of the holder of seed 7.
fn individual_bytes() -> String {
    format!("9999{}", hex(&synthetic_holder(7).serial))
}

#[test]
fn spec_3_basic_atr_of_a_t0_card() {
    for profile in PROFILES {
        let mut card = Desk::t0(profile).card;
        let atr = card.power_on().expect("power");
        let expected = format!("3B6D000000815353438600{}", individual_bytes());
        assert_eq!(hex(&atr), expected, "{profile}");
    }
}

#[test]
fn emv_level_1_atr() {
    for profile in PROFILES {
        let atr = Desk::t0(profile).card.power_on().expect("power");
        let [ts, t0, tb1, tc1, historical @ ..] = &atr[..] else { panic!("{}", hex(&atr)) };
        assert_eq!((*ts, t0 >> 4), (0x3B, 0x6), "direct convention; TB1 and TC1, no TA1, no TD1");
        assert_eq!((*tb1, *tc1), (0x00, 0x00));
        assert_eq!((t0 & 0x0F, historical.len()), (13, 13), "and no TCK");
        assert_eq!(Atr::parse(&atr).expect("ATR").first_protocol(), 0);
    }
}

#[test]
fn spec_3_atr_of_a_t1_card() {
    for profile in PROFILES {
        let atr = Desk::of(&t1(profile), LifeCycle::Activated).card.atr();
        let checked = bytes(&format!("ED00008131FE4500815353438600{}", individual_bytes()));
        let check = checked.iter().fold(0, |sum, byte| sum ^ byte);
        assert_eq!(hex(&atr), format!("3B{}{check:02X}", hex(&checked)), "{profile}");
        let parsed = Atr::parse(&atr).expect("ATR");
        assert_eq!(parsed.first_protocol(), 1);
        assert_eq!(parsed.historical_bytes().len(), 13);
    }
}

#[test]
fn spec_3_t1_to_t7_come_from_the_profile() {
    let desk = Desk::toml("base = \"gen2\"\nhistorical = \"00814E43238697\"");
    let expected = format!("3B6D000000814E43238697{}", individual_bytes());
    assert_eq!(hex(&desk.card.atr()), expected);
}

#[test]
fn spec_3_t8_to_t13_are_division_and_serial() {
    let profile = load("base = \"gen2\"\nhistorical = \"00814E43238697\"").expect("profile");
    let mut holder = synthetic_holder(7);
    holder.division = *b"159912";
    holder.serial = [0x00, 0xBF, 0x7C, 0x7A];
    let mut card = issue(&profile, &holder, &MasterKeys::test()).expect("card");
    let atr = card.power_on().expect("power");
    assert_eq!(hex(&atr), "3B6D000000814E43238697159900BF7C7A");
}

#[test]
fn spec_3_reset_answers_the_same_atr() {
    let mut card = Desk::t0("gen3").card;
    let first = hex(&card.power_on().expect("power"));
    assert_eq!(hex(&card.reset().expect("power")), first);
    card.power_off();
    assert_eq!(hex(&card.power_on().expect("power")), first);
}

#[test]
fn spec_2_16_card_factor_is_the_last_eight_historical_bytes() {
    let historical = historical_bytes(&built_in("gen3").expect("built-in"), &synthetic_holder(7));
    let factor = factor::card(&historical).expect("factor");
    assert_eq!(hex(&factor), format!("8600{}", individual_bytes()));
    assert_eq!(hex(&factor), hex(&Desk::t0("gen3").card.atr()[9..17]));
}

#[test]
fn spec_6_1_serial_of_the_card_identification_code_is_the_serial_of_the_atr() {
    let mut desk = Desk::t0("gen3");
    let atr = hex(&desk.card.atr());
    desk.data(crate::harness::SELECT_SSSE);
    assert_eq!(desk.data("00B2012812")[20..28], atr[26..]);
}
