//! What a payment application was made from: its lists, its options, its keys.
//!
//! What enters: the blueprint, and the keys that the card was personalised with. What leaves: lists that need not be read again for each
//! command.

use std::ops::Range;

use sscard_apdu::dol::DolReader;
use sscard_apdu::tlv::Tag;
use sscard_core::inspect::AccountKeyView;
use sscard_core::{Card, FinancialApplication, Path, ProcessingOptions};
use sscard_crypto::Key;
use sscard_crypto::financial::rsa::{Exponent, RsaPrivateKey, RsaPublicKey};
use sscard_crypto::financial::sm2::{Sm2PrivateKey, Sm2PublicKey};
use sscard_crypto::financial::{Cipher, Fold};
use sscard_elements::tag;

/// A payment application as it does not change.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) application: FinancialApplication,
    /// PDOL over contacts.
    pub(crate) pdol: List,
    /// PDOL over the contactless interface.
    pub(crate) contactless_pdol: List,
    pub(crate) cdol1: List,
    pub(crate) cdol2: List,
    pub(crate) ddol: List,
    /// Format of the load log's records behind their head.
    pub(crate) load_log: List,
    /// What a selection answers, over contacts and without.
    pub(crate) control_information: [Vec<u8>; 2],
    /// 3DES.
    pub(crate) international: Keys,
    /// SM4.
    pub(crate) sm: Keys,
    /// The public key of the card with its private one, which deciphers PINs.
    pub(crate) rsa: Option<(RsaPublicKey, RsaPrivateKey)>,
    pub(crate) sm2: Option<Sm2PublicKey>,
}

/// Card keys of one family.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) cipher: Cipher,
    pub(crate) cryptogram: Key,
    pub(crate) mac: Key,
    pub(crate) encipherment: Key,
}

/// A data object list, read.
#[derive(Debug)]
pub(crate) struct List {
    /// Each object with its place in the data.
    pub(crate) entries: Vec<(Tag, Range<usize>)>,
    /// Bytes of data that answer it.
    pub(crate) length: usize,
}

impl List {
    fn of(list: &[u8]) -> Self {
        let mut length = 0;
        let entries = DolReader::new(list).map_while(Result::ok).map(|entry| {
            let start = length;
            length += usize::from(entry.length);
            (entry.tag, start..length)
        });
        let entries = entries.collect();
        Self { entries, length }
    }

    /// The value of an object in data that answer the list; `None` when the list does not ask for it, or there are no data.
    pub(crate) fn value<'d>(&self, tag: Tag, data: &'d [u8]) -> Option<&'d [u8]> {
        let (_, place) = self.entries.iter().find(|(known, _)| *known == tag)?;
        data.get(place.clone())
    }

    pub(crate) fn asks_for(&self, tag: Tag) -> bool {
        self.entries.iter().any(|(known, _)| *known == tag)
    }
}

impl Plan {
    /// The payment applications of a card, in the blueprint's order.
    pub(in crate::card_model) fn all(card: &Card) -> Vec<Self> {
        let keys = card.reveal_account_keys();
        let applications = &card.profile().blueprint().financial.applications;
        applications.iter().map(|application| Self::of(application, &keys)).collect()
    }

    fn of(application: &FinancialApplication, keys: &[AccountKeyView]) -> Self {
        let held = |algorithm: &str, name: &str| {
            let found = keys.iter().find(|key| {
                key.aid == application.aid.as_bytes()
                    && (key.algorithm, key.name) == (algorithm, name)
            });
            found.map(|key| key.value.to_vec())
        };
        let family = |cipher, algorithm| {
            // A key that was not personalised is 00.
            let key = |name| {
                let value = held(algorithm, name).and_then(|value| value.try_into().ok());
                Key::new(value.unwrap_or([0; 16]))
            };
            Keys {
                cipher,
                cryptogram: key("UDK-AC"),
                mac: key("UDK-MAC"),
                encipherment: key("UDK-ENC"),
            }
        };
        let sm2 = held("SM2", "ICC private key");
        let sm2 = sm2.and_then(|value| <[u8; 32]>::try_from(value).ok());
        Self {
            pdol: List::of(&application.pdol),
            contactless_pdol: List::of(&application.contactless_pdol),
            cdol1: List::of(&application.cdol1),
            cdol2: List::of(&application.cdol2),
            ddol: List::of(&application.ddol),
            load_log: List::of(
                application.load_log.as_ref().map_or(&[], |log| log.format.as_slice()),
            ),
            control_information: [false, true]
                .map(|contactless| super::control_information::of(application, contactless)),
            international: family(Cipher::TripleDes, "3DES"),
            sm: family(Cipher::Sm4, "SM4"),
            rsa: held("RSA", "ICC private key").and_then(|parts| key_pair(&parts)),
            sm2: sm2
                .and_then(|value| Sm2PrivateKey::from_bytes(&value))
                .map(|key| *key.public_key()),
            application: application.clone(),
        }
    }

    /// The keys of a transaction.
    pub(crate) fn keys(&self, sm: bool) -> &Keys {
        if sm { &self.sm } else { &self.international }
    }

    /// Which bytes of the last SM4 block a MAC is.
    pub(crate) fn fold(&self) -> Fold {
        if self.application.options.sm4_fold_xor { Fold::Xor } else { Fold::Left }
    }

    /// The PDOL of an interface.
    pub(crate) fn pdol(&self, contactless: bool) -> &List {
        if contactless { &self.contactless_pdol } else { &self.pdol }
    }

    /// AIP and AFL of a path under one family of algorithms.
    pub(crate) fn options(&self, path: Path, sm: bool) -> Option<&ProcessingOptions> {
        let all = &self.application.processing_options;
        all.iter().find(|options| (options.path, options.sm) == (path, sm))
    }

    /// Whether the application has this path at all.
    pub(crate) fn offers(&self, path: Path) -> bool {
        self.application.processing_options.iter().any(|options| options.path == path)
    }

    /// Whether the issuer's answer comes in the second GENERATE AC, as schemes without EXTERNAL AUTHENTICATE have it.
    pub(crate) fn is_issuer_in_list(&self) -> bool {
        self.cdol2.asks_for(tag::ISSUER_AUTHENTICATION_DATA)
    }

    /// Whether the card can sign under these algorithms.
    pub(crate) fn can_sign(&self, sm: bool) -> bool {
        if sm { self.sm2.is_some() } else { self.rsa.is_some() }
    }
}

/// A key pair out of the five parts that a card holds; the exponent is the one that fits them.
fn key_pair(parts: &[u8]) -> Option<(RsaPublicKey, RsaPrivateKey)> {
    let half = parts.len() / 5;
    let (p, rest) = parts.split_at(half);
    let (q, _) = rest.split_at(half);
    [Exponent::Three, Exponent::FermatFour].into_iter().find_map(|exponent| {
        let (public, private) = RsaPrivateKey::from_primes(p, q, exponent)?;
        (private.to_bytes().as_slice() == parts).then_some((public, private))
    })
}
