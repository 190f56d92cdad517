//! What the card remembers of one transaction, until the next selection or power-off.

use alloc::vec::Vec;
use core::hash::{Hash, Hasher};

use sscard_apdu::dol;
use sscard_apdu::tlv::Tag;
pub(super) use sscard_commands::CryptogramType as Kind;
use sscard_crypto::Key;
use sscard_elements::{
    ApplicationInterchangeProfile, CardVerificationResults, CryptogramInformationData,
};

use crate::profile::{FinancialApplication, Path};

/// Where in a transaction the card stands, with what belongs to that stage alone.
#[derive(Clone, Hash, Default)]
pub(super) enum Stage {
    /// Selected; GET PROCESSING OPTIONS comes next.
    #[default]
    Selected,
    /// Options of this path given; the first cryptogram comes next.
    Initiated(Path),
    /// The first cryptogram was an ARQC; the second comes next.
    Online(IssuerSession),
    /// The last cryptogram is given.
    Closed(Ending),
}

/// How a transaction came to its last cryptogram.
#[derive(Clone, Hash)]
pub(super) enum Ending {
    /// Approved by the first cryptogram: the issuer has nothing to say.
    Approved,
    /// The first cryptogram was an AAC: scripts may unblock.
    Declined(IssuerSession),
    /// The first cryptogram was an ARQC, and the second is given.
    Online(IssuerSession),
    /// The one answer of qPBOC; what waits for the last record, when it was approved.
    Qpboc(Option<QpbocEnd>),
}

/// The issuer's part: the cryptogram that its answer and its scripts are bound to, and how they went.
#[derive(Clone, Copy, Hash)]
pub(super) struct IssuerSession {
    /// The first cryptogram.
    pub(super) cryptogram: [u8; 8],
    pub(super) authentication: IssuerAuthentication,
    /// Authorisation response code that came with EXTERNAL AUTHENTICATE.
    pub(super) response_code: Option<[u8; 2]>,
    /// A script's MAC was wrong: the session takes no more.
    pub(super) scripts_refused: bool,
}

impl IssuerSession {
    /// Nothing was said yet.
    pub(super) const fn new(cryptogram: [u8; 8]) -> Self {
        Self {
            cryptogram,
            authentication: IssuerAuthentication::NotPerformed,
            response_code: None,
            scripts_refused: false,
        }
    }
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
    pub(super) begun: Begun,
    pub(super) given: Given,
    pub(super) cvr: CardVerificationResults,
    pub(super) pin: PinEntries,
    /// The latest challenge, for an enciphered PIN; usable once.
    pub(super) challenge: Option<[u8; 8]>,
    /// Session keys of this ATC that a cryptogram needed: of cryptograms, of MACs.
    pub(super) session_keys: [Option<Key>; 2],
}

/// What GET PROCESSING OPTIONS settled for the whole transaction.
#[derive(Clone, Copy, Hash, Default)]
pub(super) struct Begun {
    /// Whether the SM algorithms are used.
    pub(super) sm: bool,
    /// AIP as given.
    pub(super) aip: ApplicationInterchangeProfile,
    pub(super) atc: [u8; 2],
    /// The application was blocked when the transaction began, or a script has blocked it since: every cryptogram from
    /// here on is an AAC.
    pub(super) blocked: bool,
}

/// The terminal's data elements, as it answered the lists.
#[derive(Clone, Hash, Default)]
pub(super) struct Given {
    /// Whether the PDOL was the one of contactless readers.
    pub(super) contactless: bool,
    /// Values of the PDOL.
    pub(super) pdol: Vec<u8>,
    /// Values of CDOL1.
    pub(super) cdol1: Vec<u8>,
    /// Values of CDOL2.
    pub(super) cdol2: Vec<u8>,
}

