//! Cryptograms, issuer application data, and the answer of GENERATE AC.
//!
//! # Reference
//! JR/T 0025.5 annexes C, D; .17 §6 to 8; spec/financial-details.md §2, §3, §4.3; spec/financial.md §2.2.

use sscard_apdu::bcd;
use sscard_apdu::tlv::{Tag, Writer};
use sscard_core::{CryptogramElement, CryptogramPlan, Path};
use sscard_crypto::Key;
use sscard_crypto::financial::{
    Cipher, CryptogramScheme, IssuerApplicationData, discretionary_mac, sha1, sm3,
};
use sscard_elements::{
    ApplicationInterchangeProfile, CardVerificationResults as Cvr,
    CryptogramInformationData as Cid, tag,
};

use super::authentication::Signed;
use super::{Account, qpboc};
use crate::card_model::answer::Answer;

/// What a cryptogram command gives.
pub(super) struct Given {
    pub(super) cid: Cid,
    pub(super) cryptogram: [u8; 8],
    /// 9F10.
    pub(super) issuer_data: Vec<u8>,
}

impl Account<'_> {
    /// The key of this transaction's cryptograms.
    pub(super) fn cryptogram_key(&self) -> Key {
        let keys = self.plan.keys(self.session.sm);
        let scheme = self.plan.application.cryptogram.scheme;
        scheme.session_key(keys.cipher, &keys.cryptogram, self.session.atc)
    }

    /// The key of the card's MACs under this counter.
    pub(super) fn mac_key(&self, sm: bool, atc: [u8; 2]) -> Key {
        let keys = self.plan.keys(sm);
        self.key_of_scripts(keys.cipher, &keys.mac, atc)
    }

    /// The key of what a script enciphers.
    pub(super) fn encipherment_key(&self) -> Key {
        let keys = self.plan.keys(self.session.sm);
        self.key_of_scripts(keys.cipher, &keys.encipherment, self.session.atc)
    }

    fn key_of_scripts(&self, cipher: Cipher, card: &Key, atc: [u8; 2]) -> Key {
        let scheme = self.plan.application.cryptogram.scheme;
        let cryptogram = self.session.issuer.map_or([0; 8], |issuer| issuer.cryptogram);
        scheme.script_keys().for_script(cipher, card, atc, cryptogram)
    }
}

/// Cryptogram and issuer application data as counters, balance and results are now.
pub(super) fn compute(account: &Account<'_>, cid: Cid) -> Given {
    under(account, cid, &account.plan.application.cryptogram)
}

/// Those of qPBOC: version 01 or 17 of PBOC, or the scheme's own.
pub(super) fn compute_quick(account: &Account<'_>) -> Given {
    let application = &account.plan.application;
    let own = &application.cryptogram;
    match (own.scheme, application.qpboc_cryptogram_version) {
        (CryptogramScheme::Pboc, 0x17) => under(account, Cid::AAC, &CryptogramPlan::pboc_17()),
        (CryptogramScheme::Pboc, _) => under(account, Cid::AAC, &CryptogramPlan::default()),
        _ => under(account, Cid::AAC, own),
    }
}

fn under(account: &Account<'_>, cid: Cid, plan: &CryptogramPlan) -> Given {
    let issuer_data = issuer_data(account, plan);
    let mut data = Vec::with_capacity(64);
    for element in &plan.elements {
        match element {
            CryptogramElement::Terminal(tag, length) => match element_of_list(account, *tag) {
                Some(value) => data.extend_from_slice(value),
                None => data.resize(data.len() + usize::from(*length), 0),
            },
            CryptogramElement::InterchangeProfile => data.extend(account.session.aip),
            CryptogramElement::TransactionCounter => data.extend(account.session.atc),
            CryptogramElement::Results => data.extend(account.session.cvr),
            CryptogramElement::SecondByteOfResults => data.push(account.session.cvr[1]),
            CryptogramElement::IssuerData => data.extend_from_slice(&issuer_data),
        }
    }
    let cipher = account.plan.keys(account.session.sm).cipher;
    let key = account.cryptogram_key();
    let cryptogram = plan.scheme.cryptogram(cipher, &key, &data, account.plan.fold());
    Given { cid, cryptogram, issuer_data }
}

/// A data element out of the list of the command: CDOL2 with CDOL1 behind it, the PDOL where the cryptogram comes with the options.
fn element_of_list<'a>(account: &'a Account<'_>, tag: Tag) -> Option<&'a [u8]> {
    let (plan, session) = (account.plan, &*account.session);
    if session.path == Path::Qpboc {
        return plan.pdol(session.contactless).value(tag, &session.pdol);
    }
    let second = plan.cdol2.value(tag, &session.cdol2);
    second.or_else(|| plan.cdol1.value(tag, &session.cdol1))
}

