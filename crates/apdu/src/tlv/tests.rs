use alloc::format;
use alloc::vec;

use proptest::prelude::*;

use super::*;

const FCI: &[u8] = b"\x6F\x1C\x84\x0Fsx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF\
\xA5\x09\x88\x01\x1E\x9F\x0C\x03\x86\x01\x03";

#[test]
fn objects_are_found_by_path() {
    let path = [
        Tag::from_number(0x6F),
        Tag::from_number(0xA5),
        Tag::from_number(0x9F0C),
        Tag::from_number(0x86),
    ];
    assert_eq!(find(FCI, &path), Ok(Some(&[3][..])));
    assert_eq!(find(FCI, &[Tag::from_number(0x6F), Tag::from_number(0x85)]), Ok(None));
    assert_eq!(check(FCI, Limits::DEFAULT), Ok(()));
}

#[test]
fn writer_writes_what_the_reader_reads() {
    let mut out = Vec::new();
    Writer::new(&mut out).constructed(Tag::from_number(0x6F), |fci| {
        fci.primitive(Tag::from_number(0x84), b"sx1.sh.\xC9\xE7\xBB\xE1\xB1\xA3\xD5\xCF");
        fci.constructed(Tag::from_number(0xA5), |own| {
            own.primitive(Tag::from_number(0x88), &[0x1E]);
            own.primitive(Tag::from_number(0x9F0C), &[0x86, 1, 3]);
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
        Writer::new(&mut out).primitive(Tag::from_number(0x04), &vec![0; length]);
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
    let expected = [
        Tlv { tag: Tag::from_number(0x84), value: &[5] },
        Tlv { tag: Tag::from_number(0x85), value: &[] },
    ];
    assert_eq!(objects, expected.map(Ok));
}

#[test]
fn depth_and_length_have_limits() {
    let mut nested = Vec::new();
    for _ in 0..5000 {
        let mut outer = Vec::new();
        Writer::new(&mut outer).primitive(Tag::from_number(0x30), &nested);
        nested = outer;
    }
    assert_eq!(check(&nested, Limits::DEFAULT), Err(TlvError::TooDeep));
    assert_eq!(
        check(&nested, Limits { depth: usize::MAX, length: 100_000 }),
        Err(TlvError::TooDeep)
    );
    assert_eq!(check(&[0; 3], Limits { depth: 1, length: 2 }), Err(TlvError::TooLong));
}

#[test]
fn tags_print_as_their_bytes() {
    assert_eq!(format!("{} {:?}", Tag::from_number(0x9F0C), Tag::from_number(0x5)), "9F0C Tag(05)");
    assert!(Tag::from_number(0x6F).is_constructed() && Tag::from_number(0xBF0C).is_constructed());
    assert!(!Tag::from_number(0x9F0C).is_constructed());
}

#[test]
fn the_deepest_level_is_the_limit() {
    let nested = |levels: usize| {
        let mut bytes = Vec::new();
        for _ in 0..levels {
            let mut outer = Vec::new();
            Writer::new(&mut outer).primitive(Tag::from_number(0x30), &bytes);
            bytes = outer;
        }
        bytes
    };
    for depth in [0, 1, 16, Limits::MAX_DEPTH] {
        let limits = Limits { depth, ..Limits::DEFAULT };
        assert_eq!(check(&nested(depth), limits), Ok(()));
        assert_eq!(check(&nested(depth + 1), limits), Err(TlvError::TooDeep));
    }
    let two_branches = [nested(16), nested(16)].concat();
    assert_eq!(check(&two_branches, Limits::DEFAULT), Ok(()));
}

#[test]
fn every_cut_is_an_error() {
    for end in 1..FCI.len() {
        assert!(check(&FCI[..end], Limits::DEFAULT).is_err(), "{end}");
        assert!(find(&FCI[..end], &[Tag::from_number(0x6F)]).is_err(), "{end}");
    }
    assert_eq!(check(&[], Limits::DEFAULT), Ok(()));
    // Cut inside a constructed object that is itself whole.
    let inner = [0x6F, 3, 0x84, 5, 1];
    assert_eq!(
        Reader::new(&inner).next(),
        Some(Ok(Tlv { tag: Tag::from_number(0x6F), value: &inner[2..] }))
    );
    assert_eq!(check(&inner, Limits::DEFAULT), Err(TlvError::TruncatedValue));
    assert_eq!(
        find(&inner, &[Tag::from_number(0x6F), Tag::from_number(0x84)]),
        Err(TlvError::TruncatedValue)
    );
}

#[test]
fn lengths_longer_than_needed_are_read() {
    for bytes in [
        &[0x84, 1, 7][..],
        &[0x84, 0x81, 1, 7],
        &[0x84, 0x82, 0, 1, 7],
        &[0x84, 0x83, 0, 0, 1, 7],
        &[0x84, 0x84, 0, 0, 0, 1, 7],
    ] {
        assert_eq!(find(bytes, &[Tag::from_number(0x84)]), Ok(Some(&[7][..])));
    }
    let longest = [0x84, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 7];
    assert_eq!(check(&longest, Limits::DEFAULT), Err(TlvError::TruncatedValue));
}

#[test]
fn tags_have_one_to_four_bytes() {
    for (number, bytes) in [
        (0x5A, &[0x5A][..]),
        (0x9F0C, &[0x9F, 0x0C]),
        (0xBF8101, &[0xBF, 0x81, 0x01]),
        (0xDF81_8101, &[0xDF, 0x81, 0x81, 0x01]),
    ] {
        let mut out = Vec::new();
        Tag::from_number(number).emit(&mut out);
        assert_eq!(out, bytes);
        out.push(0);
        assert_eq!(
            Reader::new(&out).next(),
            Some(Ok(Tlv { tag: Tag::from_number(number), value: &[] }))
        );
    }
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
        Writer::new(&mut out).primitive(Tag::from_number(tag), &value);
        let objects: Vec<_> = Reader::new(&out).collect();
        prop_assert_eq!(objects, vec![Ok(Tlv { tag: Tag::from_number(tag), value: &value })]);
    }
}

#[test]
fn tags_are_written_with_the_digits_they_have() {
    for (number, text) in
        [(0x6F, "6F"), (0x9F0C, "9F0C"), (0xDF_8101, "DF8101"), (0xDF81_8101, "DF818101")]
    {
        let tag = Tag::from_number(number);
        assert_eq!((tag.number(), &*format!("{tag}")), (number, text));
    }
}

#[test]
fn errors_say_what_is_wrong() {
    let of = |bytes| format!("{}", check(bytes, Limits { depth: 1, length: 6 }).unwrap_err());
    assert_eq!(of(&[0x1F]), "the tag is cut");
    assert_eq!(of(&[0x1F, 0x81, 0x81, 0x81, 1]), "the tag has more than four bytes");
    assert_eq!(of(&[0x84]), "the length is cut");
    assert_eq!(of(&[0x84, 0x85]), "the length has more than four bytes");
    assert_eq!(of(&[0x84, 0x80]), "the length is indefinite");
    assert_eq!(of(&[0x84, 1]), "the value is cut");
    assert_eq!(of(&[0x6F, 2, 0x6F, 0]), "objects are nested too deeply");
    assert_eq!(of(&[0x84, 5, 1, 2, 3, 4, 5]), "the bytes are too long");
}

#[test]
fn the_limit_itself_is_admitted() {
    assert_eq!(check(&[0x84, 1, 9], Limits { depth: 1, length: 3 }), Ok(()));
    assert_eq!(check(&[0x84, 1, 9], Limits { depth: 1, length: 2 }), Err(TlvError::TooLong));
}

/// ISO/IEC 7816-4 §5.2.2: a number is a tag when its bytes read back as that one tag.
#[test]
fn a_tag_is_what_parses() {
    let numbers =
        (0..=0xFFFF).chain([0x1F_8101, 0x1F_8181, 0x5F_0101, 0x9F_8101, 0x1F81_8101, 0x1F81_8181]);
    for number in numbers {
        let mut bytes = Vec::new();
        Tag::from_number(number).emit(&mut bytes);
        let parsed = Tag::parse(&bytes);
        let is_one = number != 0 && parsed == Ok((Tag::from_number(number), &[]));
        assert_eq!(Tag::new(number).is_some(), is_one, "{number:X}");
        assert_eq!(Tag::try_from(number).is_ok(), is_one, "{number:X}");
        let text = format!("{}", Tag::from_number(number));
        assert_eq!(text.parse::<Tag>().is_ok(), is_one, "{text}");
    }
    assert_eq!("9F36".parse(), Ok(Tag::from_number(0x9F36)));
}
