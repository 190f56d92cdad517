use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;

const HISTORICAL: [u8; 13] =
    [0x00, 0x81, 0x54, 0x4C, 0x92, 0x86, 0x84, 0x42, 0x01, 0x00, 0x00, 0x01, 0x35];

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

#[test]
fn spec_3_basic_atr_of_a_social_security_card() {
    let bytes = hex("3B6D0000 0081544C928684420100000135");
    let atr = Atr::parse(&bytes).unwrap();
    assert_eq!(atr.historical_bytes(), HISTORICAL);
    assert_eq!(atr.protocols().collect::<Vec<_>>(), [0]);
    assert_eq!(
        atr.interface_bytes(1),
        InterfaceGroup { ta: None, tb: Some(0), tc: Some(0), td: None }
    );
    assert_eq!((atr.fi(), atr.di(), atr.tck()), (Some(372), Some(1), None));
    assert_eq!(atr.extra_guard_time(), 0);
    assert_eq!(atr.waiting_integer(), 10);
    let mut built = Vec::new();
    Builder::new(&HISTORICAL).tb1(0).tc1(0).emit(&mut built).unwrap();
    assert_eq!(built, bytes);
}

#[test]
fn the_same_with_t_1() {
    let mut built = Vec::new();
    Builder::new(&HISTORICAL).tb1(0).tc1(0).t1(0xFE, 0x45).emit(&mut built).unwrap();
    assert_eq!(built[..8], hex("3BED00008131FE45"));
    let atr = Atr::parse(&built).unwrap();
    assert_eq!(atr.protocols().collect::<Vec<_>>(), [1, 1]);
    assert_eq!((atr.ifsc(), atr.bwi(), atr.cwi(), atr.uses_crc()), (0xFE, 4, 5, false));
    assert_eq!(atr.historical_bytes(), HISTORICAL);
    assert_eq!(atr.tck(), built.last().copied());
}

#[test]
fn published_contactless_atr() {
    let bytes = hex("3B8F8001804F0CA000000306030001000000006A");
    let atr = Atr::parse(&bytes).unwrap();
    assert_eq!(atr.tck(), Some(0x6A));
    assert_eq!(atr.protocols().collect::<Vec<_>>(), [0, 1]);
    assert_eq!(atr.historical_bytes().len(), 15);
    assert_eq!(atr.card_capabilities(), None);
}

#[test]
fn capabilities_announce_extended_length_and_chaining() {
    let mut built = Vec::new();
    Builder::new(&[0x80, 0x73, 0xF7, 0x01, 0xD3]).t1(0xFE, 0x45).emit(&mut built).unwrap();
    let atr = Atr::parse(&built).unwrap();
    assert_eq!(atr.card_capabilities(), Some([0xF7, 0x01, 0xD3]));
    assert!(atr.announces_extended_length() && atr.announces_chaining());
}

#[test]
fn capabilities_that_run_out_are_none() {
    let bytes = [0x3B, 0x03, 0x80, 0x73, 0xF7];
    let atr = Atr::parse(&bytes).unwrap();
    assert_eq!(atr.card_capabilities(), None);
    assert!(!atr.announces_extended_length());
}

#[test]
fn damage_is_named() {
    let error = |text: &str| Atr::parse(&hex(text)).unwrap_err();
    assert_eq!(error("3B"), AtrError::TooShort);
    assert_eq!(error("3C00"), AtrError::BadInitialCharacter);
    assert_eq!(error("3B1000 00"), AtrError::TrailingBytes);
    assert_eq!(error("3B10"), AtrError::Truncated);
    assert_eq!(error("3B0211"), AtrError::Truncated);
    assert_eq!(error("3B8001"), AtrError::ChecksumMissing);
    assert_eq!(error("3B800180"), AtrError::BadChecksum);
    assert_eq!(Atr::parse(&[0x3B; 34]), Err(AtrError::TooLong));
    assert_eq!(Builder::new(&[0; 16]).emit(&mut vec![]), Err(AtrError::TooLong));
}

#[test]
fn inverse_convention_and_fast_parameters() {
    let bytes = hex("3F1094");
    let atr = Atr::parse(&bytes).unwrap();
    assert_eq!(atr.convention(), Convention::Inverse);
    assert_eq!((atr.fi(), atr.di()), (Some(512), Some(8)));
    assert_eq!(atr.specific_mode(), None);
}

