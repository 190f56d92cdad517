//! What a terminal's security module holds: keys above those of the cards it is for.

use sscard_apdu::FileId;
use sscard_core::catalogue::{APPLICATIONS, psam_key_of};
use sscard_core::{Holder, KeyId, Profile, PsamKeySlot, PsamKeys};
use sscard_crypto::{Key, Suite, factor};

use super::MasterKeys;
use crate::companion::Companion;
use crate::psam::ModuleKey;

/// TEST master key of a security module.
const MASTER: Key = Key::new(*b"TEST PSAM MASTER");

impl MasterKeys {
    /// Keys of a security module of the holder's division: for each place the key that is diversified as often
    /// as its usage byte says on the way to a card's key. `None` for a profile that is none of a module. A
    /// module that names SSF33, which is not public, holds the TEST root keys, or zeros where the roots are
    /// one's own. What the profile says by value stands before all of it.
    #[must_use]
    pub fn psam_keys(&self, profile: &Profile, holder: &Holder) -> Option<PsamKeys> {
        let plan = profile.blueprint().psam.as_ref()?;
        let suite = profile.algorithm().suite();
        let is_computable = suite.is_some() || self.own.is_none();
        let nothing = || Key::new([0; Key::LENGTH]);
        let master = match &self.own {
            Some(own) if is_computable => (own.root)(FileId::MASTER_FILE, KeyId(0), 1),
            Some(_) => nothing(),
            None => MASTER,
        };
        let own = Companion::of(profile).map(|companion| &companion.psam);
        let master = own.and_then(|own| own.master.clone()).unwrap_or(master);
        let keys = plan.keys.iter().map(|slot| {
            match own.and_then(|own| own.at(slot.address)) {
                Some(ModuleKey::Held(key)) => return Some(key.clone()),
                Some(ModuleKey::Free) => return None,
                None => {}
            }
            let key = self.psam_key(suite, &holder.division, slot)?;
            Some(if is_computable { key } else { nothing() })
        });
        Some(PsamKeys { master, keys: keys.collect() })
    }

    fn psam_key(
        &self,
        suite: Option<Suite>,
        division: &[u8; 6],
        slot: &PsamKeySlot,
    ) -> Option<Key> {
        let entry = psam_key_of(slot.usage, slot.id)?;
        let version = entry.card_version(slot.version)?;
        let known = APPLICATIONS.iter().find(|application| application.name == entry.application);
        // An application that is no part of the catalogue is named by its identifier.
        let number = || u16::from_str_radix(entry.application, 16).ok();
        let application = FileId::new(known.map_or_else(number, |known| Some(known.fid))?);
        let root = self.root_of(application, entry.key, version);
        let Some(suite) = suite else { return Some(root) };
        Some(match slot.usage >> 5 {
            1 => self.city(suite, division, application, entry.key, version),
            2 => suite.diversify(&root, &factor::province(division)),
            _ => root,
        })
    }
}
