//! I-18: an image of an older version loads, a damaged one is a typed error.

use proptest::prelude::*;
use sscard_core::{Card, CardImage, ImageError};
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};

use crate::harness::{Desk, SELECT_SSSE, bytes, hex, with_checksum};

/// A gen3 card of seed 7 as it is written today.
const TODAY: &str = include_str!("../golden/gen3-seed7.image.hex");
/// The same as each version of the format wrote it first.
const VERSION_3: &str = include_str!("../golden/gen3-seed7-version3.image.hex");
const VERSION_2: &str = include_str!("../golden/gen3-seed7-version2.image.hex");
const VERSION_1: &str = include_str!("../golden/gen3-seed7-version1.image.hex");

fn image() -> Vec<u8> {
    Desk::t0("gen3").card.image().as_bytes().to_vec()
}

fn load(bytes: Vec<u8>) -> Result<Card, ImageError> {
    Card::from_image(&CardImage::from_bytes(bytes))
}

#[test]
fn i_18_an_image_of_version_1_loads() {
    let mut card = load(bytes(VERSION_1)).expect("loads");
    card.power_on().expect("power");
    let mut response = Vec::new();
    card.transmit(&bytes(SELECT_SSSE), &mut response);
    assert_eq!(hex(&response), "611E");
    card.transmit(&bytes("00B2072C0B"), &mut response);
    assert_eq!(hex(&response), "07095438393535393433339000", "card number T89559433");
}

#[test]
fn i_18_an_image_of_version_2_loads() {
    let card = load(bytes(VERSION_2)).expect("loads");
    assert!(card.image().as_bytes() == bytes(VERSION_3), "the same card");
}

#[test]
fn i_18_an_image_is_what_it_was() {
    let profile = built_in("gen3").expect("built-in");
    let card = issue(&profile, &synthetic_holder(7), &MasterKeys::test()).expect("card");
    let image = hex(card.image().as_bytes());
    if std::env::var_os("BLESS").is_some() {
        let lines: Vec<&str> =
            (0..image.len()).step_by(96).map(|at| &image[at..image.len().min(at + 96)]).collect();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/gen3-seed7.image.hex");
        std::fs::write(path, lines.join("\n") + "\n").expect("golden image");
        return;
    }
    let lines = TODAY.lines().collect::<String>();
    assert!(image == lines, "look at what changed, then write a golden image with BLESS=1");
}

#[test]
fn i_18_every_truncation_is_a_typed_error() {
    let image = image();
    for length in 0..image.len() {
        let error = load(image[..length].to_vec()).expect_err("truncated");
        let expected = if length < 12 {
            ImageError::NotAnImage
        } else {
            ImageError::Length { expected: image.len(), found: length }
        };
        assert_eq!(error, expected, "{length}");
    }
    let longer = [&image[..], &[0]].concat();
    let error = load(longer).expect_err("bytes that are no change");
    assert_eq!(error, ImageError::Entry { number: 1, at: image.len() });
}

#[test]
fn i_18_every_flipped_bit_is_a_typed_error() {
    let image = image();
    // Every bit of the header and of the end, and one bit of every byte between.
    for bit in 0..image.len() * 8 {
        let byte = bit / 8;
        if byte >= 64 && byte + 64 < image.len() && bit % 8 != byte % 8 {
            continue;
        }
        let mut flipped = image.clone();
        flipped[byte] ^= 1 << (bit % 8);
        assert!(load(flipped).is_err(), "bit {bit}");
    }
}

#[test]
fn i_18_a_newer_version_is_named() {
    let mut newer = image();
    newer[6..8].copy_from_slice(&[0x12, 0x34]);
    assert_eq!(load(newer).expect_err("newer"), ImageError::UnsupportedVersion(0x1234));
}

#[test]
fn i_18_an_image_comes_back_byte_for_byte() {
    for name in ["gen1", "gen2", "gen3"] {
        let image = Desk::t0(name).card.image();
        assert!(Card::from_image(&image).expect("loads").image() == image, "{name}");
    }
}

/// Cards of version 2 with what the program before wrote behind them: powered, a wrong PIN, the PIN
/// changed to 654321, a wrong PIN.
const CHANGED: [(&str, &str); 3] = [
    ("gen1", include_str!("../golden/gen1-seed7-version2-changes.image.hex")),
    ("gen2", include_str!("../golden/gen2-seed7-version2-changes.image.hex")),
    ("gen3", include_str!("../golden/gen3-seed7-version2-changes.image.hex")),
];

