//! Cards come, are copied, restored, go.

use std::ffi::CString;
use std::fs;

use sscard::{
    sscard_card_clone, sscard_card_free, sscard_card_from_file, sscard_card_new,
    sscard_enter_field, sscard_error as Code, sscard_last_code, sscard_power_cut, sscard_power_off,
    sscard_power_on, sscard_reset, sscard_restore,
};
use sscard_core::Card;
use sscard_profile::{MasterKeys, built_in, issue, load, synthetic_holder};

use crate::by_hand::*;

fn in_rust(profile: &str, seed: u64) -> Card {
    issue(&built_in(profile).unwrap(), &synthetic_holder(seed), &MasterKeys::test()).unwrap()
}

#[test]
fn a_new_card_is_the_one_of_profile_and_seed() {
    for profile in ["gen1", "gen2", "gen3", "psam-3des", "psam-sm4"] {
        assert_eq!(image(&new(profile)), in_rust(profile, 1).image().as_bytes(), "{profile}");
    }
    // SAFETY: a text that ends with NUL.
    let other = Owned(unsafe { sscard_card_new(c"gen3".as_ptr(), u64::MAX) });
    assert_eq!(image(&other), in_rust("gen3", u64::MAX).image().as_bytes());
}

#[test]
fn a_profile_is_read_from_a_file_and_the_files_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let text = "base = \"gen2\"\nprotocol = \"T=1\"\n";
    let path = folder.path().join("own.toml");
    fs::write(&path, text).unwrap();
    let made = new(path.to_str().unwrap());
    let expected = issue(&load(text).unwrap(), &synthetic_holder(1), &MasterKeys::test()).unwrap();
    assert_eq!(image(&made), expected.image().as_bytes());

    let beside = "base = \"gen3\"\n[state.files]\n\"SSSE/EF08\" = \"@photo.jpg\"\n";
    fs::write(&path, beside).unwrap();
    let name = CString::new(path.to_str().unwrap()).unwrap();
    // SAFETY: a text that ends with NUL.
    none(unsafe { sscard_card_new(name.as_ptr(), 1) }, Code::SSCARD_E_PROFILE, "photo.jpg");
    fs::write(folder.path().join("photo.jpg"), [0xFF, 0xD8]).unwrap();
    new(path.to_str().unwrap());
}

#[test]
fn what_is_no_profile_is_refused_with_its_place() {
    let none_of = |name: &str, code, text: &str| {
        let name = CString::new(name).unwrap();
        // SAFETY: a text that ends with NUL.
        none(unsafe { sscard_card_new(name.as_ptr(), 1) }, code, text);
    };
    none_of(
        "gen4",
        Code::SSCARD_E_PROFILE,
        "use gen1, gen2, gen3, psam-3des, psam-sm4 or a TOML file",
    );
    none_of("", Code::SSCARD_E_PROFILE, "no profile");
    none_of("/nowhere/x.toml", Code::SSCARD_E_FILE, "/nowhere/x.toml: No such file");
    none_of("/", Code::SSCARD_E_FILE, "not a regular file");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.toml");
    fs::write(&path, "base = \"gen3\"\nprotcol = 1\n").unwrap();
    none_of(path.to_str().unwrap(), Code::SSCARD_E_PROFILE, "bad.toml:2:1: ");
    fs::write(&path, [0xFF, 0xFE]).unwrap();
    none_of(path.to_str().unwrap(), Code::SSCARD_E_FILE, "not UTF-8");
}

#[test]
fn an_image_makes_the_same_card_from_memory_and_from_a_file() {
    let card = powered("gen3");
    transmit(&card, SELECT_SSSE);
    assert_eq!(transmit(&card, WRONG_PIN), [0x63, 0xC5]);
    let bytes = image(&card);
    sscard_power_off(card.0);

    let copy = Owned(from_image(&bytes));
    assert_eq!(digest(&copy), digest(&card));
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), &bytes).unwrap();
    let path = CString::new(file.path().to_str().unwrap()).unwrap();
    // SAFETY: a text that ends with NUL.
    let of_file = Owned(unsafe { sscard_card_from_file(path.as_ptr()) });
    assert_eq!(digest(&of_file), digest(&card));
    sscard_power_on(of_file.0);
    transmit(&of_file, SELECT_SSSE);
    assert_eq!(transmit(&of_file, WRONG_PIN), [0x63, 0xC4]);
    assert_eq!(fs::read(file.path()).unwrap(), bytes, "the file stays as it is");
}

