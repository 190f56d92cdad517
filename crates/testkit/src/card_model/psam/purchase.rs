//! 8070 and 8072: MAC1 of a purchase with the terminal's counter, and the check of MAC2.

use sscard_apdu::StatusWord;
use sscard_crypto::{Key, SessionKey, Suite, proves};

use super::loaded::diversify;
use super::plan;
use crate::card_model::answer::Answer;
use crate::card_model::channel::Next;
use crate::card_model::stand::{Outcome, Plain, Stand};

/// A purchase between the two commands.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Purchase {
    /// The card's purchase key.
    key: [u8; 16],
    /// Random number, counters of card and terminal.
    factor: [u8; 8],
    amounts: [u8; 12],
}

/// Length of the data without the factors.
const FIXED: usize = 28;

/// INIT SAM FOR PURCHASE: random, counter, amounts, type, time, version, algorithm, factors. The terminal's counter, raised, and MAC1.
pub(super) fn begin(plain: Plain<'_>, stand: &mut Stand<'_>, answer: &mut Answer) -> Outcome {
    let plan = plan(stand)?;
    let suite = plan.suite()?;
    let (fixed, factors) = plain.data.split_at_checked(FIXED).ok_or(StatusWord::WRONG_LENGTH)?;
    let (factors, []) = factors.as_chunks::<8>() else { return Err(StatusWord::WRONG_LENGTH) };
    let (version, algorithm) = (fixed[26], fixed[27]);
    // 01 is single DES, which session keys of triple DES are.
    let fits = algorithm == plan.algorithm || suite == Suite::TripleDes && algorithm == 0x01;
    if !fits {
        return Err(StatusWord::FUNCTION_NOT_SUPPORTED);
    }
    let is_this = |usage: u8, id: u8| usage & 0x1F == 0x02 && id == version;
    let place = plan.slots.iter().position(|slot| is_this(slot.usage, slot.id));
    let place = place.ok_or(StatusWord::KEY_INDEX_NOT_SUPPORTED)?;
    if factors.len() != usize::from(plan.slots[place].usage >> 5) {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let key = stand.lasting.psam.keys[place].ok_or(StatusWord::KEY_INDEX_NOT_SUPPORTED)?;
    let (Some(terminal), Some(counter)) = (plan.terminal, plan.counter) else {
        return Err(StatusWord::NO_PRECISE_DIAGNOSIS);
    };
    let key = diversify(suite, key, factors);
    let files = &stand.plan.social;
    let mut number = [0; 6];
    number.copy_from_slice(&stand.lasting.social.bytes_of(files, terminal)[..6]);
    let mut given = [0; 4];
    given.copy_from_slice(&stand.lasting.social.bytes_of(files, counter)[..4]);
    let sequence = u32::from_be_bytes(given).checked_add(1);
    let sequence = sequence.ok_or(StatusWord::TRANSACTION_COUNTER_EXHAUSTED)?.to_be_bytes();
    stand.lasting.social_mut().write_bytes(files, counter, &sequence);
    let mut factor = [0; 8];
    factor[..6].copy_from_slice(&fixed[..6]);
    factor[6..].copy_from_slice(&sequence[2..]);
    let mut amounts = [0; 12];
    amounts.copy_from_slice(&fixed[6..18]);
    let purchase = Purchase { key, factor, amounts };
    let (kind, time) = (&fixed[18..19], &fixed[19..26]);
    answer.extend(&sequence);
    answer.extend(&purchase.session(suite).mac_parts(&[&amounts, kind, &number, time]));
    stand.channel.next = Some(Next::Module(purchase));
    Ok(StatusWord::SUCCESS)
}

impl Purchase {
    fn session(&self, suite: Suite) -> SessionKey {
        suite.session_key(&Key::new(self.key), &self.factor)
    }

    /// MAC2, as the purse makes it.
    pub(super) fn mac2(&self, suite: Suite) -> [u8; 4] {
        self.session(suite).mac(&self.amounts)
    }

    /// CREDIT SAM FOR PURCHASE: directly behind, once, right or wrong.
    pub(super) fn check(&self, stand: &Stand<'_>, mac: [u8; 4]) -> Outcome {
        let suite = stand.plan.psam.as_ref().and_then(|plan| plan.suite);
        let is_right = suite.is_some_and(|suite| proves(&self.mac2(suite), &mac));
        if is_right { Ok(StatusWord::SUCCESS) } else { Err(StatusWord::MAC_INVALID) }
    }
}
