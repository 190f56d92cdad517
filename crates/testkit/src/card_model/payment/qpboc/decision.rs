//! What the card decides of a quick (qPBOC) transaction, and what it takes for it.
//!
//! What enters: what the terminal said and what the card holds. What leaves: online, declined or offline, with the bits of CTQ and CVR that
//! say why.
//!
//! # Reference
//! JR/T 0025.12 §7.3; spec/financial-details.md §4.6, steps a to f; docs/decisions.md, "The bank card".

use sscard_apdu::StatusWord;
use sscard_elements::{
    CardAdditionalProcesses as Own, CardTransactionQualifiers as Ctq,
    CardVerificationResults as Cvr, TerminalTransactionQualifiers as Ttq,
};

/// What a decision goes by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub(super) terminal: Ttq,
    pub(super) own: Own,
    /// The transaction is in the card's currency.
    pub(super) at_home: bool,
    pub(super) amount: u64,
    /// 9F79.
    pub(super) balance: u64,
    /// 9F78, if there is one.
    pub(super) single: Option<u64>,
    /// 9F6D.
    pub(super) threshold: u64,
    /// 9F6B, if there is one.
    pub(super) without_holder: Option<u64>,
    /// What was spent without the issuer.
    pub(super) sum: u64,
    /// 9F54.
    pub(super) lower: u64,
    /// 9F5C, or 9F54 where it is missing.
    pub(super) upper: u64,
    /// Transactions in other currencies, and 9F53.
    pub(super) abroad: (u64, u64),
    /// 9F13 is 0000.
    pub(super) is_new: bool,
    /// No PIN try is left.
    pub(super) is_locked: bool,
}

/// Where an approved amount comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Purse {
    Balance,
    BalanceAndSum,
    Sum,
    /// None: one transaction more in another currency.
    CountAbroad,
}

/// How the card answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    Online,
    /// Online, and paid for already.
    Prepaid(Purse),
    Declined,
    Offline(Purse),
}

/// A decision and what is said of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decision {
    pub(super) way: Way,
    pub(super) ctq: Ctq,
    pub(super) cvr: Cvr,
}

impl Facts {
    /// Steps a to f.
    ///
    /// # Errors
    /// 6985: the holder has to be verified and cannot be, or the card would rather have contacts.
    pub(super) fn decide(&self) -> Result<Decision, StatusWord> {
        let mut said = Decision { way: Way::Declined, ctq: Ctq::default(), cvr: Cvr::new([0; 4]) };
        said.way = match self.before_amounts(&mut said)? {
            Some(way) => way,
            None => self.by_amounts(&mut said),
        };
        if said.way == Way::Online {
            said.way = self.online()?;
        }
        Ok(said)
    }

    fn must_stay_offline(&self) -> bool {
        self.terminal.has(Ttq::OFFLINE_ONLY)
    }

