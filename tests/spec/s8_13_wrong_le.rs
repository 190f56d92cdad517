//! §8.13: an Le that is too small over T=1 is answered 6Cxx, and nothing has happened.

use crate::harness::{Desk, ORIGINAL, SELECT_SSSE, hex};

/// The debit application.
const DEBIT: &str = "00A4040008A000000333010101";

#[test]
fn spec_8_13_a_selection_refused_for_its_le_loses_neither_place_nor_challenge_nor_proof() {
    let mut desk = Desk::t1("gen3");
    desk.data(SELECT_SSSE);
    assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
    desk.data("00A4000002EF06");
    let number = desk.data("00B2080000");
    let challenge = desk.challenge();
    for (command, le) in [("00A4000002DF0101", "0A"), ("00A40000023F0001", "02"), (DEBIT, "4D")] {
        let command = if command == DEBIT { format!("{DEBIT}01") } else { command.to_owned() };
        assert_eq!(desk.send(&command), format!("6C{le}"), "{command}");
        assert_eq!(desk.data("00B2000400"), number, "the current record after {command}");
    }
    let proof = desk.session("SSSE", 0x04, &challenge).authentication_data(&ORIGINAL);
    assert_eq!(desk.send(&format!("0082000410{}{}", hex(&proof), hex(&ORIGINAL))), "9000");
}

#[test]
fn spec_8_13_a_selection_refused_for_its_le_leaves_the_payment_that_runs() {
    let mut desk = Desk::t1("gen3");
    desk.data(&format!("{DEBIT}00"));
    let options = format!("80A800000C830A{}00", "00".repeat(10));
    assert_eq!(desk.status(&options), "9000");
    assert_eq!(desk.send(&format!("{SELECT_SSSE}01")), "6C1E");
    assert_eq!(desk.status("00B2010C00"), "9000", "a record of the payment application");
    assert_eq!(desk.status(&options), "6985", "it has begun already");
}
