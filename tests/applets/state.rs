//! Memory that an error, or a power cut at any byte, leaves as it was; state that ends with the selection.

use sscard_core::Card;

use super::counter::{AID, SELECT, card, on_contacts, send, stored};
use crate::harness::bytes;

fn selected() -> Card {
    let mut card = card();
    assert_eq!(send(&mut card, &format!("{SELECT}00")), "009000");
    card
}

#[test]
fn what_is_written_before_an_error_is_undone() {
    let mut card = selected();
    assert_eq!(send(&mut card, "8010000000"), "019000");
    for status in ["6A80", "6400", "6F00", "6985", "6581", "9302", "6999"] {
        assert_eq!(send(&mut card, &format!("8012{status}")), status);
        assert_eq!(stored(&card), [1, 1, 0, 0], "{status}");
    }
    for status in ["6A80", "6400", "6F00", "6985"] {
        let as_success = format!("8012{status}0100");
        assert_eq!(send(&mut card, &as_success), status, "an error is one, returned as it may be");
        assert_eq!(stored(&card), [1, 1, 0, 0], "{status}");
    }
    assert_eq!(send(&mut card, "801263000100"), "6300", "a warning counts");
    assert_eq!(stored(&card), [2, 2, 0, 0]);
    assert_eq!(send(&mut card, "8018620004AABBCCDD"), "6581", "two bytes beyond the end");
    assert_eq!(send(&mut card, "80183C0004AABBCCDD"), "9000");
}

#[test]
fn a_wrong_le_changes_nothing() {
    let mut card = on_contacts();
    assert_eq!(send(&mut card, SELECT), "6101");
    assert_eq!(send(&mut card, "8010000005"), "6C01");
    assert_eq!(stored(&card), [0; 4]);
    assert_eq!(send(&mut card, "8010000001"), "019000");
}

#[test]
fn a_cut_at_every_byte_leaves_old_or_new() {
    let mut card = selected();
    assert_eq!(send(&mut card, "8010000000"), "019000");
    let (mut old, mut new) = (0, 0);
    for cut in 0.. {
        let mut torn = card.snapshot();
        torn.cut_power_after(cut);
        let answer = send(&mut torn, "8010000000");
        if torn.bytes_until_cut().is_some() {
            assert_eq!(answer, "029000");
            assert!(cut > 10 && old > 10, "{cut} bytes, {old} old, {new} new");
            return;
        }
        assert_eq!(answer, "");
        let image = torn.image();
        for mut back in [torn, Card::from_image(&image).expect("its image")] {
            back.power_on().expect("power");
            match stored(&back) {
                [1, 1, 0, 0] => old += 1,
                [2, 2, 0, 0] => new += 1,
                between => panic!("cut {cut}: {between:?}"),
            }
        }
    }
}

#[test]
fn state_begins_anew_at_each_selection_and_reset() {
    let mut card = selected();
    assert_eq!(send(&mut card, "8010000000"), "019000");
    assert_eq!(send(&mut card, "8016000000"), "020400F0636F756E749000");
    assert_eq!(send(&mut card, &format!("{SELECT}00")), "009000");
    assert_eq!(send(&mut card, "8016000000"), "010400F0636F756E749000", "selected again");
    card.reset().expect("power");
    assert_eq!(send(&mut card, "8016000000"), "6E00", "the MF is selected");
    assert_eq!(send(&mut card, "00A4040005F0636F756E00"), "009000");
    assert_eq!(send(&mut card, "8016000000"), "010400F0636F756E9000", "after a reset");
    assert_eq!(stored(&card), [1, 1, 0, 0], "memory stays");
}

#[test]
fn deselection_comes_before_the_state_is_dropped() {
    let mut card = selected();
    for _ in 0..3 {
        send(&mut card, "8016000000");
    }
    assert_eq!(send(&mut card, "00A40000023F00"), "6F009000", "the MF has no name");
    assert_eq!(stored(&card), [0, 0, 0, 3], "three commands, as deselect wrote");
}

#[test]
fn channels_have_a_state_each_and_their_number() {
    let mut card = selected();
    assert_eq!(send(&mut card, "0070000001"), "019000");
    assert_eq!(send(&mut card, "01A4040006F0636F756E7400"), "019000", "channel 1");
    assert_eq!(send(&mut card, "8116000000"), "010400F0636F756E749000");
    assert_eq!(send(&mut card, "8116000000"), "020400F0636F756E749000");
    assert_eq!(send(&mut card, "8016000000"), "010400F0636F756E749000", "the basic channel's own");
    assert_eq!(send(&mut card, "8110000000"), "019000");
    assert_eq!(send(&mut card, "8010000000"), "029000", "one memory");
    assert_eq!(send(&mut card, "00708001"), "9000");
    assert_eq!(send(&mut card, "0070000001"), "019000");
    assert_eq!(send(&mut card, "8116000000"), "6E00", "a channel opens on the MF");
    assert_eq!(send(&mut card, "01A4040006F0636F756E7400"), "019000");
    assert_eq!(send(&mut card, "8116000000"), "010400F0636F756E749000");
}

#[test]
fn a_refused_selection_leaves_the_one_before() {
    let mut card = selected();
    assert_eq!(send(&mut card, "801802000101"), "9000", "from now on it refuses");
    assert!(send(&mut card, "00A40400 0F7378312E73682EC9E7BBE1B1A3D5CF").ends_with("9000"));
    assert_eq!(send(&mut card, SELECT), "6985");
    assert_eq!(send(&mut card, "0084000008").len(), 20, "the environment is still selected");
}

#[test]
fn a_clone_goes_its_own_way() {
    let mut card = selected();
    send(&mut card, "8010000000");
    let mut copy = card.clone();
    assert_eq!(send(&mut copy, "8010000000"), "029000");
    assert_eq!(send(&mut copy, "8016000000"), "030400F0636F756E749000");
    assert_eq!(send(&mut card, "8016000000"), "020400F0636F756E749000");
    assert_eq!((stored(&card), stored(&copy)), ([1, 1, 0, 0], [2, 2, 0, 0]));
    copy.restore(&card);
    assert_eq!(stored(&copy), [1, 1, 0, 0]);
    assert!(copy.applet(&bytes(AID)).is_some());
}
