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

#[test]
fn commands_are_emitted_exactly() {
    let emitted = |data: &[u8], ne, extended| {
        let command = CommandApdu::new(ClassByte::new(0x00), 0xCB, 0x3F, 0xFF);
        let command = CommandApdu { extended, ..command.with_data(data).with_ne(ne) };
        let mut out = alloc::vec![0xAA];
        command.emit(&mut out).unwrap();
        assert_eq!(out[..5], [0xAA, 0x00, 0xCB, 0x3F, 0xFF]);
        out.split_off(5)
    };
    assert_eq!(emitted(&[], 0, false), []);
    assert_eq!(emitted(&[], 0, true), []);
    assert_eq!(emitted(&[], 255, false), [0xFF]);
    assert_eq!(emitted(&[], 256, false), [0x00]);
    assert_eq!(emitted(&[], 257, false), [0x00, 0x01, 0x01]);
    assert_eq!(emitted(&[], 256, true), [0x00, 0x01, 0x00]);
    assert_eq!(emitted(&[], 65536, false), [0x00, 0x00, 0x00]);
    assert_eq!(emitted(&[9], 0, false), [0x01, 9]);
    assert_eq!(emitted(&[9], 256, false), [0x01, 9, 0x00]);
    assert_eq!(emitted(&[9], 0, true), [0x00, 0x00, 0x01, 9]);
    assert_eq!(emitted(&[9], 257, false), [0x00, 0x00, 0x01, 9, 0x01, 0x01]);
    assert_eq!(emitted(&[7; 255], 0, false)[..2], [0xFF, 7]);
    assert_eq!(emitted(&[7; 256], 0, false)[..4], [0x00, 0x01, 0x00, 7]);
    let longest = emitted(&[7; 65535], 65536, false);
    assert_eq!((&longest[..4], longest.len()), (&[0x00, 0xFF, 0xFF, 7][..], 65540));
    assert_eq!(longest[65538..], [0x00, 0x00]);
}

#[test]
fn every_body_length_with_every_lc() {
    for total in 1..=12_usize {
        for lc in 0..=12_u8 {
            let mut bytes = alloc::vec![1; 4 + total];
            bytes[4] = lc;
            let parsed = CommandApdu::parse(&bytes).map(|command| (command.data.len(), command.ne));
            let after = total - 1;
            let needed = usize::from(lc);
            let expected = match lc {
                0 if total == 1 => Ok((0, 256)),
                // The body goes on with 01 01: extended Le, or Lc = 257.
                0 if total == 3 => Ok((0, 0x0101)),
                0 if total < 3 => Err(ParseError::ExtendedLengthMalformed),
                0 => Err(ParseError::LcMismatch),
                _ if after == 0 => Ok((0, needed)),
                _ if after < needed => Err(ParseError::LcMismatch),
                _ if after == needed => Ok((needed, 0)),
                _ if after == needed + 1 => Ok((needed, 1)),
                _ => Err(ParseError::TrailingBytes),
            };
            assert_eq!(parsed, expected, "{bytes:02X?}");
        }
    }
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

    #[test]
    fn i_17_emit_of_parse_is_identity_for_extended_bodies(
        lc in 0_u16..8,
        rest in proptest::collection::vec(any::<u8>(), 0..12),
    ) {
        let [high, low] = lc.to_be_bytes();
        let mut bytes = alloc::vec![0x00, 0xD6, 0, 0, 0, high, low];
        bytes.extend_from_slice(&rest);
        if let Ok(command) = CommandApdu::parse(&bytes) {
            prop_assert!(command.extended);
            let mut out = Vec::new();
            command.emit(&mut out).unwrap();
            prop_assert_eq!(out, bytes);
        }
    }
}

#[test]
fn errors_say_what_is_wrong() {
    let of = |bytes| alloc::format!("{}", CommandApdu::parse(bytes).unwrap_err());
    assert_eq!(of(&[0, 1, 2]), "too few bytes");
    assert_eq!(of(&[0, 1, 2, 3, 2, 9]), "Lc does not match the data");
    assert_eq!(of(&[0, 1, 2, 3, 0, 0]), "malformed extended length");
    assert_eq!(of(&[0, 1, 2, 3, 1, 9, 9, 9]), "bytes after the end");
    let command = CommandApdu::new(ClassByte::new(0), 1, 2, 3);
    let of =
        |command: CommandApdu<'_>| alloc::format!("{}", command.emit(&mut Vec::new()).unwrap_err());
    assert_eq!(of(command.with_data(&[0; 0x1_0000])), "more than 65535 bytes of data");
    assert_eq!(of(command.with_ne(0x1_0001)), "Ne above 65536");
}

#[test]
fn what_is_printed_of_a_command_holds_no_data() {
    let verify = [0x00, 0x20, 0x00, 0x00, 0x03, 0x73, 0x91, 0x54];
    let printed = alloc::format!("{:?}", CommandApdu::parse(&verify).unwrap());
    assert!(printed.contains("ins: 32") && printed.contains("data: 3 bytes"), "{printed}");
    assert!(!printed.contains("115") && !printed.contains("145"), "{printed}");
}
