//! What is done with keys: signatures, their verification, envelopes, deciphering; and SM3.

use std::sync::LazyLock;

use sscard_apdu::StatusWord;
use sscard_crypto::financial::sm2::{Sm2PrivateKey, Sm2PublicKey};
use sscard_crypto::financial::sm3;
use sscard_elements::pki as tag;

use super::files::{Kind, Purpose};
use super::keys::{Pair, Private, Unknown};
use super::{Needs, admit, form};
use crate::card_model::answer::{self, Answer};
use crate::card_model::stand::{Outcome, Plain, Stand};

/// X, Y and the check of a ciphertext.
const OVERHEAD: usize = 64 + 32;

/// HASH: SM3.
pub(super) fn hash(plain: Plain<'_>, stand: &Stand<'_>, answer: &mut Answer) -> Outcome {
    form::parameters(plain, 0x01, 0x03)?;
    let [input] = form::objects(plain.data, [tag::INPUT])?;
    admit(Needs::Nobody, stand)?;
    answer.extend(&sm3(&[input]));
    Ok(StatusWord::SUCCESS)
}

/// PERFORM SECURITY OPERATION: 9E 9A signs, 00 A8 verifies, 80 86 deciphers.
pub(super) fn operation(plain: Plain<'_>, stand: &Stand<'_>, answer: &mut Answer) -> Outcome {
    match u16::from_be_bytes([plain.p1, plain.p2]) {
        0x9E9A => sign(plain.data, stand, answer),
        0x00A8 => verify(plain.data, stand),
        0x8086 => match plain.data {
            [] => Err(StatusWord::WRONG_LENGTH),
            [0x00, cipher @ ..] => {
                admit(Needs::User, stand)?;
                let pair = &stand.lasting.pki.pairs[Purpose::Encryption as usize];
                decipher(pair, cipher, answer)
            }
            _ => Err(StatusWord::INCORRECT_DATA),
        },
        _ => Err(StatusWord::INCORRECT_P1_P2),
    }
}

/// OPEN ENVELOPE: a session key of 16 bytes, enciphered for either pair.
pub(super) fn open_envelope(plain: Plain<'_>, stand: &Stand<'_>, answer: &mut Answer) -> Outcome {
    form::parameters(plain, 0x00, 0x01)?;
    let [file, envelope] = form::objects(plain.data, [tag::PRIVATE_KEY_FILE, tag::INPUT])?;
    let purpose = form::key_file(file, Kind::Private)?;
    if envelope.len() != OVERHEAD + 16 {
        return Err(StatusWord::INCORRECT_DATA);
    }
    admit(Needs::Either, stand)?;
    decipher(&stand.lasting.pki.pairs[purpose as usize], envelope, answer)
}

/// A signature cannot be foretold: it has to verify.
fn sign(data: &[u8], stand: &Stand<'_>, answer: &mut Answer) -> Outcome {
    let digest: [u8; 32] = data.try_into().map_err(|_| StatusWord::WRONG_LENGTH)?;
    admit(Needs::User, stand)?;
    let pair = &stand.lasting.pki.pairs[Purpose::Signature as usize];
    if pair.private == Private::Missing {
        return Err(StatusWord::REFERENCED_DATA_NOT_FOUND);
    }
    let (generation, public) = (pair.generation, pair.public()?.whole());
    let unknown = Unknown::Signature { digest, generation, public };
    answer.hole(64, answer::Unknown::Pki(unknown));
    Ok(StatusWord::SUCCESS)
}

