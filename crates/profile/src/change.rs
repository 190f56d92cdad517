//! Changes of a card that is there: the fields of `[state]`, and the items of `new --set`.
//!
//! What enters: named fields, from JSON or wherever. What leaves: another state of the card, or which field is wrong and what would
//! be right.

use serde::{Deserialize, Deserializer};
use sscard_core::catalogue::SSSE;
use sscard_core::{Blueprint, Card, DeliveryState, ItemOverride, KeyId, KeyState, LifeCycle};

use crate::delivery::{Delivery, EXPIRY, LONG_AGO, StateTable, delivery};
use crate::{fields, synthetic_holder};

/// Changes a card: `items` are those of EF05 and EF06 by name or tag, `state` the fields of a profile's `[state]`. What is blocked
/// becomes exactly what its `blocked` lists.
///
/// # Errors
/// Which field is wrong, and what would be right; the card may be changed in part then, so whoever asks keeps a snapshot.
pub fn change_card<'de, D: Deserializer<'de>>(
    card: &mut Card,
    items: &[(&str, &str)],
    state: D,
) -> Result<(), String> {
    let table = StateTable::deserialize(state).map_err(|error| error.to_string())?;
    let blueprint = card.profile().blueprint();
    let delivery = delivery(None, Some(&table), None, blueprint, &[]);
    let Delivery { mut state, life_cycle, expired, .. } =
        delivery.map_err(|error| error.to_string())?;
    if let Some(listed) = &table.blocked {
        unblock_the_rest(card, listed, &mut state);
    }
    state.environment = life_cycle.or(state.environment);
    let mut holder = synthetic_holder(1);
    holder.overrides.clear();
    for (name, value) in items {
        fields::set(&mut holder, &format!("{name}={value}")).map_err(|error| error.to_string())?;
    }
    match table.expired {
        Some(false) => {
            return Err("expired: say the day until which it is valid: expiry_date".into());
        }
        Some(true) if holder.overrides.iter().any(|item| item.tag == EXPIRY) => {
            return Err("expired: expiry_date says the day already: leave one out".into());
        }
        _ if expired => {
            holder.overrides.push(ItemOverride { tag: EXPIRY, value: LONG_AGO.to_vec() });
        }
        _ => {}
    }
    card.set_items(&holder.overrides).map_err(|error| error.to_string())?;
    card.set_state(&state).map_err(|error| error.0.to_owned())
}

/// Whether the fields of a state are of a kind that [`change_card`] takes; one at a time says which one is not.
///
/// # Errors
/// What is wrong: the type, the range, the name.
pub fn check_state<'de, D: Deserializer<'de>>(state: D) -> Result<(), String> {
    StateTable::deserialize(state).map(drop).map_err(|error| error.to_string())
}

/// What is not listed is not blocked.
fn unblock_the_rest(card: &Card, listed: &[String], state: &mut DeliveryState) {
    let blueprint = card.profile().blueprint();
    let is_listed = |name: &str| listed.iter().any(|listed| listed == name);
    let now = card.reveal_state();
    if !is_listed("card") {
        state.card_blocked = Some(false);
    }
    if !is_listed("SSSE") && now.environment == Some(LifeCycle::ApplicationBlocked) {
        state.environment = Some(LifeCycle::Activated);
    }
    for key in blocking_keys(blueprint) {
        let has = |keys: &[KeyState]| {
            let same = |known: &&KeyState| {
                (known.application, known.id, known.version)
                    == (key.application, key.id, key.version)
            };
            keys.iter().find(same).map(|known| known.tries_left)
        };
        if has(&state.keys).is_none() && has(&now.keys) == Some(0) {
            state.keys.push(key);
        }
    }
    let count = blueprint.financial.applications.len();
    state.accounts.resize_with(count, Default::default);
    for account in &mut state.accounts {
        account.blocked = account.blocked.or(Some(false));
    }
}

/// The keys that block a DF of the environment, with all their tries.
fn blocking_keys(blueprint: &Blueprint) -> impl Iterator<Item = KeyState> {
    let dfs = blueprint.dfs.iter().filter(|df| df.fid != SSSE);
    dfs.filter_map(|df| {
        let slot = df.keys.iter().find(|slot| slot.id == KeyId::STK_OF_APPLICATION)?;
        let (id, version, tries_left) = (slot.id, slot.version, slot.tries);
        Some(KeyState { application: df.fid, id, version, tries_left })
    })
}
