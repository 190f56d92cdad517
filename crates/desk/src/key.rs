//! The register's own key (密钥): a file beside the register, for its owner alone.
//!
//! What enters: the place of a register. What leaves: a key that seals messages, or why there is none.
//! It comes from the operating system's random numbers and lies nowhere in the register, so a copy of
//! the register alone opens no message.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce, XChaCha20Poly1305, XNonce};
use sscard_crypto::financial::sm3;
use zeroize::{Zeroize, Zeroizing};

use crate::DeskError;
use crate::file::{beside, new_file};

/// What a key file begins with.
const TITLE: &str = "sscard-desk-key-1 ";
/// What a message begins with that such a key sealed; then the key's mark, a nonce, the body.
const SEALED: &[u8; 4] = b"SSK1";
const MARK: usize = 8;
/// More than the text of a key has.
const LONGEST: u64 = 1024;
const NONCE: usize = 24;
/// What seals are about.
const ABOUT: &[u8] = b"sscard outbox";

/// A key of 256 bits.
pub(crate) struct SealKey(Zeroizing<[u8; 32]>);

/// Fills bytes from the operating system's random numbers.
///
/// # Errors
/// [`DeskError::NoRandomNumbers`].
pub(crate) fn draw(bytes: &mut [u8]) -> Result<(), DeskError> {
    getrandom::fill(bytes).map_err(|error| DeskError::NoRandomNumbers(error.to_string()))
}

/// Where the key of a register lies.
pub(crate) fn place(register: &Path) -> PathBuf {
    beside(register, ".key")
}

impl SealKey {
    /// The key that lies there; `None` when there is no file.
    ///
    /// # Errors
    /// [`DeskError::Key`] for a file that holds none.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, DeskError> {
        let unusable = |reason: &str| DeskError::Key {
            path: path.to_owned(),
            reason: reason.to_owned(),
            is_new: false,
        };
        let read = || {
            // A key has a line; what is longer, or a device without an end, is none.
            let mut text = Vec::new();
            fs::File::open(path)?.take(LONGEST).read_to_end(&mut text)?;
            Ok(text)
        };
        let read: io::Result<Vec<u8>> = read();
        let mut text = match read {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unusable(&error.kind().to_string())),
        };
        let digits = text.strip_prefix(TITLE.as_bytes()).map(<[u8]>::trim_ascii_end);
        let mut key = Zeroizing::new([0; 32]);
        let is_key = digits.is_some_and(|digits| hex::decode_to_slice(digits, &mut *key).is_ok());
        text.zeroize();
        if is_key { Ok(Some(Self(key))) } else { Err(unusable("it holds no key of a register")) }
    }

    /// The key that lies there, or a new one.
    ///
    /// # Errors
    /// [`DeskError::Key`], [`DeskError::NoRandomNumbers`].
    pub(crate) fn read_or_make(path: &Path) -> Result<Self, DeskError> {
        if let Some(key) = Self::read(path)? {
            return Ok(key);
        }
        let mut key = Zeroizing::new([0; 32]);
        draw(&mut *key)?;
        let unwritable = |error: io::Error| DeskError::Key {
            path: path.to_owned(),
            reason: error.kind().to_string(),
            is_new: true,
        };
        let text = Zeroizing::new(format!("{TITLE}{}\n", hex::encode(*key)));
        let mut file = new_file(path).map_err(unwritable)?;
        file.write_all(text.as_bytes()).map_err(unwritable)?;
        match file.keep(path) {
            Ok(()) => Ok(Self(key)),
            // Another desk was quicker: its key is the register's.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Self::read(path)?.ok_or_else(|| unwritable(error))
            }
            Err(error) => Err(unwritable(error)),
        }
    }

    /// Says which key it is, and nothing else of it.
    fn mark(&self) -> [u8; MARK] {
        let hash = sm3(&[b"sscard desk key", &*self.0]);
        let mut mark = [0; MARK];
        mark.iter_mut().zip(hash).for_each(|(place, byte)| *place = byte);
        mark
    }

    /// Seals the body of a message.
    ///
    /// # Errors
    /// [`DeskError::NoRandomNumbers`], [`DeskError::Unsealed`].
    pub(crate) fn seal(&self, message: i64, body: &str) -> Result<Vec<u8>, DeskError> {
        let mut nonce = [0; NONCE];
        draw(&mut nonce)?;
        let payload = Payload { msg: body.as_bytes(), aad: &about(message) };
        let cipher = XChaCha20Poly1305::new(&Key::from(*self.0));
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| DeskError::Unsealed(message))?;
        Ok([&SEALED[..], &self.mark(), &nonce, &sealed].concat())
    }

    /// Opens a sealed body; `None` when another key sealed it, or another message's.
    pub(crate) fn open(&self, message: i64, sealed: &[u8]) -> Option<Zeroizing<String>> {
        let (mark, rest) = sealed.strip_prefix(SEALED)?.split_at_checked(MARK)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>()?;
        if mark != self.mark() {
            return None;
        }
        let payload = Payload { msg: sealed, aad: &about(message) };
        let cipher = XChaCha20Poly1305::new(&Key::from(*self.0));
        text(cipher.decrypt(&XNonce::from(*nonce), payload).ok()?)
    }
}

fn about(message: i64) -> Vec<u8> {
    [ABOUT, &message.to_be_bytes()].concat()
}

fn text(bytes: Vec<u8>) -> Option<Zeroizing<String>> {
    String::from_utf8(bytes).ok().map(Zeroizing::new)
}

/// Whether a register of before sealed it: with a key that follows from the city's TEST keys and the
/// register's seed, which everyone can compute.
pub(crate) fn is_of_before(sealed: &[u8]) -> bool {
    !sealed.starts_with(SEALED)
}

/// Opens what a register of before sealed.
pub(crate) fn open_of_before(
    key: &[u8; 32],
    message: i64,
    sealed: &[u8],
) -> Option<Zeroizing<String>> {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&message.to_be_bytes());
    let payload = Payload { msg: sealed, aad: ABOUT };
    let cipher = ChaCha20Poly1305::new(&Key::from(*key));
    text(cipher.decrypt(&Nonce::from(nonce), payload).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> SealKey {
        SealKey(Zeroizing::new([byte; 32]))
    }

    #[test]
    fn a_seal_opens_with_its_key_and_number_only() {
        let sealed = key(7).seal(3, "12345678").unwrap();
        assert!(!sealed.windows(8).any(|bytes| bytes == b"12345678"));
        assert_eq!(key(7).open(3, &sealed).unwrap().as_str(), "12345678");
        assert!(key(7).open(4, &sealed).is_none());
        assert!(key(8).open(3, &sealed).is_none());
        assert!(key(7).open(3, &sealed[..40]).is_none());
        assert_ne!(sealed, key(7).seal(3, "12345678").unwrap(), "a nonce each");
    }

    #[test]
    fn a_key_is_made_once_for_its_owner_and_read_again() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("city.db.key");
        assert!(SealKey::read(&path).unwrap().is_none());
        let made = SealKey::read_or_make(&path).unwrap();
        let again = SealKey::read_or_make(&path).unwrap();
        assert_eq!((*made.0, made.mark()), (*again.0, again.mark()));
        assert_ne!(*made.0, [0; 32]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(&path, "anything").unwrap();
        assert!(matches!(SealKey::read(&path), Err(DeskError::Key { is_new: false, .. })));
        assert!(SealKey::read_or_make(&path).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"anything");
    }
}
