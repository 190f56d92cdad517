//! I-15: a channel begins with nothing, whichever channel opened it and however (ISO/IEC 7816-4
//! §11.1.2); MANAGE CHANNEL at its limits and what it refuses.

use crate::harness::{Desk, SELECT_SSSE};

const PIN: &str = "0020000003123456";
/// EF05 of DF01: after the PIN, or DF01's read key.
const READ_DF01: &str = "B2012C04";
/// EF06 of a third-generation card: after RK_SSSE.
const READ_HOLDER: &str = "B2013414";

fn select_ssse(channel: u8) -> String {
    format!("{channel:02X}{}", &SELECT_SSSE[2..])
}

/// A card on whose channel `number` everything is proved and everything is under way.
fn busy(mut desk: Desk, number: u8) -> Desk {
    let on = |command: &str| format!("{number:02X}{command}");
    assert_eq!(desk.status(&select_ssse(number)), "9000");
    assert_eq!(desk.send(&on("20000003123456")), "9000");
    // RK_SSSE is proved on the basic channel, the only one that the harness speaks to.
    if number == 0 {
        assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
        assert!(desk.send("00B2013414").ends_with("9000"));
    }
    assert_eq!(desk.send(&on("A4000002EF05")), "9000");
    assert_eq!(desk.send(&on("B2010012")).len(), 40);
    assert_eq!(desk.send(&on("84000008")).len(), 20);
    desk
}

/// Nothing that was proved elsewhere counts on `number`, a channel that was opened just now.
fn begins_with_nothing(desk: &mut Desk, number: u8, how: &str) {
    let mut on = |command: &str| desk.status(&format!("{number:02X}{command}"));
    assert_eq!(on("C0000010"), "6F00", "{how}: nothing waits");
    assert_eq!(on("B2010012"), "6986", "{how}: no current file");
    assert_eq!(on("20000003123456"), "6A88", "{how}: the MF is selected");
    assert_eq!(on("A4040006D15600000500"), "9000", "{how}");
    assert_eq!(on(READ_DF01), "6982", "{how}: the PIN is of another channel");
    assert_eq!(on("A4000002DDF1"), "9000", "{how}");
    assert_eq!(on(READ_HOLDER), "6982", "{how}: RK_SSSE is of another channel");
    let authenticate = format!("82000A10{}", "00".repeat(16));
    assert_eq!(on(&authenticate), "6984", "{how}: the challenge is of another channel");
}

#[test]
fn i_15_a_channel_opened_after_the_pin_does_not_inherit_it() {
    for (open, number) in [("0070000001", 1), ("00700001", 1), ("00700002", 2)] {
        let mut desk = busy(Desk::t1("gen3"), 0);
        assert_eq!(desk.status(open), "9000");
        begins_with_nothing(&mut desk, number, open);
        assert!(desk.send("00B2010012").ends_with("9000"), "the first channel keeps its file");
        desk.all_ok(&["00A4040006D15600000500", "00B2012C04"]);
    }
}

#[test]
fn i_15_a_channel_opened_from_another_than_the_basic_one_does_not_inherit_either() {
    for open in ["0170000001", "01700002"] {
        let mut desk = Desk::t1("gen3");
        assert_eq!(desk.send("0070000001"), "019000");
        let mut desk = busy(desk, 1);
        assert_eq!(desk.status(open), "9000");
        begins_with_nothing(&mut desk, 2, open);
    }
}

#[test]
fn i_15_a_number_that_is_opened_again_begins_with_nothing() {
    let mut desk = Desk::t1("gen3");
    assert_eq!(desk.send("0070000001"), "019000");
    let mut desk = busy(desk, 1);
    // Closed by itself: 00 means the channel of the command.
    assert_eq!(desk.send("01708000"), "9000");
    assert_eq!(desk.send("0170800000"), "6881");
    assert_eq!(desk.send("0070000001"), "019000");
    begins_with_nothing(&mut desk, 1, "opened again");
}

#[test]
fn i_15_reset_closes_every_channel_but_the_basic_one() {
    let mut desk = Desk::t0("gen3");
    for number in 1..=3_u8 {
        assert_eq!(desk.send("0070000001"), format!("{number:02X}9000"));
    }
    assert_eq!(desk.send("0070000001"), "6A81", "four channels and no more");
    desk.card.reset().expect("power");
    for number in 1..=3_u8 {
        assert_eq!(desk.send(&format!("{number:02X}A40000023F00")), "6881", "{number}");
    }
    assert_eq!(desk.send("0070000001"), "019000");
}

