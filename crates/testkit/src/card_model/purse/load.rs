//! Loading: INITIALIZE LOAD and CREDIT LOAD.

use sscard_apdu::StatusWord;
use sscard_crypto::SessionKey;

use super::money::{Movement, Way, carry_out, counter};
use super::plan::Plan;
use super::{Unknown, moment, plan, require_pin};
use crate::card_model::answer::{self, Answer};
use crate::card_model::channel::Next;
use crate::card_model::stand::{Outcome, Stand};

/// A load between its two commands.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Load {
    /// Place of its key.
    key: usize,
    counter: u16,
    balance: u32,
    amount: [u8; 4],
    terminal: [u8; 6],
    /// The card's random number, once it was seen.
    pub(super) random: Option<[u8; 4]>,
}

/// INITIALIZE LOAD: key index, amount, terminal. Balance, counter, version, algorithm, random number, MAC1.
pub(super) fn begin(data: [u8; 11], stand: &mut Stand<'_>, answer: &mut Answer) -> Outcome {
    let plan = plan(stand)?;
    require_pin(plan.pin_for_load, stand)?;
    let [index, a, b, c, d, terminal @ ..] = data;
    let amount = [a, b, c, d];
    let key = plan.load_keys.iter().position(|key| key.version == index);
    let key = key.ok_or(StatusWord::KEY_INDEX_NOT_SUPPORTED)?;
    if plan.load_keys[key].suite.is_none() {
        return Err(StatusWord::FUNCTION_NOT_SUPPORTED);
    }
    let counter = counter(Way::In, stand)?;
    let balance = stand.lasting.purse.balance;
    balance_after(plan, balance, amount)?;
    answer.extend(&balance.to_be_bytes());
    answer.extend(&counter.to_be_bytes());
    answer.extend(&[index, plan.load_keys[key].algorithm]);
    answer.hole(4, answer::Unknown::Purse(Unknown::Random));
    answer.hole(4, answer::Unknown::Purse(Unknown::LoadMac));
    let load = Load { key, counter, balance, amount, terminal, random: None };
    stand.channel.next = Some(Next::Load(load));
    Ok(StatusWord::SUCCESS)
}

fn balance_after(plan: &Plan, balance: u32, amount: [u8; 4]) -> Result<u32, StatusWord> {
    let after = balance.checked_add(u32::from_be_bytes(amount));
    let after = after.filter(|after| *after <= plan.balance_limit);
    after.ok_or(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED)
}

impl Load {
    fn session(&self, plan: &Plan) -> Option<SessionKey> {
        plan.load_keys[self.key].session(self.random?, self.counter, [0x80, 0x00])
    }

    /// MAC1 is the one of the random number that came before it.
    pub(super) fn check(&self, plan: &Plan, mac: &[u8]) -> Result<(), String> {
        let Some(session) = self.session(plan) else { return Ok(()) };
        let balance = self.balance.to_be_bytes();
        let right = session.mac_parts(&[&balance, &self.amount, &[plan.load_type], &self.terminal]);
        if right == mac { Ok(()) } else { Err("MAC1 of a load is wrong".into()) }
    }

    /// MAC2, as the issuer makes it; `None` while the random number is unknown.
    pub(super) fn mac2(&self, plan: &Plan, time: [u8; 7]) -> Option<[u8; 4]> {
        let session = self.session(plan)?;
        Some(session.mac_parts(&[&self.amount, &[plan.load_type], &self.terminal, &time]))
    }

    /// CREDIT LOAD: time, MAC2. The TAC.
    pub(super) fn credit(
        &self,
        data: [u8; 11],
        stand: &mut Stand<'_>,
        answer: &mut Answer,
    ) -> Outcome {
        let plan = plan(stand)?;
        let (time, mac) = split(data);
        moment::insurance_year(time, stand.lasting.purse.start_day)
            .ok_or(StatusWord::INCORRECT_DATA)?;
        if !sscard_crypto::NULL_CRYPTO && self.mac2(plan, time) != Some(mac) {
            return Err(StatusWord::MAC_INVALID);
        }
        let balance = balance_after(plan, stand.lasting.purse.balance, self.amount)?;
        let kind = plan.load_type;
        let certificate = plan.certificate(&[
            &balance.to_be_bytes(),
            &self.counter.to_be_bytes(),
            &self.amount,
            &[kind],
            &self.terminal,
            &time,
        ]);
        let certificate = certificate.ok_or(StatusWord::FUNCTION_NOT_SUPPORTED)?;
        let movement = Movement {
            way: Way::In,
            kind,
            balance,
            terminal: self.terminal,
            time,
            amounts: [self.amount, [0; 4], [0; 4]],
            mac: Some(mac),
            certificate,
        };
        carry_out(&movement, plan, stand)?;
        answer.extend(&certificate);
        Ok(StatusWord::SUCCESS)
    }
}

/// Time and MAC.
fn split([a, b, c, d, e, f, g, mac @ ..]: [u8; 11]) -> ([u8; 7], [u8; 4]) {
    ([a, b, c, d, e, f, g], mac)
}
