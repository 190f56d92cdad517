//! I-4 and I-5 for the PKI application: power is cut at every byte that a command writes.

use super::*;
use sscard_core::{Card, CardImage};
use sscard_crypto::financial::sm2::Sm2PrivateKey;

/// Writing commands, each ready to be sent; and for those that count a try, one that counts it and no more.
fn cases() -> Vec<(&'static str, Desk, String, Option<String>)> {
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
    vec![
        ("VERIFY right", right.clone(), verify_right, Some(wrong.clone())),
        ("VERIFY wrong", right, wrong, None),
        ("CHANGE PIN", change, change_pin, None),
        ("PIN UNBLOCK", unblock, unblock_pin, None),
        ("RELOAD PIN", reload, reload_pin, None),
        ("GENERATE KEY PAIR", user(), GENERATE_SIGNATURE.to_owned(), None),
        ("IMPORT KEY public", user(), import_public, None),
        ("IMPORT KEY private", half, import_private, None),
        ("UPDATE BINARY", user(), certificate, None),
    ]
}

fn images(card: &Card) -> Vec<Vec<u8>> {
    let mut card = card.clone();
    let cycle = |_| {
        card.power_on().expect("power");
        card.image().as_bytes().to_vec()
    };
    (0..4).map(cycle).collect()
}

#[test]
fn pki_i_4_every_command_under_every_double_cut() {
    for (name, desk, command, counted) in cases() {
        let command = bytes(&command);
        let send = |card: &mut Card, command: &[u8]| {
            let mut response = Vec::new();
            card.transmit(command, &mut response);
            response
        };
        let old = desk.card;
        let mut new = old.clone();
        new.cut_power_after(u64::MAX);
        assert!(!send(&mut new, &command).is_empty());
        let total = u64::MAX - new.bytes_until_cut().expect("armed");
        assert!(total > 0, "{name} writes nothing");
        let mut admitted = images(&old);
        admitted.extend(images(&new));
        if let Some(counted) = counted {
            let mut tried = old.clone();
            send(&mut tried, &bytes(&counted));
            admitted.extend(images(&tried));
        }
        // Every state admitted has keys that belong together, so that each that is found has.
        for image in &admitted {
            let card = Card::from_image(&CardImage::from_bytes(image.clone()));
            matrix::assert_pairs(&card.expect("an image loads"));
        }
        for first in 0..total {
            let mut torn = old.clone();
            torn.cut_power_after(first);
            assert!(send(&mut torn, &command).is_empty(), "{name} answers after a cut");
            let torn = Card::from_image(&torn.image()).expect("a torn image loads");
            for second in crate::sweep::second_cuts(first) {
                let mut again = torn.clone();
                again.cut_power_after(second);
                let recovered = again.power_on().is_ok();
                if !recovered {
                    again.power_on().expect("power");
                }
                let image = again.image().as_bytes().to_vec();
                assert!(admitted.contains(&image), "{name}: cut after {first}, then {second}");
                if recovered {
                    break;
                }
            }
        }
    }
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