/// 9F10: `07 DKI CVN CVR algorithm`, of other schemes `06 DKI CVN CVR`; then the issuer's own with its length.
fn issuer_data(account: &Account<'_>, plan: &CryptogramPlan) -> Vec<u8> {
    let keys = account.plan.keys(account.session.sm);
    let discretionary = match account.held().object(tag::ISSUER_APPLICATION_DATA) {
        Some(fixed) => fixed.to_vec(),
        None => amounts(account),
    };
    IssuerApplicationData {
        key_index: account.plan.application.key_index,
        version: plan.version,
        cvr: account.session.cvr,
        algorithm: (plan.scheme == CryptogramScheme::Pboc).then_some(keys.cipher),
        discretionary,
    }
    .emit()
}

/// One or two amounts with their identifier and a MAC (JR/T 0025.12 annex A).
fn amounts(account: &Account<'_>) -> Vec<u8> {
    let held = account.held();
    let balance = || held.amount(tag::CASH_BALANCE).unwrap_or(0);
    let limit = || held.amount(tag::CUMULATIVE_LIMIT).unwrap_or(0);
    let id = account.plan.application.discretionary_data;
    let shown = match id {
        1 => vec![balance()],
        2 => vec![held.sum],
        3 => vec![balance(), held.sum],
        4 => vec![held.sum, limit()],
        5 => vec![qpboc::available_offline(held)],
        _ => return Vec::new(),
    };
    let shown: Vec<[u8; 5]> = shown
        .into_iter()
        .map(|amount| {
            let [_, low @ ..] = bcd::n12(amount);
            low
        })
        .collect();
    let atc = account.session.atc;
    let cipher = account.plan.keys(account.session.sm).cipher;
    let mac = discretionary_mac(
        cipher,
        &account.mac_key(account.session.sm, atc),
        atc,
        &shown,
        account.plan.fold(),
    );
    [&[id], shown.as_flattened(), &mac].concat()
}

/// Whether a cryptogram is to be combined with a signature: it was asked for, card and keys can do it, and it is no AAC.
pub(super) fn is_combined(account: &Account<'_>, p1: u8, cid: Cid) -> bool {
    p1 & 0x10 != 0
        && cid.kind() != Cid::AAC
        && account.offers(ApplicationInterchangeProfile::CDA)
        && account.plan.can_sign(account.session.sm)
}

/// The combination counts as dynamic data authentication, and its bit is under the cryptogram.
pub(super) fn note_combined(account: &mut Account<'_>, combined: bool) {
    if combined {
        account.session.note(Cvr::DDA_PERFORMED);
    }
}

impl Given {
    /// Writes the answer of GENERATE AC: template 80, or 77.
    pub(super) fn write(&self, account: &Account<'_>, combined: bool, answer: &mut Answer) {
        let atc = account.session.atc;
        if combined {
            self.write_combined(account, answer);
        } else if account.plan.application.options.generate_ac_in_77 {
            Writer::new(&mut answer.data).constructed(tag::RESPONSE_FORMAT_2, |out| {
                out.primitive(tag::CRYPTOGRAM_INFORMATION, &self.cid.bytes());
                out.primitive(tag::TRANSACTION_COUNTER, &atc);
                out.primitive(tag::CRYPTOGRAM, &self.cryptogram);
                out.primitive(tag::ISSUER_APPLICATION_DATA, &self.issuer_data);
            });
        } else {
            let cid = self.cid.bytes();
            let value = [&cid[..], &atc, &self.cryptogram, &self.issuer_data].concat();
            Writer::new(&mut answer.data).primitive(tag::RESPONSE_FORMAT_1, &value);
        }
    }

    /// `77 {9F27, 9F36, 9F4B, 9F10}`: the signature covers number, CID, cryptogram and the hash of the transaction.
    fn write_combined(&self, account: &Account<'_>, answer: &mut Answer) {
        let session = &*account.session;
        let mut shown = Vec::new();
        let mut out = Writer::new(&mut shown);
        out.primitive(tag::CRYPTOGRAM_INFORMATION, &self.cid.bytes());
        out.primitive(tag::TRANSACTION_COUNTER, &session.atc);
        let before = shown.len();
        Writer::new(&mut shown).primitive(tag::ISSUER_APPLICATION_DATA, &self.issuer_data);
        let parts: [&[u8]; 4] = [&session.pdol, &session.cdol1, &session.cdol2, &shown];
        let hash = if session.sm { sm3(&parts).to_vec() } else { sha1(&parts).to_vec() };
        let behind = [&self.cid.bytes()[..], &self.cryptogram, &hash].concat();
        let number = account.terminal::<4>(tag::UNPREDICTABLE_NUMBER);
        let signed = Signed::numbered(account, &behind, &number);
        let length = signed.length(account.plan);
        Writer::new(&mut answer.data).constructed(tag::RESPONSE_FORMAT_2, |out| {
            out.primitive(tag::CRYPTOGRAM_INFORMATION, &self.cid.bytes());
            out.primitive(tag::TRANSACTION_COUNTER, &session.atc);
            out.primitive(tag::SIGNED_DYNAMIC_DATA, &vec![0; length]);
            out.primitive(tag::ISSUER_APPLICATION_DATA, &self.issuer_data);
        });
        answer.hole_before(shown.len() - before, length, signed.into());
    }
}
