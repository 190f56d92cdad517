//! GET PROCESSING OPTIONS: begins a transaction, counts it, chooses its path and algorithms.

use sscard_apdu::tlv::Tag;
use sscard_apdu::{StatusWord, dol};
use sscard_elements::{ApplicationInterchangeProfile, TerminalTransactionQualifiers as Ttq, tag};

use super::session::Session;
use super::transaction::{Begun, Given, Stage, Transaction, in_list};
use super::{electronic_cash, offers, qpboc};
use crate::applet::Reply;
use crate::profile::{Area, Path, SmSupport};

/// GET PROCESSING OPTIONS (INS A8) with template 83. One that is refused begins no transaction: the
/// counter and the state stay as the selection left them.
///
/// # Status
/// `9000`; `6985` a transaction is on already, the counter is exhausted, or no path is common;
/// a profile option (6985) when the data does not answer the PDOL.
///
/// # Reference
/// JR/T 0025.5 §7, annex B.6; .12 §7; .13 §7; .17 figure 7.
pub(super) fn get(
    session: &mut Session<'_>,
    data: &[u8],
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    if session.transaction.is_running() {
        return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED);
    }
    let before = core::mem::take(session.transaction);
    let outcome = begin(session, data, reply);
    if outcome.is_err() {
        *session.transaction = before;
    }
    outcome
}

fn begin(
    session: &mut Session<'_>,
    data: &[u8],
    reply: &mut Reply<'_>,
) -> Result<StatusWord, StatusWord> {
    let refuse = Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED);
    let values = values(session, data)
        .ok_or(StatusWord::new(session.plan.options.status_of_wrong_pdol_data))?;
    let atc = u16::from_be_bytes(session.array(Area::ATC));
    let Some(atc) = atc.checked_add(1) else { return refuse };
    qpboc::restore_unfinished(session.place, session.nvm)?;
    let list =
        if session.contactless { &session.plan.contactless_pdol } else { &session.plan.pdol };
    let wants_sm = in_list(list, values, tag::SM_SUPPORT_INDICATOR) == Some(&[0x01]);
    let first = in_list(list, values, tag::TERMINAL_QUALIFIERS).and_then(<[u8]>::first).copied();
    let qualifiers = Ttq::new([first.unwrap_or(0), 0, 0, 0]);
    let is_qpboc = session.contactless && session.plan.qpboc && qualifiers.has(Ttq::QPBOC);
    let sm = match session.plan.sm {
        SmSupport::Both => wants_sm,
        SmSupport::InternationalOnly => false,
        SmSupport::SmOnly if is_qpboc && !wants_sm => return refuse,
        SmSupport::SmOnly => true,
    };
    let atc = atc.to_be_bytes();
    *session.transaction = Transaction {
        begun: Begun { sm, atc, blocked: session.is_blocked(), ..Begun::default() },
        given: Given {
            contactless: session.contactless,
            pdol: values.to_vec(),
            ..Given::default()
        },
        ..Transaction::default()
    };
    session.set(Area::ATC, &atc)?;
    if is_qpboc {
        return qpboc::process(session, reply);
    }
    if session.contactless && !qualifiers.has(Ttq::CONTACTLESS) {
        return refuse;
    }
    let cash = !session.contactless
        && offers(session.plan, Path::ElectronicCash)
        && electronic_cash::is_chosen(session);
    let path = if cash { Path::ElectronicCash } else { Path::Standard };
    let options =
        session.plan.options_of(path, sm).ok_or(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED)?;
    session.transaction.stage = Stage::Initiated(path);
    session.transaction.begun.aip = ApplicationInterchangeProfile::new(options.aip);
    let mut value = alloc::vec::Vec::with_capacity(options.afl.len().saturating_add(2));
    value.extend_from_slice(&options.aip);
    value.extend_from_slice(&options.afl);
    reply.tlv().primitive(tag::RESPONSE_FORMAT_1, &value);
    Ok(StatusWord::SUCCESS)
}

/// The PDOL's values out of template 83, when they are as long as the PDOL asks for.
fn values<'d>(session: &Session<'_>, data: &'d [u8]) -> Option<&'d [u8]> {
    let list =
        if session.contactless { &session.plan.contactless_pdol } else { &session.plan.pdol };
    let wanted = dol::total_length(list).ok()?;
    let Ok((tag::COMMAND_TEMPLATE, rest)) = Tag::parse(data) else { return None };
    let values = match rest {
        [0x81, length, values @ ..] if usize::from(*length) == values.len() => values,
        [length @ 0..=0x7F, values @ ..] if usize::from(*length) == values.len() => values,
        _ => return None,
    };
    (values.len() == wanted).then_some(values)
}
