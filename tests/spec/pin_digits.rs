//! A card generation with another PIN is another profile: digits and tries are its data.

use sscard_core::{Card, HolderError, PersonalisationError, PinDigits, ProfileError};
use sscard_profile::{LoadError, MasterKeys, initial_pin, issue, load, synthetic_holder};

use crate::harness::{Desk, SELECT_SSSE};

/// 8 to 11 digits, four tries.
const GEN4: &str = "name = \"gen4\"\nbase = \"gen3\"\nprotocol = \"T=1\"\npin_min_digits = 8\n\
                    pin_max_digits = 11\npin_tries = 4\n";

fn expect(desk: &mut Desk, command: &str, status: &str) {
    assert_eq!(desk.status(command), status, "{command}");
}

#[test]
fn a_profile_says_how_long_a_pin_is() {
    let profile = load(GEN4).expect("profile");
    assert_eq!(initial_pin(&profile), [0x12, 0x34, 0x56, 0x78]);
    let mut desk = Desk::toml(GEN4);
    expect(&mut desk, SELECT_SSSE, "9000");
    expect(&mut desk, "00200000", "63C4");
    for (pin, answer) in [
        ("03123456", "6700"),
        ("07123456789012 34", "6700"),
        ("0412345679", "63C3"),
        ("0412345678", "9000"),
    ] {
        expect(&mut desk, &format!("00200000{}", pin.replace(' ', "")), answer);
    }
    // Old, FF, new: 8 digits to 11, with the F that fills the last byte.
    for (data, answer) in [
        ("0812345678FF1234 5F", "6A80"),
        ("0A12345678FF123456789F", "9000"),
        ("0C123456789FFF123456789012", "6A80"),
        ("0C123456789FFF12345678901F", "9000"),
        ("0412345678", "6700"),
        ("0E123456789012FF12345678901F34", "6700"),
    ] {
        expect(&mut desk, &format!("805E0100{}", data.replace(' ', "")), answer);
    }
    for left in ["63C3", "63C2", "63C1", "63C0", "6983"] {
        expect(&mut desk, "0020000004FFFFFFFF", left);
    }
    let loaded = Card::from_image(&desk.card.image()).expect("loads");
    assert_eq!(loaded.profile().blueprint().pin_digits, PinDigits { min: 8, max: 11 });
    assert_eq!(loaded.image(), desk.card.image());
}

#[test]
fn a_pin_of_another_length_is_no_pin_of_the_card() {
    let profile = load(GEN4).expect("profile");
    let mut holder = synthetic_holder(7);
    for pin in [&[0x12, 0x34, 0x5F][..], &[0x12, 0x34, 0x56, 0x7F], &[0x12; 6]] {
        holder.pin = pin.to_vec();
        let refused = issue(&profile, &holder, &MasterKeys::test()).expect_err("refused");
        let digits = PinDigits { min: 8, max: 11 };
        assert_eq!(refused, PersonalisationError::Holder(HolderError::Pin(digits)));
        assert_eq!(refused.to_string(), "the PIN must be 8 to 11 digits");
    }
}

#[test]
fn lengths_that_no_card_can_have_are_refused() {
    for (min, max) in [(2, 16), (3, 17), (9, 8), (0, 0)] {
        let text = format!("base = \"gen3\"\npin_min_digits = {min}\npin_max_digits = {max}\n");
        let refusal = load(&text).expect_err("a contradiction");
        assert_eq!((refusal.line, refusal.column), (2, 18), "{refusal}");
        let LoadError::Profile(error) = refusal.error else { panic!("{min} to {max}") };
        assert_eq!(error, ProfileError::PinDigits(PinDigits { min, max }));
    }
}
