//! Text as a profile.

use sscard_commands::ins;
use sscard_core::Card;
use sscard_core::catalogue::SSSE_NAME;
use sscard_profile::{MasterKeys, export, holder_of, issue, load, synthetic_holder};

/// What loads makes a card that answers, whatever its files and its state are, or says why not; and what is
/// exported of such a card loads again.
///
/// # Panics
/// When a card that is made does not answer, its profile does not load, or an error says nothing.
pub fn profile_toml(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let profile = match load(text) {
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert!(error.line >= 1 && error.line <= text.split('\n').count(), "{error}");
            return;
        }
        Ok(profile) => profile,
    };
    for holder in [holder_of(&profile, None), synthetic_holder(7)] {
        match issue(&profile, &holder, &MasterKeys::test()) {
            Err(error) => assert!(!error.to_string().is_empty()),
            Ok(mut card) => {
                use_it(&mut card);
                again(&card);
            }
        }
    }
}

/// Selects the environment and every DF, and reads every file by its short identifier.
fn use_it(card: &mut Card) {
    card.power_on().expect("no cut is armed");
    let mut response = Vec::new();
    card.transmit(&[0x00, ins::SELECT, 0x00, 0x00, 0x02, 0x3F, 0x00], &mut response);
    assert!(response.len() >= 2, "SELECT MF got {response:02X?}");
    let mut environment = vec![0x00, ins::SELECT, 0x04, 0x00, 0x0F];
    environment.extend_from_slice(&SSSE_NAME);
    card.transmit(&environment, &mut response);
    for directory in card.inspect() {
        let [high, low] = directory.fid.to_bytes();
        card.transmit(&[0x00, ins::SELECT, 0x00, 0x00, 0x02, high, low], &mut response);
        for file in &directory.files {
            for number in 0..=3 {
                let p2 = file.sfi << 3 | 4;
                card.transmit(&[0x00, ins::READ_RECORD, number, p2, 0x00], &mut response);
                assert!(response.len() >= 2, "READ RECORD got {response:02X?}");
                card.transmit(
                    &[0x00, ins::UPDATE_RECORD, number, p2, 0x03, 0x01, 0x01, 0x41],
                    &mut response,
                );
            }
            card.transmit(&[0x00, ins::READ_BINARY, 0x80 | file.sfi, 0x00, 0x00], &mut response);
            assert!(response.len() >= 2, "READ BINARY got {response:02X?}");
        }
    }
}

fn again(card: &Card) {
    let text = export(card);
    let profile = match load(&text) {
        Ok(profile) => profile,
        // A bank's records may say what its settings say, too; the program reports that.
        Err(error) if error.to_string().contains("financial") => return,
        Err(error) => panic!("{error}\n{text}"),
    };
    let holder = holder_of(&profile, None);
    if let Err(error) = issue(&profile, &holder, &MasterKeys::test()) {
        panic!("{error}\n{text}");
    }
}
