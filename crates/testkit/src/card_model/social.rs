//! The social security function: environment, applications, files, PIN, keys.
//!
//! What enters: plain commands of the file system. What leaves: answers of 《社会保障（个人）卡规范》 parts 3 to 5.
//!
//! ```text
//! form (6E00, 6882, 6A86, 6700) ─► life cycle (6985, 9303) ─► protection (6982, 6984, 6988) ─► effect
//! ```

mod authenticate;
mod beside;
mod cells;
pub(super) mod command;
mod directories;
mod files;
mod form;
mod lasting;
mod messaging;
mod pin;
mod plan;
mod records;
mod session;
mod states;

use sscard_apdu::{CommandApdu, StatusWord};
use sscard_commands::ins;

use super::answer::Answer;
use super::stand::{Outcome, Plain, Stand};
pub(super) use beside::require_activated;
pub(super) use directories::{enter_directory, enter_file};
pub(super) use lasting::Lasting;
pub(super) use plan::Plan;
pub(super) use session::Session;

/// Answers a command of the file system; `apdu` is the command as it came, for its MAC.
pub(super) fn process(
    apdu: &CommandApdu<'_>,
    plain: Plain<'_>,
    stand: &mut Stand<'_>,
    answer: &mut Answer,
) -> Outcome {
    form::check(plain, &stand.plan.social, stand.channel.social.df)?;
    states::admit(plain, stand)?;
    if plain.protected {
        let body = messaging::open(apdu, plain, stand)?;
        return carry_out(Plain { data: &body, ..plain }, stand, answer);
    }
    carry_out(plain, stand, answer)
}

fn carry_out(plain: Plain<'_>, stand: &mut Stand<'_>, answer: &mut Answer) -> Outcome {
    match plain.ins {
        ins::READ_BINARY => files::read_binary(plain, stand, answer),
        ins::UPDATE_BINARY => files::update_binary(plain, stand),
        ins::READ_RECORD => records::read(plain, stand, answer),
        ins::UPDATE_RECORD => records::update(plain, stand),
        ins::GET_CHALLENGE => authenticate::challenge(plain, stand, answer),
        ins::EXTERNAL_AUTHENTICATE => authenticate::external(plain, stand),
        ins::INTERNAL_AUTHENTICATE => authenticate::internal(plain, stand, answer),
        ins::VERIFY => pin::verify(plain, stand),
        ins::CHANGE_PIN => pin::change(plain, stand),
        ins::PIN_UNBLOCK => pin::unblock_or_reload(plain, stand),
        ins::ACTIVATE_FILE | ins::DEACTIVATE_FILE => states::turn(plain, stand),
        ins::APPLICATION_BLOCK => states::block_application(stand),
        ins::CARD_BLOCK => states::block_card(stand),
        _ => Err(StatusWord::INS_NOT_SUPPORTED),
    }
}
