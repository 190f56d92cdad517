//! A payment application (PBOC debit and credit, JR/T 0025): what a terminal and an issuer get from it.
//!
//! ```text
//! Plain ─► Account { plan, what lasts, transaction } ─► options ─► risk ─► first cryptogram ─► issuer ─► second cryptogram
//! ```
//!
//! What enters: plain commands of the selected application. What leaves: answers of JR/T 0025.5 (card), .12 (contactless), .13 (e-cash)
//! and .17 (SM algorithms). The directories that lead to it are here as well.

mod account;
mod authentication;
mod cells;
mod command;
mod control_information;
mod cryptogram;
mod data_objects;
mod directory;
mod electronic_cash;
mod first;
mod holder;
mod invariants;
mod issuer;
mod lasting;
mod log;
mod options;
mod plan;
mod qpboc;
mod records;
mod risk;
mod script;
mod second;
mod session;

use sscard_apdu::StatusWord;
use sscard_commands::ins;

use super::answer::Answer;
use super::channel::{Channel, Selected};
use super::stand::{Outcome, Plain, Stand};
pub(crate) use account::Account;
pub use command::PaymentCommand;
pub(super) use directory::{Directories, PPSE, PSE};
pub(crate) use lasting::Lasting;
pub(crate) use plan::Plan;
pub(crate) use session::{Challenge, Issuer, QuickEnd, Session, Stage};

/// Random bytes of a payment application.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Unknown {
    /// GET CHALLENGE, 8 bytes.
    Challenge,
    /// A signature over dynamic data.
    Signature(Box<authentication::Signed>),
    /// Of a quick transaction, which the channel remembers.
    Quick(qpboc::Part),
}

/// SELECT of a payment application: whatever transaction was on is over.
pub(super) fn enter(place: u8, stand: &mut Stand<'_>, answer: &mut Answer) -> Outcome {
    let here = Selected::Payment(place);
    if stand.channel.selected != here {
        stand.channel.leave_files(here);
    }
    stand.channel.payment = Session::default();
    let mut account = Account::open(place, stand);
    control_information::write(&account, answer);
    qpboc::restore_unfinished(&mut account);
    Ok(if account.held().is_blocked {
        StatusWord::SELECTED_FILE_DEACTIVATED
    } else {
        StatusWord::SUCCESS
    })
}

/// SELECT of a payment directory.
pub(super) fn enter_directory(
    here: Selected,
    stand: &mut Stand<'_>,
    answer: &mut Answer,
) -> Outcome {
    let status = directory::select(here, stand, answer)?;
    if stand.channel.selected != here {
        stand.channel.leave_files(here);
    }
    Ok(status)
}

/// A command to a payment directory.
pub(super) fn process_directory(
    plain: Plain<'_>,
    stand: &mut Stand<'_>,
    answer: &mut Answer,
) -> Outcome {
    directory::process(plain, stand, answer)
}

/// A command to the payment application of the channel.
pub(super) fn process(plain: Plain<'_>, stand: &mut Stand<'_>, answer: &mut Answer) -> Outcome {
    let Selected::Payment(place) = stand.channel.selected else {
        return Err(StatusWord::NO_PRECISE_DIAGNOSIS);
    };
    let is_script = matches!(
        plain.ins,
        ins::APPLICATION_BLOCK
            | ins::APPLICATION_UNBLOCK
            | ins::CARD_BLOCK
            | ins::PIN_UNBLOCK
            | ins::PUT_DATA
            | ins::UPDATE_RECORD
    );
    if plain.protected && !is_script {
        return Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED);
    }
    if plain.ins == ins::VERIFY {
        return holder::verify(plain, place, stand);
    }
    let account = &mut Account::open(place, stand);
    let before = invariants::Before::of(account);
    let outcome = carry_out(plain, account, answer, is_script);
    before.hold(plain, account, outcome);
    outcome
}

fn carry_out(
    plain: Plain<'_>,
    account: &mut Account<'_>,
    answer: &mut Answer,
    is_script: bool,
) -> Outcome {
    match plain.ins {
        _ if is_script => script::carry_out(plain, account),
        ins::GET_PROCESSING_OPTIONS => options::begin(plain, account, answer),
        ins::READ_RECORD => records::read(plain, account, answer),
        ins::GET_DATA => data_objects::give(plain, account, answer),
        ins::GET_CHALLENGE => authentication::challenge(plain, account, answer),
        ins::INTERNAL_AUTHENTICATE => authentication::sign(plain, account, answer),
        ins::EXTERNAL_AUTHENTICATE => issuer::authenticate(plain, account),
        ins::GENERATE_AC if account.session.stage == Stage::Online => {
            second::generate(plain, account, answer)
        }
        ins::GENERATE_AC => first::generate(plain, account, answer),
        _ => Err(StatusWord::INS_NOT_SUPPORTED),
    }
}

/// Random bytes of a payment application were seen.
pub(super) fn settle(
    plans: &[Plan],
    channel: &mut Channel,
    what: &Unknown,
    bytes: &[u8],
) -> Result<(), String> {
    match what {
        Unknown::Challenge => {
            if let Ok(bytes) = bytes.try_into() {
                channel.payment.challenge = Challenge::Seen(bytes);
            }
            Ok(())
        }
        Unknown::Signature(signed) => signed.verify(plans, bytes),
        Unknown::Quick(part) => qpboc::settle(plans, channel, *part, bytes),
    }
}
