//! What the card remembers of one transaction, until the next selection or power-off.

use alloc::vec::Vec;
use core::hash::{Hash, Hasher};

use sscard_apdu::dol;
use sscard_apdu::tlv::Tag;
pub(super) use sscard_commands::Cryptogram as Kind;
use sscard_crypto::Key;
use sscard_elements::{
    ApplicationInterchangeProfile, CardVerificationResults, CryptogramInformationData,
};

use crate::profile::{FinancialApplication, Path};

/// Where in a transaction the card stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) enum Stage {
    /// Selected; GET PROCESSING OPTIONS comes next.
    #[default]
    Selected,
    /// Options given; the first cryptogram comes next.
    Initiated,
    /// The first cryptogram was an ARQC; the second comes next.
    Online,
    /// The last cryptogram is given.
    Closed,
}

/// EXTERNAL AUTHENTICATE in this transaction.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(super) enum IssuerAuthentication {
    #[default]
    NotPerformed,
    Failed,
    Succeeded,
}

/// Cryptogram information data that says the kind alone.
pub(super) const fn information(kind: Kind) -> CryptogramInformationData {
    CryptogramInformationData::new([kind.bits()])
}

/// Volatile state of a payment application.
#[derive(Clone, Default)]
pub(crate) struct Transaction {
    pub(super) stage: Stage,
    /// The path that GET PROCESSING OPTIONS chose.
    pub(super) path: Option<Path>,
    /// Whether the SM algorithms are used.
    pub(super) sm: bool,
    /// AIP as given.
    pub(super) aip: ApplicationInterchangeProfile,
    pub(super) atc: [u8; 2],
    /// The application was blocked when the transaction began: every cryptogram is an AAC.
    pub(super) blocked: bool,
    pub(super) cvr: CardVerificationResults,
    /// Values of the PDOL, as the terminal gave them.
    pub(super) pdol: Vec<u8>,
    pub(super) contactless: bool,
    /// Values of CDOL1.
    pub(super) cdol1: Vec<u8>,
    /// Values of CDOL2.
    pub(super) cdol2: Vec<u8>,
    /// The first cryptogram.
    pub(super) first: [u8; 8],
    /// The first cryptogram was an ARQC.
    pub(super) went_online: bool,
    /// The first cryptogram was an AAC: scripts may unblock.
    pub(super) declined_first: bool,
    pub(super) issuer: IssuerAuthentication,
    /// Authorisation response code that came with EXTERNAL AUTHENTICATE.
    pub(super) response_code: Option<[u8; 2]>,
    /// The latest challenge, for an enciphered PIN; usable once.
    pub(super) challenge: Option<[u8; 8]>,
    /// VERIFY came in this transaction.
    pub(super) pin_presented: bool,
    /// The PIN's last try was used up in this transaction.
    pub(super) pin_exhausted: bool,
    /// VERIFY was refused in this transaction because no try was left.
    pub(super) pin_refused: bool,
    /// A script's MAC was wrong: the session takes no more.
    pub(super) scripts_refused: bool,
    /// What waits for the last record of a qPBOC transaction.
    pub(super) qpboc: Option<QpbocEnd>,
    /// Session keys of this ATC that a cryptogram needed: of cryptograms, of MACs.
    pub(super) session_keys: [Option<Key>; 2],
}

/// The end of an approved qPBOC transaction: it counts when the last record is read.
#[derive(Clone, Hash)]
pub(super) struct QpbocEnd {
    /// SFI and number of the last record of the AFL.
    pub(super) last: (u8, u8),
    /// Objects that the last record carries beside its own.
    pub(super) appended: Vec<u8>,
}

/// The session keys follow from ATC and memory, and do not count.
impl Hash for Transaction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self { stage, path, sm, aip, atc, blocked, cvr, pdol, contactless, .. } = self;
        (stage, path, sm, aip, atc, blocked, cvr, pdol, contactless).hash(state);
        let Self { cdol1, cdol2, first, went_online, declined_first, issuer, .. } = self;
        (cdol1, cdol2, first, went_online, declined_first, issuer).hash(state);
        let Self { response_code, challenge, pin_presented, pin_exhausted, pin_refused, .. } = self;
        (response_code, challenge, pin_presented, pin_exhausted, pin_refused).hash(state);
        let Self { scripts_refused, qpboc, session_keys: _, .. } = self;
        (scripts_refused, qpboc).hash(state);
    }
}

impl Transaction {
    /// Whether the right PIN was given last in this transaction.
    pub(crate) fn is_pin_verified(&self) -> bool {
        self.pin_presented && !self.cvr.has(CardVerificationResults::PIN_FAILED)
    }

    /// The latest challenge, while it has not been used.
    pub(crate) fn outstanding_challenge(&self) -> Option<&[u8; 8]> {
        self.challenge.as_ref()
    }

    /// Whether the second cryptogram comes next.
    pub(super) fn is_online(&self) -> bool {
        self.stage == Stage::Online
    }

    /// Whether a transaction has begun, which may be carried to its end.
    pub(crate) fn is_running(&self) -> bool {
        self.stage != Stage::Selected
    }

    /// A data element as the terminal gave it last: CDOL2, CDOL1, PDOL.
    pub(super) fn value<'t>(&'t self, plan: &FinancialApplication, tag: Tag) -> Option<&'t [u8]> {
        let pdol = if self.contactless { &plan.contactless_pdol } else { &plan.pdol };
        in_list(&plan.cdol2, &self.cdol2, tag)
            .or_else(|| in_list(&plan.cdol1, &self.cdol1, tag))
            .or_else(|| in_list(pdol, &self.pdol, tag))
    }

    /// A data element of exactly `N` bytes; zeros when the terminal gave none, or another length.
    pub(super) fn array<const N: usize>(&self, plan: &FinancialApplication, tag: Tag) -> [u8; N] {
        let value = self.value(plan, tag);
        value.and_then(|value| value.try_into().ok()).unwrap_or([0; N])
    }
}

/// The value that answers `tag` in the data of a list; nothing when the data is too short.
pub(super) fn in_list<'d>(list: &[u8], data: &'d [u8], tag: Tag) -> Option<&'d [u8]> {
    let mut start = 0_usize;
    for entry in dol::Reader::new(list) {
        let entry = entry.ok()?;
        let end = start.saturating_add(entry.length.into());
        if entry.tag == tag {
            return data.get(start..end);
        }
        start = end;
    }
    None
}
