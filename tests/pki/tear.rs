//! I-4 and I-5 for the PKI application: power is cut at every byte that a command writes.

use super::*;
use crate::sweep::pairs::{Step, sweep_pairs};
use crate::sweep::{Case, sweep};
use sscard_commands::ins;
use sscard_crypto::financial::sm2::Sm2PrivateKey;

fn cases() -> Vec<Case> {
    let mut right = selected();
    let verify_right = proof(&mut right, 0x81, &USER);
    let wrong = format!("0020018110{}", "00".repeat(16));
    let mut change = administrator();
    let change_pin = protected(&mut change, &ADMINISTRATOR, "845E0100", Some(&[0x11, 0x11]));
    let mut unblock = administrator();
    assert_eq!(verify(&mut unblock, 0x81, &[0x11, 0x11]), "63C5");
    let unblock_pin = protected(&mut unblock, &ADMINISTRATOR, "84240181", None);
    let mut reload = unblock.clone();
    let reload_pin = protected(&mut reload, &ADMINISTRATOR, "84240181", Some(&[0x22, 0x22]));
    let pair = Sm2PrivateKey::from_bytes(&[0x21; 32]).expect("a key");
    let import_public = format!("80C2400046C0020014CA40{}", hex(pair.public_key().bytes()));
    let mut half = user();
    half.all_ok(&[&import_public, &format!("804A021012C110{}", "77".repeat(16))]);
    let import_private =
        format!("80C2C00126C2020015CB20{}", hex(&under([0x77; 16], pair.to_bytes().as_ref())));
    let certificate = format!("00D6980070{}", "5A".repeat(112));
    let case = |name, desk: Desk, command: &str| Case::new(name, desk.card, bytes(command));
    vec![
        case("VERIFY right", right.clone(), &verify_right).after(bytes(&wrong)),
        case("VERIFY wrong", right, &wrong).counting(),
        case("CHANGE PIN", change, &change_pin),
        case("PIN UNBLOCK", unblock, &unblock_pin),
        case("RELOAD PIN", reload, &reload_pin),
        case("GENERATE KEY PAIR", user(), GENERATE_SIGNATURE),
        case("IMPORT KEY public", user(), &import_public),
        case("IMPORT KEY private", half, &import_private),
        case("UPDATE BINARY", user(), &certificate),
    ]
}

const WRITING: [u8; 6] = [
    ins::VERIFY,
    ins::CHANGE_PIN,
    ins::PIN_UNBLOCK,
    ins::GENERATE_KEY_PAIR,
    ins::IMPORT_KEY,
    ins::UPDATE_BINARY,
];

#[test]
fn pki_i_4_every_command_under_every_double_cut() {
    let cases = cases();
    for ins in WRITING {
        assert!(cases.iter().any(|case| case.ins() == ins), "{ins:02X} is cut nowhere");
    }
    for case in cases {
        sweep(&case);
        // Old and new have keys that belong together, so what is found has.
        let mut new = case.card.clone();
        new.transmit(&case.command, &mut Vec::new());
        matrix::assert_pairs(&case.card);
        matrix::assert_pairs(&new);
    }
}

#[test]
fn pki_i_4_every_cut_in_either_of_two_commands() {
    let start = selected();
    let on = |card| {
        let mut desk = start.before(card);
        desk.all_ok(&[SELECT_DDF, "00A4000002DF01"]);
        desk
    };
    let on = &on;
    let by_user = |name, command: String| {
        Step::new(name, move |card| {
            let mut desk = on(card);
            verify(&mut desk, 0x81, &USER);
            (desk.card, bytes(&command))
        })
    };
    let by_administrator = |name, header: &'static str, new: Option<&'static [u8]>| {
        Step::new(name, move |card| {
            let mut desk = on(card);
            verify(&mut desk, 0x00, &ADMINISTRATOR);
            let command = protected(&mut desk, &ADMINISTRATOR, header, new);
            (desk.card, bytes(&command))
        })
    };
    let steps = [
        Step::new("VERIFY", |card| {
            let mut desk = on(card);
            let command = proof(&mut desk, 0x81, &USER);
            (desk.card, bytes(&command))
        })
        .counting(),
        by_user("GENERATE KEY PAIR", GENERATE_SIGNATURE.to_owned()),
        by_user("UPDATE BINARY", format!("00D6980070{}", "5A".repeat(112))),
        by_administrator("PIN UNBLOCK", "84240181", None),
        by_administrator("CHANGE PIN", "845E0100", Some(&[0x11, 0x11])),
    ];
    assert!(sweep_pairs(&start.card, &steps) > 100);
}

#[test]
fn pki_i_5_a_cut_never_gives_a_try_back() {
    let mut desk = selected();
    for expected in (0..6).rev() {
        let command = proof(&mut desk, 0x81, &USER);
        // One byte counts the try, the next would give it back.
        desk.card.cut_power_after(1);
        assert_eq!(desk.send(&command), "");
        desk.card.power_on().expect("power");
        desk.all_ok(&[SELECT_ADF]);
        assert_eq!(desk.send("00200181"), format!("63C{expected}"));
    }
    assert_eq!(verify(&mut desk, 0x81, &USER), "6983");
}
