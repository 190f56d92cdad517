//! What `sscard inspect` shows of a terminal's security module (PSAM).

use std::io::{self, Write};

use sscard_core::Card;
use sscard_core::catalogue::psam_key_of;
use sscard_core::inspect::DirectoryView;

use crate::commands::hex;

/// The lines at the beginning; whether the card is a module.
pub(super) fn print_head(out: &mut dyn Write, card: &Card) -> io::Result<bool> {
    let Some(psam) = card.inspect_psam() else { return Ok(false) };
    let present = psam.keys.iter().filter(|(_, present)| *present).count();
    writeln!(out, "kind       security module (PSAM)")?;
    writeln!(out, "terminal   {}", hex(&psam.terminal))?;
    writeln!(out, "counter    {} purchases", psam.counter)?;
    writeln!(out, "master key {} of {} tries left", psam.master_tries_left, psam.master_tries_max)?;
    writeln!(out, "keys       {present} at {} addresses", psam.keys.len())?;
    Ok(true)
}

/// What a module's directory is; `None` for a holder's card.
pub(super) fn label(card: &Card, directory: &DirectoryView) -> Option<&'static str> {
    let plan = card.profile().blueprint().psam.as_ref()?;
    Some(if directory.fid == plan.application {
        "终端安全模块"
    } else if directory.df_name.is_empty() {
        ""
    } else {
        "PSAM 环境"
    })
}

/// Its keys by address.
pub(super) fn print_keys(out: &mut dyn Write, card: &Card, reveal: bool) -> io::Result<()> {
    let (Some(psam), Some(keys)) = (card.inspect_psam(), card.reveal_psam_keys()) else {
        return Ok(());
    };
    writeln!(out)?;
    if reveal {
        writeln!(out, "  master key  {} (TEST key)", hex(keys.master.expose()))?;
    }
    let plan = card.profile().blueprint().psam.as_ref();
    for (slot, present) in &psam.keys {
        let name = psam_key_of(slot.usage, slot.id).map_or("", |entry| entry.name);
        let place = plan.and_then(|plan| plan.keys.iter().position(|other| other == slot));
        let value = place.and_then(|place| keys.keys.get(place)).and_then(Option::as_ref);
        let value = match (present, value) {
            (false, _) => "  free".to_owned(),
            (true, Some(key)) if reveal => format!("  {} (TEST key)", hex(key.expose())),
            (true, _) => String::new(),
        };
        let line = format!(
            "  key {:04X} usage {:02X} id {:02X} v{} {name:<9}{value}",
            slot.address, slot.usage, slot.id, slot.version
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
