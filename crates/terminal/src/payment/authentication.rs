//! Offline data authentication: SDA, DDA, CDA and fDDA, with RSA or SM2 certificates.
//!
//! Source: EMV Book 2 §5, §6; JR/T 0025.7, .12 §7.6, .17 §8.2.

use sscard_apdu::dol;
use sscard_commands::Command;
use sscard_crypto::financial::certificate::CombinedData;
use sscard_crypto::financial::{sha1, sm3};
use sscard_elements::{
    ApplicationInterchangeProfile as Aip, CryptogramInformationData as Cid, TerminalCapabilities,
    TerminalTransactionQualifiers as Ttq, TerminalVerificationResults as Tvr,
    TransactionStatusInformation as Tsi, tag,
};
use sscard_host::Transport;

use super::chain::{CardKey, Chain, card_key, is_sm, need, verify_static};
use super::kernel::{Course, Kernel, has_room, template};
use super::{
    AuthenticationFailure as Failure, AuthenticationMethod, Cryptogram, OfflineAuthentication,
    PaymentError,
};

/// Chooses the method both sides support, and does what can be done before the first cryptogram.
pub(super) fn authenticate<T: Transport>(
    kernel: &mut Kernel<'_, T>,
    course: &mut Course,
) -> Result<(), PaymentError> {
    let (card, terminal) = (kernel.profile(), kernel.capabilities);
    let method = if card.has(Aip::CDA) && terminal.has(TerminalCapabilities::CDA) {
        AuthenticationMethod::Cda
    } else if card.has(Aip::DDA) && terminal.has(TerminalCapabilities::DDA) {
        AuthenticationMethod::Dda
    } else if card.has(Aip::SDA) && terminal.has(TerminalCapabilities::SDA) {
        AuthenticationMethod::Sda
    } else {
        kernel.tvr.set(Tvr::AUTHENTICATION_NOT_PERFORMED);
        return Ok(());
    };
    kernel.tsi.set(Tsi::DATA_AUTHENTICATION);
    let result = match method {
        AuthenticationMethod::Sda => {
            kernel.tvr.set(Tvr::SDA_SELECTED);
            verify_static(&Chain::of(kernel, course))
        }
        // A combined cryptogram is verified when it comes; its key is recovered then, too.
        AuthenticationMethod::Cda => card_key(&Chain::of(kernel, course)).map(|_| ()),
        _ => dynamic(kernel, course)?,
    };
    conclude(kernel, course, method, result);
    Ok(())
}

fn conclude<T>(
    kernel: &mut Kernel<'_, T>,
    course: &mut Course,
    method: AuthenticationMethod,
    result: Result<(), Failure>,
) {
    let sm = is_sm(&Chain::of(kernel, course));
    course.authentication = OfflineAuthentication {
        method,
        sm,
        ok: result.is_ok(),
        reason: result.as_ref().err().copied(),
    };
    if let Err(failure) = result {
        kernel.tvr.set(match method {
            AuthenticationMethod::Sda => Tvr::SDA_FAILED,
            AuthenticationMethod::Cda => Tvr::CDA_FAILED,
            _ => Tvr::DDA_FAILED,
        });
        if matches!(failure, Failure::Missing(_)) {
            kernel.tvr.set(Tvr::CARD_DATA_MISSING);
        }
    }
}

/// DDA: INTERNAL AUTHENTICATE, verified at once.
fn dynamic<T: Transport>(
    kernel: &mut Kernel<'_, T>,
    course: &Course,
) -> Result<Result<(), Failure>, PaymentError> {
    let key = match card_key(&Chain::of(kernel, course)) {
        Ok(key) => key,
        Err(failure) => return Ok(Err(failure)),
    };
    let list = kernel
        .data
        .value(tag::DDOL)
        .map_or_else(|| dol::list(&[(tag::UNPREDICTABLE_NUMBER, 4)]), <[u8]>::to_vec);
    let Ok(message) = kernel.data.answer(&list) else {
        return Ok(Err(Failure::Mismatch("tag 9F49 is not a data object list")));
    };
    has_room("READ RECORD", tag::DDOL, &message, 0)?;
    let (answer, status) = kernel.send(
        "INTERNAL AUTHENTICATE",
        Command::InternalAuthenticate { key: 0x00, data: &message, ne: 256 },
    )?;
    if !status.is_success() {
        return Ok(Err(Failure::Mismatch("the card refused INTERNAL AUTHENTICATE")));
    }
    let Ok(signature) = template("INTERNAL AUTHENTICATE", &answer, tag::RESPONSE_FORMAT_1) else {
        return Ok(Err(Failure::Mismatch("INTERNAL AUTHENTICATE did not answer with template 80")));
    };
    kernel.data.set(tag::SIGNED_DYNAMIC_DATA, signature);
    Ok(key.open(signature, &message).map(|dynamic| {
        // Length and number: the card's ATC by JR/T 0025.5 §9.4.1.
        kernel.data.set(tag::ICC_DYNAMIC_NUMBER, dynamic.get(1..).unwrap_or_default());
    }))
}

