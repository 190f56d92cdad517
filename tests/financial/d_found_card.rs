//! Rules of the bank card that a single command after a refusal, on another channel or in a later
//! transaction shows.

use super::bank::{ARQC, Bank};

#[test]
fn i_14_a_refused_path_begins_no_transaction() {
    // No common path; contacts preferred; a verification that card and terminal do not share.
    for (objects, qualifiers) in [
        (&[][..], [0x10, 0, 0, 0]),
        (&[(0x9F68, "82000000")], [0x30, 0x80, 0, 0]),
        (&[(0x9F68, "80000000")], [0x20, 0x40, 0, 0]),
    ] {
        let mut bank = Bank::with(objects);
        bank.terminal.qualifiers = qualifiers;
        assert_eq!(bank.quick(), "6985");
        let data = bank.cdol1();
        for kind in ["40", "80", "00"] {
            assert_eq!(bank.send(&format!("80AE{kind}0034{data}00")), "6985");
        }
        assert_eq!(bank.send("00880000041E78EEBC00"), "6985");
        assert_eq!(bank.verify("123456"), "6985");
        assert_eq!(bank.data(0x9F36), "0000");
        bank.terminal.qualifiers = [0x40, 0, 0, 0];
        assert!(bank.quick_options().starts_with("80"), "the selection is as it was");
        let first = bank.first(ARQC);
        assert_eq!((first.kind(), first.atc), (ARQC, [0, 1]));
    }
}
