//! Key pairs of the PKI application: generated on the card, exported, imported in an envelope, used.
//!
//! Invariant owned here: a private key in its file belongs to the public key in its own (I-25).

use sscard_apdu::StatusWord;
use sscard_crypto::financial::sm2::{Sm2PrivateKey, Sm2PublicKey};
use sscard_crypto::{Key, pki::decipher};
use zeroize::Zeroizing;

use super::files::{File, HEADER, Kind, PRIVATE, Purpose};
use super::{Place, Session};
use crate::applet::{Context, Reply};
use crate::drbg::Drbg;
use crate::nvm::Nvm;
use crate::profile::{private_key_file as private_file, public_key_file as public_file};

/// The value in a key's file; `None` when the file is empty.
fn value<const N: usize>(nvm: &Nvm, area: Place, file: File) -> Option<[u8; N]> {
    let address = area.at(file.offset);
    (nvm.byte(address) != 0).then(|| nvm.array(address.saturating_add(HEADER)))
}

/// The public key of a pair.
///
/// # Errors
/// 6A88 there is none.
pub(crate) fn public_key(nvm: &Nvm, area: Place, purpose: Purpose) -> Result<[u8; 64], StatusWord> {
    let key = value(nvm, area, purpose.file(Kind::Public));
    key.ok_or(StatusWord::REFERENCED_DATA_NOT_FOUND)
}

/// The private key of a pair.
///
/// # Errors
/// 6A88 there is none.
pub(crate) fn private_key(
    nvm: &Nvm,
    area: Place,
    purpose: Purpose,
) -> Result<Sm2PrivateKey, StatusWord> {
    let bytes = value::<32>(nvm, area, purpose.file(Kind::Private)).map(Zeroizing::new);
    let key = bytes.and_then(|bytes| Sm2PrivateKey::from_bytes(&bytes));
    key.ok_or(StatusWord::REFERENCED_DATA_NOT_FOUND)
}

/// 32 random bytes until one of them serves; all but one in 2^32 do at once.
fn draw<T>(random: &mut Drbg, serves: impl Fn(&[u8; 32]) -> Option<T>) -> Result<T, StatusWord> {
    for _ in 0..8 {
        let mut bytes = Zeroizing::new([0; 32]);
        random.fill(bytes.as_mut());
        if let Some(made) = serves(&bytes) {
            return Ok(made);
        }
    }
    Err(StatusWord::NO_PRECISE_DIAGNOSIS)
}

fn write_pair(
    nvm: &mut Nvm,
    area: Place,
    purpose: Purpose,
    key: &Sm2PrivateKey,
) -> Result<(), StatusWord> {
    let public = public_file(key.public_key().bytes());
    nvm.write(area.at(purpose.file(Kind::Public).offset), public.as_ref())?;
    let private = private_file(&key.to_bytes());
    Ok(nvm.write(area.at(purpose.file(Kind::Private).offset), private.as_ref())?)
}

/// GENERATE KEY PAIR (`80 40 00 00`, data `C0 02 <public key's file> C2 02 <private key's>`): a new pair takes
/// the place of the old one, after the user's or the administrator's PIN. The certificate stays as it is until
/// it is written anew \[choice\].
///
/// # Status
/// `9000`; `6700`; `6982` no PIN; `6985`; `6A80` the two files are no pair; `6A82` no such file; `6A86`.
pub(super) fn generate(
    context: &mut Context<'_>,
    area: Place,
    purpose: Purpose,
) -> Result<StatusWord, StatusWord> {
    let key = draw(context.random, Sm2PrivateKey::from_bytes)?;
    write_pair(context.nvm, area, purpose, &key)?;
    Ok(StatusWord::SUCCESS)
}

/// GET PUBLIC KEY, the second command (`80 C9 82 80`): the file of the public key that the first one
/// (`80 C9 82 00`, with data as GENERATE KEY PAIR has them) named.
///
/// # Status
/// `9000`; `6985` no first command, or the application is not selected; `6A88` no such key; `6A86`; `6Cxx`.
pub(super) fn export(
    context: &mut Context<'_>,
    area: Place,
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let purpose = context.state::<Session>()?.exported;
    let purpose = purpose.ok_or(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED)?;
    let key = public_key(context.nvm, area, purpose)?;
    reply.extend(public_file(&key).as_ref());
    Ok(StatusWord::SUCCESS)
}

/// OPEN ENVELOPE (`80 4E 00 01`, data `C2 02 <private key's file> C1 82 00 70 <X, Y, C3, C2>`): the session key
/// of 16 bytes that was enciphered for the pair. After the user's or the administrator's PIN.
///
/// # Status
/// `9000`; `6700`; `6982`; `6985`; `6A80` no envelope for this key; `6A82` no such file; `6A86`; `6A88` the pair
/// is not there.
pub(super) fn open_envelope(
    context: &mut Context<'_>,
    area: Place,
    purpose: Purpose,
    envelope: &[u8],
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let plain = private_key(context.nvm, area, purpose)?.decrypt(envelope);
    reply.extend(&plain.ok_or(StatusWord::INCORRECT_DATA)?);
    Ok(StatusWord::SUCCESS)
}

