//! I-17: what is written is read back, by us and by others, in short and in extended form.

use iso7816_tlv::ber::{Tag as TheirTag, Tlv as TheirTlv, Value as TheirValue};
use proptest::prelude::*;
use sscard_apdu::tlv::{self, Tag, Tlv, TlvError, Writer};
use sscard_apdu::{ClassByte, CommandApdu};

use crate::harness::{Desk, SELECT_SSSE, bytes, hex};

/// A tree of objects, at most three levels deep.
#[derive(Clone, Debug)]
enum Tree {
    Leaf(u32, Vec<u8>),
    Node(u32, Vec<Self>),
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = (
        prop::sample::select(vec![0x84_u32, 0x88, 0x50, 0x4F, 0x9F0C, 0x9F38, 0xDF8101]),
        proptest::collection::vec(any::<u8>(), 0..200),
    );
    let leaf = leaf.prop_map(|(tag, value)| Tree::Leaf(tag, value));
    leaf.prop_recursive(3, 20, 4, |inner| {
        let tags = prop::sample::select(vec![0x6F_u32, 0xA5, 0x70, 0xBF0C]);
        (tags, proptest::collection::vec(inner, 1..4))
            .prop_map(|(tag, parts)| Tree::Node(tag, parts))
    })
}

fn write(tree: &Tree, writer: &mut Writer<'_>) {
    match tree {
        Tree::Leaf(tag, value) => writer.primitive(Tag::from_number(*tag), value),
        Tree::Node(tag, parts) => writer.constructed(Tag::from_number(*tag), |writer| {
            parts.iter().for_each(|part| write(part, writer));
        }),
    }
}

/// The same tree as iso7816-tlv builds it.
fn theirs(tree: &Tree) -> TheirTlv {
    let tag = |number: u32| TheirTag::try_from(u64::from(number)).expect("a tag");
    match tree {
        Tree::Leaf(number, value) => {
            TheirTlv::new(tag(*number), TheirValue::Primitive(value.clone()))
        }
        Tree::Node(number, parts) => {
            TheirTlv::new(tag(*number), TheirValue::Constructed(parts.iter().map(theirs).collect()))
        }
    }
    .expect("an object")
}

/// Whether what we read is the tree that was written.
fn is(object: Tlv<'_>, tree: &Tree) -> bool {
    match tree {
        Tree::Leaf(tag, value) => object.tag == Tag::from_number(*tag) && object.value == value,
        Tree::Node(tag, parts) => {
            let children: Vec<_> = object.children().map_while(Result::ok).collect();
            object.tag == Tag::from_number(*tag)
                && children.len() == parts.len()
                && children.iter().zip(parts).all(|(child, part)| is(*child, part))
        }
    }
}

/// Whether an object is 127 bytes long: iso7816-tlv writes that length as 81 7F and counts one
/// byte for it, which is wrong.
fn they_err(tree: &Tree) -> bool {
    let mut bytes = Vec::new();
    write(tree, &mut Writer::new(&mut bytes));
    let object = tlv::Reader::new(&bytes).next().expect("an object").expect("readable");
    let inside = match tree {
        Tree::Leaf(..) => false,
        Tree::Node(_, parts) => parts.iter().any(they_err),
    };
    object.value.len() == 127 || inside
}

proptest! {
    #[test]
    fn i_17_our_objects_are_theirs_byte_for_byte(tree in tree()) {
        prop_assume!(!they_err(&tree));
        let mut ours = Vec::new();
        write(&tree, &mut Writer::new(&mut ours));
        prop_assert_eq!(&ours, &theirs(&tree).to_vec());
        let (read, rest) = TheirTlv::parse(&ours);
        prop_assert_eq!(read.expect("read"), theirs(&tree));
        prop_assert!(rest.is_empty());
    }

    #[test]
    fn i_17_their_objects_are_read_by_us(tree in tree()) {
        prop_assume!(!they_err(&tree));
        let bytes = theirs(&tree).to_vec();
        prop_assert_eq!(tlv::check(&bytes, tlv::Limits::DEFAULT), Ok(()));
        let objects: Vec<_> = tlv::Reader::new(&bytes).map_while(Result::ok).collect();
        prop_assert_eq!(objects.len(), 1);
        prop_assert!(is(objects[0], &tree));
    }

    /// What they accept of arbitrary bytes, we read as the same tag and value.
    #[test]
    fn i_17_arbitrary_bytes_mean_the_same_to_both(bytes in proptest::collection::vec(any::<u8>(), 1..40)) {
        // They refuse padding between objects; we skip it.
        prop_assume!(bytes[0] != 0);
        if let (Ok(their), _) = TheirTlv::parse(&bytes) {
            let ours = match tlv::Reader::new(&bytes).next().expect("an object") {
                Ok(ours) => ours,
                // They take 80, the indefinite length, for 0.
                Err(error) => {
                    prop_assert_eq!(error, TlvError::IndefiniteLength);
                    return Ok(());
                }
            };
            prop_assert_eq!(their.tag().to_bytes(), {
                let mut tag = Vec::new();
                ours.tag.emit(&mut tag);
                tag
            });
            if let TheirValue::Primitive(value) = their.value() {
                prop_assert_eq!(ours.value, &value[..]);
            }
        }
    }

    #[test]
    fn i_17_short_and_extended_forms_say_the_same(
        header in any::<[u8; 4]>(),
        data in proptest::collection::vec(any::<u8>(), 0..=255),
        ne in 0_usize..=256,
    ) {
        let [class, ins, p1, p2] = header;
        let command = CommandApdu::new(ClassByte::new(class), ins, p1, p2).with_data(&data).with_ne(ne);
        let forms = [false, true].map(|extended| {
            let mut bytes = Vec::new();
            CommandApdu { extended, ..command }.emit(&mut bytes).expect("short enough");
            bytes
        });
        let [short, extended] = forms.each_ref().map(|form| CommandApdu::parse(form).expect("parsed"));
        prop_assert_eq!(CommandApdu { extended: short.extended, ..extended }, short);
    }
}

#[test]
fn i_17_a_card_answers_both_forms_alike() {
    let mut desk = Desk::toml("base = \"gen2\"\nprotocol = \"T=1\"\nextended_length = true");
    for command in [SELECT_SSSE, "00A4000002EF05", "00B2010012", "00B2010500", "0020000003111111"] {
        let parsed = bytes(command);
        let apdu = CommandApdu::parse(&parsed).expect("parsed");
        let mut long = Vec::new();
        CommandApdu { extended: true, ..apdu }.emit(&mut long).expect("short enough");
        let mut other = desk.clone();
        assert_eq!(other.send(&hex(&long)), desk.send(command), "{command}");
    }
}

#[test]
fn the_cards_own_objects_are_readable_by_others() {
    for name in ["gen1", "gen2", "gen3"] {
        let mut desk = Desk::t0(name);
        let (fci, rest) = {
            let data = bytes(&desk.data(SELECT_SSSE));
            let (fci, rest) = TheirTlv::parse(&data);
            (fci.expect("an FCI"), rest.len())
        };
        assert_eq!((fci.tag().to_bytes(), rest), (&[0x6F][..], 0), "{name}");
    }
}
