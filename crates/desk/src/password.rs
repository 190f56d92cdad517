//! Passwords of the back office: the query password's hash, and its message's seal.
//!
//! What enters: a password. What leaves: a salted hash that says how it was made, or a sealed body.
//! No password is kept.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use rand_chacha::ChaCha20Rng;
use rand_core::Rng;
use sscard_crypto::secrets_equal;
use zeroize::Zeroizing;

use crate::DeskError;

const HASH: usize = 32;
const SALT: usize = 16;

/// Digits of the query password (D11).
pub(crate) const QUERY_DIGITS: usize = 8;

/// How much work a password's hash is: Argon2id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WorkFactor {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes.
    pub passes: u32,
}

impl WorkFactor {
    /// The library's recommended work.
    pub const DEFAULT: Self =
        Self { memory: Params::DEFAULT_M_COST, passes: Params::DEFAULT_T_COST };
    /// The least that the library documents.
    pub const MINIMUM: Self = Self { memory: Params::MIN_M_COST, passes: Params::MIN_T_COST };

    pub(crate) fn to_text(self) -> String {
        format!("argon2id:{}:{}", self.memory, self.passes)
    }

    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let (memory, passes) = text.strip_prefix("argon2id:")?.split_once(':')?;
        Some(Self { memory: memory.parse().ok()?, passes: passes.parse().ok()? })
    }

    fn hash(self, password: &str, salt: &[u8]) -> Option<Zeroizing<[u8; HASH]>> {
        let parameters = Params::new(self.memory, self.passes, 1, Some(HASH)).ok()?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
        let mut hash = Zeroizing::new([0; HASH]);
        argon.hash_password_into(password.as_bytes(), salt, &mut *hash).ok()?;
        Some(hash)
    }
}

/// `argon2id:MEMORY:PASSES$SALT$HASH`, hexadecimal.
pub(crate) fn hash(password: &str, work: WorkFactor, random: &mut ChaCha20Rng) -> String {
    let mut salt = [0; SALT];
    random.fill_bytes(&mut salt);
    // The two constants above are parameters that the library takes; a register's setting may not be.
    let hash = work.hash(password, &salt).unwrap_or_default();
    format!("{}${}${}", work.to_text(), hex::encode(salt), hex::encode(*hash))
}

/// Whether it is the password of a hash; no hash, no password.
pub(crate) fn is_password(password: &str, hash: &str) -> bool {
    let check = || {
        let mut parts = hash.split('$');
        let work = WorkFactor::from_text(parts.next()?)?;
        let salt = hex::decode(parts.next()?).ok()?;
        let stored = hex::decode(parts.next()?).ok()?;
        Some(secrets_equal(&*work.hash(password, &salt)?, &stored))
    };
    check().unwrap_or(false)
}

/// A new query password: eight digits.
pub(crate) fn query_password(random: &mut ChaCha20Rng) -> Zeroizing<String> {
    let digits = (0..QUERY_DIGITS).map(|_| char::from(b'0' + digit(random)));
    Zeroizing::new(digits.collect())
}

/// An unbiased digit.
fn digit(random: &mut ChaCha20Rng) -> u8 {
    loop {
        let [byte, ..] = random.next_u32().to_le_bytes();
        if byte < 250 {
            return byte % 10;
        }
    }
}

/// Eight digits that somebody chose.
pub(crate) fn check_query_password(password: &str) -> Result<(), DeskError> {
    if password.len() == QUERY_DIGITS && password.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(())
    } else {
        Err(DeskError::BadPassword { what: "query password", reason: "it has eight digits" })
    }
}

/// Six digits as the card takes them, BCD.
pub(crate) fn transaction_password(digits: &str) -> Result<Zeroizing<Vec<u8>>, DeskError> {
    let wrong =
        DeskError::BadPassword { what: "transaction password", reason: "it has six digits" };
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong);
    }
    hex::decode(digits).map(Zeroizing::new).map_err(|_| wrong)
}

/// Seals the body of a message; its number is its nonce, and every number is used once.
pub(crate) fn seal(key: &[u8; 32], message: i64, body: &str) -> Vec<u8> {
    let cipher = ChaCha20Poly1305::new(&Key::from(*key));
    let payload = Payload { msg: body.as_bytes(), aad: b"sscard outbox" };
    // A body of some digits is never too long.
    cipher.encrypt(&nonce(message), payload).unwrap_or_default()
}

/// Opens a sealed body.
pub(crate) fn open(
    key: &[u8; 32],
    message: i64,
    sealed: &[u8],
) -> Result<Zeroizing<String>, DeskError> {
    let cipher = ChaCha20Poly1305::new(&Key::from(*key));
    let payload = Payload { msg: sealed, aad: b"sscard outbox" };
    let body = cipher.decrypt(&nonce(message), payload).ok();
    let body = body.and_then(|bytes| String::from_utf8(bytes).ok());
    body.map(Zeroizing::new).ok_or(DeskError::Seal(message))
}

fn nonce(message: i64) -> Nonce {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&message.to_be_bytes());
    Nonce::from(nonce)
}

#[cfg(test)]
mod tests {
    use rand_core::SeedableRng;

    use super::*;

    #[test]
    fn a_hash_knows_its_password_and_no_other() {
        let mut random = ChaCha20Rng::seed_from_u64(1);
        let first = hash("12345678", WorkFactor::MINIMUM, &mut random);
        let second = hash("12345678", WorkFactor::MINIMUM, &mut random);
        assert_ne!(first, second, "salted");
        assert!(first.starts_with("argon2id:8:1$"));
        assert!(is_password("12345678", &first) && is_password("12345678", &second));
        assert!(!is_password("12345679", &first));
        assert!(!is_password("", ""));
    }

    #[test]
    fn query_passwords_are_eight_digits() {
        let mut random = ChaCha20Rng::seed_from_u64(2);
        let passwords: Vec<_> = (0..50).map(|_| query_password(&mut random)).collect();
        assert!(passwords.iter().all(|password| check_query_password(password).is_ok()));
        assert!(passwords.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(check_query_password("1234567").is_err());
        assert!(check_query_password("1234567a").is_err());
    }

    #[test]
    fn a_seal_opens_with_its_key_and_number_only() {
        let sealed = seal(&[7; 32], 3, "12345678");
        assert!(!sealed.windows(8).any(|bytes| bytes == b"12345678"));
        assert_eq!(open(&[7; 32], 3, &sealed).unwrap().as_str(), "12345678");
        assert!(open(&[7; 32], 4, &sealed).is_err());
        assert!(open(&[8; 32], 3, &sealed).is_err());
    }

    #[test]
    fn transaction_passwords_are_six_digits() {
        assert_eq!(*transaction_password("123456").unwrap(), [0x12, 0x34, 0x56]);
        for wrong in ["12345", "1234567", "12345a", "１２３４５６"] {
            assert!(transaction_password(wrong).is_err(), "{wrong}");
        }
    }
}
