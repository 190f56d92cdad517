//! A terminal's security module as tables of a profile.

use std::fmt::Write as _;

use sscard_apdu::FileId;
use sscard_core::catalogue::psam_key_of;
use sscard_core::inspect::directory_name;
use sscard_core::{Card, Holder, Profile, PsamPlan};
use sscard_crypto::Key;

use super::{hex, line, quoted};
use crate::{MasterKeys, issue};

/// Holder, state, and the table `[psam]`.
pub(super) fn module(out: &mut String, card: &Card, plan: &PsamPlan, holder: &Holder) {
    let _ = writeln!(out, "\n[holder]");
    line(out, "division", &quoted(&String::from_utf8_lossy(&holder.division)));
    line(out, "serial", &hex(&holder.serial));
    let state = card.reveal_state();
    let _ = writeln!(out, "\n[state]");
    if state.card_blocked == Some(true) {
        line(out, "blocked", &"[\"card\"]");
    }
    if let Some(random) = &state.random {
        line(out, "random", &hex(&**random));
    }
    let _ = writeln!(out, "\n[state.psam]");
    if let Some(counter) = state.psam.counter {
        line(out, "counter", &counter);
    }
    if let Some(left) = state.psam.master_tries_left {
        line(out, "master_tries_left", &left);
    }
    // The module as personalisation leaves it, without what stands beside the profile.
    let plain = Profile::new(card.profile().blueprint().clone());
    let plain = plain.unwrap_or_else(|_| card.profile().clone());
    let fresh = issue(&plain, holder, &MasterKeys::test()).ok();
    files(out, card, plan, fresh.as_ref());
    let _ = writeln!(out, "\n[psam]");
    if let Some(number) = own_terminal(card, plan) {
        line(out, "terminal", &hex(&number));
    }
    line(out, "master_tries", &plan.master_tries);
    keys(out, card, plan, fresh.as_ref());
}

/// The number of the terminal, where it is the profile's and no part of the card's serial.
fn own_terminal(card: &Card, plan: &PsamPlan) -> Option<Vec<u8>> {
    let mut files = card.profile().blueprint().dfs.iter().flat_map(|df| &df.files);
    let file = files.find(|file| file.fid == plan.terminal)?;
    Some(file.content.clone()).filter(|number| !number.is_empty())
}

/// Files whose content is another than a new module's; the counter has a setting of its own.
fn files(out: &mut String, card: &Card, plan: &PsamPlan, fresh: Option<&Card>) {
    let usual = fresh.map(|card| card.reveal_state().files).unwrap_or_default();
    let state = card.reveal_state();
    let other: Vec<_> = state
        .files
        .iter()
        .filter(|file| file.file != plan.counter && !usual.contains(file))
        .collect();
    if other.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n[state.files]");
    for file in other {
        let path = format!("\"{}/{}\"", directory_name(file.application), file.file);
        line(out, &path, &hex(&file.content));
    }
}

/// The master key and the others by their addresses. A key that is derived from the TEST keys as any other has no
/// value: it follows a division that is another.
fn keys(out: &mut String, card: &Card, plan: &PsamPlan, fresh: Option<&Card>) {
    let Some(held) = card.reveal_psam_keys() else { return };
    let usual = fresh.and_then(Card::reveal_psam_keys);
    let same =
        |key: &Key, usual: Option<&Key>| usual.is_some_and(|usual| usual.expose() == key.expose());
    if !same(&held.master, usual.as_ref().map(|keys| &keys.master)) {
        line(out, "master", &hex(held.master.expose()));
    }
    let _ = writeln!(out, "keys = [");
    for (place, (slot, key)) in plan.keys.iter().zip(&held.keys).enumerate() {
        let usual = usual.as_ref().and_then(|keys| keys.keys.get(place)?.as_ref());
        let value = match key {
            None => ", free = true".to_owned(),
            Some(key) if same(key, usual) => String::new(),
            Some(key) => format!(", value = {}", hex(key.expose())),
        };
        let known = psam_key_of(slot.usage, slot.id);
        let remark = known.map_or(String::new(), |entry| format!(" # {}", entry.name));
        let _ = writeln!(
            out,
            "  {{ address = \"{:04X}\", usage = \"{:02X}\", id = \"{:02X}\", version = {}{value} }},{remark}",
            slot.address, slot.usage, slot.id, slot.version
        );
    }
    let _ = writeln!(out, "]");
}

/// The third byte of the division in a module's card data (version, division, three bytes 00, serial), whose first two
/// are known.
pub(super) fn last_of_division(card: &Card, first: [u8; 2]) -> Option<u8> {
    card.profile().blueprint().psam.as_ref()?;
    let state = card.reveal_state();
    let data = state.files.iter().find(|file| file.file == FileId::new(0x0015))?;
    match data.content[..] {
        [_, a, b, last, ..] if [a, b] == first => Some(last),
        _ => None,
    }
}
