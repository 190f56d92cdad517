//! The issuer proves itself: EXTERNAL AUTHENTICATE, or tag 91 in CDOL2.
//!
//! # Reference
//! JR/T 0025.5 §15, annex B.4; EMV Book 2 §8.2, Book 3 annex C10; spec/financial-details.md §1.5, §7.

use sscard_apdu::StatusWord;
use sscard_core::ResponseMethod;
use sscard_crypto::financial::{arpc_method_1, arpc_method_2};
use sscard_elements::{ApplicationInterchangeProfile, CardVerificationResults as Cvr, tag};

use super::{Account, Issuer, Stage};
use crate::card_model::stand::{Outcome, Plain};

pub(super) fn authenticate(plain: Plain<'_>, account: &mut Account<'_>) -> Outcome {
    if [plain.p1, plain.p2] != [0, 0] {
        return Err(StatusWord::INCORRECT_P1_P2);
    }
    if !(8..=16).contains(&plain.data.len()) {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let refused = StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED;
    let issuer = account.session.issuer.filter(|_| account.session.stage == Stage::Online);
    let issuer = issuer.ok_or(refused)?;
    if !account.offers(ApplicationInterchangeProfile::ISSUER_AUTHENTICATION) {
        return Err(refused);
    }
    let method = account.plan.application.cryptogram.response;
    if method == ResponseMethod::One && plain.data.len() < 10 {
        // spec/real-cards.md D4: it does not count.
        return Err(StatusWord::WRONG_LENGTH);
    }
    if issuer.is_right.is_some() {
        // The second one counts as failed.
        account.change().flags.issuer_failed = true;
        return Ok(refused);
    }
    judge(account, issuer, plain.data)
}

/// Issuer authentication data in the data of the second GENERATE AC; zeros are none.
pub(super) fn in_second_command(account: &mut Account<'_>) -> Result<(), StatusWord> {
    let value = account.plan.cdol2.value(tag::ISSUER_AUTHENTICATION_DATA, &account.session.cdol2);
    let data = value.unwrap_or_default().to_vec();
    match account.session.issuer {
        Some(issuer) if issuer.is_right.is_none() && data.iter().any(|byte| *byte != 0) => {
            judge(account, issuer, &data).map(drop)
        }
        _ => Ok(()),
    }
}

fn judge(account: &mut Account<'_>, issuer: Issuer, data: &[u8]) -> Outcome {
    let cipher = account.plan.keys(account.session.sm).cipher;
    let key = account.cryptogram_key();
    let short = StatusWord::WRONG_LENGTH;
    let (is_right, code) = match account.plan.application.cryptogram.response {
        ResponseMethod::One => {
            let (arpc, rest) = data.split_first_chunk::<8>().ok_or(short)?;
            let code = rest.first_chunk::<2>().copied();
            let is_right = code
                .is_some_and(|code| arpc_method_1(cipher, &key, &issuer.cryptogram, code) == *arpc);
            (is_right, code)
        }
        ResponseMethod::Two => {
            let (arpc, rest) = data.split_first_chunk::<4>().ok_or(short)?;
            let (update, own) = rest.split_first_chunk::<4>().ok_or(short)?;
            let is_right = arpc_method_2(cipher, &key, &issuer.cryptogram, *update, own) == *arpc;
            // Byte 2 bit 8 of the card status update approves.
            (is_right, Some(if update[1] & 0x80 == 0 { *b"05" } else { *b"00" }))
        }
    };
    account.session.issuer = Some(Issuer { is_right: Some(is_right), code, ..issuer });
    account.change().flags.issuer_failed = !is_right;
    if is_right {
        return Ok(StatusWord::SUCCESS);
    }
    account.session.note(Cvr::ISSUER_AUTHENTICATION_FAILED);
    // The failure stays.
    Ok(StatusWord::AUTHENTICATION_FAILED)
}
