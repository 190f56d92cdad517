//! Offline data authentication: INTERNAL AUTHENTICATE, and the signature of a combined cryptogram.

use alloc::vec::Vec;

use sscard_apdu::{StatusWord, dol};
use sscard_crypto::financial::certificate::{combined_dynamic_data, sign_dynamic_data};
use sscard_crypto::financial::rsa::RsaPrivateKey;
use sscard_crypto::financial::sm2;
use sscard_crypto::financial::{sha1, sm_certificate, sm3};
use sscard_elements::{CardVerificationResults, tag};
use zeroize::Zeroizing;

use super::cryptogram::Answer;
use super::session::Session;
use super::transaction::Stage;
use crate::applet::Reply;
use crate::profile::Area;

/// INTERNAL AUTHENTICATE (INS 88): signs what the DDOL asks for.
///
/// # Status
/// `9000` with template 80; `6700` not the length of the DDOL; `6985` the card has no key, or a
/// cryptogram was given already; a profile option (6985) before GET PROCESSING OPTIONS.
///
/// # Reference
/// JR/T 0025.5 §9.4, annex B.9; .17 §8.2 for SM2.
pub(super) fn internal(
    session: &mut Session<'_>,
    data: &[u8],
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    match session.transaction.stage {
        Stage::Selected => {
            return Err(StatusWord::new(session.plan.options.status_before_initiation));
        }
        Stage::Initiated(_) if is_possible(session) => {}
        _ => return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED),
    }
    if dol::total_length(&session.plan.ddol) != Ok(data.len()) {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let dynamic = dynamic_number(session);
    let signature = sign_dynamic(session, &dynamic, data)?;
    session.transaction.cvr.set(CardVerificationResults::DDA_PERFORMED);
    reply.tlv().primitive(tag::RESPONSE_FORMAT_1, &signature);
    Ok(StatusWord::SUCCESS)
}

/// Whether the card has a key for the transaction's algorithms.
pub(super) fn is_possible(session: &Session<'_>) -> bool {
    if session.transaction.begun.sm {
        session.array::<32>(Area::SM2) != [0; 32]
    } else {
        session.plan.rsa_modulus != 0 && session.byte(Area::RSA) != 0
    }
}

/// ICC dynamic number, tag 9F4C, behind its length: the counter and five random bytes.
fn dynamic_number(session: &mut Session<'_>) -> [u8; 8] {
    let [high, low] = session.transaction.begun.atc;
    let [a, b, c, d, e] = {
        let mut random = [0; 5];
        session.random.fill(&mut random);
        random
    };
    [0x07, high, low, a, b, c, d, e]
}

/// Signed dynamic application data of qPBOC, tag 9F4B, over the ICC dynamic data 02 ATC (JR/T 0025.12 §8) and
/// `message`.
pub(super) fn sign_quick(session: &mut Session<'_>, message: &[u8]) -> Result<Vec<u8>, StatusWord> {
    let [high, low] = session.transaction.begun.atc;
    sign_dynamic(session, &[0x02, high, low], message)
}

/// The signature of a combined cryptogram: dynamic number, CID, cryptogram, transaction hash.
pub(super) fn combined(session: &mut Session<'_>, answer: &Answer) -> Result<Vec<u8>, StatusWord> {
    let [_, number @ ..] = dynamic_number(session);
    let transaction = &*session.transaction;
    let objects = answer.signed_objects(transaction.begun.atc);
    let parts: [&[u8]; 4] =
        [&transaction.given.pdol, &transaction.given.cdol1, &transaction.given.cdol2, &objects];
    let cid = answer.cid();
    let dynamic = if transaction.begun.sm {
        combined_dynamic_data(&number, cid, &answer.cryptogram, &sm3(&parts))
    } else {
        combined_dynamic_data(&number, cid, &answer.cryptogram, &sha1(&parts))
    };
    let unpredictable = session.terminal::<4>(tag::UNPREDICTABLE_NUMBER);
    sign_dynamic(session, &dynamic, &unpredictable)
}

fn sign_dynamic(
    session: &mut Session<'_>,
    dynamic: &[u8],
    message: &[u8],
) -> Result<Vec<u8>, StatusWord> {
    let refuse = StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED;
    if session.transaction.begun.sm {
        let key = Zeroizing::new(session.array::<32>(Area::SM2));
        let key = sm2::Sm2PrivateKey::from_bytes(&key).ok_or(refuse)?;
        // A nonce that is unusable comes up once in 2^256 tries.
        let nonce = Zeroizing::new({
            let mut nonce = [0; 32];
            session.random.fill(&mut nonce);
            nonce
        });
        return sm_certificate::sign_dynamic_data(&key, &nonce, dynamic, message).ok_or(refuse);
    }
    let key = private_key(session).ok_or(refuse)?;
    sign_dynamic_data(&key, dynamic, message).ok_or(refuse)
}

fn private_key(session: &Session<'_>) -> Option<RsaPrivateKey> {
    let half = usize::from(session.plan.rsa_modulus).div_ceil(2);
    let mut bytes = Zeroizing::new(Vec::with_capacity(half.saturating_mul(5)));
    let address = session.place.base.saturating_add(Area::RSA);
    session.nvm.read_into(address, half.saturating_mul(5), &mut bytes);
    let mut parts = bytes.chunks_exact(half);
    RsaPrivateKey::from_parts(
        parts.next()?,
        parts.next()?,
        parts.next()?,
        parts.next()?,
        parts.next()?,
    )
}

/// Deciphers an enciphered PIN with the card's RSA key.
pub(super) fn decipher_pin(
    session: &Session<'_>,
    data: &[u8],
) -> Result<Zeroizing<Vec<u8>>, StatusWord> {
    let refuse = StatusWord::REFERENCE_DATA_NOT_USABLE;
    let key = private_key(session).ok_or(refuse)?;
    if data.len() != key.modulus_length() {
        return Err(StatusWord::WRONG_LENGTH);
    }
    Ok(Zeroizing::new(key.apply(data).ok_or(refuse)?))
}
