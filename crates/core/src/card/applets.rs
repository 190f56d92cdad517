//! An integrator's applets on a card: put there, looked up, taken off.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;

use sscard_apdu::Aid;

use super::Card;
use crate::applet::Applet;
use crate::residents::{Applets, MAX_POSITIONS, Registered};

/// Why an applet cannot be registered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum RegisterError {
    /// Its AID is not 5 to 16 bytes long (ISO/IEC 7816-4 §12.2.3); so many it is.
    AidLength(usize),
    /// An application, a directory or a DF of the card has this name.
    TakenByCard(Aid),
    /// Another registered applet has this AID.
    TakenByApplet(Aid),
    /// It is the beginning of this name of the card's own, which SELECT has found by that part of its name so far
    /// (ISO/IEC 7816-4 §11.2.2).
    Hidden(Aid),
    /// The card's memory would be larger than 1 MiB.
    Memory(usize),
    /// The card keeps memory of this AID, of another size than the applet asks for.
    MemorySize {
        /// Bytes the card keeps.
        kept: usize,
        /// Bytes the applet asks for.
        asked: usize,
    },
    /// The card has 250 applets.
    TooMany,
}

impl fmt::Display for RegisterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |f: &mut fmt::Formatter<'_>, aid: &Aid| {
            aid.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02X}"))
        };
        match self {
            Self::AidLength(length) => write!(f, "an AID of {length} bytes: use 5 to 16"),
            Self::TakenByCard(aid) => {
                f.write_str("the card itself has an application or a directory named ")?;
                name(f, aid)
            }
            Self::TakenByApplet(aid) => {
                f.write_str("another applet is registered as ")?;
                name(f, aid)
            }
            Self::Hidden(aid) => {
                f.write_str("it is the beginning of a name of the card itself: ")?;
                name(f, aid)
            }
            Self::Memory(asked) => {
                write!(f, "{asked} bytes more: a card has at most 1 MiB of memory")
            }
            Self::MemorySize { kept, asked } => {
                write!(f, "the card keeps {kept} bytes for this applet, which asks for {asked}")
            }
            Self::TooMany => write!(f, "the card has {MAX_POSITIONS} applets"),
        }
    }
}

impl core::error::Error for RegisterError {}

/// What was taken off a card.
#[non_exhaustive]
pub struct Removed {
    /// The applet; `None` when the card had only its memory, from an image.
    pub applet: Option<Arc<dyn Applet>>,
    /// What its memory held.
    pub memory: Vec<u8>,
}

impl Card {
    /// Adds an integrator's own applet behind those that are there, ready for the next SELECT.
    ///
    /// Its memory is made as [`Applet::memory`] says, unless the card keeps memory of this AID from an
    /// image: then the applet goes on with that.
    ///
    /// # Errors
    /// [`RegisterError`]; the card is as it was.
    pub fn register(&mut self, applet: Box<dyn Applet>) -> Result<(), RegisterError> {
        let name = applet.aid();
        let aid = Aid::new(name)
            .filter(|_| name.len() >= 5)
            .ok_or(RegisterError::AidLength(name.len()))?;
        self.require_reachable(&aid)?;
        let content = applet.memory();
        let region = match self.nvm.region(&aid) {
            Some(kept) if kept.length != content.len() => {
                let (kept, asked) = (kept.length, content.len());
                return Err(RegisterError::MemorySize { kept, asked });
            }
            Some(kept) => kept,
            None => {
                let claimed = self.nvm.claim(aid, &content);
                claimed.ok_or(RegisterError::Memory(content.len()))?
            }
        };
        self.registered.push(Registered { aid, applet: Arc::from(applet), region });
        Ok(())
    }

    fn require_reachable(&self, aid: &Aid) -> Result<(), RegisterError> {
        if self.registered.iter().any(|one| one.aid == *aid) {
            return Err(RegisterError::TakenByApplet(*aid));
        }
        let mut applets = Applets::new(&self.profile, &self.registered);
        if applets.is_full() {
            return Err(RegisterError::TooMany);
        }
        let mut names: Vec<Aid> = Vec::new();
        for position in applets.of_profile() {
            names.extend(applets.get(position).and_then(|one| Aid::new(one.aid())));
        }
        let dfs = self.profile.df_positions().filter_map(|position| self.profile.df(position));
        names.extend(dfs.filter_map(|df| Aid::new(&df.name)));
        if names.contains(aid) {
            return Err(RegisterError::TakenByCard(*aid));
        }
        // Among applets the whole name goes before a part of one, whichever came first.
        match names.into_iter().find(|name| name.starts_with(aid.as_bytes())) {
            Some(found) => Err(RegisterError::Hidden(found)),
            None => Ok(()),
        }
    }

    /// The registered applet of this AID.
    #[must_use]
    pub fn applet(&self, aid: &[u8]) -> Option<&dyn Applet> {
        let found = self.registered.iter().find(|one| one.aid.as_bytes() == aid)?;
        Some(&*found.applet)
    }

    /// The registered applet of this AID, when it is of this type.
    #[must_use]
    pub fn applet_as<T: Applet>(&self, aid: &[u8]) -> Option<&T> {
        let applet: &dyn Any = self.applet(aid)?;
        applet.downcast_ref()
    }

    /// AIDs of the registered applets, in the order they were registered.
    pub fn applets(&self) -> impl Iterator<Item = Aid> {
        self.registered.iter().map(|one| one.aid)
    }

    /// AIDs whose memory the card keeps, from an image, while no applet is registered for it.
    pub fn absent_applets(&self) -> impl Iterator<Item = Aid> {
        let names = self.nvm.regions().iter().map(|owned| owned.aid);
        names.filter(|name| !self.applets().any(|registered| registered == *name))
    }

    /// What the memory of this AID holds, whether its applet is registered or not.
    #[must_use]
    pub fn applet_memory(&self, aid: &[u8]) -> Option<Vec<u8>> {
        let region = Aid::new(aid).and_then(|aid| self.nvm.region(&aid))?;
        Some(self.nvm.bytes(region))
    }

    /// Takes an applet off the card, with its memory; channels on which it is selected go back to the MF.
    /// Memory without an applet is taken off, too. `None` when the card has neither.
    pub fn remove(&mut self, aid: &[u8]) -> Option<Removed> {
        let aid = Aid::new(aid)?;
        let memory = self.nvm.release(&aid)?;
        let place = self.registered.iter().position(|one| one.aid == aid);
        let applet = place.map(|place| {
            let first = *Applets::new(&self.profile, &self.registered).registered().start();
            let position = u8::try_from(place).unwrap_or(u8::MAX).saturating_add(first);
            self.channels.forget(position);
            self.registered.remove(place).applet
        });
        Some(Removed { applet, memory })
    }

    /// Goes back to what was kept of this card elsewhere, without power. Registered applets stay, but those
    /// whose memory was not kept.
    pub fn fall_back(&mut self, kept: &Self) {
        let registered = core::mem::take(&mut self.registered);
        self.restore(kept);
        self.power_off();
        self.registered = registered;
        let nvm = &self.nvm;
        self.registered.retain_mut(|one| match nvm.region(&one.aid) {
            Some(region) if region.length == one.region.length => {
                one.region = region;
                true
            }
            _ => false,
        });
    }
}