#[test]
fn what_is_no_image_is_refused() {
    let mut bytes = image(&new("gen1"));
    none(from_image(&bytes[..40]), Code::SSCARD_E_IMAGE, "bytes");
    none(from_image(b""), Code::SSCARD_E_IMAGE, "");
    bytes[100] ^= 1;
    none(from_image(&bytes), Code::SSCARD_E_IMAGE, "");
    // SAFETY: texts that end with NUL.
    let of_file = |path: &std::ffi::CStr| unsafe { sscard_card_from_file(path.as_ptr()) };
    none(of_file(c"/nowhere"), Code::SSCARD_E_FILE, "/nowhere");
    none(of_file(c"/"), Code::SSCARD_E_FILE, "");
    none(of_file(c"/dev/zero"), Code::SSCARD_E_FILE, "");
    let manifest = CString::new(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap();
    none(of_file(&manifest), Code::SSCARD_E_IMAGE, "");
}

#[test]
fn a_clone_keeps_power_and_session_and_goes_its_own_way() {
    let card = powered("gen3");
    transmit(&card, SELECT_SSSE);
    assert_eq!(transmit(&card, RIGHT_PIN), [0x90, 0x00]);
    let clone = Owned(sscard_card_clone(card.0));
    assert_eq!(digest(&clone), digest(&card));
    assert_eq!(transmit(&clone, TRIES), [0x63, 0xC6], "the environment is selected");
    assert_eq!(transmit(&clone, CHALLENGE), transmit(&card, CHALLENGE));
    assert_eq!(transmit(&clone, WRONG_PIN), [0x63, 0xC5]);
    assert_eq!(transmit(&card, TRIES), [0x63, 0xC6]);
    drop(card);
    assert_eq!(transmit(&clone, WRONG_PIN), [0x63, 0xC4], "it lives on its own");
}

#[test]
fn a_clone_has_no_faults_and_an_armed_cut() {
    let card = powered("gen3");
    transmit(&card, SELECT_SSSE);
    assert_eq!(set_fault(&card, "mute"), 0);
    let clone = Owned(sscard_card_clone(card.0));
    assert_eq!(transmit(&clone, CHALLENGE).len(), 10);
    sscard_power_cut(clone.0, 0);
    let other = Owned(sscard_card_clone(clone.0));
    let (code, length, _) = transmit_in(other.0, WRONG_PIN, 258);
    refused(code, Code::SSCARD_E_POWER_LOST, "sscard_power_on");
    assert_eq!(length, 0);
}

#[test]
fn restore_brings_memory_power_and_session_back() {
    let card = powered("gen3");
    transmit(&card, SELECT_SSSE);
    let before = Owned(sscard_card_clone(card.0));
    assert_eq!(transmit(&card, WRONG_PIN), [0x63, 0xC5]);
    sscard_power_off(card.0);
    assert_eq!(sscard_restore(card.0, before.0), 0);
    assert_eq!(digest(&card), digest(&before));
    assert_eq!(transmit(&card, TRIES), [0x63, 0xC6]);
    let other = powered("gen2");
    assert_eq!(sscard_restore(card.0, other.0), 0, "of another profile");
    assert_eq!(digest(&card), digest(&other));
    assert_eq!(sscard_restore(card.0, card.0), 0, "onto itself");
    assert_eq!(digest(&card), digest(&other));
}

#[test]
fn a_freed_card_is_refused_for_ever() {
    let card = new("gen1").0;
    for _ in 0..3 {
        refused(sscard_power_on(card), Code::SSCARD_E_HANDLE, "freed already");
        sscard_card_free(card);
        assert_eq!(sscard_last_code(), Code::SSCARD_E_HANDLE.code());
        // Another card in its place is not it.
        let _other = new("gen1");
        refused(sscard_reset(card), Code::SSCARD_E_HANDLE, "freed already");
    }
}

#[test]
fn free_of_null_is_harmless() {
    sscard_card_free(std::ptr::null_mut());
}

#[test]
fn power_comes_and_goes() {
    let card = new("gen3");
    let cold = atr(&card);
    let (code, length, _) = transmit_in(card.0, CHALLENGE, 258);
    refused(code, Code::SSCARD_E_NO_POWER, "sscard_power_on");
    assert_eq!(length, 0);
    refused(sscard_reset(card.0), Code::SSCARD_E_NO_POWER, "no power");
    assert_eq!(sscard_power_on(card.0), 0);
    assert_eq!(atr(&card), cold);
    transmit(&card, SELECT_SSSE);
    assert_eq!(transmit(&card, RIGHT_PIN), [0x90, 0x00]);
    assert_eq!(transmit(&card, TRIES), [0x63, 0xC6]);
    assert_eq!(sscard_reset(card.0), 0);
    assert_ne!(transmit(&card, TRIES), [0x63, 0xC6], "nothing is selected");
    assert_eq!(sscard_enter_field(card.0), 0);
    assert_eq!(atr(&card), [0x3B, 0x80, 0x80, 0x01, 0x01]);
    assert_eq!(sscard_reset(card.0), 0);
    assert_eq!(atr(&card), [0x3B, 0x80, 0x80, 0x01, 0x01], "on the side that it was on");
    assert_eq!(sscard_power_off(card.0), 0);
    assert_eq!(sscard_power_off(card.0), 0);
}

#[test]
fn a_cut_strikes_at_the_byte_that_it_was_set_to() {
    let card = powered("gen3");
    transmit(&card, SELECT_SSSE);
    sscard_power_cut(card.0, 0);
    assert_eq!(transmit(&card, TRIES), [0x63, 0xC6], "nothing is written");
    let (code, ..) = transmit_in(card.0, WRONG_PIN, 258);
    refused(code, Code::SSCARD_E_POWER_LOST, "lost its power");
    let (code, ..) = transmit_in(card.0, WRONG_PIN, 258);
    refused(code, Code::SSCARD_E_NO_POWER, "no power");
    assert_eq!(sscard_power_on(card.0), 0);
    transmit(&card, SELECT_SSSE);
    assert_eq!(transmit(&card, TRIES), [0x63, 0xC6], "the try was not written");
    sscard_power_cut(card.0, 3);
    refused(sscard_power_on(card.0), Code::SSCARD_E_POWER_LOST, "lost its power");
    assert_eq!(sscard_power_on(card.0), 0);
}
