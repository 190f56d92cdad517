//! Key pairs: generated, exported, imported.
//!
//! A generated public key is taken byte by byte as it is seen, and has to be a point of the curve once all of it was; its private key stays
//! hidden, and so do the results that depend on it: signatures are verified, nothing else is asked of it that the model could not know.

use std::ops::Range;
use std::sync::Arc;

use sscard_apdu::StatusWord;
use sscard_crypto::Key;
use sscard_crypto::financial::sm2::{Sm2PrivateKey, Sm2PublicKey};
use sscard_crypto::pki::decipher;
use sscard_elements::pki as tag;

use super::files::{Kind, Purpose};
use super::{Needs, admit, form};
use crate::card_model::answer::{self, Answer};
use crate::card_model::lasting::Lasting;
use crate::card_model::stand::{Outcome, Plain, Stand};

/// Length of a public key's file: tag, length, X, Y.
pub(super) const PUBLIC: usize = 66;
/// Length of a private key's file: tag, length, the number.
pub(super) const PRIVATE: usize = 34;

/// A pair.
#[derive(Clone, Debug, Default)]
pub(super) struct Pair {
    pub(super) public: Option<Public>,
    pub(super) private: Private,
    /// How often it was generated or imported: which of an answer's bytes are still its own.
    pub(super) generation: u16,
    /// The signature that was seen last.
    pub(super) signed: Option<Arc<Signed>>,
}

/// How often one was generated before does not make two pairs different.
impl PartialEq for Pair {
    fn eq(&self, other: &Self) -> bool {
        let Self { public, private, generation: _, signed } = self;
        (public, private, signed) == (&other.public, &other.private, &other.signed)
    }
}

/// A public key as far as it is known.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Public {
    bytes: [u8; 64],
    /// The bytes that are, a bit for each.
    seen: u64,
}

/// A private key.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) enum Private {
    #[default]
    Missing,
    /// The card alone knows it.
    Hidden,
    Known([u8; 32]),
}

/// A digest and its signature.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Signed {
    pub(super) digest: [u8; 32],
    pub(super) signature: [u8; 64],
}

/// Random bytes of the application's answers.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Unknown {
    /// A byte of a generated public key.
    PublicByte { purpose: Purpose, generation: u16, at: u8 },
    /// A signature of this digest, under the public key as it was known then.
    Signature { digest: [u8; 32], generation: u16, public: Option<[u8; 64]> },
}

impl Public {
    pub(super) const fn new(bytes: [u8; 64]) -> Self {
        Self { bytes, seen: u64::MAX }
    }

    /// All of it; `None` while some of it was not seen.
    pub(super) fn whole(&self) -> Option<[u8; 64]> {
        (self.seen == u64::MAX).then_some(self.bytes)
    }
}

impl Pair {
    /// A pair as its files hold it.
    pub(super) fn of_files(public: &[u8], private: &[u8]) -> Self {
        let there = |file: &[u8]| file[0] != 0;
        Self {
            public: there(public).then(|| {
                let mut bytes = [0; 64];
                bytes.copy_from_slice(&public[2..]);
                Public::new(bytes)
            }),
            private: match <[u8; 32]>::try_from(&private[2..]) {
                Ok(number) if there(private) => Private::Known(number),
                _ => Private::Missing,
            },
            ..Self::default()
        }
    }

    /// The public key.
    pub(super) fn public(&self) -> Result<&Public, StatusWord> {
        self.public.as_ref().ok_or(StatusWord::REFERENCED_DATA_NOT_FOUND)
    }

    fn renew(&mut self, public: Public, private: Private) {
        let generation = self.generation.wrapping_add(1);
        *self = Self { public: Some(public), private, generation, signed: None };
    }

    fn learn(&mut self, at: u8, byte: u8) -> Result<(), String> {
        let Some(public) = &mut self.public else { return Ok(()) };
        let bit = 1 << at;
        if public.seen & bit != 0 && public.bytes[usize::from(at)] != byte {
            return Err("a public key that changes".into());
        }
        public.bytes[usize::from(at)] = byte;
        public.seen |= bit;
        let Some(bytes) = public.whole() else { return Ok(()) };
        let key = Sm2PublicKey::from_bytes(&bytes);
        let key = key.ok_or("a public key that is no point of the curve")?;
        match &self.signed {
            Some(signed) if !key.verify_digest(&signed.digest, &signed.signature) => {
                Err("a signature that does not verify".into())
            }
            _ => Ok(()),
        }
    }
}

/// A public key's file, or a piece of it.
pub(super) fn read_public(pair: &Pair, purpose: Purpose, range: Range<usize>, answer: &mut Answer) {
    let Some(public) = &pair.public else {
        return answer.extend(&[0; PUBLIC][range]);
    };
    for at in range {
        match at.checked_sub(2) {
            None => answer.extend(&[[0xCA, 0x40][at]]),
            Some(at) if public.seen >> at & 1 != 0 => answer.extend(&[public.bytes[at]]),
            Some(at) => {
                let (generation, at) = (pair.generation, u8::try_from(at).unwrap_or(u8::MAX));
                let byte = Unknown::PublicByte { purpose, generation, at };
                answer.hole(1, answer::Unknown::Pki(byte));
            }
        }
    }
}

