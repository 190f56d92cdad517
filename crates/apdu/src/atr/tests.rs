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
}
