//! Text as a profile.

use sscard_commands::ins;
use sscard_profile::{MasterKeys, issue, load, synthetic_holder};

/// What loads makes a card, or says why not.
///
/// # Panics
/// When a card that is made does not answer, or an error says nothing.
pub fn profile_toml(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    match load(text) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(profile) => match issue(&profile, &synthetic_holder(7), &MasterKeys::test()) {
            Err(error) => assert!(!error.to_string().is_empty()),
            Ok(mut card) => {
                card.power_on().expect("no cut is armed");
                let mut response = Vec::new();
                card.transmit(&[0x00, ins::SELECT, 0x00, 0x00, 0x02, 0x3F, 0x00], &mut response);
                assert!(response.len() >= 2, "SELECT MF got {response:02X?}");
                let _ = card.inspect();
            }
        },
    }
}
