//! The medical purse: what GET BALANCE asks for and leaves, how an algorithm is named.

use crate::harness::{Desk, SELECT_SSSE, bytes, hex};

const PIN: &str = "0020000003123456";
const DF04: &str = "00A4000002DF04";
const TERMINAL: &str = "999900000001";

fn at_purse(text: &str) -> Desk {
    let mut desk = Desk::toml(text);
    desk.all_ok(&[SELECT_SSSE, DF04]);
    desk
}

const GEN2: &str = "base = \"gen2\"\nprotocol = \"T=1\"";

fn init_load(desk: &mut Desk) -> String {
    desk.data(&format!("B02800010B0100000001{TERMINAL}10"))
}

/// CREDIT LOAD for an answer of INITIALIZE LOAD.
fn credit(desk: &Desk, begun: &str) -> String {
    let factor = bytes(&format!("{}{}8000", &begun[16..24], &begun[8..12]));
    let session = desk.session("DF04", 0x88, &factor);
    let time = "20261124101530";
    let mac = session.mac(&bytes(&format!("0000000131{TERMINAL}{time}")));
    format!("B02A00000B{time}{}04", hex(&mac))
}

#[test]
fn a5_get_balance_needs_the_pin_where_one_is_set() {
    let mut desk = at_purse(GEN2);
    for which in ["0104", "0206", "0306"] {
        assert_eq!(desk.send(&format!("B02600{which}")), "6982", "{which}");
    }
    desk.all_ok(&[PIN]);
    assert_eq!(desk.send("B026000104"), "000000009000");
    // The PIN is taken away: 123456, FF, nothing.
    desk.all_ok(&[SELECT_SSSE, "805E010004123456FF"]);
    desk.card.power_on().expect("power");
    desk.all_ok(&[SELECT_SSSE, DF04]);
    assert_eq!(desk.send("B026000104"), "000000009000", "no PIN is set");
}

#[test]
fn a5_get_balance_and_get_proof_leave_a_load_and_a_purchase_where_they_are() {
    let between =
        ["B026000104", "B026000206", "B02E003102000008", "B02E003202000008", "B026000400"];
    for command in between {
        let mut desk = at_purse(GEN2);
        desk.all_ok(&[PIN]);
        let begun = init_load(&mut desk);
        let credit = credit(&desk, &begun);
        let answer = desk.status(command);
        assert!(matches!(&*answer, "9000" | "9406" | "6A86"), "{command}: {answer}");
        assert_eq!(desk.status(&credit), "9000", "{command}");
        let amounts = "00000001".to_owned() + &"00".repeat(8);
        let begun = desk.data(&format!("B02801011301{amounts}{TERMINAL}16"));
        desk.status(command);
        let factor = bytes(&format!("{}{}0007", &begun[36..44], &begun[28..32]));
        let time = "20261124101530";
        let mac = desk
            .session("DF04", 0x87, &factor)
            .mac(&bytes(&format!("{amounts}32{TERMINAL}{time}")));
        let debit = format!("B02C01000F00000007{time}{}08", hex(&mac));
        assert_eq!(desk.status(&debit), "9000", "{command}");
    }
}

#[test]
fn a5_on_t0_a_balance_with_a_wrong_le_leaves_the_load_too() {
    let mut desk = at_purse("base = \"gen2\"");
    desk.all_ok(&[PIN]);
    let begun = init_load(&mut desk);
    let credit = credit(&desk, &begun);
    assert_eq!(desk.send("B026000100"), "6C04");
    assert_eq!(desk.send("B026000104"), "000000009000");
    assert_eq!(desk.status(&credit), "9000");
}

#[test]
fn a6_the_purse_names_3des_00_and_sm4_03_and_a_purchase_is_32() {
    for (text, byte) in [(GEN2, "00"), ("base = \"gen3\"\nprotocol = \"T=1\"\n[purse]", "03")] {
        let mut desk = at_purse(text);
        desk.all_ok(&[PIN]);
        assert_eq!(&init_load(&mut desk)[14..16], byte);
        let purchase = desk.data(&format!("B02801011301{}{TERMINAL}16", "00".repeat(12)));
        assert_eq!(&purchase[34..36], byte);
        let plan = desk.card.profile().blueprint().purse.clone().expect("a purse");
        assert_eq!(plan.purchase_type, 0x32);
    }
}

#[test]
fn a4_the_start_day_is_set_after_dsk() {
    let mut desk = at_purse(GEN2);
    assert_eq!(desk.authenticate("DF04", 0x85), "9000");
    assert_eq!(desk.send("B0560000020701"), "6982", "UK1 is not its key");
    assert_eq!(desk.authenticate("DF04", 0x8A), "9000");
    assert_eq!(desk.send("B0560000020701"), "9000");
    assert_eq!(desk.send("B056010002"), "07019000");
}
