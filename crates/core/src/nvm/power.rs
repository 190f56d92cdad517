//! The power supply, which fails after so many bytes when it was told to.
//!
//! What enters: bytes that are to be written. What leaves: those that are, and what becomes of the byte under way.

use super::{ERASED, Nvm};
use crate::fault::Fault;

/// What becomes of the byte that is being written when the power fails.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Torn {
    /// It stays what it was: the power failed before.
    #[default]
    Old,
    /// It is written: the power failed behind it.
    New,
    /// It is FF: erased, and not yet written.
    Erased,
}

/// How many more bytes can be written before the supply fails.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Power {
    Steady,
    FailsAfter(u64, Torn),
    Lost,
}

impl Nvm {
    /// Of bytes to be written those that are, and what the next one becomes when the power fails in it and it does
    /// not stay what it was.
    #[inline]
    pub(super) fn afford<'b>(&self, bytes: &'b [u8]) -> (&'b [u8], Option<u8>) {
        let (left, torn) = match self.power {
            Power::Steady => return (bytes, None),
            Power::FailsAfter(left, torn) => (usize::try_from(left).unwrap_or(usize::MAX), torn),
            Power::Lost => (0, Torn::Old),
        };
        match bytes.split_at_checked(left) {
            Some((written, [under_way, ..])) => (written, torn.of(*under_way)),
            _ => (bytes, None),
        }
    }

    #[inline]
    pub(super) fn spend(&mut self, bytes: usize) -> Result<(), Fault> {
        match self.power {
            Power::Steady => Ok(()),
            Power::FailsAfter(left, torn) => {
                let needed = u64::try_from(bytes).unwrap_or(u64::MAX);
                if let Some(rest) = left.checked_sub(needed) {
                    self.power = Power::FailsAfter(rest, torn);
                    Ok(())
                } else {
                    self.power = Power::Lost;
                    Err(Fault::PowerLost)
                }
            }
            Power::Lost => Err(Fault::PowerLost),
        }
    }

    /// Lets the power fail in the `bytes + 1`-th byte that is written from now on.
    pub(crate) fn fail_after(&mut self, bytes: u64, torn: Torn) {
        self.power = Power::FailsAfter(bytes, torn);
    }

    /// The power no longer fails; what is lost is lost.
    pub(crate) fn hold_power(&mut self) {
        if matches!(self.power, Power::FailsAfter(..)) {
            self.power = Power::Steady;
        }
    }

    /// How many bytes the failing supply still allows, when it was told to fail.
    pub(crate) fn allowance(&self) -> Option<u64> {
        match self.power {
            Power::FailsAfter(left, _) => Some(left),
            Power::Steady | Power::Lost => None,
        }
    }

    /// Whether the supply failed in the middle of a write.
    #[inline]
    pub(crate) fn has_lost_power(&self) -> bool {
        self.power == Power::Lost
    }

    /// Power is back: steady, unless it was told to fail again.
    pub(crate) fn restore_power(&mut self) {
        if self.power == Power::Lost {
            self.power = Power::Steady;
        }
    }
}

impl Torn {
    /// What the byte becomes that should be `new`; `None` when it stays.
    const fn of(self, new: u8) -> Option<u8> {
        match self {
            Self::Old => None,
            Self::New => Some(new),
            Self::Erased => Some(ERASED),
        }
    }
}
