//! Issuer scripts (发卡行脚本): commands under the MAC of the transaction's first cryptogram.
//!
//! What enters: a command of class 84 or 04 with its MAC. What leaves: its effect and 9000, or a
//! refusal that the card remembers for the next transaction. A wrong MAC ends the session's
//! scripts. Invariant owned here: I-11 for this application.

use sscard_apdu::StatusWord;
use sscard_apdu::tlv::{Reader, Tag};
use sscard_elements::tag;
use zeroize::Zeroizing;

use super::command::{PinScript, Script, parameters, record_file};
use super::session::{Flag, KeyUse, Session};
use super::transaction::{Ending, IssuerAuthentication, IssuerSession, Stage};
use super::{cryptogram, data_objects, qpboc, records};
use crate::applet::PlainCommand;
use crate::life_cycle::LifeCycle;
use crate::profile::{Area, CardArea};

const MAC_LENGTH: usize = 4;
const MOST_SCRIPTS: u8 = 15;

/// Carries out one script command.
///
/// # Status
/// `9000`; `6985` no cryptogram to bind it to, issuer authentication failed, or an earlier MAC of
/// the session was wrong; `6987` no MAC; `6988` wrong MAC; then those of the command itself, `6A86`
/// first.
///
/// # Reference
/// JR/T 0025.5 §17, annex B; .7 §11.
pub(super) fn carry_out(
    session: &mut Session<'_>,
    command: &PlainCommand<'_>,
    script: Script,
    protected: bool,
) -> Result<StatusWord, StatusWord> {
    let refused = StatusWord::CONDITIONS_OF_USE_NOT_SATISFIED;
    let issuer = *session.transaction.issuer().ok_or(refused)?;
    if issuer.scripts_refused || issuer.authentication == IssuerAuthentication::Failed {
        return Err(refused);
    }
    qpboc::restore_unfinished(session.place, session.nvm)?;
    if protected && matches!(session.transaction.stage, Stage::Closed(Ending::Online(_))) {
        let count = session.byte(Area::SCRIPTS).saturating_add(1).min(MOST_SCRIPTS);
        session.set(Area::SCRIPTS, &[count])?;
    }
    let status = match body(session, &issuer, command, protected) {
        Ok(body) => effect(session, command, script, body).unwrap_or_else(|status| status),
        Err(status) => status,
    };
    if !status.is_success() {
        session.raise(Flag::ScriptFailed)?;
    }
    // What the card remembers of a failure must stay, so a refusal is no `Err` here.
    Ok(status)
}

/// The data before the MAC, once the MAC is right.
fn body<'d>(
    session: &mut Session<'_>,
    issuer: &IssuerSession,
    command: &PlainCommand<'d>,
    protected: bool,
) -> Result<&'d [u8], StatusWord> {
    let missing = StatusWord::EXPECTED_SECURE_MESSAGING_OBJECTS_MISSING;
    if !protected {
        return Err(missing);
    }
    let (body, mac) = command.data.split_last_chunk::<MAC_LENGTH>().ok_or(missing)?;
    let lc = u8::try_from(command.data.len()).map_err(|_| StatusWord::WRONG_LENGTH)?;
    let header = [command.class | 0x04, command.ins, command.p1, command.p2, lc];
    if sscard_crypto::proves(&cryptogram::script_mac(session, issuer, header, body), mac) {
        return Ok(body);
    }
    if let Some(issuer) = session.transaction.issuer_mut() {
        issuer.scripts_refused = true;
    }
    Err(StatusWord::INCORRECT_SECURE_MESSAGING_OBJECTS)
}

/// Everything is checked before anything is written.
fn effect(
    session: &mut Session<'_>,
    command: &PlainCommand<'_>,
    script: Script,
    body: &[u8],
) -> Result<StatusWord, StatusWord> {
    let no_data = || if body.is_empty() { Ok(()) } else { Err(StatusWord::WRONG_LENGTH) };
    match script {
        Script::ApplicationBlock | Script::ApplicationUnblock => {
            parameters(command, 0x00, 0x00)?;
            no_data()?;
            let blocks = script == Script::ApplicationBlock;
            session.set_blocked(blocks)?;
            // From here on the transaction gives nothing but an AAC (EMV book 3 §6.5.1).
            session.transaction.begun.blocked |= blocks;
        }
        Script::CardBlock => {
            parameters(command, 0x00, 0x00)?;
            no_data()?;
            session.nvm.write(CardArea::LIFE_CYCLE, &[LifeCycle::CardBlocked.byte()])?;
        }
        Script::Pin => match PinScript::of(command)? {
            PinScript::Unblock => {
                no_data()?;
                let tries = session.plan.pin_tries;
                session.set(Area::PIN_TRIES, &[tries])?;
            }
            PinScript::ChangeWithOld => change_pin(session, body, true)?,
            PinScript::Change => change_pin(session, body, false)?,
        },
        Script::PutData => {
            let tag = Tag::from_number(u16::from_be_bytes([command.p1, command.p2]).into());
            return data_objects::put(session, tag, body);
        }
        Script::UpdateRecord => {
            update_record(session, record_file(command.p2)?, command.p1, body)?;
        }
    }
    Ok(StatusWord::SUCCESS)
}

/// PIN CHANGE: the enciphered block of the new PIN, xored with the old PIN's digits when P2 is 01.
fn change_pin(session: &mut Session<'_>, body: &[u8], with_old: bool) -> Result<(), StatusWord> {
    if body.len() != 16 {
        return Err(StatusWord::WRONG_LENGTH);
    }
    let block = cryptogram::decipher_script(session, body).ok_or(StatusWord::INCORRECT_DATA)?;
    let old = Zeroizing::new(session.array::<8>(Area::PIN));
    let key = session.card_key(KeyUse::Encipherment);
    let new = cryptogram::new_pin(session, &key, &block, with_old.then_some(&*old))
        .ok_or(StatusWord::INCORRECT_DATA)?;
    session.set(Area::PIN, &*new)?;
    let tries = session.plan.pin_tries;
    Ok(session.set(Area::PIN_TRIES, &[tries])?)
}

/// UPDATE RECORD: a whole record with its template 70, as READ RECORD gives it.
fn update_record(
    session: &mut Session<'_>,
    sfi: u8,
    number: u8,
    body: &[u8],
) -> Result<(), StatusWord> {
    let record = records::find(session, sfi, number)?;
    let wrong = StatusWord::NC_INCONSISTENT_WITH_TLV;
    let mut objects = Reader::new(body);
    let template = objects.next().and_then(Result::ok).ok_or(wrong)?;
    if template.tag != tag::RECORD_TEMPLATE || objects.next().is_some() {
        return Err(wrong);
    }
    let length = template.value.len();
    if length > record.capacity {
        return Err(StatusWord::NOT_ENOUGH_MEMORY);
    }
    let [.., short] = length.to_be_bytes();
    session.nvm.write(record.address, &[short])?;
    Ok(session.nvm.write(record.address.saturating_add(1), template.value)?)
}