#[test]
fn iso_11_1_2_manage_channel_at_its_limits() {
    let mut desk = Desk::toml("base = \"gen3\"\nchannels = 3");
    for (command, answer) in [
        ("0070000002", "6C01"),
        ("00700000", "6C01"),
        ("0070000000", "6C01"),
        ("00700003", "6A81"),
        ("007000FF", "6A81"),
        ("00700000010001", "6700"),
        ("00700100", "6A86"),
        ("00708100", "6A86"),
        ("00708000", "6A86"),
        ("00708001", "6881"),
        ("00708002", "6881"),
        ("00708003", "6881"),
        ("01A40000023F00", "6881"),
    ] {
        assert_eq!(desk.send(command), answer, "{command}");
    }
    // None of them has opened anything.
    assert_eq!(desk.send("00700002"), "9000", "the last number");
    assert_eq!(desk.send("00700002"), "6A81", "it is open");
    assert_eq!(desk.send("0070000001"), "019000");
    assert_eq!(desk.send("0070000001"), "6A81", "none is left");
    assert_eq!(desk.send("00700001"), "6A81", "it is open");
    assert_eq!(desk.send("02708001"), "9000", "closed from another one");
    assert_eq!(desk.send("02A40000023F00"), "6102", "the one that closed it stays open");
    assert_eq!(desk.send("00708001"), "6881", "closed already");
    assert_eq!(desk.send("0070000001"), "019000", "the lowest that is free");
    assert_eq!(desk.send("01A40000023F00"), "6102");
}

#[test]
fn iso_11_1_2_a_card_of_one_channel_opens_none() {
    let mut desk = Desk::toml("base = \"gen3\"\nchannels = 1");
    for command in ["0070000001", "00700001"] {
        assert_eq!(desk.send(command), "6A81", "{command}");
    }
    assert_eq!(desk.send("01A40000023F00"), "6881");
}

#[test]
fn i_15_a_selection_on_one_channel_moves_no_other() {
    let mut desk = Desk::t1("gen3");
    desk.all_ok(&[SELECT_SSSE, PIN, "00A4000002EF05", "0070000001"]);
    assert!(desk.send("00B2010012").ends_with("9000"));
    // Another application, the bank's, and the MF on the other channel.
    for select in ["A4040006D15600000500", "A4040008A000000333010101", "A40000023F00"] {
        assert_eq!(desk.status(&format!("01{select}")), "9000", "{select}");
        assert_eq!(desk.status("00B2000203"), "9000", "{select}: the next record is as it was");
        assert_eq!(desk.send("00A4000002EF05"), "9000");
        assert!(desk.send("00B2010012").ends_with("9000"), "{select}");
    }
    desk.all_ok(&["00A4040006D15600000500", "00B2012C04"]);
}

#[test]
fn i_15_a_wrong_pin_on_one_channel_takes_nothing_back_on_another() {
    let mut desk = Desk::t1("gen3");
    desk.all_ok(&[SELECT_SSSE, PIN, "0070000001", &select_ssse(1)]);
    assert_eq!(desk.send("0120000003111111"), "63C5");
    desk.all_ok(&["00A4040006D15600000500", "00B2012C04"]);
    assert_eq!(desk.send("01200000"), "63C5", "the tries are the card's");
}

#[test]
fn i_15_closing_a_channel_leaves_the_others() {
    let mut desk = Desk::t1("gen3");
    desk.all_ok(&[SELECT_SSSE, PIN, "0070000001", "0070000001"]);
    assert_eq!(desk.status(&select_ssse(2)), "9000");
    assert_eq!(desk.send("0220000003123456"), "9000");
    assert_eq!(desk.send("02708001"), "9000");
    assert_eq!(desk.status("02A4040006D15600000500"), "9000");
    assert_eq!(desk.status(&format!("02{READ_DF01}")), "9000");
    desk.all_ok(&["00A4040006D15600000500", "00B2012C04"]);
}

#[test]
fn i_15_a_pin_that_another_channel_locked_takes_a_verification_back_when_it_is_tried() {
    let mut desk = Desk::t1("gen3");
    desk.all_ok(&[SELECT_SSSE, PIN, "0070000001", &select_ssse(1)]);
    for left in (0..6).rev() {
        assert_eq!(desk.send("0120000003111111"), format!("63C{left}"));
    }
    desk.all_ok(&["00A4040006D15600000500", "00B2012C04"]);
    assert_eq!(desk.send(PIN), "6983");
    assert_eq!(desk.send("00B2012C04"), "6982");
}
