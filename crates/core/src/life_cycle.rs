//! Life-cycle states of the card and of an application, one byte each in memory.

/// Life cycle of the social security function as a person sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LifeCycle {
    /// In use.
    Activated,
    /// Produced but not activated, or deactivated: only what activation needs is answered.
    Deactivated,
    /// Permanently blocked: SELECT answers 9303.
    ApplicationBlocked,
    /// The whole card is blocked: every command answers 6A81.
    CardBlocked,
}

impl LifeCycle {
    /// The state's byte in memory, ISO/IEC 7816-4 table 14 where it has one.
    pub(crate) const fn byte(self) -> u8 {
        match self {
            Self::Activated => 0x05,
            Self::Deactivated => 0x04,
            Self::ApplicationBlocked => 0x0C,
            Self::CardBlocked => 0x0F,
        }
    }

    /// An unknown byte counts as blocked: memory that cannot be trusted opens nothing.
    pub(crate) const fn from_byte(byte: u8) -> Self {
        match byte {
            0x05 => Self::Activated,
            0x04 => Self::Deactivated,
            0x0F => Self::CardBlocked,
            _ => Self::ApplicationBlocked,
        }
    }

    /// Name in reports: `activated`, `deactivated`, `application_blocked`, `card_blocked`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Activated => "activated",
            Self::Deactivated => "deactivated",
            Self::ApplicationBlocked => "application_blocked",
            Self::CardBlocked => "card_blocked",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::LifeCycle;

    #[test]
    fn i_13_a_byte_that_is_no_state_is_blocked() {
        use LifeCycle::{Activated, ApplicationBlocked, CardBlocked, Deactivated};
        for state in [Activated, Deactivated, ApplicationBlocked, CardBlocked] {
            assert_eq!(LifeCycle::from_byte(state.byte()), state);
        }
        for byte in (0..=255_u8).filter(|byte| !matches!(byte, 0x04 | 0x05 | 0x0F)) {
            assert_eq!(LifeCycle::from_byte(byte), ApplicationBlocked, "{byte:02X}");
        }
    }
}
