//! Who certifies a card's keys: a certification authority and an issuer, the test bank's unless a profile
//! has its own.
//!
//! Invariant owned here: a nonce of a private key is never that of another key or another message.

use std::sync::OnceLock;

use sscard_crypto::financial::certificate::{self, Certificate, Validity};
use sscard_crypto::financial::rsa::RsaPublicKey;
use sscard_crypto::financial::{sm_certificate, sm2, sm3};

use crate::signatures::{Signed, recall};
use crate::test_keys::{AUTHORITY_1984, AUTHORITY_SM2, RsaPair, TestKeys};

/// Expiry of all test certificates, MMYY.
const EXPIRY: [u8; 2] = [0x12, 0x49];

/// An authority and an issuer; what is not a profile's own is the test bank's.
#[derive(Default)]
pub(crate) struct Chain {
    pub(crate) own: OwnChain,
    rsa_certificate: OnceLock<Option<Certificate>>,
    sm_certificate: OnceLock<Option<Vec<u8>>>,
}

/// What a profile says of authority and issuer.
#[derive(Clone, Default)]
pub(crate) struct OwnChain {
    /// The authority's index (tag 8F) under RSA, and its key.
    pub(crate) rsa_index: Option<u8>,
    pub(crate) rsa_authority: Option<RsaPair>,
    /// The same under SM2.
    pub(crate) sm2_index: Option<u8>,
    pub(crate) sm2_authority: Option<sm2::Sm2PrivateKey>,
    /// The issuer's keys.
    pub(crate) rsa_issuer: Option<RsaPair>,
    pub(crate) sm2_issuer: Option<sm2::Sm2PrivateKey>,
    /// Issuer identification in its certificates: the beginning of the account numbers, filled with F.
    pub(crate) identification: Option<[u8; 4]>,
    /// Expiry of every certificate, MMYY.
    pub(crate) expiry: Option<[u8; 2]>,
}

impl Clone for Chain {
    fn clone(&self) -> Self {
        Self::new(self.own.clone())
    }
}

impl Chain {
    pub(crate) fn new(own: OwnChain) -> Self {
        Self { own, ..Self::default() }
    }

    /// Issuer identification number of the test bank, or the profile's.
    fn identification(&self) -> [u8; 4] {
        self.own.identification.unwrap_or([0x99, 0x99, 0x99, 0xFF])
    }

    fn validity(&self, serial: u8) -> Validity {
        Validity { expiry: self.own.expiry.unwrap_or(EXPIRY), serial: [0, 0, serial] }
    }

    /// Whether a signature under the authority may be a committed one.
    fn has_own_issuer_certificate(&self) -> bool {
        self.own.identification.is_some() || self.own.expiry.is_some()
    }

    fn rsa_authority(&self) -> Option<&RsaPair> {
        self.own.rsa_authority.as_ref().or_else(|| TestKeys::get().rsa("ca-1984"))
    }

    fn sm2_authority(&self) -> Option<&sm2::Sm2PrivateKey> {
        self.own.sm2_authority.as_ref().or_else(|| TestKeys::get().sm2("ca"))
    }

    /// The authority's public RSA key.
    pub(crate) fn rsa_authority_key(&self) -> Option<&RsaPublicKey> {
        self.rsa_authority().map(|pair| &pair.public)
    }

    /// The authority's public SM2 key.
    pub(crate) fn sm2_authority_key(&self) -> Option<&sm2::Sm2PublicKey> {
        self.sm2_authority().map(sm2::Sm2PrivateKey::public_key)
    }

    pub(crate) fn rsa_index(&self) -> u8 {
        self.own.rsa_index.unwrap_or(AUTHORITY_1984)
    }

    pub(crate) fn sm2_index(&self) -> u8 {
        self.own.sm2_index.unwrap_or(AUTHORITY_SM2)
    }

    pub(crate) fn rsa_issuer(&self) -> Option<&RsaPair> {
        self.own.rsa_issuer.as_ref().or_else(|| TestKeys::get().rsa("issuer-1408"))
    }

    /// The issuer's SM2 key, which signs twice for every card.
    fn sm2_issuer(&self) -> Option<&sm2::Sm2PrivateKey> {
        static TEST: OnceLock<Option<sm2::Sm2PrivateKey>> = OnceLock::new();
        let test = || {
            TEST.get_or_init(|| TestKeys::get().sm2("issuer").map(sm2::Sm2PrivateKey::prepared))
                .as_ref()
        };
        self.own.sm2_issuer.as_ref().or_else(test)
    }

    /// Lengths of the moduli of authority and issuer in bytes.
    pub(crate) fn rsa_lengths(&self) -> Option<(usize, usize)> {
        let length = |pair: &RsaPair| pair.public.modulus().len();
        Some((length(self.rsa_authority()?), length(self.rsa_issuer()?)))
    }

    /// The issuer's RSA certificate, tags 90 and 92; made once.
    pub(crate) fn rsa_issuer_certificate(&self) -> Option<&Certificate> {
        let make = || {
            let (authority, issuer) = (self.rsa_authority()?, self.rsa_issuer()?);
            let issue = || {
                certificate::issue_issuer_certificate(
                    &authority.private,
                    self.identification(),
                    self.validity(1),
                    &issuer.public,
                )
            };
            let own = &self.own;
            if own.rsa_authority.is_some()
                || own.rsa_issuer.is_some()
                || self.has_own_issuer_certificate()
            {
                return issue();
            }
            // The issuer's key is shorter than the authority's by more than the frame: no remainder.
            let message = [issuer.public.modulus()];
            let certificate = recall(Signed::RsaIssuer, &message, || Some(issue()?.certificate))?;
            Some(Certificate { certificate, remainder: Vec::new() })
        };
        self.rsa_certificate.get_or_init(make).as_ref()
    }

