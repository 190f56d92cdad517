//! I-13: the life cycle moves along its table only, and what is blocked for good stays so.

use sscard_core::{Card, LifeCycle};
use sscard_profile::built_in;

use crate::harness::{Desk, SELECT_SSSE};

fn desk(state: LifeCycle) -> Desk {
    let mut desk = Desk::of(&built_in("gen3").expect("built-in"), state);
    let _ = desk.send(SELECT_SSSE);
    desk
}

/// Carries a transition out with everything it needs; the status word.
fn go(desk: &mut Desk, command: &str) -> String {
    match command {
        _ if desk.follow("0084000008").len() != 20 => desk.send(match command {
            "activate" => "00440000",
            "deactivate" => "00040000",
            "block application" => "841E00010400000000",
            _ => "841600000400000000",
        }),
        "activate" | "deactivate" => {
            assert_eq!(desk.authenticate("SSSE", 0x04), "9000");
            desk.send(if command == "activate" { "00440000" } else { "00040000" })
        }
        _ => {
            assert_eq!(desk.authenticate("SSSE", 0x05), "9000");
            let header = if command == "block application" { "841E0001" } else { "84160000" };
            let command = desk.protect("SSSE", 0x02, header, &[]);
            desk.send(&command)
        }
    }
}

#[test]
fn i_13_transitions_of_the_table_and_no_others() {
    use LifeCycle::{Activated, ApplicationBlocked, CardBlocked, Deactivated};
    let table = [
        (Activated, "activate", "9000", Activated),
        (Activated, "deactivate", "9000", Deactivated),
        (Activated, "block application", "9000", ApplicationBlocked),
        (Activated, "block card", "9000", CardBlocked),
        (Deactivated, "activate", "9000", Activated),
        (Deactivated, "deactivate", "6985", Deactivated),
        (Deactivated, "block application", "6985", Deactivated),
        (Deactivated, "block card", "6985", Deactivated),
    ];
    for (from, command, status, to) in table {
        let mut desk = desk(from);
        assert_eq!(go(&mut desk, command), status, "{command} from {from:?}");
        assert_eq!(desk.card.life_cycle(), to, "{command} from {from:?}");
    }
}

#[test]
fn i_13_a_blocked_application_stays_blocked() {
    let mut desk = desk(LifeCycle::Activated);
    assert_eq!(go(&mut desk, "block application"), "9000");
    for command in ["activate", "deactivate", "block application", "block card"] {
        assert_eq!(go(&mut desk, command), "9303", "{command}");
    }
    desk.card.power_on().expect("power");
    for command in [SELECT_SSSE, "00A4000002DDF1", "00A4040006D15600000500"] {
        assert_eq!(desk.send(command), "9303", "{command}");
    }
    assert_eq!(desk.status("00A40000023F00"), "9000", "the MF is not part of it");
    let mut again = Card::from_image(&desk.card.image()).expect("loads");
    again.power_on().expect("power");
    assert_eq!(again.life_cycle(), LifeCycle::ApplicationBlocked);
}

#[test]
fn i_13_a_blocked_card_answers_6a81_to_everything_for_good() {
    let mut desk = desk(LifeCycle::Activated);
    assert_eq!(go(&mut desk, "block card"), "9000");
    for _ in 0..2 {
        for command in [SELECT_SSSE, "00A40000023F00", "0084000008", "00C0000000", "FF", "80CA0000"]
        {
            assert_eq!(desk.send(command), "6A81", "{command}");
        }
        desk.card.power_on().expect("power");
    }
}

#[test]
fn i_13_transitions_need_their_authentication() {
    let mut desk = desk(LifeCycle::Activated);
    assert_eq!(desk.send("00040000"), "6982");
    for header in ["841E0001", "84160000"] {
        let command = desk.protect("SSSE", 0x02, header, &[]);
        assert_eq!(desk.send(&command), "6982");
    }
    assert_eq!(desk.card.life_cycle(), LifeCycle::Activated);
}

#[test]
fn i_13_activation_needs_its_authentication_too() {
    let mut desk = desk(LifeCycle::Deactivated);
    assert_eq!(desk.send("00440000"), "6982");
    assert_eq!(desk.authenticate("SSSE", 0x05), "9000", "another key");
    assert_eq!(desk.send("00440000"), "6982");
    assert_eq!(desk.card.life_cycle(), LifeCycle::Deactivated);
    for (command, answer) in
        [("00440100", "6A86"), ("00440001", "6A86"), ("0044000001AA", "6700"), ("80440000", "6E00")]
    {
        assert_eq!(desk.send(command), answer, "{command}");
    }
    assert_eq!(desk.authenticate("SSSE", 0x04), "9000");
    assert_eq!(desk.send("00440000"), "9000");
    assert_eq!(desk.card.life_cycle(), LifeCycle::Activated);
}

#[test]
fn i_13_the_environment_moves_from_itself_alone() {
    let mut desk = desk(LifeCycle::Activated);
    assert_eq!(desk.authenticate("SSSE", 0x04), "9000");
    desk.all_ok(&["00A4000002DF01"]);
    for command in ["00040000", "00440000"] {
        assert_eq!(desk.send(command), "6985", "{command}");
    }
    assert_eq!(desk.card.life_cycle(), LifeCycle::Activated);
}