/// IMPORT KEY, the public half (`80 C2 40 00`, data `C0 02 00 14 CA 40 <X, Y>`): takes the place of the old one;
/// the private key goes, until its own comes.
///
/// # Status
/// `9000`; `6700`; `6982`; `6985`; `6A80` no point of the curve, or not the encryption pair; `6A82`; `6A86`.
pub(super) fn import_public(
    context: &mut Context<'_>,
    area: Place,
    key: &[u8; 64],
) -> Result<StatusWord, StatusWord> {
    let key = Sm2PublicKey::from_bytes(key).ok_or(StatusWord::INCORRECT_DATA)?;
    let (public, private) =
        (Purpose::Encryption.file(Kind::Public), Purpose::Encryption.file(Kind::Private));
    context.nvm.write(area.at(public.offset), public_file(key.bytes()).as_ref())?;
    context.nvm.write(area.at(private.offset), &[0; PRIVATE])?;
    Ok(StatusWord::SUCCESS)
}

/// IMPORT KEY, the private half (`80 C2 C0 01`, data `C2 02 00 15 CB 20 <32 bytes>`): the key under the session
/// key, SM4 in ECB, which is used up; it must be that of the public half.
///
/// # Status
/// `9000`; `6700`; `6982`; `6985` no session key; `6A80` not the public half's, or not the encryption pair;
/// `6A82`; `6A86`; `6A88` no public half.
pub(super) fn import_private(
    context: &mut Context<'_>,
    area: Place,
    enciphered: &[u8; 32],
) -> Result<StatusWord, StatusWord> {
    let public = public_key(context.nvm, area, Purpose::Encryption)?;
    let session = context.state::<Session>()?.take_key();
    let session = session.ok_or(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED)?;
    let mut plain = Zeroizing::new(*enciphered);
    decipher(&session, plain.as_mut());
    let key = Sm2PrivateKey::from_bytes(&plain).filter(|key| key.public_key().bytes() == &public);
    write_pair(context.nvm, area, Purpose::Encryption, &key.ok_or(StatusWord::INCORRECT_DATA)?)?;
    Ok(StatusWord::SUCCESS)
}

/// IMPORT SESSION KEY (`80 4A 02 10`, data `C1 10 <key>`): for the private key that comes next.
///
/// # Status
/// `9000`; `6700`; `6982`; `6985`; `6A80`; `6A86`.
pub(super) fn import_session_key(
    context: &mut Context<'_>,
    key: &[u8; 16],
) -> Result<StatusWord, StatusWord> {
    context.state::<Session>()?.keep_key(Key::new(*key));
    Ok(StatusWord::SUCCESS)
}

/// COMPUTE DIGITAL SIGNATURE (`00 2A 9E 9A`): `r ‖ s` over a digest of 32 bytes, which the terminal has made of
/// the message and of what identifies the signer. After the user's PIN.
///
/// # Status
/// `9000`; `6700` not 32 bytes; `6982` the user's PIN is not verified; `6985`; `6A88` no pair.
///
/// # Reference
/// ISO/IEC 7816-8 §5.5 \[choice\]; GB/T 32918.2.
pub(super) fn sign(
    context: &mut Context<'_>,
    area: Place,
    digest: &[u8; 32],
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let key = private_key(context.nvm, area, Purpose::Signature)?;
    let signature = draw(context.random, |nonce| key.sign_digest(digest, nonce))?;
    reply.extend(&signature);
    Ok(StatusWord::SUCCESS)
}

/// VERIFY DIGITAL SIGNATURE (`00 2A 00 A8`, data `9A 20 <digest> 9E 40 <r, s>`, and `CA 40 <X, Y>` for another's
/// key than the card's own).
///
/// # Status
/// `9000` right; `6300` wrong; `6700`; `6985`; `6A80` no such data, no point of the curve; `6A88` no pair.
///
/// # Reference
/// ISO/IEC 7816-8 §5.7 \[choice\].
pub(super) fn verify(
    context: &Context<'_>,
    area: Place,
    (digest, signature): (&[u8; 32], &[u8; 64]),
    key: Option<&[u8; 64]>,
) -> Result<StatusWord, StatusWord> {
    let key = match key {
        Some(key) => *key,
        None => public_key(context.nvm, area, Purpose::Signature)?,
    };
    let key = Sm2PublicKey::from_bytes(&key).ok_or(StatusWord::INCORRECT_DATA)?;
    if key.verify_digest(digest, signature) {
        Ok(StatusWord::SUCCESS)
    } else {
        Err(StatusWord::AUTHENTICATION_FAILED)
    }
}

/// DECIPHER (`00 2A 80 86`, data `00 <X, Y, C3, C2>`): what was enciphered for the encryption pair. After the
/// user's PIN.
///
/// # Status
/// `9000`; `6700`; `6982`; `6985`; `6A80` nothing that was enciphered for this key; `6A88` no pair.
///
/// # Reference
/// ISO/IEC 7816-8 §5.11 \[choice\]; GB/T 32918.4.
pub(super) fn decipher_data(
    context: &Context<'_>,
    area: Place,
    cipher: &[u8],
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let plain = private_key(context.nvm, area, Purpose::Encryption)?.decrypt(cipher);
    reply.extend(&plain.ok_or(StatusWord::INCORRECT_DATA)?);
    Ok(StatusWord::SUCCESS)
}
