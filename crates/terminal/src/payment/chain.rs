//! From the authority's key to the card's: certificates of issuer and card, their dates, the
//! revocation list.
//!
//! Source: EMV Book 2 §5.3, §5.4, §6.3, §6.4; JR/T 0025.17 §8.2.

use sscard_apdu::tlv::Tag;
use sscard_crypto::financial::certificate::{self, CertificateError, Validity};
use sscard_crypto::financial::{rsa, sm_certificate, sm2};
use sscard_elements::tag;
use sscard_host::Transport;

use super::AuthenticationFailure as Failure;
use super::checks::full_date;
use super::kernel::Kernel;

const OF_ISSUER: &str = "issuer certificate (90)";
const OF_CARD: &str = "card certificate (9F46)";
/// Bytes of an SM2 issuer certificate.
const SM_LENGTH: usize = 142;

/// A card's public key of either family.
pub(super) enum CardKey {
    Rsa(rsa::RsaPublicKey),
    Sm2(sm2::Sm2PublicKey),
}

impl CardKey {
    /// The ICC dynamic data inside a signature.
    pub(super) fn open(&self, signature: &[u8], message: &[u8]) -> Result<Vec<u8>, Failure> {
        let opened = match self {
            Self::Rsa(key) => certificate::verify_dynamic_data(key, signature, message),
            Self::Sm2(key) => sm_certificate::verify_dynamic_data(key, signature, message),
        };
        opened.map_err(|error| Failure::Certificate("signed dynamic data (9F4B)", error))
    }
}

/// SM2 was offered, and the issuer's certificate is as long as those of SM2 are.
pub(super) fn is_sm<T: Transport>(kernel: &Kernel<'_, T>) -> bool {
    kernel.settings.sm
        && kernel
            .data
            .value(tag::ISSUER_CERTIFICATE)
            .is_some_and(|certificate| certificate.len() == SM_LENGTH)
}

pub(super) fn need<'d, T: Transport>(
    kernel: &'d Kernel<'_, T>,
    tag: Tag,
) -> Result<&'d [u8], Failure> {
    kernel.data.value(tag).ok_or(Failure::Missing(tag))
}

/// Records of the AFL, and the AIP when tag 9F4A says so; anything else in 9F4A fails.
fn covered<T: Transport>(kernel: &Kernel<'_, T>) -> Result<Vec<u8>, Failure> {
    let mut data = kernel.static_data.clone();
    match kernel.data.value(tag::STATIC_DATA_TAG_LIST) {
        None => {}
        Some(list) if Tag::parse(list) == Ok((tag::INTERCHANGE_PROFILE, &[])) => {
            data.extend_from_slice(need(kernel, tag::INTERCHANGE_PROFILE)?);
        }
        Some(_) => return Err(Failure::Mismatch("tag 9F4A lists more than 82")),
    }
    Ok(data)
}

/// The RID of the application, which the authority's keys go under, and their index (tag 8F).
fn authority<T: Transport>(kernel: &Kernel<'_, T>) -> Result<([u8; 5], u8), Failure> {
    let index = need(kernel, tag::AUTHORITY_KEY_INDEX)?.first().copied().unwrap_or(0);
    let rid = kernel.aid.first_chunk::<5>().ok_or(Failure::UnknownAuthority(index))?;
    Ok((*rid, index))
}

/// A certificate is good to the last day of its month.
fn in_date<T: Transport>(
    kernel: &Kernel<'_, T>,
    which: &'static str,
    validity: Validity,
) -> Result<(), Failure> {
    let [month, year] = validity.expiry;
    if full_date([year, month, 0x31]) < full_date(kernel.settings.date) {
        return Err(Failure::Expired { certificate: which, expiry: validity.expiry });
    }
    Ok(())
}

