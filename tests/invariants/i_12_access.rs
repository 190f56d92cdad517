//! I-12: a file opens exactly when its rule holds; a refused command leaves the image as it is.

use proptest::prelude::*;
use sscard_core::AccessRule;
use sscard_core::catalogue::{self, FileEntry};

use crate::harness::{Desk, SELECT_SSSE};

/// What the terminal has proved before it tries a file.
#[derive(Clone, Copy, Debug)]
struct Proof {
    pin: bool,
    read_key: bool,
    update_key: bool,
}

/// The model: the rule as a truth table.
fn allowed(rule: AccessRule, pin: bool, key: bool) -> bool {
    match rule {
        AccessRule::Free => true,
        AccessRule::Never => false,
        AccessRule::Pin => pin,
        AccessRule::Key(_) => key,
        AccessRule::PinOrKey(_) => pin || key,
        AccessRule::PinAndKey(_) => pin && key,
    }
}

fn desk(profile: &str, file: &FileEntry, proof: Proof) -> Desk {
    let mut desk = Desk::t1(profile);
    desk.all_ok(&[SELECT_SSSE]);
    if proof.pin {
        desk.all_ok(&["0020000003123456"]);
    }
    if file.application != "SSSE" {
        desk.all_ok(&[&format!("00A4000002{}", &format!("DF0{}", &file.application[3..]))]);
    }
    for (wanted, rule) in [(proof.read_key, file.read), (proof.update_key, file.update)] {
        if let (true, Some(key)) = (wanted, rule.key()) {
            let owner = if key.is_global() { "SSSE" } else { file.application };
            assert_eq!(desk.authenticate(owner, key.0), "9000");
        }
    }
    desk
}

fn read_command(file: &FileEntry) -> String {
    let sfi = file.fid & 0xFF;
    match file.structure {
        sscard_core::Structure::Transparent { .. } => format!("00B0{:02X}0001", 0x80 | sfi),
        _ => format!("00B201{:02X}00", sfi << 3 | 4),
    }
}

fn update_command(file: &FileEntry) -> String {
    let sfi = file.fid & 0xFF;
    match file.structure {
        sscard_core::Structure::Transparent { .. } => format!("00D6{:02X}000155", 0x80 | sfi),
        sscard_core::Structure::Cyclic { length, .. } => {
            format!("00DC00{:02X}{length:02X}{}", sfi << 3 | 3, "31".repeat(length.into()))
        }
        _ => {
            let item = file.items[0];
            let value = "31".repeat(item.length.into());
            format!(
                "00DC{:02X}{:02X}{:02X}{:02X}{:02X}{value}",
                item.tag,
                sfi << 3,
                item.length + 2,
                item.tag,
                item.length
            )
        }
    }
}

#[test]
fn i_12_every_file_opens_exactly_when_its_rule_holds() {
    let mut tried = 0;
    for file in catalogue::files() {
        for bits in 0..8_u8 {
            let proof =
                Proof { pin: bits & 1 != 0, read_key: bits & 2 != 0, update_key: bits & 4 != 0 };
            let mut desk = desk("gen2", file, proof);
            let at = format!("{}/{:04X} {proof:?}", file.application, file.fid);
            let before = desk.card.image();
            // One key may stand in both rules.
            let has = |rule: AccessRule| {
                let one = proof.read_key && rule.key() == file.read.key();
                one || (proof.update_key && rule.key() == file.update.key())
            };
            let status = desk.status(&read_command(file));
            if allowed(file.read, proof.pin, has(file.read)) {
                assert!(matches!(status.as_str(), "9000" | "6A83"), "{at}: read {status}");
            } else {
                assert_eq!(status, "6982", "{at}: read");
            }
            assert!(desk.card.image() == before, "{at}: reading changed the card");
            let status = desk.status(&update_command(file));
            if allowed(file.update, proof.pin, has(file.update)) {
                assert_eq!(status, "9000", "{at}: update");
            } else {
                assert_eq!(status, "6982", "{at}: update");
                assert!(desk.card.image() == before, "{at}: a refused update changed the card");
            }
            tried += 1;
        }
    }
    assert_eq!(tried, catalogue::files().count() * 8);
}

