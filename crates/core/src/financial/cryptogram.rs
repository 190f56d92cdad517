//! Application cryptograms, issuer application data, and the MACs of the card's session keys.

use alloc::vec::Vec;

use sscard_apdu::StatusWord;
use sscard_apdu::bcd;
use sscard_crypto::Key;
use sscard_crypto::financial::{
    Cipher, CryptogramScheme, Fold, IssuerApplicationData, arpc_method_1, arpc_method_2,
    discretionary_mac, mac, pboc_session_key, pin_from_change_block, script_mac as mac_of_script,
    with_odd_parity,
};
use sscard_elements::{CryptogramInformationData as Cid, tag};
use zeroize::Zeroizing;

use super::authentication;
use super::session::{KeyUse, Session};
use super::transaction::IssuerSession;
use crate::applet::Reply;
use crate::profile::{Area, CryptogramElement, CryptogramPlan};

impl Session<'_> {
    pub(super) fn cipher(&self) -> Cipher {
        if self.uses_sm() { Cipher::Sm4 } else { Cipher::TripleDes }
    }

    fn fold(&self) -> Fold {
        if self.plan.options.sm4_fold_xor { Fold::Xor } else { Fold::Left }
    }

    /// The session key of an ATC; that of the transaction's own may be kept already.
    fn session_key(&self, which: KeyUse, atc: [u8; 2]) -> Key {
        match self.transaction.session_keys.get(which as usize) {
            Some(Some(key)) if atc == self.transaction.begun.atc => key.clone(),
            _ => self.derived_key(which, atc),
        }
    }

    fn derived_key(&self, which: KeyUse, atc: [u8; 2]) -> Key {
        let (cipher, key) = (self.cipher(), self.card_key(which));
        let scheme = self.plan.cryptogram.scheme;
        match (scheme, which) {
            (CryptogramScheme::Pboc, _) => pboc_session_key(cipher, &key, atc),
            (_, KeyUse::Cryptogram) => scheme.session_key(cipher, &key, atc),
            // Scripts answer the first cryptogram, and some schemes' keys go by it.
            (_, KeyUse::Mac | KeyUse::Encipherment) => {
                let cryptogram =
                    self.transaction.issuer().map_or([0; 8], |issuer| issuer.cryptogram);
                scheme.script_keys().for_script(cipher, &key, atc, cryptogram)
            }
        }
    }

    /// Keeps the transaction's keys of cryptograms and of MACs, which both its cryptograms, the
    /// issuer's answer and its scripts need.
    fn keep_session_keys(&mut self) {
        let atc = self.transaction.begun.atc;
        let is_pboc = self.plan.cryptogram.scheme == CryptogramScheme::Pboc;
        self.transaction.session_keys = [KeyUse::Cryptogram, KeyUse::Mac].map(|which| {
            // Keys of scripts that go by the cryptogram are not known yet.
            let known = is_pboc || matches!(which, KeyUse::Cryptogram);
            known.then(|| self.session_key(which, atc))
        });
    }
}

/// What a cryptogram command answers.
pub(super) struct Answer {
    cid: Cid,
    pub(super) cryptogram: [u8; 8],
    /// Tag 9F10.
    pub(super) issuer_data: Vec<u8>,
}

impl Answer {
    /// Cryptogram and issuer application data as counters, balance and CVR are now.
    pub(super) fn compute(session: &mut Session<'_>, cid: Cid) -> Self {
        session.keep_session_keys();
        Self::under(session, cid, &session.plan.cryptogram)
    }

    /// Those of qPBOC, under the profile's cryptogram version.
    pub(super) fn compute_quick(session: &Session<'_>) -> Self {
        let own = &session.plan.cryptogram;
        if own.scheme == CryptogramScheme::Pboc && session.plan.qpboc_cryptogram_version == 0x17 {
            return Self::under(session, Cid::AAC, &CryptogramPlan::pboc_17());
        }
        let usual = CryptogramPlan::default();
        let quick = if own.scheme == CryptogramScheme::Pboc { &usual } else { own };
        Self::under(session, Cid::AAC, quick)
    }

