use alloc::format;
use alloc::vec;

use proptest::prelude::*;

use super::*;

const FCI: &[u8] = b"\x6F\x1C\x84\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF\
\xA5\x09\x88\x01\x1E\x9F\x0C\x03\x86\x01\x03";

#[test]
fn objects_are_found_by_path() {
    let path = [Tag::new(0x6F), Tag::new(0xA5), Tag::new(0x9F0C), Tag::new(0x86)];
    assert_eq!(find(FCI, &path), Ok(Some(&[3][..])));
    assert_eq!(find(FCI, &[Tag::new(0x6F), Tag::new(0x85)]), Ok(None));
    assert_eq!(check(FCI, Limits::DEFAULT), Ok(()));
}

#[test]
fn writer_writes_what_the_reader_reads() {
    let mut out = Vec::new();
    Writer::new(&mut out).constructed(Tag::new(0x6F), |fci| {
        fci.primitive(Tag::new(0x84), b"sx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF");
        fci.constructed(Tag::new(0xA5), |own| {
            own.primitive(Tag::new(0x88), &[0x1E]);
            own.primitive(Tag::new(0x9F0C), &[0x86, 1, 3]);
        });
    });
    assert_eq!(out, FCI);
}

#[test]
fn lengths_are_minimal_in_every_form() {
    for (length, field) in [
        (0x7F, &[0x7F][..]),
        (0x80, &[0x81, 0x80]),
        (0x100, &[0x82, 1, 0]),
        (0x1_0000, &[0x83, 1, 0, 0]),
        (0x100_0000, &[0x84, 1, 0, 0, 0]),
    ] {
        let mut out = Vec::new();
        Writer::new(&mut out).primitive(Tag::new(0x04), &vec![0; length]);
        assert_eq!(out[1..=field.len()], *field);
        assert_eq!(Reader::new(&out).next().unwrap().unwrap().value.len(), length);
    }
}

#[test]
fn damage_is_named_and_ends_the_reader() {
    let error = |bytes: &'static [u8]| {
        let mut reader = Reader::new(bytes);
        let error = reader.next().unwrap().unwrap_err();
        assert!(reader.next().is_none());
        error
    };
    assert_eq!(error(&[0x9F]), TlvError::TruncatedTag);
    assert_eq!(error(&[0x9F, 0x81, 0x81, 0x81, 1]), TlvError::TagTooLong);
    assert_eq!(error(&[0x84]), TlvError::TruncatedLength);
    assert_eq!(error(&[0x84, 0x82, 1]), TlvError::TruncatedLength);
    assert_eq!(error(&[0x84, 0x80]), TlvError::IndefiniteLength);
    assert_eq!(error(&[0x84, 0x85, 0, 0, 0, 0, 1]), TlvError::LengthTooLong);
    assert_eq!(error(&[0x84, 2, 1]), TlvError::TruncatedValue);
}

#[test]
fn padding_between_objects_is_skipped() {
    let objects: Vec<_> = Reader::new(&[0, 0x84, 1, 5, 0, 0, 0x85, 0, 0]).collect();
    let expected =
        [Tlv { tag: Tag::new(0x84), value: &[5] }, Tlv { tag: Tag::new(0x85), value: &[] }];
    assert_eq!(objects, expected.map(Ok));
}

#[test]
fn depth_and_length_have_limits() {
    let mut nested = Vec::new();
    for _ in 0..5000 {
        let mut outer = Vec::new();
        Writer::new(&mut outer).primitive(Tag::new(0x30), &nested);
        nested = outer;
    }
    assert_eq!(check(&nested, Limits::DEFAULT), Err(TlvError::TooDeep));
    assert_eq!(check(&nested, Limits { depth: 5000, length: 100_000 }), Ok(()));
    assert_eq!(check(&[0; 3], Limits { depth: 1, length: 2 }), Err(TlvError::TooLong));
}

#[test]
fn tags_print_as_their_bytes() {
    assert_eq!(format!("{} {:?}", Tag::new(0x9F0C), Tag::new(0x5)), "9F0C Tag(05)");
    assert!(Tag::new(0x6F).is_constructed() && Tag::new(0xBF0C).is_constructed());
    assert!(!Tag::new(0x9F0C).is_constructed());
}

proptest! {
    #[test]
    fn i_17_any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let read = Reader::new(&bytes).map_while(Result::ok).map(|object| object.value.len()).sum::<usize>();
        prop_assert!(read <= bytes.len());
        let _ = check(&bytes, Limits::DEFAULT);
    }

    #[test]
    fn i_17_written_objects_read_back(tag in prop_oneof![Just(0x84_u32), Just(0x9F0C), Just(0xBF8101)], value in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut out = Vec::new();
        Writer::new(&mut out).primitive(Tag::new(tag), &value);
        let objects: Vec<_> = Reader::new(&out).collect();
        prop_assert_eq!(objects, vec![Ok(Tlv { tag: Tag::new(tag), value: &value })]);
    }
}
