//! Keys: session keys, versions, locking keys, and the flow of a write.

use sscard_core::catalogue::KEYS;
use sscard_core::{KeyPurpose, LifeCycle};
use sscard_crypto::{Suite, factor};
use sscard_profile::{MasterKeys, built_in, load, synthetic_holder};

use crate::harness::{Desk, ORIGINAL, SELECT_SSSE, bytes, hex};

const BK: u8 = 0x05;
const STK: u8 = 0x02;
const STK_OF_APPLICATION: u8 = 0x82;
const LK: u8 = 0x83;

fn selected(profile: &str, application: &str) -> Desk {
    let mut desk = Desk::t0(profile);
    desk.data(SELECT_SSSE);
    if application != "SSSE" {
        desk.data(&format!("00A4000002{application}"));
    }
    desk
}

#[test]
fn a1_a_card_of_generation_2_answers_as_the_one_on_the_wire() {
    let mut desk = Desk::t0("gen2");
    assert_eq!(desk.send(SELECT_SSSE), "6118");
    let fci = "6F16840F7378312E73682EC9E7BBE1B1A3D5CFA50388011E";
    assert_eq!(desk.send("00C0000018"), format!("{fci}9000"));
    desk.all_ok(&["00A4000002EF05"]);
    for le in ["00", "FF"] {
        assert_eq!(desk.send(&format!("00B20100{le}")), "6C12", "{le}");
    }
    assert_eq!(desk.send("00B2010012").len(), 2 * 18 + 4);
}

#[test]
fn a2_under_sm4_an_8_byte_challenge_is_padded_and_one_of_16_bytes_counts_whole() {
    let proof = |desk: &Desk, factor: &[u8]| {
        let data = desk.session("SSSE", 0x0A, factor).authentication_data(&ORIGINAL);
        format!("0082000A10{}{}", hex(&data), hex(&ORIGINAL))
    };
    let mut desk = selected("gen3", "SSSE");
    let short = desk.challenge();
    let command = proof(&desk, &[&short[..], &[0; 8]].concat());
    assert_eq!(desk.send(&command), "9000", "eight zeros behind it");
    let long = bytes(&desk.data("0084000010"));
    let (mut half, mut whole) = (desk.clone(), desk);
    let command = proof(&half, &long[8..]);
    assert_eq!(half.send(&command), "63C2", "the last 8 bytes are not the process factor");
    let command = proof(&whole, &long);
    assert_eq!(whole.send(&command), "9000");
}

#[test]
fn a3_three_versions_of_reading_updating_and_money_keys_and_one_of_the_others() {
    for profile in ["gen1", "gen2", "gen3"] {
        let card = Desk::t0(profile).card;
        for directory in card.inspect() {
            for key in KEYS.iter().filter(|key| key.application == directory.name) {
                let versions: Vec<u8> = directory
                    .keys
                    .iter()
                    .filter(|(slot, _)| slot.id == key.id)
                    .map(|(slot, _)| slot.version)
                    .collect();
                let is_there = !key.purpose.is_of_purse() || card.inspect_purse().is_some();
                let single = matches!(key.name, "PUK" | "BK")
                    || key.name.starts_with("STK")
                    || key.name.starts_with("LK");
                let expected: &[u8] = match (is_there, single) {
                    (false, _) => &[],
                    (true, true) => &[1],
                    (true, false) => &[1, 2, 3],
                };
                assert_eq!(versions, expected, "{profile} {}", key.name);
            }
        }
    }
    for name in ["IRK", "UK_SSSE", "RK1_DF03", "DPK", "DSK", "DLK", "DTK"] {
        assert!(KEYS.iter().any(|key| key.name == name && key.has_versions()), "{name}");
    }
}

