//! What the desk does to a chip: sessions of APDUs, each of which may be repeated.
//!
//! What enters: a card behind a transport, keys of its city. What leaves: the effect, or why not. A
//! session looks first whether its effect is there already, so an interrupted one is simply done
//! again.

use jiff::civil::Date;
use sscard_apdu::StatusWord;
use sscard_commands::Command;
use sscard_core::KeyId;
use sscard_core::catalogue::APPLICATIONS;
use sscard_host::{Follow, Transport};
use sscard_terminal::payment::{IssuerScript, Settings, TestIssuer, pay};
use sscard_terminal::purse::{self, PurseError};
use sscard_terminal::{CardSecurity, Environment, ReadError, SecurityModule};
use zeroize::Zeroizing;

use crate::DeskError;

/// A card at the counter.
pub(crate) type Chip<'c> = Follow<Box<dyn Transport + 'c>>;

/// The payment application of all cards that the desk issues.
const PAYMENT: [u8; 8] = [0xA0, 0x00, 0x00, 0x03, 0x33, 0x01, 0x01, 0x01];
/// The desk's own terminal number, BCD \[choice\].
const TERMINAL: [u8; 6] = [0x99, 0x99, 0x00, 0x00, 0x0D, 0x01];
/// Type of a load, as the built-in profiles have it.
const LOAD: u8 = 0x31;
/// The medical application DF04.
const MEDICAL: u16 = 0xDF04;

/// Which card is there, as far as it still says so.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Serial in the historical bytes: what even a blocked card says. `None` when its ATR has none.
    pub(crate) serial: Option<[u8; 4]>,
    /// Card number; `None` when the environment is blocked.
    pub(crate) number: Option<String>,
    /// Tries left of the transaction password; `None` when the card does not say.
    pub(crate) tries_left: Option<u8>,
}

/// Looks which card it is; nothing is changed.
pub(crate) fn look(chip: &mut Chip<'_>) -> Result<Seen, DeskError> {
    let atr = sscard_apdu::Atr::parse(chip.atr()).ok();
    let serial = atr.and_then(|atr| atr.historical_bytes().last_chunk::<4>().copied());
    let mut environment = Environment::new(chip);
    let identity = match environment.identify() {
        Ok(identity) => identity,
        Err(ReadError::Blocked(_)) => return Ok(Seen { serial, number: None, tries_left: None }),
        Err(other) => return Err(other.into()),
    };
    let mut tries_left = None;
    if !identity.deactivated {
        let query = Command::Verify { reference: 0, pin: &[] }.apdu();
        tries_left = environment.exchange(query)?.0.tries_left();
    }
    Ok(Seen { serial, number: Some(identity.number), tries_left })
}

/// `Ok` when the card said 9000.
fn expect(command: &'static str, status: StatusWord) -> Result<(), DeskError> {
    if status.is_success() { Ok(()) } else { Err(DeskError::CardRefused { command, status }) }
}

fn authenticate<T: Transport>(
    environment: &mut Environment<'_, T>,
    module: &mut dyn SecurityModule,
    security: &CardSecurity,
    key: KeyId,
) -> Result<(), DeskError> {
    let status = environment.authenticate(module, security, "SSSE", key)?;
    expect("EXTERNAL AUTHENTICATE", status)
}

/// The social security function works: ACTIVATE FILE after UK_SSSE.
pub(crate) fn activate_social(
    chip: &mut Chip<'_>,
    module: &mut dyn SecurityModule,
) -> Result<(), DeskError> {
    let mut environment = Environment::new(chip);
    let identity = environment.identify()?;
    let security = environment.check_card(module, &identity.security)?;
    if !identity.deactivated {
        return Ok(());
    }
    authenticate(&mut environment, module, &security, KeyId::UK_SSSE)?;
    let activate = Command::ActivateFile.apdu();
    expect("ACTIVATE FILE", environment.exchange(activate)?.0)
}

