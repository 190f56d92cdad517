use proptest::prelude::*;

use super::*;

fn round_trip(bytes: &[u8]) {
    let parsed = CommandApdu::parse(bytes).unwrap();
    let mut out = Vec::new();
    parsed.emit(&mut out).unwrap();
    assert_eq!(out, bytes);
}

#[test]
fn iso7816_3_12_1_short_cases() {
    let parsed = CommandApdu::parse(&[0x00, 0xA4, 0x04, 0x00]).unwrap();
    assert_eq!((parsed.case(), parsed.ne, parsed.extended), (Case::One, 0, false));
    let parsed = CommandApdu::parse(&[0x00, 0xB2, 0x01, 0x04, 0x00]).unwrap();
    assert_eq!((parsed.case(), parsed.ne), (Case::Two, 256));
    let parsed = CommandApdu::parse(&[0x00, 0x20, 0, 0, 3, 0x12, 0x34, 0x56]).unwrap();
    assert_eq!((parsed.case(), parsed.data), (Case::Three, &[0x12, 0x34, 0x56][..]));
    let parsed = CommandApdu::parse(&[0x00, 0xA4, 0, 0, 2, 0xEF, 5, 0x10]).unwrap();
    assert_eq!((parsed.case(), parsed.data, parsed.ne), (Case::Four, &[0xEF, 5][..], 16));
}

#[test]
fn iso7816_3_12_1_extended_cases() {
    let parsed = CommandApdu::parse(&[0, 0xB0, 0, 0, 0, 0x01, 0x00]).unwrap();
    assert_eq!((parsed.case(), parsed.ne, parsed.extended), (Case::Two, 256, true));
    let parsed = CommandApdu::parse(&[0, 0xB0, 0, 0, 0, 0, 0]).unwrap();
    assert_eq!(parsed.ne, 65536);
    let parsed = CommandApdu::parse(&[0, 0xD6, 0, 0, 0, 0, 2, 1, 2]).unwrap();
    assert_eq!((parsed.case(), parsed.data), (Case::Three, &[1, 2][..]));
    let parsed = CommandApdu::parse(&[0, 0xD6, 0, 0, 0, 0, 2, 1, 2, 0, 0]).unwrap();
    assert_eq!((parsed.case(), parsed.ne), (Case::Four, 65536));
}

#[test]
fn canonical_commands_come_back_byte_for_byte() {
    round_trip(&[0, 0xB0, 0, 0]);
    round_trip(&[0, 0xB0, 0, 0, 0]);
    round_trip(&[0, 0xB0, 0, 0, 0, 0, 5]);
    round_trip(&[0, 0xB0, 0, 0, 0, 0, 0]);
    round_trip(&[0, 0xB0, 0, 0, 0, 0, 1, 9]);
    round_trip(&[0, 0xB0, 0, 0, 0, 0, 1, 9, 0, 0]);
    round_trip(&[0, 0xB0, 0, 0, 1, 9, 0]);
}

#[test]
fn malformed_commands_are_named() {
    let error = |bytes: &[u8]| CommandApdu::parse(bytes).unwrap_err();
    assert_eq!(error(&[]), ParseError::TooShort);
    assert_eq!(error(&[0, 1, 2]), ParseError::TooShort);
    assert_eq!(error(&[0, 0, 0, 0, 2, 1]), ParseError::LcMismatch);
    assert_eq!(error(&[0, 0, 0, 0, 1, 1, 0, 0]), ParseError::TrailingBytes);
    assert_eq!(error(&[0, 0, 0, 0, 0, 0]), ParseError::ExtendedLengthMalformed);
    assert_eq!(error(&[0, 0, 0, 0, 0, 0, 0, 1]), ParseError::ExtendedLengthMalformed);
    assert_eq!(error(&[0, 0, 0, 0, 0, 0, 2, 1]), ParseError::LcMismatch);
    assert_eq!(error(&[0, 0, 0, 0, 0, 0, 1, 1, 0]), ParseError::ExtendedLengthMalformed);
    assert_eq!(error(&[0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0]), ParseError::TrailingBytes);
}

#[test]
fn too_long_is_refused_and_nothing_is_written() {
    let data = alloc::vec![0; 65536];
    let mut out = Vec::new();
    let command = CommandApdu::new(ClassByte::new(0), 0, 0, 0);
    assert_eq!(command.with_data(&data).emit(&mut out), Err(EmitError::DataTooLong));
    assert_eq!(command.with_ne(65537).emit(&mut out), Err(EmitError::NeTooLarge));
    assert!(out.is_empty());
}

proptest! {
    #[test]
    fn i_17_parse_of_emit_is_identity(
        header in any::<[u8; 4]>(),
        data in proptest::collection::vec(any::<u8>(), 0..600),
        ne in 0_usize..=65536,
        extended in any::<bool>(),
    ) {
        let [class, ins, p1, p2] = header;
        let long = data.len() > 255 || ne > 256;
        // Extended without any length field has nothing to say it with.
        let extended = long || (extended && (!data.is_empty() || ne > 0));
        let command = CommandApdu { class: ClassByte::new(class), ins, p1, p2, data: &data, ne, extended };
        let mut out = Vec::new();
        command.emit(&mut out).unwrap();
        prop_assert_eq!(CommandApdu::parse(&out), Ok(command));
    }

    #[test]
    fn i_17_emit_of_parse_is_identity(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        if let Ok(command) = CommandApdu::parse(&bytes) {
            let mut out = Vec::new();
            command.emit(&mut out).unwrap();
            prop_assert_eq!(out, bytes);
        }
    }
}