#[test]
fn a3_a_command_names_the_version_and_without_one_the_first_counts() {
    let masters = MasterKeys::test();
    for profile in ["gen2", "gen3"] {
        let profile = built_in(profile).expect("built-in");
        let holder = synthetic_holder(7);
        let suite = profile.algorithm().suite().expect("a suite");
        let keys = masters.keys_of(&profile, &holder);
        let mut desk = Desk::of(&profile, LifeCycle::Activated);
        desk.data(SELECT_SSSE);
        let key = |version| {
            let environment = sscard_core::catalogue::SSSE;
            keys.find(environment, sscard_core::KeyId::UK_SSSE, version).expect("a key").clone()
        };
        for version in 1..=3 {
            for named in ["", "01", "02", "03"] {
                let mut desk = desk.clone();
                let challenge = desk.challenge();
                let session = suite.session_key(&key(version), &challenge);
                let data = hex(&session.authentication_data(&ORIGINAL));
                let lc = 16 + named.len() / 2;
                let command = format!("00820004{lc:02X}{data}{}{named}", hex(&ORIGINAL));
                let is_right = named == format!("{version:02}") || named.is_empty() && version == 1;
                let expected = if is_right { "9000" } else { "63C" };
                assert!(desk.send(&command).starts_with(expected), "{version} {named}");
            }
        }
        // INTERNAL AUTHENTICATE likewise: three versions, three answers.
        let mut answers: Vec<String> = ["01", "02", "03"]
            .map(|version| desk.data(&format!("0088000011{}{version}", "5A".repeat(16))))
            .to_vec();
        assert_eq!(desk.data(&format!("0088000010{}", "5A".repeat(16))), answers[0]);
        answers.dedup();
        assert_eq!(answers.len(), 3);
        assert_eq!(desk.send(&format!("0088000011{}04", "5A".repeat(16))), "6A88");
    }
}

#[test]
fn a3_on_3des_cards_the_secure_messaging_key_is_single_des() {
    for (profile, single) in [("gen1", true), ("gen2", true), ("gen3", false)] {
        let card = Desk::t0(profile).card;
        let of_messaging = |key: &sscard_core::CardKey| {
            let known =
                KEYS.iter().find(|entry| {
                    entry.id == key.id
                        && format!("{}", key.application).ends_with(
                            if entry.application == "SSSE" { "DDF1" } else { entry.application },
                        )
                });
            known.is_some_and(|known| known.purpose == KeyPurpose::SecureMessaging)
        };
        let keys = card.reveal_keys();
        let messaging: Vec<_> = keys.iter().filter(|key| of_messaging(key)).collect();
        assert!(messaging.len() >= 5, "{profile}: one in each directory");
        for key in messaging {
            let (left, right) = key.key.expose().split_at(8);
            assert_eq!(left == right, single, "{profile}");
            assert_eq!(card.shown_key(key).len(), if single { 8 } else { 16 }, "{profile}");
        }
    }
    // It is the left half of what the terminal diversifies.
    let desk = Desk::t0("gen2");
    let atr = desk.card.atr();
    let historical = sscard_apdu::Atr::parse(&atr).expect("ATR").historical_bytes().to_vec();
    let factor = factor::card(&historical).expect("factor");
    let environment = sscard_core::catalogue::SSSE;
    let masters = MasterKeys::test();
    let city = masters.city(Suite::TripleDes, b"999900", environment, sscard_core::KeyId::STK, 1);
    let whole = Suite::TripleDes.diversify(&city, &factor);
    assert_eq!(desk.key("SSSE", STK).expose()[..8], whole.expose()[..8]);
}

#[test]
fn a3_a_profile_says_how_many_versions_there_are() {
    for (versions, refused) in [(1, "02"), (2, "03"), (5, "06")] {
        let text = format!("base = \"gen3\"\nkey_versions = {versions}");
        let mut desk = Desk::of(&load(&text).expect("profile"), LifeCycle::Activated);
        desk.data(SELECT_SSSE);
        let last = desk.send(&format!("0088000011{}{versions:02X}", "5A".repeat(16)));
        assert_eq!(&last[..2], "61", "{versions}");
        assert_eq!(desk.send(&format!("0088000011{}{refused}", "5A".repeat(16))), "6A88");
    }
}

/// The command that blocks what is selected, with a MAC of key `id` of `application`.
fn block(desk: &mut Desk, application: &str, id: u8) -> String {
    let command = desk.protect(application, id, "841E0001", &[]);
    desk.send(&command)
}

#[test]
fn a4_in_the_environment_application_block_after_bk_ends_it() {
    let mut desk = selected("gen3", "SSSE");
    assert_eq!(block(&mut desk, "SSSE", STK), "6982", "without BK");
    assert_eq!(desk.authenticate("SSSE", BK), "9000");
    assert_eq!(block(&mut desk, "SSSE", STK), "9000");
    assert_eq!(desk.send(SELECT_SSSE), "9303");
    assert_eq!(desk.send("00A4040006D15600000502"), "9303");
}

