//! A terminal's security module: cards' keys that work for a terminal, and the terminal's counter of purchases.
//!
//! What enters: plain commands of a PSAM's file system. What leaves: what a diversified key makes of bytes. A terminal's counter is given out
//! once (I-14); a try of the master key is counted before its MAC is looked at (I-5).
//!
//! # Reference
//! 《社会保障（个人）卡规范》 part 9 §7; spec/real-cards.md C; docs/psam.md; docs/decisions.md, the security module.

mod cells;
mod command;
mod lasting;
mod loaded;
mod plan;
mod purchase;
mod write_key;

use sscard_apdu::{CommandApdu, StatusWord};
use sscard_commands::ins;

use super::answer::Answer;
use super::channel::Next;
use super::social;
use super::stand::{Outcome, Plain, Stand};
pub use command::PsamStep;
pub(super) use lasting::Lasting;
pub(super) use loaded::Loaded;
pub(super) use plan::Plan;
pub(super) use purchase::Purchase;

/// Answers a command; `apdu` is the command as it came.
pub(super) fn process(
    apdu: &CommandApdu<'_>,
    plain: Plain<'_>,
    stand: &mut Stand<'_>,
    answer: &mut Answer,
) -> Outcome {
    let left = stand.left.take();
    match (plain.ins == ins::WRITE_KEY, plain.protected) {
        (true, false) => return Err(StatusWord::CLASS_NOT_SUPPORTED),
        (false, true) => return Err(StatusWord::SECURE_MESSAGING_NOT_SUPPORTED),
        _ => {}
    }
    match (plain.ins, plain.p1, plain.p2) {
        // As on cards.
        (ins::READ_BINARY | ins::READ_RECORD | ins::GET_CHALLENGE, ..) => {
            social::process(apdu, plain, stand, answer)
        }
        (ins::LOAD_SESSION_KEY, ..) => loaded::load(plain, true, stand),
        (ins::LOAD_KEY, ..) => loaded::load(plain, false, stand),
        (ins::CIPHER, _, 0x00) => loaded::compute(plain, stand, answer),
        (ins::INIT_SAM_FOR_PURCHASE, 0x00, 0x00) => purchase::begin(plain, stand, answer),
        (ins::CREDIT_SAM_FOR_PURCHASE, 0x00, 0x00) => {
            let mac: [u8; 4] = plain.data.try_into().map_err(|_| StatusWord::WRONG_LENGTH)?;
            match left {
                Some(Next::Module(purchase)) => purchase.check(stand, mac),
                _ => Err(StatusWord::COMMAND_NOT_ACCEPTED),
            }
        }
        (ins::WRITE_KEY, 0x00, 0x01) => write_key::write(plain, false, stand),
        (ins::WRITE_KEY, 0x01, 0x00) => write_key::write(plain, true, stand),
        _ => Err(StatusWord::INCORRECT_P1_P2),
    }
}

/// The plan, while the module's application is selected and its algorithm available.
fn plan<'m>(stand: &Stand<'m>) -> Result<&'m Plan, StatusWord> {
    let plan = stand.plan.psam.as_ref();
    let plan = plan.filter(|plan| plan.application == stand.channel.social.df());
    plan.ok_or(StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED)
}