    /// The issuer's SM2 certificate, tag 90; made once.
    pub(crate) fn sm_issuer_certificate(&self) -> Option<&[u8]> {
        let make = || {
            let own = &self.own;
            let is_own = own.sm2_authority.is_some()
                || own.sm2_issuer.is_some()
                || self.has_own_issuer_certificate();
            let public = match &own.sm2_issuer {
                Some(key) => key.public_key().bytes(),
                None => TestKeys::get().sm2_public("issuer")?,
            };
            let issue = || {
                let issuer = match &own.sm2_issuer {
                    Some(key) => key.public_key(),
                    None => TestKeys::get().sm2("issuer")?.public_key(),
                };
                sm_certificate::issue_issuer_certificate(
                    self.sm2_authority()?,
                    &nonce(1, own.sm2_authority.as_ref(), &[public, &self.subject()]),
                    self.identification(),
                    self.validity(3),
                    issuer,
                )
            };
            if is_own { issue() } else { recall(Signed::SmIssuer, &[public], issue) }
        };
        self.sm_certificate.get_or_init(make).as_deref()
    }

    /// What an own certificate says beside the key; nothing of the test bank's, whose nonces are older.
    fn subject(&self) -> Vec<u8> {
        if !self.has_own_issuer_certificate() {
            return Vec::new();
        }
        [&self.identification()[..], &self.validity(3).expiry].concat()
    }

    /// Signed static data under RSA, tag 93.
    pub(crate) fn rsa_static(&self, covered: &[u8]) -> Option<Vec<u8>> {
        let issuer = self.rsa_issuer()?;
        let sign = || certificate::sign_static_data(&issuer.private, [0x00, 0x01], covered);
        match self.own.rsa_issuer {
            Some(_) => sign(),
            None => recall(Signed::RsaStatic, &[covered], sign),
        }
    }

    /// A card's RSA certificate, tags 9F46 and 9F48.
    pub(crate) fn rsa_card(
        &self,
        card: &RsaPair,
        account: [u8; 10],
        covered: &[u8],
    ) -> Option<Certificate> {
        let issuer = self.rsa_issuer()?;
        let key = &card.public;
        let issue = || {
            let validity = self.validity(2);
            certificate::issue_card_certificate(&issuer.private, account, validity, key, covered)
        };
        if self.own.rsa_issuer.is_some() || self.own.expiry.is_some() {
            return issue();
        }
        let message: [&[u8]; 3] = [key.modulus(), &account, covered];
        let certificate = recall(Signed::RsaCard, &message, || Some(issue()?.certificate))?;
        // What of the modulus does not fit beside the frame of 42 bytes.
        let inside = issuer.public.modulus().len().checked_sub(42)?;
        let remainder = key.modulus().get(inside..).unwrap_or_default().to_vec();
        Some(Certificate { certificate, remainder })
    }

    /// Signed static data under SM2, tag 93.
    pub(crate) fn sm_static(&self, covered: &[u8]) -> Option<Vec<u8>> {
        let own = self.own.sm2_issuer.as_ref();
        let sign = || {
            let nonce = nonce(2, own, &[covered]);
            sm_certificate::sign_static_data(self.sm2_issuer()?, &nonce, [0x00, 0x01], covered)
        };
        if own.is_some() { sign() } else { recall(Signed::SmStatic, &[covered], sign) }
    }

    /// A card's SM2 certificate, tag 9F46. `public` are X and Y; `card` the key when it is needed.
    pub(crate) fn sm_card(
        &self,
        public: &[u8; 64],
        card: impl Fn() -> Option<sm2::Sm2PublicKey>,
        account: [u8; 10],
        covered: &[u8],
    ) -> Option<Vec<u8>> {
        let own = self.own.sm2_issuer.as_ref();
        let message: [&[u8]; 3] = [public, &account, covered];
        let is_own = own.is_some() || self.own.expiry.is_some();
        let issue = || {
            // The test bank's nonces are older than keys of one's own: of the static data alone.
            let nonce = match is_own {
                true => nonce(3, own, &[public, &account, &self.validity(4).expiry, covered]),
                false => nonce(3, None, &[covered]),
            };
            let (issuer, validity) = (self.sm2_issuer()?, self.validity(4));
            let card = card()?;
            sm_certificate::issue_card_certificate(
                issuer, &nonce, account, validity, &card, covered,
            )
        };
        if is_own { issue() } else { recall(Signed::SmCard, &message, issue) }
    }
}

/// The same data under the same key, the same signature: the nonce is a hash of what is signed, and of
/// the private key unless that is public, as the test bank's is.
fn nonce(what: u8, own: Option<&sm2::Sm2PrivateKey>, data: &[&[u8]]) -> [u8; 32] {
    let secret = own.map(sm2::Sm2PrivateKey::to_bytes);
    let tag = [what];
    let mut parts: Vec<&[u8]> = match &secret {
        Some(secret) => vec![b"own nonce", &secret[..], &tag],
        None => vec![b"TEST nonce", &tag],
    };
    parts.extend_from_slice(data);
    sm3(&parts)
}