/// Under the card's own key, or under one that comes along.
fn verify(data: &[u8], stand: &Stand<'_>) -> Outcome {
    let own = form::objects(data, [tag::DIGEST, tag::SIGNATURE]);
    let (digest, signature, key) = match own {
        Ok([digest, signature]) => (digest, signature, None),
        Err(StatusWord::INCORRECT_DATA) => {
            let tags = [tag::DIGEST, tag::SIGNATURE, tag::PUBLIC_KEY];
            let [digest, signature, key] = form::objects(data, tags)?;
            (digest, signature, Some(form::sized(key)?))
        }
        Err(status) => return Err(status),
    };
    let (digest, signature) = (form::sized(digest)?, form::sized(signature)?);
    admit(Needs::Nobody, stand)?;
    let pair = &stand.lasting.pki.pairs[Purpose::Signature as usize];
    let key = match key {
        Some(key) => Some(key),
        None => pair.public()?.whole(),
    };
    let is_right = match key {
        Some(key) => {
            let key = Sm2PublicKey::from_bytes(&key).ok_or(StatusWord::INCORRECT_DATA)?;
            key.verify_digest(&digest, &signature)
        }
        // Nobody but the card makes one for a key that was not seen.
        None => pair
            .signed
            .as_deref()
            .is_some_and(|signed| (signed.digest, signed.signature) == (digest, signature)),
    };
    if is_right { Ok(StatusWord::SUCCESS) } else { Err(StatusWord::AUTHENTICATION_FAILED) }
}

fn decipher(pair: &Pair, cipher: &[u8], answer: &mut Answer) -> Outcome {
    let plain = match pair.private {
        Private::Missing => return Err(StatusWord::REFERENCED_DATA_NOT_FOUND),
        Private::Known(number) => {
            let key = Sm2PrivateKey::from_bytes(&number);
            key.and_then(|key| key.decrypt(cipher)).map(|plain| plain.to_vec())
        }
        // Whoever made it with a number of the pool can open it without the private key.
        Private::Hidden => POOL.as_ref().and_then(|pool| pool.open(pair, cipher)),
    };
    answer.extend(&plain.ok_or(StatusWord::INCORRECT_DATA)?);
    Ok(StatusWord::SUCCESS)
}

/// Numbers that texts are enciphered with, and the point that each begins its ciphertexts with: a text for a key whose private half the card
/// alone knows can be foretold.
#[derive(Debug)]
pub(in crate::card_model) struct Pool {
    ephemeral: Vec<Ephemeral>,
    /// A pair to import.
    pub(super) known: Sm2PrivateKey,
}

/// The same for all cards.
pub(super) static POOL: LazyLock<Option<Pool>> = LazyLock::new(Pool::new);

#[derive(Debug)]
struct Ephemeral {
    nonce: [u8; 32],
    point: [u8; 64],
}

impl Pool {
    /// Enough for envelopes that differ.
    const SIZE: u8 = 4;

    fn new() -> Option<Self> {
        let made = (0..Self::SIZE).filter_map(|number| {
            let nonce = sm3(&[b"a number of the pool", &[number]]);
            let point = *Sm2PrivateKey::from_bytes(&nonce)?.public_key().bytes();
            Some(Ephemeral { nonce, point })
        });
        let known = Sm2PrivateKey::from_bytes(&sm3(&[b"a pair to import"]))?;
        Some(Self { ephemeral: made.collect(), known })
    }

    /// A text for the owner of a pair, if its public key is known.
    pub(super) fn seal(&self, pair: &Pair, plain: &[u8], choice: u8) -> Option<Vec<u8>> {
        let key = Sm2PublicKey::from_bytes(&pair.public.as_ref()?.whole()?)?;
        let one = &self.ephemeral[usize::from(choice) % self.ephemeral.len()];
        key.encrypt(plain, &one.nonce)
    }

    fn open(&self, pair: &Pair, cipher: &[u8]) -> Option<Vec<u8>> {
        let (point, rest) = cipher.split_at_checked(64)?;
        let text = rest.get(32..).filter(|text| !text.is_empty())?;
        let key = Sm2PublicKey::from_bytes(&pair.public.as_ref()?.whole()?)?;
        let one = self.ephemeral.iter().find(|one| one.point == point)?;
        // The enciphered zeros are the mask.
        let mask = key.encrypt(&vec![0; text.len()], &one.nonce)?;
        let plain: Vec<u8> = text.iter().zip(&mask[OVERHEAD..]).map(|(a, b)| a ^ b).collect();
        (key.encrypt(&plain, &one.nonce)? == cipher).then_some(plain)
    }
}
