//! Holder and state of a card as tables of a profile.

use std::fmt::Write as _;

use sscard_apdu::FileId;
use sscard_core::inspect::directory_name;
use sscard_core::{Card, Holder, LifeCycle, PurseState};

use super::{hex, line, quoted};

/// `[holder]`; the items of EF05 and EF06 are the records of these files.
pub(super) fn holder(out: &mut String, card: &Card, holder: &Holder) {
    let _ = writeln!(out, "\n[holder]");
    line(out, "division", &quoted(&String::from_utf8_lossy(&holder.division)));
    line(out, "serial", &hex(&holder.serial));
    let pin = card.reveal_pin();
    let digits = hex::encode(&*pin);
    line(out, "pin", &quoted(digits.trim_end_matches('f')));
}

/// `[state]` and the tables in it.
pub(super) fn state(out: &mut String, card: &Card, raw: &[(FileId, FileId)]) {
    let state = card.reveal_state();
    let _ = writeln!(out, "\n[state]");
    if state.environment == Some(LifeCycle::Deactivated) {
        line(out, "life_cycle", &"\"deactivated\"");
    }
    let mut blocked = Vec::new();
    if state.card_blocked == Some(true) {
        blocked.push("\"card\"");
    }
    if state.environment.is_some_and(|life_cycle| {
        !matches!(life_cycle, LifeCycle::Activated | LifeCycle::Deactivated)
    }) {
        blocked.push("\"SSSE\"");
    }
    if !blocked.is_empty() {
        line(out, "blocked", &format!("[{}]", blocked.join(", ")));
    }
    if let Some(left) = state.pin_tries_left {
        line(out, "pin_tries_left", &left);
    }
    if let Some(random) = &state.random {
        line(out, "random", &hex(&**random));
    }
    if let Some(pki) = &state.pki {
        line(out, "pki", &hex(pki));
    }
    keys(out, card, &state.keys);
    let files: Vec<_> =
        state.files.iter().filter(|file| raw.contains(&(file.application, file.file))).collect();
    if !files.is_empty() {
        let _ = writeln!(out, "\n[state.files]");
        for file in files {
            let path = format!("\"{}/{}\"", directory_name(file.application), file.file);
            line(out, &path, &hex(&file.content));
        }
    }
    purse(out, &state.purse);
    accounts(out, card, &state.accounts);
}

fn keys(out: &mut String, card: &Card, states: &[sscard_core::KeyState]) {
    let used: Vec<_> = states
        .iter()
        .filter(|state| {
            let df = card.profile().blueprint().dfs.iter().find(|df| df.fid == state.application);
            let slots = df.map_or(&[][..], |df| &df.keys);
            let slot =
                slots.iter().find(|slot| (slot.id, slot.version) == (state.id, state.version));
            slot.is_none_or(|slot| slot.tries != state.tries_left)
        })
        .collect();
    if used.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n[state.keys]");
    for key in used {
        let df = directory_name(key.application);
        line(out, &format!("\"{df}/{:02X}/{}\"", key.id.0, key.version), &key.tries_left);
    }
}

fn purse(out: &mut String, purse: &PurseState) {
    if *purse == PurseState::default() {
        return;
    }
    let _ = writeln!(out, "\n[state.purse]");
    let mut number = |name: &str, value: Option<u32>| {
        if let Some(value) = value {
            line(out, name, &value);
        }
    };
    number("balance", purse.balance);
    number("self_paid", purse.self_paid);
    number("pooled", purse.pooled);
    number("loads", purse.loads.map(u32::from));
    number("purchases", purse.purchases.map(u32::from));
    let mut bytes = |name: &str, value: Option<&[u8]>| {
        if let Some(value) = value {
            line(out, name, &hex(value));
        }
    };
    bytes("year", purse.year.as_ref().map(|year| &year[..]));
    bytes("start_day", purse.start_day.as_ref().map(|day| &day[..]));
    bytes("load_proof", purse.load_proof.as_ref().map(|proof| &proof[..]));
    bytes("purchase_proof", purse.purchase_proof.as_ref().map(|proof| &proof[..]));
}

fn accounts(out: &mut String, card: &Card, states: &[sscard_core::PaymentState]) {
    let plans = &card.profile().blueprint().financial.applications;
    for (plan, state) in plans.iter().zip(states) {
        let _ = writeln!(out, "\n[[state.accounts]]");
        line(out, "aid", &hex(plan.aid.as_bytes()));
        line(out, "blocked", &state.blocked.unwrap_or(false));
        if let Some(left) = state.pin_tries_left {
            line(out, "pin_tries_left", &left);
        }
        if let Some(risk) = &state.risk {
            line(out, "risk", &hex(risk));
        }
        for (name, log) in
            [("transaction_log", &state.transaction_log), ("load_log", &state.load_log)]
        {
            let Some(records) = log else { continue };
            let records: Vec<_> = records.iter().map(|record| hex(record)).collect();
            line(out, name, &format!("[{}]", records.join(", ")));
        }
    }
}
