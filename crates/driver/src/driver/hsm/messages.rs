//! What goes to an HSM and what comes back, checked against what was asked for.

use sscard_apdu::{CommandApdu, hex};
use sscard_commands::{Command, class, ins};
use sscard_core::KeyId;
use sscard_core::catalogue::psam_key;
use sscard_crypto::Suite;
use zeroize::Zeroizing;

use crate::code::{DriverCode, DriverError, expect};
use crate::session::Session;
use crate::text;

/// The address of a card's key of this version, in the HSM's list.
pub(super) fn address_of(application: &str, key: KeyId, version: u8) -> String {
    let entry = psam_key(application, key, version);
    entry.map_or_else(|| "0000".to_owned(), |entry| format!("{:04X}", entry.address))
}

pub(super) fn algorithm(session: &Session) -> String {
    format!("{:02X}", session.known.algorithm.id())
}

/// Process factor and original: the latest challenge is the factor.
pub(super) fn two_challenges(
    session: &mut Session,
    application: &'static str,
) -> Result<[[u8; 8]; 2], DriverError> {
    let original = session.challenge(application)?;
    let factor = session.challenge(application)?;
    Ok([factor, original])
}

/// `alg|key address|process factor|original|`, and the original.
pub(super) fn request(
    session: &mut Session,
    application: &'static str,
    key: KeyId,
) -> Result<(String, [u8; 8]), DriverError> {
    let [factor, original] = two_challenges(session, application)?;
    let owner = if key.is_global() { "SSSE" } else { application };
    let answer = format!(
        "{}|{}|{}|{}|",
        algorithm(session),
        address_of(owner, key, 1),
        hex::encode(&factor),
        hex::encode(&original)
    );
    Ok((answer, original))
}

/// Authentication data ‖ original as the HSM gives them, `|` behind them or not.
pub(super) fn authentication(key: &str, original: &[u8; 8]) -> Result<[u8; 16], DriverError> {
    let data: [u8; 16] = text::bytes_of(key.strip_suffix('|').unwrap_or(key))?;
    if data.ends_with(original) {
        Ok(data)
    } else {
        let detail = "the HSM's data is for another original than step 1 gave";
        Err(DriverError::new(DriverCode::Unlawful, detail))
    }
}

/// Length of a PIN's cryptogram and MAC.
pub(super) fn cryptogram_length(session: &Session, pin: usize) -> Result<u8, DriverError> {
    let block =
        if session.known.algorithm.suite() == Some(Suite::TripleDes) { 8 } else { 16_usize };
    let plain = pin.saturating_add(1).next_multiple_of(block);
    u8::try_from(plain.saturating_add(4))
        .map_err(|_| DriverError::new(DriverCode::PinLength, "the PIN is too long"))
}

/// Class, instruction, parameters and length of a protected command, in hexadecimal.
pub(super) fn header([ins, p1, p2]: [u8; 3], lc: u8) -> String {
    hex::encode(&[class::PROPRIETARY_PROTECTED, ins, p1, p2, lc])
}

/// Sends a command that the HSM made, if it is the one that was asked for.
pub(super) fn made_elsewhere(
    session: &mut Session,
    command: &str,
    [wanted, p1, p2]: [u8; 3],
    lengths: &[usize],
) -> Result<(), DriverError> {
    let command = command.strip_suffix('|').unwrap_or(command);
    let bytes = Zeroizing::new(text::hexadecimal(command)?);
    let unlawful = |detail: &str| DriverError::new(DriverCode::Unlawful, detail);
    let apdu = CommandApdu::parse(&bytes)
        .map_err(|error| DriverError::new(DriverCode::Length, error.to_string()))?;
    if !lengths.contains(&apdu.data.len()) || apdu.ne > 0 {
        let detail = "the command does not have the length that it was asked for with";
        return Err(DriverError::new(DriverCode::Length, detail));
    }
    let parsed = Command::parse(&apdu);
    let asked = (apdu.ins, apdu.p1, apdu.p2) == (wanted, p1, p2)
        && apdu.class.base() == class::PROPRIETARY
        && wanted == ins::PIN_UNBLOCK;
    let Some(command @ Command::PinUnblock { .. }) = parsed.filter(|_| asked) else {
        return Err(unlawful("this is not the command that was asked for"));
    };
    expect("PIN UNBLOCK", session.send(&command)?.0)?;
    Ok(())
}