#[test]
fn i_18_an_image_of_version_2_loads_with_its_changes() {
    for (profile, text) in CHANGED {
        let image = CardImage::from_bytes(bytes(text));
        let loaded = image.load().expect("loads");
        let end = image.as_bytes().len();
        assert_eq!((loaded.changes, loaded.sound, loaded.current), (4, end, false), "{profile}");
        let mut card = loaded.card;
        assert_eq!(card.inspect_pin().tries_left, 5, "{profile}");
        let anew = card.image().load().expect("loads");
        assert!(anew.current && anew.card.image() == card.image(), "{profile}");
        card.power_on().expect("power");
        let mut response = Vec::new();
        card.transmit(&bytes(SELECT_SSSE), &mut response);
        card.transmit(&bytes("0020000003654321"), &mut response);
        assert_eq!(hex(&response), "9000", "{profile}");
    }
}

#[test]
fn i_18_damage_of_an_older_image_is_named() {
    let (_, text) = CHANGED[2];
    let whole = bytes(text);
    let begin = CardImage::from_bytes(whole.clone());
    let length = 12 + 4 + u32::from_be_bytes(whole[8..12].try_into().expect("four")) as usize;
    for at in (0..length).step_by(7).chain([length - 1]) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        let error = load(damaged.clone()).expect_err("damaged");
        assert!(!matches!(error, ImageError::Entry { .. }), "{at}: {error}");
        assert_eq!(CardImage::from_bytes(damaged).salvage().expect_err("no state"), error);
    }
    let mut damaged = whole.clone();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    let error = load(damaged.clone()).expect_err("damaged");
    assert!(matches!(error, ImageError::Entry { number: 4, .. }), "{error}");
    let salvaged = CardImage::from_bytes(damaged).salvage().expect("the state before");
    assert_eq!((salvaged.loaded.changes, salvaged.damage), (3, Some(error)));
    assert_eq!(salvaged.loaded.card.inspect_pin().tries_left, 6, "the PIN had just been changed");
    let torn = CardImage::from_bytes(whole[..last].to_vec()).load().expect("never answered");
    assert_eq!(torn.changes, 3);
    assert_eq!(begin.load().expect("loads").changes, 4);
}

/// An image with a section behind the others.
fn with_section(tag: u16, value: &[u8]) -> Vec<u8> {
    let mut image = image();
    image.truncate(image.len() - 4);
    image.extend(tag.to_be_bytes());
    image.extend(u32::try_from(value.len()).expect("short").to_be_bytes());
    image.extend(value);
    let length = u32::try_from(image.len() - 12).expect("short");
    image[8..12].copy_from_slice(&length.to_be_bytes());
    image.extend([0; 4]);
    with_checksum(image)
}

#[test]
fn i_18_a_section_of_a_newer_program_is_refused_or_passed_over() {
    for tag in [0x0020, 0x0021, 0x7FFF] {
        let refused = load(with_section(tag, b"more")).expect_err("not whole without it");
        assert_eq!(refused, ImageError::UnknownSection(tag));
        assert!(refused.to_string().contains(&format!("{tag:04X}")), "{refused}");
    }
    for tag in [0x8FFE, 0x8FFF, 0xFFFF] {
        let card = load(with_section(tag, b"a label")).expect("passed over");
        assert_eq!(card.image().as_bytes(), image(), "not written again");
    }
    for tag in [0x0000, 0x0001, 0x0010] {
        let refused = load(with_section(tag, b"")).expect_err("out of order");
        assert_eq!(refused, ImageError::Malformed, "{tag:04X}");
    }
    // Digits of a PIN come before the memory.
    assert_eq!(load(with_section(0x0004, &[4, 16])).expect_err("late"), ImageError::Malformed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn i_18_damage_behind_a_right_checksum_is_a_typed_error_too(
        at in 12_usize..2000, value in any::<u8>(), length in 1_usize..8,
    ) {
        let mut damaged = image();
        let end = damaged.len() - 4;
        let at = at.min(end - length);
        damaged[at..at + length].fill(value);
        let damaged = with_checksum(damaged);
        // Whatever it is, it is no panic; and what loads, works.
        if let Ok(mut card) = load(damaged) {
            let _ = card.power_on();
            let mut response = Vec::new();
            for command in [SELECT_SSSE, "00B2012C00", "00B0870000", "0020000003123456", "0088000010"] {
                card.transmit(&bytes(command), &mut response);
            }
            let _ = card.inspect();
        }
    }
}