/// Takes bytes that were seen, and verifies what can be.
pub(in crate::card_model) fn settle(
    lasting: &mut Lasting,
    what: &Unknown,
    bytes: &[u8],
) -> Result<(), String> {
    match what {
        Unknown::PublicByte { purpose, generation, at } => {
            let place = *purpose as usize;
            if lasting.pki.pairs[place].generation != *generation {
                return Ok(());
            }
            lasting.pki_mut().pairs[place].learn(*at, bytes[0])
        }
        Unknown::Signature { digest, generation, public } => {
            let signature: [u8; 64] = bytes.try_into().map_err(|_| "no signature")?;
            let place = Purpose::Signature as usize;
            if let Some(public) = public {
                let key = Sm2PublicKey::from_bytes(public);
                if !key.is_some_and(|key| key.verify_digest(digest, &signature)) {
                    return Err("a signature that does not verify".into());
                }
            }
            if lasting.pki.pairs[place].generation == *generation {
                let signed = Signed { digest: *digest, signature };
                lasting.pki_mut().pairs[place].signed = Some(Arc::new(signed));
            }
            Ok(())
        }
    }
}

/// GENERATE KEY PAIR: in the place of the old one; the certificate stays.
pub(super) fn generate(plain: Plain<'_>, stand: &mut Stand<'_>) -> Outcome {
    form::parameters(plain, 0x00, 0x00)?;
    let purpose = form::pair(plain.data)?;
    admit(Needs::Either, stand)?;
    let pair = &mut stand.lasting.pki_mut().pairs[purpose as usize];
    pair.renew(Public { bytes: [0; 64], seen: 0 }, Private::Hidden);
    Ok(StatusWord::SUCCESS)
}

/// GET PUBLIC KEY: 82 00 names a pair, 82 80 gives its public key, as often as it is asked.
pub(super) fn export(plain: Plain<'_>, stand: &mut Stand<'_>, answer: &mut Answer) -> Outcome {
    match (plain.p1, plain.p2) {
        (0x82, 0x00) => {
            let purpose = form::pair(plain.data)?;
            admit(Needs::Nobody, stand)?;
            stand.lasting.pki.pairs[purpose as usize].public()?;
            stand.channel.pki.exported = Some(purpose);
        }
        (0x82, 0x80) => {
            form::no_data(plain)?;
            admit(Needs::Nobody, stand)?;
            let named = stand.channel.pki.exported;
            let purpose = named.ok_or(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED)?;
            let pair = &stand.lasting.pki.pairs[purpose as usize];
            pair.public()?;
            read_public(pair, purpose, 0..PUBLIC, answer);
        }
        _ => return Err(StatusWord::INCORRECT_P1_P2),
    }
    Ok(StatusWord::SUCCESS)
}

/// IMPORT SESSION KEY: for the private key that comes next.
pub(super) fn import_session_key(plain: Plain<'_>, stand: &mut Stand<'_>) -> Outcome {
    form::parameters(plain, 0x02, 0x10)?;
    let [key] = form::objects(plain.data, [tag::INPUT])?;
    let key = form::sized(key)?;
    admit(Needs::Either, stand)?;
    stand.channel.pki.key = Some(key);
    Ok(StatusWord::SUCCESS)
}

/// IMPORT KEY: the halves of the encryption pair, the public one first, which takes the old private one away.
pub(super) fn import(plain: Plain<'_>, stand: &mut Stand<'_>) -> Outcome {
    let (kind, tags) = match (plain.p1, plain.p2) {
        (0x40, 0x00) => (Kind::Public, [tag::PUBLIC_KEY_FILE, tag::PUBLIC_KEY]),
        (0xC0, 0x01) => (Kind::Private, [tag::PRIVATE_KEY_FILE, tag::PRIVATE_KEY]),
        _ => return Err(StatusWord::INCORRECT_P1_P2),
    };
    let [file, key] = form::objects(plain.data, tags)?;
    if form::key_file(file, kind)? != Purpose::Encryption {
        return Err(StatusWord::INCORRECT_DATA);
    }
    match kind {
        Kind::Public => import_public(form::sized(key)?, stand),
        _ => import_private(form::sized(key)?, stand),
    }
}

fn import_public(key: [u8; 64], stand: &mut Stand<'_>) -> Outcome {
    admit(Needs::Either, stand)?;
    Sm2PublicKey::from_bytes(&key).ok_or(StatusWord::INCORRECT_DATA)?;
    let pair = &mut stand.lasting.pki_mut().pairs[Purpose::Encryption as usize];
    pair.renew(Public::new(key), Private::Missing);
    Ok(StatusWord::SUCCESS)
}

/// Under the session key, which is used up; it has to be the public half's.
fn import_private(enciphered: [u8; 32], stand: &mut Stand<'_>) -> Outcome {
    admit(Needs::Either, stand)?;
    let public = *stand.lasting.pki.pairs[Purpose::Encryption as usize].public()?;
    let session = stand.channel.pki.key.take();
    let session = session.ok_or(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED)?;
    let mut number = enciphered;
    decipher(&Key::new(session), &mut number);
    let key = Sm2PrivateKey::from_bytes(&number);
    // A half that the card generated and nobody has seen is no number that anybody sends.
    let fits = key.is_some_and(|key| public.whole().as_ref() == Some(key.public_key().bytes()));
    if !fits {
        return Err(StatusWord::INCORRECT_DATA);
    }
    stand.lasting.pki_mut().pairs[Purpose::Encryption as usize]
        .renew(public, Private::Known(number));
    Ok(StatusWord::SUCCESS)
}