#[test]
fn published_atr_with_global_interface_bytes() {
    let bytes = hex("3B9F95803FC7A08031E073FA21106300000083F09000BB");
    let atr = Atr::parse(&bytes).unwrap();
    assert_eq!(atr.convention(), Convention::Direct);
    assert_eq!((atr.fi(), atr.di(), atr.tck()), (Some(512), Some(16), Some(0xBB)));
    // TD2 = 3F: TA3 and TB3 are global (T=15), not those of T=1.
    assert_eq!(
        atr.interface_bytes(3),
        InterfaceGroup { ta: Some(0xC7), tb: Some(0xA0), tc: None, td: None }
    );
    assert_eq!(atr.protocols().collect::<Vec<_>>(), [0]);
    assert_eq!((atr.ifsc(), atr.bwi(), atr.cwi()), (32, 4, 13));
    assert_eq!(atr.historical_bytes(), hex("8031E073FA21106300000083F09000"));
    assert_eq!(atr.card_capabilities(), Some([0xFA, 0x21, 0x10]));
    assert!(!atr.announces_extended_length() && !atr.announces_chaining());
}

#[test]
fn t_1_atr_byte_for_byte() {
    let mut built = Vec::new();
    Builder::new(&HISTORICAL).tb1(0).tc1(0).t1(0xFE, 0x45).emit(&mut built).unwrap();
    assert_eq!(built, hex("3BED00008131FE45 0081544C928684420100000135 98"));
    let mut fast = Vec::new();
    Builder::new(&[]).ta1(0x94).t1(0x20, 0x4D).emit(&mut fast).unwrap();
    assert_eq!(fast, hex("3B90948131204DD9"));
}

#[test]
fn every_cut_is_an_error() {
    for text in [
        "3B6D00000081544C928684420100000135",
        "3B8F8001804F0CA000000306030001000000006A",
        "3B9F95803FC7A08031E073FA21106300000083F09000BB",
    ] {
        let mut bytes = hex(text);
        for end in 0..bytes.len() {
            assert!(Atr::parse(&bytes[..end]).is_err(), "{text} {end}");
        }
        bytes.push(0);
        assert_eq!(Atr::parse(&bytes), Err(AtrError::TrailingBytes));
    }
}

#[test]
fn interface_bytes_of_every_index() {
    // TA1 TD1(T=0) | TA2 TC2 TD2(T=1) | TA3 TB3 TC3
    let mut bytes = hex("3B9094D0 101471 403C01");
    let tck = bytes[1..].iter().fold(0, |sum, byte| sum ^ byte);
    bytes.push(tck);
    let atr = Atr::parse(&bytes).unwrap();
    assert_eq!((atr.first_protocol(), atr.protocols().count()), (0, 2));
    assert_eq!((atr.specific_mode(), atr.waiting_integer()), (Some(0x10), 0x14));
    assert_eq!((atr.ifsc(), atr.bwi(), atr.cwi(), atr.uses_crc()), (0x40, 3, 12, true));
    assert_eq!(atr.interface_bytes(0), InterfaceGroup::default());
    assert_eq!(atr.interface_bytes(4), InterfaceGroup::default());
}

#[test]
fn iso7816_4_capabilities_of_both_categories() {
    for (historical, capabilities) in [
        ("80 71F7", Some([0xF7, 0, 0])),
        ("80 3180 72F701 8101", Some([0xF7, 1, 0])),
        ("00 730000C0 059000", Some([0, 0, 0xC0])),
        ("00 730000", None),
        ("00 059000", None),
        ("80 3180", None),
        ("10 730000C0", None),
        ("", None),
    ] {
        let mut bytes = Vec::new();
        Builder::new(&hex(historical)).emit(&mut bytes).unwrap();
        let atr = Atr::parse(&bytes).unwrap();
        assert_eq!(atr.card_capabilities(), capabilities, "{historical}");
        assert_eq!(atr.announces_chaining(), capabilities == Some([0, 0, 0xC0]));
    }
}

