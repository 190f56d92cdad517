//! A terminal's security module (PSAM).

use sscard_core::Card;
use sscard_core::catalogue::psam_key_of;

use super::{InspectedModule, InspectedModuleKey, RevealedKey};
use crate::unit::Hex;

pub(super) fn document(card: &Card) -> Option<InspectedModule> {
    let psam = card.inspect_psam()?;
    let keys = psam.keys.iter().map(|(slot, present)| InspectedModuleKey {
        address: Hex::of(slot.address.to_be_bytes()),
        usage: Hex::of([slot.usage]),
        id: Hex::of([slot.id]),
        version: slot.version,
        name: psam_key_of(slot.usage, slot.id).map(|entry| entry.name),
        present: *present,
    });
    Some(InspectedModule {
        terminal: Hex::of(psam.terminal),
        counter: psam.counter,
        master_tries_left: psam.master_tries_left,
        master_tries_max: psam.master_tries_max,
        keys: keys.collect(),
    })
}

/// Its keys with their values: the master key, then the others in the order of the profile.
pub(super) fn keys(card: &Card) -> Vec<RevealedKey> {
    let plan = card.profile().blueprint().psam.as_ref();
    let (Some(plan), Some(keys)) = (plan, card.reveal_psam_keys()) else { return Vec::new() };
    let algorithm = card.profile().algorithm().name();
    let master = RevealedKey {
        name: Some("MK".into()),
        application: "PSAM".to_owned(),
        id: None,
        version: None,
        algorithm,
        value: Hex::of(keys.master.expose()),
    };
    let others = plan.keys.iter().zip(&keys.keys).filter_map(|(slot, key)| {
        let entry = psam_key_of(slot.usage, slot.id);
        Some(RevealedKey {
            name: entry.map(|entry| entry.name.into()),
            application: entry.map_or("PSAM", |entry| entry.application).to_owned(),
            id: Some(Hex::of([slot.usage, slot.id])),
            version: Some(slot.version),
            algorithm,
            value: Hex::of(key.as_ref()?.expose()),
        })
    });
    std::iter::once(master).chain(others).collect()
}
