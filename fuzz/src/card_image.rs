//! Bytes as a card image, as they are and with their checksum put right.

use crc::{CRC_32_ISO_HDLC, Crc};
use sscard_commands::ins;
use sscard_core::{Card, CardImage};

const HEADER: usize = 12;
const CHECKSUM: usize = 4;
/// SELECT of the environment, READ RECORD by tag and of all, READ BINARY, VERIFY, GET CHALLENGE.
const COMMANDS: [&[u8]; 6] = [
    b"\x00\xA4\x04\x00\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF",
    &[0x00, ins::READ_RECORD, 0x01, 0x2C, 0x00],
    &[0x00, ins::READ_RECORD, 0x01, 0x2D, 0x00],
    &[0x00, ins::READ_BINARY, 0x87, 0x00, 0x00],
    &[0x00, ins::VERIFY, 0x00, 0x00, 0x03, 0x12, 0x34, 0x56],
    &[0x00, ins::GET_CHALLENGE, 0x00, 0x00, 0x10],
];

/// What loads comes back byte for byte, and works.
///
/// # Panics
/// When an image that loads is written differently, or its card does not answer.
pub fn card_image(bytes: &[u8]) {
    load(bytes);
    for version in [1, 2] {
        load(&framed_image(bytes, version));
        if bytes.len() >= HEADER + CHECKSUM {
            load(&framed_image(&bytes[HEADER..bytes.len() - CHECKSUM], version));
        }
    }
}

/// `body` with the header and the checksum of an image of this version.
#[must_use]
pub fn framed_image(body: &[u8], version: u16) -> Vec<u8> {
    let mut image = b"SSCARD".to_vec();
    image.extend_from_slice(&version.to_be_bytes());
    image.extend_from_slice(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes());
    image.extend_from_slice(body);
    let checksum = Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(&image);
    image.extend_from_slice(&checksum.to_be_bytes());
    image
}

fn load(bytes: &[u8]) {
    let Ok(mut card) = Card::from_image(&CardImage::from_bytes(bytes.to_vec())) else { return };
    let image = card.image();
    let again = Card::from_image(&image).expect("what was written is read");
    assert!(again.image() == image, "an image that is read is written alike");
    let _ = card.inspect();
    if card.power_on().is_err() {
        return;
    }
    let mut response = Vec::new();
    for command in COMMANDS {
        card.transmit(command, &mut response);
        assert!(response.len() >= 2, "{command:02X?} got {response:02X?}");
    }
}
