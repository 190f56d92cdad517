use proptest::prelude::*;
use sscard_apdu::tlv::Tag;

use crate::ObjectDamage;
use crate::structure::{add, damage, edit, holds, set, tags, value};

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
        (ObjectDamage::LongerLength, "70095A8200021234570199"),
        (ObjectDamage::PaddingOnes, "70095A041234FFFF570199"),
    ] {
        let bent = damage(&RECORD, PAN, kind).map(hex::encode_upper);
        assert_eq!(bent.as_deref(), Some(bytes), "{kind:?}");
    }
    assert_eq!(damage(&RECORD, Tag::from_number(0x5F24), ObjectDamage::Tag), None);
}

#[test]
fn a_value_is_set_and_lengths_around_it_fit() {
    let long = vec![0x55; 130];
    let bent = set(&RECORD, PAN, &long, None).expect("it is there");
    assert_eq!(bent[..6], [0x70, 0x81, 0x88, 0x5A, 0x81, 0x82]);
    assert_eq!(value(&bent, PAN), Some(&long[..]));
    assert_eq!(tags(&RECORD).len(), 3);
}

#[test]
fn objects_without_tags_have_their_places_in_template_80() {
    let (options, cryptogram) = (Some(0xA8), Some(0xAE));
    let answer = [0x80, 0x06, 0x7C, 0x00, 0x08, 0x01, 0x01, 0x00];
    let of = |tag: u32, value: &[u8], asked| {
        set(&answer, Tag::from_number(tag), value, asked).map(hex::encode_upper)
    };
    assert_eq!(of(0x82, &[0x58, 0x00], options).as_deref(), Some("8006580008010100"));
    assert_eq!(of(0x94, &[0x10, 0x01, 0x01, 0x01], options).as_deref(), Some("80067C0010010101"));
    assert_eq!(of(0x94, &[], options).as_deref(), Some("80027C00"));
    assert_eq!(of(0x82, &[0x58, 0x00], cryptogram), None, "no answer to GENERATE AC has it");
    assert_eq!(of(0x82, &[0x58, 0x00], None), None);
    let answer = hex::decode("80128000010102030405060708AABBCCDDEEFF00").expect("hex");
    let flipped = edit(&answer, Tag::from_number(0x9F26), cryptogram, |value| {
        value[0] ^= 0x80;
        true
    });
    let expected = "80128000018102030405060708AABBCCDDEEFF00";
    assert_eq!(flipped.map(hex::encode_upper).as_deref(), Some(expected));
    assert!(holds(&answer, Tag::from_number(0x9F10), cryptogram));
    assert!(!holds(&answer, Tag::from_number(0x9F10), options));
    // Too short for what stands in it.
    assert!(!holds(&[0x80, 0x01, 0x7C], Tag::from_number(0x82), options));
}

#[test]
fn an_object_more_stands_at_the_end_of_the_first_template() {
    let added = add(&RECORD, Tag::from_number(0x9F38), &[]).map(hex::encode_upper);
    assert_eq!(added.as_deref(), Some("700A5A0212345701999F3800"));
    assert_eq!(add(&[0x80, 0x01, 0x7C], PAN, &[]), None);
}

proptest! {
    #[test]
    fn any_bytes_can_be_looked_at(data in prop::collection::vec(any::<u8>(), 0..300)) {
        for tag in tags(&data) {
            let _ = damage(&data, tag, ObjectDamage::Nesting);
            let _ = set(&data, tag, &[1, 2, 3], Some(0xA8));
        }
    }
}
