//! The answers of a qPBOC transaction, always in template 77 (JR/T 0025.12 §7.4, §7.5).

use alloc::vec::Vec;

use sscard_apdu::StatusWord;
use sscard_apdu::bcd;
use sscard_apdu::tlv::{Reader, Tag, Writer};
use sscard_elements::{
    ApplicationInterchangeProfile, CardTransactionQualifiers, TerminalTransactionQualifiers, tag,
};

use super::qpboc::available_offline;
use super::session::Session;
use super::transaction::{Ending, Kind, QpbocEnd, Stage, information};
use super::{authentication, cryptogram};
use crate::applet::Reply;

/// Longest RSA signature that the answer itself carries: 1024 bits.
const LONGEST_SIGNATURE: usize = 128;

/// Online and declined: no AFL, the kind stands in the CVR; the order is that of cards of the field.
pub(super) fn cryptogram(
    session: &mut Session<'_>,
    kind: Kind,
    card: CardTransactionQualifiers,
    reply: &mut Reply<'_>,
) -> Result<(), StatusWord> {
    session.transaction.cvr.set_first(information(kind));
    let answer = cryptogram::Answer::compute_quick(session);
    let track_2 = record_object(session, tag::TRACK_2_EQUIVALENT_DATA);
    let sequence = record_object(session, tag::SEQUENCE_NUMBER);
    let product = record_object(session, tag::CARD_PRODUCT_IDENTIFICATION);
    let balance = record_object(session, tag::OFFLINE_BALANCE);
    let name = record_object(session, tag::CARDHOLDER_NAME);
    let available = available(session);
    reply.tlv().constructed(tag::RESPONSE_FORMAT_2, |out| {
        out.primitive(tag::INTERCHANGE_PROFILE, &session.transaction.begun.aip.bytes());
        out.primitive(tag::TRANSACTION_COUNTER, &session.transaction.begun.atc);
        optional(out, tag::TRACK_2_EQUIVALENT_DATA, track_2.as_deref());
        out.primitive(tag::ISSUER_APPLICATION_DATA, &answer.issuer_data);
        out.primitive(tag::CRYPTOGRAM, &answer.cryptogram);
        optional(out, tag::CARD_PRODUCT_IDENTIFICATION, product.as_deref());
        optional(out, tag::SEQUENCE_NUMBER, sequence.as_deref());
        out.primitive(tag::CARD_QUALIFIERS, &card.bytes());
        optional(out, tag::OFFLINE_BALANCE, balance.as_deref());
        optional(out, tag::AVAILABLE_OFFLINE_AMOUNT, available.as_ref().map(<[u8; 6]>::as_slice));
        optional(out, tag::CARDHOLDER_NAME, name.as_deref());
    });
    Ok(())
}

/// Approved offline: the terminal reads the AFL's records, and the last one makes it count.
pub(super) fn offline(
    session: &mut Session<'_>,
    terminal: TerminalTransactionQualifiers,
    card: CardTransactionQualifiers,
    afl: &[u8],
    reply: &mut Reply<'_>,
) -> Result<(), StatusWord> {
    session.transaction.cvr.set_first(information(Kind::Tc));
    let answer = cryptogram::Answer::compute_quick(session);
    let last = match afl {
        [.., file, _, last, _] => (file >> 3, *last),
        _ => return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED),
    };
    let (signature, authentication_data) = sign(session, terminal, card)?;
    let available = available(session);
    let mut appended = Vec::new();
    let (mut here, mut with_offline) = (None, available);
    if let Some(signature) = signature {
        if signature.len() > LONGEST_SIGNATURE {
            let mut later = Writer::new(&mut appended);
            later.primitive(tag::SIGNED_DYNAMIC_DATA, &signature);
            optional(
                &mut later,
                tag::AVAILABLE_OFFLINE_AMOUNT,
                with_offline.take().as_ref().map(<[u8; 6]>::as_slice),
            );
        } else {
            here = Some(signature);
        }
    }
    if let Some(data) = authentication_data {
        Writer::new(&mut appended).primitive(tag::CARD_AUTHENTICATION_DATA, &data);
    }
    // A tag is returned once in a transaction: here, unless a record of the AFL has it.
    let missing = |wanted| {
        let found = record_object(session, wanted)?;
        (!is_in_afl(session, afl, wanted)).then_some(found)
    };
    let (track_2, sequence) =
        (missing(tag::TRACK_2_EQUIVALENT_DATA), missing(tag::SEQUENCE_NUMBER));
    reply.tlv().constructed(tag::RESPONSE_FORMAT_2, |out| {
        out.primitive(tag::INTERCHANGE_PROFILE, &session.transaction.begun.aip.bytes());
        out.primitive(tag::FILE_LOCATOR, afl);
        out.primitive(tag::TRANSACTION_COUNTER, &session.transaction.begun.atc);
        out.primitive(tag::CRYPTOGRAM, &answer.cryptogram);
        out.primitive(tag::ISSUER_APPLICATION_DATA, &answer.issuer_data);
        optional(out, tag::TRACK_2_EQUIVALENT_DATA, track_2.as_deref());
        optional(out, tag::SEQUENCE_NUMBER, sequence.as_deref());
        optional(out, tag::SIGNED_DYNAMIC_DATA, here.as_deref());
        out.primitive(tag::CARD_QUALIFIERS, &card.bytes());
        optional(
            out,
            tag::AVAILABLE_OFFLINE_AMOUNT,
            with_offline.as_ref().map(<[u8; 6]>::as_slice),
        );
    });
    let end = QpbocEnd { last, appended };
    session.transaction.stage = Stage::Closed(Ending::Qpboc(Some(end)));
    Ok(())
}