    fn under(session: &Session<'_>, cid: Cid, plan: &CryptogramPlan) -> Self {
        let issuer_data = issuer_data(session, plan);
        Self { cid, cryptogram: compute(session, plan, &issuer_data), issuer_data }
    }

    /// Puts the answer of GENERATE AC into the reply: template 80, or 77 with a signature.
    pub(super) fn emit(
        &self,
        session: &mut Session<'_>,
        combined: bool,
        reply: &mut Reply<'_>,
    ) -> Result<(), StatusWord> {
        let atc = session.transaction.begun.atc;
        if combined {
            let signature = authentication::combined(session, self)?;
            reply.tlv().constructed(tag::RESPONSE_FORMAT_2, |out| {
                out.primitive(tag::CRYPTOGRAM_INFORMATION, &self.cid.bytes());
                out.primitive(tag::TRANSACTION_COUNTER, &atc);
                out.primitive(tag::SIGNED_DYNAMIC_DATA, &signature);
                out.primitive(tag::ISSUER_APPLICATION_DATA, &self.issuer_data);
            });
        } else if session.plan.options.generate_ac_in_77 {
            reply.tlv().constructed(tag::RESPONSE_FORMAT_2, |out| {
                out.primitive(tag::CRYPTOGRAM_INFORMATION, &self.cid.bytes());
                out.primitive(tag::TRANSACTION_COUNTER, &atc);
                out.primitive(tag::CRYPTOGRAM, &self.cryptogram);
                out.primitive(tag::ISSUER_APPLICATION_DATA, &self.issuer_data);
            });
        } else {
            let mut value = Vec::with_capacity(self.issuer_data.len().saturating_add(11));
            value.push(self.cid.byte());
            value.extend_from_slice(&atc);
            value.extend_from_slice(&self.cryptogram);
            value.extend_from_slice(&self.issuer_data);
            reply.tlv().primitive(tag::RESPONSE_FORMAT_1, &value);
        }
        Ok(())
    }

    pub(super) fn cid(&self) -> u8 {
        self.cid.byte()
    }

    /// The objects of the answer with a signature, without the signature: what its hash covers.
    pub(super) fn signed_objects(&self, atc: [u8; 2]) -> Vec<u8> {
        let mut objects = Vec::new();
        let mut out = sscard_apdu::tlv::Writer::new(&mut objects);
        out.primitive(tag::CRYPTOGRAM_INFORMATION, &self.cid.bytes());
        out.primitive(tag::TRANSACTION_COUNTER, &atc);
        out.primitive(tag::ISSUER_APPLICATION_DATA, &self.issuer_data);
        objects
    }
}

/// What the version covers, in its order (JR/T 0025.5 annex D, .12 annex A; EMV Book 2 table 26). The
/// terminal's elements are those of the command: of its own list, and of CDOL1 in the second GENERATE AC;
/// zeros where the list lacks them.
fn compute(session: &Session<'_>, plan: &CryptogramPlan, issuer_data: &[u8]) -> [u8; 8] {
    let begun = &session.transaction.begun;
    let cvr = session.transaction.cvr.bytes();
    let mut data = Vec::with_capacity(64);
    for element in &plan.elements {
        match element {
            CryptogramElement::Terminal(tag, length) => {
                match session.transaction.for_cryptogram(session.plan, *tag) {
                    Some(value) => data.extend_from_slice(value),
                    None => data.resize(data.len().saturating_add(usize::from(*length)), 0),
                }
            }
            CryptogramElement::InterchangeProfile => data.extend_from_slice(&begun.aip.bytes()),
            CryptogramElement::TransactionCounter => data.extend_from_slice(&begun.atc),
            CryptogramElement::Results => data.extend_from_slice(&cvr),
            CryptogramElement::SecondByteOfResults => data.extend(cvr.get(1)),
            CryptogramElement::IssuerData => data.extend_from_slice(issuer_data),
        }
    }
    let key = session.session_key(KeyUse::Cryptogram, begun.atc);
    plan.scheme.cryptogram(session.cipher(), &key, &data, session.fold())
}

