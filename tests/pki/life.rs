//! What the application shares with the rest of the card, and what it does not: firewall, channels, images.

use super::*;
use crate::harness::SELECT_SSSE;
use sscard_core::{Card, VerifiedPin};

#[test]
fn pki_the_sss_environment_answers_as_on_a_card_without_it() {
    let mut with = Desk::t0("gen3");
    let mut without = Desk::toml("base = \"gen3\"\n[pki]\npresent = false\n");
    for command in [
        SELECT_SSSE,
        "00C000001E",
        "00B201041C",
        "00A40000023F00",
        "00A4000002DDF1",
        "00B2010420",
        "0020000003111111",
        "00A4040008D15600000503",
        "00A40400053153415920",
        "00A4040008A000000333010101",
        "00A40402053153415920",
    ] {
        assert_eq!(with.send(command), without.send(command), "{command}");
    }
    assert_eq!(without.send(SELECT_DDF), "6A82");
    assert_eq!(without.send(SELECT_ADF), "6A82");
}

#[test]
fn pki_leaving_the_application_drops_what_was_proved_and_the_same_again_keeps_it() {
    for (leave, kept) in [
        (SELECT_ADF, true),
        ("00A4000002DF01", true),
        (SELECT_DDF, false),
        (SELECT_SSSE, false),
        ("00A40000023F00", false),
    ] {
        let mut desk = user();
        desk.all_ok(&[leave, SELECT_ADF]);
        assert_eq!(desk.send("00200181") == "9000", kept, "{leave}");
    }
    let mut desk = user();
    assert_eq!(desk.send("00A4040005FFFFFFFFFF"), "6A82");
    assert_eq!(desk.send("00200181"), "9000", "a refused selection leaves everything");
    desk.card.reset().expect("reset");
    desk.all_ok(&[SELECT_ADF]);
    assert_eq!(desk.send("00200181"), "63C6");
}

#[test]
fn pki_the_environment_s_pin_and_keys_open_nothing_here_and_the_other_way_round() {
    let mut desk = Desk::t1("gen3");
    desk.all_ok(&[SELECT_SSSE, "0020000003123456"]);
    assert_eq!(desk.authenticate("SSSE", 0x04), "9000");
    desk.all_ok(&[SELECT_ADF]);
    assert_eq!(desk.send(GENERATE_SIGNATURE), "6982");
    let mut desk = user();
    desk.all_ok(&[SELECT_SSSE]);
    assert_eq!(desk.send("00200000"), "63C6");
}

#[test]
fn pki_channels_do_not_see_each_other() {
    let mut desk = user();
    assert_eq!(desk.data("0070000001"), "01");
    desk.all_ok(&["01A404000C53532E434552542E41444631"]);
    assert_eq!(desk.send("01200181"), "63C6");
    assert_eq!(desk.send("8140000008C0020012C2020013"), "6982");
    assert_eq!(desk.send(GENERATE_SIGNATURE), "9000");
    let session = desk.card.session();
    assert!(session.channel(0).expect("open").has_verified(VerifiedPin::PkiUser));
    assert!(!session.channel(1).expect("open").has_verified(VerifiedPin::PkiUser));
    let name = session.channel(0).expect("open").application.expect("a name");
    assert_eq!(name.as_bytes(), b"SS.CERT.ADF1");
}

#[test]
fn pki_a_blocked_environment_leaves_it_and_a_blocked_card_does_not() {
    for (header, expected) in [("841E0001", "9000"), ("84160000", "6A81")] {
        let mut desk = Desk::t1("gen3");
        desk.all_ok(&[SELECT_SSSE]);
        assert_eq!(desk.authenticate("SSSE", 0x05), "9000");
        let command = desk.protect("SSSE", 0x02, header, &[]);
        assert_eq!(desk.send(&command), "9000");
        assert_eq!(desk.status(SELECT_ADF), expected, "{header}");
    }
}

#[test]
fn pki_an_image_takes_keys_pins_and_counters_along() {
    let mut desk = user();
    assert_eq!(desk.send(GENERATE_SIGNATURE), "9000");
    assert_eq!(verify(&mut desk, 0x00, &[0x11, 0x11]), "63C5");
    desk.card.power_off();
    let restored = Card::from_image(&desk.card.image()).expect("loads");
    assert_eq!(restored.inspect_pki(), desk.card.inspect_pki());
    assert!(restored.digest() == desk.card.digest());
    let view = restored.inspect_pki().expect("PKI");
    assert_eq!((view.user.tries_left, view.administrator.tries_left), (6, 5));
    assert_eq!(restored.reveal_pki_keys().len(), 2);
}

/// A further card costs nothing for keys and certificates that all cards share.
#[test]
fn pki_shared_pairs_are_shared_and_own_ones_are_a_card_s_own() {
    let keys = |text: &str, seed| {
        let profile =
            sscard_profile::load(&format!("base = \"gen3\"\n[pki]\n{text}\n")).expect("profile");
        let holder = sscard_profile::synthetic_holder(seed);
        let card = sscard_profile::issue(&profile, &holder, &sscard_profile::MasterKeys::test());
        card.expect("card").inspect_pki().expect("PKI").files
    };
    assert_eq!(keys("", 1), keys("", 2));
    let (one, other) = (keys("keys = \"own\"", 1), keys("keys = \"own\"", 2));
    for place in [0, 2, 4, 5] {
        assert!(one[place].is_there && one[place].bytes != other[place].bytes, "{place}");
    }
}
