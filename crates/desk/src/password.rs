//! Passwords of the back office: how query passwords are drawn, and their hashes.
//!
//! What enters: a password. What leaves: a salted hash that says how it was made. No password is kept,
//! and none follows from the register's seed: passwords and salts come from the operating system.

use argon2::{Algorithm, Argon2, Params, Version};
use sscard_crypto::secrets_equal;
use zeroize::Zeroizing;

use crate::DeskError;
use crate::key::draw;

const HASH: usize = 32;
const SALT: usize = 16;
/// The most work that a register may ask for: a GiB, in KiB, and passes.
const MOST_MEMORY: u32 = 1 << 20;
const MOST_PASSES: u32 = 64;

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

    /// `None` for what is no work factor, or more work than a desk does for a password.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let (memory, passes) = text.strip_prefix("argon2id:")?.split_once(':')?;
        let work = Self { memory: memory.parse().ok()?, passes: passes.parse().ok()? };
        let is_sane = work.memory <= MOST_MEMORY && work.passes <= MOST_PASSES;
        (is_sane && work.parameters().is_some()).then_some(work)
    }

    fn parameters(self) -> Option<Params> {
        Params::new(self.memory, self.passes, 1, Some(HASH)).ok()
    }

    fn hash(self, password: &str, salt: &[u8]) -> Option<Zeroizing<[u8; HASH]>> {
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, self.parameters()?);
        let mut hash = Zeroizing::new([0; HASH]);
        argon.hash_password_into(password.as_bytes(), salt, &mut *hash).ok()?;
        Some(hash)
    }
}

/// `argon2id:MEMORY:PASSES$SALT$HASH`, hexadecimal.
///
/// # Errors
/// [`DeskError::NoRandomNumbers`], [`DeskError::NoHash`].
pub(crate) fn hash(password: &str, work: WorkFactor) -> Result<String, DeskError> {
    let mut salt = [0; SALT];
    draw(&mut salt)?;
    let hash = work.hash(password, &salt).ok_or(DeskError::NoHash)?;
    Ok(format!("{}${}${}", work.to_text(), hex::encode(salt), hex::encode(*hash)))
}

/// Whether it is the password of a hash; no hash, no password. `None` for what is no hash.
pub(crate) fn is_password(password: &str, hash: Option<&str>) -> Option<bool> {
    let Some(hash) = hash else { return Some(false) };
    let mut parts = hash.split('$');
    let work = WorkFactor::from_text(parts.next()?)?;
    let salt = hex::decode(parts.next()?).ok()?;
    let stored = hex::decode(parts.next()?).ok()?;
    if stored.len() != HASH || parts.next().is_some() {
        return None;
    }
    Some(secrets_equal(&*work.hash(password, &salt)?, &stored))
}

/// A new query password: eight digits.
///
/// # Errors
/// [`DeskError::NoRandomNumbers`].
pub(crate) fn query_password() -> Result<Zeroizing<String>, DeskError> {
    let mut password = Zeroizing::new(String::with_capacity(QUERY_DIGITS));
    let mut bytes = Zeroizing::new([0; 2 * QUERY_DIGITS]);
    loop {
        draw(&mut *bytes)?;
        // Bytes from 250 on would favour some digits.
        for byte in bytes.iter().filter(|byte| **byte < 250) {
            password.push(char::from(b'0'.saturating_add(byte % 10)));
            if password.len() == QUERY_DIGITS {
                return Ok(password);
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_knows_its_password_and_no_other() {
        let first = hash("12345678", WorkFactor::MINIMUM).unwrap();
        let second = hash("12345678", WorkFactor::MINIMUM).unwrap();
        assert_ne!(first, second, "salted");
        assert!(first.starts_with("argon2id:8:1$"));
        for hash in [&first, &second] {
            assert_eq!(is_password("12345678", Some(hash)), Some(true));
            assert_eq!(is_password("12345679", Some(hash)), Some(false));
        }
        assert_eq!(is_password("", None), Some(false));
    }

    #[test]
    fn what_is_no_hash_is_no_wrong_password() {
        let hash = hash("12345678", WorkFactor::MINIMUM).unwrap();
        for wrong in [
            "zero".to_owned(),
            hash[..hash.len() - 2].to_owned(),
            format!("{hash}$"),
            hash.replace("argon2id:8:1", "argon2id:0:0"),
            hash.replace("argon2id:8:1", "argon2id:4000000000:1"),
        ] {
            assert_eq!(is_password("12345678", Some(&wrong)), None, "{wrong}");
        }
    }

    #[test]
    fn a_work_factor_that_the_library_does_not_take_gives_no_hash() {
        let nothing = WorkFactor { memory: 0, passes: 0 };
        assert!(matches!(hash("12345678", nothing), Err(DeskError::NoHash)));
        assert_eq!(WorkFactor::from_text("argon2id:1048577:2"), None);
        assert_eq!(WorkFactor::from_text("argon2id:19456:2"), Some(WorkFactor::DEFAULT));
    }

    #[test]
    fn query_passwords_are_eight_digits() {
        let passwords: Vec<_> = (0..50).map(|_| query_password().unwrap()).collect();
        assert!(passwords.iter().all(|password| check_query_password(password).is_ok()));
        assert!(passwords.windows(2).any(|pair| pair[0] != pair[1]));
        assert!(check_query_password("1234567").is_err());
        assert!(check_query_password("1234567a").is_err());
    }

    #[test]
    fn transaction_passwords_are_six_digits() {
        assert_eq!(*transaction_password("123456").unwrap(), [0x12, 0x34, 0x56]);
        for wrong in ["12345", "1234567", "12345a", "１２３４５６"] {
            assert!(transaction_password(wrong).is_err(), "{wrong}");
        }
    }
}
