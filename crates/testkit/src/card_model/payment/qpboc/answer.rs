//! Template 77 of a quick transaction, and what its last record carries beside its own.
//!
//! # Reference
//! JR/T 0025.12 §7.4, §7.5, §8; spec/financial-details.md §4.4, §4.5; spec/real-cards.md D5 for the order of an online answer.

use sscard_apdu::StatusWord;
use sscard_apdu::tlv::{Reader, Tag};
use sscard_elements::{
    ApplicationInterchangeProfile, CardTransactionQualifiers as Ctq,
    CryptogramInformationData as Cid, TerminalTransactionQualifiers as Ttq, tag,
};

use super::proof::{Part, Proof};
use crate::card_model::answer::{Answer, Unknown};
use crate::card_model::payment::authentication::Signed;
use crate::card_model::payment::cryptogram::compute_quick;
use crate::card_model::payment::data_objects::shown_available;
use crate::card_model::payment::lasting::Record;
use crate::card_model::payment::{self, Account, QuickEnd};

/// Longest signature that the answer itself carries, in bytes: 1024 bits.
const LONGEST_SIGNATURE: usize = 128;
/// Bytes of 9F69: version, random number, CTQ, 00.
const RANDOM: std::ops::Range<usize> = 1..5;

/// The first cryptogram's kind in CVR byte 2: no second one was asked for.
fn note_kind(account: &mut Account<'_>, kind: Cid) {
    account.session.cvr[1] = account.session.cvr[1] & 0x0F | 0x80 | kind.byte() >> 2;
}

/// Online or declined: no AFL, and the kind stands in the CVR.
pub(super) fn cryptogram(account: &mut Account<'_>, kind: Cid, card: Ctq, answer: &mut Answer) {
    note_kind(account, kind);
    let given = compute_quick(account);
    let mut body = Answer::default();
    let records = &account.held().records;
    let of_records = |tag| records.iter().find_map(|record| in_record(record, tag));
    body.object(tag::INTERCHANGE_PROFILE, &account.session.aip);
    body.object(tag::TRANSACTION_COUNTER, &account.session.atc);
    body.optional(tag::TRACK_2_EQUIVALENT_DATA, of_records(tag::TRACK_2_EQUIVALENT_DATA));
    body.object(tag::ISSUER_APPLICATION_DATA, &given.issuer_data);
    body.object(tag::CRYPTOGRAM, &given.cryptogram);
    body.optional(tag::CARD_PRODUCT_IDENTIFICATION, of_records(tag::CARD_PRODUCT_IDENTIFICATION));
    body.optional(tag::SEQUENCE_NUMBER, of_records(tag::SEQUENCE_NUMBER));
    body.object(tag::CARD_QUALIFIERS, &card.bytes());
    body.optional(tag::OFFLINE_BALANCE, of_records(tag::OFFLINE_BALANCE));
    let available = shown_available(account);
    body.optional(tag::AVAILABLE_OFFLINE_AMOUNT, available.as_ref().map(<[u8; 6]>::as_slice));
    body.optional(tag::CARDHOLDER_NAME, of_records(tag::CARDHOLDER_NAME));
    answer.template(tag::RESPONSE_FORMAT_2, body);
}

