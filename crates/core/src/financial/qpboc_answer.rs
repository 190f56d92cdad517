//! The answers of a qPBOC transaction, always in template 77 (JR/T 0025.12 §7.4, §7.5).

use alloc::vec::Vec;

use sscard_apdu::StatusWord;
use sscard_apdu::tlv::{Reader, Tag, Writer};

use super::qpboc::{Qualifiers, available_offline};
use super::session::Session;
use super::transaction::{Ending, Kind, QpbocEnd, Stage};
use super::{amount, authentication, cryptogram};
use crate::applet::Reply;
use crate::profile::tag;

const TRACK_2: u16 = 0x57;
const SEQUENCE_NUMBER: u16 = 0x5F34;
/// Longest RSA signature that the answer itself carries: 1024 bits.
const LONGEST_SIGNATURE: usize = 128;

/// Online and declined: no AFL, the kind stands in the CVR.
pub(super) fn cryptogram(
    session: &mut Session<'_>,
    kind: Kind,
    card: [u8; 2],
    reply: &mut Reply<'_>,
) -> Result<(), StatusWord> {
    session.transaction.cvr.set_first(kind);
    let answer = cryptogram::Answer::compute_quick(session);
    let track_2 = record_object(session, TRACK_2);
    let sequence = record_object(session, SEQUENCE_NUMBER);
    let available = available(session);
    reply.tlv().constructed(Tag::new(0x77), |out| {
        out.primitive(Tag::new(0x82), &session.transaction.begun.aip);
        out.primitive(Tag::new(0x9F36), &session.transaction.begun.atc);
        optional(out, TRACK_2, track_2.as_deref());
        out.primitive(Tag::new(0x9F10), &answer.issuer_data);
        out.primitive(Tag::new(0x9F26), &answer.cryptogram);
        optional(out, SEQUENCE_NUMBER, sequence.as_deref());
        out.primitive(Tag::new(0x9F6C), &card);
        optional(out, tag::AVAILABLE_OFFLINE_AMOUNT, available.as_ref().map(<[u8; 6]>::as_slice));
    });
    Ok(())
}

/// Approved offline: the terminal reads the AFL's records, and the last one makes it count.
pub(super) fn offline(
    session: &mut Session<'_>,
    terminal: Qualifiers,
    card: [u8; 2],
    afl: &[u8],
    reply: &mut Reply<'_>,
) -> Result<(), StatusWord> {
    session.transaction.cvr.set_first(Kind::Tc);
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
            later.primitive(Tag::new(0x9F4B), &signature);
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
        Writer::new(&mut appended)
            .primitive(Tag::new(tag::RANDOM_OF_AUTHENTICATION_DATA.into()), &data);
    }
    // A tag is returned once in a transaction: here, unless a record of the AFL has it.
    let missing = |wanted| {
        let found = record_object(session, wanted)?;
        (!is_in_afl(session, afl, wanted)).then_some(found)
    };
    let (track_2, sequence) = (missing(TRACK_2), missing(SEQUENCE_NUMBER));
    reply.tlv().constructed(Tag::new(0x77), |out| {
        out.primitive(Tag::new(0x82), &session.transaction.begun.aip);
        out.primitive(Tag::new(0x94), afl);
        out.primitive(Tag::new(0x9F36), &session.transaction.begun.atc);
        out.primitive(Tag::new(0x9F26), &answer.cryptogram);
        out.primitive(Tag::new(0x9F10), &answer.issuer_data);
        optional(out, TRACK_2, track_2.as_deref());
        optional(out, SEQUENCE_NUMBER, sequence.as_deref());
        optional(out, 0x9F4B, here.as_deref());
        out.primitive(Tag::new(0x9F6C), &card);
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
    terminal: Qualifiers,
    card: [u8; 2],
) -> Result<Signed, StatusWord> {
    if session.transaction.begun.aip[0] & 0x20 == 0 || !authentication::is_possible(session) {
        return Ok((None, None));
    }
    let signed: &[u32] = if terminal.signs_more() { &[0x9F37, 0x9F02, 0x5F2A] } else { &[0x9F37] };
    let mut message = Vec::new();
    for element in signed {
        let Some(value) = session.transaction.given.value(session.plan, *element) else {
            return Ok((None, None));
        };
        message.extend_from_slice(value);
    }
    let mut data = None;
    if terminal.signs_more() {
        let Some(mut own) = session.object::<8>(tag::RANDOM_OF_AUTHENTICATION_DATA) else {
            return Ok((None, None));
        };
        let mut random = [0; 4];
        session.random.fill(&mut random);
        own[0] = 0x01;
        for (place, byte) in own.iter_mut().skip(1).zip(random.iter().chain(&card)) {
            *place = *byte;
        }
        message.extend_from_slice(&own);
        data = Some(own);
    }
    let signature = authentication::sign(session, &message)?;
    Ok((Some(signature), data))
}

fn available(session: &Session<'_>) -> Option<[u8; 6]> {
    let allowed = session.object::<1>(tag::AVAILABLE_OFFLINE_AMOUNT) == Some([1]);
    allowed.then(|| amount::emit(available_offline(session)))
}

fn optional(out: &mut Writer<'_>, tag: u16, value: Option<&[u8]>) {
    if let Some(value) = value {
        out.primitive(Tag::new(tag.into()), value);
    }
}

/// A data element out of the application's records.
fn record_object(session: &Session<'_>, wanted: u16) -> Option<Vec<u8>> {
    (0..session.plan.records.len()).find_map(|position| in_record(session, position, wanted))
}

fn in_record(session: &Session<'_>, position: usize, wanted: u16) -> Option<Vec<u8>> {
    let address = session.place.record(position)?;
    let mut content = Vec::new();
    let length = usize::from(session.nvm.byte(address));
    session.nvm.read_into(address.saturating_add(1), length, &mut content);
    let found = Reader::new(&content)
        .filter_map(Result::ok)
        .find(|object| object.tag.number() == u32::from(wanted));
    found.map(|object| object.value.to_vec())
}

fn is_in_afl(session: &Session<'_>, afl: &[u8], wanted: u16) -> bool {
    let (entries, _) = afl.as_chunks::<4>();
    session.plan.records.iter().enumerate().any(|(position, record)| {
        let listed = entries.iter().any(|[file, first, last, _]| {
            file >> 3 == record.sfi.number() && (*first..=*last).contains(&record.number)
        });
        listed && in_record(session, position, wanted).is_some()
    })
}
