//! Generation 1 is not generation 2 without some items: what its items mean, how long they are, and how a later value
//! stands on such a card.

use sscard_core::catalogue::{Edition, file};
use sscard_lexicon::Session;

use crate::harness::{Desk, SELECT_SSSE, bytes, hex};

/// File, identifier, length on generation 1, length later.
const CHANGED: [(&str, u8, usize, usize); 22] = [
    ("DF01/EF09", 0x32, 3, 2),
    ("DF01/EF0A", 0x37, 4, 3),
    ("DF01/EF0A", 0x38, 4, 2),
    ("DF01/EF0A", 0x39, 4, 4),
    ("DF02/EF06", 0x4B, 4, 5),
    ("DF02/EF06", 0x4D, 4, 3),
    ("DF02/EF06", 0x4F, 4, 6),
    ("DF02/EF06", 0x50, 4, 3),
    ("DF02/EF09", 0x55, 0x10, 0x10),
    ("DF02/EF09", 0x56, 4, 0x46),
    ("DF02/EF09", 0x96, 4, 4),
    ("DF02/EF09", 0x97, 4, 3),
    ("DF03/EF05", 0x61, 4, 3),
    ("DF03/EF07", 0x6F, 4, 4),
    ("DF03/EF07", 0x70, 4, 3),
    ("DF03/EF07", 0x71, 4, 3),
    ("DF04/EF05", 0x81, 0x46, 8),
    ("DF04/EF05", 0x84, 0x46, 3),
    ("DF04/EF05", 0x87, 0x46, 0x11),
    ("DF04/EF06", 0x90, 4, 1),
    ("DF04/EF06", 0x92, 4, 4),
    ("DF04/EF06", 0x93, 4, 2),
];

#[test]
fn a9_the_built_in_card_of_generation_1_has_the_items_of_its_version() {
    for (path, tag, earlier, later) in CHANGED {
        for (profile, length) in [("gen1", earlier), ("gen2", later)] {
            let card = Desk::t0(profile).card;
            let views = card.inspect();
            let mut files = views.iter().flat_map(|directory| &directory.files);
            let view = files.find(|file| file.path == path).expect("a file");
            let record = view.records.iter().find(|record| record[0] == tag).expect("a record");
            assert_eq!(record.len() - 2, length, "{profile} {path} {tag:02X}");
        }
    }
}

#[test]
fn a9_every_record_of_a_card_of_generation_1_can_be_written_whole() {
    let mut desk = Desk::t0("gen1");
    desk.all_ok(&[SELECT_SSSE, "00A4000002DF04"]);
    assert_eq!(desk.authenticate("DF04", 0x85), "9000");
    for tag in ["81", "84", "87"] {
        let record = format!("{tag}46{}", "41".repeat(0x46));
        assert_eq!(desk.send(&format!("00DC{tag}2848{record}")), "9000", "{tag}");
    }
    assert_eq!(desk.authenticate("DF04", 0x86), "9000");
    assert_eq!(desk.send("00DC903006900400012345"), "9000");
}

#[test]
fn a9_a_later_value_on_an_old_card_ends_in_e_and_a_reader_takes_the_later_meaning() {
    let personal = file("DF01/EF0A").expect("a file");
    let politics = Edition::First.stored(personal, 0x38, b"01").expect("room");
    assert_eq!(hex(&politics), "3031EEEE");
    let mut desk = Desk::t0("gen1");
    desk.all_ok(&[SELECT_SSSE, "0020000003123456", "00A4000002DF01"]);
    assert_eq!(desk.authenticate("DF01", 0x87), "9000");
    assert_eq!(desk.send(&format!("00DC3850063804{}", hex(&politics))), "9000");
    let stored = bytes(&desk.data("00B2385006"));
    let (item, value) = Edition::First.meaning(personal, 0x38, &stored[2..]).expect("an item");
    assert_eq!((item.name_zh, value), ("政治面貌", &b"01"[..]));
}

/// What a session says of record 38 of DF01/EF0A with this value.
fn said(version: &str, value: &str) -> (Option<String>, String) {
    let mut session = Session::default();
    let version = bytes(&format!("0304{version}9000"));
    let record = bytes(&format!("38{:02X}{value}9000", value.len() / 2));
    session.annotate(&bytes(SELECT_SSSE), Some(&[0x90, 0x00]));
    session.annotate(&bytes("00B2032806"), Some(&version));
    session.annotate(&bytes("00A4000002DF01"), Some(&[0x90, 0x00]));
    let command = bytes("00B2385006");
    let annotation = session.annotate(&command, Some(&record));
    let node = &annotation.answer[0];
    (node.name.as_ref().map(|name| name.en.to_string()), hex(node.value))
}

#[test]
fn a9_the_version_that_was_read_decides_what_an_item_is_called() {
    let old = hex(b"1.00");
    let wages = (Some("wages of the last year".to_owned()), "00123456".to_owned());
    assert_eq!(said(&old, "00123456"), wages);
    let politics = (Some("political status".to_owned()), "3031".to_owned());
    assert_eq!(said(&old, "3031EEEE"), politics, "filled with E");
    assert_eq!(said(&hex(b"2.00"), "3031"), politics);
}
