use proptest::prelude::*;
use sscard_apdu::tlv::Tag;

use crate::ObjectDamage;
use crate::structure::{damage, set, tags, value};

/// 70{5A 02 1234, 57 01 99}.
const RECORD: [u8; 9] = [0x70, 0x07, 0x5A, 0x02, 0x12, 0x34, 0x57, 0x01, 0x99];
const PAN: Tag = Tag::from_number(0x5A);

#[test]
fn each_kind_of_damage_has_its_bytes() {
    for (kind, bytes) in [
        (ObjectDamage::Tag, "70075B021234570199"),
        (ObjectDamage::Length, "70075A031234570199"),
        (ObjectDamage::Nesting, "70095A045A021234570199"),
        (ObjectDamage::Order, "70075701995A021234"),
        (ObjectDamage::Double, "700B5A0212345A021234570199"),
        (ObjectDamage::Missing, "7003570199"),
        (ObjectDamage::Indefinite, "70095A8012340000570199"),
        (ObjectDamage::Padding, "7008005A021234570199"),
        (ObjectDamage::LongLength, "70085A81021234570199"),
    ] {
        let bent = damage(&RECORD, PAN, kind).map(hex::encode_upper);
        assert_eq!(bent.as_deref(), Some(bytes), "{kind:?}");
    }
    assert_eq!(damage(&RECORD, Tag::from_number(0x5F24), ObjectDamage::Tag), None);
}

#[test]
fn a_value_is_set_and_lengths_around_it_fit() {
    let long = vec![0x55; 130];
    let bent = set(&RECORD, PAN, &long).expect("it is there");
    assert_eq!(bent[..6], [0x70, 0x81, 0x88, 0x5A, 0x81, 0x82]);
    assert_eq!(value(&bent, PAN), Some(&long[..]));
    assert_eq!(tags(&RECORD).len(), 3);
}

proptest! {
    #[test]
    fn any_bytes_can_be_looked_at(data in prop::collection::vec(any::<u8>(), 0..300)) {
        for tag in tags(&data) {
            let _ = damage(&data, tag, ObjectDamage::Nesting);
            let _ = set(&data, tag, &[1, 2, 3]);
        }
    }
}
