//! Issuer scripts (发卡行脚本): commands under a MAC that is bound to the transaction's first cryptogram.
//!
//! What enters: a command of class 84 or 04. What leaves: its effect, or a refusal that the card remembers.
//!
//! # Reference
//! JR/T 0025.5 §17, annex B, annex C.2; .7 §11; .17 §11; spec/financial-details.md §6; docs/decisions.md, "The bank card".

use sscard_apdu::StatusWord;
use sscard_apdu::tlv::Reader;
use sscard_commands::{class, ins};
use sscard_crypto::financial::{
    decipher_script, pin_from_change_block, script_mac, with_odd_parity,
};
use sscard_elements::tag;

use super::data_objects::{put, tag_of};
use super::{Account, Issuer, Stage, qpboc, records};
use crate::card_model::stand::{Outcome, Plain};

/// Bytes of a script's MAC.
pub(super) const MAC: usize = 4;
/// The counter has four bits.
const MOST_COUNTED: u8 = 15;
/// Bytes of an enciphered PIN block, under either cipher.
const ENCIPHERED_BLOCK: usize = 16;

pub(super) fn carry_out(plain: Plain<'_>, account: &mut Account<'_>) -> Outcome {
    let refused = StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED;
    let issuer = account.session.issuer.ok_or(refused)?;
    if issuer.refuses_scripts || issuer.is_right == Some(false) {
        return Err(refused);
    }
    qpboc::restore_unfinished(account);
    if plain.protected && account.session.stage == Stage::Ended {
        let counted = account.held().scripts + 1;
        account.change().scripts = counted.min(MOST_COUNTED);
    }
    match behind_the_mac(plain, issuer, account).and_then(|body| effect(plain, body, account)) {
        Ok(()) => Ok(StatusWord::SUCCESS),
        Err(status) => {
            account.change().flags.script_failed = true;
            // No error: what is remembered of it stays.
            Ok(status)
        }
    }
}

/// The data in front of a right MAC.
fn behind_the_mac<'d>(
    plain: Plain<'d>,
    issuer: Issuer,
    account: &mut Account<'_>,
) -> Result<&'d [u8], StatusWord> {
    let missing = StatusWord::EXPECTED_SECURE_MESSAGING_OBJECTS_MISSING;
    let (body, shown) = plain.data.split_last_chunk::<MAC>().ok_or(missing)?;
    if !plain.protected {
        return Err(missing);
    }
    let lc = u8::try_from(plain.data.len()).map_err(|_| StatusWord::WRONG_LENGTH)?;
    let header = [plain.class | class::INTERINDUSTRY_PROTECTED, plain.ins, plain.p1, plain.p2, lc];
    if is_right(&mac_of(account, issuer, header, body), shown) {
        return Ok(body);
    }
    account.session.issuer = Some(Issuer { refuses_scripts: true, ..issuer });
    Err(StatusWord::INCORRECT_SECURE_MESSAGING_OBJECTS)
}

/// The MAC of a command with this header, whose Lc counts it.
pub(super) fn mac_of(
    account: &Account<'_>,
    issuer: Issuer,
    header: [u8; 5],
    body: &[u8],
) -> [u8; MAC] {
    let (session, plan) = (&*account.session, account.plan);
    let cipher = plan.keys(session.sm).cipher;
    let key = account.mac_key(session.sm, session.atc);
    script_mac(cipher, &key, header, session.atc, &issuer.cryptogram, body, plan.fold())
}

/// Whether a proof holds; the null suite takes any.
fn is_right(expected: &[u8], shown: &[u8]) -> bool {
    sscard_crypto::proves(expected, shown)
}

fn effect(plain: Plain<'_>, body: &[u8], account: &mut Account<'_>) -> Result<(), StatusWord> {
    match plain.ins {
        ins::PUT_DATA => put(account, tag_of(plain), body),
        ins::UPDATE_RECORD => update_record(plain, body, account),
        ins::PIN_UNBLOCK => pin(plain, body, account),
        _ => block(plain, body, account),
    }
}

/// APPLICATION BLOCK, APPLICATION UNBLOCK, CARD BLOCK.
fn block(plain: Plain<'_>, body: &[u8], account: &mut Account<'_>) -> Result<(), StatusWord> {
    if [plain.p1, plain.p2] != [0, 0] {
        return Err(StatusWord::INCORRECT_P1_P2);
    }
    nothing_in(body)?;
    match plain.ins {
        ins::APPLICATION_BLOCK => {
            account.change().is_blocked = true;
            // This transaction comes to an AAC as well.
            account.session.is_blocked = true;
        }
        ins::APPLICATION_UNBLOCK => account.change().is_blocked = false,
        _ => account.card.is_card_blocked = true,
    }
    Ok(())
}

/// PIN CHANGE/UNBLOCK: P2 00 gives the tries back, 01 and 02 a new PIN as well, with and without the old one.
fn pin(plain: Plain<'_>, body: &[u8], account: &mut Account<'_>) -> Result<(), StatusWord> {
    let new = match [plain.p1, plain.p2] {
        [0x00, 0x00] => nothing_in(body).map(|()| None)?,
        [0x00, with_old @ (0x01 | 0x02)] => Some(new_pin(body, with_old == 0x01, account)?),
        _ => return Err(StatusWord::INCORRECT_P1_P2),
    };
    let most = account.plan.application.pin_tries;
    let held = account.change();
    held.tries = most;
    held.pin = new.unwrap_or(held.pin);
    Ok(())
}

/// The new PIN out of `length | block | padding`; 6A80 when none comes out.
fn new_pin(body: &[u8], with_old: bool, account: &Account<'_>) -> Result<[u8; 8], StatusWord> {
    let wrong = StatusWord::INCORRECT_DATA;
    if body.len() != ENCIPHERED_BLOCK {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let keys = account.plan.keys(account.session.sm);
    let plain = decipher_script(keys.cipher, &account.encipherment_key(), body).ok_or(wrong)?;
    let block = plain.as_slice().try_into().map_err(|_| wrong)?;
    let old = account.held().pin;
    // Parity changes this block and nothing else; keys of SM4 have none.
    let is_adjusted = !account.session.sm && !account.plan.application.options.unadjusted_pin_key;
    let card = &keys.encipherment;
    let card = if is_adjusted { with_odd_parity(card) } else { card.clone() };
    let new = pin_from_change_block(&card, block, with_old.then_some(&old)).ok_or(wrong)?;
    Ok(*new)
}

/// UPDATE RECORD: the whole record in its template 70.
fn update_record(
    plain: Plain<'_>,
    body: &[u8],
    account: &mut Account<'_>,
) -> Result<(), StatusWord> {
    let (sfi, number) = (records::file_of(plain.p2)?, plain.p1);
    let capacity = records::find(account, sfi, number)?.capacity;
    let mut objects = Reader::new(body);
    let (Some(Ok(template)), None) = (objects.next(), objects.next()) else {
        return Err(StatusWord::NC_INCONSISTENT_WITH_TLV);
    };
    if template.tag != tag::RECORD_TEMPLATE {
        return Err(StatusWord::NC_INCONSISTENT_WITH_TLV);
    }
    if template.value.len() > capacity {
        return Err(StatusWord::NOT_ENOUGH_MEMORY);
    }
    account.change().replace_record(sfi, number, template.value);
    Ok(())
}

fn nothing_in(body: &[u8]) -> Result<(), StatusWord> {
    if body.is_empty() { Ok(()) } else { Err(StatusWord::WRONG_LENGTH) }
}