/// What VERIFY came to in this transaction.
#[derive(Clone, Copy, Hash, Default)]
pub(super) struct PinEntries {
    /// It came.
    pub(super) presented: bool,
    /// The PIN's last try was used up.
    pub(super) exhausted: bool,
    /// It was refused because no try was left.
    pub(super) refused: bool,
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
        let Self { stage, begun, given, cvr, pin, challenge, session_keys: _ } = self;
        (stage, begun, given, cvr, pin, challenge).hash(state);
    }
}

impl Transaction {
    /// Whether the right PIN was given last in this transaction.
    pub(crate) fn is_pin_verified(&self) -> bool {
        self.pin.presented && !self.cvr.has(CardVerificationResults::PIN_FAILED)
    }

    /// The latest challenge, while it has not been used.
    pub(crate) fn outstanding_challenge(&self) -> Option<&[u8; 8]> {
        self.challenge.as_ref()
    }

    /// Whether the second cryptogram comes next.
    pub(super) fn is_online(&self) -> bool {
        matches!(self.stage, Stage::Online(_))
    }

    /// Whether a transaction has begun, which may be carried to its end.
    pub(crate) fn is_running(&self) -> bool {
        !matches!(self.stage, Stage::Selected)
    }

    /// The issuer's part, in the stages that have one.
    pub(super) fn issuer(&self) -> Option<&IssuerSession> {
        match &self.stage {
            Stage::Online(issuer)
            | Stage::Closed(Ending::Declined(issuer) | Ending::Online(issuer)) => Some(issuer),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub(super) fn issuer_mut(&mut self) -> Option<&mut IssuerSession> {
        match &mut self.stage {
            Stage::Online(issuer)
            | Stage::Closed(Ending::Declined(issuer) | Ending::Online(issuer)) => Some(issuer),
            _ => None,
        }
    }

    /// Whether and how the issuer was authenticated.
    pub(super) fn issuer_authentication(&self) -> IssuerAuthentication {
        self.issuer().map_or(IssuerAuthentication::NotPerformed, |issuer| issuer.authentication)
    }

    /// A data element as the list of the cryptogram's command gave it: CDOL2 with CDOL1 behind it, CDOL1,
    /// or the PDOL of qPBOC, which has neither.
    pub(super) fn for_cryptogram<'t>(
        &'t self,
        plan: &FinancialApplication,
        tag: Tag,
    ) -> Option<&'t [u8]> {
        let given = &self.given;
        if matches!(self.stage, Stage::Closed(Ending::Qpboc(_))) {
            let pdol = if given.contactless { &plan.contactless_pdol } else { &plan.pdol };
            return in_list(pdol, &given.pdol, tag);
        }
        let second = in_list(&plan.cdol2, &given.cdol2, tag);
        second.or_else(|| in_list(&plan.cdol1, &given.cdol1, tag))
    }

    /// A data element of exactly `N` bytes; zeros when the terminal gave none, or another length.
    pub(super) fn array<const N: usize>(&self, plan: &FinancialApplication, tag: Tag) -> [u8; N] {
        let value = self.given.value(plan, tag);
        value.and_then(|value| value.try_into().ok()).unwrap_or([0; N])
    }
}

impl Given {
    /// A data element as the terminal gave it last: CDOL2, CDOL1, PDOL.
    pub(super) fn value<'t>(&'t self, plan: &FinancialApplication, tag: Tag) -> Option<&'t [u8]> {
        let pdol = if self.contactless { &plan.contactless_pdol } else { &plan.pdol };
        in_list(&plan.cdol2, &self.cdol2, tag)
            .or_else(|| in_list(&plan.cdol1, &self.cdol1, tag))
            .or_else(|| in_list(pdol, &self.pdol, tag))
    }
}

/// The value that answers `tag` in the data of a list; nothing when the data is too short.
pub(super) fn in_list<'d>(list: &[u8], data: &'d [u8], tag: Tag) -> Option<&'d [u8]> {
    let mut start = 0_usize;
    for entry in dol::DolReader::new(list) {
        let entry = entry.ok()?;
        let end = start.saturating_add(entry.length.into());
        if entry.tag == tag {
            return data.get(start..end);
        }
        start = end;
    }
    None
}
