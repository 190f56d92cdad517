//! The card's PIN, keys and secure messaging, as an applet uses them.

use sscard_core::KeyId;
use sscard_crypto::{Key, Suite};
use sscard_profile::{MasterKeys, built_in, synthetic_holder};

use super::counter::{AID, SELECT, card, send, stored};
use crate::harness::{bytes, hex};

const SUITE: Suite = Suite::Sm4;

#[test]
fn the_cards_pin_is_one_and_its_tries_count() {
    let mut card = card();
    send(&mut card, SELECT);
    assert_eq!(send(&mut card, "8022000000"), "06009000");
    assert_eq!(send(&mut card, "8020000003999999"), "63C5");
    assert_eq!(send(&mut card, "802000000112"), "6700");
    assert_eq!(send(&mut card, "8022000000"), "05009000");
    assert_eq!(send(&mut card, "8020000003123456"), "9000");
    assert_eq!(send(&mut card, "8022000000"), "06019000");
    send(&mut card, "00A404000F7378312E73682EC9E7BBE1B1A3D5CF");
    assert_eq!(send(&mut card, "0020000003999999"), "63C5", "the same counter");
}

#[test]
fn a_pin_of_its_own_counts_past_the_transaction() {
    let mut card = card();
    send(&mut card, SELECT);
    assert_eq!(send(&mut card, "80260000021234"), "6983", "none is set");
    assert_eq!(send(&mut card, "8024000003123456"), "9000");
    assert_eq!(send(&mut card, "8028000003999999"), "63C2");
    assert_eq!(stored(&card)[0], 0, "the write beside it is undone, the try is not");
    card.enter_field().expect("power");
    send(&mut card, SELECT);
    assert_eq!(send(&mut card, "8026000003999999"), "63C1");
    assert_eq!(send(&mut card, "8026000003123456"), "9000");
    for left in ["63C2", "63C1", "63C0", "6983"] {
        assert_eq!(send(&mut card, "8026000003999999"), left);
    }
    assert_eq!(send(&mut card, "8026000003123456"), "6983");
}

#[test]
fn a_key_of_the_card_authenticates() {
    let profile = built_in("gen3").expect("built-in");
    let keys = MasterKeys::test().keys_of(&profile, &synthetic_holder(7));
    let key = keys.find(sscard_core::catalogue::SSSE, KeyId::UK_SSSE, 1).expect("UK").clone();
    let mut card = card();
    send(&mut card, SELECT);
    let challenge = bytes(&send(&mut card, "8084000008"));
    let session = SUITE.session_key(&key, &challenge[..8]);
    let proof = hex(&session.authentication_data(&[7; 8]));
    assert_eq!(send(&mut card, "802A000400"), "009000");
    assert_eq!(send(&mut card, &format!("8082000410{proof}0707070707070707")), "9000");
    assert_eq!(send(&mut card, "802A000400"), "019000");
    assert_eq!(send(&mut card, &format!("8082000410{proof}0707070707070707")), "6984", "used up");
    send(&mut card, "8084000008");
    assert_eq!(send(&mut card, &format!("8082000410{proof}0707070707070707")), "63C2");
    assert_eq!(send(&mut card, &format!("8082008410{proof}0707070707070707")), "6A88");
    send(&mut card, "00A40000023F00");
    send(&mut card, SELECT);
    assert_eq!(send(&mut card, "802A000400"), "009000", "dropped with the selection");
}

#[test]
fn secure_messaging_by_a_key_of_its_own() {
    let mut card = card();
    send(&mut card, SELECT);
    assert_eq!(send(&mut card, "802C0000"), "6982", "not without");
    assert_eq!(send(&mut card, "841000000400000000"), "6882", "not this command");
    let own = Key::new([0x5A; 16]);
    let protected = |challenge: &[u8], key: &Key| {
        let session = SUITE.session_key(key, challenge);
        let data = session.encipher(&[0xC3]).expect("short");
        let header = [0x84, 0x2C, 0x00, 0x00, u8::try_from(data.len() + 4).expect("short")];
        let mac = session.mac_parts(&[&header, &data]);
        hex(&[&header[..], &data, &mac].concat())
    };
    let challenge = bytes(&send(&mut card, "8084000008"));
    let command = protected(&challenge[..8], &own);
    assert_eq!(send(&mut card, &command), "9000");
    assert_eq!(send(&mut card, &command), "6984", "a challenge is used once");
    let memory = card.applet_memory(&bytes(AID)).expect("memory");
    assert_eq!(memory[32..48], [0xC3; 16], "deciphered and kept");
    let challenge = bytes(&send(&mut card, "8084000008"));
    assert_eq!(send(&mut card, &protected(&challenge[..8], &own)), "6988", "the old key");
}