/// Approved offline. Each object is given once: by the answer, or by a record that the AFL leads to.
pub(super) fn offline(
    account: &mut Account<'_>,
    terminal: Ttq,
    card: Ctq,
    afl: &[u8],
    answer: &mut Answer,
) -> Result<(), StatusWord> {
    let refused = StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED;
    let [.., file, _, number, _] = *afl else { return Err(refused) };
    note_kind(account, Cid::TC);
    let given = compute_quick(account);
    let (mut proof, data) = sign(account, terminal, card).unzip();
    let length = proof.as_ref().map_or(0, |proof: &Proof| proof.length(account.plan));
    let is_late = length > LONGEST_SIGNATURE;
    let available = shown_available(account);
    let available = available.as_ref().map(<[u8; 6]>::as_slice);
    let mut appended = Answer::default();
    if is_late {
        appended.hidden(tag::SIGNED_DYNAMIC_DATA, length, unknown(Part::Signature));
        appended.optional(tag::AVAILABLE_OFFLINE_AMOUNT, available);
    }
    if let Some(data) = data.flatten() {
        appended.object(tag::CARD_AUTHENTICATION_DATA, &data);
        appended.hole_before(data.len() - RANDOM.end, RANDOM.len(), unknown(Part::Random));
    } else if let Some(proof) = &mut proof {
        proof.nothing_is_random();
    }
    let mut body = Answer::default();
    body.object(tag::INTERCHANGE_PROFILE, &account.session.aip);
    body.object(tag::FILE_LOCATOR, afl);
    body.object(tag::TRANSACTION_COUNTER, &account.session.atc);
    body.object(tag::CRYPTOGRAM, &given.cryptogram);
    body.object(tag::ISSUER_APPLICATION_DATA, &given.issuer_data);
    for wanted in [tag::TRACK_2_EQUIVALENT_DATA, tag::SEQUENCE_NUMBER] {
        body.optional(wanted, beside_the_records(account, afl, wanted));
    }
    if !is_late {
        if length > 0 {
            body.hidden(tag::SIGNED_DYNAMIC_DATA, length, unknown(Part::Signature));
        }
        body.object(tag::CARD_QUALIFIERS, &card.bytes());
        body.optional(tag::AVAILABLE_OFFLINE_AMOUNT, available);
    } else {
        body.object(tag::CARD_QUALIFIERS, &card.bytes());
    }
    answer.template(tag::RESPONSE_FORMAT_2, body);
    let last = (file >> 3, number);
    account.session.quick = Some(QuickEnd { last, appended, proof });
    Ok(())
}

fn unknown(part: Part) -> Unknown {
    Unknown::Payment(payment::Unknown::Quick(part))
}

/// fDDA: version 01 where the terminal knows it, with 9F69 signed as well, else 00. Where an element is missing nothing is signed.
fn sign(account: &Account<'_>, terminal: Ttq, card: Ctq) -> Option<(Proof, Option<[u8; 8]>)> {
    let is_possible = account.offers(ApplicationInterchangeProfile::DDA)
        && account.plan.can_sign(account.session.sm);
    if !is_possible {
        return None;
    }
    let mut message = account.given(tag::UNPREDICTABLE_NUMBER)?.to_vec();
    let mut data = None;
    if terminal.has(Ttq::FDDA_01) {
        message.extend_from_slice(account.given(tag::AMOUNT_AUTHORISED)?);
        message.extend_from_slice(account.given(tag::TRANSACTION_CURRENCY)?);
        let mut own = account.held().fixed::<8>(tag::CARD_AUTHENTICATION_DATA)?;
        own[0] = 0x01;
        own[RANDOM].fill(0);
        own[RANDOM.end..RANDOM.end + 2].copy_from_slice(&card.bytes());
        data = Some(own);
    }
    let random = message.len() + RANDOM.start..message.len() + RANDOM.end;
    message.extend(data.iter().flatten());
    Some((Proof::new(Signed::quick(account, &message), message, random), data))
}

/// An object of the records, unless a record of the AFL gives it.
fn beside_the_records<'a>(account: &'a Account<'_>, afl: &[u8], wanted: Tag) -> Option<&'a [u8]> {
    let (entries, _) = afl.as_chunks::<4>();
    let is_listed = |record: &Record| {
        entries.iter().any(|[file, first, last, _]| {
            file >> 3 == record.sfi && (*first..=*last).contains(&record.number)
        })
    };
    let mut found = None;
    for record in account.held().records.iter() {
        if let Some(value) = in_record(record, wanted) {
            if is_listed(record) {
                return None;
            }
            found = found.or(Some(value));
        }
    }
    found
}

fn in_record(record: &Record, wanted: Tag) -> Option<&[u8]> {
    let objects = Reader::new(&record.content).map_while(Result::ok);
    objects.into_iter().find(|object| object.tag == wanted).map(|object| object.value)
}
