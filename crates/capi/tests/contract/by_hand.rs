//! Calls as C makes them, with what Rust wants to say about them said once.

use std::ffi::{CStr, CString};

use sscard::{
    sscard_atr, sscard_card, sscard_card_free, sscard_card_from_image, sscard_card_new,
    sscard_digest, sscard_error, sscard_image, sscard_last_code, sscard_last_error,
    sscard_power_on, sscard_set_fault, sscard_transmit,
};

pub(crate) const SELECT_SSSE: &[u8] =
    b"\x00\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF";
pub(crate) const WRONG_PIN: &[u8] = &[0x00, 0x20, 0x00, 0x00, 0x03, 0x11, 0x11, 0x11];
pub(crate) const RIGHT_PIN: &[u8] = &[0x00, 0x20, 0x00, 0x00, 0x03, 0x12, 0x34, 0x56];
pub(crate) const TRIES: &[u8] = &[0x00, 0x20, 0x00, 0x00];
pub(crate) const CHALLENGE: &[u8] = &[0x00, 0x84, 0x00, 0x00, 0x08];

/// A card that is freed at the end.
pub(crate) struct Owned(pub(crate) *mut sscard_card);

impl Drop for Owned {
    fn drop(&mut self) {
        sscard_card_free(self.0);
    }
}

/// A card of this profile and seed 1.
pub(crate) fn new(profile: &str) -> Owned {
    let name = CString::new(profile).expect("no NUL");
    // SAFETY: a text that ends with NUL.
    let card = unsafe { sscard_card_new(name.as_ptr(), 1) };
    assert!(!card.is_null(), "{}", last_error());
    Owned(card)
}

/// The same with power.
pub(crate) fn powered(profile: &str) -> Owned {
    let card = new(profile);
    assert_eq!(sscard_power_on(card.0), 0);
    card
}

/// The code and the answer, whose length is as it came out, in a buffer of this capacity.
pub(crate) fn transmit_in(
    card: *mut sscard_card,
    command: &[u8],
    capacity: usize,
) -> (i32, usize, Vec<u8>) {
    let mut answer = vec![0xEE; capacity];
    let mut length = capacity;
    // SAFETY: slices of these lengths.
    let code = unsafe {
        sscard_transmit(card, command.as_ptr(), command.len(), answer.as_mut_ptr(), &mut length)
    };
    if code == 0 {
        assert!(answer[length..].iter().all(|byte| *byte == 0xEE), "nothing is written behind it");
        answer.truncate(length);
    }
    (code, length, answer)
}

/// The answer, which comes.
pub(crate) fn transmit(card: &Owned, command: &[u8]) -> Vec<u8> {
    let (code, _, answer) = transmit_in(card.0, command, 258);
    assert_eq!(code, 0, "{}", last_error());
    answer
}

pub(crate) fn last_error() -> String {
    // SAFETY: a text of this thread that stands until its next failing call.
    unsafe { CStr::from_ptr(sscard_last_error()) }.to_str().expect("UTF-8").to_owned()
}

/// The call failed with this code, and said so in words with this in them.
#[track_caller]
pub(crate) fn refused(code: i32, expected: sscard_error, text: &str) {
    assert_eq!(code, expected.code(), "{}", last_error());
    assert_eq!(sscard_last_code(), expected.code());
    assert!(last_error().contains(text), "{:?} lacks {text:?}", last_error());
}

/// A function that gives a card gave none.
#[track_caller]
pub(crate) fn none(card: *mut sscard_card, expected: sscard_error, text: &str) {
    assert!(card.is_null());
    refused(sscard_last_code(), expected, text);
}

pub(crate) fn digest(card: &Owned) -> u64 {
    let mut digest = 0;
    // SAFETY: a number that may be written.
    assert_eq!(unsafe { sscard_digest(card.0, &mut digest) }, 0);
    digest
}

pub(crate) fn atr(card: &Owned) -> Vec<u8> {
    let (mut atr, mut length) = ([0; 33], 33);
    // SAFETY: 33 bytes.
    assert_eq!(unsafe { sscard_atr(card.0, atr.as_mut_ptr(), &mut length) }, 0);
    atr[..length].to_vec()
}

pub(crate) fn image(card: &Owned) -> Vec<u8> {
    let mut length = 0;
    // SAFETY: no buffer, and no room in it.
    let code = unsafe { sscard_image(card.0, std::ptr::null_mut(), &mut length) };
    refused(code, sscard_error::SSCARD_E_BUFFER, "bytes are needed, the buffer has 0");
    let mut image = vec![0; length];
    // SAFETY: as many bytes.
    assert_eq!(unsafe { sscard_image(card.0, image.as_mut_ptr(), &mut length) }, 0);
    assert_eq!(length, image.len());
    image
}

pub(crate) fn from_image(image: &[u8]) -> *mut sscard_card {
    // SAFETY: a slice.
    unsafe { sscard_card_from_image(image.as_ptr(), image.len()) }
}

pub(crate) fn set_fault(card: &Owned, fault: &str) -> i32 {
    let fault = CString::new(fault).expect("no NUL");
    // SAFETY: a text that ends with NUL.
    unsafe { sscard_set_fault(card.0, fault.as_ptr()) }
}