/// Verifies a combined cryptogram; what was asked of the card, and the objects of its answer
/// without the signature, are what the hash covers.
pub(super) fn verify_combined<T>(
    kernel: &mut Kernel<'_, T>,
    course: &mut Course,
    answer: &[u8],
    asked: &[&[u8]],
) -> Option<Cryptogram> {
    let result = combined(&Chain::of(kernel, course), &course.pdol_values, answer, asked);
    let (cryptogram, result) = match result {
        Ok(cryptogram) => (Some(cryptogram), Ok(())),
        Err(failure) => (None, Err(failure)),
    };
    conclude(kernel, course, AuthenticationMethod::Cda, result);
    cryptogram
}

/// A combined cryptogram was asked for, and a cryptogram came without the signature.
pub(super) fn miss_combined<T>(kernel: &mut Kernel<'_, T>, course: &mut Course) {
    conclude(
        kernel,
        course,
        AuthenticationMethod::Cda,
        Err(Failure::Missing(tag::SIGNED_DYNAMIC_DATA)),
    );
}

fn combined(
    chain: &Chain<'_>,
    pdol_values: &[u8],
    answer: &[u8],
    asked: &[&[u8]],
) -> Result<Cryptogram, Failure> {
    let key = card_key(chain)?;
    let mut objects = Vec::new();
    let mut out = sscard_apdu::tlv::Writer::new(&mut objects);
    for object in sscard_apdu::tlv::Reader::new(answer).filter_map(Result::ok) {
        if object.tag != tag::SIGNED_DYNAMIC_DATA {
            out.primitive(object.tag, object.value);
        }
    }
    let dynamic =
        key.open(need(chain, tag::SIGNED_DYNAMIC_DATA)?, &chain.settings.unpredictable)?;
    let data = CombinedData::parse(&dynamic)
        .map_err(|error| Failure::Certificate("signed dynamic data (9F4B)", error))?;
    let mut parts = vec![pdol_values];
    parts.extend_from_slice(asked);
    parts.push(&objects);
    let matches = match key {
        CardKey::Rsa(_) => data.transaction_hash == sha1(&parts),
        CardKey::Sm2(_) => data.transaction_hash == sm3(&parts),
    };
    if !matches {
        return Err(Failure::Mismatch("the hash of the transaction's data differs"));
    }
    if Some(&[data.cid][..]) != chain.data.value(tag::CRYPTOGRAM_INFORMATION) {
        return Err(Failure::Mismatch("the signed kind of cryptogram differs"));
    }
    let atc = chain
        .data
        .array::<2>(tag::TRANSACTION_COUNTER)
        .ok_or(Failure::Missing(tag::TRANSACTION_COUNTER))?;
    Ok(Cryptogram {
        cid: Cid::new([data.cid]),
        atc,
        cryptogram: data.cryptogram,
        issuer_data: need(chain, tag::ISSUER_APPLICATION_DATA)?.to_vec(),
    })
}

/// Version of the card authentication related data (tag 9F69) that fDDA version 01 is made over.
const FDDA_VERSION: u8 = 0x01;

/// fDDA of a qPBOC transaction: the terminal's qualifiers choose the version, 01 with B4b8, else 00.
pub(super) fn verify_quick<T>(kernel: &mut Kernel<'_, T>, course: &mut Course) {
    let chain = Chain::of(kernel, course);
    let verified = (|| {
        let key = card_key(&chain)?;
        let mut message = chain.settings.unpredictable.to_vec();
        if Ttq::new(chain.settings.qualifiers).has(Ttq::FDDA_01) {
            let related = need(&chain, tag::CARD_AUTHENTICATION_DATA)?;
            if related.first() != Some(&FDDA_VERSION) {
                return Err(Failure::Mismatch("tag 9F69 is not of version 01"));
            }
            // Version, random number of the card, the qualifiers that it means (JR/T 0025.12 annex A).
            let meant = related.get(5..7);
            if chain.data.value(tag::CARD_QUALIFIERS).is_some_and(|given| meant != Some(given)) {
                return Err(Failure::Mismatch(
                    "the signed card qualifiers (9F69) are not those of tag 9F6C",
                ));
            }
            message.extend_from_slice(need(&chain, tag::AMOUNT_AUTHORISED)?);
            message.extend_from_slice(need(&chain, tag::TRANSACTION_CURRENCY)?);
            message.extend_from_slice(related);
        }
        let dynamic = key.open(need(&chain, tag::SIGNED_DYNAMIC_DATA)?, &message)?;
        let atc = need(&chain, tag::TRANSACTION_COUNTER)?;
        if dynamic.strip_prefix(&[0x02]) == Some(atc) {
            Ok(())
        } else {
            Err(Failure::Mismatch("the signed counter differs"))
        }
    })();
    kernel.tsi.set(Tsi::DATA_AUTHENTICATION);
    conclude(kernel, course, AuthenticationMethod::Fdda, verified);
}
