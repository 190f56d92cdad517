//! I-7 and I-9: keys and PINs are canaries; no answer, trace or Debug text holds eight bytes of one.

use sscard_core::LifeCycle;
use sscard_host::{InProcess, Recorder, Secrets, Transport};
use sscard_profile::{MasterKeys, built_in, issue, synthetic_holder};

use crate::harness::{Desk, SELECT_SSSE, bytes, hex};

/// 16 digits: eight bytes that nothing else contains.
const PIN: [u8; 8] = [0x98, 0x76, 0x54, 0x32, 0x10, 0x98, 0x76, 0x54];

fn desk_with_canary_pin() -> Desk {
    let mut desk = Desk::t0("gen3");
    desk.all_ok(&[SELECT_SSSE]);
    assert_eq!(desk.authenticate("SSSE", 0x06), "9000");
    assert_eq!(desk.reload_pin(&PIN), "9000");
    desk
}

/// Every eight bytes of every key, and the PIN, in hex.
fn canaries(desk: &Desk) -> Vec<String> {
    let keys = desk.card.reveal_keys();
    let windows = keys.iter().flat_map(|key| key.key.expose().windows(8).map(hex));
    windows.chain([hex(&PIN)]).collect()
}

#[test]
fn i_9_no_answer_holds_a_secret() {
    let mut desk = desk_with_canary_pin();
    let canaries = canaries(&desk);
    assert_eq!(canaries.len(), desk.card.reveal_keys().len() * 9 + 1);
    let mut said = String::new();
    desk.all_ok(&[&format!("0020000008{}", hex(&PIN))]);
    for key in sscard_core::catalogue::KEYS {
        let df = match key.application {
            "SSSE" => SELECT_SSSE.to_owned(),
            name => format!("00A40000 02 DF0{}", &name[3..]),
        };
        said += &desk.follow(&df);
        let _ = desk.authenticate(key.application, key.id.0);
        for sfi in 1..=30_u8 {
            said += &desk.follow(&format!("00B201{:02X}00", sfi << 3 | 5));
            said += &desk.follow(&format!("00B0{:02X}0000", 0x80 | sfi));
        }
    }
    assert!(said.len() > 10_000);
    for canary in canaries {
        assert!(!said.contains(&canary), "{canary}");
    }
}

#[test]
fn i_9_debug_texts_hold_no_secret() {
    let desk = desk_with_canary_pin();
    let texts = format!(
        "{:?} {:?} {:?} {:?}",
        desk.card,
        desk.card.image(),
        desk.card.inspect(),
        desk.key("SSSE", 0x00)
    );
    for canary in canaries(&desk) {
        assert!(!texts.contains(&canary), "{canary}");
    }
    assert!(texts.contains("Key(..)"));
}

#[test]
fn i_9_a_trace_hides_pins_unless_asked() {
    let profile = built_in("gen3").expect("built-in");
    let mut holder = synthetic_holder(7);
    holder.pin = PIN.to_vec();
    let card = issue(&profile, &holder, &MasterKeys::test()).expect("card");
    for (secrets, shown) in [(Secrets::Redacted, false), (Secrets::Shown, true)] {
        let card = InProcess::power_on(card.clone()).expect("power");
        let mut recorder = Recorder::new(card, secrets);
        let mut response = Vec::new();
        for command in [
            SELECT_SSSE.to_owned(),
            format!("0020000008{}", hex(&PIN)),
            format!("805E010011{0}FF{0}", hex(&PIN)),
            // Malformed: Lc is one too many, and the PIN still must not be seen.
            format!("0020000009{}", hex(&PIN)),
        ] {
            recorder.transmit(&bytes(&command), &mut response).expect("answer");
        }
        let trace: String = recorder.exchanges().iter().map(|e| e.command_hex() + "\n").collect();
        assert_eq!(trace.contains(&hex(&PIN)), shown, "{trace}");
        assert_eq!(trace.contains("0020000008****************"), !shown);
        let stored = recorder.exchanges().iter().any(|e| e.command.windows(8).any(|w| w == PIN));
        assert_eq!(stored, shown, "the stored bytes");
        let debugged: String = recorder.exchanges().iter().map(|e| format!("{e:?}\n")).collect();
        assert!(!debugged.contains(&hex(&PIN)), "what is printed by accident");
    }
}

#[test]
fn i_7_a_pin_of_the_wrong_length_is_a_wrong_pin() {
    for wrong in ["1234", "12345678", "1234567890123456", "123457"] {
        let mut desk = Desk::t0("gen3");
        desk.all_ok(&[SELECT_SSSE]);
        let answer = desk.send(&format!("00200000{:02X}{wrong}", wrong.len() / 2));
        assert_eq!(answer, "63C5", "{wrong}");
    }
}

#[test]
fn i_7_a_holder_without_a_pin_is_a_card_without_a_pin() {
    let mut holder = synthetic_holder(7);
    holder.pin = Vec::new();
    holder.life_cycle = LifeCycle::Activated;
    let profile = built_in("gen2").expect("built-in");
    let mut card = issue(&profile, &holder, &MasterKeys::test()).expect("card");
    card.power_on().expect("power");
    let mut response = Vec::new();
    card.transmit(&bytes(SELECT_SSSE), &mut response);
    card.transmit(&bytes("00200000"), &mut response);
    assert_eq!(response, [0x90, 0x00]);
}
