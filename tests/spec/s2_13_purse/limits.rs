//! The purse at its limits: what fits exactly, times, flags, places.

use super::*;

/// What the purse holds at most.
const LIMIT: u32 = 1_000_000_000;

#[test]
fn spec_2_13_a_purse_is_filled_to_its_limit_and_no_further() {
    let mut desk = desk();
    assert!(load(&mut desk, LIMIT - 1).ends_with("9000"));
    assert_eq!(init_load(&mut desk, 2), "6985");
    assert!(load(&mut desk, 1).ends_with("9000"));
    assert_eq!(balances(&mut desk)[0], format!("{LIMIT:08X}"));
    assert_eq!(init_load(&mut desk, 1), "6985");
    assert!(load(&mut desk, 0).ends_with("9000"), "nothing fits always");
}

#[test]
fn spec_2_13_the_limit_holds_at_the_credit_too() {
    // Two loads begun at once on two channels would be one too many: the purse speaks on the basic
    // channel alone, so the second begins when the first is over.
    let mut desk = desk();
    let begun = init_load(&mut desk, LIMIT);
    let data = credit_data(&desk, &begun, LIMIT);
    assert!(desk.follow(&format!("B02A00000B{data}04")).ends_with("9000"));
    assert_eq!(desk.status(&format!("B02A00000B{data}04")), "6901");
    assert_eq!(balances(&mut desk)[0], format!("{LIMIT:08X}"));
}

#[test]
fn spec_2_13_the_last_cent_is_spent_and_not_one_more() {
    let mut desk = desk();
    load(&mut desk, 100);
    assert_eq!(init_purchase(&mut desk, "000000650000000000000000"), "9401");
    assert!(purchase_at(&mut desk, "000000640000000000000000", TIME).ends_with("9000"));
    assert_eq!(balances(&mut desk)[0], "00000000");
    assert_eq!(init_purchase(&mut desk, "000000010000000000000000"), "9401");
    assert!(purchase_at(&mut desk, "000000000000000100000000", TIME).ends_with("9000"));
}

#[test]
fn spec_2_13_times_at_their_limits() {
    for (time, answer) in [
        ("20261124000000", "9000"),
        ("20261124235959", "9000"),
        ("20261124240000", "6A80"),
        ("20261124230060", "6A80"),
        ("20261124236000", "6A80"),
        ("20261124200A00", "6A80"),
        ("202611241A0000", "6A80"),
        ("2026112400000A", "6A80"),
        ("2A261124000000", "6A80"),
        ("202A1124000000", "6A80"),
        ("20260001000000", "6A80"),
        ("20261301000000", "6A80"),
        ("20261200000000", "6A80"),
        ("20261231000000", "9000"),
        ("20261232000000", "6A80"),
        ("20260431000000", "6A80"),
        ("20260430000000", "9000"),
    ] {
        let mut desk = desk();
        load(&mut desk, 100);
        let before = desk.card.image();
        let answered = purchase_at(&mut desk, "000000010000000000000000", time);
        assert_eq!(answered[answered.len() - 4..], *answer, "{time}");
        assert_eq!(desk.card.image() == before, answer != "9000", "{time}");
    }
}

#[test]
fn spec_2_13_start_days_at_their_limits() {
    for (day, answer) in [
        ("0101", "9000"),
        ("1231", "9000"),
        ("0001", "6A80"),
        ("0100", "6A80"),
        ("0132", "6A80"),
        ("1301", "6A80"),
        ("0A01", "6A80"),
        ("010A", "6A80"),
    ] {
        let mut desk = desk();
        assert_eq!(desk.authenticate("DF04", DSK), "9000");
        assert_eq!(desk.status(&format!("B056000002{day}")), answer, "{day}");
        let now = if answer == "9000" { day } else { "0101" };
        assert_eq!(desk.data("B056010002"), now, "{day}");
    }
}

#[test]
fn spec_2_13_flags_of_the_pin_are_each_of_their_own_command() {
    for (flag, load_answer, purchase_answer) in
        [("pin_for_load", "9000", "6982"), ("pin_for_purchase", "6982", "9000")]
    {
        let mut desk =
            Desk::toml(&format!("base = \"gen2\"\nprotocol = \"T=1\"\n[purse]\n{flag} = false"));
        desk.all_ok(&[SELECT_SSSE, DF04]);
        let loaded = init_load(&mut desk, 1);
        assert_eq!(loaded[loaded.len() - 4..], *load_answer, "{flag}");
        let paid = init_purchase(&mut desk, &"00".repeat(12));
        assert_eq!(paid[paid.len() - 4..], *purchase_answer, "{flag}");
        assert_eq!(desk.send("B026000104"), "6982", "{flag}");
    }
}

#[test]
fn spec_2_13_lengths_and_parameters_of_every_command() {
    let mut desk = desk();
    load(&mut desk, 100);
    let before = desk.card.image();
    for (header, length) in [
        ("B0280001", 11_usize),
        ("B02A0000", 11),
        ("B0280101", 19),
        ("B02C0100", 15),
        ("B02E0031", 2),
        ("B0560000", 2),
    ] {
        for length in [length - 1, length + 1] {
            let command = format!("{header}{length:02X}{}", "00".repeat(length));
            assert_eq!(desk.status(&command), "6700", "{command}");
        }
        assert_eq!(desk.status(header), "6700", "{header}");
    }
    for header in [
        "B0280000",
        "B0280101FF",
        "B0280201",
        "B0280102",
        "B02A0001",
        "B02A0100",
        "B02C0000",
        "B02C0101",
        "B0260000",
        "B0260004",
        "B0260101",
        "B02E0131",
        "B02E0030",
        "B0560100FF",
        "B0560001",
        "B0560200",
    ] {
        let header = &header[..8];
        if matches!(header, "B0280101" | "B0560100") {
            continue;
        }
        let command = format!("{header}020000");
        assert_eq!(desk.status(&command), "6A86", "{command}");
    }
    assert_eq!(desk.card.image(), before);
}

#[test]
fn spec_2_13_a_proof_is_of_one_counter_and_one_type() {
    let mut desk = desk();
    load(&mut desk, 100);
    purchase_at(&mut desk, "000000010000000000000000", TIME);
    purchase_at(&mut desk, "000000020000000000000000", TIME);
    for (command, answer) in [
        ("B02E003202000008", "9406"),
        ("B02E003202000108", "9000"),
        ("B02E003202000208", "9406"),
        ("B02E003202010108", "9406"),
        ("B02E003102000008", "9000"),
        ("B02E003102000108", "9406"),
    ] {
        assert_eq!(desk.status(command), answer, "{command}");
    }
    // Before the first purchase there is none, not even of counter 0.
    let mut fresh = self::desk();
    assert_eq!(fresh.status("B02E003202000008"), "9406");
}

#[test]
fn spec_2_13_the_purse_is_closed_everywhere_but_in_its_application() {
    for place in ["00A4000002DF01", "00A4000002DF03", SELECT_SSSE, "00A40000023F00"] {
        let mut desk = desk();
        desk.all_ok(&[place]);
        let before = desk.card.image();
        for command in [
            "B026000104".to_owned(),
            "B056010002".to_owned(),
            "B02E003102000008".to_owned(),
            format!("B02800010B0100000001{TERMINAL}10"),
            format!("B02801011301{}{TERMINAL}16", "00".repeat(12)),
        ] {
            assert_eq!(desk.status(&command), "6E00", "{place} {command}");
        }
        assert_eq!(desk.card.image(), before, "{place}");
    }
}
