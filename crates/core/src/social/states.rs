//! Commands that move the environment or the card along its life cycle.

use sscard_apdu::StatusWord;

use super::require_key;
use crate::access::KeyId;
use crate::applet::Context;
use crate::life_cycle::LifeCycle;
use crate::profile::{CardArea, KeyPurpose};

/// ACTIVATE FILE (`00 44 00 00`) of the environment \[choice\].
///
/// # Status
/// `9000`, also when it is active already; `6700`; `6982` not authenticated with UK_SSSE; `6985`
/// the environment itself is not selected; `6A86`; `9303`.
///
/// # Reference
/// ISO/IEC 7816-9; the key and the states are ours, not the standard's.
pub(super) fn activate(context: &mut Context<'_>) -> Result<StatusWord, StatusWord> {
    move_environment(context, LifeCycle::Activated)
}

/// DEACTIVATE FILE (`00 04 00 00`) of the environment \[choice\].
///
/// # Status
/// As [`activate`]; `6985` also when it is deactivated already.
///
/// # Reference
/// ISO/IEC 7816-9; the key and the states are ours, not the standard's.
pub(super) fn deactivate(context: &mut Context<'_>) -> Result<StatusWord, StatusWord> {
    move_environment(context, LifeCycle::Deactivated)
}

fn move_environment(context: &mut Context<'_>, state: LifeCycle) -> Result<StatusWord, StatusWord> {
    if context.profile.environment() != Some(context.channel.cursor.df) {
        return Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED);
    }
    require_key(context, KeyId::UK_SSSE)?;
    context.nvm.write(CardArea::ENVIRONMENT, &[state.byte()])?;
    Ok(StatusWord::SUCCESS)
}

/// APPLICATION BLOCK (`84 1E 00 01`): for good, SELECT answers 9303 from now on. With the environment selected it ends
/// the environment, with an application selected that has a locking key that application alone.
///
/// # Status
/// `9000`; `6700`; `6982` not authenticated with BK, or with the application's LK; `6984` no challenge; `6985` what is
/// selected has no such key \[choice\]; `6988` wrong MAC; `6A86`; `9303`.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 5.
pub(super) fn block_application(context: &mut Context<'_>) -> Result<StatusWord, StatusWord> {
    let df = context.channel.cursor.df;
    if context.profile.environment() == Some(df) {
        context.nvm.write(CardArea::ENVIRONMENT, &[LifeCycle::ApplicationBlocked.byte()])?;
    } else {
        let state = context.profile.layout().state(df);
        let state = state.ok_or(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED)?;
        context.nvm.write(state, &[0])?;
    }
    Ok(StatusWord::SUCCESS)
}

/// The key that has to be proved before what is selected can be blocked.
pub(super) fn key_of_block(context: &Context<'_>) -> Result<KeyId, StatusWord> {
    let df = context.channel.cursor.df;
    if context.profile.environment() == Some(df) {
        return Ok(KeyId::BK);
    }
    let keys = context.profile.df(df).map_or(&[][..], |df| &df.keys);
    let lock = keys.iter().find(|key| key.purpose == KeyPurpose::Lock).map(|key| key.id);
    lock.ok_or(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED)
}

/// CARD BLOCK (`84 16 00 00`): for good, every command answers 6A81 from now on.
///
/// # Status
/// As [`block_application`], with BK wherever in the environment.
///
/// # Reference
/// 《社会保障（个人）卡规范》 part 5.
pub(super) fn block_card(context: &mut Context<'_>) -> Result<StatusWord, StatusWord> {
    context.nvm.write(CardArea::LIFE_CYCLE, &[LifeCycle::CardBlocked.byte()])?;
    Ok(StatusWord::SUCCESS)
}
