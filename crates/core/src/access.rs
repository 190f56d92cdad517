//! Access rules as data, and the security status they are held against.

use core::fmt;

use serde::{Deserialize, Serialize};

/// Identifier of a key as it stands in P2: below 80 global (the environment's), else of one DF.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeyId(pub u8);

impl KeyId {
    /// Internal authentication key IRK.
    pub const IRK: Self = Self(0x00);
    /// Secure messaging key STK of the environment.
    pub const STK: Self = Self(0x02);
    /// Secure messaging key of the selected application.
    pub const STK_OF_APPLICATION: Self = Self(0x82);
    /// Locking key LK of DF03 and of DF04.
    pub const LK: Self = Self(0x83);
    /// Start-day key DSK of the medical purse \[choice\].
    pub const DSK: Self = Self(0x8A);
    /// Update key of the environment.
    pub const UK_SSSE: Self = Self(0x04);
    /// Block key BK.
    pub const BK: Self = Self(0x05);
    /// PIN unblock and reload key PUK.
    pub const PUK: Self = Self(0x06);
    /// Read key of the environment.
    pub const RK_SSSE: Self = Self(0x0A);

    /// Whether the key belongs to the environment and not to one application.
    #[must_use]
    pub const fn is_global(self) -> bool {
        self.0 & 0x80 == 0
    }

    const fn bit(self) -> u16 {
        1 << (self.0 & 0x0F)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({:02X})", self.0)
    }
}

/// Who may read or update a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum AccessRule {
    /// Anybody.
    Free,
    /// After external authentication with this key.
    Key(KeyId),
    /// Nobody; only the card itself.
    Never,
    /// After the holder's PIN.
    Pin,
    /// After the PIN and external authentication.
    PinAndKey(KeyId),
    /// After the PIN or external authentication.
    PinOrKey(KeyId),
}

impl AccessRule {
    /// The key the rule names, if any.
    #[must_use]
    pub const fn key(self) -> Option<KeyId> {
        match self {
            Self::Free | Self::Never | Self::Pin => None,
            Self::Key(key) | Self::PinAndKey(key) | Self::PinOrKey(key) => Some(key),
        }
    }
}

/// What has been proved on one logical channel since power-on.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
pub(crate) struct SecurityStatus {
    pin: bool,
    global: u16,
    of_application: u16,
}

impl SecurityStatus {
    pub(crate) fn set_pin(&mut self, verified: bool) {
        self.pin = verified;
    }

    pub(crate) fn grant(&mut self, key: KeyId) {
        let keys = if key.is_global() { &mut self.global } else { &mut self.of_application };
        *keys |= key.bit();
    }

    #[inline]
    pub(crate) fn has(self, key: KeyId) -> bool {
        let keys = if key.is_global() { self.global } else { self.of_application };
        keys & key.bit() != 0
    }

    /// The keys that are proved, in ascending order.
    pub(crate) fn keys(self) -> impl Iterator<Item = KeyId> {
        let ids = (0x00..=0x0F).chain(0x80..=0x8F).map(KeyId);
        ids.filter(move |key| self.has(*key))
    }

    /// Leaving a DF drops what its own keys proved (part 5 §6.11, part 7 §6.6).
    pub(crate) fn leave_application(&mut self) {
        self.of_application = 0;
    }

    /// Leaving the environment drops what any key proved; the PIN lasts until power-off
    /// (part 7 §5.8).
    pub(crate) fn leave_environment(&mut self) {
        self.of_application = 0;
        self.global = 0;
    }

    #[inline]
    pub(crate) fn satisfies(self, rule: AccessRule) -> bool {
        match rule {
            AccessRule::Free => true,
            AccessRule::Never => false,
            AccessRule::Pin => self.pin,
            AccessRule::Key(key) => self.has(key),
            AccessRule::PinOrKey(key) => self.pin || self.has(key),
            AccessRule::PinAndKey(key) => self.pin && self.has(key),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn a_key_identifier_prints_as_it_stands_in_p2() {
        assert_eq!(format!("{:?}", KeyId::STK_OF_APPLICATION), "KeyId(82)");
        assert_eq!(format!("{:?}", KeyId::RK_SSSE), "KeyId(0A)");
    }

    #[test]
    fn rules_hold_exactly_when_their_parts_do() {
        let key = KeyId(0x84);
        let rules = [
            AccessRule::Free,
            AccessRule::Never,
            AccessRule::Pin,
            AccessRule::Key(key),
            AccessRule::PinOrKey(key),
            AccessRule::PinAndKey(key),
        ];
        let table = [
            (false, false, [true, false, false, false, false, false]),
            (true, false, [true, false, true, false, true, false]),
            (false, true, [true, false, false, true, true, false]),
            (true, true, [true, false, true, true, true, true]),
        ];
        for (pin, authenticated, expected) in table {
            let mut status = SecurityStatus::default();
            status.set_pin(pin);
            if authenticated {
                status.grant(key);
            }
            assert_eq!(rules.map(|rule| status.satisfies(rule)), expected);
        }
    }

    #[test]
    fn global_and_application_keys_of_one_number_are_apart() {
        let mut status = SecurityStatus::default();
        status.grant(KeyId(0x04));
        assert!(!status.has(KeyId(0x84)));
        status.grant(KeyId(0x84));
        status.leave_application();
        assert!(status.has(KeyId(0x04)) && !status.has(KeyId(0x84)));
        status.leave_environment();
        assert_eq!(status, SecurityStatus::default());
    }
}
