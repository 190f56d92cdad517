//! What no command may break, looked at after each of them in a build with debug assertions: tests, fuzzers, soaks.
//!
//! What enters: the card before and after a command, the command and its answer. What leaves: nothing, or a panic, which is a
//! bug of the card. What was in memory before is taken as it is, since an image may hold anything.

use alloc::vec::Vec;

use sscard_apdu::CommandApdu;
use sscard_commands::ins;

use super::Card;
use crate::channel::{Channel, FILE_SYSTEM};
use crate::fs::Records;
use crate::nvm::Nvm;
use crate::profile::{Profile, PurseArea, Watched};

/// Longest answer: all that a file of 64 KiB holds, with what a record is wrapped in.
const LONGEST: usize = 0x1_0400;

/// The card's numbers before a command.
pub(super) struct Before {
    content: u64,
    counters: Vec<u32>,
    purse: Option<Money>,
}

/// What a purse holds, and its transactions.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Money {
    balance: u32,
    loads: u16,
    purchases: u16,
    sums: [u32; 2],
}

impl Before {
    pub(super) fn of(card: &Card) -> Self {
        let Card { profile, nvm, .. } = card;
        let counters = profile.layout().watched().iter().map(|counter| value(nvm, *counter));
        Self {
            content: nvm.content(),
            counters: counters.collect(),
            purse: Money::of(profile, nvm),
        }
    }

    /// Holds what is there now against what was there.
    pub(super) fn hold(&self, card: &Card, command: &[u8], response: &[u8]) {
        let apdu = CommandApdu::parse(command).ok();
        let ins = apdu.map(|apdu| apdu.ins);
        let Card { profile, nvm, .. } = card;
        let power_failed = nvm.has_lost_power();
        if self.content != nvm.content() {
            // An integrator's applet may present PINs and prove keys as it likes.
            let tries_are_ours = card.registered.is_empty();
            for (counter, before) in profile.layout().watched().iter().zip(&self.counters) {
                let now = value(nvm, *counter);
                match counter {
                    Watched::Tries(address, by) if tries_are_ours => {
                        let rises = now > *before;
                        let may_rise = ins.is_some_and(|ins| by.contains(&ins))
                            && (power_failed || succeeds(ins, response));
                        assert!(!rises || may_rise, "tries rise at {address}: {before} to {now}");
                        let falls_by = before.saturating_sub(now);
                        assert!(falls_by <= 1 || power_failed, "tries fall by {falls_by}");
                    }
                    Watched::Counter(address) | Watched::LongCounter(address) if !power_failed => {
                        assert!(now >= *before, "a counter falls at {address}: {before} to {now}");
                    }
                    _ => {}
                }
            }
            if let (Some(before), Some(now)) = (self.purse, Money::of(profile, nvm))
                && !power_failed
            {
                assert!(before.becomes(now), "money moves with its counter, and the right way");
            }
        }
        // What a cut left torn no channel outlives.
        if !power_failed {
            assert!(nvm.is_settled(), "no transaction is open between two commands");
            card.channels.open_ones().for_each(|(_, channel)| is_sound(profile, nvm, channel));
        }
    }
}

/// Whether a command may have given tries back: the whole of it succeeded, or a part that did not count for the whole.
fn succeeds(ins: Option<u8>, response: &[u8]) -> bool {
    let in_part = matches!(ins, Some(ins::CHANGE_PIN | ins::WRITE_KEY));
    in_part || response.ends_with(&[0x90, 0x00])
}

fn value(nvm: &Nvm, counter: Watched) -> u32 {
    match counter {
        Watched::Tries(address, _) => nvm.tries(address).into(),
        Watched::Counter(address) => nvm.word(address).into(),
        Watched::LongCounter(address) => u32::from_be_bytes(nvm.array(address)),
    }
}

impl Money {
    fn of(profile: &Profile, nvm: &Nvm) -> Option<Self> {
        let at = |offset: usize| profile.layout().purse().map(|purse| purse.saturating_add(offset));
        let amount = |offset| Some(u32::from_be_bytes(nvm.array(at(offset)?)));
        Some(Self {
            balance: amount(PurseArea::BALANCE)?,
            loads: nvm.word(at(PurseArea::ONLINE)?),
            purchases: nvm.word(at(PurseArea::OFFLINE)?),
            sums: [amount(PurseArea::SELF_PAID)?, amount(PurseArea::POOLED)?],
        })
    }

    /// Whether this is a step that money takes: none, one load, or one purchase.
    fn becomes(self, now: Self) -> bool {
        let one_more = |before: u16, now: u16| before.checked_add(1) == Some(now);
        if one_more(self.loads, now.loads) {
            return now.balance >= self.balance
                && now.purchases == self.purchases
                && now.sums == self.sums;
        }
        if one_more(self.purchases, now.purchases) {
            return now.balance <= self.balance && now.loads == self.loads;
        }
        self == now
    }
}

/// A cursor stands in a file that is there and on a record that it has; what waits is no more than an answer; a
/// chain that is not begun has collected nothing.
fn is_sound(profile: &Profile, nvm: &Nvm, channel: &Channel) {
    assert!(channel.pending.len() <= LONGEST, "{} bytes wait", channel.pending.len());
    assert!(channel.chain.is_consistent(), "a chain has the class of its commands");
    if channel.applet != FILE_SYSTEM {
        return;
    }
    let cursor = channel.cursor;
    assert!(profile.df(cursor.df).is_some(), "DF {} is there", cursor.df);
    let Some(ef) = cursor.ef else {
        assert_eq!(cursor.record, 0, "no record without a file");
        return;
    };
    let file = profile.ef(cursor.df, ef);
    assert!(file.is_some(), "EF {ef} of DF {} is there", cursor.df);
    if let (Some(file), 1..) = (file, cursor.record) {
        let address = profile.layout().file(cursor.df, ef);
        let records = Records { address, structure: file.structure };
        let last = records.iter(nvm).last().map_or(0, |record| record.number);
        assert!(cursor.record <= last, "record {} of {last}", cursor.record);
    }
}
