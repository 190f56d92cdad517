//! What a channel remembers of a transaction, until the next selection.

use sscard_core::Path;

use crate::card_model::answer::Answer;

/// A transaction, from the selection on.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Session {
    pub(crate) stage: Stage,
    pub(crate) path: Path,
    /// Whether the SM algorithms are used.
    pub(crate) sm: bool,
    /// Whether the PDOL was that of contactless readers.
    pub(crate) contactless: bool,
    /// AIP as given.
    pub(crate) aip: [u8; 2],
    pub(crate) atc: [u8; 2],
    /// Every cryptogram from here on is an AAC: the application was blocked when the transaction began, or a script has blocked it since.
    pub(crate) is_blocked: bool,
    /// Data that answered the PDOL.
    pub(crate) pdol: Vec<u8>,
    /// Data that answered CDOL1.
    pub(crate) cdol1: Vec<u8>,
    /// Data that answered CDOL2.
    pub(crate) cdol2: Vec<u8>,
    /// Card verification results.
    pub(crate) cvr: [u8; 4],
    pub(crate) pin: PinEntry,
    /// What the issuer's answer and its scripts are bound to; none after a TC that came first.
    pub(crate) issuer: Option<Issuer>,
    /// An approved qPBOC transaction whose last record is to come.
    pub(crate) quick: Option<QuickEnd>,
    /// For an enciphered PIN.
    pub(crate) challenge: Challenge,
}

/// How far a transaction is (I-20).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Stage {
    /// GET PROCESSING OPTIONS comes next.
    #[default]
    Selected,
    /// The first cryptogram comes next.
    Initiated,
    /// The first was an ARQC: the second comes next.
    Online,
    /// It is over; the second cryptogram was given.
    Ended,
    /// It is over with the first one.
    EndedAtOnce,
}

/// What VERIFY came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct PinEntry {
    /// It came.
    pub(crate) came: bool,
    /// It used the last try up.
    pub(crate) used_up: bool,
    /// It was refused for want of a try.
    pub(crate) refused: bool,
}

/// The issuer's part in a transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Issuer {
    /// The first cryptogram.
    pub(crate) cryptogram: [u8; 8],
    /// Whether its answer was right; none came yet.
    pub(crate) is_right: Option<bool>,
    /// The response code of its answer.
    pub(crate) code: Option<[u8; 2]>,
    /// A script's MAC was wrong: no more of them.
    pub(crate) refuses_scripts: bool,
}

/// The end of a qPBOC transaction.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct QuickEnd {
    /// SFI and number of the last record.
    pub(crate) last: (u8, u8),
    /// What that record carries beside its own.
    pub(crate) appended: Answer,
    /// What its signature has to cover, if there is one.
    pub(crate) proof: Option<super::qpboc::Proof>,
}

/// The random number that was given out last.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Challenge {
    /// There is none, or it was used.
    #[default]
    None,
    /// There is one that nobody has seen.
    Hidden,
    /// This one.
    Seen([u8; 8]),
}

impl Default for Session {
    fn default() -> Self {
        Self {
            stage: Stage::Selected,
            path: Path::Standard,
            sm: false,
            contactless: false,
            aip: [0; 2],
            atc: [0; 2],
            is_blocked: false,
            pdol: Vec::new(),
            cdol1: Vec::new(),
            cdol2: Vec::new(),
            cvr: [0x03, 0, 0, 0],
            pin: PinEntry::default(),
            issuer: None,
            quick: None,
            challenge: Challenge::None,
        }
    }
}

impl Session {
    /// Whether a transaction has begun, and may be carried to its end.
    pub(crate) fn is_running(&self) -> bool {
        self.stage != Stage::Selected
    }

    /// Sets bits of the card verification results.
    pub(crate) fn note(&mut self, bits: sscard_elements::CardVerificationResults) {
        let bits = bits.bytes();
        self.cvr.iter_mut().zip(bits).skip(1).for_each(|(byte, bit)| *byte |= bit);
    }

    /// Clears bits of the card verification results.
    pub(crate) fn clear(&mut self, bits: sscard_elements::CardVerificationResults) {
        let bits = bits.bytes();
        self.cvr.iter_mut().zip(bits).skip(1).for_each(|(byte, bit)| *byte &= !bit);
    }
}
