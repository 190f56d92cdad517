//! One number for the whole state of a card, cheap enough to be taken after every command.
//!
//! What enters: a card. What leaves: 64 bits. The memory's part is kept up by the memory as it is written
//! ([`Nvm::content`](crate::nvm::Nvm)), the profile's is computed once, and what is volatile is short: nothing
//! here reads the memory.

use core::fmt;
use core::hash::{Hash, Hasher};

use super::Card;
use crate::mixer::Mixer;
use crate::nvm::Owned;

/// What [`Card::digest`] makes of a card. It is for comparing cards of one program, not for keeping: another
/// version may compute it differently.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardDigest(u64);

impl CardDigest {
    /// The number.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }
}

impl fmt::Display for CardDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016X}", self.0)
    }
}

impl fmt::Debug for CardDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardDigest({self})")
    }
}

impl Card {
    /// A digest of everything that decides what the card answers from now on: its profile, its memory and the
    /// journal of an open transaction, whether it has power and on which side, the random numbers of the
    /// session, every open channel, the names of an integrator's applets, the places of their memory.
    ///
    /// Equal cards have equal digests, clones and snapshots among them, and so has a card without power and
    /// what comes out of its image, once its applets are registered there, too. Two different states have the same digest with a probability of
    /// 2⁻⁶⁴; it is no protection against somebody who looks for such a pair. The supply is outside the card:
    /// a cut that [`cut_power_after`](Self::cut_power_after) has armed does not count.
    ///
    /// Nothing is allocated and no memory is read: it takes well below a microsecond.
    #[must_use]
    pub fn digest(&self) -> CardDigest {
        let mut mixer = Mixer::default();
        mixer.write_u64(self.profile.digest());
        mixer.write_u64(self.nvm.content());
        self.nvm.journal().hash(&mut mixer);
        (self.powered, self.interface.is_contactless()).hash(&mut mixer);
        self.session.hash(&mut mixer);
        self.channels.hash(&mut mixer);
        for applet in &self.registered {
            applet.aid.hash(&mut mixer);
        }
        for Owned { aid, region } in self.nvm.regions() {
            (aid, region.base, region.length).hash(&mut mixer);
        }
        CardDigest(mixer.finish())
    }
}
