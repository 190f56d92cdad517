//! I-18: an image of an older version loads, a damaged one is a typed error.

use proptest::prelude::*;
use sscard_core::{Card, CardImage, ImageError};
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};

use crate::harness::{Desk, SELECT_SSSE, bytes, hex};

/// A gen3 card of seed 7 as version 1 of the format wrote it.
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
fn i_18_the_format_has_not_changed_without_a_new_version() {
    let profile = built_in("gen3").expect("built-in");
    let card = issue(&profile, &synthetic_holder(7), &MasterKeys::test()).expect("card");
    let image = hex(card.image().as_bytes());
    if std::env::var_os("BLESS").is_some() {
        let lines: Vec<&str> =
            (0..image.len()).step_by(96).map(|at| &image[at..image.len().min(at + 96)]).collect();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/gen3-seed7-version2.image.hex");
        std::fs::write(path, lines.join("\n") + "\n").expect("golden image");
        return;
    }
    let lines = VERSION_2.lines().collect::<String>();
    assert!(image == lines, "write a golden image of the new version");
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
        let crc = crc32(&damaged[..end]).to_be_bytes();
        damaged[end..].copy_from_slice(&crc);
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

/// CRC-32 of ISO/HDLC, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 }
        })
    })
}