#[test]
fn i_12_the_holder_data_of_the_third_generation_needs_rk_ssse() {
    let mut desk = Desk::t1("gen3");
    desk.all_ok(&[SELECT_SSSE, "0020000003123456"]);
    assert_eq!(desk.send("00B2013400"), "6982", "the PIN does not open it");
    assert_eq!(desk.authenticate("SSSE", 0x0A), "9000");
    desk.all_ok(&["00B2013400"]);
}

#[test]
fn i_12_a_failed_authentication_opens_nothing() {
    let mut desk = Desk::t1("gen3");
    desk.all_ok(&[SELECT_SSSE]);
    assert_eq!(desk.fail_authentication(0x0A), "63C2");
    assert_eq!(desk.send("00B2013400"), "6982");
    assert_eq!(desk.send("0020000003111111"), "63C5");
    desk.all_ok(&["00A4000002DF01"]);
    assert_eq!(desk.send("00B2012C00"), "6982");
}

#[test]
fn i_12_a_wrong_pin_takes_an_earlier_verification_back() {
    let mut desk = Desk::t1("gen3");
    desk.all_ok(&[SELECT_SSSE, "0020000003123456"]);
    assert_eq!(desk.send("0020000003111111"), "63C5");
    desk.all_ok(&["00A4000002DF01"]);
    assert_eq!(desk.send("00B2012C00"), "6982");
}

/// Any rule, written by a person into a profile.
fn rule() -> impl Strategy<Value = (&'static str, &'static str)> {
    const RULES: &[&str] = &["free", "never", "PIN", "KEY", "PIN|KEY", "PIN+KEY"];
    (prop::sample::select(RULES), prop::sample::select(RULES))
}

fn holds(rule: &str, pin: bool, key: bool) -> bool {
    match rule {
        "free" => true,
        "PIN" => pin,
        "KEY" => key,
        "PIN|KEY" => pin || key,
        "PIN+KEY" => pin && key,
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever rules a profile gives a file and whatever is proved, in any order and with wrong
    /// tries between: the file opens exactly when its rule holds.
    #[test]
    fn i_12_any_rule_after_any_proofs((read, update) in rule(), proofs in prop::collection::vec(0..5_u8, 0..6)) {
        let text = |rule: &str| rule.replace("KEY", "UK_SSSE");
        let mut desk = Desk::toml(&format!(
            "base = \"gen2\"\nprotocol = \"T=1\"\n[access.\"SSSE/EF06\"]\nread = \"{}\"\nupdate = \"{}\"",
            text(read),
            text(update)
        ));
        desk.all_ok(&[SELECT_SSSE]);
        let (mut pin, mut key) = (false, false);
        for proof in proofs {
            match proof {
                0 => pin = desk.send("0020000003123456") == "9000",
                1 => pin = desk.send("0020000003000000") == "9000",
                2 => key = desk.authenticate("SSSE", 0x04) == "9000" || key,
                3 => { desk.fail_authentication(0x0A); }
                _ => {
                    desk.card.reset().expect("power");
                    desk.all_ok(&[SELECT_SSSE]);
                    (pin, key) = (false, false);
                }
            }
        }
        let status = desk.send("00B2093020");
        prop_assert_eq!(status.ends_with("9000"), holds(read, pin, key), "read {} {}", read, &status);
        let before = desk.card.image();
        let status = desk.send(&format!("00DC093020091E{}", "41".repeat(30)));
        prop_assert_eq!(status == "9000", holds(update, pin, key), "update {} {}", update, &status);
        if status != "9000" {
            prop_assert_eq!(&status, "6982");
            prop_assert!(desk.card.image() == before, "a refused update changed the card");
        }
    }
}