#[test]
fn a4_in_df03_and_df04_application_block_after_lk_ends_that_application_alone() {
    for (profile, application, aid) in [
        ("gen2", "DF03", "02"),
        ("gen3", "DF03", "02"),
        ("gen2", "DF04", "03"),
        ("gen3", "DF04", "03"),
    ] {
        let mut desk = selected(profile, application);
        assert_eq!(desk.authenticate("SSSE", BK), "9000");
        assert_eq!(block(&mut desk, application, STK_OF_APPLICATION), "6982", "BK is not its key");
        assert_eq!(desk.authenticate(application, LK), "9000");
        assert_eq!(block(&mut desk, "SSSE", STK), "6988", "the MAC is the application's");
        assert_eq!(desk.authenticate(application, LK), "9000");
        assert_eq!(block(&mut desk, application, STK_OF_APPLICATION), "9000");
        for power in [false, true] {
            if power {
                desk.card.power_on().expect("power");
            }
            let select = format!("00A4040006D156000005{aid}");
            assert_eq!(desk.send(&select), "9303", "{profile} {application}");
            desk.data(SELECT_SSSE);
            assert_eq!(desk.send(&format!("00A4000002{application}")), "9303");
            assert_eq!(desk.send(&format!("00A4080006DDF1{application}EF05")), "9303", "its file");
            desk.all_ok(&["00B2012C12", "0020000003123456", "00A4000002DF01", "00B2012C04"]);
        }
    }
}

#[test]
fn a4_a_blocked_application_answers_9303_where_it_is_still_selected() {
    let mut desk = selected("gen3", "DF03");
    assert_eq!(desk.send("0070000001"), "019000");
    assert_eq!(desk.send("01A4040006D15600000502"), "610A", "on another channel too");
    assert_eq!(desk.authenticate("DF03", LK), "9000");
    assert_eq!(block(&mut desk, "DF03", STK_OF_APPLICATION), "9000");
    for command in ["0084000008", "00B2012C05", "0020000003123456", "0184000008", "01B2012C05"] {
        assert_eq!(desk.send(command), "9303", "{command}");
    }
    let image = desk.card.image();
    let mut again = sscard_core::Card::from_image(&image).expect("loads");
    again.power_on().expect("power");
    let mut response = Vec::new();
    again.transmit(&bytes("00A4040006D15600000502"), &mut response);
    assert_eq!(hex(&response), "9303", "an image keeps it");
}

#[test]
fn a4_an_application_without_a_locking_key_cannot_be_blocked() {
    for application in ["DF01", "DF02", "DF07"] {
        let mut desk = selected("gen3", application);
        assert_eq!(desk.authenticate("SSSE", BK), "9000");
        assert_eq!(block(&mut desk, application, STK_OF_APPLICATION), "6985", "{application}");
    }
}

#[test]
fn i_04_every_cut_of_application_block_leaves_old_or_new() {
    let mut desk = selected("gen3", "DF04");
    assert_eq!(desk.authenticate("DF04", LK), "9000");
    let command = desk.protect("DF04", STK_OF_APPLICATION, "841E0001", &[]);
    let mut seen = [false; 2];
    for cut in 0.. {
        let mut torn = desk.clone();
        torn.card.cut_power_after(cut);
        let answered = !torn.send(&command).is_empty();
        let is_last = torn.card.bytes_until_cut().is_some();
        torn.card.disarm_cut();
        torn.card.power_on().expect("power");
        let blocked = torn.send("00A4040006D15600000503") == "9303";
        assert!(!answered || blocked, "{cut}: answered, but not done");
        seen[usize::from(blocked)] = true;
        if is_last {
            break;
        }
    }
    assert_eq!(seen, [true, true]);
}

#[test]
fn a13_the_write_flow_of_the_field_authenticates_with_the_challenge_as_its_original() {
    let mut desk = selected("gen3", "SSSE");
    desk.all_ok(&["00A4000002EF05"]);
    let challenge = desk.challenge();
    let original: [u8; 8] = challenge.clone().try_into().expect("eight bytes");
    let data = desk.session("SSSE", 0x04, &challenge).authentication_data(&original);
    let command = format!("0082000411{}{}01", hex(&data), hex(&challenge));
    assert_eq!(desk.send(&command), "9000");
    assert_eq!(desk.send("00DC020403020133"), "9000");
    assert_eq!(desk.send("00B2020403"), "0201339000");
}
