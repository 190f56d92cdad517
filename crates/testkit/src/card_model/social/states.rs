//! Life cycle: of the environment, of an application by itself, of the card.
//!
//! # Reference
//! spec/social-security.md §2.12; spec/real-cards.md A4; invariant I-13.

use sscard_apdu::StatusWord;
use sscard_commands::ins;
use sscard_core::{KeyId, LifeCycle};

use super::files;
use super::form::when;
use crate::card_model::stand::{Outcome, Plain, Stand};

/// What the state of the environment, or of the application in it, lets through.
pub(super) fn admit(plain: Plain<'_>, stand: &Stand<'_>) -> Result<(), StatusWord> {
    let df = stand.channel.social.df;
    if !stand.plan.social.is_in_environment(df) {
        return Ok(());
    }
    let social = &stand.lasting.social;
    match social.environment {
        LifeCycle::Activated => {
            when(!social.is_blocked(df), StatusWord::APPLICATION_PERMANENTLY_BLOCKED)
        }
        LifeCycle::Deactivated => {
            let passes = match plain.ins {
                ins::GET_CHALLENGE
                | ins::EXTERNAL_AUTHENTICATE
                | ins::INTERNAL_AUTHENTICATE
                | ins::ACTIVATE_FILE => true,
                ins::READ_RECORD => {
                    files::of_record_command(plain, stand).is_ok_and(|found| found.1.is_issuer_data)
                }
                _ => false,
            };
            when(passes, StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED)
        }
        _ => Err(StatusWord::APPLICATION_PERMANENTLY_BLOCKED),
    }
}

/// ACTIVATE FILE and DEACTIVATE FILE of the environment.
pub(super) fn turn(plain: Plain<'_>, stand: &mut Stand<'_>) -> Outcome {
    let session = &stand.channel.social;
    let is_environment = stand.plan.social.environment() == Some(session.df);
    when(is_environment, StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED)?;
    when(session.has_proved(KeyId::UK_SSSE), StatusWord::SECURITY_STATUS_NOT_SATISFIED)?;
    stand.lasting.social_mut().environment = match plain.ins {
        ins::ACTIVATE_FILE => LifeCycle::Activated,
        _ => LifeCycle::Deactivated,
    };
    Ok(StatusWord::SUCCESS)
}

/// The key that has to be proved before what is selected can be blocked: BK in the environment, LK in DF03 and DF04.
pub(super) fn blocking_key(stand: &Stand<'_>) -> Result<KeyId, StatusWord> {
    let df = stand.channel.social.df;
    let plan = &stand.plan.social;
    let key = if plan.environment() == Some(df) { Some(KeyId::BK) } else { plan.lock(df) };
    key.ok_or(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED)
}

/// APPLICATION BLOCK: what is selected ends, for good.
pub(super) fn block_application(stand: &mut Stand<'_>) -> Outcome {
    let df = stand.channel.social.df;
    let is_environment = stand.plan.social.environment() == Some(df);
    let social = stand.lasting.social_mut();
    if is_environment {
        social.environment = LifeCycle::ApplicationBlocked;
    } else {
        social.blocked |= 1 << df;
    }
    Ok(StatusWord::SUCCESS)
}

/// CARD BLOCK: everything ends.
pub(super) fn block_card(stand: &mut Stand<'_>) -> Outcome {
    stand.lasting.is_card_blocked = true;
    Ok(StatusWord::SUCCESS)
}