type Signed = (Option<Vec<u8>>, Option<[u8; 8]>);

/// Fast dynamic data authentication: version 01 when the terminal knows it, else 00. When an element
/// that the version signs is missing, on the card or in the PDOL, it fails: nothing is signed.
fn sign(
    session: &mut Session<'_>,
    terminal: TerminalTransactionQualifiers,
    card: CardTransactionQualifiers,
) -> Result<Signed, StatusWord> {
    if !session.transaction.begun.aip.has(ApplicationInterchangeProfile::DDA)
        || !authentication::is_possible(session)
    {
        return Ok((None, None));
    }
    let signed: &[Tag] = if terminal.has(TerminalTransactionQualifiers::FDDA_01) {
        &[tag::UNPREDICTABLE_NUMBER, tag::AMOUNT_AUTHORISED, tag::TRANSACTION_CURRENCY]
    } else {
        &[tag::UNPREDICTABLE_NUMBER]
    };
    let mut message = Vec::new();
    for element in signed {
        let Some(value) = session.transaction.given.value(session.plan, *element) else {
            return Ok((None, None));
        };
        message.extend_from_slice(value);
    }
    let mut data = None;
    if terminal.has(TerminalTransactionQualifiers::FDDA_01) {
        let Some(mut own) = session.object::<8>(tag::CARD_AUTHENTICATION_DATA) else {
            return Ok((None, None));
        };
        let mut random = [0; 4];
        session.random.fill(&mut random);
        own[0] = 0x01;
        for (place, byte) in own.iter_mut().skip(1).zip(random.iter().chain(&card.bytes())) {
            *place = *byte;
        }
        message.extend_from_slice(&own);
        data = Some(own);
    }
    let signature = authentication::sign_quick(session, &message)?;
    Ok((Some(signature), data))
}

fn available(session: &Session<'_>) -> Option<[u8; 6]> {
    let allowed = session.object::<1>(tag::AVAILABLE_OFFLINE_AMOUNT) == Some([1]);
    allowed.then(|| bcd::n12(available_offline(session)))
}

fn optional(out: &mut Writer<'_>, tag: Tag, value: Option<&[u8]>) {
    if let Some(value) = value {
        out.primitive(tag, value);
    }
}

/// A data element out of the application's records.
fn record_object(session: &Session<'_>, wanted: Tag) -> Option<Vec<u8>> {
    (0..session.plan.records.len()).find_map(|position| in_record(session, position, wanted))
}

fn in_record(session: &Session<'_>, position: usize, wanted: Tag) -> Option<Vec<u8>> {
    let address = session.place.record(position)?;
    let mut content = Vec::new();
    let length = usize::from(session.nvm.byte(address));
    session.nvm.read_into(address.saturating_add(1), length, &mut content);
    let found = Reader::new(&content).filter_map(Result::ok).find(|object| object.tag == wanted);
    found.map(|object| object.value.to_vec())
}

fn is_in_afl(session: &Session<'_>, afl: &[u8], wanted: Tag) -> bool {
    let (entries, _) = afl.as_chunks::<4>();
    session.plan.records.iter().enumerate().any(|(position, record)| {
        let listed = entries.iter().any(|[file, first, last, _]| {
            file >> 3 == record.sfi.number() && (*first..=*last).contains(&record.number)
        });
        listed && in_record(session, position, wanted).is_some()
    })
}