/// The environment is blocked for good: APPLICATION BLOCK, SELECT answers 9303 from then on.
pub(crate) fn block_social(
    chip: &mut Chip<'_>,
    module: &mut dyn SecurityModule,
) -> Result<(), DeskError> {
    protected_after_bk(chip, module, [0x1E, 0x00, 0x01], "APPLICATION BLOCK")
}

/// The card takes no command any more: CARD BLOCK. A card whose environment is blocked already is
/// blocked by its bank's key; one that has no bank either stays as it is, as good as dead.
pub(crate) fn block_card(
    chip: &mut Chip<'_>,
    module: &mut dyn SecurityModule,
    today: Date,
) -> Result<(), DeskError> {
    let (status, _) = Environment::new(chip).select(&sscard_core::catalogue::SSSE_NAME)?;
    match status {
        StatusWord::FUNCTION_NOT_SUPPORTED => Ok(()),
        StatusWord::APPLICATION_PERMANENTLY_BLOCKED => {
            let (status, _) = Environment::new(chip).select(&PAYMENT)?;
            if status == StatusWord::FILE_NOT_FOUND {
                return Ok(());
            }
            script(chip, IssuerScript::CardBlock, today)
        }
        _ => {
            // Only an active environment takes it.
            activate_social(chip, module)?;
            protected_after_bk(chip, module, [0x16, 0x00, 0x00], "CARD BLOCK")
        }
    }
}

fn protected_after_bk(
    chip: &mut Chip<'_>,
    module: &mut dyn SecurityModule,
    command: [u8; 3],
    name: &'static str,
) -> Result<(), DeskError> {
    let mut environment = Environment::new(chip);
    let identity = match environment.identify() {
        Ok(identity) => identity,
        // It is done already.
        Err(ReadError::Blocked(_)) => return Ok(()),
        Err(other) => return Err(other.into()),
    };
    if identity.deactivated {
        activate_social(chip, module)?;
        return protected_after_bk(chip, module, command, name);
    }
    let security = environment.check_card(module, &identity.security)?;
    authenticate(&mut environment, module, &security, KeyId::BK)?;
    let status = environment.protected(module, &security, command, None)?;
    expect(name, status)
}

/// CHANGE PIN with the old password known.
pub(crate) fn change_pin(chip: &mut Chip<'_>, old: &[u8], new: &[u8]) -> Result<(), DeskError> {
    let mut environment = Environment::new(chip);
    environment.identify()?;
    let data = Zeroizing::new([old, &[0xFF], new].concat());
    let change = Command::ChangePin { pins: &data }.apdu();
    let (status, _) = environment.exchange(change)?;
    match status.tries_left() {
        Some(tries_left) => Err(DeskError::WrongPassword { tries_left }),
        None => expect("CHANGE PIN", status),
    }
}

/// RELOAD PIN after the PUK: the password is `new`, and all tries are there again.
pub(crate) fn reload_pin(
    chip: &mut Chip<'_>,
    module: &mut dyn SecurityModule,
    new: &[u8],
) -> Result<(), DeskError> {
    let mut environment = Environment::new(chip);
    let identity = environment.identify()?;
    let security = environment.check_card(module, &identity.security)?;
    authenticate(&mut environment, module, &security, KeyId::PUK)?;
    let status = environment.protected(module, &security, [0x24, 0x00, 0x01], Some(new))?;
    expect("RELOAD PIN", status)
}

/// The financial function works: APPLICATION UNBLOCK, bound to the AAC of a session of its own.
pub(crate) fn activate_financial(chip: &mut Chip<'_>, today: Date) -> Result<(), DeskError> {
    match payment_status(chip)? {
        StatusWord::SUCCESS => Ok(()),
        StatusWord::SELECTED_FILE_DEACTIVATED => {
            script(chip, IssuerScript::ApplicationUnblock, today)?;
            expect("SELECT of the payment application", payment_status(chip)?)
        }
        status => expect("SELECT of the payment application", status),
    }
}

