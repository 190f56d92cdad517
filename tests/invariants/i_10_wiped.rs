//! I-10: keys and session keys are wiped when they are dropped, and on demand.

use sscard_crypto::{Key, SessionKey, Suite};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A type rule: this does not compile for a type that leaves its bytes behind.
fn is_wiped_when_dropped<T: ZeroizeOnDrop>(_: &T) {}

#[test]
fn i_10_keys_are_wiped() {
    let mut key = Key::new([0xA5; 16]);
    is_wiped_when_dropped(&key);
    key.zeroize();
    assert_eq!(key.expose(), &[0; 16]);
}

#[test]
fn i_10_session_keys_are_wiped() {
    let zero = Key::new([0; 16]);
    for suite in [Suite::TripleDes, Suite::Sm4] {
        let mut session: SessionKey = suite.session_key(&Key::new([0xA5; 16]), &[7; 8]);
        is_wiped_when_dropped(&session);
        let before = session.mac(b"message");
        session.zeroize();
        // What is left is the all-zero key: its MAC is another one, and the same for every key.
        let mut other = suite.session_key(&zero, &[9; 8]);
        other.zeroize();
        assert_eq!(session.mac(b"message"), other.mac(b"message"));
        assert_ne!(session.mac(b"message"), before);
    }
}

#[test]
fn i_10_deciphered_data_lives_in_wiped_memory() {
    let session = Suite::Sm4.session_key(&Key::new([0xA5; 16]), &[7; 8]);
    let cryptogram = session.encipher(&[0x12, 0x34, 0x56]).expect("short");
    let plain = session.decipher(&cryptogram).expect("ours");
    is_wiped_when_dropped(&plain);
    assert_eq!(**plain, [0x12, 0x34, 0x56]);
}
