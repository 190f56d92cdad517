//! GET PROCESSING OPTIONS: a transaction begins.
//!
//! # Reference
//! JR/T 0025.5 §7, annex B.6; .12 §7; .13 §7; .17 figure 7; spec/financial-details.md §4.2, §5, §7.

use sscard_apdu::StatusWord;
use sscard_apdu::tlv::Writer;
use sscard_core::{Path, SmSupport};
use sscard_elements::{TerminalTransactionQualifiers as Ttq, tag};

use super::{Account, Session, Stage, electronic_cash, qpboc};
use crate::card_model::answer::Answer;
use crate::card_model::stand::{Outcome, Plain};

const REFUSED: StatusWord = StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED;

pub(super) fn begin(plain: Plain<'_>, account: &mut Account<'_>, answer: &mut Answer) -> Outcome {
    if [plain.p1, plain.p2] != [0, 0] {
        return Err(StatusWord::INCORRECT_P1_P2);
    }
    // Once, until the next selection.
    if account.session.is_running() {
        return Err(REFUSED);
    }
    let plan = account.plan;
    let list = plan.pdol(account.is_contactless);
    let wrong = StatusWord::new(plan.application.options.status_of_wrong_pdol_data);
    let values = values(plain.data).filter(|values| values.len() == list.length).ok_or(wrong)?;
    let atc = account.held().atc.checked_add(1).ok_or(REFUSED)?;
    // A debit of the transaction before that never counted is undone.
    qpboc::restore_unfinished(account);
    let qualifiers = list.value(tag::TERMINAL_QUALIFIERS, values).unwrap_or_default();
    let terminal = Ttq::new([qualifiers.first().copied().unwrap_or_default(), 0, 0, 0]);
    let is_quick = account.is_contactless && plan.application.qpboc && terminal.has(Ttq::QPBOC);
    let wants_sm = list.value(tag::SM_SUPPORT_INDICATOR, values) == Some(&[0x01]);
    let sm = match plan.application.sm {
        SmSupport::Both => wants_sm,
        SmSupport::InternationalOnly => false,
        SmSupport::SmOnly if is_quick && !wants_sm => return Err(REFUSED),
        SmSupport::SmOnly => true,
    };
    if account.is_contactless && !is_quick && !terminal.has(Ttq::CONTACTLESS) {
        return Err(REFUSED);
    }
    account.change().atc = atc;
    let begun = Session {
        sm,
        contactless: account.is_contactless,
        atc: atc.to_be_bytes(),
        is_blocked: account.held().is_blocked,
        pdol: values.to_vec(),
        ..Session::default()
    };
    let before = std::mem::replace(account.session, begun);
    let outcome =
        if is_quick { qpboc::process(account, answer) } else { ordinary(account, answer) };
    if outcome.is_err() {
        // It begins no transaction.
        *account.session = before;
    }
    outcome
}

fn ordinary(account: &mut Account<'_>, answer: &mut Answer) -> Outcome {
    let cash = !account.is_contactless
        && account.plan.offers(Path::ElectronicCash)
        && electronic_cash::is_chosen(account);
    let path = if cash { Path::ElectronicCash } else { Path::Standard };
    let options = account.plan.options(path, account.session.sm).ok_or(REFUSED)?;
    account.session.stage = Stage::Initiated;
    account.session.path = path;
    account.session.aip = options.aip;
    let value = [&options.aip[..], &options.afl].concat();
    Writer::new(&mut answer.data).primitive(tag::RESPONSE_FORMAT_1, &value);
    Ok(StatusWord::SUCCESS)
}

/// The value of template 83, which is all the data.
fn values(data: &[u8]) -> Option<&[u8]> {
    match data {
        [0x83, 0x81, length, values @ ..] | [0x83, length @ 0..=0x7F, values @ ..]
            if usize::from(*length) == values.len() =>
        {
            Some(values)
        }
        _ => None,
    }
}
