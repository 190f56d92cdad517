//! What the application keeps without power.

use std::sync::Arc;

use sscard_core::Card;
use sscard_crypto::pki::pin_key;

use super::files::CERTIFICATE;
use super::keys::{PRIVATE, PUBLIC, Pair};

/// Its persistent state.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Lasting {
    /// The user's PIN, the administrator's.
    pub(super) pins: [Pin; 2],
    /// The pair for signatures, the one for encryption.
    pub(super) pairs: [Pair; 2],
    /// Their certificates' files.
    pub(super) certificates: [Arc<Vec<u8>>; 2],
}

/// A PIN: the key that it stands for, and its tries.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Pin {
    pub(super) tries: u8,
    pub(super) key: [u8; 16],
}

impl Pin {
    pub(super) fn key_of(pin: &[u8]) -> [u8; 16] {
        *pin_key(pin).expose()
    }
}

impl Lasting {
    pub(crate) fn of(card: &Card) -> Self {
        // PINs with tries and keys, private keys, public keys, certificates; what is 00 at its end is left out.
        let mut area = card.reveal_state().pki.map(|area| area.to_vec()).unwrap_or_default();
        area.resize(2 * (17 + PRIVATE + PUBLIC + CERTIFICATE), 0);
        let mut rest = &area[..];
        let mut take = |length: usize| {
            let (taken, behind) = rest.split_at(length);
            rest = behind;
            taken.to_vec()
        };
        let pins = [(); 2].map(|()| {
            let bytes = take(17);
            let mut pin = Pin { tries: bytes[0], key: [0; 16] };
            pin.key.copy_from_slice(&bytes[1..]);
            pin
        });
        let privates = [(); 2].map(|()| take(PRIVATE));
        let publics = [(); 2].map(|()| take(PUBLIC));
        let pairs = std::array::from_fn(|at| Pair::of_files(&publics[at], &privates[at]));
        Self { pins, pairs, certificates: [(); 2].map(|()| Arc::new(take(CERTIFICATE))) }
    }
}
