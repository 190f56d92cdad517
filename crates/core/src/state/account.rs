//! The state of a payment application beside its plan, its account and its keys.

use alloc::string::String;
use alloc::vec::Vec;

use sscard_apdu::dol;
use zeroize::Zeroizing;

use super::{StateError, misfit, put};
use crate::card::Card;
use crate::nvm::Nvm;

use crate::profile::{Area, FinancialApplication, FinancialLayout, LOAD_LOG_HEAD, Log, Profile};

/// Bytes of [`PaymentState::risk`]: from the counter of the last online transaction up to the keys.
const RISK: usize = Area::KEYS - Area::LAST_ONLINE_ATC;

/// The state of a payment application.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct PaymentState {
    /// Whether it is blocked.
    pub blocked: Option<bool>,
    /// Wrong PINs left; at 0 the PIN is locked.
    pub pin_tries_left: Option<u8>,
    /// Application transaction counter.
    pub atc: Option<u16>,
    /// Counter at the last online transaction.
    pub last_online_atc: Option<u16>,
    /// What the last transactions left for the next: the counter of the last online one (2 bytes), flags, number
    /// of scripts, counters by currency and by country, cumulative amounts (6 bytes each, 6 unused), and an
    /// unfinished qPBOC transaction (14 bytes): 38 bytes, whose first two `last_online_atc` replaces.
    pub risk: Option<[u8; RISK]>,
    /// The transaction log, the newest record first.
    pub transaction_log: Option<Vec<Vec<u8>>>,
    /// The load log, likewise.
    pub load_log: Option<Vec<Vec<u8>>>,
}

pub(super) fn write(
    nvm: &mut Nvm,
    profile: &Profile,
    accounts: &[PaymentState],
) -> Result<(), StateError> {
    for (index, state) in (0..).zip(accounts) {
        let (plan, place) = profile
            .application(index)
            .ok_or(misfit("a payment application whose state is set is not on the card"))?;
        let at = |offset: usize| place.base.saturating_add(offset);
        if let Some(risk) = &state.risk {
            put(nvm, at(Area::LAST_ONLINE_ATC), risk)?;
        }
        if let Some(blocked) = state.blocked {
            put(nvm, at(Area::STATE), &[u8::from(blocked)])?;
        }
        if let Some(left) = state.pin_tries_left {
            if left > plan.pin_tries {
                return Err(misfit("an account's PIN has more tries left than it has in all"));
            }
            put(nvm, at(Area::PIN_TRIES), &[left])?;
        }
        if let Some(atc) = state.atc {
            put(nvm, at(Area::ATC), &atc.to_be_bytes())?;
        }
        if let Some(atc) = state.last_online_atc {
            put(nvm, at(Area::LAST_ONLINE_ATC), &atc.to_be_bytes())?;
        }
        for (records, log, address, head) in [
            (&state.transaction_log, &plan.transaction_log, place.transaction_log, 0),
            (&state.load_log, &plan.load_log, place.load_log, LOAD_LOG_HEAD),
        ] {
            if let Some(records) = records {
                write_log(nvm, log.as_ref(), address, head, records)?;
            }
        }
    }
    Ok(())
}

fn write_log(
    nvm: &mut Nvm,
    log: Option<&Log>,
    address: usize,
    head: usize,
    records: &[Vec<u8>],
) -> Result<(), StateError> {
    if records.is_empty() {
        return Ok(());
    }
    let log = log.ok_or(misfit("a log whose records are set is not on the card"))?;
    let length = length(log, head);
    let count = u8::try_from(records.len()).ok().filter(|count| *count <= log.records);
    let count = count.ok_or(misfit("a log has more records than it holds"))?;
    if records.iter().any(|record| record.len() != length) {
        return Err(misfit("a log's record has another length than its format says"));
    }
    let oldest_first: Vec<u8> = records.iter().rev().flatten().copied().collect();
    put(nvm, address, &[count, count.saturating_sub(1)])?;
    put(nvm, address.saturating_add(2), &oldest_first)
}

fn length(log: &Log, head: usize) -> usize {
    dol::total_length(&log.format).unwrap_or(0).saturating_add(head)
}

pub(super) fn states(card: &Card) -> Vec<PaymentState> {
    let accounts = (0..u8::MAX).map_while(|index| card.profile().application(index));
    accounts.map(|(plan, place)| state(card, plan, place)).collect()
}

fn state(card: &Card, plan: &FinancialApplication, place: &FinancialLayout) -> PaymentState {
    let nvm = card.nvm();
    let at = |offset: usize| place.base.saturating_add(offset);
    let contents = card.inspect_account_contents();
    let content = contents.iter().find(|content| content.aid == plan.aid.as_bytes());
    let records = |log: &Option<Log>| {
        let sfi = log.as_ref().map(|log| log.sfi.number());
        let logs = content.map_or(&[][..], |content| &content.logs);
        logs.iter().find(|log| Some(log.sfi) == sfi).map(|log| log.records.clone())
    };
    PaymentState {
        blocked: Some(nvm.byte(at(Area::STATE)) != 0),
        pin_tries_left: Some(nvm.tries(at(Area::PIN_TRIES))),
        atc: Some(nvm.word(at(Area::ATC))),
        last_online_atc: Some(nvm.word(at(Area::LAST_ONLINE_ATC))),
        risk: Some(nvm.array(at(Area::LAST_ONLINE_ATC))),
        transaction_log: records(&plan.transaction_log),
        load_log: records(&plan.load_log),
    }
}

impl Card {
    /// The PINs of the payment applications, in the profile's order, as [`Card::reveal_state`] shows the rest.
    #[must_use]
    pub fn reveal_account_pins(&self) -> Vec<Zeroizing<String>> {
        let accounts = (0..u8::MAX).map_while(|index| self.profile().application(index));
        let pin = |(_, place): (&FinancialApplication, &FinancialLayout)| {
            // ISO 9564 format 2: 2, the length, the digits, F.
            let block = Zeroizing::new(self.nvm().array::<8>(place.base.saturating_add(Area::PIN)));
            let [first, rest @ ..] = &*block;
            let digits = rest.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]);
            let digits = digits.take(usize::from(first & 0x0F));
            Zeroizing::new(digits.filter_map(|digit| char::from_digit(digit.into(), 10)).collect())
        };
        accounts.map(pin).collect()
    }
}
