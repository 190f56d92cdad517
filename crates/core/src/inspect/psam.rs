//! What a developer may see of a terminal's security module.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::card::Card;
use crate::personalise::PsamKeys;
use crate::profile::{PsamArea, PsamKeySlot};

/// A terminal's security module.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PsamView {
    /// Number of the terminal, BCD.
    pub terminal: [u8; 6],
    /// The terminal's counter of purchases, as it was last given out.
    pub counter: u32,
    /// Tries that the master key has left.
    pub master_tries_left: u8,
    /// Its tries in all.
    pub master_tries_max: u8,
    /// The places for keys, by address, and whether a key is there.
    pub keys: Vec<(PsamKeySlot, bool)>,
}

impl Card {
    /// The security module, when the card is one.
    #[must_use]
    pub fn inspect_psam(&self) -> Option<PsamView> {
        let profile = self.profile();
        let plan = profile.blueprint().psam.as_ref()?;
        let start = profile.layout().psam()?;
        let place = |place| start.saturating_add(PsamArea::key(place));
        let mut keys: Vec<(PsamKeySlot, bool)> = (0..)
            .zip(&plan.keys)
            .map(|(number, slot)| (*slot, self.nvm().byte(place(number)) == 1))
            .collect();
        keys.sort_unstable_by_key(|(slot, _)| slot.address);
        Some(PsamView {
            terminal: self.nvm().array(profile.file_address(plan.terminal)?),
            counter: u32::from_be_bytes(self.nvm().array(profile.file_address(plan.counter)?)),
            master_tries_left: self.nvm().tries(start.saturating_add(PsamArea::MASTER_TRIES)),
            master_tries_max: plan.master_tries,
            keys,
        })
    }

    /// The keys of a security module in the clear, in the order of the profile's places: for developers with
    /// test keys, on their explicit wish.
    #[must_use]
    pub fn reveal_psam_keys(&self) -> Option<PsamKeys> {
        let profile = self.profile();
        let plan = profile.blueprint().psam.as_ref()?;
        let start = profile.layout().psam()?;
        let key = |address: usize| {
            let value = Zeroizing::new(self.nvm().array::<16>(address));
            sscard_crypto::Key::new(*value)
        };
        let keys = (0..plan.keys.len()).map(|place| {
            let address = start.saturating_add(PsamArea::key(place));
            (self.nvm().byte(address) == 1).then(|| key(address.saturating_add(1)))
        });
        Some(PsamKeys { master: key(start.saturating_add(PsamArea::MASTER)), keys: keys.collect() })
    }
}
