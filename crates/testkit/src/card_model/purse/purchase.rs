//! Paying: INITIALIZE PURCHASE and DEBIT.

use sscard_apdu::StatusWord;
use sscard_crypto::SessionKey;

use super::money::{Movement, Way, carry_out, counter};
use super::plan::Plan;
use super::{Unknown, moment, plan, require_pin};
use crate::card_model::answer::{self, Answer};
use crate::card_model::channel::Next;
use crate::card_model::stand::{Outcome, Stand};

/// A purchase between its two commands.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Purchase {
    /// Place of its key.
    key: usize,
    counter: u16,
    /// From the account, by the holder, by the pooled fund.
    amounts: [[u8; 4]; 3],
    terminal: [u8; 6],
    /// The card's random number, once it was seen.
    pub(super) random: Option<[u8; 4]>,
}

/// INITIALIZE PURCHASE: key index, three amounts, terminal. Balance, sums, their year, counter, version, algorithm, random number.
pub(super) fn begin(data: [u8; 19], stand: &mut Stand<'_>, answer: &mut Answer) -> Outcome {
    let plan = plan(stand)?;
    require_pin(plan.pin_for_purchase, stand)?;
    let index = data[0];
    let mut amounts = [[0; 4]; 3];
    amounts.as_flattened_mut().copy_from_slice(&data[1..13]);
    let mut terminal = [0; 6];
    terminal.copy_from_slice(&data[13..]);
    let key = plan.purchase_keys.iter().position(|key| key.version == index);
    let key = key.ok_or(StatusWord::KEY_INDEX_NOT_SUPPORTED)?;
    if plan.purchase_keys[key].suite.is_none() {
        return Err(StatusWord::FUNCTION_NOT_SUPPORTED);
    }
    let counter = counter(Way::Out, stand)?;
    let purse = &stand.lasting.purse;
    balance_after(purse.balance, amounts[0])?;
    answer.extend(&purse.balance.to_be_bytes());
    answer.extend(&purse.sums[0].to_be_bytes());
    answer.extend(&purse.sums[1].to_be_bytes());
    answer.extend(&moment::bcd(purse.year));
    answer.extend(&counter.to_be_bytes());
    answer.extend(&[index, plan.purchase_keys[key].algorithm]);
    answer.hole(4, answer::Unknown::Purse(Unknown::Random));
    let purchase = Purchase { key, counter, amounts, terminal, random: None };
    stand.channel.next = Some(Next::Purchase(purchase));
    Ok(StatusWord::SUCCESS)
}

fn balance_after(balance: u32, amount: [u8; 4]) -> Result<u32, StatusWord> {
    balance.checked_sub(u32::from_be_bytes(amount)).ok_or(StatusWord::INSUFFICIENT_BALANCE)
}

impl Purchase {
    /// The session key: of the random number, the card's counter, the last two bytes of the terminal's.
    fn session(&self, plan: &Plan, sequence: [u8; 4]) -> Option<SessionKey> {
        let [_, _, end @ ..] = sequence;
        plan.purchase_keys[self.key].session(self.random?, self.counter, end)
    }

    /// MAC1, as the terminal makes it; `None` while the random number is unknown.
    pub(super) fn mac1(&self, plan: &Plan, sequence: [u8; 4], time: [u8; 7]) -> Option<[u8; 4]> {
        let session = self.session(plan, sequence)?;
        let amounts = self.amounts.as_flattened();
        Some(session.mac_parts(&[amounts, &[plan.purchase_type], &self.terminal, &time]))
    }

    /// DEBIT: the terminal's counter, time, MAC1. TAC, MAC2.
    pub(super) fn debit(
        &self,
        data: [u8; 15],
        stand: &mut Stand<'_>,
        answer: &mut Answer,
    ) -> Outcome {
        let plan = plan(stand)?;
        let [q1, q2, q3, q4, a, b, c, d, e, f, g, mac @ ..] = data;
        let (sequence, time) = ([q1, q2, q3, q4], [a, b, c, d, e, f, g]);
        let year = moment::insurance_year(time, stand.lasting.purse.start_day)
            .ok_or(StatusWord::INCORRECT_DATA)?;
        if !sscard_crypto::NULL_CRYPTO && self.mac1(plan, sequence, time) != Some(mac) {
            return Err(StatusWord::MAC_INVALID);
        }
        let balance = balance_after(stand.lasting.purse.balance, self.amounts[0])?;
        self.add_to_sums(year, stand)?;
        let amounts = self.amounts.as_flattened();
        let kind = plan.purchase_type;
        let certificate = plan.certificate(&[amounts, &[kind], &self.terminal, &sequence, &time]);
        let certificate = certificate.ok_or(StatusWord::FUNCTION_NOT_SUPPORTED)?;
        let mac2 = self.session(plan, sequence).map(|session| session.mac(amounts));
        let movement = Movement {
            way: Way::Out,
            kind,
            balance,
            terminal: self.terminal,
            time,
            amounts: self.amounts,
            mac: mac2,
            certificate,
        };
        carry_out(&movement, plan, stand)?;
        answer.extend(&certificate);
        match mac2 {
            Some(mac) => answer.extend(&mac),
            None => answer.hole(4, answer::Unknown::Purse(Unknown::Unseen)),
        }
        Ok(StatusWord::SUCCESS)
    }

    /// The sums are those of one insurance year; a later one begins them again.
    fn add_to_sums(&self, year: u16, stand: &mut Stand<'_>) -> Result<(), StatusWord> {
        let purse = &mut stand.lasting.purse;
        let begins = year > purse.year;
        for (sum, paid) in purse.sums.iter_mut().zip(&self.amounts[1..]) {
            let before = if begins { 0 } else { *sum };
            let after = before.checked_add(u32::from_be_bytes(*paid));
            *sum = after.ok_or(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED)?;
        }
        if begins {
            purse.year = year;
        }
        Ok(())
    }
}