/// Date and revocation list.
fn still_good<T: Transport>(
    kernel: &Kernel<'_, T>,
    authority: u8,
    validity: Validity,
) -> Result<(), Failure> {
    in_date(kernel, OF_ISSUER, validity)?;
    let is_revoked = kernel.settings.revoked.iter().any(|revoked| {
        kernel.aid.starts_with(&revoked.rid)
            && revoked.authority == authority
            && revoked.serial == validity.serial
    });
    if is_revoked { Err(Failure::Revoked { serial: validity.serial }) } else { Ok(()) }
}

fn of_issuer(error: CertificateError) -> Failure {
    Failure::Certificate(OF_ISSUER, error)
}

fn rsa_issuer<T: Transport>(kernel: &Kernel<'_, T>) -> Result<rsa::RsaPublicKey, Failure> {
    let (rid, index) = authority(kernel)?;
    let authority = kernel.settings.authorities.rsa(rid, index);
    let authority = authority.ok_or(Failure::UnknownAuthority(index))?;
    let (key, validity) = certificate::recover_issuer_key(
        authority,
        need(kernel, tag::ISSUER_CERTIFICATE)?,
        kernel.data.value(tag::ISSUER_KEY_REMAINDER).unwrap_or_default(),
        need(kernel, tag::ISSUER_KEY_EXPONENT)?,
        need(kernel, tag::PRIMARY_ACCOUNT_NUMBER)?,
    )
    .map_err(of_issuer)?;
    still_good(kernel, index, validity)?;
    Ok(key)
}

fn sm_issuer<T: Transport>(kernel: &Kernel<'_, T>) -> Result<sm2::Sm2PublicKey, Failure> {
    let (rid, index) = authority(kernel)?;
    let authority = kernel.settings.authorities.sm2(rid, index);
    let authority = authority.ok_or(Failure::UnknownAuthority(index))?;
    let (key, validity) = sm_certificate::verify_issuer_certificate(
        authority,
        need(kernel, tag::ISSUER_CERTIFICATE)?,
        need(kernel, tag::PRIMARY_ACCOUNT_NUMBER)?,
    )
    .map_err(of_issuer)?;
    still_good(kernel, index, validity)?;
    Ok(key)
}

/// Signed static data (tag 93).
pub(super) fn verify_static<T: Transport>(kernel: &Kernel<'_, T>) -> Result<(), Failure> {
    let (signed, data) = (need(kernel, tag::SIGNED_STATIC_DATA)?, covered(kernel)?);
    let verified = if is_sm(kernel) {
        sm_certificate::verify_static_data(&sm_issuer(kernel)?, signed, &data)
    } else {
        certificate::verify_static_data(&rsa_issuer(kernel)?, signed, &data)
    };
    verified.map(|_| ()).map_err(|error| Failure::Certificate("signed static data (93)", error))
}

/// The card's key, through both certificates.
pub(super) fn card_key<T: Transport>(kernel: &Kernel<'_, T>) -> Result<CardKey, Failure> {
    let (of_card, pan, data) = (
        need(kernel, tag::ICC_CERTIFICATE)?,
        need(kernel, tag::PRIMARY_ACCOUNT_NUMBER)?,
        covered(kernel)?,
    );
    let failed = |error| Failure::Certificate(OF_CARD, error);
    let (key, validity) = if is_sm(kernel) {
        let issuer = sm_issuer(kernel)?;
        let (key, validity) = sm_certificate::verify_card_certificate(&issuer, of_card, &data, pan)
            .map_err(failed)?;
        (CardKey::Sm2(key), validity)
    } else {
        let issuer = rsa_issuer(kernel)?;
        let (key, validity) = certificate::recover_card_key(
            &issuer,
            of_card,
            kernel.data.value(tag::ICC_KEY_REMAINDER).unwrap_or_default(),
            need(kernel, tag::ICC_KEY_EXPONENT)?,
            &data,
            pan,
        )
        .map_err(failed)?;
        (CardKey::Rsa(key), validity)
    };
    in_date(kernel, OF_CARD, validity)?;
    Ok(key)
}
