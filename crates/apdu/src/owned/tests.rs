use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec;
use core::hash::{Hash, Hasher};

use proptest::prelude::*;

use super::*;
use crate::hex::{HexError, LengthError};
use crate::{Aid, FileId, Sfi};

/// FNV-1a, so that `Hash` can be looked at without the standard library.
struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3);
        }
    }
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = Fnv(0xCBF2_9CE4_8422_2325);
    value.hash(&mut hasher);
    hasher.finish()
}

#[test]
fn a_command_is_read_from_text_and_bytes() {
    let command: CommandBuf = "00 b2 01 0C 02 aaBB 10".parse().unwrap();
    let apdu = CommandApdu::new(ClassByte::new(0x00), 0xB2, 0x01, 0x0C);
    assert_eq!(command.as_apdu(), apdu.with_data(&[0xAA, 0xBB]).with_ne(0x10));
    let bytes = [0x00, 0xB2, 0x01, 0x0C, 0x02, 0xAA, 0xBB, 0x10];
    assert_eq!(CommandBuf::try_from(&bytes[..]), Ok(command.clone()));
    assert_eq!(CommandApdu::try_from(&bytes[..]), Ok(command.as_apdu()));
    assert_eq!(command.to_vec(), Ok(bytes.to_vec()));
}

#[test]
fn what_is_no_apdu_is_refused_with_the_reason() {
    let command = |text: &str| text.parse::<CommandBuf>().unwrap_err();
    assert_eq!(command("00A404"), FromHexError::Apdu(ParseError::TooShort));
    assert_eq!(command("00A404000511"), FromHexError::Apdu(ParseError::LcMismatch));
    assert_eq!(command("00A4040"), FromHexError::Hex(HexError::OddLength));
    assert_eq!(command("0xA40400"), FromHexError::Hex(HexError::NotADigit { position: 1 }));
    assert_eq!("90".parse::<ResponseBuf>(), Err(FromHexError::Apdu(ParseError::TooShort)));
}

#[test]
fn a_response_keeps_data_and_status() {
    let response: ResponseBuf = "6F006283".parse().unwrap();
    assert_eq!((&response.data[..], response.status.value()), (&[0x6F, 0x00][..], 0x6283));
    assert_eq!(response.to_vec(), [0x6F, 0x00, 0x62, 0x83]);
    assert_eq!(ResponseBuf::try_from(&[0x90, 0x00][..]).unwrap().data, []);
    assert_eq!(ResponseApdu::try_from(&[0x90][..]), Err(ParseError::TooShort));
}

#[test]
fn no_command_prints_its_data() {
    let command: CommandBuf = "0020000003121314".parse().unwrap();
    let printed = "CommandApdu { class: ClassByte(0), ins: 32, p1: 0, p2: 0, data: 3 bytes, ne: 0, \
                   extended: false }";
    assert_eq!(format!("{command:?}"), printed);
    assert_eq!(format!("{:?}", command.as_apdu()), printed);
    let other: CommandBuf = "0020000003999999".parse().unwrap();
    assert_eq!(format!("{other:#?}"), format!("{command:#?}"), "nothing depends on the PIN");
}

#[test]
fn equal_apdus_have_equal_hashes() {
    let command: CommandBuf = "0020000003121314".parse().unwrap();
    assert_eq!(hash(command.as_apdu()), hash(command.clone().as_apdu()));
    let other: CommandBuf = "0020000003121315".parse().unwrap();
    assert_ne!(hash(&command), hash(&other));
    let responses = ["9000", "019000", "6A82"].map(|text| text.parse::<ResponseBuf>().unwrap());
    assert_eq!(responses.iter().map(hash).collect::<BTreeSet<_>>().len(), 3);
}

#[test]
fn names_and_status_words_are_read_from_text_and_bytes() {
    let aid: Aid = "D1 56 00 00 05".parse().unwrap();
    assert_eq!(
        (aid.as_bytes(), format!("{aid}")),
        (&[0xD1, 0x56, 0, 0, 5][..], "D156000005".into())
    );
    assert_eq!(Aid::try_from(&[][..]), Err(LengthError { bytes: 0 }));
    let long = "00".repeat(17);
    assert_eq!(long.parse::<Aid>(), Err(FromHexError::Length(LengthError { bytes: 17 })));
    assert_eq!("6a82".parse(), Ok(StatusWord::FILE_NOT_FOUND));
    assert_eq!("6A".parse::<StatusWord>(), Err(FromHexError::Length(LengthError { bytes: 1 })));
    assert_eq!(StatusWord::try_from(&[0x90, 0x00][..]), Ok(StatusWord::SUCCESS));
    assert_eq!(StatusWord::try_from(&[0x90; 3][..]), Err(LengthError { bytes: 3 }));
    assert_eq!("3F00".parse(), Ok(FileId::MASTER_FILE));
    assert_eq!(FileId::try_from(&[0xEF][..]), Err(LengthError { bytes: 1 }));
    assert_eq!(Sfi::try_from(30).map(Sfi::number), Ok(30));
    assert!(Sfi::try_from(31).is_err() && Sfi::try_from(0).is_err());
}

#[test]
fn emitting_into_a_slice_says_how_much_was_written_or_how_much_is_missing() {
    let command: CommandBuf = "00B2010C02AABB10".parse().unwrap();
    let mut out = [0xEE; 10];
    assert_eq!(command.as_apdu().emit_into(&mut out), Ok(8));
    assert_eq!(out, [0x00, 0xB2, 0x01, 0x0C, 0x02, 0xAA, 0xBB, 0x10, 0xEE, 0xEE]);
    let mut short = [0xEE; 7];
    let refused = command.as_apdu().emit_into(&mut short);
    assert_eq!((refused, short), (Err(EmitError::BufferTooShort { needed: 8 }), [0xEE; 7]));
    let response: ResponseBuf = "019000".parse().unwrap();
    let mut out = [0; 3];
    assert_eq!((response.as_apdu().emit_into(&mut out), out), (Ok(3), [0x01, 0x90, 0x00]));
    let refused = response.as_apdu().emit_into(&mut [0; 2]);
    assert_eq!(refused, Err(EmitError::BufferTooShort { needed: 3 }));
}

proptest! {
    #[test]
    fn i_17_every_way_of_emitting_gives_the_same_bytes(
        header in any::<[u8; 4]>(),
        data in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..4),
            proptest::collection::vec(any::<u8>(), 254..258),
        ],
        ne in prop_oneof![0..3_usize, 255..258_usize, Just(0x1_0000)],
        extended: bool,
    ) {
        let [class, ins, p1, p2] = header;
        let command = CommandApdu { extended, ..CommandApdu::new(ClassByte::new(class), ins, p1, p2) };
        let command = command.with_data(&data).with_ne(ne);
        let bytes = command.to_vec().unwrap();
        prop_assert_eq!(command.emitted_len(), Ok(bytes.len()));
        let mut slice = vec![0; bytes.len()];
        prop_assert_eq!(command.emit_into(&mut slice), Ok(bytes.len()));
        prop_assert_eq!(&slice, &bytes);
        let parsed = CommandBuf::try_from(bytes.as_slice()).unwrap();
        prop_assert_eq!(parsed.to_vec().unwrap(), bytes);
    }
}