proptest! {
    #[test]
    fn i_17_any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        if let Ok(atr) = Atr::parse(&bytes) {
            prop_assert!(atr.historical_bytes().len() <= 15);
            let _ = (atr.ifsc(), atr.card_capabilities(), atr.protocols().count(), atr.fi(), atr.di());
        }
    }

    #[test]
    fn i_17_what_is_built_is_parsed(historical in proptest::collection::vec(any::<u8>(), 0..=15), ta1 in any::<Option<u8>>(), blocks in any::<bool>()) {
        let mut builder = Builder::new(&historical);
        if let Some(ta1) = ta1 {
            builder = builder.ta1(ta1);
        }
        if blocks {
            builder = builder.t1(0xFE, 0x45);
        }
        let mut bytes = Vec::new();
        builder.emit(&mut bytes).unwrap();
        let atr = Atr::parse(&bytes).unwrap();
        prop_assert_eq!(atr.historical_bytes(), &historical[..]);
        prop_assert_eq!(atr.interface_bytes(1).ta, ta1);
        prop_assert_eq!(atr.first_protocol(), u8::from(blocks));
    }

    #[test]
    fn i_17_any_structure_is_read_without_panic(tail in proptest::collection::vec(any::<u8>(), 1..31), checked in any::<bool>()) {
        let mut bytes = [&[0x3B][..], &tail].concat();
        if checked {
            bytes.push(tail.iter().fold(0, |sum, byte| sum ^ byte));
        }
        if let Ok(atr) = Atr::parse(&bytes) {
            prop_assert_eq!(atr.bytes(), &bytes[..]);
            let _ = (atr.di(), atr.fi(), atr.extra_guard_time(), atr.specific_mode(), atr.waiting_integer());
            let _ = (atr.ifsc(), atr.bwi(), atr.cwi(), atr.uses_crc(), atr.first_protocol());
            let _ = (atr.announces_extended_length(), atr.announces_chaining());
            for index in 0..40 {
                let _ = atr.interface_bytes(index);
            }
        }
    }
}

#[test]
fn errors_say_what_is_wrong() {
    let of = |text: &str| Atr::parse(&hex(text)).unwrap_err().to_string();
    assert_eq!(of("3B"), "an ATR has at least two bytes");
    assert_eq!(of("3A00"), "an ATR begins with 3B or 3F");
    assert_eq!(of("3B01"), "announced bytes are missing");
    assert_eq!(of("3B0000"), "bytes after the end");
    assert_eq!(of("3B8001"), "the checksum TCK is missing");
    assert_eq!(of("3B800100"), "the checksum TCK is wrong");
}

#[test]
fn thirty_three_bytes_are_an_atr_thirty_four_are_none() {
    // 14 groups of a TD that announces the next one, a last one, 15 historical bytes, TCK.
    let mut bytes = vec![0x3B, 0x8F];
    bytes.extend([0x80; 14]);
    bytes.push(0x01);
    bytes.extend([0x41; 15]);
    let tck = bytes.iter().skip(1).fold(0, |sum, byte| sum ^ byte);
    bytes.push(tck);
    assert_eq!(bytes.len(), 33);
    assert!(Atr::parse(&bytes).is_ok());
    bytes.push(0);
    assert_eq!(Atr::parse(&bytes), Err(AtrError::TooLong));
}

/// TD1 names T=0 in its low bits and nothing in its high ones: no TCK follows (ISO/IEC 7816-3 §8.2.5).
#[test]
fn t_0_alone_has_no_tck_though_td_has_high_bits() {
    assert_eq!(Atr::parse(&hex("3B8000")).unwrap().tck(), None);
    assert_eq!(Atr::parse(&hex("3B801005")).unwrap().tck(), None);
}

#[test]
fn guard_time_and_redundancy_code_come_from_the_bytes() {
    assert_eq!(Atr::parse(&hex("3B4007")).unwrap().extra_guard_time(), 7);
    for (tc, crc) in [(0x00, false), (0x01, true), (0x02, false), (0x03, true)] {
        // TD1 and TD2 name T=1, then TC3 alone.
        let mut bytes = vec![0x3B, 0x80, 0x81, 0x41, tc];
        bytes.push(bytes.iter().skip(1).fold(0, |sum, byte| sum ^ byte));
        assert_eq!(Atr::parse(&bytes).unwrap().uses_crc(), crc, "{tc:02X}");
    }
}
