//! The tables `[state.purse]` and `[[state.accounts]]`.

use sscard_core::{Blueprint, DeliveryState, PaymentState, PurseState};

use super::{AccountStateTable, PurseStateTable};
use crate::refusal::LoadError;
use crate::rules::bytes;
use crate::social::{contradiction, value};

pub(super) fn read_purse(
    table: &PurseStateTable,
    blueprint: &Blueprint,
) -> Result<PurseState, LoadError> {
    let setting = |what: &str| format!("state.purse.{what}");
    let plan = blueprint.purse.as_ref();
    let plan =
        plan.ok_or_else(|| contradiction("state.purse".to_owned(), "this card has no purse"))?;
    if table.balance.is_some_and(|balance| balance > plan.balance_limit) {
        let reason = format!("the purse holds at most {}", plan.balance_limit);
        return Err(contradiction(setting("balance"), reason));
    }
    Ok(PurseState {
        balance: table.balance,
        self_paid: table.self_paid,
        pooled: table.pooled,
        year: fixed(&table.year, || setting("year"), "a year such as 2026")?,
        start_day: fixed(&table.start_day, || setting("start_day"), "a day MMDD such as 0701")?,
        loads: table.loads,
        purchases: table.purchases,
        load_proof: fixed(&table.load_proof, || setting("load_proof"), PROOF)?,
        purchase_proof: fixed(&table.purchase_proof, || setting("purchase_proof"), PROOF)?,
    })
}

const PROOF: &str = "a counter, MAC2 and TAC: 10 bytes in hexadecimal";

fn fixed<const N: usize>(
    text: &Option<String>,
    setting: impl Fn() -> String,
    wanted: &'static str,
) -> Result<Option<[u8; N]>, LoadError> {
    let read = |text: &String| {
        let found = bytes(text).and_then(|bytes| bytes.try_into().ok());
        found.ok_or_else(|| value(&setting(), text, wanted))
    };
    text.as_ref().map(read).transpose()
}

/// Changes the state of a payment application.
pub(super) fn account(
    state: &mut DeliveryState,
    index: usize,
    change: impl FnOnce(&mut PaymentState),
) {
    if state.accounts.len() <= index {
        state.accounts.resize_with(index.saturating_add(1), PaymentState::default);
    }
    if let Some(account) = state.accounts.get_mut(index) {
        change(account);
    }
}

pub(super) fn read_account(
    state: &mut DeliveryState,
    blueprint: &Blueprint,
    table: &AccountStateTable,
    place: usize,
) -> Result<(), LoadError> {
    let setting = |what: &str| format!("state.accounts[{place}].{what}");
    let applications = &blueprint.financial.applications;
    let aid = bytes(&table.aid);
    let index = applications.iter().position(|one| aid.as_deref() == Some(one.aid.as_bytes()));
    let wanted = "the AID of a payment application of this card";
    let index = index.ok_or_else(|| value(&setting("aid"), &table.aid, wanted))?;
    let most = applications.get(index).map_or(0, |one| one.pin_tries);
    if table.pin_tries_left.is_some_and(|left| left > most) {
        let reason = format!("this PIN has {most} tries in all; 0 is a locked PIN");
        return Err(contradiction(setting("pin_tries_left"), reason));
    }
    let log = |records: &Option<Vec<String>>, what: &str, plan: Option<(usize, u8)>| {
        let Some(records) = records else { return Ok(None) };
        let reason = || "this application has no such log".to_owned();
        let (length, most) = plan.ok_or_else(|| contradiction(setting(what), reason()))?;
        if records.len() > usize::from(most) {
            return Err(contradiction(setting(what), format!("this log holds {most} records")));
        }
        let read = |(number, text): (usize, &String)| {
            let record = bytes(text).filter(|record| record.len() == length);
            let reason = || format!("a record of this log has {length} bytes in hexadecimal");
            record.ok_or_else(|| contradiction(setting(&format!("{what}[{number}]")), reason()))
        };
        records.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>().map(Some)
    };
    let plan = applications.get(index);
    let lengths = |log: Option<&sscard_core::Log>, head: usize| {
        let log = log?;
        let length = sscard_apdu::dol::total_length(&log.format).ok()?;
        Some((length.saturating_add(head), log.records))
    };
    let transactions = lengths(plan.and_then(|plan| plan.transaction_log.as_ref()), 0);
    let loads = lengths(plan.and_then(|plan| plan.load_log.as_ref()), LOAD_LOG_HEAD);
    let transaction_log = log(&table.transaction_log, "transaction_log", transactions)?;
    let load_log = log(&table.load_log, "load_log", loads)?;
    let risk = fixed(&table.risk, || setting("risk"), "38 bytes in hexadecimal")?;
    account(state, index, |account| {
        account.blocked = table.blocked.or(account.blocked);
        account.pin_tries_left = table.pin_tries_left;
        account.atc = table.atc;
        account.last_online_atc = table.last_online_atc;
        account.risk = risk;
        account.transaction_log = transaction_log;
        account.load_log = load_log;
    });
    Ok(())
}

/// Bytes in front of each record of the load log (JR/T 0025.13 §10.2).
const LOAD_LOG_HEAD: usize = 14;
