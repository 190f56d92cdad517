//! The social security function: environment, applications, files, PIN, keys.
//!
//! What enters: plain commands of the file system. What leaves: answers of 《社会保障（个人）卡规范》 parts 3 to 5.

mod directories;
mod lasting;
mod plan;
mod session;

use sscard_apdu::{CommandApdu, StatusWord};
use sscard_commands::ins;

use super::answer::{Answer, Unknown};
use super::stand::{Outcome, Plain, Stand};
pub(super) use directories::{enter_directory, enter_file};
pub(super) use lasting::Lasting;
pub(super) use plan::Plan;
pub(super) use session::Session;

/// Answers a command of the file system; `apdu` is the command as it came, for its MAC.
pub(super) fn process(
    _apdu: &CommandApdu<'_>,
    plain: Plain<'_>,
    stand: &mut Stand<'_>,
    answer: &mut Answer,
) -> Outcome {
    match plain.ins {
        ins::GET_CHALLENGE => challenge(plain, stand, answer),
        _ => Err(StatusWord::INS_NOT_SUPPORTED),
    }
}

/// GET CHALLENGE: 4, 8 or 16 random bytes, of use once in the current application.
fn challenge(plain: Plain<'_>, stand: &mut Stand<'_>, answer: &mut Answer) -> Outcome {
    if [plain.p1, plain.p2] != [0, 0] {
        return Err(StatusWord::INCORRECT_P1_P2);
    }
    if !plain.data.is_empty() || !matches!(plain.ne, 4 | 8 | 16) {
        return Err(StatusWord::WRONG_LENGTH);
    }
    stand.channel.challenge = None;
    answer.hole(plain.ne, Unknown::Challenge);
    Ok(StatusWord::SUCCESS)
}
