//! The social security application (社会保障系统环境 and its applications DF01…DF07), and the MF
//! above it.
//!
//! What enters: plain commands on the channel's current DF. What leaves: answers of
//! 《社会保障（个人）卡规范》 part 5. A blocked environment answers 9303, a deactivated one 6985 to
//! everything but what activation needs. Invariant owned here: I-13.

mod authenticate;
mod holder_verification;
mod purse;
mod states;

use sscard_apdu::{FileId, StatusWord};
use sscard_commands::{Application, ins};
use sscard_crypto::Suite;

use crate::access::KeyId;
use crate::applet::{Applet, Context, PlainCommand, Reply};
use crate::catalogue::SSSE_NAME;
use crate::command::Command;
use crate::fs::{self, binary, record};
use crate::key;
use crate::life_cycle::LifeCycle;
use crate::profile::CardArea;
use crate::secure_messaging::{ChallengeProtection, MAC_LENGTH, Protection};

/// EF05, the issuer data: readable even while the environment is deactivated.
pub(crate) const ISSUER_DATA: FileId = FileId::new(0xEF05);

/// The applet of the file system; it has no state of its own.
#[derive(Clone, Copy)]
pub(crate) struct SocialSecurity;

impl Applet for SocialSecurity {
    fn aid(&self) -> &[u8] {
        &SSSE_NAME
    }

    #[inline]
    fn process(
        &self,
        command: &PlainCommand<'_>,
        context: &mut Context<'_>,
        reply: &mut Reply<'_>,
    ) -> Result<StatusWord, StatusWord> {
        if command.class == purse::CLASS && context.profile.blueprint().purse.is_some() {
            require_activated(context)?;
            return purse::process(command, context, reply);
        }
        let pin = context.profile.blueprint().pin_digits;
        let command = Command::try_from((command, pin))?;
        admit(&command, context)?;
        match command {
            Command::ReadBinary { place, ne } => binary::read(context, place, ne, reply),
            Command::ReadRecord { place } => record::read(context, place, reply),
            Command::UpdateBinary { place, data } => binary::update(context, place, data),
            Command::UpdateRecord { place, data } => record::update(context, place, data),
            Command::GetChallenge { length } => authenticate::challenge(context, length, reply),
            Command::ExternalAuthenticate { key, data } => {
                authenticate::external(context, key, &data)
            }
            Command::InternalAuthenticate { data } => authenticate::internal(context, &data, reply),
            Command::Verify { pin } => holder_verification::verify(context, pin),
            Command::ChangePin { old, new } => holder_verification::change(context, old, new),
            Command::UnblockPin => holder_verification::unblock(context),
            Command::ReloadPin { pin } => holder_verification::reload(context, pin),
            Command::ActivateFile => states::activate(context),
            Command::DeactivateFile => states::deactivate(context),
            Command::BlockApplication => states::block_application(context),
            Command::BlockCard => states::block_card(context),
        }
    }

