//! With the feature `null-crypto` a MAC of the right length is right, and without it a wrong one is wrong.
#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::ffi::CStr;

use sscard::{sscard_card_new, sscard_power_on, sscard_transmit, sscard_version};
use sscard_core::KeyId;
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};

const IS_NULL: bool = cfg!(feature = "null-crypto");

/// What the last of these commands gets.
fn answer(commands: &[&[u8]]) -> Vec<u8> {
    // SAFETY: a text that ends with NUL.
    let card = unsafe { sscard_card_new(c"gen2".as_ptr(), 1) };
    assert_eq!(sscard_power_on(card), 0);
    let mut last = Vec::new();
    for command in commands {
        last = vec![0; 258];
        let mut length = last.len();
        // SAFETY: slices of these lengths.
        let code = unsafe {
            sscard_transmit(card, command.as_ptr(), command.len(), last.as_mut_ptr(), &mut length)
        };
        assert_eq!(code, 0);
        last.truncate(length);
    }
    sscard::sscard_card_free(card);
    last
}

/// EXTERNAL AUTHENTICATE with the key that unblocks the PIN, for the challenge of this answer.
fn proof_of_the_unblocking_key(challenge: &[u8]) -> Vec<u8> {
    let profile = built_in("gen2").expect("a profile");
    let card = issue(&profile, &synthetic_holder(1), &MasterKeys::test()).expect("a card");
    let keys = card.reveal_keys();
    let key = keys.iter().find(|key| key.id == KeyId(0x06)).expect("the key");
    let suite = card.profile().algorithm().suite().expect("a suite");
    let challenge = challenge.get(..8).expect("a challenge");
    let original = [1, 2, 3, 4, 5, 6, 7, 8];
    let data = suite.session_key(&key.key, challenge).authentication_data(&original);
    [&[0x00, 0x82, 0x00, 0x06, 0x10], &data[..], &original].concat()
}

const SELECT: &[u8] = b"\x00\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
const CHALLENGE: &[u8] = &[0x00, 0x84, 0x00, 0x00, 0x08];

#[test]
fn the_version_says_it() {
    // SAFETY: a text that stands for ever.
    let version = unsafe { CStr::from_ptr(sscard_version()) }.to_str().expect("UTF-8");
    assert_eq!(version.contains("null-crypto"), IS_NULL, "{version}");
}

#[test]
fn a_wrong_mac_passes_there_and_nowhere_else() {
    // An issuer's script to the PIN: UNBLOCK with a MAC of the right length. Without a proof of its key it is refused in every build.
    let unblock: &[u8] = &[0x84, 0x24, 0x00, 0x00, 0x04, 0x11, 0x22, 0x33, 0x44];
    assert_eq!(answer(&[SELECT, CHALLENGE, unblock]), [0x69, 0x82]);
    let proof = proof_of_the_unblocking_key(&answer(&[SELECT, CHALLENGE]));
    assert_eq!(answer(&[SELECT, CHALLENGE, &proof]), [0x90, 0x00]);
    let expected = if IS_NULL { [0x90, 0x00] } else { [0x69, 0x88] };
    assert_eq!(answer(&[SELECT, CHALLENGE, &proof, CHALLENGE, unblock]), expected);
}

#[test]
fn a_wrong_response_to_a_challenge_passes_there_and_nowhere_else() {
    let authenticate: &[u8] =
        &[0x00, 0x82, 0x00, 0x0A, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let got = answer(&[SELECT, CHALLENGE, authenticate]);
    assert_eq!(got == [0x90, 0x00], IS_NULL, "{got:02X?}");
}

#[test]
fn a_wrong_pin_is_wrong_everywhere() {
    let verify: &[u8] = &[0x00, 0x20, 0x00, 0x00, 0x03, 0x11, 0x11, 0x11];
    assert_eq!(answer(&[SELECT, verify]), [0x63, 0xC5]);
}