/// The payment application is blocked: APPLICATION BLOCK.
pub(crate) fn block_financial(chip: &mut Chip<'_>, today: Date) -> Result<(), DeskError> {
    match payment_status(chip)? {
        // Blocked already, a blocked card, or a card without a bank.
        StatusWord::SELECTED_FILE_DEACTIVATED
        | StatusWord::FUNCTION_NOT_SUPPORTED
        | StatusWord::FILE_NOT_FOUND => Ok(()),
        _ => script(chip, IssuerScript::ApplicationBlock, today),
    }
}

fn payment_status(chip: &mut Chip<'_>) -> Result<StatusWord, DeskError> {
    Ok(Environment::new(chip).select(&PAYMENT)?.0)
}

/// A transaction of nothing with the issuer online, for the sake of its script.
fn script(chip: &mut Chip<'_>, script: IssuerScript, today: Date) -> Result<(), DeskError> {
    let settings = Settings {
        amount: 0,
        date: short_date(today),
        // No offline data authentication: the issuer checks the cryptogram.
        capabilities: [0xE0, 0x08, 0x00],
        aid: Some(PAYMENT.to_vec()),
        ..Settings::default()
    };
    let command = match script {
        IssuerScript::ApplicationBlock => "APPLICATION BLOCK of the payment application",
        IssuerScript::ApplicationUnblock => "APPLICATION UNBLOCK",
        _ => "CARD BLOCK",
    };
    let mut issuer = TestIssuer { scripts: vec![script], ..TestIssuer::default() };
    let payment = pay(chip, &mut issuer, &settings)?;
    let status = payment.scripts.first().and_then(|result| result.status);
    expect(command, status.ok_or(DeskError::Unsent { command })?)
}

/// Balance of the medical purse in cents, once the password was verified; `None` on a card without one.
fn purse_balance(chip: &mut Chip<'_>, verified: StatusWord) -> Result<Option<u32>, DeskError> {
    let medical = APPLICATIONS.iter().find(|application| application.fid == MEDICAL);
    let Some(medical) = medical else { return Ok(None) };
    let (status, _) = Environment::new(chip).select(medical.df_name)?;
    if !status.is_success() {
        return Ok(None);
    }
    match purse::balance(chip) {
        Ok(balance) => Ok(Some(balance)),
        Err(PurseError::Refused { status: StatusWord::SECURITY_STATUS_NOT_SATISFIED, .. }) => {
            expect("VERIFY", verified)?;
            Ok(None)
        }
        Err(PurseError::Refused { .. }) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// The medical purse holds `target` cents: CREDIT LOAD of what is missing. A card that has just been
/// activated has the initial password, which the load wants to see. Whether there is a purse.
pub(crate) fn load_purse(
    chip: &mut Chip<'_>,
    module: &mut dyn SecurityModule,
    target: u32,
    today: Date,
) -> Result<bool, DeskError> {
    let mut environment = Environment::new(chip);
    let security = environment.identify()?.security;
    let pin = sscard_profile::INITIAL_PIN;
    let verify = Command::Verify { reference: 0, pin: &pin }.apdu();
    let verified = environment.exchange(verify)?.0;
    let Some(balance) = purse_balance(chip, verified)? else { return Ok(false) };
    let Some(missing) = target.checked_sub(balance).filter(|missing| *missing > 0) else {
        return Ok(true);
    };
    expect("VERIFY", verified)?;
    let [a, b, c] = short_date(today);
    let counter = purse::PurseCounter {
        terminal: TERMINAL,
        time: [0x20, a, b, c, 0x12, 0x00, 0x00],
        kind: LOAD,
    };
    purse::load(chip, module, &security, &counter, missing)?;
    Ok(true)
}

/// BCD YYMMDD.
fn short_date(date: Date) -> [u8; 3] {
    let bcd = |number: u8| ((number / 10 % 10) << 4) | (number % 10);
    let [year, _] = date.year().rem_euclid(100).to_le_bytes();
    let part = |part: i8| bcd(part.unsigned_abs());
    [bcd(year), part(date.month()), part(date.day())]
}