/// Issuer application data, tag 9F10, with the amounts the profile shows, or its static bytes.
fn issuer_data(session: &Session<'_>, plan: &CryptogramPlan) -> Vec<u8> {
    let balance = || session.limit(tag::CASH_BALANCE).unwrap_or(0);
    let sum = || session.amount(Area::CUMULATIVE);
    let limit = || session.limit(tag::CUMULATIVE_LIMIT).unwrap_or(0);
    let id = session.plan.discretionary_data;
    let amounts: &[u64] = match id {
        1 => &[balance()],
        2 => &[sum()],
        3 => &[balance(), sum()],
        4 => &[sum(), limit()],
        5 => &[super::qpboc::available_offline(session)],
        _ => &[],
    };
    let mut data = IssuerApplicationData {
        key_index: session.plan.key_index,
        version: plan.version,
        cvr: session.transaction.cvr.bytes(),
        algorithm: plan.names_algorithm().then_some(session.cipher()),
        discretionary: Vec::new(),
    };
    if let Some((address, length)) = session.place.object(tag::ISSUER_APPLICATION_DATA) {
        session.nvm.read_into(address, length, &mut data.discretionary);
    } else if !amounts.is_empty() {
        let low = amounts.iter().map(|amount| {
            let [_, low @ ..] = bcd::n12(*amount);
            low
        });
        let low: Vec<[u8; 5]> = low.collect();
        let atc = session.transaction.begun.atc;
        let key = session.session_key(KeyUse::Mac, atc);
        let mac = discretionary_mac(session.cipher(), &key, atc, &low, session.fold());
        data.discretionary.push(id);
        low.iter().for_each(|amount| data.discretionary.extend_from_slice(amount));
        data.discretionary.extend_from_slice(&mac);
    }
    data.emit()
}

/// The response cryptogram that the issuer should have sent with this response code.
pub(super) fn arpc(session: &Session<'_>, issuer: &IssuerSession, code: [u8; 2]) -> [u8; 8] {
    let key = session.session_key(KeyUse::Cryptogram, session.transaction.begun.atc);
    arpc_method_1(session.cipher(), &key, &issuer.cryptogram, code)
}

/// The short response cryptogram (method 2) that the issuer should have sent with this card status update
/// and its own data.
pub(super) fn arpc_of_update(
    session: &Session<'_>,
    issuer: &IssuerSession,
    update: [u8; 4],
    own: &[u8],
) -> [u8; 4] {
    let key = session.session_key(KeyUse::Cryptogram, session.transaction.begun.atc);
    arpc_method_2(session.cipher(), &key, &issuer.cryptogram, update, own)
}

/// The MAC of a script command with this header (Lc counts the MAC) and this data.
pub(super) fn script_mac(
    session: &Session<'_>,
    issuer: &IssuerSession,
    header: [u8; 5],
    data: &[u8],
) -> [u8; 4] {
    let transaction = &*session.transaction;
    let key = session.session_key(KeyUse::Mac, transaction.begun.atc);
    mac_of_script(
        session.cipher(),
        &key,
        header,
        transaction.begun.atc,
        &issuer.cryptogram,
        data,
        session.fold(),
    )
}

/// Four bytes under the card's MAC session key of this ATC.
pub(super) fn mac_of_card(session: &Session<'_>, atc: [u8; 2], parts: &[&[u8]]) -> [u8; 4] {
    let key = session.session_key(KeyUse::Mac, atc);
    let [a, b, c, d, ..] = mac(session.cipher(), &key, parts, session.fold());
    [a, b, c, d]
}

/// Deciphers the data of a script.
pub(super) fn decipher_script(session: &Session<'_>, data: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let key = session.session_key(KeyUse::Encipherment, session.transaction.begun.atc);
    sscard_crypto::financial::decipher_script(session.cipher(), &key, data)
}

/// The new PIN as a format 2 block, out of the block of a PIN change.
pub(super) fn new_pin(
    session: &Session<'_>,
    key: &Key,
    block: &[u8],
    old: Option<&[u8; 8]>,
) -> Option<Zeroizing<[u8; 8]>> {
    let block = <&[u8; 8]>::try_from(block).ok()?;
    if session.plan.options.unadjusted_pin_key || session.transaction.begun.sm {
        pin_from_change_block(key, block, old)
    } else {
        pin_from_change_block(&with_odd_parity(key), block, old)
    }
}