    /// Everything that comes before the MAC: class, P1 P2 and length, life cycle, the authentication
    /// that the command needs.
    fn protection(
        &self,
        command: &PlainCommand<'_>,
        context: &mut Context<'_>,
    ) -> Result<Protection, StatusWord> {
        // The data stands for what is deciphered later; only its place and length count here.
        let pin = context.profile.blueprint().pin_digits;
        let parsed = Command::try_from((command, pin))?;
        let of_application = context.profile.environment() != Some(context.channel.cursor.df);
        let its_own = command.class == 0x00 || command.ins == ins::APPLICATION_BLOCK;
        let id = if of_application && its_own { KeyId::STK_OF_APPLICATION } else { KeyId::STK };
        // That there is none is said behind what else is missing.
        let key = key::find(context.profile, context.channel.cursor.df, id, None);
        let suite = key.map_or_else(|_| context.profile.suite(), |key| key.suite);
        require_protected_length(&parsed, command.data.len(), suite)?;
        admit(&parsed, context)?;
        let suite = suite.ok_or(StatusWord::FUNCTION_NOT_SUPPORTED)?;
        let mut enciphered = false;
        match parsed {
            Command::UpdateBinary { place, .. } => {
                let file = fs::find(context, place.sfi)?;
                file.require_bytes()?;
                fs::require(context, file.plan.update)?;
            }
            Command::UpdateRecord { place, .. } => {
                let file = fs::find(context, place.sfi)?;
                file.require_records()?;
                fs::require(context, file.plan.update)?;
            }
            Command::ReloadPin { .. } => {
                require_key(context, KeyId::PUK)?;
                enciphered = true;
            }
            Command::UnblockPin => require_key(context, KeyId::PUK)?,
            Command::BlockApplication => require_key(context, states::key_of_block(context)?)?,
            Command::BlockCard => require_key(context, KeyId::BK)?,
            _ => return Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED),
        }
        let key = key?.value(context.nvm);
        Ok(Protection::Challenge(ChallengeProtection {
            suite,
            key,
            enciphered,
            may_be_empty: true,
        }))
    }

    /// The medical purse's steps; no other instruction of the file system has these numbers.
    fn answers_once(&self, ins: u8) -> bool {
        sscard_commands::answers_once(Application::Purse, ins)
    }
}

/// What the life cycle of the environment lets through.
#[inline]
fn admit(command: &Command<'_>, context: &Context<'_>) -> Result<(), StatusWord> {
    if !context.profile.is_in_environment(context.channel.cursor.df) {
        return Ok(());
    }
    match LifeCycle::from_byte(context.nvm.byte(CardArea::ENVIRONMENT)) {
        LifeCycle::Activated => require_usable(context),
        LifeCycle::Deactivated => match command {
            Command::GetChallenge { .. }
            | Command::ExternalAuthenticate { .. }
            | Command::InternalAuthenticate { .. }
            | Command::ActivateFile => Ok(()),
            Command::ReadRecord { place }
                if context.profile.environment() == Some(context.channel.cursor.df)
                    && fs::find(context, place.sfi)
                        .is_ok_and(|file| file.plan.fid == ISSUER_DATA) =>
            {
                Ok(())
            }
            _ => Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED),
        },
        _ => Err(StatusWord::APPLICATION_PERMANENTLY_BLOCKED),
    }
}

/// Nothing but an activated environment lets the medical purse through.
fn require_activated(context: &Context<'_>) -> Result<(), StatusWord> {
    match LifeCycle::from_byte(context.nvm.byte(CardArea::ENVIRONMENT)) {
        LifeCycle::Activated => require_usable(context),
        LifeCycle::Deactivated => Err(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED),
        _ => Err(StatusWord::APPLICATION_PERMANENTLY_BLOCKED),
    }
}

/// An application that was blocked by itself takes no command.
#[inline]
fn require_usable(context: &Context<'_>) -> Result<(), StatusWord> {
    if context.is_blocked(context.channel.cursor.df) {
        Err(StatusWord::APPLICATION_PERMANENTLY_BLOCKED)
    } else {
        Ok(())
    }
}

fn require_key(context: &Context<'_>, key: KeyId) -> Result<(), StatusWord> {
    if context.channel.security.has(key) {
        Ok(())
    } else {
        Err(StatusWord::SECURITY_STATUS_NOT_SATISFIED)
    }
}

/// What the length of a protected command's data shows by itself: that there is no MAC, or nothing before it, or something that has
/// no place there.
fn require_protected_length(
    command: &Command<'_>,
    length: usize,
    suite: Option<Suite>,
) -> Result<(), StatusWord> {
    let body = length.checked_sub(MAC_LENGTH).ok_or(StatusWord::WRONG_LENGTH)?;
    let fits = match command {
        Command::UpdateBinary { .. } | Command::UpdateRecord { .. } => {
            body > 0 && length <= usize::from(u8::MAX)
        }
        Command::ReloadPin { .. } => {
            body == 0 || suite.is_none_or(|suite| body == suite.block_length())
        }
        _ => body == 0,
    };
    if fits { Ok(()) } else { Err(StatusWord::WRONG_LENGTH) }
}
