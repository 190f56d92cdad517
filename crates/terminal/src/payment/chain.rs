//! From the authority's key to the card's: certificates of issuer and card, their dates, the
//! revocation list.
//!
//! Source: EMV Book 2 §5.3, §5.4, §6.3, §6.4; JR/T 0025.17 §8.2.

use sscard_apdu::bcd;
use sscard_apdu::tlv::Tag;
use sscard_crypto::financial::certificate::{self, CertificateError, Validity};
use sscard_crypto::financial::{rsa, sm_certificate, sm2};
use sscard_elements::tag;

use super::AuthenticationFailure as Failure;
use super::kernel::Kernel;
use super::{Course, DataStore, Settings};

const OF_ISSUER: &str = "issuer certificate (90)";
const OF_CARD: &str = "card certificate (9F46)";
/// Bytes of an SM2 issuer certificate.
const SM_LENGTH: usize = 142;

/// What certificates are judged by.
#[derive(Clone, Copy)]
pub(super) struct Chain<'c> {
    pub(super) settings: &'c Settings,
    pub(super) data: &'c DataStore,
    /// AID of the application.
    aid: &'c [u8],
    /// Contents of the records that offline data authentication covers.
    static_data: &'c [u8],
}

impl<'c> Chain<'c> {
    pub(super) fn of<T>(kernel: &'c Kernel<'_, T>, course: &'c Course) -> Self {
        Self {
            settings: kernel.settings,
            data: &kernel.data,
            aid: &course.selected.aid,
            static_data: &course.static_data,
        }
    }
}

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
pub(super) fn is_sm(chain: &Chain<'_>) -> bool {
    chain.settings.sm
        && chain
            .data
            .value(tag::ISSUER_CERTIFICATE)
            .is_some_and(|certificate| certificate.len() == SM_LENGTH)
}

pub(super) fn need<'d>(chain: &Chain<'d>, tag: Tag) -> Result<&'d [u8], Failure> {
    chain.data.value(tag).ok_or(Failure::Missing(tag))
}

/// Records of the AFL, and the AIP when tag 9F4A says so; anything else in 9F4A fails.
fn covered(chain: &Chain<'_>) -> Result<Vec<u8>, Failure> {
    let mut data = chain.static_data.to_vec();
    match chain.data.value(tag::STATIC_DATA_TAG_LIST) {
        None => {}
        Some(list) if Tag::parse(list) == Ok((tag::INTERCHANGE_PROFILE, &[])) => {
            data.extend_from_slice(need(chain, tag::INTERCHANGE_PROFILE)?);
        }
        Some(_) => return Err(Failure::Mismatch("tag 9F4A lists more than 82")),
    }
    Ok(data)
}

/// The RID of the application, which the authority's keys go under, and their index (tag 8F).
fn authority(chain: &Chain<'_>) -> Result<([u8; 5], u8), Failure> {
    let index = need(chain, tag::AUTHORITY_KEY_INDEX)?.first().copied().unwrap_or(0);
    let rid = chain.aid.first_chunk::<5>().ok_or(Failure::UnknownAuthority(index))?;
    Ok((*rid, index))
}

/// A certificate is good to the last day of its month.
fn in_date(chain: &Chain<'_>, which: &'static str, validity: Validity) -> Result<(), Failure> {
    let [month, year] = validity.expiry;
    if bcd::full_date([year, month, 0x31]) < bcd::full_date(chain.settings.date) {
        return Err(Failure::Expired { certificate: which, expiry: validity.expiry });
    }
    Ok(())
}

/// Date and revocation list.
fn still_good(chain: &Chain<'_>, authority: u8, validity: Validity) -> Result<(), Failure> {
    in_date(chain, OF_ISSUER, validity)?;
    let is_revoked = chain.settings.revoked.iter().any(|revoked| {
        chain.aid.starts_with(&revoked.rid)
            && revoked.authority == authority
            && revoked.serial == validity.serial
    });
    if is_revoked { Err(Failure::Revoked { serial: validity.serial }) } else { Ok(()) }
}

fn of_issuer(error: CertificateError) -> Failure {
    Failure::Certificate(OF_ISSUER, error)
}

fn rsa_issuer(chain: &Chain<'_>) -> Result<rsa::RsaPublicKey, Failure> {
    let (rid, index) = authority(chain)?;
    let authority = chain.settings.authorities.rsa(rid, index);
    let authority = authority.ok_or(Failure::UnknownAuthority(index))?;
    let (key, validity) = certificate::recover_issuer_key(
        authority,
        need(chain, tag::ISSUER_CERTIFICATE)?,
        chain.data.value(tag::ISSUER_KEY_REMAINDER).unwrap_or_default(),
        need(chain, tag::ISSUER_KEY_EXPONENT)?,
        need(chain, tag::PRIMARY_ACCOUNT_NUMBER)?,
    )
    .map_err(of_issuer)?;
    still_good(chain, index, validity)?;
    Ok(key)
}

fn sm_issuer(chain: &Chain<'_>) -> Result<sm2::Sm2PublicKey, Failure> {
    let (rid, index) = authority(chain)?;
    let authority = chain.settings.authorities.sm2(rid, index);
    let authority = authority.ok_or(Failure::UnknownAuthority(index))?;
    let (key, validity) = sm_certificate::verify_issuer_certificate(
        authority,
        need(chain, tag::ISSUER_CERTIFICATE)?,
        need(chain, tag::PRIMARY_ACCOUNT_NUMBER)?,
    )
    .map_err(of_issuer)?;
    still_good(chain, index, validity)?;
    Ok(key)
}

/// Signed static data (tag 93).
pub(super) fn verify_static(chain: &Chain<'_>) -> Result<(), Failure> {
    let (signed, data) = (need(chain, tag::SIGNED_STATIC_DATA)?, covered(chain)?);
    let verified = if is_sm(chain) {
        sm_certificate::verify_static_data(&sm_issuer(chain)?, signed, &data)
    } else {
        certificate::verify_static_data(&rsa_issuer(chain)?, signed, &data)
    };
    verified.map(|_| ()).map_err(|error| Failure::Certificate("signed static data (93)", error))
}

/// The card's key, through both certificates.
pub(super) fn card_key(chain: &Chain<'_>) -> Result<CardKey, Failure> {
    let (of_card, pan, data) = (
        need(chain, tag::ICC_CERTIFICATE)?,
        need(chain, tag::PRIMARY_ACCOUNT_NUMBER)?,
        covered(chain)?,
    );
    let failed = |error| Failure::Certificate(OF_CARD, error);
    let (key, validity) = if is_sm(chain) {
        let issuer = sm_issuer(chain)?;
        let (key, validity) = sm_certificate::verify_card_certificate(&issuer, of_card, &data, pan)
            .map_err(failed)?;
        (CardKey::Sm2(key), validity)
    } else {
        let issuer = rsa_issuer(chain)?;
        let (key, validity) = certificate::recover_card_key(
            &issuer,
            of_card,
            chain.data.value(tag::ICC_KEY_REMAINDER).unwrap_or_default(),
            need(chain, tag::ICC_KEY_EXPONENT)?,
            &data,
            pan,
        )
        .map_err(failed)?;
        (CardKey::Rsa(key), validity)
    };
    in_date(chain, OF_CARD, validity)?;
    Ok(key)
}