    /// a, b, c: what settles it whatever the amounts are.
    fn before_amounts(&self, said: &mut Decision) -> Result<Option<Way>, StatusWord> {
        if !self.at_home && self.own.has(Own::NO_OTHER_CURRENCY) {
            return Ok(Some(Way::Declined));
        }
        if self.must_stay_offline() {
            if self.is_new && self.own.has(Own::NEW_CARD_OFFLINE_DECLINE) {
                said.cvr.set(Cvr::NEW_CARD);
                return Ok(Some(Way::Declined));
            }
            if self.is_locked && self.own.has(Own::PIN_TRIES) {
                said.cvr.set(Cvr::PIN_TRIES_EXCEEDED);
                return Ok(Some(Way::Declined));
            }
        }
        if self.needs_holder() {
            if self.has_online_pin() {
                said.ctq.set(Ctq::ONLINE_PIN);
                return Ok(Some(Way::Online));
            }
            if !(self.terminal.has(Ttq::SIGNATURE) && self.own.has(Own::SIGNATURE)) {
                return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED);
            }
            said.ctq.set(Ctq::SIGNATURE);
        }
        if self.must_stay_offline() {
            return Ok(None);
        }
        let new = self.is_new && self.own.has(Own::NEW_CARD);
        let locked = self.is_locked && self.own.has(Own::PIN_TRIES);
        for (holds, bit) in [(new, Cvr::NEW_CARD), (locked, Cvr::PIN_TRIES_EXCEEDED)] {
            if holds {
                said.cvr.set(bit);
            }
        }
        let wanted = self.terminal.has(Ttq::ONLINE_CRYPTOGRAM);
        let foreign = !self.at_home && !self.own.has(Own::OFFLINE_IN_OTHER_CURRENCY);
        Ok((wanted || foreign || new || locked).then_some(Way::Online))
    }

    fn needs_holder(&self) -> bool {
        self.terminal.has(Ttq::HOLDER_VERIFICATION)
            || if self.at_home {
                self.without_holder.is_some_and(|limit| self.amount > limit)
            } else {
                self.own.has(Own::VERIFICATION_IN_OTHER_CURRENCY)
            }
    }

    /// An online PIN, where the terminal can go online at all.
    fn has_online_pin(&self) -> bool {
        let own = if self.at_home { Own::ONLINE_PIN } else { Own::ONLINE_PIN_IN_OTHER_CURRENCY };
        !self.must_stay_offline() && self.terminal.has(Ttq::ONLINE_PIN) && self.own.has(own)
    }

    /// d, e: whether the card pays by itself.
    fn by_amounts(&self, said: &mut Decision) -> Way {
        let otherwise = if self.must_stay_offline() { Way::Declined } else { Way::Online };
        let has_option = !self.at_home
            || self.own.has(Own::LOW_VALUE | Own::LOW_VALUE_AND_SUM | Own::LOW_VALUE_OR_SUM);
        let purse = if self.at_home { self.purse() } else { self.abroad() };
        match purse {
            Some(purse) => Way::Offline(purse),
            None => {
                if has_option {
                    said.cvr.set(Cvr::VELOCITY);
                }
                otherwise
            }
        }
    }

    fn abroad(&self) -> Option<Purse> {
        let (count, limit) = self.abroad;
        (count < limit).then_some(Purse::CountAbroad)
    }

    fn purse(&self) -> Option<Purse> {
        let single = self.single.is_none_or(|limit| self.amount <= limit);
        let reserve = if self.must_stay_offline() { 0 } else { self.threshold };
        let covered = self.amount <= self.balance.saturating_sub(reserve);
        let limit = if self.must_stay_offline() { self.upper } else { self.lower };
        let below = self.sum.saturating_add(self.amount) <= limit;
        let whole = self.amount <= self.balance;
        let found = if self.own.has(Own::LOW_VALUE) {
            covered.then_some(Purse::Balance)
        } else if self.own.has(Own::LOW_VALUE_AND_SUM) {
            (covered && below).then_some(Purse::BalanceAndSum)
        } else if self.own.has(Own::LOW_VALUE_OR_SUM) {
            if whole { Some(Purse::Balance) } else { below.then_some(Purse::Sum) }
        } else {
            None
        };
        found.filter(|_| single)
    }

    /// f: what comes before an ARQC.
    fn online(&self) -> Result<Way, StatusWord> {
        if self.own.has(Own::PREFERS_CONTACT) && self.terminal.has(Ttq::CONTACT) {
            return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED);
        }
        if !self.own.has(Own::PREPAID) {
            return Ok(Way::Online);
        }
        if self.amount == 0 || self.amount > self.balance {
            return Ok(Way::Declined);
        }
        let with_sum = self.own.has(Own::LOW_VALUE_AND_SUM);
        Ok(Way::Prepaid(if with_sum { Purse::BalanceAndSum } else { Purse::Balance }))
    }
}
