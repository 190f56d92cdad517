//! What a command itself shows to be wrong, before anything of the card is looked at: class, P1 P2, lengths.
//!
//! # Reference
//! 《社会保障（个人）卡规范》 part 5; docs/decisions.md, "order of refusals under secure messaging": 6A86 and 6700 go first.

use std::ops::RangeInclusive;

use sscard_apdu::StatusWord;
use sscard_commands::ins;
use sscard_crypto::Suite;

use super::Plan;
use super::messaging::messaging_key;
use crate::card_model::stand::Plain;

/// Bytes of a MAC.
pub(super) const MAC: usize = 4;
/// Most bytes that a Lc in a MAC can say.
const LONGEST: usize = 255;
/// Between the two PINs of CHANGE PIN.
pub(super) const SEPARATOR: u8 = 0xFF;

pub(super) fn check(plain: Plain<'_>, plan: &Plan, df: u8) -> Result<(), StatusWord> {
    protection(plain)?;
    match plain.ins {
        ins::READ_BINARY => no_data(plain).and_then(|()| binary_place(plain)),
        ins::READ_RECORD => no_data(plain).and_then(|()| record_place(plain, 6)),
        ins::UPDATE_BINARY => binary_place(plain).and_then(|()| update_data(plain)),
        ins::UPDATE_RECORD => record_place(plain, 4).and_then(|()| update_data(plain)),
        ins::GET_CHALLENGE => {
            parameters(plain, 0x00, 0x00..=0x00)?;
            no_data(plain)?;
            when(matches!(plain.ne, 4 | 8 | 16), StatusWord::WRONG_LENGTH)
        }
        ins::EXTERNAL_AUTHENTICATE => {
            parameters(plain, 0x00, 0x00..=0xFF)?;
            length(plain, 16..=17)
        }
        ins::INTERNAL_AUTHENTICATE => {
            parameters(plain, 0x00, 0x00..=0x00)?;
            length(plain, 16..=17)
        }
        ins::VERIFY => {
            parameters(plain, 0x00, 0x00..=0xFF)?;
            when(plain.p2 == 0, StatusWord::REFERENCED_DATA_NOT_FOUND)?;
            let (shortest, longest) = pin_bytes(plan);
            when(plain.data.is_empty(), StatusWord::WRONG_LENGTH)
                .or_else(|_| length(plain, shortest..=longest))
        }
        ins::CHANGE_PIN => {
            parameters(plain, 0x01, 0x00..=0x00)?;
            let (shortest, longest) = pin_bytes(plan);
            // Either PIN may be empty, not both.
            length(plain, shortest + 1..=2 * longest + 1)?;
            when(plain.data.contains(&SEPARATOR), StatusWord::INCORRECT_DATA)
        }
        ins::PIN_UNBLOCK if plain.p2 == 1 => {
            parameters(plain, 0x00, 0x01..=0x01)?;
            let key = messaging_key(plan, df, plain.ins);
            let block = key.map_or(plan.suite, |key| key.suite).map(Suite::block_length);
            let body = plain.data.len().checked_sub(MAC).ok_or(StatusWord::WRONG_LENGTH)?;
            let is_block = body == 0 || block.is_none_or(|block| body == block);
            when(is_block, StatusWord::WRONG_LENGTH)
        }
        ins::PIN_UNBLOCK | ins::CARD_BLOCK => {
            parameters(plain, 0x00, 0x00..=0x00)?;
            length(plain, MAC..=MAC)
        }
        ins::APPLICATION_BLOCK => {
            parameters(plain, 0x00, 0x01..=0x01)?;
            length(plain, MAC..=MAC)
        }
        ins::ACTIVATE_FILE | ins::DEACTIVATE_FILE => {
            parameters(plain, 0x00, 0x00..=0x00)?;
            no_data(plain)
        }
        _ => Err(StatusWord::INS_NOT_SUPPORTED),
    }
}

/// UPDATE may be protected, what ends or unblocks something has to be, nothing else can.
fn protection(plain: Plain<'_>) -> Result<(), StatusWord> {
    match plain.ins {
        ins::UPDATE_BINARY | ins::UPDATE_RECORD => Ok(()),
        ins::PIN_UNBLOCK | ins::APPLICATION_BLOCK | ins::CARD_BLOCK => {
            when(plain.protected, StatusWord::CLASS_NOT_SUPPORTED)
        }
        _ => when(!plain.protected, StatusWord::SECURE_MESSAGING_NOT_SUPPORTED),
    }
}

/// Offset, or bit 8 of P1, no bits 7 and 6, and a short identifier.
fn binary_place(plain: Plain<'_>) -> Result<(), StatusWord> {
    let is_short = matches!(plain.p1, 0x81..=0x9E);
    when(plain.p1 < 0x80 || is_short, StatusWord::INCORRECT_P1_P2)
}

/// Short identifiers are below 1F; modes are 0 to 6, of UPDATE RECORD to 4 (ISO/IEC 7816-4 tables 49 and 54).
fn record_place(plain: Plain<'_>, last_mode: u8) -> Result<(), StatusWord> {
    when(plain.p2 < 0xF8 && plain.p2 & 0x07 <= last_mode, StatusWord::INCORRECT_P1_P2)
}

/// Something to write, and a MAC behind it where there has to be one.
fn update_data(plain: Plain<'_>) -> Result<(), StatusWord> {
    if plain.protected {
        length(plain, MAC + 1..=LONGEST)
    } else {
        when(!plain.data.is_empty(), StatusWord::WRONG_LENGTH)
    }
}

fn pin_bytes(plan: &Plan) -> (usize, usize) {
    let (shortest, longest) = plan.pin_digits.bytes();
    (shortest.into(), longest.into())
}

fn no_data(plain: Plain<'_>) -> Result<(), StatusWord> {
    when(plain.data.is_empty(), StatusWord::WRONG_LENGTH)
}

fn length(plain: Plain<'_>, admitted: RangeInclusive<usize>) -> Result<(), StatusWord> {
    when(admitted.contains(&plain.data.len()), StatusWord::WRONG_LENGTH)
}

fn parameters(plain: Plain<'_>, p1: u8, p2: RangeInclusive<u8>) -> Result<(), StatusWord> {
    when(plain.p1 == p1 && p2.contains(&plain.p2), StatusWord::INCORRECT_P1_P2)
}

/// Nothing, as long as this holds.
pub(super) fn when(holds: bool, otherwise: StatusWord) -> Result<(), StatusWord> {
    if holds { Ok(()) } else { Err(otherwise) }
}
