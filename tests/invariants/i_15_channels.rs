//! I-15: what happens on one logical channel never changes what another answers.

use proptest::prelude::*;

use crate::harness::{Desk, SELECT_SSSE};

/// Commands without a trace in memory; `x` stands for the class byte.
const COMMANDS: [&str; 16] = [
    "xA404000F7378312E73682EC9E7BBE1B1A3D5CF",
    "xA4000002EF05",
    "xA4000002DF01",
    "xA40000023F00",
    "xA4040006D15600000503",
    "xB2010012",
    "xB2072C0B",
    "xB2000200",
    "xB201050040",
    "xB2013414",
    "x20000003123456",
    "x200000",
    "xB0960004",
    "xC0000010",
    "x8800001000000000000000000000000000000000",
    "xB2012C04",
];

fn on(channel: u8, command: &str) -> String {
    command.replacen('x', &format!("{channel:02X}"), 1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn i_15_traffic_on_another_channel_changes_no_answer(
        mine in proptest::collection::vec(0..COMMANDS.len(), 1..20),
        theirs in proptest::collection::vec((0..COMMANDS.len(), 1..=3_u8), 0..40),
    ) {
        let mut alone = Desk::t0("gen2");
        for number in 1..=3_u8 {
            prop_assert_eq!(alone.send("0070000001"), format!("{number:02X}9000"));
        }
        let mut crowded = alone.clone();
        let mut theirs = theirs.into_iter();
        for command in mine {
            for (other, channel) in theirs.by_ref().take(2) {
                let _ = crowded.send(&on(channel, COMMANDS[other]));
            }
            let command = on(0, COMMANDS[command]);
            prop_assert_eq!(crowded.send(&command), alone.send(&command), "{}", command);
        }
    }
}

#[test]
fn i_15_security_status_belongs_to_one_channel() {
    let mut desk = Desk::t0("gen3");
    assert_eq!(desk.send("0070000001"), "019000");
    desk.all_ok(&[SELECT_SSSE, "0020000003123456"]);
    assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
    desk.all_ok(&["00B2013414"]);
    let select = format!("01{}", &SELECT_SSSE[2..]);
    assert_eq!(desk.send(&select), "611E");
    assert_eq!(desk.send("01B2013414"), "6982");
    assert_eq!(desk.send(&format!("0182000A10{}", "00".repeat(16))), "6984");
}

#[test]
fn i_15_a_closed_channel_forgets_everything() {
    let mut desk = Desk::t0("gen3");
    assert_eq!(desk.send("0070000001"), "019000");
    assert_eq!(desk.send(&format!("01{}", &SELECT_SSSE[2..])), "611E");
    assert_eq!(desk.send("0120000003123456"), "9000");
    assert_eq!(desk.send("00708001"), "9000");
    assert_eq!(desk.send("01A4000002DF01"), "6881");
    assert_eq!(desk.send("0070000001"), "019000");
    assert_eq!(desk.send("01A4000002DF01"), "6A82", "the MF is selected again");
    assert_eq!(desk.send("0120000003123456"), "6A88");
}

#[test]
fn i_15_as_many_channels_as_the_profile_says() {
    let mut desk = Desk::toml("base = \"gen3\"\nchannels = 20");
    for number in 1..20_u8 {
        assert_eq!(desk.send("0070000001"), format!("{number:02X}9000"));
    }
    assert_eq!(desk.send("0070000001"), "6A81");
    // Channel 19 is class 4F.
    assert_eq!(desk.send("4FA40000023F00"), "6102");
    assert_eq!(desk.send("4FC0000002"), "6F009000");
}
